"""An array as a column that Whoosh sorts, groups and filters by."""

from __future__ import annotations

from collections.abc import Iterator

from whoosh.columns import ColumnReader as WhooshColumn

from searchidx.arrays import Int32Array


class ArrayColumn(WhooshColumn):  # type: ignore[misc]  # Whoosh has no types
    """One whole number a document.

    Args:
        values: int32, by Whoosh's numbers of documents.
        reverse: Whether the largest sorts first.
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
        """What the document sorts by."""
        return -self[docnum] if self._reverse else self[docnum]

    def load(self) -> list[int]:
        """The whole column."""
        return list(self)

    def set_reverse(self) -> None:
        """Sorts the largest first."""
        self._reverse = True
