"""Extract the text of Word documents since 2007 (DOCX)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from searchidx.sources.formats.parts import (
    Element,
    Extracted,
    ExtractionError,
    Package,
    attribute,
    joined_lines,
    local_name,
)

_BREAKS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
# A text box is there twice: as a shape, and as a picture for old programs.  Comments and
# deleted text are not part of the document.
_LEFT_OUT: Final = frozenset(
    ("Fallback", "del", "moveFrom", "instrText", "delText", "comment", "annotationRef")
)
_SYMBOL_AREA: Final = 0xF000
"""Symbols of old fonts have these code points, above those of their letters."""


def extract_docx(package: Package) -> Extracted:
    """Return the text of a document: paragraphs, tables as rows, text boxes, notes."""
    mains = package.related("", "officeDocument") or ["word/document.xml"]
    main = mains[0]
    body = next((each for each in package.xml(main) if local_name(each) == "body"), None)
    if body is None:
        raise ExtractionError("is damaged: it has no body; open it in Word and save it again")
    lines = list(_block_lines(body))
    for kind in ("footnotes", "endnotes"):
        for part in package.related(main, kind):
            for note in package.xml(part):
                if attribute(note, "type") is None:  # others are separators
                    lines += _block_lines(note)
    return Extracted(joined_lines(iter(lines)), "docx")


def _block_lines(parent: Element) -> Iterator[str]:
    """Yield the lines of the paragraphs and tables below an element."""
    for child in parent:
        name = local_name(child)
        if name == "p":
            boxes: list[Element] = []
            yield "".join(_run_texts(child, boxes))
            for box in boxes:
                yield from _block_lines(box)
        elif name == "tbl":
            yield from _table_lines(child)
        elif name not in _LEFT_OUT:
            yield from _block_lines(child)  # a content control, a change that was kept


def _table_lines(table: Element) -> Iterator[str]:
    """Yield a line for each row; the cells of a row of one line each have tabs between."""
    for row in _children(table, "tr"):
        cells = [
            [line for line in _block_lines(cell) if line.strip()]
            for cell in _children(row, "tc")
        ]
        if all(len(cell) <= 1 for cell in cells):
            yield "\t".join(cell[0] for cell in cells if cell)
        else:
            for cell in cells:  # a letterhead: column by column
                yield from cell


def _children(parent: Element, name: str) -> Iterator[Element]:
    """Yield the children of a name, also those inside of content controls."""
    for child in parent:
        if local_name(child) == name:
            yield child
        elif local_name(child) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _children(child, name)


def _run_texts(parent: Element, boxes: list[Element]) -> Iterator[str]:
    """Yield the texts of a paragraph, and collect its text boxes."""
    for child in parent:
        name = local_name(child)
        if name == "t":
            yield child.text or ""
        elif name in _BREAKS:
            yield _BREAKS[name]
        elif name == "sym":
            code = int(attribute(child, "char") or "0", 16)
            yield chr(code - _SYMBOL_AREA if code >= _SYMBOL_AREA else code) if code else ""
        elif name == "txbxContent":
            boxes.append(child)
        elif name not in _LEFT_OUT and not (name == "r" and _is_hidden(child)):
            yield from _run_texts(child, boxes)


def _is_hidden(run: Element) -> bool:
    """Return whether a run is formatted as hidden text."""
    for properties in run:
        if local_name(properties) == "rPr":
            return any(
                local_name(each) == "vanish" and attribute(each, "val") not in ("0", "false")
                for each in properties
            )
    return False
