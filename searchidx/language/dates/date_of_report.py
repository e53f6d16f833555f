"""Choose the date of a report among all the dates that it mentions.

Reports cite resolutions and plans with their dates, so the position decides: a line with little
more than a date, the beginning of one of the first paragraphs, or the signature block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from searchidx.language.dates.dateline import (
    MAX_DATELINE_CODE_POINTS,
    cites_document,
    find_dateline,
    find_opening_date,
    may_be_dateline,
)
from searchidx.language.dates.dates_in_paths import date_in_name, year_from_path
from searchidx.language.dates.partial_date import PartialDate
from searchidx.language.dates.word_patterns import unmarked

_HEAD_CODE_POINTS = 20_000  # searched at the beginning of a text
_TAIL_CODE_POINTS = 4_000  # searched at its end
_MAX_LINES = 15  # with words, at either end
_OPENING_CODE_POINTS = 200  # of a paragraph that may have the date
_MIN_PARAGRAPH_CODE_POINTS = 120  # a shorter line is not a paragraph
_MAX_PARAGRAPHS = 4


class _Line(NamedTuple):
    """A line of the report without white space around it."""

    text: str
    continues_citation: bool  # that the line before begins


def report_date(text: str, *, hint: str = "") -> PartialDate | None:
    """Return the date of a report, as precisely as the text gives it.

    The date comes from a dateline at the top; otherwise from the beginning of one of the
    first paragraphs ("Sáng ngày 25/5, …"); otherwise from a dateline in the signature block.
    Dates of cited documents are ignored.

    Args:
        text: The report.
        hint: The path of its file.  It may complete a day without a year, or give the date
            if the text gives none.

    Returns:
        The date, without its year if that is uncertain, or None.
    """
    top = _top_lines(text)
    lead = next(
        (i for i, line in enumerate(top) if len(line.text) >= _MIN_PARAGRAPH_CODE_POINTS),
        len(top),
    )
    above = _datelines(top[:lead])
    within = _datelines(top[lead:])
    below = [date for line in _end_lines(text) if (date := _signature_date(line)) is not None]
    opening = _opening_date(top)
    candidates = [*above, *([opening] if opening else []), *within, *below]
    found = next((date for date in candidates if date.day is not None), None)
    if found is None:
        return candidates[0] if candidates else date_in_name(hint)
    return _with_year(found, [*above, *within, *below], hint)


def _with_year(date: PartialDate, others: list[PartialDate], hint: str) -> PartialDate:
    """Complete `date` with the year of the same day in `others`, or from the path `hint`."""
    if date.year is not None or date.month is None or date.day is None:
        return date
    for other in others:
        if other.year is not None and (other.month, other.day) == (date.month, date.day):
            return other
    year = year_from_path(hint, date.month, date.day)
    try:
        return PartialDate(year, date.month, date.day)
    except ValueError:  # 29 February does not exist in that year
        return date


def _top_lines(text: str) -> list[_Line]:
    """Return the first lines of `text` with words."""
    lines = text[:_HEAD_CODE_POINTS].removeprefix("\ufeff").splitlines()
    return list(islice(_with_words(lines, range(len(lines))), _MAX_LINES))


def _end_lines(text: str) -> Iterator[_Line]:
    """Yield the last lines of `text` with words, the last line first."""
    lines = text[-_TAIL_CODE_POINTS:].splitlines()
    if len(text) > _TAIL_CODE_POINTS:
        lines = lines[1:]  # the cut line
    yield from islice(_with_words(lines, reversed(range(len(lines)))), _MAX_LINES)


def _with_words(lines: Sequence[str], numbers: Iterable[int]) -> Iterator[_Line]:
    """Yield the lines with these numbers that have a letter or a digit."""
    for number in numbers:
        if any(map(str.isalnum, lines[number])):
            before = lines[number - 1].strip() if number else ""
            line = lines[number].strip()
            yield _Line(line, _continues_citation(before, line))


def _continues_citation(before: str, line: str) -> bool:
    """Return whether `line` continues a sentence that cites a document in the line before."""
    return (
        bool(before)
        and (before[-1] == "," or (line[:1].islower() and before[-1] not in ".!?:;)"))
        and cites_document(before[-MAX_DATELINE_CODE_POINTS:])
    )


def _datelines(lines: list[_Line]) -> list[PartialDate]:
    """Return the dates of the datelines among `lines`."""
    return [date for line in lines if (date := _dateline(line)) is not None]


def _dateline(line: _Line) -> PartialDate | None:
    """Return the date of a dateline, or None for any other line."""
    return None if line.continues_citation else find_dateline(line.text)


def _signature_date(line: _Line) -> PartialDate | None:
    """Return the date of a line in the signature block, or None.

    The line must have the word "ngày" or "tháng".  At the end of a text, a name with a bare
    date is more likely a row of a table.
    """
    if not may_be_dateline(line.text):
        return None
    words = unmarked(line.text).split()
    return _dateline(line) if "ngay" in words or "thang" in words else None


def _opening_date(lines: list[_Line]) -> PartialDate | None:
    """Return the date at the beginning of one of the first paragraphs, or None."""
    paragraphs = 0
    for line in lines:
        if not line.continues_citation:
            date = find_opening_date(line.text[:_OPENING_CODE_POINTS])
            if date is not None:
                return date
        paragraphs += len(line.text) >= _MIN_PARAGRAPH_CODE_POINTS
        if paragraphs == _MAX_PARAGRAPHS:
            break
    return None
