"""Select the documents with the highest keys without sorting all of them."""

from __future__ import annotations

from typing import Final

import numpy as np

from searchidx.arrays import DocIds, Float64Array, IntpArray

_MAX_HALVINGS: Final = 8
"""How often the bound is halved before all keys are partitioned."""


def top_k(doc_ids: DocIds, count: int, keys: Float64Array) -> tuple[DocIds, Float64Array]:
    """Return the `count` documents with the highest keys, the highest first, and their keys.

    Ties are in ascending order of documents.

    Args:
        doc_ids: int32, shape (n,).
        count: Number of documents to return.
        keys: float64, shape (n,).
    """
    if count <= 0:
        return doc_ids[:0], keys[:0]
    if len(doc_ids) > count:
        # It keeps everything that ties with the last one, so that ties are cut in order.
        keep = indices_of_highest(keys, count)
        doc_ids, keys = doc_ids[keep], keys[keep]
    order = np.lexsort((doc_ids, -keys))[:count]
    return doc_ids[order], keys[order]


def indices_of_highest(keys: Float64Array, count: int) -> IntpArray:
    """Return the indices of the `count` highest keys and of those that equal the last of them.

    Only the keys above a bound are partitioned: few of many scores are near the highest one,
    and partitioning all of them would take longer than the scoring.

    Args:
        keys: float64, shape (n,).
        count: A number from 1 to n.

    Returns:
        intp, ascending.
    """
    candidates: IntpArray | None = None
    bound = float(keys.max())
    for _ in range(_MAX_HALVINGS):
        bound /= 2
        if bound <= 0:
            break
        above = np.flatnonzero(keys >= bound)
        if len(above) >= count:
            candidates = above
            break
    if candidates is None:
        candidates = np.arange(len(keys))
    values = keys[candidates]
    kth_highest = np.partition(values, len(values) - count)[len(values) - count]
    highest: IntpArray = candidates[values >= kth_highest]
    return highest
