"""Define date candidates and check where a written date may begin and end."""

from __future__ import annotations

from typing import NamedTuple

from searchidx.language.character_classes import HYPHENS
from searchidx.language.dates.partial_date import PartialDate

FIRST_YEAR, LAST_YEAR = 1900, 2100  # numbers outside are rarely the year of a report

# Before a number these belong to a path, a URL or a formula.
_NEVER_BEFORE = frozenset("/\\_=&?#%@+~")


class DateCandidate(NamedTuple):
    """A span that is written like a date; `date` is None if no such date exists."""

    date: PartialDate | None
    start: int
    end: int


def date_or_none(
    year: str | None, month: str | int | None, day: str | None, quarter: int | None = None
) -> PartialDate | None:
    """Return the date, or None if the day does not exist or the year is implausible."""
    if year is not None and not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    try:
        return PartialDate(
            None if year is None else int(year),
            None if month is None else int(month),
            None if day is None else int(day),
            quarter,
        )
    except ValueError:
        return None


def may_begin(text: str, start: int, separator: str) -> bool:
    """Return whether a date that is written with `separator` may begin at `start`."""
    before, char = text[max(0, start - 2) : start - 1], text[max(0, start - 1) : start]
    if not char:
        return True
    if char.isalnum() or char in _NEVER_BEFORE or _is_combining(char):
        return False
    if char in ".,":
        return not before.isdigit()
    if char in HYPHENS:
        # "24-25/7/2023" is a range of days; "bao-cao-24-7-2023" and "KH-24/7" are names.
        return not before.isalnum() or (
            separator.strip() == "/" and (before.isdigit() or before.islower())
        )
    return True


def may_end(text: str, end: int, separator: str) -> bool:
    """Return whether a date that is written with `separator` may end at `end`."""
    char, after = text[end : end + 1], text[end + 1 : end + 2]
    if not char:
        return True
    if char.isalnum() or char == "_" or _is_combining(char):
        return False
    if char in "/\\.":
        return not after.isdigit() and not (
            after.isalpha() and (char != "." or after.islower())
        )
    if char in HYPHENS:
        if separator.strip() in HYPHENS:
            return not after.isalnum()
        return not text[end + 1 : end + 3].isupper()  # "24/7/2023-UBND" is a code
    return True


def _is_combining(char: str) -> bool:
    """Return whether a character is a combining mark."""
    return "\u0300" <= char <= "\u036f"
