"""Test that a writer commits to the index that it locked, or not at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import filelock
import pytest

import searchidx
from searchidx.errors import (
    IndexLockedError,
    IndexNotFoundError,
    IndexWriteError,
    SearchidxError,
)
from searchidx.store import Store, Writer
from searchidx.store.files.directory import Directory
from searchidx.store.files.lock import LOCK_FILE, LOCK_HOLDER_FILE, acquire_lock
from searchidx.store.files.manifest import MANIFEST_FILE, read_manifest, write_manifest
from searchidx.store.maintenance.check import check_index
from searchidx.store.maintenance.repair import repair_index
from tests.store.contents import add, ids, leftovers, report
from tests.store.test_damage import file_of


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.create(tmp_path / "index")
    add(store, [report(n) for n in range(3)], {"commit": 1})
    return store


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.name != LOCK_HOLDER_FILE
    }


def _moved(folder: Path) -> None:
    """Move the index, and make a new one with as many commits in its place."""
    folder.rename(f"{folder}.old")
    add(Store.create(folder), [report(50)], {"commit": "other"})


def _removed(folder: Path) -> None:
    """Remove the index, and make a new one in its place."""
    shutil.rmtree(folder)
    add(Store.create(folder), [report(50)], {"commit": "other"})


def _restored(folder: Path) -> None:
    """Put a copy in the place of the folder."""
    shutil.copytree(folder, f"{folder}.copy", ignore=shutil.ignore_patterns("writer.*"))
    shutil.rmtree(folder)
    Path(f"{folder}.copy").rename(folder)


def _unlocked(folder: Path) -> None:
    """Remove the lock, so that another run commits."""
    (folder / LOCK_FILE).unlink()
    add(Store(folder), [report(50)], {"commit": "other"})


def _unlocked_for_a_copy(folder: Path) -> None:
    """Put a copy in the place of the lock, so that another run commits."""
    (folder / f"{LOCK_FILE}.new").touch()
    (folder / f"{LOCK_FILE}.new").rename(folder / LOCK_FILE)
    add(Store(folder), [report(50)], {"commit": "other"})


def _committed(folder: Path) -> None:
    """Write the manifest of another commit."""
    manifest = read_manifest(Directory(folder))
    write_manifest(Directory(folder), replace(manifest, committed=manifest.committed + 1))


def _manifest_gone(folder: Path) -> None:
    (folder / MANIFEST_FILE).unlink()


def _segment_gone(folder: Path) -> None:
    entry = read_manifest(Directory(folder)).segments[0]
    (folder / entry.name).unlink()


def _segment_linked(folder: Path) -> None:
    path = folder / read_manifest(Directory(folder)).segments[0].name
    path.rename(folder.parent / "elsewhere")
    path.symlink_to(folder.parent / "elsewhere")


HAPPENINGS = [
    _moved,
    _removed,
    _restored,
    _unlocked,
    _unlocked_for_a_copy,
    _committed,
    _manifest_gone,
    _segment_gone,
    _segment_linked,
]


def _add_one(writer: Writer) -> None:
    writer.add(report(9))


def _remove_one(writer: Writer) -> None:
    assert writer.remove("bc-1")


@pytest.mark.parametrize("happening", HAPPENINGS)
@pytest.mark.parametrize("change", [_add_one, _remove_one])
@pytest.mark.parametrize("early", [True, False], ids=["built before", "built after"])
def test_nothing_is_committed_to_another_index(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    happening: Callable[[Path], None],
    change: Callable[[Writer], None],
    early: bool,
) -> None:
    if early:
        monkeypatch.setattr("searchidx.store.writer.MAX_PENDING_CODE_POINTS", 1)
    writer = store.writer()
    change(writer)
    happening(store.folder)
    before = contents(store.folder)
    with pytest.raises(IndexWriteError, match="nothing was committed") as caught:
        writer.commit({"commit": 2})
    assert str(store.folder) in str(caught.value)
    # Files that the writer itself made before may be gone, and no other.
    after = contents(store.folder)
    assert after.items() <= before.items()
    if happening in (_moved, _removed, _restored):
        assert after == before
    if happening is _moved:
        old = Store(Path(f"{store.folder}.old"))
        assert sorted(ids(old.reader())) == ["bc-0", "bc-1", "bc-2"]
        assert leftovers(old) == set()
    if happening not in (_manifest_gone, _segment_gone, _segment_linked):
        assert check_index(store.folder).problems == ()
        add(Store(store.folder), [report(60)], {"commit": 3})
        assert leftovers(Store(store.folder)) == set()


@pytest.mark.parametrize("happening", [_moved, _removed, _unlocked])
def test_cancelling_leaves_another_index_alone(
    store: Store, happening: Callable[[Path], None]
) -> None:
    writer = store.writer()
    writer.add(report(9))
    happening(store.folder)
    before = contents(store.folder)
    writer.cancel()
    assert contents(store.folder) == before


def test_the_files_of_a_second_writer_are_left_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("searchidx.store.writer.MAX_PENDING_CODE_POINTS", 1)
    first = store.writer()
    first.add(report(9))
    (store.folder / LOCK_FILE).unlink()
    second = store.writer()
    second.add(report(10))
    with pytest.raises(IndexWriteError, match="nothing was committed"):
        first.commit({})
    assert json.loads((store.folder / LOCK_HOLDER_FILE).read_bytes())["pid"] == os.getpid()
    second.commit({})
    assert sorted(ids(store.reader())) == ["bc-0", "bc-1", "bc-10", "bc-2"]
    assert check_index(store.folder).problems == ()
    assert leftovers(store) == set()


@pytest.mark.slow
@pytest.mark.parametrize("happening", [_moved, _removed])
def test_worker_processes_write_nothing_to_another_index(
    store: Store, monkeypatch: pytest.MonkeyPatch, happening: Callable[[Path], None]
) -> None:
    monkeypatch.setattr("searchidx.store.writer.MAX_PENDING_CODE_POINTS", 100)
    writer = store.writer(workers=2)
    for number in range(10, 14):
        writer.add(report(number))
    happening(store.folder)
    before = contents(store.folder)
    with pytest.raises(IndexWriteError, match="nothing was committed"):
        for number in range(14, 30):
            writer.add(report(number))
        writer.commit({})
    writer.cancel()
    assert contents(store.folder) == before


def test_a_removed_index_stays_removed(store: Store, tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "a.txt").write_text("Nghị quyết", encoding="utf-8")
    opened = searchidx.open(store.folder)
    writer = store.writer()
    writer.add(report(9))
    shutil.rmtree(store.folder)
    with pytest.raises(IndexWriteError, match="nothing was committed"):
        writer.commit({})
    for write in (
        lambda: opened.add([report(9)]),
        lambda: opened.remove("bc-1"),
        lambda: opened.update(reports),
        lambda: opened.remove_matching("ủy"),
        lambda: store.writer(wait=5),
        lambda: repair_index(store.folder),
    ):
        with pytest.raises(IndexNotFoundError, match="there is no folder"):
            write()
        assert not store.folder.exists()
    store.folder.mkdir()
    with pytest.raises(IndexNotFoundError, match="there is no index"):
        opened.add([report(9)])
    assert {path.name for path in store.folder.iterdir()} <= {LOCK_FILE}


@pytest.mark.parametrize("happening", [_moved, _removed, _unlocked])
def test_a_writer_that_waited_writes_to_what_is_there_by_then(
    store: Store, monkeypatch: pytest.MonkeyPatch, happening: Callable[[Path], None]
) -> None:
    acquire = filelock.FileLock.acquire
    happened: list[bool] = []

    def acquire_later(lock: filelock.FileLock, **options: Any) -> object:
        proxy = acquire(lock, **options)
        if not happened:
            happened.append(True)
            happening(store.folder)
        return proxy

    monkeypatch.setattr(filelock.FileLock, "acquire", acquire_later)
    add(store, [report(70)], {})
    assert happened
    assert {"bc-50", "bc-70"} <= set(ids(Store(store.folder).reader()))
    assert check_index(store.folder).problems == ()


def _lock_gone(folder: Path) -> None:
    (folder / LOCK_FILE).unlink()


@pytest.mark.parametrize(
    "happening",
    [_lock_gone, *(each for each in HAPPENINGS if not each.__name__.startswith("_unlocked"))],
)
def test_a_repair_commits_nothing_to_another_index(
    store: Store, happening: Callable[[Path], None]
) -> None:
    add(store, [report(n) for n in range(20, 22)], {"commit": 2})
    file_of(store.folder, "metadata").write_bytes(b"")
    before: dict[str, bytes] = {}

    def mend(metadata: object, sources: object) -> dict[str, object]:
        happening(store.folder)
        before.update(contents(store.folder))
        return {}

    with pytest.raises((IndexWriteError, IndexNotFoundError)):
        repair_index(store.folder, mend=mend)
    assert contents(store.folder).items() >= before.items()


def test_an_index_is_not_made_in_a_folder_that_was_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "index"

    class Moving(Directory):
        def _replace(self, source: str, target: str) -> None:
            raise AssertionError(target)

        def _sync_file(self, file: object) -> None:
            folder.rename(tmp_path / "moved")
            folder.mkdir()

    with pytest.raises(IndexWriteError, match="nothing was committed"):
        Store.create(folder, directory=Moving(folder))
    assert list(folder.iterdir()) == []


def test_a_file_system_without_locks_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    for code in (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK):

        def refuse(descriptor: int, operation: int, code: int = code) -> None:
            raise OSError(code, os.strerror(code))

        with monkeypatch.context() as patch:
            patch.setattr(fcntl, "flock", refuse)
            with pytest.raises(IndexWriteError, match=r"no locks.*another disk with --index"):
                store.writer()
    add(store, [report(9)], {})


def test_what_a_stranger_says_about_the_holder_does_no_harm(store: Store) -> None:
    lock = acquire_lock(Directory(store.folder), 0)
    for content in (
        b'{"pid": 1, "host": "a", "since": 1e999}',
        b'{"pid": "a\\u001b[31m", "host": "a", "since": 1}',
        b'{"pid": 1, "host": ["a"], "since": [1]}',
        b"[" * 4096,
        b"{}",
        b"\xff",
        b"9" * 4097,
    ):
        (store.folder / LOCK_HOLDER_FILE).write_bytes(content)
        with pytest.raises(IndexLockedError, match="by another process; wait"):
            store.writer()
    (store.folder / LOCK_HOLDER_FILE).write_bytes(
        json.dumps({"pid": 7, "host": "x" * 1000, "since": 1.5}).encode()
    )
    with pytest.raises(SearchidxError, match=r"by process 7 on x{64} since"):
        store.writer()
    lock.release()
    assert not (store.folder / LOCK_HOLDER_FILE).exists()
