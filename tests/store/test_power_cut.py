"""Test that the disk holds a whole commit after a power cut at any point.

The model of the disk keeps what POSIX promises and no more.  Written bytes are there after a
sync of their file; before it all, some or none of them are, or zeros in their place.  Changes
of names are there after a sync of the folder; before it each of them may be there or not, later
ones without earlier ones.
"""

from __future__ import annotations

import errno
import io
import itertools
import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from searchidx.errors import IndexNotFoundError, IndexWriteError
from searchidx.store import Store
from searchidx.store.files.directory import Directory
from searchidx.store.files.manifest import MANIFEST_FILE, read_manifest
from searchidx.store.maintenance.check import check_index
from tests.store.contents import add, everything, ids, leftovers, report
from tests.store.test_faults import before


@dataclass(frozen=True)
class Write:
    """Bytes added to a file."""

    file: int
    data: bytes


@dataclass(frozen=True)
class Sync:
    """A sync of a file."""

    file: int


@dataclass(frozen=True)
class Naming:
    """Names given to files, or taken away, at once."""

    names: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Settling:
    """A sync of the folder."""


Operation = Write | Sync | Naming | Settling
Disk = dict[str, bytes]


class _File(io.FileIO):
    def __init__(self, descriptor: int, directory: RecordingDirectory, number: int) -> None:
        super().__init__(descriptor, "wb")
        self.number = number
        self._directory = directory

    def write(self, data: Any) -> int:
        self._directory.operations.append(Write(self.number, bytes(data)))
        return super().write(data)


