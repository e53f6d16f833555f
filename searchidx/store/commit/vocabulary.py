"""The syllables of one commit, how many documents have them, and what stands beside what.

Everything is read where it lies in the segments' files; what is remembered is a bounded
number of small arrays.  Counts are of documents, title and body added up, and include those
of documents that were removed since their segment was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import BoolArray, Int64Array
from searchidx.lru_cache import LRUCache
from searchidx.store.commit.leaves import Leaf
from searchidx.store.commit.syllable_counts import (
    MAX_SYLLABLE_LETTERS,
    AsciiSyllables,
    SyllableCounts,
    letter_bitmasks,
)
from searchidx.store.files.guard import guarded
from searchidx.store.schema import FIELDS
from searchidx.store.segment.segment import Segment

_CACHE_BYTES: Final = 2 << 20
_SEVERAL: Final = 4
"""How many times as many followers of a syllable are compared as are asked for."""
_MOST_FORMS: Final = 32
"""How many spellings of one syllable are told apart; no syllable has so many in earnest."""


class SyllableVocabulary:
    """The syllables of one commit.  May be used from many threads.

    Args:
        place: The index's folder, for messages.
        leaves: The segments.
    """

    def __init__(self, place: str, leaves: Sequence[Leaf]) -> None:
        self.place = place
        self._segments = [leaf.segment for leaf in leaves]
        self._forms: LRUCache[tuple[str, str], SyllableCounts] = LRUCache(_CACHE_BYTES, _weight)
        # A search asks for the same beginnings several times.
        self._frequencies: LRUCache[tuple[str, str], dict[str, int]] = LRUCache(
            _CACHE_BYTES, lambda found: 300 + 120 * len(found)
        )
        self._words: AsciiSyllables | None = None

    @guarded
    def marked_forms(self, folded: str) -> SyllableCounts:
        """The marked syllables of a folded form, those of most documents first.

        At most `_MOST_FORMS` of them.
        """
        found = self._forms.get(("spellings", folded))
        if found is None:
            found = self._spellings(folded)
            self._forms.put(("spellings", folded), found)
        return found

    def _spellings(self, folded: str) -> SyllableCounts:
        forms: dict[bytes, list[int]] = {}
        for place, segment in enumerate(self._segments):
            number = segment.term_dictionary("folded").find(
                folded.encode("utf-8", "surrogatepass")
            )
            if number is None:
                continue
            marked = segment.term_dictionary("marked")
            for own in np.flatnonzero(segment.folded_of_marked == number).tolist():
                forms.setdefault(marked[own], [-1] * len(self._segments))[place] = own
        shape = len(forms), len(self._segments)
        numbers = np.array(list(forms.values()), np.int64).reshape(shape).T
        texts = tuple(form.decode("utf-8", "surrogatepass") for form in forms)
        found = self._counted("marked", texts, numbers)
        order = np.argsort(-found.counts, kind="stable")
        # A dictionary has syllables, too, that nothing is counted for.
        order = order[found.counts[order] > 0][:_MOST_FORMS]
        return found.select(order.tolist())

    @guarded
    def look_up(self, view: str, form: str) -> SyllableCounts:
        """One syllable of a view, counted 0 times if no document has it."""
        found = self._forms.get((view, form))
        if found is None:
            found = self._counted(view, (form,), self.term_numbers(view, (form,)))
            self._forms.put((view, form), found)
        return found

    def _counted(
        self, view: str, forms: tuple[str, ...], numbers: Int64Array
    ) -> SyllableCounts:
        """Syllables with what is counted of them, given their numbers."""
        return SyllableCounts(view, forms, self._in_fields(view, numbers), numbers)

    def _in_fields(self, view: str, numbers: Int64Array) -> Int64Array:
        """How many documents have each syllable, title and body added up."""
        return sum(
            (self.document_counts(f"{field}_{view}", numbers) for field in FIELDS),
            start=np.zeros(numbers.shape[1], np.int64),
        )

    @guarded
    def term_numbers(self, dictionary: str, terms: Sequence[str]) -> Int64Array:
        """The number of each term in each segment; -1 where it has none.

        Args:
            dictionary: A view of syllables, "folded" or "marked", or a field such as "code".
            terms: The terms.

        Returns:
            int64, shape (segments, terms).
        """
        encoded = [term.encode("utf-8", "surrogatepass") for term in terms]
        found = np.full((len(self._segments), len(terms)), -1, np.int64)
        for own, segment in zip(found, self._segments, strict=True):
            strings = segment.term_dictionary(dictionary)
            for place, term in enumerate(encoded):
                number = strings.find(term)
                if number is not None:
                    own[place] = number
        return found

    @guarded
    def document_counts(self, field: str, numbers: Int64Array) -> Int64Array:
        """How many documents have each of some terms in one field.

        Args:
            field: Such as "body_folded" or "code".
            numbers: As `numbers` gives them.
        """
        found = np.zeros(numbers.shape[1], np.int64)
        for segment, own in zip(self._segments, numbers, strict=True):
            found += segment.document_counts(field, own)
        return found

    @guarded
    def pair_counts_in_field(
        self, field: str, firsts: Int64Array, seconds: Int64Array
    ) -> Int64Array:
        """How many documents have each of some pairs of syllables in one field.

        Args:
            field: Such as "body_folded_pair".
            firsts, seconds: As `numbers` gives them, of the same shape.
        """
        found = np.zeros(firsts.shape[1], np.int64)
        for segment, one, two in zip(self._segments, firsts, seconds, strict=True):
            found += segment.pair_document_counts(field, one, two)
        return found

    @guarded
    def pair_counts(
        self, pairs: Sequence[tuple[SyllableCounts, SyllableCounts]]
    ) -> list[Int64Array]:
        """How often syllables stand side by side, all pairs of each two sets at once.

        Args:
            pairs: All of one view.

        Returns:
            For each two sets an array, shape (forms of the first, forms of the second), of
            how many documents have the one directly before the other.
        """
        shapes = [(len(first), len(second)) for first, second in pairs]
        bounds = np.cumsum([0, *(rows * columns for rows, columns in shapes)])
        empty = np.zeros((len(self._segments), 0), np.int64)
        firsts = [np.repeat(first.term_numbers, len(second), axis=1) for first, second in pairs]
        seconds = [np.tile(second.term_numbers, len(first)) for first, second in pairs]
        one, two = np.hstack([empty, *firsts]), np.hstack([empty, *seconds])
        counts = np.zeros(bounds[-1], np.int64)
        for field in FIELDS if pairs else ():
            counts += self.pair_counts_in_field(f"{field}_{pairs[0][0].view}_pair", one, two)
        return [
            counts[start:end].reshape(shape)
            for start, end, shape in zip(bounds[:-1], bounds[1:], shapes, strict=True)
        ]

    @guarded
    def followers(self, first: str, prefix: str, most: int) -> SyllableCounts:
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
            number = int(one.term_numbers[place, 0])
            for field in FIELDS if number >= 0 else ():
                pairs = segment.pair_dictionary(f"{field}_marked_pair")
                start, seconds = pairs.pairs_starting_with(number)
                own = np.flatnonzero(beginning[seconds])
                lists = segment.posting_lists(f"{field}_marked_pair")
                sums[seconds[own]] += lists.counts_at(start + own)
            counts.append(sums)
        return self._highest(counts, most, one)

    @guarded
    def most_common_with_prefix(self, prefix: str, most: int) -> SyllableCounts:
        """The marked syllables of most documents whose folded forms begin with `prefix`.

        With the same exception as `followers`.
        """
        counts = []
        for segment in self._segments:
            beginning = self._beginning(segment, prefix)
            sums = sum(
                (segment.posting_lists(f"{field}_marked").counts() for field in FIELDS),
                start=np.zeros(len(beginning), np.int64),
            )
            counts.append(np.where(beginning, sums, 0))
        return self._highest(counts, most, None)

    def _highest(
        self, counts: Sequence[Int64Array], most: int, first: SyllableCounts | None
    ) -> SyllableCounts:
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
            strings = segment.term_dictionary("marked")
            found |= {strings[at]: (at, int(own[at])) for at in kept.tolist()}
        names = tuple(form.decode("utf-8", "surrogatepass") for form in found)
        if several:
            parts = [self.look_up("marked", name) for name in names]
            nothing = np.zeros((len(self._segments), 0), np.int64)
            forms = SyllableCounts.concatenate([self._counted("marked", (), nothing), *parts])
            if first is not None:
                sums = self.pair_counts([(first, forms)])[0][0]
                forms = SyllableCounts("marked", forms.forms, sums, forms.term_numbers)
        else:
            pairs = np.array(list(found.values()), np.int64).reshape(-1, 2)
            forms = SyllableCounts("marked", names, pairs[:, 1], pairs[:, :1].T)
        order = sorted(range(len(forms)), key=lambda at: (-forms.counts[at], forms.forms[at]))[
            :most
        ]
        return forms.select(order)

    @guarded
    def document_counts_with_prefix(self, view: str, prefix: str) -> Mapping[str, int]:
        """How many documents have each syllable whose folded form begins with `prefix`.

        Args:
            view: "folded" or "marked": in which form they are given.
            prefix: The letters.
        """
        known = self._frequencies.get((view, prefix))
        if known is not None:
            return known
        found: dict[str, int] = {}
        for segment in self._segments:
            if view == "marked":
                numbers = np.flatnonzero(self._beginning(segment, prefix))
            else:
                numbers = np.arange(*_span(segment, prefix))
            counts = np.zeros(len(numbers), np.int64)
            for field in FIELDS:
                counts += segment.document_counts(f"{field}_{view}", numbers)
            strings = segment.term_dictionary(view)
            for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
                term = strings[number].decode()
                found[term] = found.get(term, 0) + count
        self._frequencies.put((view, prefix), found)
        return found

    @staticmethod
    def _beginning(segment: Segment, prefix: str) -> BoolArray:
        """Which marked syllables' folded forms begin so: bool, shape (marked syllables,)."""
        first, stop = _span(segment, prefix)
        folded = segment.folded_of_marked
        beginning: BoolArray = (first <= folded) & (folded < stop)
        return beginning

    @guarded
    def ascii_syllables(self) -> AsciiSyllables:
        """The folded syllables of nothing but the letters a to z.  Made at the first call."""
        found = self._words
        if found is None:
            found = self._words = self._read_words()
        return found

    def _read_words(self) -> AsciiSyllables:
        texts: list[npt.NDArray[np.bytes_]] = [np.zeros(0, f"S{MAX_SYLLABLE_LETTERS}")]
        numbers = []
        for segment in self._segments:
            strings = segment.term_dictionary("folded").all()
            kept = [
                at
                for at, string in enumerate(strings)
                if len(string) <= MAX_SYLLABLE_LETTERS
                and string.isalpha()  # of bytes: of ASCII
            ]
            texts.append(np.array([strings[at] for at in kept], f"S{MAX_SYLLABLE_LETTERS}"))
            numbers.append(np.array(kept, np.int64))
        distinct, places = np.unique(np.concatenate(texts), return_inverse=True)
        own = np.full((len(self._segments), len(distinct)), -1, np.int64)
        starts = np.cumsum([0, *map(len, numbers)])
        for place, of_segment in enumerate(numbers):
            own[place, places.reshape(-1)[starts[place] : starts[place + 1]]] = of_segment
        counts = self._in_fields("folded", own)
        distinct, own, counts = distinct[counts > 0], own[:, counts > 0], counts[counts > 0]
        letters = distinct.view(np.uint8).reshape(len(distinct), MAX_SYLLABLE_LETTERS)
        return AsciiSyllables(
            letters=letters,
            lengths=np.count_nonzero(letters, axis=1),
            letter_masks=letter_bitmasks(letters),
            counts=counts,
            term_numbers=own,
        )


def _span(segment: Segment, prefix: str) -> tuple[int, int]:
    """The numbers of the folded syllables that begin with `prefix`, half-open."""
    strings = segment.term_dictionary("folded")
    term = prefix.encode("utf-8", "surrogatepass")
    # No UTF-8 holds the byte 0xff, so that every term with the prefix comes before it.
    return strings.insertion_point(term), strings.insertion_point(term + b"\xff")


def _weight(forms: SyllableCounts) -> int:
    """The bytes that a cached entry is counted as."""
    return forms.counts.nbytes + forms.term_numbers.nbytes + 60 * len(forms) + 300
