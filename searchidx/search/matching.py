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
    evaluation = Evaluation(reader, exact)
    allowed = reader.live.copy()
    for clause in sorted(conditions, key=_cost):
        allowed &= evaluation.mask(clause)
        if not allowed.any():
            break
    return allowed


def documents_with(reader: Reader, phrase: Phrase) -> Documents:
    """The documents that hold a phrase in any spelling, in the title or the body."""
    return _numbers(Evaluation(reader, exact=False).mask(phrase))


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
        self, clause: Clause, fields: tuple[str, ...] = FIELDS, excluded: bool = False
    ) -> Mask:
        """bool, shape (reader.size,): the documents that meet a part.

        What of removed documents is said means nothing.

        Args:
            clause: The part.
            fields: "title", "body", or both: where its words are looked for.
            excluded: Whether it is excluded, so that marks that were typed bind.
        """
        if isinstance(clause, And | Or):
            join = np.logical_and if isinstance(clause, And) else np.logical_or
            found = self.mask(clause.clauses[0], fields, excluded)
            for each in clause.clauses[1:]:
                join(found, self.mask(each, fields, excluded), out=found)
            return found
        if isinstance(clause, Not):
            return ~self.mask(clause.clause, fields, not excluded)
        if isinstance(clause, Field):
            return self.mask(clause.clause, (clause.name,), excluded)
        if isinstance(clause, Dates):
            return self._dated(clause)
        found = np.zeros(self._reader.size, np.bool_)
        for documents in self._leaf(clause, fields, excluded):
            found[documents] = True
        return found

    def _leaf(
        self,
        clause: Word | Phrase | Prefix | Path | Code | Metadata,
        fields: tuple[str, ...],
        excluded: bool,
    ) -> list[Documents]:
        """The documents that meet a leaf, some of them perhaps more than once."""
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
        return [self._together(field, terms, slop) for field in fields]

    def term(self, syllable: Syllable, excluded: bool) -> Term:
        """What must be in a document for a syllable."""
        if self._exact or (excluded and syllable.has_marks):
            return "marked", syllable.marked
        return "folded", syllable.folded

    def _together(self, field: str, terms: tuple[Term, ...], slop: int | None) -> Documents:
        """The documents in one field of which terms stand together."""
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


def _numbers(mask: Mask) -> Documents:
    return np.flatnonzero(mask).astype(np.int32)
