"""Build segments in a process of their own, which ends with its parent.

Parent and child talk over one pipe.  A pipe needs no semaphore, unlike a queue, so that this
works without ``/dev/shm``.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import queue
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any, Final

_NO_MORE_TASKS: Final = b""
"""The message that ends a worker which has nothing left to do."""


class WorkerDiedError(Exception):
    """A worker process ended without a result."""


class WorkerProcess:
    """A process that runs tasks one after the other, in the order in which they were sent.

    The process is spawned, not forked: a fork would inherit the writer's lock and the locks
    of other threads.  It ignores Ctrl-C, which reaches the whole process group: its parent
    decides what happens then.  It ends when its parent does, however that ends.

    Raises:
        OSError: The system starts no further process.
        ImportError: The system lacks what Python needs to start one.
        AssertionError: This process is a daemon of `multiprocessing`, which may have none.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, child_end = context.Pipe()
        self.unfinished_count = 0
        """The number of tasks sent whose result has not been received."""
        self._process = context.Process(target=_run_tasks, args=(child_end,), daemon=True)
        try:
            with _interrupts_blocked():
                self._process.start()
        except BaseException:
            self._connection.close()
            if self._process.pid is not None:  # Ctrl-C came while it was started
                self._process.kill()
                self._process.join()
            raise
        finally:
            child_end.close()  # so that the parent sees the end of the pipe when the child ends

    def send(self, task: Callable[..., None], *arguments: Any) -> None:
        """Send a task; return when the process has received it, which it does at once.

        Args:
            task: A function of a module.
            arguments: Its arguments, which must be picklable.

        Raises:
            WorkerDiedError: The process has ended.
        """
        try:
            self._connection.send((task, arguments))
        except ConnectionError as error:
            raise WorkerDiedError from error
        self.unfinished_count += 1

    def receive(self) -> None:
        """Wait until the first unfinished task is done.

        Raises:
            WorkerDiedError: The process has ended.
            Exception: What the task raised.
        """
        try:
            error = self._connection.recv()
        except (EOFError, ConnectionError) as ended:
            raise WorkerDiedError from ended
        self.unfinished_count -= 1
        if error is not None:
            raise error

    def request_end(self) -> None:
        """Let the process end: at once, whatever it does, if a task is unfinished."""
        if self.unfinished_count:
            self._process.kill()
        else:
            with contextlib.suppress(ConnectionError):
                self._connection.send_bytes(_NO_MORE_TASKS)

    def join(self) -> None:
        """Close the pipe, which ends the process in any case, and wait until it has ended."""
        self._connection.close()
        self._process.join()
        self._process.close()


def wait_for_any(processes: Iterable[WorkerProcess]) -> WorkerProcess:
    """Wait until one of some processes has finished a task or has ended, and return it."""
    by_connection = {process._connection: process for process in processes}
    connection = wait(list(by_connection))[0]
    return next(process for each, process in by_connection.items() if each is connection)


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Hold back SIGINT from this thread, and so from a process that it starts.

    A child inherits the mask.  A Ctrl-C before it runs our code would print a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker  # which Windows lacks

    resource_tracker.ensure_running()  # starting it later would unblock the signal again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run_tasks(connection: Connection) -> None:
    """Run tasks and send None, or the error, for each: the main function of the process."""
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    messages: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    # Tasks are received while one runs, so that the parent never waits in `send`, and the end
    # of the parent is noticed at once.
    threading.Thread(target=_receive, args=(connection, messages), daemon=True).start()
    while message := messages.get():
        error = _run_task(message)
        del message
        try:
            connection.send(error)
        except ConnectionError:  # the parent has gone
            return


def _receive(connection: Connection, messages: queue.SimpleQueue[bytes]) -> None:
    """Pass on messages; end the process when the parent has closed the pipe or has died."""
    try:
        while message := connection.recv_bytes():
            messages.put(message)
        messages.put(_NO_MORE_TASKS)
    except (EOFError, OSError):
        os._exit(1)


def _run_task(message: bytes) -> Exception | None:
    """Run a pickled task; return its error, if any, in a form that can be pickled."""
    try:
        task, arguments = pickle.loads(message)  # from our own parent
        task(*arguments)
    except Exception as error:
        trace = "".join(traceback.format_exception(error))
        error.add_note(f"In a worker process:\n{trace}")
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return RuntimeError(trace)
        return error
    return None
