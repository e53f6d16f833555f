"""The one writer of an index: what it adds and removes becomes one commit."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

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
class _Written:
    """A segment that will be part of the commit, unless it is merged.

    Attributes:
        entry: As it is committed now, or was made in this run.
        live: bool, shape (size,): which of its documents the commit keeps.
    """

    entry: SegmentEntry
    live: BoolArray

    @property
    def size(self) -> int:
        return len(self.live)

    @property
    def deleted_count(self) -> int:
        return int(len(self.live) - self.live.sum())


class Writer:
    """Add and remove documents; nothing is seen by readers before `commit`.

    Used by one thread.  It ends with `commit` or `cancel`; a process that dies in between
    leaves the last commit as it was, and its lock frees itself.
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
        # All that is read and written is in the folder that was locked, wherever it is by now.
        self._directory = self._lock.directory
        self._store = store = store.at(self._directory)
        self._kept: Set[str] = frozenset()  # files of the last commit, while it may be needed
        self._new_files: list[str] = []
        try:
            # The commit that this one follows; what is looked up is looked up there.
            self.reader: Reader = store.reader()
            self._kept = self.reader.manifest.files()
            self._origin = self._lock.begin(self.reader.manifest)
            with store.translate_write_errors():
                write_lock_holder(self._directory)
                store.remove_leftovers()
            self._builds = SegmentBuildPool(self._directory, workers, self._dictionaries())
        except BaseException:
            self._release()
            raise
        self._segments = [
            _Written(entry, self._live(leaf.live, entry.size))
            for entry, leaf in zip(
                self.reader.manifest.segments, self.reader.leaves, strict=True
            )
        ]
        # Added, not yet handed to be built, each with its source.
        self._pending: dict[str, PendingDocument] = {}
        self._pending_size = 0
        # Of those that were: the segment, counted among the new ones, and the place in it.
        self._built: dict[str, tuple[int, int]] = {}
        self._removed_built: list[tuple[int, int]] = []
        self._incomplete = False  # whether something that was added could not be written
        self.changed = False
        """Whether anything was added or removed."""

    def _dictionaries(self) -> CompressionDictionaries | None:
        """Those of the largest segment, with which new ones are read and merged fastest."""
        leaves = self.reader.leaves
        if not leaves:
            return None
        known = max(
            leaves, key=lambda leaf: leaf.segment.size
        ).segment.compression_dictionaries()
        return known if known.bodies else None

    @staticmethod
    def _live(live: BoolArray | None, size: int) -> BoolArray:
        return np.ones(size, np.bool_) if live is None else live.copy()

    def __contains__(self, id_: str) -> bool:
        """Return whether the commit would hold a document with that id."""
        return id_ in self._pending or id_ in self._built or self._committed(id_) is not None

    def _committed(self, id_: str) -> tuple[_Written, int] | None:
        """Return the segment and the number of a committed document, or None."""
        number = self.reader.doc_id(id_)
        if number is None:
            return None
        for leaf, written in zip(self.reader.leaves, self._segments, strict=True):
            place = number - leaf.doc_base
            if 0 <= place < written.size:
                return (written, place) if written.live[place] else None
        return None

    def add(
        self, document: Document, *, source: str | None = None, digest: str | None = None
    ) -> None:
        """Add a document, in place of the one with the same id if there is one.

        Args:
            document: What is added.
            source: The file that it came from, which finds it again in
                `Reader.doc_ids_from_source`; None for a document that no file is kept up with.
            digest: The `Document.digest` of it, if that is known already.

        Raises:
            DocumentError: The document is too large (`MAX_DOCUMENT_CODE_POINTS`).
            IndexWriteError: The disk refused a write.
        """
        check_document_size(document)
        self.remove(document.id)
        self._pending[document.id] = PendingDocument(document, source, digest)
        self._pending_size += len(document.body) + len(document.title)
        self.changed = True
        limit = self._max_pending_code_points // self._builds.max_segments_in_memory
        if self._pending_size >= limit:
            self._build_pending()

    def remove(self, id_: str) -> bool:
        """Remove the document with that id; return whether there was one."""
        added = self._pending.pop(id_, None)
        if added is not None:
            self._pending_size -= len(added.document.body) + len(added.document.title)
            return True
        built = self._built.pop(id_, None)
        if built is not None:
            self._removed_built.append(built)
            return True
        committed = self._committed(id_)
        if committed is None:
            return False
        written, place = committed
        written.live[place] = False
        self.changed = True
        return True

    def _build_pending(self, *, last: bool = False) -> None:
        if not self._pending:
            return
        segment = len(self._builds)
        self._built.update((id_, (segment, at)) for at, id_ in enumerate(self._pending))
        added = list(self._pending.values())
        self._pending, self._pending_size = {}, 0
        self._incomplete = True
        with self._store.translate_write_errors():
            self._builds.submit(self._new_file_name("segment"), added, last=last)
        self._incomplete = False

    def commit(self, metadata: Mapping[str, Any]) -> None:
        """Make all changes visible and durable at once, and release the lock.

        Args:
            metadata: What `Store.metadata` gives from now on; JSON values.

        Raises:
            IndexWriteError: The disk refused a write, or a worker process died; the last
                commit is as it was.
        """
        try:
            if self._incomplete:
                raise IndexWriteError(
                    f"an earlier write to the index at {self._directory.path} failed, so "
                    "nothing was committed; run the same command again"
                )
            self._lock.verify()  # rather than to work in vain
            self._build_pending(last=True)
            with self._store.translate_write_errors():
                built = [
                    _Written(SegmentEntry(name, size), np.ones(size, np.bool_))
                    for name, size in self._builds.finish()
                ]
                for segment, place in self._removed_built:
                    built[segment].live[place] = False
                self._lock.commit(self._manifest(built, metadata), self.reader.manifest)
            self._kept, self._new_files = frozenset(), []
        finally:
            self._release()

    def _manifest(self, built: list[_Written], metadata: Mapping[str, Any]) -> Manifest:
        """Write all files of the commit except its manifest, and return the manifest."""
        before = self.reader.manifest
        segments = [*self._segments, *built]
        merged = self._merge(
            segments,
            select_segments_to_merge(self._segments, sum(each.size for each in built)),
            len(built),
        )
        metadata_file = before.metadata
        if metadata_file is None or self._store.metadata_of(before) != metadata:
            metadata_file = self._new_file_name("metadata")
            self._store.write_metadata(metadata_file, metadata)
        return Manifest(
            generation=self._origin.commit,
            committed=time.time(),
            segments=tuple(map(self._entry, merged)),
            metadata=metadata_file,
            index=self._origin.index,
        )

    def _merge(self, segments: list[_Written], chosen: list[int], built: int) -> list[_Written]:
        """Return the segments of the commit; the chosen and the new ones are merged."""
        old = len(segments) - built
        places = [*chosen, *range(old, len(segments))]
        parts = [segments[at] for at in places if segments[at].live.any()]
        kept = [
            written
            for at, written in enumerate(segments)
            if at not in places and written.live.any()
        ]
        if not parts or (len(parts) == 1 and not parts[0].deleted_count):
            return kept + parts
        name = self._new_file_name("segment")
        merge_segments(
            self._directory,
            name,
            [
                MergeInput(Segment(self._directory, part.entry.name), part.live)
                for part in parts
            ],
        )
        size = sum(part.size - part.deleted_count for part in parts)
        return [*kept, _Written(SegmentEntry(name, size), np.ones(size, np.bool_))]

    def _entry(self, written: _Written) -> SegmentEntry:
        """Return the manifest's entry of a segment, and write its deletions."""
        if written.deleted_count == written.entry.deleted_count:
            return written.entry
        name = write_deletions(self._directory, written.entry.name, written.live)
        self._new_files.append(name)
        return replace(written.entry, deleted_count=written.deleted_count, deletions=name)

    def _new_file_name(self, kind: str) -> str:
        """Return the name of a file that this writer is going to write."""
        name = new_file_name(kind)
        self._new_files.append(name)
        return name

    def cancel(self) -> None:
        """Discard everything and lets go of the index; does nothing after `commit`."""
        self._release()

    def _release(self) -> None:
        if not self._lock.is_locked:
            return
        try:
            if hasattr(self, "_builds"):
                self._builds.cancel()
            # Whatever the disk refuses now, the commit was made or it was not.
            with contextlib.suppress(OSError, SearchidxError):
                if self._new_files:
                    self._store.remove_unneeded(self._new_files)
                if self._lock.is_valid():  # else the other files may be another writer's
                    self._store.remove_leftovers(self._kept)
        finally:
            self._lock.release()
