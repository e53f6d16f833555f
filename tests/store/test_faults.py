from __future__ import annotations

import errno
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from searchidx.errors import IndexWriteError
from searchidx.store import Store
from searchidx.store.files.directory import Directory
from tests.store.contents import add, documents, everything, ids, leftovers, report


class _File(io.FileIO):
    """A file whose writes may fail, after a part of the bytes as on a full disk."""

    def __init__(self, descriptor: int, name: str, directory: FaultyDirectory) -> None:
        super().__init__(descriptor, "wb")
        self._directory = directory
        self._file_name = name

    def write(self, data: Any) -> int:
        try:
            self._directory.step(f"write {self._file_name}")
        except OSError:
            super().write(memoryview(data)[: len(data) // 2])
            raise
        return super().write(data)


class FaultyDirectory(Directory):
    """Count the operations on the disk, and refuse some of them."""

    def __init__(
        self, path: Path, nth: int = 0, *, for_good: bool = False, code: int = errno.EIO
    ) -> None:
        super().__init__(path)
        self.done: list[str] = []
        self.refused: list[str] = []
        self._nth = nth
        self._for_good = for_good
        self._code = code

    def step(self, operation: str) -> None:
        self.done.append(operation)
        if len(self.done) == self._nth or (self._for_good and self.refused):
            self.refused.append(operation)
            raise OSError(self._code, os.strerror(self._code))

    def _open(self, name: str) -> BinaryIO:
        self.step(f"open {name}")
        file = _File(self._open_to_create(name), name, self)
        return cast(BinaryIO, io.BufferedWriter(file, 1 << 12))

    def _sync_file(self, file: BinaryIO) -> None:
        self.step("sync a file")
        super()._sync_file(file)

    def _sync_folder(self, descriptor: int) -> None:
        self.step("sync the folder")
        super()._sync_folder(descriptor)

    def _replace(self, source: str, target: str) -> None:
        self.step(f"name {target}")
        super()._replace(source, target)

    def _remove(self, name: str) -> None:
        self.step(f"remove {name}")
        super()._remove(name)


def _add(store: Store) -> None:
    add(store, [report(20)], {"commit": "new"})


def _update(store: Store) -> None:
    add(store, [report(n, version="hai") for n in (1, 4)], {"commit": "new"})


def _delete(store: Store) -> None:
    writer = store.writer()
    try:
        for number in (0, 1, 8):
            assert writer.remove(f"bc-{number}")
        writer.commit({"commit": "old"})
    finally:
        writer.cancel()


def _merge(store: Store) -> None:
    """Commit a merge of all segments, without their deleted documents."""
    add(store, [report(n, version="hai") for n in range(6, 11)], {"commit": "new"})
    assert len(store.reader().leaves) == 1


def _flush(store: Store) -> None:
    """Write several segments; `add` may fail, and the commit is tried all the same."""
    writer = store.writer(max_pending_code_points=200)
    try:
        for number in range(20, 22):
            try:
                writer.add(report(number), source=None)
            except IndexWriteError:
                with pytest.raises(IndexWriteError, match="an earlier write to the index"):
                    writer.commit({"commit": "new"})
                raise
        writer.commit({"commit": "new"})
    finally:
        writer.cancel()


def before(folder: Path) -> Store:
    """Write an index of two segments, the first of which has lost a document."""
    store = Store.create(folder)
    add(store, [report(n) for n in range(8)], {"commit": "first"})
    add(store, [report(2, version="hai"), report(8)], {"commit": "old"})
    assert [leaf.segment.size for leaf in store.reader().leaves] == [8, 2]
    return store


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original") / "index"
    before(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [_add, _update, _delete, _merge, _flush])
def test_whatever_the_disk_refuses_a_commit_is_whole(
    original: Path,
    tmp_path: Path,
    scenario: Callable[[Store], None],
) -> None:
    old, old_documents = everything(Store(original)), documents(Store(original))
    folder = tmp_path / "index"
    shutil.copytree(original, folder)
    counting = FaultyDirectory(folder)
    scenario(Store(folder, directory=counting))
    new, new_documents = everything(Store(folder)), documents(Store(folder))
    assert new != old
    named = counting.done.index("name searchidx.json") + 1
    assert named < len(counting.done)
    for nth in range(1, len(counting.done) + 1):
        for_good, code = [
            (False, errno.EIO),
            (True, errno.ENOSPC),
            (True, errno.EIO),
            (False, errno.ENOSPC),
        ][nth % 4]
        shutil.rmtree(folder)
        shutil.copytree(original, folder)
        directory = FaultyDirectory(folder, nth, for_good=for_good, code=code)
        failed = False
        try:
            scenario(Store(folder, directory=directory))
        except IndexWriteError as error:
            failed = True
            assert str(folder) in str(error)
            assert "run the same command again" in str(error)
            assert ("Make room" in str(error)) == (code == errno.ENOSPC)
        case = f"operation {nth}, {directory.refused}"
        assert directory.refused, case
        store = Store(folder)
        # Once the new manifest has its name it is the commit, be it durable or not.
        if nth % 3 and nth != named:
            assert documents(store) == (old_documents if nth <= named else new_documents), case
        else:
            assert everything(store) == (old if nth <= named else new), case
        assert failed or nth > named or directory.refused[0].startswith("remove "), case
        before_next = set(ids(store.reader()))
        add(store, [report(99)], {"commit": "next"})
        assert set(ids(store.reader())) == before_next | {"bc-99"}, case
        assert leftovers(store) == set(), case
        assert Store(folder).metadata() == {"commit": "next"}, case
