"""Which documents answer a query, and in which order.

A document's score is a sum of BM25F (Robertson, Zaragoza and Taylor, *Simple BM25
extension to multiple weighted fields*, 2004) over the query's syllables and over its
pairs of adjacent syllables.  The frequencies of a term in title and body, each divided by
how long that field is against the average, are added up before they saturate:

    tf(t, d)    = Σ_field  weight_field · f(t, d, field) / (1 - b + b · length / average)
    score(t, d) = idf(t) · (k1 + 1) · tf / (k1 + tf)
    idf(t)      = ln(1 + (n - df + ½) / (df + ½))

Each term is seen in two views.  A syllable typed without marks counts in the folded view
alone; one that was typed with marks counts mostly in the marked view, so that what was
typed is preferred and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from searchidx.search.expansion import Expansion
from searchidx.search.matching import documents_with, matches
from searchidx.search.query import Query
from searchidx.store import FIELDS, Reader

K1: Final = 1.2
B: Final = 0.75
FIELD_WEIGHTS: Final = {"title": 2.0, "body": 1.0}
EXPANSION_WEIGHT: Final = 0.5
"""What an abbreviation's other form counts against a word of the same rarity."""
PAIR_WEIGHT: Final = 0.5
"""What a pair of adjacent syllables counts against a syllable."""
MARKED_SHARE: Final = 0.75
"""The part of a term's weight that its marked view has where marks were typed."""

Documents = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer to a query: numbers of documents, best first.

    Attributes:
        documents: int32, shape (k,): the part of the ranking that was asked for.
        scores: float64, shape (k,).
        complete: bool, shape (k,): whether the document holds every word of the query.
        total: How many documents match.
        total_complete: How many of them hold every word.
    """

    documents: npt.NDArray[np.int32]
    scores: Floats
    complete: npt.NDArray[np.bool_]
    total: int
    total_complete: int


class _Scorer:
    """Adds up scores of all documents of a reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._count = max(reader.document_count, 1)
        self._norms: dict[str, Floats] = {}

    def _norm(self, field: str) -> Floats:
        """1 - b + b · length / average of each document's field."""
        if field not in self._norms:
            lengths = self._reader.lengths(field)
            average = float(lengths.sum(where=self._reader.live)) / self._count
            self._norms[field] = 1 - B + B * (lengths / (average or 1.0))
        return self._norms[field]

    def documents(self, view: str, term: str) -> Documents:
        """The documents with a term in any field."""
        title, body = (self._reader.postings(f"{field}_{view}", term) for field in FIELDS)
        return np.union1d(title.documents, body.documents)

    def term(self, view: str, term: str) -> tuple[Documents, Floats]:
        """The documents with a term, and what it gives each of them."""
        documents = self.documents(view, term)
        frequency = np.zeros(len(documents))
        for field in FIELDS:
            postings = self._reader.postings(f"{field}_{view}", term)
            weighted = FIELD_WEIGHTS[field] * postings.frequencies
            values = weighted / self._norm(field)[postings.documents]
            frequency[np.searchsorted(documents, postings.documents)] += values
        return documents, self.idf(len(documents)) * (K1 + 1) * frequency / (K1 + frequency)

    def idf(self, documents: int) -> float:
        """How rare what stands in so many documents is."""
        return float(np.log1p((self._count - documents + 0.5) / (documents + 0.5)))


