"""Compile the patterns of written dates, and map the names of months and quarters."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from searchidx.language.character_classes import HYPHENS
from searchidx.language.dates.word_patterns import (
    either_pattern,
    is_unmarked,
    marked_pattern,
    unmarked,
)

_MONTH_NAMES = {
    "một": 1, "giêng": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6,
    "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9, "mười": 10, "mười một": 11, "mười hai": 12,
    "chạp": 12,
}  # fmt: skip
_UNMARKED_MONTH_NAMES = {unmarked(name): month for name, month in _MONTH_NAMES.items()}
_QUARTERS = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4, "01": 1, "02": 2,
    "03": 3, "04": 4, "một": 1, "thứ nhất": 1, "hai": 2, "thứ hai": 2, "ba": 3, "thứ ba": 3,
    "tư": 4, "bốn": 4, "thứ tư": 4, "đầu": 1, "cuối": 4,
}  # fmt: skip
_UNMARKED_QUARTERS = {unmarked(name): quarter for name, quarter in _QUARTERS.items()}

MARKS = "\u0300-\u036f"  # as a range of a character class


class Patterns(NamedTuple):
    """The patterns of `find_dates`; those named `*_before` match at the end of a window."""

    day_or_month: re.Pattern[str]
    number: re.Pattern[str]
    day_month_year: re.Pattern[str]
    year_month_day: re.Pattern[str]
    in_words: re.Pattern[str]
    day_month: re.Pattern[str]
    month_before: re.Pattern[str]
    month_year: re.Pattern[str]
    month_name_before: re.Pattern[str]
    day_word_before: re.Pattern[str]
    part_of_day_before: re.Pattern[str]
    each_before: re.Pattern[str]
    year_quarter: re.Pattern[str]
    quarters_before: re.Pattern[str]
    quarter: re.Pattern[str]
    count_before: re.Pattern[str]
    year_before: re.Pattern[str]
    south_before: re.Pattern[str]
    years_before: re.Pattern[str]
    between_years: re.Pattern[str]


@cache  # compiled at first use, because `searchidx.document` imports this package
def patterns() -> Patterns:
    """Return the patterns, compiled once."""

    def any_of(*words: str) -> str:
        return "(?:" + "|".join(map(either_pattern, words)) + ")"

    month = either_pattern("tháng")
    name = any_of(*sorted(_MONTH_NAMES, key=len, reverse=True))
    in_year = rf"\s{{0,3}},?\s{{0,4}}{either_pattern('năm')}\s{{1,4}}"
    year = r"([0-9]{4})(?![0-9])"
    slash = rf"([0-9]{{1,2}})( ?/ ?|[.{HYPHENS}])([0-9]{{1,2}})"
    begin, end = rf"(?<![\w{MARKS}])", rf"(?![\w{MARKS}])"
    weekday = any_of("hai", "ba", "tư", "năm", "sáu", "bảy")
    day_word = (
        f"{any_of('ngày', 'mùng', 'mồng', 'chủ nhật')}"
        rf"|{either_pattern('thứ')}\s{{1,4}}(?:[2-7]|{weekday})"
    )
    # These need their marks: "sang" and "toi" are other, frequent words.
    part = "|".join(map(marked_pattern, ("sáng", "trưa", "chiều", "tối", "đêm")))
    each = any_of("mỗi", "một", "hằng", "hàng", "nửa", "bình quân")

    # "Q2/2023" is a quarter; "Q.2/2023" is more likely a district.
    quarter = any_of(*sorted(_QUARTERS, key=len, reverse=True))
    quarter_word = rf"(?:{any_of('quý', 'quí')}\s{{1,4}}|q(?=[1-4i]))"
    and_ = rf"(?:\s{{0,2}}[,{HYPHENS}]\s{{0,2}}|\s{{1,3}}{any_of('và', 'đến')}\s{{1,3}})"
    years = any_of(
        "năm học", "giai đoạn", "nhiệm kỳ", "nhiệm kì", "thời kỳ", "thời kì", "niên khóa",
        "niên khoá", "niên độ", "niên vụ",
    )  # fmt: skip

    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern, re.IGNORECASE)

    return Patterns(
        # The beginning of every date with a month.  A single character comes first, so the
        # engine skips all others fast.
        day_or_month=re.compile(
            rf"(?=[0-9Tt])(?:[0-9]{{1,4}}(?: ?/ ?|[.{HYPHENS}])[0-9]"
            rf"|(?:[0-9]{{1,2}}\s{{1,4}})?(?i:{month}))"
        ),
        number=compiled(r"(?<![0-9])[0-9]{1,4}(?![0-9])"),
        day_month_year=compiled(rf"{slash}\2{year}"),
        year_month_day=compiled(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])"),
        in_words=compiled(
            rf"([0-9]{{1,2}})\s{{1,4}}({month})\s{{1,4}}([0-9]{{1,2}}(?![0-9])|{name}{end})"
            rf"(?:{in_year}([0-9]{{1,6}})|(\s{{0,3}},\s{{0,3}}|\s?[-/]\s?|\.|\s{{1,4}}){year})?"
        ),
        day_month=compiled(rf"{slash}(?![0-9])(?:{in_year}([0-9]{{1,6}}))?"),
        month_before=compiled(rf"{begin}{month}\s{{1,4}}\Z"),
        month_year=compiled(rf"([0-9]{{1,2}})(?:\s?[-/]\s?|\.|{in_year}){year}"),
        month_name_before=compiled(
            rf"{begin}({month})\s{{1,4}}({name})(?:{in_year}|\s{{0,3}},\s{{0,3}})\Z"
        ),
        day_word_before=compiled(rf"{begin}({day_word})[\s,:({HYPHENS}]{{0,3}}\Z"),
        part_of_day_before=compiled(
            rf"{begin}(?:(?:{part}|hôm)\s(?:nay|qua)|{part})[\s,(]{{1,3}}\Z"
        ),
        each_before=compiled(rf"{begin}{each}\s{{1,4}}\Z"),
        year_quarter=compiled(rf"[0-9]{{4}}[ -]?q([1-4]){end}"),
        quarters_before=compiled(
            rf"{begin}({quarter_word}){quarter}"
            rf"(?:{and_}(?:{quarter_word})?{quarter}){{0,3}}"
            rf"(?:\s?[-/.]\s?|{in_year}|\s{{0,3}},\s{{0,3}}|\s{{1,3}})\Z"
        ),
        quarter=compiled(rf"{begin}((?:{quarter_word})?)({quarter}){end}"),
        count_before=compiled(rf"(?:[0-9]|{any_of('hai', 'ba', 'các')})\s{{1,4}}\Z"),
        year_before=compiled(rf"{begin}({either_pattern('năm')})(?:\s?:)?\s{{1,4}}\Z"),
        # For text in which "nam" has no marks: "Viet Nam 2023".
        south_before=compiled(
            r"\b(?:viet|mien|dong|tay|phia|huong|ha|quang|nu|thanh)\s{1,4}\Z"
        ),
        years_before=compiled(rf"{begin}{years}\s{{1,4}}\Z"),
        between_years=compiled(rf"\s?/\s?|{and_}(?:{either_pattern('năm')}\s{{1,4}})?"),
    )


def quarter_of(name: str, has_marks: bool) -> int | None:
    """Return the quarter with this name ("II", "2", "hai" or "thứ hai"), or None.

    Args:
        name: The name in any case and Unicode form.
        has_marks: Whether the text has marks, so that the name needs its own.
    """
    plain = " ".join(unicodedata.normalize("NFC", name).lower().split())
    return _QUARTERS.get(plain) if has_marks else _UNMARKED_QUARTERS.get(plain)


def month_of(name: str, month_word: str) -> int | None:
    """Return the month with this name after `month_word`, or None.

    In a text with marks the name needs its own: "tháng sau" is not "tháng sáu".

    Args:
        name: The name in any case and Unicode form.
        month_word: "tháng", with or without its marks.
    """
    plain = " ".join(unicodedata.normalize("NFC", name).lower().split())
    if is_unmarked(month_word) and plain in _UNMARKED_MONTH_NAMES:
        return _UNMARKED_MONTH_NAMES[plain]
    return _MONTH_NAMES.get(plain)
