"""Test that nothing outside the walked folder is read, whatever happens after the walk."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import searchidx
from searchidx.document import Document
from searchidx.sources import Failure, read_documents
from searchidx.sources.folder_tree import DescriptorTree, FolderTree, PathTree
from searchidx.sources.walk import FoundFile, walk

SECRET = "mật khẩu"
CHANGED = "changed while it was being read; run the same command again"
VANISHED = "vanished while being read; run the same command again"
NOT_REGULAR = "is not a regular file but a pipe, a socket or a device; leave it out"


@pytest.fixture(params=[DescriptorTree, PathTree])
def open_tree(request: pytest.FixtureRequest) -> Callable[[str], FolderTree]:
    """Return each kind of tree; one system has one of them only."""
    kind: Callable[[str], FolderTree] = request.param
    return kind


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Make a folder of reports beside a folder that must not be read."""
    for path in ("in/a.txt", "in/b/c/a.txt", "in/b/d.txt", "in/b/e.jsonl"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text('{"text": "nghị quyết"}', encoding="utf-8")
        secret = tmp_path / path.replace("in/", "out/")
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.write_text(f'{{"text": "{SECRET}"}}', encoding="utf-8")
    return tmp_path / "in"


def swap(path: Path, replacement: Path) -> None:
    """Put a link in the place of a file or folder."""
    path.rename(path.with_name("." + path.name))
    path.symlink_to(replacement)


def read(items: list[FoundFile]) -> Iterator[str]:
    """Yield the body of each document, or the reason of a failure."""
    for item in items:
        for document in read_documents(item.path, lambda _, item=item: item.open()):  # type: ignore[misc]  # the default binds it
            yield document.body if isinstance(document, Document) else document.reason
        if item.tree is not None:
            item.tree.close()


def found(root: Path, open_tree: Callable[[str], FolderTree]) -> list[FoundFile]:
    return [item for item in walk(str(root), open_tree) if isinstance(item, FoundFile)]


@pytest.mark.parametrize(
    ("victim", "safe"), [("a.txt", 3), ("b", 1), ("b/c", 3), ("b/e.jsonl", 3), (".", 0)]
)
def test_a_link_after_the_walk_is_not_followed(
    reports: Path, open_tree: Callable[[str], FolderTree], victim: str, safe: int
) -> None:
    items = found(reports, open_tree)
    assert len(items) == 4
    swap(reports / victim, reports.parent / "out" / victim)
    results = list(read(items))
    assert len(results) == 4
    assert sum("nghị quyết" in result for result in results) == safe
    assert {result for result in results if "nghị" not in result} <= {CHANGED, VANISHED}


@pytest.mark.parametrize("victim", ["a.txt", "b", "b/c", "b/e.jsonl"])
def test_a_link_during_the_walk_is_not_followed(
    reports: Path, open_tree: Callable[[str], FolderTree], victim: str
) -> None:
    (reports / "!first.txt").write_text("nghị quyết", encoding="utf-8")
    (reports.parent / "out" / ".gitignore").write_text("*\n")
    items = walk(str(reports), open_tree)
    first = next(items)
    assert isinstance(first, FoundFile)
    swap(reports / victim, reports.parent / "out" / victim)
    others = list(items)
    results = list(read([item for item in others if isinstance(item, FoundFile)]))
    assert all("nghị quyết" in result for result in results)
    reasons = {item.reason for item in others if isinstance(item, Failure)}
    assert reasons <= {CHANGED, VANISHED}


def test_a_file_given_by_itself(reports: Path) -> None:
    path = reports / "a.txt"
    link = reports / "link.txt"
    link.symlink_to("a.txt")
    items = [item for root in (path, link) for item in walk(str(root))]
    assert all(isinstance(item, FoundFile) for item in items)
    files = [item for item in items if isinstance(item, FoundFile)]
    assert [body for body in read(files) if "nghị quyết" in body] == list(read(files))
    swap(path, reports.parent / "out" / "a.txt")
    link.unlink()
    link.symlink_to(reports.parent / "out" / "a.txt")
    assert list(read(files)) == [CHANGED, CHANGED]


def test_a_parent_of_a_file_given_by_itself(reports: Path) -> None:
    (file,) = found(reports / "b" / "d.txt", DescriptorTree)
    swap(reports / "b", reports.parent / "out" / "b")
    assert list(read([file])) == [CHANGED]


def test_a_file_that_is_saved_anew_is_read_as_it_is_now(reports: Path) -> None:
    items = found(reports, DescriptorTree)
    new = reports / "new"
    new.write_text("nghị quyết mới", encoding="utf-8")
    new.replace(reports / "a.txt")
    assert next(read(items)) == "nghị quyết mới"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_pipe_after_the_walk_is_not_waited_for(
    reports: Path, open_tree: Callable[[str], FolderTree]
) -> None:
    items = found(reports, open_tree)
    for name in ("a.txt", "b/e.jsonl"):
        (reports / name).unlink()
        os.mkfifo(reports / name)
    results = list(read(items))
    assert results.count(NOT_REGULAR) == 2
    assert len(results) == 4


def test_a_link_to_a_folder_may_be_the_root(
    reports: Path, open_tree: Callable[[str], FolderTree]
) -> None:
    root = reports.parent / "link"
    root.symlink_to("in")
    items = found(root, open_tree)
    assert sum("nghị quyết" in body for body in read(items)) == 4
    root.unlink()
    root.symlink_to("out")
    assert set(read(items)) == {CHANGED}


@pytest.mark.parametrize("victim", ["b", "b/d.txt"])
def test_an_update_indexes_nothing_from_outside(
    index: searchidx.Index, reports: Path, victim: str
) -> None:
    def interfere(done: int, total: int, path: str) -> None:
        if not (reports / victim).is_symlink():
            swap(reports / victim, reports.parent / "out" / victim)

    report = index.update([reports], progress=interfere)
    assert report.failures
    assert len(index.search(SECRET)) == 0
    assert len(index.search("nghị quyết")) == report.added
    assert report.added + len(report.failures) == 4


def test_no_more_than_a_few_folders_are_open(tmp_path: Path) -> None:
    tree = DescriptorTree(str(tmp_path))
    path, folder = str(tmp_path), ""
    try:
        for depth in range(300):
            path += f"/{depth}"
            folder = os.path.join(folder, str(depth))
            os.mkdir(path)
        before = len(os.listdir("/dev/fd")) if os.path.isdir("/dev/fd") else 0
        tree.status(folder, ".")
        names = folder.split("/")
        for depth in (299, 100, 250, 0, 300):
            expected = os.stat(os.path.join(tmp_path, *names[:depth]))
            assert tree.status(os.path.join("", *names[:depth]), ".").st_ino == expected.st_ino
        if before:
            assert len(os.listdir("/dev/fd")) - before <= 65
    finally:
        tree.close()
    if before:
        assert len(os.listdir("/dev/fd")) == before
    for _ in range(300):
        os.rmdir(path)
        path = os.path.dirname(path)


def test_many_roots_need_few_descriptors(index: searchidx.Index, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    roots = [tmp_path / f"{n}" for n in range(200)]
    for root in roots:
        root.mkdir()
        (root / "a.txt").write_text("nghị quyết", encoding="utf-8")
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(100, hard), hard))
    try:
        report = index.update(roots)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (report.added, report.failures) == (200, [])


def test_paths_may_be_longer_than_the_system_takes(
    index: searchidx.Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("the limit is another one here")
    monkeypatch.chdir(tmp_path)
    for _ in range(25):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    Path("a.txt").write_text("nghị quyết", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    root = tmp_path / ("d" * 200)
    assert index.update([root]).added == 1
    assert index.update([root]).unchanged == 1


def test_an_error_of_looking_at_an_entry_names_it(
    reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Entry:
        name = "a.txt"

        def is_dir(self, *, follow_symlinks: bool) -> bool:
            raise OSError(5, "Input/output error")

    class Scan(list[Any]):
        def __enter__(self) -> Scan:
            return self

        def __exit__(self, *error: object) -> None:
            pass

    def status(*arguments: Any, **options: Any) -> None:
        raise OSError(5, "Input/output error")

    tree = DescriptorTree(str(reports))
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", lambda descriptor: Scan([Entry()]))
        patch.setattr(tree, "status", status)
        items = list(walk(str(reports), lambda root: tree))
    assert items == [
        Failure(
            str(reports / "a.txt"),
            None,
            "cannot be read (Input/output error); check the disk, then run the same command "
            "again",
        )
    ]
