"""Forge the files of an index: harmful contents with right checksums.

`Forger` changes one or a few files of a folder. All its choices follow from its seed.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import zstandard

from searchidx.store.files.directory import Directory
from searchidx.store.files.manifest import MANIFEST_FILE
from searchidx.store.files.sections import SectionFile, create_section_file

_MAX_GROWN_BYTES: Final = 3 << 20
_EXTREMES: Final = (0, 1, 0x7F, 0x80, 0xFF, 1 << 15, (1 << 16) - 1, 1 << 24, (1 << 31) - 1,
                    1 << 31, (1 << 32) - 1, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)  # fmt: skip
_JSON_VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1 << 31, 1 << 53, 1 << 64, 10**300, 1.5, 1e308, float("nan"),
    float("inf"), "", "yesterday", "2023-99-99", "9999", "\x00", "\ud800", "/", "../x",
    [], {}, [[]], [None], {"a": None}, [1, 2, 3], "x" * 100_000,
)  # fmt: skip
_DATES: Final = ("yesterday", "0000", "2023-13", "2023-02-30", "99999-01-01", "2023-1-1", "-1")
_BOMB_MIB: Final = (4, 64, 700, 1023)
_METADATA_ELEMENTS: Final = (
    b"[],",
    b"0,",
    b'"a",',
    b"{},",
    b"[",
    b'{"a":',
    b'{"a":0},',
    b"[[[[[],",
)


def read_sections(folder: Path, name: str) -> dict[str, bytes]:
    """Return the contents of all sections of a file."""
    file = SectionFile(Directory(folder), name)
    return {section: bytes(file[section].read()) for section in file.names()}


def write_sections(folder: Path, name: str, sections: dict[str, bytes]) -> None:
    """Write the sections of a file anew, its checksums right and its origin as it was."""
    directory = Directory(folder)
    directory.origin = SectionFile(directory, name).origin
    with create_section_file(directory, name) as writer:
        for section, data in sections.items():
            writer.write(section, data)


def write_manifest(folder: Path, content: dict[str, Any]) -> None:
    """Write a manifest, its checksum right."""
    content = {key: value for key, value in content.items() if key != "checksum"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    content["checksum"] = zlib.crc32(canonical.encode())
    (folder / MANIFEST_FILE).write_text(json.dumps(content))


class Forger:
    """Forge the files of an index.

    Args:
        folder: The folder of the index, which is changed.
        seed: The seed of all choices.

    Attributes:
        done: What was forged, one clause for each change.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        self.done: list[str] = []

    def forge(self) -> None:
        """Make one forgery, and sometimes several."""
        kinds: dict[Callable[[], None], int] = {
            self._forge_sections: 60,
            self._forge_heads: 14,
            self._forge_bodies: 6,
            self._forge_metadata: 8,
            self._forge_manifest: 6,
            self._forge_deletions: 6,
        }
        for _ in range(1 if self._chance.random() < 0.8 else self._chance.randint(2, 5)):
            (kind,) = self._chance.choices(list(kinds), list(kinds.values()))
            try:
                kind()
            except Exception:  # what it would change was forged before, and is none any more
                self.done.append("nothing")

    # Sections

    def _file(self, kind: str) -> str:
        # By size: names are random.
        files = sorted(self._folder.glob(f"{kind}-*"), key=lambda path: path.stat().st_size)
        return self._chance.choice(files).name

    def _forge_sections(self, kind: str = "segment") -> None:
        """Change sections of a file, or leave one out."""
        name = self._file(kind)
        sections = read_sections(self._folder, name)
        changed = self._chance.randint(1, 3) if self._chance.random() < 0.3 else 1
        for section in self._chance.sample(sorted(sections), min(changed, len(sections))):
            if self._chance.random() < 0.02:
                del sections[section]
                self.done.append(f"left out {section}")
                continue
            mutate = self._chance.choice(_MUTATIONS)
            if self._chance.random() < 0.1:
                other = self._chance.choice(sorted(sections))
                sections[section] = sections[other]
                self.done.append(f"{other} as {section}")
            else:
                sections[section] = mutate(self._chance, sections[section])
                self.done.append(f"{mutate.__name__} {section}")
        write_sections(self._folder, name, sections)

    def _forge_deletions(self) -> None:
        """Change the file of deletions."""
        self._forge_sections("removals")

    # Texts

    def _write_texts(self, name: str, texts: str, pieces: list[bytes], counts: Any) -> None:
        """Replace the stored texts of a segment.

        Args:
            name: The segment.
            texts: "heads" or "bodies".
            pieces: The compressed pieces.
            counts: How many pieces each text has.
        """
        sections = read_sections(self._folder, name)
        sections[f"{texts}.data"] = b"".join(pieces)
        for part, lengths in (("ends", [len(piece) for piece in pieces]), ("pieces", counts)):
            sections[f"{texts}.{part}"] = np.cumsum([0, *lengths]).astype("<u4").tobytes()
        write_sections(self._folder, name, sections)

    def _read_texts(self, name: str, texts: str) -> list[str]:
        """Return the stored texts of a segment."""
        sections = read_sections(self._folder, name)
        dictionary = zstandard.ZstdCompressionDict(sections[f"{texts}.dictionary"])
        decompressor = zstandard.ZstdDecompressor(dict_data=dictionary)
        ends = np.frombuffer(sections[f"{texts}.ends"], "<u4").tolist()
        pieces = np.frombuffer(sections[f"{texts}.pieces"], "<u4").tolist()
        parts = [
            decompressor.decompress(sections[f"{texts}.data"][start:end]).decode()
            for start, end in pairwise(ends)
        ]
        return ["".join(parts[start:end]) for start, end in pairwise(pieces)]

    def _compress(self, name: str, texts: str, parts: list[bytes]) -> list[bytes]:
        """Compress pieces with the dictionary of a segment."""
        dictionary = read_sections(self._folder, name)[f"{texts}.dictionary"]
        compressor = zstandard.ZstdCompressor(
            dict_data=zstandard.ZstdCompressionDict(dictionary), write_dict_id=False
        )
        return [compressor.compress(part) for part in parts]

    def _forge_heads(self) -> None:
        """Change values in the stored heads."""
        name = self._file("segment")
        try:
            blocks = self._read_texts(name, "heads")
            heads = [[json.loads(line) for line in block.split("\n")] for block in blocks]
        except Exception:  # forged before
            return
        for _ in range(self._chance.randint(1, 3)):
            block = self._chance.choice(heads)
            number = self._chance.randrange(len(block))
            roll = self._chance.random()
            if roll < 0.15:
                block[number][3:4] = [self._chance.choice(_DATES)]
            elif roll < 0.3:
                field = self._chance.randrange(len(block[number]))
                block[number][field] = self._chance.choice(_JSON_VALUES)
            elif roll < 0.4:
                block[number][2] = self._chance.choice(_DATES)
            elif roll < 0.5:
                del block[number]
            elif roll < 0.6:
                block.extend(block * self._chance.randint(1, 100))
            elif roll < 0.7:
                key = self._chance.choice(["a", "nguồn", "số", "a.b", ""])
                block[number][6] = {key: self._nested(self._chance.randint(1, 100_000))}
            else:
                block[number] = self._changed_json(block[number])
            if not block:
                block.append([])
        lines = [
            "\n".join(_lenient_json(head) for head in block).encode("utf-8", "replace")
            for block in heads
        ]
        self.done.append("heads")
        parts: list[bytes] = []
        counts = []
        for line in lines:
            pieces = [line[start : start + 32_000] for start in range(0, len(line), 32_000)]
            counts.append(len(pieces))
            parts += pieces
        self._write_texts(name, "heads", self._compress(name, "heads", parts), counts)

    def _forge_bodies(self) -> None:
        """Replace bodies by others that are too short, too long, or in very many pieces."""
        name = self._file("segment")
        try:
            bodies = self._read_texts(name, "bodies")
        except Exception:  # forged before
            return
        number = self._chance.randrange(len(bodies))
        parts: list[list[bytes]] = [[body[:8192].encode()] for body in bodies]
        roll = self._chance.random()
        if roll < 0.3:
            parts[number] = []
        elif roll < 0.5:
            parts[number] = [self._chance.randbytes(100)]
        elif roll < 0.7:
            parts[number] = [bodies[number][:8192].encode() * 2]
        else:
            letter = self._chance.choice(["a", "\n", ".", "đ", "𝒂", "báo cáo "])
            longest = 8192 if self._chance.random() < 0.9 else 32_768 // len(letter.encode())
            parts[number] = [(letter * 8192)[:longest].encode()]
        counts = [len(part) for part in parts]
        compressed = self._compress(name, "bodies", [part for each in parts for part in each])
        if roll >= 0.7:
            repeated = self._chance.choice([10, 100, 100_000])
            at = sum(counts[:number])
            compressed[at : at + 1] = compressed[at : at + 1] * repeated
            counts[number] = repeated
            self.done.append(f"{repeated} pieces of {letter!r} as body {number}")
        else:
            self.done.append(f"body {number}")
        self._write_texts(name, "bodies", compressed, counts)

    # JSON

    def _forge_metadata(self) -> None:
        """Change values in the metadata, or make it huge."""
        name = self._file("metadata")
        packed = read_sections(self._folder, name)["metadata"]
        roll = self._chance.random()
        if roll < 0.25:
            element = self._chance.choice(_METADATA_ELEMENTS)
            mib = self._chance.choice(_BOMB_MIB)
            content = b'{"files":{"a":[' + element * ((mib << 20) // len(element)) + b"0]}}"
            self.done.append(f"{mib} MiB of {element!r} as metadata")
        else:
            try:
                value = json.loads(zstandard.ZstdDecompressor().decompress(packed))
            except (ValueError, zstandard.ZstdError):  # forged before
                return
            for _ in range(self._chance.randint(1, 4)):
                value = self._changed_json(value)
            content = _lenient_json(value).encode("utf-8", "replace")
            self.done.append("metadata")
        write_sections(
            self._folder, name, {"metadata": zstandard.ZstdCompressor().compress(content)}
        )

    def _forge_manifest(self) -> None:
        """Change values in the manifest."""
        try:
            content = json.loads((self._folder / MANIFEST_FILE).read_bytes())
        except (ValueError, RecursionError):  # forged before
            return
        changed = self._changed_json(content)
        if isinstance(changed, dict):
            try:
                write_manifest(self._folder, changed)
                self.done.append("manifest")
                return
            except (ValueError, RecursionError):
                pass
        element = self._chance.choice(_METADATA_ELEMENTS)
        count = self._chance.choice([1 << 20, 64 << 20]) // len(element)
        (self._folder / MANIFEST_FILE).write_bytes(b"[" + element * count + b"0]")
        self.done.append(f"{count} of {element!r} as manifest")

    def _changed_json(self, value: Any) -> Any:
        """Return a JSON value with one part replaced."""
        if isinstance(value, dict) and value and self._chance.random() < 0.85:
            key = self._chance.choice(sorted(value))
            roll = self._chance.random()
            changed = dict(value)
            if roll < 0.1:
                del changed[key]
            elif roll < 0.2:
                changed[self._chance.choice(["", "a", "files", "\ud800", "checksum"])] = None
            else:
                changed[key] = self._changed_json(value[key])
            return changed
        if isinstance(value, list) and value and self._chance.random() < 0.85:
            place = self._chance.randrange(len(value))
            roll = self._chance.random()
            if roll < 0.1:
                return value[:place] + value[place + 1 :]
            if roll < 0.2:
                return value + value[place:]
            return [*value[:place], self._changed_json(value[place]), *value[place + 1 :]]
        if type(value) is int and self._chance.random() < 0.7:
            return self._chance.choice([value + 1, value - 1, -value, *_EXTREMES])
        if self._chance.random() < 0.1:
            return self._nested(self._chance.randint(1, 900))
        return self._chance.choice(_JSON_VALUES)

    def _nested(self, depth: int) -> Any:
        """Return arrays or objects in one another."""
        value: Any = []
        as_object = self._chance.random() < 0.5
        for _ in range(depth):
            value = {"a": value} if as_object else [value]
        return value


def _lenient_json(value: Any) -> str:
    """Return JSON, or brackets for a value that is too deep to write."""
    try:
        return json.dumps(value)
    except RecursionError:
        return '["x","",null,null,null,null,{"a":' + "[" * 100_000 + "]" * 100_000 + "}]"


# Mutations of the bytes of a section.


def _view(chance: random.Random, data: bytes) -> np.ndarray[Any, Any]:
    """Return the bytes as integers of a random width."""
    dtype = chance.choice(["<u1", "<u2", "<u4", "<u4", "<u8"])
    width = np.dtype(dtype).itemsize
    return np.frombuffer(data[: len(data) // width * width], dtype).copy()


def cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))] if data else data


