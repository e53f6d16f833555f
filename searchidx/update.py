"""Brings an index up to date with files and folders, in one commit."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from searchidx.document import Document
from searchidx.sources import Failure, read
from searchidx.sources.failure import printable
from searchidx.sources.walk import Found, Skipped, walk
from searchidx.store import Store, Writer

# A file that was written to within this time may be written to again without its time
# stamp moving on; it is read once more at the next run instead of being trusted.
_SETTLED_SECONDS: Final = 2.0
_UNTRUSTED: Final = (-1, -1)

Progress = Callable[[int, int, str], None]
"""Called after each document and file with the bytes done, about, the bytes in all, and
the path of the file that is being read."""


@dataclass(slots=True)
class Report:
    """What an update did; the counts are documents.

    Attributes:
        added, changed, removed, unchanged: How many documents.
        failures: What could not be read; it stays as it was in the index.
        skipped: How many files of other kinds were met, by their lower-case extension.
        seconds: How long it took.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failures: list[Failure] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


@dataclass(slots=True)
class _Catalog:
    """What the index knows of the files that its documents came from.

    Attributes:
        files: For each path its size in bytes, its modification time in nanoseconds and
            how many documents it gave; size and time are -1 where it must be read again.
        roots: The paths that were given to updates.
    """

    files: dict[str, tuple[int, int, int]]
    roots: list[str]

    @classmethod
    def of(cls, metadata: dict[str, Any]) -> _Catalog:
        files = {path: tuple(entry) for path, entry in metadata.get("files", {}).items()}
        return cls(files, list(metadata.get("roots", [])))

    def metadata(self) -> dict[str, Any]:
        return {"files": self.files, "roots": self.roots}

    def under(self, root: str) -> list[str]:
        """The known files at or below `root`."""
        below = os.path.join(root, "")
        return [path for path in self.files if path == root or path.startswith(below)]


def update(
    store: Store, paths: Sequence[str], *, wait: float = 0.0, progress: Progress | None = None
) -> Report:
    """Indexes what is new or changed at `paths`, and removes what has vanished below them.

    Everything becomes visible in one commit at the end; an interrupted run changes nothing.
    A file that cannot be read is reported and keeps what was indexed of it before.

    Args:
        store: The index.
        paths: Files and folders.
        wait: Seconds to wait for another writer.
        progress: Told how far the run is; what it raises ends the run, without a commit.

    Raises:
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    begun = time.monotonic()
    with _run(store, wait) as run:
        run.index(paths, progress or (lambda done, total, path: None))
    run.report.seconds = time.monotonic() - begun
    return run.report


def remove_source(store: Store, path: str, *, wait: float = 0.0) -> int:
    """Removes the documents that came from files at or below `path`; tells how many.

    Raises:
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    with _run(store, wait) as run:
        for file in run.catalog.under(path):
            run.remove_file(file)
        run.catalog.roots = [root for root in run.catalog.roots if root != path]
    return run.report.removed


