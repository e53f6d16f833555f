"""Read a text file, in Unicode or an old Vietnamese encoding, into one document."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

from searchidx.document import Document
from searchidx.errors import DocumentError
from searchidx.language.dates import report_date
from searchidx.sources.encoding_recovery import decode_old_encoding, repair_wrong_reading
from searchidx.sources.failure import Failure, UnreadableError, failure_reason
from searchidx.sources.printable_paths import printable_path
from searchidx.sources.regular_files import (
    CHANGED,
    EMPTY,
    MAX_DOCUMENT_BYTES,
    TOO_LARGE,
    Opener,
    file_version,
    open_regular,
)
from searchidx.sources.title import find_title, title_text

__all__ = ["MAX_DOCUMENT_BYTES", "decode_text", "read_text"]

_VISIBLE: Final = re.compile(r"[^\s\ufeff\u200b]")
_UTF_16_CODECS: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_BINARY_REASON: Final = (
    "looks like a binary file ({}); export it as text, or save UTF-16 text with a "
    "byte-order mark"
)
# Control characters that text files do not have.  Allowed are tab, line ends, page break,
# and the escape and end-of-file characters of old programs.
_CONTROL_BYTES: Final = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))
_SAMPLE_SIZE_BYTES: Final = 64 * 1024
_MAX_CONTROL_SHARE: Final = 0.05  # VISCII, an old encoding of Vietnamese text, uses a few


def read_text(path: str, open_file: Opener = open_regular) -> Iterator[Document | Failure]:
    """Yield the one document of a text file, or one `Failure`.

    The body is the whole text with its line ends, without a byte-order mark.  The title
    and the date come from the text; the path helps with the date.  Text in an old encoding
    is decoded, and text that was read in a wrong encoding is repaired.  The metadata then
    names the encoding.

    Args:
        path: The path of the file.
        open_file: Opens the file, given its path.
    """
    name = printable_path(path)
    try:
        body, encoding = decode_text(_read(path, open_file))
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


def _read(path: str, open_file: Opener) -> bytes:
    """Return the bytes of a file; raise UnreadableError if it changes meanwhile."""
    with open_file(path) as file:
        before = file_version(file)
        if before[0] > MAX_DOCUMENT_BYTES:
            raise UnreadableError(TOO_LARGE)
        data = file.read(MAX_DOCUMENT_BYTES + 1)
        if file_version(file) != before or len(data) != before[0]:
            raise UnreadableError(CHANGED)
    return data


def decode_text(data: bytes) -> tuple[str, str | None]:
    """Decode the bytes of a file.

    Returns:
        The text, and the name of its encoding if it needed decoding from an old encoding or
        repair; otherwise None.

    Raises:
        UnreadableError: The bytes are not text, or their encoding is uncertain.
    """
    encoding = None
    try:
        text = _decode_unicode(data)
        found = repair_wrong_reading(text)
    except UnreadableError:
        found = decode_old_encoding(data)
        if found is None:
            raise
        _refuse_binary(found.text.encode("utf-8"))
    if found is not None:
        text, encoding = found.text, found.encoding
    if _VISIBLE.search(text) is None:
        raise UnreadableError(EMPTY)
    return text, encoding


def _decode_unicode(data: bytes) -> str:
    """Decode UTF-8 or marked UTF-16; raise UnreadableError if the bytes are neither."""
    encoding = _UTF_16_CODECS.get(data[:2])
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
                _BINARY_REASON.format(f"NUL character at offset {text.index(chr(0))}")
            )
        return text
    _refuse_binary(data)
    begin = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    try:
        return data[begin:].decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + begin
        raise UnreadableError(
            f"not UTF-8 (byte 0x{data[offset]:02x} at offset {offset}); save it as UTF-8, "
            "or as UTF-16 with a byte-order mark"
        ) from error


def _refuse_binary(data: bytes) -> None:
    """Raise UnreadableError if the bytes look like those of a binary file."""
    nul = data.find(0)
    if nul >= 0:
        raise UnreadableError(_BINARY_REASON.format(f"NUL byte at offset {nul}"))
    sample = data[:_SAMPLE_SIZE_BYTES]
    controls = len(sample) - len(sample.translate(None, _CONTROL_BYTES))
    if controls > _MAX_CONTROL_SHARE * len(sample):
        raise UnreadableError(_BINARY_REASON.format(f"{controls} control characters"))
