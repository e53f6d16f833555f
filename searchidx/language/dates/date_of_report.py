"""The date of a report itself, among all the dates that it mentions.

Reports cite resolutions and plans with their dates, so position decides: a line that is
little else than a date, the beginning of a first paragraph, or the signature block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from searchidx.language.dates.dateline import (
    LONGEST_DATELINE,
    cites,
    find_dateline,
    find_opening_date,
    may_be_dateline,
)
from searchidx.language.dates.dates_in_paths import date_in_name, year_from_path
from searchidx.language.dates.partial_date import PartialDate
from searchidx.language.dates.word_patterns import unmarked

_HEAD = 20_000  # code points read at the beginning of a text
_TAIL = 4_000  # and at its end
_LINES = 15  # with words, at either end
_OPENING = 200  # code points at the beginning of a paragraph in which its date may stand
_PARAGRAPH = 120  # a line at least as long is a paragraph
_PARAGRAPHS = 4


class _Line(NamedTuple):
    text: str
    continues: bool  # the line before breaks off in the middle of a citation


def report_date(text: str, *, hint: str = "") -> PartialDate | None:
    """Return the date of the report itself, as far as the text tells it.

    A date is taken from a dateline at the top, else from the beginning of one of the first
    paragraphs ("Sáng ngày 25/5, …"), else from a dateline in the signature block.  Dates
    of cited documents are never taken.

    Args:
        text: The report.
        hint: The path of its file.  It may give the year to a day without one, or the date
            if the text gives none.

    Returns:
        The date, without its year where that is not known for sure, or None.

    """
    top = _top_lines(text)
    lead = next((i for i, line in enumerate(top) if len(line.text) >= _PARAGRAPH), len(top))
    above = _datelines(top[:lead])
    within = _datelines(top[lead:])
    below = [date for line in _end_lines(text) if (date := _signature(line)) is not None]
    opening = _opening_date(top)
    candidates = [*above, *([opening] if opening else []), *within, *below]
    found = next((date for date in candidates if date.day is not None), None)
    if found is None:
        return candidates[0] if candidates else date_in_name(hint)
    return _with_year(found, [*above, *within, *below], hint)


def _with_year(date: PartialDate, others: list[PartialDate], hint: str) -> PartialDate:
    """Return `date` with the year of the same day among `others`, or of `hint`."""
    if date.year is not None or date.month is None or date.day is None:
        return date
    for other in others:
        if other.year is not None and (other.month, other.day) == (date.month, date.day):
            return other
    year = year_from_path(hint, date.month, date.day)
    try:
        return PartialDate(year, date.month, date.day)
    except ValueError:  # the 29th of February of another year
        return date


def _top_lines(text: str) -> list[_Line]:
    lines = text[:_HEAD].removeprefix("\ufeff").splitlines()
    return list(islice(_with_words(lines, range(len(lines))), _LINES))


def _end_lines(text: str) -> Iterator[_Line]:
    """Yield the last lines of `text`, the last one first."""
    lines = text[-_TAIL:].splitlines()
    if len(text) > _TAIL:
        lines = lines[1:]  # cut at its beginning
    yield from islice(_with_words(lines, reversed(range(len(lines)))), _LINES)


def _with_words(lines: Sequence[str], numbers: Iterable[int]) -> Iterator[_Line]:
    """Yield the lines of these numbers that have a letter or a digit."""
    for number in numbers:
        if any(map(str.isalnum, lines[number])):
            before = lines[number - 1].strip() if number else ""
            line = lines[number].strip()
            yield _Line(line, _breaks_off(before, line))


def _breaks_off(before: str, line: str) -> bool:
    """Whether `line` goes on with a sentence that cites a document in the line before."""
    return (
        bool(before)
        and (before[-1] == "," or (line[:1].islower() and before[-1] not in ".!?:;)"))
        and cites(before[-LONGEST_DATELINE:])
    )


def _datelines(lines: list[_Line]) -> list[PartialDate]:
    return [date for line in lines if (date := _dateline(line)) is not None]


def _dateline(line: _Line) -> PartialDate | None:
    return None if line.continues else find_dateline(line.text)


def _signature(line: _Line) -> PartialDate | None:
    """Return the date of a signature block's line, which has the word "ngày" or "tháng".

    At the end of a text a name with a mere date is rather a row of a table.
    """
    if not may_be_dateline(line.text):
        return None
    words = unmarked(line.text).split()
    return _dateline(line) if "ngay" in words or "thang" in words else None


def _opening_date(lines: list[_Line]) -> PartialDate | None:
    """Return the date that begins one of the first paragraphs."""
    paragraphs = 0
    for line in lines:
        if not line.continues:
            date = find_opening_date(line.text[:_OPENING])
            if date is not None:
                return date
        paragraphs += len(line.text) >= _PARAGRAPH
        if paragraphs == _PARAGRAPHS:
            break
    return None
