"""Extract the text of PDF files, page by page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import pypdfium2
from pypdfium2 import raw

from searchidx.sources.formats.parts import PAGE_BREAK, Extracted, ExtractionError
from searchidx.sources.formats.recognition import HOW_TO_INSTALL, Recognizer

_MAX_PAGES: Final = 20_000
_FLATTENED_PAGES: Final = 2
"""Pages at either end whose annotations become text: signatures hold the number and the day."""
_MIN_REPEATING_PAGES: Final = 3
_REPEATED_SHARE: Final = 0.6
_HEAD_LINES: Final = 2
"""Lines at either end of a page that may be a running head."""
_PAGE_NUMBER: Final = re.compile(
    r"[-–—\s]*(?:trang\s*|page\s*)?\d{1,4}(?:\s*/\s*\d{1,4})?[-–—\s]*", re.IGNORECASE
)
# A code or a compound that goes on in the next line: "số 1208-" and "KL/TU".
_HYPHEN_AT_LINE_END: Final = re.compile(r"(?<=[^\W_])-\n(?=[^\W\d_])")
_LINE_END: Final = re.compile(r"\r\n?|\n")
# A hyphen at the end of a line, and two letters that Word 2007 wrote for Ư and ư.
_REPAIRS: Final = str.maketrans({"\ufffe": "-", "\x02": "-", "Ƣ": "Ư", "ƣ": "ư", "\0": None})
_MIN_PAGE_CODE_POINTS: Final = 150
"""A page with less text may be a picture with a watermark."""
_DOTS_PER_INCH: Final = 300
_POINTS_PER_INCH: Final = 72
_MAX_PIXELS: Final = 30_000_000
"""The largest picture of a page; a larger page is drawn smaller."""


def extract_pdf(data: bytes, recognizer: Recognizer) -> Extracted:
    """Return the text of a file, without running heads and page numbers.

    Args:
        data: The bytes of the file.
        recognizer: Recognizes the text of pages that are pictures.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ExtractionError("is encrypted; save it without a password") from error
        raise ExtractionError("is damaged; open it and save it again") from error
    count = min(len(document), _MAX_PAGES)
    pages = []
    has_pictures = False
    for number in range(count):
        lines = _page_lines(document, number, count)
        if _needs_recognition(document, number, lines, recognizer):
            has_pictures = True
            if recognizer.is_available:
                lines = _recognized_lines(document, number, recognizer) or lines
        pages.append(lines)
    text = PAGE_BREAK.join("\n".join(lines) for lines in _without_running_heads(pages))
    if not text.strip() and count:
        hint = "run it without --ocr never" if recognizer.mode == "never" else HOW_TO_INSTALL
        raise ExtractionError(
            f"holds pictures of pages and no text; to recognize their text, {hint}"
            if has_pictures and not recognizer.is_available
            else "has no text that can be read"
        )
    return Extracted(text, "pdf")


def _needs_recognition(
    document: pypdfium2.PdfDocument,
    number: int,
    lines: Sequence[str],
    recognizer: Recognizer,
) -> bool:
    """Return whether a page has little text and shows something else.

    A watermark may be the only text of a scanned page.
    """
    if recognizer.mode == "always":
        return True
    if sum(map(len, lines)) >= _MIN_PAGE_CODE_POINTS:
        return False
    try:
        page = document[number]
        kinds = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM)
        shows = any(each.type in kinds for each in page.get_objects(max_depth=2))
        page.close()
    except pypdfium2.PdfiumError:
        return False
    return shows


def _recognized_lines(
    document: pypdfium2.PdfDocument, number: int, recognizer: Recognizer
) -> list[str]:
    """Return the recognized lines of a page."""
    try:
        page = document[number]
        width, height = page.get_size()
        dots = _DOTS_PER_INCH
        pixels_at_full_size = width * height * (dots / _POINTS_PER_INCH) ** 2
        if pixels_at_full_size > _MAX_PIXELS:
            dots = max(1, int(dots * (_MAX_PIXELS / pixels_at_full_size) ** 0.5))
        bitmap = page.render(scale=dots / _POINTS_PER_INCH, grayscale=True, no_smoothtext=False)
        pixels = bytes(bitmap.buffer)
        row = bitmap.stride
        rows = (pixels[row * y : row * y + bitmap.width] for y in range(bitmap.height))
        picture = b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(rows)
        page.close()
    except pypdfium2.PdfiumError:
        return []
    text = recognizer.recognize(picture, dots, number + 1)
    return [line.rstrip() for line in text.split("\n")]


def _page_lines(document: pypdfium2.PdfDocument, number: int, count: int) -> list[str]:
    """Return the lines of a page."""
    try:
        page = document[number]
        is_at_end = number < _FLATTENED_PAGES or number >= count - _FLATTENED_PAGES
        if is_at_end and raw.FPDFPage_GetAnnotCount(page):
            raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
            page.close()
            page = document[number]
        text_page = page.get_textpage()
        text = text_page.get_text_range(errors="ignore")
        text_page.close()
        page.close()
    except pypdfium2.PdfiumError:
        return []  # one damaged page does not hide the others
    lines = "\n".join(line.rstrip() for line in _LINE_END.split(text.translate(_REPAIRS)))
    return join_at_hyphens(lines).split("\n")


def join_at_hyphens(text: str) -> str:
    """Return a text with codes and compounds on one line that a line's end had cut."""
    return _HYPHEN_AT_LINE_END.sub("-", text)


def _without_running_heads(pages: Sequence[list[str]]) -> list[list[str]]:
    """Leave out lines that most pages have at the same end, and page numbers."""
    stripped = [_trimmed(lines) for lines in pages]
    repeated: set[str] = set()
    if len(pages) >= _MIN_REPEATING_PAGES:
        counts = Counter(
            line
            for lines in stripped
            for line in {*lines[:_HEAD_LINES], *lines[-_HEAD_LINES:]}
            if line.strip()
        )
        least = max(_MIN_REPEATING_PAGES, _REPEATED_SHARE * len(pages))
        repeated = {line for line, count in counts.items() if count >= least}
    return [_trimmed(_without_heads(lines, repeated)) for lines in stripped]


def _without_heads(lines: list[str], repeated: set[str]) -> list[str]:
    """Return the lines of a page without those at its ends that are running heads."""
    first, last = 0, len(lines)
    while first < min(_HEAD_LINES, last) and _is_head(lines[first], repeated):
        first += 1
    while last > max(first, len(lines) - _HEAD_LINES) and _is_head(lines[last - 1], repeated):
        last -= 1
    return lines[first:last]


def _is_head(line: str, repeated: set[str]) -> bool:
    return line in repeated or _PAGE_NUMBER.fullmatch(line) is not None


def _trimmed(lines: list[str]) -> list[str]:
    """Return lines without empty ones at either end."""
    first, last = 0, len(lines)
    while first < last and not lines[first].strip():
        first += 1
    while last > first and not lines[last - 1].strip():
        last -= 1
    return lines[first:last]
