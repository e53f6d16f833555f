"""The files that a folder holds: those to be read, and those of other kinds."""

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
"""A folder that holds a file of this name is an index, not a folder of reports."""

# The first file that says anything about a path decides.
_IGNORE_FILES: Final = (".searchidxignore", ".gitignore")
_LARGEST_IGNORE_FILE: Final = 1024 * 1024  # bytes
_NOISE_FOLDERS: Final = frozenset({"__pycache__", "node_modules", "venv"})
_NOISE_FILES: Final = (
    "*~", "*.swp", "*.tmp", "*.bak", "*.part", "~$*", "thumbs.db", "desktop.ini",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to be read.

    Args:
        path: Its absolute path, as the operating system knows it; links are not resolved.
        size: Its size in bytes.
        mtime_ns: When it was last changed, in nanoseconds since 1970.
    """

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file of a kind that is not read.

    Args:
        path: Its absolute path.
    """

    path: str


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str
    ignored: tuple[tuple[str, GitIgnoreSpec], ...]
    """The patterns in force: a folder with a slash at its end and what its file says,
    those of the nearest folder first."""


def walk(root: str) -> Iterator[FoundFile | SkippedFile | Failure]:
    """Yield the files of a folder and all folders in it, in the order of their names.

    Passed over in silence are hidden files and folders, what other programs leave behind
    (backups, caches), what a `.gitignore` or `.searchidxignore` in the tree excludes,
    indexes of searchidx, pipes and devices, and symbolic links: a link within the tree
    would give a document twice, one to elsewhere would leave the tree.

    Args:
        root: A folder, or one file, which is found whatever its name; either may be a link.

    """
    root = os.path.abspath(root)
    try:
        status = os.stat(root)
    except (OSError, ValueError) as error:
        yield Failure(printable_path(root), None, _reason_for_root(root, error))
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


def _reason_for_root(root: str, error: Exception) -> str:
    if isinstance(error, PermissionError):
        return failure_reason(error)
    if os.path.islink(root):
        return "is a link to nothing; check where it leads"
    if isinstance(error, FileNotFoundError | NotADirectoryError | ValueError):
        return "does not exist; check the path"
    return failure_reason(error) if isinstance(error, OSError) else str(error)


def _walk_folder(root: _Folder) -> Iterator[FoundFile | SkippedFile | Failure]:
    """Yield the files below a folder; a stack, since folders may be deeper than Python's."""
    stack: list[Iterator[_Folder | FoundFile | SkippedFile | Failure]] = [_list(root)]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
        elif isinstance(item, _Folder):
            stack.append(_list(item))
        else:
            yield item


def _list(folder: _Folder) -> Iterator[_Folder | FoundFile | SkippedFile | Failure]:
    """Yield what a folder holds, in the order of the names."""
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
            item = _item(entry, ignored)
        except OSError as error:
            yield Failure(printable_path(entry.path), None, failure_reason(error))
        else:
            if item is not None:
                yield item


def _item(
    entry: os.DirEntry[str], ignored: tuple[tuple[str, GitIgnoreSpec], ...]
) -> _Folder | FoundFile | SkippedFile | None:
    """Return what an entry of a folder is, or None for what is passed over in silence."""
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
    """Whether the patterns exclude a path, which ends in a slash if it is a folder."""
    for base, spec in ignored:
        verdict = spec.check_file(path[len(base) :]).include
        if verdict is not None:
            return verdict
    return False


def _read_patterns(path: str) -> GitIgnoreSpec | Failure:
    from pathspec import GitIgnoreSpec

    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST_IGNORE_FILE)
    except OSError as error:
        return Failure(printable_path(path), None, failure_reason(error))
    lines = data.decode("utf-8-sig", "surrogateescape").splitlines()
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    """Whether a line can be understood; git too passes over the others in silence."""
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
