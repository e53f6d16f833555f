"""Read the lines of a file of any size, one at a time and in bounded memory."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, cast

BLOCK_SIZE_BYTES: Final = 1024 * 1024


def utf_8_stream(file: BinaryIO) -> tuple[BinaryIO, str]:
    """Return a stream of a file's text in UTF-8, and the name of the file's encoding.

    Args:
        file: A file in UTF-8, or in UTF-16 with a byte-order mark, at its beginning.

    Returns:
        The stream, and "UTF-8" or "UTF-16".
    """
    mark = file.read(len(codecs.BOM_UTF16_LE))
    for bom, encoding in (
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if mark == bom:
            return cast(BinaryIO, io.BufferedReader(_Utf16ToUtf8(file, encoding))), "UTF-16"
    file.seek(0)
    return file, "UTF-8"


def read_lines(
    file: BinaryIO, limit: int, *, block_size: int = BLOCK_SIZE_BYTES
) -> Iterator[bytearray | None]:
    """Yield the lines of `file` with their line ends, or None for a line that is too large.

    Args:
        file: A buffered binary file whose lines end in a line feed.
        limit: The size of the largest line that is kept, in bytes, without the line feed.
        block_size: How much is read at once, in bytes.
    """
    line, size = bytearray(), 0
    while block := file.readline(block_size):
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


class _Utf16ToUtf8(io.RawIOBase):
    """Read a UTF-16 file as UTF-8, whose lines end in a single byte.

    Invalid UTF-16 becomes invalid UTF-8, so decoding its line reports the error.
    """

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._pending = b""

    def readable(self) -> bool:
        """Return True: the stream is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with UTF-8 bytes and return how many; 0 at the end of the file."""
        while not self._pending:
            block = self._file.read(io.DEFAULT_BUFFER_SIZE)
            self._pending = self._decoder.decode(block).encode("utf-8", "surrogatepass")
            if not block:
                if self._decoder.getstate()[0]:  # the file ends within a character
                    self._decoder.reset()
                    self._pending = b"\xff"
                break
        size = min(len(buffer), len(self._pending))
        buffer[:size] = self._pending[:size]
        self._pending = self._pending[size:]
        return size
