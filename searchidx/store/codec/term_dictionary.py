"""Sorted distinct strings, and sorted distinct pairs of numbers, each found by its value."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from searchidx.arrays import Int64Array
from searchidx.store.codec.columns import narrowest_dtype
from searchidx.store.files.sections import SectionFile, SectionWriter, damage_error

_BLOCK: Final = 32
"""How many strings are read together."""
_BLOCKS: Final = 128
"""How many blocks that were read are remembered."""
_REMEMBERED: Final = 1 << 14
"""How many strings that were looked for are remembered."""


def write_term_dictionary(sections: SectionWriter, name: str, strings: Sequence[bytes]) -> None:
    """Writes strings that are distinct and ascend.

    Of each `_BLOCK` the first stands whole; each other one is how many bytes it shares with
    the one before it, how many follow, and these.
    """
    blocks = []
    for first in range(0, len(strings), _BLOCK):
        block = bytearray()
        previous = strings[first]
        for string in strings[first + 1 : first + _BLOCK]:
            shared = _shared(previous, string)
            block += _number(shared) + _number(len(string) - shared) + string[shared:]
            previous = string
        blocks.append(bytes(block))
    sections.write(f"{name}.count", np.array([len(strings)], "<u8"))
    _write_parts(sections, f"{name}.firsts", strings[::_BLOCK])
    _write_parts(sections, f"{name}.blocks", blocks)


def _write_parts(sections: SectionWriter, name: str, parts: Sequence[bytes]) -> None:
    ends = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(part) for part in parts], out=ends[1:])
    sections.write(name, b"".join(parts))
    sections.write(f"{name}.ends", ends.astype("<u8"))


def _shared(one: bytes, two: bytes) -> int:
    """How many bytes two strings begin with alike."""
    length = min(len(one), len(two))
    # As numbers, which are compared faster than byte by byte.
    different = int.from_bytes(one[:length], "big") ^ int.from_bytes(two[:length], "big")
    return length - -(-different.bit_length() // 8)


def _number(value: int) -> bytes:
    """A number in groups of seven bits, low ones first; the high bit says that more follow."""
    if value < 0x80:
        return bytes((value,))
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _read_number(data: bytes, place: int) -> tuple[int, int]:
    """The number at `place`, and where it ends."""
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7


class TermDictionary:
    """Strings that `write_term_dictionary` wrote; a string's number is its place among them."""

    def __init__(self, file: SectionFile, name: str) -> None:
        self._size = int(file[f"{name}.count"].array("<u8")[0])
        self._blocks = file[f"{name}.blocks"]
        self._ends = file[f"{name}.blocks.ends"]
        firsts = bytes(file[f"{name}.firsts"].read())
        ends = file[f"{name}.firsts.ends"].array("<u8").tolist()
        self._firsts = [firsts[start:end] for start, end in pairwise(ends)]
        if len(self._firsts) != -(-self._size // _BLOCK):
            raise damage_error(file.name, f"the dictionary {name} breaks off")
        self._found: dict[bytes, int | None] = {}
        self._read: dict[int, list[bytes]] = {}

    def __len__(self) -> int:
        return self._size

    def _block(self, number: int) -> list[bytes]:
        """The strings of a block."""
        strings = self._read.get(number)
        if strings is None:
            strings = self._read_block(number)
            if len(self._read) >= _BLOCKS:
                self._read = {}
            self._read[number] = strings
        return strings

    def _read_block(self, number: int) -> list[bytes]:
        start, end = self._ends.array("<u8", number, number + 2).tolist()
        data = bytes(self._blocks.read(start, end))
        string = self._firsts[number]
        strings = [string]
        place = 0
        for _ in range(min(_BLOCK, self._size - number * _BLOCK) - 1):
            shared, length = data[place], data[place + 1]
            if shared | length < 0x80:  # as nearly always
                place += 2
            else:
                shared, place = _read_number(data, place)
                length, place = _read_number(data, place)
            string = string[:shared] + data[place : place + length]
            place += length
            strings.append(string)
        return strings

    def __getitem__(self, number: int) -> bytes:
        return self._block(number // _BLOCK)[number % _BLOCK]

    def all(self) -> list[bytes]:
        """Every string, ascending."""
        blocks = range(len(self._firsts))
        return [string for number in blocks for string in self._read_block(number)]

    def check(self) -> None:
        """Reads everything.

        Raises:
            ValueError: The strings do not ascend, or are no text.
        """
        if len(self._ends) != 8 * (len(self._firsts) + 1):
            raise ValueError("it does not tell where each block of strings ends")
        ends = self._ends.array("<u8").astype(np.int64)
        if ends[0] or ends[-1] != len(self._blocks) or (np.diff(ends) < 0).any():
            raise ValueError("strings lie outside of their section")
        strings = self.all()
        if any(one >= other for one, other in pairwise(strings)):
            raise ValueError("its strings do not ascend")
        for string in strings:
            string.decode("utf-8")

    def insertion_point(self, string: bytes) -> int:
        """How many strings come before `string`."""
        block = bisect_right(self._firsts, string) - 1
        return block * _BLOCK + bisect_left(self._block(block), string) if block >= 0 else 0

    def find(self, string: bytes) -> int | None:
        """The number of `string`, or None."""
        try:
            return self._found[string]
        except KeyError:
            pass
        block = bisect_right(self._firsts, string) - 1
        found = None
        if block >= 0:
            strings = self._block(block)
            place = bisect_left(strings, string)
            if place < len(strings) and strings[place] == string:
                found = block * _BLOCK + place
        if len(self._found) >= _REMEMBERED:
            self._found = {}
        self._found[string] = found
        return found

    def prefix_range(self, prefix: bytes) -> range:
        """The numbers of the strings that begin with `prefix`."""
        stop = first = self.insertion_point(prefix)
        while stop < len(self) and self[stop].startswith(prefix):
            stop += 1
        return range(first, stop)


def write_pair_dictionary(
    sections: SectionWriter, name: str, keys: Int64Array, count: int
) -> None:
    """Writes pairs of numbers below `count`, as first << 32 | second, distinct, ascending."""
    firsts = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(keys >> 32, minlength=count), out=firsts[1:])
    sections.write(f"{name}.firsts", firsts.astype("<u4"))
    sections.write(f"{name}.seconds", (keys & 0xFFFFFFFF).astype(narrowest_dtype(count)))


class PairDictionary:
    """Pairs that `write_pair_dictionary` wrote; a pair's number is its place among them."""

    def __init__(self, file: SectionFile, name: str, count: int) -> None:
        self._firsts = file[f"{name}.firsts"]
        self._seconds = file[f"{name}.seconds"]
        self._count = count
        self._kind = np.dtype(narrowest_dtype(count))

    def __len__(self) -> int:
        return len(self._seconds) // self._kind.itemsize

    def find(self, first: int, second: int) -> int | None:
        """The number of a pair, or None."""
        start, stop = self._firsts.array("<u4", first, first + 2).tolist()
        seconds = self._seconds.array(self._kind, start, stop)
        place = int(np.searchsorted(seconds, seconds.dtype.type(second)))
        return start + place if place < len(seconds) and seconds[place] == second else None

    def find_many(self, firsts: Int64Array, seconds: Int64Array) -> Int64Array:
        """The number of each pair (firsts[i], seconds[i]), -1 where there is none: int64.

        A binary search for all of them at once, in what the file is mapped to.
        """
        begins = self._firsts.array("<u4")
        numbers = self._seconds.array(self._kind)
        found = np.full(len(firsts), -1, np.int64)
        left = np.arange(len(firsts))
        low, high = begins[firsts].astype(np.int64), begins[firsts + 1].astype(np.int64)
        while True:
            open_ = np.flatnonzero(low < high)
            if not len(open_):
                return found
            left, low, high = left[open_], low[open_], high[open_]
            middle = (low + high) >> 1
            there, wanted = numbers[middle].astype(np.int64), seconds[left]
            same = there == wanted
            found[left[same]] = middle[same]
            low = np.where(there < wanted, middle + 1, low)
            high = np.where(there < wanted, high, np.where(same, low, middle))

    def pairs_starting_with(self, first: int) -> tuple[int, Int64Array]:
        """The pairs that begin with `first`: the first one's number, and their seconds."""
        start, stop = self._firsts.array("<u4", first, first + 2).tolist()
        return start, self._seconds.array(self._kind, start, stop).astype(np.int64)

    def check(self) -> None:
        """Reads everything.

        Raises:
            ValueError: The pairs do not ascend, or are of what is not there.
        """
        keys = self.keys()
        if len(self._firsts) != 4 * (self._count + 1) or (keys[1:] <= keys[:-1]).any():
            raise ValueError("its pairs do not ascend")
        if len(keys) and int((keys & 0xFFFFFFFF).max()) >= self._count:
            raise ValueError("its pairs are of what is not there")

    def keys(self) -> Int64Array:
        """Every pair as first << 32 | second, int64, ascending."""
        begins = self._firsts.array("<u4").astype(np.int64)
        counts = begins[1:] - begins[:-1]
        if begins[-1] != len(self) or (counts < 0).any():
            raise ValueError("pairs lie outside of their section")
        firsts = np.repeat(np.arange(len(counts)), counts)
        return firsts << 32 | self._seconds.array(self._kind).astype(np.int64)
