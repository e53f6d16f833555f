"""Which documents answer a query, and in which order.

Documents with all the words come first, then those with some; among each the higher score
first.  The first k are exactly those of scoring every document: where k documents hold all
the words nothing else is scored, and of the others only those that could still be among
the first, going by the most that words which they do not hold could have given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from searchidx.search.expansion import Expansion
from searchidx.search.matching import matches
from searchidx.search.plan import Feature, Plan, plan
from searchidx.search.query import Query
from searchidx.search.scoring import Bools, Documents, Floats, Scorer
from searchidx.store import Reader


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
    complete = _complete(found, allowed)
    union = _union(found, allowed, reader.size)
    if by_date:
        rest = _without(_numbers(union, reader.size), complete)
        best = _highest(complete, _date_keys(reader, complete), count)
        if len(best) < count:
            others = _highest(rest, _date_keys(reader, rest), count - len(best))
            best = np.concatenate([best, others])
    else:
        best = _highest(complete, _score(found.features, complete), count)
        if len(best) < count:
            others = _best_incomplete(found, complete, allowed, count - len(best))
            best = np.concatenate([best, others])
    chosen = best[offset:]
    order = np.argsort(chosen)
    scores = np.empty(len(chosen))
    scores[order] = _score(found.features, chosen[order])
    return Ranking(
        documents=chosen,
        scores=scores,
        complete=np.arange(offset, offset + len(chosen)) < len(complete),
        total=int(union.sum()),
        total_complete=len(complete),
    )


def _complete(found: Plan, allowed: Bools | None) -> Documents:
    """The documents that hold every word, ascending."""
    words = sorted(found.words, key=lambda word: word.count())
    candidates = words[0].documents()
    if allowed is not None:
        candidates = candidates[allowed[candidates]]
    for word in words[1:]:
        if not len(candidates):
            break
        candidates = candidates[word.holds(candidates)]
    return candidates


def _union(found: Plan, allowed: Bools | None, size: int) -> Bools:
    """Whether each document holds some word."""
    union = np.zeros(size, np.bool_)
    for word in found.words:
        for form in word.forms:
            union[form.documents] = True
    if allowed is not None:
        union &= allowed
    return union


def _best_incomplete(
    found: Plan, complete: Documents, allowed: Bools | None, count: int
) -> Documents:
    """The `count` best of the documents that hold some words but not all.

    The documents of one word after the other are scored, the most valuable word first,
    until what is left could not come among the best.
    """
    worth = [0.0] * len(found.words)
    for feature in found.features:
        for word in feature.words:
            worth[word] += feature.bound
    order = sorted(range(len(worth)), key=lambda place: (-worth[place], place))
    best, scores = complete[:0], np.zeros(0)
    for at, place in enumerate(order):
        candidates = found.words[place].documents()
        if allowed is not None:
            candidates = candidates[allowed[candidates]]
        candidates = _without(candidates, complete)
        for seen in order[:at]:
            candidates = candidates[~found.words[seen].holds(candidates)]
        left = frozenset(order[at:])
        features = [feature for feature in found.features if feature.words <= left]
        joined = np.concatenate([best, candidates])
        values = np.concatenate([scores, _score(features, candidates)])
        best, scores = _highest_with_keys(joined, values, count)
        unseen = frozenset(order[at + 1 :])
        most = sum(f.bound for f in found.features if f.words <= unseen)
        # With room for what sums in another order differ by.
        if len(best) == count and scores[-1] > most * (1 + 1e-9):
            break
    return best


def _score(features: Sequence[Feature], candidates: Documents) -> Floats:
    """The scores of some documents, ascending."""
    scores = np.zeros(len(candidates))
    for feature in features:
        feature.scores.add_to(scores, candidates, feature.weight)
    return scores


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
    return candidates[others[at] != candidates]


def _highest(candidates: Documents, keys: npt.NDArray[np.float64], count: int) -> Documents:
    """The `count` candidates with the highest keys; ties in ascending order of candidates."""
    return _highest_with_keys(candidates, keys, count)[0]


def _highest_with_keys(
    candidates: Documents, keys: Floats, count: int
) -> tuple[Documents, Floats]:
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
