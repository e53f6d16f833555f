"""Test worker processes: their errors, Ctrl-C, and systems that start none."""

from __future__ import annotations

import multiprocessing
import multiprocessing.synchronize
import os
import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, NoReturn

import pytest

from searchidx.document import Document
from searchidx.errors import IndexDamagedError, IndexWriteError
from searchidx.store import Store
from searchidx.store.files.directory import Directory
from searchidx.store.segment.pending_document import PendingDocument
from searchidx.store.segment.pool import SegmentBuildPool
from searchidx.store.segment.segment import Segment
from searchidx.store.segment.worker_process import (
    WorkerDiedError,
    WorkerProcess,
    wait_for_any,
)
from tests.store.contents import add, ids, report
from tests.store.killing import ROOT, is_alive


def write_with_workers(folder: Path, workers: int = 2) -> Store:
    """Write twelve reports as many small segments, and return the index."""
    store = Store.create(folder)
    writer = store.writer(workers=workers, max_pending_code_points=300)
    for number in range(12):
        writer.add(report(number))
    writer.commit({})
    return store


def pid_of_only_child() -> int:
    (child,) = multiprocessing.active_children()
    assert child.pid is not None
    return child.pid


@pytest.fixture
def worker() -> Any:
    process = WorkerProcess()
    yield process
    process.request_end()
    process.join()
    assert multiprocessing.active_children() == []


def fail(error: Exception) -> NoReturn:
    raise error


