"""Recognize short forms such as "GD&ĐT" and split them into their letters and numbers."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from searchidx.language.character_classes import HYPHENS

# A capital letter without a tone, composed or decomposed.
_CAPITAL: Final = "[A-ZĐÐĂÂÊÔƠƯ][\u0302\u0306\u031b]?"
# "T", "Tr" or "TTg": small letters after a capital belong to the same syllable.
_LETTER: Final = rf"{_CAPITAL}[a-zđ]{{0,2}}"
_LETTER_GROUP: Final = rf"{_LETTER}(?:{_LETTER}|[0-9]{{1,4}}){{1,15}}"
# A single letter may follow a separator ("T.Ư"), but not a blank ("DN A").  A dot and a blank
# end a sentence, except in "TP. HCM".
_AFTER_SEPARATOR: Final = rf"[&./{HYPHENS}](?:{_LETTER_GROUP}|{_LETTER}|[0-9]{{1,4}})"
_AFTER_BLANK: Final = rf"[ \u00a0](?:(?:[&{HYPHENS}][ \u00a0])?{_LETTER_GROUP}|[0-9]{{1,4}})"
SHORT_FORM_PATTERN: Final = (
    rf"(?<![^\W_])(?<![^\W_][&./{HYPHENS}])"
    rf"(?:T[pP]\.[ \u00a0]{_LETTER_GROUP}|{_LETTER_GROUP}|{_LETTER}{_AFTER_SEPARATOR})"
    rf"(?:{_AFTER_SEPARATOR}|{_AFTER_BLANK}){{0,4}}"
    r"(?![^\W_]|[\u0300-\u036f]|[./-][0-9])"
)
_UNIT_PATTERN: Final = re.compile(rf"({_CAPITAL})([a-zđ]{{0,2}})|([0-9]+)")
_SEPARATORS: Final = re.compile(r"[^\w]+")
_BLANKS_AT_SEPARATOR: Final = re.compile(r"\s*([&./-])\s*")

_CANONICAL: Final = str.maketrans({"Ð": "Đ"} | dict.fromkeys(HYPHENS, "-"))

MAX_UNITS: Final = 16


class Unit(NamedTuple):
    """A part of a short form that stands for one syllable, in lower case."""

    letter: str  # the first letter of the syllable, or a whole number
    rest: str  # letters that the syllable has later, in this order


def canonical_short(text: str) -> str:
    """Return a short form in NFC with Đ, ASCII hyphens and no blanks at separators."""
    composed = unicodedata.normalize("NFC", text).translate(_CANONICAL)
    return _BLANKS_AT_SEPARATOR.sub(r"\1", " ".join(composed.split()))


@lru_cache(maxsize=1 << 12)
def units(short: str) -> tuple[Unit, ...]:
    """Return the units of a canonical short form, or () if it has fewer than two letters."""
    found = []
    for capital, rest, number in _UNIT_PATTERN.findall(short.replace("Tp", "TP")):
        if number:
            found.append(Unit(number.lstrip("0") or "0", ""))
        else:
            found.append(Unit(capital.lower(), rest))
    letters = sum(not unit.letter.isdigit() for unit in found)
    return tuple(found) if letters >= 2 and len(found) <= MAX_UNITS else ()
