"""Test that an index from a stranger writes and reads no file outside of its folder."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import pytest

import searchidx
from searchidx.errors import IndexDamagedError, IndexFailure, IndexWriteError, SearchidxError
from searchidx.store import Store
from searchidx.store.files.lock import LOCK_FILE, LOCK_HOLDER_FILE
from searchidx.store.files.manifest import MANIFEST_FILE
from searchidx.store.maintenance.check import check_index
from searchidx.store.maintenance.repair import repair_index
from tests.store.contents import add, everything, ids, report
from tests.store.test_damage import file_of

KINDS = ("segment", "removals", "metadata")
SECRET = "báo cáo mật\n" * 1000


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write an index with a file of each kind."""
    store = Store.create(tmp_path_factory.mktemp("original") / "index")
    add(store, [report(n) for n in range(3)], {"commit": 1})
    writer = store.writer()
    writer.remove("bc-2")
    writer.commit({"commit": 2})
    return store.folder


@pytest.fixture
def index(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    path = tmp_path / "thesis.txt"
    path.write_text(SECRET, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _foreseen_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a stranger know the names that a writer is going to give."""
    counter = itertools.count()
    monkeypatch.setattr(
        "searchidx.store.files.manifest.os.urandom", lambda size: next(counter).to_bytes(size)
    )


FORESEEN = [f"{kind}-{number:016x}.sidx" for kind in KINDS for number in range(8)]


def _add(folder: Path) -> None:
    with searchidx.open(folder) as opened:
        opened.add([report(9)])


def _remove(folder: Path) -> None:
    with searchidx.open(folder) as opened:
        opened.remove("bc-0")


def _update(folder: Path) -> None:
    reports = folder.parent / "reports"
    reports.mkdir(exist_ok=True)
    (reports / "a.txt").write_text("Nghị quyết", encoding="utf-8")
    with searchidx.open(folder) as opened:
        opened.update(reports)


def _repair(folder: Path) -> None:
    for path in folder.glob("metadata-*"):
        with contextlib.suppress(OSError):
            path.unlink()
    repair_index(folder)


def _repair_without_manifest(folder: Path) -> None:
    (folder / MANIFEST_FILE).unlink()
    repair_index(folder)


def _create(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name in (MANIFEST_FILE, *(each.name for each in folder.glob("*-*.sidx"))):
            path.unlink()
    Store.create(folder)


OPERATIONS = [_add, _remove, _update, _repair, _repair_without_manifest, _create]
WRITTEN = [LOCK_FILE, LOCK_HOLDER_FILE, f"{MANIFEST_FILE}.part", "foreseen", "foreseen.part"]


def _symbolic(path: Path, victim: Path) -> None:
    path.symlink_to(victim)


def _hard(path: Path, victim: Path) -> None:
    path.hardlink_to(victim)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("link", [_symbolic, _hard])
def test_no_link_is_written_through(
    index: Path,
    victim: Path,
    operation: Callable[[Path], None],
    name: str,
    link: Callable[[Path, Path], None],
) -> None:
    names = [f"{each}.part" for each in FORESEEN] if name == "foreseen.part" else FORESEEN
    for each in names if name.startswith("foreseen") else [name]:
        (index / each).unlink(missing_ok=True)
        link(index / each, victim)
    try:
        operation(index)
    except IndexFailure as error:  # a lock file that is a link is refused
        assert operation is _create or name in (LOCK_FILE, "foreseen")
        assert str(index) in str(error)
    assert victim.read_text(encoding="utf-8") == SECRET
    assert victim.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("operation", [_add, _create])
@pytest.mark.parametrize("name", [LOCK_HOLDER_FILE, f"{MANIFEST_FILE}.part", LOCK_FILE])
def test_no_dangling_link_makes_a_file(
    index: Path, tmp_path: Path, operation: Callable[[Path], None], name: str
) -> None:
    (index / name).unlink(missing_ok=True)
    (index / name).symlink_to(tmp_path / "outside")
    with contextlib.suppress(SearchidxError):
        operation(index)
    assert not (tmp_path / "outside").exists()


def test_a_lock_file_that_is_a_link_is_refused_with_what_to_do(
    index: Path, victim: Path
) -> None:
    before = everything(Store(index))
    (index / LOCK_FILE).unlink()
    (index / LOCK_FILE).symlink_to(victim)
    with pytest.raises(IndexWriteError, match=r"writer\.lock is no regular file; remove it"):
        Store(index).writer()
    assert everything(Store(index)) == before


def test_the_oldest_allowed_lock_neither_follows_links_nor_empties_files(
    index: Path, victim: Path
) -> None:
    (index / LOCK_FILE).unlink()
    (index / LOCK_FILE).symlink_to(victim)
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        filelock.FileLock(index / LOCK_FILE).acquire(timeout=0)
    (index / LOCK_FILE).unlink()
    (index / LOCK_FILE).hardlink_to(victim)
    with contextlib.suppress(OSError, filelock.Timeout):
        filelock.FileLock(index / LOCK_FILE).acquire(timeout=0)
    assert victim.read_text(encoding="utf-8") == SECRET


def _link(path: Path) -> Iterator[None]:
    shutil.copy(path, path.parent.parent / "elsewhere")
    path.unlink()
    path.symlink_to(path.parent.parent / "elsewhere")
    yield


def _pipe(path: Path) -> Iterator[None]:
    path.unlink()
    os.mkfifo(path)
    yield


def _device(path: Path) -> Iterator[None]:
    path.unlink()
    path.symlink_to("/dev/zero")
    yield


def _folder(path: Path) -> Iterator[None]:
    path.unlink()
    path.mkdir()
    yield


def _socket(path: Path) -> Iterator[None]:
    path.unlink()
    with socket.socket(socket.AF_UNIX) as bound, contextlib.chdir(path.parent):
        bound.bind(path.name)
        yield


IRREGULAR = [_link, _pipe, _device, _folder, _socket]


@pytest.mark.parametrize("kind", [*KINDS, MANIFEST_FILE])
@pytest.mark.parametrize("make", IRREGULAR)
def test_only_regular_files_are_read(
    index: Path, kind: str, make: Callable[[Path], Iterator[None]]
) -> None:
    path = file_of(index, kind)
    making = make(path)
    next(making)
    with pytest.raises(IndexDamagedError, match=r"is damaged.*it is no regular file") as caught:
        Store(index).metadata()
        Store(index).reader()
    assert str(path) in str(caught.value)
    problems = check_index(index).problems
    assert (str(path), "it is no regular file") in [(each.file, each.what) for each in problems]
    if (make, kind) == (_folder, MANIFEST_FILE):  # no file can be renamed to a folder
        with pytest.raises(IndexWriteError, match="directory"):
            repair_index(index)
        return
    repair_index(index)
    assert check_index(index).problems == ()
    assert kind == "segment" or "bc-0" in ids(Store(index).reader())
    next(making, None)


@pytest.mark.parametrize("name", [LOCK_FILE, LOCK_HOLDER_FILE, f"{MANIFEST_FILE}.part"])
@pytest.mark.parametrize("make", IRREGULAR)
def test_a_writer_meets_only_regular_files(
    index: Path, name: str, make: Callable[[Path], Iterator[None]]
) -> None:
    (index / name).touch()
    making = make(index / name)
    next(making)
    try:
        add(Store(index), [report(9)], {})
    except IndexWriteError as error:
        assert name == LOCK_FILE or make is _folder
        assert str(index) in str(error)
    else:
        assert "bc-9" in ids(Store(index).reader())
    next(making, None)


@pytest.mark.parametrize("name", [MANIFEST_FILE, LOCK_HOLDER_FILE])
def test_small_files_are_not_read_without_bound(index: Path, name: str) -> None:
    (index / name).touch()
    os.truncate(index / name, 1 << 40)  # takes no room on the disk
    code = (
        "import resource, sys, searchidx\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "from searchidx.store import Store\n"
        "from searchidx.store.files.directory import Directory\n"
        "from searchidx.store.files.lock import describe_holder\n"
        "from pathlib import Path\n"
        "try:\n"
        "    Store(Path(sys.argv[1]))\n"
        "except searchidx.IndexDamagedError as error:\n"
        "    assert 'it has more than' in str(error), error\n"
        "assert describe_holder(Directory(Path(sys.argv[1]))) == 'another process'\n"
    )
    subprocess.run([sys.executable, "-c", code, str(index)], check=True)
