"""Select the documents with the highest keys without sorting all of them."""

from __future__ import annotations

import numpy as np

from searchidx.arrays import DocIds, Float64Array


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
        # Keep everything that ties with the last one, so that ties are cut in order.
        keep = keys >= np.partition(keys, len(keys) - count)[len(keys) - count]
        doc_ids, keys = doc_ids[keep], keys[keep]
    order = np.lexsort((doc_ids, -keys))[:count]
    return doc_ids[order], keys[order]
