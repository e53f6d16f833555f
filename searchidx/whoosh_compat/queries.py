"""Whoosh's query classes that searches are made of, and two that Whoosh has not.

Whoosh's own near queries give a word that is asked for twice one place in the text; and what
it finds by columns cannot stand beside other queries, because it does not say how much it is.
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

__all__ = ["And", "Dated", "Not", "NullQuery", "Or", "Phrase", "Query", "Term", "Together"]


class _Found(Query):  # type: ignore[misc]  # Whoosh has no types
    """A leaf whose documents are found all at once, by this project's own reader."""

    boost = 1.0

    @abstractmethod
    def _key(self) -> tuple[Any, ...]:
        """What the query consists of."""

    @abstractmethod
    def _documents(self, reader: ColumnReader) -> Int32Array:
        """The documents that match, ascending."""

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Found)
            and type(self) is type(other)
            and (self._key() == other._key())
        )

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._key()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._key()!r}"

    def estimate_size(self, ixreader: Any) -> int:
        """How many documents may match: all, which is not worked out twice."""
        return int(ixreader.doc_count())

    def matcher(self, searcher: Any, context: Any = None) -> ListMatcher:
        """A matcher over the documents; they all have the same weight."""
        reader = searcher.reader()
        if not isinstance(reader, ColumnReader):
            raise TypeError(
                f"{type(self).__name__} needs the reader of a searchidx index; a copy in "
                "Whoosh's own files does not have what it reads"
            )
        return ListMatcher(self._documents(reader).tolist(), all_weights=1.0)


class Together(_Found):
    """Syllables that stand together in a text.

    Args:
        fieldname: "title" or "body".
        terms: Of each syllable the view, "folded" or "marked", and the form.
        slop: None if they stand side by side in their order; else in any order, with at
            most so many others in the stretch that holds them all.
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
        return reader.together(self.fieldname, self.words, self.slop)


class Dated(_Found):
    """Documents whose date may be one of the days from `first` to `last`, both included.

    Args:
        first, last: None leaves an end open.
    """

    def __init__(self, first: datetime.date | None, last: datetime.date | None) -> None:
        self.first = first
        self.last = last

    def _key(self) -> tuple[Any, ...]:
        return self.first, self.last

    def _documents(self, reader: ColumnReader) -> Int32Array:
        first = self.first or datetime.date.min
        last = self.last or datetime.date.max
        return reader.dated(first.toordinal(), last.toordinal())
