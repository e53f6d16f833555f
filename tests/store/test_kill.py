from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest

from searchidx.errors import IndexWriteError
from searchidx.store import Store
from searchidx.store.maintenance.check import check_index
from tests.store.contents import add, ids, leftovers, report
from tests.store.killing import Tally, is_alive, kill, start, writing


@pytest.mark.slow
@pytest.mark.parametrize(
    ("workers", "max_pending_code_points"), [(1, 16_000_000), (1, 1_500), (2, 1_500)]
)
def test_a_writer_killed_at_any_moment_leaves_a_commit(
    tmp_path: Path, workers: int, max_pending_code_points: int
) -> None:
    start(tmp_path / "index")
    tally = Tally()
    chosen = random.Random(workers + max_pending_code_points)
    for _ in range(3):
        delay = chosen.uniform(0, 0.1 if workers == 1 else 1.5)
        kill(
            tmp_path / "index",
            tally,
            workers=workers,
            max_pending_code_points=max_pending_code_points,
            delay=delay,
        )
    assert tally.problems == []
    assert tally.kills == 3


def workers_of(pid: int) -> list[int]:
    """Return the worker processes of a process, without the tracker of resources."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and b"spawn_main" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


@pytest.mark.slow
def test_a_killed_worker_is_an_error_and_no_document_is_lost(
    tmp_path: Path,
) -> None:
    store = Store.create(tmp_path / "index")
    add(store, [report(n) for n in range(3)], {"commit": 1})
    writer = store.writer(workers=2, max_pending_code_points=300)
    with pytest.raises(IndexWriteError, match="a process that helped to index was killed"):
        for number in range(3, 2_000):
            writer.add(report(number))
            victims = [each.pid for each in multiprocessing.active_children()]
            if number == 10:
                assert len(victims) == 2
                os.kill(victims[0] or 0, signal.SIGKILL)
        writer.commit({"commit": 2})
    with pytest.raises(IndexWriteError):
        writer.commit({"commit": 2})
    writer.cancel()
    assert multiprocessing.active_children() == []
    assert ids(Store(store.folder).reader()) == ["bc-0", "bc-1", "bc-2"]
    assert store.metadata() == {"commit": 1}
    writer = store.writer(workers=2)
    for number in range(3, 12):
        writer.add(report(number))
    writer.commit({"commit": 2})
    assert sorted(ids(store.reader())) == sorted(f"bc-{n}" for n in range(12))
    assert check_index(store.folder).problems == ()
    assert leftovers(store) == set()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc to see workers")
def test_workers_end_with_a_writer_that_was_killed(tmp_path: Path) -> None:
    start(tmp_path / "index")
    process = writing(tmp_path / "index", 2, 1_500)
    assert process.stdout is not None
    try:
        until = time.monotonic() + 30
        workers: list[int] = []
        while len(workers) < 2 and time.monotonic() < until:
            time.sleep(0.02)
            workers = workers_of(process.pid)
        assert len(workers) == 2
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    while any(map(is_alive, workers)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(is_alive, workers))
