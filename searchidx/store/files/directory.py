"""The one place through which the store touches the disk."""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

_TEMPORARY: Final = ".part"


class Directory:
    """The files of one index.

    A file is written under a temporary name, synced, and then given its own; so that a
    name that stands in the folder always stands for a whole file.

    Args:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def create(self, name: str) -> Iterator[BinaryIO]:
        """A new file to write to, which appears as `name`, durable, when the block ends.

        Raises:
            OSError: The disk refused something; nothing is left under that name.
        """
        temporary = self.path / (name + _TEMPORARY)
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
        """Makes the folder and those above it, where they are missing, and durable.

        Raises:
            OSError: The disk refused something, or a file stands in the way.
        """
        missing = [each for each in (self.path, *self.path.parents) if not each.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        for each in reversed(missing):
            self._sync(each.parent)

    def write_unsynced(self, name: str, data: bytes) -> None:
        """Writes a file that nothing depends on, which is neither synced nor always whole."""
        with self._open(self.path / name) as file:
            file.write(data)

    def sync(self) -> None:
        """Makes the names of all files durable: without it a power cut may forget them."""
        self._sync(self.path)

    def _sync(self, folder: Path) -> None:
        if os.name == "nt":  # Windows cannot open a folder, and needs no sync of it
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            self._sync_folder(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, name: str) -> None:
        """Removes a file; one that the system holds on to is left for the next writer."""
        with contextlib.suppress(OSError):
            self._remove(self.path / name)

    def read(self, name: str) -> bytes:
        """All bytes of a file."""
        return (self.path / name).read_bytes()

    def map(self, name: str) -> memoryview:
        """The bytes of a file, mapped into memory, read-only."""
        with (self.path / name).open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                return memoryview(b"")
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def names(self) -> list[str]:
        """The names of everything in the folder."""
        return os.listdir(self.path)

    # The system's own operations, each in one place.

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
    """The name that a file was to have which was being written; None for any other."""
    return name.removesuffix(_TEMPORARY) if name.endswith(_TEMPORARY) else None
