"""Which documents answer a query, and in which order.

Documents with all the words come first, then those with some; among each the higher score
first.  The first k are exactly those of scoring every document: where k documents hold all
the words nothing else is scored, and of the others only those that could still be among
the first, going by the most that words which they do not hold could have given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from searchidx.search.expansion import Expansion
from searchidx.search.matching import matches
from searchidx.search.plan import Feature, Plan, Word, plan
from searchidx.search.query import Query
from searchidx.search.scoring import Bools, Documents, Floats, Scorer
from searchidx.store import Reader

_FEW: Final = 512
"""How many documents are scored without asking whether they could be among the best."""


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

    documents: Documents
    scores: Floats
    complete: Bools
    total: int
    total_complete: int


def rank(
    reader: Reader,
    scorer: Scorer,
    query: Query,
    *,
    limit: int,
    offset: int = 0,
    exact: bool = False,
    by_date: bool = False,
    expansions: Sequence[Expansion] = (),
) -> Ranking:
    """The documents from rank `offset` on, at most `limit`, of the exact ranking.

    With `by_date` the later date comes first, and documents without one last; ties are in
    the order of document numbers.  The other arguments are those of `plan`.
    """
    allowed = matches(reader, query, exact=exact)
    count = offset + limit
    if not query.syllables:
        candidates = _numbers(allowed, reader.size)
        keys = _date_keys(reader, candidates) if by_date else np.zeros(len(candidates))
        chosen = _highest(candidates, keys, count)[offset:]
        scores, whole = np.zeros(len(chosen)), np.ones(len(chosen), np.bool_)
        return Ranking(chosen, scores, whole, len(candidates), len(candidates))
    found = plan(reader, scorer, query, exact=exact, expansions=expansions)
    search = _Search(scorer, found, allowed, reader.size)
    complete = search.complete()
    union = search.union()
    if by_date:
        rest = union.copy()
        rest[complete] = False
        others = _numbers(rest, reader.size)
        best = _highest(complete, _date_keys(reader, complete), count)
        more = _highest(others, _date_keys(reader, others), count - len(best))
        best = np.concatenate([best, more])
        order = np.argsort(best)
        scores = np.empty(len(best))
        scores[order] = search.scores(best[order])
    else:
        best, scores = search.best(complete, found.features, count)
        if len(best) < count:
            others, values = search.best_incomplete(complete, count - len(best))
            best, scores = np.concatenate([best, others]), np.concatenate([scores, values])
    return Ranking(
        documents=best[offset:],
        scores=scores[offset:],
        complete=np.arange(offset, max(offset, len(best))) < len(complete),
        total=int(np.count_nonzero(union)),
        total_complete=len(complete),
    )


class _Search:
    """One query on one commit.

    Args:
        scorer: The scorer of the commit.
        found: What the query looks up.
        allowed: Which documents pass the filters; None if all do.
        size: One more than the highest document number.
    """

    def __init__(self, scorer: Scorer, found: Plan, allowed: Bools | None, size: int) -> None:
        self._scorer = scorer
        self._plan = found
        self._allowed = allowed
        self._size = size

    def union(self) -> Bools:
        """Whether each document holds some word."""
        union = np.zeros(self._size, np.bool_)
        for word in self._plan.words:
            word.mark(union)
        return union if self._allowed is None else union & self._allowed

    def _holding(self, word: Word) -> Documents:
        """The documents that hold a word, ascending."""
        mask = np.zeros(self._size, np.bool_)
        word.mark(mask)
        return _numbers(mask if self._allowed is None else mask & self._allowed, self._size)

    def complete(self) -> Documents:
        """The documents that hold every word, ascending."""
        words = sorted(self._plan.words, key=lambda word: word.count)
        documents = self._holding(words[0])
        for word in words[1:]:
            if not len(documents):
                break
            documents = self._filtered(documents, word, holding=True)
        return documents

    def _filtered(self, documents: Documents, word: Word, *, holding: bool) -> Documents:
        """Those of some documents that hold a word, or those that do not."""
        with self._scorer.scratch.candidates(documents) as candidates:
            kept: Documents = documents[word.held_by(candidates) == holding]
        return kept

    def scores(self, documents: Documents) -> Floats:
        """The scores of some documents, ascending."""
        scores = np.zeros(len(documents))
        self._add(self._plan.features, documents, scores)
        return scores

    def _add(self, features: Sequence[Feature], documents: Documents, scores: Floats) -> None:
        factors = self._scorer.factors(documents)
        with self._scorer.scratch.candidates(documents) as candidates:
            for feature in features:
                scores += feature.weight * feature.term.scores(candidates, factors)

    def best(
        self, documents: Documents, features: Sequence[Feature], count: int
    ) -> tuple[Documents, Floats]:
        """The `count` best of some documents, ascending, by these features, and their scores.

        What many documents have tells them apart least and costs most: it is added only to
        those that could still be among the best.
        """
        if count <= 0:
            return documents[:0], np.zeros(0)
        rare = [feature for feature in features if not feature.term.frequent]
        frequent = [feature for feature in features if feature.term.frequent]
        scores = np.zeros(len(documents))
        self._add(rare, documents, scores)
        if frequent and len(documents) > max(_FEW, count):
            least = np.partition(scores, len(scores) - count)[len(scores) - count]
            # With room for what sums in another order differ by.
            most = sum(feature.bound for feature in frequent) * (1 + 1e-9)
            kept = scores + most >= least
            documents, scores = documents[kept], scores[kept]
        self._add(frequent, documents, scores)
        return _best(documents, scores, count)

    def best_incomplete(self, complete: Documents, count: int) -> tuple[Documents, Floats]:
        """The `count` best of the documents that hold some words but not all.

        The documents of one word after the other are scored, the most valuable word first,
        until what is left could not come among the best.
        """
        words, features = self._plan.words, self._plan.features
        worth = [0.0] * len(words)
        for feature in features:
            for word in feature.words:
                worth[word] += feature.bound
        order = sorted(range(len(worth)), key=lambda place: (-worth[place], place))
        best, scores = complete[:0], np.zeros(0)
        for at, place in enumerate(order):
            documents = self._holding(words[place])
            if at == 0:
                documents = _without(documents, complete)
            for seen in order[:at]:
                documents = self._filtered(documents, words[seen], holding=False)
            left = frozenset(order[at:])
            more, values = self.best(
                documents, [each for each in features if each.words <= left], count
            )
            best, scores = _best(
                np.concatenate([best, more]), np.concatenate([scores, values]), count
            )
            unseen = frozenset(order[at + 1 :])
            most = sum(each.bound for each in features if each.words <= unseen)
            if len(best) == count and scores[-1] > most * (1 + 1e-9):
                break
        return best, scores


def _numbers(mask: Bools | None, size: int) -> Documents:
    """The documents that a mask allows, ascending."""
    if mask is None:
        return np.arange(size, dtype=np.int32)
    return np.flatnonzero(mask).astype(np.int32)


def _without(candidates: Documents, others: Documents) -> Documents:
    """The candidates that are not among others; both ascend."""
    if not len(others) or not len(candidates):
        return candidates
    at = np.searchsorted(others, candidates)
    at[at == len(others)] = 0
    rest: Documents = candidates[others[at] != candidates]
    return rest


def _highest(candidates: Documents, keys: npt.NDArray[np.float64], count: int) -> Documents:
    """The `count` candidates with the highest keys; ties in ascending order of candidates."""
    return _best(candidates, keys, count)[0]


def _best(candidates: Documents, keys: Floats, count: int) -> tuple[Documents, Floats]:
    """The `count` candidates with the highest keys, and these."""
    if count <= 0:
        return candidates[:0], keys[:0]
    if len(candidates) > count:
        # Everything that ties with the last one stays, so that ties are cut in order.
        least = np.partition(keys, len(keys) - count)[len(keys) - count]
        keep = keys >= least
        candidates, keys = candidates[keep], keys[keep]
    order = np.lexsort((candidates, -keys))[:count]
    return candidates[order], keys[order]


def _date_keys(reader: Reader, candidates: Documents) -> Floats:
    return reader.dates()[1][candidates].astype(np.float64)
