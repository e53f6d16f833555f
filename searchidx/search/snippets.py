"""The best place of a document for a query, with the matching words marked."""

from __future__ import annotations

import unicodedata
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.language.sentences import sentences
from searchidx.language.tokens import SYLLABLE, cut
from searchidx.search.bodies import Bodies, Matches
from searchidx.search.terms import Span, Terms

LENGTH: Final = 240
"""About how long a snippet is, in code points."""
_CONTEXT: Final = 0.25
"""The part of a snippet that may stand before the first match in a long sentence."""
_ADJACENT: Final = 0.5
"""What two words of the query side by side add, against the words themselves."""
_TITLE_REACH: Final = 2_000
"""Code points from the beginning in which a title's own line stands."""
_TRIED: Final = 32
"""How many sentences of a body are looked at closely before the best so far is taken."""

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of a document.

    Attributes:
        text: A slice of the document's body, exactly as it stands there.
        highlights: The matching words as half-open ranges of code points of `text`,
            ascending, not overlapping.
        start: Where `text` begins in the body, in code points.
        cut_before, cut_after: Whether the passage begins or ends inside a sentence, so
            that an ellipsis is due.
    """

    text: str
    highlights: tuple[Span, ...] = ()
    start: int = 0
    cut_before: bool = False
    cut_after: bool = False


def make_snippets(
    bodies: Bodies, titles: Sequence[str], terms: Terms, length: int = LENGTH
) -> Iterator[Snippet]:
    """The passage of each body that shows best why it was found.

    The passage with the most of the query's words, counted once each by their weight and
    more when they stand as typed; of equals the first.  It is whole sentences where they
    fit into `length` code points, and is otherwise cut at white space.  The title is
    shown beside a snippet, so that its own line is chosen only when nothing else matches.
    """
    promises = _promises(bodies, terms)
    for place, title in enumerate(titles):
        body = _Body(bodies, place)
        shown = title.split()
        if promises[place]:
            sentence = _best_sentence(body, promises[place], shown, terms, length)
            yield _passage(body, sentence, shown, length)
        else:
            yield _opening(body, shown, length)


class _Body:
    """One of some bodies.

    Attributes:
        positions, forms: Its `Matches`.
        syllables, offsets: Its `Landmarks`.
        length: In code points.
    """

    def __init__(self, bodies: Bodies, place: int) -> None:
        matches, marks = bodies.matches, bodies.landmarks
        first, last = matches.bounds[place : place + 2]
        self.positions, self.forms = matches.positions[first:last], matches.forms[first:last]
        first, last = bodies.bounds[place : place + 2]
        self.syllables, self.offsets = marks.syllables[first:last], marks.offsets[first:last]
        self.length = int(self.offsets[-1])
        self._bodies = bodies
        self._place = place

    def text(self, start: int, stop: int) -> str:
        """Its code points from `start` to `stop`."""
        return self._bodies.text(self._place, start, stop)

    def places(self, positions: Places) -> list[float]:
        """About where syllables begin, in code points: evenly spread between landmarks."""
        about: list[float] = np.interp(positions, self.syllables, self.offsets).tolist()
        return about


@dataclass(frozen=True, slots=True)
class _Promise:
    """A sentence with matches.

    Attributes:
        worth: What all its matches are worth: the most that a part of it can be.
        start, end: Where its first syllable begins and the next sentence's, in code points.
        first, last: Its matches, by their places among those of the body, half-open.
    """

    worth: float
    start: int
    end: int
    first: int
    last: int


def _promises(bodies: Bodies, terms: Terms) -> list[list[_Promise]]:
    """The sentences with matches of each body, the most promising first, and not too many."""
    matches, marks = bodies.matches, bodies.landmarks
    found: list[list[_Promise]] = [[] for _ in range(len(bodies))]
    if not len(matches.positions):
        return found
    of_marks = np.repeat(np.arange(len(bodies)), np.diff(bodies.bounds))
    of_matches = np.repeat(np.arange(len(bodies)), np.diff(matches.bounds))
    # Sentences, and as the last of each body its end.
    begins = np.flatnonzero(marks.sentences | (np.diff(of_marks, append=-1) != 0))
    keys = (of_marks[begins] << 40) + marks.syllables[begins]
    owners = keys.searchsorted((of_matches << 40) + matches.positions, "right") - 1
    worths = _worths(owners, matches, terms)
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    sentences = owners[firsts]
    starts, ends = marks.offsets[begins[sentences]], marks.offsets[begins[sentences + 1]]
    lasts = np.append(firsts[1:], len(owners))
    body_of = of_matches[firsts]
    bases = np.array(matches.bounds)[body_of]
    order = np.lexsort((sentences, -worths, body_of))
    place = np.arange(len(order)) - np.searchsorted(body_of[order], body_of[order])
    order = order[place < _TRIED]
    columns = (body_of, worths, starts, ends, firsts - bases, lasts - bases)
    for body, *promise in zip(*(column[order].tolist() for column in columns), strict=True):
        found[body].append(_Promise(*promise))
    return found


def _worths(owners: Places, matches: Matches, terms: Terms) -> npt.NDArray[np.float64]:
    """What all matches of each sentence are worth: each form once, and each pair once.

    Args:
        owners: The sentence of each match, ascending.
        matches: The matches.
        terms: What is looked for.
    """
    worths = np.array(terms.worths)
    count = len(worths)
    places = np.cumsum(np.diff(owners, prepend=owners[:1]) != 0)
    keys = _distinct(places * count + matches.forms)
    size = int(places[-1]) + 1
    total: npt.NDArray[Any] = np.zeros(size)
    total += np.bincount(keys // count, worths[keys % count], size)
    if terms.adjacent:
        beside = (np.diff(matches.positions) == 1) & (owners[1:] == owners[:-1])
        side_by_side = np.flatnonzero(beside)
        pairs = matches.forms[side_by_side] * count + matches.forms[side_by_side + 1]
        typed = np.zeros(count * count, np.bool_)
        typed[[one * count + two for one, two in terms.adjacent]] = True
        as_typed = typed[pairs]
        square = count * count
        keys = _distinct(places[side_by_side[as_typed]] * square + pairs[as_typed])
        pairs = keys % square
        more = _ADJACENT * (worths[pairs // count] + worths[pairs % count])
        total += np.bincount(keys // square, more, size)
    return total


def _distinct(keys: Places) -> Places:
    """The distinct ones of some numbers, ascending."""
    ordered = np.sort(keys)
    distinct: Places = ordered[np.diff(ordered, prepend=-1) != 0]
    return distinct


def _best_sentence(
    body: _Body, promises: list[_Promise], title: list[str], terms: Terms, length: int
) -> _Promise:
    """The sentence to be shown, with those of its matches that fit.

    What all matches of a sentence are worth is the most that the part of it that fits can
    be worth, so that only the sentences that promise most are looked at closely.
    """
    of_title: _Promise | None = None
    best: _Promise | None = None
    for promise in promises:
        if best is not None and promise.worth <= best.worth:
            break
        found = promise
        if promise.end - promise.start > length:
            inside = slice(promise.first, promise.last)
            positions, forms = body.positions[inside].tolist(), body.forms[inside].tolist()
            places = body.places(body.positions[inside])
            begin, stop = _densest(positions, forms, places, terms, length)
            worth = _worth(positions[begin:stop], forms[begin:stop], terms)
            first = promise.first
            found = replace(promise, worth=worth, first=first + begin, last=first + stop)
        if _may_be_title(promise.start, promise.end, title) and _is_title(
            next(_sentence_texts(body.text(promise.start, promise.end)), ""), title
        ):
            of_title = of_title or found
        elif best is None or found.worth > best.worth:
            best = found
    chosen = best or of_title
    assert chosen is not None  # there are promises
    return chosen


def _worth(positions: Sequence[int], forms: Sequence[int], terms: Terms) -> float:
    """What matches that stand together are worth."""
    window = _Window(positions, forms, terms)
    for place in range(len(positions)):
        window.add(place)
    return window.worth


def _densest(
    positions: Sequence[int],
    forms: Sequence[int],
    places: Sequence[float],
    terms: Terms,
    length: int,
) -> tuple[int, int]:
    """The run of matches within `length` code points that is worth most, half-open.

    Args:
        positions: Where the matches stand among the syllables.
        forms: Which form each is.
        places: Where each begins, in code points.
        terms: What is looked for.
        length: How long a snippet is.
    """
    room = length - round(length * _CONTEXT)
    window = _Window(positions, forms, terms)
    best, worth = (0, 1), -1.0
    end = 0
    for begin, place in enumerate(places):
        # At least the word itself, however long it is.
        while end < len(places) and (end <= begin or places[end] - place <= room):
            window.add(end)
            end += 1
        # Rounded, so that sums that were added up in another order tie.
        if round(window.worth, 9) > worth:
            best, worth = (begin, end), round(window.worth, 9)
        window.remove_first()
    return best


class _Window:
    """Matches side by side in a sentence, and what they are worth together.

    Each distinct form counts once, and so does each pair that was typed side by side.
    """

    def __init__(self, positions: Sequence[int], forms: Sequence[int], terms: Terms) -> None:
        self._positions = positions
        self._forms = forms
        self._worths = terms.worths
        self._adjacent = terms.adjacent
        self._counts: Counter[int | tuple[int, int]] = Counter()
        self._inside: deque[int] = deque()
        self.worth = 0.0

    def add(self, place: int) -> None:
        """Takes in the next match."""
        self._change(self._forms[place], 1)
        if self._inside and self._positions[place - 1] == self._positions[place] - 1:
            self._change((self._forms[place - 1], self._forms[place]), 1)
        self._inside.append(place)

    def remove_first(self) -> None:
        """Lets go of the first match."""
        place = self._inside.popleft()
        self._change(self._forms[place], -1)
        if self._inside and self._positions[place + 1] == self._positions[place] + 1:
            self._change((self._forms[place], self._forms[place + 1]), -1)

    def _change(self, what: int | tuple[int, int], by: int) -> None:
        before = self._counts[what] > 0
        self._counts[what] += by
        if before == (self._counts[what] > 0):
            return
        if isinstance(what, int):
            self.worth += by * self._worths[what]
        elif what in self._adjacent:
            self.worth += by * _ADJACENT * (self._worths[what[0]] + self._worths[what[1]])


@dataclass(frozen=True, slots=True)
class _Around:
    """A part of a body, around what is shown of it.

    Attributes:
        text: The part.
        start: Where it begins in the body, in code points.
        position: The place of its first syllable among those of the body.
        starts, ends: Where its syllables stand in `text`.
        spans: Its sentences, as ranges of `text`, but for those that go on outside of it.
    """

    text: str
    start: int
    position: int
    starts: list[int]
    ends: list[int]
    spans: list[Span]


def _around(body: _Body, first: int, last: int, position: int = 0) -> _Around:
    """The part of a body from a landmark to `last`, in code points.

    The landmark is at or before `first`, in code points, and the syllable at `position`.
    """
    place = (
        min(
            int(body.offsets.searchsorted(first, "right")),
            int(body.syllables.searchsorted(position, "right")),
        )
        - 1
    )
    start = position = 0
    if place > 0:
        start, position = int(body.offsets[place]), int(body.syllables[place])
    text = body.text(start, min(last, body.length))
    _, starts, ends = cut(text)
    if last < body.length and ends and ends[-1] == len(text):
        starts, ends = starts[:-1], ends[:-1]  # which may go on
    return _Around(text, start, position, starts, ends, list(sentences(text)))


def _reaches(around: _Around, at: int, to: int, length: int) -> bool:
    """Whether the syllables `at` and `to` are there, and so much after the first of them."""
    places = range(around.position, around.position + len(around.starts))
    return (
        at in places
        and to in places
        and around.ends[-1] >= around.starts[at - around.position] + length
    )


def _opening(body: _Body, title: list[str], length: int) -> Snippet:
    """The beginning of a text without matches, after its title."""
    around = _around(body, 0, _TITLE_REACH + 2 * length)
    spans = around.spans
    if not spans:
        return Snippet("")
    span = next((s for s in spans if not _shows_title(around, s, title)), spans[0])
    return _shown(around, spans, span, (), [], title, length)


def _passage(body: _Body, sentence: _Promise, title: list[str], length: int) -> Snippet:
    """A sentence, or the part of it around its matches, with as much else as fits."""
    inside = body.positions[[sentence.first, sentence.last - 1]]
    at, to = inside.tolist()
    first, last = sentence.start, sentence.end
    if last - first > length:
        # What is shown ends at most so far from the matches; syllables stand about there.
        begin, end = map(int, body.places(inside))
        slack = length // 2
        first = max(first, begin - length - slack)
        last = min(last, max(end, begin + length) + slack)
    # With what may be shown before and after, and from a landmark before that, so that what
    # stands before a sentence's first syllable is there.
    spare = max(length - (last - first), 0)
    around = _around(body, max(0, first - spare - 1), last + spare, at)
    last += spare
    needed = 0 if spare else length
    while last < body.length and not _reaches(around, at, to, needed):
        last += max(8 * length, last - first)  # one very long word is enough for that
        around = _around(body, max(0, first - spare - 1), last, at)
    at, to = at - around.position, to - around.position
    spans = around.spans
    place = next(n for n, span in enumerate(spans) if span[1] > around.starts[at])
    whole = range(1 if around.start else 0, len(spans) - (last < body.length))
    near = [span for n, span in enumerate(spans) if n in whole or n == place]
    low, high = body.positions.searchsorted(
        (around.position, around.position + len(around.starts))
    )
    found = (body.positions[low:high] - around.position).tolist()
    return _shown(around, near, spans[place], (at, to), found, title, length)


def _shown(
    around: _Around,
    spans: list[Span],
    span: Span,
    inside: tuple[int, ...],
    found: list[int],
    title: list[str],
    length: int,
) -> Snippet:
    """The snippet that shows `span`.

    Args:
        around: The part of the body that it is in.
        spans: The sentences that may be shown with it.
        span: The sentence to be shown.
        inside: The first and the last syllable that the snippet is about, if any.
        found: The syllables that match.
        title: The words of the title.
        length: How long a snippet is.
    """
    if span[1] - span[0] > length:
        start, end = _cut(around, span, inside, length)
    else:
        start, end = _extend(around, spans, span, title, length)
    return Snippet(
        text=around.text[start:end],
        highlights=tuple(
            (around.starts[at] - start, around.ends[at] - start)
            for at in found
            if around.starts[at] >= start and around.ends[at] <= end
        ),
        start=around.start + start,
        cut_before=start > span[0],
        cut_after=end < span[1],
    )


def _cut(around: _Around, span: Span, inside: tuple[int, ...], length: int) -> Span:
    """A part of a long sentence, around the syllables `inside`, that ends at word borders."""
    body = around.text
    start, end = span
    first = around.starts[inside[0]] if inside else start
    context = round(length * _CONTEXT)
    if first - start > context:
        # What the matches leave of the room goes to both sides of them, and to the left
        # alone where the sentence ends soon after.
        spare = length - (around.ends[inside[-1]] - first)
        lead = max(context, spare // 2, spare - (end - around.ends[inside[-1]]))
        start = _after_space(body, max(start, first - lead), first)
    if end - start > length:
        # The first match stays whole, unless it is itself longer than a snippet.
        shown = around.ends[inside[0]] if inside else start
        if shown - first > length:
            shown = start
        end = min(end, _before_space(body, max(start + length, shown), max(start, shown - 1)))
    return start, end


def _after_space(body: str, place: int, latest: int) -> int:
    """The first beginning of a word at or after `place`, at most `latest`."""
    while place < latest and not body[place - 1].isspace():
        place += 1
    while place < latest and body[place].isspace():
        place += 1
    return place


def _before_space(body: str, place: int, start: int) -> int:
    """The last end of a word after `start`, at or before `place`.

    Inside a word where none ends there.
    """
    if place >= len(body):
        return len(body)
    at = place
    while at > start and not body[at].isspace():
        at -= 1
    if at > start:
        while at > start and body[at - 1].isspace():
            at -= 1
        return at
    # One unbroken run: up to the end of a syllable, so that no letter loses its marks.
    ends = [match.end() for match in SYLLABLE.finditer(body, start, place)]
    if len(ends) > 1:
        return ends[-2]
    while place < len(body) and unicodedata.combining(body[place]):
        place += 1
    return place


def _may_be_title(start: int, end: int, title: list[str]) -> bool:
    """Whether a sentence could be (a line of) the title, which stands near the beginning."""
    longest = sum(map(len, title)) + len(title) + 64  # with what lies between two sentences
    return bool(title) and start <= _TITLE_REACH and end - start <= longest


def _is_title(sentence: str, title: list[str]) -> bool:
    """Whether a sentence is (a line of) the title."""
    return " ".join(sentence.split()) in " ".join(title)


def _sentence_texts(text: str) -> Iterator[str]:
    return (text[start:end] for start, end in sentences(text))


def _shows_title(around: _Around, span: Span, title: list[str]) -> bool:
    """Whether a sentence of a part of a body is (a line of) the title."""
    start, end = span
    return _may_be_title(around.start + start, around.start + end, title) and _is_title(
        around.text[start:end], title
    )


def _extend(
    around: _Around, spans: list[Span], span: Span, title: list[str], length: int
) -> Span:
    """`span` with as many of the neighbouring sentences of its line as fit in `length`."""
    body = around.text
    start, end = span
    at = spans.index(span)
    for following in spans[at + 1 :]:
        if following[1] - start > length or _breaks(body[end : following[0]]):
            break
        end = following[1]
    for preceding in reversed(spans[:at]):
        if (
            end - preceding[0] > length
            or _breaks(body[preceding[1] : start])
            or _shows_title(around, preceding, title)
        ):
            break
        start = preceding[0]
    return start, end


def _breaks(between: str) -> bool:
    return "\n" in between or "\r" in between or "\u2028" in between or "\u2029" in between
