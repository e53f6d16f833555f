"""Segments in the making, in this process or in others."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from searchidx.errors import IndexWriteError
from searchidx.store.files.directory import Directory
from searchidx.store.segment.builder import PendingDocument, SegmentBuilder
from searchidx.store.segment.segment import CompressionDictionaries, Segment


def build_segment(
    directory: Directory,
    name: str,
    documents: list[PendingDocument],
    dictionaries: CompressionDictionaries | None,
) -> None:
    """Write documents as one segment."""
    builder = SegmentBuilder()
    builder.add(documents)
    builder.write(directory, name, dictionaries)


class SegmentBuildPool:
    """Build segments, and gives them in the order in which they were handed in.

    Args:
        directory: The index's folder.
        workers: How many processes build at once; with 1, this one.
        dictionaries: Those of the index's largest segment, if it has one.
    """

    def __init__(
        self, directory: Directory, workers: int, dictionaries: CompressionDictionaries | None
    ) -> None:
        self._directory = directory
        self._dictionaries = dictionaries
        self.workers = max(1, workers)
        self._pool: ProcessPoolExecutor | None = None
        self._made: list[tuple[str, int]] = []
        self._running: deque[Future[None]] = deque()

    def __len__(self) -> int:
        """Return how many were handed in."""
        return len(self._made)

    @property
    def max_segments_in_memory(self) -> int:
        """Return how many segments may be in memory at once, built or waiting."""
        return self.workers if self.workers < 2 else 2 * self.workers

    def submit(
        self, name: str, documents: list[PendingDocument], *, last: bool = False
    ) -> None:
        """Build a segment of that name, now or later.

        Args:
            name: The name of the segment.
            documents: What it is to hold.
            last: Whether no other will follow; an only one is not worth another process.

        Raises:
            OSError: The disk refused a write, of this segment or of an earlier one.
            IndexWriteError: A worker died.
        """
        self._made.append((name, len(documents)))
        if self.workers < 2 or (last and self._pool is None):
            build_segment(self._directory, name, documents, self._dictionaries)
            self._learn(name)
            return
        if self._pool is None:
            # Not forked: a fork would take the writer's lock, and threads' locks, with it.
            self._pool = ProcessPoolExecutor(
                self.workers, multiprocessing.get_context("spawn"), _follow_parent
            )
        # What waits is in memory; one that waits for each that runs keeps all of them busy.
        while len(self._running) >= 2 * self.workers:
            self._wait(self._running.popleft())
        try:
            self._running.append(
                self._pool.submit(
                    build_segment, self._directory, name, documents, self._dictionaries
                )
            )
        except BrokenProcessPool as error:
            raise self._died() from error

    def finish(self) -> list[tuple[str, int]]:
        """Wait for all segments; return the name and document count of each, in order.

        Raises:
            OSError, IndexWriteError: As for `submit`.
        """
        while self._running:
            self._wait(self._running.popleft())
        self.cancel()
        return self._made

    def _wait(self, running: Future[None]) -> None:
        try:
            running.result()
            self._learn(self._made[0][0])
        except BrokenProcessPool as error:
            raise self._died() from error

    def _learn(self, name: str) -> None:
        """Adopt the compression dictionaries of the first segment that was built."""
        if self._dictionaries is None:
            self._dictionaries = Segment(self._directory, name).compression_dictionaries()

    def _died(self) -> IndexWriteError:
        return IndexWriteError(
            "a process that helped to index was killed, perhaps because memory ran out; "
            f"the index at {self._directory.path} is as it was. Run the same command again, "
            "with fewer processes"
        )

    def cancel(self) -> None:
        """Release the worker processes, whatever they are doing."""
        if self._pool is None:
            return
        if self._running:
            # What is half built is not needed.  Python has a method for it from 3.14 on.
            for process in list((self._pool._processes or {}).values()):
                process.terminate()
            self._running.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None


def _follow_parent() -> None:
    """Leave it to the parent to decide when this process ends, and ends with it."""
    # Ctrl-C reaches the whole group of processes; the parent cancels and says so.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A worker of a parent that was killed would wait for work for ever.
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
