"""Align the letters of a short form with the words of a long form."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from searchidx.language.abbreviations.short_forms import Unit
from searchidx.language.syllable_forms import folded, has_marks, marked

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


class Word(NamedTuple):
    """A syllable, a foreign word, a number or an abbreviation in a text."""

    surface: str
    start: int
    end: int
    joined: bool  # whether little more than white space parts it from the word before


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
