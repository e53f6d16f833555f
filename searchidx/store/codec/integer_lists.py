"""Encode lists of integers as packed integers, thousands of lists as quickly as one.

Each list begins with a byte of its own: the codes of its integers, then its bytes of the second
tier, then its integers of the third (`packed_ints`).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import Int32Array, Int64Array, IntpArray, UInt8Array
from searchidx.store.codec.packed_ints import TieredCodec, from_bytes, to_bytes
from searchidx.store.codec.ranges import concatenate_ranges, exclusive_cumsum

_BATCH_INTEGERS: Final = 1 << 15
"""Integers of a long list that are decoded at once: a multiple of the codes in a byte."""


class EncodedLists:
    """Many lists of integers, encoded at once.

    Args:
        codec: The codec of the integers.
        width: Bytes of an integer of the third tier.
        values: The integers, list after list, shape (sum of `counts`,).
        counts: How many integers each list has, shape (lists,).
    """

    def __init__(
        self, codec: TieredCodec, width: int, values: npt.NDArray[Any], counts: Int64Array
    ) -> None:
        codes, patched, self._second_tier = codec.encode(values)
        large = np.flatnonzero(values >= codec.limit)
        self._third_tier = to_bytes(values[large], width).reshape(-1)
        # The bytes of each list in each tier.
        owners = np.repeat(np.arange(len(counts)), counts)
        self._first_nbytes = -(-counts // codec.per_byte)
        self._second_nbytes = np.bincount(owners[patched], minlength=len(counts))
        self._third_nbytes = width * np.bincount(owners[large], minlength=len(counts))
        # The codes of each list begin with a byte of their own.
        padded = np.zeros(int(self._first_nbytes.sum()) * codec.per_byte, np.uint8)
        code_starts = exclusive_cumsum(self._first_nbytes) * codec.per_byte
        padded[concatenate_ranges(code_starts, counts)] = codes
        self._first_tier = codec.pack(padded)
        self.nbytes = self._first_nbytes + self._second_nbytes + self._third_nbytes
        """The bytes of each list, shape (lists,)."""

    def put(self, data: UInt8Array, offsets: Int64Array) -> None:
        """Write the bytes of each list into `data`, from its offset on."""
        for tier, nbytes in (
            (self._first_tier, self._first_nbytes),
            (self._second_tier, self._second_nbytes),
            (self._third_tier, self._third_nbytes),
        ):
            data[concatenate_ranges(offsets, nbytes)] = tier
            offsets = offsets + nbytes


def decode_lists(
    codec: TieredCodec, width: int, data: UInt8Array, offsets: Int64Array, counts: Int64Array
) -> tuple[Int32Array, Int64Array]:
    """Decode many lists at once.

    Args:
        codec: The codec of the integers.
        width: Bytes of an integer of the third tier.
        data: Bytes that hold the lists.
        offsets: Where each list begins in `data`, shape (lists,).
        counts: How many integers each list has, shape (lists,).

    Returns:
        The integers, list after list, and where each list ends in `data`, shape (lists,).
    """
    first_nbytes = -(-counts // codec.per_byte)
    codes = codec.unpack(
        data[concatenate_ranges(offsets, first_nbytes)],
        int(first_nbytes.sum()) * codec.per_byte,
    )
    code_starts = exclusive_cumsum(first_nbytes) * codec.per_byte
    codes = codes[concatenate_ranges(code_starts, counts)]
    owners = np.repeat(np.arange(len(counts)), counts)
    patched = np.flatnonzero(codes >= codec.direct)
    second_nbytes = np.bincount(owners[patched], minlength=len(counts))
    second_tier = data[concatenate_ranges(offsets + first_nbytes, second_nbytes)]
    highest = (codes[patched] == (1 << codec.bits) - 1) & (second_tier == 255)
    third_nbytes = width * np.bincount(owners[patched[highest]], minlength=len(counts))
    third_starts = offsets + first_nbytes + second_nbytes
    third_tier = from_bytes(data[concatenate_ranges(third_starts, third_nbytes)], width)
    return codec.decode(codes, second_tier, third_tier), third_starts + third_nbytes


def decode_list(
    codec: TieredCodec, width: int, data: UInt8Array, start: int, count: int
) -> tuple[Int32Array, int]:
    """Decode one list of `count` integers that begins at `start`.

    A long list is decoded in batches. Their arrays are small enough for memory that the process
    already has: to ask the system for fresh pages takes longer than all the rest.

    Returns:
        The integers, and where the list ends in `data`.
    """
    values = np.empty(count, np.int32)
    end = start - (-count // codec.per_byte)
    packed = data[start:end]
    third_tier_indices: list[IntpArray] = []
    for first in range(0, count, _BATCH_INTEGERS):
        batch = values[first : first + _BATCH_INTEGERS]
        batch_bytes = packed[first // codec.per_byte :]
        codes = codec.unpack(batch_bytes[: _BATCH_INTEGERS // codec.per_byte], len(batch))
        batch[:] = codes
        patched = np.flatnonzero(codes >= codec.direct)
        if not len(patched):
            continue
        second_tier = data[end : end + len(patched)]
        end += len(patched)
        highest = codec.patch_second_tier(batch, patched, second_tier)
        if len(highest):
            third_tier_indices.append(highest + first)
    if third_tier_indices:
        indices = np.concatenate(third_tier_indices)
        third_tier = from_bytes(data[end : end + width * len(indices)], width)
        codec.patch_third_tier(values, indices, third_tier)
        end += width * len(indices)
    return values, end
