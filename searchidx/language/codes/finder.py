"""Find document codes in a text and take them apart.

Every code begins with a number, so each number is tried as the beginning of a code.  The
search looks a bounded distance to either side, so its time is linear in the text's length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from searchidx.language.character_classes import HYPHENS
from searchidx.language.codes.kinds_and_issuers import (
    ISSUERS_WITH_TERMS,
    TRAILING_KINDS,
    is_common,
    is_dashed,
    issuer_named,
    kind_named,
    without_term,
)
from searchidx.language.dates.word_patterns import unmarked

_SEPARATOR: Final = rf"[ \u00a0\u00ad]?[/{HYPHENS}][ \u00a0]?"
# A number, an optional year, and a letter that follows.  No letter, digit or separator comes
# before: "12/5/2023/QĐ" is not a code, and neither is "2018/BCT" in "QCVN 01:2018/BCT".
_BEGINNING: Final = re.compile(
    # A single character comes first, so the engine skips all others fast.
    rf"(?=[0-9])(?<![\w/.{HYPHENS}])(?<![0-9][:,])(?P<number>[0-9]{{1,5}})"
    rf"(?:(?P<letter>[a-zđA-ZĐ]?)(?P<separator>{_SEPARATOR})"
    rf"(?:(?P<year>(?:1[89]|20)?[0-9]{{2}}){_SEPARATOR})?|[ \u00a0]?)(?=[^\W\d_])"
)
_LETTERS: Final = re.compile(
    r"(?:&?[A-Za-zĐđÐðÂâƯư][\u0302\u031b]?){1,20}(?:[0-9]{1,2}(?![0-9]))?"
)
_CAPITALS: Final = re.compile(r"TTg|[A-ZĐÐÂƯ&]{2,20}[0-9]{0,2}")
_NEXT: Final = re.compile(rf"(?:{_SEPARATOR}|\.)(?=[^\W\d_])")
_MAX_LETTER_GROUPS: Final = 12
_HAS_OFFICES: Final = frozenset({"HĐND", "UBND"})

_FIRST_YEAR: Final = 1945
_FIRST_SHORT_YEAR: Final = 45  # "12/98/QĐ-BTC" is of 1998

_LOOK_BACK_CODE_POINTS: Final = 40
# The numbers of forms are not codes: "Mẫu số 02/TB-HT", "Biểu số 01/CK-NSNN".
_FORM_BEFORE: Final = re.compile(
    r"(?:mau|bieu|phu luc|\b(?:bang|so sach|to khai|ky hieu|ma))"
    r"(?:\s{1,2}(?:mau|bieu|bao cao|don|so|hieu))*[\s:.]{0,3}\Z"
)
_NEXT_FORM: Final = re.compile(r"\s{0,2}(?:[,;]|v\w{1,3})?\s{0,2}")
# After "Thông tư liên tịch số" and the like, a code follows, whatever its letters.
_KIND_NAME_BEFORE: Final = re.compile(
    r"\b(?:luat|lenh|nghi dinh|quyet dinh|chi thi|thong (?:tu|tri|bao)|nghi quyet|cong van"
    r"|van ban|huong dan|ke hoach)(?:\s{1,2}lien (?:tich|bo|nganh))?(?:\s{1,2}so)?[\s:]{1,3}\Z"
)


@dataclass(frozen=True, slots=True)
class FoundCode:
    """The code of a document and its span in the text.

    Args:
        canonical: The code in its official form, however the text writes it: "35-NQ/TW",
            "30/2020/NĐ-CP", "57/2020/QH14".
        number: The number, with at least two digits and its letter if any: "08", "30a".
        year: The year, or None.
        kind: The abbreviation of the document's kind, such as "NĐ", or None if the code
            does not give it.
        issuer: The abbreviation of the issuing bodies, such as "CP" or "BTC-BCA", or None.
        start: The beginning of the code, in code points of the text.
        end: The end of the code, exclusive.
    """

    canonical: str
    number: str
    year: int | None
    kind: str | None
    issuer: str | None
    start: int
    end: int


class _LetterGroup(NamedTuple):
    """A group of letters in a code, in NFC, and their known meanings."""

    letters: str
    kind: str | None
    issuer: str | None
    separator: str  # after the letters before: a dash, "/", "." or, if there are blanks, " "
    end: int

    @property
    def name(self) -> str:
        """Return the letters in the form of canonical codes."""
        return self.issuer or self.kind or self.letters.replace("&", "").replace("TƯ", "TW")


def find_codes(text: str) -> Iterator[FoundCode]:
    """Yield the document codes in `text`, in order.

    Codes begin with a number: "35-NQ/TW", "57/2020/QH14", "30/2020/NĐ-CP", "1234/QĐ-UBND",
    "46/2019/TTLT-BTC-BCA", "2345/BTC-TCT", "41/CP".  Other dashes, blanks beside them, small
    letters and missing marks are accepted ("30/2020/nd-cp", "35 NQ/TW", "35-NQ-TW").

    Dates, fractions, standards ("TCVN 7457:2004") and the numbers of forms ("Mẫu số
    02/TB-HT") are not codes.
    """
    end = form_end = 0
    for beginning in _BEGINNING.finditer(text):
        start = beginning.start()
        if start < end or not int(beginning["number"]):
            continue
        groups = _letter_groups(text, beginning.end())
        if not groups:
            continue
        if beginning["year"] is None and _is_form(text, start, form_end):
            form_end = groups[-1].end
            continue
        code = _read_code(text, beginning, groups)
        if code is not None:
            end = code.end
            yield code


def _is_form(text: str, start: int, form_end: int) -> bool:
    """Return whether the number of a form begins at `start`, alone or after another one."""
    before = unmarked(text[max(0, start - _LOOK_BACK_CODE_POINTS) : start])
    return _FORM_BEFORE.search(before) is not None or (
        form_end > 0 and _NEXT_FORM.fullmatch(text, form_end, start) is not None
    )


def _letter_groups(text: str, position: int) -> list[_LetterGroup]:
    """Return the groups of letters from `position` on that may belong to one code."""
    groups: list[_LetterGroup] = []
    separator = "-"
    while len(groups) < _MAX_LETTER_GROUPS:
        group = _letter_group(text, position, separator)
        if group is None or (separator == " " and group.issuer is None):
            break
        # "QĐ-UBND.VX" names an office.  After other letters a dot ends the sentence.
        if separator == "." and not (
            group.letters.isupper() and groups[-1].issuer in _HAS_OFFICES
        ):
            break
        groups.append(group)
        following = _NEXT.match(text, group.end)
        if following is None:
            break
        separator = following.group() if len(following.group()) == 1 else " "
        position = following.end()
    return groups


def _letter_group(text: str, position: int, separator: str) -> _LetterGroup | None:
    """Return the letters at `position` if they are known abbreviations or capitals."""
    match = _LETTERS.match(text, position)
    if match is None:
        return None
    after = text[match.end() : match.end() + 1]
    if not after.isalnum() and not unicodedata.combining(after or " "):
        letters = _composed(match.group())
        kind, issuer = kind_named(letters), issuer_named(letters)
        if kind or issuer or (letters.isupper() and len(letters) > 1):
            return _LetterGroup(letters, kind, issuer, separator, match.end())
    # "NĐ-CPngày 12" lacks a blank.
    capitals = _CAPITALS.match(text, position)
    if capitals is not None and text[capitals.end() : capitals.end() + 1].islower():
        letters = _composed(capitals.group())
        issuer = issuer_named(letters)
        if issuer is not None:
            return _LetterGroup(letters, None, issuer, separator, capitals.end())
    return None


def _composed(letters: str) -> str:
    """Return the letters in NFC with one form of Đ."""
    return unicodedata.normalize("NFC", letters).replace("Ð", "Đ").replace("ð", "đ")


def _read_code(
    text: str, beginning: re.Match[str], groups: Sequence[_LetterGroup]
) -> FoundCode | None:
    """Return the code with this number and these groups of letters, or None."""
    if beginning["separator"] is None:  # "35 NQ/TW": both abbreviations must be known
        likely = len(groups) > 1 and groups[0].kind and groups[1].issuer
        is_number = int(beginning["number"]) < _FIRST_YEAR  # and not "08 2023 TT-BTC"
        return _build_code(beginning, groups, kind_index=0) if likely and is_number else None
    start = beginning.start()
    before = unmarked(text[max(0, start - _LOOK_BACK_CODE_POINTS) : start])
    has_kind_name_before = (
        not groups[0].letters.islower() and _KIND_NAME_BEFORE.search(before) is not None
    )
    if beginning["year"] is not None:
        return _code_with_year(beginning, groups, has_kind_name_before)
    if groups[0].kind is not None:
        return _code_with_leading_kind(beginning, groups, has_kind_name_before)
    return _code_with_leading_issuer(beginning, groups, has_kind_name_before)


def _code_with_year(
    beginning: re.Match[str], groups: Sequence[_LetterGroup], has_kind_name_before: bool
) -> FoundCode | None:
    """Return a code with a year, such as 30/2020/NĐ-CP or 57/2020/QH14."""
    first, year = groups[0], int(beginning["year"])
    has_four_digits = len(beginning["year"]) == 4
    if not has_four_digits:
        year += 1900 if year >= _FIRST_SHORT_YEAR else 2000
    if year < _FIRST_YEAR:
        return None
    if first.kind is not None:
        # In an otherwise usual code the issuing body may be unknown.
        usual = has_four_digits and is_common(first.kind) and not first.letters.islower()
        if has_kind_name_before or (
            len(groups) > 1 and (usual or groups[1].issuer is not None)
        ):
            return _build_code(beginning, groups, year=year, kind_index=0)
    elif has_four_digits and (
        has_kind_name_before or without_term(first.name) in ISSUERS_WITH_TERMS
    ):
        return _build_code(
            beginning, groups, year=year, kind_index=_trailing_kind_index(groups)
        )
    return None


def _code_with_leading_kind(
    beginning: re.Match[str], groups: Sequence[_LetterGroup], has_kind_name_before: bool
) -> FoundCode | None:
    """Return a code that starts with a kind: 35-NQ/TW, 12/QĐ-UBND, or the old 02/TTLB."""
    usual = len(groups) > 1 and (
        groups[1].issuer is not None
        or (
            len(beginning["separator"]) == 1
            and is_common(groups[0].kind or "")
            and groups[1].letters.isupper()
        )
    )
    return (
        _build_code(beginning, groups, kind_index=0) if usual or has_kind_name_before else None
    )


def _code_with_leading_issuer(
    beginning: re.Match[str], groups: Sequence[_LetterGroup], has_kind_name_before: bool
) -> FoundCode | None:
    """Return a code that starts with a body: 2345/BTC-TCT, 1613/BYT-QĐ, or the old 41/CP."""
    usual = (
        len(groups) > 1
        and groups[0].issuer is not None
        and groups[1].separator != " "
        and not groups[0].letters.islower()
    )
    if not (usual or has_kind_name_before):
        return None
    return _build_code(beginning, groups, kind_index=_trailing_kind_index(groups))


def _trailing_kind_index(groups: Sequence[_LetterGroup]) -> int | None:
    """Return the index of the last group if it is a kind that may end a code."""
    last = len(groups) - 1
    return last if last > 0 and groups[last].kind in TRAILING_KINDS else None


def _build_code(
    beginning: re.Match[str],
    groups: Sequence[_LetterGroup],
    *,
    year: int | None = None,
    kind_index: int | None = None,
) -> FoundCode:
    """Build the code of groups of letters.

    Args:
        beginning: The match of `_BEGINNING`.
        groups: The groups of letters.
        year: The year with four digits, or None.
        kind_index: The index of the group that is the kind, or None; the other groups are
            the issuer.
    """
    number = beginning["number"].lstrip("0").zfill(2) + (beginning["letter"] or "").lower()
    kind = None if kind_index is None else groups[kind_index].kind
    bodies = [group for index, group in enumerate(groups) if index != kind_index]
    issuer = "".join(
        group.name if index == 0 else ("." if group.separator == "." else "-") + group.name
        for index, group in enumerate(bodies)
    )
    if (
        kind
        and issuer
        and not kind_index
        and year is None
        and _is_dashed(beginning, kind, bodies)
    ):
        canonical = f"{number}-{kind}/{issuer}"
    else:
        letters = [issuer, kind] if kind_index else [kind, issuer]
        pieces = [number, str(year or ""), "-".join(filter(None, letters))]
        canonical = "/".join(filter(None, pieces))
    return FoundCode(
        canonical=canonical,
        number=number,
        year=year,
        kind=kind,
        issuer=issuer or None,
        start=beginning.start(),
        end=groups[-1].end,
    )


def _is_dashed(beginning: re.Match[str], kind: str, bodies: Sequence[_LetterGroup]) -> bool:
    """Return whether the code has the form 35-NQ/TW; for an unknown body the text decides."""
    if bodies[0].issuer is None:
        return beginning["separator"] in tuple(HYPHENS) and bodies[0].separator == "/"
    return is_dashed(kind, bodies[0].issuer)
