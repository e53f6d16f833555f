"""Recognize lines and paragraph beginnings that date a report rather than cite a document."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from searchidx.language.character_classes import CLAUSE_DASHES, HYPHENS
from searchidx.language.dates.date_patterns import MARKS
from searchidx.language.dates.finder import FoundDate, earliest_month, find_dates
from searchidx.language.dates.partial_date import PartialDate
from searchidx.language.dates.word_patterns import either_pattern, unmarked
from searchidx.language.orthography import without_marks

MAX_DATELINE_CODE_POINTS = 160
_MAX_NAME_SYLLABLES = 6  # of a place or an author: "Bà Rịa - Vũng Tàu" has five

_KINDS = (
    "nghị quyết", "luật", "pháp lệnh", "quyết định", "kế hoạch", "thông tư", "nghị định",
    "chỉ thị", "công văn", "kết luận", "hướng dẫn", "thông báo", "tờ trình", "công điện",
    "văn bản",
)  # fmt: skip
_WEEKDAY = r"(?:thu\s(?:hai|ba|tu|nam|sau|bay|[2-7])|chu\snhat)"
_CLOCK = (
    r"[0-9]{1,2}\s?(?::|(?:h|gio|g)(?![a-z]))\s?(?:[0-9]{2}(?::[0-9]{2})?\b)?(?:\s?phut\b)?"
)


class _Patterns(NamedTuple):
    """The patterns of this module; all but the first three expect lower case without marks."""

    cited: re.Pattern[str]
    number_column: re.Pattern[str]
    columns: re.Pattern[str]
    issued: re.Pattern[str]
    owned: re.Pattern[str]
    other_day: re.Pattern[str]
    label: re.Pattern[str]
    place: re.Pattern[str]
    before_opening: re.Pattern[str]
    source: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    """Return the patterns, compiled once."""
    kinds = "|".join(either_pattern(kind) for kind in ("số", *_KINDS))
    issued_kinds = "|".join(map(unmarked, _KINDS))
    return _Patterns(
        cited=re.compile(
            rf"\b(?:{kinds})(?![\w{MARKS}])|[0-9][-/](?:[A-ZĐ]{{2}}|[a-zđ]{{1,4}}/[a-zđ])",
            re.IGNORECASE,
        ),
        # "Số: 145/BC-UBND An Bình, ngày …": two columns of a letterhead on one line.
        number_column=re.compile(
            rf"\s*{either_pattern('số')}\s?:?\s{{0,9}}[^\s,]*\s{{0,3}}[-/][^\s,]*\s+"
            rf"(?!{either_pattern('ngày')})(?=[^\W\d_])",
            re.IGNORECASE,
        ),
        columns=re.compile(r"\t+|\s{3,}"),
        issued=re.compile(
            r"(?:(?!\b(?:to chuc|hop|hoi nghi|lam viec|kiem tra|tap huan|khai mac)\b).){0,90}?"
            rf"\b(?:ban hanh|thong qua)\b.{{0,40}}?\b(?:{issued_kinds})\b"
        ),
        owned=re.compile(r"[\s,]*(?:cua|la)\b"),  # "ngày 22/10/2018 của Bộ Chính trị"
        # A period, an anniversary, a birthday, a time limit.
        other_day=re.compile(
            r"\b(?<!thu\s)(?:tu|den|truoc|sau|ke tu|tinh den|het)"
            r"\W+(?:ngay|thang|nam|khi|thu|[0-9])"
            r"|\b(?:ky niem|sinh|mat|giai doan|thoi ky|truoc do|sau do|han chot|han nop)\b"
        ),
        label=re.compile(
            rf"(?<![0-9]){_CLOCK}(?:\s?(?:ch|sa|am|pm)\b)?"
            r"|\b(?:gmt|utc)\s?(?:[+-]\s?[0-9:]{1,5})?|[+-]0?7:?00\b"
            rf"|\b{_WEEKDAY}\b|\b(?:sang|trua|chieu|toi|hom)\b(?:\snay\b)?"
            r"|\bngay (?:dang tin|dang|gui|viet|xuat ban|ban hanh|ky|lap|bao cao|cap nhat)\b"
            r"|\b(?:cap nhat|dang tin|dang|xuat ban|thoi gian|luc|vao|ngay|thang|nam)\b"
            r"|\b(?:ch|sa|am|pm|z|updated|posted|published|date|on|at)\b|\bt(?=[0-9])"
            r"|\b(?:luot xem|luot doc|xem|views?|binh luan|comments?)\b\W{0,3}[0-9.,]*"
            r"|\b(?:thanh pho|tp|tinh|huyen|quan|xa|phuong|thi tran|thi xa)\b"
        ),
        place=re.compile(rf"[^,]*,\s*(?:{_CLOCK}\s*)?ngay\W*"),
        before_opening=re.compile(
            r"\W{0,4}(?:(?:vao|hoi|vua qua|moi day|trong)\b\W{0,3})?(?:(?:cac|hai|ba|[0-9])\s)?"
            rf"(?:(?:luc|khoang)\s)*(?:{_CLOCK}\W{{0,3}})?"
            r"(?P<part>(?:buoi\s)?(?:sang|trua|chieu|toi|dem|hom)(?:\s(?:nay|qua))?\b\W{0,3})?"
            rf"(?P<weekday>{_WEEKDAY}\W{{0,3}})?(?P<day>ngay\b\W{{0,3}})?"
            rf"(?:[0-9]{{1,2}}(?:/[0-9]{{1,2}})?\s?(?:va|[,{HYPHENS}])\s?){{0,3}}"
        ),
        # Author and place: "(TTXVN) - ", "VP – ", "An Bình, ", "An Bình (TTXVN) - ".
        source=re.compile(
            r"\W{0,4}(?:\([^()]{1,40}\)\W{1,3}"
            r"|(?P<name>(?:[^\W\d_]+[\s./-]{1,3}){0,5}[^\W\d_]+)"
            rf"(?:\s?\([^()]{{1,40}}\))?\s?[,:{CLAUSE_DASHES}]\s?)"
        ),
    )


def find_dateline(line: str) -> PartialDate | None:
    """Return the date of a line with little more than a date, a time and a place.

    Args:
        line: One line of text, such as "Hà Nội, ngày 12 tháng 6 năm 2023" or "Thứ Sáu,
            05/01/2024 | 10:20".

    Returns:
        The date, or None for any other line, including one that cites a document.
    """
    if not may_be_dateline(line):
        return None
    number = _patterns().number_column.match(line)
    if number is not None:
        line = line[number.end() :]
    # Any agency may be named beside "2022-11-30 | ", and a letterhead may have any column.
    first = line.split(" | ", 1)[0]
    for part in dict.fromkeys((line, first, *_patterns().columns.split(line))):
        if not may_have_own_date(part):
            continue
        found = list(find_dates(part, coarsest="month"))
        if found and _is_mostly_dates(part, found):
            return found[0].date
    return None


def may_be_dateline(line: str) -> bool:
    """Return whether a line is short and may have a date, as a fast check."""
    return len(line) <= MAX_DATELINE_CODE_POINTS and earliest_month(line) is not None


def may_have_own_date(text: str) -> bool:
    """Return whether `text` may have a date that no citation precedes; a fast check."""
    earliest = earliest_month(text)
    if earliest is None:
        return False
    cited = _patterns().cited.search(text)
    return cited is None or cited.end() > earliest


def find_opening_date(paragraph: str) -> PartialDate | None:
    """Return the date at the beginning of a paragraph ("Sáng ngày 25/5, …"), or None.

    Author and place may come before it: "(ABC) - Ngày …", "An Bình, ngày …".  The day on
    which a document was issued does not count: "Ngày …, Chính phủ ban hành Nghị định …".
    """
    if not may_have_own_date(paragraph):
        return None
    found = next(find_dates(paragraph, coarsest="month"), None)
    if found is None or found.date.day is None:
        return None
    before, after = paragraph[: found.start], unmarked(paragraph[found.end :])
    if cites_document(before) or _patterns().owned.match(after):
        return None
    if _patterns().other_day.search(unmarked(paragraph[: found.end])):
        return None
    bare = unmarked(before)
    source = _patterns().source.match(without_marks(before))
    if source is not None and source["name"] and not _is_name(_words(source["name"])):
        source = None
    opening = _patterns().before_opening.fullmatch(bare, source.end() if source else 0)
    if opening is None and source is not None:
        source, opening = None, _patterns().before_opening.fullmatch(bare)
    if opening is None:
        return None
    if not (source or opening["part"] or opening["weekday"] or opening["day"]):
        return None
    if opening["part"] is None and _patterns().issued.match(after):
        return None
    return found.date


def cites_document(text: str) -> bool:
    """Return whether a text names a document: by a code, "số", or a kind of documents."""
    return _patterns().cited.search(text) is not None


def _is_mostly_dates(line: str, found: list[FoundDate]) -> bool:
    """Return whether `line` has little more than the dates `found` in it."""
    before, after = line[: found[0].start], line[found[0].end :]
    bare, bare_after = unmarked(line), unmarked(after)
    if cites_document(before) or _patterns().owned.match(bare_after):
        return False
    if _patterns().other_day.search(bare):
        return False
    if len({each.date for each in found}) > 1 and "cap nhat" not in bare_after:
        return False
    rest = list(line)
    for each in found:
        rest[each.start : each.end] = " " * (each.end - each.start)
    others = _other_words("".join(rest))
    if not others:
        return True
    if len(others) > _MAX_NAME_SYLLABLES or not all(map(str.isalpha, others)):
        return False
    if _patterns().place.fullmatch(unmarked(before)) and not _other_words(after):
        return True
    return not line.isupper() and _is_name(others)


def _is_name(words: list[str]) -> bool:
    """Return whether every word has a capital, as in names of places, authors and agencies."""
    return all(word[0].isupper() for word in words)


def _other_words(text: str) -> list[str]:
    """Return the words of `text`, without marks, except times, labels and kinds of places."""
    bare = without_marks(text)
    kept = list(bare)
    for match in _patterns().label.finditer(bare.lower()):
        kept[match.start() : match.end()] = " " * (match.end() - match.start())
    return _words("".join(kept))


def _words(text: str) -> list[str]:
    """Return the runs of letters and digits in `text`."""
    return re.findall(r"[^\W_]+", text)
