"""Brings an index up to date with files and folders, in one commit."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from searchidx.document import Document
from searchidx.errors import DocumentError, IndexDamagedError
from searchidx.sources import Failure, extension, read_documents
from searchidx.sources.failure import printable_path
from searchidx.sources.walk import FoundFile, SkippedFile, walk
from searchidx.store import Reader, Store

if TYPE_CHECKING:
    from searchidx.store import Writer

# A file that was written to within this time may be written to again without its time
# stamp moving on; it is read once more at the next run instead of being trusted.
_SETTLED_SECONDS: Final = 2.0
_UNTRUSTED: Final = (-1, -1)

Progress = Callable[[int, int, str], None]
"""Called after each document and file with the bytes done, about, the bytes in all, and
the path of the file that is being read; with no path when the commit is about to be made."""


@dataclass(slots=True)
class UpdateReport:
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
        files: For each path (as text that can be printed) its size in bytes, its
            modification time in nanoseconds and how many documents it gave; size and time
            are -1 where it must be read again.
        roots: The paths that were given to updates.
    """

    files: dict[str, tuple[int, int, int]]
    roots: list[str]

    @classmethod
    def of(cls, store: Store) -> _Catalog:
        try:
            return cls.parse(store.metadata())
        except (AttributeError, TypeError, ValueError) as error:
            raise IndexDamagedError(
                f"the list of files in the index at {store.folder} is damaged ({error}); "
                "remove the folder and index again"
            ) from error

    @classmethod
    def parse(cls, metadata: Mapping[str, Any]) -> _Catalog:
        """What was kept of a catalog.

        Raises:
            AttributeError, TypeError, ValueError: It is something else.
        """
        files = {
            str(path): (int(size), int(time), int(count))
            for path, (size, time, count) in metadata.get("files", {}).items()
        }
        return cls(files, [str(root) for root in metadata.get("roots", [])])

    def metadata(self) -> dict[str, Any]:
        # Lists, as they are read again: equal to what was kept where nothing has changed.
        files = {path: list(values) for path, values in self.files.items()}
        return {"files": files, "roots": self.roots}

    def under(self, root: str) -> list[str]:
        """The known files at or below `root`."""
        return [path for path in self.files if _is_under(path, root)]

    def distrust(self, path: str | None) -> None:
        """Has the file at `path` read again by the next update of its folder."""
        if path is not None and path in self.files:
            self.files[path] = (*_UNTRUSTED, self.files[path][2])


def _is_under(path: str, root: str) -> bool:
    return path == root or path.startswith(os.path.join(root, ""))


def update(
    store: Store,
    paths: Sequence[str],
    *,
    wait: float = 0.0,
    workers: int = 1,
    progress: Progress | None = None,
) -> UpdateReport:
    """Indexes what is new or changed at `paths`, and removes what has vanished below them.

    Everything becomes visible in one commit at the end; an interrupted run changes nothing.
    A file that cannot be read is reported and keeps what was indexed of it before.

    Args:
        store: The index.
        paths: Files and folders.
        wait: Seconds to wait for another writer.
        workers: How many processes analyse at once.
        progress: Told how far the run is; what it raises ends the run, without a commit.

    Raises:
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    begun = time.monotonic()
    with _run(store, wait, workers) as run:
        run.index(paths, progress or (lambda done, total, path: None))
    run.report.seconds = time.monotonic() - begun
    return run.report


def add(
    store: Store, documents: Iterable[object], *, wait: float = 0.0, workers: int = 1
) -> int:
    """Adds documents in one commit, each in place of the one with its id; tells how many.

    Raises:
        DocumentError: One of them is no `Document`.
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    count = 0
    with _run(store, wait, workers) as run:
        for document in documents:
            if not isinstance(document, Document):
                raise DocumentError(
                    f"add takes searchidx.Document objects, not {type(document).__name__}"
                )
            run.add_document(document)
            count += 1
    return count


def remove_source(store: Store, path: str, *, wait: float = 0.0) -> int:
    """Removes the documents that updates added from files at or below `path`.

    Returns:
        How many there were.

    Raises:
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    with _run(store, wait) as run:
        for file in run.catalog.under(printable_path(path)):
            run.remove_file(file)
        run.catalog.roots = [
            root for root in run.catalog.roots if not _is_under(root, printable_path(path))
        ]
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


def remove_selected(
    store: Store, select: Callable[[Reader], Iterable[str]], *, wait: float = 0.0
) -> int:
    """Remove the documents that `select` gives of the latest commit, in one commit.

    Args:
        store: The index.
        select: Gives the ids of documents of a commit.
        wait: Seconds to wait for another writer.

    Returns:
        How many documents were removed.

    Raises:
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    with _run(store, wait) as run:
        for id_ in select(run.reader):
            run.remove_document(id_)
    return run.report.removed


