"""A text file -> one Document.  Unicode, or an old encoding of Vietnamese text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

from searchidx.document import Document
from searchidx.errors import DocumentError
from searchidx.language.dates import report_date
from searchidx.sources.encoding_recovery import decode_old_encoding, repair_wrong_reading
from searchidx.sources.failure import Failure, UnreadableError, failure_reason, printable_path
from searchidx.sources.regular_files import (
    CHANGED,
    EMPTY,
    MAX_DOCUMENT_BYTES,
    TOO_LARGE,
    file_version,
    open_regular,
)
from searchidx.sources.title import find_title, title_text

__all__ = ["MAX_DOCUMENT_BYTES", "read_text"]

_VISIBLE: Final = re.compile(r"[^\s\ufeff\u200b]")
_UTF_16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_BINARY: Final = (
    "looks like a binary file ({}); export it as text, or save UTF-16 text with a "
    "byte-order mark"
)
# Tab, line ends, page break, and the escape and end-of-file characters of old programs.
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))
_SAMPLE: Final = 64 * 1024  # bytes
_MOST_CONTROLS: Final = 0.05  # VISCII, an old encoding of Vietnamese text, uses a few


def read_text(path: str) -> Iterator[Document | Failure]:
    """Yield the one document of a text file, or the one reason why there is none.

    The body is the whole text as it stands, line ends included, without a byte-order mark
    at its beginning.  The title and the date are found in it; the path helps with the date.
    Text in an old encoding, or damaged by being read in a wrong one, becomes what it was;
    the metadata then names the encoding.
    """
    name = printable_path(path)
    try:
        body, encoding = _decode(_read(path))
        title = find_title(body)
        date = report_date(body, hint=path)
        yield Document(
            id=name,
            path=name,
            title=title_text(body, title) if title else "",
            body=body,
            date=date.isoformat() if date else None,
            metadata={"encoding": encoding} if encoding else {},
        )
    except OSError as error:
        yield Failure(name, None, failure_reason(error))
    except (UnreadableError, DocumentError) as error:
        yield Failure(name, None, str(error))


def _read(path: str) -> bytes:
    """Return the bytes of a file that does not change meanwhile."""
    with open_regular(path) as file:
        before = file_version(file)
        if before[0] > MAX_DOCUMENT_BYTES:
            raise UnreadableError(TOO_LARGE)
        data = file.read(MAX_DOCUMENT_BYTES + 1)
        if file_version(file) != before or len(data) != before[0]:
            raise UnreadableError(CHANGED)
    return data


def _decode(data: bytes) -> tuple[str, str | None]:
    """Return the text of a file's bytes, and its encoding if that is none to be expected.

    Raises:
        UnreadableError: The bytes are no text, or it is not sure what text.
    """
    encoding = None
    try:
        text = _unicode(data)
        found = repair_wrong_reading(text)
    except UnreadableError:
        found = decode_old_encoding(data)
        if found is None:
            raise
        _must_not_be_binary(found.text.encode("utf-8"))
    if found is not None:
        text, encoding = found.text, found.encoding
    if _VISIBLE.search(text) is None:
        raise UnreadableError(EMPTY)
    return text, encoding


def _unicode(data: bytes) -> str:
    """Return the text of bytes in Unicode; raise UnreadableError if they are not."""
    encoding = _UTF_16.get(data[:2])
    if encoding is not None:
        try:
            text = data[2:].decode(encoding)
        except UnicodeDecodeError as error:
            offset = error.start + 2
            raise UnreadableError(
                f"not UTF-16 (at offset {offset}) despite its byte-order mark; save it as UTF-8"
            ) from error
        if "\0" in text:
            raise UnreadableError(
                _BINARY.format(f"NUL character at offset {text.index(chr(0))}")
            )
        return text
    _must_not_be_binary(data)
    begin = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    try:
        return data[begin:].decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + begin
        raise UnreadableError(
            f"not UTF-8 (byte 0x{data[offset]:02x} at offset {offset}); save it as UTF-8, "
            "or as UTF-16 with a byte-order mark"
        ) from error


def _must_not_be_binary(data: bytes) -> None:
    nul = data.find(0)
    if nul >= 0:
        raise UnreadableError(_BINARY.format(f"NUL byte at offset {nul}"))
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > _MOST_CONTROLS * len(sample):
        raise UnreadableError(_BINARY.format(f"{controls} control characters"))
