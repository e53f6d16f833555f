"""Which documents answer a query, and in which order.

A query of few words is answered by the documents that hold any of them, those that hold all
of them first; a longer one by the documents that hold a part of them, all by their scores
(`searchidx.search.rank.plan`).  The first k are exactly those of scoring every document: what
many documents have is added only to the scores of those that could still be among the
best, going by the most that it could add.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import BoolArray, DocIds, Float64Array
from searchidx.search.match.bm25f import Scorer
from searchidx.search.match.boolean import matching_mask
from searchidx.search.match.top_k import top_k
from searchidx.search.query.query import Query
from searchidx.search.rank.plan import Feature, Plan, make_plan
from searchidx.search.rewrite.abbreviations import Expansion
from searchidx.store import Reader

PRUNING_THRESHOLD_DOCS: Final = 512
"""How many documents are scored without asking whether they could be among the best."""
_AT_ONCE: Final = 3
"""How many frequent terms are added before that is asked again."""


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

    documents: DocIds
    scores: Float64Array
    complete: BoolArray
    total: int
    total_complete: int


class Ranker:
    """One query on one commit, made ready to be ranked.

    Args:
        reader, query, exact, expansions: As for `searchidx.search.rank.plan.plan`.
        scorer: The scorer of the commit.
        pruning_threshold: See `PRUNING_THRESHOLD_DOCS`; tests vary it.
        allowed: The documents that meet the query's conditions (`matching_mask`), if that is
            known already.

    Attributes:
        plan: What is looked up.
        documents: The documents that match, int32, ascending.
        complete: Whether each of them holds every word of the query.
    """

    def __init__(
        self,
        reader: Reader,
        scorer: Scorer,
        query: Query,
        *,
        exact: bool = False,
        expansions: Sequence[Expansion] = (),
        pruning_threshold: int = PRUNING_THRESHOLD_DOCS,
        allowed: BoolArray | None = None,
    ) -> None:
        self._pruning_threshold = pruning_threshold
        if allowed is None:
            allowed = matching_mask(reader, query, exact=exact)
        self._reader = reader
        self._scorer = scorer
        self.plan = make_plan(reader, scorer, query, exact=exact, expansions=expansions)
        self.documents, self.complete = _matching(self.plan, allowed, reader.size)

    def rank(self, limit: int, offset: int = 0, *, by_date: bool = False) -> Ranking:
        """The documents from rank `offset` on, at most `limit`, of the exact ranking.

        With `by_date` the later date comes first, and documents without one last; of the
        same date the higher score first.  Ties are in the order of document numbers.
        """
        count = offset + limit
        complete, others = self.documents[self.complete], self.documents[~self.complete]
        if by_date or self.plan.all_first:
            first = self._latest if by_date else self._best
            best, scores = first(complete, count)
            more, values = first(others, count - len(best))
            best, scores = np.concatenate([best, more]), np.concatenate([scores, values])
        else:
            best, scores = self._best(self.documents, count)
        return Ranking(
            documents=best[offset:],
            scores=scores[offset:],
            complete=np.isin(best[offset:], complete, assume_unique=True),
            total=len(self.documents),
            total_complete=len(complete),
        )

    def _latest(self, documents: DocIds, count: int) -> tuple[DocIds, Float64Array]:
        """The `count` latest of some documents, ascending, and their scores.

        Of one day the best come first; where the last day has more than are wanted, no
        others are scored than those that could be among its best.
        """
        if count <= 0:
            return documents[:0], np.zeros(0)
        days = self._reader.dates()[1][documents]
        tied = documents[:0]
        room = count
        if len(documents) > count:
            last = np.partition(days, len(days) - count)[len(days) - count]
            tied, later = documents[days == last], days > last
            documents, days = documents[later], days[later]
            room -= len(documents)
        found, scores = self._best(documents, len(documents))
        order = np.lexsort((found, -scores, -days[np.searchsorted(documents, found)]))
        more, values = self._best(tied, room)
        return (
            np.concatenate([found[order], more]),
            np.concatenate([scores[order], values]),
        )

    def _add(
        self, features: Sequence[Feature], documents: DocIds, scores: Float64Array
    ) -> None:
        with self._scorer.scratch.candidates(documents) as candidates:
            for feature in features:
                feature.term.add_to(scores, feature.weight, candidates)

    def _best(self, documents: DocIds, count: int) -> tuple[DocIds, Float64Array]:
        """The `count` best of some documents, ascending, and their scores."""
        if count <= 0:
            return documents[:0], np.zeros(0)
        scores = np.zeros(len(documents))
        rare = sum(not feature.term.frequent for feature in self.plan.features)
        begin = 0
        for end in (rare, *range(rare + _AT_ONCE, len(self.plan.features), _AT_ONCE)):
            if len(documents) <= max(self._pruning_threshold, count):
                break
            self._add(self.plan.features[begin:end], documents, scores)
            begin = end
            least = np.partition(scores, len(scores) - count)[len(scores) - count]
            # With room for what sums in another order differ by.
            most = sum(feature.bound for feature in self.plan.features[begin:]) * (1 + 1e-9)
            kept = scores + most >= least
            documents, scores = documents[kept], scores[kept]
        self._add(self.plan.features[begin:], documents, scores)
        return top_k(documents, count, scores)


def _matching(found: Plan, allowed: BoolArray | None, size: int) -> tuple[DocIds, BoolArray]:
    """The documents that hold enough of the words, ascending, and which hold all."""
    counts = np.zeros(size, np.uint8)
    worths = np.zeros(size, np.float32)
    for word in found.words:
        held = np.zeros(size, np.bool_)
        word.mark(held)
        counts += held.view(np.uint8)
        if found.least:
            worths += np.float32(word.idf) * held
    matching = counts > 0 if found.words else np.ones(size, np.bool_)
    if allowed is not None:
        matching &= allowed
    if found.least:
        most = float(worths.max(where=matching, initial=0.0))
        # With room for what sums of 32 bits lack.
        matching &= worths >= min(found.least, most) * (1 - 1e-5)
    documents = _numbers(matching)
    return documents, counts[documents] == len(found.words)


def _numbers(mask: BoolArray) -> DocIds:
    """The documents that a mask allows, ascending."""
    return np.flatnonzero(mask).astype(np.int32)