def recount(metadata: Mapping[str, Any], sources: Mapping[str, int]) -> dict[str, Any]:
    """The metadata of an index that was repaired.

    Args:
        metadata: What it was, or what is left of it.
        sources: How many documents of each file the index has now.

    Returns:
        The same, in which files that gave another number of documents are read again.
    """
    try:
        catalog = _Catalog.parse(metadata)
    except (AttributeError, TypeError, ValueError):
        catalog = _Catalog({}, [])
    for path in sorted(catalog.files.keys() | sources.keys()):
        count = sources.get(path, 0)
        if path not in catalog.files or catalog.files[path][2] != count:
            catalog.files[path] = (*_UNTRUSTED, count)
    return catalog.metadata()


class Changes:
    """Documents added and removed one by one, until one commit.

    Begins by taking hold of the index, and ends with `commit` or `cancel`.

    Args:
        store: The index.
        wait: Seconds to wait for another writer.

    Raises:
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """

    def __init__(self, store: Store, wait: float = 0.0) -> None:
        self._writer = store.writer(wait=wait)
        try:
            self._run = _Run(self._writer, _Catalog.of(store))
        except BaseException:
            self._writer.cancel()
            raise

    @property
    def reader(self) -> Reader:
        """The commit that this one follows."""
        return self._writer.reader

    def add(self, document: Document) -> None:
        """Adds a document, in place of the one with its id."""
        self._run.add_document(document)

    def remove(self, id_: str) -> bool:
        """Removes a committed document; tells whether it was there."""
        before = self._run.report.removed
        self._run.remove_document(id_)
        return self._run.report.removed > before

    def commit(self) -> None:
        """Makes everything visible at once; without changes, lets go of the index."""
        try:
            if not self._run.nothing_new:
                self._writer.commit(self._run.catalog.metadata())
        finally:
            self._writer.cancel()

    def cancel(self) -> None:
        """Forgets everything and lets go of the index."""
        self._writer.cancel()


@contextmanager
def _run(store: Store, wait: float, workers: int = 1) -> Iterator[_Run]:
    """A run that is committed at the end if anything changed, and cancelled on any error."""
    writer = store.writer(wait=wait, workers=workers)
    try:
        run = _Run(writer, _Catalog.of(store))
        yield run
        if not run.nothing_new:
            writer.commit(run.catalog.metadata())
    finally:
        writer.cancel()


