"""Build the snippets of documents: the passages that best show why a document matched."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from searchidx.language.sentences import sentences
from searchidx.language.tokenizer import split_syllables
from searchidx.search.snippets.body import (
    MAX_TITLE_LINE_OFFSET,
    Body,
    SentenceWindow,
    split_bodies,
)
from searchidx.search.snippets.candidates import FragmentCandidate, find_candidates
from searchidx.search.snippets.fragment import (
    MAX_WORD_CODE_POINTS,
    cut_fragment,
    trim_to_word,
)
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.search.snippets.layout import is_low_content
from searchidx.search.snippets.matches import MatchedBodies
from searchidx.search.snippets.selection import are_similar, folded_words, select_fragments
from searchidx.search.snippets.snippet import Snippet
from searchidx.units import CodePoint, SentenceNumber, Span

DEFAULT_LENGTH_CODE_POINTS: Final = 240
"""The length of all passages of a hit together, unless given, in code points."""


def make_snippets(
    bodies: MatchedBodies,
    titles: Sequence[str],
    terms: HighlightTerms,
    length: int = DEFAULT_LENGTH_CODE_POINTS,
    count: int = 1,
) -> Iterator[tuple[Snippet, ...]]:
    """Yield the passages of each body that best show why it matched.

    The best passage has the highest sum of the weights of the query's distinct words.  Of
    equals the one whose words stand closer wins, and then the first.  A further passage
    shows new words, or most of the same words again.  Passages are whole sentences where
    these fit, and are otherwise cut at white space.  A heading, a caption or a row of a
    table counts half as much as a sentence.  The title is shown beside the passages: a line
    of the body that repeats it is taken only if nothing else matches.

    Args:
        bodies: The bodies.
        titles: The title of each body's document.
        terms: The terms to highlight.
        length: The length of the passages of a body together, in code points.
        count: The maximum number of passages of a body.  There are fewer if `length` has no
            room for `MAX_WORD_CODE_POINTS` in each.

    Yields:
        For each body at least one passage, in the order of the text.  Without a match it is
        the beginning of the text.
    """
    count = max(1, min(count, length // MAX_WORD_CODE_POINTS))
    candidates = find_candidates(bodies, terms, length // count, count)
    for body, own_candidates in zip(split_bodies(bodies, titles), candidates, strict=True):
        if body.positions:
            selected = select_fragments(body, own_candidates, terms, length, count)
            yield _build_passages(body, selected, terms, length)
        else:
            yield (_build_opening(body, length),)


def _build_opening(body: Body, length: int) -> Snippet:
    """Build the passage of a text without matches: its first sentences of some content.

    Lines that repeat the title, headings and captions are passed over.
    """
    stop = min(body.length, MAX_TITLE_LINE_OFFSET + 2 * length)
    text = body.text(0, stop)
    spans = list(sentences(text))
    if not spans:
        return Snippet("")
    if stop < body.length and len(spans) > 1:
        spans.pop()  # it may be incomplete
    whole = SentenceWindow(text, CodePoint(0), spans, SentenceNumber(0), SentenceNumber(0))
    numbers = [n for n in range(len(spans)) if not body.repeats_title(whole, n)]
    content = (n for n in numbers if not is_low_content(text, *spans[n]))
    number = SentenceNumber(next(content, numbers[0] if numbers else 0))
    start, end = spans[number]
    if end - start > length:
        end = trim_to_word(text, start + length, start)
        return Snippet(text[start:end], (), start, False, True)
    window = whole._replace(first=number, last=number)
    start, end = _extend_passage(body, window, length, 0, body.length)
    return Snippet(text[start:end], (), start)


def _build_passages(
    body: Body, fragments: Sequence[FragmentCandidate], terms: HighlightTerms, length: int
) -> tuple[Snippet, ...]:
    """Build the passages of some fragments, in the order of the text.

    Args:
        body: The body.
        fragments: The selected fragments, at least one.
        terms: The terms to highlight.
        length: The length of all passages together.
    """
    if len(fragments) == 1:
        return (_build_passage(body, fragments[0], terms, length, 0, body.length),)
    extents = [body.extent(each.sentence, each.stop) for each in fragments]
    taken = [_estimate_range(body, fragment) for fragment in fragments]
    passages: list[Snippet] = []
    # The shortest come first, and leave what they do not need of their share to the others.
    for done, number in enumerate(sorted(range(len(fragments)), key=extents.__getitem__)):
        room = max(1, length // (len(fragments) - done))
        others = [span for other, span in enumerate(taken) if other != number]
        low = max((end for _, end in others if end <= taken[number][0]), default=0)
        high = min(
            (start for start, _ in others if start >= taken[number][1]), default=body.length
        )
        passage = _build_passage(body, fragments[number], terms, room, low, high)
        if any(_repeats(passage, other) for other in passages):
            continue
        length -= len(passage.text)
        taken[number] = passage.start, passage.start + len(passage.text)
        passages.append(passage)
    passages.sort(key=lambda passage: passage.start)
    joined = passages[:1]
    for passage in passages[1:]:
        joined[-1:] = _join_adjacent(body, joined[-1], passage, length)
        length -= joined[-1] is not passage  # the space between them is shown as well
    return tuple(joined)


def _join_adjacent(
    body: Body, first: Snippet, second: Snippet, length: int
) -> tuple[Snippet, ...]:
    """Join two passages if at most one space is between them.

    Args:
        body: The body.
        first: A passage.
        second: The passage after it.
        length: How many more code points there is room for.

    Returns:
        The joined passage, or both passages.
    """
    shift = second.start - first.start
    text = body.text(first.start, second.start + len(second.text))
    between = text[len(first.text) : shift]
    if first.cut_after or second.cut_before or between not in ("", " "):
        return first, second
    if length < len(between):
        return first, second
    moved = tuple((start + shift, end + shift) for start, end in second.highlights)
    highlights = first.highlights + moved
    return (Snippet(text, highlights, first.start, first.cut_before, second.cut_after),)


def _estimate_range(body: Body, fragment: FragmentCandidate) -> Span:
    """Estimate the range of the body that a fragment needs at least."""
    window = fragment.window
    if window is None:
        first = body.positions[fragment.first_match]
        last = body.positions[fragment.sentence_stop_match - 1]
        return body.estimate_offset(first), body.estimate_offset(last) + 1
    start, end = window.passage
    return window.base + start, window.base + end


def _repeats(passage: Snippet, other: Snippet) -> bool:
    """Return whether two passages overlap or say mostly the same."""
    start = max(passage.start, other.start)
    end = min(passage.start + len(passage.text), other.start + len(other.text))
    return start < end or are_similar(folded_words(passage.text), folded_words(other.text))


def _build_passage(
    body: Body,
    fragment: FragmentCandidate,
    terms: HighlightTerms,
    room: int,
    low: int,
    high: int,
) -> Snippet:
    """Build the passage of a fragment.

    Args:
        body: The body.
        fragment: The fragment.
        terms: The terms to highlight.
        room: The maximum length of the passage in code points.
        low: The first code point of the body that it may show.
        high: The code point of the body before which it must end.
    """
    window = fragment.window
    if window is None and body.extent(fragment.sentence, fragment.next_sentence) <= room:
        window = body.window(fragment.sentence, fragment.next_sentence, room)
    if window is None or window.passage_length > room:
        return cut_fragment(body, fragment, terms, room, low, high)
    start, end = _extend_passage(body, window, room, low, high)
    text = window.text[start:end]
    begin = window.base + start
    # The first syllable of a sentence is a landmark.
    landmark = bisect_left(body.landmark_offsets, begin, 0, len(body.landmark_offsets) - 1)
    _, starts, ends = split_syllables(text)
    position = body.landmark_positions[landmark]
    return Snippet(text, body.find_highlights(text, position, starts, ends, terms), begin)


def _extend_passage(
    body: Body, window: SentenceWindow, length: int, low: int, high: int
) -> Span:
    """Extend a passage by the sentences next to it that belong to it and fit.

    Args:
        body: The body.
        window: The passage and the sentences around it.
        length: The maximum length of the extended passage in code points.
        low: The first code point of the body that it may show.
        high: The code point of the body before which it must end.

    Returns:
        The range of the extended passage in the window's text.
    """
    spans, base = window.sentences, window.base
    first: int = window.first
    last: int = window.last
    start, end = window.passage
    while (
        last + 1 < len(spans)
        and spans[last + 1][1] - start <= length
        and spans[last + 1][1] + base <= high
        and window.continues_in_next(last)
    ):
        last += 1
        end = spans[last][1]
    while (
        first > 0
        and end - spans[first - 1][0] <= length
        and spans[first - 1][0] + base >= low
        and not body.repeats_title(window, first - 1)
        and (
            window.is_on_line_of_next(first - 1)
            # A heading goes first if it contains a query term that the passage lacks.
            or (
                window.continues_in_next(first - 1)
                and body.forms_between(spans[first - 1][0] + base, start + base)
                - body.forms_between(start + base, end + base)
            )
        )
    ):
        first -= 1
        start = spans[first][0]
    return start, end
