"""Read and write the manifest: the one small file that says what a commit consists of."""

from __future__ import annotations

import errno
import json
import os
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from searchidx.errors import (
    IndexDamagedError,
    IndexFormatError,
    IndexNotFoundError,
)
from searchidx.store.files.directory import Directory, UnusableFileError
from searchidx.store.files.refusal import read_error

FORMAT_VERSION: Final = 3
"""The version of the index format. Raise it when the files or the analysis of text change."""
MANIFEST_FILE: Final = "searchidx.json"
_APPLICATION: Final = "searchidx"
_FILE_NAME: Final = re.compile(r"[a-z]+-[0-9a-f]{16}\.sidx")
_IDENTITY: Final = re.compile(r"[0-9a-f]{32}")
MAX_GENERATION: Final = (1 << 53) - 1
"""The largest integer that every JSON reader keeps exactly."""
SETTLING_SECONDS: Final = 0.005
"""How long to wait for a folder that is being exchanged or removed, several times."""
_SETTLING_ATTEMPTS: Final = 5
_LATEST_SECONDS: Final = 253_402_300_799
"""The end of the year 9999, in seconds since the epoch."""
_MAX_DOCUMENTS: Final = (1 << 31) - 1
_MAX_MANIFEST_BYTES: Final = 1 << 20
"""More than several thousand segments need; merges keep them at a few dozen."""


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment of a commit.

    Attributes:
        name: The name of its file.
        size: How many documents the file holds, deleted ones included.
        deleted_count: How many of these documents were deleted after it was written.
        deletions: The name of the file that says which were deleted; None if none was.
    """

    name: str
    size: int
    deleted_count: int = 0
    deletions: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A commit.

    Attributes:
        generation: The number of the commit. Each commit adds one to that of the last.
        committed: When it was made, in seconds since the epoch.
        segments: Its segments, in the order of their documents.
        metadata: The name of the file with the metadata of the commit, or None.
        index: The identity of the index, which all its commits share; None in an index of
            an early version.
    """

    generation: int = 0
    committed: float = 0.0
    segments: tuple[SegmentEntry, ...] = ()
    metadata: str | None = None
    index: str | None = None

    def files(self) -> set[str]:
        """Return the names of all files of the commit except the manifest."""
        names = {entry.name for entry in self.segments}
        names.update(entry.deletions for entry in self.segments if entry.deletions is not None)
        return names if self.metadata is None else names | {self.metadata}


def new_identity() -> str:
    """Return an identity for a new index."""
    return os.urandom(16).hex()


def new_file_name(kind: str) -> str:
    """Return a name for a new file of a kind, such as "segment". No commit has used it."""
    return f"{kind}-{os.urandom(8).hex()}.sidx"


def is_index_file(name: str) -> bool:
    """Return whether a name is one that `new_file_name` gives to the files of commits."""
    return _FILE_NAME.fullmatch(name) is not None


def list_index_files(directory: Directory, kind: str) -> list[str]:
    """Return the files of a kind in the folder, including those no manifest names."""
    return [
        name
        for name in directory.names()
        if name.startswith(f"{kind}-") and is_index_file(name)
    ]


def write_manifest(
    directory: Directory, manifest: Manifest, verify: Callable[[], None] = lambda: None
) -> None:
    """Make `manifest` the commit that readers see. It is durable when this returns.

    Args:
        directory: The folder of the index.
        manifest: The commit.
        verify: Called just before readers see it; an exception that it raises prevents that.

    Raises:
        OSError: A write failed. Readers see either this commit or the last one.
    """
    content: dict[str, Any] = {
        "application": _APPLICATION,
        "format": FORMAT_VERSION,
        "generation": manifest.generation,
        "committed": manifest.committed,
        "segments": [_entry_to_json(entry) for entry in manifest.segments],
        "metadata": manifest.metadata,
    }
    if manifest.index is not None:
        content["index"] = manifest.index
    content["checksum"] = _checksum(content)
    data = json.dumps(content, indent=1).encode("ascii")
    if len(data) > _MAX_MANIFEST_BYTES:
        raise OSError(errno.EFBIG, f"{MANIFEST_FILE} would have {len(data):,} bytes")
    directory.sync()  # the manifest names these files, so their names must be durable first
    with directory.create(MANIFEST_FILE, verify) as file:
        file.write(data)
    directory.sync()


def _entry_to_json(entry: SegmentEntry) -> dict[str, Any]:
    """Return an entry with the keys of the file format, which calls deletions removals."""
    return {
        "name": entry.name,
        "size": entry.size,
        "removed": entry.deleted_count,
        "removals": entry.deletions,
    }


def _entry_from_json(
    name: str, size: int, removed: int = 0, removals: str | None = None
) -> SegmentEntry:
    """Return the entry of a JSON object whose keys are the parameters of this function."""
    return SegmentEntry(name, size, deleted_count=removed, deletions=removals)


