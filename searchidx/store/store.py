"""An index on disk: a folder with commits."""

from __future__ import annotations

import contextlib
import errno
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import zstandard

from searchidx.errors import (
    IndexExistsError,
    IndexReadError,
    IndexWriteError,
    SearchidxError,
)
from searchidx.store.commit.reader import Reader
from searchidx.store.files.directory import Directory, final_file_name
from searchidx.store.files.lock import LOCK_FILE, acquire_lock
from searchidx.store.files.manifest import (
    ACCESS_REFUSED_ERRNOS,
    MANIFEST_FILE,
    Manifest,
    has_segments,
    is_index_file,
    read_manifest,
    write_manifest,
)
from searchidx.store.files.sections import SectionFile, create_section_file, damage_error

if TYPE_CHECKING:
    from searchidx.store.writer import Writer

_T = TypeVar("_T")

# Files that may be in a folder that becomes an index, among them those of another process that
# creates an index there at the same time, or was killed while it did.
_HARMLESS: Final = re.compile(
    rf"\..*|README.*|{re.escape(LOCK_FILE)}|{re.escape(MANIFEST_FILE)}\.part", re.IGNORECASE
)
_ATTEMPTS: Final = 50
_LARGEST_METADATA: Final = 1 << 30


def _has_manifest(folder: Path) -> bool:
    """Whether `folder` is an index, of whatever format."""
    return (folder / MANIFEST_FILE).is_file()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One commit and what belongs to it.

    Attributes:
        reader: The reader of the commit.
        metadata: The metadata that the commit was given.
        nbytes: The size of its files on disk.
    """

    reader: Reader
    metadata: dict[str, Any]
    nbytes: int


class Store:
    """An index on disk: the place of commits.

    Args:
        folder: The folder of an existing index.
        directory: How its files are touched, if not in the usual way.

    Raises:
        IndexNotFoundError: There is no index.
        IndexFormatError: It has another format.
        IndexDamagedError: Its manifest is not what it should be.
        IndexReadError: The system refused to read it.
    """

    def __init__(self, folder: Path, *, directory: Directory | None = None) -> None:
        self.folder = folder
        self.directory = directory or Directory(folder)
        read_manifest(self.directory)

    @classmethod
    def create(cls, folder: Path, *, directory: Directory | None = None) -> Store:
        """Makes an empty index in `folder`, which is created where it is missing.

        Raises:
            IndexExistsError: `folder` is a file, holds an index, or holds other files.
            IndexWriteError: The folder or its files cannot be written.
        """
        directory = directory or Directory(folder)
        try:
            directory.create_folder()
            names = sorted(entry.name for entry in folder.iterdir())
        except (FileExistsError, NotADirectoryError) as error:
            raise IndexExistsError(
                f"{folder} is a file, or lies below one; an index needs a folder: "
                "give another place with --index DIR"
            ) from error
        except OSError as error:
            raise _write_error(folder, error) from error
        foreign = [
            name
            for name in names
            if not _HARMLESS.fullmatch(name) and not _was_being_written(name)
        ]
        if has_segments(directory) and not _has_manifest(folder):
            read_manifest(directory)  # which says that it is missing, and what to do
        if foreign and not _has_manifest(folder):
            raise IndexExistsError(
                f"{folder} holds other files ({foreign[0]}, …) and no index; "
                "give an empty or new folder, so that nothing of yours is overwritten"
            )
        lock = acquire_lock(directory, 10.0)
        try:
            if _has_manifest(folder):
                raise IndexExistsError(
                    f"there is an index at {folder} already; open it instead"
                )
            with translate_write_errors(folder):
                write_manifest(directory, Manifest(committed=time.time()))
        finally:
            lock.release()
        return cls(folder, directory=directory)

    def generation(self) -> int:
        """The number of the latest commit; each commit's is one more than the last's.

        Raises:
            IndexNotFoundError: The index is no longer there.
        """
        return read_manifest(self.directory).generation

    def reader(self) -> Reader:
        """A reader of the latest commit, which it sees whole for as long as it lives.

        Raises:
            IndexNotFoundError, IndexDamagedError: As for opening.
        """
        return self._of_latest(lambda manifest: Reader(self.directory, manifest))

    def snapshot(self) -> Snapshot:
        """Return the latest commit with its metadata and size, all of one commit.

        Raises:
            IndexNotFoundError, IndexDamagedError: As for opening.
        """
        return self._of_latest(self._snapshot)

    def _snapshot(self, manifest: Manifest) -> Snapshot:
        names = (MANIFEST_FILE, *manifest.files())
        return Snapshot(
            reader=Reader(self.directory, manifest),
            metadata=self._metadata(manifest),
            nbytes=sum((self.folder / name).stat().st_size for name in names),
        )

    def _of_latest(self, read: Callable[[Manifest], _T]) -> _T:
        """What `read` makes of the latest commit, which another may replace meanwhile."""
        for _ in range(_ATTEMPTS):
            manifest = read_manifest(self.directory)
            try:
                with self._reading():
                    return read(manifest)
            except FileNotFoundError as error:
                if read_manifest(self.directory).generation == manifest.generation:
                    raise damage_error(str(error.filename), "it is missing") from error
        raise damage_error(str(self.folder), "its files change faster than they can be opened")

    def writer(self, *, wait: float = 0.0, workers: int = 1) -> Writer:
        """The one writer of the index.

        Args:
            wait: Seconds to wait for another writer to finish.
            workers: How many processes analyse and build at once.

        Raises:
            IndexLockedError: Another writer still holds the index after `wait` seconds;
                the message names it.
            IndexWriteError: The disk refused a write.
        """
        from searchidx.store.writer import Writer  # which a search does not need

        return Writer(self, wait, workers)

    def metadata(self) -> dict[str, Any]:
        """What the latest commit was given as metadata; empty before the first."""
        return self._of_latest(self._metadata)

    def _metadata(self, manifest: Manifest) -> dict[str, Any]:
        if manifest.metadata is None:
            return {}
        return read_metadata(self.directory, manifest.metadata)

    def commit_time(self) -> float:
        """When the latest commit was made: seconds since the epoch."""
        return read_manifest(self.directory).committed

    # What the writer needs of the folder.

    def write_metadata(self, name: str, value: Mapping[str, Any]) -> None:
        """Keeps the metadata of a commit that is about to be made."""
        write_metadata(self.directory, name, value)

    def remove_leftovers(self, kept: Set[str] = frozenset()) -> None:
        """Removes what no commit needs, but for `kept`; to be called while holding the lock."""
        kept = kept | read_manifest(self.directory).files()
        leftovers = [
            name
            for name in self.directory.names()
            if name not in kept and (is_index_file(name) or _was_being_written(name))
        ]
        if leftovers:
            # The manifest may have been named by a writer that died before it was durable:
            # a power cut could still bring back the one before, and that needs its files.
            self.directory.sync()
        for name in leftovers:
            self.directory.remove(name)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Tells what the system refuses from what is damaged."""
        try:
            yield
        except (SearchidxError, FileNotFoundError):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno in ACCESS_REFUSED_ERRNOS:
                raise IndexReadError(
                    f"the index at {self.folder} cannot be read ({error.strerror}); get "
                    "permission, or close other files, then run the same command again"
                ) from error
            raise damage_error(str(self.folder), f"{type(error).__name__}: {error}") from error

    def translate_write_errors(self) -> contextlib.AbstractContextManager[None]:
        """Turns a refused write into an error that says what it means."""
        return translate_write_errors(self.folder)


