"""Whoosh's stock index files in a folder, made safer.

Whoosh 2.7.5 syncs nothing, leaves files of a killed writer behind and reports damage as
whatever exception its parsing runs into.  This module gives its storage syncing, a marker
file that tells an index from any other folder, and errors that say what happened.

Opening an index unpickles parts of it, as stock Whoosh does: an index from a stranger
must not be opened (docs/limits.md).
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC, EmptyIndexError, FileIndex

from searchidx.errors import (
    IndexDamagedError,
    IndexExistsError,
    IndexFormatError,
    IndexNotFoundError,
    IndexReadError,
    IndexWriteError,
    SearchidxError,
)
from searchidx.store.reader import Reader
from searchidx.store.views import schema
from searchidx.store.writer import Writer

FORMAT: Final = 1
"""The format of the index: raised when files or analysis change so that old ones differ."""

_MARKER: Final = "searchidx.json"
_NAME: Final = "MAIN"
_METADATA: Final = re.compile(r"metadata_([0-9]+)\.json")
# What may stand in a folder that becomes an index: also what a `create` that was killed,
# or one that goes on at the same time, has put there.
_HARMLESS: Final = re.compile(
    rf"\..*|README.*|{_NAME}_WRITELOCK|_{_NAME}_0\.toc.*|searchidx\.json\.part",
    re.IGNORECASE,
)
_ATTEMPTS: Final = 50
# What the system answers although nothing is wrong with the files.
_REFUSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE})


class _SyncedStorage(FileStorage):  # type: ignore[misc]  # Whoosh has no types
    """Whoosh's storage of files in a folder, each synced before it is closed.

    A commit is then durable: the segment's files, then the file that names them, then the
    folder's entry for it.
    """

    def create_file(self, name: str, **kwargs: Any) -> StructFile:
        # What is put together into a segment, and then removed, needs no syncing.
        lasting = name.endswith(".seg") or ".toc" in name
        return super().create_file(name, onclose=_sync if lasting else None, **kwargs)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        os.replace(self._fpath(oldname), self._fpath(newname))
        _sync_folder(Path(self.folder))


def _sync(file: StructFile) -> None:
    file.file.flush()
    os.fsync(file.file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder, and needs no sync of it
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Writes `value` so that `path` holds either its old content or all of the new one."""
    temporary = path.with_name(path.name + ".part")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=True, separators=(",", ":"))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    _sync_folder(path.parent)


def exists(folder: Path) -> bool:
    """Whether `folder` is an index, of whatever format."""
    return (folder / _MARKER).is_file()


