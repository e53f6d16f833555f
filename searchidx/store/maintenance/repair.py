"""Makes a damaged index whole again, of what can still be read."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from searchidx.arrays import BoolArray
from searchidx.errors import IndexDamagedError, SearchidxError
from searchidx.store.files.deletions import (
    read_deletions,
    read_segment_name,
    write_deletions,
)
from searchidx.store.files.directory import Directory
from searchidx.store.files.lock import LOCK_HOLDER_FILE, acquire_lock, write_lock_holder
from searchidx.store.files.manifest import (
    MANIFEST_FILE,
    Manifest,
    SegmentEntry,
    new_file_name,
    read_manifest,
    write_manifest,
)
from searchidx.store.maintenance.check import (
    CheckProblem,
    check_index,
    check_segment,
    oldest_first,
    problem,
    stray_segments,
)
from searchidx.store.segment.builder import PendingDocument, SegmentBuilder
from searchidx.store.segment.segment import DocumentHead, Segment
from searchidx.store.store import Store, read_metadata, translate_write_errors, write_metadata

Mend = Callable[[dict[str, Any], Counter[str]], dict[str, Any]]
"""The metadata of the repaired commit, made of the old and of how many documents there are
of each source."""

_AT_ONCE: Final = 16_000_000
"""About how many code points of saved text become a segment."""


@dataclass(frozen=True, slots=True)
class LostDocument:
    """A document that could not be read any more.

    Attributes:
        id: Its id, or None if that cannot be read either.
        path: The file that it came from, or None.
    """

    id: str | None
    path: str | None


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What a repair did; nothing if there were no problems.

    Attributes:
        problems: What was wrong.
        kept: How many documents stayed as they were.
        saved: How many documents of damaged files were read and indexed again.
        lost: The documents that were not, as far as it is known which.
        notes: What else may be another than before.
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
    directory: Directory | None = None,
) -> RepairReport:
    """Makes a commit of what can be read, if anything is wrong; else changes nothing.

    Segments that are whole are kept.  Of others, the documents whose text can be read are
    indexed again.  Without a manifest, the segments in the folder are taken from the oldest
    to the latest, and of documents with one id the latest.  The damaged files are removed
    when the new commit is made, not before.

    Args:
        folder: The folder of an index.
        wait: Seconds to wait for a writer.
        mend: Makes the new metadata.
        directory: How its files are touched, if not in the usual way.

    Raises:
        IndexNotFoundError: There is no index.
        IndexFormatError: It has another format.
        IndexReadError: The system refused to read it.
        IndexLockedError: A writer holds it.
        IndexWriteError: The disk refused a write; nothing was changed.
    """
    directory = directory or Directory(folder)
    _refuse_other_formats(directory)
    lock = acquire_lock(directory, wait)
    try:
        with translate_write_errors(folder):
            write_lock_holder(directory)
            report = check_index(folder, directory=directory)
            if not report.problems:
                return RepairReport((), report.documents, 0, (), ())
            return _Repair(directory, report.problems, mend).run()
    finally:
        directory.remove(LOCK_HOLDER_FILE)
        lock.release()


def _refuse_other_formats(directory: Directory) -> None:
    """Refuses what is no index of this format, damaged or not."""
    with contextlib.suppress(IndexDamagedError):
        read_manifest(directory)


@dataclass
class _Kept:
    """A segment of the new commit, and what of it stays."""

    segment: Segment
    entry: SegmentEntry
    live: BoolArray
    ids: list[str]
    sources: list[str | None]


class _Repair:
    def __init__(
        self, directory: Directory, problems: tuple[CheckProblem, ...], mend: Mend
    ) -> None:
        self._directory = directory
        self._problems = problems
        self._mend = mend
        self._parts: list[_Kept | list[PendingDocument]] = []
        self._lost: list[LostDocument] = []
        self._notes: list[str] = []

    def run(self) -> RepairReport:
        """Reads what can be read, and commits it."""
        manifest = self._commit()
        for entry in manifest.segments:
            self._read(entry)
        self._resolve()
        entries: list[SegmentEntry] = []
        kept = saved = 0
        for part in self._parts:
            if isinstance(part, _Kept):
                entries += self._entry(part)
                kept += int(part.live.sum())
            else:
                entries += self._write(part)
                saved += len(part)
        metadata = self._mend(self._metadata(manifest), self._sources())
        name = new_file_name("metadata")
        write_metadata(self._directory, name, metadata)
        write_manifest(
            self._directory,
            Manifest(manifest.generation + 1, time.time(), tuple(entries), name),
        )
        store = Store(self._directory.path, directory=self._directory)
        store.remove_leftovers()
        return RepairReport(self._problems, kept, saved, tuple(self._lost), tuple(self._notes))

    def _commit(self) -> Manifest:
        """The commit, or what it may have been."""
        try:
            return read_manifest(self._directory)
        except IndexDamagedError:
            found = stray_segments(self._directory)
        self._notes.append(
            f"{MANIFEST_FILE} could not be read: all segments in the folder were taken, and of "
            "documents with one id the latest; some that were removed may be back"
        )
        latest: dict[str, str] = {}
        for name in oldest_first(self._directory, "removals"):
            try:
                latest[read_segment_name(self._directory, name)] = name
            except IndexDamagedError as error:
                self._problems += (problem(self._directory, name, error),)
        metadata = oldest_first(self._directory, "metadata")
        return Manifest(
            # A number that no commit can have had: readers see that there is another.
            generation=int(time.time()),
            segments=tuple(
                SegmentEntry(entry.name, entry.size, 0, latest.get(entry.name))
                for entry in found.segments
            ),
            metadata=metadata[-1] if metadata else None,
        )

    def _read(self, entry: SegmentEntry) -> None:
        """Takes a segment as it is, or its documents."""
        try:
            segment = Segment(self._directory, entry.name)
        except (SearchidxError, FileNotFoundError, ValueError, IndexError):
            self._lost += [LostDocument(None, None)] * (entry.size - entry.deleted_count)
            return
        live = self._live(entry, segment)
        if any(check_segment(segment)):
            self._save(segment, live)
            return
        heads = segment.all_heads()
        ids, sources = [head.id for head in heads], [head.source for head in heads]
        self._parts.append(_Kept(segment, entry, live, ids, sources))

    def _live(self, entry: SegmentEntry, segment: Segment) -> BoolArray:
        """Which documents of a segment were not removed."""
        if entry.deletions is not None:
            try:
                return ~read_deletions(
                    self._directory, entry.deletions, segment.name, segment.size
                )
            except (SearchidxError, FileNotFoundError):
                self._notes.append(
                    f"{entry.deletions} could not be read: documents that had been removed "
                    "may be back"
                )
        return np.ones(segment.size, np.bool_)

    def _save(self, segment: Segment, live: BoolArray) -> None:
        """Reads the documents of a damaged segment that can be read."""
        saved = []
        known: tuple[list[str | None], ...] | None = None
        for number in np.flatnonzero(live).tolist():
            head: DocumentHead | None = None
            try:
                head = segment.head(number)
                document = head.document(segment.bodies.read(number)[0])
            except Exception:  # whatever damage leads to
                if head is not None:
                    self._lost.append(LostDocument(head.id, head.path))
                    continue
                known = known or (_keywords(segment, "id"), _keywords(segment, "source"))
                self._lost.append(LostDocument(known[0][number], known[1][number]))
            else:
                saved.append(PendingDocument(document, head.source))
        self._parts.append(saved)

    def _resolve(self) -> None:
        """Keeps of documents with one id the latest."""
        seen: set[str] = set()
        for at in reversed(range(len(self._parts))):
            part = self._parts[at]
            if isinstance(part, _Kept):
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

    def _entry(self, part: _Kept) -> list[SegmentEntry]:
        removed = part.segment.size - int(part.live.sum())
        if removed == part.segment.size:
            return []
        name = part.segment.name
        removals = write_deletions(self._directory, name, part.live) if removed else None
        return [SegmentEntry(name, part.segment.size, removed, removals)]

    def _write(self, saved: list[PendingDocument]) -> list[SegmentEntry]:
        """Indexes documents again."""
        entries = []
        at = 0
        while at < len(saved):
            first, size = at, 0
            while at < len(saved) and size < _AT_ONCE:
                size += len(saved[at].document.body)
                at += 1
            name = new_file_name("segment")
            builder = SegmentBuilder()
            builder.add(saved[first:at])
            builder.write(self._directory, name)
            entries.append(SegmentEntry(name, at - first))
        return entries

    def _metadata(self, manifest: Manifest) -> dict[str, Any]:
        if manifest.metadata is None:
            return {}
        try:
            return read_metadata(self._directory, manifest.metadata)
        except (SearchidxError, FileNotFoundError):
            self._notes.append(
                f"{manifest.metadata} could not be read: which folders were indexed is not "
                "known, and each file is read again by the next: searchidx index FOLDER"
            )
            return {}

    def _sources(self) -> Counter[str]:
        """How many documents the new commit has of each source."""
        found: Counter[str] = Counter()
        for part in self._parts:
            if isinstance(part, _Kept):
                sources = [part.sources[n] for n in np.flatnonzero(part.live).tolist()]
            else:
                sources = [added.source for added in part]
            found.update(source for source in sources if source is not None)
        return found


def _keywords(segment: Segment, field: str) -> list[str | None]:
    """The id or the source of each document, as far as the lists that find them tell it."""
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
