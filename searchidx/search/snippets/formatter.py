"""A text with its highlights as HTML, for a terminal, or plain; and what makes it harmless."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

Span = tuple[int, int]

# Control characters and escape sequences of a document would steer the terminal, and
# direction overrides would reorder what is read: each is shown as one harmless character,
# so that offsets stay.  Tabs and line ends are left.
_SYMBOLS: Final = {
    **{chr(code): chr(0x2400 + code) for code in range(0x20)},
    "\x7f": "\u2421",
}
CONTROL_CHARACTERS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
ELLIPSIS: Final = "…"
_ENTITIES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
)
_SPACE: Final = re.compile(r"\s+")
_LINE_ENDS: Final = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_BETWEEN_LINES: Final = " / "
# After one of these a new line needs no sign of its own.
_CLOSING: Final = frozenset(".!?…:;,-–—/|")


def escape_control_characters(text: str) -> str:
    """`text` of the same length, with nothing in it that steers a terminal."""
    return CONTROL_CHARACTERS.sub(lambda match: _SYMBOLS.get(match.group(), "\ufffd"), text)


def mark_highlights(
    text: str,
    highlights: Sequence[Span],
    mark: Callable[[str], str],
    rest: Callable[[str], str] = str,
) -> str:
    """`text` with each highlight as `mark` and each part between as `rest` makes it.

    Args:
        text: Any text.
        highlights: Half-open code-point ranges, ascending, not overlapping.
        mark: Is given what is highlighted.
        rest: Is given what is not; it may be empty.
    """
    parts = []
    end = 0
    for start, stop in highlights:
        parts.append(rest(text[end:start]))
        parts.append(mark(text[start:stop]))
        end = stop
    parts.append(rest(text[end:]))
    return "".join(parts)


def to_html(text: str, highlights: Sequence[Span] = (), tag: str = "mark") -> str:
    """`text` escaped for HTML, element content or attribute, each highlight in a `tag`."""
    return mark_highlights(
        escape_control_characters(text),
        highlights,
        lambda part: f"<{tag}>{_escaped(part)}</{tag}>",
        _escaped,
    )


def _escaped(text: str) -> str:
    return text.translate(_ENTITIES)


def highlight_ansi(text: str) -> str:
    """`text`, harmless already, as a terminal shows it bold and yellow."""
    return f"\x1b[1;33m{text}\x1b[0m"


def to_ansi(text: str, highlights: Sequence[Span] = ()) -> str:
    """`text` for a terminal, each highlight bold and yellow; nothing in it steers that."""
    return mark_highlights(escape_control_characters(text), highlights, highlight_ansi)


def to_plain(
    text: str, highlights: Sequence[Span] = (), before: str = "", after: str = ""
) -> str:
    """`text` harmless, with `before` and `after` around each highlight."""
    return mark_highlights(
        escape_control_characters(text), highlights, lambda part: before + part + after
    )


def to_one_line(text: str, highlights: Sequence[Span] = ()) -> tuple[str, tuple[Span, ...]]:
    """`text` on one line, and where its highlights are in that.

    White space becomes one space; the end of a heading, or of another line without a stop
    after which something new begins, becomes a stroke between two.
    """
    parts: list[str] = []
    moved: list[int] = []
    places = [place for span in highlights for place in span]
    end = length = 0
    for run in _SPACE.finditer(text):
        start, stop = run.span()
        while len(moved) < len(places) and places[len(moved)] <= start:
            moved.append(length + places[len(moved)] - end)
        between = _between(text, start, stop)
        parts += text[end:start], between
        length += start - end + len(between)
        end = stop
    moved += [length + place - end for place in places[len(moved) :]]
    parts.append(text[end:])
    return "".join(parts), tuple(zip(moved[::2], moved[1::2], strict=True))


def _between(text: str, start: int, stop: int) -> str:
    """What stands for the white space from `start` to `stop`."""
    if not 0 < start < stop < len(text) or text[start - 1] in _CLOSING or text[stop].islower():
        return " "
    return _BETWEEN_LINES if not _LINE_ENDS.isdisjoint(text[start:stop]) else " "
