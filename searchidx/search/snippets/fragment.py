"""Cut a part out of a sentence that is too long to be shown whole."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from typing import Final

from searchidx.language.character_classes import CLAUSE_DASHES
from searchidx.language.sentences import sentences
from searchidx.language.tokenizer import SYLLABLE_PATTERN, split_syllables
from searchidx.search.snippets.body import Body
from searchidx.search.snippets.candidates import CONTEXT_SHARE, FragmentCandidate
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.search.snippets.snippet import Snippet
from searchidx.units import Position

MAX_WORD_CODE_POINTS: Final = 20
"""A word up to this length is shown whole, even if the passage becomes longer than asked."""
_READ_AHEAD_CODE_POINTS: Final = 64
"""How much text is read beyond an estimated place, so that few texts are read twice."""
_MAX_CLAUSE_TRIM_SHARE: Final = 0.2
"""The share of a passage that may be left out so that it ends with a clause."""
_CLAUSE_START: Final = re.compile(rf"[,;:]\s+|\s[{CLAUSE_DASHES}]\s+")
_CLAUSE_ENDS: Final = (", ", "; ")


def cut_fragment(
    body: Body,
    candidate: FragmentCandidate,
    terms: HighlightTerms,
    room: int,
    low: int,
    high: int,
) -> Snippet:
    """Cut the part of a long sentence around its matches at white space.

    The part begins and ends with a clause where one does near enough.

    Args:
        body: The body.
        candidate: The matches.
        terms: The terms to highlight.
        room: The length of the part in code points.  It is exceeded only for a first match
            that is longer.
        low: The first code point of the body at which the part may begin.
        high: The last code point of the body at which the part may end.
    """
    begin = body.landmark_offsets[candidate.sentence]
    close = body.landmark_offsets[candidate.next_sentence]
    first_position = body.positions[candidate.first_match]
    last_position = body.positions[candidate.sentence_stop_match - 1]
    landmark, text, starts, ends = _read_around_match(body, candidate, first_position, room)
    base, position = body.landmark_offsets[landmark], body.landmark_positions[landmark]
    skipped = first_position - position
    first_start, first_end = base + starts[skipped], base + ends[skipped]
    last_end = base + ends[min(last_position - position, len(ends) - 1)]
    # The room that the matches leave is divided between both sides.  The left side gets more
    # where the sentence ends soon after the matches.
    context = round(room * CONTEXT_SHARE)
    start: int = max(begin, low)
    if first_start - begin > context:
        spare = room - (last_end - first_start)
        start = max(start, first_start - max(context, spare // 2, spare - (close - last_end)))
    if start > begin:
        # The character before tells whether a word begins at the start.
        start += _find_word_start(body.text(start - 1, first_start)) - 1
    else:
        start = max(low, _sentence_start(body, candidate.sentence))
    # The first match stays whole, unless it is itself longer than the passage.
    if first_end - start > room:
        start = first_start
    stop = min(start + room, high)
    sentence_end: int = close
    if stop >= close - _READ_AHEAD_CODE_POINTS:
        sentence_end = _sentence_end(body, base, close)
    if sentence_end <= stop:
        end = sentence_end
    else:
        fits = first_end - first_start <= max(room, MAX_WORD_CODE_POINTS)
        shown = first_end if fits else first_start
        end = base + trim_to_word(text, max(stop, shown) - base, max(shown - 1 - base, 0))
        least = max(last_end, end - round(room * _MAX_CLAUSE_TRIM_SHARE)) - base
        clause_end = max(text.rfind(sign, least, end - base) for sign in _CLAUSE_ENDS)
        if clause_end > 0:
            end = base + clause_end
    # The syllables of the part: those before the text that was read, and those within it.
    first, last = bisect_left(starts, start - base), bisect_right(ends, end - base)
    _, all_starts, all_ends = split_syllables(body.text(start, max(start, base)))
    earlier, shift = len(all_starts), base - start
    all_starts += [offset + shift for offset in starts[first:last]]
    all_ends += [offset + shift for offset in ends[first:last]]
    part = body.text(start, end)
    highlights = body.find_highlights(
        part, position + first - earlier, all_starts, all_ends, terms
    )
    return Snippet(part, highlights, start, start > begin, end < sentence_end)


def _read_around_match(
    body: Body, candidate: FragmentCandidate, position: Position, room: int
) -> tuple[int, str, list[int], list[int]]:
    """Read a sentence from the landmark before a match to `room` code points after it.

    Args:
        body: The body.
        candidate: A candidate in the sentence.
        position: The position of the match.
        room: How many code points after the match's beginning to read.

    Returns:
        The landmark; the text from there; and where its syllables begin and end in it.
    """
    offsets = body.landmark_offsets
    after = bisect_right(
        body.landmark_positions, position, candidate.sentence, candidate.next_sentence
    )
    base, close = offsets[after - 1], offsets[candidate.next_sentence]
    skipped = position - body.landmark_positions[after - 1]
    estimate = body.estimate_offset(position)
    # The second place is certainly far enough: the match begins before the next landmark.
    for stop in (estimate + room + _READ_AHEAD_CODE_POINTS, offsets[after] + room + 1):
        stop = min(stop, close)
        text = body.text(base, stop)
        _, starts, ends = split_syllables(text)
        if stop < close and ends and ends[-1] == len(text):
            del starts[-1], ends[-1]  # it may be incomplete
        if skipped < len(starts) and (stop == close or len(text) > starts[skipped] + room):
            break
    return after - 1, text, starts, ends


def _sentence_start(body: Body, landmark: int) -> int:
    """Return where a sentence begins, given the landmark of its first syllable."""
    offsets = body.landmark_offsets
    base = offsets[landmark - 1] if landmark > 0 else 0
    *_, (start, _) = sentences(body.text(base, offsets[landmark] + 1))
    return base + start


def _sentence_end(body: Body, base: int, close: int) -> int:
    """Return where the sentence at `base` ends, given the landmark after it at `close`."""
    _, end = next(sentences(body.text(base, min(close + 1, body.length))))
    return base + end


def _find_word_start(lead: str) -> int:
    """Return where to begin in the text before a match, after its first character.

    A clause that begins in the first half is preferred to the first word.
    """
    start = 1
    while start < len(lead) and not lead[start - 1].isspace():
        start += 1
    while start < len(lead) and lead[start].isspace():
        start += 1
    clause = _CLAUSE_START.search(lead, start)
    if clause is not None and 2 * clause.end() <= len(lead):
        return clause.end()
    return start


def trim_to_word(text: str, limit: int, start: int) -> int:
    """Return the last end of a word after `start`, at or before `limit`.

    If no word ends there, it is the end of the word at `start`.  A long word is cut between
    two syllables, or between two letters, but never between a letter and its marks.
    """
    if limit >= len(text):
        return len(text)
    end = limit
    while end > start and not text[end].isspace():
        end -= 1
    if end > start:
        while end > start and text[end - 1].isspace():
            end -= 1
        return end
    syllable_ends = [match.end() for match in SYLLABLE_PATTERN.finditer(text, start, limit)]
    if len(syllable_ends) > 1:
        return syllable_ends[-2]
    if syllable_ends:
        first = SYLLABLE_PATTERN.search(text, start)
        if first is not None and limit < first.end() <= start + MAX_WORD_CODE_POINTS:
            return first.end()
    end = limit
    while end > start and unicodedata.combining(text[end]):
        end -= 1
    if end > start:
        return end
    while limit < len(text) and unicodedata.combining(text[limit]):
        limit += 1
    return limit
