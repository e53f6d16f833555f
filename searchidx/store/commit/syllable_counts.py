"""Sets of syllables as arrays: how many documents have them, and where segments do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import Int64Array, IntpArray, UInt8Array, UInt32Array

MAX_SYLLABLE_LETTERS: Final = 16
"""Letters of the longest syllables that are among `AsciiSyllables`."""


@dataclass(frozen=True, slots=True)
class SyllableCounts:
    """Syllables of one view, and where each segment has them.

    Attributes:
        view: "folded" or "marked".
        forms: The syllables in that view.
        counts: How many documents have each, int64, shape (n,).
        term_numbers: The number of each in each segment, int64, shape (segments, n); -1 where it
            has none.
    """

    view: str
    forms: tuple[str, ...]
    counts: Int64Array
    term_numbers: Int64Array

    def __len__(self) -> int:
        return len(self.forms)

    def select(self, places: Sequence[int]) -> SyllableCounts:
        """Those at some places, in the order of these."""
        return SyllableCounts(
            self.view,
            tuple(self.forms[place] for place in places),
            self.counts[places],
            self.term_numbers[:, places],
        )

    @classmethod
    def concatenate(cls, several: Sequence[SyllableCounts]) -> SyllableCounts:
        """Several of one view as one, in their order.  At least one."""
        return cls(
            several[0].view,
            tuple(form for each in several for form in each.forms),
            np.concatenate([each.counts for each in several]),
            np.concatenate([each.term_numbers for each in several], axis=1),
        )


@dataclass(frozen=True, slots=True)
class AsciiSyllables:
    """Folded syllables as arrays of letters, ascending.

    Attributes:
        letters: ASCII codes, 0 behind the last letter: uint8, shape (n, `MAX_SYLLABLE_LETTERS`).
        lengths: How many letters each has, int64, shape (n,).
        letter_masks: Which letters each has, as bits from a on, uint32, shape (n,).
        counts: How many documents have each, int64, shape (n,).
        term_numbers: As those of `SyllableCounts`.
    """

    letters: UInt8Array
    lengths: Int64Array
    letter_masks: UInt32Array
    counts: Int64Array
    term_numbers: Int64Array

    def __len__(self) -> int:
        return len(self.counts)

    def select(self, places: IntpArray) -> SyllableCounts:
        """The syllables at some places."""
        texts = self.letters[places].view(f"S{MAX_SYLLABLE_LETTERS}").ravel().tolist()
        return SyllableCounts(
            "folded",
            tuple(text.decode() for text in texts),
            self.counts[places],
            self.term_numbers[:, places],
        )


def letter_bitmasks(letters: UInt8Array) -> UInt32Array:
    """Which letters from a to z rows of ASCII codes have, as bits; 0 stands for none."""
    bits = np.where(letters > 0, np.uint32(1) << (letters.astype(np.uint32) - 97), 0)
    found: UInt32Array = np.bitwise_or.reduce(bits.astype(np.uint32), axis=1)
    return found
