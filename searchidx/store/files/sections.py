"""Files of named sections, every byte under a checksum that is checked where it is read.

Layout (docs/reference/file-format.md): a header, the sections one after the other at multiples of eight,
the checksums of their blocks, a table that names them, and a footer that finds the table.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from searchidx.errors import IndexDamagedError
from searchidx.store.files.directory import Directory

BLOCK: Final = 1 << 14
"""Bytes under one checksum: little enough to be checked when one term is looked up."""
_MAGIC: Final = b"SIDXSEG2"
_END: Final = b"2GESXDIS"
_FOOTER: Final = struct.Struct("<QII8s")  # place, length and CRC-32 of the table, _END
_PADDING: Final = bytes(8)

Array = npt.NDArray[Any]


class SectionWriter:
    """Writes one file of sections; `create_section_file` makes one.

    Sections are written one after the other, each at once or in pieces.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._table: dict[str, tuple[int, int]] = {}
        self._crcs: list[int] = []
        self._partial = b""  # what of the section's last block is already written
        self._crc = 0
        self.size = 0
        self._put(_MAGIC)

    def _put(self, data: bytes | memoryview) -> None:
        self._file.write(data)
        self.size += len(data)

    def write(self, name: str, *pieces: Array | bytes) -> None:
        """Writes a section of these pieces in a row, arrays little-endian."""
        with self.section(name):
            for piece in pieces:
                self.append(piece)

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """A section that consists of what is appended inside the block."""
        if name in self._table:
            raise ValueError(f"a section {name} is there already")
        self._put(_PADDING[: -self.size % 8])
        start = self.size
        self._filled = self._crc = 0
        yield
        if self._filled:
            self._crcs.append(self._crc)
        self._table[name] = (start, self.size - start)

    def append(self, data: Array | bytes | memoryview) -> None:
        """Adds to the section that is being written."""
        if isinstance(data, np.ndarray):
            whole: Any = np.ascontiguousarray(data, data.dtype.newbyteorder("<"))
            view = memoryview(whole.reshape(-1).view(np.uint8))
        else:
            view = memoryview(data)
        self._put(view)
        place = 0
        while place < len(view):
            part = view[place : place + BLOCK - self._filled]
            self._crc = zlib.crc32(part, self._crc)
            self._filled += len(part)
            place += len(part)
            if self._filled == BLOCK:
                self._crcs.append(self._crc)
                self._filled = self._crc = 0

    def finish(self) -> None:
        """Writes the table of the sections."""
        self._put(_PADDING[: -self.size % 8])
        crcs = np.array(self._crcs, "<u4").tobytes()
        checksums = (self.size, len(crcs), zlib.crc32(crcs))
        self._put(crcs)
        table = json.dumps({"checksums": checksums, "sections": self._table}).encode()
        place = self.size
        self._put(table)
        self._put(_FOOTER.pack(place, len(table), zlib.crc32(table), _END))


@contextmanager
def create_section_file(directory: Directory, name: str) -> Iterator[SectionWriter]:
    """A file of sections to write, which appears whole when the block ends."""
    with directory.create(name) as file:
        writer = SectionWriter(file)
        yield writer
        writer.finish()


