"""Whole numbers, most of them small, in three tiers.

The code of a number has a few bits.  Codes below `direct` are the number itself; any other
code is the beginning of a number that goes on in a byte of the second tier; and numbers
that are larger still have the highest code and byte, and stand whole in the third tier.
The tiers lie apart, so that each is read and written by a few array operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import Int32Array, IntpArray, UInt8Array


@dataclass(frozen=True)
class TieredCodec:
    """How numbers are divided.

    Attributes:
        bits: Of a code: 2, 4 or 8.
        direct: How many of the codes are numbers themselves.
    """

    bits: int
    direct: int

    @property
    def per_byte(self) -> int:
        """How many codes a byte holds."""
        return 8 // self.bits

    @property
    def limit(self) -> int:
        """Numbers from this one on stand in the third tier."""
        return self.direct + ((1 << self.bits) - self.direct) * 256 - 1

    def encode(self, values: npt.NDArray[Any]) -> tuple[UInt8Array, IntpArray, UInt8Array]:
        """Codes and second tier of numbers of at least 0.

        Returns:
            The code of each, shape (n,); which go on, ascending; and their second bytes.
            What goes on with a code and byte that are the highest is in the third tier.
        """
        further = np.flatnonzero(values >= self.direct)
        rest = np.minimum(values[further], self.limit) - self.direct
        codes = values.astype(np.uint8)
        codes[further] = self.direct + (rest >> 8)
        return codes, further, rest.astype(np.uint8)

    def decode(self, codes: UInt8Array, seconds: UInt8Array, thirds: Int32Array) -> Int32Array:
        """The numbers.

        Raises:
            ValueError: The tiers do not fit together.
        """
        values = codes.astype(np.int32)
        further = np.flatnonzero(codes >= self.direct)
        if len(further) != len(seconds):
            raise ValueError("the tiers of a list do not fit together")
        places = self.add_seconds(values, further, seconds)
        if len(thirds):
            self.put_thirds(values, places, thirds)
        return values

    def add_seconds(
        self, values: Int32Array, further: IntpArray, seconds: UInt8Array
    ) -> IntpArray:
        """Makes numbers of the codes at `further` and their second bytes, in place.

        Returns:
            The places of those that are in the third tier.
        """
        numbers = ((values[further] - self.direct) << 8) + seconds + self.direct
        values[further] = numbers
        places: IntpArray = further[numbers == self.limit]
        return places

    def put_thirds(self, values: Int32Array, places: IntpArray, thirds: Int32Array) -> None:
        """Puts the numbers of the third tier, at least one, in their places.

        Raises:
            ValueError: One of them is too small for it, or they are too many or too few.
        """
        if thirds.min() < self.limit:
            raise ValueError("a number of the third tier belongs into another")
        values[places] = thirds

    def pack(self, codes: UInt8Array) -> UInt8Array:
        """Codes, a multiple of `per_byte`, in bytes."""
        if self.bits == 8:
            return codes
        packed = codes[0 :: self.per_byte].copy()
        for place in range(1, self.per_byte):
            packed |= codes[place :: self.per_byte] << np.uint8(place * self.bits)
        return packed

    def unpack(self, packed: UInt8Array, count: int) -> UInt8Array:
        """The first `count` codes of packed ones."""
        if self.bits == 8:
            return packed
        return _CODES[self.bits].take(packed, axis=0).reshape(-1)[:count]


def _codes(bits: int) -> UInt8Array:
    """The codes that each byte holds, shape (256, codes a byte)."""
    shifts = np.arange(0, 8, bits)
    return (np.arange(256)[:, None] >> shifts & ((1 << bits) - 1)).astype(np.uint8)


_CODES: Final = {bits: _codes(bits) for bits in (2, 4)}


def byte_width(largest: int) -> int:
    """Bytes of a number of the third tier."""
    return 2 if largest < 1 << 16 else 3 if largest < 1 << 24 else 4


def to_bytes(values: npt.NDArray[Any], size: int) -> UInt8Array:
    """Numbers in `size` bytes each, little-endian, shape (n, size)."""
    return values.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :size]


def from_bytes(data: UInt8Array, size: int) -> Int32Array:
    """The numbers of `to_bytes`, from any shape."""
    wide = np.zeros((len(data.reshape(-1)) // size, 4), np.uint8)
    wide[:, :size] = data.reshape(-1, size)
    return wide.view("<i4").reshape(-1)


GAP_CODEC: Final = TieredCodec(4, 10)
FREQUENCY_CODEC: Final = TieredCodec(2, 3)
RANK_CODEC: Final = TieredCodec(8, 176)
