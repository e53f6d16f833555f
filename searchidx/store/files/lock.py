"""Lock an index, so that one process writes to it at a time."""

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
_POLL_INTERVAL_SECONDS: Final = 0.05


def acquire_lock(directory: Directory, wait: float) -> FileLock:
    """Acquire the lock on an index. The operating system frees it when the process dies.

    Args:
        directory: The folder of the index.
        wait: How many seconds to wait for another writer to finish.

    Raises:
        IndexLockedError: Another writer still holds the lock after `wait` seconds.
        IndexWriteError: The operating system refused access to the lock file.
    """
    from filelock import FileLock, Timeout  # imported here because a search needs no lock

    lock = FileLock(directory.path / LOCK_FILE, thread_local=False)
    try:
        lock.acquire(timeout=max(wait, 0.0), poll_interval=_POLL_INTERVAL_SECONDS)
    except Timeout:
        raise IndexLockedError(
            f"the index at {directory.path} is being written by {_describe_holder(directory)}; "
            "wait until it has finished, then run the same command again"
        ) from None
    except OSError as error:
        raise IndexWriteError(
            f"cannot write to the index at {directory.path}: {error.strerror or error}; get "
            "permission, then run the same command again"
        ) from error
    return lock


def write_lock_holder(directory: Directory) -> None:
    """Write which process holds the lock, for the messages of processes that wait for it."""
    import socket  # imported here because a search needs no lock

    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
    directory.write_unsynced(LOCK_HOLDER_FILE, json.dumps(holder).encode("ascii"))


def _describe_holder(directory: Directory) -> str:
    """Return a description of the process that holds the lock, for a message."""
    try:
        holder = json.loads(directory.read(LOCK_HOLDER_FILE))
        since = time.strftime("%H:%M:%S", time.localtime(holder["since"]))
        return f"process {holder['pid']} on {holder['host']} since {since}"
    except (OSError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        return "another process"
