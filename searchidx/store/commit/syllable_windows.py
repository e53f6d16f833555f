"""Find phrases and windows of syllables in arrays of concatenated texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from searchidx.arrays import BoolArray, Int32Array, Int64Array


def phrase_occurrences(
    syllables: Int32Array,
    bounds: Int64Array,
    masks: Sequence[BoolArray],
) -> tuple[Int64Array, Int64Array]:
    """Return every occurrence of a phrase in some texts.

    Args:
        syllables: int32, shape (n,): the syllable numbers of the texts, one text after the
            other.
        bounds: int64, shape (texts + 1,): the start of each text, and the end of the last.
        masks: For each position in the phrase, which syllable numbers match there: bool,
            shape (syllable numbers,).  At least one.

    Returns:
        Two arrays, int64, shape (occurrences,): the index in `syllables` where each
        occurrence starts, and the index of its text.  An occurrence is within one text.
    """
    starts = np.flatnonzero(masks[0][syllables[: max(len(syllables) - len(masks) + 1, 0)]])
    for distance, mask in enumerate(masks[1:], 1):
        starts = starts[mask[syllables[starts + distance]]]
    texts = np.searchsorted(bounds, starts, "right") - 1
    within = starts + len(masks) <= bounds[texts + 1]
    return starts[within], texts[within]


def have_phrase(
    syllables: Int32Array,
    bounds: Int64Array,
    masks: Sequence[BoolArray],
) -> BoolArray:
    """Return which texts contain a phrase: bool, shape (texts,).

    Args:
        syllables: As for `phrase_occurrences`.
        bounds: As for `phrase_occurrences`.
        masks: As for `phrase_occurrences`.
    """
    matches = np.zeros(len(bounds) - 1, np.bool_)
    matches[phrase_occurrences(syllables, bounds, masks)[1]] = True
    return matches


def have_window(
    syllables: Int32Array,
    bounds: Int64Array,
    masks: Sequence[tuple[BoolArray, int]],
    length: int,
) -> BoolArray:
    """Return which texts have a window with enough matches of every mask.

    Only windows that begin with a match are checked; a window may be cut off by the end of
    its text.  This is enough: if any window has all matches, so has the one that begins
    with its first match.

    Args:
        syllables: As for `phrase_occurrences`.
        bounds: As for `phrase_occurrences`.
        masks: For each term, which syllable numbers match it (bool, shape (syllable
            numbers,)), and how many matches the window must have.
        length: The length of the window in syllables.

    Returns:
        bool, shape (texts,).
    """
    # Only the few syllables that match a mask are kept, each with its index in `syllables`.
    indexes = np.flatnonzero(np.logical_or.reduce([mask for mask, _ in masks])[syllables])
    matching = syllables[indexes]
    texts = np.searchsorted(bounds, indexes, "right") - 1
    stops = np.searchsorted(indexes, np.minimum(indexes + length, bounds[texts + 1]))
    starts = np.arange(len(indexes))
    for mask, count in masks:
        matches_before = np.zeros(len(matching) + 1, np.int32)
        np.cumsum(mask[matching], out=matches_before[1:])
        enough = matches_before[stops] - matches_before[starts] >= count
        starts, stops = starts[enough], stops[enough]
    matches = np.zeros(len(bounds) - 1, np.bool_)
    matches[texts[starts]] = True
    return matches
