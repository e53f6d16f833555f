"""Which documents a query allows at all: all of it but words that stand by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from searchidx.arrays import BoolArray, DocIds
from searchidx.search.query.syntax_tree import (
    And,
    Clause,
    Code,
    Dates,
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
    """bool, shape (reader.size,): the documents that meet every condition; None if all do.

    What is required is met in any spelling unless `exact`; what is excluded only where the
    marks that were typed are there, so that ``-đảng`` does not cost the documents that hold
    only "đang".
    """
    conditions = [each for each in query.root.clauses if not isinstance(each, SyllableTerm)]
    if not conditions and reader.document_count == reader.size:
        return None
    conditions.sort(key=_cost)
    return BooleanMatcher(reader, exact).mask(And(tuple(conditions)), reader.live)


def documents_matching(reader: Reader, clause: Clause, *, exact: bool = False) -> DocIds:
    """The documents that meet a part, in any spelling unless `exact`, in title or body."""
    return np.flatnonzero(BooleanMatcher(reader, exact).mask(clause, reader.live)).astype(
        np.int32
    )


def required_term(syllable: Syllable, exact: bool, excluded: bool) -> ViewTerm:
    """What must be in a document for a syllable, as `matching_mask` describes it."""
    if exact or (excluded and syllable.has_marks):
        return "marked", syllable.marked
    return "folded", syllable.folded


def _cost(clause: Clause) -> int:
    """Parts that read the syllables of documents come last."""
    return int(not isinstance(clause, Dates | Code | Metadata | Path | Prefix))


class BooleanMatcher:
    """Works out the parts of one query on one commit.

    Args:
        reader: The commit.
        exact: Whether all words must be spelled as they were typed.
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
        """bool, shape (reader.size,): the documents that meet a part.

        Args:
            clause: The part.
            among: The documents that are asked about; no other is looked at, or met.
            fields: "title", "body", or both: where its words are looked for.
            excluded: Whether it is excluded, so that marks that were typed bind.
        """
        if isinstance(clause, And):
            found = among.copy()
            for each in dict.fromkeys(clause.clauses):
                if found.any():
                    found = self.mask(each, found, fields, excluded)
            return found
        if isinstance(clause, Or):
            found = np.zeros(self._reader.size, np.bool_)
            for each in dict.fromkeys(clause.clauses):
                found |= self.mask(each, among & ~found, fields, excluded)
            return found
        if isinstance(clause, Not):
            return among & ~self.mask(clause.clause, among, fields, not excluded)
        if isinstance(clause, Field):
            return self.mask(clause.clause, among, (clause.name,), excluded)
        if isinstance(clause, Dates):
            return among & self._dated(clause)
        found = np.zeros(self._reader.size, np.bool_)
        for documents in self._leaf(clause, among, fields, excluded):
            found[documents] = True
        return found & among

    def _leaf(
        self,
        clause: SyllableTerm | Phrase | Prefix | Path | Code | Metadata,
        among: BoolArray,
        fields: tuple[str, ...],
        excluded: bool,
    ) -> list[DocIds]:
        """The documents that meet a leaf, all of those among some, perhaps more than once."""
        reader = self._reader
        if isinstance(clause, Code):
            return [reader.postings("code", clause.code).doc_ids]
        if isinstance(clause, Path | Metadata):
            from searchidx.search.match.metadata import (
                documents_with_metadata,  # which few queries need
            )

            return [documents_with_metadata(reader, clause, exact=self._exact)]
        if isinstance(clause, Prefix):
            from searchidx.search.match.prefixes import expand_prefix

            wanted = [
                (f"{field}_{view}", form)
                for view, form in expand_prefix(reader, clause, exact=self._exact).terms
                for field in fields
            ]
            return [postings.doc_ids for postings in reader.postings_lists(wanted)]
        words = (clause.syllable,) if isinstance(clause, SyllableTerm) else clause.syllables
        terms = [required_term(word, self._exact, excluded) for word in words]
        slop = None if isinstance(clause, SyllableTerm) else clause.slop
        return [documents_with_phrase(reader, field, terms, slop, among) for field in fields]

    def _dated(self, dates: Dates) -> BoolArray:
        first, last = self._reader.dates()
        allowed: BoolArray = first > 0
        if dates.first is not None:
            allowed &= last >= dates.first.toordinal()
        if dates.last is not None:
            allowed &= first <= dates.last.toordinal()
        return allowed
