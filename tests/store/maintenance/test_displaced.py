"""Test files that took the place of others, and files that the system refuses to read."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import searchidx
from searchidx.errors import IndexDamagedError, IndexReadError, IndexWriteError
from searchidx.store import Store
from searchidx.store.files.directory import Directory
from searchidx.store.files.manifest import MANIFEST_FILE, MAX_GENERATION, read_manifest
from searchidx.store.files.sections import SectionFile, SectionWriter
from searchidx.store.maintenance.check import check_index
from searchidx.store.maintenance.repair import LostDocument, repair_index
from tests.store.contents import add, everything, ids, leftovers, report
from tests.store.test_damage import file_of, rewrite_manifest
from tests.store.test_golden import GOLDEN


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Write two segments, the first of which has lost two documents in two commits."""
    store = Store.create(tmp_path / "index")
    add(store, [report(n) for n in range(8)], {"commit": 1})
    writer = store.writer()
    writer.remove("bc-3")
    writer.commit({"commit": 1})
    shutil.copy(file_of(store.folder, "removals"), tmp_path / "older")
    writer = store.writer()
    writer.remove("bc-4")
    writer.add(report(9))
    writer.commit({"commit": 2})
    return store.folder


def segments(folder: Path) -> list[Path]:
    return [folder / entry.name for entry in read_manifest(Directory(folder)).segments]


def problems(folder: Path) -> dict[str, str]:
    return {Path(each.file).name: each.what for each in check_index(folder).problems}


def test_files_say_what_they_were_written_for(index: Path) -> None:
    manifest = read_manifest(Directory(index))
    commits = {}
    for name in manifest.files():
        file = SectionFile(Directory(index), name)
        assert file.written_name == name
        assert file.origin is not None
        assert file.origin.index == manifest.index
        commits[name.partition("-")[0], file.origin.commit] = name
    assert set(commits) == {("segment", 1), ("segment", 3), ("removals", 3), ("metadata", 3)}
    assert manifest.generation == 3


def test_files_of_early_versions_say_nothing_and_are_read(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN, tmp_path / "golden")
    store = Store(tmp_path / "golden")
    names = store.manifest().files()
    assert {SectionFile(store.directory, name).origin for name in names} == {None}
    add(store, [report(1)], {})
    assert check_index(store.folder).problems == ()
    assert "bc-1" in ids(store.reader())


def test_a_segment_of_another_index_is_found_and_not_taken(index: Path, tmp_path: Path) -> None:
    other = Store.create(tmp_path / "other")
    add(other, [report(n) for n in range(20, 28)], {})
    first, _ = segments(index)
    foreign = file_of(other.folder, "segment")
    shutil.copy(foreign, first)
    what = f"in its place is {foreign.name} of commit 1"
    with pytest.raises(IndexDamagedError, match=rf"{first.name} is damaged: {what}"):
        Store(index).reader()
    assert problems(index) == {first.name: what}
    repaired = repair_index(index)
    assert repaired.lost == (LostDocument(None, None),) * 6
    identity = other.manifest().index
    assert repaired.notes == (
        f"in place of {first.name} was {foreign.name} of commit 1 of the index {identity}: "
        "its documents were not taken",
    )
    assert ids(Store(index).reader()) == ["bc-9"]
    assert problems(index) == {}
    assert leftovers(Store(index)) == set()


@pytest.mark.parametrize("kind", ["removals", "metadata"])
def test_other_files_of_another_index_are_found(index: Path, tmp_path: Path, kind: str) -> None:
    other = Store.create(tmp_path / "other")
    add(other, [report(n) for n in range(8)], {"commit": "foreign"})
    writer = other.writer()
    assert [writer.remove(f"bc-{n}") for n in (1, 2)] == [True, True]
    writer.commit({"commit": "foreign"})
    path, foreign = file_of(index, kind), file_of(other.folder, kind)
    shutil.copy(foreign, path)
    assert problems(index)[path.name].startswith(f"in its place is {foreign.name} of commit ")
    repaired = repair_index(index)
    assert repaired.notes[0].startswith(f"{path.name} could not be read: ")
    assert problems(index) == {}
    assert Store(index).metadata() != {"commit": "foreign"}


def test_segments_that_changed_places_are_saved(index: Path, tmp_path: Path) -> None:
    expected = everything(Store(index))
    first, second = segments(index)
    first.rename(tmp_path / "first")
    second.rename(first)
    (tmp_path / "first").rename(second)
    assert set(problems(index)) == {first.name, second.name}
    repaired = repair_index(index)
    assert (repaired.kept, repaired.saved, repaired.lost) == (0, 7, ())
    assert repaired.notes == (
        f"{first.name} was found as {second.name}",
        f"{second.name} was found as {first.name}",
    )
    assert everything(Store(index)) == expected


