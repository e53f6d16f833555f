"""Extract the text of presentations (PPTX, PPT)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Any, Final

from searchidx.sources.formats.parts import (
    PAGE_BREAK,
    Element,
    Extracted,
    ExtractionError,
    Package,
    joined_lines,
    local_name,
)

_SLIDE: Final = re.compile(r"ppt/slides/slide([0-9]+)\.xml")

# Record types of [MS-PPT].
_DOCUMENT_LISTS: Final = 0x0FF0  # SlideListWithText; instance 0 has the slides
_MASTER: Final = 0x03F8
_NOTES: Final = 0x03F0
_TEXT_CHARS: Final = 0x0FA0
_TEXT_BYTES: Final = 0x0FA8
_CONTAINER_VERSION: Final = 0xF
_MAX_DEPTH: Final = 32


def extract_pptx(package: Package) -> Extracted:
    """Return the text of a presentation; slides are pages, in their order."""
    numbers = {
        int(match[1]): name for name in package.names if (match := _SLIDE.fullmatch(name))
    }
    slides = [numbers[number] for number in sorted(numbers)]
    order = package.related("ppt/presentation.xml", "slide")
    if set(order) >= set(slides):
        order_of = {name: place for place, name in enumerate(_presented(package, order))}
        slides.sort(key=lambda name: order_of.get(name, len(order_of)))
    pages = (joined_lines(_paragraphs(package.xml(name))) for name in slides)
    return Extracted(PAGE_BREAK.join(pages), "pptx")


def _presented(package: Package, related: list[str]) -> list[str]:
    """Return the slides in the order of the presentation."""
    relations = package.xml("ppt/_rels/presentation.xml.rels")
    targets = {
        each.get("Id"): target
        for each in relations
        if each.get("Type", "").endswith("/slide")
        for target in related
        if target.endswith(each.get("Target", "").rpartition("/")[2])
    }
    ids = [
        value
        for each in package.xml("ppt/presentation.xml").iter()
        if local_name(each) == "sldId"
        for key, value in each.attrib.items()
        if key.endswith("}id")
    ]
    return [targets[id_] for id_ in ids if id_ in targets]


def _paragraphs(root: Element) -> Iterator[str]:
    """Yield the paragraphs of a slide."""
    for element in root.iter():
        if local_name(element) == "p":
            yield "".join(
                (each.text or "") if local_name(each) == "t" else "\n"
                for each in element.iter()
                if local_name(each) in ("t", "br")
            )


def extract_ppt(ole: Any) -> Extracted:
    """Return the text of a presentation of PowerPoint 97 to 2003."""
    if not ole.exists("PowerPoint Document"):
        raise ExtractionError("is damaged: it has no slides; open it and save it again")
    data = ole.openstream("PowerPoint Document").read()
    texts: dict[str, None] = {}  # the list of slides and the slides may have the same texts
    for text in _records(data, 0, len(data), 0):
        texts[text] = None
    return Extracted(joined_lines(line for text in texts for line in text.split("\n")), "ppt")


def _records(data: bytes, begin: int, end: int, depth: int) -> Iterator[str]:
    """Yield the texts of records, without those of masters and notes."""
    while begin + 8 <= end:
        version, kind, length = struct.unpack_from("<HHI", data, begin)
        begin += 8
        stop = min(begin + length, end)
        instance = version >> 4
        if kind == _TEXT_CHARS:
            yield _cleaned(data[begin:stop].decode("utf-16-le", "replace"))
        elif kind == _TEXT_BYTES:
            yield _cleaned(data[begin:stop].decode("latin-1"))
        elif (
            version & _CONTAINER_VERSION == _CONTAINER_VERSION
            and kind not in (_MASTER, _NOTES)
            and not (kind == _DOCUMENT_LISTS and instance)
            and depth < _MAX_DEPTH
        ):
            yield from _records(data, begin, stop, depth + 1)
        begin = stop


def _cleaned(text: str) -> str:
    """Return a text with line ends for the paragraph and line marks of PowerPoint."""
    return text.replace("\r", "\n").replace("\v", "\n").replace("\0", "")
