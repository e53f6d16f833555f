"""Extract the text of OpenDocument texts and presentations (ODT, ODP)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from searchidx.sources.formats.parts import (
    PAGE_BREAK,
    Element,
    Extracted,
    ExtractionError,
    Package,
    attribute,
    joined_lines,
    local_name,
)

_LEFT_OUT: Final = frozenset(("annotation", "tracked-changes", "notes", "settings", "forms"))
_PARAGRAPHS: Final = ("p", "h")


def extract_opendocument(package: Package, kind: str) -> Extracted:
    """Return the text of a document; slides are pages.

    Args:
        package: The file.
        kind: "odt" or "odp".
    """
    body = next(
        (each for each in package.xml("content.xml") if local_name(each) == "body"), None
    )
    if body is None:
        raise ExtractionError("is damaged: it has no body; open it and save it again")
    if kind == "odp":
        slides = [each for each in body.iter() if local_name(each) == "page"]
        return Extracted(
            PAGE_BREAK.join(joined_lines(_block_lines(slide)) for slide in slides), kind
        )
    return Extracted(joined_lines(_block_lines(body)), kind)


def _block_lines(parent: Element) -> Iterator[str]:
    """Yield the lines of the paragraphs and tables below an element."""
    for child in parent:
        name = local_name(child)
        if name in _PARAGRAPHS:
            boxes: list[Element] = []
            yield "".join(_texts(child, boxes))
            for box in boxes:
                yield from _block_lines(box)
        elif name == "table-row":
            cells = [
                [line for line in _block_lines(cell) if line.strip()]
                for cell in child
                if local_name(cell) == "table-cell"
            ]
            if all(len(cell) <= 1 for cell in cells):
                yield "\t".join(cell[0] for cell in cells if cell)
            else:
                for cell in cells:
                    yield from cell
        elif name not in _LEFT_OUT:
            yield from _block_lines(child)


def _texts(parent: Element, boxes: list[Element]) -> Iterator[str]:
    """Yield the texts of a paragraph, and collect its text boxes and notes."""
    yield parent.text or ""
    for child in parent:
        name = local_name(child)
        if name == "s":
            yield " " * min(int(attribute(child, "c") or "1"), 100)
        elif name == "tab":
            yield "\t"
        elif name == "line-break":
            yield "\n"
        elif name in ("text-box", "note-body"):
            boxes.append(child)
        elif name not in (*_LEFT_OUT, "note-citation"):
            yield from _texts(child, boxes)
        yield child.tail or ""
