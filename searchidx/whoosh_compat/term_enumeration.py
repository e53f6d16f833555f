"""Enumerate the terms of a field, and find the terms similar to a text."""

from __future__ import annotations

import bisect
import heapq
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from searchidx.arrays import Int64Array
from searchidx.store import Reader
from searchidx.store.codec.ranges import chunk_by_size
from searchidx.store.commit.leaves import Leaf
from searchidx.store.schema import is_pair_field, term_dictionary_name


class Lexicon:
    """The terms of one field that at least one document contains.

    Args:
        reader: The commit.
        field: A field such as "body_folded" or "code".
    """

    def __init__(self, reader: Reader, field: str) -> None:
        self._leaf_terms = [_LeafTerms(leaf, field) for leaf in reader.leaves]

    def terms_from(self, start: bytes) -> Iterator[bytes]:
        """Return the terms from `start` on, ascending by their bytes."""
        parts = [leaf.terms_from(start) for leaf in self._leaf_terms]
        if len(parts) == 1:
            return parts[0]
        return (term for term, _ in itertools.groupby(heapq.merge(*parts)))


class _LeafTerms:
    """The terms of one field in one segment."""

    def __init__(self, leaf: Leaf, field: str) -> None:
        self._is_pair = is_pair_field(field)
        self._strings = leaf.segment.term_dictionary(term_dictionary_name(field)).all()
        numbers = np.flatnonzero(leaf.segment.posting_lists(field).live_terms(leaf.live))
        # The key of a pair holds both syllable numbers.  Keys sort like the terms, because the
        # space between the syllables of a term sorts before every character of a syllable.
        self._keys = (
            leaf.segment.pair_dictionary(field).keys()[numbers] if self._is_pair else numbers
        )

    def terms_from(self, start: bytes) -> Iterator[bytes]:
        """Yield the terms from `start` on."""
        strings = self._strings
        for key in self._keys[self._index(start) :].tolist():
            if self._is_pair:
                yield b"%b %b" % (strings[key >> 32], strings[key & 0xFFFFFFFF])
            else:
                yield strings[key]

    def _index(self, start: bytes) -> int:
        """Return the number of terms before `start`."""
        if not self._is_pair:
            return int(np.searchsorted(self._keys, _count_before(self._strings, start)))
        first, _, second = start.partition(b" ")
        key = _count_before(self._strings, first) << 32
        if self._strings[key >> 32 : (key >> 32) + 1] == [first]:
            key |= _count_before(self._strings, second)
        return int(np.searchsorted(self._keys, key))


def _count_before(strings: Sequence[bytes], string: bytes) -> int:
    """Return how many of the ascending `strings` come before `string`."""
    return bisect.bisect_left(strings, string)


def count_terms(leaf: Leaf, field: str) -> Int64Array:
    """Return the number of terms of a field in each document: int64, shape (segment.size,)."""
    lists = leaf.segment.posting_lists(field)
    totals = np.zeros(leaf.segment.size)
    for first, stop in chunk_by_size(lists.counts()):
        _, documents, frequencies = lists.read_range(first, stop)
        totals += np.bincount(documents, weights=frequencies, minlength=len(totals))
    return totals.astype(np.int64)


def terms_within_distance(terms: Sequence[str], text: str, distance: int) -> list[str]:
    """Return the terms within a Levenshtein distance of a text.

    An inserted, a deleted and a replaced letter count 1 each.  All terms are compared at
    once.  Whoosh's automaton finds the same terms, but its size grows with a power of the
    distance.

    Args:
        terms: The terms to compare.
        text: The text.
        distance: The largest distance, in letters.
    """
    candidates = [term for term in terms if abs(len(term) - len(text)) <= distance]
    if not candidates:
        return []
    lengths = np.array([len(term) for term in candidates])
    letters: npt.NDArray[Any] = np.zeros((int(lengths.max()), len(candidates)), np.uint32)
    for column, term in enumerate(candidates):
        letters[: len(term), column] = [ord(letter) for letter in term]
    # Row j: the distance of the first j letters of each term from the text read so far.
    distances = np.repeat(np.arange(len(letters) + 1)[:, None], len(candidates), axis=1)
    for letter in text:
        previous, distances = distances, np.empty_like(distances)
        distances[0] = previous[0] + 1
        for row, term_letters in enumerate(letters, 1):
            distances[row] = previous[row - 1] + (term_letters != ord(letter))
            one_edit = np.minimum(previous[row], distances[row - 1]) + 1
            np.minimum(distances[row], one_edit, out=distances[row])
    within = distances[lengths, np.arange(len(candidates))] <= distance
    return [candidates[index] for index in np.flatnonzero(within).tolist()]
