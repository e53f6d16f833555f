"""Compare files with what was indexed of them, and write the difference."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from searchidx.document import Document
from searchidx.sources import Failure, extension, read_documents
from searchidx.sources.failure import printable_path
from searchidx.sources.walk import FoundFile, SkippedFile, walk
from searchidx.store import Reader
from searchidx.update.source_catalog import UNTRUSTED, SourceCatalog, is_on_disk, is_under

if TYPE_CHECKING:
    from searchidx.store import Writer

# A file that was written to within this time may be written to again without its time
# stamp moving on; it is read once more at the next run instead of being trusted.
_SETTLED_SECONDS: Final = 2.0

Progress = Callable[[int, int, str], None]
"""Called after each document and file with about the bytes done, the bytes in all, and the
path of the file that is being read; with an empty path when the commit is about to be made."""


@dataclass(slots=True)
class UpdateReport:
    """What `Index.update` did.

    Attributes:
        added: How many documents were added.
        changed: How many documents replaced one with the same id.
        removed: How many documents were removed.
        unchanged: How many documents were as they had been indexed.
        failures: The files and lines that could not be read.  What had been indexed of them
            stays in the index.
        skipped: How many files of other kinds were passed over, by lower-case extension.
        seconds: How long the update took.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failures: list[Failure] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


@dataclass(slots=True)
class _WalkResult:
    """What was found at the paths given to an update.

    Attributes:
        files: The files to read, by printable path.
        vanished: The known files that are no longer there.
    """

    files: dict[str, FoundFile]
    vanished: set[str]


