"""The best place of a document for a query, with the matching words marked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from searchidx.language.sentences import sentences
from searchidx.language.tokens import SYLLABLE, cut
from searchidx.search.bodies import Bodies
from searchidx.search.promises import (
    CONTEXT,
    TITLE_REACH,
    Body,
    Promise,
    best_sentence,
    is_title,
    may_be_title,
    promises_of,
)
from searchidx.search.terms import Span, Terms

LENGTH: Final = 240
"""About how long a snippet is, in code points."""


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
    promises = promises_of(bodies, terms)
    for place, title in enumerate(titles):
        body = Body(bodies, place)
        shown = title.split()
        if promises[place]:
            sentence = best_sentence(body, promises[place], shown, terms, length)
            yield _passage(body, sentence, shown, length)
        else:
            yield _opening(body, shown, length)


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


def _around(body: Body, first: int, last: int, position: int = 0) -> _Around:
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


def _opening(body: Body, title: list[str], length: int) -> Snippet:
    """The beginning of a text without matches, after its title."""
    around = _around(body, 0, TITLE_REACH + 2 * length)
    spans = around.spans
    if not spans:
        return Snippet("")
    span = next((s for s in spans if not _shows_title(around, s, title)), spans[0])
    return _shown(around, spans, span, (), [], title, length)


def _passage(body: Body, sentence: Promise, title: list[str], length: int) -> Snippet:
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
    context = round(length * CONTEXT)
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


def _shows_title(around: _Around, span: Span, title: list[str]) -> bool:
    """Whether a sentence of a part of a body is (a line of) the title."""
    start, end = span
    return may_be_title(around.start + start, around.start + end, title) and is_title(
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
