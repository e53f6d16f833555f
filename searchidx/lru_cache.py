"""Cache values up to a number of bytes; drop the least recently used first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LRUCache(Generic[K, V]):
    """A cache that drops the least recently used values.  Safe for use from many threads.

    It has no lock, because a fork could leave a lock locked forever.  Each step is one
    operation of a dict; at worst two threads compute the same value twice.

    Args:
        limit: The size of all values together, in bytes.
        weight: Returns the size of a value in bytes.
    """

    def __init__(self, limit: int, weight: Callable[[V], int]) -> None:
        self._limit = limit
        self._weight = weight
        self._size = 0
        self._values: dict[K, V] = {}

    @property
    def nbytes(self) -> int:
        """Return the size of all values together, in bytes."""
        return self._size

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def get(self, key: K) -> V | None:
        """Return the value of a key, or None."""
        value = self._values.get(key)
        if value is not None and self._values.pop(key, None) is not None:
            self._values[key] = value  # now the most recently used
        return value

    def put(self, key: K, value: V) -> None:
        """Store a value; drop old values above the limit."""
        if self._values.pop(key, None) is None:
            self._size += self._weight(value)
        self._values[key] = value
        while self._size > self._limit and len(self._values) > 1:
            try:
                oldest = self._values.pop(next(iter(self._values)))
            except (KeyError, RuntimeError):  # another thread dropped it first
                continue
            self._size -= self._weight(oldest)
        if len(self._values) <= 1:  # repair a size that two threads counted twice
            self._size = sum(map(self._weight, list(self._values.values())))
