"""Find the documents that meet the required clauses of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchidx.arrays import BoolArray, DocIds
from searchidx.search.query.syntax_tree import (
    And,
    Clause,
    Code,
    DateRange,
    Field,
    Metadata,
    Not,
    Or,
    Path,
    Phrase,
    Prefix,
    Syllable,
    SyllableTerm,
)
from searchidx.store import FIELDS, Reader, ViewTerm, documents_with_phrase

if TYPE_CHECKING:
    from searchidx.search.query.query import Query


def matching_mask(reader: Reader, query: Query, *, exact: bool = False) -> BoolArray | None:
    """Return the documents that meet every required clause of a query.

    A required word matches in any spelling unless `exact`.  An excluded word matches only with
    the diacritics that were typed, so ``-đảng`` keeps documents that contain only "đang".

    Args:
        reader: The commit.
        query: The query.
        exact: Whether every word must be spelled as typed.

    Returns:
        bool, shape (reader.size,); None if the query has no condition and nothing is deleted.
    """
    conditions = [each for each in query.root.clauses if not isinstance(each, SyllableTerm)]
    if not conditions and reader.document_count == reader.size:
        return None
    conditions.sort(key=_cost)
    return BooleanMatcher(reader, exact).mask(And(tuple(conditions)), reader.live)


def documents_matching(reader: Reader, clause: Clause, *, exact: bool = False) -> DocIds:
    """Return the documents that meet a clause, in any spelling unless `exact`."""
    return np.flatnonzero(BooleanMatcher(reader, exact).mask(clause, reader.live)).astype(
        np.int32
    )


def required_term(syllable: Syllable, exact: bool, excluded: bool) -> ViewTerm:
    """Return the view and form that a document must contain for a required syllable."""
    if exact or (excluded and syllable.has_marks):
        return "marked", syllable.marked
    return "folded", syllable.folded


def _cost(clause: Clause) -> int:
    """Return the sort key that puts the costly clauses last: those that read syllables."""
    return int(not isinstance(clause, DateRange | Code | Metadata | Path | Prefix))


class BooleanMatcher:
    """Evaluate the clauses of one query on one commit.

    Args:
        reader: The commit.
        exact: Whether every word must be spelled as typed.
    """

    def __init__(self, reader: Reader, exact: bool) -> None:
        self._reader = reader
        self._exact = exact

    def mask(
        self,
        clause: Clause,
        among: BoolArray,
        fields: tuple[str, ...] = FIELDS,
        excluded: bool = False,
    ) -> BoolArray:
        """Return the documents that meet a clause.

        Args:
            clause: The clause.
            among: The candidates, bool, shape (reader.size,).  No other document matches.
            fields: "title", "body", or both: the fields in which words must occur.
            excluded: Whether the clause is excluded, so that typed diacritics are binding.

        Returns:
            bool, shape (reader.size,).
        """
        if isinstance(clause, And):
            matched = among.copy()
            for each in dict.fromkeys(clause.clauses):
                if matched.any():
                    matched = self.mask(each, matched, fields, excluded)
            return matched
        if isinstance(clause, Or):
            matched = np.zeros(self._reader.size, np.bool_)
            for each in dict.fromkeys(clause.clauses):
                matched |= self.mask(each, among & ~matched, fields, excluded)
            return matched
        if isinstance(clause, Not):
            return among & ~self.mask(clause.clause, among, fields, not excluded)
        if isinstance(clause, Field):
            return self.mask(clause.clause, among, (clause.name,), excluded)
        if isinstance(clause, DateRange):
            return among & self._date_mask(clause)
        matched = np.zeros(self._reader.size, np.bool_)
        for doc_ids in self._leaf_documents(clause, among, fields, excluded):
            matched[doc_ids] = True
        return matched & among

    def _leaf_documents(
        self,
        clause: SyllableTerm | Phrase | Prefix | Path | Code | Metadata,
        among: BoolArray,
        fields: tuple[str, ...],
        excluded: bool,
    ) -> list[DocIds]:
        """Return arrays of documents that meet a leaf clause, possibly with repetitions.

        They contain every match in `among`, and may contain others.
        """
        reader = self._reader
        if isinstance(clause, Code):
            return [reader.postings("code", clause.code).doc_ids]
        if isinstance(clause, Path | Metadata):
            from searchidx.search.match.metadata import (
                documents_with_metadata,  # few queries need this import
            )

            return [documents_with_metadata(reader, clause, exact=self._exact)]
        if isinstance(clause, Prefix):
            from searchidx.search.match.prefixes import expand_prefix

            terms_in_fields = [
                (f"{field}_{view}", form)
                for view, form in expand_prefix(reader, clause, exact=self._exact).terms
                for field in fields
            ]
            return [postings.doc_ids for postings in reader.postings_lists(terms_in_fields)]
        words = (clause.syllable,) if isinstance(clause, SyllableTerm) else clause.syllables
        terms = [required_term(word, self._exact, excluded) for word in words]
        slop = None if isinstance(clause, SyllableTerm) else clause.slop
        return [documents_with_phrase(reader, field, terms, slop, among) for field in fields]

    def _date_mask(self, dates: DateRange) -> BoolArray:
        """Return the documents whose date, or the span of a partial date, meets a range."""
        first, last = self._reader.dates()
        allowed: BoolArray = first > 0
        if dates.first is not None:
            allowed &= last >= dates.first.toordinal()
        if dates.last is not None:
            allowed &= first <= dates.last.toordinal()
        return allowed
