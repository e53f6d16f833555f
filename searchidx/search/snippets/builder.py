"""The passages of a document that show why it was found, with what matches marked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from searchidx.language.sentences import sentences
from searchidx.language.tokenizer import split_syllables
from searchidx.search.snippets.candidates import find_candidates
from searchidx.search.snippets.fragment import (
    MAX_WORD_CODE_POINTS,
    Fragment,
    before_space,
    cut_fragment,
)
from searchidx.search.snippets.highlight_terms import HighlightTerms, join_phrase_spans
from searchidx.search.snippets.layout import is_low_content
from searchidx.search.snippets.matches import MatchedBodies
from searchidx.search.snippets.selection import (
    TITLE_REACH,
    Around,
    Body,
    Lists,
    SelectedPlace,
    alike,
    select_places,
    words_of,
)
from searchidx.search.snippets.snippet import Snippet
from searchidx.units import Span

DEFAULT_LENGTH: Final = 240
"""About how long the passages of a hit are together, in code points."""


def make_snippets(
    bodies: MatchedBodies,
    titles: Sequence[str],
    terms: HighlightTerms,
    length: int = DEFAULT_LENGTH,
    count: int = 1,
) -> Iterator[tuple[Snippet, ...]]:
    """The passages of each body that show best why it was found, in the order of the text.

    The best passage has the most of the query's words, counted once each by their weight;
    of equals, the one in which they stand closer, and then the first.  A further one has
    words that are not shown yet, or most of them again.  Passages are whole sentences where
    they fit, and are otherwise cut at white space.  A heading, a caption or a row of a table
    is worth half as much as a sentence.  The title is shown beside the passages, so that its
    own line is chosen only when nothing else matches.

    Args:
        bodies: The bodies.
        titles: Their titles.
        terms: What is looked for.
        length: How long the passages of a body are together, in code points.
        count: How many there are at most, as far as each has room for `MAX_WORD_CODE_POINTS`.

    Returns:
        At least one for each body; without a match, the beginning of the text.
    """
    count = max(1, min(count, length // MAX_WORD_CODE_POINTS))  # each has room for a word
    promises = find_candidates(bodies, terms, length // count, count)
    lists = Lists(bodies)
    for place, title in enumerate(titles):
        body = Body(lists, place, title)
        if promises[place]:
            places = select_places(body, promises[place], terms, length, count)
            yield _shown(body, places, terms, length)
        else:
            yield (_opening(body, length),)


def _opening(body: Body, length: int) -> Snippet:
    """The beginning of a text without matches, after its title and what says little."""
    stop = min(body.length, TITLE_REACH + 2 * length)
    text = body.text(0, stop)
    spans = list(sentences(text))
    if not spans:
        return Snippet("")
    whole = Around(text, 0, spans[:-1] if stop < body.length and len(spans) > 1 else spans, 0)
    after = [n for n, span in enumerate(whole.spans) if not body.is_title(whole, span)]
    first = next((n for n in after if not is_low_content(text, *whole.spans[n])), None)
    at = after[0] if first is None and after else first or 0
    start, end = whole.spans[at]
    if end - start > length:
        stop = before_space(text, start + length, start)
        return Snippet(text[start:stop], (), start, False, True)
    start, end = _extended(body, Around(text, 0, whole.spans, at), at, length, 0, body.length)
    return Snippet(text[start:end], (), start)


def _shown(
    body: Body, places: Sequence[SelectedPlace], terms: HighlightTerms, length: int
) -> tuple[Snippet, ...]:
    """The passages that show some places, in the order of the text, `length` together."""
    if len(places) == 1:
        return (_passage(body, places[0], terms, length, 0, body.length),)
    extents = [body.lists.extent(p.promise.mark, p.promise.until) for p in places]
    taken = [_taken(body, place) for place in places]
    passages: list[Snippet] = []
    # The shortest first, so that what they leave of their share is given to the others.
    for done, number in enumerate(sorted(range(len(places)), key=extents.__getitem__)):
        room = max(1, length // (len(places) - done))
        place = places[number]
        others = [span for other, span in enumerate(taken) if other != number]
        low = max((end for _, end in others if end <= taken[number][0]), default=0)
        high = min((start for start, _ in others if start >= taken[number][1]), default=None)
        snippet = _passage(body, place, terms, room, low, body.length if high is None else high)
        if any(_repeats(snippet, passage) for passage in passages):
            continue
        length -= len(snippet.text)
        taken[number] = snippet.start, snippet.start + len(snippet.text)
        passages.append(snippet)
    passages.sort(key=lambda passage: passage.start)
    joined = passages[:1]
    for passage in passages[1:]:
        joined[-1:] = _joined(body, joined[-1], passage, length)
        length -= joined[-1] is not passage  # the space between them is shown as well
    return tuple(joined)


def _joined(body: Body, one: Snippet, other: Snippet, length: int) -> tuple[Snippet, ...]:
    """Two passages as one if nothing but one space, for which there is room, is between."""
    shift = other.start - one.start
    text = body.text(one.start, other.start + len(other.text))
    between = text[len(one.text) : shift]
    if one.cut_after or other.cut_before or between not in ("", " ") or length < len(between):
        return one, other
    further = tuple((start + shift, end + shift) for start, end in other.highlights)
    return (
        Snippet(text, one.highlights + further, one.start, one.cut_before, other.cut_after),
    )


def _taken(body: Body, place: SelectedPlace) -> Span:
    """What a place needs at least, about, in code points."""
    promise = place.promise
    around = place.around
    if around is None:
        positions = body.lists.positions
        return body.about(positions[promise.first]), body.about(positions[promise.last - 1]) + 1
    start, end = around.spans[around.at][0], around.spans[place.last][1]
    return around.base + start, around.base + end


def _repeats(one: Snippet, other: Snippet) -> bool:
    """Whether two passages overlap or have the same words."""
    if max(one.start, other.start) < min(
        one.start + len(one.text), other.start + len(other.text)
    ):
        return True
    return alike(words_of(one.text), words_of(other.text))


def _passage(
    body: Body, place: SelectedPlace, terms: HighlightTerms, room: int, low: int, high: int
) -> Snippet:
    """The passage of a place, at most `room` long, between `low` and `high`."""
    around, promise, last = place.around, place.promise, place.last
    if around is None and body.lists.extent(promise.mark, promise.close) <= room:
        around = body.around(promise.mark, promise.close, room)
        last = around.at
    if around is None or _length(around, last) > room:
        return _part(body, cut_fragment(body, promise, room, low, high), terms)
    return _whole(body, around, _extended(body, around, last, room, low, high), terms)


def _length(around: Around, last: int) -> int:
    return around.spans[last][1] - around.spans[around.at][0]


def _extended(body: Body, around: Around, last: int, length: int, low: int, high: int) -> Span:
    """Some sentences, with as many of those next to them as belong to them and fit.

    Args:
        body: The body.
        around: The sentences; the first is the one that it is about.
        last: The last of them.
        length: How long all may be.
        low, high: Where in the body what is shown begins at the earliest and ends at the
            latest.
    """
    spans, base = around.spans, around.base
    first = around.at
    start, end = spans[first][0], spans[last][1]
    while (
        last + 1 < len(spans)
        and spans[last + 1][1] - start <= length
        and spans[last + 1][1] + base <= high
        and around.goes_on(last)
    ):
        last += 1
        end = spans[last][1]
    while (
        first > 0
        and end - spans[first - 1][0] <= length
        and spans[first - 1][0] + base >= low
        and not body.is_title(around, spans[first - 1])
        and (
            around.on_one_line(first - 1)
            # A heading comes before what it heads if it has what that has not.
            or (
                around.goes_on(first - 1)
                and body.forms_between(spans[first - 1][0] + base, start + base)
                - body.forms_between(start + base, end + base)
            )
        )
    ):
        first -= 1
        start = spans[first][0]
    return start, end


def _whole(body: Body, around: Around, span: Span, terms: HighlightTerms) -> Snippet:
    """The passage of whole sentences."""
    lists, (start, end) = body.lists, span
    text = around.text[start:end]
    begin = around.base + start
    # The first syllable of a sentence is a landmark.
    mark = bisect_left(lists.offsets, begin, body.first, body.last)
    before = lists.offsets[mark] - begin
    _, starts, ends = split_syllables(text[before:])
    marks = _highlights(body, text, before, starts, ends, lists.syllables[mark], terms)
    return Snippet(text, marks, begin)


def _part(body: Body, part: Fragment, terms: HighlightTerms) -> Snippet:
    """The passage of a part of a sentence."""
    text = body.text(part.start, part.end)
    marks = _highlights(body, text, 0, part.starts, part.ends, part.position, terms)
    return Snippet(text, marks, part.start, part.cut_before, part.cut_after)


def _highlights(
    body: Body,
    text: str,
    shift: int,
    starts: Sequence[int],
    ends: Sequence[int],
    position: int,
    terms: HighlightTerms,
) -> tuple[Span, ...]:
    """The matches among syllables of a passage.

    Args:
        body: The body.
        text: The passage.
        shift: Where in it the places of its syllables count from.
        starts, ends: Those places.
        position: The place of the first of them among the syllables of the body.
        terms: What is looked for.
    """
    positions = body.lists.positions
    low = bisect_left(positions, position, *body.matches)
    high = bisect_left(positions, position + len(starts), *body.matches)
    found = positions[low:high]
    spans = [(starts[at - position] + shift, ends[at - position] + shift) for at in found]
    return join_phrase_spans(text, spans, found, body.lists.forms[low:high], terms)
