"""Print hits as lines of text, as JSON Lines and as paths."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

from searchidx.cli.terminal import Style, escape_line, one_line, styled, width, wrapped
from searchidx.document import Document
from searchidx.language.character_classes import LINE_ENDS
from searchidx.language.dates import PartialDate
from searchidx.search.rank.explanation import Contribution
from searchidx.search.results import Hit, Results
from searchidx.search.snippets.formatter import (
    CONTROL_CHARACTERS,
)
from searchidx.search.suggest.suggestion import Suggestion
from searchidx.units import Span

_INDENT: Final = 4
_BULLET: Final = "• "
_JSON_ESCAPED: Final = re.compile(f"{CONTROL_CHARACTERS.pattern}|[\u2028\u2029]")
"""Characters that JSON allows in a string and that may end a line or steer a terminal."""
_MIN_COLUMNS: Final = 20
"""The width that hits take at least, on however narrow a terminal."""
_PAGE_NAMES: Final = {
    **dict.fromkeys(("xls", "xlsx", "ods"), "sheet"),
    **dict.fromkeys(("ppt", "pptx", "odp"), "slide"),
}
"""What the parts of a document of a format are called, if not pages."""
_BODY_HEAD_CODE_POINTS: Final = 200
"""How much of a body is compared with its title, besides twice the length of the title."""


def shown_path(path: str) -> str:
    """Return a path as short as it can be typed from the current folder."""
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):  # the current folder is gone; the path is empty
        return path
    return path if relative.startswith(os.pardir) else relative


def place(document: Document | Hit) -> str:
    """Return where a document is, as one line: its file and line number, or its id."""
    if document.path is None:
        return one_line(document.id)
    line = f"#{document.line}" if document.line is not None else ""
    return escape_line(shown_path(document.path)) + line


def shown_date(document: Document | Hit) -> str:
    """Return the date of a document as Vietnamese readers write it; empty if it has none."""
    return PartialDate.parse(document.date).display() if document.date else ""


def shown_page(hit: Hit) -> str:
    """Return the page of the first passage, such as "page 27"; empty if there is one only."""
    page = hit.snippet.page
    if page is None:
        return ""
    name = _PAGE_NAMES.get(str(hit.metadata.get("format")), "page")
    return f"{name} {page:,}"


def hit_lines(results: Results, style: Style, columns: int) -> Iterator[str]:
    """Yield hits as text: for each a title, a line of facts and the passages.

    Args:
        results: The hits.
        style: How matches are marked.
        columns: The width of the terminal.
    """
    columns = max(columns, _MIN_COLUMNS)
    all_complete = results.complete_first
    for number, hit in enumerate(results):
        if number:
            yield ""
        if all_complete and not hit.complete:
            all_complete = False
            yield style.aside("── with some of the words " + "─" * (columns - 26))
        indent = " " * max(_INDENT, len(str(hit.rank)) + 2)
        room = columns - len(indent)
        head = f"{hit.rank}.".rjust(len(indent) - 1) + " "
        title = hit.title.strip() or place(hit)
        marks = hit.title_highlights if hit.title.strip() else ()
        # The title's offsets count from its own beginning, white space included.
        text = hit.title if hit.title.strip() else title
        for row, line in enumerate(wrapped(text, marks, style, room, title=True)):
            yield (head if row == 0 else indent) + line
        facts = [shown_date(hit), place(hit), shown_page(hit), f"{hit.score:.2f}"]
        facts += [f"{len(hit.similar):,} similar"] * bool(hit.similar)
        yield indent + style.aside(" · ".join(filter(None, facts)))
        several = len(hit.passages) > 1
        for passage in hit.passages:
            lines = wrapped(*passage.flowing(), style, room - 2 * several)
            for row, line in enumerate(lines):
                yield indent + ("  " if row else _BULLET) * several + line
        if hit.missing:
            for line in wrapped(f"without: {', '.join(hit.missing)}", (), style, room):
                yield indent + style.aside(line)
        for part in hit.explanation:
            yield indent + style.aside(_contribution(part))


def _contribution(part: Contribution) -> str:
    """Return the contribution of a term to a score as one line, in columns."""
    return (
        f"{part.score:7.3f}  {part.view:<11}  {one_line(part.text)}  "
        f"(weight {part.weight:.3f}, idf {part.idf:.2f})"
    )


def summary(results: Results, offset: int) -> str:
    """Return one line that says how much was found and which part of it is shown.

    Args:
        results: The hits.
        offset: The number of hits before the first one shown.
    """
    if not results.total:
        return "nothing found"
    partial = results.total - results.total_complete
    complete = f"{results.total_complete:,} report" + "s" * (results.total_complete != 1)
    if not partial:
        found = complete
    elif not results.total_complete:
        found = f"no report has all the words; {partial:,} with some"
    else:
        found = f"{complete} with all the words, {partial:,} with some"
    if offset >= results.total - results.collapsed:
        return f"{found}; none from rank {offset + 1:,} on"
    if results.collapsed:
        found += f"; {results.collapsed:,} folded under what says nearly the same"
    # None are shown where none were asked for.
    if not len(results) or len(results) + results.collapsed == results.total:
        return found
    return f"{found}; shown: {offset + 1:,}-{offset + len(results):,}"


def suggestion_line(suggestion: Suggestion) -> str:
    """Return one line that offers another query."""
    query = one_line(suggestion.query)
    if suggestion.kind == "marks":
        return f"With marks: {query}"
    found = suggestion.total_complete
    if not found:
        return f"Did you mean: {query}?"
    return f"Did you mean: {query}? ({found:,} report{'s' * (found != 1)} with all the words)"


def json_line(hit: Hit) -> str:
    """Return a hit as one line of JSON without control characters or line ends."""
    line = json.dumps(hit.to_dict(), ensure_ascii=False)
    # json escapes only what is below a space.  The others can stand in strings alone.
    return _JSON_ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", line)


def document_lines(
    document: Document,
    title_highlights: Sequence[Span],
    body_highlights: Sequence[Span],
    style: Style,
    columns: int | None = None,
) -> Iterator[str]:
    """Yield a document in full: title, facts, metadata, and the text line by line.

    The title is left out if the text begins with it.

    Args:
        document: The document.
        title_highlights: Half-open code-point ranges of the title, ascending.
        body_highlights: Half-open code-point ranges of the body, ascending.
        style: How highlights are marked.
        columns: The width at which lines are broken at white space; None for no limit.
    """
    title = " ".join(document.title.split())
    head_length = 2 * len(document.title) + _BODY_HEAD_CODE_POINTS
    beginning = " ".join(document.body[:head_length].split())
    if title and not beginning.startswith(title):
        yield from wrapped(
            document.title, title_highlights, style, columns or sys.maxsize, title=True
        )
    facts = [shown_date(document), place(document)]
    yield style.aside(" · ".join(filter(None, facts)))
    for name, value in document.metadata.items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield style.aside(one_line(f"{name}: {shown}"))
    yield ""
    start = 0
    marks = deque(body_highlights)
    for line in document.body.splitlines(keepends=True):
        end = start + len(line)
        text = line.rstrip(LINE_ENDS)
        inside = []
        while marks and marks[0][0] < end:
            left, right = marks[0]
            inside.append((max(left - start, 0), min(right - start, len(text))))
            if right > end:  # the highlight goes on in the next line
                break
            marks.popleft()
        if columns is not None and width(text) > columns:
            yield from wrapped(text, inside, style, columns)
        else:
            yield styled(text, inside, style)
        start = end
