"""Open and create the folder of an index, and read its latest commit."""

from __future__ import annotations

import contextlib
import copy
import re
import time
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from searchidx.errors import IndexExistsError, IndexFailure, SearchidxError
from searchidx.store.commit.reader import Reader
from searchidx.store.files.commit_metadata import read_metadata, write_metadata
from searchidx.store.files.directory import Directory, final_file_name
from searchidx.store.files.error_translation import (
    translate_read_errors,
    translate_write_errors,
)
from searchidx.store.files.lock import LOCK_FILE, acquire_lock
from searchidx.store.files.manifest import (
    MANIFEST_FILE,
    SETTLING_SECONDS,
    Manifest,
    has_segments,
    is_index_file,
    new_identity,
    read_manifest,
)
from searchidx.store.files.refusal import write_error
from searchidx.store.files.sections import damage_error

if TYPE_CHECKING:
    from searchidx.store.writer import Writer

_T = TypeVar("_T")

# Files that may be in a folder that becomes an index, among them those of another process that
# creates an index there at the same time, or was killed while it did.
_HARMLESS_NAMES: Final = re.compile(
    rf"\..*|README.*|{re.escape(LOCK_FILE)}|{re.escape(MANIFEST_FILE)}\.part", re.IGNORECASE
)
_MAX_ATTEMPTS: Final = 50
"""How often to start again when a writer replaces the commit that is being read."""
_MAX_MISSING: Final = 4
"""How often a file must be missing from a commit that is not replaced to call it damaged."""


