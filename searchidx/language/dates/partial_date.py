"""Represent a date as precisely as a text gives it: day, month, quarter or year."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from typing import Final, Literal, get_args

Precision = Literal["day", "month", "quarter", "year"]
PRECISIONS: Final[tuple[Precision, ...]] = get_args(Precision)  # the finest first

_ISO = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?|-Q(?P<quarter>[1-4]))?"
    r"|--(?P<month_only>[0-9]{2})-(?P<day_only>[0-9]{2})"
)
_ISO_DAY_LENGTH = len("2023-07-24")
_LEAP_YEAR = 2000  # a day whose year is unknown may be the 29th of February
_ROMAN = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True, order=False)
class PartialDate:
    """A day, a month, a quarter or a year, or a day whose year is unknown.

    Partial dates have no order: "2023-07" is neither before nor after "2023-07-24".
    Compare `first_day()` and `last_day()` instead.

    Args:
        year: 1 to 9999, or None if only the day and the month are known.
        month: 1 to 12, or None if unknown.
        day: 1 to 31, as the month allows, or None if unknown.
        quarter: 1 to 4 if the quarter is known and the month is not; otherwise None.

    Raises:
        TypeError: A part is neither a whole number nor None.
        ValueError: There is no such day, or the known parts do not make a date, such as a
            day without a month.
    """

    year: int | None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None

    def __post_init__(self) -> None:
        for name in ("year", "month", "day", "quarter"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
                raise TypeError(
                    f"the {name} of a date must be a whole number, not {type(value).__name__}"
                )
        if self.year is None and (self.month is None or self.day is None):
            raise ValueError("a date needs a year, or a month and a day")
        if self.month is None and self.day is not None:
            raise ValueError("a day needs a month")
        if self.quarter is not None:
            if self.month is not None:
                raise ValueError("a date has a month or a quarter, not both")
            if not 1 <= self.quarter <= 4:
                raise ValueError(f"there is no quarter {self.quarter}")
        if self.year is not None and not datetime.MINYEAR <= self.year <= datetime.MAXYEAR:
            raise ValueError(f"there is no year {self.year}")
        if self.month is not None:
            if not 1 <= self.month <= 12:
                raise ValueError(f"there is no month {self.month}")
            length = calendar.monthrange(self.year or _LEAP_YEAR, self.month)[1]
            if self.day is not None and not 1 <= self.day <= length:
                raise ValueError(f"there is no day {self.day} in that month")

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Parse a date in ISO 8601, at the precision of the text.

        Args:
            text: "2023-07-24", "2023-07", "2023", "--05-25" (a day whose year is unknown) or
                a date-time such as "2023-07-24T04:53:00+07:00", whose date is taken without
                regard to the time zone.  "2023-Q2" is accepted for a quarter, for which
                ISO 8601 has no form.

        Raises:
            TypeError: `text` is not a string.
            ValueError: `text` is none of these, or there is no such day.
        """
        if not isinstance(text, str):
            raise TypeError(f"a date must be text, not {type(text).__name__}")
        day_part = text
        if len(text) > _ISO_DAY_LENGTH and text[_ISO_DAY_LENGTH] in "T ":
            datetime.datetime.fromisoformat(text)  # raises ValueError for an invalid time
            day_part = text[:_ISO_DAY_LENGTH]
        match = _ISO.fullmatch(day_part)
        if match is None:
            raise ValueError(
                f"{text!r} is no date; write it as 2023-07-24, 2023-07, 2023 or --07-24"
            )
        year, month, day = match["year"], match["month"], match["day"]
        if year is None:
            month, day = match["month_only"], match["day_only"]
        return cls(
            None if year is None else int(year),
            None if month is None else int(month),
            None if day is None else int(day),
            None if match["quarter"] is None else int(match["quarter"]),
        )

    @property
    def precision(self) -> Precision:
        """Return the finest part that is known."""
        if self.day is not None:
            return "day"
        if self.month is not None:
            return "month"
        return "year" if self.quarter is None else "quarter"

    def isoformat(self) -> str:
        """Return the date in ISO 8601, or as "2023-Q2"; `parse` reads either back."""
        if self.year is None:
            return f"--{self.month:02}-{self.day:02}"
        if self.quarter is not None:
            return f"{self.year:04}-Q{self.quarter}"
        parts = [f"{self.year:04}"]
        parts += [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)

    def display(self) -> str:
        """Return the date in Vietnamese form.

        Examples are 24/07/2023, 07/2023, quý II/2023, 2023 and 25/05.
        """
        if self.quarter is not None:
            return f"quý {_ROMAN[self.quarter - 1]}/{self.year}"
        parts = [f"{part:02}" for part in (self.day, self.month) if part is not None]
        if self.year is not None:
            parts.append(str(self.year))
        return "/".join(parts)

    def first_day(self) -> datetime.date | None:
        """Return the first day that the date may mean, or None if the year is unknown."""
        if self.year is None:
            return None
        month = self.month or (3 * self.quarter - 2 if self.quarter else 1)
        return datetime.date(self.year, month, self.day or 1)

    def last_day(self) -> datetime.date | None:
        """Return the last day that the date may mean, or None if the year is unknown."""
        if self.year is None:
            return None
        month = self.month or (3 * self.quarter if self.quarter else 12)
        return datetime.date(
            self.year, month, self.day or calendar.monthrange(self.year, month)[1]
        )
