"""Which documents a query allows at all: all of it but words that stand by themselves."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from searchidx.search.clauses import (
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
    Word,
)
from searchidx.store import FIELDS, Reader

if TYPE_CHECKING:
    from searchidx.search.query import Query

Mask = npt.NDArray[np.bool_]
Documents = npt.NDArray[np.int32]
Term = tuple[str, str]
"""A view, "folded" or "marked", and a form in it."""


def matches(reader: Reader, query: Query, *, exact: bool = False) -> Mask | None:
    """bool, shape (reader.size,): the documents that meet every condition; None if all do.

    What is required is met in any spelling unless `exact`; what is excluded only where the
    marks that were typed are there, so that ``-đảng`` does not cost the documents that hold
    only "đang".
    """
    conditions = [each for each in query.root.clauses if not isinstance(each, Word)]
    if not conditions and reader.document_count == reader.size:
        return None
    conditions.sort(key=_cost)
    return Evaluation(reader, exact).mask(And(tuple(conditions)), reader.live)


def documents_with(reader: Reader, phrase: Phrase) -> Documents:
    """The documents that hold a phrase in any spelling, in the title or the body."""
    return np.flatnonzero(Evaluation(reader, exact=False).mask(phrase, reader.live)).astype(
        np.int32
    )


def _cost(clause: Clause) -> int:
    """Parts that read the syllables of documents come last."""
    return int(not isinstance(clause, Dates | Code | Metadata | Path | Prefix))


class Evaluation:
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
        among: Mask,
        fields: tuple[str, ...] = FIELDS,
        excluded: bool = False,
    ) -> Mask:
        """bool, shape (reader.size,): the documents that meet a part.

        Args:
            clause: The part.
            among: The documents that are asked about; no other is looked at, or met.
            fields: "title", "body", or both: where its words are looked for.
            excluded: Whether it is excluded, so that marks that were typed bind.
        """
        if isinstance(clause, And):
            found = among.copy()
            for each in clause.clauses:
                if found.any():
                    found = self.mask(each, found, fields, excluded)
            return found
        if isinstance(clause, Or):
            found = np.zeros(self._reader.size, np.bool_)
            for each in clause.clauses:
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
        clause: Word | Phrase | Prefix | Path | Code | Metadata,
        among: Mask,
        fields: tuple[str, ...],
        excluded: bool,
    ) -> list[Documents]:
        """The documents that meet a leaf, all of those among some, perhaps more than once."""
        reader = self._reader
        if isinstance(clause, Code):
            return [reader.postings("code", clause.code).documents]
        if isinstance(clause, Path | Metadata):
            from searchidx.search.keywords import documents_of  # which few queries need

            return [documents_of(reader, clause, exact=self._exact)]
        if isinstance(clause, Prefix):
            from searchidx.search.prefixes import expand

            terms = expand(reader, clause, exact=self._exact).terms
            return [
                reader.postings(f"{field}_{view}", form).documents
                for field in fields
                for view, form in terms
            ]
        words = (clause.syllable,) if isinstance(clause, Word) else clause.syllables
        terms = tuple(self.term(word, excluded) for word in words)
        slop = None if isinstance(clause, Word) else clause.slop
        return [self._together(field, terms, slop, among) for field in fields]

    def term(self, syllable: Syllable, excluded: bool) -> Term:
        """What must be in a document for a syllable."""
        if self._exact or (excluded and syllable.has_marks):
            return "marked", syllable.marked
        return "folded", syllable.folded

    def _together(
        self, field: str, terms: tuple[Term, ...], slop: int | None, among: Mask
    ) -> Documents:
        """The documents in one field of which terms stand together, all of those among some."""
        in_order = slop is None
        documents = None
        for view, form in dict.fromkeys((*terms, *(_pairs(terms) if in_order else ()))):
            found = self._reader.postings(f"{field}_{view}", form).documents
            documents = (
                found
                if documents is None
                else np.intersect1d(documents, found, assume_unique=True)
            )
            if not len(documents):
                return documents
        assert documents is not None  # there is at least one term
        if len(terms) == 1 or (in_order and len(terms) == 2 and _pairs(terms)):
            return documents  # two side by side are a pair, and pairs are indexed
        documents = documents[among[documents]]
        if slop is None:
            return self._reader.side_by_side(field, terms, documents)
        return self._reader.near(field, near_counts(terms), len(terms) + slop, documents)

    def _dated(self, dates: Dates) -> Mask:
        first, last = self._reader.dates()
        allowed: Mask = first > 0
        if dates.first is not None:
            allowed &= last >= dates.first.toordinal()
        if dates.last is not None:
            allowed &= first <= dates.last.toordinal()
        return allowed


def near_counts(terms: tuple[Term, ...]) -> dict[Term, int]:
    """How often each term must be in a stretch of a text for each to have a place there.

    A place of a marked term is one of its folded form as well, so that of a folded one there
    must be as many as of it and of its marked ones together; that is enough, because marked
    terms never share a place.
    """
    from searchidx.language.forms import folded

    counts = Counter(terms)
    for view, form in terms:
        if view == "marked" and ("folded", folded(form)) in terms:
            counts["folded", folded(form)] += 1
    return dict(counts)


def _pairs(terms: tuple[Term, ...]) -> list[Term]:
    """The indexed pairs that a phrase implies: those of two syllables of one view."""
    return [
        (f"{first[0]}_pair", f"{first[1]} {second[1]}")
        for first, second in itertools.pairwise(terms)
        if first[0] == second[0]
    ]
