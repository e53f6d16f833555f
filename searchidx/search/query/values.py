"""What stands behind ``date:``, ``code:`` and ``sort:``.

A sentence's punctuation behind a value is not part of it: none of them can end so.
"""

from __future__ import annotations

import datetime
import re
from typing import Final, Literal, get_args

from searchidx.language.dates import PartialDate
from searchidx.search.query.syntax_tree import Dates

Sort = Literal["relevance", "date"]

_PUNCTUATION: Final = ",.;:!?"
_BOUND: Final = re.compile(r"(?P<sign><=|>=|<|>)(?P<date>.+)")
_DAY_FIRST: Final = re.compile(r"(?:(\d{1,2})[/.-])?(\d{1,2})[/.-](\d{4})", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[/.-](\d{1,2})(?:[/.-](\d{1,2}))?", re.ASCII)
# A hyphen also parts what a date consists of; between two years it can mean nothing else.
_TWO_YEARS: Final = re.compile(r"(\d{4})-(\d{4})", re.ASCII)
_LONG_DASH: Final = re.compile("[\u2012-\u2014]")
_DASHES: Final = re.compile("[\u2010-\u2014\u2212]")


def read_order(text: str) -> Sort | None:
    """The order of hits that a text names, or None."""
    typed = text.strip().rstrip(_PUNCTUATION).lower()
    return next((order for order in get_args(Sort) if typed == order), None)


def read_code(text: str) -> str | None:
    """The canonical form of a document code, or None if the text is not just one."""
    from searchidx.language.codes import find_codes  # which few queries need

    found = list(find_codes(text))
    return found[0].canonical if len(found) == 1 else None


def read_dates(text: str) -> Dates | None:
    """The days that ``2023``, ``2022..2023-06``, ``>=2023`` and so on name, or None."""
    text = _bare(text.strip().replace("…", ".."))
    try:
        bound = _BOUND.fullmatch(text)
        if bound is not None:
            first, last = _days(bound["date"])
            one = datetime.timedelta(days=1)
            # One at a time: the day before the first of all is an error.
            if bound["sign"] == "<":
                return Dates(None, first - one)
            if bound["sign"] == ">":
                return Dates(last + one, None)
            return Dates(None, last) if bound["sign"] == "<=" else Dates(first, None)
        ends = _ends(text)
        if ends is None:
            return Dates(*_days(text))
        begin, end = map(str.strip, ends)
        if not begin and not end:
            return None
        return Dates(_days(begin)[0] if begin else None, _days(end)[1] if end else None)
    except (ValueError, OverflowError):
        return None


def _bare(text: str) -> str:
    """A date without the punctuation behind it, but for the ``..`` that leaves an end open."""
    bare = text.rstrip(_PUNCTUATION)
    return f"{bare}.." if text[len(bare) :].startswith("..") else bare


def _ends(text: str) -> tuple[str, str] | None:
    """What stands on both sides of what parts two dates, or None if nothing does."""
    begin, separator, end = text.partition("..")
    if separator:
        return begin, end
    years = _TWO_YEARS.fullmatch(text)
    if years is not None:
        return years[1], years[2]
    sides = _LONG_DASH.split(text)
    # One that is longer than a hyphen may be one too: 2023–07 is a month.
    if len(sides) == 2 and all(map(_is_date, sides)):
        return sides[0], sides[1]
    return None


def _is_date(text: str) -> bool:
    try:
        _days(text.strip())
    except ValueError:
        return False
    return True


def _days(text: str) -> tuple[datetime.date, datetime.date]:
    """The first and last day of a date written either way; ValueError if it is none."""
    text = _DASHES.sub("-", text)
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
