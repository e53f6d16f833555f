"""Which places of one body are shown: promises held against what the text says there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from searchidx.language.sentences import LINE_ENDS, sentences
from searchidx.search.snippets.candidates import CandidateRow, FragmentCandidate
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.search.snippets.layout import (
    MAX_HEADING_CODE_POINTS,
    continues_on_next_line,
    is_low_content,
)
from searchidx.search.snippets.matches import MatchedBodies
from searchidx.units import Span

TITLE_REACH: Final = 2_000
"""Code points from the beginning in which a title's own line stands."""
_LITTLE: Final = 0.5
"""What a heading, a caption or a row of a table is worth, against a sentence."""
_TITLE: Final = 1e-6
"""What the title's own line is worth, which is shown beside the passages."""
_AGAIN: Final = 0.5
"""What a word is worth in a further passage when those before show it."""
_FURTHER: Final = 0.35
"""The least that a further passage with nothing new is worth, against the first."""
_UNSHOWN: Final = 64  # code points between two sentences, at most, where it matters
_ALIKE: Final = 0.5
"""The part of its pairs of words that a passage may have in common with another."""
_LINE_ENDS: Final = frozenset(LINE_ENDS)


class Lists:
    """The numbers of some bodies, as lists.

    Attributes:
        positions, forms: Those of `Matches`.
        syllables, offsets: Those of `Landmarks`.
    """

    def __init__(self, bodies: MatchedBodies) -> None:
        self.bodies = bodies
        self.positions: list[int] = bodies.matches.positions.tolist()
        self.forms: list[int] = bodies.matches.forms.tolist()
        self.syllables: list[int] = bodies.landmarks.syllables.tolist()
        self.offsets: list[int] = bodies.landmarks.offsets.tolist()

    def extent(self, mark: int, close: int) -> int:
        """How many code points lie between two landmarks."""
        return self.offsets[close] - self.offsets[mark]


class Body:
    """One of some bodies.

    Attributes:
        lists: The numbers of all.
        first, last: Its first landmark among them, and its last, which is its end.
        matches: Its first match among those of all, and the one after its last.
        length: In code points.
        title: Its title, white space as single spaces.
    """

    __slots__ = ("_place", "first", "last", "length", "lists", "matches", "title")

    def __init__(self, lists: Lists, place: int, title: str) -> None:
        bounds = lists.bodies.bounds
        self.lists = lists
        self.first, self.last = bounds[place], bounds[place + 1] - 1
        self.length = lists.offsets[self.last]
        self.matches = tuple(lists.bodies.matches.bounds[place : place + 2])
        self.title = " ".join(title.split())
        self._place = place

    def text(self, start: int, stop: int) -> str:
        """Its code points from `start` to `stop`."""
        return self.lists.bodies.text(self._place, start, stop)

    def about(self, position: int) -> int:
        """About where a syllable begins: evenly spread between landmarks."""
        syllables, offsets = self.lists.syllables, self.lists.offsets
        after = bisect_right(syllables, position, self.first, self.last)
        start, stop = syllables[after - 1 : after + 1]
        begin, end = offsets[after - 1 : after + 1]
        return begin + (position - start) * (end - begin) // (stop - start)

    def around(self, mark: int, close: int, spare: int) -> Around:
        """The sentence between two landmarks, with so many code points on either side."""
        offsets = self.lists.offsets
        start = offsets[mark]
        begin = bisect_right(offsets, start - spare - 1, self.first, mark) - 1
        # The landmark is the first syllable of its sentence, and not what is before that.
        from_start = begin <= self.first
        base = 0 if from_start else offsets[begin]
        # With the first sign after the sentence, which tells whether its line ends.
        stop = min(offsets[close] + spare + 1, self.length)
        text = self.text(base, stop)
        spans = list(sentences(text))
        at = 0
        while spans[at][1] <= start - base:
            at += 1
        if stop < self.length and len(spans) - 1 > at:
            spans.pop()  # which may go on
        if not from_start and at > 0:
            del spans[0]
            at -= 1
        return Around(text, base, spans, at)

    def forms_between(self, start: int, end: int) -> set[int]:
        """What matches in whole sentences between two places of it."""
        syllables, offsets = self.lists.syllables, self.lists.offsets
        first = bisect_left(offsets, start, self.first, self.last)
        stop = bisect_left(offsets, end, first, self.last)
        positions = self.lists.positions
        found = bisect_left(positions, syllables[first], *self.matches)
        return set(
            self.lists.forms[found : bisect_left(positions, syllables[stop], *self.matches)]
        )

    def may_be_title(self, start: int, end: int) -> bool:
        """Whether a sentence could be (a line of) the title, by its place and length."""
        longest = len(self.title) + 1 + _UNSHOWN
        return self.title != "" and start <= TITLE_REACH and end - start <= longest

    def is_title(self, around: Around, span: Span) -> bool:
        """Whether a sentence is (a line of) the title."""
        start, end = span
        if not self.may_be_title(around.base + start, around.base + end):
            return False
        return " ".join(around.text[start:end].split()) in self.title


