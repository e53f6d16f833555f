"""Test that an index in the place of another one is seen, and never mixed with it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

import searchidx
from searchidx.errors import IndexDamagedError, IndexNotFoundError
from searchidx.store import Store
from searchidx.store.files.directory import Directory
from searchidx.store.files.manifest import MANIFEST_FILE, read_manifest
from searchidx.store.maintenance.repair import repair_index
from tests.store.contents import add, documents, everything, report
from tests.store.test_damage import file_of
from tests.store.test_golden import GOLDEN


def make(folder: Path, number: int) -> Store:
    """Write an index of one document in two commits."""
    store = Store.create(folder)
    add(store, [report(number), report(number + 1)], {"first": number})
    writer = store.writer()
    writer.remove(f"bc-{number + 1}")
    writer.commit({"first": number})
    return store


def _renamed(folder: Path, new: Path) -> None:
    folder.rename(folder.parent / "old")
    new.rename(folder)


def _removed(folder: Path, new: Path) -> None:
    shutil.rmtree(folder)
    new.rename(folder)


def _in_place(folder: Path, new: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    for path in new.iterdir():
        shutil.copy(path, folder)


EXCHANGES = [_renamed, _removed, _in_place]


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_refresh_sees_an_index_of_as_many_commits(
    tmp_path: Path, exchange: Callable[[Path, Path], None]
) -> None:
    folder = make(tmp_path / "index", 1).folder
    make(tmp_path / "new", 5)
    with searchidx.open(folder) as index:
        assert index.refresh() is False
        whoosh = index.whoosh()
        exchange(folder, tmp_path / "new")
        assert not whoosh.up_to_date()
        assert [document.id for document in index.documents()] == ["bc-1"]
        assert index.refresh() is True
        assert [document.id for document in index.documents()] == ["bc-5"]
        assert index.refresh() is False


def test_refresh_sees_empty_indexes_indexes_without_identity_and_restored_ones(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "index"
    Store.create(folder)
    with searchidx.open(folder) as index:
        shutil.rmtree(folder)
        Store.create(folder)
        assert index.refresh() is True
        assert index.refresh() is False
        shutil.rmtree(folder)
        shutil.copytree(GOLDEN, folder)
        assert read_manifest(Directory(folder)).index is None
        assert index.refresh() is True
        assert len(index) == 12
        # Two commits of the same number that follow the same commit.
        shutil.copytree(folder, tmp_path / "backup")
        index.add([report(1)])
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "backup", folder)
        add(Store(folder), [report(2)], {})
        assert "bc-2" not in index
        assert index.refresh() is True
        assert ("bc-1" in index, "bc-2" in index) == (False, True)


def test_all_commits_of_an_index_share_its_identity(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "index")
    identity = store.manifest().index
    assert identity is not None
    assert Store.create(tmp_path / "other").manifest().index not in (None, identity)
    add(store, [report(1)], {})
    assert store.manifest().index == identity
    file_of(store.folder, "metadata").write_bytes(b"")
    assert repair_index(store.folder).problems
    assert store.manifest().index == identity
    # An index of an earlier version is given one with the next commit.
    shutil.copytree(GOLDEN, tmp_path / "golden")
    golden = Store(tmp_path / "golden")
    add(golden, [report(1)], {})
    identity = golden.manifest().index
    assert identity is not None
    add(golden, [report(2)], {})
    assert golden.manifest().index == identity


class ExchangedDirectory(Directory):
    """Exchange the folder just before a file is opened to be read."""

    def __init__(self, path: Path, nth: int, exchange: Callable[[], None]) -> None:
        super().__init__(path)
        self.opened: list[str] = []
        self._nth = nth
        self._exchange = exchange

    def _open_to_read(self, name: str) -> int:
        self.opened.append(name)
        if len(self.opened) == self._nth:
            self._exchange()
        return super()._open_to_read(name)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_an_exchange_between_two_files_is_no_damage(
    tmp_path: Path, exchange: Callable[[Path, Path], None]
) -> None:
    make(tmp_path / "one", 1)
    make(tmp_path / "two", 5)
    folder = tmp_path / "index"
    one, two = everything(Store(tmp_path / "one")), everything(Store(tmp_path / "two"))
    nth, unmet, seen = 0, False, []
    while not unmet:
        nth += 1
        for name in ("index", "new", "old"):
            shutil.rmtree(tmp_path / name, ignore_errors=True)
        shutil.copytree(tmp_path / "one", folder)
        shutil.copytree(tmp_path / "two", tmp_path / "new")
        directory = ExchangedDirectory(folder, nth, lambda: exchange(folder, tmp_path / "new"))
        store = Store(folder, directory=directory)
        snapshot = store.snapshot()
        unmet = len(directory.opened) < nth
        ids = {snapshot.reader.head(n).id for n in range(snapshot.reader.size)}
        assert (ids, snapshot.metadata) in (
            ({"bc-1", "bc-2"}, one["metadata"]),
            ({"bc-5", "bc-6"}, two["metadata"]),
        )
        seen.append(snapshot.metadata["first"])
    assert nth >= 6
    assert {1, 5} <= set(seen)


def test_an_exchange_that_never_ends_is_an_error(tmp_path: Path) -> None:
    make(tmp_path / "one", 1)
    make(tmp_path / "two", 5)
    folder = tmp_path / "index"
    exchanged: list[int] = []

    class Restless(Directory):
        def _open_to_read(self, name: str) -> int:
            if name != MANIFEST_FILE:
                exchanged.append(1)
                shutil.rmtree(folder)
                shutil.copytree(tmp_path / ("one", "two")[len(exchanged) % 2], folder)
            return super()._open_to_read(name)

    shutil.copytree(tmp_path / "one", folder)
    with pytest.raises(IndexDamagedError, match="change faster than they can be opened"):
        Store(folder, directory=Restless(folder)).reader()
    assert 10 < len(exchanged) < 1000


class VanishingDirectory(Directory):
    """Go on removing the folder when the reader looks for a file again."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.pins: list[int] = []

    def pin(self) -> Self:
        if self.pins:
            shutil.rmtree(self.path, ignore_errors=True)
        self.pins.append(1)
        return super().pin()

    def names(self) -> list[str]:
        found = super().names()
        shutil.rmtree(self.path, ignore_errors=True)
        return found


