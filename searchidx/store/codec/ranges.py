"""Handle many ranges of integers at once, as one array of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from searchidx.arrays import Int64Array

CHUNK_SIZE: Final = 1 << 20
"""About how many postings, or syllables, `chunk_by_size` puts in a chunk."""


def concatenate_ranges(starts: Int64Array, counts: Int64Array) -> Int64Array:
    """Return the integers of ranges, one range after the other.

    Args:
        starts: The first integer of each range, shape (n,).
        counts: How many integers each range has, shape (n,).

    Returns:
        shape (sum of `counts`,).
    """
    ends = np.cumsum(counts)
    integers: Int64Array = np.arange(ends[-1] if len(ends) else 0)
    integers += np.repeat(starts - (ends - counts), counts)
    return integers


def exclusive_cumsum(counts: Int64Array) -> Int64Array:
    """Return the sum of all counts before each one, shape (n,)."""
    return np.cumsum(counts) - counts


def chunk_by_size(sizes: Int64Array, multiple: int = 1) -> Iterator[tuple[int, int]]:
    """Divide items into chunks of about `CHUNK_SIZE` in total.

    Args:
        sizes: The size of each item, such as the length of its postings list, shape (n,).
        multiple: Chunks begin at multiples of this many items.

    Yields:
        The first item of each chunk, and the item after its last.
    """
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        before = ends[first - 1] if first else 0
        stop = int(np.searchsorted(ends, before + CHUNK_SIZE, "right"))
        stop = max(stop // multiple * multiple, first + multiple)
        yield first, min(stop, len(sizes))
        first = stop
