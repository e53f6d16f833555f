"""Number the documents of a commit's segments one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from searchidx.arrays import BoolArray
from searchidx.store.segment.segment import Segment


@dataclass(frozen=True, slots=True)
class Leaf:
    """A segment as a part of a commit (the term is Lucene's).

    A commit numbers the documents of all its segments in one sequence.  The id of a document
    in the commit is its number in the segment plus `doc_base`.

    Attributes:
        segment: The segment.
        doc_base: The id of the segment's first document in the commit.
        live: bool, shape (segment.size,): False where a document was deleted; None if no
            document was deleted.
    """

    segment: Segment
    doc_base: int
    live: BoolArray | None


def leaf_index(leaves: Sequence[Leaf], doc_id: int) -> int:
    """Return the index of the leaf that holds a document."""
    index = len(leaves) - 1
    while leaves[index].doc_base > doc_id:
        index -= 1
    return index
