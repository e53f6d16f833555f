"""Walk a folder and yield the files to read, the files of other kinds, and failures."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from searchidx.sources import READABLE, extension
from searchidx.sources.failure import Failure, failure_reason, printable_path
from searchidx.sources.regular_files import NOT_REGULAR

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

INDEX_FILE: Final = "searchidx.json"
"""The name of an index's manifest; a folder with such a file is an index."""

# The first of these files with a pattern for a path decides about it.
_IGNORE_FILES: Final = (".searchidxignore", ".gitignore")
_MAX_IGNORE_FILE_BYTES: Final = 1024 * 1024
_NOISE_FOLDERS: Final = frozenset({"__pycache__", "node_modules", "venv"})
_NOISE_FILES: Final = (
    "*~", "*.swp", "*.tmp", "*.bak", "*.part", "~$*", "thumbs.db", "desktop.ini",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read.

    Args:
        path: The absolute path as the operating system gives it; links are not resolved.
        size: The size in bytes.
        mtime_ns: The modification time in nanoseconds since 1970.
    """

    path: str
    size: int
    mtime_ns: int


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
    ignored: tuple[tuple[str, GitIgnoreSpec], ...]
    """Pairs of a folder, with a slash at its end, and the patterns of its ignore file.

    The nearest folder comes first."""


def walk(root: str) -> Iterator[FoundFile | SkippedFile | Failure]:
    """Yield the files of a folder and all its subfolders, in the order of their names.

    The walk silently skips hidden files and folders, leftovers of other programs (backups,
    caches), paths that a `.gitignore` or `.searchidxignore` in the tree excludes, indexes of
    searchidx, pipes, devices and symbolic links.  A link within the tree would yield a
    document twice, and a link to elsewhere would leave the tree.

    Args:
        root: A folder, or a file, which is yielded whatever its name.  Either may be a link.

    Yields:
        Files to read, files of other kinds, and a `Failure` for each unreadable path.
    """
    root = os.path.abspath(root)
    try:
        status = os.stat(root)
    except (OSError, ValueError) as error:
        yield Failure(printable_path(root), None, _root_failure_reason(root, error))
        return
    if stat.S_ISREG(status.st_mode):
        yield FoundFile(root, status.st_size, status.st_mtime_ns)
    elif not stat.S_ISDIR(status.st_mode):
        yield Failure(printable_path(root), None, NOT_REGULAR)
    elif os.path.isfile(os.path.join(root, INDEX_FILE)):
        reason = "is an index of searchidx; give the folder that holds the reports"
        yield Failure(printable_path(root), None, reason)
    else:
        yield from _walk_folder(_Folder(root, ()))


def _root_failure_reason(root: str, error: Exception) -> str:
    """Return the reason why the root of a walk cannot be read, and what to do next."""
    if isinstance(error, PermissionError):
        return failure_reason(error)
    if os.path.islink(root):
        return "is a link to nothing; check where it leads"
    if isinstance(error, FileNotFoundError | NotADirectoryError | ValueError):
        return "does not exist; check the path"
    return failure_reason(error) if isinstance(error, OSError) else str(error)


def _walk_folder(root: _Folder) -> Iterator[FoundFile | SkippedFile | Failure]:
    """Yield the files below a folder, with a stack of our own: trees may be very deep."""
    stack: list[Iterator[_Folder | FoundFile | SkippedFile | Failure]] = [_list_folder(root)]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
        elif isinstance(item, _Folder):
            stack.append(_list_folder(item))
        else:
            yield item


def _list_folder(folder: _Folder) -> Iterator[_Folder | FoundFile | SkippedFile | Failure]:
    """Yield the entries of a folder in the order of their names."""
    try:
        with os.scandir(folder.path) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        yield Failure(printable_path(folder.path), None, failure_reason(error))
        return
    if any(entry.name == INDEX_FILE for entry in entries):
        return
    ignored = folder.ignored
    base = folder.path.rstrip(os.sep) + os.sep
    for name in reversed(_IGNORE_FILES):
        for entry in entries:
            if entry.name == name and entry.is_file(follow_symlinks=False):
                spec = _read_patterns(entry.path)
                if isinstance(spec, Failure):
                    yield spec
                else:
                    ignored = ((base, spec), *ignored)
    for entry in entries:
        try:
            item = _classify(entry, ignored)
        except OSError as error:
            yield Failure(printable_path(entry.path), None, failure_reason(error))
        else:
            if item is not None:
                yield item


def _classify(
    entry: os.DirEntry[str], ignored: tuple[tuple[str, GitIgnoreSpec], ...]
) -> _Folder | FoundFile | SkippedFile | None:
    """Classify an entry of a folder; return None if the walk skips it silently."""
    if entry.name.startswith(".") or entry.is_symlink():
        return None
    name = entry.name.lower()
    if entry.is_dir(follow_symlinks=False):
        if name in _NOISE_FOLDERS or _is_ignored(entry.path + "/", ignored):
            return None
        return _Folder(entry.path, ignored)
    if not entry.is_file(follow_symlinks=False):
        return None
    if any(fnmatchcase(name, pattern) for pattern in _NOISE_FILES):
        return None
    if _is_ignored(entry.path, ignored):
        return None
    if extension(name) not in READABLE:
        return SkippedFile(entry.path)
    status = entry.stat(follow_symlinks=False)
    return FoundFile(entry.path, status.st_size, status.st_mtime_ns)


def _is_ignored(path: str, ignored: tuple[tuple[str, GitIgnoreSpec], ...]) -> bool:
    """Tell whether the patterns exclude a path; a folder's path ends in a slash."""
    for base, spec in ignored:
        verdict = spec.check_file(path[len(base) :]).include
        if verdict is not None:
            return verdict
    return False


def _read_patterns(path: str) -> GitIgnoreSpec | Failure:
    """Read the patterns of an ignore file, without the lines that are invalid."""
    from pathspec import GitIgnoreSpec

    try:
        with open(path, "rb") as file:
            data = file.read(_MAX_IGNORE_FILE_BYTES)
    except OSError as error:
        return Failure(printable_path(path), None, failure_reason(error))
    lines = data.decode("utf-8-sig", "surrogateescape").splitlines()
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    """Tell whether a line is a valid pattern; git silently ignores invalid ones as well."""
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
