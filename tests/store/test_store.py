from __future__ import annotations

import json
import multiprocessing
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from whoosh.qparser import QueryParser
from whoosh.searching import Searcher

from searchidx.document import Document
from searchidx.errors import (
    IndexDamagedError,
    IndexExistsError,
    IndexFormatError,
    IndexLockedError,
    IndexNotFoundError,
    ModelError,
)
from searchidx.store import Reader, Store
from searchidx.whoosh_compat import ColumnReader
from tests.store.contents import leftovers


def document(id_: str, body: str = "nghị quyết", **more: Any) -> Document:
    return Document(id=id_, body=body, **more)


def add(
    store: Store,
    *documents: Document,
    metadata: dict[str, Any] | None = None,
    max_pending_code_points: int | None = None,
) -> None:
    writer = store.writer(max_pending_code_points=max_pending_code_points)
    for one in documents:
        writer.add(one, source=one.path)
    writer.commit(metadata or {})


def ids(reader: Reader) -> list[str]:
    return sorted(reader.id_and_digest(n)[0] for n in range(reader.size) if reader.live[n])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "index")


def test_a_commit_gives_back_what_was_added(store: Store) -> None:
    whole = document(
        "a#1",
        "Ngày 24/7/2023\nĐảng ủy họp. Đảng\u0323 viên",
        title="Đảng ủy họp",
        date="2023-07",
        path="/reports/a.jsonl",
        line=1,
        metadata={"organ": "Sở Y tế", "pages": [1, 2], "nested": {"x": None}},
    )
    add(store, document("b"), whole, metadata={"note": "x"})
    reader = store.reader()
    number = reader.doc_id("a#1")
    assert number == 1
    assert reader.document(number) == whole
    assert reader.id_and_digest(number) == ("a#1", whole.digest())
    assert reader.doc_ids_from_source("/reports/a.jsonl").tolist() == [1]
    assert reader.lengths("title").tolist() == [0, 3]
    assert reader.lengths("body").tolist() == [2, 9]
    first, last = reader.dates()
    assert [(int(last[n] - first[n]), int(first[n]) > 0) for n in range(2)] == [
        (0, False),
        (30, True),
    ]
    postings = reader.postings("body_folded", "dang")
    assert postings.doc_ids.tolist() == [1]
    assert postings.frequencies.tolist() == [2]
    assert reader.positions.term_positions("body_folded", "dang", postings.doc_ids) == [[4, 7]]
    assert reader.postings("body_folded", "khong").doc_ids.tolist() == []
    assert reader.doc_id("c") is None
    assert store.metadata() == {"note": "x"}


def test_postings_of_many_blocks_and_segments_are_whole(store: Store) -> None:
    for part in range(3):
        add(store, *(document(f"{part}-{n}", "nghị " * (1 + n % 3)) for n in range(300)))
    reader = store.reader()
    postings = reader.postings("body_folded", "nghi")
    assert postings.doc_ids.tolist() == list(range(900))
    expected = [len(reader.document(n).body.split()) for n in range(900)]
    assert postings.frequencies.tolist() == expected
    assert reader.lengths("body").tolist() == expected


def test_adding_an_id_again_replaces_it_in_any_commit(store: Store) -> None:
    add(store, document("a", "cũ"), document("b"), document("b", "mới"), document("c"))
    add(store, document("a", "mới"), document("d"), document("d", "mới"))
    reader = store.reader()
    assert ids(reader) == ["a", "b", "c", "d"]
    assert reader.document_count == 4
    assert len(reader.postings("body_marked", "mới")) == 3
    assert len(reader.postings("body_marked", "cũ")) == 0


def test_removing_knows_what_was_there(store: Store) -> None:
    add(store, document("a"), document("b"))
    writer = store.writer()
    writer.add(document("c"))
    assert [writer.remove(id_) for id_ in ("a", "a", "c", "c", "x")] == [
        True,
        False,
        True,
        False,
        False,
    ]
    assert [id_ in writer for id_ in ("a", "b", "c")] == [False, True, False]
    writer.commit({})
    assert ids(store.reader()) == ["b"]


@pytest.mark.slow
def test_a_reader_sees_its_commit_for_as_long_as_it_lives(store: Store) -> None:
    add(store, document("a"), document("b"))
    old = store.reader()
    writer = store.writer()
    writer.remove("a")
    writer.add(document("c"))
    assert ids(store.reader()) == ["a", "b"]
    writer.commit({})
    for n in range(20):
        add(store, document(f"more-{n}"))
    assert ids(old) == ["a", "b"]
    assert old.document(0).body == "nghị quyết"
    assert len(old.postings("body_marked", "quyết")) == 2


