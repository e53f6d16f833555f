"""What was made last, up to a number of bytes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LRUCache(Generic[K, V]):
    """Values by key; those that were not used for longest go first.

    Without a lock, which a fork could leave locked for ever: each step is one operation of
    a dict, and the worst that two threads can do is to make the same value twice.

    Args:
        limit: Bytes of all values together.
        weight: The bytes of a value.
    """

    def __init__(self, limit: int, weight: Callable[[V], int]) -> None:
        self._limit = limit
        self._weight = weight
        self._size = 0
        self._values: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value of a key, or None."""
        value = self._values.get(key)
        if value is not None and self._values.pop(key, None) is not None:
            self._values[key] = value  # the last one that was used
        return value

    def put(self, key: K, value: V) -> None:
        """Remembers a value."""
        if self._values.pop(key, None) is None:
            self._size += self._weight(value)
        self._values[key] = value
        while self._size > self._limit and len(self._values) > 1:
            try:
                oldest = self._values.pop(next(iter(self._values)))
            except (KeyError, RuntimeError):  # another thread was faster
                continue
            self._size -= self._weight(oldest)
        if len(self._values) <= 1:  # what threads that met here have counted twice
            self._size = sum(map(self._weight, list(self._values.values())))
