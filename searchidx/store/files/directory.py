"""Read and write the files of an index folder; the store touches the disk only here."""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

_PART_SUFFIX: Final = ".part"
"""The end of the name of a file while it is being written."""


class Directory:
    """The folder of one index.

    A file is written under a temporary name, synced, and then renamed. A file under its own
    name is therefore always complete.

    Args:
        path: The path of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def create(self, name: str) -> Iterator[BinaryIO]:
        """Open a new file to write. It appears as `name`, durable, when the block ends.

        Raises:
            OSError: A write failed. There is no file of that name then.
        """
        temporary = self.path / (name + _PART_SUFFIX)
        try:
            with self._open(temporary) as file:
                yield file
                file.flush()
                self._sync_file(file)
            self._replace(temporary, self.path / name)
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
        with self._open(self.path / name) as file:
            file.write(data)

    def sync(self) -> None:
        """Make the names of all files durable. A power cut can lose them otherwise."""
        self._sync(self.path)

    def _sync(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        if os.name == "nt":  # Windows cannot open a folder, and does not need the sync
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            self._sync_folder(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, name: str) -> None:
        """Remove a file. If the system refuses, the next writer removes it."""
        with contextlib.suppress(OSError):
            self._remove(self.path / name)

    def read(self, name: str) -> bytes:
        """Return all bytes of a file."""
        return (self.path / name).read_bytes()

    def map(self, name: str) -> memoryview:
        """Return the bytes of a file, mapped into memory, read-only."""
        with (self.path / name).open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                return memoryview(b"")
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def names(self) -> list[str]:
        """Return the names of all files in the folder."""
        return os.listdir(self.path)

    # The calls of the operating system. Tests override them to make each one fail.

    def _open(self, path: Path) -> BinaryIO:
        return path.open("wb")

    def _sync_file(self, file: BinaryIO) -> None:
        os.fsync(file.fileno())

    def _sync_folder(self, descriptor: int) -> None:
        os.fsync(descriptor)

    def _replace(self, source: Path, target: Path) -> None:
        os.replace(source, target)

    def _remove(self, path: Path) -> None:
        path.unlink()


def final_file_name(name: str) -> str | None:
    """Return the final name of a file that is being written; None for any other file."""
    return name.removesuffix(_PART_SUFFIX) if name.endswith(_PART_SUFFIX) else None
