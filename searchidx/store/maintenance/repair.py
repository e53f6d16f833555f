"""Repair a damaged index from the data that can still be read."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from searchidx.arrays import BoolArray
from searchidx.errors import IndexDamagedError, SearchidxError
from searchidx.store.files.commit_metadata import read_metadata, write_metadata
from searchidx.store.files.deletions import (
    read_deletions,
    read_segment_name,
    write_deletions,
)
from searchidx.store.files.directory import Directory, Origin
from searchidx.store.files.error_translation import translate_write_errors
from searchidx.store.files.lock import WriteLock, acquire_lock, write_lock_holder
from searchidx.store.files.manifest import (
    MANIFEST_FILE,
    Manifest,
    SegmentEntry,
    generation_problem,
    list_index_files,
    new_file_name,
    read_manifest,
)
from searchidx.store.files.sections import SectionFile
from searchidx.store.maintenance.check import (
    CheckProblem,
    Validate,
    check_index,
    manifest_of_all_segments,
    oldest_first,
    problem_of_error,
)
from searchidx.store.maintenance.segment_check import check_segment
from searchidx.store.segment.builder import SegmentBuilder
from searchidx.store.segment.pending_document import PendingDocument
from searchidx.store.segment.segment import DocumentHead, Segment
from searchidx.store.store import Store

Mend = Callable[[dict[str, Any], Counter[str]], dict[str, Any]]
"""Make the metadata of the repaired commit from the old metadata and the number of documents
of each source."""

_SEGMENT_CODE_POINTS: Final = 16_000_000
"""About how many code points of recovered text go into one segment."""


@dataclass(frozen=True, slots=True)
class LostDocument:
    """A document that could not be recovered.

    Attributes:
        id: The id of the document; None if it is unknown.
        path: The file that the document came from; None if it is unknown.
    """

    id: str | None
    path: str | None


@dataclass(frozen=True, slots=True)
class RepairReport:
    """The result of a repair; without problems, the index was not changed.

    Attributes:
        problems: The defects that were found.
        kept: The number of documents in undamaged files, which stay as they are.
        saved: The number of documents that were read from damaged files and indexed again.
        lost: The documents that could not be recovered, as far as they are known.
        notes: Further differences from the index before the damage.
    """

    problems: tuple[CheckProblem, ...]
    kept: int
    saved: int
    lost: tuple[LostDocument, ...]
    notes: tuple[str, ...]


def repair_index(
    folder: Path,
    *,
    wait: float = 0.0,
    mend: Mend = lambda metadata, sources: metadata,
    validate: Validate = lambda metadata: None,
    directory: Directory | None = None,
) -> RepairReport:
    """Commit all data that can be read, if the index is damaged; else change nothing.

    Undamaged segments are kept.  From a damaged segment, the documents whose text can be
    read are indexed again.  Without a manifest, the repair takes all segments in the folder,
    and of several documents with the same id the latest.  Damaged files are removed after
    the new commit, not before.

    Args:
        folder: The folder of an index.
        wait: How long to wait for a writer, in seconds.
        mend: The function that makes the new metadata.
        validate: As for `check_index`.
        directory: The file operations to use; None for those of the system.

    Raises:
        IndexNotFoundError: The folder has no index.
        IndexFormatError: The index has another format.
        IndexReadError: The system refused to read the index.
        IndexLockedError: A writer holds the lock.
        IndexWriteError: The disk refused a write; nothing was changed.
    """
    directory = directory or Directory(folder)
    _refuse_other_formats(directory)
    lock = acquire_lock(directory, wait)
    try:
        with translate_write_errors(folder):
            write_lock_holder(lock.directory)
            report = check_index(folder, directory=lock.directory, validate=validate)
            if not report.problems:
                return RepairReport((), report.documents, 0, (), ())
            return _Repair(lock, report.problems, mend).run()
    finally:
        lock.release()


def _refuse_other_formats(directory: Directory) -> None:
    """Raise an error if there is no index, or one of another format."""
    with contextlib.suppress(IndexDamagedError):
        read_manifest(directory)


@dataclass
class _KeptSegment:
    """An undamaged segment that becomes a part of the new commit.

    Attributes:
        segment: The segment.
        entry: Its entry in the old manifest.
        live: bool, shape (segment.size,): the documents that the new commit keeps.
        ids: The id of each document.
        sources: The source of each document.
    """

    segment: Segment
    entry: SegmentEntry
    live: BoolArray
    ids: list[str]
    sources: list[str | None]


class _Repair:
    """Repair one index; used once."""

    def __init__(self, lock: WriteLock, problems: tuple[CheckProblem, ...], mend: Mend) -> None:
        self._lock = lock
        self._directory = lock.directory
        self._before: Manifest | None = None
        self._displaced: dict[str, str] = {}
        self._problems = problems
        self._mend = mend
        self._parts: list[_KeptSegment | list[PendingDocument]] = []
        self._lost: list[LostDocument] = []
        self._notes: list[str] = []

    def run(self) -> RepairReport:
        """Read all data that can be read, and commit it."""
        manifest = self._find_commit()
        if generation_problem(manifest) is not None:
            # Numbers begin again; readers see that it is another commit all the same.
            manifest = replace(manifest, generation=int(time.time()))
        origin = self._lock.begin(manifest)
        self._displaced = self._find_displaced()
        for entry in manifest.segments:
            self._read_segment(entry)
        self._drop_older_duplicates()
        entries: list[SegmentEntry] = []
        kept = saved = 0
        for part in self._parts:
            if isinstance(part, _KeptSegment):
                entries += self._entry(part)
                kept += int(part.live.sum())
            else:
                entries += self._write(part)
                saved += len(part)
        metadata = self._mend(self._metadata(manifest), self._sources())
        name = new_file_name("metadata")
        write_metadata(self._directory, name, metadata)
        self._lock.commit(
            Manifest(origin.commit, time.time(), tuple(entries), name, origin.index),
            self._before,
        )
        store = Store(self._directory.path, directory=self._directory)
        store.remove_leftovers()
        return RepairReport(self._problems, kept, saved, tuple(self._lost), tuple(self._notes))

    def _find_commit(self) -> Manifest:
        """Return the manifest, or a manifest of all segments if it is damaged."""
        try:
            self._before = read_manifest(self._directory)
            return self._before
        except IndexDamagedError:
            found = manifest_of_all_segments(self._directory)
        self._notes.append(
            f"{MANIFEST_FILE} could not be read: all segments in the folder were used, and of "
            "documents with the same id the latest; removed documents may be back"
        )
        latest: dict[str, str] = {}
        for name in oldest_first(self._directory, "removals"):
            try:
                latest[read_segment_name(self._directory, name)] = name
            except IndexDamagedError as error:
                self._problems += (problem_of_error(self._directory, name, error),)
        metadata = oldest_first(self._directory, "metadata")
        origins = [
            origin
            for name in list_index_files(self._directory, "segment")
            if (origin := self._origin(name)[1]) is not None
        ]
        identities = Counter(origin.index for origin in origins).most_common()
        if len(identities) > 1:
            self._notes.append(
                "the folder held segments of several indexes: documents of another index may "
                "be among those that were kept"
            )
        return Manifest(
            # Higher than the number of any earlier commit.
            generation=max([int(time.time()), *(origin.commit for origin in origins)]),
            index=identities[0][0] if identities else None,
            segments=tuple(
                SegmentEntry(entry.name, entry.size, 0, latest.get(entry.name))
                for entry in found.segments
            ),
            metadata=metadata[-1] if metadata else None,
        )

    def _read_segment(self, entry: SegmentEntry) -> None:
        """Keep an undamaged segment; recover the documents of a damaged one."""
        actual = self._displaced.get(entry.name, entry.name)
        try:
            segment = Segment(self._directory, actual, displaced=actual != entry.name)
        except (IndexDamagedError, FileNotFoundError, ValueError, IndexError):
            self._lost += [LostDocument(None, None)] * (entry.size - entry.deleted_count)
            self._note_intruder(entry.name)
            return
        segment.name = entry.name
        live = self._live(entry, segment)
        if actual != entry.name:
            self._notes.append(f"{entry.name} was found as {actual}")
        if actual != entry.name or any(check_segment(segment)):
            self._recover(segment, live)
            return
        heads = segment.all_heads()
        ids, sources = [head.id for head in heads], [head.source for head in heads]
        self._parts.append(_KeptSegment(segment, entry, live, ids, sources))

    def _live(self, entry: SegmentEntry, segment: Segment) -> BoolArray:
        """Return which documents of a segment were not deleted: bool, shape (segment.size,)."""
        if entry.deletions is not None:
            try:
                return ~read_deletions(
                    self._directory, entry.deletions, segment.name, segment.size
                )
            except (IndexDamagedError, FileNotFoundError):
                older = self._older_deletions(entry, segment)
                if older is not None:
                    return older
                self._notes.append(
                    f"{entry.deletions} could not be read: removed documents may be back"
                )
        return np.ones(segment.size, np.bool_)

    def _older_deletions(self, entry: SegmentEntry, segment: Segment) -> BoolArray | None:
        """Read earlier deletions of the same segment that took the place of the right ones.

        Returns:
            As `_live`, or None if there are none.
        """
        if entry.deletions is None:
            return None
        try:
            written, origin = self._origin(entry.deletions)
            deleted = read_deletions(
                self._directory, entry.deletions, segment.name, segment.size, displaced=True
            )
        except (IndexDamagedError, FileNotFoundError):
            return None
        self._notes.append(
            f"in place of {entry.deletions} was {written}"
            f"{origin and f' of commit {origin.commit}'}: documents that were removed since "
            "then may be back"
        )
        return ~deleted

    def _origin(self, name: str) -> tuple[str, Origin | None]:
        """Return the name under which a file was written, and what for; itself if unknown."""
        try:
            file = SectionFile(self._directory, name, displaced=True)
        except (IndexDamagedError, FileNotFoundError):
            return name, None
        return file.written_name, file.origin

    def _find_displaced(self) -> dict[str, str]:
        """Return under which names those segments lie that were written under other names."""
        names = list_index_files(self._directory, "segment")
        displaced = {self._origin(name)[0]: name for name in names}
        return {
            written: name
            for written, name in displaced.items()
            if written not in names or self._origin(written)[0] != written
        }

    def _note_intruder(self, name: str) -> None:
        """Note that a file took the place of a segment, whose documents are lost."""
        written, origin = self._origin(name)
        if written != name:
            self._notes.append(
                f"in place of {name} was {written}"
                f"{origin and f' of commit {origin.commit} of the index {origin.index}'}: "
                "its documents were not taken"
            )

    def _recover(self, segment: Segment, live: BoolArray) -> None:
        """Read the documents of a damaged segment, and record those that are lost."""
        saved = []
        known: tuple[list[str | None], ...] | None = None
        for number in np.flatnonzero(live).tolist():
            head: DocumentHead | None = None
            try:
                head = segment.head(number)
                document = head.document(segment.bodies.read(number)[0])
            except (MemoryError, OSError):  # no damage, and nothing is lost
                raise
            except Exception:  # damage can cause any error
                if head is not None:
                    self._lost.append(LostDocument(head.id, head.path))
                    continue
                known = known or (_keywords(segment, "id"), _keywords(segment, "source"))
                self._lost.append(LostDocument(known[0][number], known[1][number]))
            else:
                saved.append(PendingDocument(document, head.source))
        self._parts.append(saved)

    def _drop_older_duplicates(self) -> None:
        """Keep the latest of the documents with the same id."""
        seen: set[str] = set()
        for at in reversed(range(len(self._parts))):
            part = self._parts[at]
            if isinstance(part, _KeptSegment):
                for number in np.flatnonzero(part.live).tolist()[::-1]:
                    part.live[number] = part.ids[number] not in seen
                    seen.add(part.ids[number])
                continue
            latest = []
            for added in reversed(part):
                if added.document.id not in seen:
                    latest.append(added)
                seen.add(added.document.id)
            self._parts[at] = latest[::-1]
        self._lost = [lost for lost in self._lost if lost.id is None or lost.id not in seen]

    def _entry(self, part: _KeptSegment) -> list[SegmentEntry]:
        """Write the deletions of a kept segment; return its entry, or none if it is empty."""
        removed = part.segment.size - int(part.live.sum())
        if removed == part.segment.size:
            return []
        name = part.segment.name
        removals = write_deletions(self._directory, name, part.live) if removed else None
        return [SegmentEntry(name, part.segment.size, removed, removals)]

    def _write(self, saved: list[PendingDocument]) -> list[SegmentEntry]:
        """Index recovered documents again; return the entries of the new segments."""
        entries = []
        at = 0
        while at < len(saved):
            first, size = at, 0
            while at < len(saved) and size < _SEGMENT_CODE_POINTS:
                size += len(saved[at].document.body)
                at += 1
            name = new_file_name("segment")
            builder = SegmentBuilder()
            builder.add(saved[first:at])
            builder.write(self._directory, name)
            entries.append(SegmentEntry(name, at - first))
        return entries

    def _metadata(self, manifest: Manifest) -> dict[str, Any]:
        """Read the metadata of the old commit; empty if it is damaged."""
        if manifest.metadata is None:
            return {}
        try:
            return read_metadata(self._directory, manifest.metadata)
        except (IndexDamagedError, FileNotFoundError):
            self._notes.append(
                f"{manifest.metadata} could not be read: the indexed folders are unknown. "
                "Name them again with: searchidx index FOLDER. This reads every file again"
            )
            return {}

    def _sources(self) -> Counter[str]:
        """Return the number of documents of each source in the new commit."""
        found: Counter[str] = Counter()
        for part in self._parts:
            if isinstance(part, _KeptSegment):
                sources = [part.sources[n] for n in np.flatnonzero(part.live).tolist()]
            else:
                sources = [added.source for added in part]
            found.update(source for source in sources if source is not None)
        return found


def _keywords(segment: Segment, field: str) -> list[str | None]:
    """Return the "id" or "source" of each document, as far as its postings can be read."""
    found: list[str | None] = [None] * segment.size
    try:
        for number, string in enumerate(segment.term_dictionary(field).all()):
            try:
                for document in segment.posting_lists(field).read(number)[0].tolist():
                    found[document] = string.decode()
            except (SearchidxError, ValueError, IndexError):
                continue
    except (SearchidxError, ValueError):
        pass
    return found
