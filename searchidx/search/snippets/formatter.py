"""Format a text and its highlights as HTML, for a terminal, or as plain text.

Every format shows control characters as harmless symbols.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from searchidx.language.character_classes import CLAUSE_DASHES, LINE_ENDS
from searchidx.units import Span

# Control characters and escape sequences of a document would steer the terminal, and
# direction overrides would reorder what is read.  Each becomes one harmless character, so
# that offsets stay valid.  Tabs and line ends are kept.
_SYMBOLS: Final = {
    **{chr(code): chr(0x2400 + code) for code in range(0x20)},
    "\x7f": "\u2421",
}
CONTROL_CHARACTERS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""Control characters and direction overrides, without the tab and the line feed."""
ELLIPSIS: Final = "…"
_ENTITIES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
)
_TAG_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_ATTRIBUTE_NAME: Final = re.compile(r"""[^\s"'<>/=\x00-\x1f\x7f-\x9f]+""")
_WHITE_SPACE: Final = re.compile(r"\s+")
_LINE_ENDS: Final = frozenset(LINE_ENDS)
_LINE_SEPARATOR: Final = " / "
_LINE_CLOSERS: Final = frozenset(f".!?…:;,{CLAUSE_DASHES}/|")
"""Characters after which a line end needs no separator of its own."""


def escape_control_characters(text: str) -> str:
    """Replace each control character of a text with a visible symbol.

    The result has the same length, so that offsets stay valid.
    """
    return CONTROL_CHARACTERS.sub(lambda match: _SYMBOLS.get(match.group(), "\ufffd"), text)


def mark_highlights(
    text: str,
    highlights: Sequence[Span],
    mark: Callable[[str], str],
    rest: Callable[[str], str] = str,
) -> str:
    """Pass the highlights and the other parts of a text through two functions, and join them.

    Args:
        text: Any text.
        highlights: Ranges of the text, ascending, not overlapping.
        mark: Receives each highlight.
        rest: Receives each part between highlights, which may be empty.
    """
    parts = []
    end = 0
    for start, stop in highlights:
        parts.append(rest(text[end:start]))
        parts.append(mark(text[start:stop]))
        end = stop
    parts.append(rest(text[end:]))
    return "".join(parts)


def to_html(
    text: str,
    highlights: Sequence[Span] = (),
    tag: str = "mark",
    attributes: Mapping[str, str] | None = None,
) -> str:
    """Escape a text for HTML and put each highlight into an element.

    Without highlights the result also serves as the value of a quoted attribute.

    Args:
        text: Any text.
        highlights: Ranges of the text, ascending, not overlapping.
        tag: The name of the element.
        attributes: The attributes of the element.  Their values are escaped.

    Raises:
        ValueError: The tag or an attribute has a name that HTML does not allow.
    """
    opening, closing = _element(tag, attributes or {})
    return mark_highlights(
        escape_control_characters(text),
        highlights,
        lambda part: opening + _escape_entities(part) + closing,
        _escape_entities,
    )


def _element(tag: str, attributes: Mapping[str, str]) -> tuple[str, str]:
    """Return the opening and the closing tag of an element."""
    if not _TAG_NAME.fullmatch(tag):
        raise ValueError(
            f"{tag!r} is not the name of an HTML element; use a name such as 'mark', "
            "and give its attributes apart: attributes={'class': 'hit'}"
        )
    opening = f"<{tag}"
    for name, value in attributes.items():
        if not _ATTRIBUTE_NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} is not the name of an HTML attribute; use a name such as 'class'"
            )
        opening += f' {name}="{_escape_entities(value)}"'
    return f"{opening}>", f"</{tag}>"


def _escape_entities(text: str) -> str:
    """Replace the characters that have a meaning in HTML."""
    return text.translate(_ENTITIES)


def highlight_ansi(text: str) -> str:
    """Surround a text with the escape sequences for bold and yellow.

    Args:
        text: A text without control characters.
    """
    return f"\x1b[1;33m{text}\x1b[0m"


def to_ansi(text: str, highlights: Sequence[Span] = ()) -> str:
    """Format a text for a terminal, with each highlight bold and yellow."""
    return mark_highlights(escape_control_characters(text), highlights, highlight_ansi)


def to_plain(
    text: str, highlights: Sequence[Span] = (), before: str = "", after: str = ""
) -> str:
    """Format a text as plain text, with `before` and `after` around each highlight."""
    return mark_highlights(
        escape_control_characters(text), highlights, lambda part: before + part + after
    )


def to_one_line(text: str, highlights: Sequence[Span] = ()) -> tuple[str, tuple[Span, ...]]:
    """Put a text on one line, and move its highlights accordingly.

    A run of white space becomes one space.  It becomes " / " where it ends a heading, or
    another line without a stop, and something new begins.

    Args:
        text: Any text.
        highlights: Ranges of the text, ascending, not overlapping.

    Returns:
        The line, and the highlights as ranges of the line.
    """
    parts: list[str] = []
    moved: list[int] = []
    offsets = [offset for span in highlights for offset in span]
    end = length = 0
    for white_space in _WHITE_SPACE.finditer(text):
        start, stop = white_space.span()
        while len(moved) < len(offsets) and offsets[len(moved)] <= start:
            moved.append(length + offsets[len(moved)] - end)
        separator = _separator(text, start, stop)
        parts += text[end:start], separator
        length += start - end + len(separator)
        end = stop
    moved += [length + offset - end for offset in offsets[len(moved) :]]
    parts.append(text[end:])
    return "".join(parts), tuple(zip(moved[::2], moved[1::2], strict=True))


def _separator(text: str, start: int, stop: int) -> str:
    """Return the replacement of the white space from `start` to `stop`."""
    if not 0 < start < stop < len(text):
        return " "
    if text[start - 1] in _LINE_CLOSERS or text[stop].islower():
        return " "
    return " " if _LINE_ENDS.isdisjoint(text[start:stop]) else _LINE_SEPARATOR
