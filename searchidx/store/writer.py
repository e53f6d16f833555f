"""The one writer of an index: what it adds and removes becomes one commit."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from whoosh.codec.whoosh3 import W3Codec
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from searchidx.document import Document
from searchidx.errors import IndexLockedError
from searchidx.language.dates import PartialDate
from searchidx.store.reader import Reader
from searchidx.store.views import ABBREVIATION_KEYS, FIELDS, VIEWS

if TYPE_CHECKING:
    from searchidx.language.analysis import TokenBatch
    from searchidx.store.stock import Store

_BATCH: Final = 500_000
"""About how many code points of text are analysed at once."""
_HOLDER: Final = "writer.json"
# What Whoosh holds of new postings before it writes a run to disk, by its own count,
# which is about half of what they take.
_POOL_MEGABYTES: Final = 128
_DOCUMENT_FIELDS: Final = tuple(field.name for field in fields(Document))


class Writer:
    """Adds and removes documents; nothing is seen by readers before `commit`.

    Used by one thread.  It ends with `commit` or `cancel`; a process that dies in between
    leaves the last commit as it was, and its lock frees itself.
    """

    def __init__(self, store: Store, index: FileIndex, wait: float) -> None:
        self._store = store
        with store.writing():
            self._lock = _acquire(index, store.folder, wait)
        try:
            with store.writing():
                _name_holder(store.folder)
                store.remove_leftovers()
                # _lk: the lock is held already, so that leftovers could be removed first.
                self._whoosh = SegmentWriter(
                    index, _lk=False, limitmb=_POOL_MEGABYTES, codec=_codec()
                )
            # The commit that this one follows; what is looked up is looked up there.
            self.reader: Reader = store.reader()
        except BaseException:
            self._release()
            raise
        # Added, not yet analysed, each with its source.
        self._pending: dict[str, tuple[Document, str | None]] = {}
        self._pending_size = 0
        self._new_numbers: dict[str, int] = {}
        self._removed: set[str] = set()
        self.changed = False
        """Whether anything was added or removed."""

    def __contains__(self, id_: str) -> bool:
        """Whether the commit would hold a document with that id."""
        if id_ in self._pending or id_ in self._new_numbers:
            return True
        return id_ not in self._removed and self.reader.number(id_) is not None

    def add(self, document: Document, *, source: str | None = None) -> None:
        """Adds a document, in place of the one with the same id if there is one.

        Args:
            document: What is added.
            source: The file that it came from, which finds it again in
                `Reader.from_source`; None for a document that no file is kept up with.

        Raises:
            IndexWriteError: The disk refused a write.
        """
        self.remove(document.id)
        self._pending[document.id] = document, source
        self._pending_size += len(document.body)
        self.changed = True
        if self._pending_size >= _BATCH:
            self._write_pending()

    def remove(self, id_: str) -> bool:
        """Removes the document with that id; tells whether there was one."""
        if self._pending.pop(id_, None) is not None:
            return True
        number = self._new_numbers.pop(id_, None)
        if number is not None:
            # Whoosh's writer reaches only committed documents; the segment that it is
            # writing keeps its own set of removed ones.
            self._whoosh.newsegment.delete_document(number)
            self.changed = True
            return True
        if id_ in self._removed:
            return False
        number = self.reader.number(id_)
        if number is None:
            return False
        self._whoosh.delete_document(number)
        self._removed.add(id_)
        self.changed = True
        return True

    def commit(self, metadata: Mapping[str, Any]) -> None:
        """Makes everything visible and durable at once, and lets go of the index.

        Args:
            metadata: What `Store.metadata` gives from now on; JSON values.

        Raises:
            IndexWriteError: The disk refused a write; the last commit is as it was.
        """
        try:
            self._write_pending()
            with self._store.writing():
                self._store.write_metadata(self._whoosh.generation, metadata)
                self._whoosh.commit(mergetype=_merge_smaller)
                self._store.remove_leftovers()
        finally:
            self._release()

    def cancel(self) -> None:
        """Forgets everything and lets go of the index; does nothing after `commit`."""
        self._release()

    def _release(self) -> None:
        if self._lock.fd is None:
            return
        try:
            if hasattr(self, "reader"):
                self.reader.close()
            if hasattr(self, "_whoosh") and not self._whoosh.is_closed:
                # On a full disk Whoosh's own clean-up fails too, in many ways; what it
                # leaves is removed here or, at the latest, by the next writer.
                with contextlib.suppress(Exception):
                    self._whoosh.cancel()
                self._whoosh.is_closed = True
                with contextlib.suppress(Exception):
                    self._store.remove_leftovers()
        finally:
            with contextlib.suppress(OSError):
                (self._store.folder / _HOLDER).unlink()
            self._lock.release()

    def _write_pending(self) -> None:
        """Analyses the documents that were added, and hands them to Whoosh."""
        from searchidx.language.analysis import analyse  # which a search does not need

        pending = list(self._pending.values())
        documents = [document for document, _ in pending]
        self._pending, self._pending_size = {}, 0
        texts = [getattr(document, field) for field in FIELDS for document in documents]
        batch = analyse(texts)
        for at, (document, source) in enumerate(pending):
            # Everything that can fail comes before Whoosh: it keeps the words of a document
            # that failed half-way, and gives them to the next one.
            values = _stored_values(document, source) | _named(document)
            for number, field in enumerate(FIELDS):
                values |= self._indexed_values(field, batch, number * len(documents) + at)
            with self._store.writing():
                self._new_numbers[document.id] = self._whoosh.docnum
                self._whoosh.add_document(**values)

    def _indexed_values(self, field: str, batch: TokenBatch, text: int) -> dict[str, Any]:
        """What Whoosh is given for one field: its length, and the postings of its views."""
        values: dict[str, Any] = {
            f"{field}_length": int(batch.bounds[text + 1] - batch.bounds[text])
        }
        for view in VIEWS:
            name = f"{field}_{view}"
            values[name] = self._whoosh.schema[name].postings(batch, text)
        return values


def _stored_values(document: Document, source: str | None) -> dict[str, Any]:
    """What Whoosh is given to keep of a document, and to find it by other than its words."""
    values: dict[str, Any] = {
        "id": document.id,
        "stored": {
            "document": {name: getattr(document, name) for name in _DOCUMENT_FIELDS}
            | {"metadata": dict(document.metadata)},
            "digest": document.digest(),
            "source": source,
        },
    }
    if source is not None:
        values["source"] = source
    if document.date is not None:
        date = PartialDate.parse(document.date)
        first, last = date.first_day(), date.last_day()
        if first is not None and last is not None:
            values["date_first"] = first.toordinal()
            values["date_last"] = last.toordinal()
    return values


def _named(document: Document) -> dict[str, Any]:
    """What Whoosh is given of the abbreviations and codes that a document names."""
    from searchidx.language.abbreviations import find_abbreviations
    from searchidx.language.codes import find_codes

    codes = {
        code.canonical for field in FIELDS for code in find_codes(getattr(document, field))
    }
    found = {(each.short, each.long) for each in find_abbreviations(document.body)}
    return {
        name: [f"{key(pair[at])}\t{pair[0]}\t{pair[1]}" for pair in sorted(found)]
        for at, (name, key) in enumerate(ABBREVIATION_KEYS.items())
    } | {"code": sorted(codes)}


def _merge_smaller(writer: SegmentWriter, segments: list[Any]) -> list[Any]:
    """Which segments a commit merges into its own: a Whoosh merge policy.

    Every segment that is not more than twice as large as what has been gathered so far,
    from the smallest up, and every one that is mostly removed documents.  Each document
    is then rewritten a logarithmic number of times, and segments stay few.
    """
    gathered = writer.doc_count()
    kept = []
    for segment in sorted(segments, key=lambda s: s.doc_count_all() - s.deleted_count()):
        live = segment.doc_count_all() - segment.deleted_count()
        if live <= 2 * gathered or live < segment.deleted_count():
            if live:
                reader = SegmentReader(writer.storage, writer.schema, segment)
                writer.add_reader(reader)
                reader.close()
            gathered += live
        else:
            kept.append(segment)
    return kept


def _codec() -> W3Codec:
    """Whoosh's codec without the shortest and longest length of each block of postings.

    Gathering them reads a column for every posting, and Whoosh's bounds on scores, which
    they are for, are not to be relied on anyway: they make it drop better documents.
    """
    codec = W3Codec()
    codec.length_stats = False
    return codec


def _acquire(index: FileIndex, folder: Path, wait: float) -> Any:
    """Whoosh's lock on the index; the operating system frees it when its process dies."""
    lock = index.lock("WRITELOCK")
    until = time.monotonic() + wait
    while not lock.acquire():
        if time.monotonic() >= until:
            raise IndexLockedError(
                f"the index at {folder} is being written by {_holder(folder)}; "
                "wait until it has finished, then run the same command again"
            )
        time.sleep(0.05)
    return lock


def _name_holder(folder: Path) -> None:
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
    (folder / _HOLDER).write_text(json.dumps(holder), encoding="utf-8")


def _holder(folder: Path) -> str:
    """Who holds the lock, for a message."""
    try:
        holder = json.loads((folder / _HOLDER).read_text(encoding="utf-8"))
        since = time.strftime("%H:%M:%S", time.localtime(holder["since"]))
        return f"process {holder['pid']} on {holder['host']} since {since}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
