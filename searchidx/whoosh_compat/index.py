"""Implement `whoosh.index.Index` over a store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from whoosh.fields import Schema
from whoosh.index import Index

from searchidx.store import Store
from searchidx.whoosh_compat.index_reader import ColumnReader
from searchidx.whoosh_compat.index_writer import Changes, ColumnWriter, refuse_field
from searchidx.whoosh_compat.schema import schema


class ColumnIndex(Index):  # type: ignore[misc]  # Whoosh has no types
    """A `whoosh.index.Index` over a store.

    Args:
        store: The index.
        changes: Starts a commit; its argument is how long to wait for another writer, in
            seconds.
    """

    def __init__(self, store: Store, changes: Callable[[float], Changes]) -> None:
        self._store = store
        self._changes = changes
        self._manifest = store.manifest()
        self.schema: Schema = schema()

    def __repr__(self) -> str:
        return f"ColumnIndex({str(self._store.folder)!r})"

    def reader(self, reuse: Any = None) -> ColumnReader:
        """Return a reader of the latest commit.

        Args:
            reuse: Ignored; Whoosh passes an old reader to take parts from.
        """
        return ColumnReader(self._store.reader())

    def writer(self, timeout: float = 0.0, **options: Any) -> ColumnWriter:
        """Return the writer of the index; there is at most one at a time.

        Args:
            timeout: How long to wait for another writer, in seconds.
            options: Ignored; Whoosh's own writer takes limits on memory and processes.

        Raises:
            IndexLockedError: Another writer still holds the lock.
            IndexWriteError: The disk refused a write.
        """
        return ColumnWriter(self._changes(timeout))

    def latest_generation(self) -> int:
        """Return the number of the latest commit."""
        return self._store.generation()

    def up_to_date(self) -> bool:
        """Return whether this object knows the latest commit."""
        return self._manifest == self._store.manifest()

    def refresh(self) -> ColumnIndex:
        """Return this object, or a new one after a later commit."""
        return self if self.up_to_date() else ColumnIndex(self._store, self._changes)

    def last_modified(self) -> float:
        """Return the time of the latest commit in seconds since the epoch."""
        return self._store.commit_time()

    def is_empty(self) -> bool:
        """Return whether the index has no documents."""
        return self._store.reader().document_count == 0

    def add_field(self, fieldname: str, fieldspec: Any) -> NoReturn:
        """Raise NotImplementedError: the fields of an index are fixed."""
        refuse_field(fieldname)

    def remove_field(self, fieldname: str) -> NoReturn:
        """Raise NotImplementedError: the fields of an index are fixed."""
        refuse_field(fieldname)
