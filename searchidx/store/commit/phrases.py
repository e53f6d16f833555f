"""Syllables that stand together in a text: side by side, or in one stretch in any order."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from searchidx.arrays import BoolArray, DocIds, Int32Array, Int64Array
from searchidx.language.syllable_forms import folded

if TYPE_CHECKING:
    from searchidx.store.commit.reader import Reader

ViewTerm = tuple[str, str]
"""A view, "folded" or "marked", and a form in it."""


def documents_with_phrase(
    reader: Reader,
    field: str,
    terms: Sequence[ViewTerm],
    slop: int | None = None,
    among: BoolArray | None = None,
) -> DocIds:
    """The documents of which a field holds syllables together, ascending.

    Args:
        reader: The commit.
        field: "title" or "body".
        terms: The syllables, at least one.
        slop: None if they stand side by side in their order; else how many others there may
            be at most in the stretch that holds them in any order, each as often as it is
            among `terms`.
        among: bool, shape (reader.size,): the documents that are asked about; None for all.
    """
    in_order = slop is None
    pairs = _pairs(terms) if in_order else []
    documents = None
    for view, form in dict.fromkeys((*terms, *pairs)):
        found = reader.postings(f"{field}_{view}", form).doc_ids
        if documents is not None:
            found = np.intersect1d(documents, found, assume_unique=True)
        documents = found
        if not len(documents):
            return documents
    assert documents is not None  # there is at least one term
    if among is not None:
        documents = documents[among[documents]]
    if len(terms) == 1 or (len(terms) == 2 and pairs):
        return documents  # two side by side are a pair, and pairs are indexed
    if slop is None:
        return reader.positions.documents_with_adjacent(field, terms, documents)
    return reader.positions.documents_with_window(
        field, near_counts(terms), len(terms) + slop, documents
    )


def _pairs(terms: Sequence[ViewTerm]) -> list[ViewTerm]:
    """The indexed pairs that a phrase implies: those of two syllables of one view."""
    return [
        (f"{first[0]}_pair", f"{first[1]} {second[1]}")
        for first, second in itertools.pairwise(terms)
        if first[0] == second[0]
    ]


def near_counts(terms: Sequence[ViewTerm]) -> dict[ViewTerm, int]:
    """How often each term must be in a stretch of a text for each to have a place there.

    A place of a marked term is one of its folded form as well, so that of a folded one there
    must be as many as of it and of its marked ones together; that is enough, because marked
    terms never share a place.
    """
    counts = Counter(terms)
    for view, form in terms:
        if view == "marked" and ("folded", folded(form)) in terms:
            counts["folded", folded(form)] += 1
    return dict(counts)


def phrase_occurrences(
    syllables: Int32Array,
    bounds: Int64Array,
    masks: Sequence[BoolArray],
) -> tuple[Int64Array, Int64Array]:
    """Where one syllable of each mask in a row begins within a text, and which text that is.

    Args:
        syllables: Those of the texts, one text after the other.
        bounds: Where each text begins, and where the last one ends.
        masks: Of each place in the row which syllables it may have; at least one.
    """
    places = np.flatnonzero(masks[0][syllables[: max(len(syllables) - len(masks) + 1, 0)]])
    for distance, mask in enumerate(masks[1:], 1):
        places = places[mask[syllables[places + distance]]]
    owners = np.searchsorted(bounds, places, "right") - 1
    within = places + len(masks) <= bounds[owners + 1]
    return places[within], owners[within]


def have_phrase(
    syllables: Int32Array,
    bounds: Int64Array,
    masks: Sequence[BoolArray],
) -> BoolArray:
    """Whether each text has somewhere one syllable of each mask in a row."""
    holds = np.zeros(len(bounds) - 1, np.bool_)
    holds[phrase_occurrences(syllables, bounds, masks)[1]] = True
    return holds


def have_window(
    syllables: Int32Array,
    bounds: Int64Array,
    masks: Sequence[tuple[BoolArray, int]],
    length: int,
) -> BoolArray:
    """Whether each text has a stretch of so many syllables with as many of each mask.

    A stretch is looked at that begins with a syllable of some mask, and ends with the text
    if that comes first: if any has them all, one of these has.
    """
    # Only syllables of some mask count, and they are few: of each its place in the text.
    places = np.flatnonzero(np.logical_or.reduce([mask for mask, _ in masks])[syllables])
    wanted = syllables[places]
    owners = np.searchsorted(bounds, places, "right") - 1
    stops = np.searchsorted(places, np.minimum(places + length, bounds[owners + 1]))
    starts = np.arange(len(places))
    for mask, count in masks:
        before = np.zeros(len(wanted) + 1, np.int32)
        np.cumsum(mask[wanted], out=before[1:])
        kept = before[stops] - before[starts] >= count
        starts, stops = starts[kept], stops[kept]
    holds = np.zeros(len(bounds) - 1, np.bool_)
    holds[owners[starts]] = True
    return holds
