"""The first of many by one key or several, without sorting them all."""

from __future__ import annotations

import numpy as np

from searchidx.arrays import DocIds, Float64Array


def top_k(documents: DocIds, count: int, keys: Float64Array) -> tuple[DocIds, Float64Array]:
    """The `count` documents with the highest keys, the highest first, and these.

    Ties are in ascending order of documents.

    Args:
        documents: int32, shape (n,).
        count: How many are wanted.
        keys: float64, shape (n,).
    """
    if count <= 0:
        return documents[:0], keys[:0]
    if len(documents) > count:
        # Everything that ties with the last one stays, so that ties are cut in order.
        keep = keys >= np.partition(keys, len(keys) - count)[len(keys) - count]
        documents, keys = documents[keep], keys[keep]
    order = np.lexsort((documents, -keys))[:count]
    return documents[order], keys[order]
