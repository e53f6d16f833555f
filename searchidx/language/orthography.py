"""Normalize the letters of a syllable, split it into parts, and place its tone mark.

The modules `syllable_forms` and `phonology` build on this one.  It knows how letters are typed
and which of two spellings is canonical, but not which syllables exist.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from searchidx.language.character_classes import BASE_VOWELS, VOWEL_LETTERS

TONES: Final = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
"""The combining marks of the tones, in the order of Vietnamese dictionaries.

They are level (no mark), grave, hook above, tilde, acute and dot below: ngang, huyền, hỏi, ngã,
sắc, nặng.
"""

# Invisible characters that word processors, web pages and keyboards leave inside words: soft
# hyphen, joiners, zero-width spaces, marks of direction, variation selectors, byte-order mark.
# The string is the inside of a character class. The state's own legal texts have soft hyphens
# in "ngư\xadời" and U+200E in "k\u200eý". Vietnamese has a visible space between syllables, so
# a zero-width space inside a run of letters does not separate syllables.
INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
# Also the space that NFKC makes from a spacing mark, and the two quotation marks that Unicode
# counts as letters and that occur at the end of words: "ô tôˮ".
_REMOVED: Final = re.compile(f"[{INVISIBLE} \u02ba\u02ee]")
# Letters that look like đ.  Capital Ð (U+00D0, Icelandic) and Ɖ (U+0189, African) look the same
# as Đ (U+0110) on paper, and old keyboards and converters typed them.
_LOOK_ALIKES: Final = str.maketrans("ðɖ", "đđ")

# Marks that NFC leaves uncomposed if they are doubled or in an unusual order.
_UNCOMPOSED: Final = re.compile("[\u0300-\u0303\u0306\u0309\u031b\u0323\u0335\u0336]")
_STROKED_D: Final = re.compile("d[\u0335\u0336]")
_SEVERAL_MARKS: Final = re.compile(
    f"(?<=[{BASE_VOWELS}])[\u0300-\u0303\u0306\u0309\u031b\u0323]{{2,}}"
)


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
_MARK_ORDER: Final = "\u031b\u0323\u0302\u0306\u0300\u0301\u0303\u0309"

_PARTS: Final = re.compile(
    rf"(qu(?=[{VOWEL_LETTERS}])|gi(?=[{VOWEL_LETTERS}])|[^\W\d_{VOWEL_LETTERS}]*)"
    rf"([{VOWEL_LETTERS}]+)"
    rf"([^\W\d_{VOWEL_LETTERS}]*)"
)
# i and y are variants of one word if they stand alone after these consonants (hi/hy, kĩ/kỹ,
# lí/lý, mĩ/mỹ, sĩ/sỹ, công ti/công ty).  They differ in thúi/thúy and tai/tay, and in the names
# Vi and Vy, Thi and Thy.  After qu they are variants before these codas too (quí/quý,
# quít/quýt, quíu/quýu): the u of qu is no vowel, so i and y do not form different rimes with
# it.
_ONSETS_BEFORE_Y: Final = frozenset("hklmst")
_CODAS_AFTER_QUY: Final = frozenset({"", "ch", "n", "nh", "p", "t"})


def clean(text: str) -> str:
    """Return a text in lower case, with one spelling of each letter.

    Invisible characters are removed, compatibility letters are replaced (``ｎｇｈị`` →
    ``nghị``), and look-alikes of đ become đ.  Each vowel has each mark once and in canonical
    order: e + acute + circumflex becomes ``ế``, which Unicode's normalization forms do not
    compose.

    Args:
        text: Any text.

    Returns:
        The text in NFKC and lower case, and in NFC if marks were reordered.
    """
    composed = unicodedata.normalize("NFKC", text).casefold().translate(_LOOK_ALIKES)
    composed = unicodedata.normalize("NFKC", _REMOVED.sub("", composed))
    if _UNCOMPOSED.search(composed) is None:
        return composed
    decomposed = _STROKED_D.sub("đ", unicodedata.normalize("NFD", composed))
    return unicodedata.normalize("NFC", _SEVERAL_MARKS.sub(_once_and_in_order, decomposed))


def _once_and_in_order(marks: re.Match[str]) -> str:
    """Return each of the matched marks once, in canonical order."""
    return "".join(sorted(set(marks.group()), key=_MARK_ORDER.index))


def without_tone(text: str) -> tuple[str, str]:
    """Separate the tone marks of a text from its letters.

    A mark on a consonant (``ñ``, ``ń``) is no tone and stays.

    Args:
        text: A text as returned by `clean`.

    Returns:
        The letters without tone marks, in NFC, and the distinct tone marks.
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


def syllable_parts(letters: str) -> tuple[str, str, str] | None:
    """Split a syllable without tone into onset, vowels and coda.

    The u of qu and the i of gi belong to the onset: ``qu|y``, ``gi|a``; but ``g|i``.

    Returns:
        The three parts, or None if the letters do not have this structure.
    """
    match = _PARTS.fullmatch(letters)
    return None if match is None else (match[1], match[2], match[3])


def canonical_syllable(onset: str, vowels: str, coda: str, tone: str = "") -> str:
    """Return the canonical spelling of a syllable: y for its variant i, tone mark in place.

    Args:
        onset: The consonants before the vowels, with the u of qu and the i of gi.
        vowels: The vowels without tone.
        coda: The consonants after the vowels.
        tone: Its combining tone mark, or "".

    Returns:
        The syllable in NFC.
    """
    tone_index = tone_place(vowels, coda) + 1
    if onset == "qu":
        if vowels in {"i", "iu"} and coda in _CODAS_AFTER_QUY:
            vowels = "y" + vowels[1:]
    elif vowels == "i" and not coda and onset in _ONSETS_BEFORE_Y:
        vowels = "y"
    vowels = vowels[:tone_index] + tone + vowels[tone_index:]
    return unicodedata.normalize("NFC", onset + vowels + coda)


def tone_place(vowels: str, coda: str) -> int:
    """Return the index in `vowels` of the vowel that carries the tone mark.

    This is the traditional placement.  The mark is on the last vowel that has another mark
    (``ươ`` → ơ).  If there is none, it is on the last vowel before a final consonant
    (``hoàn``), on the first of two vowels (``hòa``), or on the second of three (``khoái``).
    """
    for index in range(len(vowels) - 1, -1, -1):
        if vowels[index] in "ăâêôơư":
            return index
    if coda:
        return len(vowels) - 1
    return (len(vowels) - 1) // 2
