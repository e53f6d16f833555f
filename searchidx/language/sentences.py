"""Where sentences begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from searchidx.language.character_classes import LINE_ENDS

# A sentence ends at the end of a line, or at . ! ? … and closing quotes or brackets that
# are followed by white space and something that can begin a sentence.  What follows "TP."
# or an initial ("Nguyễn V. An") goes on with the same sentence.
# Runs are taken whole, from their beginning: no text of dots takes quadratic time.
# A pattern that begins with one set of characters passes over all others at once, so that
# the first sign is taken before it is asked what it is and what is before it.
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
    """Return whether a text without white space may be the end of a sentence."""
    return _STOP_AT_END.search(chunk) is not None


def begins_lower(chunk: str) -> bool:
    """Return whether a text begins with a small letter, so that it goes on with a sentence."""
    return _LETTER.match(chunk) is not None and chunk[0].islower()


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Return the sentences of `text` as half-open code-point ranges, white space stripped.

    A line end always ends a sentence: reports put headings, captions and bylines on lines
    of their own.  Sentences cover every character that is not white space, once.
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


def _space_end(text: str, place: int) -> int:
    """Return where the white space ends that begins at a place, or that place."""
    match = _SPACE.match(text, place)
    assert match is not None  # it matches anything
    return match.end()
