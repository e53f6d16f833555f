"""A document's body as a snippet is made from it: where it matches, and its text in parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from searchidx.language.sentences import sentences
from searchidx.language.tokens import Tokens, tokenize
from searchidx.search.terms import Terms
from searchidx.store import Landmarks, Reader

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Matches:
    """The syllables of a text that are looked for.

    Attributes:
        positions: int64, shape (n,), ascending: their places among its syllables.
        forms: int64, shape (n,): which form of the terms each is, by its number there.
    """

    positions: Places
    forms: Places

    def __len__(self) -> int:
        return len(self.positions)


class Body(Protocol):
    """What a snippet needs of a body."""

    def matches(self) -> Matches:
        """What is looked for in it."""

    def landmarks(self) -> Landmarks:
        """Places known in syllables and in code points; the last is the end of the text."""

    def text(self, start: int, stop: int) -> str:
        """Its code points from `start` to `stop`."""


class PlainBody:
    """A body that is at hand as text."""

    def __init__(self, text: str, terms: Terms) -> None:
        self._text = text
        self._terms = terms

    @cached_property
    def _tokens(self) -> Tokens:
        return tokenize(self._text)

    def matches(self) -> Matches:
        tokens = self._tokens
        forms = self._terms.forms(tokens)
        numbers = self._terms.numbers
        positions = self._terms.found(tokens)
        return Matches(
            np.array(positions, np.int64),
            np.array(
                [numbers[forms[at]] if forms[at] in numbers else numbers[tokens.folded[at]]
                 for at in positions],
                np.int64,
            ),
        )  # fmt: skip

    def landmarks(self) -> Landmarks:
        starts = np.array(self._tokens.starts, np.int64)
        begins = np.array([start for start, _ in sentences(self._text)], np.int64)
        first = np.unique(np.searchsorted(starts, begins))
        first = first[first < len(starts)]
        return Landmarks(
            np.append(first, len(starts)),
            np.append(starts[first], len(self._text)),
            np.append(np.ones(len(first), np.bool_), False),
        )

    def text(self, start: int, stop: int) -> str:
        return self._text[start:stop]


class Finder:
    """Finds terms in the stored syllables of a reader's documents.

    What the terms are in the numbers of a segment is worked out once for each segment.
    """

    def __init__(self, reader: Reader, terms: Terms) -> None:
        self._reader = reader
        self._terms = terms
        self._lookups: dict[int, _Lookup] = {}

    def body(self, number: int) -> StoredBody:
        """The body of a document."""
        return StoredBody(self._reader, number, self.matches(number, "body"))

    def matches(self, number: int, field: str) -> Matches:
        """What is looked for in a field of a document."""
        segment = self._reader.segment(number)
        lookup = self._lookups.get(segment)
        if lookup is None:
            lookup = self._lookups[segment] = _Lookup(self._reader, segment, self._terms)
        return lookup.matches(self._reader.syllables(number, field))


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

    def matches(self, syllables: npt.NDArray[np.int32]) -> Matches:
        """What is looked for among the syllables of a text (`Terms.found`)."""
        codes = self._codes[syllables]
        positions = np.flatnonzero(codes)
        forms = codes[positions].astype(np.int64) - 1
        for number, meant in self._typed:
            own = forms == number
            as_meant = meant[syllables[positions]]
            if (own & as_meant).any():
                kept = ~own | as_meant
                positions, forms = positions[kept], forms[kept]
        for phrase in self._phrases:
            places = np.arange(max(0, len(syllables) - len(phrase) + 1))
            for distance, (_, mask) in enumerate(phrase):
                places = places[mask[syllables[places + distance]]]
            for distance, (number, _) in enumerate(phrase):
                positions = np.append(positions, places + distance)
                forms = np.append(forms, np.full(len(places), number))
        if self._phrases:
            # What is also a word of its own stays that.
            positions, first = np.unique(positions, return_index=True)
            forms = forms[first]
        return Matches(positions, forms)


class StoredBody:
    """A body in the index, of which only what is shown is read."""

    def __init__(self, reader: Reader, number: int, matches: Matches) -> None:
        self._reader = reader
        self._number = number
        self._matches = matches

    def matches(self) -> Matches:
        return self._matches

    def landmarks(self) -> Landmarks:
        return self._reader.landmarks(self._number)

    def text(self, start: int, stop: int) -> str:
        part, begin = self._reader.body(self._number, start, stop)
        return part[start - begin : stop - begin]
