"""Read and write the files of an index folder; the store touches the disk only here.

An index may come from a stranger, and its folder may be replaced while it is used. So no
name in it is followed as a link, only regular files are read, and no existing file is ever
written into. A writer, and a reader while it opens, keeps to one folder, also when the path
leads to another one by then.
"""

from __future__ import annotations

import contextlib
import copy
import errno
import mmap
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

_PART_SUFFIX: Final = ".part"
"""The end of the name of a file while it is being written."""
_BINARY_NO_LINKS: Final = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)
# A pipe opened without O_NONBLOCK would wait for somebody who writes to it.
_READ_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY_NO_LINKS
_CREATE_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY_NO_LINKS
_FOLDER_FLAGS: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_HAS_FOLDER_DESCRIPTORS: Final = {os.open, os.stat, os.unlink, os.rename} <= (
    os.supports_dir_fd
) and os.listdir in os.supports_fd
"""Whether file operations can be relative to an open folder (not on Windows)."""
# What systems answer when O_NOFOLLOW meets a link (ELOOP, on FreeBSD EMLINK, on NetBSD EFTYPE),
# and when a socket is opened (ENXIO, on macOS EOPNOTSUPP).
_IRREGULAR_ERRNOS: Final = frozenset(
    {
        errno.ELOOP,
        errno.EMLINK,
        errno.ENXIO,
        getattr(errno, "EFTYPE", errno.ELOOP),
        getattr(errno, "EOPNOTSUPP", errno.ELOOP),
    }
)

FileIdentity = tuple[int, int]
"""The device and the inode of a file or folder."""
FileStamp = tuple[int, int, int, int, int]
"""Device, inode, size in bytes, and times of the last write and change in nanoseconds."""


class UnusableFileError(OSError):
    """A file is a link, a pipe, a device or a folder, or is larger than it can honestly be.

    Attributes:
        what: What is wrong with it, as a clause.
    """

    def __init__(self, code: int, what: str, path: Path) -> None:
        super().__init__(code, what, str(path))
        self.what = what


@dataclass(frozen=True, slots=True)
class Origin:
    """The index and commit that a file was written for.

    They tell it from a file that takes its place.

    Attributes:
        index: The identity of the index.
        commit: The number of the commit.
    """

    index: str
    commit: int