def test_a_copy_of_a_segment_in_place_of_another_loses_the_other(index: Path) -> None:
    first, second = segments(index)
    shutil.copy(first, second)
    repaired = repair_index(index)
    assert (repaired.kept, repaired.saved) == (6, 0)
    assert repaired.lost == (LostDocument(None, None),)
    assert "its documents were not taken" in repaired.notes[0]
    assert sorted(ids(Store(index).reader())) == [f"bc-{n}" for n in (0, 1, 2, 5, 6, 7)]


def test_older_deletions_in_place_of_the_right_ones_are_told(
    index: Path, tmp_path: Path
) -> None:
    path = file_of(index, "removals")
    written = SectionFile(Directory(tmp_path), "older", displaced=True).written_name
    shutil.copy(tmp_path / "older", path)
    assert problems(index) == {path.name: f"in its place is {written} of commit 2"}
    with pytest.raises(IndexDamagedError, match=f"in its place is {written} of commit 2"):
        Store(index).reader()
    repaired = repair_index(index)
    assert repaired.notes == (
        f"in place of {path.name} was {written} of commit 2: documents that were removed "
        "since then may be back",
    )
    # The document that was removed earlier stays so.
    assert set(ids(Store(index).reader())) == {f"bc-{n}" for n in (0, 1, 2, 4, 5, 6, 7, 9)}
    assert problems(index) == {}


def test_older_deletions_of_as_many_documents_are_told(index: Path, tmp_path: Path) -> None:
    # The count of the manifest cannot tell them from the right ones.
    shutil.copytree(index, tmp_path / "fork")
    for folder, id_ in ((index, "bc-0"), (tmp_path / "fork", "bc-1")):
        writer = Store(folder).writer()
        writer.remove(id_)
        writer.commit({"commit": 2})
    path = file_of(index, "removals")
    shutil.copy(file_of(tmp_path / "fork", "removals"), path)
    with pytest.raises(IndexDamagedError, match="in its place is removals-"):
        Store(index).reader()
    repaired = repair_index(index)
    assert "may be back" in repaired.notes[0]


def test_without_a_manifest_the_commit_decides_which_is_later(index: Path) -> None:
    store = Store(index)
    add(store, [report(1, version="hai")], {"commit": 3})
    paths = segments(index)
    if len(paths) > 1:
        for time, path in enumerate(reversed(paths)):  # the later commit has the earlier time
            os.utime(path, (time, time))
    expected = everything(store)
    (index / MANIFEST_FILE).unlink()
    identity = store.directory
    repair_index(index)
    assert everything(Store(index)) == expected
    assert identity is store.directory


def test_without_a_manifest_segments_of_another_index_are_told(
    index: Path, tmp_path: Path
) -> None:
    identity = read_manifest(Directory(index)).index
    other = Store.create(tmp_path / "other")
    add(other, [report(30)], {})
    shutil.copy(file_of(other.folder, "segment"), index)
    (index / MANIFEST_FILE).unlink()
    repaired = repair_index(index)
    assert any("segments of several indexes" in note for note in repaired.notes)
    assert read_manifest(Directory(index)).index == identity
    assert problems(index) == {}


@pytest.mark.parametrize(
    "origin",
    [[], {}, "x", ["a", "b"], ["a", "b", -1], ["a", "b", 1.5], [1, "b", 1], ["a", "b", 1 << 60],
     ["a", None, 1], ["a" * 65, "b", 1]],
)  # fmt: skip
def test_an_origin_that_could_not_have_been_written_is_damage(index: Path, origin: Any) -> None:
    directory = Directory(index)
    name = file_of(index, "metadata").name
    with directory.create(name) as file:
        sections = SectionWriter(file, origin)
        sections.write("metadata", b"")
        sections.finish()
    with pytest.raises(IndexDamagedError, match="its origin is impossible"):
        SectionFile(directory, name)


def test_the_highest_number_of_a_commit_is_found_refused_and_repaired(index: Path) -> None:
    expected = everything(Store(index))
    rewrite_manifest(index, generation=MAX_GENERATION)
    assert everything(Store(index)) == expected
    what = f"no commit can follow the one of number {MAX_GENERATION}"
    assert problems(index) == {MANIFEST_FILE: what}
    with pytest.raises(IndexDamagedError, match=f"{what}.*searchidx repair"):
        Store(index).writer()
    with searchidx.open(index) as opened:
        repaired = repair_index(index)
        assert (repaired.kept, repaired.lost) == (7, ())
        assert opened.refresh() is True
        opened.add([report(40)])
    assert problems(index) == {}


