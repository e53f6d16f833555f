"""Tell the format of a file in a container, such as a ZIP or OLE file; read members of one."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Final

from searchidx.sources.failure import UnreadableError
from searchidx.sources.formats.detection import HEAD_BYTES, detect
from searchidx.sources.formats.extracted import Extracted, Settings, Unread
from searchidx.sources.formats.packages import DAMAGED, Package
from searchidx.sources.formats.registry import FORMATS

# Streams of OLE files, in the order in which they decide: a mail may hold a document.
_STREAMS: Final = (
    ("__properties_version1.0", "msg"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)
_MEDIA_TYPES: Final = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
_MAIN_PARTS: Final = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_TEXT: Final = ("", ".txt", ".text")


def read_file(
    format_name: str, data: bytes, name: str, settings: Settings
) -> Iterator[Extracted | Unread]:
    """Yield the documents of a file of a format or of a container.

    Args:
        format_name: What `detect` returned for it.
        data: Its bytes.
        name: Its name.
        settings: How it is read.

    Raises:
        UnreadableError: It cannot be read.
    """
    if format_name == "ole":
        format_name = _ole_format(data)
    elif format_name == "package":
        format_name = _package_format(data)
    if format_name not in FORMATS:
        raise UnreadableError(f"is of a format that is not read ({format_name})")
    for item in FORMATS[format_name].load()(data, name, settings):
        if isinstance(item, Extracted) and not item.format:
            item.format = format_name
        yield item


def read_member(data: bytes, name: str, settings: Settings) -> Iterator[Extracted | Unread]:
    """Yield the documents of a file inside a file; errors become its last item.

    Args:
        data: Its bytes.
        name: Its name there, which becomes the member of its documents.
        settings: How it is read; its depth is that of this file.
    """
    extension = os.path.splitext(name)[1].lower()
    try:
        format_name = detect(data[:HEAD_BYTES], extension)
        if format_name is None:
            if extension not in _TEXT:
                raise UnreadableError("is of a format that is not read; convert it to PDF")
            from searchidx.sources.text import decode_text

            text, encoding = decode_text(data)
            metadata = {"encoding": encoding} if encoding else {}
            yield Extracted(text, name, format="txt", metadata=metadata)
            return
        for item in read_file(format_name, data, name, settings):
            member = f"{name}!{item.member}" if item.member else name
            if isinstance(item, Unread):
                yield Unread(member, item.reason)
            else:
                item.member = member
                yield item
    except UnreadableError as error:
        yield Unread(name, str(error))
    except MemoryError:
        raise
    except Exception as error:
        yield Unread(
            name, f"cannot be read ({type(error).__name__}); open it and save it again"
        )


def _ole_format(data: bytes) -> str:
    """Return the name of the format of an OLE file."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            if file.exists("EncryptedPackage"):
                raise UnreadableError("is protected by a password; save it without one")
            for stream, name in _STREAMS:
                if file.exists(stream):
                    return name
    except (OSError, ValueError, IndexError, TypeError) as error:
        raise UnreadableError(DAMAGED) from error
    raise UnreadableError("is an OLE file of an unknown program; convert it to PDF")


def _package_format(data: bytes) -> str:
    """Return the name of the format of a ZIP file."""
    package = Package(data)
    if "mimetype" in package.names:
        media_type = package.read("mimetype").strip()
        for known, name in _MEDIA_TYPES.items():
            if media_type.startswith(known):
                return name
    if "[Content_Types].xml" in package.names:
        for folder, name in _MAIN_PARTS:
            if any(part.startswith(folder) for part in package.names):
                return name
    return "zip"
