"""Bodies as snippets are made from them: where they match, and their text in parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from searchidx.arrays import Int32Array, Int64Array
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.store import Landmarks, Reader


@dataclass(frozen=True, slots=True)
class Matches:
    """The syllables of some texts that are looked for, text after text.

    Attributes:
        positions: int64, shape (n,): their places among the syllables of their text.
        forms: int64, shape (n,): which form of the terms each is, by its number there.
        bounds: Which of them are each text's: one number more than there are texts.
    """

    positions: Int64Array
    forms: Int64Array
    bounds: list[int]


@dataclass(frozen=True, slots=True)
class MatchedBodies:
    """Some bodies.

    Attributes:
        matches: What is looked for in them.
        landmarks: Places known in syllables and in code points, body after body; the last
            of each is its end.
        bounds: Which of the landmarks are each body's.
        text: Gives the code points of a body, by its place among these, from one place to
            another.
    """

    matches: Matches
    landmarks: Landmarks
    bounds: list[int]
    text: Callable[[int, int, int], str]

    def __len__(self) -> int:
        return len(self.bounds) - 1


class MatchFinder:
    """Finds terms in the stored syllables of a reader's documents.

    What the terms are in the numbers of a segment is worked out once for each segment.
    """

    def __init__(self, reader: Reader, terms: HighlightTerms) -> None:
        self._reader = reader
        self._terms = terms
        self._lookups: dict[int, _Lookup] = {}

    def find(
        self, segment: int, documents: Sequence[int]
    ) -> tuple[list[tuple[list[int], list[int]]], MatchedBodies]:
        """Looks into documents of one segment.

        Returns:
            Of each title the positions that match and their forms; and the bodies.
        """
        reader = self._reader
        lookup = self._lookups.get(segment)
        if lookup is None:
            lookup = self._lookups[segment] = _Lookup(reader, segment, self._terms)
        found = lookup.matches(*reader.streams.syllables(segment, documents))
        bounds = found.bounds
        positions, forms = found.positions.tolist(), found.forms.tolist()
        titles = [
            (positions[first:last], forms[first:last])
            for first, last in zip(bounds[::2], bounds[1::2], strict=False)
        ]
        landmarks, of_bodies = reader.streams.landmarks(segment, documents)

        read: dict[int, tuple[int, str]] = {}  # of each body what was read last, and where

        def text(place: int, start: int, stop: int) -> str:
            begin, part = read.get(place, (0, ""))
            if not begin <= start <= stop <= begin + len(part):
                part, begin = reader.body(documents[place], start, stop)
                read[place] = begin, part
            return part[start - begin : stop - begin]

        return titles, MatchedBodies(_bodies_of(found), landmarks, of_bodies, text)


def _bodies_of(found: Matches) -> Matches:
    """The matches in every second text."""
    bounds = np.array(found.bounds)
    lengths = bounds[1:] - bounds[:-1]
    kept = np.repeat(np.arange(len(lengths)) & 1, lengths).nonzero()[0]
    ends = list(accumulate(lengths[1::2].tolist(), initial=0))
    return Matches(found.positions[kept], found.forms[kept], ends)


class _Lookup:
    """Terms in the numbers of one segment."""

    def __init__(self, reader: Reader, segment: int, terms: HighlightTerms) -> None:
        streams = reader.streams
        view = "marked" if terms.exact else "folded"
        numbers = terms.numbers
        # Of each form of the segment its number among the terms, and 1.  Little memory: what
        # is larger than 128 KB is taken from the system anew each time.
        kind = np.int8 if len(numbers) < np.iinfo(np.int8).max else np.int32
        self._codes = np.zeros(streams.form_count(segment, view), kind)
        for form, number in numbers.items():
            known = streams.form_number(segment, view, form)
            if known is not None:
                self._codes[known] = number + 1
        self._folded = None if terms.exact else streams.folded_numbers(segment)
        self._typed_count = len(terms.weights)
        # Of the forms that were typed with marks, the syllables that are meant.
        self._meant = {
            numbers[form]: [streams.form_number(segment, "marked", each) for each in spellings]
            for form, spellings in terms.typed.items()
        }
        self._with_marks = streams.with_marks(segment) if terms.typed else None
        self._phrases = [[numbers[form] for form in phrase] for phrase in terms.phrases]

    def matches(self, syllables: Int32Array, ends: list[int]) -> Matches:
        """What is looked for in texts (`HighlightTerms.found`), given where each of them ends."""
        codes = self._codes[syllables if self._folded is None else self._folded[syllables]]
        places = codes.nonzero()[0]
        forms = codes[places].astype(np.int64) - 1
        if self._phrases:  # whose syllables are looked for only there
            typed = forms < self._typed_count
            places, forms = places[typed], forms[typed]
        bounds = np.array([0, *ends])
        if self._with_marks is not None:
            places, forms = self._only_spelled(syllables, bounds, places, forms)
        for phrase in self._phrases:
            begins = (codes == phrase[0] + 1).nonzero()[0]
            begins = begins[begins <= len(codes) - len(phrase)]
            for distance, number in enumerate(phrase):
                begins = begins[codes[begins + distance] == number + 1]
            owners = bounds.searchsorted(begins, "right")
            begins = begins[owners == bounds.searchsorted(begins + len(phrase) - 1, "right")]
            for distance, number in enumerate(phrase):
                places = np.append(places, begins + distance)
                forms = np.append(forms, np.full(len(begins), number))
        if self._phrases:
            # What is also a word of its own stays that.
            places, first = np.unique(places, return_index=True)
            forms = forms[first]
        of_texts = places.searchsorted(bounds)
        places -= np.repeat(bounds[:-1], of_texts[1:] - of_texts[:-1])
        return Matches(places, forms, of_texts.tolist())

    def _only_spelled(
        self, syllables: Int32Array, bounds: Int64Array, places: Int64Array, forms: Int64Array
    ) -> tuple[Int64Array, Int64Array]:
        """The matches without those that a text spells otherwise than it was typed."""
        assert self._with_marks is not None
        for number, spellings in self._meant.items():
            own = forms == number
            spelled = syllables[places]
            meant = ~self._with_marks[spelled]
            for spelling in spellings:
                if spelling is not None:
                    meant |= spelled == spelling
            meant &= own
            owners = bounds.searchsorted(places, "right")
            settled = np.bincount(owners[meant], minlength=len(bounds) + 1) > 0
            kept = ~own | meant | ~settled[owners]
            places, forms = places[kept], forms[kept]
        return places, forms
