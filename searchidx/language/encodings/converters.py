"""From the characters of each old encoding to Unicode.

Every converter takes text whose characters are bytes (see `tables`) and gives NFC.  What is
no character of its encoding passes through, so that nothing is lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import Final

from searchidx.language.encodings import tables
from searchidx.language.phonology import is_vietnamese


def from_windows_1252(text: str) -> str:
    """Western European; the five bytes that it leaves undefined stay as they are."""
    return text.translate(tables.WINDOWS_1252)


def from_viscii(text: str) -> str:
    """VISCII."""
    return text.translate(tables.VISCII)


def from_tcvn_5712(text: str) -> str:
    """TCVN 5712, whose tones may also be characters of their own."""
    return unicodedata.normalize("NFC", text.translate(tables.TCVN_5712))


def from_windows_1258(text: str) -> str:
    """windows-1258, in which most tones are characters after their letter."""
    return unicodedata.normalize("NFC", text.translate(tables.WINDOWS_1258))


def _vni_characters() -> re.Pattern[str]:
    """Each group of characters that `tables.VNI` knows."""
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
    """VNI-Windows."""
    return _VNI.sub(lambda match: tables.VNI[match[0]], text)


# A capital letter with a tone is written in two ways, for TCVN3 has none: as the capital and
# the small letter with the tone ("A" + "à"), or as the small letter alone.
_TONED: Final = "àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
_PAIR: Final = re.compile(
    "|".join(
        f"{base}[{_TONED[place : place + 5]}]"
        for base, place in zip("AĂÂEÊIOÔƠUƯY", range(0, 60, 5), strict=True)
    )
)
_CAPITAL: Final = "A-ZĂÂÊÔƠƯĐ"
_WORD: Final = rf"[{_CAPITAL}{_TONED}]++(?![^\W\d_])"
# Words without any small letter but those that have no capital, and what is between them.
_CAPITALS: Final = re.compile(rf"(?<![^\W\d_]){_WORD}(?:[ ,–-]{{1,3}}{_WORD})*+")
# What may show that a small letter was meant to be a capital: QUYếT, HộI, ủY; not Hà.
_LOWERED: Final = re.compile(rf"[{_CAPITAL}]{{2}}[{_TONED}]|[{_TONED}][{_CAPITAL}]")
_LONGEST: Final = len("nghiêng")


def from_tcvn3(text: str) -> str:
    """TCVN3; letters with a tone in words of capitals become capitals."""
    text, pairs = _PAIR.subn(lambda match: match[0][1].upper(), text.translate(tables.TCVN3))
    return text if pairs else _CAPITALS.sub(_raised, text)


def _raised(words: re.Match[str]) -> str:
    for word in re.split("[ ,–-]+", words[0]):
        if len(word) <= _LONGEST and _LOWERED.search(word) and is_vietnamese(word):
            return words[0].upper()
    return words[0]


# The byte of ư is a soft hyphen in windows-1252, of which programs make a hyphen: n-íc, t-.
_HYPHEN: Final = re.compile(
    r"(?<![\w-])([b-dđgh-np-tvx]{1,3})-([^\W\d_]{0,5}+)(?![\w-])", re.IGNORECASE
)
_HYPHEN_LAST: Final = frozenset({"tư", "như", "thư", "sư", "cư", "hư"})


def from_misread_tcvn3(text: str) -> str:
    """TCVN3 that was read as windows-1252, also where ư became a hyphen."""
    return _HYPHEN.sub(_with_horn, from_tcvn3(text))


def _with_horn(match: re.Match[str]) -> str:
    word = f"{match[1]}ư{match[2]}"
    if is_vietnamese(word) if match[2] else word.lower() in _HYPHEN_LAST:
        return word
    return match[0]


# RFC 1456: marks are typed after their letter, and a backslash makes one a plain character.
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
# A lone dot, question mark or quote at the end of a word is as likely punctuation.
_VIQR_INSIDE_WORDS: Final = re.compile(_VIQR_PATTERN + r"(?:[`~]|[?'.](?=[A-Za-z]))")


def from_viqr(text: str) -> str:
    """VIQR."""
    return _VIQR.sub(_from_viqr, text)


def from_viqr_inside_words(text: str) -> str:
    """What is VIQR beyond doubt: not "nha." or "ba?", which are good text without marks."""
    return _VIQR_INSIDE_WORDS.sub(_from_viqr, text)


def _from_viqr(match: re.Match[str]) -> str:
    if match["address"]:
        return _VIQR_ESCAPED.sub(r"\1", match[0])
    if match["stroke"]:
        return "đ" if match[0][0] == "d" else "Đ"
    if match[0][0] == "\\":
        return match[0][1]
    return unicodedata.normalize("NFC", match[0].translate(_VIQR_MARKS))


# UTF-8 read as windows-1252 or Latin-1: a first byte of several, and those that follow it.
_BYTE_OF: Final = {chr(byte): byte for byte in range(0x80, 0x100)} | {
    character: byte for byte, character in tables.WINDOWS_1252.items()
}
_FOLLOWING: Final = "".join(map(re.escape, (c for c, b in _BYTE_OF.items() if b < 0xC0)))
_MISREAD: Final = re.compile(
    f"[Â-ß][{_FOLLOWING}]|[à-ï][{_FOLLOWING}]{{2}}|[ð-ô][{_FOLLOWING}]{{3}}"
    # A no-break space, the second byte of à, is easily made a plain one.
    "|Ã (?= )|Ã(?= )"
)


def from_misread_utf_8(text: str) -> str:
    """UTF-8 that was read as windows-1252, also where its undefined bytes became U+0081 etc."""
    return unicodedata.normalize("NFC", _MISREAD.sub(_from_misread, text))


def _from_misread(match: re.Match[str]) -> str:
    if match[0][-1] in "Ã ":
        return "à"
    try:
        return bytes(map(_BYTE_OF.__getitem__, match[0])).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
