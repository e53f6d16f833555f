"""Write text in the old encodings: the inverse of the conversions of the package.

For tests and measurements only.  Every encoder takes text that `fitting` has prepared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from searchidx.language.encodings import converters, tables

TONES = "\u0300\u0301\u0303\u0309\u0323"
LETTERS = "àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"
LETTERS += LETTERS.upper()
# Signs that windows-1252, and with it the fonts of TCVN3 and VNI, have below 0xa0.
SIGNS: dict[str, str | int | None] = {
    "…": "...", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "•": "*",
}  # fmt: skip


def fitting(text: str, signs: bool = False) -> str:
    """Return `text` without characters that most old encodings cannot write."""
    text = unicodedata.normalize("NFC", text)
    if not signs:
        text = text.translate(str.maketrans(SIGNS))
    kept = set(LETTERS) | (set(SIGNS) if signs else set())
    return "".join(c if c.isascii() or c in kept else "?" for c in text)


def _one_byte(table: tables.Table) -> dict[str, bytes]:
    codes = {chr(code): bytes([code]) for code in range(0x80)}
    codes |= {letter: bytes([code]) for code, letter in table.items() if code < 0x100}
    return codes


def _joined(codes: dict[str, bytes], text: str) -> bytes:
    return b"".join(map(codes.__getitem__, text))


def _without_tone(letter: str) -> tuple[str, str]:
    """Split a letter into the letter without its tone, and the tone or ""."""
    decomposed = unicodedata.normalize("NFD", letter)
    tone = "".join(c for c in decomposed if c in TONES)
    base = "".join(c for c in decomposed if c not in TONES)
    return unicodedata.normalize("NFC", base), tone


_VISCII = _one_byte(tables.VISCII)
_TCVN_5712 = _one_byte(tables.TCVN_5712)
_TCVN3 = _one_byte(tables.TCVN3)
_WINDOWS_1258 = _one_byte(
    {byte: chr(byte) for byte in range(0xA0, 0x100)} | tables.WINDOWS_1258
)


def viscii(text: str) -> bytes:
    return _joined(_VISCII, text)


def tcvn_5712(text: str) -> bytes:
    return _joined(_TCVN_5712, text)


def tcvn3(text: str) -> bytes:
    """Encode a capital with a tone as the capital and the small letter with the tone."""
    codes = dict(_TCVN3)
    for letter in LETTERS:
        if letter not in codes:
            codes[letter] = codes[_without_tone(letter)[0]] + codes[letter.lower()]
    return _joined(codes, text)


def tcvn3_small(text: str) -> bytes:
    """Encode a capital letter with a tone as the small letter."""
    codes = dict(_TCVN3)
    for letter in LETTERS:
        codes.setdefault(letter, codes[letter.lower()])
    return _joined(codes, text)


def _best_group(groups: Iterable[str]) -> str:
    """Prefer the shortest group of characters, then one in a single case."""
    return min(
        groups, key=lambda group: (len(group), group not in (group.upper(), group.lower()))
    )


_VNI = {chr(code): bytes([code]) for code in range(0x80)} | {
    letter: _best_group(g for g, shown in tables.VNI.items() if shown == letter).encode(
        "latin-1"
    )
    for letter in tables.VNI.values()
}


def vni(text: str) -> bytes:
    return _joined(_VNI, text)


def windows_1258(text: str) -> bytes:
    """Encode letters of the code page as such, and others as base letter and tone."""
    return _windows_1258(text, ())


def windows_1258_apart(text: str) -> bytes:
    """Encode every tone separately, as the Vietnamese keyboard of Windows does."""
    return _windows_1258(text, LETTERS)


def _windows_1258(text: str, apart: Iterable[str]) -> bytes:
    codes = dict(_WINDOWS_1258)
    for letter in LETTERS:
        base, tone = _without_tone(letter)
        if tone and (letter not in codes or letter in apart):
            codes[letter] = codes[base] + codes[tone]
    return _joined(codes, text)


_VIQR_MARKS = {
    "\u0302": "^", "\u0306": "(", "\u031b": "+",
    "\u0300": "`", "\u0309": "?", "\u0303": "~", "\u0301": "'", "\u0323": ".",
}  # fmt: skip


def viqr(text: str) -> bytes:
    """Encode as RFC 1456, with a backslash before characters that would read as marks or đ."""
    written = ""
    for character, following in zip(text, [*text[1:], " "], strict=False):
        if character in "đĐ":
            written += "dd" if character == "đ" else "DD"
        elif character == "\\":
            written += "\\\\"
        elif (
            character in "^(+`?~'." and re.search(r"[aeiouyAEIOUY][\^(+]?$", written[-2:])
        ) or (character in "dD" and following in "dDđĐ"):
            written += "\\" + character
        elif character.isascii():
            written += character
        else:
            base, *marks = list(unicodedata.normalize("NFD", character))
            written += base + "".join(
                sorted(map(_VIQR_MARKS.__getitem__, marks), key="^(+`?~'.".index)
            )
    return written.encode("ascii")


def read_as_windows_1252(data: bytes) -> str:
    """Decode bytes as windows-1252; its five undefined bytes become control characters."""
    return data.decode("latin-1").translate(tables.WINDOWS_1252)


ENCODERS: dict[str, list[Callable[[str], bytes]]] = {
    "TCVN3": [tcvn3, tcvn3_small],
    "VNI-Windows": [vni],
    "VISCII": [viscii],
    "TCVN 5712": [tcvn_5712],
    "windows-1258": [windows_1258, windows_1258_apart],
    "VIQR": [viqr],
}
CONVERTERS: dict[str, Callable[[str], str]] = {
    "TCVN3": converters.from_tcvn3,
    "VNI-Windows": converters.from_vni,
    "VISCII": converters.from_viscii,
    "TCVN 5712": converters.from_tcvn_5712,
    "windows-1258": converters.from_windows_1258,
    "VIQR": converters.from_viqr,
}
