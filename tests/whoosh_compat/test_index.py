"""Test an index as Whoosh's own Index and IndexWriter, and its export."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from whoosh.fields import TEXT
from whoosh.index import exists_in, open_dir
from whoosh.query import Term
from whoosh.writing import CLEAR, SegmentWriter

import searchidx
from searchidx import Document
from searchidx.errors import (
    DocumentError,
    IndexClosedError,
    IndexExistsError,
    IndexLockedError,
    IndexWriteError,
)
from tests.conftest import ROOT


def ids(index: searchidx.Index) -> list[str]:
    index.refresh()
    reader = index.whoosh().reader()
    return [fields["stored"]["document"]["id"] for fields in reader.all_stored_fields()]


def test_an_index_tells_what_it_is(index: searchidx.Index) -> None:
    whoosh = index.whoosh()
    assert whoosh.is_empty()
    assert whoosh.doc_count() == 0
    generation = whoosh.latest_generation()
    index.add([Document(id="a", body="Nghị quyết"), Document(id="b", body="Nghị định")])
    assert not whoosh.up_to_date()
    assert whoosh.latest_generation() == generation + 1
    fresh = whoosh.refresh()
    assert fresh.up_to_date()
    assert fresh.refresh() is fresh
    assert whoosh.doc_count() == whoosh.doc_count_all() == 2  # it reads the latest commit
    assert whoosh.field_length("body_folded") == 4
    assert 0 <= time.time() - whoosh.last_modified() < 60
    assert {"body_folded", "title_word", "id", "date_first", "stored"} <= set(
        whoosh.schema.names()
    )


def test_a_searcher_knows_when_it_is_old(index: searchidx.Index) -> None:
    index.add([Document(id="a", body="Nghị quyết")])
    searcher = index.whoosh().searcher()
    assert searcher.up_to_date()
    index.add([Document(id="a", body="Nghị định"), Document(id="b", body="Nghị định")])
    assert not searcher.up_to_date()
    assert len(searcher.search(Term("body_folded", "quyet"))) == 1
    newer = searcher.refresh()
    assert len(newer.search(Term("body_folded", "quyet"))) == 0
    assert len(newer.search(Term("body_folded", "dinh"))) == 2


def test_a_writer_makes_one_commit(index: searchidx.Index) -> None:
    index.add([Document(id="a", body="một"), Document(id="b", body="hai")])
    whoosh = index.whoosh()
    before = whoosh.latest_generation()
    with whoosh.writer() as writer:
        writer.add_document(id="c", title="Số 3", body="ba", metadata={"organ": "Sở Y tế"})
        writer.update_document(id="b", body="hai mới", date="2023-07", path="/b.txt")
        writer.delete_by_term("id", "a")
        assert whoosh.latest_generation() == before
    assert whoosh.latest_generation() == before + 1
    assert index.refresh()
    assert index.get("a") is None
    assert index.get("b") == Document(
        id="b", body="hai mới", date="2023-07", path="/b.txt", metadata={}
    )
    assert index.get("c") == Document(
        id="c", title="Số 3", body="ba", metadata={"organ": "Sở Y tế"}
    )


def test_what_is_removed_is_found_by_any_query(index: searchidx.Index) -> None:
    index.add(
        [Document(id=f"{n}", body=f"nghị {'quyết' if n % 2 else 'định'}") for n in range(9)]
    )
    index.remove(["0"])  # so that Whoosh's numbers are not the store's
    whoosh = index.whoosh()
    writer = whoosh.writer()
    assert writer.delete_by_query(Term("body_folded", "dinh")) == 4
    writer.cancel()
    assert ids(index) == ["1", "2", "3", "4", "5", "6", "7", "8"]
    whoosh.delete_by_query(Term("body_folded", "dinh"))
    assert ids(index) == ["1", "3", "5", "7"]
    writer = whoosh.writer()
    writer.delete_document(2)
    writer.commit(optimize=True)
    assert ids(index) == ["1", "3", "7"]


def test_a_failed_block_writes_nothing(index: searchidx.Index) -> None:
    with pytest.raises(DocumentError, match="'content'"), index.whoosh().writer() as writer:
        writer.add_document(id="a", body="một")
        writer.add_document(id="b", content="hai")
    assert ids(index) == []
    with pytest.raises(DocumentError, match="needs body"), index.whoosh().writer() as writer:
        writer.add_document(id="b")
    index.add([Document(id="c", body="x")])  # the lock was let go


def test_a_file_whose_document_was_removed_is_read_again(
    index: searchidx.Index, tmp_path: Path
) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "a.txt").write_text("Nghị quyết", encoding="utf-8")
    os.utime(reports / "a.txt", (1e9, 1e9))
    index.update([reports])
    assert index.update([reports]).unchanged == 1
    index.whoosh().delete_by_term("source", str(reports / "a.txt"))
    assert ids(index) == []
    assert index.update([reports]).added == 1


def test_there_is_one_writer(index: searchidx.Index) -> None:
    writer = index.whoosh().writer()
    with pytest.raises(IndexLockedError, match="process"):
        index.whoosh().writer(timeout=0.1, procs=2, limitmb=64)
    writer.cancel()
    index.whoosh().writer().cancel()


def test_what_an_index_cannot_do_is_refused(index: searchidx.Index) -> None:
    whoosh = index.whoosh()
    writer = whoosh.writer()
    refused: list[Callable[[], Any]] = [
        lambda: writer.add_field("extra", TEXT()),
        lambda: writer.remove_field("id"),
        lambda: writer.add_reader(whoosh.reader()),
        lambda: writer.delete_document(0, delete=False),
        lambda: writer.commit(mergetype=CLEAR),
        lambda: whoosh.add_field("extra", TEXT()),
        lambda: whoosh.remove_field("id"),
    ]
    for ask in refused:
        with pytest.raises(NotImplementedError, match=r"fixed|document|again|delete_by_query"):
            ask()
    writer.cancel()
    index.close()
    for closed in (index.whoosh, lambda: index.export_whoosh("x")):
        with pytest.raises(IndexClosedError):
            closed()


@pytest.mark.slow
def test_an_ordinary_search_does_not_load_whoosh(tmp_path: Path) -> None:
    program = """
