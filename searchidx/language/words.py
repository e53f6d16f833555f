"""Words of several syllables, as pyvi's model segments them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from searchidx.language.tokens import Tokens

# pyvi takes a whole text as one sequence and keeps about 4 kB a syllable while it works;
# paragraphs bound that, and a paragraph longer than this is cut at white space.
_LONGEST_PIECE: Final = 20_000
_PIECE: Final = re.compile(
    rf"[^\r\n]{{1,{_LONGEST_PIECE}}}(?:\s|$)|[^\r\n]{{1,{_LONGEST_PIECE}}}"
)
# pyvi's pattern for e-mail addresses takes quadratic time on an unbroken run of letters
# and digits; no word is that long, so such runs are never given to it.
_LONGEST_CHUNK: Final = 256
_LONG_CHUNK: Final = re.compile(rf"\S{{{_LONGEST_CHUNK},}}")


def words(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """The words of a text as half-open ranges of syllable positions, in order.

    Every syllable is in exactly one word; a word of one syllable is a range of one.
    The first call in a process takes seconds: pyvi loads its model with scikit-learn.
    """
    first = 0
    for position, joined in enumerate(_joined_to_next(tokens)):
        if not joined:
            yield first, position + 1
            first = position + 1


def _joined_to_next(tokens: Tokens) -> Iterator[bool]:
    """For each syllable, whether pyvi puts it and the next one in one word."""
    position = 0
    count = len(tokens)
    for piece in _PIECE.finditer(tokens.text):
        begin = position
        while position < count and tokens.starts[position] < piece.end():
            position += 1
        if position - begin == 1:
            yield False
        elif position > begin:
            yield from _joined_in_piece(piece.group(), tokens.surfaces[begin:position])


def _joined_in_piece(piece: str, surfaces: list[str]) -> Iterator[bool]:
    """The same for one paragraph, whose last syllable is never joined."""
    segmented = _segment(_LONG_CHUNK.sub(lambda chunk: " " * len(chunk.group()), piece))
    # pyvi gives text back with "_" inside words and " " between tokens.  The syllables
    # stand in it in the same order, so that each is found from where the last one ended.
    cursor = previous_end = 0
    for index, surface in enumerate(surfaces):
        syllable = unicodedata.normalize("NFC", surface).lower()
        found = segmented.find(syllable, cursor)
        if index:
            between = segmented[previous_end:found] if found >= 0 else ""
            yield bool(between) and not between.strip("_")
        if found >= 0:
            cursor = previous_end = found + len(syllable)
        else:
            # Not as we see it (an invisible character inside): a word by itself.
            previous_end = len(segmented)
    yield False


def _segment(piece: str) -> str:
    """Pyvi's tokens of one paragraph, in lower case."""
    from pyvi import ViTokenizer  # takes seconds: scikit-learn loads the model

    # A line all in capitals looks to the model like a row of abbreviations.
    text = piece.lower() if piece.isupper() else piece
    segmented: str = ViTokenizer.tokenize(text)
    return segmented.lower()
