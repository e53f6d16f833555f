"""Write a folder beside its place, and remove what earlier runs left unfinished there.

The folder is renamed when it is whole, so that nobody opens half of it.  While it is written
it holds a locked file.  A kill frees the lock: an unfinished folder whose lock is free is a
leftover.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_LOCK_FILE: Final = "searchidx-export.lock"
_NAME_DIGITS: Final = 16


@contextlib.contextmanager
def replace_when_finished(folder: Path) -> Iterator[Path]:
    """Yield a new folder that gets the name of `folder` when the block ends.

    After an error, or an interrupt, nothing of it remains.

    Args:
        folder: A folder that does not exist or is empty.

    Raises:
        OSError: The system refused a write, or `folder` is no longer empty.
    """
    _remove_leftovers(folder)
    unfinished = folder.with_name(f"{folder.name}.{uuid.uuid4().hex[:_NAME_DIGITS]}.part")
    unfinished.mkdir(parents=True)
    lock: int | None = None
    try:
        lock = _lock(unfinished / _LOCK_FILE, os.O_CREAT | os.O_EXCL)
        yield unfinished
        if folder.exists():
            folder.rmdir()
        unfinished.replace(folder)
        (folder / _LOCK_FILE).unlink(missing_ok=True)
    finally:
        if lock is not None:
            os.close(lock)
        shutil.rmtree(unfinished, ignore_errors=True)


def _remove_leftovers(folder: Path) -> None:
    """Remove what killed runs left beside a folder; running ones hold their locks."""
    pattern = re.compile(rf"{re.escape(folder.name)}\.[0-9a-f]{{{_NAME_DIGITS}}}\.part")
    with contextlib.suppress(OSError):
        for leftover in folder.parent.iterdir():
            if not pattern.fullmatch(leftover.name) or leftover.is_symlink():
                continue
            with contextlib.suppress(OSError):
                lock = _lock(leftover / _LOCK_FILE, 0)
                if lock is not None:
                    shutil.rmtree(leftover, ignore_errors=True)
                    os.close(lock)


def _lock(file: Path, flags: int) -> int | None:
    """Open and lock a file; closing its descriptor unlocks it.

    Args:
        file: The file.
        flags: Further flags of `os.open`.

    Returns:
        The descriptor, or None on a system without such locks.

    Raises:
        OSError: The file cannot be opened, or another process holds the lock.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    descriptor = os.open(file, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
