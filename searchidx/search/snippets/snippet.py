"""Define a snippet: a passage of a document with its highlights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from searchidx.search.snippets.formatter import (
    ELLIPSIS,
    to_ansi,
    to_html,
    to_one_line,
    to_plain,
)
from searchidx.units import Span


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of a document.

    Attributes:
        text: A slice of the document's body, unchanged.
        highlights: The matching words as half-open ranges of code points of `text`,
            ascending, not overlapping.  Matches that stand side by side as in the query
            are one range.
        start: Where `text` begins in the body, in code points.
        cut_before: Whether the passage begins inside a sentence, so that an ellipsis is due.
        cut_after: Whether the passage ends inside a sentence.
        page: The page of its first matching word, from 1, if the document has several pages;
            of a presentation the slide, and of a spreadsheet the sheet.
    """

    text: str
    highlights: tuple[Span, ...] = ()
    start: int = 0
    cut_before: bool = False
    cut_after: bool = False
    page: int | None = None

    @property
    def offsets(self) -> tuple[Span, ...]:
        """Return the highlights as ranges of the document's body."""
        return tuple((start + self.start, end + self.start) for start, end in self.highlights)

    def flowing(self) -> tuple[str, tuple[Span, ...]]:
        """Return the passage on one line with its ellipses, and its highlights there.

        The end of a heading, or of another line without a stop, is shown as " / ".
        """
        before = ELLIPSIS if self.cut_before else ""
        text, highlights = to_one_line(self.text, self.highlights)
        shift = len(before)
        return before + text + (ELLIPSIS if self.cut_after else ""), tuple(
            (start + shift, end + shift) for start, end in highlights
        )

    def html(self, tag: str = "mark", attributes: Mapping[str, str] | None = None) -> str:
        """Return the passage on one line as HTML, each highlight in an element.

        Args:
            tag: The name of the element.
            attributes: The attributes of the element, such as `{"class": "hit"}`.  Their
                values are escaped.

        Raises:
            ValueError: The tag or an attribute has a name that HTML does not allow.
        """
        return to_html(*self.flowing(), tag, attributes)

    def ansi(self) -> str:
        """Return the passage on one line for a terminal, highlights bold and yellow.

        Escape sequences of the document are shown as symbols.
        """
        return to_ansi(*self.flowing())

    def plain(self, before: str = "", after: str = "") -> str:
        """Return the passage on one line, with `before` and `after` around each highlight."""
        return to_plain(*self.flowing(), before, after)