def remove(store: Store, ids: Iterable[str], *, wait: float = 0.0) -> int:
    """Removes the documents with these ids in one commit; tells how many there were.

    A file that one of them came from is read again by the next update of its folder.

    Raises:
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    with _run(store, wait) as run:
        for id_ in ids:
            run.remove_document(id_)
    return run.report.removed


@contextmanager
def _run(store: Store, wait: float) -> Iterator[_Run]:
    """A run that is committed at the end if anything changed, and cancelled on any error."""
    writer = store.writer(wait=wait)
    try:
        run = _Run(writer, _Catalog.of(store.metadata()))
        yield run
        if not run.nothing_new:
            writer.commit(run.catalog.metadata())
    finally:
        writer.cancel()


class _Run:
    """One update, and what it has done so far."""

    def __init__(self, writer: Writer, catalog: _Catalog) -> None:
        self.catalog = catalog
        self.report = Report()
        self._writer = writer
        self._begun = time.time()
        self._new: dict[str, str | None] = {}  # the file of each document added in this run
        self._before = (dict(catalog.files), list(catalog.roots))

    @property
    def nothing_new(self) -> bool:
        """Whether a commit would change nothing."""
        return not self._writer.changed and self._before == (
            self.catalog.files,
            self.catalog.roots,
        )

    def index(self, paths: Iterable[str], progress: Progress) -> None:
        """Removes what has vanished, then adds what is new or changed."""
        found: dict[str, Found] = {}
        gone: set[str] = set()
        for root in dict.fromkeys(map(os.path.abspath, paths)):
            unreadable: list[str] = []
            for item in walk(root):
                if isinstance(item, Found):
                    found[item.path] = item
                elif isinstance(item, Skipped):
                    extension = os.path.splitext(item.path)[1].lower()
                    self.report.skipped[extension or "no extension"] += 1
                else:
                    self.report.failures.append(item)
                    unreadable.append(item.path)
            kept = {path for folder in unreadable for path in self.catalog.under(folder)}
            gone.update(path for path in self.catalog.under(root) if path not in kept)
            if root not in self.catalog.roots and root not in unreadable:
                self.catalog.roots.append(root)
        for path in sorted(gone - found.keys()):
            self.remove_file(path)
        total = sum(item.size for item in found.values())
        done = 0
        for item in found.values():
            read = 0
            for document in self._index_file(item):
                read += len(document.body.encode("utf-8"))
                progress(done + min(read, item.size), total, item.path)
            done += item.size
            progress(done, total, item.path)

    def remove_file(self, path: str) -> None:
        """Removes the documents of a file, and what is known of it."""
        for id_, _ in self._indexed(path):
            self._writer.remove(id_)
            self.report.removed += 1
        del self.catalog.files[path]

    def remove_document(self, id_: str) -> None:
        """Removes one document, if it is there."""
        reader = self._writer.reader
        number = reader.number(id_)
        if number is None or not self._writer.remove(id_):
            return
        self.report.removed += 1
        path = reader.document(number).path
        if path in self.catalog.files:
            self.catalog.files[path] = (*_UNTRUSTED, self.catalog.files[path][2] - 1)

    def _indexed(self, path: str) -> list[tuple[str, str]]:
        """The id and digest of each document that came from a file."""
        reader = self._writer.reader
        numbers = reader.from_source(printable(path)).tolist()
        return [reader.identity(number) for number in numbers]

    def _index_file(self, file: Found) -> Iterator[Document]:
        """Brings the index up to date with a file; yields each document when it is done."""
        known = self.catalog.files.get(file.path)
        if known is not None and known[:2] == (file.size, file.mtime_ns):
            self.report.unchanged += known[2]
            return
        before = dict(self._indexed(file.path))
        stale = set(before)
        failures: list[Failure] = []
        count = 0
        for item in read(file.path):
            if isinstance(item, Failure):
                failures.append(item)
                continue
            if item.id not in before and item.id in self._writer:
                failures.append(self._id_taken(item))
                continue
            stale.discard(item.id)
            count += 1
            if before.get(item.id) == item.digest():
                self.report.unchanged += 1
            else:
                self._writer.add(item)
                self._new[item.id] = item.path
                if item.id in before:
                    self.report.changed += 1
                else:
                    self.report.added += 1
            yield item
        if failures:
            # Which documents the unreadable parts held is not known: none is given up.
            count += len(stale)
        else:
            for id_ in stale:
                self._writer.remove(id_)
                self.report.removed += 1
        self.report.failures.extend(failures)
        settled = self._begun - file.mtime_ns / 1e9 > _SETTLED_SECONDS
        stamp = (file.size, file.mtime_ns) if settled and not failures else _UNTRUSTED
        if count or not failures:
            self.catalog.files[file.path] = (*stamp, count)

    def _id_taken(self, document: Document) -> Failure:
        reader = self._writer.reader
        holder = self._new.get(document.id)
        if holder is None and (number := reader.number(document.id)) is not None:
            holder = reader.document(number).path
        return Failure(
            document.path or "",
            document.line,
            f"the id {document.id!r} already belongs to a document of "
            f"{holder or 'another origin'}; ids must be unique in an index, so this one was "
            "not indexed: give it another id",
        )
