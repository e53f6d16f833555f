"""Bodies as snippets are made from them: where they match, and their text in parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from searchidx.search.terms import Terms
from searchidx.store import Landmarks, Reader

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Matches:
    """The syllables of some texts that are looked for, text after text.

    Attributes:
        positions: int64, shape (n,): their places among the syllables of their text.
        forms: int64, shape (n,): which form of the terms each is, by its number there.
        bounds: Which of them are each text's: one number more than there are texts.
    """

    positions: Places
    forms: Places
    bounds: list[int]


@dataclass(frozen=True, slots=True)
class Bodies:
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


class Finder:
    """Finds terms in the stored syllables of a reader's documents.

    What the terms are in the numbers of a segment is worked out once for each segment.
    """

    def __init__(self, reader: Reader, terms: Terms) -> None:
        self._reader = reader
        self._terms = terms
        self._lookups: dict[int, _Lookup] = {}

    def find(self, segment: int, documents: Sequence[int]) -> tuple[list[list[int]], Bodies]:
        """Looks into documents of one segment.

        Returns:
            The positions in each title that match, and the bodies.
        """
        reader = self._reader
        lookup = self._lookups.get(segment)
        if lookup is None:
            lookup = self._lookups[segment] = _Lookup(reader, segment, self._terms)
        found = lookup.matches(*reader.syllables(segment, documents))
        titles = [
            found.positions[found.bounds[at] : found.bounds[at + 1]].tolist()
            for at in range(0, 2 * len(documents), 2)
        ]
        landmarks, bounds = reader.landmarks(segment, documents)

        read: dict[int, tuple[int, str]] = {}  # of each body what was read last, and where

        def text(place: int, start: int, stop: int) -> str:
            begin, part = read.get(place, (0, ""))
            if not begin <= start <= stop <= begin + len(part):
                part, begin = reader.body(documents[place], start, stop)
                read[place] = begin, part
            return part[start - begin : stop - begin]

        return titles, Bodies(_bodies_of(found), landmarks, bounds, text)


def _bodies_of(found: Matches) -> Matches:
    """The matches in every second text."""
    bounds = np.array(found.bounds)
    lengths = np.diff(bounds)
    kept = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    ends = np.append(0, np.cumsum(lengths[1::2])).tolist()
    return Matches(found.positions[kept], found.forms[kept], ends)


class _Lookup:
    """Terms in the numbers of one segment."""

    def __init__(self, reader: Reader, segment: int, terms: Terms) -> None:
        view = "marked" if terms.exact else "folded"
        numbers = terms.numbers
        spelled = {form: reader.spellings(segment, view, form) for form in terms.weights}
        self._codes = np.zeros(reader.spelling_count(segment), np.int16)
        for form, mask in spelled.items():
            self._codes[mask] = numbers[form] + 1
        # Of the forms that were typed with marks, the spellings that are meant.
        self._typed: list[tuple[int, npt.NDArray[np.bool_]]] = []
        for form, spellings in terms.typed.items():
            meant = spelled[form] & ~reader.with_marks(segment)
            for spelling in spellings:
                meant |= reader.spellings(segment, "marked", spelling)
            self._typed.append((numbers[form], meant))
        self._phrases = [
            [(numbers[form], reader.spellings(segment, "folded", form)) for form in phrase]
            for phrase in terms.phrases
        ]

    def matches(self, syllables: npt.NDArray[np.int32], ends: list[int]) -> Matches:
        """What is looked for in texts (`Terms.found`), given where each of them ends."""
        codes = self._codes[syllables]
        places = np.flatnonzero(codes)
        forms = codes[places].astype(np.int64) - 1
        bounds = np.array([0, *ends])
        for number, meant in self._typed:
            own = forms == number
            as_meant = own & meant[syllables[places]]
            owners = np.searchsorted(bounds, places, "right")
            settled = np.bincount(owners[as_meant], minlength=len(bounds) + 1) > 0
            kept = ~own | as_meant | ~settled[owners]
            places, forms = places[kept], forms[kept]
        for phrase in self._phrases:
            begins = np.arange(max(0, len(syllables) - len(phrase) + 1))
            for distance, (_, mask) in enumerate(phrase):
                begins = begins[mask[syllables[begins + distance]]]
            owners = np.searchsorted(bounds, begins, "right")
            begins = begins[
                owners == np.searchsorted(bounds, begins + len(phrase) - 1, "right")
            ]
            for distance, (number, _) in enumerate(phrase):
                places = np.append(places, begins + distance)
                forms = np.append(forms, np.full(len(begins), number))
        if self._phrases:
            # What is also a word of its own stays that.
            places, first = np.unique(places, return_index=True)
            forms = forms[first]
        of_texts = np.searchsorted(places, bounds)
        places -= np.repeat(bounds[:-1], np.diff(of_texts))
        return Matches(places, forms, of_texts.tolist())
