"""Open regular files for reading, without ever blocking on a pipe or device."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import BinaryIO, Final

from searchidx.document import MAX_DOCUMENT_CODE_POINTS
from searchidx.sources.failure import UnreadableError

Opener = Callable[[str], BinaryIO]
"""Open the file at a path for reading, or raise OSError or UnreadableError."""

MAX_DOCUMENT_BYTES: Final = MAX_DOCUMENT_CODE_POINTS
"""The size limit of a document: bytes of its text file, or of its line in JSON Lines."""

TOO_LARGE: Final = (
    f"larger than {MAX_DOCUMENT_BYTES // 1024**2} MB; split it into smaller files"
)
CHANGED: Final = "changed while it was being read; run the same command again"
EMPTY: Final = "is empty; nothing to index"
NOT_REGULAR: Final = "is not a regular file but a pipe, a socket or a device; leave it out"

# A FIFO may replace the file between the check and the opening, and opening a FIFO would
# wait for a writer forever: hence O_NONBLOCK.  Windows has neither the flag nor FIFOs, but
# needs O_BINARY to leave line ends alone.
_OPEN_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_BUFFER_SIZE_BYTES: Final = 64 * 1024

NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
"""The flag of `os.open` that refuses a link, where the system has one."""


def open_regular(
    path: str, *, identity: tuple[int, int] | None = None, links: bool = True
) -> BinaryIO:
    """Open a regular file, or a link to one, for reading bytes.

    Args:
        path: The path of the file.
        identity: The device and inode that the file must have, or None for any.
        links: Whether the last segment of the path may be a link.

    Returns:
        A buffered binary file at its beginning.

    Raises:
        UnreadableError: The path leads to a pipe, socket, device or another file than
            expected, or contains NUL.
        OSError: The file cannot be opened; IsADirectoryError for a folder.
    """
    if "\0" in path:
        raise UnreadableError("has a NUL character in its path; check the path")
    status = os.stat(path) if links else os.lstat(path)
    if not links and stat.S_ISLNK(status.st_mode):
        raise UnreadableError(CHANGED)
    _require_regular(status, path)
    file = open_descriptor(path, 0 if links else NO_LINK)
    opened = os.fstat(file.fileno())
    if identity not in (None, (opened.st_dev, opened.st_ino)):
        file.close()
        raise UnreadableError(CHANGED)
    return file


def open_descriptor(path: str, flags: int = 0, *, dir_fd: int | None = None) -> BinaryIO:
    """Open a regular file for reading bytes, without waiting if it is a pipe.

    Args:
        path: The path of the file.
        flags: Further flags of `os.open`.
        dir_fd: The open folder that the path is relative to, or None.

    Returns:
        A buffered binary file at its beginning.

    Raises:
        UnreadableError: It is a pipe, socket or device.
        OSError: The file cannot be opened; IsADirectoryError for a folder.
    """
    flags |= _OPEN_FLAGS
    descriptor = os.open(path, flags, dir_fd=dir_fd)
    try:
        _require_regular(os.fstat(descriptor), path)
        return open(descriptor, "rb", buffering=_BUFFER_SIZE_BYTES)
    except BaseException:
        os.close(descriptor)
        raise


def file_version(file: BinaryIO) -> tuple[int, int]:
    """Return the size of an open file in bytes and its modification time in nanoseconds.

    If the version is the same before and after reading, the file did not change meanwhile.
    """
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


def _require_regular(status: os.stat_result, path: str) -> None:
    """Raise an error unless `status` is that of a regular file."""
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(f"{path} is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError(NOT_REGULAR)
