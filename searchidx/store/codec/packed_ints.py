"""Encode non-negative integers, most of them small, by patched bit packing in three tiers.

Bit packing gives each number a code of the same few bits. Patched bit packing makes the codes
small enough for most numbers and keeps what does not fit beside them, as patches. Here the
patches have two tiers, one byte and then several, so that numbers of middle size stay short.

Layout of the numbers v with codes of b bits, of which d codes are direct::

    first tier    v < d           the code is v
    second tier   d <= v < limit  the code is d + (v - d) // 256; one more byte, (v - d) % 256
    third tier    limit <= v      the highest code and the byte 255; v itself, in 2 to 4 bytes

    limit = d + (2 ** b - d) * 256 - 1

The tiers are stored apart: all codes, then all bytes of the second tier, then all numbers of
the third. Each is therefore read and written by a few array operations, without a loop over
numbers. docs/reference/file-format.md has the same as a specification, under "Packed integers".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import Int32Array, IntpArray, UInt8Array


@dataclass(frozen=True)
class TieredCodec:
    """Encode and decode numbers in three tiers.

    Attributes:
        bits: The bits of a code: 2, 4 or 8.
        direct: How many of the codes are numbers themselves.
    """

    bits: int
    direct: int

    @property
    def per_byte(self) -> int:
        """Return how many codes a byte holds."""
        return 8 // self.bits

    @property
    def limit(self) -> int:
        """Return the smallest number of the third tier."""
        return self.direct + ((1 << self.bits) - self.direct) * 256 - 1

    def encode(self, values: npt.NDArray[Any]) -> tuple[UInt8Array, IntpArray, UInt8Array]:
        """Return the first and second tier of numbers.

        The caller writes the third tier: the numbers of at least `limit`, whole.

        Args:
            values: Integers of at least 0, shape (n,).

        Returns:
            The codes, shape (n,); the indices of the numbers beyond the first tier, ascending,
            shape (m,); and the byte of each of these in the second tier, shape (m,).
        """
        patched = np.flatnonzero(values >= self.direct)
        rest = np.minimum(values[patched], self.limit) - self.direct
        codes = values.astype(np.uint8)
        codes[patched] = self.direct + (rest >> 8)
        return codes, patched, rest.astype(np.uint8)

    def decode(
        self, codes: UInt8Array, second_tier: UInt8Array, third_tier: Int32Array
    ) -> Int32Array:
        """Return the numbers of three tiers.

        Args:
            codes: The code of each number, shape (n,).
            second_tier: The bytes of the second tier, in the order of the numbers.
            third_tier: The numbers of the third tier, in the order of the numbers.

        Raises:
            ValueError: The tiers do not fit together.
        """
        values = codes.astype(np.int32)
        patched = np.flatnonzero(codes >= self.direct)
        if len(patched) != len(second_tier):
            raise ValueError("the tiers of a list do not fit together")
        highest = self.patch_second_tier(values, patched, second_tier)
        if len(third_tier):
            self.patch_third_tier(values, highest, third_tier)
        return values

    def patch_second_tier(
        self, values: Int32Array, patched: IntpArray, second_tier: UInt8Array
    ) -> IntpArray:
        """Replace codes beyond the direct ones by the numbers of the second tier, in place.

        Args:
            values: The codes, shape (n,); changed.
            patched: The indices of the codes that are not direct, ascending, shape (m,).
            second_tier: The byte of each of these, shape (m,).

        Returns:
            The indices of the numbers that are in the third tier, ascending.
        """
        numbers = ((values[patched] - self.direct) << 8) + second_tier + self.direct
        values[patched] = numbers
        highest: IntpArray = patched[numbers == self.limit]
        return highest

    def patch_third_tier(
        self, values: Int32Array, highest: IntpArray, third_tier: Int32Array
    ) -> None:
        """Put the numbers of the third tier, at least one, at their indices, in place.

        Raises:
            ValueError: A number is too small for this tier, or their count is wrong.
        """
        if third_tier.min() < self.limit:
            raise ValueError(
                "a number of the third tier is too small for it, or one is missing"
            )
        values[highest] = third_tier

    def pack(self, codes: UInt8Array) -> UInt8Array:
        """Pack codes into bytes; their count must be a multiple of `per_byte`."""
        if self.bits == 8:
            return codes
        packed = codes[0 :: self.per_byte].copy()
        for position in range(1, self.per_byte):
            packed |= codes[position :: self.per_byte] << np.uint8(position * self.bits)
        return packed

    def unpack(self, packed: UInt8Array, count: int) -> UInt8Array:
        """Return the first `count` codes of packed bytes."""
        if self.bits == 8:
            return packed
        return _CODES_OF_BYTES[self.bits].take(packed, axis=0).reshape(-1)[:count]


def _codes_of_bytes(bits: int) -> UInt8Array:
    """Return the codes that each byte holds, shape (256, codes in a byte)."""
    shifts = np.arange(0, 8, bits)
    return (np.arange(256)[:, None] >> shifts & ((1 << bits) - 1)).astype(np.uint8)


_CODES_OF_BYTES: Final = {bits: _codes_of_bytes(bits) for bits in (2, 4)}


def byte_width(largest: int) -> int:
    """Return how many bytes a number of the third tier takes, if none is above `largest`."""
    return 2 if largest < 1 << 16 else 3 if largest < 1 << 24 else 4


def to_bytes(values: npt.NDArray[Any], width: int) -> UInt8Array:
    """Return numbers as `width` bytes each, little-endian, shape (n, width)."""
    return values.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :width]


def from_bytes(data: UInt8Array, width: int) -> Int32Array:
    """Return the numbers that `to_bytes` gave as bytes; `data` may have any shape."""
    wide = np.zeros((len(data.reshape(-1)) // width, 4), np.uint8)
    wide[:, :width] = data.reshape(-1, width)
    return wide.view("<i4").reshape(-1)


GAP_CODEC: Final = TieredCodec(bits=4, direct=10)
"""Gaps between the documents of a postings list."""
FREQUENCY_CODEC: Final = TieredCodec(bits=2, direct=3)
"""How often a term occurs in a document, less one."""
RANK_CODEC: Final = TieredCodec(bits=8, direct=176)
"""Syllables of a text, as ranks by frequency."""
