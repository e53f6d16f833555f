"""The syllables of one commit, how many documents have them, and what stands beside what.

Everything is read where it lies in the segments' files; what is remembered is a bounded
number of small arrays.  Counts are of documents, title and body added up, and include those
of documents that were removed since their segment was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from searchidx.store.cache import Cache
from searchidx.store.fields import FIELDS
from searchidx.store.guard import guarded

if TYPE_CHECKING:
    from searchidx.store.reader import Leaf

Counts = npt.NDArray[np.int64]

_CACHE_BYTES: Final = 2 << 20
_MOST_FORMS: Final = 32
"""How many spellings of one syllable are told apart; no syllable has so many in earnest."""


@dataclass(frozen=True, slots=True)
class Forms:
    """Marked syllables, and where each segment has them.

    Attributes:
        forms: The marked forms, those of most documents first.
        counts: How many documents have each, int64, shape (n,).
        numbers: The number of each in each segment, int64, shape (segments, n); -1 where it
            has none.
    """

    forms: tuple[str, ...]
    counts: Counts
    numbers: Counts

    def __len__(self) -> int:
        return len(self.forms)


class Vocabulary:
    """The syllables of one commit.  May be used from many threads.

    Args:
        place: The index's folder, for messages.
        leaves: The segments.
    """

    def __init__(self, place: str, leaves: Sequence[Leaf]) -> None:
        self.place = place
        self._segments = [leaf.segment for leaf in leaves]
        self._forms: Cache[tuple[str, str], Forms] = Cache(_CACHE_BYTES, _weight)

    @guarded
    def spellings(self, folded: str) -> Forms:
        """The marked syllables that have a folded form, at most `_MOST_FORMS` of them."""
        key = ("folded", folded)
        found = self._forms.get(key)
        if found is None:
            found = self._spellings(folded)
            self._forms.put(key, found)
        return found

    def _spellings(self, folded: str) -> Forms:
        forms: dict[bytes, list[int]] = {}
        for place, segment in enumerate(self._segments):
            number = segment.strings("folded").find(folded.encode("utf-8", "surrogatepass"))
            if number is None:
                continue
            marked = segment.strings("marked")
            for own in np.flatnonzero(segment.folded_of_marked == number).tolist():
                forms.setdefault(marked[own], [-1] * len(self._segments))[place] = own
        return self._made(forms)

    @guarded
    def spelling(self, marked: str) -> Forms:
        """One marked syllable; empty if no document has it."""
        key = ("marked", marked)
        found = self._forms.get(key)
        if found is None:
            term = marked.encode("utf-8", "surrogatepass")
            numbers = [segment.strings("marked").find(term) for segment in self._segments]
            own = [-1 if number is None else number for number in numbers]
            found = self._made({term: own} if max(own, default=-1) >= 0 else {})
            self._forms.put(key, found)
        return found

    def _made(self, forms: dict[bytes, list[int]]) -> Forms:
        shape = len(forms), len(self._segments)
        numbers = np.array(list(forms.values()), np.int64).reshape(shape).T
        counts = np.zeros(len(forms), np.int64)
        for segment, own in zip(self._segments, numbers, strict=True):
            there = np.flatnonzero(own >= 0)
            for field in FIELDS:
                counts[there] += segment.lists(f"{field}_marked").counts_at(own[there])
        texts = [form.decode("utf-8", "surrogatepass") for form in forms]
        # A dictionary has syllables, too, that stand in nothing that is counted.
        order = sorted(np.flatnonzero(counts), key=lambda at: (-counts[at], texts[at]))
        kept = np.array(order[:_MOST_FORMS], np.int64)
        return Forms(tuple(texts[at] for at in kept), counts[kept], numbers[:, kept])

    @guarded
    def pair_counts(self, pairs: Sequence[tuple[Forms, Forms]]) -> list[Counts]:
        """How often syllables stand side by side, all pairs of each two sets at once.

        Returns:
            For each two sets an array, shape (forms of the first, forms of the second), of
            how many documents have the one directly before the other.
        """
        shapes = [(len(first), len(second)) for first, second in pairs]
        bounds = np.cumsum([0, *(rows * columns for rows, columns in shapes)])
        counts = np.zeros(bounds[-1], np.int64)
        for place, segment in enumerate(self._segments):
            firsts = [np.repeat(first.numbers[place], len(second)) for first, second in pairs]
            seconds = [np.tile(second.numbers[place], len(first)) for first, second in pairs]
            one, two = np.concatenate([_NONE, *firsts]), np.concatenate([_NONE, *seconds])
            both = np.flatnonzero((one >= 0) & (two >= 0))
            for field in FIELDS:
                found = segment.pairs(f"{field}_marked_pair").find_many(one[both], two[both])
                there = np.flatnonzero(found >= 0)
                counts[both[there]] += segment.lists(f"{field}_marked_pair").counts_at(
                    found[there]
                )
        return [
            counts[start:end].reshape(shape)
            for start, end, shape in zip(bounds[:-1], bounds[1:], shapes, strict=True)
        ]


_NONE: Final = np.zeros(0, np.int64)


def _weight(forms: Forms) -> int:
    """The bytes that a cached entry is counted as."""
    return forms.counts.nbytes + forms.numbers.nbytes + 60 * len(forms) + 300
