"""Find dates in the usual Vietnamese forms.

Every date contains a number, so each number of one, two or four digits is tried as part of a
date.  The search looks a bounded distance to either side, so its time is linear in the length
of any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from searchidx.language.dates.date_candidate import (
    DateCandidate,
    date_or_none,
    may_begin,
    may_end,
)
from searchidx.language.dates.date_patterns import month_of, patterns
from searchidx.language.dates.partial_date import PRECISIONS, PartialDate, Precision
from searchidx.language.dates.quarters_and_years import (
    quarters_and_year,
    year_alone,
    year_and_quarter,
)
from searchidx.language.dates.word_patterns import is_unmarked, unmarked

_LOOK_BACK_CODE_POINTS = 40  # longer than "Chủ nhật, " or "tháng mười một, năm " decomposed
_MAX_ADDRESS_CODE_POINTS = 300  # of a URL before a date


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date and its span in the text.

    Args:
        date: The date.
        start: The beginning of the date, in code points of the text: the number of the day;
            or "tháng", "quý" or "năm" if there is no day; or the year in "2022-11-30".  A
            word before the date, such as "ngày", a weekday or "giai đoạn", is excluded.
        end: The end of the date, exclusive.
    """

    date: PartialDate
    start: int
    end: int


def find_dates(text: str, *, coarsest: Precision = "year") -> Iterator[FoundDate]:
    """Yield the dates in `text`, in order.

    Recognized are "24/7/2023" (also with dots or hyphens), "2023-07-24", "24 tháng 7 năm
    2023", "24 tháng Bảy, 2023", "tháng 9/2022", "tháng Chín năm 2022" and, after "ngày", a
    weekday or a part of the day, "25/5" and "25 tháng 5", whose year is unknown; quarters
    such as "quý II/2023", "quý 3 năm 2022", "quý I và II năm 2023" and "2023-Q2"; years
    after "năm", "giai đoạn" and the like, and further years as in "năm 2021, 2022 và 2023"
    and "giai đoạn 2021-2025".  The text may be composed or decomposed, in capitals, or
    typed without marks.

    Numbers inside document codes ("57/2020/QH14"), URLs, versions, telephone numbers and
    decimals are not dates.  Neither are impossible days and years outside 1900 to 2100.

    Args:
        text: Any text.
        coarsest: The coarsest precision to yield.  "month" excludes quarters and years, which
            more often tell the subject of a report than when it was written.
    """
    wanted = PRECISIONS[: PRECISIONS.index(coarsest) + 1]
    if "quarter" not in wanted and earliest_month(text) is None:
        return
    end = 0
    year_end = None  # the end of the date before if that is a bare year
    for number in patterns().number.finditer(text):
        if number.start() < end:
            continue
        for candidate in _candidates_at(text, number.start(), number.end(), end, year_end):
            end = candidate.end
            precision = candidate.date and candidate.date.precision
            year_end = end if precision == "year" else None
            if (
                candidate.date is not None
                and precision in wanted
                and not _in_address(text, candidate.start)
            ):
                yield FoundDate(candidate.date, candidate.start, candidate.end)


def earliest_month(text: str) -> int | None:
    """Return an offset before which no date with a month begins, or None if there is none.

    This is a fast check before the full search.
    """
    match = patterns().day_or_month.search(text)
    return None if match is None else match.start()


def _candidates_at(
    text: str, start: int, end: int, floor: int, year_end: int | None
) -> Sequence[DateCandidate]:
    """Return the date at a number, or the quarters that share a year there.

    Args:
        text: The text.
        start: The beginning of the number.
        end: The end of the number.
        floor: The end of the date before; no candidate begins earlier.
        year_end: The same if that date is a year, which another may follow; else None.
    """
    if end - start == 4:
        reading = _year_month_day(text, start) or _month_name_and_year(text, start, end)
        if reading is None:
            return (
                year_and_quarter(text, start)
                or quarters_and_year(text, start, end, floor)
                or year_alone(text, start, end, floor, year_end)
            )
    elif end - start <= 2:
        reading = (
            _month_and_year(text, start)
            or _day_month_year(text, start)
            or _date_in_words(text, start)
            or _day_and_month(text, start)
        )
    else:
        reading = None
    return () if reading is None else (reading,)


def _year_month_day(text: str, start: int) -> DateCandidate | None:
    """Return a date like "2023-07-24" at `start`, or None."""
    match = patterns().year_month_day.match(text, start)
    if match is None or not may_begin(text, start, match[2]):
        return None
    end = match.end()
    # "T08:15" or "_08:15" may follow in a time stamp.
    if not may_end(text, end, match[2]) and not re.match("[Tt_][0-9]{2}:", text[end : end + 4]):
        return None
    return DateCandidate(date_or_none(match[1], match[3], match[4]), start, end)


