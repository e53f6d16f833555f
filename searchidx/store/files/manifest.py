"""What a commit consists of: one small file, replaced whole."""

from __future__ import annotations

import errno
import json
import math
import os
import re
import zlib
from dataclasses import asdict, dataclass
from typing import Any, Final

from searchidx.errors import (
    IndexDamagedError,
    IndexFormatError,
    IndexNotFoundError,
    IndexReadError,
)
from searchidx.store.files.directory import Directory

FORMAT_VERSION: Final = 3
"""The format of the index: raised when files or analysis change so that old ones differ."""
MANIFEST_FILE: Final = "searchidx.json"
ACCESS_REFUSED_ERRNOS: Final = frozenset(
    {errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE}
)
"""What the system answers although nothing is wrong with the files."""
_APPLICATION: Final = "searchidx"
_FILE: Final = re.compile(r"[a-z]+-[0-9a-f]{16}\.sidx")


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment of a commit.

    Attributes:
        name: Its file.
        size: How many documents were written to it.
        removed: How many of them were removed since.
        removals: The file that says which, or None.
    """

    name: str
    size: int
    removed: int = 0
    removals: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A commit.

    Attributes:
        generation: Its number; each commit's is one more than the last's.
        committed: When it was made: seconds since the epoch.
        segments: Its segments, in the order of their documents.
        metadata: The file that holds what the commit was given as metadata, or None.
    """

    generation: int = 0
    committed: float = 0.0
    segments: tuple[SegmentEntry, ...] = ()
    metadata: str | None = None

    def files(self) -> set[str]:
        """The names of all files of the commit but its own."""
        names = {entry.name for entry in self.segments}
        names.update(entry.removals for entry in self.segments if entry.removals)
        return names | ({self.metadata} if self.metadata else set())


def new_file_name(kind: str) -> str:
    """A name for a file that no file of any commit has had."""
    return f"{kind}-{os.urandom(8).hex()}.sidx"


def is_file_of_index(name: str) -> bool:
    """Whether a file of that name is, or was, part of a commit."""
    return _FILE.fullmatch(name) is not None


def files_of(directory: Directory, kind: str) -> list[str]:
    """The files of a kind in the folder, named by a manifest or not."""
    return [
        name
        for name in directory.names()
        if name.startswith(f"{kind}-") and is_file_of_index(name)
    ]


def write_manifest(directory: Directory, manifest: Manifest) -> None:
    """Makes `manifest` the commit that readers see, durable when this returns.

    Raises:
        OSError: The disk refused something; readers see this commit or the last one.
    """
    content = {"application": _APPLICATION, "format": FORMAT_VERSION, **asdict(manifest)}
    content["checksum"] = _checksum(content)
    directory.sync()  # the names of the files that it names
    with directory.create(MANIFEST_FILE) as file:
        file.write(json.dumps(content, indent=1).encode("ascii"))
    directory.sync()


def _checksum(content: dict[str, Any]) -> int:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return zlib.crc32(canonical.encode("ascii"))


def read_manifest(directory: Directory) -> Manifest:
    """The latest commit.

    Raises:
        IndexNotFoundError, IndexReadError, IndexFormatError, IndexDamagedError: There is
            none, or it cannot be read.
    """
    path = directory.path / MANIFEST_FILE
    try:
        content = json.loads(directory.read(MANIFEST_FILE))
        if not isinstance(content, dict):
            raise TypeError("it is no object")
    except FileNotFoundError as error:
        if has_segments(directory):
            raise _damaged(str(path), "it is missing") from error
        raise IndexNotFoundError(not_found(directory)) from error
    except NotADirectoryError as error:
        raise IndexNotFoundError(
            f"{directory.path} is a file, not an index; give the folder of an index with "
            "--index DIR"
        ) from error
    except OSError as error:
        if error.errno not in ACCESS_REFUSED_ERRNOS:
            raise _damaged(str(path), str(error)) from error
        raise IndexReadError(
            f"the index at {directory.path} cannot be read ({error.strerror}); get "
            "permission, or close other files, then run the same command again"
        ) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise _damaged(str(path), str(error)) from error
    written = content.get("format")
    if content.get("application") != _APPLICATION or not isinstance(written, int):
        raise _damaged(str(path), "it is not a manifest of searchidx")
    checksum = content.pop("checksum", None)
    # An older format had no checksum; a newer one may have another.
    if written != FORMAT_VERSION:
        if checksum == _checksum({**content, "format": FORMAT_VERSION}):
            raise _damaged(str(path), "the number of its format is wrong")
        raise IndexFormatError(
            f"the index at {directory.path} has format {written}, and this version of "
            f"searchidx reads format {FORMAT_VERSION}; remove the folder and run: searchidx index "
            f"--index {directory.path} FOLDER-OF-REPORTS, or use the version that wrote it"
        )
    try:
        if checksum != _checksum(content):
            raise ValueError("its checksum is wrong")
        return _manifest(content)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _damaged(str(path), str(error)) from error


def _manifest(content: dict[str, Any]) -> Manifest:
    """The commit that a manifest describes, if it can be one: a checksum is no proof."""
    segments = tuple(SegmentEntry(**entry) for entry in content["segments"])
    manifest = Manifest(
        content["generation"], content["committed"], segments, content["metadata"]
    )
    numbers = [manifest.generation]
    for entry in segments:
        numbers += [entry.size, entry.removed, entry.size - entry.removed]
        if (entry.removals is None) != (entry.removed == 0):
            raise ValueError(f"of {entry.name} it is not said which documents were removed")
    if any(type(number) is not int or not 0 <= number < 1 << 53 for number in numbers):
        raise ValueError("one of its numbers is impossible")
    if sum(entry.size for entry in segments) >= 1 << 31:
        raise ValueError("it counts more documents than an index can hold")
    if type(manifest.committed) is not float or not math.isfinite(manifest.committed):
        raise ValueError("its time is impossible")
    if len({entry.name for entry in segments}) < len(segments):
        raise ValueError("it names a segment twice")
    for name in manifest.files():
        if not is_file_of_index(name):
            raise ValueError(f"{name!r} is no name of a file of an index")
    return manifest


def has_segments(directory: Directory) -> bool:
    """Whether segments of an index lie there, named by a manifest or not."""
    try:
        return bool(files_of(directory, "segment"))
    except OSError:
        return False


def _damaged(path: str, what: str) -> IndexDamagedError:
    error = IndexDamagedError(
        f"{path} is damaged ({what}); run: searchidx repair, "
        "or remove the folder and index again"
    )
    error.file, error.what = path, what
    return error


def not_found(directory: Directory) -> str:
    """What to say where there is no index."""
    folder = directory.path
    if folder.is_dir():
        return (
            f"there is no index at {folder} yet; make one with: "
            f"searchidx index --index {folder} FOLDER-OF-REPORTS"
        )
    return (
        f"there is no folder {folder}; make an index with: searchidx index FOLDER-OF-REPORTS, "
        "or name another place with --index DIR"
    )
