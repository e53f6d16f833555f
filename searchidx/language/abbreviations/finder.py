"""Finds the abbreviations that a text introduces, with the long forms that it gives them.

Every introduction has a mark that is cheap to find: a bracket, the words "gọi tắt là" or
"viết tắt của", or the beginning of an item.  From there a bounded look to either side must
find a short form and a long form that has its initials, so that the time is linear in the
length of the text, whatever the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from searchidx.language.abbreviations.alignment import (
    Word,
    align,
    is_small,
    may_stand_for,
    most_words,
)
from searchidx.language.abbreviations.introduction_patterns import (
    introduction_patterns as patterns,
)
from searchidx.language.abbreviations.short_forms import canonical_short, units
from searchidx.language.syllable_forms import folded, marked
from searchidx.language.tokenizer import SYLLABLE_PATTERN

# How far to look, in code points; a decomposed text has about 1.3 for each letter.
_LONGEST_LONG: Final = 240
_LONGEST_WORD: Final = 16  # on average over a long form, with the blank
_LONGEST_BRACKET: Final = 200
_LONGEST_SHORT: Final = 40
_BEFORE_INTRODUCTION: Final = 60  # "trong Thông tư này sau đây được" gọi tắt là
_AFTER_INTRODUCTION: Final = 100

_FEWEST_UNITS_UNSAID: Final = 3  # of a form that initials alone tie to its long one
_MOST_REPEATED: Final = 4  # words: "Quỹ … (Quỹ PTKHCN)"
_MOST_ENDS: Final = 4  # of a phrase before "gọi tắt là"
_MOST_CALLED: Final = 3  # short forms after it

# What may stand before a long form that follows: "viết tắt của cụm từ tiếng Anh …".
_FORERUNNERS: Final = frozenset(
    [
        "cua", "cho", "tu", "ten", "chu", "cum", "tieng", "anh", "viet", "phap", "la", "tuc",
        "nghia", "tat", "day", "du",
    ]
)  # fmt: skip

_BRACKET: Final = re.compile(r"[(\[]")
_CLOSING: Final = {"(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form and its long one, introduced together in a text.

    Args:
        short: The short form in NFC with its capitals and separators, without blanks
            beside these: "QLTT", "GD&ĐT", "TP.HCM".
        long: The long form in canonical spelling, its syllables joined by blanks: "quản lý
            thị trường".  Punctuation between syllables is left out.
        start, end: Where the long form stands in the text; code points, half-open.
        short_start, short_end: Where the short form stands.
    """

    short: str
    long: str
    start: int
    end: int
    short_start: int
    short_end: int


def find_abbreviations(text: str) -> Iterator[Abbreviation]:
    """Yield the abbreviations that `text` introduces, in the order of their short forms.

    Understood are "Quản lý thị trường (QLTT)", "QLTT (Quản lý thị trường)", "… (sau đây gọi
    tắt là QLTT)" with its variants, "QLTT là viết tắt của …" and items of a list such as
    "QLTT: Quản lý thị trường".  The letters of the short form must be the initials of the
    long one, whose small words ("và", "của") may be passed over; so "Tổ chức Y tế Thế giới
    (WHO)" is none.  The text may be composed or decomposed, in capitals, or without marks.
    """
    found = {
        each.short_start: each
        for way in (_in_items, _introduced, _in_brackets)
        for each in way(text)
    }
    for start in sorted(found):
        yield found[start]


def _in_brackets(text: str) -> Iterator[Abbreviation]:
    """Yield from "long (SHORT)", "(long - SHORT)" and "SHORT (long)"."""
    for match in _BRACKET.finditer(text):
        opening, begin = match.span()
        close = text.find(_CLOSING[match.group()], begin, begin + _LONGEST_BRACKET)
        if close < 0:
            continue
        found: list[Abbreviation | None] = []
        last = _short_before(text, close, begin)
        if last is not None:
            if patterns().only_shorts.fullmatch(text, begin, close):
                found += _side_by_side(text, opening, begin, close)
            else:
                found.append(
                    _inside(text, begin, *last) or _repeating(text, opening, begin, *last)
                )
        if not any(found):
            before = _short_before(text, opening, 0)
            if before is not None:
                found.append(_following(text, *before, begin, close))
        yield from filter(None, found)


