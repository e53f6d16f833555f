"""Type a syllable with every order of keys that an input method accepts.

The module follows the rules of the methods, independently of `searchidx.language.keystrokes`.
The letters come in their order.  The keys for a mark come at any time after their letter, and
the key of the tone at any time after the first vowel.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from searchidx.language.character_classes import VOWEL_LETTERS

TONE_KEYS: Final = {
    "Telex": {"\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0301": "s", "\u0323": "j"},
    "VNI": {"\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0301": "1", "\u0323": "5"},
}
LETTER_KEYS: Final = {
    "Telex": {"â": "aa", "ê": "ee", "ô": "oo", "ă": "aw", "ơ": "ow", "ư": "uw", "đ": "dd"},
    "VNI": {"â": "a6", "ê": "e6", "ô": "o6", "ă": "a8", "ơ": "o7", "ư": "u7", "đ": "d9"},
}
VOWELS: Final = frozenset(VOWEL_LETTERS)

Strokes = list[str]  # for each letter the key that writes it, then the keys that follow later


def key_orders(syllable: str, method: str) -> set[str]:
    """Return every way to type a syllable, which is in NFC and lower case."""
    decomposed = unicodedata.normalize("NFD", syllable)
    tone = "".join(mark for mark in decomposed if mark in TONE_KEYS[method])
    letters = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in tone))
    vowel = next(index for index, letter in enumerate(letters) if letter in VOWELS)
    if letters[:2] in ("qu", "gi") and letters[2:3] in VOWELS:
        vowel = 2
    ways = list(_ways(letters, method))
    for strokes in ways:
        strokes[vowel] += TONE_KEYS[method].get(tone, "")
    return {keys for strokes in ways for keys in _orders(strokes)}


def ordinary(syllable: str, method: str) -> str:
    """Type a syllable as schools teach: each letter with its mark, the tone at the end."""
    decomposed = unicodedata.normalize("NFD", syllable)
    tone = "".join(mark for mark in decomposed if mark in TONE_KEYS[method])
    letters = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in tone))
    return "".join(next(_ways(letters, method))) + TONE_KEYS[method].get(tone, "")


def _ways(letters: str, method: str) -> Iterator[Strokes]:
    """Return the ways to type a syllable without its tone, the ordinary way first."""
    plain = [LETTER_KEYS[method].get(letter, letter) for letter in letters]
    if method == "Telex" and "oo" in letters:  # a third o undoes the second
        index = letters.index("oo")
        yield [*plain[:index], "o", *plain[index:]]
        return
    yield plain
    index = letters.find("ươ")
    if index >= 0:  # one key may mark both letters
        yield [*plain[:index], "u", *plain[index + 1 :]]
        if letters[index + 2 :]:
            yield [*plain[: index + 1], "o", *plain[index + 2 :]]
    if method == "Telex":
        brackets = {"ư": "]", "ơ": "["}
        for some in ("ư", "ơ", "ươ"):
            yield [
                brackets[c] if c in some and c in brackets else p
                for c, p in zip(letters, plain, strict=True)
            ]
        index = letters.find("ư")
        if index >= 0 and (letters[:index] == "gi" or not VOWELS & set(letters[:index])):
            yield [*plain[:index], "w", *plain[index + 1 :]]


def _orders(strokes: Strokes, due: str = "") -> Iterator[str]:
    """Return every order in which the later keys of each stroke follow its first key."""
    if not strokes and not due:
        yield ""
    for index, key in enumerate(due):
        for rest in _orders(strokes, due[:index] + due[index + 1 :]):
            yield key + rest
    if strokes:
        for rest in _orders(strokes[1:], due + strokes[0][1:]):
            yield strokes[0][0] + rest
