"""Whoosh's view of an index."""

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
    """An index as a `whoosh.index.Index`.

    Args:
        store: The index.
        changes: Begins what becomes one commit; given how many seconds to wait for another
            writer.
    """

    def __init__(self, store: Store, changes: Callable[[float], Changes]) -> None:
        self._store = store
        self._changes = changes
        self._generation = store.generation()
        self.schema: Schema = schema()

    def __repr__(self) -> str:
        return f"ColumnIndex({str(self._store.folder)!r})"

    def reader(self, reuse: Any = None) -> ColumnReader:
        """A reader of the latest commit.

        Args:
            reuse: Taken for Whoosh's sake; nothing of it is closed.
        """
        return ColumnReader(self._store.reader())

    def writer(self, timeout: float = 0.0, **options: Any) -> ColumnWriter:
        """The one writer of the index.

        Args:
            timeout: Seconds to wait for another writer.
            options: Taken for Whoosh's sake: how its own writer uses memory and processes.

        Raises:
            IndexLockedError: Another writer still holds the index.
            IndexWriteError: The disk refused a write.
        """
        return ColumnWriter(self._changes(timeout))

    def latest_generation(self) -> int:
        """The number of the latest commit."""
        return self._store.generation()

    def up_to_date(self) -> bool:
        """Whether there was no commit since this object was made."""
        return self._generation == self.latest_generation()

    def refresh(self) -> ColumnIndex:
        """This object, or a new one if there was a commit since."""
        return self if self.up_to_date() else ColumnIndex(self._store, self._changes)

    def last_modified(self) -> float:
        """When the latest commit was made: seconds since the epoch."""
        return self._store.commit_time()

    def is_empty(self) -> bool:
        """Whether it holds no document."""
        return self._store.reader().document_count == 0

    def add_field(self, fieldname: str, fieldspec: Any) -> NoReturn:
        """Refuses: the fields of an index are fixed."""
        refuse_field(fieldname)

    def remove_field(self, fieldname: str) -> NoReturn:
        """Refuses: the fields of an index are fixed."""
        refuse_field(fieldname)
