"""Describe refusals of the operating system, which do not mean that a file is damaged."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from searchidx.errors import IndexReadError, IndexWriteError

_REMEDIES: Final = {
    errno.EACCES: "get permission",
    errno.EPERM: "get permission",
    errno.EMFILE: "close other files",
    errno.ENFILE: "close other files",
    errno.ENOMEM: "close other programs",
}


def read_error(folder: Path | str, error: OSError) -> IndexReadError:
    """Return the error for an index that the operating system refused to read.

    Args:
        folder: The folder of the index.
        error: What the system answered.
    """
    place = f"{error.filename}: " if isinstance(error.filename, str) else ""
    remedy = _REMEDIES.get(error.errno or 0, "make sure that the disk is in order and mounted")
    return IndexReadError(
        f"the index at {folder} cannot be read ({place}{error.strerror or error}); {remedy}, "
        "then run the same command again"
    )


def write_error(folder: Path, error: OSError) -> IndexWriteError:
    """Return the error for a refused write, with the remedy for its cause."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        remedy = "Make room"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        remedy = "Get permission"
    else:
        remedy = "Make sure that the disk is in order"
    return IndexWriteError(
        f"cannot write to the index at {folder}: {error.strerror or error}; what was indexed "
        f"before is still there. {remedy}, then run the same command again"
    )
