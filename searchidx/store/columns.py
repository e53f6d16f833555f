"""Columns of small whole numbers, in which a few may be large."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.store.sections import SectionFile, SectionWriter, damaged

Numbers = npt.NDArray[np.int64]
_KINDS: Final = ("<u1", "<u2", "<u4")


def narrowest(largest: int) -> str:
    """The least unsigned type that holds numbers up to `largest`, as NumPy spells it."""
    return next((kind for kind in _KINDS if largest <= np.iinfo(kind).max), "<u8")


def write_column(
    sections: SectionWriter, name: str, values: npt.NDArray[Any], kind: str = "<u1"
) -> None:
    """Writes a column; numbers that `kind` cannot hold are kept beside it, with their places."""
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
            raise damaged(file.name, f"its column {name} has an odd end")
        self._places, self._values = large.reshape(2, -1).astype(np.int64)
        if len(large) and not self._limit <= self._values.min() <= self._values.max() < 1 << 48:
            raise damaged(file.name, f"its column {name} has impossible numbers")

    def __len__(self) -> int:
        return len(self._small) // self._kind.itemsize

    def __getitem__(self, place: int) -> int:
        value = int(self._small.array(self._kind, place, place + 1)[0])
        if value == self._limit:
            value = int(self._values[np.searchsorted(self._places, place)])
        return value

    def check(self) -> None:
        """Reads everything.

        Raises:
            ValueError: It does not fit together.
        """
        marked = np.flatnonzero(self._small.array(self._kind) == self._limit)
        if not np.array_equal(marked, self._places):
            raise ValueError("the large numbers of a column are not where they should be")

    def values(self, start: int = 0, stop: int | None = None) -> Numbers:
        """The numbers from `start` to `stop`, int64."""
        stop = len(self) if stop is None else stop
        values = self._small.array(self._kind, start, stop).astype(np.int64)
        first, last = np.searchsorted(self._places, (start, stop))
        values[self._places[first:last] - start] = self._values[first:last]
        return values