@pytest.mark.slow
def test_segments_stay_few_and_removed_documents_go(store: Store) -> None:
    for n in range(40):
        add(store, document(f"{n}"), document("same", f"lần {n}"))
    reader = store.reader()
    assert len(list(store.folder.glob("segment-*"))) == len(reader.leaves) <= 6
    assert reader.size <= 2 * reader.document_count
    assert ids(reader) == sorted(["same", *map(str, range(40))])


def test_empty_documents_are_merged(store: Store) -> None:
    add(store, document("a", ""))
    add(store, document("b", ""))
    add(store, document("c", "ba"), document("d", ""))
    reader = store.reader()
    assert [reader.document(n).body for n in range(reader.size)] == ["", "", "ba", ""]
    assert len(reader.leaves) == 1


def test_cancelling_changes_nothing(store: Store) -> None:
    add(store, document("a"))
    before = sorted(path.name for path in store.folder.iterdir())
    writer = store.writer()
    writer.add(document("b"))
    writer.remove("a")
    writer.cancel()
    assert ids(store.reader()) == ["a"]
    assert sorted(path.name for path in store.folder.iterdir()) == before


def test_documents_that_cannot_be_analysed_leave_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(store, document("a", "một"))
    with monkeypatch.context() as patch:

        def fail(texts: object, **options: object) -> None:
            raise ModelError("no model")

        patch.setattr("searchidx.store.segment.analyzed_texts.analyze", fail)
        with pytest.raises(ModelError):
            add(store, document("b", "hai ba"))
    add(store, document("c", "bốn"))
    reader = store.reader()
    assert ids(reader) == ["a", "c"]
    assert len(reader.postings("body_marked", "hai")) == 0


@pytest.mark.slow
def test_documents_are_found_however_many_are_analysed_at_once(
    store: Store,
) -> None:
    documents = [document(str(n), f"nghị quyết số {n}", title=f"Số {n}") for n in range(30)]
    add(store, *documents, max_pending_code_points=40)
    reader = store.reader()
    for n in range(30):
        assert reader.postings("body_marked", str(n)).doc_ids.tolist() == [n]
        assert reader.postings("title_folded_pair", f"so {n}").doc_ids.tolist() == [n]
    assert (
        reader.positions.term_positions(
            "body_folded", "so", reader.postings("body_folded", "so").doc_ids
        )
        == [[2]] * 30
    )


def _write_until_killed(folder: Path, ready: Any) -> None:
    run = Store(folder).writer(max_pending_code_points=1_000)
    for n in range(50):
        run.add(document(f"new-{n}", "lời " * 200))
    ready.set()
    threading.Event().wait()


@pytest.mark.slow
def test_a_killed_writer_frees_its_lock_and_its_files_go(store: Store) -> None:
    add(store, document("a"))
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_write_until_killed, args=(store.folder, ready))
    process.start()
    assert ready.wait(60)
    with pytest.raises(
        IndexLockedError, match=rf"process {process.pid} on .* since \d\d:\d\d:\d\d"
    ):
        store.writer()
    process.kill()
    process.join()
    assert (store.folder / "writer.json").exists()
    assert leftovers(store) - {"writer.json"}
    assert ids(store.reader()) == ["a"]
    add(store, document("b"))
    assert ids(store.reader()) == ["a", "b"]
    assert leftovers(store) == set()


def test_a_second_writer_waits_for_the_first(store: Store) -> None:
    first = store.writer()
    first.add(document("a"))
    timer = threading.Timer(0.3, lambda: first.commit({}))
    timer.start()
    second = store.writer(wait=30)
    second.add(document("b"))
    second.commit({})
    timer.join()
    assert ids(store.reader()) == ["a", "b"]


def test_everything_is_synced_before_it_is_named(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    sync, replace = os.fsync, os.replace

    def noted_sync(descriptor: int) -> None:
        name = os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}"))
        events.append(f"sync {re.sub('-[0-9a-z]{16}', '', name)}")
        sync(descriptor)

    def noted_replace(source: str, target: str, **folders: int) -> None:
        events.append(f"name {re.sub('-[0-9a-z]{16}', '', target)}")
        replace(source, target, **folders)

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc to see which file is synced")
    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "replace", noted_replace)
    add(store, document("a"))
    assert events == [
        "sync segment.sidx.part",
        "name segment.sidx",
        "sync metadata.sidx.part",
        "name metadata.sidx",
        "sync index",
        "sync searchidx.json.part",
        "name searchidx.json",
        "sync index",
    ]
    events.clear()
    Store.create(store.folder / "deep" / "down")
    assert events[:2] == ["sync index", "sync deep"]  # the folders that it was made in


