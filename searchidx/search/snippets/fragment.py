"""A part of a sentence that is too long to be shown whole."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from typing import Final, NamedTuple

from searchidx.language.sentences import sentences
from searchidx.language.tokenizer import SYLLABLE_PATTERN, split_syllables
from searchidx.search.snippets.candidates import CONTEXT_SHARE, FragmentCandidate
from searchidx.search.snippets.selection import Body

MAX_WORD_CODE_POINTS: Final = 20
"""A word is shown whole, also in a shorter passage, up to so many code points."""
_SLACK: Final = 64  # code points that are read in vain, for those that are read again
_CLAUSE: Final = re.compile(r"[,;:]\s+|\s[-–—]\s+")
_CLAUSE_ENDS: Final = (", ", "; ")
_GIVEN_UP: Final = 0.2
"""The part of a passage that may be left out so that it ends with a clause."""


class Fragment(NamedTuple):
    """A part of a sentence.

    Attributes:
        start, end: Where it is in the body, in code points.
        cut_before, cut_after: Whether it is without the sentence's beginning or end.
        starts, ends: Where its syllables stand in it.
        position: The place of the first of them among those of the body.
    """

    start: int
    end: int
    cut_before: bool
    cut_after: bool
    starts: list[int]
    ends: list[int]
    position: int


def cut_fragment(
    body: Body, promise: FragmentCandidate, room: int, low: int, high: int
) -> Fragment:
    """The part of a long sentence around its matches that fits, cut at white space.

    It begins and ends with a clause where one does near enough.

    Args:
        body: The body.
        promise: The matches.
        room: How long the part is at most, but for a first match that is longer.
        low, high: Where it begins at the earliest and ends at the latest.
    """
    lists = body.lists
    begin, close = lists.offsets[promise.mark], lists.offsets[promise.close]
    inside = lists.positions[promise.first], lists.positions[promise.last - 1]
    mark, text, starts, ends = _with_match(body, promise, inside[0], room)
    base, skipped = lists.offsets[mark], inside[0] - lists.syllables[mark]
    first, shown = base + starts[skipped], base + ends[skipped]
    final = base + ends[min(inside[1] - lists.syllables[mark], len(ends) - 1)]
    # What the matches leave of the room goes to both sides of them, and to the left alone
    # where the sentence ends soon after.
    context = round(room * CONTEXT_SHARE)
    start = max(begin, low)
    if first - begin > context:
        spare = room - (final - first)
        start = max(start, first - max(context, spare // 2, spare - (close - final)))
    if start > begin:
        # With the sign before, which tells whether a word begins there.
        lead = body.text(start - 1, first)
        start += _beginning_of_words(lead) - 1
    else:
        start = max(low, _beginning(body, promise.mark))
    # The first match stays whole, unless it is itself longer than a passage.
    if shown - start > room:
        start = first
    stop = min(start + room, high)
    finish = _finish(body, base, close) if stop >= close - _SLACK else close
    if finish <= stop:
        end = finish
    else:
        shown = shown if shown - first <= max(room, MAX_WORD_CODE_POINTS) else first
        end = base + before_space(text, max(stop, shown) - base, max(shown - 1 - base, 0))
        least = max(final, end - round(room * _GIVEN_UP)) - base
        clause = max(text.rfind(sign, least, end - base) for sign in _CLAUSE_ENDS)
        if clause > 0:
            end = base + clause
    # The syllables that it has of those, and what it has before them.
    from_, whole = bisect_left(starts, start - base), bisect_right(ends, end - base)
    _, earlier, ended = split_syllables(body.text(start, max(start, base)))
    shift = base - start
    return Fragment(
        start,
        end,
        start > begin,
        end < finish,
        earlier + [place + shift for place in starts[from_:whole]],
        ended + [place + shift for place in ends[from_:whole]],
        lists.syllables[mark] + from_ - len(earlier),
    )


def _with_match(
    body: Body, promise: FragmentCandidate, position: int, room: int
) -> tuple[int, str, list[int], list[int]]:
    """The text of a sentence from the landmark before a match to `room` after the match.

    Returns:
        The landmark; the text; and where in it its syllables begin and end.
    """
    syllables, offsets = body.lists.syllables, body.lists.offsets
    after = bisect_right(syllables, position, promise.mark, promise.close)
    base, close = offsets[after - 1], offsets[promise.close]
    skipped = position - syllables[after - 1]
    # Places between landmarks are guessed first, and then surely far enough.
    for stop in (body.about(position) + room + _SLACK, offsets[after] + room + 1):
        stop = min(stop, close)
        text = body.text(base, stop)
        _, starts, ends = split_syllables(text)
        if stop < close and ends and ends[-1] == len(text):
            del starts[-1], ends[-1]  # which may go on
        if skipped < len(starts) and (stop == close or len(text) > starts[skipped] + room):
            break
    return after - 1, text, starts, ends


def _beginning(body: Body, mark: int) -> int:
    """Where the sentence begins of which a landmark is the first syllable."""
    lists = body.lists
    base = lists.offsets[mark - 1] if mark > body.first else 0
    *_, (start, _) = sentences(body.text(base, lists.offsets[mark] + 1))
    return base + start


def _finish(body: Body, base: int, close: int) -> int:
    """Where the sentence ends that a place is in, before the landmark at `close`."""
    _, end = next(sentences(body.text(base, min(close + 1, body.length))))
    return base + end


def _beginning_of_words(lead: str) -> int:
    """Where to begin in what stands before a match, after its first sign.

    With a clause, if one begins in the first half; else with a word.
    """
    place = 1
    while place < len(lead) and not lead[place - 1].isspace():
        place += 1
    while place < len(lead) and lead[place].isspace():
        place += 1
    clause = _CLAUSE.search(lead, place)
    if clause is not None and 2 * clause.end() <= len(lead):
        return clause.end()
    return place


def before_space(text: str, place: int, start: int) -> int:
    """The last end of a word after `start`, at or before `place`.

    Where none ends there it is the end of the word at `start`, or inside it if it is long.
    """
    if place >= len(text):
        return len(text)
    at = place
    while at > start and not text[at].isspace():
        at -= 1
    if at > start:
        while at > start and text[at - 1].isspace():
            at -= 1
        return at
    # One unbroken run: up to the end of a syllable, so that no letter loses its marks.
    ends = [match.end() for match in SYLLABLE_PATTERN.finditer(text, start, place)]
    if len(ends) > 1:
        return ends[-2]
    if ends:
        first = SYLLABLE_PATTERN.search(text, start)
        if first is not None and place < first.end() <= start + MAX_WORD_CODE_POINTS:
            return first.end()
    at = place
    while at > start and unicodedata.combining(text[at]):
        at -= 1
    if at > start:
        return at
    while place < len(text) and unicodedata.combining(text[place]):
        place += 1
    return place
