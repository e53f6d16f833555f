"""Read Word documents of Word 6 to 2003.

The layout is that of [MS-DOC]: a file information block (FIB), and a piece table that says
where in the stream the text lies and how it is encoded.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from typing import Final

from searchidx.sources.failure import UnreadableError
from searchidx.sources.formats.extracted import CELL_BREAK, Extracted, Settings, Unread

_WORD_6: Final = (0xA5DC, 0xA5DB, 0xA59B)
_WORD_97: Final = 0xA5EC
_COMPLEX, _ENCRYPTED, _TABLE_1 = 0x0004, 0x0100, 0x0200
_PIECES: Final = 0x02
_COMPRESSED: Final = 0x40000000
_DAMAGED: Final = "is damaged; open it in Word and save it again"
# A field is its code, a separator and its result; only the result is shown.
_FIELD_CODE: Final = re.compile("\x13[^\x13\x14\x15]*(?:\x14|(?=\x15))")
_FIELD: Final = re.compile("\x13[^\x13\x14\x15]*\x14([^\x13\x14\x15]*)\x15")
_FIELD_WITHOUT_RESULT: Final = re.compile("\x13[^\x13\x14\x15]*\x15")
_CHARACTERS: Final = str.maketrans(
    {
        "\r": "\n", "\v": "\n", "\f": "\n", "\x0e": "\n", "\x1e": "-", "\x1f": None,
        "\x00": None, "\x01": None, "\x02": None, "\x03": None, "\x04": None, "\x05": None,
        "\x06": None, "\x08": None, "\x13": None, "\x14": None, "\x15": None,
    }
)  # fmt: skip
_ROW_END: Final = re.compile("\x07\x07")


def read_doc(data: bytes, name: str, settings: Settings) -> Iterator[Extracted | Unread]:
    """Yield the text of a Word document: body, footnotes, endnotes and text boxes."""
    if data[:2] in (b"\xdc\xa5", b"\xdb\xa5", b"\x9b\xa5"):
        yield Extracted(_clean(_word_6_text(data)))
        return
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as file:
        if not file.exists("WordDocument"):
            raise UnreadableError(_DAMAGED)
        stream = file.openstream("WordDocument").read()
        try:
            magic, flags = _unsigned_16(stream, 0), _unsigned_16(stream, 10)
            if flags & _ENCRYPTED:
                raise UnreadableError("is protected by a password; save it without one")
            if magic in _WORD_6:
                text = _word_6_text(stream)
            elif magic == _WORD_97:
                table = file.openstream("1Table" if flags & _TABLE_1 else "0Table").read()
                text = _word_97_text(stream, table)
            else:
                raise UnreadableError(_DAMAGED)
        except (struct.error, OSError) as error:
            raise UnreadableError(_DAMAGED) from error
    yield Extracted(_clean(text))


def _unsigned_16(data: bytes, offset: int) -> int:
    """Return the 16-bit number at an offset."""
    return int(struct.unpack_from("<H", data, offset)[0])


def _unsigned_32(data: bytes, offset: int) -> int:
    """Return the 32-bit number at an offset."""
    return int(struct.unpack_from("<I", data, offset)[0])


def _word_97_text(stream: bytes, table: bytes) -> str:
    """Return the parts of a document that people read."""
    position, length = _unsigned_32(stream, 0x1A2), _unsigned_32(stream, 0x1A6)
    text = _pieces(stream, table[position : position + length], compressed=False)
    # Code points of: text, footnotes, headers, macros, comments, endnotes, text boxes.
    counts = struct.unpack_from("<7I", stream, 0x4C)
    return _shown_parts(text, counts)


def _word_6_text(stream: bytes) -> str:
    """Return the parts of a document of Word 6 or 95 that people read."""
    first, end = _unsigned_32(stream, 0x18), _unsigned_32(stream, 0x1C)
    counts = struct.unpack_from("<7I", stream, 0x34)
    if _unsigned_16(stream, 10) & _COMPLEX:
        position, length = _unsigned_32(stream, 0x160), _unsigned_32(stream, 0x164)
        text = _pieces(stream, stream[position : position + length], compressed=True)
    else:
        text = _decode(stream[first:end])
    return _shown_parts(text, counts)


def _shown_parts(text: str, counts: tuple[int, ...]) -> str:
    """Return a text without headers, macros and comments, given the size of each part."""
    body, footnotes, headers, macros, comments, endnotes, boxes = counts
    parts = []
    start = 0
    for size, shown in (
        (body, True), (footnotes, True), (headers, False), (macros, False),
        (comments, False), (endnotes, True), (boxes, True),
    ):  # fmt: skip
        if shown and size:
            parts.append(text[start : start + size])
        start += size
    return "\r".join(parts)


def _pieces(stream: bytes, table: bytes, *, compressed: bool) -> str:
    """Return the text that a piece table describes.

    Args:
        stream: The stream with the text.
        table: The table: formats of pieces, then the pieces.
        compressed: Whether every piece has one byte a character, as in Word 6.
    """
    offset = 0
    while offset < len(table) and table[offset] != _PIECES:
        offset += 3 + _unsigned_16(table, offset + 1)
    length = _unsigned_32(table, offset + 1)
    pieces = table[offset + 5 : offset + 5 + length]
    count = (len(pieces) - 4) // 12
    texts = []
    room = 2 * len(stream)  # forged pieces may all name the same bytes
    for index in range(count):
        first, end = _unsigned_32(pieces, 4 * index), _unsigned_32(pieces, 4 * index + 4)
        place = _unsigned_32(pieces, 4 * (count + 1) + 8 * index + 2)
        size = max(0, end - first)
        if compressed:
            texts.append(_decode(stream[place : place + size]))
        elif place & _COMPRESSED:
            place = (place & ~_COMPRESSED) // 2
            texts.append(_decode(stream[place : place + size]))
        else:
            texts.append(stream[place : place + 2 * size].decode("utf-16-le", "replace"))
        room -= len(texts[-1])
        if room < 0:
            raise UnreadableError(_DAMAGED)
    return "".join(texts)


def _decode(data: bytes) -> str:
    """Decode text of one byte a character; bytes without a meaning keep their number."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in data)


def _clean(text: str) -> str:
    """Return a text without field codes and marks, with rows of tables as lines."""
    while True:
        shorter = _FIELD_WITHOUT_RESULT.sub("", _FIELD.sub(r"\1", text))
        if shorter == text:
            break
        text = shorter
    text = _FIELD_CODE.sub("", text)
    rows = []
    for row in _ROW_END.split(text):
        if "\x07" in row:
            # What stands before the first cell's last line end is no part of the table, or
            # a paragraph of the cell; both are lines.
            row = row.replace("\x07", CELL_BREAK)
        rows.append(row)
    return "\n".join(rows).translate(_CHARACTERS)
