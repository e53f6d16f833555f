"""Find dates in file paths: "2023/05/…", "2023-05-25_x.txt", "20230525-x.txt".

File names write dates more tersely than sentences do, so they have their own patterns.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from searchidx.language.dates.date_candidate import FIRST_YEAR, LAST_YEAR
from searchidx.language.dates.partial_date import PartialDate

_MAX_FOLDERS = 4  # a year further up names an archive or a disk
_MAX_FILING_DELAY = datetime.timedelta(days=31)  # from the day of a report to that of its file

_YEAR_FIRST = re.compile(
    r"(?<![0-9A-Za-z])([0-9]{4})([-._ ]?)([0-9]{2})\2([0-9]{2})(?![0-9A-Za-z])"
)
_DAY_FIRST = re.compile(
    r"(?<![0-9A-Za-z])([0-9]{1,2})([-._ ])([0-9]{1,2})\2([0-9]{4})(?![0-9A-Za-z])"
)
_MONTH = re.compile(r"(?<![0-9A-Za-z])([0-9]{4})[-._ ]([0-9]{2})(?![0-9A-Za-z])")
_FOLDERS = re.compile(r"(?:^|/)([0-9]{4})/([0-9]{1,2})(?:/([0-9]{1,2}))?/")
_YEAR = re.compile(r"(?<![0-9A-Za-z])([0-9]{4})(?![0-9A-Za-z])")


def date_in_name(path: str) -> PartialDate | None:
    """Return the first full date in the file name of `path`, or None."""
    name = _last_components(path)[-1]
    for date in _dates(name):
        if date.day is not None:
            return date
    return None


def year_from_path(path: str, month: int, day: int) -> int | None:
    """Infer the year of a day from the path of the report that mentions it.

    A full date or a month in the path must equal the day or follow it closely, because a
    report is filed soon after the events.  Contradictory years give no result.

    Args:
        path: A file path, with either kind of slash, or any text.
        month: 1 to 12.
        day: 1 to 31.

    Returns:
        The year, or None if the path does not give it.
    """
    components = _last_components(path)
    for part in (components[-1], "/".join(components)):
        dated = list(_dates(part))
        if dated:
            return _year_before(dated[0], month, day)
        years = {int(year) for year in _YEAR.findall(part) if _is_year(year)}
        if years:
            return years.pop() if len(years) == 1 else None
    return None


def _last_components(path: str) -> list[str]:
    """Return the file name of a path and the names of its nearest folders."""
    return path.replace("\\", "/").split("/")[-1 - _MAX_FOLDERS :]


def _dates(text: str) -> Iterator[PartialDate]:
    """Yield the days in `text`, then the months."""
    for match in _YEAR_FIRST.finditer(text):
        yield from _possible_date(match[1], match[3], match[4])
    for match in _DAY_FIRST.finditer(text):
        yield from _possible_date(match[4], match[3], match[1])
    for pattern in (_FOLDERS, _MONTH):
        for match in pattern.finditer(text):
            yield from _possible_date(*match.groups())


def _possible_date(year: str, month: str, day: str | None = None) -> Iterator[PartialDate]:
    """Yield the date if it exists and its year is plausible."""
    if _is_year(year):
        try:
            yield PartialDate(int(year), int(month), None if day is None else int(day))
        except ValueError:
            return


def _is_year(number: str) -> bool:
    """Return whether a number is a plausible year."""
    return FIRST_YEAR <= int(number) <= LAST_YEAR


def _year_before(filed: PartialDate, month: int, day: int) -> int | None:
    """Return the year in which the day equals `filed` or shortly precedes it, or None."""
    first, last = filed.first_day(), filed.last_day()
    if first is None or last is None:
        return None
    for year in (last.year, last.year - 1):
        try:
            reported = datetime.date(year, month, day)
        except ValueError:  # the 29th of February
            continue
        if first - _MAX_FILING_DELAY <= reported <= last:
            return year
    return None
