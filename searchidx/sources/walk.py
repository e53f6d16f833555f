"""Walk a folder and yield the files to read, the files of other kinds, and failures."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO, Final

from searchidx.sources import READABLE, extension
from searchidx.sources.failure import Failure, UnreadableError, failure_reason
from searchidx.sources.folder_tree import Entry, FolderTree, open_tree
from searchidx.sources.printable_paths import printable_path
from searchidx.sources.regular_files import NOT_REGULAR, open_regular

if TYPE_CHECKING:
    from searchidx.sources.ignore_patterns import IgnorePatterns

INDEX_FILE: Final = "searchidx.json"
"""The name of an index's manifest; a folder with such a file is an index."""

# The first of these files with a pattern for a path decides about it.
_IGNORE_FILES: Final = (".searchidxignore", ".gitignore")
_MAX_IGNORE_FILE_BYTES: Final = 1024 * 1024
_NOISE_FOLDERS: Final = frozenset({"__pycache__", "node_modules", "venv"})
_NOISE_FILES: Final = frozenset({"thumbs.db", "desktop.ini"})
_NOISE_PREFIX: Final = "~$"
_NOISE_SUFFIXES: Final = ("~", ".swp", ".tmp", ".bak", ".part")


@dataclass(slots=True)  # not frozen, which would triple the time to make one
class FoundFile:
    """A file to read.

    Args:
        path: The absolute path as the operating system gives it; links are not resolved.
        size: The size in bytes.
        mtime_ns: The modification time in nanoseconds since 1970.
        ctime_ns: The time of the last change of the file or its attributes, likewise.
        inode: The number of the file on its device.
        device: The number of its device.
        tree: The folder that was walked, whose descriptors the reader closes; None for a
            file that was given by itself.
        folder: The folder of the file, from the root of the tree.
        is_link: Whether the path was given by itself and is a link to the file.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int
    tree: FolderTree | None = field(default=None, compare=False, repr=False)
    folder: str = field(default="", compare=False, repr=False)
    is_link: bool = False

    def open(self) -> BinaryIO:
        """Open the file for reading, and no file elsewhere that a link leads to by now.

        Raises:
            OSError: It cannot be opened.
            UnreadableError: It is no regular file any more, or is another one.
        """
        identity = (self.device, self.inode)
        if self.tree is None:
            return open_regular(self.path, identity=identity, links=self.is_link)
        return self.tree.open(self.folder, os.path.basename(self.path), identity)


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file of a kind that is not read.

    Args:
        path: The absolute path.
    """

    path: str


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to list, with the ignore patterns that apply in it."""

    path: str
    """The path from the root; empty for the root."""

    ignored: tuple[tuple[int, IgnorePatterns], ...]
    """The patterns of each ignore file, and the number of code points of the path from the
    root to its folder, with a slash at the end.  The nearest folder comes first."""

    device: int | None
    """The number of the device of the folder above; None for the root."""


def walk(
    root: str,
    open_tree: Callable[[str], FolderTree] = open_tree,
    *,
    devices: dict[str, int] | None = None,
) -> Iterator[FoundFile | SkippedFile | Failure]:
    """Yield the files of a folder and all its subfolders, in the order of their names.

    The walk silently skips hidden files and folders, leftovers of other programs (backups,
    caches), paths that a `.gitignore` or `.searchidxignore` in the tree excludes, indexes of
    searchidx, pipes, devices and symbolic links.  A link within the tree would yield a
    document twice, and a link to elsewhere would leave the tree.

    Args:
        root: A folder, or a file, which is yielded whatever its name.  Either may be a link.
        open_tree: Returns the tree of a folder.
        devices: Receives the number of the device of the root, if it is a folder that can be
            listed, and of each mount point below it, by absolute path.

    Yields:
        Files to read, files of other kinds, and a `Failure` for each unreadable path.
    """
    root = os.path.abspath(root)
    try:
        is_link = os.path.islink(root)
        status = os.stat(root)
        tree = open_tree(root) if stat.S_ISDIR(status.st_mode) else None
    except (OSError, ValueError) as error:
        yield Failure(printable_path(root), None, _root_failure_reason(root, error))
        return
    if tree is None:
        if stat.S_ISREG(status.st_mode):
            yield _found_file(root, status, is_link=is_link)
        else:
            yield Failure(printable_path(root), None, NOT_REGULAR)
    elif os.path.isfile(os.path.join(root, INDEX_FILE)):
        reason = "is an index of searchidx; give the folder that holds the reports"
        yield Failure(printable_path(root), None, reason)
    else:
        try:
            yield from _Walk(root, tree, {} if devices is None else devices).items()
        finally:
            tree.close()


def _root_failure_reason(root: str, error: Exception) -> str:
    """Return the reason why the root of a walk cannot be read, and what to do next."""
    if isinstance(error, PermissionError):
        return failure_reason(error)
    if os.path.islink(root):
        return "is a link to nothing; check where it leads"
    if isinstance(error, FileNotFoundError | NotADirectoryError | ValueError):
        return "does not exist; check the path"
    return failure_reason(error) if isinstance(error, OSError) else str(error)


def _found_file(
    path: str,
    status: os.stat_result,
    tree: FolderTree | None = None,
    folder: str = "",
    *,
    is_link: bool = False,
) -> FoundFile:
    """Return a file to read, given its status."""
    return FoundFile(
        path,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev,
        tree,
        folder,
        is_link,
    )


class _Walk:
    """A walk of one folder.

    Args:
        root: The absolute path of the folder.
        tree: The folder.
        devices: As for `walk`.
    """

    def __init__(self, root: str, tree: FolderTree, devices: dict[str, int]) -> None:
        self._root = root
        self._tree = tree
        self._devices = devices
        self._base = root.rstrip(os.sep) + os.sep

    def items(self) -> Iterator[FoundFile | SkippedFile | Failure]:
        """Yield what is below the root, with a stack of our own: trees may be very deep."""
        stack: list[Iterator[_Folder | FoundFile | SkippedFile | Failure]] = [
            self._list_folder(_Folder("", (), None))
        ]
        while stack:
            item = next(stack[-1], None)
            if item is None:
                stack.pop()
            elif isinstance(item, _Folder):
                stack.append(self._list_folder(item))
            else:
                yield item

    def _failure(self, path: str, error: OSError | UnreadableError) -> Failure:
        """Return the failure of a path from the root."""
        reason = failure_reason(error) if isinstance(error, OSError) else str(error)
        return Failure(printable_path(self._base + path if path else self._root), None, reason)

    def _list_folder(
        self, folder: _Folder
    ) -> Iterator[_Folder | FoundFile | SkippedFile | Failure]:
        """Yield the entries of a folder in the order of their names."""
        try:
            entries = sorted(self._tree.entries(folder.path))
            device = self._tree.device(folder.path)
        except (OSError, UnreadableError) as error:
            yield self._failure(folder.path, error)
            return
        if any(entry.name == INDEX_FILE for entry in entries):
            return
        if device != folder.device:
            folder = replace(folder, device=device)
            self._devices[self._base + folder.path if folder.path else self._root] = device
        prefix = os.path.join(folder.path, "")
        for name in reversed(_IGNORE_FILES):
            if any(entry.name == name and entry.is_file for entry in entries):
                try:
                    patterns = self._read_patterns(folder.path, name)
                except (OSError, UnreadableError) as error:
                    yield self._failure(prefix + name, error)
                    continue
                ignored = ((len(prefix), patterns), *folder.ignored)
                folder = replace(folder, ignored=ignored)
                path = printable_path(self._base + prefix + name)
                for line, reason in patterns.unused:
                    yield Failure(path, line, reason)
        for entry in entries:
            try:
                item = self._classify(folder, prefix + entry.name, entry)
            except (OSError, UnreadableError) as error:
                yield self._failure(prefix + entry.name, error)
            else:
                if item is not None:
                    yield item

    def _classify(
        self, folder: _Folder, path: str, entry: Entry
    ) -> _Folder | FoundFile | SkippedFile | None:
        """Classify an entry of a folder; return None if the walk skips it silently."""
        if entry.name.startswith("."):
            return None
        name = entry.name.lower()
        if entry.is_folder:
            if name in _NOISE_FOLDERS or _is_ignored(path + os.sep, folder.ignored):
                return None
            return _Folder(path, folder.ignored, folder.device)
        if not entry.is_file or _is_noise(name) or _is_ignored(path, folder.ignored):
            return None
        if extension(name) not in READABLE:
            return SkippedFile(self._base + path)
        status = self._tree.status(folder.path, entry.name)
        if not stat.S_ISREG(status.st_mode):
            return None  # a link or a pipe has taken its place since
        return _found_file(self._base + path, status, self._tree, folder.path)

    def _read_patterns(self, folder: str, name: str) -> IgnorePatterns:
        """Read the patterns of an ignore file."""
        from searchidx.sources.ignore_patterns import IgnorePatterns

        with self._tree.open(folder, name, None) as file:
            data = file.read(_MAX_IGNORE_FILE_BYTES + 1)
        unused: list[tuple[int | None, str]] = []
        if len(data) > _MAX_IGNORE_FILE_BYTES:
            data = data[: data.rfind(b"\n", 0, _MAX_IGNORE_FILE_BYTES) + 1]
            reason = "is larger than 1 MB; the lines after that are not used: shorten it"
            unused = [(None, reason)]
        return IgnorePatterns(data.decode("utf-8-sig", "surrogateescape").split("\n"), unused)


def _is_noise(name: str) -> bool:
    """Tell whether a file is a leftover of another program; its name is in lower case."""
    return (
        name.endswith(_NOISE_SUFFIXES) or name.startswith(_NOISE_PREFIX) or name in _NOISE_FILES
    )


def _is_ignored(path: str, ignored: tuple[tuple[int, IgnorePatterns], ...]) -> bool:
    """Tell whether the patterns exclude a path; a folder's path ends in a slash."""
    if not ignored:
        return False
    path = path.replace(os.sep, "/")
    for start, patterns in ignored:
        verdict = patterns.verdict(path[start:])
        if verdict is not None:
            return verdict
    return False