def _short_before(text: str, end: int, low: int) -> tuple[int, int] | None:
    """Return the range of the short form that ends at `end`, if one does."""
    if not any(map(str.isupper, text[max(low, end - 8) : end])):
        return None
    match = patterns().short_last.search(text, max(low, end - _LONGEST_SHORT), end)
    return None if match is None else match.span(1)


def _side_by_side(text: str, end: int, begin: int, close: int) -> Iterator[Abbreviation]:
    """Yield from "long, long (SHORT, SHORT)", whose bracket is from `begin` to `close`."""
    for short in reversed(list(patterns().short.finditer(text, begin, close))):
        found = _ending_at(text, end, *short.span())
        if found is not None:
            yield found
            before = _words(text, max(0, found.start - _LONGEST_SHORT), found.start)
            joined = before and is_small(before[-1].surface)  # "long và long (SHORT, SHORT)"
            end = before[-1].start if joined else found.start


def _inside(text: str, begin: int, start: int, end: int) -> Abbreviation | None:
    """Return what "(long - SHORT)" gives, whose bracket begins at `begin`."""
    found = _ending_at(text, start, start, end)
    return found if found is not None and found.start >= begin else None


def _repeating(
    text: str, opening: int, begin: int, start: int, end: int
) -> Abbreviation | None:
    """Return what "Quỹ long (Quỹ SHORT)" gives: the long form without what is repeated."""
    repeated = _words(text, begin, start)
    found = _ending_at(text, opening, start, end) if len(repeated) <= _MOST_REPEATED else None
    if found is None or not repeated:
        return None
    before = _words(text, max(0, found.start - _LONGEST_SHORT), found.start)[-len(repeated) :]
    same = [folded(word.surface) for word in before] == [
        folded(word.surface) for word in repeated
    ]
    return found if same else None


def _introduced(text: str) -> Iterator[Abbreviation]:
    """Yield from "long (sau đây gọi tắt là SHORT)" and "SHORT là viết tắt của long"."""
    for match in patterns().introduction.finditer(text):
        if match["of"]:
            low = max(0, match.start() - _LONGEST_SHORT)
            shorts = list(patterns().short.finditer(text, low, match.start()))
            stop = min(len(text), match.end() + _LONGEST_LONG)
            found = shorts and _following(text, *shorts[-1].span(), match.end(), stop)
            if found:
                yield found
            continue
        stop = min(len(text), match.end() + _AFTER_INTRODUCTION)
        closing = patterns().after_introduction.search(text, match.end(), stop)
        shorts = list(
            patterns().short.finditer(text, match.end(), closing.start() if closing else stop)
        )
        phrases = _phrases_before(text, match.start()) if shorts else []
        for short in shorts[:_MOST_CALLED]:
            yield from _called(text, phrases, *short.span())


def _phrases_before(text: str, introduction: int) -> list[tuple[list[Word], int]]:
    """Return the words up to each place where the phrase that is introduced may end.

    The likeliest place comes first: the introduction itself, then separators before it.
    """
    low = max(0, introduction - _BEFORE_INTRODUCTION)
    ends = [
        match.start() for match in patterns().end_of_phrase.finditer(text, low, introduction)
    ]
    words = _words(text, max(0, low - _LONGEST_LONG), introduction)
    phrases = []
    for end in [introduction, *reversed(ends)][: _MOST_ENDS + 1]:
        while words and words[-1].end > end:
            words = words[:-1]
        if words:
            phrases.append((words, end))
    return phrases


def _called(
    text: str, phrases: list[tuple[list[Word], int]], short_start: int, short_end: int
) -> Iterator[Abbreviation]:
    """Yield the long form that ends one of `phrases`, or stands inside one.

    If "Giấy chứng nhận an toàn thực phẩm" is called "Giấy chứng nhận ATTP", or "công ty
    TNHH MTV" a company, a part of the short form goes with a part of the long one.
    """
    for words, end in phrases:
        if patterns().gap_before_short.fullmatch(text, words[-1].end, end):
            found = _pair(text, words, short_start, short_end)
            if found is not None:
                yield found
                return
    parts = [(short_start, short_end)]
    pieces = list(re.finditer(r"\S+", text[short_start:short_end]))
    if len(pieces) > 1:
        parts += [(short_start + part.start(), short_start + part.end()) for part in pieces]
    for number, part in enumerate(parts):
        inner = (_within(text, words, *part) for words, _ in phrases)
        found = next((each for each in inner if each is not None), None)
        if found is not None:
            yield found
            if number == 0:
                return


