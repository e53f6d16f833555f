"""The lock that makes a writer the only one."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Final

from searchidx.errors import IndexLockedError, IndexWriteError
from searchidx.store.files.directory import Directory

if TYPE_CHECKING:
    from filelock import FileLock

LOCK_FILE: Final = "writer.lock"
LOCK_HOLDER_FILE: Final = "writer.json"


def acquire_lock(directory: Directory, wait: float) -> FileLock:
    """The lock on the index; the operating system frees it when its process dies."""
    from filelock import FileLock, Timeout  # which a search does not need

    lock = FileLock(directory.path / LOCK_FILE, thread_local=False)
    try:
        lock.acquire(timeout=max(wait, 0.0), poll_interval=0.05)
    except Timeout:
        raise IndexLockedError(
            f"the index at {directory.path} is being written by {_holder(directory)}; "
            "wait until it has finished, then run the same command again"
        ) from None
    except OSError as error:
        raise IndexWriteError(
            f"cannot write to the index at {directory.path}: {error.strerror or error}; get "
            "permission, then run the same command again"
        ) from error
    return lock


def write_lock_holder(directory: Directory) -> None:
    """Writes who holds the lock, for the message of whoever waits for it."""
    import socket  # which a search does not need

    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
    directory.write_unsynced(LOCK_HOLDER_FILE, json.dumps(holder).encode("ascii"))


def _holder(directory: Directory) -> str:
    """Who holds the lock, for a message."""
    try:
        holder = json.loads(directory.read(LOCK_HOLDER_FILE))
        since = time.strftime("%H:%M:%S", time.localtime(holder["since"]))
        return f"process {holder['pid']} on {holder['host']} since {since}"
    except (OSError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        return "another process"
