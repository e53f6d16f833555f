"""Give Whoosh an array as a column to sort, group and filter by."""

from __future__ import annotations

from collections.abc import Iterator

from whoosh.columns import ColumnReader as WhooshColumn

from searchidx.arrays import Int32Array


class ArrayColumn(WhooshColumn):  # type: ignore[misc]  # Whoosh has no types
    """A column of one integer per document.

    Args:
        values: int32, shape (documents,), indexed by Whoosh's document number.
        reverse: Whether large values sort first.
    """

    def __init__(self, values: Int32Array, *, reverse: bool = False) -> None:
        self._values = values
        self._reverse = reverse

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, docnum: int) -> int:
        return int(self._values[docnum])

    def __iter__(self) -> Iterator[int]:
        return iter(self._values.tolist())

    def sort_key(self, docnum: int) -> int:
        """Return the sort key of a document."""
        return -self[docnum] if self._reverse else self[docnum]

    def load(self) -> list[int]:
        """Return all values as a list."""
        return list(self)

    def set_reverse(self) -> None:
        """Sort large values first."""
        self._reverse = True
