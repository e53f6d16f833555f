"""Read PDF files, page by page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from searchidx.sources.failure import UnreadableError
from searchidx.sources.formats.extracted import PAGE_BREAK, Extracted, Settings, Unread

if TYPE_CHECKING:
    import pypdfium2 as pdfium

_EDGE_LINES: Final = 3
"""How many lines at the top and at the bottom of a page may be running heads."""

_MIN_REPEATS: Final = 3
_MIN_REPEAT_SHARE: Final = 0.4
_PAGE_NUMBER: Final = re.compile(
    r"[-–—\s]*(?:(?:trang|page|tr\.)\s*)?\d{1,4}(?:\s*(?:/|trên|of)\s*\d{1,4})?[-–—\s.]*",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"\d+")
# A word cut at the end of a line goes on in small letters; pdfium marks the hyphen.
_MARKED_HYPHEN: Final = re.compile("[\ufffe\u00ad\u0002]\\s*\n\\s*")
_LETTERS: Final = str.maketrans({"Ƣ": "Ư", "ƣ": "ư", "\ufffe": "-", "\u0002": "-"})
_FAILURE_REASONS: Final = {
    3: "is no PDF, or is damaged beyond repair; open it in a viewer and save it again",
    4: "is protected by a password; save it without one",
    5: "is protected in a way that is not supported; print it to a new PDF",
}


def read_pdf(data: bytes, name: str, settings: Settings) -> Iterator[Extracted | Unread]:
    """Yield the text of a PDF file.

    Signatures and other annotations count as text of their page.  Running heads and page
    numbers are left out.
    """
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", 3)
        raise UnreadableError(_FAILURE_REASONS.get(code, _FAILURE_REASONS[3])) from error
    pages: list[str] = []
    try:
        for number in range(len(document)):
            pages.append(_page_text(document, number))
    finally:
        document.close()
    pages = without_running_heads(pages)
    yield Extracted(PAGE_BREAK.join(pages), metadata={"pages": len(pages)})


def _page_text(document: pdfium.PdfDocument, number: int) -> str:
    """Return the text of a page; empty if the page is damaged."""
    import pypdfium2 as pdfium
    from pypdfium2 import raw

    try:
        page = document[number]
    except pdfium.PdfiumError:
        return ""
    try:
        if raw.FPDFPage_GetAnnotCount(page):
            # The number and the day of a signed document may stand in its signature alone.
            flattened = raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
            if flattened == raw.FLATTEN_SUCCESS:
                page.close()
                page = document[number]
        text_page = page.get_textpage()
        try:
            text = text_page.get_text_range(errors="ignore")
        finally:
            text_page.close()
    except pdfium.PdfiumError:
        return ""
    finally:
        page.close()
    return _clean(text)


def _clean(text: str) -> str:
    """Return the text of a page with joined words and one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(PAGE_BREAK, "\n")
    text = _MARKED_HYPHEN.sub("-", text)
    return text.translate(_LETTERS).strip("\n")


def without_running_heads(pages: Sequence[str]) -> list[str]:
    """Return pages without the lines that repeat at their tops and bottoms.

    A line repeats if it is the same on several pages but for its digits.  A line of a page
    number alone at an edge goes as well.
    """
    lines = [page.split("\n") for page in pages]
    counts: Counter[tuple[bool, str]] = Counter()
    for page in lines:
        edges = {(index < len(page) / 2, _pattern(page[index])) for index in _edges(page)}
        counts.update(edges)
    least = max(_MIN_REPEATS, _MIN_REPEAT_SHARE * len(pages))
    return ["\n".join(_without_edges(page, counts, least)) for page in lines]


def _edges(page: Sequence[str]) -> list[int]:
    """Return the numbers of the lines at the top and the bottom that have text."""
    filled = [index for index, line in enumerate(page) if line.strip()]
    return sorted(set(filled[:_EDGE_LINES]) | set(filled[-_EDGE_LINES:]))


def _pattern(line: str) -> str:
    """Return a line without white space, with one sign for each number."""
    return _DIGITS.sub("#", "".join(line.split()))


def _without_edges(
    page: Sequence[str], counts: Counter[tuple[bool, str]], least: float
) -> list[str]:
    """Return the lines of a page without running heads and page number."""
    edges = _edges(page)
    dropped = {
        index
        for index in edges
        if counts[index < len(page) / 2, _pattern(page[index])] >= least
    }
    rest = [index for index in edges if index not in dropped]
    for index in {*rest[:1], *rest[-1:]}:
        if len(edges) > 1 and _PAGE_NUMBER.fullmatch(page[index]):
            dropped.add(index)
    return [line for index, line in enumerate(page) if index not in dropped]
