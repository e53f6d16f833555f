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
    from searchidx.store.segment import Segment

Counts = npt.NDArray[np.int64]

_CACHE_BYTES: Final = 2 << 20
LONGEST_WORD: Final = 16
"""Letters of the longest syllables that are among the `Vocabulary.words`."""
_SEVERAL: Final = 4
"""How many times as many followers of a syllable are compared as are asked for."""
_MOST_FORMS: Final = 32
"""How many spellings of one syllable are told apart; no syllable has so many in earnest."""


@dataclass(frozen=True, slots=True)
class Forms:
    """Syllables of one view, and where each segment has them.

    Attributes:
        view: "folded" or "marked".
        forms: The syllables in that view.
        counts: How many documents have each, int64, shape (n,).
        numbers: The number of each in each segment, int64, shape (segments, n); -1 where it
            has none.
    """

    view: str
    forms: tuple[str, ...]
    counts: Counts
    numbers: Counts

    def __len__(self) -> int:
        return len(self.forms)

    @classmethod
    def of(cls, several: Sequence[Forms]) -> Forms:
        """Several of one view as one, in their order.  At least one."""
        return cls(
            several[0].view,
            tuple(form for each in several for form in each.forms),
            np.concatenate([each.counts for each in several]),
            np.concatenate([each.numbers for each in several], axis=1),
        )