import sys, searchidx
with searchidx.create("i") as index:
    index.add([searchidx.Document(id="a", body="Nghị quyết 35")])
    assert index.search("nghi quyet")[0].snippet.text and index.status().documents == 1
    print(sorted(name for name in sys.modules if name.partition(".")[0] == "whoosh"))
    index.whoosh()
    print("whoosh.index" in sys.modules)
"""
    folder = Path(searchidx.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path, capture_output=True, check=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(folder)},
    )  # fmt: skip
    assert done.stdout == "[]\nTrue\n"


def test_an_export_goes_only_where_nothing_is_lost(
    index: searchidx.Index, tmp_path: Path
) -> None:
    index.add([Document(id="a", body="Nghị quyết")])
    (tmp_path / "empty").mkdir()
    for free in ("empty", "new", "deep/er"):
        assert index.export_whoosh(tmp_path / free) == 1
        assert exists_in(str(tmp_path / free))
    with pytest.raises(IndexExistsError, match="new or empty folder"):
        index.export_whoosh(tmp_path / "new")
    (tmp_path / "file").write_text("x")
    for taken in ("file", "file/below"):
        with pytest.raises(IndexExistsError, match="is a file"):
            index.export_whoosh(tmp_path / taken)
    assert (tmp_path / "file").read_text() == "x"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "deep", "empty", "file", "index", "new",
    ]  # fmt: skip


def test_an_export_that_fails_leaves_nothing(
    index: searchidx.Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add([Document(id=f"{n}", body="Nghị quyết") for n in range(3)])
    seen: list[tuple[int, int, str]] = []

    def stop(done: int, total: int, id_: str) -> None:
        seen.append((done, total, id_))
        if not id_:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.export_whoosh(tmp_path / "out", progress=stop)
    assert seen == [(1, 3, "0"), (2, 3, "1"), (3, 3, "2"), (3, 3, "")]

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for operation in ("add_document", "commit"):
        with monkeypatch.context() as patch:
            patch.setattr(SegmentWriter, operation, fail)
            with pytest.raises(IndexWriteError, match="No space left on device"):
                index.export_whoosh(tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index"]


def test_an_export_is_the_same_however_many_are_analysed_at_once(
    index: searchidx.Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(
        [Document(id=f"{n}", title=f"Số {n}", body=f"nghị quyết số {n}") for n in range(30)]
    )
    monkeypatch.setattr("searchidx.whoosh_compat.export.BATCH_CODE_POINTS", 40)
    index.export_whoosh(tmp_path / "out")
    with open_dir(str(tmp_path / "out")).reader() as reader:
        assert list(reader.all_terms()) == list(index.whoosh().reader().all_terms())
        for number in range(30):
            matcher = reader.postings("body_marked_pair", f"số {number}")
            assert list(matcher.all_ids()) == [number]


KILLED = """
import os, signal, sys
import searchidx

def die(done, total, id_):
    os.kill(os.getpid(), signal.SIGKILL)

with searchidx.open("index") as index:
    index.export_whoosh("out", progress=die)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
def test_an_export_removes_what_killed_ones_left_and_nothing_else(
    index: searchidx.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(searchidx.Document(id=id_, body="một") for id_ in "ab")
    folder = index.path.parent
    unfinished = f"out.{'?' * 16}.part"
    monkeypatch.chdir(folder)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", KILLED], env=environment, check=False)
    (leftover,) = folder.glob(unfinished)
    names = ("out.part", "out.txt.part", f"out2{leftover.suffixes[0]}.part")
    others = [folder / name for name in names]
    for other in others:
        shutil.copytree(leftover, other)

    def export_meanwhile(done: int, total: int, id_: str) -> None:
        # The other export may remove what was left, and not what this one is writing.
        if done == 1:
            assert not leftover.exists()
            (running,) = folder.glob(unfinished)
            with pytest.raises(RuntimeError):
                index.export_whoosh(folder / "out", progress=fail)
            assert list(folder.glob(unfinished)) == [running]

    def fail(done: int, total: int, id_: str) -> None:
        raise RuntimeError

    assert index.export_whoosh("out", progress=export_meanwhile) == 2
    assert sorted(path.name for path in folder.iterdir() if ".part" in path.name) == sorted(
        path.name for path in others
    )
    assert "searchidx-export.lock" not in os.listdir("out")
