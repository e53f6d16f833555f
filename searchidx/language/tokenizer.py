"""Split texts into syllables, with their offsets."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from searchidx.language.orthography import INVISIBLE
from searchidx.language.syllable_forms import folded, marked

# Combining marks and invisible characters may stand inside a syllable.  Python's \w does not
# match them, so it would split a decomposed "tiếng".
_INSIDE_SYLLABLE: Final = (
    f"{INVISIBLE}\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
SYLLABLE_PATTERN: Final = re.compile(rf"[^\W_]++(?:[{_INSIDE_SYLLABLE}]++[^\W_]*+)*+")
_SPLIT: Final = re.compile(f"({SYLLABLE_PATTERN.pattern})")


@dataclass(frozen=True)
class SyllableTokens:
    """The syllables of one text, in order.  The index of a syllable is its position.

    A number counts as a syllable.  A code is several: ``35-NQ/TW`` is ``35``, ``NQ``, ``TW``.

    Attributes:
        text: The original text.
        starts, ends: The half-open range of each syllable in `text`, in code points.
        surfaces: The syllables as the text writes them.
        folded: The folded form of each syllable.
    """

    text: str
    starts: list[int]
    ends: list[int]
    surfaces: list[str]
    folded: list[str]

    @cached_property
    def marked(self) -> list[str]:
        """Return the marked form of each syllable."""
        return list(map(marked, self.surfaces))

    def __len__(self) -> int:
        return len(self.starts)


def tokenize_syllables(text: str) -> SyllableTokens:
    """Split a text into syllables with their offsets."""
    surfaces, starts, ends = split_syllables(text)
    return SyllableTokens(text, starts, ends, surfaces, list(map(folded, surfaces)))


def split_syllables(text: str) -> tuple[list[str], list[int], list[int]]:
    """Split a text into syllables, without computing their forms.

    Args:
        text: Any text.

    Returns:
        The syllables as the text writes them, where each begins, and where each ends
        (exclusive), in code points.
    """
    # `split` returns separators and syllables alternately, so the running sums of their lengths
    # are the offsets.  That is several times as fast as the span of each match.
    parts = _SPLIT.split(text)
    offsets = list(itertools.accumulate(map(len, parts)))
    return parts[1::2], offsets[:-1:2], offsets[1::2]