class Section:
    """Bytes of a file; a block of them is checked when it is first read.

    May be read from many threads: a block that two of them check at once is checked twice.
    """

    def __init__(self, data: memoryview, crcs: Array, file: str, name: str) -> None:
        self._name = name
        self._data = data
        self._crcs = crcs
        self._file = file
        self._unchecked = bytearray(b"\1" * len(crcs))
        self._arrays: dict[npt.DTypeLike, Array] = {}

    def __len__(self) -> int:
        return len(self._data)

    def read(self, start: int = 0, stop: int | None = None) -> memoryview:
        """The bytes from `start` to `stop`.

        Raises:
            IndexDamagedError: They are not what was written, or lie beyond the section.
        """
        stop = len(self._data) if stop is None else stop
        self._check(start, stop)
        return self._data[start:stop]

    def _check(self, start: int, stop: int) -> None:
        """Sees to it that the bytes from `start` to `stop` are what was written."""
        if not 0 <= start <= stop <= len(self._data):
            raise damage_error(self._file, "a place lies outside of its section")
        first, last = start // BLOCK, -(-stop // BLOCK)
        while (block := self._unchecked.find(1, first, last)) >= 0:
            place = block * BLOCK
            if zlib.crc32(self._data[place : place + BLOCK]) != self._crcs[block]:
                raise damage_error(
                    self._file,
                    f"a checksum is wrong at byte {place} of its section {self._name}",
                )
            self._unchecked[block] = 0

    def array(self, dtype: npt.DTypeLike, start: int = 0, stop: int | None = None) -> Array:
        """The values from `start` to `stop` of a section of values; not to be written to."""
        whole = self._arrays.get(dtype)
        if whole is None:
            kind = np.dtype(dtype)
            data = self._data[: len(self._data) // kind.itemsize * kind.itemsize]
            whole = self._arrays[dtype] = np.frombuffer(data, kind)
        if stop is None:
            stop = len(whole)
        self._check(start * whole.itemsize, stop * whole.itemsize)
        return whole[start:stop]


class SectionFile:
    """A file of sections that was written by `create_section_file`, mapped into memory.

    Raises:
        IndexDamagedError: It is cut short, or its table is not what was written.
        FileNotFoundError: It is not there.
    """

    def __init__(self, directory: Directory, name: str) -> None:
        self.name = str(directory.path / name)
        self._data = data = directory.map(name)
        self.size = len(data)
        if len(data) < len(_MAGIC) + _FOOTER.size or bytes(data[: len(_MAGIC)]) != _MAGIC:
            raise damage_error(self.name, "it does not begin like a file of an index")
        place, length, crc, end = _FOOTER.unpack(data[-_FOOTER.size :])
        if end != _END or place + length != len(data) - _FOOTER.size:
            raise damage_error(self.name, "its end is missing")
        table = bytes(data[place : place + length])
        if zlib.crc32(table) != crc:
            raise damage_error(self.name, "the checksum of its table is wrong")
        # What has the right checksum was written by `finish`, or by someone who wants it to
        # be believed: places are still checked before they are used.
        try:
            content = json.loads(table)
            start, size, crc = map(int, content["checksums"])
            sections = {
                str(name): (int(start), int(size))
                for name, (start, size) in content["sections"].items()
            }
        except (
            ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError
        ) as error:  # fmt: skip
            raise damage_error(self.name, f"its table cannot be read ({error})") from error
        if not 0 <= start <= start + size <= place or size % 4:
            raise damage_error(self.name, "its checksums lie outside of it")
        if zlib.crc32(data[start : start + size]) != crc:
            raise damage_error(self.name, "the checksum of its checksums is wrong")
        crcs = np.frombuffer(data[start : start + size], "<u4")
        self._sections: dict[str, Section] = {}
        self._places = {**sections, "checksums": (start, size), "table": (place, length)}
        block = 0
        for name, (begin, length) in sections.items():
            if not 0 <= begin <= begin + length <= start:
                raise damage_error(self.name, f"its section {name} lies outside of it")
            blocks = -(-length // BLOCK)
            if block + blocks > len(crcs):
                raise damage_error(self.name, f"its section {name} has no checksums")
            self._sections[name] = Section(
                data[begin : begin + length], crcs[block : block + blocks], self.name, name
            )
            block += blocks

    def __getitem__(self, name: str) -> Section:
        try:
            return self._sections[name]
        except KeyError:
            raise damage_error(self.name, f"its section {name} is missing") from None

    def __contains__(self, name: str) -> bool:
        return name in self._sections

    def release_pages(self) -> None:
        """Tells the system that what was read may leave memory; it is read again if needed.

        Pages of a mapped file are counted as a process's own for as long as it has touched
        them, and a merge touches all of several files.
        """
        mapped = self._data.obj
        if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)

    def check(self) -> None:
        """Reads every byte of the file.

        Raises:
            IndexDamagedError: One of them is not what was written.
        """
        for section in self._sections.values():
            section.read()
        end = len(_MAGIC)
        for start, length in sorted(self._places.values()):
            if any(self._data[end:start]):
                raise damage_error(
                    self.name, f"there is something at byte {end} between sections"
                )
            end = max(end, start + length)


def damage_error(file: str, what: str) -> IndexDamagedError:
    """The error for a file that is not what was written, and what to do about it."""
    error = IndexDamagedError(
        f"{file} is damaged: {what}; run: searchidx check, then searchidx repair; "
        "if that fails, remove the folder and index again"
    )
    error.file, error.what = file, what
    return error
