"""Telex and VNI typing that reached us raw: ``nghij quyeets``, ``nghi5 quye6t1``.

Someone types with the input method switched off and does not see it.  The keys then arrive
as they were struck, and nothing is found.  `spell` says which syllable a row of keys types.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from searchidx.language.phonology import is_vietnamese
from searchidx.language.spelling import TONES, VOWELS, parts, tone_place

Method = Literal["Telex", "VNI"]


class _Keys(NamedTuple):
    """What the keys of a method do.

    Attributes:
        tones: The tone that a key gives the syllable; none takes it away again.
        marks: What a key makes of a letter that stands before it.
        letters: What a key writes.
    """

    tones: dict[str, str]
    marks: dict[str, dict[str, str]]
    letters: dict[str, str]


def _letters(keys: str) -> dict[str, str]:
    return dict(zip(keys, keys, strict=True))


_KEYS: Final[dict[Method, _Keys]] = {
    "Telex": _Keys(
        dict(zip("zfrxsj", TONES, strict=True)),
        {
            "a": {"a": "â"},
            "e": {"e": "ê"},
            "o": {"o": "ô"},
            "w": {"a": "ă", "o": "ơ", "u": "ư"},
            "d": {"d": "đ"},
        },
        _letters("abcdeghiklmnopqrstuvxy") | {"w": "ư", "[": "ơ", "]": "ư"},
    ),
    "VNI": _Keys(
        dict(zip("023415", TONES, strict=True)),
        {
            "6": {"a": "â", "e": "ê", "o": "ô"},
            "7": {"o": "ơ", "u": "ư"},
            "8": {"a": "ă"},
            "9": {"d": "đ"},
        },
        _letters("abcdeghiklmnopqrstuvxy"),
    ),
}
_MOST_KEYS: Final = 14  # nghiêng takes 9; no syllable takes more than 12
# What may become a syllable: one group of vowels, at most two of which (ươ) have marks.  The
# vowels of giươi are the most there are, with the i of the onset.
_BEGINNING: Final = re.compile(
    rf"(?!(?:.*[ăâêôơư]){{3}})[^{VOWELS}]{{0,3}}[{VOWELS}]{{0,4}}[^{VOWELS}]{{0,2}}"
)
_HALF_HORNED: Final = re.compile("ưo|uơ")


@lru_cache(maxsize=1 << 14)
def spell(keys: str, method: Method) -> str | None:
    """The syllable that a row of keys types, or None.

    Keys that mark a letter may stand anywhere behind it, and so may the key of the tone:
    ``tieengs``, ``tieesng``, ``tiesneg`` are all ``tiếng``.  A key that takes the tone away
    (z, 0) counts after a tone only.  What a method does against the rules of Vietnamese
    spelling (``text`` → ``tẽt``) it does not do here.

    Returns:
        A possible syllable in lower case, NFC; None if there is none, or if the keys are
        plain letters that type themselves.
    """
    keys = keys.lower()
    if len(keys) > _MOST_KEYS:
        return None
    # All ways to read the keys so far, a mark on what stands before first: coong is công.
    readings: list[tuple[str, str | None]] = [("", None)]
    for key in keys:
        readings = list(
            dict.fromkeys(
                following
                for letters, tone in readings
                for following in _struck(key, letters, tone, _KEYS[method])
                if _BEGINNING.fullmatch(following[0])
            )
        )
    for letters, tone in readings:
        if letters == keys:
            continue
        for whole in (letters, _HALF_HORNED.sub("ươ", letters)):
            syllable = _with_tone(whole, tone or "")
            if syllable is not None and is_vietnamese(syllable):
                return syllable
    return None


def _struck(
    key: str, letters: str, tone: str | None, keys: _Keys
) -> Iterator[tuple[str, str | None]]:
    """What `letters` and `tone` may become by one more key; tone None was never set."""
    if key in keys.tones and (
        tone if not keys.tones[key] else not tone and any(c in VOWELS for c in letters)
    ):
        yield letters, keys.tones[key]
        return
    marks = keys.marks.get(key, {})
    if "u" in marks and "uo" in letters:
        yield letters.replace("uo", "ươ", 1), tone
    for place in range(len(letters) - 1, -1, -1):
        if letters[place] in marks:
            yield letters[:place] + marks[letters[place]] + letters[place + 1 :], tone
    if key == "o" and letters.endswith("ô"):  # a third o undoes the second: xooong is xoong
        yield letters[:-1] + "oo", tone
    if key in keys.letters:
        yield letters + keys.letters[key], tone


def _with_tone(letters: str, tone: str) -> str | None:
    """A syllable's letters with its tone mark in place; None if they are no syllable's."""
    split = parts(letters)
    if split is None:
        return None
    onset, vowels, coda = split
    end = len(onset) + tone_place(vowels, coda) + 1
    return unicodedata.normalize("NFC", letters[:end] + tone + letters[end:])
