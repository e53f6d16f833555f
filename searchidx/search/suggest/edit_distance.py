"""Compute a weighted edit distance between a typed word and many words at once.

It is the restricted Damerau-Levenshtein distance (insertion, deletion, substitution, and
transposition of adjacent letters; Damerau, *A technique for computer detection and correction
of spelling errors*, 1964) over letters without marks.  Frequent slips cost less: keys side by
side, a letter typed twice or once for twice, keys of Telex left in the word, and sounds that
many speakers do not distinguish.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from searchidx.arrays import Float64Array, UInt8Array
from searchidx.language.character_classes import TELEX_VOWEL_KEYS

SLIP_COST: Final = 1.0
"""The cost of a slip without a special cause.  All costs are in units of it."""
EASY_SLIP_COST: Final = 0.7
"""The cost of a substitution of neighboring keys or similar sounds, of a transposition, and of
a Telex tone key left directly after its vowel."""
DOUBLED_LETTER_COST: Final = 0.5
"""The cost of a letter typed twice, or once for twice, and of any other Telex key left in."""

_KEY_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SIMILAR_SOUNDS: Final = ("iy", "sx", "ln", "dr", "ck", "cq", "uo")
_TONE_KEYS: Final = frozenset(b"sfrxjz")
_VOWEL_KEYS: Final = frozenset(TELEX_VOWEL_KEYS.encode())


@cache
def _substitution_costs() -> Float64Array:
    """Return the cost of each substitution, shape (128, 128), by ASCII codes."""
    costs = np.full((128, 128), SLIP_COST)
    keys = {
        letter: (row, column + row / 2)  # each row is shifted right by half a key
        for row, letters in enumerate(_KEY_ROWS)
        for column, letter in enumerate(letters)
    }
    for letter, (row, column) in keys.items():
        for other, (other_row, other_column) in keys.items():
            if abs(row - other_row) < 2 and abs(column - other_column) <= 1:
                costs[ord(letter), ord(other)] = EASY_SLIP_COST
    for letter, other in _SIMILAR_SOUNDS:
        costs[ord(letter), ord(other)] = costs[ord(other), ord(letter)] = EASY_SLIP_COST
    np.fill_diagonal(costs, 0)
    return costs


def extra_letter_cost(typed: bytes, index: int) -> float:
    """Return the cost of the insertion of the letter at `index` of a typed word."""
    letter = typed[index]
    if index and letter == typed[index - 1]:
        return DOUBLED_LETTER_COST
    is_last = index == len(typed) - 1
    if index and (letter == ord("w") or (letter in _TONE_KEYS and is_last)):
        return DOUBLED_LETTER_COST
    # Fewer people type the tone inside the syllable than at its end.
    if index and letter in _TONE_KEYS and typed[index - 1] in _VOWEL_KEYS:
        return EASY_SLIP_COST
    neighbors = [typed[other] for other in (index - 1, index + 1) if 0 <= other < len(typed)]
    costs = _substitution_costs()
    if any(costs[letter, neighbor] < SLIP_COST for neighbor in neighbors):
        return EASY_SLIP_COST
    return SLIP_COST


def edit_distances(typed: bytes, words: UInt8Array) -> Float64Array:
    """Return the distance of each word from a typed word.

    Args:
        typed: The typed word: letters from a to z, at least one.
        words: uint8, shape (words, width): ASCII codes, 0 after the last letter of a word.

    Returns:
        float64, shape (words,).
    """
    meant = np.ascontiguousarray(words.T)
    width, count = meant.shape
    previous = np.zeros_like(meant)  # the letter before each letter
    previous[1:] = meant[:-1]
    deletion_costs = np.where(meant == previous, DOUBLED_LETTER_COST, SLIP_COST)
    # The cost of the deletion of the first letters of a word.
    prefix_costs = np.zeros((width + 1, count))
    np.cumsum(deletion_costs, axis=0, out=prefix_costs[1:])
    substitution_costs = _substitution_costs()
    earlier_row, row = prefix_costs, prefix_costs
    for index, letter in enumerate(typed):
        best = row + extra_letter_cost(typed, index)
        np.minimum(best[1:], row[:-1] + substitution_costs[letter][meant], out=best[1:])
        if index:
            transposed = (meant[1:] == typed[index - 1]) & (previous[1:] == letter)
            transposed &= letter != typed[index - 1]
            swapped = np.where(transposed, earlier_row[:-2] + EASY_SLIP_COST, np.inf)
            np.minimum(best[2:], swapped, out=best[2:])
        # Several deletions in a row: the minimum over all places where they may begin.
        best -= prefix_costs
        np.minimum.accumulate(best, axis=0, out=best)
        best += prefix_costs
        earlier_row, row = row, best
    lengths = np.count_nonzero(words, axis=1)
    distances: Float64Array = row[lengths, np.arange(count)]
    return distances
