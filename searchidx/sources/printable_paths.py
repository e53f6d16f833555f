r"""Write paths as text that can be printed and stored, and find the files that they name.

A file name on disk may be invalid UTF-8.  Python represents its bytes as lone surrogates,
which can be neither printed nor stored; each such byte becomes an escape such as ``\xe8``.
A name may also hold these four characters itself.  Its backslash then becomes ``\x5c``, so
that two names never look alike.
"""

from __future__ import annotations

import errno
import os
import re
from typing import Final

_ESCAPE: Final = re.compile(rb"\\x(5c|[89a-f][0-9a-f])")
_LITERAL_ESCAPE: Final = re.compile(r"\\(?=x(?:5c|[89a-f][0-9a-f]))")


def printable_path(path: str) -> str:
    r"""Return a path as the operating system gives it in printable form.

    Different paths have different forms.  The form of a printable path is not itself if it
    has an escape.
    """
    if "\\x" in path and os.sep != "\\":
        path = _LITERAL_ESCAPE.sub(r"\\x5c", path)
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        try:
            return os.fsencode(path).decode("utf-8", "backslashreplace")
        except UnicodeEncodeError:  # a surrogate that no name on disk produces
            return path.encode("utf-8", "backslashreplace").decode()
    return path


def printable_candidates(path: str) -> list[str]:
    """Return the printable forms that a user may mean by a path, the likelier one first.

    A user types the name on disk, or copies what was printed.
    """
    return list(dict.fromkeys((printable_path(path), path)))


def is_on_disk(path: str) -> bool:
    """Return whether a file or folder exists, given its path in printable form.

    It exists also if that cannot be found out, as on a disk that fails.
    """
    name = path_on_disk(path)
    if name is None:
        return False
    try:
        os.lstat(name)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        return error.errno not in (errno.ELOOP, errno.ENAMETOOLONG)
    return True


def device_of(path: str) -> int | None:
    """Return the number of the device of a folder, given its path in printable form.

    Returns:
        The number, or None if there is no such folder.
    """
    name = path_on_disk(path)
    try:
        return None if name is None else os.stat(name).st_dev
    except OSError:
        return None


def path_on_disk(path: str) -> str | None:
    """Return the path that has a printable form, or None if none has it."""
    encoded = path.encode("utf-8")
    if b"\\x" not in encoded or os.sep == "\\":
        return path
    raw = _ESCAPE.sub(lambda escape: bytes.fromhex(escape[1].decode("ascii")), encoded)
    name = os.fsdecode(raw)
    return name if printable_path(name) == path else None
