"""Provide the Whoosh query classes that a search is translated to, and two new ones.

`Proximity` replaces Whoosh's near queries, which let a word that is required twice match one
position twice.  `DateRange` replaces Whoosh's queries over columns, which cannot be combined
with other queries because they do not estimate their size.
"""

from __future__ import annotations

import datetime
from abc import abstractmethod
from typing import Any

from whoosh.matching import ListMatcher
from whoosh.query import And, Not, NullQuery, Or, Phrase, Query, Term

from searchidx.arrays import Int32Array
from searchidx.store import ViewTerm
from searchidx.whoosh_compat.index_reader import ColumnReader

__all__ = ["And", "DateRange", "Not", "NullQuery", "Or", "Phrase", "Proximity", "Query", "Term"]


class _DocumentSetQuery(Query):  # type: ignore[misc]  # Whoosh has no types
    """A query without sub-queries whose documents the store finds in one step."""

    boost = 1.0

    @abstractmethod
    def _key(self) -> tuple[Any, ...]:
        """Return the values that identify the query."""

    @abstractmethod
    def _documents(self, reader: ColumnReader) -> Int32Array:
        """Return the documents that match, ascending."""

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _DocumentSetQuery)
            and type(self) is type(other)
            and (self._key() == other._key())
        )

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._key()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._key()!r}"

    def estimate_size(self, ixreader: Any) -> int:
        """Return an upper bound of the matches: the number of all documents."""
        return int(ixreader.doc_count())

    def matcher(self, searcher: Any, context: Any = None) -> ListMatcher:
        """Return a matcher over the documents, which all have the same weight."""
        reader = searcher.reader()
        if not isinstance(reader, ColumnReader):
            raise TypeError(
                f"{type(self).__name__} needs the reader of a searchidx index; an exported "
                "Whoosh index does not have the data that it reads"
            )
        return ListMatcher(self._documents(reader).tolist(), all_weights=1.0)


class Proximity(_DocumentSetQuery):
    """Documents with syllables in a row, or close to each other.

    Args:
        fieldname: "title" or "body".
        terms: The view ("folded" or "marked") and the form of each syllable.
        slop: None if the syllables must be adjacent and in order; else how many other
            syllables a window with all of them, in any order, may have.
    """

    def __init__(
        self, fieldname: str, terms: tuple[ViewTerm, ...], slop: int | None = None
    ) -> None:
        self.fieldname = fieldname
        self.words = terms
        self.slop = slop

    def _key(self) -> tuple[Any, ...]:
        return self.fieldname, self.words, self.slop

    def _documents(self, reader: ColumnReader) -> Int32Array:
        return reader.documents_with_syllables(self.fieldname, self.words, self.slop)


class DateRange(_DocumentSetQuery):
    """Documents whose date may be in a range of days.

    Args:
        first: The first day; None for no limit.
        last: The last day, included; None for no limit.
    """

    def __init__(self, first: datetime.date | None, last: datetime.date | None) -> None:
        self.first = first
        self.last = last

    def _key(self) -> tuple[Any, ...]:
        return self.first, self.last

    def _documents(self, reader: ColumnReader) -> Int32Array:
        first = self.first or datetime.date.min
        last = self.last or datetime.date.max
        return reader.documents_in_date_range(first.toordinal(), last.toordinal())
