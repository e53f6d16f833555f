"""How a Vietnamese syllable is written: its letters, its parts and the place of its tone mark.

The layer below `forms` and `phonology`.  It knows how letters are typed and which of two
spellings is the canonical one, but not which syllables exist.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from searchidx.language.character_classes import BASE_VOWELS, VOWEL_LETTERS

# Level (no mark), grave, hook above, tilde, acute, dot below: ngang, huyền, hỏi, ngã, sắc,
# nặng, in the order of Vietnamese dictionaries.
TONES: Final = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")

# Characters that show nothing and that word processors, web pages and keyboards leave
# inside words: soft hyphen, joiners, zero-width spaces, marks of direction, variation
# selectors, byte-order mark.  Written as the inside of a class for regular expressions.
# The state's own legal texts have soft hyphens in "ngư\xadời" and U+200E in "k\u200eý".
# Vietnamese shows a space between syllables, so that a zero-width space inside a run of
# letters divides nothing that a reader sees divided.
INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
# Also what NFKC makes of a spacing mark (a space and the mark), and the two quotation
# marks that Unicode counts as letters and that text has stuck to words: "ô tôˮ".
_DROPPED: Final = re.compile(f"[{INVISIBLE} \u02ba\u02ee]")
# Letters that look like đ.  Capital Ð (U+00D0, Icelandic) and Ɖ (U+0189, African) cannot
# be told from Đ (U+0110) on paper, and old keyboards and converters typed them.
_LOOK_ALIKES: Final = str.maketrans("ðɖ", "đđ")

# What NFC leaves uncomposed where marks are doubled or stand in an odd order.
_LOOSE: Final = re.compile("[\u0300-\u0303\u0306\u0309\u031b\u0323\u0335\u0336]")
_STROKED_D: Final = re.compile("d[\u0335\u0336]")
_MARKS: Final = re.compile(f"(?<=[{BASE_VOWELS}])[\u0300-\u0303\u0306\u0309\u031b\u0323]{{2,}}")


class _BaseLetterTable(dict[int, int | None]):
    """Map code points for `str.translate`: marks to None, all others to themselves.

    It grows by each code point that is looked up, and is twice as fast as a loop over
    `unicodedata.category`.
    """

    def __missing__(self, code_point: int) -> int | None:
        is_mark = unicodedata.category(chr(code_point)) == "Mn"
        value = self[code_point] = None if is_mark else code_point
        return value


_BASE_LETTERS: Final = _BaseLetterTable({ord("đ"): ord("d"), ord("Đ"): ord("D")})
_IN_ORDER: Final = "\u031b\u0323\u0302\u0306\u0300\u0301\u0303\u0309"

_PARTS: Final = re.compile(
    rf"(qu(?=[{VOWEL_LETTERS}])|gi(?=[{VOWEL_LETTERS}])|[^\W\d_{VOWEL_LETTERS}]*)"
    rf"([{VOWEL_LETTERS}]+)"
    rf"([^\W\d_{VOWEL_LETTERS}]*)"
)
# Where i and y write the same sound of the same word: alone after these consonants (hi/hy,
# kĩ/kỹ, lí/lý, mĩ/mỹ, sĩ/sỹ, công ti/công ty), never in thúi/thúy or tai/tay, nor in the
# names Vi and Vy, Thi and Thy.  After qu also before a coda (quí/quý, quít/quýt, quíu/quýu),
# because the u of qu is no vowel that i and y could form different rimes with.
_ONSETS_BEFORE_Y: Final = frozenset("hklmst")
_CODAS_AFTER_QUY: Final = frozenset({"", "ch", "n", "nh", "p", "t"})


def clean(text: str) -> str:
    """`text` in lower case and one spelling of each letter, without what nobody sees.

    NFKC, compatibility letters replaced (``ｎｇｈị`` → ``nghị``); the look-alikes of đ
    are đ; the marks of a vowel stand once each and in canonical order, so that e + acute +
    circumflex is ``ế``, which Unicode's own forms leave apart.
    """
    composed = unicodedata.normalize("NFKC", text).casefold().translate(_LOOK_ALIKES)
    composed = unicodedata.normalize("NFKC", _DROPPED.sub("", composed))
    if _LOOSE.search(composed) is None:
        return composed
    decomposed = _STROKED_D.sub("đ", unicodedata.normalize("NFD", composed))
    return unicodedata.normalize("NFC", _MARKS.sub(_once_and_in_order, decomposed))


def _once_and_in_order(marks: re.Match[str]) -> str:
    return "".join(sorted(set(marks.group()), key=_IN_ORDER.index))


def without_tone(text: str) -> tuple[str, str]:
    """Return the letters of a `clean` text without tone marks, and its distinct tone marks.

    A mark on a consonant (``ñ``, ``ń``) is no tone and stays.
    """
    letters = tones = base = ""
    for character in unicodedata.normalize("NFD", text):
        if base and character in TONES:
            if character not in tones:
                tones += character
            continue
        letters += character
        if not unicodedata.combining(character):
            base = character if character in VOWEL_LETTERS else ""
    return unicodedata.normalize("NFC", letters), tones


def without_marks(text: str) -> str:
    """Remove all marks from a text, also from đ: "Ngay 24" for "Ngày 24".

    Returns:
        The text in NFD without its nonspacing marks, in the same case.
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFD", text).translate(_BASE_LETTERS)


def parts(letters: str) -> tuple[str, str, str] | None:
    """Onset, vowels and coda of a syllable without tone; None if it is not built like one.

    The u of qu and the i of gi belong to the onset: ``qu|y``, ``gi|a``; but ``g|i``.
    """
    match = _PARTS.fullmatch(letters)
    return None if match is None else (match[1], match[2], match[3])


def spelled(onset: str, vowels: str, coda: str, tone: str = "") -> str:
    """Return the canonical spelling of a syllable: y for its variant i, tone mark in place."""
    place = tone_place(vowels, coda) + 1
    if onset == "qu":
        if vowels in {"i", "iu"} and coda in _CODAS_AFTER_QUY:
            vowels = "y" + vowels[1:]
    elif vowels == "i" and not coda and onset in _ONSETS_BEFORE_Y:
        vowels = "y"
    vowels = vowels[:place] + tone + vowels[place:]
    return unicodedata.normalize("NFC", onset + vowels + coda)


def tone_place(vowels: str, coda: str) -> int:
    """Return the index in `vowels` of the vowel that carries the tone mark.

    The traditional placement: on the last vowel that has a mark of its own (``ươ`` → ơ);
    else before a final consonant on the last vowel (``hoàn``); else on the first of two
    (``hòa``) and the second of three (``khoái``).
    """
    for place in range(len(vowels) - 1, -1, -1):
        if vowels[place] in "ăâêôơư":
            return place
    if coda:
        return len(vowels) - 1
    return (len(vowels) - 1) // 2
