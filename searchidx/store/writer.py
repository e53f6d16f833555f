"""Write to an index: documents added and removed by one writer become one commit."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from searchidx.arrays import BoolArray
from searchidx.document import Document, check_document_size
from searchidx.errors import IndexWriteError, SearchidxError
from searchidx.store.commit.reader import Reader
from searchidx.store.files.deletions import write_deletions
from searchidx.store.files.lock import acquire_lock, write_lock_holder
from searchidx.store.files.manifest import (
    Manifest,
    SegmentEntry,
    new_file_name,
)
from searchidx.store.segment.merge import merge_segments
from searchidx.store.segment.merge_input import MergeInput
from searchidx.store.segment.merge_policy import select_segments_to_merge
from searchidx.store.segment.pending_document import PendingDocument
from searchidx.store.segment.pool import SegmentBuildPool
from searchidx.store.segment.segment import CompressionDictionaries, Segment

if TYPE_CHECKING:
    from searchidx.store.store import Store

MAX_PENDING_CODE_POINTS: Final = 16_000_000
"""About how many code points of text are in memory before they are written as segments.

They are shared by all segments that are built, or wait to be built, at the same time.
"""


@dataclass
class _CommitSegment:
    """A segment that will be part of the commit, unless it is merged.

    Attributes:
        entry: Its entry in the manifest of the last commit, or that of a new segment.
        live: bool, shape (size,): which of its documents the commit keeps.
    """

    entry: SegmentEntry
    live: BoolArray

    @classmethod
    def new(cls, name: str, size: int) -> Self:
        """Return a segment that was just written, all of whose documents are live."""
        return cls(SegmentEntry(name, size), np.ones(size, np.bool_))

    @property
    def size(self) -> int:
        """Return how many documents were written to it."""
        return len(self.live)

    @property
    def deleted_count(self) -> int:
        """Return how many of them the commit deletes, or an earlier one deleted."""
        return int(len(self.live) - self.live.sum())


class Writer:
    """Add and remove documents.  Readers see nothing of it before `commit`.

    A writer is for one thread, and ends with `commit` or `cancel`.  If its process dies in
    between, the last commit stays as it was, and the system frees the lock.

    Args:
        store: The index.
        wait: The seconds to wait for another writer.
        workers: The number of processes that analyze texts and build segments.
        max_pending_code_points: About how many code points of added texts to hold in memory.

    Raises:
        IndexLockedError: Another writer still holds the lock after `wait` seconds.
        IndexWriteError: The disk refused a write.
    """

    def __init__(
        self,
        store: Store,
        wait: float,
        workers: int,
        max_pending_code_points: int = MAX_PENDING_CODE_POINTS,
    ) -> None:
        self._max_pending_code_points = max_pending_code_points
        self._lock = acquire_lock(store.directory, wait)
        # Read and write in the folder that was locked, even if it was moved since.
        self._directory = self._lock.directory
        self._store = store = store.at(self._directory)
        # The files of the last commit, until the new commit is durable.
        self._files_before: Set[str] = frozenset()
        self._new_files: list[str] = []
        try:
            self.reader: Reader = store.reader()
            """The reader of the last commit, which this one follows."""
            self._files_before = self.reader.manifest.files()
            self._origin = self._lock.begin(self.reader.manifest)
            with store.translate_write_errors():
                write_lock_holder(self._directory)
                store.remove_leftovers()
            self._builds = SegmentBuildPool(self._directory, workers, self._dictionaries())
        except BaseException:
            self._release()
            raise
        self._segments = [
            _CommitSegment(entry, _copy_live(leaf.live, entry.size))
            for entry, leaf in zip(
                self.reader.manifest.segments, self.reader.leaves, strict=True
            )
        ]
        # Documents that were added and not yet submitted to be built, by id.
        self._pending: dict[str, PendingDocument] = {}
        self._pending_code_points = 0
        # Documents that were submitted, by id: the index of the new segment, and the number
        # in it.
        self._built: dict[str, tuple[int, int]] = {}
        self._removed_built: list[tuple[int, int]] = []
        self._write_failed = False
        self.changed = False
        """True once anything was added or removed."""

    def _dictionaries(self) -> CompressionDictionaries | None:
        """Return the compression dictionaries of the largest segment, or None.

        Segments with the same dictionaries are merged fastest: their texts are copied.
        """
        segments = [leaf.segment for leaf in self.reader.leaves]
        if not segments:
            return None
        largest = max(segments, key=lambda segment: segment.size)
        dictionaries = largest.compression_dictionaries()
        return dictionaries if dictionaries.bodies else None

    def __contains__(self, id_: str) -> bool:
        """Return whether the commit would hold a document with that id."""
        return id_ in self._pending or id_ in self._built or self._committed(id_) is not None

    def _committed(self, id_: str) -> tuple[_CommitSegment, int] | None:
        """Find a document of the last commit that was not removed since.

        Returns:
            Its segment and its number in it, or None if there is none.
        """
        doc_id = self.reader.doc_id(id_)
        if doc_id is None:
            return None
        for leaf, segment in zip(self.reader.leaves, self._segments, strict=True):
            local_doc_id = doc_id - leaf.doc_base
            if 0 <= local_doc_id < segment.size:
                return (segment, local_doc_id) if segment.live[local_doc_id] else None
        return None

    def add(
        self, document: Document, *, source: str | None = None, digest: str | None = None
    ) -> None:
        """Add a document, in place of the one with the same id if there is one.

        Args:
            document: The document.
            source: The file that it came from and is kept up to date with, which
                `Reader.doc_ids_from_source` looks for; None if there is no such file.
            digest: Its `Document.digest`, if that is known already.

        Raises:
            DocumentError: The document is too large (`MAX_DOCUMENT_CODE_POINTS`).
            IndexWriteError: The disk refused a write.
        """
        check_document_size(document)
        self.remove(document.id)
        self._pending[document.id] = PendingDocument(document, source, digest)
        self._pending_code_points += _code_points(document)
        self.changed = True
        limit = self._max_pending_code_points // self._builds.max_segments_in_memory
        if self._pending_code_points >= limit:
            self._build_pending()

    def remove(self, id_: str) -> bool:
        """Remove the document with an id; return whether there was one."""
        pending = self._pending.pop(id_, None)
        if pending is not None:
            self._pending_code_points -= _code_points(pending.document)
            return True
        built = self._built.pop(id_, None)
        if built is not None:
            self._removed_built.append(built)
            return True
        committed = self._committed(id_)
        if committed is None:
            return False
        segment, local_doc_id = committed
        segment.live[local_doc_id] = False
        self.changed = True
        return True

    def _build_pending(self, *, last: bool = False) -> None:
        """Submit the pending documents as one segment; `last` is as for the pool's `submit`."""
        if not self._pending:
            return
        segment_index = len(self._builds)
        for local_doc_id, id_ in enumerate(self._pending):
            self._built[id_] = (segment_index, local_doc_id)
        documents = list(self._pending.values())
        self._pending, self._pending_code_points = {}, 0
        self._write_failed = True
        with self._store.translate_write_errors():
            self._builds.submit(self._new_file_name("segment"), documents, last=last)
        self._write_failed = False

    def commit(self, metadata: Mapping[str, Any]) -> None:
        """Make all changes visible and durable at once, and release the lock.

        Args:
            metadata: What `Store.metadata` returns from now on: JSON values by name.

        Raises:
            IndexWriteError: The disk refused a write, or a worker process died.  The last
                commit is as it was.
        """
        try:
            if self._write_failed:
                raise IndexWriteError(
                    f"an earlier write to the index at {self._directory.path} failed, so "
                    "nothing was committed; run the same command again"
                )
            self._lock.verify()  # before work that would be in vain
            self._build_pending(last=True)
            with self._store.translate_write_errors():
                built = [_CommitSegment.new(*segment) for segment in self._builds.finish()]
                for segment_index, local_doc_id in self._removed_built:
                    built[segment_index].live[local_doc_id] = False
                self._lock.commit(self._manifest(built, metadata), self.reader.manifest)
            self._files_before, self._new_files = frozenset(), []
        finally:
            self._release()

    def _manifest(self, built: list[_CommitSegment], metadata: Mapping[str, Any]) -> Manifest:
        """Write all files of the commit except its manifest, and return the manifest."""
        before = self.reader.manifest
        segments = self._merge(built)
        metadata_file = before.metadata
        if metadata_file is None or self._store.metadata_of(before) != metadata:
            metadata_file = self._new_file_name("metadata")
            self._store.write_metadata(metadata_file, metadata)
        return Manifest(
            generation=self._origin.commit,
            committed=time.time(),
            segments=tuple(map(self._entry, segments)),
            metadata=metadata_file,
            index=self._origin.index,
        )

    def _merge(self, built: list[_CommitSegment]) -> list[_CommitSegment]:
        """Merge the new segments and those that the merge policy selects.

        Args:
            built: The new segments.

        Returns:
            The segments of the commit.  Segments without live documents are left out.
        """
        added = sum(segment.size for segment in built)
        selected = set(select_segments_to_merge(self._segments, added))
        unmerged: list[_CommitSegment] = []
        merged: list[_CommitSegment] = []
        for index, segment in enumerate(self._segments):
            if segment.live.any():
                (merged if index in selected else unmerged).append(segment)
        merged += [segment for segment in built if segment.live.any()]
        if not merged or (len(merged) == 1 and not merged[0].deleted_count):
            return unmerged + merged
        name = self._new_file_name("segment")
        inputs = [
            MergeInput(Segment(self._directory, segment.entry.name), segment.live)
            for segment in merged
        ]
        merge_segments(self._directory, name, inputs)
        size = sum(each.live_count for each in inputs)
        return [*unmerged, _CommitSegment.new(name, size)]

    def _entry(self, segment: _CommitSegment) -> SegmentEntry:
        """Return a segment's entry in the manifest; write its deletions if there are more."""
        if segment.deleted_count == segment.entry.deleted_count:
            return segment.entry
        name = write_deletions(self._directory, segment.entry.name, segment.live)
        self._new_files.append(name)
        return replace(segment.entry, deleted_count=segment.deleted_count, deletions=name)

    def _new_file_name(self, kind: str) -> str:
        """Return the name of a file that this writer is going to write."""
        name = new_file_name(kind)
        self._new_files.append(name)
        return name

    def cancel(self) -> None:
        """Discard all changes and release the lock; do nothing after `commit`."""
        self._release()

    def _release(self) -> None:
        """End the workers, remove files that no commit needs, and release the lock."""
        if not self._lock.is_locked:
            return
        try:
            if hasattr(self, "_builds"):
                self._builds.cancel()
            # A refused removal changes nothing about the commit: the next writer repeats it.
            with contextlib.suppress(OSError, SearchidxError):
                if self._new_files:
                    self._store.remove_unneeded(self._new_files)
                if self._lock.is_valid():  # else the other files may be another writer's
                    self._store.remove_leftovers(self._files_before)
        finally:
            self._lock.release()


def _copy_live(live: BoolArray | None, size: int) -> BoolArray:
    """Return which documents of a segment are live; None stands for all."""
    return np.ones(size, np.bool_) if live is None else live.copy()


def _code_points(document: Document) -> int:
    """Return the length of a document's texts in code points."""
    return len(document.body) + len(document.title)
