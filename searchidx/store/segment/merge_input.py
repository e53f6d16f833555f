"""Hold what a merge reads: a segment, and which of its documents are live."""

from __future__ import annotations

from dataclasses import dataclass

from searchidx.arrays import BoolArray
from searchidx.store.segment.segment import Segment


@dataclass(frozen=True)
class MergeInput:
    """A segment to be merged.

    Attributes:
        segment: The segment.
        live: bool, shape (segment.size,): False for a deleted document.
    """

    segment: Segment
    live: BoolArray

    @property
    def live_count(self) -> int:
        """Return how many documents are live."""
        return int(self.live.sum())
