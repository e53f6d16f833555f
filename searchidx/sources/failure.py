"""Describe files, and lines of files, that cannot be read."""

from __future__ import annotations

import errno
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or a line of one, that cannot be read as a document.

    Args:
        path: The file or folder, in the form of `printable_path`.
        line: The line number, from 1, or None if the failure concerns the whole file.
        reason: What is wrong and what to do next, phrased to follow the path: "is empty;
            nothing to index".
    """

    path: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}#{self.line}"
        return f"{place}: {self.reason}"


class UnreadableError(Exception):
    """Report that a file or a line holds no readable document; the text is the reason."""


def failure_reason(error: OSError) -> str:
    """Return the reason why a file or folder cannot be read, and what to do next."""
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
