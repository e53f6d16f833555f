"""Where terms occur, over all segments of one commit."""

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
    """Where a term occurs.

    Attributes:
        doc_ids: int32, shape (n,), ascending.
        frequencies: int32, shape (n,), how often it occurs in each.
    """

    doc_ids: DocIds
    frequencies: Int32Array

    def __len__(self) -> int:
        return len(self.doc_ids)


_NONE: Final = Postings(np.empty(0, np.int32), np.empty(0, np.int32))


class PostingsReader:
    """The postings of one commit.  May be used from many threads.

    Args:
        place: The index's folder, for messages.
        leaves: The segments.
    """

    def __init__(self, place: str, leaves: Sequence[Leaf]) -> None:
        self.place = place
        self._leaves = leaves
        self._cache: LRUCache[tuple[str, str], Postings] = LRUCache(_CACHE_BYTES, _weight)

    @guarded
    def read(self, wanted: Sequence[tuple[str, str]]) -> list[Postings]:
        """Where terms occur, each given with its field; all at once is quicker."""
        found = {key: self._cache.get(key) for key in wanted}
        missing = [key for key, postings in found.items() if postings is None]
        for key, read in zip(missing, self._read_missing(missing), strict=True):
            found[key] = read
            self._cache.put(key, read)
        return [postings for key in wanted if (postings := found[key]) is not None]

    def _read_missing(self, wanted: Sequence[tuple[str, str]]) -> list[Postings]:
        parts: list[list[Postings]] = [[] for _ in wanted]
        for leaf in self._leaves:
            segment = leaf.segment
            numbers = [
                segment.term_number(field, term.encode("utf-8", "surrogatepass"))
                for field, term in wanted
            ]
            there = [place for place, number in enumerate(numbers) if number is not None]
            lists = read_posting_lists(
                [
                    (segment.posting_lists(wanted[place][0]), number)
                    for place, number in enumerate(numbers)
                    if number is not None
                ]
            )
            for place, (documents, frequencies) in zip(there, lists, strict=True):
                if leaf.live is not None:
                    kept = leaf.live[documents]
                    documents, frequencies = documents[kept], frequencies[kept]
                if leaf.doc_base:
                    documents = documents + np.int32(leaf.doc_base)
                parts[place].append(Postings(documents, frequencies))
        return [_joined(each) for each in parts]


def _joined(parts: Sequence[Postings]) -> Postings:
    """The postings of one term, from one segment after the other."""
    if not parts:
        return _NONE
    found = parts[0]
    if len(parts) > 1:
        found = Postings(
            np.concatenate([part.doc_ids for part in parts]),
            np.concatenate([part.frequencies for part in parts]),
        )
    found.doc_ids.flags.writeable = found.frequencies.flags.writeable = False
    return found


def _weight(postings: Postings) -> int:
    """The bytes that a cached entry is counted as."""
    return postings.doc_ids.nbytes + postings.frequencies.nbytes + 300
