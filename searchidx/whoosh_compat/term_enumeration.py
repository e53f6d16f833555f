"""The terms of a field, in order, and those that are a few letters away from another."""

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
from searchidx.store.codec.posting_lists import chunk_by_size
from searchidx.store.commit.leaves import Leaf
from searchidx.store.schema import is_pair_field, term_dictionary_name


class Lexicon:
    """The terms of one field that some document has.

    Args:
        reader: The commit.
        field: Such as "body_folded" or "code".
    """

    def __init__(self, reader: Reader, field: str) -> None:
        self._leaves = [_LeafTerms(leaf, field) for leaf in reader.leaves]

    def beginning_at(self, start: bytes) -> Iterator[bytes]:
        """The terms from `start` on, ascending by their bytes."""
        every = [leaf.beginning_at(start) for leaf in self._leaves]
        if len(every) == 1:
            return every[0]
        return (term for term, _ in itertools.groupby(heapq.merge(*every)))


class _LeafTerms:
    """Those of one segment."""

    def __init__(self, leaf: Leaf, field: str) -> None:
        self._is_pair = is_pair_field(field)
        self._strings = leaf.segment.term_dictionary(term_dictionary_name(field)).all()
        numbers = np.flatnonzero(leaf.segment.posting_lists(field).live_terms(leaf.live))
        # Of a pair both halves; it sorts as its term does, for what divides the two in the
        # term, a space, comes before whatever a syllable is made of.
        self._keys = (
            leaf.segment.pair_dictionary(field).keys()[numbers] if self._is_pair else numbers
        )

    def beginning_at(self, start: bytes) -> Iterator[bytes]:
        strings = self._strings
        for key in self._keys[self._place(start) :].tolist():
            if self._is_pair:
                yield b"%b %b" % (strings[key >> 32], strings[key & 0xFFFFFFFF])
            else:
                yield strings[key]

    def _place(self, start: bytes) -> int:
        """How many of the terms come before `start`."""
        if not self._is_pair:
            return int(np.searchsorted(self._keys, _before(self._strings, start)))
        first, _, second = start.partition(b" ")
        key = _before(self._strings, first) << 32
        if self._strings[key >> 32 : (key >> 32) + 1] == [first]:
            key |= _before(self._strings, second)
        return int(np.searchsorted(self._keys, key))


def _before(strings: Sequence[bytes], string: bytes) -> int:
    """How many of `strings`, which ascend, come before `string`."""
    return bisect.bisect_left(strings, string)


def count_terms(leaf: Leaf, field: str) -> Int64Array:
    """How many terms of a field each document of a segment has, shape (segment.size,)."""
    lists = leaf.segment.posting_lists(field)
    found = np.zeros(leaf.segment.size)
    for first, stop in chunk_by_size(lists.counts()):
        _, documents, frequencies = lists.read_range(first, stop)
        found += np.bincount(documents, weights=frequencies, minlength=len(found))
    return found.astype(np.int64)


def terms_within_distance(terms: Sequence[str], text: str, distance: int) -> list[str]:
    """The terms that become `text` when at most `distance` letters change.

    That is Levenshtein's distance: a letter more, a letter less and another letter in its
    place count one each.  Whoosh's automaton gives the same terms, but its size grows with
    a power of the distance.
    """
    near = [term for term in terms if abs(len(term) - len(text)) <= distance]
    if not near:
        return []
    lengths = np.array([len(term) for term in near])
    letters: npt.NDArray[Any] = np.zeros((int(lengths.max()), len(near)), np.uint32)
    for at, term in enumerate(near):
        letters[: len(term), at] = [ord(letter) for letter in term]
    # Row j: how far the first j letters of each term are from the text so far.
    far = np.repeat(np.arange(len(letters) + 1)[:, None], len(near), axis=1)
    for letter in text:
        before, far = far, np.empty_like(far)
        far[0] = before[0] + 1
        for at, ours in enumerate(letters, 1):
            far[at] = before[at - 1] + (ours != ord(letter))
            np.minimum(far[at], np.minimum(before[at], far[at - 1]) + 1, out=far[at])
    found = far[lengths, np.arange(len(near))] <= distance
    return [near[at] for at in np.flatnonzero(found).tolist()]
