"""Read one body in parts: its matches, its landmarks, and the sentences around a place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise, starmap
from typing import Final, NamedTuple

from searchidx.language.character_classes import LINE_ENDS
from searchidx.language.sentences import sentences
from searchidx.search.snippets.highlight_terms import HighlightTerms, join_phrase_spans
from searchidx.search.snippets.layout import continues_on_next_line, is_low_content
from searchidx.search.snippets.matches import MatchedBodies
from searchidx.units import CodePoint, FormNumber, Position, SentenceNumber, Span

MAX_TITLE_LINE_OFFSET: Final = 2_000
"""The last code point of a body at which a line that repeats the title may begin."""
_TITLE_LINE_SLACK_CODE_POINTS: Final = 64
"""How much longer than the title such a line may be, for its white space."""
_LINE_ENDS: Final = frozenset(LINE_ENDS)


class SentenceWindow(NamedTuple):
    """A part of a body in whole sentences, and a passage in it.

    Attributes:
        text: The text of the part.
        base: Where the part begins in the body.
        sentences: The ranges of its sentences in `text`, ascending.
        first: The first sentence of the passage, by its index in `sentences`.
        last: The last sentence of the passage.
    """

    text: str
    base: CodePoint
    sentences: list[Span]
    first: SentenceNumber
    last: SentenceNumber

    @property
    def passage(self) -> Span:
        """Return the range of the passage in `text`."""
        return self.sentences[self.first][0], self.sentences[self.last][1]

    @property
    def passage_length(self) -> int:
        """Return the length of the passage in code points."""
        start, end = self.passage
        return end - start

    def is_on_line_of_next(self, sentence: int) -> bool:
        """Return whether a sentence and the next one stand on one line."""
        between = self.text[self.sentences[sentence][1] : self.sentences[sentence + 1][0]]
        return _LINE_ENDS.isdisjoint(between)

    def continues_in_next(self, sentence: int) -> bool:
        """Return whether a sentence and the next one may be shown as one passage."""
        if self.is_on_line_of_next(sentence):
            return True
        return continues_on_next_line(
            self.text, *self.sentences[sentence]
        ) and not is_low_content(self.text, *self.sentences[sentence + 1])


class Body:
    """One of some bodies.

    Landmarks and matches have numbers from 0 on in each body.

    Args:
        title: The title of its document.
        positions: The position of each match, ascending.
        forms: The number of each match's form in the terms.
        landmark_positions: The position of each landmark.
        landmark_offsets: The code point of each landmark.  The last is the body's length.
        read: Returns the text between two code points.

    Attributes:
        title: The title, with single spaces for white space.
        length: The length of the body in code points.
        text: `read`.
    """

    __slots__ = (
        "forms",
        "landmark_offsets",
        "landmark_positions",
        "length",
        "positions",
        "text",
        "title",
    )

    def __init__(
        self,
        title: str,
        positions: list[Position],
        forms: list[FormNumber],
        landmark_positions: list[Position],
        landmark_offsets: list[CodePoint],
        read: Callable[[int, int], str],
    ) -> None:
        self.title = " ".join(title.split())
        self.positions = positions
        self.forms = forms
        self.landmark_positions = landmark_positions
        self.landmark_offsets = landmark_offsets
        self.length = landmark_offsets[-1]
        self.text = read

    def extent(self, first: int, last: int) -> int:
        """Return the number of code points between two landmarks."""
        return self.landmark_offsets[last] - self.landmark_offsets[first]

    def estimate_offset(self, position: Position) -> CodePoint:
        """Estimate the code point of a syllable by interpolating between landmarks."""
        positions, offsets = self.landmark_positions, self.landmark_offsets
        after = bisect_right(positions, position, 0, len(positions) - 1)
        start, stop = positions[after - 1 : after + 1]
        begin, end = offsets[after - 1 : after + 1]
        return CodePoint(begin + (position - start) * (end - begin) // (stop - start))

    def window(self, sentence: int, next_sentence: int, margin: int) -> SentenceWindow:
        """Read a sentence and the whole sentences next to it.

        Args:
            sentence: The landmark at which the sentence begins.
            next_sentence: The landmark at which the next one begins, or the body ends.
            margin: How many code points to read on either side.

        Returns:
            A window whose passage is the sentence.
        """
        offsets = self.landmark_offsets
        start = offsets[sentence]
        begin = bisect_right(offsets, start - margin - 1, 0, sentence) - 1
        # The landmark is the first syllable of its sentence, which may begin before it.
        from_start = begin <= 0
        base = CodePoint(0) if from_start else offsets[begin]
        # One code point more tells whether the sentence ends its line.
        stop = min(offsets[next_sentence] + margin + 1, self.length)
        text = self.text(base, stop)
        spans = list(sentences(text))
        number = 0
        while spans[number][1] <= start - base:
            number += 1
        if stop < self.length and len(spans) - 1 > number:
            spans.pop()  # it may be incomplete
        if not from_start and number > 0:
            del spans[0]
            number -= 1
        return SentenceWindow(text, base, spans, SentenceNumber(number), SentenceNumber(number))

    def forms_between(self, start: int, end: int) -> set[FormNumber]:
        """Return the forms that match in the sentences between two code points."""
        landmarks = len(self.landmark_offsets) - 1
        first = bisect_left(self.landmark_offsets, start, 0, landmarks)
        stop = bisect_left(self.landmark_offsets, end, first, landmarks)
        low = bisect_left(self.positions, self.landmark_positions[first])
        high = bisect_left(self.positions, self.landmark_positions[stop])
        return set(self.forms[low:high])

    def may_repeat_title(self, start: int, end: int) -> bool:
        """Return whether a sentence is short and early enough to be a line of the title."""
        longest = len(self.title) + 1 + _TITLE_LINE_SLACK_CODE_POINTS
        return self.title != "" and start <= MAX_TITLE_LINE_OFFSET and end - start <= longest

    def repeats_title(self, window: SentenceWindow, sentence: int) -> bool:
        """Return whether a sentence of a window is a line of the title."""
        start, end = window.sentences[sentence]
        if not self.may_repeat_title(window.base + start, window.base + end):
            return False
        return " ".join(window.text[start:end].split()) in self.title

    def find_highlights(
        self,
        text: str,
        first_position: int,
        starts: Sequence[int],
        ends: Sequence[int],
        terms: HighlightTerms,
    ) -> tuple[Span, ...]:
        """Return the highlights in a passage of the body.

        Args:
            text: The text of the passage.
            first_position: The position in the body of the passage's first syllable.
            starts: Where each syllable of the passage begins in `text`.
            ends: Where each syllable of the passage ends in `text`.
            terms: The terms to highlight.
        """
        low = bisect_left(self.positions, first_position)
        high = bisect_left(self.positions, first_position + len(starts))
        matches = self.positions[low:high]
        spans = [(starts[n - first_position], ends[n - first_position]) for n in matches]
        return join_phrase_spans(text, spans, matches, self.forms[low:high], terms)


def split_bodies(bodies: MatchedBodies, titles: Sequence[str]) -> Iterator[Body]:
    """Yield the bodies one by one.

    Args:
        bodies: The bodies.
        titles: The title of each body's document.
    """
    # One list for all bodies and slices of it are made faster than slices of an array.
    positions, forms = bodies.positions.tolist(), bodies.forms.tolist()
    landmark_positions = bodies.landmarks.syllables.tolist()
    landmark_offsets = bodies.landmarks.offsets.tolist()
    match_ranges = starmap(slice, pairwise(bodies.match_bounds))
    landmark_ranges = starmap(slice, pairwise(bodies.landmark_bounds))
    for number, (title, matches, landmarks) in enumerate(
        zip(titles, match_ranges, landmark_ranges, strict=True)
    ):
        yield Body(
            title,
            positions[matches],
            forms[matches],
            landmark_positions[landmarks],
            landmark_offsets[landmarks],
            partial(bodies.read, number),
        )
