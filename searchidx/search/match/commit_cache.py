"""Cache values that are computed from one commit, as long as its reader is in use."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from searchidx.lru_cache import LRUCache
from searchidx.store import Reader

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class CommitCache(Generic[K, V]):
    """Cache values by commit and key.  Safe for use from many threads.

    The values of a commit are dropped together with its reader.

    Args:
        limit: The size of all values of a commit together, in bytes.
        weight: Returns the size of a value in bytes.
    """

    def __init__(self, limit: int, weight: Callable[[V], int]) -> None:
        self._limit = limit
        self._weight = weight
        self._by_reader: WeakKeyDictionary[Reader, LRUCache[K, V]] = WeakKeyDictionary()

    def __len__(self) -> int:
        """Return the number of commits with values."""
        return len(self._by_reader)

    def __contains__(self, reader: object) -> bool:
        return reader in self._by_reader

    def get(self, reader: Reader, key: K, compute: Callable[[], V]) -> V:
        """Return the value of a key, computed unless it is cached.

        Args:
            reader: The commit.
            key: The key.
            compute: Returns the value.
        """
        cache = self._by_reader.get(reader)
        if cache is None:
            cache = self._by_reader.setdefault(reader, LRUCache(self._limit, self._weight))
        value = cache.get(key)
        if value is None:
            value = compute()
            cache.put(key, value)
        return value
