"""Compile the patterns that mark the introduction of an abbreviation."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from searchidx.language.abbreviations.short_forms import SHORT_FORM_PATTERN
from searchidx.language.character_classes import CLAUSE_DASHES
from searchidx.language.dates.word_patterns import either_pattern

_QUOTES: Final = "\"'“”‘’«»"


class IntroductionPatterns(NamedTuple):
    """The compiled patterns of `find_abbreviations`."""

    introduction: re.Pattern[str]
    end_of_phrase: re.Pattern[str]
    after_introduction: re.Pattern[str]
    first_item: re.Pattern[str]
    item: re.Pattern[str]
    short: re.Pattern[str]
    only_shorts: re.Pattern[str]
    short_last: re.Pattern[str]
    gap: re.Pattern[str]
    gap_before_short: re.Pattern[str]
    end_of_long: re.Pattern[str]


@cache
def introduction_patterns() -> IntroductionPatterns:
    """Return the patterns, compiled once."""

    def any_of(*words: str) -> str:
        return "(?:" + "|".join(map(either_pattern, words)) + ")"

    quote = f"[{_QUOTES}]"
    is_ = rf"{either_pattern('là')}(?!\w)"
    # A pattern is several times as fast if it begins with a set of letters, outside
    # alternatives and IGNORECASE.
    introduction = (
        rf"[gGvVkK](?i:(?:{any_of('ọi', 'iết')}\s{{1,3}}(?:{any_of('tắt', 'gọn', 'chung')}"
        rf"\s{{1,3}})?|{either_pattern('ý hiệu')}\s{{1,3}}){is_}"
        rf"|{either_pattern('iết tắt')}\s?(?::|(?={quote})"
        rf"|(?P<of>\s{{0,2}}{any_of('của', 'cho', 'từ', 'tên')}(?!\w))))"
    )
    numeral = r"(?:[0-9a-zđ]{1,2}[.)]\s{0,3})?"
    item = (
        rf"[\s*+•·|-]{{0,8}}{numeral}{quote}?({SHORT_FORM_PATTERN}){quote}?"
        rf"(?:\s{{0,3}}(?:[:=]|(?P<cell>[\t|]))|\s[{CLAUSE_DASHES}]\s|\s{{1,3}}(?i:{is_}))"
    )
    return IntroductionPatterns(
        introduction=re.compile(introduction),
        end_of_phrase=re.compile(
            rf"\s{{0,3}}(?:[,;(\[]|\s[{CLAUSE_DASHES}]\s)"
            rf"|\s{{1,3}}{any_of('sau đây', 'dưới đây')}(?!\w)",
            re.IGNORECASE,
        ),
        after_introduction=re.compile(r"[();.,|\r\n]"),
        first_item=re.compile(item),
        item=re.compile(rf"[\n;(]{item}"),
        short=re.compile(SHORT_FORM_PATTERN),
        only_shorts=re.compile(
            rf"\s{{0,3}}{quote}?{SHORT_FORM_PATTERN}{quote}?"
            rf"(?:\s?[,;]\s?{quote}?{SHORT_FORM_PATTERN}{quote}?){{0,4}}\s{{0,3}}"
        ),
        short_last=re.compile(rf"({SHORT_FORM_PATTERN}){quote}?\s{{0,2}}\Z"),
        gap=re.compile(rf"\s{{0,3}}[,/&{CLAUSE_DASHES}]?\s{{0,3}}"),
        gap_before_short=re.compile(
            rf"\s{{0,3}}{quote}?\s{{0,3}}(?:[,;:{CLAUSE_DASHES}]\s{{1,3}})?{quote}?"
        ),
        end_of_long=re.compile(rf"[,;:.()\[\]|\r\n\t]|{quote}|\s[{CLAUSE_DASHES}]\s|\Z"),
    )