class UpdateRun:
    """One write to the index, and what it has done so far.

    Args:
        writer: The writer of the index, which the caller commits or cancels.
        catalog: The files of the latest commit; this run changes it.

    Attributes:
        catalog: As given.
        report: What was done so far.
    """

    def __init__(self, writer: Writer, catalog: SourceCatalog) -> None:
        self.catalog = catalog
        self.report = UpdateReport()
        self._writer = writer
        self._begun = time.time()
        self._new: dict[str, str | None] = {}  # the file of each document added in this run
        self._unread: set[str] = set()  # files that this run has still to read
        self._deferred: list[Document] = []  # whose ids may become free in this run
        self._before = catalog.copy()

    @property
    def reader(self) -> Reader:
        """Return the reader of the commit that this run follows."""
        return self._writer.reader

    @property
    def has_changes(self) -> bool:
        """Return whether a commit would change anything."""
        return self._writer.changed or self._before != self.catalog

    def index(self, paths: Iterable[str], progress: Progress) -> None:
        """Remove what has vanished at the paths, then add what is new or changed.

        Args:
            paths: Files and folders.
            progress: Called after each document and file.
        """
        found = self._walk(paths)
        for path in sorted(found.vanished - found.files.keys()):
            self.remove_file(path)
        self._unread = {
            path for path, file in found.files.items() if not self._is_known(path, file)
        }
        total = sum(file.size for file in found.files.values())
        done = 0
        for path, file in _closing_trees(found.files.items()):
            # Code points, which are fewer than the bytes, save encoding every text again.
            read = 0
            for document in self._index_file(path, file):
                read += len(document.body)
                progress(done + min(read, file.size), total, path)
            done += file.size
            progress(done, total, path)
        for document in self._deferred:
            self._add_deferred(document)
        progress(done, total, "")

    def _walk(self, paths: Iterable[str]) -> _WalkResult:
        """List the files at the paths, and record the paths, skipped files and failures."""
        result = _WalkResult({}, set())
        skipped: set[str] = set()
        for path in dict.fromkeys(map(os.path.abspath, paths)):
            root = printable_path(path)
            unreadable: list[str] = []
            for item in walk(path):
                if isinstance(item, FoundFile):
                    result.files[printable_path(item.path)] = item
                elif isinstance(item, SkippedFile):
                    skipped.add(item.path)
                else:
                    self.report.failures.append(item)
                    unreadable.append(item.path)
            # A file that the walk passed over, because it was once named by itself or is
            # ignored now, has not vanished.
            result.vanished.update(
                file
                for file in self.catalog.under(root)
                if not any(is_under(file, folder) for folder in unreadable)
                and not is_on_disk(file)
            )
            if root not in self.catalog.roots and root not in unreadable:
                self.catalog.roots.append(root)
        self.report.skipped.update(extension(path) or "no extension" for path in skipped)
        return result

    def add_document(self, document: Document) -> None:
        """Add a document that came from no file that is kept up to date."""
        doc_id = self.reader.doc_id(document.id)
        if doc_id is not None:
            self.catalog.distrust(self.reader.source(doc_id))
        self._writer.add(document)

    def remove_file(self, path: str) -> None:
        """Remove the documents of a file, and the file from the catalog."""
        for id_, _ in self._indexed(path):
            self.report.removed += self._writer.remove(id_)
        del self.catalog.files[path]

    def remove_document(self, id_: str) -> None:
        """Remove one document, if it is there."""
        doc_id = self.reader.doc_id(id_)
        if doc_id is None or not self._writer.remove(id_):
            return
        self.report.removed += 1
        self.catalog.distrust(self.reader.source(doc_id))

    def _indexed(self, path: str) -> list[tuple[str, str]]:
        """Return the id and digest of each document that came from a file."""
        reader = self.reader
        return list(map(reader.id_and_digest, reader.doc_ids_from_source(path).tolist()))

    def _is_known(self, path: str, file: FoundFile) -> bool:
        """Return whether a file has the size and time that were recorded."""
        known = self.catalog.files.get(path)
        return known is not None and known[:2] == (file.size, file.mtime_ns)

    def _index_file(self, path: str, file: FoundFile) -> Iterator[Document]:
        """Bring the index up to date with a file; yield each document when it is done."""
        if self._is_known(path, file):
            self.report.unchanged += self.catalog.files[path][2]
            return
        before = dict(self._indexed(path))
        stale = set(before)
        failures: list[Failure] = []
        count = 0
        for item in read_documents(file.path, lambda _: file.open()):
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
            self._put(item, path, before.get(item.id))
            yield item
        if failures and (len(stale) <= len(failures) or any(f.line is None for f in failures)):
            # It is not known what was in the unreadable parts: no document that may have been
            # there is removed.  A line can have held one document and no more.
            count += len(stale)
        else:
            for id_ in stale:
                self._writer.remove(id_)
                self.report.removed += 1
        self.report.failures.extend(failures)
        self._unread.discard(path)
        settled = self._begun - file.mtime_ns / 1e9 > _SETTLED_SECONDS
        stamp = (file.size, file.mtime_ns) if settled and not failures else UNTRUSTED
        if count or not failures:
            self.catalog.files[path] = (*stamp, count)

    def _put(self, document: Document, path: str, digest_before: str | None) -> None:
        """Add a document of a file unless it is indexed as it is.

        Args:
            document: The document.
            path: The file.
            digest_before: The digest of the file's document with that id; None if it is new.
        """
        if digest_before is None:
            self._add(document, path)
            self.report.added += 1
            return
        digest = document.digest()
        if digest == digest_before:
            self.report.unchanged += 1
        else:
            self._add(document, path, digest)
            self.report.changed += 1

    def _add(self, document: Document, path: str, digest: str | None = None) -> None:
        self._writer.add(document, source=path, digest=digest)
        self._new[document.id] = path

    def _add_deferred(self, document: Document) -> None:
        """Add a document whose id belonged to a file that has been read meanwhile."""
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
        """Return the file whose document has an id already."""
        if id_ in self._new:
            return self._new[id_]
        doc_id = self.reader.doc_id(id_)
        return None if doc_id is None else self.reader.source(doc_id)

    def _release_vanished(self, id_: str) -> bool:
        """Free an id that belongs to a file that has vanished; return whether it does."""
        holder = self._holder(id_)
        if holder is None or holder not in self.catalog.files or is_on_disk(holder):
            return False
        size, mtime, count = self.catalog.files.pop(holder)
        if count > 1:
            self.catalog.files[holder] = (size, mtime, count - 1)
        return True

    def _id_taken(self, document: Document) -> Failure:
        """Return the failure of a document whose id another document has."""
        holder = self._holder(document.id) or "another origin"
        return Failure(
            document.path or "",
            document.line,
            f"the id {document.id!r} already belongs to a document of {holder}; ids must be "
            "unique in an index, so this one was not indexed: give it another id, or remove "
            "the other one",
        )


def _closing_trees(files: Iterable[tuple[str, FoundFile]]) -> Iterator[tuple[str, FoundFile]]:
    """Yield the files, and close each tree when its last file in sequence was read."""
    tree = None
    try:
        for path, file in files:
            if tree is not None and tree is not file.tree:
                tree.close()
            tree = file.tree
            yield path, file
    finally:
        if tree is not None:
            tree.close()
