"""The forms of one syllable: folded (no marks at all) and marked (canonical spelling).

Both forms are what an index holds and a query is turned into; neither is ever shown in
place of the original text.

* The *folded* form finds everything, whether it was typed with marks or without:
  ``Nghị`` and ``NGHI`` become ``nghi``, ``Đảng`` becomes ``dang``, ``05`` becomes ``5``.
* The *marked* form keeps the marks and removes what is only a choice of spelling: the
  Unicode form, the case, where the tone mark stands (``hoà`` = ``hòa``, ``uỷ`` = ``ủy``)
  and i for y where they are variants of one word (``kĩ`` = ``kỹ``).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

# Grave, acute, tilde, hook above, dot below: the five marks that write a tone.
_TONE_MARKS: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
# Soft hyphen, zero-width joiners, word joiner and byte-order mark: invisible, and left
# inside words by word processors and web pages.
_IGNORABLE: Final = dict.fromkeys(map(ord, "\u00ad\u200c\u200d\u2060\ufeff"))
# Letters that have no decomposition into a base letter and a mark.
_STROKED: Final = {ord("đ"): "d", ord("ð"): "d", ord("ɖ"): "d"}
_STROKED_LETTERS: Final = re.compile("[đðɖ]")

# A syllable without its tone mark: consonants, one group of vowels, consonants.
_SYLLABLE: Final = re.compile(
    r"(?P<onset>qu(?=[aăâeêioôơuưy])|gi(?=[aăâeêioôơuưy])|[^\W\d_aăâeêioôơuưy]*)"
    r"(?P<nucleus>[aăâeêioôơuưy]+)"
    r"(?P<coda>[^\W\d_aăâeêioôơuưy]*)"
)
# Where i and y write the same sound of the same word: alone after these consonants
# (kĩ/kỹ, lí/lý, mĩ/mỹ, công ti/công ty, quí/quý).  Never in thúi/thúy or tai/tay.
_ONSETS_BEFORE_Y: Final = frozenset({"h", "k", "l", "m", "s", "t", "qu"})

# Distinct syllables of a language are few; the caches are bounded all the same because
# numbers and codes are not.
_CACHE: Final = 1 << 17


def _bare(syllable: str) -> str:
    """`syllable` in compatibility composed form, lower case, without invisible characters."""
    composed = unicodedata.normalize("NFKC", syllable).casefold().translate(_IGNORABLE)
    return unicodedata.normalize("NFC", composed).replace(" ", "")


def _one_spelling(onset: str, nucleus: str, coda: str) -> str:
    """The nucleus with i written y where the two are variants."""
    return "y" if nucleus == "i" and not coda and onset in _ONSETS_BEFORE_Y else nucleus


def _tone_place(nucleus: str, coda: str) -> int:
    """The index in `nucleus` of the vowel that carries the tone mark.

    The traditional placement: on the last vowel that has a mark of its own (``ươ`` → ơ);
    else before a final consonant on the last vowel (``hoàn``); else on the first of two
    (``hòa``) and the second of three (``khoái``).
    """
    for place in range(len(nucleus) - 1, -1, -1):
        if nucleus[place] in "ăâêôơư":
            return place
    if coda:
        return len(nucleus) - 1
    return (len(nucleus) - 1) // 2


@lru_cache(maxsize=_CACHE)
def marked(syllable: str) -> str:
    """The canonical spelling of `syllable` with its marks.

    Args:
        syllable: One syllable, number or part of a code, in any Unicode form.

    Returns:
        NFC text in lower case.  A syllable that is not built like a Vietnamese one
        (several tone marks, several groups of vowels) keeps its spelling.
    """
    bare = _bare(syllable)
    if bare.isascii() and not bare.isalpha():
        return bare
    decomposed = unicodedata.normalize("NFD", bare)
    tones = [character for character in decomposed if character in _TONE_MARKS]
    if len(tones) > 1:
        return bare
    letters = unicodedata.normalize(
        "NFC", "".join(character for character in decomposed if character not in _TONE_MARKS)
    )
    match = _SYLLABLE.fullmatch(letters)
    if match is None:
        return bare
    onset, nucleus, coda = match["onset"], match["nucleus"], match["coda"]
    if tones:
        place = _tone_place(nucleus, coda) + 1
        nucleus = _one_spelling(onset, nucleus, coda)
        nucleus = nucleus[:place] + tones[0] + nucleus[place:]
    else:
        nucleus = _one_spelling(onset, nucleus, coda)
    return unicodedata.normalize("NFC", onset + nucleus + coda)


@lru_cache(maxsize=_CACHE)
def folded(syllable: str) -> str:
    """`syllable` without any mark: base letters in lower case, numbers without leading zeros.

    Never empty.  i and y are one where `marked` takes them as one, so that ``cong ti``
    finds ``công ty``.
    """
    decomposed = unicodedata.normalize("NFKD", marked(syllable))
    letters = "".join(
        character for character in decomposed if unicodedata.category(character) != "Mn"
    ).translate(_STROKED)
    if letters.isdecimal():
        return letters.lstrip("0") or "0"
    match = _SYLLABLE.fullmatch(letters)
    if match is not None:
        onset, nucleus, coda = match["onset"], match["nucleus"], match["coda"]
        letters = onset + _one_spelling(onset, nucleus, coda) + coda
    return letters or _bare(syllable)


@lru_cache(maxsize=_CACHE)
def has_marks(syllable: str) -> bool:
    """Whether `syllable` was typed with a mark: a tone, a vowel's own mark, or đ."""
    form = _bare(syllable)
    if form.isascii():
        return False
    return (
        any(unicodedata.combining(c) for c in unicodedata.normalize("NFD", form))
        or _STROKED_LETTERS.search(form) is not None
    )