def _has_manifest(folder: Path) -> bool:
    """Return whether a folder has the manifest of an index, of any format."""
    return (folder / MANIFEST_FILE).is_file()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One commit with its metadata and size.

    Attributes:
        reader: The reader of the commit.
        metadata: The metadata that the commit was given.
        nbytes: The size of its files on disk.
    """

    reader: Reader
    metadata: dict[str, Any]
    nbytes: int


class Store:
    """An index on disk: a folder that holds one commit after the other.

    Args:
        folder: The folder of an existing index.
        directory: The file operations to use; None for those of the system.

    Raises:
        IndexNotFoundError: The folder has no index.
        IndexFormatError: The index has another format.
        IndexDamagedError: The manifest is damaged.
        IndexReadError: The system refused to read the index.
    """

    def __init__(self, folder: Path, *, directory: Directory | None = None) -> None:
        self.folder = folder
        self.directory = directory or Directory(folder)
        read_manifest(self.directory)

    @classmethod
    def create(cls, folder: Path, *, directory: Directory | None = None) -> Store:
        """Create an empty index.

        Args:
            folder: The folder of the index, created if it is missing.
            directory: The file operations to use; None for those of the system.

        Raises:
            IndexExistsError: `folder` is a file, has an index, or has other files.
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
            raise write_error(folder, error) from error
        foreign = [
            name
            for name in names
            if not _HARMLESS_NAMES.fullmatch(name) and not _was_being_written(name)
        ]
        if has_segments(directory) and not _has_manifest(folder):
            read_manifest(directory)  # raises the error that names the missing manifest
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
                lock.commit(Manifest(committed=time.time(), index=new_identity()), None)
        finally:
            lock.release()
        return cls(folder, directory=directory)

    def generation(self) -> int:
        """Return the number of the latest commit; each commit adds 1.

        Raises:
            IndexNotFoundError: The index no longer exists.
        """
        return self.manifest().generation

    def manifest(self) -> Manifest:
        """Return what the latest commit consists of.

        No two commits are equal, not even those of an index and of another one that was made
        anew in its place.

        Raises:
            IndexNotFoundError: The index no longer exists.
        """
        return read_manifest(self.directory)

    def is_latest(self, reader: Reader) -> bool:
        """Return whether a reader reads the latest commit, from the files that are there now.

        Raises:
            IndexNotFoundError: The index no longer exists.
        """
        return self.manifest() == reader.manifest and all(
            self.directory.stamp(leaf.segment.name) == leaf.segment.file.stamp
            for leaf in reader.leaves
        )

    def reader(self) -> Reader:
        """Return a reader of the latest commit; later commits do not change it.

        Raises:
            IndexNotFoundError: The index no longer exists.
            IndexDamagedError: A file of the commit is damaged or missing.
            IndexReadError: The system refused to read the index.
        """
        return self._read_latest(lambda store, manifest: Reader(store.directory, manifest))

    def snapshot(self) -> Snapshot:
        """Return the latest commit with its metadata and size, all of one commit.

        Raises:
            IndexNotFoundError: The index no longer exists.
            IndexDamagedError: A file of the commit is damaged or missing.
            IndexReadError: The system refused to read the index.
        """
        return self._read_latest(Store._snapshot)

    def _snapshot(self, manifest: Manifest) -> Snapshot:
        names = (MANIFEST_FILE, *manifest.files())
        return Snapshot(
            reader=Reader(self.directory, manifest),
            metadata=self.metadata_of(manifest),
            nbytes=sum(self.directory.status(name).st_size for name in names),
        )

    def _read_latest(self, read: Callable[[Store, Manifest], _T]) -> _T:
        """Apply `read` to the latest manifest; start again if the commit is replaced.

        All files are opened in one folder, so that they are of one index even if another one
        takes its place meanwhile.

        Args:
            read: A function of the store, tied to its folder, and the manifest.
        """
        missing_count = 0
        for _ in range(_MAX_ATTEMPTS):
            manifest: Manifest | None = None
            try:
                with (
                    translate_read_errors(self.folder),
                    self.directory.pinned() as directory,
                ):
                    try:
                        manifest = read_manifest(directory)
                        return read(self.at(directory), manifest)
                    except IndexFailure:
                        if directory is self.directory or directory.is_at_its_path():
                            raise
                        continue  # what is wrong is another folder by now
            except SearchidxError:
                raise
            except (FileNotFoundError, NotADirectoryError) as error:
                missing = str(error.filename)
            if self.manifest() != manifest:
                continue
            missing_count += 1
            if missing_count == _MAX_MISSING:
                raise damage_error(missing, "it is missing")
            time.sleep(SETTLING_SECONDS)  # the folder may be just being removed
        raise damage_error(str(self.folder), "its files change faster than they can be opened")

    def writer(
        self,
        *,
        wait: float = 0.0,
        workers: int = 1,
        max_pending_code_points: int | None = None,
    ) -> Writer:
        """Return the writer of the index; there is at most one at a time.

        Args:
            wait: How long to wait for another writer, in seconds.
            workers: The number of processes that analyze texts and build segments.
            max_pending_code_points: About how many code points of added texts to hold in
                memory; None for `writer.MAX_PENDING_CODE_POINTS`.

        Raises:
            IndexLockedError: Another writer still holds the lock after `wait` seconds; the
                message names its process.
            IndexWriteError: The disk refused a write.
        """
        # Loaded here: a search does not need it.
        from searchidx.store.writer import MAX_PENDING_CODE_POINTS, Writer

        if max_pending_code_points is None:
            max_pending_code_points = MAX_PENDING_CODE_POINTS
        return Writer(self, wait, workers, max_pending_code_points)

    def metadata(self) -> dict[str, Any]:
        """Return the metadata of the latest commit; empty before the first commit."""
        return self._read_latest(Store.metadata_of)

    def metadata_of(self, manifest: Manifest) -> dict[str, Any]:
        """Return the metadata of a commit.

        Raises:
            IndexDamagedError: The file is damaged.
            FileNotFoundError: The file is missing.
        """
        if manifest.metadata is None:
            return {}
        return read_metadata(self.directory, manifest.metadata)

    def commit_time(self) -> float:
        """Return the time of the latest commit in seconds since the epoch."""
        return self.manifest().committed

    # For the writer.

    def at(self, directory: Directory) -> Store:
        """Return the same store with other file operations."""
        store = copy.copy(self)
        store.directory = directory
        return store

    def write_metadata(self, name: str, value: Mapping[str, Any]) -> None:
        """Write the metadata of the next commit to a file of that name."""
        write_metadata(self.directory, name, value)

    def remove_leftovers(self, kept: Set[str] = frozenset()) -> None:
        """Remove the files that the latest commit does not need.

        The caller must hold the lock.

        Args:
            kept: Names of further files to keep.
        """
        kept = kept | read_manifest(self.directory).files()
        leftovers = [
            name
            for name in self.directory.names()
            if name not in kept and (is_index_file(name) or _was_being_written(name))
        ]
        if leftovers:
            # A writer may have died after it renamed the manifest and before that was durable.
            # A power cut could then bring back the manifest before, which needs these files.
            self.directory.sync()
        for name in leftovers:
            self.directory.remove(name)

    def remove_unneeded(self, names: Iterable[str]) -> None:
        """Remove those of some files that the latest commit does not need."""
        needed: Set[str] = frozenset()
        if self.directory.has_file(MANIFEST_FILE):
            needed = read_manifest(self.directory).files()
        for name in set(names) - needed:
            self.directory.remove(name)

    def translate_write_errors(self) -> contextlib.AbstractContextManager[None]:
        """Raise IndexWriteError for a refused write."""
        return translate_write_errors(self.folder)


def _was_being_written(name: str) -> bool:
    """Return whether a file is one that an interrupted writer did not finish."""
    whole = final_file_name(name)
    return whole is not None and (whole == MANIFEST_FILE or is_index_file(whole))