class Store:
    """An index on disk: the place of commits.

    Args:
        folder: The folder of an existing index.

    Raises:
        IndexNotFoundError: There is no index at `folder`.
        IndexFormatError: It is an index of another format.
        IndexDamagedError: Its files are not what they should be.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        _check_marker(folder)
        self._storage = _SyncedStorage(str(folder))
        self._index: FileIndex = self._read(
            lambda: FileIndex(self._storage, schema=schema(), indexname=_NAME)
        )

    @classmethod
    def create(cls, folder: Path) -> Store:
        """Makes an empty index in `folder`, which is created where it is missing.

        Raises:
            IndexExistsError: `folder` is a file, holds an index, or holds other files.
            IndexWriteError: The folder or its files cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            names = sorted(entry.name for entry in folder.iterdir())
        except (FileExistsError, NotADirectoryError) as error:
            raise IndexExistsError(
                f"{folder} is a file, or lies below one; an index needs a folder: "
                "give another place with --index DIR"
            ) from error
        except OSError as error:
            raise _write_error(folder, error) from error
        foreign = [name for name in names if not _HARMLESS.fullmatch(name)]
        if foreign and not exists(folder):
            raise IndexExistsError(
                f"{folder} holds other files ({foreign[0]}, …) and no index; "
                "give an empty or new folder, so that nothing of yours is overwritten"
            )
        try:
            storage = _SyncedStorage(str(folder))
            lock = storage.lock(f"{_NAME}_WRITELOCK")
            lock.acquire(blocking=True)
            try:
                if exists(folder):
                    raise IndexExistsError(
                        f"there is an index at {folder} already; open it instead"
                    )
                FileIndex.create(storage, schema(), _NAME)
                # Last, so that a folder with a marker always has a commit.
                _write_json(folder / _MARKER, {"application": "searchidx", "format": FORMAT})
            finally:
                lock.release()
        except OSError as error:
            raise _write_error(folder, error) from error
        return cls(folder)

    def _read(self, read: Callable[[], Any]) -> Any:
        """What `read` gives, tried again while a commit replaces the files that it reads."""
        for _ in range(_ATTEMPTS):
            try:
                with self.reading():
                    return read()
            except IndexDamagedError as error:
                if not isinstance(error.__cause__, FileNotFoundError | EmptyIndexError):
                    raise
                if not exists(self.folder):
                    raise IndexNotFoundError(_not_found(self.folder)) from None
                time.sleep(0.01)
        with self.reading():
            return read()

    def generation(self) -> int:
        """The number of the latest commit; each commit's is one more than the last's.

        Raises:
            IndexNotFoundError: The index is no longer there.
        """

        def latest() -> int:
            # Listing a folder while a file in it is replaced may show neither of the two.
            generation = int(self._index.latest_generation())
            if generation < 0:
                raise EmptyIndexError("it has no commit")
            return generation

        return int(self._read(latest))

    def reader(self) -> Reader:
        """A reader of the latest commit, which it sees whole for as long as it lives.

        Raises:
            IndexNotFoundError, IndexDamagedError: As for opening.
        """
        return Reader(self._read(self._index.reader), self.reading)

    def writer(self, *, wait: float = 0.0) -> Writer:
        """The one writer of the index.

        Args:
            wait: Seconds to wait for another writer to finish.

        Raises:
            IndexLockedError: Another writer still holds the index after `wait` seconds;
                the message names it.
            IndexWriteError: The disk refused a write.
        """
        return Writer(self, self._index, wait)

    def metadata(self) -> dict[str, Any]:
        """What the latest commit was given as metadata; empty before the first."""
        while (generation := self.generation()) > 0:
            with self.reading():
                try:
                    content = self._metadata_path(generation).read_text(encoding="utf-8")
                except FileNotFoundError:
                    if self.generation() != generation:
                        continue  # a commit came between
                    raise
                value: dict[str, Any] = json.loads(content)
                return value
        return {}

    def committed(self) -> float:
        """When the latest commit was made: seconds since the epoch."""
        return float(self._read(self._index.last_modified))

    def size(self) -> int:
        """Bytes that the index takes on disk."""
        total = 0
        for entry in os.scandir(self.folder):
            with contextlib.suppress(FileNotFoundError):  # a commit may just remove it
                total += entry.stat().st_size
        return total

    # What the writer needs of the folder.

    def write_metadata(self, generation: int, value: Mapping[str, Any]) -> None:
        """Keeps the metadata of a commit that is about to be made."""
        _write_json(self._metadata_path(generation), value)

    def remove_leftovers(self) -> None:
        """Removes what a killed writer left; to be called while holding the lock."""
        toc = TOC.read(self._storage, _NAME, schema=schema())
        segments = {segment.segment_id() for segment in toc.segments}
        for entry in list(os.scandir(self.folder)):
            metadata = _METADATA.fullmatch(entry.name)
            segment = re.match(rf"({_NAME}_[0-9a-z]{{16}})\.", entry.name)
            if entry.name == f"{_NAME}.tmp":
                shutil.rmtree(entry.path, ignore_errors=True)
            elif (
                (metadata and int(metadata[1]) != toc.generation)
                or (segment and segment[1] not in segments)
                or re.match(rf"_{_NAME}_[0-9]+\.toc\.", entry.name)
                or entry.name.endswith(".json.part")
            ):
                with contextlib.suppress(OSError):  # the next writer tries again
                    os.remove(entry.path)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Turns whatever Whoosh's parsing runs into on damaged files into one error."""
        try:
            yield
        except SearchidxError:
            raise
        except Exception as error:  # Whoosh's parsers raise anything at all on bad bytes
            if isinstance(error, OSError) and error.errno in _REFUSED:
                raise IndexReadError(
                    f"the index at {self.folder} cannot be read ({error.strerror}); get "
                    "permission, or close other files, then run the same command again"
                ) from error
            raise IndexDamagedError(
                f"the index at {self.folder} is damaged, or was not written by searchidx "
                f"({type(error).__name__}: {error}); remove the folder and index again"
            ) from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Turns a refused write into an error that says what it means."""
        try:
            yield
        except OSError as error:
            raise _write_error(self.folder, error) from error

    def _metadata_path(self, generation: int) -> Path:
        return self.folder / f"metadata_{generation}.json"


def _check_marker(folder: Path) -> None:
    marker = folder / _MARKER
    try:
        value = json.loads(marker.read_text(encoding="utf-8"))
        application, written = value["application"], value["format"]
    except FileNotFoundError as error:
        raise IndexNotFoundError(_not_found(folder)) from error
    except NotADirectoryError as error:
        raise IndexNotFoundError(
            f"{folder} is a file, not an index; give the folder of an index with --index DIR"
        ) from error
    except PermissionError as error:
        raise IndexReadError(
            f"the index at {folder} may not be read ({error.strerror}); "
            "ask its owner for permission"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError(
            f"{marker} is damaged; remove the folder {folder} and index again"
        ) from error
    if application != "searchidx" or written != FORMAT:
        raise IndexFormatError(
            f"the index at {folder} has format {written!r}, and this version of searchidx "
            f"reads format {FORMAT}; remove the folder and index again, "
            "or use the version that wrote it"
        )


def _not_found(folder: Path) -> str:
    if folder.is_dir():
        return (
            f"there is no index at {folder} yet; make one with: "
            f"searchidx index --index {folder} FOLDER-OF-REPORTS"
        )
    return (
        f"there is no folder {folder}; make an index with: searchidx index FOLDER-OF-REPORTS, "
        "or name another place with --index DIR"
    )


def _write_error(folder: Path, error: OSError) -> IndexWriteError:
    return IndexWriteError(
        f"cannot write to the index at {folder}: {error.strerror or error}; what was indexed "
        "before is still there. Make room or get permission, then run the same command again"
    )