def _checksum(content: dict[str, Any]) -> int:
    """Return the CRC-32 of the canonical JSON of a manifest without its checksum."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return zlib.crc32(canonical.encode("ascii"))


def read_manifest(directory: Directory) -> Manifest:
    """Read the latest commit.

    Raises:
        IndexNotFoundError: The folder holds no index.
        IndexReadError: The operating system refused access.
        IndexFormatError: Another version of searchidx wrote the index.
        IndexDamagedError: The manifest is missing although segments are there, or it is not
            what was written.
    """
    path = directory.path / MANIFEST_FILE
    content = _read_json(directory)
    version = content.get("format")
    if content.get("application") != _APPLICATION or not isinstance(version, int):
        raise _damage_error(str(path), "it is not a manifest of searchidx")
    checksum = content.pop("checksum", None)
    # The version is compared before the checksum: older formats had none, newer ones may
    # compute it differently.
    if version != FORMAT_VERSION:
        if checksum == _checksum({**content, "format": FORMAT_VERSION}):
            raise _damage_error(str(path), "the number of its format is wrong")
        raise IndexFormatError(
            f"the index at {directory.path} has format {version}, and this version of "
            f"searchidx reads format {FORMAT_VERSION}; index the reports again, with: "
            "searchidx index --index NEW-FOLDER FOLDER-OF-REPORTS, or use the version that "
            "wrote it"
        )
    try:
        if checksum != _checksum(content):
            raise ValueError("its checksum is wrong")
        return _parse(content)
    except ValueError as error:
        raise _damage_error(str(path), str(error)) from error
    except (TypeError, KeyError, RecursionError) as error:
        what = "a value is missing, unknown or of a wrong type"
        raise _damage_error(str(path), what) from error


def _read_json(directory: Directory) -> dict[str, Any]:
    """Return the JSON object in the manifest; raise the errors of `read_manifest`."""
    path = directory.path / MANIFEST_FILE
    try:
        data = _read_data(directory)
        if data is None:
            raise _damage_error(str(path), "it is missing")
        if not data:
            raise _damage_error(str(path), "it is empty")
        content = json.loads(data)
    except FileNotFoundError as error:
        raise IndexNotFoundError(_not_found_message(directory)) from error
    except NotADirectoryError as error:
        raise IndexNotFoundError(
            f"{directory.path} is a file, not an index; give the folder of an index with "
            "--index DIR"
        ) from error
    except UnusableFileError as error:
        raise _damage_error(str(path), error.what) from error
    except OSError as error:
        raise read_error(directory.path, error) from error
    except (ValueError, RecursionError) as error:
        raise _damage_error(str(path), f"it is not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise _damage_error(str(path), "it is not a JSON object")
    return content


def _read_data(directory: Directory) -> bytes | None:
    """Return the bytes of the manifest, or None if it is missing although segments are there.

    Raises:
        OSError: The system refused it, or there is no index.
    """
    for _ in range(_SETTLING_ATTEMPTS):
        try:
            return directory.read(MANIFEST_FILE, _MAX_MANIFEST_BYTES)
        except FileNotFoundError:
            if not has_segments(directory):
                raise
        # The folder may have been exchanged in between, or is just being removed.
        time.sleep(SETTLING_SECONDS)
    return None


def _parse(content: dict[str, Any]) -> Manifest:
    """Return the commit that a manifest describes.

    Every value is checked, because a right checksum does not prove that values make sense.

    Raises:
        ValueError, TypeError, KeyError: A value is missing or impossible.
    """
    segments = tuple(_entry_from_json(**entry) for entry in content["segments"])
    manifest = Manifest(
        content["generation"],
        content["committed"],
        segments,
        content["metadata"],
        content.get("index"),
    )
    if manifest.index is not None and not _IDENTITY.fullmatch(manifest.index):
        raise ValueError("its identity is impossible")
    numbers = [manifest.generation]
    for entry in segments:
        numbers += [entry.size, entry.deleted_count, entry.size - entry.deleted_count]
        if (entry.deletions is None) != (entry.deleted_count == 0):
            raise ValueError(f"it does not say which documents of {entry.name} were deleted")
    if any(type(number) is not int or not 0 <= number <= MAX_GENERATION for number in numbers):
        raise ValueError("one of its numbers is impossible")
    if sum(entry.size for entry in segments) > _MAX_DOCUMENTS:
        raise ValueError("it counts more documents than an index can hold")
    time_ = manifest.committed
    if type(time_) is not float or not 0 <= time_ <= _LATEST_SECONDS:  # NaN is not either
        raise ValueError("its time is impossible")
    if len({entry.name for entry in segments}) < len(segments):
        raise ValueError("it names a segment twice")
    for name in manifest.files():
        if not is_index_file(name):
            raise ValueError(f"{name!r} is not the name of a file of an index")
    return manifest


def has_segments(directory: Directory) -> bool:
    """Return whether the folder holds segments, including those no manifest names.

    Raises:
        OSError: The system did not say.
    """
    try:
        return bool(list_index_files(directory, "segment"))
    except (FileNotFoundError, NotADirectoryError):
        return False


def generation_problem(manifest: Manifest) -> str | None:
    """Return why no commit can follow this one, or None."""
    if manifest.generation < MAX_GENERATION:
        return None
    return f"no commit can follow the one of number {manifest.generation}"


def manifest_damage_error(directory: Directory, what: str) -> IndexDamagedError:
    """Return the error for the manifest of a folder; `what` is what is wrong with it."""
    return _damage_error(str(directory.path / MANIFEST_FILE), what)


def _damage_error(path: str, what: str) -> IndexDamagedError:
    """Return the error for a damaged manifest; `what` is what is wrong with it."""
    error = IndexDamagedError(
        f"{path} is damaged ({what}); run: searchidx repair; "
        "if that fails, remove the folder and index again"
    )
    error.file, error.what = path, what
    return error


def _not_found_message(directory: Directory) -> str:
    """Return the message for a folder without an index, with the next command to run."""
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
