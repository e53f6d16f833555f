"""Extract the text of Word documents of Word 6 to 2003 (DOC), by their piece table.

The offsets are those of [MS-DOC] and, for Word 6 and 95, of the older description of the
format.  A file begins with a header, the FIB.  Text is kept in pieces, and the piece table
says where each is and whether it has one byte or two for a character.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from searchidx.sources.formats.parts import Extracted, ExtractionError, joined_lines

_WORD_97_MAGIC: Final = 0xA5EC
_WORD_6_MAGIC: Final = 0xA5DC
_ENCRYPTED: Final = 0x0100
_COMPLEX: Final = 0x0004
_TABLE_1: Final = 0x0200
_COMPRESSED: Final = 0x40000000
_MAX_CHARACTERS: Final = 1 << 26

_FIELD: Final = re.compile("\x13[^\x13\x14\x15]*\x14|\x13[^\x13\x14\x15]*\x15|[\x13\x14\x15]")
_MARKS: Final = str.maketrans(
    {
        "\r": "\n",
        "\v": "\n",
        "\f": "\n",
        "\x0e": "\n",
        "\x1e": "-",
        "\x1f": None,
        **dict.fromkeys("\0\x01\x02\x03\x04\x05\x06\x08\x10\x11\x12"),
    }
)
# One byte stands for a character of windows-1252, whose gaps keep their own numbers: text in
# an old Vietnamese font has letters there.
_WINDOWS_1252: Final = "".join(
    bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)
)


class _Header(NamedTuple):
    """Hold what the header says about the places of text.

    Attributes:
        lengths: The number of characters of the main text, of the footnotes, of heads, of
            macros, of comments, of endnotes and of text boxes, in this order.
        table_place: The offset of the piece table, and its length in bytes.
    """

    lengths: tuple[int, ...]
    table_place: tuple[int, int]


def extract_doc(ole: Any) -> Extracted:
    """Return the text of a document: paragraphs, tables as rows, notes and text boxes."""
    data = ole.openstream("WordDocument").read()
    magic, version, flags = struct.unpack_from("<HH6xH", data)
    if magic not in (_WORD_97_MAGIC, _WORD_6_MAGIC):
        raise ExtractionError("is of a version of Word that is not read; save it as DOCX")
    if flags & _ENCRYPTED:
        raise ExtractionError("is encrypted; save it without a password")
    if magic == _WORD_97_MAGIC and version >= 193:
        name = "1Table" if flags & _TABLE_1 else "0Table"
        table = ole.openstream(name).read()
        header = _Header(struct.unpack_from("<7i", data, 0x4C), _place(data, 0x1A2))
        text = _from_pieces(data, table, header, one_byte_only=False)
    else:
        header = _Header(struct.unpack_from("<7i", data, 0x34), _place(data, 0x160))
        if flags & _COMPLEX:
            text = _from_pieces(data, data, header, one_byte_only=True)
        else:
            first, last = struct.unpack_from("<II", data, 0x18)
            text = _decode_bytes(data[first:last])
    return Extracted(joined_lines(iter(_clean(_kept(text, header.lengths)).split("\n"))), "doc")


def _place(data: bytes, offset: int) -> tuple[int, int]:
    """Return two numbers of four bytes at an offset."""
    place: tuple[int, int] = struct.unpack_from("<II", data, offset)
    return place


def _from_pieces(data: bytes, table: bytes, header: _Header, *, one_byte_only: bool) -> str:
    """Return the text of the pieces that a piece table lists.

    Args:
        data: The stream with the text.
        table: The stream with the piece table.
        header: The header.
        one_byte_only: Whether every character has one byte, as in Word 6 and 95.
    """
    begin, length = header.table_place
    pieces = _piece_table(table[begin : begin + length])
    count = (len(pieces) - 4) // 12
    bounds = struct.unpack_from(f"<{count + 1}I", pieces)
    parts = []
    total = 0
    for number in range(count):
        (place,) = struct.unpack_from("<I", pieces, 4 * (count + 1) + 8 * number + 2)
        size = bounds[number + 1] - bounds[number]
        total += size
        if size < 0 or total > _MAX_CHARACTERS:
            raise ExtractionError("is damaged: its text is longer than the file")
        if one_byte_only:
            parts.append(_decode_bytes(data[place : place + size]))
        elif place & _COMPRESSED:
            start = (place & ~_COMPRESSED) // 2
            parts.append(_decode_bytes(data[start : start + size]))
        else:
            parts.append(data[place : place + 2 * size].decode("utf-16-le", "replace"))
    return "".join(parts)


def _piece_table(data: bytes) -> bytes:
    """Return the piece table, which lists of properties may precede."""
    at = 0
    while at < len(data) and data[at] == 1:
        at += 3 + struct.unpack_from("<H", data, at + 1)[0]
    if at >= len(data) or data[at] != 2:
        raise ExtractionError("is damaged: it does not say where its text is")
    (length,) = struct.unpack_from("<I", data, at + 1)
    return data[at + 5 : at + 5 + length]


def _decode_bytes(data: bytes) -> str:
    return data.decode("latin-1").translate(_DECODING)


_DECODING: Final = dict(enumerate(_WINDOWS_1252))


def _kept(text: str, lengths: tuple[int, ...]) -> str:
    """Return the main text, the notes and the text boxes, without heads and comments."""
    main, footnotes, heads, macros, comments, endnotes, boxes = (
        max(length, 0) for length in lengths
    )
    if main > len(text):
        return text
    parts = [text[:main], text[main : main + footnotes]]
    begin = main + footnotes + heads + macros + comments
    parts += [text[begin : begin + endnotes], text[begin + endnotes :][:boxes]]
    return "\n".join(parts)


def _clean(text: str) -> str:
    """Return text with line ends and tabs for Word's marks, and fields as their results."""
    before = None
    while before != text:  # fields may be nested
        before = text
        text = _FIELD.sub("", text)
        if "\x13" not in text:
            break
    text = text.translate(_MARKS)
    return "\n".join(_rows(text))


def _rows(text: str) -> Iterator[str]:
    """Yield lines, with the cells of table rows on one line if each has one line.

    A mark ends each cell, and one more each row.  Nothing says where a row begins: the lines
    above the last one before its first mark belong to the text before the table, unless
    other cells have several lines as well.
    """
    *rows, rest = text.split("\x07\x07")
    for row in rows:
        before, *others = row.split("\x07")
        above, _, first = before.rpartition("\n")
        cells = [first, *others]
        if any("\n" in cell.strip() for cell in others):  # a letterhead: column by column
            yield from (line for cell in (before, *others) for line in cell.split("\n"))
        else:
            if above:
                yield from above.split("\n")
            yield "\t".join(cell.strip() for cell in cells if cell.strip())
    yield from rest.replace("\x07", "\n").split("\n")
