"""Tell the format of a file by its content first, and by its extension second."""

from __future__ import annotations

import re
from typing import Final

from searchidx.sources.formats.registry import BY_EXTENSION

HEAD_BYTES: Final = 4096
"""How much of the beginning of a file is looked at."""

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE_WORD: Final = (b"\x9b\xa5", b"\xdb\xa5", b"\xdc\xa5")
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE_EXTENSIONS: Final = frozenset({"doc", "xls", "ppt", "msg"})
_ZIP_EXTENSIONS: Final = frozenset({"docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "zip"})
_BINARY: Final = _OLE_EXTENSIONS | _ZIP_EXTENSIONS | {"pdf"}
_HTML: Final = re.compile(
    rb"(?:<!--.*?-->|<\?xml[^>]*>|\s)*<(?:!doctype\s+html|html|head|body|meta|title|table"
    rb"|style|div|p|font|center)\b",
    re.IGNORECASE | re.DOTALL,
)
_MHT: Final = re.compile(rb"^content-type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
_MAIL_NAMES: Final = re.compile(
    rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?"
    rb"(?:received|return-path|mime-version|delivered-to|message-id|from|date):\s",
    re.IGNORECASE,
)
# Plain text with these extensions is what the extension says.
_TEXTUAL: Final = frozenset({"csv", "tsv", "md", "html", "mht", "eml", "mbox"})


def detect(head: bytes, extension: str) -> str | None:
    """Return the name of a file's format, or None for plain text and JSON Lines.

    Names lie: reports come as .doc files that are HTML, and .xls files that are XLSX.

    Args:
        head: The first `HEAD_BYTES` bytes.
        extension: The extension of the name: lower case, with the dot.

    Returns:
        A name of `FORMATS`; "ole" or "package" for a container whose content decides.
    """
    named = BY_EXTENSION.get(extension)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n\0")[:HEAD_BYTES]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(_OLE):
        return "ole"
    if head.startswith(_ZIP):
        return "package"
    if start.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith(_BARE_WORD):
        return "doc"
    if head[:2] in (b"\t\x08", b"\t\x04", b"\t\x02") and len(head) > 8:
        return "xls"
    if named in _TEXTUAL:
        return named
    if _HTML.match(_without_utf_16(head)):
        return "html"
    if named is None or extension in (".txt", ".text"):
        return None
    if _MAIL_NAMES.match(start) and named in _BINARY:
        return "mht" if _MHT.search(start) else "eml"
    if named in _BINARY and not _looks_textual(head):
        return named  # the reader says what is wrong with it
    if named in _BINARY:
        return None
    return named


def _without_utf_16(head: bytes) -> bytes:
    """Return ASCII text of UTF-16 as bytes that patterns match."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head[2:].replace(b"\0", b"")
    return head.removeprefix(b"\xef\xbb\xbf")


def _looks_textual(head: bytes) -> bool:
    """Tell whether bytes may be plain text."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    controls = sum(byte < 32 and byte not in b"\t\n\v\f\r\x1a\x1b" for byte in head)
    return bool(head) and b"\0" not in head and controls <= len(head) // 20
