"""Encode columns of integers: mostly small values, and ascending bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import Int64Array
from searchidx.store.files.sections import SectionFile, SectionWriter, damage_error

_DTYPES: Final = ("<u1", "<u2", "<u4")
_MAX_LARGE_VALUE: Final = (1 << 48) - 1
"""More than any value of an index; a larger one is damage, and could overflow sums."""


def narrowest_dtype(largest: int) -> str:
    """Return the smallest unsigned dtype that holds numbers up to `largest`."""
    return next((dtype for dtype in _DTYPES if largest <= np.iinfo(dtype).max), "<u8")


def write_column(
    sections: SectionWriter, name: str, values: npt.NDArray[Any], dtype: str = "<u1"
) -> None:
    """Write a column of integers of at least 0.

    Args:
        sections: The file.
        name: The name of the section. Values too large for `dtype` go to "<name>.large".
        values: The integers, shape (n,).
        dtype: The type of the column. Its highest value marks a value that is in ".large".
    """
    limit = np.iinfo(dtype).max
    large = np.flatnonzero(values >= limit)
    sections.write(name, np.minimum(values, limit).astype(dtype))
    sections.write(f"{name}.large", np.stack([large, values[large]]).astype("<u8"))


class Column:
    """Read a column that `write_column` wrote.

    Args:
        file: The file.
        name: The name of the section.
        dtype: The type that the column was written with.

    Raises:
        IndexDamagedError: The large values are not what could have been written.
    """

    def __init__(self, file: SectionFile, name: str, dtype: str = "<u1") -> None:
        self._small = file[name]
        self._dtype = np.dtype(dtype)
        self._limit = int(np.iinfo(dtype).max)
        large = file[f"{name}.large"].array("<u8")
        if len(large) % 2:
            raise damage_error(file.name, f"its column {name} has an odd end")
        self._large_indices, self._large_values = large.reshape(2, -1).astype(np.int64)
        if len(large) and not (
            self._limit <= self._large_values.min()
            and self._large_values.max() <= _MAX_LARGE_VALUE
        ):
            raise damage_error(file.name, f"its column {name} has impossible numbers")

    def __len__(self) -> int:
        return len(self._small) // self._dtype.itemsize

    def __getitem__(self, index: int) -> int:
        value = int(self._small.array(self._dtype, index, index + 1)[0])
        if value == self._limit:
            value = int(self._large_values[np.searchsorted(self._large_indices, index)])
        return value

    def at(self, indices: Int64Array) -> Int64Array:
        """Return the values at some indices, in their order."""
        values = self._small.array(self._dtype)[indices].astype(np.int64)
        large = np.flatnonzero(values == self._limit)
        if len(large):
            entries = np.searchsorted(self._large_indices, indices[large])
            values[large] = self._large_values[entries]
        return values

    def check(self) -> None:
        """Read the whole column.

        Raises:
            ValueError: The column and its large values do not fit together.
        """
        marked = np.flatnonzero(self._small.array(self._dtype) == self._limit)
        if not np.array_equal(marked, self._large_indices):
            raise ValueError("a column and its large numbers do not fit together")

    def values(self, start: int = 0, stop: int | None = None) -> Int64Array:
        """Return the values from index `start` to `stop`."""
        stop = len(self) if stop is None else stop
        return self.values_of_ranges([(start, stop)])

    def values_of_ranges(self, ranges: Sequence[Sequence[int]]) -> Int64Array:
        """Return the values of ranges (start, stop) of indices, one range after the other."""
        small = [self._small.array(self._dtype, start, stop) for start, stop in ranges]
        values = np.concatenate(small).astype(np.int64)
        if len(self._large_indices):
            done = 0
            for start, stop in ranges:
                first, last = np.searchsorted(self._large_indices, (start, stop))
                targets = self._large_indices[first:last] - start + done
                values[targets] = self._large_values[first:last]
                done += stop - start
        return values


def encode_bounds(lengths: Int64Array) -> npt.NDArray[Any]:
    """Return where items of these lengths begin, and where the last one ends.

    Args:
        lengths: The length of each item, shape (items,); or shape (items, columns), for items
            with a part in each of several sections.

    Returns:
        Their bounds, shape (items + 1,) or (items + 1, columns), from 0; 4 bytes each if the
        last are below 2 ** 32, else 8.
    """
    bounds = np.zeros((len(lengths) + 1, *lengths.shape[1:]), "<u8")
    np.cumsum(lengths, axis=0, out=bounds[1:])
    return bounds if (bounds[-1] >> np.uint64(32)).any() else bounds.astype("<u4")


class Bounds:
    """Read bounds that `encode_bounds` gave.

    Args:
        file: The segment.
        name: The section of the bounds.
        count: How many items there are.
        limits: For each column, the length of what the bounds divide. No bound lies beyond.

    Raises:
        IndexDamagedError: There are not as many bounds as `count` needs.
    """

    def __init__(self, file: SectionFile, name: str, count: int, limits: Sequence[int]) -> None:
        self._section = file[name]
        self._file = file.name
        self._name = name
        self._limits = limits
        self._columns = columns = len(limits)
        self._checked_columns: set[int] = set()  # columns that were found to ascend
        nbytes = 4 * columns * (count + 1)
        self._dtype = np.dtype("<u4" if len(self._section) == nbytes else "<u8")
        if len(self._section) not in (nbytes, 2 * nbytes):
            raise damage_error(file.name, f"its section {name} has another length")

    def rows(self, first: int, stop: int) -> list[list[int]]:
        """Return for each column the bounds of the items `first` to `stop`, both included."""
        width = self._columns
        flat: list[int] = self._section.array(
            self._dtype, first * width, (stop + 1) * width
        ).tolist()
        return [flat] if width == 1 else [flat[column::width] for column in range(width)]

    def __getitem__(self, number: int) -> list[int]:
        """Return where an item begins and ends in the first column."""
        return self.rows(number, number + 1)[0]

    def values(self, column: int = 0, first: int = 0, stop: int | None = None) -> Int64Array:
        """Return the bounds of a column from row `first` to before row `stop`.

        Raises:
            IndexDamagedError: The bounds descend, or lie outside of what they divide.
        """
        width = self._columns
        end = None if stop is None else stop * width
        rows = self._section.array(self._dtype, first * width, end).reshape(-1, width)
        bounds = rows[:, column].astype(np.int64)
        # Callers allocate as much memory as the bounds say.
        if len(bounds) and not 0 <= bounds[0] <= bounds[-1] <= self._limits[column]:
            raise self._range_error()
        if column not in self._checked_columns:
            if (bounds[1:] < bounds[:-1]).any():
                raise self._range_error()
            if end is None and first == 0:
                self._checked_columns.add(column)
        return bounds

    def _range_error(self) -> Exception:
        """Return the error for bounds outside of what they divide."""
        return damage_error(
            self._file, f"the bounds in its section {self._name} descend or go too far"
        )