@pytest.mark.slow
def test_readers_in_threads_while_a_writer_commits(store: Store) -> None:
    add(store, *(document(f"0-{n}", "lần 0") for n in range(40)))
    stop = threading.Event()

    def read() -> int:
        seen = 0
        while not stop.is_set():
            reader = store.reader()
            bodies = {reader.document(n).body for n in range(reader.size) if reader.live[n]}
            assert len(bodies) == 1
            assert len(reader.postings("body_folded", "lan")) == reader.document_count == 40
            seen += 1
        return seen

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(read) for _ in range(4)]
        try:
            for commit in range(1, 8):
                add(store, *(document(f"0-{n}", f"lần {commit}") for n in range(40)))
        finally:
            stop.set()
        assert all(future.result() > 0 for future in futures)


def test_one_reader_serves_many_threads(store: Store) -> None:
    words = ["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám"]
    add(store, *(document(str(n), " ".join(words[: n % 8 + 1])) for n in range(400)))
    reader = store.reader()
    alone = {word: reader.postings("body_marked", word).doc_ids.tolist() for word in words}
    fresh = store.reader()

    def read(at: int) -> bool:
        word = words[at % 8]
        number = at % 400
        return fresh.postings("body_marked", word).doc_ids.tolist() == alone[
            word
        ] and fresh.document(number).id == str(number)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(800)))


def test_whooshs_own_searcher_and_parser_run_on_it(store: Store) -> None:
    add(
        store,
        document("a", "Nghị quyết về quản lý thị trường"),
        document("b", "Quyết định quản lý đất đai"),
        document("c", "Nghị định"),
    )
    whoosh = ColumnReader(store.reader())

    def found(field: str, text: str) -> set[str]:
        parsed = QueryParser(field, whoosh.schema).parse(text)
        searcher = Searcher(whoosh)
        numbers = searcher.docs_for_query(parsed)
        return {searcher.stored_fields(n)["stored"]["document"]["id"] for n in numbers}

    assert found("body_folded", "quyet") == {"a", "b"}
    assert found("body_folded", "quan AND NOT nghi") == {"b"}
    assert found("body_folded", '"quan ly thi truong"') == {"a"}
    assert found("body_marked", "nghị OR định") == {"a", "b", "c"}
    assert found("body_folded", "ngh*") == {"a", "c"}
    assert found("body_word", "quyết_định") == {"b"}


def test_an_index_is_made_only_where_nothing_is_lost(tmp_path: Path) -> None:
    Store.create(tmp_path / "new" / "deep")
    with pytest.raises(IndexExistsError, match="open it instead"):
        Store.create(tmp_path / "new" / "deep")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / ".gitkeep").touch()
    (tmp_path / "kept" / "README.md").touch()
    Store.create(tmp_path / "kept")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(IndexExistsError, match=r"thesis\.txt"):
        Store.create(tmp_path / "mine")
    (tmp_path / "file").write_text("x")
    for below in ("file", "file/index"):
        with pytest.raises(IndexExistsError, match="is a file"):
            Store.create(tmp_path / below)
        with pytest.raises(IndexNotFoundError, match="--index DIR"):
            Store(tmp_path / below)
    assert (tmp_path / "file").read_text() == "x"


def test_what_is_no_index_says_so(tmp_path: Path, store: Store) -> None:
    with pytest.raises(IndexNotFoundError, match="searchidx index"):
        Store(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(IndexNotFoundError, match="there is no index at"):
        Store(tmp_path / "empty")
    marker = store.folder / "searchidx.json"
    marker.write_text(json.dumps({"application": "searchidx", "format": 99}))
    with pytest.raises(IndexFormatError, match="format 99"):
        Store(store.folder)
    marker.write_text("{")
    with pytest.raises(IndexDamagedError, match=r"searchidx\.json"):
        Store(store.folder)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _garble(path: Path) -> None:
    path.write_bytes(b"\x80\x04garbage" * 20)


@pytest.mark.parametrize("pattern", ["searchidx.json", "segment-*", "metadata-*"])
@pytest.mark.parametrize("harm", [_cut, _garble, Path.unlink])
def test_damage_is_an_error_that_names_the_index(
    store: Store, pattern: str, harm: Callable[[Path], None]
) -> None:
    add(store, *(document(str(n), f"nghị quyết {n}") for n in range(200)))
    (path,) = store.folder.glob(pattern)
    harm(path)
    with pytest.raises(IndexDamagedError, match=re.escape(str(path))):
        Store(store.folder).metadata()
        reader = Store(store.folder).reader()
        reader.postings("body_folded", "nghi")
        reader.document(0)
