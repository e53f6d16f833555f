"""A text as a stream of syllables with their places in the original."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from searchidx.language.orthography import INVISIBLE
from searchidx.language.syllable_forms import folded, marked

# Combining marks are no letters to Python's \w, so that a decomposed "tiếng" would fall
# apart; invisible characters may stand inside a word as well.
_INSIDE: Final = f"{INVISIBLE}\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
SYLLABLE_PATTERN: Final = re.compile(rf"[^\W_]++(?:[{_INSIDE}]++[^\W_]*+)*+")
_CUT: Final = re.compile(f"({SYLLABLE_PATTERN.pattern})")


@dataclass(frozen=True)
class SyllableTokens:
    """The syllables of one text, in order; a syllable's index is its position.

    Attributes:
        text: The original text.
        starts, ends: Half-open code-point offsets into `text`, one pair a syllable.
        surfaces: The syllables as they stand in the text.
        folded: Their folded forms.

    A number is a syllable, and a code is several: ``35-NQ/TW`` is ``35``, ``NQ``, ``TW``.
    """

    text: str
    starts: list[int]
    ends: list[int]
    surfaces: list[str]
    folded: list[str]

    @cached_property
    def marked(self) -> list[str]:
        """The marked form of each syllable."""
        return list(map(marked, self.surfaces))

    def __len__(self) -> int:
        return len(self.starts)


def tokenize_syllables(text: str) -> SyllableTokens:
    """Split a text into syllables with their offsets."""
    surfaces, starts, ends = split_syllables(text)
    return SyllableTokens(text, starts, ends, surfaces, list(map(folded, surfaces)))


def split_syllables(text: str) -> tuple[list[str], list[int], list[int]]:
    """Return the syllables of `text` as written, their starts and their ends in code points."""
    # Separators and syllables by turns, so that the sums of their lengths are the offsets;
    # several times as fast as asking each match for its own.
    parts = _CUT.split(text)
    offsets = list(itertools.accumulate(map(len, parts)))
    return parts[1::2], offsets[:-1:2], offsets[1::2]
