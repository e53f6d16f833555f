"""Where sentences begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

LINE_ENDS: Final = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What ends a line: the characters of `str.splitlines`."""

# A sentence ends at the end of a line, or at . ! ? … and closing quotes or brackets that
# are followed by white space and something that can begin a sentence.  What follows "TP."
# or an initial ("Nguyễn V. An") goes on with the same sentence.
# Runs are taken whole, from their beginning: no text of dots takes quadratic time.
_STOP: Final = (
    r"(?:(?<![!?…])[!?…]++|(?<!\.)\.{2,}+"
    r"|(?<![A-ZĐ.])(?<!\b[Tt][Pp])(?<!\b[Tt][Ss])(?<!\b[Tt]h[Ss])\.)"
    r"[\"”’'»)\]]*+"
)
# What it looks for first is a single character, so that all others are passed over at once.
_END: Final = re.compile(rf"(?=[.!?…{LINE_ENDS}])(?:{_STOP}(?=\s)|[{LINE_ENDS}]+)")
_STOP_AT_END: Final = re.compile(rf"{_STOP}\Z")
_LETTER: Final = re.compile(r"[^\W\d_]")
_LETTER_FOLLOWS: Final = re.compile(r"\s*([^\W\d_])")


def ends_sentence(chunk: str) -> bool:
    """Whether a text without white space may be the end of a sentence."""
    return _STOP_AT_END.search(chunk) is not None


def begins_lower(chunk: str) -> bool:
    """Whether a text begins with a small letter, so that it goes on with a sentence."""
    return _LETTER.match(chunk) is not None and chunk[0].islower()


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of `text` as half-open code-point ranges, white space stripped.

    A line end always ends a sentence: reports put headings, captions and bylines on lines
    of their own.  Sentences cover every character that is not white space, once.
    """
    start = 0
    for match in _END.finditer(text):
        line_end = match.group()[-1] in LINE_ENDS
        if not line_end:
            following = _LETTER_FOLLOWS.match(text, match.end())
            if following is not None and following[1].islower():
                continue
        end = match.start() if line_end else match.end()
        yield from _stripped(text, start, end)
        start = match.end()
    yield from _stripped(text, start, len(text))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
