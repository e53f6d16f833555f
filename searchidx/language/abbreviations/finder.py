"""Find the abbreviations that a text introduces, with their long forms.

Every introduction has a cue that is cheap to find: a bracket, the words "gọi tắt là" or
"viết tắt của", or the beginning of a list item.  From the cue the search looks a bounded
distance to either side, for a short form and a long form with its initials.  So its time is
linear in the length of any text.
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
    is_function_word,
    max_words,
    may_stand_for,
)
from searchidx.language.abbreviations.introduction_patterns import (
    introduction_patterns as patterns,
)
from searchidx.language.abbreviations.short_forms import canonical_short, units
from searchidx.language.syllable_forms import folded, marked
from searchidx.language.tokenizer import SYLLABLE_PATTERN

# Limits of the search in code points; decomposed text has about 1.3 for each letter.
_MAX_LONG_FORM_CODE_POINTS: Final = 240
_MAX_WORD_CODE_POINTS: Final = 16  # the average over a long form, with the blank
_MAX_BRACKET_CODE_POINTS: Final = 200
_MAX_SHORT_FORM_CODE_POINTS: Final = 40
_BEFORE_CUE_CODE_POINTS: Final = 60  # "trong Thông tư này sau đây được" gọi tắt là
_AFTER_CUE_CODE_POINTS: Final = 100

_MIN_UNITS_WITHOUT_CUE: Final = 3  # of a short form that only its initials tie to the long form
_MAX_REPEATED_WORDS: Final = 4  # "Quỹ … (Quỹ PTKHCN)"
_MAX_PHRASE_ENDS: Final = 4  # of a phrase before "gọi tắt là"
_MAX_SHORT_FORMS: Final = 3  # after "gọi tắt là"

# Words that may come before the long form: "viết tắt của cụm từ tiếng Anh …".
_LEADING_WORDS: Final = frozenset(
    [
        "cua", "cho", "tu", "ten", "chu", "cum", "tieng", "anh", "viet", "phap", "la", "tuc",
        "nghia", "tat", "day", "du",
    ]
)  # fmt: skip

_OPENING_BRACKET: Final = re.compile(r"[(\[]")
_CLOSING_BRACKETS: Final = {"(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form and its long form, introduced together in a text.

    Args:
        short: The short form in NFC with its capitals and separators, without blanks at the
            separators: "QLTT", "GD&ĐT", "TP.HCM".
        long: The long form in canonical spelling, its syllables joined by blanks: "quản lý
            thị trường".  Punctuation between syllables is removed.
        start: The beginning of the long form, in code points of the text.
        end: The end of the long form, exclusive.
        short_start: The beginning of the short form.
        short_end: The end of the short form, exclusive.
    """

    short: str
    long: str
    start: int
    end: int
    short_start: int
    short_end: int


def find_abbreviations(text: str) -> Iterator[Abbreviation]:
    """Yield the abbreviations that `text` introduces, in the order of their short forms.

    Recognized are "Quản lý thị trường (QLTT)", "QLTT (Quản lý thị trường)", "… (sau đây gọi
    tắt là QLTT)" with its variants, "QLTT là viết tắt của …" and items of a list such as
    "QLTT: Quản lý thị trường".  The letters of the short form must be the initials of the
    long form, which may skip function words ("và", "của").  So "Tổ chức Y tế Thế giới (WHO)"
    does not count.  The text may be composed or decomposed, in capitals, or without marks.
    """
    found = {
        each.short_start: each
        for search in (_find_in_items, _find_introduced, _find_in_brackets)
        for each in search(text)
    }
    for start in sorted(found):
        yield found[start]


def _find_in_brackets(text: str) -> Iterator[Abbreviation]:
    """Yield abbreviations in the forms "long (SHORT)", "(long - SHORT)" and "SHORT (long)"."""
    for match in _OPENING_BRACKET.finditer(text):
        opening, begin = match.span()
        close = text.find(
            _CLOSING_BRACKETS[match.group()], begin, begin + _MAX_BRACKET_CODE_POINTS
        )
        if close < 0:
            continue
        found: list[Abbreviation | None] = []
        last = _short_before(text, close, begin)
        if last is not None:
            if patterns().only_shorts.fullmatch(text, begin, close):
                found += _paired_in_brackets(text, opening, begin, close)
            else:
                found.append(
                    _within_bracket(text, begin, *last)
                    or _with_repeated_words(text, opening, begin, *last)
                )
        if not any(found):
            before = _short_before(text, opening, 0)
            if before is not None:
                found.append(_with_long_form_after(text, *before, begin, close))
        yield from filter(None, found)


