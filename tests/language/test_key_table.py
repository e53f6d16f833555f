"""Compare the table of keys with a dictionary."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.key_table import KeyTable

LARGEST = 2**63 - 1
# A small range repeats keys, and neighbors at the end compete for slots.
keys = st.integers(0, 40) | st.integers(0, LARGEST) | st.integers(LARGEST - 3, LARGEST)


@given(
    st.lists(st.dictionaries(keys, st.integers(-(2**31), 2**31 - 1), max_size=30), max_size=6),
    st.lists(keys, max_size=30),
    st.sampled_from([0, -1]),
)
def test_it_finds_the_same_as_a_dictionary(
    additions: list[dict[int, int]], others: list[int], absent: int
) -> None:
    table, expected = KeyTable(absent), dict[int, int]()
    for addition in additions:
        new = {key: value for key, value in addition.items() if key not in expected}
        table.add(np.array([*new], np.int64), np.array([*new.values()], np.int32))
        expected |= new
    assert len(table) == len(expected)
    asked = [*expected, *others]
    found = table.find(np.array(asked, np.int64))
    assert found.dtype == np.int32
    assert found.tolist() == [expected.get(key, absent) for key in asked]


def test_it_grows_with_its_keys() -> None:
    table = KeyTable(absent=-1)
    for start in range(0, 100_000, 9_999):
        added = np.arange(start, start + 9_999) << 32
        table.add(added, np.arange(start, start + 9_999, dtype=np.int32))
    asked = np.arange(-1, len(table) + 1) + 1
    expected = np.where(asked < len(table), asked, -1)
    assert np.array_equal(table.find(asked << 32), expected)
    assert (table.find((asked << 32) + 1) == -1).all()