@contextlib.contextmanager
def translate_write_errors(folder: Path) -> Iterator[None]:
    """Turns a refused write to the index in `folder` into an error that says what it means.

    Raises:
        IndexWriteError: The disk refused a write.
    """
    try:
        yield
    except SearchidxError:
        raise
    except OSError as error:
        raise _write_error(folder, error) from error


def read_metadata(directory: Directory, name: str) -> dict[str, Any]:
    """What a commit was given as metadata.

    Raises:
        IndexDamagedError: It is not what was written.
        FileNotFoundError: It is not there.
    """
    file = SectionFile(directory, name)
    packed = file["metadata"].read()
    try:
        if not 0 <= zstandard.frame_content_size(packed) <= _LARGEST_METADATA:
            raise ValueError("it has an impossible size")
        value = json.loads(zstandard.ZstdDecompressor().decompress(packed))
    except (ValueError, RecursionError, MemoryError, zstandard.ZstdError) as error:
        raise damage_error(file.name, f"it cannot be read ({error})") from error
    if not isinstance(value, dict):
        raise damage_error(file.name, "it is no object")
    return value


def write_metadata(directory: Directory, name: str, value: Mapping[str, Any]) -> None:
    """Writes the metadata of a commit to a file of that name."""
    content = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
    with create_section_file(directory, name) as sections:
        sections.write("metadata", zstandard.ZstdCompressor().compress(content))


def _was_being_written(name: str) -> bool:
    """Whether a writer died while it wrote that file."""
    whole = final_file_name(name)
    return whole is not None and (whole == MANIFEST_FILE or is_index_file(whole))


def _write_error(folder: Path, error: OSError) -> IndexWriteError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        remedy = "Make room"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        remedy = "Get permission"
    else:
        remedy = "Make sure that the disk is in order"
    return IndexWriteError(
        f"cannot write to the index at {folder}: {error.strerror or error}; what was indexed "
        f"before is still there. {remedy}, then run the same command again"
    )