class UnpicklableError(Exception):
    """An error that cannot be unpickled, because its constructor takes other arguments."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


def fail_unpicklably() -> NoReturn:
    raise UnpicklableError("no ", "model")


def write_pid(path: str) -> None:
    Path(path).write_text(str(os.getpid()))


def test_errors_of_a_task_arrive_with_their_trace(worker: WorkerProcess) -> None:
    damage = IndexDamagedError("x is damaged")
    damage.file, damage.what = "x", "cut"
    for error in (OSError(28, "No space left on device"), MemoryError("big"), damage):
        worker.send(fail, error)
        with pytest.raises(type(error)) as raised:
            worker.receive()
        assert str(raised.value) == str(error)
        assert "in fail\n    raise error" in raised.value.__notes__[0]
        assert vars(raised.value).items() >= vars(error).items()
    worker.send(fail_unpicklably)
    with pytest.raises(RuntimeError, match="UnpicklableError: no model"):
        worker.receive()
    assert worker.unfinished_count == 0


def test_a_worker_runs_its_tasks_in_order(worker: WorkerProcess, tmp_path: Path) -> None:
    names = [str(tmp_path / str(n)) for n in range(3)]
    for name in names:
        worker.send(write_pid, name)
    assert worker.unfinished_count == 3
    for count, name in enumerate(names, start=1):
        assert wait_for_any([worker]) is worker
        worker.receive()
        assert Path(name).read_text() == str(pid_of_only_child())
        assert worker.unfinished_count == 3 - count


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT for another process")
def test_a_worker_ignores_interrupts_from_its_first_moment(tmp_path: Path) -> None:
    worker = WorkerProcess()
    try:
        for _ in range(10):  # it is being started, and imports modules
            os.kill(pid_of_only_child(), signal.SIGINT)
            worker.send(write_pid, str(tmp_path / "pid"))
        for _ in range(10):
            worker.receive()
            os.kill(pid_of_only_child(), signal.SIGINT)
    finally:
        worker.request_end()
        worker.join()
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_dead_worker_is_an_error_wherever_it_is_used(tmp_path: Path) -> None:
    worker = WorkerProcess()
    worker.send(os.kill, pid_of_only_child(), signal.SIGKILL)
    with pytest.raises(WorkerDiedError):
        worker.receive()
    with pytest.raises(WorkerDiedError):
        for _ in range(100):
            worker.send(write_pid, "x" * 100_000)
    worker.request_end()
    worker.join()
    assert multiprocessing.active_children() == []


def wait_for_ever() -> None:
    multiprocessing.get_context("spawn").Event().wait()


def test_a_worker_that_is_at_work_ends_at_once() -> None:
    worker = WorkerProcess()
    pid = pid_of_only_child()
    worker.send(wait_for_ever)
    worker.request_end()
    worker.join()
    assert not is_alive(pid)


@pytest.mark.slow
@pytest.mark.parametrize("error", [FileNotFoundError("/dev/shm"), OSError(38), ImportError()])
def test_workers_need_no_semaphores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(
        multiprocessing.synchronize.SemLock, "__init__", lambda *arguments: fail(error)
    )
    store = write_with_workers(tmp_path / "index")
    assert ids(store.reader()) == [f"bc-{n}" for n in range(12)]


@pytest.mark.slow
@pytest.mark.parametrize("error", [BlockingIOError(11, "again"), MemoryError(), ImportError()])
@pytest.mark.parametrize("startable", [0, 1])
def test_one_process_does_it_all_if_no_other_can_be_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, startable: int
) -> None:
    started: list[Any] = []
    process_class = multiprocessing.get_context("spawn").Process
    start = process_class.start

    def start_some(process: Any) -> None:
        if len(started) == startable:
            raise error
        started.append(process)
        start(process)

    monkeypatch.setattr(process_class, "start", start_some)
    store = write_with_workers(tmp_path / "index", workers=3)
    assert ids(store.reader()) == [f"bc-{n}" for n in range(12)]
    assert len(started) == startable
    assert multiprocessing.active_children() == []
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def write_in_daemon(folder: Path) -> None:
    write_with_workers(folder)


@pytest.mark.slow
def test_a_daemonic_process_does_it_all_itself(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(
        target=write_in_daemon, args=(tmp_path / "index",), daemon=True
    )
    process.start()
    process.join()
    assert process.exitcode == 0
    assert ids(Store(tmp_path / "index").reader()) == [f"bc-{n}" for n in range(12)]


@pytest.mark.slow
def test_all_segments_share_the_dictionaries_of_the_first(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    pool = SegmentBuildPool(directory, 2, None)
    words = random.Random(1)
    for segment in range(8):
        texts = [" ".join(str(words.randrange(1_000)) for _ in range(2_000))]
        if segment == 0:
            texts *= 160  # enough to train a dictionary
        documents = [
            PendingDocument(Document(id=f"{segment}-{n}", body=f"{n} {text}"), None)
            for n, text in enumerate(texts)
        ]
        pool.submit(f"segment-{segment}", documents)
    assert [name for name, _ in pool.finish()] == [f"segment-{n}" for n in range(8)]
    dictionaries = [
        Segment(directory, f"segment-{n}").compression_dictionaries() for n in range(8)
    ]
    assert dictionaries[0].bodies
    # Four segments are sent before the first one is built.
    assert [each.bodies for each in dictionaries[1:4]] == [b""] * 3
    assert dictionaries[4:] == [dictionaries[0]] * 4


INTERRUPTED_RUN = """
    import os, signal, sys
    from pathlib import Path
    from searchidx.store import Store
    from searchidx.store.segment import worker_process
    from tests.store.contents import report

    def interrupt_after(name, count):
        method = getattr(worker_process.WorkerProcess, name)
        def interrupting(*arguments):
            nonlocal count
            method(*arguments)
            count -= 1
            if not count:
                os.killpg(os.getpgrp(), signal.SIGINT)
        setattr(worker_process.WorkerProcess, name, interrupting)

    def main():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        interrupt_after(sys.argv[2], int(sys.argv[3]))
        writer = Store(Path(sys.argv[1])).writer(workers=2, max_pending_code_points=300)
        try:
            for number in range(3, 30):
                writer.add(report(number))
            writer.commit({})
        except KeyboardInterrupt:
            print("interrupted")
        finally:
            writer.cancel()

    if __name__ == "__main__":
        main()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs process groups")
@pytest.mark.parametrize(
    ("method", "count"),
    [("__init__", 1), ("__init__", 2), ("send", 1), ("send", 2), ("receive", 1)],
)
def test_ctrl_c_ends_the_whole_group_without_a_traceback(
    tmp_path: Path, method: str, count: int
) -> None:
    store = Store.create(tmp_path / "index")
    add(store, [report(n) for n in range(3)], {})
    script = tmp_path / "run.py"
    script.write_text(textwrap.dedent(INTERRUPTED_RUN))
    done = subprocess.run(
        [sys.executable, str(script), str(store.folder), method, str(count)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")
    assert ids(store.reader()) == ["bc-0", "bc-1", "bc-2"]


def test_a_worker_that_dies_names_the_remedy(tmp_path: Path) -> None:
    pool = SegmentBuildPool(Directory(tmp_path), 2, None)
    pool.submit("one", [])
    os.kill(pid_of_only_child(), signal.SIGKILL)
    with pytest.raises(IndexWriteError, match="Run the same command again, with fewer proc"):
        pool.submit("two", [])
        pool.finish()
    pool.cancel()
    assert multiprocessing.active_children() == []