def _short_before(text: str, end: int, low: int) -> tuple[int, int] | None:
    """Return the span of the short form that ends at `end`, or None."""
    if not any(map(str.isupper, text[max(low, end - 8) : end])):
        return None
    match = patterns().short_last.search(text, max(low, end - _MAX_SHORT_FORM_CODE_POINTS), end)
    return None if match is None else match.span(1)


def _paired_in_brackets(text: str, end: int, begin: int, close: int) -> Iterator[Abbreviation]:
    """Yield from "long, long (SHORT, SHORT)"; the bracket spans `begin` to `close`."""
    for short in reversed(list(patterns().short.finditer(text, begin, close))):
        found = _with_long_form_before(text, end, *short.span())
        if found is not None:
            yield found
            before = _words(
                text, max(0, found.start - _MAX_SHORT_FORM_CODE_POINTS), found.start
            )
            joined = before and is_function_word(
                before[-1].surface
            )  # "long và long (SHORT, SHORT)"
            end = before[-1].start if joined else found.start


def _within_bracket(text: str, begin: int, start: int, end: int) -> Abbreviation | None:
    """Return the abbreviation in "(long - SHORT)", if the bracket begins at `begin`."""
    found = _with_long_form_before(text, start, start, end)
    return found if found is not None and found.start >= begin else None


def _with_repeated_words(
    text: str, opening: int, begin: int, start: int, end: int
) -> Abbreviation | None:
    """Return the abbreviation in "Quỹ long (Quỹ SHORT)", without the repeated words."""
    repeated = _words(text, begin, start)
    found = (
        _with_long_form_before(text, opening, start, end)
        if len(repeated) <= _MAX_REPEATED_WORDS
        else None
    )
    if found is None or not repeated:
        return None
    before = _words(text, max(0, found.start - _MAX_SHORT_FORM_CODE_POINTS), found.start)[
        -len(repeated) :
    ]
    same = [folded(word.surface) for word in before] == [
        folded(word.surface) for word in repeated
    ]
    return found if same else None


def _find_introduced(text: str) -> Iterator[Abbreviation]:
    """Yield from "long (sau đây gọi tắt là SHORT)" and "SHORT là viết tắt của long"."""
    for match in patterns().introduction.finditer(text):
        if match["of"]:
            low = max(0, match.start() - _MAX_SHORT_FORM_CODE_POINTS)
            shorts = list(patterns().short.finditer(text, low, match.start()))
            stop = min(len(text), match.end() + _MAX_LONG_FORM_CODE_POINTS)
            found = shorts and _with_long_form_after(
                text, *shorts[-1].span(), match.end(), stop
            )
            if found:
                yield found
            continue
        stop = min(len(text), match.end() + _AFTER_CUE_CODE_POINTS)
        closing = patterns().after_introduction.search(text, match.end(), stop)
        shorts = list(
            patterns().short.finditer(text, match.end(), closing.start() if closing else stop)
        )
        phrases = _phrases_before(text, match.start()) if shorts else []
        for short in shorts[:_MAX_SHORT_FORMS]:
            yield from _pair_with_phrases(text, phrases, *short.span())


def _phrases_before(text: str, introduction: int) -> list[tuple[list[Word], int]]:
    """Return the words before each possible end of the introduced phrase, and that end.

    The likeliest end comes first: the introduction itself, then separators before it.
    """
    low = max(0, introduction - _BEFORE_CUE_CODE_POINTS)
    ends = [
        match.start() for match in patterns().end_of_phrase.finditer(text, low, introduction)
    ]
    words = _words(text, max(0, low - _MAX_LONG_FORM_CODE_POINTS), introduction)
    phrases = []
    for end in [introduction, *reversed(ends)][: _MAX_PHRASE_ENDS + 1]:
        while words and words[-1].end > end:
            words = words[:-1]
        if words:
            phrases.append((words, end))
    return phrases


def _pair_with_phrases(
    text: str, phrases: list[tuple[list[Word], int]], short_start: int, short_end: int
) -> Iterator[Abbreviation]:
    """Yield the long form at the end of one of `phrases`, or inside one.

    A part of the short form may stand for a part of the phrase: "Giấy chứng nhận ATTP" for
    "Giấy chứng nhận an toàn thực phẩm", or "công ty TNHH MTV".
    """
    for words, end in phrases:
        if patterns().gap_before_short.fullmatch(text, words[-1].end, end):
            found = _align_pair(text, words, short_start, short_end)
            if found is not None:
                yield found
                return
    parts = [(short_start, short_end)]
    pieces = list(re.finditer(r"\S+", text[short_start:short_end]))
    if len(pieces) > 1:
        parts += [(short_start + part.start(), short_start + part.end()) for part in pieces]
    for number, part in enumerate(parts):
        inner = (_with_long_form_inside(text, words, *part) for words, _ in phrases)
        found = next((each for each in inner if each is not None), None)
        if found is not None:
            yield found
            if number == 0:
                return


