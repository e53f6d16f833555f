"""Read and write files of named sections. Every byte has a checksum, checked when it is read.

The layout is described in docs/reference/file-format.md: a header, the sections one after
the other at multiples of eight bytes, the checksums of their blocks, a table that names the
sections, and a footer that says where the table is.
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
from searchidx.store.files.directory import Directory, Origin, UnusableFileError

BLOCK_BYTES: Final = 1 << 14
"""How many bytes share a checksum: few enough to check a block for one term."""
_HEADER: Final = b"SIDXSEG2"
_END_MARK: Final = b"2GESXDIS"
_FOOTER: Final = struct.Struct("<QII8s")  # start, length and CRC-32 of the table, _END_MARK
_ALIGNMENT_BYTES: Final = 8

_MAX_TABLE_BYTES: Final = 1 << 20
"""Many times what the sections of a segment need."""
_MAX_COMMIT: Final = (1 << 53) - 1
_MAX_NAME_LETTERS: Final = 64

Array = npt.NDArray[Any]


class SectionWriter:
    """Write one file of sections, one section after the other.

    `create_section_file` makes a writer. A section is written at once with `write`, or in
    pieces with `section` and `append`.
    """

    def __init__(self, file: BinaryIO, origin: tuple[str, str, int] | None = None) -> None:
        self._file = file
        self._origin = origin
        self._table: dict[str, tuple[int, int]] = {}
        self._crcs: list[int] = []
        # The unfinished last block of the section: its length in bytes and its CRC-32.
        self._filled = self._crc = 0
        self.size = 0
        """How many bytes are written."""
        self._put(_HEADER)

    def _put(self, data: bytes | memoryview) -> None:
        """Write bytes as they are."""
        self._file.write(data)
        self.size += len(data)

    def _align(self) -> None:
        """Write zero bytes up to a multiple of the alignment."""
        self._put(bytes(-self.size % _ALIGNMENT_BYTES))

    def write(self, name: str, *pieces: Array | bytes) -> None:
        """Write a section that consists of these pieces; arrays become little-endian."""
        with self.section(name):
            for piece in pieces:
                self.append(piece)

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """Start a section; calls of `append` inside the block give its contents."""
        if name in self._table:
            raise ValueError(f"the section {name} is written twice")
        self._align()
        start = self.size
        self._filled = self._crc = 0
        yield
        if self._filled:
            self._crcs.append(self._crc)
        self._table[name] = (start, self.size - start)

    def append(self, data: Array | bytes | memoryview) -> None:
        """Add data to the section that is being written; an array becomes little-endian."""
        if isinstance(data, np.ndarray):
            contiguous: Any = np.ascontiguousarray(data, data.dtype.newbyteorder("<"))
            view = memoryview(contiguous.reshape(-1).view(np.uint8))
        else:
            view = memoryview(data)
        self._put(view)
        position = 0
        while position < len(view):
            part = view[position : position + BLOCK_BYTES - self._filled]
            self._crc = zlib.crc32(part, self._crc)
            self._filled += len(part)
            position += len(part)
            if self._filled == BLOCK_BYTES:
                self._crcs.append(self._crc)
                self._filled = self._crc = 0

    def finish(self) -> None:
        """Write the checksums, the table of the sections and the footer."""
        self._align()
        crcs = np.array(self._crcs, "<u4").tobytes()
        checksums = (self.size, len(crcs), zlib.crc32(crcs))
        self._put(crcs)
        content: dict[str, Any] = {"checksums": checksums, "sections": self._table}
        if self._origin is not None:
            content["origin"] = self._origin
        table = json.dumps(content).encode()
        table_start = self.size
        self._put(table)
        self._put(_FOOTER.pack(table_start, len(table), zlib.crc32(table), _END_MARK))


@contextmanager
def create_section_file(directory: Directory, name: str) -> Iterator[SectionWriter]:
    """Open a new file of sections to write. It appears, complete, when the block ends.

    Raises:
        OSError: A write failed. There is no file of that name then.
    """
    with directory.create(name) as file:
        origin = directory.origin
        writer = SectionWriter(
            file, (name, origin.index, origin.commit) if origin is not None else None
        )
        yield writer
        writer.finish()


class Section:
    """The bytes of a section. Each block is checked when it is first read.

    Safe to read from many threads: two threads that meet at an unchecked block both check it.
    """

    def __init__(self, data: memoryview, crcs: Array, file: str, name: str) -> None:
        self._name = name
        self._data = data
        self._crcs = crcs
        self._file = file
        # One byte for each block: 1 until it is checked.
        self._unchecked = bytearray(b"\1" * len(crcs))
        self._arrays: dict[npt.DTypeLike, Array] = {}

    def __len__(self) -> int:
        return len(self._data)

    def read(self, start: int = 0, stop: int | None = None) -> memoryview:
        """Return the bytes from `start` to `stop`.

        Raises:
            IndexDamagedError: They are not what was written, or lie outside the section.
        """
        stop = len(self._data) if stop is None else stop
        self._check(start, stop)
        return self._data[start:stop]

    def _check(self, start: int, stop: int) -> None:
        """Compare the blocks of the bytes from `start` to `stop` with their checksums."""
        if not 0 <= start <= stop <= len(self._data):
            raise damage_error(self._file, "a place lies outside of its section")
        first, last = start // BLOCK_BYTES, -(-stop // BLOCK_BYTES)
        while (block := self._unchecked.find(1, first, last)) >= 0:
            block_start = block * BLOCK_BYTES
            data = self._data[block_start : block_start + BLOCK_BYTES]
            if zlib.crc32(data) != self._crcs[block]:
                raise damage_error(
                    self._file,
                    f"a checksum is wrong at byte {block_start} of its section {self._name}",
                )
            self._unchecked[block] = 0

    def array(self, dtype: npt.DTypeLike, start: int = 0, stop: int | None = None) -> Array:
        """Return the values from `start` to `stop` as a read-only view of the file.

        Args:
            dtype: The type of all values in the section.
            start: The index of the first value.
            stop: The index after the last value; None for all values to the end.

        Raises:
            IndexDamagedError: They are not what was written, or lie outside the section.
        """
        values = self._arrays.get(dtype)
        if values is None:
            kind = np.dtype(dtype)
            data = self._data[: len(self._data) // kind.itemsize * kind.itemsize]
            values = self._arrays[dtype] = np.frombuffer(data, kind)
        if stop is None:
            stop = len(values)
        self._check(start * values.itemsize, stop * values.itemsize)
        return values[start:stop]


class SectionFile:
    """Read a file that `create_section_file` wrote, mapped into memory.

    Args:
        directory: The folder of the index.
        name: The name of the file.
        displaced: Read also a file that was written under another name.

    Raises:
        IndexDamagedError: The file is cut short, or its table is not what was written, or it
            is another one that was put in its place.
        FileNotFoundError: The file does not exist.
    """

    def __init__(self, directory: Directory, name: str, *, displaced: bool = False) -> None:
        self.name = str(directory.path / name)
        try:
            self._data = data = directory.map(name)
        except UnusableFileError as error:
            raise damage_error(self.name, error.what) from error
        self.size = len(data)
        self.stamp = directory.stamp(name)
        """The stamp of the file, which changes when another file takes its place."""
        table_start, table = self._read_table()
        # A table with a right checksum can still be wrong: it may have been made by hand to
        # mislead. Every range is checked before it is used.
        try:
            content = json.loads(table)
            start, size, crc = map(int, content["checksums"])
            ranges = {
                str(name): (int(start), int(size))
                for name, (start, size) in content["sections"].items()
            }
            self.written_name, self.origin = _parse_origin(content.get("origin"), name)
        except (
            ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError
        ) as error:  # fmt: skip
            raise damage_error(self.name, f"its table cannot be read ({error})") from error
        if self.written_name != name and not displaced:
            raise damage_error(
                self.name,
                f"in its place is {self.written_name}"
                f"{self.origin and f' of commit {self.origin.commit}'}",
            )
        if not 0 <= start <= start + size <= table_start or size % 4:
            raise damage_error(self.name, "its checksums lie outside of it")
        if zlib.crc32(data[start : start + size]) != crc:
            raise damage_error(self.name, "the checksum of its checksums is wrong")
        self.ranges = {
            **ranges, "checksums": (start, size), "table": (table_start, len(table))
        }  # fmt: skip
        """The start and length in bytes of each section, the checksums and the table."""
        crcs = np.frombuffer(data[start : start + size], "<u4")
        self._sections = self._split(ranges, crcs, start)

    def _read_table(self) -> tuple[int, bytes]:
        """Return where the table starts, and its bytes, after checking them."""
        data = self._data
        if len(data) < len(_HEADER) + _FOOTER.size or bytes(data[: len(_HEADER)]) != _HEADER:
            raise damage_error(self.name, "it does not begin like a file of an index")
        start, length, crc, end_mark = _FOOTER.unpack(data[-_FOOTER.size :])
        if length > _MAX_TABLE_BYTES:
            raise damage_error(self.name, f"its table has {length:,} bytes")
        if end_mark != _END_MARK or start + length != len(data) - _FOOTER.size:
            raise damage_error(self.name, "its end is missing")
        table = bytes(data[start : start + length])
        if zlib.crc32(table) != crc:
            raise damage_error(self.name, "the checksum of its table is wrong")
        return start, table

    def _split(
        self, ranges: dict[str, tuple[int, int]], crcs: Array, limit: int
    ) -> dict[str, Section]:
        """Return the sections by name.

        Args:
            ranges: The start and length of each section, in bytes.
            crcs: The CRC-32 of all blocks, section after section.
            limit: The byte before which every section must end.
        """
        sections = {}
        block = 0
        for name, (start, length) in ranges.items():
            if not 0 <= start <= start + length <= limit:
                raise damage_error(self.name, f"its section {name} lies outside of it")
            blocks = -(-length // BLOCK_BYTES)
            if block + blocks > len(crcs):
                raise damage_error(self.name, f"its section {name} has no checksums")
            sections[name] = Section(
                self._data[start : start + length],
                crcs[block : block + blocks],
                self.name,
                name,
            )
            block += blocks
        return sections

    def __getitem__(self, name: str) -> Section:
        try:
            return self._sections[name]
        except KeyError:
            raise damage_error(self.name, f"its section {name} is missing") from None

    def __contains__(self, name: str) -> bool:
        return name in self._sections

    def names(self) -> list[str]:
        """Return the names of the sections."""
        return list(self._sections)

    def release_pages(self) -> None:
        """Let the system take back the memory of pages that were read.

        They are read again if needed. The system counts the pages of a mapped file as memory
        of the process once it has touched them, and a merge touches all pages of several
        files.
        """
        mapped = self._data.obj
        if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)

    def check(self) -> None:
        """Read every byte of the file.

        Raises:
            IndexDamagedError: A byte is not what was written.
        """
        for section in self._sections.values():
            section.read()
        end = len(_HEADER)
        for start, length in sorted(self.ranges.values()):
            if any(self._data[end:start]):
                raise damage_error(
                    self.name, f"there is something at byte {end} between sections"
                )
            end = max(end, start + length)


def _parse_origin(value: object, name: str) -> tuple[str, Origin | None]:
    """Return the name under which a file was written, and what it was written for.

    Args:
        value: What the table of the file says; None in files of early versions.
        name: The name of the file.

    Raises:
        ValueError: It could not have been written.
    """
    match value:
        case None:
            return name, None
        case [str(written), str(index), int(commit)]:
            if (
                max(len(written), len(index)) <= _MAX_NAME_LETTERS
                and 0 <= commit <= _MAX_COMMIT
            ):
                return written, Origin(index, commit)
    raise ValueError("its origin is impossible")


def damage_error(file: str, what: str) -> IndexDamagedError:
    """Return the error for a damaged file.

    Args:
        file: The path of the file.
        what: What is wrong with it, as a clause: "its end is missing".
    """
    error = IndexDamagedError(
        f"{file} is damaged: {what}; run: searchidx check, then searchidx repair; "
        "if that fails, remove the folder and index again"
    )
    error.file, error.what = file, what
    return error
