"""Compare files with what was indexed of them, and write the difference."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from searchidx.document import Document
from searchidx.sources import Failure, extension, read_documents
from searchidx.sources.formats.extracted import Settings
from searchidx.sources.formats.extraction import Extractor
from searchidx.sources.printable_paths import is_on_disk
from searchidx.sources.walk import FoundFile
from searchidx.store import Reader
from searchidx.update.found_sources import find_sources
from searchidx.update.source_catalog import UNKNOWN, FileRecord, SourceCatalog

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


class UpdateRun:
    """One write to the index, and what it has done so far.

    Args:
        writer: The writer of the index, which the caller commits or cancels.
        catalog: The files of the latest commit; this run changes it.
        settings: How files are read; None for the defaults.

    Attributes:
        catalog: As given.
        report: What was done so far.
    """

    def __init__(
        self, writer: Writer, catalog: SourceCatalog, settings: Settings | None = None
    ) -> None:
        self.catalog = catalog
        self._extractor = Extractor(settings)
        self.report = UpdateReport()
        self._writer = writer
        self._begun = time.time()
        self._new: dict[str, str | None] = {}  # the file of each document added in this run
        self._found: Container[str] = ()  # all files that this run reads
        self._unread: set[str] = set()  # files that this run has still to read
        # The file and the document whose id may become free in this run.
        self._deferred: list[tuple[str, Document]] = []
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
        found = find_sources(paths, self.catalog)
        self.report.failures += found.failures
        self.report.skipped.update(extension(path) or "no extension" for path in found.skipped)
        self._found = found.files
        for path in sorted(found.vanished - found.files.keys()):
            self.remove_file(path)
        self._unread = {
            path for path, file in found.files.items() if not self._is_known(path, file)
        }
        total = sum(file.size for file in found.files.values())
        done = 0
        with self._extractor:
            for path, file in _closing_trees(found.files.items()):
                # Code points, which are fewer than the bytes, save encoding every text again.
                read = 0
                for document in self._index_file(path, file):
                    read += len(document.body)
                    progress(done + min(read, file.size), total, path)
                done += file.size
                progress(done, total, path)
        for path, document in self._deferred:
            self._add_deferred(path, document)
        progress(done, total, "")

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
        """Return whether a file is as it was recorded."""
        known = self.catalog.files.get(path)
        return known is not None and known.matches(file)

    def _index_file(self, path: str, file: FoundFile) -> Iterator[Document]:
        """Bring the index up to date with a file; yield each document when it is done."""
        if self._is_known(path, file):
            record = self.catalog.files[path]
            self.report.unchanged += record.documents
            if record.ctime_ns == UNKNOWN:  # in a catalog of an earlier version
                self.catalog.files[path] = _record(file, record.documents)
            return
        before = dict(self._indexed(path))
        stale = set(before)
        failures: list[Failure] = []
        count = 0
        for item in read_documents(file.path, lambda _: file.open(), self._extractor):
            if isinstance(item, Failure):
                failures.append(item)
                continue
            if item.id not in before:
                if self._may_become_free(item.id, path):
                    self._deferred.append((path, item))
                    continue
                if not self._is_free(item.id, path):
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
        if count or not failures:
            settled = self._begun - file.mtime_ns / 1e9 > _SETTLED_SECONDS
            record = _record(file, count)
            trusted = settled and not failures
            self.catalog.files[path] = record if trusted else record.distrusted()

    def _may_become_free(self, id_: str, path: str) -> bool:
        """Return whether an id belongs to a file that this run has still to read.

        Args:
            id_: The id of a new document.
            path: The file of that document.
        """
        if id_ not in self._writer:
            return False
        holder = self._holder(id_)
        return holder in self._unread and holder != path

    def _is_free(self, id_: str, path: str) -> bool:
        """Return whether a new document may have an id; free it if its file has vanished.

        Args:
            id_: The id of the document.
            path: The file of the document.
        """
        if id_ != path and id_ in self._found:
            return False  # kept for the document of that file
        if id_ not in self._writer:
            return True
        # A program may have put a document in the place of the file's own.
        return (id_ == path and self._holder(id_) is None) or self._release_vanished(id_)

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
        """Add a document of a file, whose digest may be known."""
        self._writer.add(document, source=path, digest=digest)
        self._new[document.id] = path

    def _add_deferred(self, path: str, document: Document) -> None:
        """Add a document whose id belonged to a file that has been read meanwhile."""
        if not self._is_free(document.id, path):
            self.report.failures.append(self._id_taken(document))
            self.catalog.distrust(path)
            return
        self._add(document, path)
        self.report.added += 1
        record = self.catalog.files.get(path, FileRecord(UNKNOWN, UNKNOWN, 0))
        self.catalog.files[path] = record._replace(documents=record.documents + 1)

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
        record = self.catalog.files.pop(holder)
        if record.documents > 1:
            self.catalog.files[holder] = record._replace(documents=record.documents - 1)
        return True

    def _id_taken(self, document: Document) -> Failure:
        """Return the failure of a document whose id another document has."""
        holder = self._holder(document.id)
        if holder is None:
            holder = document.id if document.id in self._found else "another origin"
        return Failure(
            document.path or "",
            document.line,
            f"the id {document.id!r} already belongs to a document of {holder}; ids must be "
            "unique in an index, so this one was not indexed: give it another id, or remove "
            "the other one",
        )


def _record(file: FoundFile, count: int) -> FileRecord:
    """Return the record of a file that gave `count` documents."""
    return FileRecord(file.size, file.mtime_ns, count, file.ctime_ns, file.inode)


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
