"""Whether a short form is made of the initials of a long one, and of how much of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from searchidx.language.syllable_forms import folded, has_marks, marked

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
_LONGEST_SYLLABLE: Final = 24  # code points; "Trinitrotoluen" has 14

# Words that initials may pass over: "giáo dục và đào tạo (GDĐT)".
_SMALL: Final = frozenset(
    [
        "và", "của", "các", "về", "cho", "với", "những", "hoặc", "trong", "ở", "tại", "theo",
        "từ", "đến", "do", "để", "of", "and", "the", "for", "in", "on", "to", "de", "du", "des",
        "la", "le", "et",
    ]
)  # fmt: skip
_SMALL_FOLDED: Final = frozenset(map(folded, _SMALL))
_MOST_SMALL: Final = 2  # between two initials


class Unit(NamedTuple):
    """What one syllable must begin with, in lower case, and have in the rest of it."""

    letter: str  # one letter, or a number
    rest: str


class Word(NamedTuple):
    """A syllable, a foreign word, a number or an abbreviation in a text."""

    surface: str
    start: int
    end: int
    joined: bool  # whether little more than white space parts it from the word before


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


def is_small(surface: str) -> bool:
    """Whether a word may be passed over between initials."""
    return marked(surface) in _SMALL


def may_stand_for(unit: Unit, word: Word) -> bool:
    """Whether `word` can be that of `unit`: a quick look before `align`."""
    return (
        _starts(unit, word.surface, unmarked=True)
        or word.surface.isupper()  # an abbreviation stands for several units
    )


def most_words(wanted: Sequence[Unit]) -> int:
    """How many words a long form of the `wanted` units has at most."""
    return len(wanted) + _MOST_SMALL * (len(wanted) - 1)


def align(wanted: Sequence[Unit], words: Sequence[Word]) -> int | None:
    """The place of the first of the last `words` whose initials are the `wanted` units.

    Small words may be passed over between initials, and a word that is an abbreviation
    itself counts for all its letters ("Ủy ban MTTQ", UBMTTQ).  D is not Đ, unless nothing
    is marked in all these words.
    """
    unmarked = not any(has_marks(word.surface) for word in words)
    failed: set[tuple[int, int, int]] = set()

    def begins_at(last_unit: int, last_word: int, passed: int) -> int | None:
        if last_unit < 0:
            return last_word + 1
        if last_word < 0 or (last_unit, last_word, passed) in failed:
            return None
        if last_word + 1 < len(words) and not words[last_word + 1].joined:
            return None
        word = words[last_word].surface
        ways = []
        if _starts(wanted[last_unit], word, unmarked):
            ways.append((last_unit - 1, 0))
        if count := _letters_spelled(wanted, last_unit, word):
            ways.append((last_unit - count, 0))
        if (
            last_unit < len(wanted) - 1
            and passed < _MOST_SMALL
            and _is_passed_over(word, unmarked)
        ):
            # A long form rather begins with another word: "Office of …", not "of …".
            ways.insert(0 if last_unit == 0 else len(ways), (last_unit, passed + 1))
        for unit, passed_now in ways:
            begin = begins_at(unit, last_word - 1, passed_now)
            if begin is not None:
                return begin
        failed.add((last_unit, last_word, passed))
        return None

    begin = begins_at(len(wanted) - 1, len(words) - 1, 0)
    if begin is None or len(words) - begin < 2:
        return None
    # "30/2020/NĐ-CP" after "Nghị định 30/2020/NĐ-CP" is the same again, not a long form.
    spelled = sum(len(unit.letter) + len(unit.rest) for unit in wanted)
    if sum(len(word.surface) for word in words[begin:]) <= spelled:
        return None
    return begin


@lru_cache(maxsize=1 << 14)
def _initial(surface: str) -> tuple[str, str]:
    """The first letter without its tone, in lower case, and the folded rest."""
    form = marked(surface)
    letters = "".join(
        char
        for char in unicodedata.normalize("NFD", form[:1])
        if char not in "\u0300\u0301\u0303\u0309\u0323"
    )
    return unicodedata.normalize("NFC", letters), folded(surface)[1:]


def _starts(unit: Unit, surface: str, unmarked: bool) -> bool:
    if len(surface) > _LONGEST_SYLLABLE:
        return False
    if unit.letter[0].isdigit():
        return folded(surface) == unit.letter
    letter, rest = _initial(surface)
    if letter == unit.letter:
        pass
    elif letter == "d" or letter == "đ":
        if unit.letter != "đ" or not unmarked:
            return False
    elif letter == "ư" and unit.letter == "w":  # TW: Trung ương, as one types ư
        pass
    elif unicodedata.normalize("NFD", letter)[:1] != unit.letter:
        return False
    remaining = iter(rest)
    return all(char in remaining for char in unit.rest.replace("đ", "d"))


def _letters_spelled(wanted: Sequence[Unit], last_unit: int, surface: str) -> int:
    """How many units up to `last_unit` an abbreviation in the long form stands for, or 0."""
    count = len(surface)
    if not 2 <= count <= last_unit + 1 or not surface.isupper():
        return 0
    letters = "".join(unit.letter for unit in wanted[last_unit + 1 - count : last_unit + 1])
    return count if letters == surface.lower() else 0


def _is_passed_over(surface: str, unmarked: bool) -> bool:
    return folded(surface) in _SMALL_FOLDED if unmarked else is_small(surface)
