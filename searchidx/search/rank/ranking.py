"""Select the documents that match a query, and rank them.

A query matches the documents that hold any of its words.  The score alone orders them.

The first k documents are exactly those of scoring every document.  Dense terms are added
only to the scores of documents that can still be among the first k, judged by the most that
the remaining terms can add.  This is the idea of MaxScore (Turtle and Flood, *Query
evaluation: strategies and optimizations*, 1995) over arrays.  What the k-th best document
reaches is known early, because the documents ahead are scored completely first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import BoolArray, DocIds, Float64Array
from searchidx.search.match.bm25f import Scorer
from searchidx.search.match.boolean import matching_mask
from searchidx.search.match.top_k import indices_of_highest, top_k
from searchidx.search.query.query import Query
from searchidx.search.rank.plan import Plan, plan_query
from searchidx.search.rank.views import Feature
from searchidx.search.rewrite.abbreviations import Expansion
from searchidx.store import Reader

PRUNING_THRESHOLD_DOCS: Final = 512
"""Up to so many candidates are scored completely, which is faster than pruning them."""
_FEATURES_BETWEEN_PRUNINGS: Final = 3
_SUM_TOLERANCE: Final = 1e-9
"""Relative difference that the order of a sum of 64-bit numbers may make."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """A part of the ranked documents of a query, best first.

    Attributes:
        doc_ids: int32, shape (k,): the documents of the requested part.
        scores: float64, shape (k,).
        complete: bool, shape (k,): whether each document holds every word of the query.
        total: Number of all matching documents.
        total_complete: Number of those that hold every word.
    """

    doc_ids: DocIds
    scores: Float64Array
    complete: BoolArray
    total: int
    total_complete: int


class Ranker:
    """Rank the documents of one commit for one query.

    Args:
        reader: The commit to search.
        scorer: The scorer of that commit, with the ranking model.
        query: The query.
        exact: Require every word to be spelled with the diacritics that were typed.
        expansions: Other forms of abbreviations in the query.
        all_words: Require every word of the query.
        pruning_threshold: See `PRUNING_THRESHOLD_DOCS`; tests vary it.
        allowed: bool, shape (reader.size,): the documents that meet the query's conditions
            (`matching_mask`), if they are known already.

    Attributes:
        plan: What the query looks up.
        doc_ids: int32, shape (n,): the matching documents, ascending.
        complete: bool, shape (n,): whether each of them holds every word of the query.
    """

    def __init__(
        self,
        reader: Reader,
        scorer: Scorer,
        query: Query,
        *,
        exact: bool = False,
        expansions: Sequence[Expansion] = (),
        all_words: bool = False,
        pruning_threshold: int = PRUNING_THRESHOLD_DOCS,
        allowed: BoolArray | None = None,
    ) -> None:
        self._pruning_threshold = pruning_threshold
        self._reader = reader
        self._scorer = scorer
        if allowed is None:
            allowed = matching_mask(reader, query, exact=exact)
        self.plan = plan_query(reader, scorer, query, exact=exact, expansions=expansions)
        self.doc_ids, self.complete = _match_documents(self.plan, allowed, reader.size)
        if all_words:
            self.doc_ids = self.doc_ids[self.complete]
            self.complete = np.ones(len(self.doc_ids), np.bool_)

    def rank(self, limit: int, offset: int = 0, *, by_date: bool = False) -> Ranking:
        """Return at most `limit` documents of the ranking, from rank `offset` on.

        Ties are in ascending order of document numbers.

        Args:
            limit: Number of documents to return.
            offset: Number of documents to skip.
            by_date: Order by date, latest first, and documents without a date last.
                Documents of the same date are ordered by score.  Documents with every word
                come first: the latest of those with any word may be about anything.
        """
        count = offset + limit
        if by_date:
            complete, others = self.doc_ids[self.complete], self.doc_ids[~self.complete]
            doc_ids, scores = self._top_by_date(complete, count)
            more_ids, more_scores = self._top_by_date(others, count - len(doc_ids))
            doc_ids = np.concatenate([doc_ids, more_ids])
            scores = np.concatenate([scores, more_scores])
        else:
            doc_ids, scores = self._top_by_score(self.doc_ids, count)
        doc_ids, scores = doc_ids[offset:], scores[offset:]
        return Ranking(
            doc_ids=doc_ids,
            scores=scores,
            complete=self.complete[np.searchsorted(self.doc_ids, doc_ids)],
            total=len(self.doc_ids),
            total_complete=int(np.count_nonzero(self.complete)),
        )

    def _top_by_date(self, doc_ids: DocIds, count: int) -> tuple[DocIds, Float64Array]:
        """Return the `count` latest documents, latest first, and their scores.

        If only some documents of the last day fit, only that day is ranked by score, and
        documents of earlier days are not scored at all.

        Args:
            doc_ids: int32, shape (n,), ascending.
            count: Number of documents to return.
        """
        if count <= 0:
            return doc_ids[:0], np.zeros(0)
        days = self._reader.dates()[1][doc_ids]
        tied = doc_ids[:0]
        room = count
        if len(doc_ids) > count:
            last_day = np.partition(days, len(days) - count)[len(days) - count]
            tied, later = doc_ids[days == last_day], days > last_day
            doc_ids, days = doc_ids[later], days[later]
            room -= len(doc_ids)
        ranked, scores = self._top_by_score(doc_ids, len(doc_ids))
        order = np.lexsort((ranked, -scores, -days[np.searchsorted(doc_ids, ranked)]))
        last, last_scores = self._top_by_score(tied, room)
        return (
            np.concatenate([ranked[order], last]),
            np.concatenate([scores[order], last_scores]),
        )

    def _top_by_score(self, doc_ids: DocIds, count: int) -> tuple[DocIds, Float64Array]:
        """Return the `count` documents with the highest scores, best first, and their scores.

        Args:
            doc_ids: int32, shape (n,), ascending.
            count: Number of documents to return.
        """
        if count <= 0:
            return doc_ids[:0], np.zeros(0)
        features = self.plan.features
        scores = np.zeros(len(doc_ids))
        sparse = sum(not feature.term.is_dense for feature in features)
        step = _FEATURES_BETWEEN_PRUNINGS
        begin = 0
        for end in (sparse, *range(sparse + step, len(features), step)):
            if len(doc_ids) <= max(self._pruning_threshold, count):
                break
            self._add_scores(features[begin:end], doc_ids, scores)
            begin = end
            kth_best = self._reachable_score(features[begin:], doc_ids, scores, count)
            remaining = sum(feature.max_score for feature in features[begin:])
            kept = (scores + remaining) * (1 + _SUM_TOLERANCE) >= kth_best
            doc_ids, scores = doc_ids[kept], scores[kept]
        self._add_scores(features[begin:], doc_ids, scores)
        return top_k(doc_ids, count, scores)

    def _reachable_score(
        self, rest: Sequence[Feature], doc_ids: DocIds, scores: Float64Array, count: int
    ) -> float:
        """Return a score that at least `count` documents reach.

        It is the lowest complete score of the `count` documents that are ahead now.

        Args:
            rest: The features that are not in `scores` yet.
            doc_ids: int32, shape (n,): the candidates; n > `count`.
            scores: float64, shape (n,): their scores so far.
            count: Number of documents.
        """
        ahead = indices_of_highest(scores, count)[:count]
        complete = scores[ahead]
        self._add_scores(rest, doc_ids[ahead], complete)
        return float(complete.min())

    def _add_scores(
        self, features: Sequence[Feature], doc_ids: DocIds, scores: Float64Array
    ) -> None:
        """Add what some features give each document to its score, in place."""
        with self._scorer.scratch.candidates(doc_ids) as candidates:
            for feature in features:
                feature.term.add_to(scores, feature.weight, candidates)


def _match_documents(
    plan: Plan, allowed: BoolArray | None, size: int
) -> tuple[DocIds, BoolArray]:
    """Return the documents that match a query, and which of them hold every word.

    Args:
        plan: The plan of the query.
        allowed: bool, shape (size,): the documents that meet its conditions; None for all.
        size: Number of documents of the commit, deleted ones included.
    """
    word_counts = np.zeros(size, np.uint8)
    matching = np.zeros(size, np.bool_) if plan.words else np.ones(size, np.bool_)
    for word in plan.words:
        held = np.zeros(size, np.bool_)
        word.mark(held)
        word_counts += held.view(np.uint8)
    for term in plan.other_spellings:
        term.mark(matching)
    if plan.words:
        matching |= word_counts > 0
    if allowed is not None:
        matching &= allowed
    doc_ids = np.flatnonzero(matching).astype(np.int32)
    return doc_ids, word_counts[doc_ids] == len(plan.words)
