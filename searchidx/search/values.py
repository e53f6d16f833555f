"""What stands behind ``date:`` and ``code:``."""

from __future__ import annotations

import datetime
import re
from typing import Final

from searchidx.language.dates import PartialDate
from searchidx.search.clauses import Dates

_BOUND: Final = re.compile(r"(?P<sign><=|>=|<|>)(?P<date>.+)")
_DAY_FIRST: Final = re.compile(r"(?:(\d{1,2})[/.-])?(\d{1,2})[/.-](\d{4})", re.ASCII)


def read_code(text: str) -> str | None:
    """The canonical form of a document code, or None if the text is not just one."""
    from searchidx.language.codes import find_codes  # which few queries need

    found = list(find_codes(text))
    return found[0].canonical if len(found) == 1 else None


def read_dates(text: str) -> Dates | None:
    """The days that ``2023``, ``2022..2023-06``, ``>=2023`` and so on name, or None."""
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
        begin, separator, end = text.partition("..")
        if not separator:
            return Dates(*_days(text))
        if not begin and not end:
            return None
        return Dates(_days(begin)[0] if begin else None, _days(end)[1] if end else None)
    except (ValueError, OverflowError):
        return None


def _days(text: str) -> tuple[datetime.date, datetime.date]:
    """The first and last day of a date written either way; ValueError if it is none."""
    day_first = _DAY_FIRST.fullmatch(text)
    if day_first is not None:
        day, month, year = day_first.groups()
        date = PartialDate(int(year), int(month), int(day) if day else None)
    else:
        date = PartialDate.parse(text)
    first, last = date.first_day(), date.last_day()
    if first is None or last is None:
        raise ValueError("a date without a year")
    return first, last
