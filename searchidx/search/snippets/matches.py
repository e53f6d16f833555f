"""Find the matches of a query in the stored syllables of documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import Int32Array, Int64Array
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.store import FIELDS, Landmarks, Reader
from searchidx.units import FormNumber, Position

MAX_MATCHES_OF_FORM: Final = 1 << 14
"""The most matches of a form, or of a phrase, that are considered in a text: the first ones.

A passage needs few matches. A word can have a million in a text of several million syllables.
"""


def _first_of_each(*keys: Int64Array) -> Int64Array:
    """Return the first `MAX_MATCHES_OF_FORM` matches of each combination of keys.

    Args:
        keys: For each match an integer of at least 0, shape (matches,), such as its text.

    Returns:
        The indices of the kept matches, ascending.
    """
    combined = np.zeros(len(keys[0]), np.int64)
    for key in keys:
        combined = combined * (int(key.max()) + 1) + key
    order = combined.argsort(kind="stable")
    ordered = combined[order]
    firsts = np.concatenate([[True], ordered[1:] != ordered[:-1]]).nonzero()[0]
    counts = np.diff(firsts, append=len(ordered))
    ranks = np.arange(len(ordered)) - np.repeat(firsts, counts)
    kept: Int64Array = np.sort(order[ranks < MAX_MATCHES_OF_FORM])
    return kept


@dataclass(frozen=True, slots=True)
class MatchedBodies:
    """The bodies of some documents with their matches, body after body.

    Attributes:
        positions: int64, shape (matches,): the position of each match in its body.
        forms: int64, shape (matches,): the number of each match's form in the terms.
        match_bounds: The matches of body n are those from `match_bounds[n]` to before
            `match_bounds[n + 1]`.
        landmarks: Syllables of which both position and code point are known.  The last
            landmark of each body is its end.
        landmark_bounds: The landmarks of each body, as `match_bounds` has its matches.
        read: Returns the text of a body, given its number here and two code points of it.
    """

    positions: Int64Array
    forms: Int64Array
    match_bounds: list[int]
    landmarks: Landmarks
    landmark_bounds: list[int]
    read: Callable[[int, int, int], str]

    def __len__(self) -> int:
        return len(self.landmark_bounds) - 1


class MatchFinder:
    """Find terms in the stored syllables of a commit's documents.

    The terms are translated into the form numbers of a segment once for each segment.
    """

    def __init__(self, reader: Reader, terms: HighlightTerms) -> None:
        self._reader = reader
        self._terms = terms
        self._segment_terms: dict[int, _SegmentTerms] = {}

    def find(
        self, segment: int, documents: Sequence[int]
    ) -> tuple[list[tuple[list[Position], list[FormNumber]]], MatchedBodies]:
        """Find the matches in documents of one segment.

        Returns:
            For each title the positions of its matches and the numbers of their forms; and
            the bodies.
        """
        reader = self._reader
        terms = self._segment_terms.get(segment)
        if terms is None:
            terms = self._segment_terms[segment] = _SegmentTerms(reader, segment, self._terms)
        positions, forms, bounds = terms.find(*reader.positions.syllables(segment, documents))
        starts, all_positions, all_forms = bounds.tolist(), positions.tolist(), forms.tolist()
        titles = [
            (all_positions[first:last], all_forms[first:last])
            for first, last in zip(starts[::2], starts[1::2], strict=False)
        ]
        landmarks, landmark_bounds = reader.positions.landmarks(segment, documents)

        last_read: dict[int, tuple[int, str]] = {}  # the start and text of a body's last part

        def read(number: int, start: int, stop: int) -> str:
            begin, part = last_read.get(number, (0, ""))
            if not begin <= start <= stop <= begin + len(part):
                part, begin = reader.body(documents[number], start, stop)
                last_read[number] = begin, part
            return part[start - begin : stop - begin]

        # Titles and bodies take turns: every second text is a body.
        lengths = bounds[1:] - bounds[:-1]
        of_bodies = np.repeat(np.arange(len(lengths)) & 1, lengths).nonzero()[0]
        return titles, MatchedBodies(
            positions[of_bodies],
            forms[of_bodies],
            list(accumulate(lengths[1::2].tolist(), initial=0)),
            landmarks,
            landmark_bounds,
            read,
        )


class _SegmentTerms:
    """The terms in the form numbers of one segment."""

    def __init__(self, reader: Reader, segment: int, terms: HighlightTerms) -> None:
        streams = reader.positions
        view = "marked" if terms.exact else "folded"
        numbers = terms.form_numbers
        # For each form of the segment: its number in the terms plus 1, or 0.  The dtype is
        # small because the system allocates arrays over 128 KB anew each time.
        dtype = np.int8 if len(numbers) < np.iinfo(np.int8).max else np.int32
        self._codes: npt.NDArray[np.signedinteger[Any]] = np.zeros(
            streams.form_count(segment, view), dtype
        )
        for form, number in numbers.items():
            known = streams.form_number(segment, view, form)
            if known is not None:
                self._codes[known] = number + 1
        self._folded = None if terms.exact else streams.folded_numbers(segment)
        self._typed_count = len(terms.weights)
        # For each form that was typed with marks: the segment's numbers of these spellings.
        self._spellings = {
            numbers[form]: [streams.form_number(segment, "marked", each) for each in spellings]
            for form, spellings in terms.typed_spellings.items()
        }
        self._with_marks = streams.with_marks(segment) if terms.typed_spellings else None
        self._phrases = [[numbers[form] for form in phrase] for phrase in terms.phrases]

    def find(
        self, syllables: Int32Array, ends: list[int]
    ) -> tuple[Int64Array, Int64Array, Int64Array]:
        """Find the matches in some texts, as `HighlightTerms.matching_positions` does.

        Args:
            syllables: int32: the marked form numbers of the texts: title and body of the first
                document, title and body of the second one, and so on.
            ends: For each text the number of syllables up to its end.

        Returns:
            The position of each match in its text; the number of its form in the terms; and
            the bounds of each text among these, shape (texts + 1,).  All are int64.
        """
        codes = self._codes[syllables if self._folded is None else self._folded[syllables]]
        places = codes.nonzero()[0]  # numbers of syllables over all texts
        forms = codes[places].astype(np.int64) - 1
        if self._phrases:
            # Forms of phrases alone match nowhere else.
            typed = forms < self._typed_count
            places, forms = places[typed], forms[typed]
        bounds = np.array([0, *ends])
        if self._with_marks is not None:
            places, forms = self._without_other_spellings(syllables, bounds, places, forms)
        if len(places) > MAX_MATCHES_OF_FORM:
            kept = _first_of_each(forms, bounds.searchsorted(places, "right"))
            places, forms = places[kept], forms[kept]
        for phrase in self._phrases:
            starts = self._phrase_starts(codes, bounds, phrase)
            for distance, number in enumerate(phrase):
                places = np.append(places, starts + distance)
                forms = np.append(forms, np.full(len(starts), number))
        if self._phrases:
            # A syllable that also matches by itself keeps that form: it comes first.
            places, first = np.unique(places, return_index=True)
            forms = forms[first]
        match_bounds = places.searchsorted(bounds)
        places -= np.repeat(bounds[:-1], match_bounds[1:] - match_bounds[:-1])
        return places, forms, match_bounds

    @staticmethod
    def _phrase_starts(
        codes: npt.NDArray[np.signedinteger[Any]],
        bounds: Int64Array,
        phrase: Sequence[FormNumber],
    ) -> Int64Array:
        """Return where a phrase stands within one text, as numbers of first syllables."""
        starts: Int64Array = (codes == phrase[0] + 1).nonzero()[0]
        starts = starts[starts <= len(codes) - len(phrase)]
        for distance, number in enumerate(phrase):
            starts = starts[codes[starts + distance] == number + 1]
        texts = bounds.searchsorted(starts, "right")
        whole = texts == bounds.searchsorted(starts + len(phrase) - 1, "right")
        found: Int64Array = starts[whole]
        if len(found) > MAX_MATCHES_OF_FORM:
            found = found[_first_of_each(texts[whole])]
        return found

    def _without_other_spellings(
        self, syllables: Int32Array, bounds: Int64Array, places: Int64Array, forms: Int64Array
    ) -> tuple[Int64Array, Int64Array]:
        """Drop matches spelled otherwise than typed, if their document has other matches.

        Args:
            syllables: int32: the marked form numbers of the texts, text after text.
            bounds: int64, shape (2 · documents + 1,): the bounds of their titles and bodies.
            places: int64, shape (matches,): the syllables that match.
            forms: int64, shape (matches,): the numbers of their forms in the terms.
        """
        assert self._with_marks is not None
        documents = (bounds.searchsorted(places, "right") - 1) // len(FIELDS)
        marks_before = np.concatenate([[0], self._with_marks[syllables].cumsum()])
        is_unmarked = np.diff(marks_before[bounds[:: len(FIELDS)]]) == 0
        proper = np.ones(len(places), np.bool_)
        spelled = syllables[places]
        for number, spellings in self._spellings.items():
            of_form = forms == number
            as_typed = is_unmarked[documents]
            for spelling in spellings:
                if spelling is not None:
                    as_typed |= spelled == spelling
            proper &= ~of_form | as_typed
        settled = np.bincount(documents[proper], minlength=len(is_unmarked)) > 0
        kept = proper | ~settled[documents]
        return places[kept], forms[kept]
