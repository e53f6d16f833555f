"""Format text for a terminal: styles, widths, lines, and no control characters."""

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


_LINE_ENDS: Final = re.compile("[\n\u2028\u2029]")
"""Ends of lines that `escape_control_characters` leaves as they are."""
_LINE_FEED_SYMBOL: Final = "\u240a"


def one_line(text: str) -> str:
    """Return a text as one line without control characters; white space is collapsed."""
    return escape_control_characters(" ".join(text.split()))


def escape_line(text: str) -> str:
    """Return a text as one line without control characters; other white space is kept.

    Each control character and line end becomes one visible symbol.  A path needs this: its
    spaces count, and a line end in its name must not look like the end of an output line.
    """
    return _LINE_ENDS.sub(_LINE_FEED_SYMBOL, escape_control_characters(text))


def is_one_line(text: str) -> bool:
    """Return whether a text has no control characters and no line ends."""
    return escape_line(text) == text


@dataclass(frozen=True, slots=True)
class Style:
    """Mark text with escape sequences, or not at all.

    Attributes:
        color: Whether text is marked.
    """

    color: bool

    @classmethod
    def choose(cls, choice: str, stream: TextIO | None = None) -> Style:
        """Return the style that the option ``--color`` asks for.

        Args:
            choice: "always", "never" or "auto".  "auto" obeys NO_COLOR (no-color.org),
                FORCE_COLOR and TERM=dumb, in that order.
            stream: The stream to print to, stdout by default.
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
    """Return how many columns of a terminal a text takes."""
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
    """Return a text without control characters, with its highlights marked.

    Args:
        text: Any text.
        highlights: Half-open code-point ranges, ascending.
        style: How they are marked.
        title: Whether the rest is styled as a title.
    """
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
    """Break a text into lines at white space, with its highlights marked.

    Args:
        text: Any text; its white space, line ends included, becomes single spaces.
        highlights: Half-open code-point ranges, ascending.
        style: How they are marked.
        columns: The maximum width of a line; a longer word has a line of its own.
        title: Whether the rest is styled as a title.
    """
    words = [match.span() for match in _WORD.finditer(text)]
    used = 0
    line: list[tuple[str, list[Span]]] = []
    inside = _highlights_in_words(words, highlights)
    for (start, end), marks in zip(words, inside, strict=True):
        needed = width(text[start:end])
        if line and used + 1 + needed > columns:
            yield _styled_words(line, style, title)
            line, used = [], 0
        used += needed + bool(line)
        line.append((text[start:end], marks))
    if line:
        yield _styled_words(line, style, title)


def _highlights_in_words(
    words: Sequence[Span], highlights: Sequence[Span]
) -> Iterator[list[Span]]:
    """Yield the highlighted parts of each word, as ranges from the beginning of the word.

    Args:
        words: Half-open code-point ranges of the text, ascending.
        highlights: Half-open code-point ranges of the text, ascending.
    """
    first = 0
    for start, end in words:
        while first < len(highlights) and highlights[first][1] <= start:
            first += 1
        inside = []
        for number in range(first, len(highlights)):
            left, right = highlights[number]
            if left >= end:
                break
            inside.append((max(left, start) - start, min(right, end) - start))
        yield inside


def _styled_words(words: list[tuple[str, list[Span]]], style: Style, title: bool) -> str:
    """Join words by single spaces; highlights on both sides of a space become one.

    Args:
        words: Each word with its highlighted parts, as ranges of the word.
        style: How they are marked.
        title: Whether the rest is styled as a title.
    """
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
