"""Lock an index, so that one process writes to it at a time."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import time
from typing import TYPE_CHECKING, Final

from searchidx.errors import IndexDamagedError, IndexLockedError, IndexWriteError
from searchidx.store.files.directory import Directory, FileIdentity, Origin
from searchidx.store.files.manifest import (
    MANIFEST_FILE,
    Manifest,
    generation_problem,
    manifest_damage_error,
    new_identity,
    read_manifest,
    write_manifest,
)

if TYPE_CHECKING:
    from filelock import FileLock

LOCK_FILE: Final = "writer.lock"
LOCK_HOLDER_FILE: Final = "writer.json"
_POLL_INTERVAL_SECONDS: Final = 0.05
_MAX_HOLDER_BYTES: Final = 1 << 12
_MAX_ATTEMPTS: Final = 50
"""How often to start again when the folder or the lock file is replaced while it is locked."""
# What systems answer where a file system has no locks, as some network file systems.
_NO_LOCKS_ERRNOS: Final = frozenset(
    getattr(errno, name, errno.ENOSYS) for name in ("ENOSYS", "ENOTSUP", "EOPNOTSUPP", "ENOLCK")
)


class WriteLock:
    """The lock on an index, and the folder that was locked.

    Attributes:
        directory: The folder, pinned: it stays the same when another one takes its path.
    """

    def __init__(self, directory: Directory, lock: FileLock, identity: FileIdentity) -> None:
        self.directory = directory
        self._lock = lock
        self._identity = identity

    @property
    def is_locked(self) -> bool:
        """Return whether the lock was not released yet."""
        return self._lock.is_locked

    def is_valid(self) -> bool:
        """Return whether no other writer can be at work in the same folder.

        Another one can if somebody removed or replaced the lock file.
        """
        try:
            return self.directory.identity(LOCK_FILE) == self._identity
        except OSError:
            return False

    def release(self) -> None:
        """Let other writers go on; the second call does nothing."""
        if not self._lock.is_locked:
            return
        if self.is_valid():
            self.directory.remove(LOCK_HOLDER_FILE)
        self._lock.release()
        self.directory.unpin()

    def verify(self) -> None:
        """Raise IndexWriteError if the folder or the lock is another one by now."""
        if not self.directory.is_at_its_path() or not self.is_valid():
            raise replaced_error(self.directory)

    def begin(self, before: Manifest) -> Origin:
        """Note in all files that are written from now on which commit they are for.

        Args:
            before: The commit that the new one follows.

        Raises:
            IndexDamagedError: No commit can follow it.
        """
        problem = generation_problem(before)
        if problem is not None:
            raise manifest_damage_error(self.directory, problem)
        origin = Origin(before.index or new_identity(), before.generation + 1)
        self.directory.origin = origin
        return origin

    def commit(self, manifest: Manifest, before: Manifest | None) -> None:
        """Make `manifest` the commit that readers see, if the index is still the same one.

        Args:
            manifest: The new commit.
            before: The commit that it follows; None where there was none that could be read.

        Raises:
            IndexWriteError: The folder, the lock, the commit before or a file of the new
                commit was removed or replaced. Nothing was changed.
            OSError: A write failed.
        """
        write_manifest(self.directory, manifest, lambda: self._verify(manifest, before))

    def _verify(self, manifest: Manifest, before: Manifest | None) -> None:
        """Raise IndexWriteError if something of the index was removed or replaced."""
        self.verify()
        if before is not None:
            if not self.directory.has_file(MANIFEST_FILE):
                raise replaced_error(self.directory, f"{MANIFEST_FILE} is gone")
            with contextlib.suppress(IndexDamagedError):  # this commit mends that
                if read_manifest(self.directory) != before:
                    raise replaced_error(self.directory, "it has another commit")
        for name in sorted(manifest.files()):
            if not self.directory.has_file(name):
                raise replaced_error(self.directory, f"{name} is gone")


def replaced_error(directory: Directory, what: str = "") -> IndexWriteError:
    """Return the error for an index that is another one than when the writer began."""
    return IndexWriteError(
        f"the index at {directory.path} was removed, moved or replaced while it was being "
        f"written{what and f' ({what})'}, and nothing was committed; see which index is there "
        "now with: searchidx status, then run the same command again"
    )


def acquire_lock(directory: Directory, wait: float) -> WriteLock:
    """Acquire the lock on an index. The operating system frees it when the process dies.

    Args:
        directory: The folder of the index.
        wait: How many seconds to wait for another writer to finish.

    Raises:
        IndexNotFoundError: There is no such folder.
        IndexLockedError: Another writer still holds the lock after `wait` seconds.
        IndexWriteError: The operating system refused access to the lock file, or has no locks.
    """
    from filelock import FileLock, Timeout  # imported here because a search needs no lock

    deadline = time.monotonic() + max(wait, 0.0)
    identities: list[FileIdentity] = []

    def note_identity(descriptor: int) -> None:
        status = os.fstat(descriptor)
        identities.append((status.st_dev, status.st_ino))

    for _ in range(_MAX_ATTEMPTS):
        try:
            pinned = directory.pin()
        except (FileNotFoundError, NotADirectoryError):
            read_manifest(directory)  # raises the error that says what is there
            raise
        except OSError as error:
            raise _refused(directory, error) from error
        # Without `fallback_to_soft`: a file that only stands for a lock stays after a crash.
        lock = FileLock(
            directory.path / LOCK_FILE,
            thread_local=False,
            fallback_to_soft=False,
            on_acquired=note_identity,
        )
        try:
            _refuse_irregular(pinned)
            lock.acquire(
                timeout=max(deadline - time.monotonic(), 0.0),
                poll_interval=_POLL_INTERVAL_SECONDS,
            )
        except Timeout:
            raise IndexLockedError(
                f"the index at {directory.path} is being written by "
                f"{describe_holder(pinned)}; wait until it has finished, then run the same "
                "command again"
            ) from None
        except FileNotFoundError:
            continue  # the folder was removed meanwhile
        except OSError as error:
            raise _refused(directory, error) from error
        acquired = WriteLock(pinned, lock, identities[-1])
        # The folder may have been replaced while this process waited.
        if pinned.is_at_its_path() and acquired.is_valid():
            return acquired
        lock.release()
    raise replaced_error(directory)


def _refuse_irregular(directory: Directory) -> None:
    """Raise OSError if the lock file is a link, a pipe or a device."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(directory.status(LOCK_FILE).st_mode):
            raise OSError(errno.EINVAL, f"{LOCK_FILE} is no regular file; remove it")


def _refused(directory: Directory, error: OSError) -> IndexWriteError:
    """Return the error for a lock that the operating system refused."""
    what = error.strerror or str(error)
    if error.errno in _NO_LOCKS_ERRNOS:
        return IndexWriteError(
            f"cannot write to the index at {directory.path}: its file system has no locks "
            f"({what}), so that two writers could damage the index; make the index on "
            "another disk with --index DIR"
        )
    return IndexWriteError(
        f"cannot write to the index at {directory.path}: {what}; get permission, then run the "
        "same command again"
    )


def write_lock_holder(directory: Directory) -> None:
    """Write which process holds the lock, for the messages of processes that wait for it."""
    import socket  # imported here because a search needs no lock

    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}
    directory.write_unsynced(LOCK_HOLDER_FILE, json.dumps(holder).encode("ascii"))


def describe_holder(directory: Directory) -> str:
    """Return a description of the process that holds the lock, for a message."""
    try:
        holder = json.loads(directory.read(LOCK_HOLDER_FILE, _MAX_HOLDER_BYTES))
        since = time.strftime("%H:%M:%S", time.localtime(holder["since"]))
        return f"process {int(holder['pid'])} on {str(holder['host'])[:64]} since {since}"
    except (OSError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        return "another process"