def rank(
    reader: Reader,
    query: Query,
    *,
    limit: int,
    offset: int = 0,
    exact: bool = False,
    by_date: bool = False,
    expansions: Sequence[Expansion] = (),
) -> Ranking:
    """The documents from rank `offset` on, at most `limit`, of the exact ranking.

    Documents with all the words come first, then those with some; among each the higher
    score first (or with `by_date` the later date, and those without one last); ties in
    the order of document numbers.

    Args:
        exact: Every word must be spelled with the marks that it was typed with.
        expansions: Other ways to say parts of the query.  A document that holds one holds
            the words that it stands for.
    """
    scorer = _Scorer(reader)
    view = "marked" if exact else "folded"
    scores = np.zeros(reader.size)
    held = np.zeros(reader.size, np.int16)
    forms = dict.fromkeys(s.marked if exact else s.folded for s in query.syllables)
    for form in forms:
        documents, values = scorer.term(view, form)
        held[documents] += 1
        typed = dict.fromkeys(
            s.marked for s in query.syllables if s.folded == form and s.has_marks and not exact
        )
        spelled = [scorer.term("marked", spelling) for spelling in typed]
        spelled = [found for found in spelled if len(found[0])]
        scores[documents] += values * _folded_share(spelled)
        for documents, values in spelled:
            scores[documents] += values * (MARKED_SHARE / len(spelled))
    for first, second in query.pairs:
        spelled = []
        if exact or first.has_marks or second.has_marks:
            spelled = [scorer.term("marked_pair", f"{first.marked} {second.marked}")]
            spelled = [found for found in spelled if len(found[0])]
        for documents, values in spelled:
            scores[documents] += PAIR_WEIGHT * (1.0 if exact else MARKED_SHARE) * values
        if not exact:
            documents, values = scorer.term("folded_pair", f"{first.folded} {second.folded}")
            scores[documents] += PAIR_WEIGHT * _folded_share(spelled) * values
    expanded: dict[str, npt.NDArray[np.bool_]] = {}
    for expansion in expansions:
        documents = documents_with(reader, expansion.phrase)
        scores[documents] += EXPANSION_WEIGHT * scorer.idf(len(documents))
        for form in dict.fromkeys(s.folded for s in expansion.typed):
            if form not in expanded:
                expanded[form] = np.zeros(reader.size, np.bool_)
                expanded[form][scorer.documents("folded", form)] = True
            held[documents[~expanded[form][documents]]] += 1
            expanded[form][documents] = True
    found = matches(reader, query, exact=exact)
    if forms:
        found &= held > 0
    complete = held == len(forms)
    keys = _date_keys(reader) if by_date else scores
    candidates = np.flatnonzero(found).astype(np.int32)
    chosen = _best(candidates, complete[candidates], keys[candidates], offset + limit)[offset:]
    return Ranking(
        documents=chosen,
        scores=scores[chosen],
        complete=complete[chosen],
        total=len(candidates),
        total_complete=int(complete[candidates].sum()),
    )


def _folded_share(spelled: list[tuple[Documents, Floats]]) -> float:
    """What is left for the folded view of a term.

    All of it where no document has what was typed: a half typed ``nghị quyet`` is spelled
    so nowhere, and is then worth as much as ``nghi quyet``.
    """
    return 1 - MARKED_SHARE if spelled else 1.0


def _best(
    candidates: npt.NDArray[np.int32],
    complete: npt.NDArray[np.bool_],
    keys: Floats,
    count: int,
) -> npt.NDArray[np.int32]:
    """The first `count` of the candidates: complete before not, high keys before low ones."""
    first = _highest(candidates[complete], keys[complete], count)
    if len(first) == count:
        return first
    rest = _highest(candidates[~complete], keys[~complete], count - len(first))
    return np.concatenate([first, rest])


def _highest(
    candidates: npt.NDArray[np.int32], keys: Floats, count: int
) -> npt.NDArray[np.int32]:
    """The `count` candidates with the highest keys; ties in ascending order of candidates."""
    if count <= 0:
        return candidates[:0]
    if len(candidates) > count:
        # Everything that ties with the last one stays, so that ties are cut in order.
        least = np.partition(keys, len(keys) - count)[len(keys) - count]
        keep = keys >= least
        candidates, keys = candidates[keep], keys[keep]
    return candidates[np.lexsort((candidates, -keys))][:count]


def _date_keys(reader: Reader) -> Floats:
    return reader.dates()[1].astype(np.float64)


def idf(reader: Reader, query: Query, *, exact: bool = False) -> dict[str, float]:
    """How rare each form of the query is in the index: what it is worth in a snippet."""
    scorer = _Scorer(reader)
    view = "marked" if exact else "folded"
    forms = dict.fromkeys(s.marked if exact else s.folded for s in query.syllables)
    return {form: scorer.idf(len(scorer.documents(view, form))) for form in forms}
