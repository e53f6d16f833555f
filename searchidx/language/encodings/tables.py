"""Define the code tables of the old Vietnamese encodings, for `str.translate`.

A table maps each byte, as the character with the same number, to its letter.  It maps the
bytes 0x80 to 0x9f also in the form that windows-1252 gives them, because old text looks like
that after a program has read it as Western European.  So one table serves both bytes and text
that was read in a wrong encoding.

TCVN3 and VNI-Windows are the encodings of the fonts .VnTime and VNI-Times.  VISCII is that of
RFC 1456.  TCVN 5712 is the national standard of 1993 (VN1); TCVN3 has its small letters.
"""

from __future__ import annotations

from typing import Final

Table = dict[int, str]

C1: Final = range(0x80, 0xA0)


def _western(byte: int) -> str:
    """Return the windows-1252 character of a byte, or `chr(byte)` for the five undefined."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


WINDOWS_1252: Final[Table] = {byte: _western(byte) for byte in C1}


def _table(first: int, letters: str, others: dict[int, str]) -> Table:
    """Return the table of an encoding.

    Args:
        first: The byte of the first letter.
        letters: The letters of `first` and the bytes after it; a dot leaves a byte out.
        others: The letters of further bytes.
    """
    table = {first + place: letter for place, letter in enumerate(letters) if letter != "."}
    table |= others
    return table | {ord(_western(byte)): table[byte] for byte in C1 if byte in table}


VISCII: Final = _table(
    0x80,
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ"
    "ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ"
    "Õắằặấầẩậẽẹếềểễệố"
    "ồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ"
    "ĐứÒÓÔạỷừửÙÚỹỵÝỡư"
    "àáâãảăữẫèéêẻìíĩỉ"
    "đựòóôõỏọụùúũủýợỮ",
    {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"},
)
TCVN_5712: Final = _table(
    0x80,
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨ"
    "ÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ"
    ".ĂÂÊÔƠƯĐăâêôơưđẰ"
    ".....àảãáạẲằẳẵắẴ"
    "ẮẦẨẪẤỀặầẩẫấậèỂẻẽ"
    "éẹềểễếệìỉỄẾỒĩíịò"
    "Ổỏõóọồổỗốộờởỡớợù"
    "ỖủũúụừửữứựỳỷỹýỵỐ",
    {
        0x01: "Ú", 0x02: "Ụ", 0x04: "Ừ", 0x05: "Ử", 0x06: "Ữ", 0x11: "Ứ", 0x12: "Ự",
        0x13: "Ỳ", 0x14: "Ỷ", 0x15: "Ỹ", 0x16: "Ý", 0x17: "Ỵ",
        # Combining grave, hook, tilde, acute and dot, which follow their letter.
        0xB0: "\u0300", 0xB1: "\u0309", 0xB2: "\u0303", 0xB3: "\u0301", 0xB4: "\u0323",
    },
)  # fmt: skip
# TCVN3 has no capital letters with tones: fonts such as .VnTimeH show small letters as such.
TCVN3: Final = WINDOWS_1252 | _table(
    0xA0,
    ".ĂÂÊÔƠƯĐăâêôơưđ."
    ".....àảãáạ.ằẳẵắ."
    "......ặầẩẫấậè.ẻẽ"
    "éẹềểễếệìỉ...ĩíịò"
    ".ỏõóọồổỗốộờởỡớợù"
    ".ủũúụừửữứựỳỷỹýỵ.",
    {},
)
# windows-1258 equals windows-1252 except for these bytes.
WINDOWS_1258: Final = WINDOWS_1252 | {
    0xC3: "Ă", 0xD0: "Đ", 0xD5: "Ơ", 0xDD: "Ư", 0xFE: "₫",
    0xE3: "ă", 0xF0: "đ", 0xF5: "ơ", 0xFD: "ư",
    0xCC: "\u0300", 0xD2: "\u0309", 0xDE: "\u0303", 0xEC: "\u0301", 0xF2: "\u0323",
}  # fmt: skip

# VNI-Windows writes most letters as two characters: a base letter, and one for its marks.
# The rows are: tones alone, a circumflex with each tone, a breve with each tone.
_VNI_MARKS: Final = ("ùøûõï", "âáàåãä", "êéèúüë")
_VNI_LETTERS: Final = {
    "a": ("áàảãạ", "âấầẩẫậ", "ăắằẳẵặ"),
    "e": ("éèẻẽẹ", "êếềểễệ"),
    "o": ("óòỏõọ", "ôốồổỗộ"),
    "u": ("úùủũụ",),
    "y": ("ýỳỷỹỵ",),
    "ô": ("ớờởỡợ",),
    "ö": ("ứừửữự",),
}
_VNI_SINGLE: Final = dict(zip("íìæóòîñôö", "íìỉĩịỵđơư", strict=True))


def _vni() -> dict[str, str]:
    """Return the table of VNI-Windows from its letters and marks."""
    table = {chr(byte): character for byte, character in WINDOWS_1252.items()}
    for single, letter in _VNI_SINGLE.items():
        table |= {single: letter, single.upper(): letter.upper()}
    for base, rows in _VNI_LETTERS.items():
        for marks, letters in zip(_VNI_MARKS, rows, strict=False):
            for mark, letter in zip(marks, letters, strict=True):
                # Accept the mark in either case: capitals are often typed with small marks.
                for shown in (mark, mark.upper()):
                    table[base + shown] = letter
                    table[base.upper() + shown] = letter.upper()
    return table


VNI: Final = _vni()
"""The letter of each group of one or two characters."""
