"""Extract the text of electronic books (EPUB), a page a chapter."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote

from searchidx.sources.formats.html import extract_html
from searchidx.sources.formats.parts import (
    PAGE_BREAK,
    Extracted,
    ExtractionError,
    Package,
    attribute,
    local_name,
)


def extract_epub(package: Package) -> Extracted:
    """Return the text of a book in the order of its spine, and its title."""
    container = package.xml("META-INF/container.xml")
    roots = [each for each in container.iter() if local_name(each) == "rootfile"]
    if not roots:
        raise ExtractionError("is damaged: it does not say what it contains")
    path = attribute(roots[0], "full-path") or ""
    book = package.xml(path)
    items = {
        attribute(each, "id"): attribute(each, "href")
        for each in book.iter()
        if local_name(each) == "item"
    }
    titles = [(each.text or "").strip() for each in book.iter() if local_name(each) == "title"]
    pages = []
    for each in book.iter():
        href = items.get(attribute(each, "idref")) if local_name(each) == "itemref" else None
        if href:
            name = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(href)))
            if name in package.names:
                pages.append(extract_html(package.read(name)).text)
    return Extracted(PAGE_BREAK.join(pages), "epub", title=next(filter(None, titles), ""))
