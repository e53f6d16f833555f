"""The lines of a file of any size, one at a time and in bounded memory."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, cast

_BLOCK: Final = 1024 * 1024  # bytes of a long line that are read at a time


def utf_8_stream(file: BinaryIO) -> tuple[BinaryIO, str]:
    """Return a file's text from its first character on as UTF-8, and its encoding's name.

    Args:
        file: A file in UTF-8, or in UTF-16 with a byte-order mark, at its beginning.

    """
    mark = file.read(len(codecs.BOM_UTF16_LE))
    for bom, encoding in (
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if mark == bom:
            return cast(BinaryIO, io.BufferedReader(_Utf16As8(file, encoding))), "UTF-16"
    file.seek(0)
    return file, "UTF-8"


def read_lines(file: BinaryIO, limit: int) -> Iterator[bytearray | None]:
    """Yield the lines of `file` with their ends, or None for a line that is too large.

    Args:
        file: A buffered binary file whose lines end in a line feed.
        limit: The size of the largest line that is kept, in bytes, without the line feed.

    """
    line, size = bytearray(), 0
    while block := file.readline(_BLOCK):
        ends = block.endswith(b"\n")
        size += len(block) - ends
        if size <= limit:
            line += block
        else:
            line.clear()
        if ends:
            yield line if size <= limit else None
            line, size = bytearray(), 0
    if size:
        yield line if size <= limit else None


class _Utf16As8(io.RawIOBase):
    """A UTF-16 file as the same text in UTF-8, so that its lines end in one byte.

    What is no UTF-16 becomes what is no UTF-8, and is found out in its own line.
    """

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._waiting:
            block = self._file.read(io.DEFAULT_BUFFER_SIZE)
            self._waiting = self._decoder.decode(block).encode("utf-8", "surrogatepass")
            if not block:
                if self._decoder.getstate()[0]:  # half a character at the end
                    self._decoder.reset()
                    self._waiting = b"\xff"
                break
        size = min(len(buffer), len(self._waiting))
        buffer[:size] = self._waiting[:size]
        self._waiting = self._waiting[size:]
        return size
