"""Define what a reader of a format gives: the text of documents, and what it cannot read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

PAGE_BREAK: Final = "\f"
"""Stands between two pages or slides of a text, so that page n begins after the (n-1)th."""

CELL_BREAK: Final = "\t"
"""Stands between two cells of a row of a table."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How files are read.

    Args:
        ocr: "auto" to recognize the text of pages that have none, "always" for all pages,
            "never" for none.
        depth: How many archives or mails the file lies in.
    """

    ocr: str = "auto"
    depth: int = 0


@dataclass(slots=True)
class Extracted:
    """A document of a file, as its reader found it.

    Args:
        text: The text.  Line ends are LF, pages end in `PAGE_BREAK`.
        member: The place in the file where it holds several documents, such as "a.docx" in
            an archive; empty for the file's own document.
        title: The title, if the format names one that people see; otherwise empty.
        format: The name of its format, if it is not that of the whole file.
        date: The date in ISO 8601, if the format gives one that people see, as mail does.
        metadata: Further fields.
    """

    text: str
    member: str = ""
    title: str = ""
    format: str = ""
    date: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a file that cannot be read.

    Args:
        member: As for `Extracted`.
        reason: What is wrong and what to do next, phrased to follow the name.
    """

    member: str
    reason: str


Reader = Callable[[bytes, str, Settings], Iterator[Extracted | Unread]]
"""Yield the documents in the bytes of a file, given its name and the settings.

It may raise any error, which means that the rest of the file cannot be read.  The text of
an `UnreadableError` is shown to people.
"""
