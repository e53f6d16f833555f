from __future__ import annotations

import json
import random
import re
import shutil
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard

import searchidx
from searchidx.errors import IndexDamagedError, IndexFormatError, IndexNotFoundError
from searchidx.store import Store
from searchidx.store.codec.stored_texts import PIECE_CODE_POINTS
from searchidx.store.files.commit_metadata import read_metadata, write_metadata
from searchidx.store.files.directory import Directory
from searchidx.store.files.manifest import MANIFEST_FILE, read_manifest, write_manifest
from searchidx.store.files.sections import SectionFile, create_section_file
from searchidx.store.maintenance.check import check_index
from tests.store.contents import add, everything, report

KINDS = ("segment", "removals", "metadata", MANIFEST_FILE)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write an index with a file of each kind."""
    store = Store.create(tmp_path_factory.mktemp("original") / "index")
    add(store, [report(n) for n in range(3)], {"files": {"/bao-cao/1.txt": [1, 2, 3]}})
    writer = store.writer()
    writer.remove("bc-2")
    writer.commit(store.metadata())
    return store.folder


@pytest.fixture
def index(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "index")
    return tmp_path / "index"


def file_of(folder: Path, kind: str) -> Path:
    (path,) = folder.glob(f"{kind}*")
    return path


def is_noticed(folder: Path, path: Path, expected: dict[str, Any]) -> bool:
    """Return whether reading everything raises an error that names the file.

    If it raises none, everything must be as `expected`."""
    try:
        found = everything(Store(folder))
    except IndexDamagedError as error:
        assert str(path) in str(error)
        assert "searchidx repair" in str(error)
        return True
    except IndexFormatError as error:  # a bit of the format's number
        assert path.name == MANIFEST_FILE
        assert re.search(r"has format \d+, and this version", str(error))
        return True
    assert found == expected
    return False


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_bit_can_change_an_answer(index: Path, kind: str) -> None:
    expected = everything(Store(index))
    path = file_of(index, kind)
    content = path.read_bytes()
    chosen = random.Random(kind)
    # Of a segment, whose blocks are all checked alike, some; of the others every byte.
    step = 16 if kind == "segment" else 1
    unnoticed = 0
    for place in range(chosen.randrange(step), len(content), step):
        harmed = bytearray(content)
        harmed[place] ^= 1 << chosen.randrange(8)
        path.write_bytes(harmed)
        if not is_noticed(index, path, expected):
            unnoticed += 1
            assert kind == MANIFEST_FILE or content[place] == 0  # between two sections
    assert unnoticed < len(content) / step / 4
    path.write_bytes(content)
    assert everything(Store(index)) == expected


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS[:-1])
def test_check_finds_every_byte_that_is_another(index: Path, kind: str) -> None:
    path = file_of(index, kind)
    content = path.read_bytes()
    chosen = random.Random(kind)
    for place in range(0, len(content), 8 if kind == "segment" else 1):
        harmed = bytearray(content)
        harmed[place] ^= 1 << chosen.randrange(8)
        path.write_bytes(harmed)
        with pytest.raises(IndexDamagedError, match=re.escape(str(path))):
            SectionFile(Directory(index), path.name).check()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_was_cut_is_named(index: Path, kind: str) -> None:
    path = file_of(index, kind)
    content = path.read_bytes()
    step = 37 if kind == "segment" else 1
    for length in [*range(0, len(content), step), *range(len(content) - 40, len(content))]:
        path.write_bytes(content[:length])
        assert is_noticed(index, path, {})
    path.write_bytes(content + b"\0")
    assert is_noticed(index, path, {})
    path.unlink()
    assert is_noticed(index, path, {})


def forge(folder: Path, kind: str, **sections: bytes) -> None:
    """Write a file anew with other sections and right checksums."""
    directory = Directory(folder)
    name = file_of(folder, kind).name
    file = SectionFile(directory, name)
    names = [each for each in file.ranges if each not in ("checksums", "table")]
    found = {each: bytes(file[each].read()) for each in names}
    found.update({each.replace("__", "."): data for each, data in sections.items()})
    with create_section_file(directory, name) as writer:
        for each, data in found.items():
            writer.write(each, data)


def read_forged(folder: Path) -> bool:
    """Return whether the index is refused; it must not fail in any other way."""
    try:
        everything(Store(folder))
    except IndexDamagedError as error:
        assert not isinstance(error.__cause__, MemoryError)
        return True
    except KeyError as error:  # of `everything`: a list names a document that was removed
        assert str(error) == "2"
        return True
    return False


def hostile(content: bytes) -> Iterator[bytes]:
    """Return other contents for a section."""
    yield b""
    yield b"\xff" * len(content)
    yield b"\xff\xff\xff\x7f" * -(-len(content) // 4)
    yield content + b"\x01" * 8
    yield content[: len(content) // 2]
    yield random.Random(len(content)).randbytes(len(content))


@pytest.mark.slow
def test_sections_of_nonsense_are_damage_and_nothing_worse(original: Path, index: Path) -> None:
    path = file_of(index, "segment")
    file = SectionFile(Directory(original), path.name)
    names = [each for each in file.ranges if each not in ("checksums", "table")]
    assert len(names) == 148
    refused = 0
    chosen = random.Random(1)
    for each in names:
        for content in chosen.sample(list(hostile(bytes(file[each].read()))), 1):
            shutil.copy(file.name, path)
            forge(index, "segment", **{each: content})
            refused += read_forged(index)
    assert refused > len(names) / 2


@pytest.mark.parametrize("count", [0, 1, 4, 1 << 20, 1 << 40, (1 << 63) - 1, (1 << 64) - 1])
def test_a_count_of_documents_is_not_believed(index: Path, count: int) -> None:
    forge(index, "segment", documents=struct.pack("<Q", count))
    assert read_forged(index)


def bomb(size: int, run_length: int = 1 << 17) -> bytes:
    """Return a Zstandard frame that claims `size` bytes and holds a run of letters."""
    run = struct.pack("<I", run_length << 3 | 1 << 1 | 1)[:3] + b"["
    return b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", size) + run


def endless(count: int) -> bytes:
    """Return a Zstandard frame of unknown size that holds `count` runs of letters."""
    run = struct.pack("<I", (1 << 17) << 3 | 1 << 1)[:3] + b"["
    last = struct.pack("<I", 1)[:3]
    return b"\x28\xb5\x2f\xfd\x00\x58" + run * count + last


LONGEST = bomb(4 * PIECE_CODE_POINTS, 4 * PIECE_CODE_POINTS)


@pytest.mark.parametrize(
    "packed",
    [bomb(1 << 62), bomb(1 << 29), LONGEST, bomb(5), endless(1000), b"", b"\x28"],
    ids=["huge", "large", "deep", "small", "endless", "none", "cut"],
)
@pytest.mark.parametrize("texts", ["heads", "bodies", "metadata"])
def test_what_unpacks_to_more_than_it_should_is_damage(
    index: Path, packed: bytes, texts: str
) -> None:
    if texts == "metadata":
        forge(index, "metadata", metadata=packed)
        with pytest.raises(IndexDamagedError, match="metadata-"):
            Store(index).metadata()
        return
    places = np.array([0, len(packed), len(packed), len(packed)], "<u4").tobytes()
    pieces = np.array([0, 1, 1, 1], "<u4").tobytes()
    forge(
        index,
        "segment",
        **{
            f"{texts}__data": packed,
            f"{texts}__ends": places[:8],
            f"{texts}__pieces": pieces,
        },
    )
    reader = Store(index).reader()
    with pytest.raises(IndexDamagedError):
        reader.document(0)


@pytest.mark.parametrize(
    ("count", "damaged"),
    [(1, False), (PIECE_CODE_POINTS, False), (PIECE_CODE_POINTS + 1, True)],
)
def test_a_piece_is_as_long_as_a_piece_may_be(index: Path, count: int, damaged: bool) -> None:
    packed = bomb(count, count)
    forge(
        index,
        "segment",
        bodies__data=packed,
        bodies__ends=np.array([0, len(packed)], "<u4").tobytes(),
        bodies__pieces=np.array([0, 1, 1, 1], "<u4").tobytes(),
    )
    reader = Store(index).reader()
    if damaged:
        with pytest.raises(IndexDamagedError):
            reader.document(0)
    else:
        assert reader.document(0).body == "[" * count


@pytest.mark.parametrize(
    "head",
    [
        b"[" * 100_000,
        b"{}",
        b'["x"]',
        b'[1, "", null, null, null, null, {}]',
        b'["x", "", 5, null, null, null, {}]',
        b'["x", "", null, null, "1", null, {}]',
        b'["x", "", null, null, null, null, []]',
        b'["", "", null, null, null, null, {}]',
        b'["x", "", "yesterday", null, null, null, {}]',
        b'["x", "", null, null, null, null, {"a": NaN}]',
    ],
)
def test_a_head_that_could_not_have_been_written_is_damage(index: Path, head: bytes) -> None:
    file = SectionFile(Directory(index), file_of(index, "segment").name)
    dictionary = zstandard.ZstdCompressionDict(bytes(file["heads.dictionary"].read()))
    packed = zstandard.ZstdCompressor(dict_data=dictionary).compress(head)
    ends = np.array([0, len(packed)], "<u4").tobytes()
    pieces = np.array([0, 1, 1, 1], "<u4").tobytes()
    forge(index, "segment", heads__data=packed, heads__ends=ends, heads__pieces=pieces)
    with pytest.raises(IndexDamagedError):
        Store(index).reader().document(0)


@pytest.mark.parametrize(
    "table",
    [
        b"[" * 100_000,
        b"[]",
        b'{"checksums": [0, 0, 0]}',
        b'{"checksums": [8, 1e999, 0], "sections": {}}',
        b'{"checksums": [8, -4, 0], "sections": {}}',
        b'{"checksums": [99999999999, 4, 0], "sections": {}}',
        b'{"checksums": [8, 0, 0], "sections": {"documents": [8, 99999999]}}',
        b'{"checksums": [8, 0, 0], "sections": {"documents": [-8, 8]}}',
        b'{"checksums": [16, 0, 0], "sections": {"documents": [8, 8]}}',
        b'{"checksums": [8, 0, 0], "sections": {}}',
        b'{"checksums": [8, 0, 0], "sections": {"documents": null}}',
        b"\xff\xfe",
    ],
)
def test_a_table_that_names_other_places_is_damage(index: Path, table: bytes) -> None:
    path = file_of(index, "segment")
    content = path.read_bytes()
    place = struct.unpack_from("<Q", content, len(content) - 24)[0]
    footer = struct.pack("<QII8s", place, len(table), zlib.crc32(table), b"2GESXDIS")
    path.write_bytes(content[:place] + table + footer)
    with pytest.raises(IndexDamagedError, match=re.escape(str(path))):
        Store(index).reader()


def rewrite_manifest(folder: Path, **changes: Any) -> None:
    """Write the manifest anew with other values and the right checksum."""
    path = folder / MANIFEST_FILE
    content = json.loads(path.read_bytes())
    del content["checksum"]
    content.update(changes)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    content["checksum"] = zlib.crc32(canonical.encode())
    path.write_text(json.dumps(content))


SEGMENT: dict[str, Any] = {
    "name": "segment-0123456789abcdef.sidx",
    "size": 3,
    "removed": 0,
    "removals": None,
}


EMPTY: list[Any] = [0, "", {}, [], False]


@pytest.mark.parametrize(
    "changes",
    [
        {"generation": -1},
        {"generation": "1"},
        {"generation": True},
        {"generation": 1 << 60},
        {"committed": "now"},
        {"committed": float("nan")},
        {"committed": float("inf")},
        {"committed": 1e17},
        {"committed": -1.0},
        {"metadata": "../../etc/passwd"},
        *({"metadata": value} for value in [5, *EMPTY]),
        {"segments": None},
        {"segments": [3]},
        {"segments": [{"name": "x"}]},
        {"segments": [{**SEGMENT, "name": "../segment-0123456789abcdef.sidx"}]},
        {"segments": [{**SEGMENT, "name": 5}]},
        {"segments": [{**SEGMENT, "size": 1 << 62}]},
        {"segments": [{**SEGMENT, "size": 1 << 31}]},
        {"segments": [{**SEGMENT, "size": 1.5}]},
        {"segments": [{**SEGMENT, "removed": 4, "removals": SEGMENT["name"]}]},
        {"segments": [{**SEGMENT, "removed": 1}]},
        *({"segments": [{**SEGMENT, "removed": 1, "removals": value}]} for value in EMPTY),
        {"segments": [{**SEGMENT, "further": 1}]},
        {"segments": [SEGMENT, SEGMENT]},
    ],
)
def test_a_manifest_that_could_not_have_been_written_is_damage(
    index: Path, changes: dict[str, Any]
) -> None:
    rewrite_manifest(index, **changes)
    with pytest.raises(IndexDamagedError, match=r"searchidx\.json is damaged"):
        Store(index)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("[" * 100_000, r"it is not valid JSON: .*recursion.*"),
        ("", "it is empty"),
        ("[]", "it is not a JSON object"),
        ("{}", "it is not a manifest of searchidx"),
        ('"x"', "it is not a JSON object"),
        ("\0\0", "it is not valid JSON: .*"),
        ('{"a": }', r"it is not valid JSON: Expecting value: line 1 column 7 \(char 6\)"),
        ("1" * 9999, "it is not valid JSON: .*"),
    ],
)
def test_a_manifest_that_is_something_else_is_damage(
    index: Path, content: str, what: str
) -> None:
    (index / MANIFEST_FILE).write_text(content)
    with pytest.raises(
        IndexDamagedError,
        match=rf"searchidx\.json is damaged \({what}\); run: searchidx repair; if that fails",
    ):
        Store(index)


def test_removals_of_another_segment_are_damage(index: Path) -> None:
    for content in (b"", b"\x20\x00", b"\x60", b"\x00"):
        forge(index, "removals", removed=content)
        with pytest.raises(IndexDamagedError):
            Store(index).reader()


def test_a_merge_of_nonsense_commits_nothing(index: Path) -> None:
    file = SectionFile(Directory(index), file_of(index, "segment").name)
    forge(index, "segment", body_marked__bounds=b"\xff" * len(file["body_marked.bounds"]))
    generation = Store(index).generation()
    with pytest.raises(IndexDamagedError, match="searchidx repair"):
        add(Store(index), [report(n) for n in range(10, 15)], {})
    assert Store(index).generation() == generation


def test_segments_without_a_manifest_are_not_thrown_away(index: Path) -> None:
    (index / MANIFEST_FILE).unlink()
    for open_ in (Store, Store.create):
        with pytest.raises(IndexDamagedError, match=r"searchidx\.json.*it is missing.*repair"):
            open_(index)
    assert file_of(index, "segment").exists()
    shutil.rmtree(index)
    with pytest.raises(IndexNotFoundError):
        Store(index)


def test_a_commit_of_later_format_is_left_alone(index: Path) -> None:
    rewrite_manifest(index, format=99)
    with pytest.raises(IndexFormatError, match="format 99"):
        Store(index).writer()
    assert file_of(index, "segment").exists()


def test_a_manifest_is_what_was_written(tmp_path: Path, index: Path) -> None:
    manifest = read_manifest(Directory(index))
    write_manifest(Directory(tmp_path), manifest)
    assert read_manifest(Directory(tmp_path)) == manifest


_refusing = False


def _refuse_code(event: str, arguments: object) -> None:
    if _refusing and event in ("pickle.find_class", "marshal.loads", "compile", "exec"):
        raise AssertionError(event)


def test_opening_and_searching_run_no_code(index: Path) -> None:
    def read() -> None:
        with searchidx.open(index) as opened:
            assert next(hit.id for hit in opened.search("bao cao 1")) == "bc-1"
            assert opened.get("bc-1") == report(1)
            opened.status()
        everything(Store(index))
        assert check_index(index).problems == ()

    read()  # what is imported for it is code, of the program
    sys.addaudithook(_refuse_code)
    global _refusing
    _refusing = True
    try:
        read()
    finally:
        _refusing = False


@pytest.mark.slow
def test_metadata_that_packs_too_well_is_damage_before_memory_is_taken(index: Path) -> None:
    for element in (b"[],", b'{"a":', b"0,"):
        content = b'{"files":[' + element * ((1 << 28) // len(element)) + b"0]}"
        packed = zstandard.ZstdCompressor().compress(content)
        forge(index, "metadata", metadata=packed)
        with pytest.raises(IndexDamagedError, match="impossible size"):
            Store(index).metadata()


def test_large_metadata_is_read_however_well_it_packs(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    metadata = {"roots": ["/" + "a" * ((1 << 24) - 100 + more) for more in (0, 50)]}
    write_metadata(directory, "metadata-0123456789abcdef.sidx", metadata)
    assert read_metadata(directory, "metadata-0123456789abcdef.sidx") == metadata


def test_a_missing_module_is_no_damage(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "searchidx.search.rank.near_duplicates", None)
    with (
        searchidx.open(index) as opened,
        pytest.raises(ImportError, match=r"searchidx\.search\.rank\.near_duplicates"),
    ):
        opened.search("báo cáo", collapse=True)
