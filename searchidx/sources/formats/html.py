"""Extract the text of web pages (HTML)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from searchidx.language.encodings import decode
from searchidx.sources.formats.parts import Extracted

_LEFT_OUT: Final = frozenset(
    ("script", "style", "head", "noscript", "template", "svg", "iframe", "object", "select")
)
_BLOCKS: Final = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd"),
        *("details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p"),
        *("pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul"),
    )
)
_CELLS: Final = frozenset(("td", "th"))
_CHARSET: Final = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD_BYTES: Final = 4096


def extract_html(data: bytes) -> Extracted:
    """Return the text and the title of a page."""
    return html_text(decode_html(data))


def html_text(source: str) -> Extracted:
    """Return the text and the title of a page, given its source."""
    tree = LexborHTMLParser(source)
    title = tree.css_first("title")
    body = tree.body or tree.root
    lines = "".join(_texts(body)).split("\n") if body is not None else []
    return Extracted(
        "\n".join(filter(None, ("\t".join(_cells(line)) for line in lines))),
        "html",
        title=_one_line(title.text()) if title is not None else "",
    )


def decode_html(data: bytes) -> str:
    """Decode a page by its byte-order mark, its own word, or what its bytes look like."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    declared = _CHARSET.search(data[:_HEAD_BYTES])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if declared is not None and declared[1].lower() not in (b"utf-8", b"utf8"):
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data).text


def _texts(body: Any) -> Iterator[str]:
    """Yield the texts below a node, with line ends around blocks and tabs between cells.

    The nodes are visited with a stack of our own: pages may be nested very deep.
    """
    stack: list[Any] = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
            continue
        if node.is_text_node:
            yield " ".join(_split_keeping_ends(node.text_content or ""))
            continue
        tag = node.tag
        if tag in _LEFT_OUT or tag.startswith("!") or tag == "-comment":
            continue
        around = "\n" if tag in _BLOCKS else ("\t" if tag in _CELLS else "")
        if around:
            yield around
            stack.append(around)
        stack += reversed([*node.iter(include_text=True)])


def _split_keeping_ends(text: str) -> list[str]:
    """Split at white space, with an empty string where white space begins or ends a text."""
    return re.split(r"\s+", text)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cells(line: str) -> list[str]:
    """Return the cells of a line that are not empty, each on one line."""
    return [cell for each in line.split("\t") if (cell := _one_line(each))]
