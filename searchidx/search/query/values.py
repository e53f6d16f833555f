"""Read the values of the filters ``date:``, ``code:`` and ``sort:``.

Punctuation after a value belongs to the sentence: no such value ends with punctuation.
"""

from __future__ import annotations

import datetime
import re
from typing import Final, Literal, get_args

from searchidx.language.character_classes import DASHES, RANGE_DASHES
from searchidx.language.dates import PartialDate
from searchidx.search.query.syntax_tree import DateRange

Sort = Literal["relevance", "date"]

_PUNCTUATION: Final = ",.;:!?"
_BOUND: Final = re.compile(r"(?P<sign><=|>=|<|>)(?P<date>.+)")
_DAY_FIRST: Final = re.compile(r"(?:(\d{1,2})[/.-])?(\d{1,2})[/.-](\d{4})", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[/.-](\d{1,2})(?:[/.-](\d{1,2}))?", re.ASCII)
# A hyphen also separates the parts of one date.  Between two years it can only be a range.
_TWO_YEARS: Final = re.compile(r"(\d{4})-(\d{4})", re.ASCII)
_RANGE_DASH: Final = re.compile(f"[{RANGE_DASHES}]")
_ANY_DASH: Final = re.compile(f"[{DASHES}]")


def read_order(text: str) -> Sort | None:
    """Return the sort order that a text names, or None."""
    typed = text.strip().rstrip(_PUNCTUATION).lower()
    return next((order for order in get_args(Sort) if typed == order), None)


def read_code(text: str) -> str | None:
    """Return the canonical form of a document code, or None if the text is not exactly one."""
    from searchidx.language.codes import find_codes  # few queries need this import

    found = list(find_codes(text))
    return found[0].canonical if len(found) == 1 else None


def read_dates(text: str) -> DateRange | None:
    """Read a value such as ``2023``, ``2022..2023-06`` or ``>=2023``; None if it is no date."""
    text = _strip_punctuation(text.strip().replace("…", ".."))
    try:
        bound = _BOUND.fullmatch(text)
        if bound is not None:
            first, last = _days(bound["date"])
            one_day = datetime.timedelta(days=1)
            # Compute each bound only if needed: date.min has no previous day, date.max no next.
            if bound["sign"] == "<":
                return DateRange(None, first - one_day)
            if bound["sign"] == ">":
                return DateRange(last + one_day, None)
            return DateRange(None, last) if bound["sign"] == "<=" else DateRange(first, None)
        ends = _split_range(text)
        if ends is None:
            return DateRange(*_days(text))
        begin, end = map(str.strip, ends)
        if not begin and not end:
            return None
        return DateRange(_days(begin)[0] if begin else None, _days(end)[1] if end else None)
    except (ValueError, OverflowError):
        return None


def _strip_punctuation(text: str) -> str:
    """Remove the punctuation after a date, but keep the ``..`` of an open range."""
    bare = text.rstrip(_PUNCTUATION)
    return f"{bare}.." if text[len(bare) :].startswith("..") else bare


def _split_range(text: str) -> tuple[str, str] | None:
    """Split a range into the texts of its two ends, or return None for a single date."""
    begin, separator, end = text.partition("..")
    if separator:
        return begin, end
    years = _TWO_YEARS.fullmatch(text)
    if years is not None:
        return years[1], years[2]
    sides = _RANGE_DASH.split(text)
    # A long dash may also stand for a hyphen: 2023–07 is a month.
    if len(sides) == 2 and all(map(_is_date, sides)):
        return sides[0], sides[1]
    return None


def _is_date(text: str) -> bool:
    """Return whether a text is one date."""
    try:
        _days(text.strip())
    except ValueError:
        return False
    return True


def _days(text: str) -> tuple[datetime.date, datetime.date]:
    """Return the first and last day of a date, written day first or year first.

    Raises:
        ValueError: The text is no date, or has no year.
    """
    text = _ANY_DASH.sub("-", text)
    day_first, year_first = _DAY_FIRST.fullmatch(text), _YEAR_FIRST.fullmatch(text)
    if day_first is not None:
        day, month, year = day_first.groups()
        date = PartialDate(int(year), int(month), int(day) if day else None)
    elif year_first is not None:
        year, month, day = year_first.groups()
        date = PartialDate(int(year), int(month), int(day) if day else None)
    else:
        date = PartialDate.parse(text.upper())
    first, last = date.first_day(), date.last_day()
    if first is None or last is None:
        raise ValueError("a date without a year")
    return first, last
