"""Whether a short form is made of the initials of a long one, and of how much of it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

# A capital as short forms have it: without a tone, composed or decomposed.
_CAPITAL: Final = "[A-ZĐÐĂÂÊÔƠƯ][\u0302\u0306\u031b]?"
# "T" or "Tr" or "TTg": small letters after a capital spell more of the same syllable.
_LETTER: Final = rf"{_CAPITAL}[a-zđ]{{0,2}}"
_LETTERS: Final = rf"{_LETTER}(?:{_LETTER}|[0-9]{{1,4}}){{1,15}}"
# After a separator one letter may stand alone ("T.Ư"), after a blank it may not ("DN A"), and
# a dot with a blank ends a sentence but for "TP. HCM".
_TIGHT: Final = rf"[&./–-](?:{_LETTERS}|{_LETTER}|[0-9]{{1,4}})"
_LOOSE: Final = rf"[ \u00a0](?:(?:[&–-][ \u00a0])?{_LETTERS}|[0-9]{{1,4}})"
SHORT: Final = (
    r"(?<![^\W_])(?<![^\W_][&./–-])"
    rf"(?:T[pP]\.[ \u00a0]{_LETTERS}|{_LETTERS}|{_LETTER}{_TIGHT})(?:{_TIGHT}|{_LOOSE}){{0,4}}"
    r"(?![^\W_]|[\u0300-\u036f]|[./-][0-9])"
)
_PART_OF_SHORT: Final = re.compile(rf"({_CAPITAL})([a-zđ]{{0,2}})|([0-9]+)")
_SEPARATORS: Final = re.compile(r"[^\w]+")
_BLANKS_AT_JOINT: Final = re.compile(r"\s*([&./-])\s*")

MOST_UNITS: Final = 16


class Unit(NamedTuple):
    """What one syllable must begin with, in lower case, and have in the rest of it."""

    letter: str  # one letter, or a number
    rest: str


def canonical_short(text: str) -> str:
    """A short form in NFC, one Đ, plain hyphens and no blanks beside its separators."""
    composed = unicodedata.normalize("NFC", text).replace("Ð", "Đ").replace("–", "-")
    return _BLANKS_AT_JOINT.sub(r"\1", " ".join(composed.split()))


def short_key(short: str) -> str:
    """What spellings of one short form have in common: "GD&ĐT", "GD-ĐT" and "gdđt"."""
    return _SEPARATORS.sub("", canonical_short(short)).casefold()


@lru_cache(maxsize=1 << 12)
def units(short: str) -> tuple[Unit, ...]:
    """The units of a canonical short form; none if it has fewer than two letters."""
    found = []
    for capital, rest, number in _PART_OF_SHORT.findall(short.replace("Tp", "TP")):
        if number:
            found.append(Unit(number.lstrip("0") or "0", ""))
        else:
            found.append(Unit(capital.lower(), rest))
    letters = sum(not unit.letter.isdigit() for unit in found)
    return tuple(found) if letters >= 2 and len(found) <= MOST_UNITS else ()
