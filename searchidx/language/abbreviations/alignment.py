"""Align the letters of a short form with the words of a long form."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from searchidx.language.abbreviations.short_forms import Unit
from searchidx.language.syllable_forms import folded, has_marks, marked

_MAX_SYLLABLE_CODE_POINTS: Final = 24  # "Trinitrotoluen" has 14

# Words that a short form may leave out: "giáo dục và đào tạo (GDĐT)".
_FUNCTION_WORDS: Final = frozenset(
    [
        "và", "của", "các", "về", "cho", "với", "những", "hoặc", "trong", "ở", "tại", "theo",
        "từ", "đến", "do", "để", "of", "and", "the", "for", "in", "on", "to", "de", "du", "des",
        "la", "le", "et",
    ]
)  # fmt: skip
_FOLDED_FUNCTION_WORDS: Final = frozenset(map(folded, _FUNCTION_WORDS))
_MAX_SKIPPED_WORDS: Final = 2  # between two initials


class Word(NamedTuple):
    """A syllable, a foreign word, a number or an abbreviation in a text."""

    surface: str
    start: int
    end: int
    joined: bool  # to the word before, by little more than white space


def is_function_word(surface: str) -> bool:
    """Return whether a short form may leave out a word."""
    return marked(surface) in _FUNCTION_WORDS


def may_stand_for(unit: Unit, word: Word) -> bool:
    """Return whether `unit` may stand for `word`; a fast check before `align`."""
    return (
        _unit_fits(unit, word.surface, unmarked=True)
        or word.surface.isupper()  # an abbreviation matches several units
    )


def max_words(wanted: Sequence[Unit]) -> int:
    """Return the maximum number of words in a long form of the units `wanted`."""
    return len(wanted) + _MAX_SKIPPED_WORDS * (len(wanted) - 1)


def align(wanted: Sequence[Unit], words: Sequence[Word]) -> int | None:
    """Align the units of a short form with the last words of a phrase, by backtracking.

    Function words between initials may be skipped.  A word that is an abbreviation itself
    matches all its letters ("Ủy ban MTTQ", UBMTTQ).  D and Đ differ, unless no word of the
    phrase has marks.

    Args:
        wanted: The units of the short form.
        words: The words of the phrase; the long form must end with the last one.

    Returns:
        The index of the first word of the long form, or None if the units do not fit.
    """
    unmarked = not any(has_marks(word.surface) for word in words)
    failed: set[tuple[int, int, int]] = set()

    def first_word(last_unit: int, last_word: int, skipped: int) -> int | None:
        """Align the units up to `last_unit` with the words up to `last_word`."""
        if last_unit < 0:
            return last_word + 1
        if last_word < 0 or (last_unit, last_word, skipped) in failed:
            return None
        if last_word + 1 < len(words) and not words[last_word + 1].joined:
            return None
        word = words[last_word].surface
        options = []
        if _unit_fits(wanted[last_unit], word, unmarked):
            options.append((last_unit - 1, 0))
        if count := _letters_spelled(wanted, last_unit, word):
            options.append((last_unit - count, 0))
        if (
            last_unit < len(wanted) - 1
            and skipped < _MAX_SKIPPED_WORDS
            and _may_be_skipped(word, unmarked)
        ):
            # Prefer a long form that does not begin with a function word: "Office of …".
            options.insert(0 if last_unit == 0 else len(options), (last_unit, skipped + 1))
        for unit, skipped_now in options:
            begin = first_word(unit, last_word - 1, skipped_now)
            if begin is not None:
                return begin
        failed.add((last_unit, last_word, skipped))
        return None

    begin = first_word(len(wanted) - 1, len(words) - 1, 0)
    if begin is None or len(words) - begin < 2:
        return None
    # "30/2020/NĐ-CP" repeats the words "30/2020/NĐ-CP"; they are not its long form.
    spelled = sum(len(unit.letter) + len(unit.rest) for unit in wanted)
    if sum(len(word.surface) for word in words[begin:]) <= spelled:
        return None
    return begin


@lru_cache(maxsize=1 << 14)
def _initial(surface: str) -> tuple[str, str]:
    """Return the first letter in lower case without its tone, and the rest folded."""
    form = marked(surface)
    letters = "".join(
        char
        for char in unicodedata.normalize("NFD", form[:1])
        if char not in "\u0300\u0301\u0303\u0309\u0323"
    )
    return unicodedata.normalize("NFC", letters), folded(surface)[1:]


def _unit_fits(unit: Unit, surface: str, unmarked: bool) -> bool:
    """Return whether one unit stands for the word `surface`.

    Args:
        unit: The unit.
        surface: The word as the text writes it.
        unmarked: Whether no word of the phrase has marks, so that "d" may mean "đ".
    """
    if len(surface) > _MAX_SYLLABLE_CODE_POINTS:
        return False
    if unit.letter[0].isdigit():
        return folded(surface) == unit.letter
    letter, rest = _initial(surface)
    if letter == unit.letter:
        pass
    elif letter == "d" or letter == "đ":
        if unit.letter != "đ" or not unmarked:
            return False
    elif letter == "ư" and unit.letter == "w":  # TW stands for Trung ương: w is the key for ư
        pass
    elif unicodedata.normalize("NFD", letter)[:1] != unit.letter:
        return False
    remaining = iter(rest)
    return all(char in remaining for char in unit.rest.replace("đ", "d"))


def _letters_spelled(wanted: Sequence[Unit], last_unit: int, surface: str) -> int:
    """Return how many units up to `last_unit` an abbreviated word spells, or 0."""
    count = len(surface)
    if not 2 <= count <= last_unit + 1 or not surface.isupper():
        return 0
    letters = "".join(unit.letter for unit in wanted[last_unit + 1 - count : last_unit + 1])
    return count if letters == surface.lower() else 0


def _may_be_skipped(surface: str, unmarked: bool) -> bool:
    """Return whether a word is a function word; without marks the folded forms count."""
    return folded(surface) in _FOLDED_FUNCTION_WORDS if unmarked else is_function_word(surface)
