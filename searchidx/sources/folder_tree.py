"""List folders and open files below a root folder without following a link out of it.

Between the moment a walk finds a file and the moment it is read, another process may put a
link in the place of the file or of one of its folders.  Each step from the root down is
therefore taken relative to the folder already open, and refuses links.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import BinaryIO, Final, NamedTuple, Protocol

from searchidx.sources.failure import UnreadableError
from searchidx.sources.regular_files import CHANGED, NO_LINK, open_descriptor, open_regular

_MAX_OPEN_FOLDERS: Final = 64
"""The most folders that are open at once; a tree may be deeper than a process may open."""

_FOLDER_FLAGS: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)

FileIdentity = tuple[int, int]
"""The device and the inode of a file, which tell it from every other one on the machine."""


class Entry(NamedTuple):
    """An entry of a folder.

    Args:
        name: Its name.
        is_folder: Whether it is a folder.
        is_file: Whether it is a regular file.  Links are neither.
    """

    name: str
    is_folder: bool
    is_file: bool


class FolderTree(Protocol):
    """A folder and everything below it.  Folders are named by their path from the root."""

    def entries(self, folder: str) -> list[Entry]:
        """Return the entries of a folder in any order.

        Raises:
            OSError: The folder cannot be listed, or a link has taken its place.
            UnreadableError: Another folder has taken the root's place.
        """

    def device(self, folder: str) -> int:
        """Return the device that holds a folder; raise as `entries` does."""

    def status(self, folder: str, name: str) -> os.stat_result:
        """Return the status of an entry, of a link itself; raise as `entries` does."""

    def open(self, folder: str, name: str, identity: FileIdentity | None) -> BinaryIO:
        """Open a regular file for reading.

        Args:
            folder: The folder of the file.
            name: Its name in the folder.
            identity: The identity that a walk found, or None for any.

        Raises:
            OSError: It cannot be opened, or it or one of its folders is a link.
            UnreadableError: It is no regular file, or another folder took the root's place.
        """

    def close(self) -> None:
        """Close what is open; the next call opens it again."""


def open_tree(root: str) -> FolderTree:
    """Return the tree of a folder, which may be a link to a folder.

    Args:
        root: The absolute path of the folder.

    Raises:
        OSError: It is not there, or no folder.
    """
    return DescriptorTree(root) if _HAS_DESCRIPTORS else PathTree(root)


class DescriptorTree:
    """A tree in which every step is relative to an open folder.

    A file that was replaced by another regular file in its place, as editors do when they
    save, is read as it is now.

    Args:
        root: The absolute path of the root.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._identity = identity_of(os.stat(root))
        self._path: list[str] = []  # the names from the root to the folder used last
        self._folder = ""  # the same as text
        # The open folders among those on the path, by their depth; the deepest one is the
        # folder used last.
        self._open: dict[int, int] = {}

    def entries(self, folder: str) -> list[Entry]:
        """Return the entries of a folder in any order."""
        with os.scandir(self._descriptor(folder)) as scan:
            return _entries(scan)

    def device(self, folder: str) -> int:
        """Return the device that holds a folder."""
        return os.fstat(self._descriptor(folder)).st_dev

    def status(self, folder: str, name: str) -> os.stat_result:
        """Return the status of an entry, of a link itself."""
        return os.stat(name, dir_fd=self._descriptor(folder), follow_symlinks=False)

    def open(self, folder: str, name: str, identity: FileIdentity | None) -> BinaryIO:
        """Open a regular file for reading; its identity need not be the one found."""
        return open_descriptor(name, NO_LINK, dir_fd=self._descriptor(folder))

    def close(self) -> None:
        """Close what is open; the next call opens it again."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()

    def _descriptor(self, folder: str) -> int:
        """Return the descriptor of a folder, which stays open until the next call."""
        if folder == self._folder and self._open:
            return self._open[len(self._path)]
        names = folder.split(os.sep) if folder else []
        common = 0
        while common < min(len(names), len(self._path)) and names[common] == self._path[common]:
            common += 1
        for depth in [depth for depth in self._open if depth > common]:
            os.close(self._open.pop(depth))
        self._path, self._folder = names, folder
        try:
            self._descend()
        except BaseException:
            self.close()
            raise
        return self._open[len(names)]

    def _descend(self) -> None:
        """Open the folders from the deepest open one to the end of the path."""
        if not self._open:
            self._open[0] = os.open(self._root, _FOLDER_FLAGS)
            if identity_of(os.fstat(self._open[0])) != self._identity:
                raise UnreadableError(CHANGED)
        for depth in range(max(self._open), len(self._path)):
            flags = _FOLDER_FLAGS | NO_LINK
            name = self._path[depth]
            self._open[depth + 1] = os.open(name, flags, dir_fd=self._open[depth])
            if len(self._open) > _MAX_OPEN_FOLDERS:
                os.close(self._open.pop(min(self._open)))


class PathTree:
    """A tree for systems that cannot open a file relative to a folder, such as Windows.

    Each file is opened by its path and then compared with what the walk found.

    Args:
        root: The absolute path of the root.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._real_root = os.path.realpath(root)
        os.stat(root)

    def entries(self, folder: str) -> list[Entry]:
        """Return the entries of a folder in any order."""
        path = self._checked(folder)
        with os.scandir(path) as scan:
            entries = _entries(scan)
        self._checked(folder)
        return entries

    def device(self, folder: str) -> int:
        """Return the device that holds a folder."""
        return os.stat(self._checked(folder)).st_dev

    def status(self, folder: str, name: str) -> os.stat_result:
        """Return the status of an entry, of a link itself."""
        status = os.lstat(os.path.join(self._checked(folder), name))
        self._checked(folder)
        return status

    def open(self, folder: str, name: str, identity: FileIdentity | None) -> BinaryIO:
        """Open a regular file for reading; its identity must be the one found."""
        path = os.path.join(self._checked(folder), name)
        if identity is None:
            identity = identity_of(os.lstat(path))
        file = open_regular(path, identity=identity, links=False)
        try:
            self._checked(folder)
        except BaseException:
            file.close()
            raise
        return file

    def close(self) -> None:
        """Do nothing: no folder is kept open."""

    def _checked(self, folder: str) -> str:
        """Return the path of a folder that is reached through no link below the root."""
        path = os.path.join(self._root, folder) if folder else self._root
        inside = os.path.join(self._real_root, folder) if folder else self._real_root
        if os.path.realpath(path) != inside:
            raise UnreadableError(CHANGED)
        return path