@dataclass(frozen=True, slots=True)
class Words:
    """Folded syllables as arrays of letters, ascending.

    Attributes:
        letters: ASCII codes, 0 behind the last letter: uint8, shape (n, `LONGEST_WORD`).
        lengths: How many letters each has, int64, shape (n,).
        alphabets: Which letters each has, as bits from a on, uint32, shape (n,).
        counts: How many documents have each, int64, shape (n,).
        numbers: As those of `Forms`.
    """

    letters: npt.NDArray[np.uint8]
    lengths: Counts
    alphabets: npt.NDArray[np.uint32]
    counts: Counts
    numbers: Counts

    def __len__(self) -> int:
        return len(self.counts)

    def forms(self, places: npt.NDArray[np.intp]) -> Forms:
        """The syllables at some places."""
        texts = self.letters[places].view(f"S{LONGEST_WORD}").ravel().tolist()
        return Forms(
            "folded",
            tuple(text.decode() for text in texts),
            self.counts[places],
            self.numbers[:, places],
        )


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
        self._words: Words | None = None

    @guarded
    def spellings(self, folded: str) -> Forms:
        """The marked syllables of a folded form, those of most documents first.

        At most `_MOST_FORMS` of them.
        """
        found = self._forms.get(("spellings", folded))
        if found is None:
            found = self._spellings(folded)
            self._forms.put(("spellings", folded), found)
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
        found = self._made("marked", forms)
        order = np.argsort(-found.counts, kind="stable")
        # A dictionary has syllables, too, that nothing is counted for.
        order = order[found.counts[order] > 0][:_MOST_FORMS]
        return Forms(
            "marked",
            tuple(found.forms[at] for at in order),
            found.counts[order],
            found.numbers[:, order],
        )

    @guarded
    def look_up(self, view: str, form: str) -> Forms:
        """One syllable of a view, counted 0 times if no document has it."""
        found = self._forms.get((view, form))
        if found is None:
            term = form.encode("utf-8", "surrogatepass")
            numbers = [segment.strings(view).find(term) for segment in self._segments]
            own = [-1 if number is None else number for number in numbers]
            found = self._made(view, {term: own})
            self._forms.put((view, form), found)
        return found

    def _made(self, view: str, forms: dict[bytes, list[int]]) -> Forms:
        shape = len(forms), len(self._segments)
        numbers = np.array(list(forms.values()), np.int64).reshape(shape).T
        counts = np.zeros(len(forms), np.int64)
        for segment, own in zip(self._segments, numbers, strict=True):
            there = np.flatnonzero(own >= 0)
            for field in FIELDS:
                counts[there] += segment.lists(f"{field}_{view}").counts_at(own[there])
        texts = tuple(form.decode("utf-8", "surrogatepass") for form in forms)
        return Forms(view, texts, counts, numbers)

    @guarded
    def pair_counts(self, pairs: Sequence[tuple[Forms, Forms]]) -> list[Counts]:
        """How often syllables stand side by side, all pairs of each two sets at once.

        Args:
            pairs: All of one view.

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
            if not len(both):
                continue
            for field in FIELDS:
                name = f"{field}_{pairs[0][0].view}_pair"
                found = segment.pairs(name).find_many(one[both], two[both])
                there = np.flatnonzero(found >= 0)
                counts[both[there]] += segment.lists(name).counts_at(found[there])
        return [
            counts[start:end].reshape(shape)
            for start, end, shape in zip(bounds[:-1], bounds[1:], shapes, strict=True)
        ]

    @guarded
    def followers(self, first: str, prefix: str, most: int) -> Forms:
        """The marked syllables that most often stand directly behind one.

        Args:
            first: The marked syllable.
            prefix: Letters that their folded forms begin with.
            most: How many to give.  Of several segments one that is among the first in none
                may be missing.

        Returns:
            Those of most documents first, counted together with `first`.
        """
        one = self.look_up("marked", first)
        counts = []
        for place, segment in enumerate(self._segments):
            beginning = self._beginning(segment, prefix)
            sums = np.zeros(len(beginning), np.int64)
            number = int(one.numbers[place, 0])
            for field in FIELDS if number >= 0 else ():
                start, seconds = segment.pairs(f"{field}_marked_pair").of_first(number)
                own = np.flatnonzero(beginning[seconds])
                lists = segment.lists(f"{field}_marked_pair")
                sums[seconds[own]] += lists.counts_at(start + own)
            counts.append(sums)
        return self._highest(counts, most, one)

    @guarded
    def beginning_with(self, prefix: str, most: int) -> Forms:
        """The marked syllables of most documents whose folded forms begin with `prefix`.

        With the same exception as `followers`.
        """
        counts = []
        for segment in self._segments:
            beginning = self._beginning(segment, prefix)
            sums = sum(
                (segment.lists(f"{field}_marked").counts() for field in FIELDS),
                start=np.zeros(len(beginning), np.int64),
            )
            counts.append(np.where(beginning, sums, 0))
        return self._highest(counts, most, None)

    def _highest(self, counts: Sequence[Counts], most: int, first: Forms | None) -> Forms:
        """The marked syllables with the highest counts, of which none is 0.

        Args:
            counts: For each segment a count of each of its marked syllables.
            most: How many to give.
            first: The syllable before them that they are counted with; None if they are
                counted alone.
        """
        several = len(self._segments) > 1
        found: dict[bytes, tuple[int, int]] = {}
        for segment, own in zip(self._segments, counts, strict=True):
            kept = np.flatnonzero(own)
            # Another segment may have more often what is not among the first of this one.
            if len(kept) > (limit := most * (_SEVERAL if several else 1)):
                kept = kept[np.argpartition(-own[kept], limit - 1)[:limit]]
            strings = segment.strings("marked")
            found |= {strings[at]: (at, int(own[at])) for at in kept.tolist()}
        if several:
            texts = [form.decode("utf-8", "surrogatepass") for form in found]
            parts = [self.look_up("marked", text) for text in texts]
            forms = Forms.of(parts) if parts else self._made("marked", {})
            if first is not None:
                sums = self.pair_counts([(first, forms)])[0][0]
                forms = Forms("marked", forms.forms, sums, forms.numbers)
        else:
            pairs = np.array(list(found.values()), np.int64).reshape(-1, 2)
            names = tuple(form.decode("utf-8", "surrogatepass") for form in found)
            forms = Forms("marked", names, pairs[:, 1], pairs[:, :1].T)
        order = sorted(range(len(forms)), key=lambda at: (-forms.counts[at], forms.forms[at]))[
            :most
        ]
        return Forms(
            "marked",
            tuple(forms.forms[at] for at in order),
            forms.counts[order],
            forms.numbers[:, order],
        )

    @staticmethod
    def _beginning(segment: Segment, prefix: str) -> npt.NDArray[np.bool_]:
        """Which marked syllables' folded forms begin so: bool, shape (marked syllables,)."""
        strings = segment.strings("folded")
        term = prefix.encode("utf-8", "surrogatepass")
        first, stop = strings.place(term), strings.place(term + b"\xff")  # ends no UTF-8
        folded = segment.folded_of_marked
        beginning: npt.NDArray[np.bool_] = (first <= folded) & (folded < stop)
        return beginning

    @guarded
    def words(self) -> Words:
        """The folded syllables of nothing but the letters a to z.  Made at the first call."""
        found = self._words
        if found is None:
            found = self._words = self._read_words()
        return found

    def _read_words(self) -> Words:
        texts: list[npt.NDArray[np.bytes_]] = [np.zeros(0, f"S{LONGEST_WORD}")]
        numbers = []
        for segment in self._segments:
            strings = segment.strings("folded").all()
            kept = [
                at
                for at, string in enumerate(strings)
                if len(string) <= LONGEST_WORD and string.isalpha()  # of bytes: of ASCII
            ]
            texts.append(np.array([strings[at] for at in kept], f"S{LONGEST_WORD}"))
            numbers.append(np.array(kept, np.int64))
        distinct, places = np.unique(np.concatenate(texts), return_inverse=True)
        counts = np.zeros(len(distinct), np.int64)
        own = np.full((len(self._segments), len(distinct)), -1, np.int64)
        starts = np.cumsum([0, *map(len, numbers)])
        for place, segment in enumerate(self._segments):
            there = places.reshape(-1)[starts[place] : starts[place + 1]]
            own[place, there] = numbers[place]
            for field in FIELDS:
                counts[there] += segment.lists(f"{field}_folded").counts_at(numbers[place])
        distinct, own, counts = distinct[counts > 0], own[:, counts > 0], counts[counts > 0]
        letters = distinct.view(np.uint8).reshape(len(distinct), LONGEST_WORD)
        return Words(
            letters=letters,
            lengths=np.count_nonzero(letters, axis=1),
            alphabets=alphabets(letters),
            counts=counts,
            numbers=own,
        )


def alphabets(letters: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """Which letters from a to z rows of ASCII codes have, as bits; 0 stands for none."""
    bits = np.where(letters > 0, np.uint32(1) << (letters.astype(np.uint32) - 97), 0)
    found: npt.NDArray[np.uint32] = np.bitwise_or.reduce(bits.astype(np.uint32), axis=1)
    return found


_NONE: Final = np.zeros(0, np.int64)


def _weight(forms: Forms) -> int:
    """The bytes that a cached entry is counted as."""
    return forms.counts.nbytes + forms.numbers.nbytes + 60 * len(forms) + 300
