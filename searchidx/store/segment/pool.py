"""Build several segments, in this process or at the same time in worker processes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

from searchidx.errors import IndexWriteError
from searchidx.store.files.directory import Directory
from searchidx.store.segment.builder import SegmentBuilder
from searchidx.store.segment.pending_document import PendingDocument
from searchidx.store.segment.segment import CompressionDictionaries, Segment
from searchidx.store.segment.worker_process import WorkerDiedError, WorkerProcess, wait_for_any

_MAX_TASKS_PER_WORKER: Final = 2
"""Segments that a worker has: one that it builds, and one that it begins without a pause."""


def build_segment(
    directory: Directory,
    name: str,
    documents: list[PendingDocument],
    dictionaries: CompressionDictionaries | None,
) -> None:
    """Write documents as one segment.

    Args:
        directory: The index's folder.
        name: The name of the segment.
        documents: The documents.
        dictionaries: The compression dictionaries to use; None to train new ones.

    Raises:
        OSError: The disk refused a write.
    """
    builder = SegmentBuilder()
    builder.add(documents)
    builder.write(directory, name, dictionaries)


class SegmentBuildPool:
    """Build segments, and list them in the order in which they were submitted.

    If the system starts no worker process, segments are built in this process.

    Args:
        directory: The index's folder.
        workers: How many processes build at once; with 1, this process builds.
        dictionaries: The compression dictionaries of the index's largest segment, or None.
    """

    def __init__(
        self, directory: Directory, workers: int, dictionaries: CompressionDictionaries | None
    ) -> None:
        self._directory = directory
        self._dictionaries = dictionaries
        self.workers = max(1, workers)
        """How many processes build at once."""
        self._processes: list[WorkerProcess] = []
        self._submitted: list[tuple[str, int]] = []
        # The number and process of each segment that is being built, in the order of `submit`.
        self._running: list[tuple[int, WorkerProcess]] = []

    def __len__(self) -> int:
        """Return how many segments were submitted."""
        return len(self._submitted)

    @property
    def max_segments_in_memory(self) -> int:
        """Return how many segments may be in memory at once, built or waiting."""
        return 1 if self.workers < 2 else _MAX_TASKS_PER_WORKER * self.workers

    def submit(
        self, name: str, documents: list[PendingDocument], *, last: bool = False
    ) -> None:
        """Build a segment, now or later.

        Args:
            name: The name of the segment.
            documents: Its documents.
            last: Whether this is the last segment.  If it is also the first one, it is built
                here, because starting a process would take longer.

        Raises:
            OSError: The disk refused a write, of this segment or of an earlier one.
            IndexWriteError: A worker process died.
        """
        number = len(self._submitted)
        self._submitted.append((name, len(documents)))
        if not (last and not self._processes):
            self._start_process()
        if not self._processes:
            build_segment(self._directory, name, documents, self._dictionaries)
            self._adopt_dictionaries(number)
            return
        while len(self._running) >= self.max_segments_in_memory:
            self._receive()
        process = min(self._processes, key=lambda each: each.unfinished_count)
        with self._translate_death():
            process.send(build_segment, self._directory, name, documents, self._dictionaries)
        self._running.append((number, process))

    def finish(self) -> list[tuple[str, int]]:
        """Wait for all segments; return the name and document count of each, in order.

        Raises:
            OSError: The disk refused a write.
            IndexWriteError: A worker process died.
        """
        while self._running:
            self._receive()
        self.cancel()
        return self._submitted

    def cancel(self) -> None:
        """End the worker processes, whatever they are doing."""
        for process in self._processes:
            process.request_end()
        for process in self._processes:
            process.join()
        self._processes.clear()
        self._running.clear()

    def _start_process(self) -> None:
        """Start one more worker process if all are busy and more are allowed and possible."""
        if self.workers < 2 or len(self._processes) >= self.workers:
            return
        if any(not process.unfinished_count for process in self._processes):
            return
        try:
            self._processes.append(WorkerProcess())
        except (AssertionError, ImportError, MemoryError, OSError):
            self.workers = max(1, len(self._processes))

    def _receive(self) -> None:
        """Wait until a segment is built.

        Until the first segment is built, that is the one: all that follow share its
        compression dictionaries, whichever process is faster.
        """
        number, process = self._running[0]
        if self._dictionaries is not None:
            process = wait_for_any({process for _, process in self._running})
            number = next(number for number, each in self._running if each is process)
        with self._translate_death():
            process.receive()
        self._running.remove((number, process))
        self._adopt_dictionaries(number)

    def _adopt_dictionaries(self, number: int) -> None:
        """Adopt the compression dictionaries of the first segment when it is built."""
        if self._dictionaries is None and number == 0:
            name, _ = self._submitted[0]
            self._dictionaries = Segment(self._directory, name).compression_dictionaries()

    @contextlib.contextmanager
    def _translate_death(self) -> Iterator[None]:
        """Raise IndexWriteError if a worker process has ended."""
        try:
            yield
        except WorkerDiedError as error:
            raise IndexWriteError(
                "a process that helped to index was killed, perhaps because memory ran out; "
                f"the index at {self._directory.path} is as it was. Run the same command "
                "again, with fewer processes"
            ) from error