def test_an_index_that_is_being_removed_is_not_called_damaged(tmp_path: Path) -> None:
    make(tmp_path / "one", 1)
    folder = tmp_path / "index"
    names = sorted(path.name for path in (tmp_path / "one").glob("*-*.sidx"))
    for first in [*names, MANIFEST_FILE]:
        shutil.copytree(tmp_path / "one", folder)
        store = Store(folder)
        (folder / first).unlink()
        store.directory = VanishingDirectory(folder)
        with pytest.raises(IndexNotFoundError):
            store.snapshot()


def test_a_file_that_is_missing_for_good_is_damage(tmp_path: Path) -> None:
    store = make(tmp_path / "index", 1)
    assert documents(store)
    path = file_of(store.folder, "removals")
    path.unlink()
    with pytest.raises(IndexDamagedError, match=rf"{path.name} is damaged: it is missing"):
        store.reader()


def _swap(path: Path, other: bytes) -> None:
    """Put a file of the same size and time in place of another one."""
    status = path.stat()
    new = path.with_suffix(".new")
    new.write_bytes(other)
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    new.rename(path)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (
        status.st_size,
        status.st_mtime_ns,
    )


def test_refresh_sees_a_segment_that_was_swapped(tmp_path: Path) -> None:
    folder = make(tmp_path / "index", 1).folder
    path = file_of(folder, "segment")
    content = path.read_bytes()
    with searchidx.open(folder) as index:
        assert index.refresh() is False
        _swap(path, content)
        assert index.refresh() is True
        assert index.refresh() is False
        # One of another index, of the same size.
        other = Store.create(tmp_path / "other")
        add(other, [report(1), report(2)], {"first": 1})
        foreign = file_of(other.folder, "segment").read_bytes()
        _swap(path, foreign[: len(content)].ljust(len(content), b"\0"))
        with pytest.raises(IndexDamagedError, match=re.escape(str(path))):
            index.refresh()
        assert [document.id for document in index.documents()] == ["bc-1"]
        path.unlink()
        with pytest.raises(IndexDamagedError, match=re.escape(str(path))):
            index.refresh()
        _swap_in = tmp_path / "right"
        _swap_in.write_bytes(content)
        _swap_in.rename(path)
        assert index.refresh() is True
