"""Opens a file for reading: regular files only, and never waits for one."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO, Final

from searchidx.sources.failure import UnreadableError

MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
"""The largest document, in bytes of its file or of its line."""

TOO_LARGE: Final = (
    f"larger than {MAX_DOCUMENT_BYTES // 1024**2} MB; split it into smaller files"
)
CHANGED: Final = "changed while it was being read; run the same command again"
EMPTY: Final = "is empty; nothing to index"
NOT_REGULAR: Final = "is not a regular file but a pipe, a socket or a device; leave it out"

# O_NONBLOCK: between the look at a file and its opening a FIFO may take its place, and
# opening that would wait for a writer for ever.  Windows has neither the flag nor FIFOs,
# but must be told not to translate line ends.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_BUFFER: Final = 64 * 1024  # bytes


def open_regular(path: str) -> BinaryIO:
    """Open a regular file, or a link to one, for reading bytes.

    Raises:
        UnreadableError: The path leads to a pipe, a socket or a device, or is none.
        OSError: The file cannot be opened; IsADirectoryError for a folder.

    """
    if "\0" in path:
        raise UnreadableError("has a NUL character in its path; check the path")
    _must_be_regular(os.stat(path), path)
    descriptor = os.open(path, _FLAGS)
    try:
        _must_be_regular(os.fstat(descriptor), path)
        return open(descriptor, "rb", buffering=_BUFFER)
    except BaseException:
        os.close(descriptor)
        raise


def file_version(file: BinaryIO) -> tuple[int, int]:
    """Return the size of an open file in bytes and the time of its last change in ns.

    Two equal versions, one before and one after reading, mean that what was read is whole.
    """
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def _must_be_regular(status: os.stat_result, path: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(f"{path} is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError(NOT_REGULAR)
