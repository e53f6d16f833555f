from __future__ import annotations

import json
import os
import re
import shutil
import time
from pathlib import Path

import pytest

import searchidx
from searchidx.errors import (
    IndexDamagedError,
    IndexFormatError,
    IndexLockedError,
    IndexNotFoundError,
    IndexWriteError,
)
from searchidx.store import Store
from searchidx.store.files.directory import Directory
from searchidx.store.files.manifest import MANIFEST_FILE
from searchidx.store.files.sections import SectionFile
from searchidx.store.maintenance.check import check_index
from searchidx.store.maintenance.repair import LostDocument, repair_index
from tests.cli.test_commands import Run, command
from tests.store.contents import add, everything, ids, leftovers, report
from tests.store.test_damage import file_of, forge, rewrite_manifest
from tests.store.test_faults import FaultyDirectory

__all__ = ["command"]  # a fixture


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make two segments; of the first, one document was removed and one replaced."""
    store = Store.create(tmp_path_factory.mktemp("original") / "index")
    add(store, [report(n) for n in range(8)], {"commit": 1})
    writer = store.writer()
    writer.remove("bc-3")
    writer.add(report(5, version="hai"), source="/bao-cao/5.txt")
    writer.commit({"commit": 2})
    assert [leaf.segment.size for leaf in store.reader().leaves] == [8, 1]
    return store.folder


@pytest.fixture
def index(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "index")
    return tmp_path / "index"


def segments(folder: Path) -> list[Path]:
    """Return the files of the segments in the order of the commit."""
    return [Path(leaf.segment.file.name) for leaf in Store(folder).reader().leaves]


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def place_of(path: Path, section: str) -> int:
    """Return the offset of a section in its file."""
    return int(SectionFile(Directory(path.parent), path.name).ranges[section][0])


def problems(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in check_index(folder).problems:
        found.setdefault(Path(problem.file).name, []).append(problem.what)
    return found


def test_an_undamaged_index_has_no_problems(index: Path, tmp_path: Path) -> None:
    report_ = check_index(index)
    assert report_.problems == ()
    assert (report_.documents, report_.files) == (7, 5)
    assert report_.bytes == sum(path.stat().st_size for path in segments(index))
    assert check_index(Store.create(tmp_path / "empty").folder).problems == ()
    (index / "segment-00112233445566ff.sidx.part").touch()
    assert check_index(index).problems == ()


# What a bit is a part of depends on the lengths of numbers and random names in the file.
IN_SECTION_FILE = (
    r"a checksum is wrong at byte \d+ of its section \S+"
    r"|there is something at byte \d+ between sections"
    r"|the checksum of its (checksums|table) is wrong"
)
IN_MANIFEST = r"its checksum is wrong|it is not valid JSON: .+ line \d+ column \d+ \(char \d+\)"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("segment", IN_SECTION_FILE),
        ("removals", IN_SECTION_FILE),
        ("metadata", IN_SECTION_FILE),
        (MANIFEST_FILE, IN_MANIFEST),
    ],
)
def test_each_file_that_is_damaged_is_named(index: Path, kind: str, expected: str) -> None:
    path = segments(index)[0] if kind == "segment" else file_of(index, kind)
    flip(path, path.stat().st_size // 3)
    (what,) = problems(index)[path.name]
    assert re.fullmatch(expected, what)
    path.unlink()
    assert problems(index)[path.name] == ["it is missing"]


@pytest.mark.slow
def test_a_section_of_another_segment_is_noticed(tmp_path: Path) -> None:
    one, other = (Store.create(tmp_path / name) for name in ("one", "other"))
    add(one, [report(n) for n in range(4)], {})
    add(other, [report(n + 1, version="một hai") for n in range(4)], {})
    path = file_of(one.folder, "segment")
    content = path.read_bytes()
    file = SectionFile(one.directory, path.name)
    foreign = SectionFile(other.directory, file_of(other.folder, "segment").name)
    different = 0
    # Codes, abbreviations, words and sentences could only be checked by analyzing the texts
    # again.
    analyzed = re.compile(
        r"code|short_form|long_form|(title_|body_)?word|landmarks|.*dictionary"
    )
    for name in file.ranges:
        if name in ("checksums", "table"):
            continue
        if bytes(file[name].read()) == bytes(foreign[name].read()):
            continue
        path.write_bytes(content)
        forge(one.folder, "segment", **{name: bytes(foreign[name].read())})
        found = problems(one.folder)
        if not analyzed.match(name):
            different += 1
            assert found, name
    assert different > 40


def test_contradictions_between_files_are_found(index: Path) -> None:
    content = json.loads((index / MANIFEST_FILE).read_bytes())
    first, second = content["segments"]
    rewrite_manifest(index, segments=[{**first, "size": 9}, second])
    assert problems(index) == {first["name"]: ["it has 8 documents instead of 9"]}
    rewrite_manifest(index, segments=[{**first, "removed": 1}, second])
    assert problems(index) == {
        first["removals"]: ["its count of deleted documents differs from the manifest"]
    }
    rewrite_manifest(index, segments=[{**first, "removed": 0, "removals": None}, second])
    what = f"the document 'bc-5' is also in {first['name']}"
    assert problems(index) == {second["name"]: [what]}
    forge(index, "removals", segment=second["name"].encode())
    rewrite_manifest(index, segments=[first, second])
    assert problems(index)[first["removals"]] == ["it is for another segment"]


def test_repair_does_not_change_an_undamaged_index(index: Path) -> None:
    before = {path.name: path.read_bytes() for path in index.iterdir()}
    report_ = repair_index(index)
    assert (report_.problems, report_.kept, report_.lost, report_.notes) == ((), 7, (), ())
    assert {path.name: path.read_bytes() for path in index.iterdir()} == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "section", ["body_marked.data", "syllables.firsts", "folded.firsts", "landmarks.steps"]
)
def test_repair_rebuilds_damaged_postings(index: Path, section: str) -> None:
    expected = everything(Store(index))
    path = segments(index)[0]
    flip(path, place_of(path, section))
    report_ = repair_index(index)
    assert [problem.file for problem in report_.problems] == [str(path)]
    assert (report_.kept, report_.saved, report_.lost) == (1, 6, ())
    assert everything(Store(index)) == expected
    assert check_index(index).problems == ()
    assert leftovers(Store(index)) == set()


def test_a_text_that_cannot_be_read_is_lost_and_named(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "index")
    # A block of the file holds several short texts, or a part of a long one.
    noise = "".join(chr(0x4E00 + n * n * 31 % 20_000) for n in range(20_000))
    long = [
        searchidx.Document(id=f"dai-{n}", body=f"{noise} {n}", path=f"/dai/{n}.txt")
        for n in range(3)
    ]
    add(store, long, {})
    path = file_of(store.folder, "segment")
    flip(path, place_of(path, "bodies.data") + 5)
    report_ = repair_index(store.folder)
    assert report_.lost == (LostDocument("dai-0", "/dai/0.txt"),)
    assert (report_.kept, report_.saved) == (0, 2)
    assert ids(Store(store.folder).reader()) == ["dai-1", "dai-2"]
    assert check_index(store.folder).problems == ()


def test_documents_with_lost_heads_are_named_by_their_postings(index: Path) -> None:
    path = segments(index)[0]
    flip(path, place_of(path, "heads.data"))
    report_ = repair_index(index)
    names = [f"bc-{n}" for n in (0, 1, 2, 4, 6, 7)]
    assert [lost.id for lost in report_.lost] == names
    assert [lost.path for lost in report_.lost] == [
        f"/bao-cao/{name[3:]}.txt" for name in names
    ]
    assert ids(Store(index).reader()) == ["bc-5"]


def test_a_file_that_cannot_be_opened_is_lost_whole(index: Path) -> None:
    path = segments(index)[0]
    path.write_bytes(path.read_bytes()[:100])
    report_ = repair_index(index)
    assert report_.lost == (LostDocument(None, None),) * 6
    assert ids(Store(index).reader()) == ["bc-5"]
    path = segments(index)[0]
    path.unlink()
    assert repair_index(index).lost == (LostDocument(None, None),)
    assert ids(Store(index).reader()) == []
    assert check_index(index).problems == ()


@pytest.mark.slow
def test_without_a_manifest_the_latest_of_each_document_is_taken(index: Path) -> None:
    expected = everything(Store(index))
    first, _ = segments(index)
    os.utime(first, (1, 1))
    for content in ("{", None):
        path = index / MANIFEST_FILE
        path.unlink() if content is None else path.write_text(content)
        with pytest.raises(IndexDamagedError, match="searchidx repair"):
            Store(index)
        before = time.time()
        report_ = repair_index(index)
        assert [Path(problem.file).name for problem in report_.problems] == [MANIFEST_FILE]
        assert report_.notes[0].startswith("searchidx.json could not be read: all segments")
        assert everything(Store(index)) == expected
        assert Store(index).generation() > before
        assert check_index(index).problems == ()
    # An old, replaced segment that nobody removed: a document that is in a later segment too is
    # taken from there; a document that is in no other segment is back.
    (index / MANIFEST_FILE).unlink()
    for path in index.glob("removals-*"):
        path.unlink()
    report_ = repair_index(index)
    assert sorted(ids(Store(index).reader())) == [f"bc-{n}" for n in range(8)]
    assert Store(index).reader().document_count == 8
    number = Store(index).reader().doc_id("bc-5")
    assert number is not None
    assert Store(index).reader().document(number) == report(5, version="hai")


def test_removals_that_cannot_be_read_bring_documents_back_and_say_so(index: Path) -> None:
    path = file_of(index, "removals")
    flip(path, 9)
    report_ = repair_index(index)
    assert report_.notes == (f"{path.name} could not be read: removed documents may be back",)
    reader = Store(index).reader()
    assert sorted(ids(reader)) == [f"bc-{n}" for n in range(8)]
    number = reader.doc_id("bc-5")
    assert number is not None
    assert reader.document(number) == report(5, version="hai")
    assert check_index(index).problems == ()


def test_metadata_that_cannot_be_read_is_empty_and_said_so(index: Path) -> None:
    path = file_of(index, "metadata")
    path.write_bytes(b"")
    report_ = repair_index(index)
    assert report_.notes[0].startswith(f"{path.name} could not be read: the indexed folders")
    assert (report_.kept, report_.saved, report_.lost) == (7, 0, ())
    assert Store(index).metadata() == {}


def test_repair_refuses_what_it_cannot_know(index: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError):
        repair_index(tmp_path / "nowhere")
    with pytest.raises(IndexNotFoundError):
        repair_index(tmp_path)
    flip(segments(index)[0], 5000)
    writer = Store.create(tmp_path / "other").writer()
    with pytest.raises(IndexLockedError, match=rf"process {os.getpid()} "):
        repair_index(tmp_path / "other")
    writer.cancel()
    for number in (1, 2, 4):
        rewrite_manifest(index, format=number)
        for refuse in (check_index, repair_index):
            with pytest.raises(IndexFormatError, match=f"format {number}, .*searchidx index "):
                refuse(index)


@pytest.mark.slow
def test_whatever_the_disk_refuses_a_repair_can_be_repeated(
    index: Path, tmp_path: Path
) -> None:
    path = segments(index)[0]
    flip(path, place_of(path, "body_folded.data"))
    (index / MANIFEST_FILE).write_text("{")
    copy = tmp_path / "copy"
    shutil.copytree(index, copy)
    counting = FaultyDirectory(copy)
    repair_index(copy, directory=counting)
    expected = everything(Store(copy))
    for nth in range(1, counting.done.index(f"name {MANIFEST_FILE}") + 2, 2):
        shutil.rmtree(copy)
        shutil.copytree(index, copy)
        with pytest.raises(IndexWriteError):
            repair_index(copy, directory=FaultyDirectory(copy, nth, for_good=True))
        assert {each.name for each in copy.iterdir()} >= {each.name for each in index.iterdir()}
        repair_index(copy)
        assert everything(Store(copy)) == expected
        assert leftovers(Store(copy)) == set()


def test_the_commands_report_damage_and_recover_lost_documents(command: Run) -> None:
    Path("seeds").mkdir()
    for n in range(3):
        body = "".join(chr(0x4E00 + n + m * m * 31 % 20_000) for m in range(20_000))
        path = Path(f"seeds/{n}.txt")
        path.write_text(f"Báo cáo {n}\n\nHọp {body}", encoding="utf-8")
        os.utime(path, (1, 1))
    assert command("index")[0] == 0
    code, out, err = command("check")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"3 documents in 3 files, 0\.\d MB: nothing is wrong\n", out)
    assert command("repair")[:2] == (
        0,
        "nothing is wrong with the 3 documents; nothing was changed\n",
    )
    path = file_of(Path("index"), "segment")
    flip(path, place_of(path, "bodies.data") + 5)
    code, out, err = command("check")
    assert code == 2
    assert out == f"{path}: a checksum is wrong at byte 0 of its section bodies.data\n"
    assert err == (
        "searchidx: the index at index is damaged; save what can be read with: "
        "searchidx repair --index index\n"
    )
    code, out, err = command("repair")
    assert code == 1
    assert re.fullmatch(r"lost \S+/seeds/0\.txt\nkept 0, saved 2, lost 1\n", out)
    assert "index the files of what was lost again" in err
    assert command("check")[0] == 0
    assert command("search", "--count", "hop")[1] == "2\n"
    code, out, _ = command("index")
    assert out.startswith("added 1, changed 0, removed 0, unchanged 2, failed 0")
    assert command("search", "--count", "hop")[1] == "3\n"
    assert command("check", "--index", "nowhere")[0] == 2
    assert command("repair", "--index", "nowhere")[0] == 2


def test_files_of_a_lost_list_are_read_again(command: Run) -> None:
    Path("seeds").mkdir()
    for n in range(3):
        Path(f"seeds/{n}.txt").write_text(f"Báo cáo {n}\n\nHọp.", encoding="utf-8")
        os.utime(f"seeds/{n}.txt", (1, 1))
    command("index")
    file_of(Path("index"), "metadata").unlink()
    assert command("index")[0] == 2
    with searchidx.open("index") as index:
        assert len(index) == 3
    assert [lost.id for lost in searchidx.repair("index").lost] == []
    assert searchidx.check("index").problems == ()
    Path("seeds/1.txt").unlink()
    out = command("index")[1]
    assert out.startswith("added 0, changed 0, removed 1, unchanged 2, failed 0")
