"""Read the postings of terms over all segments of a commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import DocIds, Int32Array
from searchidx.lru_cache import LRUCache
from searchidx.store.codec.posting_lists import read_posting_lists
from searchidx.store.commit.leaves import Leaf
from searchidx.store.files.guard import guarded

_CACHE_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Postings:
    """The postings of one term in one field.

    Attributes:
        doc_ids: int32, shape (n,), ascending: the documents that contain the term.
        frequencies: int32, shape (n,): how often the term occurs in each of them.
    """

    doc_ids: DocIds
    frequencies: Int32Array

    def __len__(self) -> int:
        return len(self.doc_ids)


_EMPTY: Final = Postings(np.empty(0, np.int32), np.empty(0, np.int32))


class PostingsReader:
    """Read and cache the postings of one commit.  Safe for use from many threads.

    Args:
        place: The folder of the index, for messages.
        leaves: The segments of the commit.
    """

    def __init__(self, place: str, leaves: Sequence[Leaf]) -> None:
        self.place = place
        self._leaves = leaves
        self._cache: LRUCache[tuple[str, str], Postings] = LRUCache(_CACHE_BYTES, _nbytes)

    @guarded
    def read(self, terms: Sequence[tuple[str, str]]) -> list[Postings]:
        """Return the postings of several terms; one call for all is faster than one for each.

        Args:
            terms: The field and the text of each term.
        """
        cached = {term: self._cache.get(term) for term in terms}
        missing = [term for term, postings in cached.items() if postings is None]
        for term, read in zip(missing, self._read_missing(missing), strict=True):
            cached[term] = read
            self._cache.put(term, read)
        return [postings for term in terms if (postings := cached[term]) is not None]

    def _read_missing(self, terms: Sequence[tuple[str, str]]) -> list[Postings]:
        """Read the postings of terms from the segments."""
        parts: list[list[Postings]] = [[] for _ in terms]
        for leaf in self._leaves:
            segment = leaf.segment
            numbers = [
                segment.term_number(field, term.encode("utf-8", "surrogatepass"))
                for field, term in terms
            ]
            present = [index for index, number in enumerate(numbers) if number is not None]
            lists = read_posting_lists(
                [
                    (segment.posting_lists(terms[index][0]), number)
                    for index, number in enumerate(numbers)
                    if number is not None
                ]
            )
            for index, (doc_ids, frequencies) in zip(present, lists, strict=True):
                if leaf.live is not None:
                    live = leaf.live[doc_ids]
                    doc_ids, frequencies = doc_ids[live], frequencies[live]
                if leaf.doc_base:
                    doc_ids = doc_ids + np.int32(leaf.doc_base)
                parts[index].append(Postings(doc_ids, frequencies))
        return [_concatenate(segment_parts) for segment_parts in parts]


def _concatenate(parts: Sequence[Postings]) -> Postings:
    """Join the postings of one term from successive segments; the result is read-only."""
    if not parts:
        return _EMPTY
    postings = parts[0]
    if len(parts) > 1:
        postings = Postings(
            np.concatenate([part.doc_ids for part in parts]),
            np.concatenate([part.frequencies for part in parts]),
        )
    postings.doc_ids.flags.writeable = postings.frequencies.flags.writeable = False
    return postings


def _nbytes(postings: Postings) -> int:
    """Return the approximate memory of a cached entry in bytes."""
    return postings.doc_ids.nbytes + postings.frequencies.nbytes + 300