def test_an_empty_manifest_says_so(index: Path, tmp_path: Path) -> None:
    expected = set(ids(Store(index).reader()))
    (tmp_path / "empty").mkdir()
    for folder in (index, tmp_path / "empty"):
        (folder / MANIFEST_FILE).write_bytes(b"")
        with pytest.raises(IndexDamagedError, match=r"\(it is empty\).*searchidx repair"):
            Store(folder)
        assert problems(folder) == {MANIFEST_FILE: "it is empty"}
        repair_index(folder)
        assert problems(folder) == {}
    assert set(ids(Store(index).reader())) >= expected
    assert ids(Store(tmp_path / "empty").reader()) == []


def test_a_list_of_files_that_is_none_is_found_and_repaired(
    index: Path, tmp_path: Path
) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "a.txt").write_text("Nghị quyết", encoding="utf-8")
    name = file_of(index, "metadata").name
    lists: list[Any] = [[], {"a": 3}, {"a": [1, 2, "x"]}]
    for files in lists:
        metadata = {"files": files}
        Store(index).write_metadata(name, metadata)
        with searchidx.open(index) as opened, pytest.raises(IndexDamagedError):
            opened.update(reports)
        assert [Path(each.file).name for each in searchidx.check(index).problems] == [name]
        assert searchidx.repair(index).lost == ()
        assert searchidx.check(index).problems == ()
        name = file_of(index, "metadata").name
    with searchidx.open(index) as opened:
        assert opened.update(reports).added == 1


class RefusingDirectory(Directory):
    """Refuse to open the files of a kind, or to list or to open the folder."""

    def __init__(self, path: Path, kind: str, code: int) -> None:
        super().__init__(path)
        self.kind = kind
        self._code = code

    def refuse(self, name: str) -> None:
        if self.kind and name.startswith(self.kind):
            raise OSError(self._code, os.strerror(self._code), str(self.path / name))

    def _open_to_read(self, name: str) -> int:
        self.refuse(name)
        return super()._open_to_read(name)

    def pin(self) -> RefusingDirectory:
        self.refuse("folder")
        return super().pin()


CODES = [
    errno.ENOMEM,
    errno.EIO,
    errno.ESTALE,
    errno.EACCES,
    errno.EPERM,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENODEV,
    errno.EINTR,
]
READS: list[Callable[[Store], object]] = [
    Store.reader,
    Store.metadata,
    Store.snapshot,
    lambda store: check_index(store.folder, directory=store.directory),
    lambda store: repair_index(store.folder, directory=store.directory),
    lambda store: store.writer(),
]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("kind", ["segment", "removals", "metadata", MANIFEST_FILE, "folder"])
def test_what_the_system_refuses_to_read_is_no_damage(
    index: Path, kind: str, code: int
) -> None:
    (index / "writer.lock").touch()
    before = {path.name: path.read_bytes() for path in index.iterdir()}
    directory = RefusingDirectory(index, "", code)
    store = Store(index, directory=directory)
    directory.kind = kind
    refused = 0
    for read in READS:
        try:
            result = read(store)
        except (IndexReadError, IndexWriteError) as error:
            refused += 1
            assert str(index) in str(error)
            assert "run the same command again" in str(error)
            assert "damaged" not in str(error)
            assert "remove" not in str(error).replace("removals-", "").replace("removed", "")
        else:
            if hasattr(result, "cancel"):
                result.cancel()
            assert getattr(result, "problems", ()) == ()
    assert refused >= 3
    if kind == MANIFEST_FILE:
        with pytest.raises(IndexReadError, match="cannot be read"):
            store.generation()
    assert {path.name: path.read_bytes() for path in index.iterdir()} == before


def test_a_repair_does_not_lose_what_it_may_not_read(index: Path) -> None:
    expected = set(ids(Store(index).reader()))
    file_of(index, "metadata").write_bytes(b"")
    before = {path.name: path.read_bytes() for path in index.iterdir()}
    directory = RefusingDirectory(index, "segment", errno.EACCES)
    with pytest.raises(IndexReadError, match=r"Permission denied.*get permission"):
        repair_index(index, directory=directory)
    assert {path.name: path.read_bytes() for path in index.iterdir()} == before
    repair_index(index)
    assert set(ids(Store(index).reader())) == expected