class _Run:
    """One update, and what it has done so far."""

    def __init__(self, writer: Writer, catalog: _Catalog) -> None:
        self.catalog = catalog
        self.report = UpdateReport()
        self._writer = writer
        self._begun = time.time()
        self._new: dict[str, str | None] = {}  # the file of each document added in this run
        self._unread: set[str] = set()  # files that this run has still to read
        self._deferred: list[Document] = []  # whose ids may become free in this run
        self._before = (dict(catalog.files), list(catalog.roots))

    @property
    def reader(self) -> Reader:
        """Return the reader of the commit that this run follows."""
        return self._writer.reader

    @property
    def nothing_new(self) -> bool:
        """Whether a commit would change nothing."""
        return not self._writer.changed and self._before == (
            self.catalog.files,
            self.catalog.roots,
        )

    def index(self, paths: Iterable[str], progress: Progress) -> None:
        """Removes what has vanished, then adds what is new or changed."""
        found: dict[str, FoundFile] = {}
        skipped: set[str] = set()
        gone: set[str] = set()
        for root in dict.fromkeys(map(os.path.abspath, paths)):
            unreadable: list[str] = []
            for item in walk(root):
                if isinstance(item, FoundFile):
                    found[printable_path(item.path)] = item
                elif isinstance(item, SkippedFile):
                    skipped.add(item.path)
                else:
                    self.report.failures.append(item)
                    unreadable.append(item.path)
            # What the walk passed over, because it was named by itself once or is ignored
            # now, has not vanished.
            gone.update(
                path
                for path in self.catalog.under(printable_path(root))
                if not any(_is_under(path, folder) for folder in unreadable)
                and not os.path.lexists(path)
            )
            if printable_path(root) not in self.catalog.roots and root not in unreadable:
                self.catalog.roots.append(printable_path(root))
        self.report.skipped.update(extension(path) or "no extension" for path in skipped)
        for path in sorted(gone - found.keys()):
            self.remove_file(path)
        self._unread = {path for path, file in found.items() if not self._is_known(path, file)}
        total = sum(file.size for file in found.values())
        done = 0
        for path, file in found.items():
            read = 0
            for document in self._index_file(path, file):
                read += len(document.body.encode("utf-8"))
                progress(done + min(read, file.size), total, path)
            done += file.size
            progress(done, total, path)
        for document in self._deferred:
            self._add_deferred(document)
        progress(done, total, "")

    def add_document(self, document: Document) -> None:
        """Adds a document that came from no file that is kept up to date."""
        number = self._writer.reader.doc_id(document.id)
        if number is not None:
            self.catalog.distrust(self._writer.reader.source(number))
        self._writer.add(document)

    def remove_file(self, path: str) -> None:
        """Removes the documents of a file, and what is known of it."""
        for id_, _ in self._indexed(path):
            self._writer.remove(id_)
            self.report.removed += 1
        del self.catalog.files[path]

    def remove_document(self, id_: str) -> None:
        """Removes one document, if it is there."""
        reader = self._writer.reader
        number = reader.doc_id(id_)
        if number is None or not self._writer.remove(id_):
            return
        self.report.removed += 1
        self.catalog.distrust(reader.source(number))

    def _indexed(self, path: str) -> list[tuple[str, str]]:
        """The id and digest of each document that came from a file."""
        reader = self._writer.reader
        return [
            reader.id_and_digest(number) for number in reader.doc_ids_from_source(path).tolist()
        ]

    def _is_known(self, path: str, file: FoundFile) -> bool:
        known = self.catalog.files.get(path)
        return known is not None and known[:2] == (file.size, file.mtime_ns)

    def _index_file(self, path: str, file: FoundFile) -> Iterator[Document]:
        """Brings the index up to date with a file; yields each document when it is done."""
        if self._is_known(path, file):
            self.report.unchanged += self.catalog.files[path][2]
            return
        before = dict(self._indexed(path))
        stale = set(before)
        failures: list[Failure] = []
        count = 0
        for item in read_documents(file.path):
            if isinstance(item, Failure):
                failures.append(item)
                continue
            taken = item.id not in before and item.id in self._writer
            if taken and item.id != path:  # a file's own path belongs to no other document
                if self._holder(item.id) in self._unread:
                    self._deferred.append(item)
                    continue
                if not self._release_vanished(item.id):
                    failures.append(self._id_taken(item))
                    continue
            stale.discard(item.id)
            count += 1
            if before.get(item.id) == item.digest():
                self.report.unchanged += 1
            else:
                self._add(item, path)
                if item.id in before:
                    self.report.changed += 1
                else:
                    self.report.added += 1
            yield item
        if failures and (len(stale) <= len(failures) or any(f.line is None for f in failures)):
            # What was in the unreadable parts is not known: nothing that may have been is
            # given up.  A line can have held one document and no more.
            count += len(stale)
        else:
            for id_ in stale:
                self._writer.remove(id_)
                self.report.removed += 1
        self.report.failures.extend(failures)
        self._unread.discard(path)
        settled = self._begun - file.mtime_ns / 1e9 > _SETTLED_SECONDS
        stamp = (file.size, file.mtime_ns) if settled and not failures else _UNTRUSTED
        if count or not failures:
            self.catalog.files[path] = (*stamp, count)

    def _add(self, document: Document, path: str) -> None:
        self._writer.add(document, source=path)
        self._new[document.id] = path

    def _add_deferred(self, document: Document) -> None:
        """Adds a document whose id belonged to a file that has been read meanwhile."""
        path = document.path or ""
        if document.id in self._writer:
            self.report.failures.append(self._id_taken(document))
            self.catalog.distrust(path)
            return
        self._add(document, path)
        self.report.added += 1
        size, mtime, count = self.catalog.files[path]
        self.catalog.files[path] = (size, mtime, count + 1)

    def _holder(self, id_: str) -> str | None:
        """The file whose document has an id already."""
        if id_ in self._new:
            return self._new[id_]
        reader = self._writer.reader
        number = reader.doc_id(id_)
        return None if number is None else reader.source(number)

    def _release_vanished(self, id_: str) -> bool:
        """Gives up the claim to an id of a file that is there no more; tells whether so."""
        holder = self._holder(id_)
        if holder is None or os.path.lexists(holder) or holder not in self.catalog.files:
            return False
        size, mtime, count = self.catalog.files.pop(holder)
        if count > 1:
            self.catalog.files[holder] = (size, mtime, count - 1)
        return True

    def _id_taken(self, document: Document) -> Failure:
        holder = self._holder(document.id) or "another origin"
        return Failure(
            document.path or "",
            document.line,
            f"the id {document.id!r} already belongs to a document of {holder}; ids must be "
            "unique in an index, so this one was not indexed: give it another id, or remove "
            "the other one",
        )
