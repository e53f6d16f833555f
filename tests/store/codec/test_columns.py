"""Compare columns with lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.errors import IndexDamagedError
from searchidx.store.codec.columns import (
    Bounds,
    Column,
    encode_bounds,
    narrowest_dtype,
    write_column,
)
from searchidx.store.files.sections import SectionWriter
from tests.store.memory import written

numbers = st.integers(0, 300) | st.sampled_from([65_534, 65_535, 65_536, 1 << 40])


@given(
    st.lists(numbers, max_size=30),
    st.sampled_from(["<u1", "<u2"]),
    st.integers(),
    st.integers(),
)
def test_a_column_is_what_was_written(values: list[int], kind: str, one: int, two: int) -> None:
    file = written(
        lambda sections: write_column(sections, "x", np.array(values, np.int64), kind)
    )
    column = Column(file, "x", kind)
    assert len(column) == len(values)
    assert [column[place] for place in range(len(values))] == values
    assert column.values().tolist() == values
    start, stop = sorted((one % (len(values) + 1), two % (len(values) + 1)))
    assert column.values(start, stop).tolist() == values[start:stop]
    places = [*range(start, stop), *reversed(range(stop))]
    assert column.at(np.array(places, np.int64)).tolist() == [values[at] for at in places]
    limit = 255 if kind == "<u1" else 65_535
    large = sum(value >= limit for value in values)
    assert len(file["x.large"]) == 16 * large


def test_a_column_with_an_odd_end_is_damaged() -> None:
    def write(sections: SectionWriter) -> None:
        sections.write("x", bytes([255]))
        sections.write("x.large", np.array([0, 300, 1], "<u8"))

    with pytest.raises(IndexDamagedError, match="its column x has an odd end"):
        Column(written(write), "x")


def test_the_narrowest_type() -> None:
    limits = (0, 255, 256, 65_535, 65_536, (1 << 32) - 1, 1 << 32)
    assert [narrowest_dtype(limit) for limit in limits] == [
        "<u1", "<u1", "<u2", "<u2", "<u4", "<u4", "<u8",
    ]  # fmt: skip


@given(st.data(), st.integers(1, 3), st.sampled_from([0, 1 << 31, 1 << 40]))
def test_bounds_are_sums(data: st.DataObject, columns: int, largest: int) -> None:
    number = st.integers(0, 9) | st.just(largest)
    rows = data.draw(st.lists(st.lists(number, min_size=columns, max_size=columns), max_size=9))
    lengths = np.array(rows, np.int64).reshape(-1, columns)
    file = written(
        lambda sections: sections.write(
            "x", encode_bounds(lengths if columns > 1 else lengths[:, 0])
        )
    )
    places = [[sum(row[at] for row in rows[:n]) for n in range(len(rows) + 1)]
              for at in range(columns)]  # fmt: skip
    limits = [column[-1] for column in places]
    bounds = Bounds(file, "x", len(rows), limits)
    wide = any(column[-1] >= 1 << 32 for column in places)
    assert len(file["x"]) == (8 if wide else 4) * columns * (len(rows) + 1)
    for at in range(columns):
        assert bounds.values(at).tolist() == places[at]
        assert bounds.values(at, 0, len(rows)).tolist() == places[at][:-1]
    for first in range(len(rows) + 1):
        for stop in range(first, len(rows) + 1):
            assert bounds.rows(first, stop) == [column[first : stop + 1] for column in places]
    for place in range(len(rows)):
        assert bounds[place] == places[0][place : place + 2]
    with pytest.raises(IndexDamagedError, match="its section x has another length"):
        Bounds(file, "x", 2 * len(rows) + 2, limits)
    for at, limit in enumerate(limits):
        if limit:
            less = [*limits[:at], limit - 1, *limits[at + 1 :]]
            with pytest.raises(IndexDamagedError, match="the bounds in its section x descend"):
                Bounds(file, "x", len(rows), less).values(at)
