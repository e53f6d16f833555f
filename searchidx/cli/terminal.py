"""Text on a terminal: styles, widths, and nothing that a document could do to it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TextIO

from searchidx.search.snippets.formatter import (
    escape_control_characters,
    highlight_ansi,
    mark_highlights,
)
from searchidx.units import Span

_WORD: Final = re.compile(r"\S+")
_SINGLE_COLUMN: Final = re.compile("[ -~\u00a1-\u02ff\u1e00-\u1eff\u2010-\u2027]*")
"""Text of Latin letters and punctuation, each one column wide: most Vietnamese text."""


def one_line(text: str) -> str:
    """`text` as one harmless line, with white space collapsed."""
    return escape_control_characters(" ".join(text.split()))


@dataclass(frozen=True, slots=True)
class Style:
    """How text is marked: with escape sequences, or not at all."""

    color: bool

    @classmethod
    def choose(cls, choice: str, stream: TextIO | None = None) -> Style:
        """Return the style for "always", "never" or "auto" (what `stream`, stdout, can show).

        "auto" obeys NO_COLOR (no-color.org), FORCE_COLOR and TERM=dumb, in that order.
        """
        if choice != "auto":
            return cls(choice == "always")
        if os.environ.get("NO_COLOR"):
            return cls(False)
        if os.environ.get("FORCE_COLOR"):
            return cls(True)
        terminal = (stream or sys.stdout).isatty()
        return cls(terminal and os.environ.get("TERM") != "dumb")

    def match(self, text: str) -> str:
        """Style a matching word."""
        return highlight_ansi(text) if self.color and text else text

    def title(self, text: str) -> str:
        """Style a title."""
        return f"\x1b[1m{text}\x1b[0m" if self.color and text else text

    def aside(self, text: str) -> str:
        """Style what is less important than the rest."""
        return f"\x1b[2m{text}\x1b[0m" if self.color and text else text


def width(text: str) -> int:
    """Return how many columns a terminal needs for `text`."""
    if text.isascii() or _SINGLE_COLUMN.fullmatch(text):
        return len(text)
    # The import takes 20 ms or more, which ordinary Vietnamese text is spared.
    from wcwidth import wcswidth, wcwidth

    columns = wcswidth(text)
    if columns >= 0:
        return columns
    # A terminal shows a control character as a picture of one column.
    return wcswidth("".join("x" if wcwidth(character) < 0 else character for character in text))


def styled(text: str, highlights: Sequence[Span], style: Style, *, title: bool = False) -> str:
    """`text`, harmless, with its highlights marked."""
    return mark_highlights(
        escape_control_characters(text), highlights, style.match, style.title if title else str
    )


def wrapped(
    text: str,
    highlights: Sequence[Span],
    style: Style,
    columns: int,
    *,
    title: bool = False,
) -> Iterator[str]:
    """Lines of `text` at most `columns` wide, broken at white space, highlights marked.

    Args:
        text: Any text; its white space, line ends included, becomes single spaces.
        highlights: Half-open code-point ranges, ascending.
        style: How they are marked.
        columns: The width; a longer word has a line of its own.
        title: Whether the rest is styled as a title.
    """
    words = [match.span() for match in _WORD.finditer(text)]
    used = 0
    line: list[tuple[str, list[Span]]] = []
    for (start, end), marks in zip(words, _marks_inside(words, highlights), strict=True):
        needed = width(text[start:end])
        if line and used + 1 + needed > columns:
            yield _styled_words(line, style, title)
            line, used = [], 0
        used += needed + bool(line)
        line.append((text[start:end], marks))
    if line:
        yield _styled_words(line, style, title)


def _marks_inside(words: Sequence[Span], highlights: Sequence[Span]) -> Iterator[list[Span]]:
    """For each word the parts of it that are highlighted, counted from its beginning."""
    first = 0
    for start, end in words:
        while first < len(highlights) and highlights[first][1] <= start:
            first += 1
        marks = []
        for at in range(first, len(highlights)):
            left, right = highlights[at]
            if left >= end:
                break
            marks.append((max(left, start) - start, min(right, end) - start))
        yield marks


def _styled_words(words: list[tuple[str, list[Span]]], style: Style, title: bool) -> str:
    """Words joined by single spaces; highlights that thus touch become one."""
    line = ""
    marks: list[Span] = []
    for word, inside in words:
        line += " " if line else ""
        for left, right in inside:
            mark = len(line) + left, len(line) + right
            if marks and line[marks[-1][1] : mark[0]] == " " and left == 0:
                mark = marks.pop()[0], mark[1]
            marks.append(mark)
        line += word
    return styled(line, marks, style, title=title)
