"""Read Word documents since Word 2007."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from searchidx.sources.failure import UnreadableError
from searchidx.sources.formats.extracted import CELL_BREAK, Extracted, Settings, Unread
from searchidx.sources.formats.packages import DAMAGED, Package

if TYPE_CHECKING:
    from lxml.etree import _Element

_WORD: Final = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CHARACTERS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_SKIPPED: Final = frozenset(
    {"delText", "instrText", "delInstrText", "rPr", "pPr", "tblPr", "trPr", "tcPr", "sectPr",
     "sdtPr", "moveFrom", "del", "fldData"}
)  # fmt: skip
_NOTE_MARKS: Final = frozenset({"separator", "continuationSeparator"})
_MAX_DEPTH: Final = 200
"""How deep elements are followed; real documents nest their tables a few times."""


def read_docx(data: bytes, name: str, settings: Settings) -> Iterator[Extracted | Unread]:
    """Yield the text of a Word document: body, footnotes and endnotes."""
    package = Package(data)
    parts = package.related("", "/officeDocument") or ["word/document.xml"]
    lines: list[str] = []
    _read_blocks(package.xml(parts[0]), lines, 0)
    for kind in ("/footnotes", "/endnotes"):
        for part in package.related(parts[0], kind):
            for note in package.xml(part):
                if _value(note, "type") not in _NOTE_MARKS:
                    _read_blocks(note, lines, 0)
    yield Extracted("\n".join(lines))


def _tag(element: _Element) -> str:
    """Return the local name of an element of Word's; the whole name of any other."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""  # a comment
    for namespace in _WORD:
        if tag.startswith(namespace):
            return tag[len(namespace) :]
    return tag


def _value(element: _Element, name: str) -> str | None:
    """Return an attribute of Word's."""
    for namespace in _WORD:
        value = element.get(namespace + name)
        if value is not None:
            return value
    return None


def _read_blocks(element: _Element, lines: list[str], depth: int) -> None:
    """Add the lines of the paragraphs and tables in an element."""
    if depth > _MAX_DEPTH:
        raise UnreadableError(DAMAGED)
    for child in element:
        tag = _tag(child)
        if tag == "p":
            _read_paragraph(child, lines, depth)
        elif tag == "tr":
            lines.extend(_row(child, depth))
        elif tag and tag not in _SKIPPED and tag != _FALLBACK:
            _read_blocks(child, lines, depth + 1)


def _read_paragraph(paragraph: _Element, lines: list[str], depth: int) -> None:
    """Add the lines of a paragraph, and after it those of its text boxes."""
    pieces: list[str] = []
    boxes: list[_Element] = []
    _read_inline(paragraph, pieces, boxes, depth)
    lines.extend("".join(pieces).split("\n"))
    for box in boxes:
        _read_blocks(box, lines, depth + 1)


def _read_inline(
    element: _Element, pieces: list[str], boxes: list[_Element], depth: int
) -> None:
    """Collect the text of an element inside a paragraph, and its text boxes."""
    if depth > _MAX_DEPTH:
        raise UnreadableError(DAMAGED)
    for child in element:
        tag = _tag(child)
        if tag == "t":
            pieces.append(child.text or "")
        elif tag in _CHARACTERS:
            pieces.append(_CHARACTERS[tag])
        elif tag == "txbxContent":
            boxes.append(child)
        elif tag == "r" and _is_hidden(child):
            continue
        elif tag and tag not in _SKIPPED and tag != _FALLBACK:
            _read_inline(child, pieces, boxes, depth + 1)


def _is_hidden(run: _Element) -> bool:
    """Return whether a run is hidden text."""
    for properties in run:
        if _tag(properties) == "rPr":
            for each in properties:
                if _tag(each) == "vanish":
                    return _value(each, "val") not in ("0", "false", "off")
    return False


def _row(row: _Element, depth: int) -> list[str]:
    """Return the lines of a row of a table.

    Cells of one line each are one line.  Cells of several lines, such as the two sides of a
    letterhead, follow one another.
    """
    cells = []
    for cell in row.iter(*(f"{namespace}tc" for namespace in _WORD)):
        if next(cell.iterancestors(*(f"{namespace}tr" for namespace in _WORD))) is not row:
            continue  # of a table inside the cell
        lines: list[str] = []
        _read_blocks(cell, lines, depth + 1)
        while lines and not lines[-1].strip():
            lines.pop()
        cells.append(lines)
    if all(len(lines) <= 1 for lines in cells):
        return [CELL_BREAK.join("".join(lines) for lines in cells)]
    return [line for lines in cells for line in lines]