class RecordingDirectory(Directory):
    """Record the operations on the disk, without real syncs."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.operations: list[Operation] = []
        self.before: Disk = {}
        if path.exists():
            self.before = {each.name: each.read_bytes() for each in path.iterdir()}
        self._counter = itertools.count(1)
        self._numbers: dict[str, int] = {}
        self.broken = False

    def _open(self, name: str) -> BinaryIO:
        self._refuse()
        descriptor = self._open_to_create(name)
        number = self._numbers[name] = next(self._counter)
        self.operations.append(Naming(((name, number),)))
        return cast(BinaryIO, io.BufferedWriter(_File(descriptor, self, number), 1 << 13))

    def _sync_file(self, file: BinaryIO) -> None:
        self._refuse()
        self.operations.append(Sync(cast(Any, file).raw.number))

    def _sync_folder(self, descriptor: int) -> None:
        self._refuse()
        self.operations.append(Settling())

    def _replace(self, source: str, target: str) -> None:
        self._refuse()
        super()._replace(source, target)
        number = self._numbers[target] = self._numbers.pop(source)
        self.operations.append(Naming(((target, number), (source, None))))

    def _remove(self, name: str) -> None:
        self._refuse()
        super()._remove(name)
        self.operations.append(Naming(((name, None),)))

    def _refuse(self) -> None:
        if self.broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))


Fate = Callable[[bytes], bytes]
FATES: Sequence[Fate] = (
    lambda data: b"",
    lambda data: data,
    lambda data: bytes(len(data)),
    lambda data: data[: len(data) // 2],
    lambda data: data[: len(data) // 3] + bytes(len(data) - len(data) // 3),
    lambda data: bytes(len(data) // 2) + data[len(data) // 2 :],
)


def after(
    directory: RecordingDirectory, operations: Sequence[Operation], chosen: random.Random
) -> Disk:
    """Return a possible state of the disk after these operations and a power cut."""
    synced: dict[int, bytes] = {}
    unsynced: dict[int, bytes] = {}
    names: dict[str, int | None] = {}
    pending: list[Naming] = []
    for operation in operations:
        match operation:
            case Write(file, data):
                unsynced[file] = unsynced.get(file, b"") + data
            case Sync(file):
                synced[file] = synced.get(file, b"") + unsynced.pop(file, b"")
            case Naming():
                pending.append(operation)
            case Settling():
                for naming in pending:
                    names.update(naming.names)
                pending = []
    likely = chosen.choice((0.0, 0.3, 0.7, 1.0))
    for naming in pending:
        if chosen.random() < likely:
            names.update(naming.names)
    disk = dict(directory.before)
    for name, number in names.items():
        disk.pop(name, None)
        if number is not None:
            torn = chosen.choice(FATES)(unsynced.get(number, b""))
            disk[name] = synced.get(number, b"") + torn
    return disk


def states(directory: RecordingDirectory, first: int, last: int) -> Iterator[Disk]:
    """Yield different states after each number of operations, each state once."""
    seen: set[int] = set()
    for count in range(first, last + 1):
        for seed in range(12):
            disk = after(directory, directory.operations[:count], random.Random(seed))
            key = hash(frozenset(disk.items()))
            if key not in seen:
                seen.add(key)
                yield disk


def on_disk(disk: Disk, folder: Path) -> Store | None:
    """Write the index in such a state, if there is one."""
    for path in folder.iterdir():
        path.unlink()
    for name, data in disk.items():
        (folder / name).write_bytes(data)
    try:
        return Store(folder)
    except IndexNotFoundError:
        return None


class Contents:
    """The contents of indexes; each commit is read once, in however many states it is found."""

    def __init__(self) -> None:
        self._known: dict[frozenset[tuple[str, bytes | None]], dict[str, Any]] = {}

    def of(self, store: Store, disk: Disk) -> dict[str, Any]:
        """Return everything in an index, which must be whole."""
        names = {MANIFEST_FILE, *read_manifest(store.directory).files()}
        key = frozenset((name, disk.get(name)) for name in names)
        if key not in self._known:
            assert check_index(store.folder).problems == ()
            self._known[key] = everything(store)
        return self._known[key]


def _update(store: Store) -> None:
    add(store, [report(n, version="hai") for n in (1, 20)], {"commit": "new"})


def _delete(store: Store) -> None:
    writer = store.writer()
    writer.remove("bc-0")
    writer.remove("bc-8")
    writer.commit({"commit": "old"})


def _merge(store: Store) -> None:
    add(store, [report(n) for n in range(20, 26)], {"commit": "new"})
    assert len(store.reader().leaves) == 1


@pytest.mark.slow
@pytest.mark.parametrize("change", [_update, _delete, _merge])
def test_a_power_cut_leaves_the_old_commit_or_the_new_one(
    tmp_path: Path, change: Callable[[Store], None]
) -> None:
    store = before(tmp_path / "index")
    old = everything(store)
    directory = RecordingDirectory(store.folder)
    change(Store(store.folder, directory=directory))
    new = everything(store)
    done = len(directory.operations)
    settled = max(n for n in range(done) if directory.operations[n] == Settling())
    (tmp_path / "disk").mkdir()
    found = []
    contents = Contents()
    for disk in states(directory, 0, done):
        reopened = on_disk(disk, tmp_path / "disk")
        assert reopened is not None
        content = contents.of(reopened, disk)
        assert content in (old, new)
        found.append(content == new)
        if len(found) % 8 == 0:
            documents = set(ids(reopened.reader()))
            add(reopened, [report(99)], {"commit": "next"})
            assert set(ids(reopened.reader())) == documents | {"bc-99"}
            assert leftovers(reopened) == set()
    assert {True, False} == set(found)
    assert len(found) > 40
    # What was acknowledged is there: removing the old files comes after the last sync.
    for disk in states(directory, settled + 1, done):
        reopened = on_disk(disk, tmp_path / "disk")
        assert reopened is not None
        assert contents.of(reopened, disk) == new


@pytest.mark.slow
def test_what_a_broken_writer_named_is_made_durable_before_old_files_go(
    tmp_path: Path,
) -> None:
    store = before(tmp_path / "index")
    old = everything(store)

    class Breaking(RecordingDirectory):
        """Fail from the moment on at which the new manifest has its name."""

        def _replace(self, source: str, target: str) -> None:
            super()._replace(source, target)
            self.broken = target == MANIFEST_FILE

    directory = Breaking(store.folder)
    broken = Store(store.folder, directory=directory)
    with pytest.raises(IndexWriteError, match="Make sure that the disk is in order"):
        _merge(broken)
    middle = everything(store)
    assert middle != old
    directory.broken = False
    failed = len(directory.operations)
    writer = broken.writer()
    writer.cancel()
    found = set()
    contents = Contents()
    (tmp_path / "disk").mkdir()
    for disk in states(directory, failed - 1, len(directory.operations)):
        reopened = on_disk(disk, tmp_path / "disk")
        assert reopened is not None
        content = contents.of(reopened, disk)
        assert content in (old, middle)
        found.add(content == middle)
    assert found == {True, False}


def test_an_index_is_there_when_create_returns(tmp_path: Path) -> None:
    directory = RecordingDirectory(tmp_path / "index")
    Store.create(tmp_path / "index", directory=directory)
    (tmp_path / "disk").mkdir()
    found = set()
    for disk in states(directory, 0, len(directory.operations)):
        reopened = on_disk(disk, tmp_path / "disk")
        found.add(reopened is not None)
        if reopened is None:
            reopened = Store.create(tmp_path / "disk")
        assert everything(reopened) == {"metadata": {}}
    assert found == {True, False}
    for disk in states(directory, len(directory.operations), len(directory.operations)):
        assert on_disk(disk, tmp_path / "disk") is not None
