"""Look up many whole numbers at once, in a hash table of arrays."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchidx.arrays import Int32Array, Int64Array, IntpArray

_FREE: Final = -1
# The product with 2**64 divided by the golden ratio spreads keys well over its high bits
# (Knuth, The Art of Computer Programming, volume 3, section 6.4).
_HASH_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_MIN_SLOTS_PER_KEY: Final = 4
"""The least slots per key; with so many, most keys are in their first slot."""


class KeyTable:
    """A hash table with open addressing: int32 values by keys from 0 to 2**63 - 1.

    A key is in the slot of its hash, or in the next slot after it that was free.

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
        """Look up keys.

        Args:
            keys: int64, shape (n,).

        Returns:
            The value of each key, int32, shape (n,); `absent` for an unknown key.
        """
        values: Int32Array = self._values.take(self._slots(keys))
        return values

    def add(self, keys: Int64Array, values: Int32Array) -> None:
        """Add keys with their values.

        Args:
            keys: int64, shape (n,), all distinct and none in the table.
            values: int32, shape (n,).
        """
        self._count += len(keys)
        if self._count * _MIN_SLOTS_PER_KEY > len(self._keys):
            taken = self._keys != _FREE
            keys = np.append(self._keys[taken], keys)
            values = np.append(self._values[taken], values)
            self._clear(bits=(self._count * _MIN_SLOTS_PER_KEY).bit_length())
        while len(keys):
            slots = self._slots(keys)
            self._keys[slots] = keys  # one of several keys for the same slot gets it
            placed = self._keys[slots] == keys
            self._values[slots[placed]] = values[placed]
            keys, values = keys[~placed], values[~placed]

    def _clear(self, bits: int) -> None:
        """Start with 2**bits free slots."""
        self._keys = np.full(1 << bits, _FREE, np.int64)
        self._values = np.full(1 << bits, self._absent, np.int32)
        self._shift = np.uint64(64 - bits)

    def _slots(self, keys: Int64Array) -> IntpArray:
        """Return the slot of each key, or the free slot for it if it is not in the table."""
        slots: IntpArray = (keys.view(np.uint64) * _HASH_FACTOR >> self._shift).astype(np.intp)
        present = self._keys.take(slots)
        unplaced = np.flatnonzero((present != keys) & (present != _FREE))
        while len(unplaced):
            slots[unplaced] = following = (slots[unplaced] + 1) & (len(self._keys) - 1)
            present = self._keys[following]
            unplaced = unplaced[(present != keys[unplaced]) & (present != _FREE)]
        return slots
