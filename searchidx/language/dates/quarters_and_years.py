"""Read the quarters and years in a text, starting at the number of the year."""

from __future__ import annotations

import re
from collections.abc import Sequence

from searchidx.language.dates.date_candidate import (
    DateCandidate,
    date_or_none,
    may_begin,
    may_end,
)
from searchidx.language.dates.date_patterns import patterns, quarter_of
from searchidx.language.dates.word_patterns import is_unmarked, unmarked

_LOOK_BACK_CODE_POINTS = 40  # longer than "niên khóa " and "mỗi năm " decomposed
_QUARTERS_LOOK_BACK_CODE_POINTS = (
    80  # longer than "quý I, quý II, quý III và quý IV năm " decomposed
)


def year_and_quarter(text: str, start: int) -> Sequence[DateCandidate]:
    """Return the quarter that begins with its year at `start`: "2023-Q2"."""
    match = patterns().year_quarter.match(text, start)
    if match is None or not may_begin(text, start, "-") or not may_end(text, match.end(), "-"):
        return ()
    date = date_or_none(match.group()[:4], None, None, int(match[1]))
    return (DateCandidate(date, start, match.end()),)


def quarters_and_year(text: str, start: int, end: int, floor: int) -> Sequence[DateCandidate]:
    """Return the quarters before a year: "quý I và quý II/2023".

    Args:
        text: The text.
        start: The beginning of the year.
        end: The end of the year.
        floor: The end of the date before; the quarters begin there or later.
    """
    if not may_end(text, end, "/"):
        return ()
    offset = max(floor, start - _QUARTERS_LOOK_BACK_CODE_POINTS)
    window = text[offset:start]
    before = patterns().quarters_before.search(window)
    if before is None:
        return ()
    has_marks = not is_unmarked(text[offset : end + _LOOK_BACK_CODE_POINTS])
    word = before[1].strip()
    if has_marks and len(word) > 1 and is_unmarked(word):  # "quy" is not "quý"
        return ()
    candidates = []
    for match in patterns().quarter.finditer(before.group()):
        quarter = quarter_of(match[2], has_marks)
        first, last = (offset + before.start() + place for place in match.span())
        # "hai quý đầu năm" counts quarters.
        counted = len(match[2]) > 2 and patterns().count_before.search(text[offset:first])
        if quarter is not None and not counted:
            date = date_or_none(text[start:end], None, None, quarter)
            candidates.append(DateCandidate(date, first, last))
    if candidates:
        candidates[-1] = candidates[-1]._replace(end=end)
    return candidates


def year_alone(
    text: str, start: int, end: int, floor: int, year_end: int | None
) -> Sequence[DateCandidate]:
    """Return a year if the word or the year before it shows that it is one.

    Args:
        text: The text.
        start: The beginning of the number.
        end: The end of the number.
        floor: The end of the date before; the result begins there or later.
        year_end: The end of the date before if that is a year, otherwise None.
    """
    date = date_or_none(text[start:end], None, None)
    if date is None or not _year_may_end(text, end):
        return ()
    offset = max(floor, start - _LOOK_BACK_CODE_POINTS)
    window = text[offset:start]
    match = patterns().year_before.search(window)
    if match is not None:
        first = offset + match.start()
        if _is_year_word(text, first, match[1], end):
            return (DateCandidate(date, first, end),)
    elif patterns().years_before.search(window) or (
        year_end is not None and _continues_years(text, year_end, start, end)
    ):
        return (DateCandidate(date, start, end),)
    return ()


def _year_may_end(text: str, end: int) -> bool:
    """Return whether a year may end at `end`: in "2022/2023" it may, in "2022/NĐ" not."""
    return may_end(text, end, "/") or (
        re.match(r"/[0-9]{4}(?![0-9/])", text[end : end + 6]) is not None
    )


def _is_year_word(text: str, start: int, word: str, end: int) -> bool:
    """Return whether the word at `start` is "năm", but not in "mỗi năm" or "Viet Nam"."""
    before = text[max(0, start - _LOOK_BACK_CODE_POINTS) : start]
    if patterns().each_before.search(before):
        return False
    # "nam" is another word in a text with marks, and often in one without.
    return not is_unmarked(word) or (
        is_unmarked(text[max(0, start - _LOOK_BACK_CODE_POINTS) : end + _LOOK_BACK_CODE_POINTS])
        and patterns().south_before.search(unmarked(before)) is None
    )


def _continues_years(text: str, year_end: int, start: int, end: int) -> bool:
    """Return whether a number continues a list of years: "năm 2021, 2022 và 2023"."""
    if patterns().between_years.fullmatch(text, year_end, start) is None:
        return False
    if "," not in text[year_end:start]:
        return True
    # In "năm 2021, 2022 hộ" the number counts households.
    after = unmarked(text[end : end + _LOOK_BACK_CODE_POINTS]).split()
    return not after or not after[0].isalpha() or after[0] in ("va", "den")
