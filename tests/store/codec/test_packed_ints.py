"""Compare numbers in tiers with the definition for each number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchidx.store.codec.packed_ints import (
    FREQUENCY_CODEC,
    GAP_CODEC,
    RANK_CODEC,
    TieredCodec,
    byte_width,
    from_bytes,
    to_bytes,
)

TIERS = [GAP_CODEC, FREQUENCY_CODEC, RANK_CODEC]


def tiers_of(tiers: TieredCodec, value: int) -> tuple[int, int | None, bool]:
    """Return a number's code, its second byte if it has one, and whether it has a third."""
    if value < tiers.direct:
        return value, None, False
    rest = min(value, tiers.limit) - tiers.direct
    return tiers.direct + rest // 256, rest % 256, value >= tiers.limit


def values_of(tiers: TieredCodec) -> st.SearchStrategy[list[int]]:
    borders = [tiers.direct, tiers.direct + 256, tiers.limit, 1 << 16, (1 << 31) - 1]
    near = st.sampled_from([border + step for border in borders for step in (-1, 0)])
    return st.lists(near | st.integers(0, 30) | st.integers(0, (1 << 31) - 1))


def test_the_borders_are_those_of_the_format() -> None:
    assert [tiers.limit for tiers in TIERS] == [1_545, 258, 20_655]
    assert [tiers.per_byte for tiers in TIERS] == [2, 4, 1]


@pytest.mark.parametrize("tiers", TIERS)
@settings(max_examples=50)
@given(st.data())
def test_numbers_come_back(tiers: TieredCodec, data: st.DataObject) -> None:
    values = data.draw(values_of(tiers))
    codes, further, seconds = tiers.encode(np.array(values, np.int64))
    expected = [tiers_of(tiers, value) for value in values]
    assert codes.tolist() == [code for code, _, _ in expected]
    assert further.tolist() == [at for at, value in enumerate(values) if value >= tiers.direct]
    assert seconds.tolist() == [second for _, second, _ in expected if second is not None]
    assert all(code < 1 << tiers.bits for code, _, _ in expected)
    thirds = np.array([value for value in values if value >= tiers.limit], np.int32)
    assert tiers.decode(codes, seconds, thirds).tolist() == values
    with pytest.raises(ValueError, match="do not fit together"):
        tiers.decode(codes, np.append(seconds, np.uint8(0)), thirds)


@pytest.mark.parametrize("tiers", TIERS)
@given(st.data())
def test_codes_are_packed_low_ones_first(tiers: TieredCodec, data: st.DataObject) -> None:
    codes = data.draw(st.lists(st.integers(0, (1 << tiers.bits) - 1)))
    padded = codes + [0] * (-len(codes) % tiers.per_byte)
    packed = tiers.pack(np.array(padded, np.uint8))
    assert packed.tolist() == [
        sum(code << at * tiers.bits for at, code in enumerate(padded[n : n + tiers.per_byte]))
        for n in range(0, len(padded), tiers.per_byte)
    ]
    assert tiers.unpack(packed, len(codes)).tolist() == codes


@given(st.lists(st.integers(0, (1 << 31) - 1), min_size=1))
def test_large_numbers_take_the_bytes_of_the_largest(values: list[int]) -> None:
    size = byte_width(max(values))
    assert size == max(2, -(-max(values).bit_length() // 8))
    data = to_bytes(np.array(values, np.int64), size)
    assert data.tobytes() == b"".join(value.to_bytes(size, "little") for value in values)
    assert from_bytes(data, size).tolist() == values
