"""The segments of one commit, numbered on as one row of documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from searchidx.arrays import BoolArray
from searchidx.store.segment.segment import Segment

"""Document numbers: 0 to the number of documents - 1 of one commit, ascending."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A segment of a commit.

    Attributes:
        segment: The segment.
        doc_base: The number of its first document.
        live: bool, shape (segment.size,): which documents are still there; None if all.
    """

    segment: Segment
    doc_base: int
    live: BoolArray | None


def leaf_index(leaves: Sequence[Leaf], number: int) -> int:
    """Which of a commit's segments a document is in, counted from 0."""
    place = len(leaves) - 1
    while leaves[place].doc_base > number:
        place -= 1
    return place