def grow(chance: random.Random, data: bytes) -> bytes:
    extra = chance.choice([1, 4, 8, 64, 4096])
    return data + chance.choice([bytes(extra), b"\xff" * extra, chance.randbytes(extra)])


def multiply(chance: random.Random, data: bytes) -> bytes:
    if not data:
        return b"\xff" * 4096
    return data * min(chance.choice([2, 100, 100_000]), -(-_MAX_GROWN_BYTES // len(data)))


def huge(chance: random.Random, data: bytes) -> bytes:
    return chance.choice([b"\0", b"\xff", b"\x80", b"\x01", b"\xff\0"]) * _MAX_GROWN_BYTES


def zero(chance: random.Random, data: bytes) -> bytes:
    return bytes(len(data))


def fill(chance: random.Random, data: bytes) -> bytes:
    return b"\xff" * len(data)


def fill_signed(chance: random.Random, data: bytes) -> bytes:
    return (b"\xff\xff\xff\x7f" * -(-len(data) // 4))[: len(data)]


def randomize(chance: random.Random, data: bytes) -> bytes:
    return chance.randbytes(len(data))


def shuffle(chance: random.Random, data: bytes) -> bytes:
    values = _view(chance, data)
    np.random.default_rng(chance.randrange(1 << 32)).shuffle(values)
    return values.tobytes()


def reverse(chance: random.Random, data: bytes) -> bytes:
    return _view(chance, data)[::-1].tobytes()


def alternate(chance: random.Random, data: bytes) -> bytes:
    """Make bounds that alternate between their least and their greatest value."""
    values = _view(chance, data)
    if len(values) > 2:
        values[1:-1:2], values[2:-1:2] = values.max(), values.min()
    return values.tobytes()


def extreme(chance: random.Random, data: bytes) -> bytes:
    values = _view(chance, data)
    for _ in range(chance.choice([1, 1, 1, 5]) if len(values) else 0):
        largest = int(np.iinfo(values.dtype).max)
        values[chance.randrange(len(values))] = min(chance.choice(_EXTREMES), largest)
    return values.tobytes()


def nudge(chance: random.Random, data: bytes) -> bytes:
    values = _view(chance, data)
    for _ in range(chance.choice([1, 1, 1, 5]) if len(values) else 0):
        place = chance.randrange(len(values))
        values[place : place + 1] += values.dtype.type(chance.choice([1, 2, 16]))
    return values.tobytes()


def flip(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 20]) if data else 0):
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncate_to_nothing(chance: random.Random, data: bytes) -> bytes:
    return b""


_MUTATIONS: Final[tuple[Callable[[random.Random, bytes], bytes], ...]] = (
    cut, grow, multiply, huge, zero, fill, fill_signed, randomize, shuffle, reverse,
    alternate, extreme, extreme, nudge, nudge, flip, flip, truncate_to_nothing,
)  # fmt: skip
