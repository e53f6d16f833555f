"""Finds the document codes that a text writes, and says what they consist of.

Every code begins with a number, so each number is tried as the place where one stands, with
a bounded look to either side: the time is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from searchidx.language.codes.kinds_and_issuers import (
    BY_TERM,
    KINDS_AT_THE_END,
    is_common,
    is_dashed,
    issuer_named,
    kind_named,
    without_term,
)
from searchidx.language.dates.word_patterns import unmarked

_DASHES: Final = (
    "\u2010\u2011\u2013-"  # the plain one last: in a character class it is no range
)
_SEPARATOR: Final = rf"[ \u00a0\u00ad]?[/{_DASHES}][ \u00a0]?"
# A number, perhaps a year, and a letter to follow.  Before it stands no letter, digit or
# separator: "12/5/2023/QĐ" is no code, nor is "2018/BCT" in "QCVN 01:2018/BCT".
_BEGINNING: Final = re.compile(
    # First a single character, so that all others are passed over at once.
    rf"(?=[0-9])(?<![\w/.{_DASHES}])(?<![0-9][:,])(?P<number>[0-9]{{1,5}})"
    rf"(?:(?P<letter>[a-zđA-ZĐ]?)(?P<separator>{_SEPARATOR})"
    rf"(?:(?P<year>(?:1[89]|20)?[0-9]{{2}}){_SEPARATOR})?|[ \u00a0]?)(?=[^\W\d_])"
)
_LETTERS: Final = re.compile(
    r"(?:&?[A-Za-zĐđÐðÂâƯư][\u0302\u031b]?){1,20}(?:[0-9]{1,2}(?![0-9]))?"
)
_CAPITALS: Final = re.compile(r"TTg|[A-ZĐÐÂƯ&]{2,20}[0-9]{0,2}")
_NEXT: Final = re.compile(rf"(?:{_SEPARATOR}|\.)(?=[^\W\d_])")
_MOST_PARTS: Final = 12
_HAS_OFFICES: Final = frozenset({"HĐND", "UBND"})

_FIRST_YEAR: Final = 1945
_FIRST_SHORT_YEAR: Final = 45  # "12/98/QĐ-BTC" is of 1998

_LOOK_BACK: Final = 40
# "Mẫu số 02/TB-HT", "Biểu số 01/CK-NSNN": numbers of forms.
_FORM_BEFORE: Final = re.compile(
    r"(?:mau|bieu|phu luc|\b(?:bang|so sach|to khai|ky hieu|ma))"
    r"(?:\s{1,2}(?:mau|bieu|bao cao|don|so|hieu))*[\s:.]{0,3}\Z"
)
_NEXT_FORM: Final = re.compile(r"\s{0,2}(?:[,;]|v\w{1,3})?\s{0,2}")
# "Thông tư liên tịch số 02/TTLB": what follows is a code, whatever its letters.
_NAMED_BEFORE: Final = re.compile(
    r"\b(?:luat|lenh|nghi dinh|quyet dinh|chi thi|thong (?:tu|tri|bao)|nghi quyet|cong van"
    r"|van ban|huong dan|ke hoach)(?:\s{1,2}lien (?:tich|bo|nganh))?(?:\s{1,2}so)?[\s:]{1,3}\Z"
)


@dataclass(frozen=True, slots=True)
class Code:
    """The code of a document, and where the text writes it.

    Args:
        canonical: The code as its issuer writes it, whatever the text does: "35-NQ/TW",
            "30/2020/NĐ-CP", "57/2020/QH14".
        number: The number in it, of two digits at least, with a letter where it has one:
            "08", "30a".
        year: The year in it, or None.
        kind: The abbreviation of the kind of document, such as "NĐ", or None where the
            code does not say.
        issuer: The abbreviation of the body or bodies, such as "CP" or "BTC-BCA", or None.
        start: Where it begins, in code points of the text.
        end: Where it ends; half-open.
    """

    canonical: str
    number: str
    year: int | None
    kind: str | None
    issuer: str | None
    start: int
    end: int


class _Part(NamedTuple):
    """Letters in a code, in NFC, and what they are known to stand for."""

    letters: str
    kind: str | None
    issuer: str | None
    joint: str  # what parts it from the letters before: a dash, "/", "." or, with blanks, " "
    end: int

    @property
    def name(self) -> str:
        """Return the letters as a code has them."""
        return self.issuer or self.kind or self.letters.replace("&", "").replace("TƯ", "TW")


def find_codes(text: str) -> Iterator[Code]:
    """Yield the document codes that `text` writes, in order.

    Understood are codes that begin with the number: "35-NQ/TW", "57/2020/QH14",
    "30/2020/NĐ-CP", "1234/QĐ-UBND", "46/2019/TTLT-BTC-BCA", "2345/BTC-TCT", "41/CP"; also
    with other dashes, blanks beside them, in small letters and without marks
    ("30/2020/nd-cp", "35 NQ/TW", "35-NQ-TW").

    Dates, fractions, standards ("TCVN 7457:2004") and the numbers of forms ("Mẫu số
    02/TB-HT") are no codes.
    """
    end = form_end = 0
    for beginning in _BEGINNING.finditer(text):
        start = beginning.start()
        if start < end or not int(beginning["number"]):
            continue
        parts = _parts(text, beginning.end())
        if not parts:
            continue
        if beginning["year"] is None and _is_form(text, start, form_end):
            form_end = parts[-1].end
            continue
        code = _code(text, beginning, parts)
        if code is not None:
            end = code.end
            yield code


def _is_form(text: str, start: int, form_end: int) -> bool:
    """Whether a number of a form begins at `start`, by itself or after another one."""
    before = unmarked(text[max(0, start - _LOOK_BACK) : start])
    return _FORM_BEFORE.search(before) is not None or (
        form_end > 0 and _NEXT_FORM.fullmatch(text, form_end, start) is not None
    )


def _parts(text: str, position: int) -> list[_Part]:
    """Return the groups of letters from `position` on that may belong to one code."""
    parts: list[_Part] = []
    joint = "-"
    while len(parts) < _MOST_PARTS:
        part = _part(text, position, joint)
        if part is None or (joint == " " and part.issuer is None):
            break
        # "QĐ-UBND.VX" names an office; after other letters a dot ends a sentence.
        if joint == "." and not (part.letters.isupper() and parts[-1].issuer in _HAS_OFFICES):
            break
        parts.append(part)
        following = _NEXT.match(text, part.end)
        if following is None:
            break
        joint = following.group() if len(following.group()) == 1 else " "
        position = following.end()
    return parts


def _part(text: str, position: int, joint: str) -> _Part | None:
    """Return the letters at `position` if they are known, or capitals."""
    match = _LETTERS.match(text, position)
    if match is None:
        return None
    after = text[match.end() : match.end() + 1]
    if not after.isalnum() and not unicodedata.combining(after or " "):
        letters = _composed(match.group())
        kind, issuer = kind_named(letters), issuer_named(letters)
        if kind or issuer or (letters.isupper() and len(letters) > 1):
            return _Part(letters, kind, issuer, joint, match.end())
    # "NĐ-CPngày 12" has lost its blank.
    capitals = _CAPITALS.match(text, position)
    if capitals is not None and text[capitals.end() : capitals.end() + 1].islower():
        letters = _composed(capitals.group())
        issuer = issuer_named(letters)
        if issuer is not None:
            return _Part(letters, None, issuer, joint, capitals.end())
    return None


def _composed(letters: str) -> str:
    return unicodedata.normalize("NFC", letters).replace("Ð", "Đ").replace("ð", "đ")


def _code(text: str, beginning: re.Match[str], parts: Sequence[_Part]) -> Code | None:
    if beginning["separator"] is None:  # "35 NQ/TW": all the rest must be known
        likely = len(parts) > 1 and parts[0].kind and parts[1].issuer
        is_number = int(beginning["number"]) < _FIRST_YEAR  # and not "08 2023 TT-BTC"
        return _made(beginning, parts, kind_at=0) if likely and is_number else None
    start = beginning.start()
    before = unmarked(text[max(0, start - _LOOK_BACK) : start])
    named = not parts[0].letters.islower() and _NAMED_BEFORE.search(before) is not None
    if beginning["year"] is not None:
        return _of_a_year(beginning, parts, named)
    if parts[0].kind is not None:
        return _of_a_kind(beginning, parts, named)
    return _of_a_body(beginning, parts, named)


def _of_a_year(beginning: re.Match[str], parts: Sequence[_Part], named: bool) -> Code | None:
    """Return 30/2020/NĐ-CP or 57/2020/QH14."""
    first, year = parts[0], int(beginning["year"])
    in_full = len(beginning["year"]) == 4
    if not in_full:
        year += 1900 if year >= _FIRST_SHORT_YEAR else 2000
    if year < _FIRST_YEAR:
        return None
    if first.kind is not None:
        # Where all else is as usual, the body may be one that is not known.
        usual = in_full and is_common(first.kind) and not first.letters.islower()
        if named or (len(parts) > 1 and (usual or parts[1].issuer is not None)):
            return _made(beginning, parts, year=year, kind_at=0)
    elif in_full and (named or without_term(first.name) in BY_TERM):
        return _made(beginning, parts, year=year, kind_at=_kind_at_the_end(parts))
    return None


def _of_a_kind(beginning: re.Match[str], parts: Sequence[_Part], named: bool) -> Code | None:
    """Return 35-NQ/TW or 12/QĐ-UBND, and of old documents 02/TTLB."""
    usual = len(parts) > 1 and (
        parts[1].issuer is not None
        or (
            len(beginning["separator"]) == 1
            and is_common(parts[0].kind or "")
            and parts[1].letters.isupper()
        )
    )
    return _made(beginning, parts, kind_at=0) if usual or named else None


def _of_a_body(beginning: re.Match[str], parts: Sequence[_Part], named: bool) -> Code | None:
    """Return 2345/BTC-TCT or 1613/BYT-QĐ, and of old documents 41/CP."""
    usual = (
        len(parts) > 1
        and parts[0].issuer is not None
        and parts[1].joint != " "
        and not parts[0].letters.islower()
    )
    if not (usual or named):
        return None
    return _made(beginning, parts, kind_at=_kind_at_the_end(parts))


def _kind_at_the_end(parts: Sequence[_Part]) -> int | None:
    last = len(parts) - 1
    return last if last > 0 and parts[last].kind in KINDS_AT_THE_END else None


def _made(
    beginning: re.Match[str],
    parts: Sequence[_Part],
    *,
    year: int | None = None,
    kind_at: int | None = None,
) -> Code:
    """Return the code of `parts`, one of which may be the kind and the others the issuer."""
    number = beginning["number"].lstrip("0").zfill(2) + (beginning["letter"] or "").lower()
    kind = None if kind_at is None else parts[kind_at].kind
    bodies = [part for place, part in enumerate(parts) if place != kind_at]
    issuer = "".join(
        part.name if place == 0 else ("." if part.joint == "." else "-") + part.name
        for place, part in enumerate(bodies)
    )
    if kind and issuer and not kind_at and year is None and _is_dashed(beginning, kind, bodies):
        canonical = f"{number}-{kind}/{issuer}"
    else:
        letters = [issuer, kind] if kind_at else [kind, issuer]
        pieces = [number, str(year or ""), "-".join(filter(None, letters))]
        canonical = "/".join(filter(None, pieces))
    return Code(
        canonical=canonical,
        number=number,
        year=year,
        kind=kind,
        issuer=issuer or None,
        start=beginning.start(),
        end=parts[-1].end,
    )


def _is_dashed(beginning: re.Match[str], kind: str, bodies: Sequence[_Part]) -> bool:
    """Whether the code is like 35-NQ/TW; of a body that is not known, whether so written."""
    if bodies[0].issuer is None:
        return beginning["separator"] in tuple(_DASHES) and bodies[0].joint == "/"
    return is_dashed(kind, bodies[0].issuer)
