"""The code tables of the old Vietnamese encodings, for `str.translate`.

A byte is the character of the same number here, and the bytes 0x80 to 0x9f also the one
that windows-1252 gives them: that is how old text looks after a program has read it as
Western European.  One table thus serves bytes and text that was saved wrong.

TCVN3 and VNI-Windows are what the fonts .VnTime and VNI-Times show; VISCII is that of
RFC 1456; TCVN 5712 is the national standard of 1993 (VN1), whose small letters TCVN3 has.
"""

from __future__ import annotations

from typing import Final

Table = dict[int, str]

C1: Final = range(0x80, 0xA0)


def _western(byte: int) -> str:
    """What windows-1252 gives a byte; itself for the five that it leaves undefined."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


WINDOWS_1252: Final[Table] = {byte: _western(byte) for byte in C1}


def _table(first: int, letters: str, others: dict[int, str]) -> Table:
    """The table of `letters` from byte `first` on, and of `others`; a dot is no letter."""
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
        # Grave, hook, tilde, acute, dot: combining, after their letter.
        0xB0: "\u0300", 0xB1: "\u0309", 0xB2: "\u0303", 0xB3: "\u0301", 0xB4: "\u0323",
    },
)  # fmt: skip
# No capital letter with a tone: fonts such as .VnTimeH show small letters as capitals.
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
# windows-1252 but for these.
WINDOWS_1258: Final = WINDOWS_1252 | {
    0xC3: "Ă", 0xD0: "Đ", 0xD5: "Ơ", 0xDD: "Ư", 0xFE: "₫",
    0xE3: "ă", 0xF0: "đ", 0xF5: "ơ", 0xFD: "ư",
    0xCC: "\u0300", 0xD2: "\u0309", 0xDE: "\u0303", 0xEC: "\u0301", 0xF2: "\u0323",
}  # fmt: skip

# VNI-Windows writes most letters as two characters: a letter, and one that stands for the
# marks on it.  Its marks alone, a circumflex with each tone, a breve with each tone:
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
    table = {chr(byte): character for byte, character in WINDOWS_1252.items()}
    for single, letter in _VNI_SINGLE.items():
        table |= {single: letter, single.upper(): letter.upper()}
    for base, rows in _VNI_LETTERS.items():
        for marks, letters in zip(_VNI_MARKS, rows, strict=False):
            for mark, letter in zip(marks, letters, strict=True):
                # Either case of the mark: text in capitals is often typed with small ones.
                for shown in (mark, mark.upper()):
                    table[base + shown] = letter
                    table[base.upper() + shown] = letter.upper()
    return table


VNI: Final = _vni()
"""Each group of one or two characters that stands for a letter."""
