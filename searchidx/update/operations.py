"""Run each kind of write as one commit: add, update, and the ways to remove."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import get_args

from searchidx.document import Document
from searchidx.errors import ArgumentError, DocumentError
from searchidx.sources import OcrMode, close_readers
from searchidx.sources.printable_paths import printable_candidates
from searchidx.store import Reader, Store
from searchidx.update.source_catalog import SourceCatalog
from searchidx.update.update_run import Progress, UpdateReport, UpdateRun


def update(
    store: Store,
    paths: Sequence[str],
    *,
    wait: float = 0.0,
    workers: int = 1,
    ocr: OcrMode = "auto",
    progress: Progress | None = None,
) -> UpdateReport:
    """Index what is new or changed at `paths`, and remove what has vanished below them.

    Everything becomes visible in one commit at the end; an interrupted run changes nothing.
    A file that cannot be read is reported and keeps what was indexed of it before.

    Args:
        store: The index.
        paths: Files and folders.
        wait: The seconds to wait for another writer.
        workers: The number of processes that analyze texts.
        ocr: Whether text is recognized in pictures of pages (`read_documents`).
        progress: Called with how far the run is; what it raises ends the run, without a
            commit.

    Raises:
        ArgumentError: `ocr` has another value.
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    if ocr not in get_args(OcrMode):
        raise ArgumentError(f"ocr must be one of {', '.join(get_args(OcrMode))}, not {ocr!r}")
    begun = time.monotonic()
    with _open_run(store, wait, workers) as run:
        try:
            run.index(paths, progress or (lambda done, total, path: None), ocr=ocr)
        finally:
            close_readers()
    run.report.seconds = time.monotonic() - begun
    return run.report


def add(
    store: Store, documents: Iterable[object], *, wait: float = 0.0, workers: int = 1
) -> int:
    """Add documents in one commit, each in place of the one with its id.

    Args:
        store: The index.
        documents: The documents.
        wait: The seconds to wait for another writer.
        workers: The number of processes that analyze texts.

    Returns:
        How many documents were added.

    Raises:
        DocumentError: One of them is no `Document`, or is too large.
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    count = 0
    with _open_run(store, wait, workers) as run:
        for document in documents:
            if not isinstance(document, Document):
                raise DocumentError(
                    f"add takes searchidx.Document objects, not {type(document).__name__}"
                )
            run.add_document(document)
            count += 1
    return count


def remove(store: Store, ids: Iterable[str], *, wait: float = 0.0) -> int:
    """Remove the documents with these ids in one commit.

    A file that one of them came from is read again by the next update of its folder.

    Args:
        store: The index.
        ids: The ids; those that no document has are ignored.
        wait: The seconds to wait for another writer.

    Returns:
        How many documents were removed.

    Raises:
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    return remove_selected(store, lambda reader: ids, wait=wait)


def remove_selected(
    store: Store, select: Callable[[Reader], Iterable[str]], *, wait: float = 0.0
) -> int:
    """Remove the documents that are selected in the latest commit, in one commit.

    Args:
        store: The index.
        select: Returns the ids of the documents to remove, given the latest commit.
        wait: The seconds to wait for another writer.

    Returns:
        How many documents were removed.

    Raises:
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    with _open_run(store, wait) as run:
        for id_ in select(run.reader):
            run.remove_document(id_)
    return run.report.removed


def remove_source(store: Store, path: str, *, wait: float = 0.0) -> int:
    """Remove the documents that updates added from files at or below `path`.

    Args:
        store: The index.
        path: The absolute path of a file or folder.
        wait: The seconds to wait for another writer.

    Returns:
        How many documents were removed.

    Raises:
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    with _open_run(store, wait) as run:
        for source in printable_candidates(path):
            if run.catalog.knows(source):
                _remove_files(run, source)
                break
    return run.report.removed


def remove_named(
    store: Store, names: Iterable[str], *, wait: float = 0.0
) -> tuple[int, list[str]]:
    """Remove the documents that are named by a file, a folder or an id, in one commit.

    Args:
        store: The index.
        names: Paths, absolute or relative to the current folder, and ids.
        wait: The seconds to wait for another writer.

    Returns:
        How many documents were removed, and the names of nothing in the index.

    Raises:
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """
    unknown = []
    with _open_run(store, wait) as run:
        known = run.catalog.copy()
        for name in names:
            sources = printable_candidates(os.path.abspath(name))
            source = next(filter(known.under, sources), None)
            if source is not None:
                _remove_files(run, source)
            elif run.reader.doc_id(name) is None:
                unknown.append(name)
            else:
                run.remove_document(name)
    return run.report.removed, unknown


def _remove_files(run: UpdateRun, source: str) -> None:
    """Remove the documents of all files at or below an absolute path in printable form."""
    for file in run.catalog.under(source):
        run.remove_file(file)
    run.catalog.forget_root(source)


class Changes:
    """Documents added and removed one by one, until one commit.

    It takes the index's lock when it is made, and ends with `commit` or `cancel`.

    Args:
        store: The index.
        wait: The seconds to wait for another writer.

    Raises:
        IndexLockedError, IndexWriteError: As for `Store.writer`.
    """

    def __init__(self, store: Store, wait: float = 0.0) -> None:
        self._writer = store.writer(wait=wait)
        try:
            self._run = UpdateRun(self._writer, SourceCatalog.load(store))
        except BaseException:
            self._writer.cancel()
            raise

    @property
    def reader(self) -> Reader:
        """Return the reader of the commit that this one follows."""
        return self._writer.reader

    def add(self, document: Document) -> None:
        """Add a document, in place of the one with its id."""
        self._run.add_document(document)

    def remove(self, id_: str) -> bool:
        """Remove a committed document; return whether it was there."""
        before = self._run.report.removed
        self._run.remove_document(id_)
        return self._run.report.removed > before

    def commit(self) -> None:
        """Make everything visible at once and release the lock; commit nothing if unchanged."""
        try:
            if self._run.has_changes:
                self._writer.commit(self._run.catalog.metadata())
        finally:
            self._writer.cancel()

    def cancel(self) -> None:
        """Discard all changes and release the lock."""
        self._writer.cancel()


@contextmanager
def _open_run(store: Store, wait: float, workers: int = 1) -> Iterator[UpdateRun]:
    """Open a run that is committed at the end if anything changed, cancelled on any error."""
    writer = store.writer(wait=wait, workers=workers)
    try:
        run = UpdateRun(writer, SourceCatalog.load(store))
        yield run
        if run.has_changes:
            writer.commit(run.catalog.metadata())
    finally:
        writer.cancel()