@dataclass(frozen=True, slots=True)
class Around:
    """A part of a body.

    Attributes:
        text: The part.
        base: Where it begins in the body.
        spans: Its whole sentences, as ranges of `text`.
        at: Which of them it is about.
    """

    text: str
    base: int
    spans: list[Span]
    at: int

    def on_one_line(self, left: int) -> bool:
        """Whether a sentence and the next one stand on one line."""
        between = self.text[self.spans[left][1] : self.spans[left + 1][0]]
        return _LINE_ENDS.isdisjoint(between)

    def goes_on(self, left: int) -> bool:
        """Whether a sentence and the next one may be shown as one passage."""
        if self.on_one_line(left):
            return True
        start, end = self.spans[left]
        following, stop = self.spans[left + 1]
        return continues_on_next_line(self.text, start, end) and not is_low_content(
            self.text, following, stop
        )


class SelectedPlace(NamedTuple):
    """A place of a body that is worth showing.

    Attributes:
        score: How good it is.
        promise: What it was found by.
        around: The text around it; None if its sentence is too long to be shown whole.
        last: The last of the sentences of `around` that belong to it.
    """

    score: float
    promise: FragmentCandidate
    around: Around | None
    last: int


def select_places(
    body: Body, promises: Sequence[CandidateRow], terms: HighlightTerms, length: int, count: int
) -> list[SelectedPlace]:
    """The places to be shown, the best first.

    Args:
        body: The body.
        promises: Its promises, at least one, the most promising first.
        terms: What is looked for.
        length: How long all passages are together.
        count: How many passages are wanted, at most `length`; each has its share of that.
    """
    share = length // count
    best: SelectedPlace | None = None
    for row in promises:
        promise = FragmentCandidate(*row)
        # Of equals the first in the text; one that was thought to be better may be after it.
        rank = promise.score, -promise.first
        if best is not None and rank <= (best.score, -best.promise.first):
            break
        place = _weighed(body, promise, share, length)
        rank = place.score, -promise.first
        if best is None or rank > (best.score, -best.promise.first):
            best = place
    assert best is not None  # there are promises
    chosen = [best]
    while len(chosen) < count:
        further = _next(
            body, [FragmentCandidate(*row) for row in promises], chosen, terms, share, length
        )
        if further is None:
            break
        chosen.append(further)
    return chosen


