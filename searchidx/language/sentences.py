"""Split texts into sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from searchidx.language.character_classes import LINE_ENDS

# A sentence ends with its line.  It also ends after . ! ? … and closing quotes or brackets, if
# white space and a possible beginning of a sentence follow.  "TP." and an initial ("Nguyễn V.
# An") end no sentence.
# The pattern matches a run of signs from its beginning only and as a whole, so a text of dots
# does not take quadratic time.  It begins with one set of characters, because the engine skips
# all other characters fast; lookbehinds then examine the sign and the text before it.
_STOP: Final = (
    r"(?:(?<=[!?…])(?<![!?…]{2})[!?…]*+|(?<=\.)(?<!\.\.)\.++"
    r"|(?<=\.)(?<![A-ZĐ.]\.)(?<!\b[Tt][Pp]\.)(?<!\b[Tt][Ss]\.)(?<!\b[Tt]h[Ss]\.))"
    r"[\"”’'»)\]]*+"
)
_END: Final = re.compile(
    rf"[.!?…{LINE_ENDS}](?:{_STOP}(?=\s)|(?<=[{LINE_ENDS}])[{LINE_ENDS}]*+)"
)
_STOP_AT_END: Final = re.compile(rf"[.!?…]{_STOP}\Z")
_LETTER: Final = re.compile(r"[^\W\d_]")
_SPACE: Final = re.compile(r"\s*+")


def ends_sentence(chunk: str) -> bool:
    """Return whether a sentence may end with a chunk, a text without white space."""
    return _STOP_AT_END.search(chunk) is not None


def begins_lower(chunk: str) -> bool:
    """Return whether a text begins with a small letter and so continues a sentence."""
    return _LETTER.match(chunk) is not None and chunk[0].islower()


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a text, in order, without white space around them.

    A line end always ends a sentence, because reports put headings, captions and bylines on
    lines of their own.  Every character that is not white space is in exactly one sentence.

    Args:
        text: Any text.

    Yields:
        Half-open ranges of code points.
    """
    start = _space_end(text, 0)
    for match in _END.finditer(text, start):
        stop, after = match.span()
        following = _space_end(text, after)
        if text[stop] in LINE_ENDS:
            while stop > start and text[stop - 1].isspace():
                stop -= 1
        elif begins_lower(text[following : following + 1]):
            continue
        else:
            stop = after
        if start < stop:
            yield start, stop
        start = following
    stop = len(text.rstrip())
    if start < stop:
        yield start, stop


def _space_end(text: str, offset: int) -> int:
    """Return the end of the white space that begins at an offset, which may be empty."""
    match = _SPACE.match(text, offset)
    assert match is not None  # the pattern also matches no white space
    return match.end()
