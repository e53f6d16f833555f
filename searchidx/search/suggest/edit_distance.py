"""How far what was typed is from what may have been meant, in slips of the fingers.

The restricted Damerau-Levenshtein distance (a letter too many, too few, another one, two in
the wrong order; Damerau, *A technique for computer detection and correction of spelling
errors*, 1964), over letters without marks, with less for what happens more easily: keys
that lie side by side, a letter struck twice or once for twice, keys of Telex that were left
in, sounds that many speakers do not tell apart.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from searchidx.arrays import Float64Array, UInt8Array

SLIP_COST: Final = 1.0
"""Of a slip that nothing makes likely."""
EASY_SLIP_COST: Final = 0.7
"""Of one between keys side by side, of one between sounds, of two letters exchanged, and of a
key of Telex for a tone directly behind its vowel."""
DOUBLED_LETTER_COST: Final = 0.5
"""Of a letter struck twice, or once for twice, and of any other key of Telex."""

_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SOUNDS: Final = ("iy", "sx", "ln", "dr", "ck", "cq", "uo")
_TONE_KEYS: Final = frozenset(b"sfrxjz")
_VOWELS: Final = frozenset(b"aeiouyw")


@cache
def _substitutions() -> Float64Array:
    """What one letter for another costs, shape (128, 128), by ASCII codes."""
    costs = np.full((128, 128), SLIP_COST)
    places = {
        letter: (row, column + row / 2)  # each row of keys stands half a key to the right
        for row, letters in enumerate(_ROWS)
        for column, letter in enumerate(letters)
    }
    for one, (row, column) in places.items():
        for two, (other_row, other_column) in places.items():
            if abs(row - other_row) < 2 and abs(column - other_column) <= 1:
                costs[ord(one), ord(two)] = EASY_SLIP_COST
    for one, two in _SOUNDS:
        costs[ord(one), ord(two)] = costs[ord(two), ord(one)] = EASY_SLIP_COST
    np.fill_diagonal(costs, 0)
    return costs


def extra_letter_cost(typed: bytes, at: int) -> float:
    """What it costs that a letter was typed that is not meant."""
    letter = typed[at]
    if at and letter == typed[at - 1]:
        return DOUBLED_LETTER_COST
    if at and (letter == ord("w") or (letter in _TONE_KEYS and at == len(typed) - 1)):
        return DOUBLED_LETTER_COST
    if at and letter in _TONE_KEYS and typed[at - 1] in _VOWELS:  # fewer type the tone there
        return EASY_SLIP_COST
    beside = [typed[other] for other in (at - 1, at + 1) if 0 <= other < len(typed)]
    return (
        EASY_SLIP_COST
        if any(_substitutions()[letter, other] < SLIP_COST for other in beside)
        else SLIP_COST
    )


def edit_distances(typed: bytes, words: UInt8Array) -> Float64Array:
    """How far each word is from what was typed, float64, shape (n,).

    Args:
        typed: Letters from a to z, at least one.
        words: ASCII codes, 0 behind the last letter of each word: uint8, shape (n, width).
    """
    meant = np.ascontiguousarray(words.T)
    width, count = meant.shape
    before = np.zeros_like(meant)
    before[1:] = meant[:-1]
    missing = np.where(meant == before, DOUBLED_LETTER_COST, SLIP_COST)
    offset = np.zeros((width + 1, count))  # what it costs that the first letters are missing
    np.cumsum(missing, axis=0, out=offset[1:])
    costs = _substitutions()
    earlier, row = offset, offset
    for at, letter in enumerate(typed):
        best = row + extra_letter_cost(typed, at)
        np.minimum(best[1:], row[:-1] + costs[letter][meant], out=best[1:])
        if at:
            exchanged = (meant[1:] == typed[at - 1]) & (before[1:] == letter)
            exchanged &= letter != typed[at - 1]
            swapped = np.where(exchanged, earlier[:-2] + EASY_SLIP_COST, np.inf)
            np.minimum(best[2:], swapped, out=best[2:])
        # A missing letter after another: the least over all places where they may begin.
        best -= offset
        np.minimum.accumulate(best, axis=0, out=best)
        best += offset
        earlier, row = row, best
    lengths = np.count_nonzero(words, axis=1)
    found: Float64Array = row[lengths, np.arange(count)]
    return found
