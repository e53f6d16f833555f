"""Which hits say nearly the same as a better one.

Two documents resemble each other by the Jaccard coefficient of their shingles: of all runs of
`RUN` folded syllables that one or the other has, the share that both have.  It is estimated
from the `SKETCH` least of the hashes of each, and exact where there are no more (Broder, *On
the resemblance and containment of documents*, 1997).

Only hits that could be near-duplicates are read: those of nearly the same length and score.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import BoolArray, DocIds, Float64Array, Int64Array, UInt64Array
from searchidx.search.rank.ranking import Ranking
from searchidx.search.ranking_model import RankingModel
from searchidx.store import FIELDS, Reader

RUN: Final = 4
"""How many syllables make a shingle."""
SKETCH: Final = 128
"""How many hashes of a document are compared."""

_OWNER_BITS: Final = np.uint64(8)
_HASH_BITS: Final = np.uint64(64) - _OWNER_BITS
_MULTIPLIER: Final = np.uint64(0xBF58476D1CE4E5B9)


@dataclass(frozen=True, slots=True)
class CollapsedRanking:
    """A part of a ranking in which near-duplicates are folded.

    Attributes:
        ranking: The hits that stand for themselves.
        similar: The documents that are folded under each of them, best first.
        folded: How many documents of the whole ranking are folded under others.
    """

    ranking: Ranking
    similar: tuple[tuple[int, ...], ...]
    folded: int


def collapse_near_duplicates(
    reader: Reader,
    model: RankingModel,
    ranked: Callable[[int, int], Ranking],
    limit: int,
    offset: int,
) -> CollapsedRanking:
    """A part of a ranking without the hits that say nearly the same as a better one.

    The first `RankingModel.near_duplicate_window` hits are folded, whichever part is asked
    for, and those after them follow as they are: so the parts fit together, and each document is in one of them or
    folded under one.

    Args:
        reader: The commit that was searched.
        model: What near-duplicates are, and how many hits are compared.
        ranked: Gives at most so many hits of the ranking, from a rank on.
        limit, offset: Which part to give.
    """
    size = model.near_duplicate_window
    window = ranked(size, 0)
    under = group_near_duplicates(reader, model, window.documents, window.scores)
    similar: dict[int, list[int]] = {at: [] for at, own in enumerate(under) if at == own}
    for at, own in enumerate(under):
        if at != own:
            similar[own].append(int(window.documents[at]))
    folded = len(under) - len(similar)
    places = list(similar)[offset : offset + limit]
    parts = [_chosen(window, places)]
    missing = limit - len(places)
    if missing > 0 and window.total > size:
        parts.append(ranked(missing, folded + max(offset, len(similar))))
    ranking = Ranking(
        np.concatenate([part.documents for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.complete for part in parts]),
        window.total,
        window.total_complete,
    )
    of_hits = [tuple(similar[at]) for at in places]
    of_hits += [()] * (len(ranking.documents) - len(of_hits))
    return CollapsedRanking(ranking, tuple(of_hits), folded)


def group_near_duplicates(
    reader: Reader, model: RankingModel, documents: DocIds, scores: Float64Array
) -> list[int]:
    """Under which of some hits each is folded, by its place: its own if under none.

    A hit goes under the first one before it that stands for itself, resembles it, and is
    of nearly the same length and score.

    Args:
        reader: The commit that the hits are of.
        model: What near-duplicates are.
        documents: int32, shape (n,), best first.
        scores: float64, shape (n,).
    """
    under = list(range(len(documents)))
    lengths = _lengths(reader, documents)
    near = _near(lengths, model.near_duplicate_min_length_ratio)
    near &= _near(scores, model.near_duplicate_min_score_ratio) & (lengths >= RUN)
    np.fill_diagonal(near, False)
    near[np.cumsum(lengths * near.any(axis=0)) > model.near_duplicate_max_syllables] = False
    near = np.tril(near)
    pairs = np.argwhere(near)
    read = np.flatnonzero(near.any(axis=0) | near.any(axis=1))
    sketches = dict(zip(read.tolist(), _sketches(reader, documents[read]), strict=True))
    for hit, better in pairs.tolist():
        if (
            under[hit] == hit
            and under[better] == better
            and estimate_jaccard(sketches[better], sketches[hit])
            >= model.near_duplicate_min_jaccard
        ):
            under[hit] = better
    return under


def find_near_duplicates(
    reader: Reader, model: RankingModel, number: int, documents: DocIds
) -> BoolArray:
    """Which of some documents say nearly the same as one of the same commit, shape (n,)."""
    joined = np.append(np.int32(number), documents).astype(np.int32)
    lengths = _lengths(reader, joined)
    alike: BoolArray = _near(lengths, model.near_duplicate_min_length_ratio)[0]
    alike &= lengths >= RUN
    alike &= np.cumsum(lengths * alike) <= model.near_duplicate_max_syllables
    read = np.flatnonzero(alike)
    if len(read) and read[0] == 0:
        own, *others = _sketches(reader, joined[read])
        alike[read[1:]] = [
            estimate_jaccard(own, other) >= model.near_duplicate_min_jaccard for other in others
        ]
    return alike[1:]


def _chosen(ranking: Ranking, places: list[int]) -> Ranking:
    at = np.array(places, np.intp)
    return Ranking(
        ranking.documents[at],
        ranking.scores[at],
        ranking.complete[at],
        ranking.total,
        ranking.total_complete,
    )


def estimate_jaccard(one: UInt64Array, other: UInt64Array) -> float:
    """The Jaccard coefficient of two sets, as far as their sketches tell it."""
    joined = np.concatenate([one, other])
    joined.sort()
    differs = joined[1:] != joined[:-1]
    # Of the least of the union, of which both sketches know, how many are in both.
    ends = differs.nonzero()[0]
    size = min(SKETCH, len(ends) + 1)
    last = ends[size - 1] if size <= len(ends) else len(differs)
    return float((last + 1 - size) / size)


def _lengths(reader: Reader, documents: DocIds) -> Int64Array:
    """How many syllables each document has."""
    title, body = (reader.lengths(field)[documents].astype(np.int64) for field in FIELDS)
    return title + body


def _near(values: Float64Array | Int64Array, share: float) -> BoolArray:
    """Whether of each two values the smaller is such a share of the larger, shape (n, n)."""
    near: BoolArray = np.minimum.outer(values, values) >= share * np.maximum.outer(
        values, values
    )
    return near


def _sketches(reader: Reader, documents: DocIds) -> list[UInt64Array]:
    """The `SKETCH` least hashes of the shingles of each document, ascending.

    There are at most 256 documents, with at least `RUN` syllables each.
    """
    sketches: dict[int, UInt64Array] = {}
    of_segments: dict[int, list[int]] = {}
    for number in sorted(documents.tolist()):
        of_segments.setdefault(reader.segment_index(number), []).append(number)
    for segment, numbers in of_segments.items():
        syllables, ends = reader.positions.syllables(segment, numbers)
        hashes = _shingles(reader.positions.folded_form_keys(segment, syllables))
        # One sort for all, by document and then by hash; what runs over an end goes last.
        bounds = np.array([0, *ends[1::2]])
        owners = np.repeat(np.arange(len(numbers)), np.diff(bounds))
        keys = (owners[: len(hashes)].astype(np.uint64) << _HASH_BITS) | (hashes >> _OWNER_BITS)
        keys = np.sort(keys[owners[: len(hashes)] == owners[RUN - 1 :]])
        keys = keys[np.append(True, keys[1:] != keys[:-1])]
        begins = np.arange(len(numbers) + 1, dtype=np.uint64) << _HASH_BITS
        firsts = np.searchsorted(keys, begins).tolist()
        keys &= (np.uint64(1) << _HASH_BITS) - np.uint64(1)
        for number, first, stop in zip(numbers, firsts, firsts[1:], strict=False):
            sketches[number] = keys[first : min(stop, first + SKETCH)]
    return [sketches[number] for number in documents.tolist()]


def _shingles(identities: UInt64Array) -> UInt64Array:
    """The hash of the run of `RUN` syllables from each of them on."""
    count = len(identities) - RUN + 1
    hashes = np.zeros(count, np.uint64)
    for at in range(RUN):
        hashes *= _MULTIPLIER
        hashes += identities[at : at + count]
    # The finaliser of SplitMix64, after which all bits are as good as random.
    hashes ^= hashes >> np.uint64(30)
    hashes *= _MULTIPLIER
    hashes ^= hashes >> np.uint64(27)
    hashes *= np.uint64(0x94D049BB133111EB)
    hashes ^= hashes >> np.uint64(31)
    return hashes
