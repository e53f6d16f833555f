"""Encode term dictionaries: sorted distinct strings, and sorted distinct pairs of numbers.

A term is found by its value, and has its place in the order as its number. Strings are
front coded: most are stored as the end in which they differ from the string before.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from searchidx.arrays import Int64Array
from searchidx.store.codec.columns import narrowest_dtype
from searchidx.store.files.sections import SectionFile, SectionWriter, damage_error

_BLOCK_STRINGS: Final = 32
"""Strings of a block. A block is decoded as a whole."""
_MAX_VARINT_BITS: Final = 63
_MAX_CACHED_BLOCKS: Final = 128
_MAX_CACHED_LOOKUPS: Final = 1 << 14


def write_term_dictionary(sections: SectionWriter, name: str, strings: Sequence[bytes]) -> None:
    """Write strings that are distinct and ascend.

    The first string of each block is stored whole. Any other is stored as the number of bytes
    that it shares with the string before, the number of bytes that follow, and these bytes.
    """
    blocks = []
    for first in range(0, len(strings), _BLOCK_STRINGS):
        block = bytearray()
        previous = strings[first]
        for string in strings[first + 1 : first + _BLOCK_STRINGS]:
            shared = _common_prefix_length(previous, string)
            block += _encode_varint(shared)
            block += _encode_varint(len(string) - shared)
            block += string[shared:]
            previous = string
        blocks.append(bytes(block))
    sections.write(f"{name}.count", np.array([len(strings)], "<u8"))
    _write_byte_strings(sections, f"{name}.firsts", strings[::_BLOCK_STRINGS])
    _write_byte_strings(sections, f"{name}.blocks", blocks)


def _write_byte_strings(sections: SectionWriter, name: str, parts: Sequence[bytes]) -> None:
    """Write byte strings one after the other, and where each begins and the last one ends."""
    ends = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(part) for part in parts], out=ends[1:])
    sections.write(name, b"".join(parts))
    sections.write(f"{name}.ends", ends.astype("<u8"))


def _common_prefix_length(left: bytes, right: bytes) -> int:
    """Return how many bytes at the beginning of two strings are equal."""
    length = min(len(left), len(right))
    # Compared as integers, which is faster than byte by byte.
    difference = int.from_bytes(left[:length], "big") ^ int.from_bytes(right[:length], "big")
    return length - -(-difference.bit_length() // 8)


def _encode_varint(value: int) -> bytes:
    """Return an integer in groups of seven bits, low ones first; a high bit means "go on"."""
    if value < 0x80:
        return bytes((value,))
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _decode_varint(data: bytes, start: int) -> tuple[int, int]:
    """Return the integer that begins at `start`, and where it ends.

    Raises:
        ValueError: The integer has more than `_MAX_VARINT_BITS`.
    """
    value = 0
    for shift in range(0, _MAX_VARINT_BITS, 7):
        byte = data[start]
        start += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, start
    raise ValueError("a length of a dictionary has no end")


class TermDictionary:
    """Read strings that `write_term_dictionary` wrote.

    The number of a string is its place in the ascending order of bytes, from 0.

    Args:
        file: The segment.
        name: The name of the dictionary.

    Raises:
        IndexDamagedError: Here and in every method: the bytes are not what was written.
    """

    def __init__(self, file: SectionFile, name: str) -> None:
        self._size = int(file[f"{name}.count"].array("<u8")[0])
        self._blocks = file[f"{name}.blocks"]
        self._block_ends = file[f"{name}.blocks.ends"]
        firsts = bytes(file[f"{name}.firsts"].read())
        block_count = -(-self._size // _BLOCK_STRINGS)
        # Bounds that go to and fro would make the same bytes many strings.
        for part in ("firsts", "blocks"):
            ends = file[f"{name}.{part}.ends"].array("<u8")
            if len(ends) != block_count + 1:
                raise damage_error(file.name, f"the dictionary {name} breaks off")
            if ends[-1] != len(file[f"{name}.{part}"]) or (ends[1:] < ends[:-1]).any():
                raise damage_error(
                    file.name, f"strings of the dictionary {name} lie outside of their section"
                )
        bounds = file[f"{name}.firsts.ends"].array("<u8").tolist()
        self._firsts = [firsts[start:end] for start, end in pairwise(bounds)]
        self._cached_lookups: dict[bytes, int | None] = {}
        self._cached_blocks: dict[int, list[bytes]] = {}

    def __len__(self) -> int:
        return self._size

    def _block(self, number: int) -> list[bytes]:
        """Return the strings of a block, from the cache if they are there."""
        strings = self._cached_blocks.get(number)
        if strings is None:
            strings = self._read_block(number)
            if len(self._cached_blocks) >= _MAX_CACHED_BLOCKS:
                self._cached_blocks = {}
            self._cached_blocks[number] = strings
        return strings

    def _read_block(self, number: int) -> list[bytes]:
        """Decode the strings of a block."""
        start, end = self._block_ends.array("<u8", number, number + 2).tolist()
        data = bytes(self._blocks.read(start, end))
        string = self._firsts[number]
        strings = [string]
        position = 0
        for _ in range(min(_BLOCK_STRINGS, self._size - number * _BLOCK_STRINGS) - 1):
            shared, length = data[position], data[position + 1]
            if shared | length < 0x80:  # both take one byte, as nearly always
                position += 2
            else:
                shared, position = _decode_varint(data, position)
                length, position = _decode_varint(data, position)
            string = string[:shared] + data[position : position + length]
            position += length
            strings.append(string)
        if position != len(data):
            raise ValueError("a block of a dictionary has another length than its strings")
        return strings

    def __getitem__(self, number: int) -> bytes:
        return self._block(number // _BLOCK_STRINGS)[number % _BLOCK_STRINGS]

    def all(self) -> list[bytes]:
        """Return every string, ascending."""
        blocks = range(len(self._firsts))
        return [string for number in blocks for string in self._read_block(number)]

    def check(self) -> None:
        """Read the whole dictionary.

        Raises:
            ValueError: The strings do not ascend, are not UTF-8, or lie outside their section.
        """
        ends = self._block_ends.array("<u8").astype(np.int64)
        if ends[0] or ends[-1] != len(self._blocks) or (np.diff(ends) < 0).any():
            raise ValueError("strings lie outside of their section")
        strings = self.all()
        if any(left >= right for left, right in pairwise(strings)):
            raise ValueError("its strings do not ascend")
        for string in strings:
            string.decode("utf-8")

    def insertion_point(self, string: bytes) -> int:
        """Return how many strings come before `string`, which need not be there."""
        block = bisect_right(self._firsts, string) - 1
        if block < 0:
            return 0
        return block * _BLOCK_STRINGS + bisect_left(self._block(block), string)

    def find(self, string: bytes) -> int | None:
        """Return the number of `string`, or None if it is not there."""
        try:
            return self._cached_lookups[string]
        except KeyError:
            pass
        block = bisect_right(self._firsts, string) - 1
        number = None
        if block >= 0:
            strings = self._block(block)
            index = bisect_left(strings, string)
            if index < len(strings) and strings[index] == string:
                number = block * _BLOCK_STRINGS + index
        if len(self._cached_lookups) >= _MAX_CACHED_LOOKUPS:
            self._cached_lookups = {}
        self._cached_lookups[string] = number
        return number

    def prefix_range(self, prefix: bytes) -> range:
        """Return the numbers of the strings that begin with `prefix`."""
        stop = first = self.insertion_point(prefix)
        while stop < len(self) and self[stop].startswith(prefix):
            stop += 1
        return range(first, stop)


def write_pair_dictionary(
    sections: SectionWriter, name: str, keys: Int64Array, count: int
) -> None:
    """Write pairs of numbers.

    Args:
        sections: The segment.
        name: The name of the field.
        keys: The pairs as first << 32 | second, distinct, ascending, shape (n,).
        count: More than every number.
    """
    starts = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(keys >> 32, minlength=count), out=starts[1:])
    sections.write(f"{name}.firsts", starts.astype("<u4"))
    sections.write(f"{name}.seconds", (keys & 0xFFFFFFFF).astype(narrowest_dtype(count)))


class PairDictionary:
    """Read pairs that `write_pair_dictionary` wrote.

    The number of a pair is its place in the ascending order of the pairs, from 0.

    Args:
        file: The segment.
        name: The name of the field.
        count: How many strings the term dictionary of the two numbers has.
    """

    def __init__(self, file: SectionFile, name: str, count: int) -> None:
        self._starts = file[f"{name}.firsts"]
        self._seconds = file[f"{name}.seconds"]
        self._count = count
        self._dtype = np.dtype(narrowest_dtype(count))

    def __len__(self) -> int:
        return len(self._seconds) // self._dtype.itemsize

    def find(self, first: int, second: int) -> int | None:
        """Return the number of a pair, or None if it is not there."""
        start, stop = self._starts.array("<u4", first, first + 2).tolist()
        seconds = self._seconds.array(self._dtype, start, stop)
        index = int(np.searchsorted(seconds, seconds.dtype.type(second)))
        return start + index if index < len(seconds) and seconds[index] == second else None

    def find_many(self, firsts: Int64Array, seconds: Int64Array) -> Int64Array:
        """Find many pairs by one binary search for all of them, on the mapped file.

        Args:
            firsts: The first number of each pair, shape (n,).
            seconds: The second number of each pair, shape (n,).

        Returns:
            The number of each pair, -1 if it is not there, shape (n,).
        """
        starts = self._starts.array("<u4")
        stored = self._seconds.array(self._dtype)
        numbers = np.full(len(firsts), -1, np.int64)
        # The pairs that are still searched, and the range that each can be in.
        searched = np.arange(len(firsts))
        low, high = starts[firsts].astype(np.int64), starts[firsts + 1].astype(np.int64)
        while True:
            remaining = np.flatnonzero(low < high)
            if not len(remaining):
                return numbers
            searched, low, high = searched[remaining], low[remaining], high[remaining]
            middle = (low + high) >> 1
            value, wanted = stored[middle].astype(np.int64), seconds[searched]
            equal = value == wanted
            numbers[searched[equal]] = middle[equal]
            low = np.where(value < wanted, middle + 1, low)
            # An empty range ends the search for a pair that is found.
            high = np.where(value < wanted, high, np.where(equal, low, middle))

    def pairs_starting_with(self, first: int) -> tuple[int, Int64Array]:
        """Return the pairs whose first number is `first`.

        Returns:
            The number of the first such pair, and the second numbers of all, ascending.
        """
        start, stop = self._starts.array("<u4", first, first + 2).tolist()
        return start, self._seconds.array(self._dtype, start, stop).astype(np.int64)

    def check(self) -> None:
        """Read all pairs.

        Raises:
            ValueError: The pairs do not ascend, or have numbers without a string.
        """
        keys = self.keys()
        if len(self._starts) != 4 * (self._count + 1) or (keys[1:] <= keys[:-1]).any():
            raise ValueError("its pairs do not ascend")
        if len(keys) and int((keys & 0xFFFFFFFF).max()) >= self._count:
            raise ValueError("its pairs have numbers that no term has")

    def keys(self) -> Int64Array:
        """Return every pair as first << 32 | second, ascending, shape (pairs,).

        Raises:
            ValueError: The pairs lie outside of their section.
        """
        starts = self._starts.array("<u4").astype(np.int64)
        counts = starts[1:] - starts[:-1]
        if starts[-1] != len(self) or (counts < 0).any():
            raise ValueError("pairs lie outside of their section")
        firsts = np.repeat(np.arange(len(counts)), counts)
        return firsts << 32 | self._seconds.array(self._dtype).astype(np.int64)