def _in_items(text: str) -> Iterator[Abbreviation]:
    """Yield from lines and parts of lines that begin with "SHORT: long"."""
    first = patterns().first_item.match(text)
    for match in (*([first] if first else []), *patterns().item.finditer(text)):
        stop = min(len(text), match.end() + _LONGEST_LONG)
        found = _following(text, *match.span(1), match.end(), stop)
        # In a head "TT | Tên trường" the first cell does not stand for the second.
        if found is not None and not (
            match["cell"] and len(units(found.short)) < _FEWEST_UNITS_UNSAID
        ):
            yield found


def _ending_at(text: str, end: int, short_start: int, short_end: int) -> Abbreviation | None:
    """Return the long form that ends at `end`, but for a separator."""
    wanted = units(canonical_short(text[short_start:short_end]))
    look = min(_LONGEST_LONG, _LONGEST_WORD * most_words(wanted))
    words = _words(text, max(0, end - look), end)
    if not words or not patterns().gap_before_short.fullmatch(text, words[-1].end, end):
        return None
    return _pair(text, words, short_start, short_end)


def _within(
    text: str, words: list[Word], short_start: int, short_end: int
) -> Abbreviation | None:
    """Return the last long form in the unbroken run of words that ends `words`."""
    wanted = units(canonical_short(text[short_start:short_end]))
    if len(wanted) < _FEWEST_UNITS_UNSAID:
        return None
    for count in range(len(words), 1, -1):
        if may_stand_for(wanted[-1], words[count - 1]):
            found = _pair(text, words[:count], short_start, short_end)
            if found is not None:
                return found
        if not words[count - 1].joined:
            break
    return None


def _following(
    text: str, short_start: int, short_end: int, begin: int, stop: int
) -> Abbreviation | None:
    """Return the long form that begins at `begin` and ends at a punctuation mark or `stop`."""
    words = _words(text, begin, stop)
    while words and folded(words[0].surface) in _FORERUNNERS:
        found = _whole(text, words, short_start, short_end, stop)
        if found is not None:
            return found
        del words[0]
    return _whole(text, words, short_start, short_end, stop)


def _whole(
    text: str, words: list[Word], short_start: int, short_end: int, stop: int
) -> Abbreviation | None:
    """Return the long form that is all of `words` up to a punctuation mark."""
    wanted = units(canonical_short(text[short_start:short_end]))
    if not words or not wanted or not may_stand_for(wanted[0], words[0]):
        return None
    for match in patterns().end_of_long.finditer(text, words[0].end, stop):
        run = [word for word in words if word.end <= match.start()]
        found = _pair(text, run, short_start, short_end)
        if found is not None:
            return found if found.start == words[0].start else None
        if len(run) >= most_words(wanted):
            break
    return None


def _pair(
    text: str, words: list[Word], short_start: int, short_end: int
) -> Abbreviation | None:
    """Return the short form with the long one that the last of `words` are."""
    short = canonical_short(text[short_start:short_end])
    wanted = units(short)
    first = align(wanted, words) if wanted else None
    if first is None:
        return None
    return Abbreviation(
        short=short,
        long=" ".join(marked(word.surface) for word in words[first:]),
        start=words[first].start,
        end=words[-1].end,
        short_start=short_start,
        short_end=short_end,
    )


def _words(text: str, low: int, high: int) -> list[Word]:
    """Return the words from `low` to `high`, but for one that `low` cuts."""
    words: list[Word] = []
    for match in SYLLABLE_PATTERN.finditer(text, low, high):
        start, end = match.span()
        if start == low and start and _is_inside(text[start - 1]):
            continue
        words.append(
            Word(match.group(), start, end, bool(words) and _joined(text, words[-1], start))
        )
    return words


def _is_inside(char: str) -> bool:
    return char.isalnum() or unicodedata.combining(char) > 0


def _joined(text: str, left: Word, start: int) -> bool:
    """Whether a long form may go on from one word to the next."""
    gap = text[left.end : start]
    if gap == " ":
        return True
    if gap[:1] == "." and left.surface.isupper() and len(left.surface) <= 3:  # "TP. Huế"
        gap = gap[1:]
    return gap.count("\n") < 2 and patterns().gap.fullmatch(gap) is not None
