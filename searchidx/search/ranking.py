"""Which documents answer a query, and in which order.

A query of few words is answered by the documents that hold any of them, those that hold all
of them first; a longer one by the documents that hold a part of them, all by their scores
(`searchidx.search.plan`).  The first k are exactly those of scoring every document: what
many documents have is added only to the scores of those that could still be among the
best, going by the most that it could add.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from searchidx.search.expansion import Expansion
from searchidx.search.matching import matches
from searchidx.search.plan import NOTHING, Feature, Plan, plan
from searchidx.search.query import Query
from searchidx.search.scoring import Bools, Documents, Floats, Scorer
from searchidx.store import Reader

_FEW: Final = 512
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
        plan: What was looked up.
    """

    documents: Documents
    scores: Floats
    complete: Bools
    total: int
    total_complete: int
    plan: Plan = NOTHING


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

    With `by_date` the later date comes first, and documents without one last; of the same
    date the higher score first.  Ties are in the order of document numbers.  The other
    arguments are those of `plan`.
    """
    allowed = matches(reader, query, exact=exact)
    count = offset + limit
    if not (query.syllables or query.alternatives):
        candidates = _numbers(np.ones(reader.size, np.bool_) if allowed is None else allowed)
        keys = _date_keys(reader, candidates) if by_date else np.zeros(len(candidates))
        chosen = _highest(candidates, keys, count)[offset:]
        scores, whole = np.zeros(len(chosen)), np.ones(len(chosen), np.bool_)
        return Ranking(chosen, scores, whole, len(candidates), len(candidates))
    found = plan(reader, scorer, query, exact=exact, expansions=expansions)
    matching, whole = _matching(found, allowed, reader.size)
    complete = matching[whole]
    search = _Search(scorer, found.features)
    if by_date:
        best, scores = search.latest(complete, _date_keys(reader, complete), count)
        rest = matching[~whole]
        more, values = search.latest(rest, _date_keys(reader, rest), count - len(best))
        best, scores = np.concatenate([best, more]), np.concatenate([scores, values])
    elif found.all_first:
        best, scores = search.best(complete, count)
        if len(best) < count:
            others, values = search.best(matching[~whole], count - len(best))
            best, scores = np.concatenate([best, others]), np.concatenate([scores, values])
    else:
        best, scores = search.best(matching, count)
    return Ranking(
        documents=best[offset:],
        scores=scores[offset:],
        complete=np.isin(best[offset:], complete, assume_unique=True),
        total=len(matching),
        total_complete=len(complete),
        plan=found,
    )


def _matching(found: Plan, allowed: Bools | None, size: int) -> tuple[Documents, Bools]:
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


def all_hits(
    reader: Reader,
    scorer: Scorer,
    query: Query,
    *,
    exact: bool = False,
    expansions: Sequence[Expansion] = (),
) -> tuple[Bools, Bools]:
    """Which documents match at all, and which of them hold every word.

    Two masks, bool, shape (reader.size,).  The arguments are those of `rank`.
    """
    allowed = matches(reader, query, exact=exact)
    if not (query.syllables or query.alternatives):
        hits = reader.live if allowed is None else allowed
        return hits, hits
    found = plan(reader, scorer, query, exact=exact, expansions=expansions)
    documents, whole = _matching(found, allowed, reader.size)
    masks = np.zeros((2, reader.size), np.bool_)
    masks[0, documents] = True
    masks[1, documents[whole]] = True
    return masks[0], masks[1]


class _Search:
    """The scores of one query on one commit.

    Args:
        scorer: The scorer of the commit.
        features: What the scores are the sums of, those of rare terms first.
    """

    def __init__(self, scorer: Scorer, features: Sequence[Feature]) -> None:
        self._scorer = scorer
        self._features = features

    def latest(
        self, documents: Documents, days: Floats, count: int
    ) -> tuple[Documents, Floats]:
        """The `count` latest of some documents, ascending, and their scores.

        Of one day the best come first; where the last day has more than are wanted, no
        others are scored than those that could be among its best.
        """
        if count <= 0:
            return documents[:0], days[:0]
        tied = documents[:0]
        room = count
        if len(documents) > count:
            last = np.partition(days, len(days) - count)[len(days) - count]
            tied, later = documents[days == last], days > last
            documents, days = documents[later], days[later]
            room -= len(documents)
        found, scores = self.best(documents, len(documents))
        order = np.lexsort((found, -scores, -days[np.searchsorted(documents, found)]))
        more, values = self.best(tied, room)
        return (
            np.concatenate([found[order], more]),
            np.concatenate([scores[order], values]),
        )

    def _add(self, features: Sequence[Feature], documents: Documents, scores: Floats) -> None:
        with self._scorer.scratch.candidates(documents) as candidates:
            for feature in features:
                feature.term.add_to(scores, feature.weight, candidates)

    def best(self, documents: Documents, count: int) -> tuple[Documents, Floats]:
        """The `count` best of some documents, ascending, and their scores."""
        if count <= 0:
            return documents[:0], np.zeros(0)
        scores = np.zeros(len(documents))
        rare = sum(not feature.term.frequent for feature in self._features)
        begin = 0
        for end in (rare, *range(rare + _AT_ONCE, len(self._features), _AT_ONCE)):
            if len(documents) <= max(_FEW, count):
                break
            self._add(self._features[begin:end], documents, scores)
            begin = end
            least = np.partition(scores, len(scores) - count)[len(scores) - count]
            # With room for what sums in another order differ by.
            most = sum(feature.bound for feature in self._features[begin:]) * (1 + 1e-9)
            kept = scores + most >= least
            documents, scores = documents[kept], scores[kept]
        self._add(self._features[begin:], documents, scores)
        return _best(documents, scores, count)


def _numbers(mask: Bools) -> Documents:
    """The documents that a mask allows, ascending."""
    return np.flatnonzero(mask).astype(np.int32)


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
