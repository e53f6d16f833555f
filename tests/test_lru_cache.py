"""Compare the cache with a list in the order of use."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from searchidx.lru_cache import LRUCache

steps = st.lists(st.tuples(st.sampled_from(["get", "put"]), st.integers(0, 9)), max_size=60)


@given(steps)
def test_what_was_not_used_for_longest_goes_first(steps: list[tuple[str, int]]) -> None:
    cache: LRUCache[int, str] = LRUCache(20, len)
    expected: list[int] = []  # the last one used at the end
    for step, key in steps:
        value = "x" * key
        if step == "get":
            assert cache.get(key) == (value if key in expected else None)
        else:
            cache.put(key, value)
        if step == "put" or key in expected:
            expected = [other for other in expected if other != key] + [key]
        while sum(expected) > 20 and len(expected) > 1:
            expected.pop(0)
        assert cache.nbytes == sum(expected)
    assert [key for key in range(10) if key in cache] == sorted(expected)


def test_the_last_value_stays_however_large_it_is() -> None:
    cache: LRUCache[str, str] = LRUCache(3, len)
    cache.put("a", "xx")
    cache.put("b", "x" * 100)
    assert (cache.get("a"), cache.get("b")) == (None, "x" * 100)
    cache.put("a", "xx")
    assert (cache.get("a"), cache.get("b")) == ("xx", None)