def _day_month_year(text: str, start: int) -> DateCandidate | None:
    """Return a date like "24/7/2023" at `start`, or None."""
    match = patterns().day_month_year.match(text, start)
    if match is None or not may_begin(text, start, match[2]):
        return None
    if not may_end(text, match.end(), match[2]):
        return None
    return DateCandidate(date_or_none(match[4], match[3], match[1]), start, match.end())


def _date_in_words(text: str, start: int) -> DateCandidate | None:
    """Return a date like "24 tháng 7 năm 2023" at `start`, or None."""
    match = patterns().in_words.match(text, start)
    if match is None or not may_begin(text, start, "/"):
        return None
    day, month_word, name, year_after_word, joint, bare_year = match.groups()
    # "năm 2011của Chính phủ" lacks a blank, but is a date.
    if not may_end(text, match.end(), "/") and not (
        year_after_word and text[match.end()].islower()
    ):
        return None
    month = name if name[0].isdigit() else month_of(name, month_word)
    if month is None:
        return None
    year = year_after_word or bare_year
    # "9 tháng năm 2022" is more likely nine months of 2022; "tháng sau" is the next month.
    ambiguous = unmarked(name) == "nam" and joint is not None and not joint.strip()
    if year is None:
        ambiguous = True
        if name.lower() == "sau":
            return None
    if ambiguous and not _after_day_word(text, start, match.end()):
        return None
    return DateCandidate(date_or_none(year, month, day), start, match.end())


def _day_and_month(text: str, start: int) -> DateCandidate | None:
    """Return a date like "25/5", with or without a year in words, at `start`, or None."""
    match = patterns().day_month.match(text, start)
    if match is None or not may_begin(text, start, match[2]):
        return None
    end = match.end()
    if not may_end(text, end, match[2]) or text[end : end + 1] == "%":
        return None
    slash = match[2].strip() == "/"
    before = text[max(0, start - _LOOK_BACK_CODE_POINTS) : start]
    if not _after_day_word(text, start, end) and (
        match[2] == "." or not patterns().part_of_day_before.search(before)
    ):
        return None
    if not slash and match[4] is None:
        # "ngày 3-4 lần" and "ngày 2.5 tấn" are counts, so no lower-case word may follow.
        after = text[end : end + 3].lstrip()
        if after[:1].islower() or after[:1].isdigit():
            return None
    return DateCandidate(date_or_none(match[4], match[3], match[1]), start, end)


def _month_and_year(text: str, start: int) -> DateCandidate | None:
    """Return a month like "tháng 9/2022" whose number is at `start`, or None."""
    if not text[start - 1 : start].isspace():
        return None
    match = patterns().month_year.match(text, start)
    if match is None or not may_end(text, match.end(), "-"):
        return None
    offset = max(0, start - _LOOK_BACK_CODE_POINTS)
    before = patterns().month_before.search(text[offset:start])
    if before is None:
        return None
    return DateCandidate(
        date_or_none(match[2], match[1], None), offset + before.start(), match.end()
    )


def _month_name_and_year(text: str, start: int, end: int) -> DateCandidate | None:
    """Return a month like "tháng Chín năm 2022" whose year is at `start`, or None."""
    if not text[start - 1 : start].isspace() or not may_end(text, end, "-"):
        return None
    offset = max(0, start - _LOOK_BACK_CODE_POINTS)
    before = patterns().month_name_before.search(text[offset:start])
    month = before and month_of(before[2], before[1])
    if before is None or month is None:
        return None
    return DateCandidate(
        date_or_none(text[start:end], month, None), offset + before.start(), end
    )


def _after_day_word(text: str, start: int, end: int) -> bool:
    """Return whether "ngày" or a weekday comes before `start`, but not in "mỗi ngày"."""
    offset = max(0, start - _LOOK_BACK_CODE_POINTS)
    window = text[offset:start]
    match = patterns().day_word_before.search(window)
    if match is None or patterns().each_before.search(window[: match.start()]):
        return False
    # In a text with marks "ngay" is another word, as in "giảm ngay 1/2".
    return not is_unmarked(match[1]) or is_unmarked(text[offset : end + _LOOK_BACK_CODE_POINTS])


def _in_address(text: str, start: int) -> bool:
    """Return whether `start` is inside a URL or an e-mail address."""
    window = text[max(0, start - _MAX_ADDRESS_CODE_POINTS) : start]
    if not window or window[-1].isspace():
        return False
    chunk = window.split()[-1]
    return "://" in chunk or "@" in chunk or chunk.lstrip("([<\"'“").lower().startswith("www.")