def _find_in_items(text: str) -> Iterator[Abbreviation]:
    """Yield from lines, and parts of lines, that begin with "SHORT: long"."""
    first = patterns().first_item.match(text)
    for match in (*([first] if first else []), *patterns().item.finditer(text)):
        stop = min(len(text), match.end() + _MAX_LONG_FORM_CODE_POINTS)
        found = _with_long_form_after(text, *match.span(1), match.end(), stop)
        # In a table head such as "TT | Tên trường" the cells are unrelated.
        if found is not None and not (
            match["cell"] and len(units(found.short)) < _MIN_UNITS_WITHOUT_CUE
        ):
            yield found


def _with_long_form_before(
    text: str, end: int, short_start: int, short_end: int
) -> Abbreviation | None:
    """Return the abbreviation whose long form ends at `end`, before an optional separator."""
    wanted = units(canonical_short(text[short_start:short_end]))
    look = min(_MAX_LONG_FORM_CODE_POINTS, _MAX_WORD_CODE_POINTS * max_words(wanted))
    words = _words(text, max(0, end - look), end)
    if not words or not patterns().gap_before_short.fullmatch(text, words[-1].end, end):
        return None
    return _align_pair(text, words, short_start, short_end)


def _with_long_form_inside(
    text: str, words: list[Word], short_start: int, short_end: int
) -> Abbreviation | None:
    """Return the last long form within the unbroken run of words at the end of `words`."""
    wanted = units(canonical_short(text[short_start:short_end]))
    if len(wanted) < _MIN_UNITS_WITHOUT_CUE:
        return None
    for count in range(len(words), 1, -1):
        if may_stand_for(wanted[-1], words[count - 1]):
            found = _align_pair(text, words[:count], short_start, short_end)
            if found is not None:
                return found
        if not words[count - 1].joined:
            break
    return None


def _with_long_form_after(
    text: str, short_start: int, short_end: int, begin: int, stop: int
) -> Abbreviation | None:
    """Return the abbreviation whose long form begins at `begin`.

    The long form ends at a punctuation mark or at `stop`.
    """
    words = _words(text, begin, stop)
    while words and folded(words[0].surface) in _LEADING_WORDS:
        found = _with_whole_long_form(text, words, short_start, short_end, stop)
        if found is not None:
            return found
        del words[0]
    return _with_whole_long_form(text, words, short_start, short_end, stop)


def _with_whole_long_form(
    text: str, words: list[Word], short_start: int, short_end: int, stop: int
) -> Abbreviation | None:
    """Return the abbreviation whose long form is all of `words` up to a punctuation mark."""
    wanted = units(canonical_short(text[short_start:short_end]))
    if not words or not wanted or not may_stand_for(wanted[0], words[0]):
        return None
    for match in patterns().end_of_long.finditer(text, words[0].end, stop):
        run = [word for word in words if word.end <= match.start()]
        found = _align_pair(text, run, short_start, short_end)
        if found is not None:
            return found if found.start == words[0].start else None
        if len(run) >= max_words(wanted):
            break
    return None


def _align_pair(
    text: str, words: list[Word], short_start: int, short_end: int
) -> Abbreviation | None:
    """Return the abbreviation whose long form is at the end of `words`, or None."""
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
    """Return the words from `low` to `high`, without a word that `low` cuts."""
    words: list[Word] = []
    for match in SYLLABLE_PATTERN.finditer(text, low, high):
        start, end = match.span()
        if start == low and start and _is_word_character(text[start - 1]):
            continue
        words.append(
            Word(
                match.group(), start, end, bool(words) and _may_continue(text, words[-1], start)
            )
        )
    return words


def _is_word_character(char: str) -> bool:
    """Return whether `char` belongs to a word."""
    return char.isalnum() or unicodedata.combining(char) > 0


def _may_continue(text: str, left: Word, start: int) -> bool:
    """Return whether a long form may continue from `left` to the word at `start`."""
    gap = text[left.end : start]
    if gap == " ":
        return True
    if gap[:1] == "." and left.surface.isupper() and len(left.surface) <= 3:  # "TP. Huế"
        gap = gap[1:]
    return gap.count("\n") < 2 and patterns().gap.fullmatch(gap) is not None
