"""Read indexes with a reader written from docs/reference/file-format.md alone.

It shares no code with the store, so that it holds the page and the store to each other.
"""

from __future__ import annotations

import datetime
import json
import re
import struct
import zlib
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import zstandard

import searchidx
from searchidx.language.syllable_forms import folded, has_marks
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.store import FIELDS, VIEWS
from tests.conftest import ROOT


def unsigned(data: bytes, size: int) -> list[int]:
    return [int.from_bytes(data[at : at + size], "little") for at in range(0, len(data), size)]


def bits(data: bytes, count: int) -> list[bool]:
    return [bool(data[at // 8] >> (7 - at % 8) & 1) for at in range(count)]


class Sections:
    """Read a file of sections, and check all blocks."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        assert data[:8] == b"SIDXSEG2"
        place, length, crc, end = struct.unpack("<QII8s", data[-24:])
        assert end == b"2GESXDIS"
        assert place + length == len(data) - 24
        assert zlib.crc32(data[place : place + length]) == crc
        table = json.loads(data[place : place + length])
        start, size, crc = table["checksums"]
        assert (start % 8, start + size) == (0, place)
        assert zlib.crc32(data[start : start + size]) == crc
        checksums = unsigned(data[start : start + size], 4)
        self.sections: dict[str, bytes] = {}
        for name, (begin, length) in sorted(
            table["sections"].items(), key=lambda entry: (entry[1][0], entry[1][1])
        ):
            assert begin % 8 == 0
            section = data[begin : begin + length]
            for at in range(0, length, 16_384):
                assert zlib.crc32(section[at : at + 16_384]) == checksums.pop(0)
            self.sections[name] = section
        assert checksums == []

    def __getitem__(self, name: str) -> bytes:
        return self.sections[name]

    def numbers(self, name: str, size: int) -> list[int]:
        return unsigned(self.sections[name], size)

    def column(self, name: str, size: int) -> list[int]:
        values = self.numbers(name, size)
        large = self.numbers(f"{name}.large", 8)
        places, numbers = large[: len(large) // 2], large[len(large) // 2 :]
        assert [at for at, value in enumerate(values) if value == 256**size - 1] == places
        for at, number in zip(places, numbers, strict=True):
            values[at] = number
        return values

    def bounds(self, name: str, count: int, columns: int = 1) -> list[list[int]]:
        """Return where items begin, and where the last one ends, by columns."""
        numbers = (count + 1) * columns
        size = len(self.sections[name]) // numbers
        assert size in (4, 8)
        assert len(self.sections[name]) == size * numbers
        values = self.numbers(name, size)
        assert values[:columns] == [0] * columns
        return [values[column::columns] for column in range(columns)]


def unpacked(data: bytes, each: int, count: int) -> list[int]:
    """Return codes of `each` bits."""
    mask = (1 << each) - 1
    codes = [byte >> shift & mask for byte in data for shift in range(0, 8, each)]
    assert codes[count:] == [0] * (len(codes) - count)
    return codes[:count]


def tiered(
    codes: list[int], each: int, direct: int, second: bytes, third: list[int]
) -> tuple[list[int], int, int]:
    """Return the numbers, and how much of the second and the third tier they took."""
    highest = (1 << each) - 1
    seconds = thirds = 0
    values = []
    for code in codes:
        if code >= direct:
            byte = second[seconds]
            seconds += 1
            if (code, byte) == (highest, 255):
                value = third[thirds]
                thirds += 1
            else:
                value = direct + (code - direct) * 256 + byte
        else:
            value = code
        values.append(value)
    return values, seconds, thirds


def numbers_of(
    data: bytes, each: int, direct: int, count: int, size: int
) -> tuple[list[int], bytes]:
    """Return the numbers of a list, and the bytes after them."""
    packed = -(-count * each // 8)
    codes = unpacked(data[:packed], each, count)
    second = packed + sum(code >= direct for code in codes)
    highest = sum(
        code == (1 << each) - 1 and byte == 255
        for code, byte in zip(
            [code for code in codes if code >= direct], data[packed:second], strict=True
        )
    )
    end = second + size * highest
    third = unsigned(data[second:end], size)
    values, _, _ = tiered(codes, each, direct, data[packed:second], third)
    return values, data[end:]


def variable(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


class Segment(Sections):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.size = self.numbers("documents", 8)[0]
        self.dictionaries = {
            name: self.strings(name)
            for name in (
                *("folded", "marked", "word"),
                *("id", "source", "path", "code", "short_form", "long_form", "metadata"),
            )
        }

    def texts(self, name: str, count: int) -> list[str]:
        [pieces] = self.bounds(f"{name}.pieces", count)
        [ends] = self.bounds(f"{name}.ends", pieces[-1])
        shared = zstandard.ZstdCompressionDict(self[f"{name}.dictionary"])
        found = []
        for piece in range(pieces[-1]):
            packed = self[f"{name}.data"][ends[piece] : ends[piece + 1]]
            text = zstandard.ZstdDecompressor(dict_data=shared).decompress(packed)
            assert zstandard.frame_content_size(packed) == len(text) <= 32_768
            found.append(text.decode())
        for first, last in pairwise(pieces):
            assert all(len(text) == 8_192 for text in found[first : last - 1])
        return ["".join(found[a:b]) for a, b in pairwise(pieces)]

    def heads(self) -> list[list[Any]]:
        blocks = self.texts("heads", -(-self.size // 16))
        lines = [block.split("\n") for block in blocks]
        assert all(len(block) == 16 for block in lines[:-1])
        return [json.loads(line) for block in lines for line in block]

    def strings(self, name: str) -> list[bytes]:
        count = self.numbers(f"{name}.count", 8)[0]
        groups = -(-count // 32)
        firsts = self.numbers(f"{name}.firsts.ends", 8)
        blocks = self.numbers(f"{name}.blocks.ends", 8)
        assert len(firsts) == len(blocks) == groups + 1
        found = []
        for group in range(groups):
            string = self[f"{name}.firsts"][firsts[group] : firsts[group + 1]]
            found.append(string)
            data = self[f"{name}.blocks"][blocks[group] : blocks[group + 1]]
            at = 0
            while at < len(data):
                shared, at = variable(data, at)
                length, at = variable(data, at)
                string = string[:shared] + data[at : at + length]
                at += length
                found.append(string)
        assert len(found) == count
        assert sorted(set(found)) == found
        return found

    def terms(self, field: str) -> list[str]:
        if not field.endswith("_pair"):
            name = re.sub("^(title|body)_", "", field)
            return [string.decode() for string in self.dictionaries[name]]
        strings = self.terms(field.removesuffix("_pair"))
        count = len(strings)
        firsts = self.numbers(f"{field}.firsts", 4)
        assert len(firsts) == count + 1
        size = 1 if count <= 255 else 2 if count <= 65_535 else 4
        seconds = self.numbers(f"{field}.seconds", size)
        return [
            f"{strings[first]} {strings[second]}"
            for first in range(count)
            for second in seconds[firsts[first] : firsts[first + 1]]
        ]

    def postings(self, field: str) -> dict[str, dict[int, int]]:
        """Return for each term that has postings the documents, and how often each has it."""
        terms = self.terms(field)
        counts = self.column(f"{field}.counts", 1)
        assert len(counts) == len(terms)
        [bounds] = self.bounds(f"{field}.bounds", len(terms))
        assert bounds[-1] == len(self[f"{field}.data"])
        size = 2 if self.size < 1 << 16 else 3 if self.size < 1 << 24 else 4
        found = {}
        for at, (term, count) in enumerate(zip(terms, counts, strict=True)):
            data = self[f"{field}.data"][bounds[at] : bounds[at + 1]]
            gaps, data = numbers_of(data, 4, 10, count, size)
            more, data = numbers_of(data, 2, 3, count, 4)
            assert data == b""
            document = -1
            if count:
                found[term] = {
                    (document := document + 1 + gap): 1 + extra
                    for gap, extra in zip(gaps, more, strict=True)
                }
        return found

    def streams(self) -> list[list[str]]:
        """Return the marked syllables of titles and bodies by turns."""
        firsts, seconds, rare = self.bounds("syllables.bounds", 2 * self.size, 3)
        by_rank = self.numbers("syllables.ranks", 4)
        third = self.numbers("syllables.rare", 4)
        marked = self.terms("marked")
        found = []
        for text in range(2 * self.size):
            own, further, large = (
                slice(column[text], column[text + 1]) for column in (firsts, seconds, rare)
            )
            second = self["syllables.seconds"][further]
            codes = list(self["syllables.firsts"][own])
            ranks, *taken = tiered(codes, 8, 176, second, third[large])
            assert taken == [len(second), large.stop - large.start]
            found.append([marked[by_rank[rank]] for rank in ranks])
        return found

    def landmarks(self) -> list[list[tuple[int, int, bool]]]:
        """Return each landmark of each body: position, offset, whether a sentence begins."""
        [bounds] = self.bounds("landmarks.bounds", self.size)
        advances = self.column("landmarks.advances", 2)
        steps = self["landmarks.steps"]
        found = []
        for document in range(self.size):
            syllable = offset = 0
            rows = []
            for at in range(bounds[document], bounds[document + 1]):
                syllable += steps[at] >> 1
                offset += advances[at]
                rows.append((syllable, offset, bool(steps[at] & 1)))
            found.append(rows)
        return found


@dataclass
class Commit:
    manifest: dict[str, Any]
    segments: list[Segment]
    removed: list[list[bool]]
    metadata: dict[str, Any]


def read(folder: Path) -> Commit:
    manifest = json.loads((folder / "searchidx.json").read_bytes())
    assert (manifest["application"], manifest["format"]) == ("searchidx", 3)
    content = {key: value for key, value in manifest.items() if key != "checksum"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    assert zlib.crc32(canonical.encode("ascii")) == manifest["checksum"]
    segments, removed = [], []
    for entry in manifest["segments"]:
        assert re.fullmatch(r"segment-[0-9a-f]{16}\.sidx", entry["name"])
        segments.append(segment := Segment(folder / entry["name"]))
        assert segment.size == entry["size"]
        gone = [False] * segment.size
        if entry["removals"] is not None:
            removals = Sections(folder / entry["removals"])
            assert removals["segment"].decode("ascii") == entry["name"]
            packed = removals["removed"]
            assert len(packed) == -(-segment.size // 8)
            gone = bits(packed, segment.size)
        assert sum(gone) == entry["removed"]
        removed.append(gone)
    packed = Sections(folder / manifest["metadata"])["metadata"]
    return Commit(
        manifest, segments, removed, json.loads(zstandard.ZstdDecompressor().decompress(packed))
    )


def check(
    segment: Segment, documents: list[searchidx.Document], *, with_pairs: bool = True
) -> None:
    """Compare the contents of a segment with the documents that it was made of."""
    assert segment.size == len(documents)
    assert segment.texts("bodies", segment.size) == [d.body for d in documents]
    assert segment.heads() == [
        [d.id, d.title, d.date, d.path, d.line, None, d.metadata] for d in documents
    ]
    assert segment["digests"].hex() == "".join(d.digest() for d in documents)
    assert segment.postings("id") == {d.id: {at: 1} for at, d in enumerate(documents)}
    with_path = [at for at, d in enumerate(documents) if d.path is not None]
    assert segment.postings("path") == {documents[at].path: {at: 1} for at in with_path}
    texts = {"title": [d.title for d in documents], "body": [d.body for d in documents]}
    streams = segment.streams()
    for place, field in enumerate(FIELDS):
        tokens = [tokenize_syllables(text) for text in texts[field]]
        marked = [each.marked for each in tokens]
        assert streams[place::2] == marked
        for view, forms in (("marked", marked), ("folded", [each.folded for each in tokens])):
            pairs = [[f"{one} {two}" for one, two in pairwise(each)] for each in forms]
            for name, terms in ((view, forms), (f"{view}_pair", pairs))[: 1 + with_pairs]:
                expected: dict[str, dict[int, int]] = {}
                for at, each in enumerate(terms):
                    for term, count in Counter(each).items():
                        expected.setdefault(term, {})[at] = count
                assert segment.postings(f"{field}_{name}") == expected
    counts = Counter(syllable for stream in streams for syllable in stream)
    ordered = sorted(counts, key=lambda syllable: (-counts[syllable], syllable.encode()))
    spelled = segment.terms("marked")
    assert [spelled[number] for number in segment.numbers("syllables.ranks", 4)] == ordered
    known = segment.terms("folded")
    of_marked = segment.numbers("folded_of_marked", 4)
    assert [known[number] for number in of_marked] == [folded(s) for s in spelled]
    assert bits(segment["with_marks"], len(spelled)) == [has_marks(s) for s in spelled]
    for rows, document in zip(segment.landmarks(), documents, strict=True):
        tokens_of_body = tokenize_syllables(document.body)
        assert rows[-1] == (len(tokens_of_body), len(document.body), False)
        for (syllable, offset, _), following in pairwise(rows):
            assert offset == tokens_of_body.starts[syllable]
            assert following[0] - syllable <= 127


def document(id_: str, body: str, **more: Any) -> searchidx.Document:
    return searchidx.Document(id=id_, body=body, **more)


@pytest.mark.slow
def test_a_small_index_is_read_from_its_description(tmp_path: Path) -> None:
    documents = [
        document(
            "a",
            "Ban chỉ đạo 35 thực hiện Nghị quyết 35-NQ/TW. Quản lý thị trường (QLTT) họp.\r\n"
            "Đảng uỷ, đảng ủy; dang\u0301 😀 ừ.",
            title="Nghị quyết\u2028mới",
            date="2023-07",
            path="/x",
            line=3,
            metadata={"số": [1, None, "\n"], "Cơ quan": "Sở  Y tế ", "x": {"y": 1}, "!": 2},
        ),
        document("ă", "", date="--05-25"),
        document("b", "nghị quyết " * 300, title="quyết", date="2023-07-24"),
        document("c", "c"),
        document("d", "d"),
    ]
    folder = tmp_path / "index"
    with searchidx.create(folder) as index:
        index.add(documents)
        before = {path.name for path in folder.iterdir()}
        index.add([document("b", "Mới.")])
    commit = read(folder)
    assert commit.manifest["generation"] == 2
    assert commit.metadata == {"files": {}, "roots": []}
    assert commit.removed == [[False, False, True, False, False], [False]]
    assert {path.name for path in folder.iterdir()} == {
        *("searchidx.json", "writer.lock", commit.manifest["metadata"]),
        *(entry["name"] for entry in commit.manifest["segments"]),
        commit.manifest["segments"][0]["removals"],
    }
    assert commit.manifest["segments"][0]["name"] in before
    one, two = commit.segments
    check(one, documents)
    check(two, [document("b", "Mới.")])
    days = struct.unpack("<6i", one["dates"][:24])
    last = datetime.date(2023, 7, 31).toordinal()
    assert days == (last - 30, last, 0, 0, 738_725, 738_725)
    assert one.postings("code") == {"35-NQ/TW": {0: 1}}
    assert one.postings("source") == {}
    assert one.postings("metadata") == {
        "co_quan\tso y te\tSở  Y tế ": {0: 1},
        "so\t1\t1": {0: 1},
    }
    assert one.postings("short_form") == {"qltt\tQLTT\tquản lý thị trường": {0: 1}}
    assert one.postings("long_form") == {"quan ly thi truong\tQLTT\tquản lý thị trường": {0: 1}}
    assert one.postings("title_word") == {"nghị_quyết": {0: 1}, "mới": {0: 1}, "quyết": {2: 1}}
    assert one.postings("body_word")["nghị_quyết"] == {0: 1}
    assert one.landmarks()[0] == [(0, 0, True), (17, 78, True), (23, 106, False)]
    assert [row[0] for row in one.landmarks()[2]] == [0, 127, 254, 381, 508, 600]


@pytest.mark.slow
def test_numbers_of_every_tier_are_read_from_their_description(tmp_path: Path) -> None:
    documents = [
        document("many", " ".join(map(str, range(20_700))) + " 7" * 258),
        *(document(f"{n}", "x" if n % 10 else "x x y") for n in range(1_700)),
        document("last", "1 7 20699 " + "x. " * 3 + "dài " * 4_000),
    ]
    folder = tmp_path / "index"
    with searchidx.create(folder) as index:
        index.add(documents)
    [segment] = read(folder).segments
    check(segment, documents, with_pairs=False)  # of which there are too many for a test
    assert segment.postings("body_folded")["7"] == {0: 259, 1_701: 1}
    assert len(segment["syllables.rare"]) == 4 * (20_703 - 20_655)
    assert len(segment["body_folded.counts.large"]) == 16  # x alone is in more than 254
    assert len(segment.texts("bodies", segment.size)[-1]) > 8_192


@pytest.mark.slow
def test_a_dictionary_of_texts_is_read_from_its_description(tmp_path: Path) -> None:
    sample = "Thực hiện Nghị quyết số {} của Ban Thường vụ về công tác quản lý thị trường {}. "
    documents = [
        document(str(n), "".join(sample.format(n * at, at % 7) for at in range(15)))
        for n in range(1_000)
    ]
    folder = tmp_path / "index"
    with searchidx.create(folder) as index:
        index.add(documents)
    [segment] = read(folder).segments
    assert len(segment["bodies.dictionary"]) > 1_000
    assert segment.texts("bodies", 1_000) == [d.body for d in documents]


def test_a_reader_looks_at_the_format_first(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    searchidx.create(folder).close()
    manifest = folder / "searchidx.json"
    for written in (1, 2, 4):
        manifest.write_text(json.dumps({"application": "searchidx", "format": written}))
        with pytest.raises(searchidx.IndexFormatError, match=f"has format {written}"):
            searchidx.open(folder)


def test_the_page_names_every_section(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with searchidx.create(folder) as index:
        index.add([document("a", "nghị quyết")])
    [segment] = read(folder).segments
    page = (ROOT / "docs/reference/file-format.md").read_text(encoding="utf-8")
    fields = {f"{field}_{view}" for field in FIELDS for view in VIEWS}
    keywords = {"id", "source", "path", "code", "short_form", "long_form", "metadata"}
    for name in segment.sections:
        first, _, rest = name.partition(".")
        if first in fields | keywords | {"folded", "marked", "word"}:
            assert re.search(rf"\*[DF]\*`\.{re.escape(rest)}`", page) or rest in (
                "counts.large",
            ), name
        elif first in ("heads", "bodies"):
            assert f"*X*`.{rest}`" in page
        else:
            assert f"`{name}`" in page or name == "landmarks.advances.large"
