"""Convert the characters of each old encoding to Unicode.

Every converter takes text whose characters are bytes (see `tables`) and returns NFC.
Characters that its encoding does not define pass through, so that nothing is lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import Final

from searchidx.language.character_classes import CLAUSE_DASHES
from searchidx.language.encodings import tables
from searchidx.language.phonology import is_vietnamese


def from_windows_1252(text: str) -> str:
    """Convert windows-1252; the five bytes that it leaves undefined stay unchanged."""
    return text.translate(tables.WINDOWS_1252)


def from_viscii(text: str) -> str:
    """Convert VISCII."""
    return text.translate(tables.VISCII)


def from_tcvn_5712(text: str) -> str:
    """Convert TCVN 5712, whose tones may also be separate characters."""
    return unicodedata.normalize("NFC", text.translate(tables.TCVN_5712))


def from_windows_1258(text: str) -> str:
    """Convert windows-1258, which writes most tones as characters after their letter."""
    return unicodedata.normalize("NFC", text.translate(tables.WINDOWS_1258))


def _vni_characters() -> re.Pattern[str]:
    """Compile a pattern for every group of characters in `tables.VNI`."""
    marks_of: dict[str, str] = defaultdict(str)
    for group in tables.VNI:
        marks_of[group[0]] += group[1:]
    bases_of: dict[str, str] = defaultdict(str)
    for base, marks in marks_of.items():
        bases_of[marks] += base
    single = "".join(group for group in tables.VNI if len(group) == 1)
    pairs = [f"[{bases}][{marks}]" for marks, bases in bases_of.items() if marks]
    return re.compile("|".join([*pairs, f"[{single}]"]))


_VNI: Final = _vni_characters()


def from_vni(text: str) -> str:
    """Convert VNI-Windows."""
    return _VNI.sub(lambda match: tables.VNI[match[0]], text)


# TCVN3 has no capital letters with tones.  People write them in two ways: as the capital and
# the small letter with the tone ("A" + "à"), or as the small letter alone.
_TONED: Final = "àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
_CAPITAL_PAIR: Final = re.compile(
    "|".join(
        f"{base}[{_TONED[place : place + 5]}]"
        for base, place in zip("AĂÂEÊIOÔƠUƯY", range(0, 60, 5), strict=True)
    )
)
_CAPITAL: Final = "A-ZĂÂÊÔƠƯĐ"
_WORD: Final = rf"[{_CAPITAL}{_TONED}]++(?![^\W\d_])"
# Words in capitals, apart from the small letters that lack a capital, and their separators.
_CAPITALS: Final = re.compile(rf"(?<![^\W\d_]){_WORD}(?:[ ,{CLAUSE_DASHES}]{{1,3}}{_WORD})*+")
_WORD_SEPARATORS: Final = re.compile(f"[ ,{CLAUSE_DASHES}]+")
# Signs that a small letter was meant as a capital: QUYếT, HộI, ủY; but not Hà.
_LOWERED_CAPITAL: Final = re.compile(rf"[{_CAPITAL}]{{2}}[{_TONED}]|[{_TONED}][{_CAPITAL}]")
_MAX_SYLLABLE_CODE_POINTS: Final = len("nghiêng")


def from_tcvn3(text: str) -> str:
    """Convert TCVN3; letters with a tone within words in capitals become capitals."""
    text, pairs = _CAPITAL_PAIR.subn(
        lambda match: match[0][1].upper(), text.translate(tables.TCVN3)
    )
    return text if pairs else _CAPITALS.sub(_capitalize, text)


def _capitalize(words: re.Match[str]) -> str:
    """Return the words in capitals if one of them is a Vietnamese word meant so."""
    for word in _WORD_SEPARATORS.split(words[0]):
        if (
            len(word) <= _MAX_SYLLABLE_CODE_POINTS
            and _LOWERED_CAPITAL.search(word)
            and is_vietnamese(word)
        ):
            return words[0].upper()
    return words[0]


# The byte of ư is a soft hyphen in windows-1252, which programs turn into a hyphen: n-íc, t-.
_HYPHEN: Final = re.compile(
    r"(?<![\w-])([b-dđgh-np-tvx]{1,3})-([^\W\d_]{0,5}+)(?![\w-])", re.IGNORECASE
)
_HYPHEN_LAST: Final = frozenset({"tư", "như", "thư", "sư", "cư", "hư"})


def from_misread_tcvn3(text: str) -> str:
    """Convert TCVN3 that was read as windows-1252, even if ư became a hyphen."""
    return _HYPHEN.sub(_restore_horned_u, from_tcvn3(text))


def _restore_horned_u(match: re.Match[str]) -> str:
    """Return the word with ư for its hyphen if that makes a Vietnamese word."""
    word = f"{match[1]}ư{match[2]}"
    if is_vietnamese(word) if match[2] else word.lower() in _HYPHEN_LAST:
        return word
    return match[0]


# RFC 1456: marks follow their letter, and a backslash before a mark makes it a plain character.
_VIQR_MARKS: Final = str.maketrans(
    dict(zip("^(+`?~'.", "\u0302\u0306\u031b\u0300\u0309\u0303\u0301\u0323", strict=True))
)
_VIQR_ESCAPED: Final = re.compile(r"\\([\\^(+'`?~.dD])")
_VIQR_PATTERN: Final = (
    r"(?P<address>(?:https?://|(?<!\w)www\\?\.)\S+|(?<![\w.+\\-])[\w.+\\-]++@[\w.\\-]+)"
    rf"|{_VIQR_ESCAPED.pattern}"
    r"|(?P<stroke>[dD][dD])"
    r"|(?:[aA][(^]|[eE]\^|[oO][\^+]|[uU]\+(?![0-9A-Fa-f]{4}))[`?~'.]?"
    r"|[aeiouyAEIOUY]"
)
_VIQR: Final = re.compile(_VIQR_PATTERN + r"[`?~'.]")
# A single dot, question mark or quote at the end of a word may equally be punctuation.
_VIQR_INSIDE_WORDS: Final = re.compile(_VIQR_PATTERN + r"(?:[`~]|[?'.](?=[A-Za-z]))")


def from_viqr(text: str) -> str:
    """Convert VIQR."""
    return _VIQR.sub(_convert_viqr_match, text)


def from_viqr_inside_words(text: str) -> str:
    """Convert only unambiguous VIQR: not "nha." or "ba?", which may be text without marks."""
    return _VIQR_INSIDE_WORDS.sub(_convert_viqr_match, text)


def _convert_viqr_match(match: re.Match[str]) -> str:
    """Return the text that one match of VIQR stands for."""
    if match["address"]:
        return _VIQR_ESCAPED.sub(r"\1", match[0])
    if match["stroke"]:
        return "đ" if match[0][0] == "d" else "Đ"
    if match[0][0] == "\\":
        return match[0][1]
    return unicodedata.normalize("NFC", match[0].translate(_VIQR_MARKS))


# UTF-8 read as windows-1252 or Latin-1: a lead byte and its continuation bytes.
_BYTE_OF: Final = {chr(byte): byte for byte in range(0x80, 0x100)} | {
    character: byte for byte, character in tables.WINDOWS_1252.items()
}
_CONTINUATION: Final = "".join(map(re.escape, (c for c, b in _BYTE_OF.items() if b < 0xC0)))
_MISREAD: Final = re.compile(
    f"[Â-ß][{_CONTINUATION}]|[à-ï][{_CONTINUATION}]{{2}}|[ð-ô][{_CONTINUATION}]{{3}}"
    # The second byte of à is a no-break space, which programs turn into a plain space.
    "|Ã (?= )|Ã(?= )"
)


def from_misread_utf_8(text: str) -> str:
    """Convert UTF-8 that was read as windows-1252, or as Latin-1 for the undefined bytes."""
    return unicodedata.normalize("NFC", _MISREAD.sub(_convert_misread_match, text))


def _convert_misread_match(match: re.Match[str]) -> str:
    """Return the character that a misread UTF-8 sequence stands for."""
    if match[0][-1] in "Ã ":
        return "à"
    try:
        return bytes(map(_BYTE_OF.__getitem__, match[0])).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