class _Folder:
    """A folder that stays the same when its path leads to another one.

    Args:
        path: The path of the folder.

    Raises:
        FileNotFoundError: There is no such folder.
        NotADirectoryError: The path is that of a file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self.identity: FileIdentity | None = None
        self._open()

    def _open(self) -> None:
        """Open the folder, and compare it with the one that was opened first."""
        if _HAS_FOLDER_DESCRIPTORS:
            self._descriptor = os.open(self._path, _FOLDER_FLAGS)
        place = self._path if self._descriptor is None else self._descriptor
        identity = _identity(os.stat(place))
        if self.identity not in (None, identity):
            self.close()
            raise FileNotFoundError(errno.ENOENT, "the folder was replaced", str(self._path))
        self.identity = identity

    @property
    def descriptor(self) -> int | None:
        """Return the descriptor of the folder; None where the system has none."""
        if self._descriptor is None and _HAS_FOLDER_DESCRIPTORS:
            self._open()  # in another process than the one that opened it first
        return self._descriptor

    def close(self) -> None:
        """Close the folder. Every later use of it fails."""
        if self._descriptor is not None and self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_descriptor": None}

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError, OSError):
            self.close()


class Directory:
    """The folder of one index.

    A file is written under a temporary name, synced, and then renamed. A file under its own
    name is therefore always complete.

    Args:
        path: The path of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.origin: Origin | None = None
        """The index and commit of the files that are written from now on."""
        self._folder: _Folder | None = None

    def pin(self) -> Self:
        """Return this directory, tied to the folder that its path leads to now.

        It stays with that folder when the folder is moved, removed or replaced, also in
        another process that it is sent to.

        Raises:
            FileNotFoundError: There is no such folder.
            NotADirectoryError: The path is that of a file.
        """
        pinned = copy.copy(self)
        pinned._folder = _Folder(self.path)
        return pinned

    def unpin(self) -> None:
        """Close the folder of a pinned directory, which is of no use any more."""
        if self._folder is not None:
            self._folder.close()

    @contextlib.contextmanager
    def pinned(self) -> Iterator[Self]:
        """Pin the directory for a while; a directory that is pinned already stays so."""
        if self._folder is not None:
            yield self
            return
        directory = self.pin()
        try:
            yield directory
        finally:
            directory.unpin()

    def is_at_its_path(self) -> bool:
        """Return whether the path still leads to the folder that was pinned."""
        if self._folder is None:
            return self.path.is_dir()
        try:
            return _identity(os.stat(self.path)) == self._folder.identity
        except OSError:
            return False

    @contextlib.contextmanager
    def create(
        self, name: str, verify: Callable[[], None] = lambda: None
    ) -> Iterator[BinaryIO]:
        """Open a new file to write. It appears as `name`, durable, when the block ends.

        Args:
            name: The name of the file.
            verify: Called before the file appears; an exception that it raises prevents that.

        Raises:
            OSError: A write failed. There is no new file of that name then.
        """
        temporary = name + _PART_SUFFIX
        try:
            with self._create(temporary) as file:
                yield file
                file.flush()
                self._sync_file(file)
            verify()
            self._replace(temporary, name)
        except BaseException:
            with contextlib.suppress(OSError):
                self._remove(temporary)
            raise

    def create_folder(self) -> None:
        """Create the folder and its missing parents, and make their names durable.

        Raises:
            OSError: The operating system refused it, or a file has the name of a folder.
        """
        missing = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        for folder in reversed(missing):
            self._sync(folder.parent)

    def write_unsynced(self, name: str, data: bytes) -> None:
        """Write a file that need not survive a crash, without a temporary name and a sync."""
        with self._create(name) as file:
            file.write(data)

    def _create(self, name: str) -> BinaryIO:
        """Create a file, in place of one of that name or of a link, which is not followed."""
        try:
            return self._open(name)
        except FileExistsError:  # left by a writer that died, or put there by a stranger
            self._remove(name)
            return self._open(name)

    def sync(self) -> None:
        """Make the names of all files durable. A power cut can lose them otherwise."""
        if self._folder is not None and self._folder.descriptor is not None:
            self._sync_folder(self._folder.descriptor)
        else:
            self._sync(self.path)

    def _sync(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        if os.name == "nt":  # Windows cannot open a folder, and does not need the sync
            return
        descriptor = os.open(folder, _FOLDER_FLAGS)
        try:
            self._sync_folder(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, name: str) -> None:
        """Remove a file. If the system refuses, the next writer removes it."""
        with contextlib.suppress(OSError):
            self._remove(name)

    def read(self, name: str, limit: int) -> bytes:
        """Return all bytes of a file.

        Args:
            name: The name of the file.
            limit: The most bytes that it can honestly have.

        Raises:
            UnusableFileError: It is no regular file, or has more bytes.
            FileNotFoundError: It does not exist.
        """
        with os.fdopen(self._open_to_read(name), "rb", buffering=0) as file:
            # A file may have more bytes than the system says, as those of /proc have.
            data = file.read(limit + 1) if os.fstat(file.fileno()).st_size <= limit else None
            if data is None or len(data) > limit:
                what = f"it has more than {limit:,} bytes"
                raise UnusableFileError(errno.EFBIG, what, self.path / name)
            return data

    def map(self, name: str) -> memoryview:
        """Return the bytes of a file, mapped into memory, read-only.

        Raises:
            UnusableFileError: It is no regular file.
            FileNotFoundError: It does not exist.
        """
        descriptor = self._open_to_read(name)
        try:
            if not os.fstat(descriptor).st_size:
                return memoryview(b"")
            return memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
        finally:
            os.close(descriptor)

    def names(self) -> list[str]:
        """Return the names of all files in the folder."""
        if self._folder is not None and self._folder.descriptor is not None:
            return os.listdir(self._folder.descriptor)
        return os.listdir(self.path)

    def status(self, name: str) -> os.stat_result:
        """Return what the system says about a file; links are not followed.

        Raises:
            FileNotFoundError: It does not exist.
        """
        path, descriptor = self._place(name)
        return os.stat(path, dir_fd=descriptor, follow_symlinks=False)

    def has_file(self, name: str) -> bool:
        """Return whether there is a regular file of that name.

        Raises:
            OSError: The system did not say.
        """
        try:
            return stat.S_ISREG(self.status(name).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False

    def identity(self, name: str) -> FileIdentity | None:
        """Return the identity of a file, or None if it does not exist."""
        try:
            return _identity(self.status(name))
        except FileNotFoundError:
            return None

    def stamp(self, name: str) -> FileStamp | None:
        """Return what changes when a file is replaced or written to; None if it is missing."""
        try:
            status = self.status(name)
        except OSError:
            return None
        return (*_identity(status), status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def _place(self, name: str) -> tuple[str | Path, int | None]:
        """Return the path of a file, and the folder descriptor that it is relative to."""
        if self._folder is not None and self._folder.descriptor is not None:
            return name, self._folder.descriptor
        return self.path / name, None

    # The calls of the operating system. Tests override them to make each one fail.

    def _open(self, name: str) -> BinaryIO:
        return os.fdopen(self._open_to_create(name), "wb")

    def _open_to_create(self, name: str) -> int:
        path, descriptor = self._place(name)
        return os.open(path, _CREATE_FLAGS, 0o666, dir_fd=descriptor)

    def _open_to_read(self, name: str) -> int:
        """Return the descriptor of a regular file that is not behind a link."""
        path, folder = self._place(name)
        what = "it is no regular file"
        if not _READ_FLAGS & getattr(os, "O_NOFOLLOW", 0) and os.path.islink(path):
            raise UnusableFileError(errno.ELOOP, what, self.path / name)
        try:
            descriptor = os.open(path, _READ_FLAGS, dir_fd=folder)
        except OSError as error:
            if error.errno in _IRREGULAR_ERRNOS:
                raise UnusableFileError(errno.ELOOP, what, self.path / name) from error
            error.filename = str(self.path / name)
            raise
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise UnusableFileError(errno.EINVAL, what, self.path / name)
        return descriptor

    def _sync_file(self, file: BinaryIO) -> None:
        os.fsync(file.fileno())

    def _sync_folder(self, descriptor: int) -> None:
        os.fsync(descriptor)

    def _replace(self, source: str, target: str) -> None:
        old, descriptor = self._place(source)
        new, _ = self._place(target)
        os.replace(old, new, src_dir_fd=descriptor, dst_dir_fd=descriptor)

    def _remove(self, name: str) -> None:
        path, descriptor = self._place(name)
        os.unlink(path, dir_fd=descriptor)


def _identity(status: os.stat_result) -> FileIdentity:
    """Return the device and the inode in a status."""
    return status.st_dev, status.st_ino


def final_file_name(name: str) -> str | None:
    """Return the final name of a file that is being written; None for any other file."""
    return name.removesuffix(_PART_SUFFIX) if name.endswith(_PART_SUFFIX) else None
