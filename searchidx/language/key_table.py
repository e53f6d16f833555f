"""A hash table in arrays, in which many whole numbers are looked up at once."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchidx.arrays import Int32Array, Int64Array, IntpArray

_FREE: Final = -1
# 2**64 divided by the golden ratio spreads keys well over the high bits of their products
# (Knuth, The Art of Computer Programming, 6.4).
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_ROOM: Final = 4
"""At least so many slots for each key: most keys then lie in the first slot looked at."""


class KeyTable:
    """Values, int32, by key: a whole number from 0 to 2**63 - 1.

    A key lies in the slot that its hash names, or in the next free one after it.

    Args:
        absent: The value of a key that is not in the table.
    """

    def __init__(self, absent: int) -> None:
        self._absent = absent
        self._count = 0
        self._clear(bits=10)

    def __len__(self) -> int:
        return self._count

    def find(self, keys: Int64Array) -> Int32Array:
        """Return the value of each key, shape (n,), for keys of shape (n,)."""
        values: Int32Array = self._values.take(self._slots(keys))
        return values

    def add(self, keys: Int64Array, values: Int32Array) -> None:
        """Add keys, shape (n,), all distinct and new, with their values, shape (n,)."""
        self._count += len(keys)
        if self._count * _ROOM > len(self._keys):
            taken = self._keys != _FREE
            keys = np.append(self._keys[taken], keys)
            values = np.append(self._values[taken], values)
            self._clear(bits=(self._count * _ROOM).bit_length())
        while len(keys):
            slots = self._slots(keys)
            self._keys[slots] = keys  # of several that want the same slot one gets it
            placed = self._keys[slots] == keys
            self._values[slots[placed]] = values[placed]
            keys, values = keys[~placed], values[~placed]

    def _clear(self, bits: int) -> None:
        self._keys = np.full(1 << bits, _FREE, np.int64)
        self._values = np.full(1 << bits, self._absent, np.int32)
        self._shift = np.uint64(64 - bits)

    def _slots(self, keys: Int64Array) -> IntpArray:
        """Return the slot of each key, or the free slot where it belongs."""
        slots: IntpArray = (keys.view(np.uint64) * _FACTOR >> self._shift).astype(np.intp)
        there = self._keys.take(slots)
        astray = np.flatnonzero((there != keys) & (there != _FREE))
        while len(astray):
            slots[astray] = following = (slots[astray] + 1) & (len(self._keys) - 1)
            there = self._keys[following]
            astray = astray[(there != keys[astray]) & (there != _FREE)]
        return slots
