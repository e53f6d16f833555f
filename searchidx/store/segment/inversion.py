"""Invert occurrences of terms into postings by sorting arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from searchidx.arrays import DocIds, Int32Array, Int64Array


def invert_postings(
    terms: npt.NDArray[Any], documents: DocIds, document_count: int
) -> tuple[Int64Array, DocIds, Int32Array]:
    """Count how often each term occurs in each document.

    Args:
        terms: The number of the term of each occurrence, at least 0, integers, shape (n,).
        documents: The document of each occurrence, shape (n,).
        document_count: More than every document.

    Returns:
        The term, the document and the frequency of each posting, shape (postings,), sorted
        by term and then by document.
    """
    if len(terms) and (int(terms.max()) + 1) * document_count >= 1 << 63:
        # The keys would overflow, which happens only to texts of nothing but distinct words.
        distinct, ranks = np.unique(terms, return_inverse=True)
        keys, documents, frequencies = invert_postings(
            ranks.astype(np.int64), documents, document_count
        )
        return distinct[keys], documents, frequencies
    keys = terms.astype(np.int64) * document_count + documents
    keys.sort()
    firsts = first_occurrences(keys)
    frequencies = np.diff(firsts, append=len(keys)).astype(np.int32)
    distinct_keys = keys[firsts]
    return (
        distinct_keys // document_count,
        (distinct_keys % document_count).astype(np.int32),
        frequencies,
    )


def first_occurrences(keys: Int64Array) -> Int64Array:
    """Return the index of the first occurrence of each distinct key in ascending keys."""
    is_first = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=is_first[1:])
    return np.flatnonzero(is_first)


def sorted_union(parts: list[Int64Array]) -> Int64Array:
    """Return the distinct numbers of several arrays, ascending."""
    # np.unique would hash them, which takes five times as long as sorting.
    joined = np.sort(np.concatenate(parts))
    return joined[first_occurrences(joined)]
