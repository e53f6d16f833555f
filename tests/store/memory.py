"""Keep the files of an index in memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from searchidx.store.files.directory import Directory
from searchidx.store.files.sections import SectionFile, SectionWriter, create_section_file


class Memory(Directory):
    """A folder whose files are bytes in a dict."""

    def __init__(self) -> None:
        super().__init__(Path("memory"))
        self.files: dict[str, bytes] = {}

    @contextmanager
    def create(
        self, name: str, verify: Callable[[], None] = lambda: None
    ) -> Iterator[BinaryIO]:
        file = io.BytesIO()
        yield file
        verify()
        self.files[name] = file.getvalue()

    def map(self, name: str) -> memoryview:
        return memoryview(self.files[name])

    def remove(self, name: str) -> None:
        self.files.pop(name, None)

    def names(self) -> list[str]:
        return list(self.files)


def written(write: Callable[[SectionWriter], None]) -> SectionFile:
    """Return a file with the sections that `write` writes."""
    directory = Memory()
    with create_section_file(directory, "file") as sections:
        write(sections)
    return SectionFile(directory, "file")
