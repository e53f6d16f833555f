"""Columns of whole numbers: small ones of which a few may be large, and ascending places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import Int64Array
from searchidx.store.files.sections import SectionFile, SectionWriter, damage_error

_KINDS: Final = ("<u1", "<u2", "<u4")


def narrowest_dtype(largest: int) -> str:
    """The least unsigned type that holds numbers up to `largest`, as NumPy spells it."""
    return next((kind for kind in _KINDS if largest <= np.iinfo(kind).max), "<u8")


def write_column(
    sections: SectionWriter, name: str, values: npt.NDArray[Any], kind: str = "<u1"
) -> None:
    """Writes a column; what `kind` cannot hold is kept beside it, with its places."""
    limit = np.iinfo(kind).max
    large = np.flatnonzero(values >= limit)
    sections.write(name, np.minimum(values, limit).astype(kind))
    sections.write(f"{name}.large", np.stack([large, values[large]]).astype("<u8"))


class Column:
    """A column that `write_column` wrote."""

    def __init__(self, file: SectionFile, name: str, kind: str = "<u1") -> None:
        self._small = file[name]
        self._kind = np.dtype(kind)
        self._limit = int(np.iinfo(kind).max)
        large = file[f"{name}.large"].array("<u8")
        if len(large) % 2:
            raise damage_error(file.name, f"its column {name} has an odd end")
        self._places, self._values = large.reshape(2, -1).astype(np.int64)
        if len(large) and not self._limit <= self._values.min() <= self._values.max() < 1 << 48:
            raise damage_error(file.name, f"its column {name} has impossible numbers")

    def __len__(self) -> int:
        return len(self._small) // self._kind.itemsize

    def __getitem__(self, place: int) -> int:
        value = int(self._small.array(self._kind, place, place + 1)[0])
        if value == self._limit:
            value = int(self._values[np.searchsorted(self._places, place)])
        return value

    def at(self, places: Int64Array) -> Int64Array:
        """The numbers at some places, int64."""
        values = self._small.array(self._kind)[places].astype(np.int64)
        large = np.flatnonzero(values == self._limit)
        if len(large):
            values[large] = self._values[np.searchsorted(self._places, places[large])]
        return values

    def check(self) -> None:
        """Reads everything.

        Raises:
            ValueError: It does not fit together.
        """
        marked = np.flatnonzero(self._small.array(self._kind) == self._limit)
        if not np.array_equal(marked, self._places):
            raise ValueError("the large numbers of a column are not where they should be")

    def values(self, start: int = 0, stop: int | None = None) -> Int64Array:
        """The numbers from `start` to `stop`, int64."""
        stop = len(self) if stop is None else stop
        return self.values_of([(start, stop)])

    def values_of(self, runs: Sequence[Sequence[int]]) -> Int64Array:
        """The numbers of some runs, each from a place to another, in a row, int64."""
        small = [self._small.array(self._kind, start, stop) for start, stop in runs]
        values = np.concatenate(small).astype(np.int64)
        if len(self._places):
            done = 0
            for start, stop in runs:
                first, last = np.searchsorted(self._places, (start, stop))
                values[self._places[first:last] - start + done] = self._values[first:last]
                done += stop - start
        return values


def encode_bounds(lengths: Int64Array) -> npt.NDArray[Any]:
    """Where things of these lengths begin and end, in the narrower of two types."""
    bounds = np.zeros((len(lengths) + 1, *lengths.shape[1:]), "<u8")
    np.cumsum(lengths, axis=0, out=bounds[1:])
    return bounds if (bounds[-1] >> np.uint64(32)).any() else bounds.astype("<u4")


class Bounds:
    """Where things begin, and where the last one ends, in one or several columns.

    Args:
        file: The segment.
        name: The section.
        count: How many things there are.
        limits: Of each column the last place that there is.
    """

    def __init__(self, file: SectionFile, name: str, count: int, limits: Sequence[int]) -> None:
        self._section = file[name]
        self._file = file.name
        self._name = name
        self._limits = limits
        self._columns = columns = len(limits)
        self._ascending: set[int] = set()  # the columns of which that was checked
        size = 4 * columns * (count + 1)
        self._kind = np.dtype("<u4" if len(self._section) == size else "<u8")
        if len(self._section) not in (size, 2 * size):
            raise damage_error(file.name, f"its section {name} has another length")

    def rows(self, first: int, stop: int) -> list[list[int]]:
        """The places from that of `first` to that of `stop`, both included, by columns."""
        width = self._columns
        flat: list[int] = self._section.array(
            self._kind, first * width, (stop + 1) * width
        ).tolist()
        return [flat] if width == 1 else [flat[column::width] for column in range(width)]

    def __getitem__(self, number: int) -> list[int]:
        """Where the thing of that number begins and ends, in the first column."""
        return self.rows(number, number + 1)[0]

    def values(self, column: int = 0, first: int = 0, stop: int | None = None) -> Int64Array:
        """The places of a column from that of `first` to before that of `stop`, int64."""
        width = self._columns
        end = None if stop is None else stop * width
        rows = self._section.array(self._kind, first * width, end).reshape(-1, width)
        found = rows[:, column].astype(np.int64)
        # What is made of them takes as much memory as they say.
        if len(found) and not 0 <= found[0] <= found[-1] <= self._limits[column]:
            raise self._wrong()
        if end is None and first == 0 and column not in self._ascending:
            if (found[1:] < found[:-1]).any():
                raise self._wrong()
            self._ascending.add(column)
        return found

    def _wrong(self) -> Exception:
        return damage_error(self._file, f"its section {self._name} names what is not there")
