"""What is said about a file, or a line of one, that cannot be read."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or a line of one, that cannot be read as a document.

    Args:
        path: The file or folder, as `printable_path` gives it.
        line: The line of the file, from 1, or None where the whole file is meant.
        reason: What is wrong with it and what to do next, to be read after the path:
            "is empty; nothing to index".
    """

    path: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}#{self.line}"
        return f"{place}: {self.reason}"


class UnreadableError(Exception):
    """A file, or a line of one, that is no document; its text is a `Failure`'s reason."""


def printable_path(path: str) -> str:
    """Return `path` as text that every encoding can hold.

    A file name on disk may be no valid UTF-8; Python then gives lone surrogates, which can
    be neither printed nor stored.
    """
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        try:
            return os.fsencode(path).decode("utf-8", "backslashreplace")
        except UnicodeEncodeError:  # other surrogates, which no name on disk gives
            return path.encode("utf-8", "backslashreplace").decode()
    return path


def failure_reason(error: OSError) -> str:
    """Return why a file or folder could not be opened or read, and what to do next."""
    if isinstance(error, PermissionError):
        return "permission denied; make it readable, or run as a user who may read it"
    if isinstance(error, FileNotFoundError | NotADirectoryError) or error.errno in (
        errno.ESTALE,
        errno.ELOOP,
    ):
        return "vanished while being read; run the same command again"
    if isinstance(error, IsADirectoryError):
        return "is a folder, not a file"
    what = error.strerror or type(error).__name__
    return f"cannot be read ({what}); check the disk, then run the same command again"
