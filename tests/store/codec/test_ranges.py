"""Compare ranges in arrays with lists."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searchidx.store.codec.ranges import chunk_by_size, concatenate_ranges


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 6)), max_size=10))
def test_ranges_are_joined(runs: list[tuple[int, int]]) -> None:
    starts = np.array([start for start, _ in runs], np.int64)
    counts = np.array([count for _, count in runs], np.int64)
    expected = [start + n for start, count in runs for n in range(count)]
    assert concatenate_ranges(starts, counts).tolist() == expected


@given(
    st.lists(st.sampled_from([0, 1, 1 << 19, 1 << 20, 1 << 21, 1 << 23]), max_size=12),
    st.integers(1, 3),
)
def test_chunks_have_every_item_once_and_fit(sizes: list[int], multiple: int) -> None:
    found = list(chunk_by_size(np.array(sizes, np.int64), multiple))
    assert [n for first, stop in found for n in range(first, stop)] == list(range(len(sizes)))
    for first, stop in found:
        assert first % multiple == 0
        assert stop - first <= multiple or sum(sizes[first:stop]) <= 1 << 21
