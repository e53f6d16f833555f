"""Hold sets of syllables with their document counts and term numbers as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import Int64Array, IntpArray, UInt8Array, UInt32Array

MAX_SYLLABLE_LETTERS: Final = 16
"""The longest syllables, in letters, that `AsciiSyllables` contains."""


@dataclass(frozen=True, slots=True)
class SyllableCounts:
    """Syllables of one view, with the number of documents that contain each.

    Attributes:
        view: "folded" or "marked".
        forms: The syllables, in the form of that view.
        counts: int64, shape (n,): the number of documents that contain each syllable.
        term_numbers: int64, shape (segments, n): the number of each syllable in the term
            dictionary of each segment; -1 where the segment does not have it.
    """

    view: str
    forms: tuple[str, ...]
    counts: Int64Array
    term_numbers: Int64Array

    def __len__(self) -> int:
        return len(self.forms)

    def select(self, indexes: Sequence[int]) -> SyllableCounts:
        """Return the syllables at these indexes, in the order of the indexes."""
        return SyllableCounts(
            self.view,
            tuple(self.forms[index] for index in indexes),
            self.counts[indexes],
            self.term_numbers[:, indexes],
        )

    @classmethod
    def concatenate(cls, parts: Sequence[SyllableCounts]) -> SyllableCounts:
        """Join one or more sets of the same view, in their order."""
        return cls(
            parts[0].view,
            tuple(form for part in parts for form in part.forms),
            np.concatenate([part.counts for part in parts]),
            np.concatenate([part.term_numbers for part in parts], axis=1),
        )


@dataclass(frozen=True, slots=True)
class AsciiSyllables:
    """Folded syllables as arrays of letters, in ascending order.

    Attributes:
        letters: uint8, shape (n, `MAX_SYLLABLE_LETTERS`): ASCII codes; 0 after the last
            letter.
        lengths: int64, shape (n,): the number of letters of each syllable.
        letter_masks: uint32, shape (n,): the letters of each syllable as a bit set; bit 0
            stands for "a".
        counts: int64, shape (n,): the number of documents that contain each syllable.
        term_numbers: As in `SyllableCounts`.
    """

    letters: UInt8Array
    lengths: Int64Array
    letter_masks: UInt32Array
    counts: Int64Array
    term_numbers: Int64Array

    def __len__(self) -> int:
        return len(self.counts)

    def select(self, indexes: IntpArray) -> SyllableCounts:
        """Return the syllables at these indexes."""
        texts = self.letters[indexes].view(f"S{MAX_SYLLABLE_LETTERS}").ravel().tolist()
        return SyllableCounts(
            "folded",
            tuple(text.decode() for text in texts),
            self.counts[indexes],
            self.term_numbers[:, indexes],
        )


def letter_bitmasks(letters: UInt8Array) -> UInt32Array:
    """Return the set of letters of each row as bits; bit 0 stands for "a".

    Args:
        letters: uint8, shape (n, width): ASCII codes from a to z; 0 stands for no letter.

    Returns:
        uint32, shape (n,).
    """
    bits = np.where(letters > 0, np.uint32(1) << (letters.astype(np.uint32) - 97), 0)
    masks: UInt32Array = np.bitwise_or.reduce(bits.astype(np.uint32), axis=1)
    return masks
