"""Test that files of sections give back what was written and notice any other byte."""

from __future__ import annotations

import json
import random
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.errors import IndexDamagedError
from searchidx.store.files.sections import (
    BLOCK_BYTES,
    SectionFile,
    SectionWriter,
    create_section_file,
)
from tests.store.memory import Memory, written

# Near the borders of blocks.
sizes = st.integers(0, 20) | st.sampled_from(
    [BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES]
)
pieces = st.lists(sizes, max_size=4)


@given(
    st.lists(pieces, max_size=5),
    st.integers(0, 4 * BLOCK_BYTES),
    st.integers(0, 4 * BLOCK_BYTES),
)
def test_sections_are_what_was_written(sections: list[list[int]], one: int, two: int) -> None:
    contents = [[random.Random(n).randbytes(n) for n in lengths] for lengths in sections]

    def write(writer: SectionWriter) -> None:
        for number, parts in enumerate(contents):
            if number % 2:
                writer.write(str(number), *parts)
                continue
            with writer.section(str(number)):
                for part in parts:
                    writer.append(np.frombuffer(part, np.uint8))

    file = written(write)
    file.check()
    assert "x" not in file
    with pytest.raises(IndexDamagedError, match="its section x is missing"):
        file["x"]
    for number, parts in enumerate(contents):
        whole = b"".join(parts)
        section = file[str(number)]
        assert len(section) == len(whole)
        assert bytes(section.read()) == whole
        start, stop = sorted((one % (len(whole) + 1), two % (len(whole) + 1)))
        assert bytes(section.read(start, stop)) == whole[start:stop]


def test_arrays_are_little_endian_and_aligned() -> None:
    values = np.array([1, 1 << 40, -2], ">i8")

    def write(sections: SectionWriter) -> None:
        sections.write("a", b"x")
        sections.write("b", values)

    file = written(write)
    assert bytes(file["b"].read()) == struct.pack("<3q", 1, 1 << 40, -2)
    found = file["b"].array("<i8")
    assert found.tolist() == values.tolist()
    assert found.flags.aligned
    assert not found.flags.writeable
    assert file["b"].array("<i8", 1, 2).tolist() == [1 << 40]


def test_a_place_outside_of_a_section_is_an_error() -> None:
    section = written(lambda writer: writer.write("a", b"12345678"))["a"]
    for start, stop in ((0, 9), (9, 9), (-1, 3), (5, 4)):
        with pytest.raises(IndexDamagedError, match="lies outside of its section"):
            section.read(start, stop)
    with pytest.raises(IndexDamagedError, match="lies outside of its section"):
        section.array("<u4", 1, 3)


def test_a_name_is_given_once() -> None:
    def write(sections: SectionWriter) -> None:
        sections.write("a")
        with pytest.raises(ValueError, match="the section a is written twice"):
            sections.write("a")

    written(write).check()


def three_sections() -> Memory:
    directory = Memory()
    content = random.Random(35)
    with create_section_file(directory, "file") as sections:
        sections.write("a", content.randbytes(3 * BLOCK_BYTES + 5))
        sections.write("b")
        sections.write("c", content.randbytes(100))
    return directory


def flipped(directory: Memory, place: int) -> SectionFile:
    """Open the file with one bit of one byte changed."""
    damaged = Memory()
    data = bytearray(directory.files["file"])
    data[place] ^= 1 << place % 8
    damaged.files["file"] = bytes(data)
    return SectionFile(damaged, "file")


@given(st.integers(0, 3 * BLOCK_BYTES + 4))
def test_a_flipped_bit_is_noticed_when_its_block_is_read(place: int) -> None:
    file = flipped(three_sections(), 8 + place)
    block = place // BLOCK_BYTES * BLOCK_BYTES
    section = file["a"]
    assert len(section.read(0, block)) == block
    after = min(block + BLOCK_BYTES, len(section))
    if after < len(section):
        assert len(section.read(after)) == len(section) - after
    assert len(file["c"].read()) == 100
    for _ in range(2):  # an error is raised the second time as well
        with pytest.raises(
            IndexDamagedError, match=f"is wrong at byte {block} of its section a"
        ):
            section.read(place, place + 1)
        with pytest.raises(IndexDamagedError, match="run: searchidx check"):
            file.check()


def test_a_flipped_bit_anywhere_else_is_noticed_when_the_file_is_opened() -> None:
    directory = three_sections()
    data = directory.files["file"]
    length = 8 + 3 * BLOCK_BYTES + 5
    padding = {*range(length, length + 3), *range(length + 3 + 100, length + 3 + 104)}
    for place in [*range(8), *range(length, length + 3), *range(length + 103, len(data))]:
        if place not in padding:
            with pytest.raises(IndexDamagedError):
                flipped(directory, place)
        else:  # which nothing reads but a check
            file = flipped(directory, place)
            with pytest.raises(IndexDamagedError, match="something at byte"):
                file.check()


def test_a_file_that_was_cut_short_is_damaged() -> None:
    directory = three_sections()
    data = directory.files["file"]
    for length in [*range(200), *range(len(data) - 300, len(data))]:
        directory.files["file"] = data[:length]
        with pytest.raises(IndexDamagedError):
            SectionFile(directory, "file")


@pytest.mark.parametrize("content", [
    [],
    {},
    {"checksums": [8, 0, 0]},
    {"checksums": [8, 3, 0], "sections": {}},
    {"checksums": [1 << 60, 0, 0], "sections": {}},
    {"checksums": [-8, 8, 0], "sections": {}},
    {"checksums": [8, 0, 0], "sections": {"a": [0, 1 << 60]}},
    {"checksums": [8, 0, 0], "sections": {"a": [-1, 1]}},
    {"checksums": [8, 0, 0], "sections": {"a": [0, 8]}},
    {"checksums": [8, 0, 0], "sections": {"a": [8, -1]}},
    {"checksums": [8, 0, 0], "sections": {"a": [8]}},
    {"checksums": [8, 0, 0], "sections": [1]},
])  # fmt: skip
def test_a_table_that_makes_no_sense_is_damage(content: object) -> None:
    table = json.dumps(content).encode()
    directory = Memory()
    footer = struct.pack("<QII8s", 8, len(table), zlib.crc32(table), b"2GESXDIS")
    directory.files["file"] = b"SIDXSEG2" + table + footer
    with pytest.raises(IndexDamagedError):
        SectionFile(directory, "file")
