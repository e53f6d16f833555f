from __future__ import annotations

import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import searchidx
from searchidx.store import Reader, Store
from searchidx.store.maintenance.check import check_index
from tests.store.killing import FIXED, commit, expected, start

COMMITS = 9
THREADS = 8
PROCESSES = 4


def look(reader: Reader) -> int:
    """Read a whole commit and return its number; fail if a document has another number."""
    numbers = [n for n in range(reader.size) if reader.live[n]]
    documents = [reader.document(n) for n in numbers]
    version = max(int(document.body.split(".")[0].split()[1]) for document in documents)
    assert {document.id for document in documents} == expected(version)
    fixed = [n for n in numbers if reader.id_and_digest(n)[0].startswith("luôn")]
    assert len(fixed) == FIXED
    assert set(fixed) <= set(reader.postings("body_marked", str(version)).doc_ids.tolist())
    both = reader.postings("body_folded_pair", f"ban {version}").doc_ids
    beside = reader.positions.documents_with_adjacent(
        "body", [("marked", "bản"), ("folded", str(version))],
        reader.postings("body_folded", "ban").doc_ids,
    )  # fmt: skip
    assert both.tolist() == beside.tolist()
    assert len(reader.lengths("body")) == reader.size
    return version


def read_on(store: Store, held: Reader, stop: Any, seen: Any) -> None:
    """Read one commit after the other, and repeatedly one that stays open."""
    first = look(held)
    last = first
    while not stop.is_set():
        version = look(store.reader())
        assert version >= last
        last = version
        assert look(held) == first
        time.sleep(0.01)  # or the writer would have no turn
        with seen.get_lock():
            seen.value += 1


def search_on(index: searchidx.Index, stop: Any) -> int:
    """Search an index while another thread moves it to later commits."""
    count = 0
    while not stop.is_set():
        results = index.search("ban", limit=100)
        versions = {hit.snippet.text.split(".")[0] for hit in results if hit.id[0] == "l"}
        assert len(versions) == 1
        index.refresh()
        time.sleep(0.01)
        count += 1
    return count


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_every_answer_belongs_to_one_commit(tmp_path: Path) -> None:
    start(tmp_path / "index")
    store = Store(tmp_path / "index")
    for version in (1, 2):
        commit(store, version, 1)
    held = store.reader()
    processes = []
    counts = []
    stops = []
    for at in range(PROCESSES):
        # Forked processes inherit the parent's reader; it cannot be sent to spawned ones.
        context: Any = multiprocessing.get_context("fork" if at % 2 else "spawn")
        stop, seen = context.Event(), context.Value("i", 0)
        target: Any = read_on if at % 2 else _read_spawned
        arguments = (store, held, stop, seen) if at % 2 else (store.folder, stop, seen)
        process = context.Process(target=target, args=arguments)
        process.start()
        processes.append(process)
        counts.append(seen)
        stops.append(stop)
    done = threading.Event()
    seen = multiprocessing.get_context("spawn").Value("i", 0)
    with searchidx.open(store.folder) as index, ThreadPoolExecutor(THREADS) as pool:
        reading = [pool.submit(read_on, store, held, done, seen) for _ in range(THREADS - 2)]
        searching = [pool.submit(search_on, index, done) for _ in range(2)]
        try:
            version = 2
            until = time.monotonic() + 60
            while version < COMMITS or not all(count.value for count in counts):
                assert time.monotonic() < until
                version += 1
                commit(store, version, 1)
        finally:
            done.set()
            for stop in stops:
                stop.set()
        for future in reading:
            future.result()
        assert all(future.result() for future in searching)
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    assert seen.value > THREADS
    assert look(held) == 2
    assert look(store.reader()) == version
    assert check_index(store.folder).problems == ()


def _read_spawned(folder: Path, stop: Any, seen: Any) -> None:
    store = Store(folder)
    read_on(store, store.reader(), stop, seen)
