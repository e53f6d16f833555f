"""Fold near-duplicates among the first hits of a ranking.

The resemblance of two documents is the Jaccard coefficient of their shingles: of all runs of
`SHINGLE_SYLLABLES` folded syllables that either of them has, the share that both have.  It is
estimated from the `SKETCH_HASHES` smallest hashes of each document, and exact for documents
with no more shingles (Broder, *On the resemblance and containment of documents*, 1997).

Only hits that can be near-duplicates are read: those of nearly the same length and score.
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

SHINGLE_SYLLABLES: Final = 4
SKETCH_HASHES: Final = 128

# The number of a document within one window takes the upper bits of a key, a hash the lower
# ones.  A window has at most 255 hits, and an example may come before them.
_DOCUMENT_BITS: Final = np.uint64(8)
_HASH_BITS: Final = np.uint64(64) - _DOCUMENT_BITS
_MULTIPLIER: Final = np.uint64(0xBF58476D1CE4E5B9)


@dataclass(frozen=True, slots=True)
class CollapsedRanking:
    """A part of a ranking with near-duplicates folded.

    Attributes:
        ranking: The hits that are not folded.
        similar: For each hit the documents that are folded under it, best first.
        folded: Number of documents of the whole ranking that are folded.
    """

    ranking: Ranking
    similar: tuple[tuple[int, ...], ...]
    folded: int


def collapse_near_duplicates(
    reader: Reader,
    model: RankingModel,
    rank: Callable[[int, int], Ranking],
    limit: int,
    offset: int,
) -> CollapsedRanking:
    """Return a part of a ranking without the near-duplicates of better hits.

    Only the first `RankingModel.near_duplicate_window` hits are compared, whichever part is
    asked for, and later hits follow unchanged.  So pages fit together: each document is on
    one page or folded under a hit of one.

    Args:
        reader: The commit that was searched.
        model: The thresholds of near-duplicates.
        rank: Returns at most `limit` hits of the ranking from rank `offset` on.
        limit: Number of hits to return.
        offset: Number of hits to skip.
    """
    size = model.near_duplicate_window
    window = rank(size, 0)
    representatives = group_near_duplicates(reader, model, window.doc_ids, window.scores)
    similar: dict[int, list[int]] = {
        hit: [] for hit, representative in enumerate(representatives) if hit == representative
    }
    for hit, representative in enumerate(representatives):
        if hit != representative:
            similar[representative].append(int(window.doc_ids[hit]))
    folded = len(representatives) - len(similar)
    shown = list(similar)[offset : offset + limit]
    parts = [_select(window, shown)]
    missing = limit - len(shown)
    if missing > 0 and window.total > size:
        parts.append(rank(missing, folded + max(offset, len(similar))))
    ranking = Ranking(
        np.concatenate([part.doc_ids for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.complete for part in parts]),
        window.total,
        window.total_complete,
    )
    of_hits = [tuple(similar[hit]) for hit in shown]
    of_hits += [()] * (len(ranking.doc_ids) - len(of_hits))
    return CollapsedRanking(ranking, tuple(of_hits), folded)


def group_near_duplicates(
    reader: Reader, model: RankingModel, doc_ids: DocIds, scores: Float64Array
) -> list[int]:
    """Return for each hit the index of the hit it is folded under, or its own.

    A hit is folded under the first better hit that is not folded itself, resembles it, and
    has nearly the same length and score.

    Args:
        reader: The commit of the hits.
        model: The thresholds of near-duplicates.
        doc_ids: int32, shape (n,), best first.
        scores: float64, shape (n,).
    """
    representatives = list(range(len(doc_ids)))
    lengths = _lengths(reader, doc_ids)
    near = _ratios_reach(lengths, model.near_duplicate_min_length_ratio)
    near &= _ratios_reach(scores, model.near_duplicate_min_score_ratio)
    near &= lengths >= SHINGLE_SYLLABLES
    np.fill_diagonal(near, False)
    read_syllables = np.cumsum(lengths * near.any(axis=0))
    near[read_syllables > model.near_duplicate_max_syllables] = False
    near = np.tril(near)
    pairs = np.argwhere(near)
    hits = np.flatnonzero(near.any(axis=0) | near.any(axis=1))
    sketches = dict(zip(hits.tolist(), _sketches(reader, doc_ids[hits]), strict=True))
    for hit, better in pairs.tolist():
        if representatives[hit] == hit and representatives[better] == better:
            jaccard = estimate_jaccard(sketches[better], sketches[hit])
            if jaccard >= model.near_duplicate_min_jaccard:
                representatives[hit] = better
    return representatives


def find_near_duplicates(
    reader: Reader, model: RankingModel, doc_id: int, doc_ids: DocIds
) -> BoolArray:
    """Return which of some documents are near-duplicates of one document.

    Args:
        reader: The commit of the documents.
        model: The thresholds of near-duplicates.
        doc_id: The one document.
        doc_ids: int32, shape (n,): the others.

    Returns:
        bool, shape (n,).
    """
    every = np.append(np.int32(doc_id), doc_ids).astype(np.int32)
    lengths = _lengths(reader, every)
    near: BoolArray = _ratios_reach(lengths, model.near_duplicate_min_length_ratio)[0]
    near &= lengths >= SHINGLE_SYLLABLES
    near &= np.cumsum(lengths * near) <= model.near_duplicate_max_syllables
    read = np.flatnonzero(near)
    if len(read) and read[0] == 0:
        own, *others = _sketches(reader, every[read])
        jaccards = np.array([estimate_jaccard(own, other) for other in others])
        near[read[1:]] = jaccards >= model.near_duplicate_min_jaccard
    return near[1:]


def _select(ranking: Ranking, hits: list[int]) -> Ranking:
    """Return the part of a ranking with these indices."""
    indices = np.array(hits, np.intp)
    return Ranking(
        ranking.doc_ids[indices],
        ranking.scores[indices],
        ranking.complete[indices],
        ranking.total,
        ranking.total_complete,
    )


def estimate_jaccard(one: UInt64Array, other: UInt64Array) -> float:
    """Return the Jaccard coefficient of two sets, estimated from their sketches.

    Args:
        one: uint64, shape (n,): the `SKETCH_HASHES` smallest hashes of a set, ascending.
        other: The same of the other set.
    """
    joined = np.concatenate([one, other])
    joined.sort()
    differs = joined[1:] != joined[:-1]
    # Of the smallest hashes of the union, which both sketches cover, count those in both.
    ends = differs.nonzero()[0]
    size = min(SKETCH_HASHES, len(ends) + 1)
    last = ends[size - 1] if size <= len(ends) else len(differs)
    return float((last + 1 - size) / size)


def _lengths(reader: Reader, doc_ids: DocIds) -> Int64Array:
    """Return the length of each document in syllables, int64, shape (n,)."""
    title, body = (reader.lengths(field)[doc_ids].astype(np.int64) for field in FIELDS)
    return title + body


def _ratios_reach(values: Float64Array | Int64Array, min_ratio: float) -> BoolArray:
    """Return for each two values whether smaller / larger ≥ `min_ratio`, shape (n, n)."""
    smaller, larger = np.minimum.outer(values, values), np.maximum.outer(values, values)
    reach: BoolArray = smaller >= min_ratio * larger
    return reach


def _sketches(reader: Reader, doc_ids: DocIds) -> list[UInt64Array]:
    """Return the `SKETCH_HASHES` smallest hashes of the shingles of each document, ascending.

    Args:
        reader: The commit of the documents.
        doc_ids: int32, shape (n,): at most 256 documents, each with at least
            `SHINGLE_SYLLABLES` syllables.
    """
    sketches: dict[int, UInt64Array] = {}
    by_segment: dict[int, list[int]] = {}
    for doc_id in sorted(doc_ids.tolist()):
        by_segment.setdefault(reader.segment_index(doc_id), []).append(doc_id)
    for segment, of_segment in by_segment.items():
        syllables, ends = reader.positions.syllables(segment, of_segment)
        hashes = _shingle_hashes(reader.positions.folded_form_keys(segment, syllables))
        # One sort for all documents, by document and then by hash, without the shingles that
        # run over the end of a document.
        bounds = np.array([0, *ends[1::2]])
        owners = np.repeat(np.arange(len(of_segment)), np.diff(bounds))
        first_owners = owners[: len(hashes)]
        keys = (first_owners.astype(np.uint64) << _HASH_BITS) | (hashes >> _DOCUMENT_BITS)
        keys = np.sort(keys[first_owners == owners[SHINGLE_SYLLABLES - 1 :]])
        keys = keys[np.append(True, keys[1:] != keys[:-1])]
        begins = np.arange(len(of_segment) + 1, dtype=np.uint64) << _HASH_BITS
        firsts = np.searchsorted(keys, begins).tolist()
        keys &= (np.uint64(1) << _HASH_BITS) - np.uint64(1)
        for doc_id, first, stop in zip(of_segment, firsts, firsts[1:], strict=False):
            sketches[doc_id] = keys[first : min(stop, first + SKETCH_HASHES)]
    return [sketches[doc_id] for doc_id in doc_ids.tolist()]


def _shingle_hashes(identities: UInt64Array) -> UInt64Array:
    """Return the hash of the shingle that begins at each syllable.

    Args:
        identities: uint64, shape (n,): a number for each syllable, the same in all segments.

    Returns:
        uint64, shape (n - SHINGLE_SYLLABLES + 1,).
    """
    count = len(identities) - SHINGLE_SYLLABLES + 1
    hashes = np.zeros(count, np.uint64)
    for shift in range(SHINGLE_SYLLABLES):
        hashes *= _MULTIPLIER
        hashes += identities[shift : shift + count]
    # The finalizer of SplitMix64 makes all bits as good as random.
    hashes ^= hashes >> np.uint64(30)
    hashes *= _MULTIPLIER
    hashes ^= hashes >> np.uint64(27)
    hashes *= np.uint64(0x94D049BB133111EB)
    hashes ^= hashes >> np.uint64(31)
    return hashes