def identity_of(status: os.stat_result) -> FileIdentity:
    """Return the identity of the file with a status."""
    return status.st_dev, status.st_ino


def _entries(scan: Iterable[os.DirEntry[str]]) -> list[Entry]:
    """Return entries that need the open folder no longer."""
    entries = []
    for entry in scan:
        try:
            is_folder = entry.is_dir(follow_symlinks=False) and not _is_junction(entry)
            is_file = not is_folder and entry.is_file(follow_symlinks=False)
        except OSError:  # a file system that makes the kind cost a look at the entry
            is_folder, is_file = False, True  # `FolderTree.status` meets the error again
        entries.append(Entry(entry.name, is_folder, is_file))
    return entries


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a junction, a kind of link between folders on Windows."""
    # The method is new in Python 3.12.
    return _HAS_JUNCTIONS and entry.is_junction()  # type: ignore[attr-defined]  # 3.12


_HAS_JUNCTIONS: Final = os.name == "nt" and hasattr(os.DirEntry, "is_junction")
_HAS_DESCRIPTORS: Final = (
    {os.open, os.stat} <= os.supports_dir_fd
    and os.scandir in os.supports_fd
    and os.stat in os.supports_follow_symlinks
    and hasattr(os, "O_DIRECTORY")
    and hasattr(os, "O_NOFOLLOW")
)
