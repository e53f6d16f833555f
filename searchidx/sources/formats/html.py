"""Read HTML pages."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from searchidx.sources.encoding_recovery import decode_old_encoding
from searchidx.sources.formats.extracted import CELL_BREAK, Extracted, Settings, Unread

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.I)
_UTF_16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_HEAD_BYTES: Final = 4096
_HIDDEN: Final = frozenset(
    {"script", "style", "noscript", "template", "head", "svg", "object", "iframe", "select",
     "-comment", "!doctype", "-undef"}
)  # fmt: skip
_BLOCKS: Final = frozenset(
    {"p", "div", "br", "hr", "li", "ul", "ol", "dl", "dt", "dd", "tr", "table", "h1", "h2",
     "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "main", "nav",
     "aside", "blockquote", "pre", "form", "fieldset", "caption", "figure", "figcaption",
     "address", "center", "body", "title"}
)  # fmt: skip
_CELLS: Final = frozenset({"td", "th"})
_SPACE: Final = re.compile(r"[ \t\n\r\f\v]+")
_AROUND_BREAKS: Final = re.compile(r" *([\n\t]) *")


def read_html(data: bytes, name: str, settings: Settings) -> Iterator[Extracted | Unread]:
    """Yield the text of an HTML page: blocks as lines, rows of tables as lines."""
    yield from read_html_text(decode_html(data))


def read_html_text(html: str) -> Iterator[Extracted]:
    """Yield the text of an HTML page that is decoded."""
    from selectolax.lexbor import LexborHTMLParser

    parser = LexborHTMLParser(html)
    title = parser.css_first("head > title")
    root = parser.body or parser.root
    yield Extracted(
        html_lines(root) if root is not None else "",
        title=" ".join(title.text().split()) if title is not None else "",
    )


def decode_html(data: bytes) -> str:
    """Decode a page: by its byte-order mark, as UTF-8, by its own word, or by its letters."""
    encoding = _UTF_16.get(data[:2])
    if encoding is not None:
        return data[2:].decode(encoding, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    declared = _CHARSET.search(data[:_HEAD_BYTES])
    if declared is not None:
        try:
            codec = codecs.lookup(declared[1].decode("ascii"))
            if codec.name not in ("utf-8", "utf-16", "iso8859-1", "cp1252"):
                return data.decode(codec.name, "replace")
            if codec.name == "utf-8":
                return data.decode("utf-8", "replace")
        except (LookupError, UnicodeError):
            pass
    found = decode_old_encoding(data)
    return found.text if found is not None else data.decode("cp1252", "replace")


def html_lines(root: LexborNode) -> str:
    """Return the text below a node, with a line for each block and each row.

    The tree is walked without recursion, because pages may be nested without end.
    """
    pieces: list[str] = []
    stack: list[tuple[LexborNode | None, str]] = [(root, "")]
    while stack:
        node, text = stack.pop()
        if node is None:
            pieces.append(text)
            continue
        tag = node.tag or ""
        if tag == "-text":
            pieces.append(_SPACE.sub(" ", node.text_content or ""))
            continue
        if tag in _HIDDEN:
            continue
        around = "\n" if tag in _BLOCKS else ""
        if around:
            pieces.append(around)
            stack.append((None, around))
        if tag in _CELLS:
            stack.append((None, CELL_BREAK))
        children = []
        child = node.child
        while child is not None:
            children.append((child, ""))
            child = child.next
        stack.extend(reversed(children))
    text = _AROUND_BREAKS.sub(r"\1", re.sub(" {2,}", " ", "".join(pieces)))
    lines = (line.strip("\t ") for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
