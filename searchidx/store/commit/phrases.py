"""Find the documents whose text contains syllables in a row, or close to each other."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np

from searchidx.arrays import BoolArray, DocIds
from searchidx.language.syllable_forms import folded
from searchidx.store.commit.reader import Reader

ViewTerm = tuple[str, str]
"""A view ("folded" or "marked") and a syllable in the form of this view."""


def documents_with_phrase(
    reader: Reader,
    field: str,
    terms: Sequence[ViewTerm],
    slop: int | None = None,
    among: BoolArray | None = None,
) -> DocIds:
    """Return the documents whose field contains syllables as a phrase or in one window.

    Args:
        reader: The commit.
        field: "title" or "body".
        terms: The syllables; at least one.
        slop: None for a phrase: the syllables are adjacent and in order.  A number for a
            window: it contains the syllables in any order, each as often as `terms` does,
            and at most `slop` other syllables.
        among: bool, shape (reader.size,): the documents to consider; None for all.

    Returns:
        int32, shape (n,), ascending.
    """
    in_order = slop is None
    pairs = _indexed_pairs(terms) if in_order else []
    doc_ids = None
    for view, form in dict.fromkeys((*terms, *pairs)):
        containing = reader.postings(f"{field}_{view}", form).doc_ids
        if doc_ids is not None:
            containing = np.intersect1d(doc_ids, containing, assume_unique=True)
        doc_ids = containing
        if not len(doc_ids):
            return doc_ids
    assert doc_ids is not None  # there is at least one term
    if among is not None:
        doc_ids = doc_ids[among[doc_ids]]
    if len(terms) == 1 or (len(terms) == 2 and pairs):
        return doc_ids  # the postings of an indexed pair are exact
    if slop is None:
        return reader.positions.documents_with_adjacent(field, terms, doc_ids)
    counts = near_counts(terms)
    return reader.positions.documents_with_window(field, counts, len(terms) + slop, doc_ids)


def _indexed_pairs(terms: Sequence[ViewTerm]) -> list[ViewTerm]:
    """Return the pairs of adjacent terms that the index has postings for.

    These are the pairs whose two syllables belong to the same view.
    """
    return [
        (f"{first[0]}_pair", f"{first[1]} {second[1]}")
        for first, second in itertools.pairwise(terms)
        if first[0] == second[0]
    ]


def near_counts(terms: Sequence[ViewTerm]) -> dict[ViewTerm, int]:
    """Return how often a window must match each term so that each has its own position.

    A position that matches a marked term matches its folded form, too.  A folded term
    therefore needs as many matches as it and its marked terms have together.  This is enough,
    because two different marked terms never match the same position.
    """
    counts = Counter(terms)
    for view, form in terms:
        if view == "marked" and ("folded", folded(form)) in terms:
            counts["folded", folded(form)] += 1
    return dict(counts)
