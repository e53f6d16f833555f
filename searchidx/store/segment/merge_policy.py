"""Choose which segments a commit merges into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class MergeCandidate(Protocol):
    """The figures of a segment that the merge policy needs."""

    @property
    def size(self) -> int:
        """Return how many documents were written to it."""

    @property
    def deleted_count(self) -> int:
        """Return how many of them were deleted since."""


def select_segments_to_merge(segments: Sequence[MergeCandidate], added: int) -> list[int]:
    """Return which segments a commit merges with its new documents.

    Segments are taken from the smallest up while each has at most twice as many live
    documents as the merge has so far.  So are all segments of which most documents are
    deleted.  Each document is then rewritten a logarithmic number of times, and segments
    stay few.

    Args:
        segments: The segments of the last commit.
        added: How many documents the commit adds.

    Returns:
        Indices of `segments`, ascending.
    """
    live_counts = [segment.size - segment.deleted_count for segment in segments]
    merged_count = added
    chosen = []
    for index in sorted(range(len(segments)), key=live_counts.__getitem__):
        live_count = live_counts[index]
        if live_count <= 2 * merged_count or live_count < segments[index].deleted_count:
            chosen.append(index)
            merged_count += live_count
    return sorted(chosen)
