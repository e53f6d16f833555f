"""Where sentences begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# A sentence ends at the end of a line, or at . ! ? … and closing quotes or brackets that
# are followed by white space and something that can begin a sentence.  What follows "TP."
# or an initial ("Nguyễn V. An") goes on with the same sentence.
_END: Final = re.compile(
    r"(?:[!?…]+|\.{2,}|(?<![A-ZĐ])(?<!\b[Tt][Pp])(?<!\b[Tt][Ss])(?<!\b[Tt]h[Ss])\.)"
    r"[\"”’'»)\]]*(?=[ \t\u00a0])"
    r"|[\n\r\v\f\x85\u2028\u2029]+"
)
_LOWER_FOLLOWS: Final = re.compile(r"\s*[^\W\d_]")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of `text` as half-open code-point ranges, white space stripped.

    A line end always ends a sentence: reports put headings, captions and bylines on lines
    of their own.  Sentences cover every character that is not white space, once.
    """
    start = 0
    for match in _END.finditer(text):
        line_end = match.group()[-1] in "\n\r\v\f\x85\u2028\u2029"
        if not line_end:
            following = _LOWER_FOLLOWS.match(text, match.end())
            if following is not None and following.group()[-1].islower():
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