def _weighed(body: Body, promise: FragmentCandidate, share: int, length: int) -> SelectedPlace:
    """A promise, held against the text."""
    offsets = body.lists.offsets
    begin, close = offsets[promise.mark], offsets[promise.close]
    long = close - begin > max(share, MAX_HEADING_CODE_POINTS)
    if long and not body.may_be_title(begin, close):
        return SelectedPlace(promise.score, promise, None, 0)
    around = body.around(promise.mark, promise.close, max(0, length - (close - begin)))
    text, spans, at = around.text, around.spans, around.at
    last = at
    if promise.until > promise.close:
        # It needs the sentences after it, as far as they are on its line or led to by it.
        start, until = spans[at][0], offsets[promise.until] - around.base
        while last + 1 < len(spans) and spans[last + 1][0] < until:
            if spans[last + 1][1] - start > share or not around.goes_on(last):
                last = at
                break
            last += 1
        if last == at:
            promise = _alone(promise)
    score = promise.score
    if body.is_title(around, spans[at]):
        score *= _TITLE
    elif long:
        return SelectedPlace(score, promise, None, 0)
    elif all(is_low_content(text, *spans[n]) for n in range(at, last + 1)):
        score *= _LITTLE
    return SelectedPlace(score, promise, around, last)


def _alone(promise: FragmentCandidate) -> FragmentCandidate:
    """A promise without the sentences after its own."""
    return promise._replace(score=promise.alone, until=promise.close, end=promise.last)


def _next(
    body: Body,
    promises: Sequence[FragmentCandidate],
    chosen: Sequence[SelectedPlace],
    terms: HighlightTerms,
    share: int,
    length: int,
) -> SelectedPlace | None:
    """The place that adds most to those that were chosen, if it is worth showing."""
    forms, worths = body.lists.forms, terms.worths
    shown = {form for p in chosen for form in forms[p.promise.first : p.promise.end]}

    def part(promise: FragmentCandidate) -> float:
        """How much of a promise's score counts: more than `_AGAIN` if it shows more."""
        own = set(forms[promise.first : promise.end])
        whole = sum(map(worths.__getitem__, own))
        new = sum(map(worths.__getitem__, own - shown))
        return _AGAIN + (1 - _AGAIN) * new / whole if whole else 0.0

    least = _FURTHER * chosen[0].score
    said = [words_of(_text(body, place, share)) for place in chosen]
    best: SelectedPlace | None = None
    bounds = ((promise.score * part(promise), promise) for promise in promises)
    for bound, promise in sorted(bounds, key=lambda pair: -pair[0]):
        if best is not None and bound <= best.score:
            break
        if any(_overlap(body, _alone(promise), place.promise, share) for place in chosen):
            continue
        place = _weighed(body, promise, share, length)
        if any(_overlap(body, place.promise, other.promise, share) for other in chosen):
            place = _weighed(body, _alone(promise), share, length)
        counted = part(place.promise)
        place = place._replace(score=place.score * counted)
        if place.score <= max(_TITLE * chosen[0].score, best.score if best else 0.0):
            continue
        if counted == _AGAIN and place.score <= least:
            continue
        words = words_of(_text(body, place, share))
        if not any(alike(words, other) for other in said):
            best = place
    return best


def _overlap(body: Body, one: FragmentCandidate, other: FragmentCandidate, share: int) -> bool:
    """Whether the passages of two promises could show the same place."""
    if max(one.mark, other.mark) >= min(one.until, other.until):
        return False
    if one.mark != other.mark:
        return True
    # Two parts of one long sentence do not, when they are far enough apart: a syllable
    # takes more than one code point.
    positions = body.lists.positions
    first, second = sorted((one, other), key=lambda promise: promise.first)
    return positions[second.first] - positions[first.last - 1] < share


def _text(body: Body, place: SelectedPlace, share: int) -> str:
    """What a place shows at least, about."""
    around, promise, lists = place.around, place.promise, body.lists
    if around is not None:
        return around.text[around.spans[around.at][0] : around.spans[place.last][1]]
    start = body.about(lists.positions[promise.first])
    return body.text(start, min(start + share, lists.offsets[promise.close]))


def words_of(text: str) -> list[str]:
    """What a reader takes for the same words, in any case and with any white space."""
    return text.casefold().split()


def alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two passages, as `words_of` gives them, say mostly the same.

    They do when one is in the other, or most pairs of words of the shorter are.
    """
    first, second = " ".join(one), " ".join(other)
    if first in second or second in first:
        return True
    pairs, others = set(pairwise(one)), set(pairwise(other))
    return len(pairs & others) > _ALIKE * min(len(pairs), len(others))
