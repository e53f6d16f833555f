"""Sorted distinct strings, and sorted distinct pairs of numbers, each found by its value."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from searchidx.store.columns import narrowest
from searchidx.store.sections import SectionFile, SectionWriter

Keys = npt.NDArray[np.int64]


def write_strings(sections: SectionWriter, name: str, strings: Sequence[bytes]) -> None:
    """Writes strings that are distinct and ascend."""
    ends = np.zeros(len(strings) + 1, np.int64)
    np.cumsum([len(string) for string in strings], out=ends[1:])
    sections.write(f"{name}.strings", b"".join(strings))
    sections.write(f"{name}.ends", ends.astype("<u8" if ends[-1] >> 32 else "<u4"))


class Strings:
    """Strings that `write_strings` wrote; a string's number is its place among them."""

    def __init__(self, file: SectionFile, name: str) -> None:
        self._strings = file[f"{name}.strings"]
        self._ends = file[f"{name}.ends"]
        self._kind = np.dtype("<u8" if len(self._strings) >> 32 else "<u4")

    def __len__(self) -> int:
        return len(self._ends) // self._kind.itemsize - 1

    def __getitem__(self, number: int) -> bytes:
        start, end = self._ends.array(self._kind, number, number + 2).tolist()
        return bytes(self._strings.read(start, end))

    def all(self) -> list[bytes]:
        """Every string, ascending."""
        ends = self._ends.array(self._kind).tolist()
        data = bytes(self._strings.read())
        return [data[start:end] for start, end in itertools.pairwise(ends)]

    def check(self) -> None:
        """Reads everything.

        Raises:
            ValueError: The strings do not ascend, or are no text.
        """
        ends = self._ends.array(self._kind).astype(np.int64)
        if not len(ends) or ends[0] or ends[-1] != len(self._strings):
            raise ValueError("strings lie outside of their section")
        strings = self.all()
        if any(one >= other for one, other in itertools.pairwise(strings)):
            raise ValueError("its strings do not ascend")
        for string in strings:
            string.decode("utf-8")

    def place(self, string: bytes) -> int:
        """How many strings come before `string`."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self[middle] < string:
                low = middle + 1
            else:
                high = middle
        return low

    def find(self, string: bytes) -> int | None:
        """The number of `string`, or None."""
        place = self.place(string)
        return place if place < len(self) and self[place] == string else None

    def beginning_with(self, prefix: bytes) -> range:
        """The numbers of the strings that begin with `prefix`."""
        first = self.place(prefix)
        following = prefix.rstrip(b"\xff")
        if not following:
            return range(first, len(self))
        return range(first, self.place(following[:-1] + bytes([following[-1] + 1])))


def write_pairs(sections: SectionWriter, name: str, keys: Keys, count: int) -> None:
    """Writes pairs of numbers below `count`, as first << 32 | second, distinct, ascending."""
    firsts = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(keys >> 32, minlength=count), out=firsts[1:])
    sections.write(f"{name}.firsts", firsts.astype("<u4"))
    sections.write(f"{name}.seconds", (keys & 0xFFFFFFFF).astype(narrowest(count)))


class NumberPairs:
    """Pairs that `write_pairs` wrote; a pair's number is its place among them."""

    def __init__(self, file: SectionFile, name: str, count: int) -> None:
        self._firsts = file[f"{name}.firsts"]
        self._seconds = file[f"{name}.seconds"]
        self._count = count
        self._kind = np.dtype(narrowest(count))

    def __len__(self) -> int:
        return len(self._seconds) // self._kind.itemsize

    def find(self, first: int, second: int) -> int | None:
        """The number of a pair, or None."""
        start, stop = self._firsts.array("<u4", first, first + 2).tolist()
        seconds = self._seconds.array(self._kind, start, stop)
        place = int(np.searchsorted(seconds, seconds.dtype.type(second)))
        return start + place if place < len(seconds) and seconds[place] == second else None

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

    def keys(self) -> Keys:
        """Every pair as first << 32 | second, int64, ascending."""
        places = self._firsts.array("<u4").astype(np.int64)
        if places[-1] != len(self) or (places[1:] < places[:-1]).any():
            raise ValueError("pairs lie outside of their section")
        counts = np.diff(places)
        firsts = np.repeat(np.arange(len(counts)), counts)
        return firsts << 32 | self._seconds.array(self._kind).astype(np.int64)
