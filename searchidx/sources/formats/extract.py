"""Find the format of some bytes, and extract their texts.

The content decides about the format, and the name only where the content does not tell.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator
from typing import Final

import olefile
from lxml import etree

from searchidx.sources.formats.parts import (
    MAX_FILE_BYTES,
    Extracted,
    ExtractionError,
    Package,
    Unextracted,
)
from searchidx.sources.formats.recognition import Recognizer

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGICS: Final = (b"PK\x03\x04", b"PK\x05\x06")  # the second if it is empty
Found = Iterator[Extracted | Unextracted]
"""The texts of a file, and what is wrong with the parts that give none."""

MAX_DEPTH: Final = 2
"""How deep archives and mails may be nested in each other."""
_MAX_MEMBERS: Final = 10_000
_MAX_UNPACKED_BYTES: Final = 512 << 20
_TEXT_EXTENSIONS: Final = frozenset((".txt", ".text", ".md", ".csv", ".tsv"))
_HTML_HEAD_BYTES: Final = 4096
_HTML: Final = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?:\s|<\?xml[^>]*+>|<!--(?:(?!-->).)*+-->)*+"
    rb"<(?:!doctype\s+html|html|head|body|meta|title|table|style|div|p|font|center|frameset)"
    rb"(?=[\s/>])",
    re.IGNORECASE | re.DOTALL,
)
_READ_MEMBERS: Final = _TEXT_EXTENSIONS | {
    *(".pdf", ".doc", ".dot", ".docx", ".docm", ".dotx", ".rtf", ".odt", ".ott", ".odp"),
    *(".ppt", ".pps", ".pptx", ".pptm", ".ppsx", ".xls", ".xlsx", ".xlsm", ".xlsb", ".ods"),
    *(".html", ".htm", ".xhtml", ".mht", ".mhtml", ".epub", ".eml", ".mbox", ".msg", ".zip"),
}
"""Members of archives and mails with other extensions are passed over."""


def extract(data: bytes, name: str, recognizer: Recognizer) -> Found:
    """Yield the texts of a file, and what is wrong with the parts that give none.

    Args:
        data: The bytes of the file.
        name: Its name, for its extension.
        recognizer: Recognizes text in pictures of pages.
    """
    yield from _Extraction(recognizer).extract(data, name, "", 0)


class _Extraction:
    """The extraction of one file.

    Args:
        recognizer: Recognizes text in pictures of pages.
    """

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer

    def extract(self, data: bytes, name: str, member: str, depth: int) -> Found:
        """Yield the texts of a file or of a member of one.

        Args:
            data: Its bytes.
            name: Its name.
            member: Its path in the file; empty for the file itself.
            depth: The number of archives and mails around it.
        """
        try:
            for found in self._dispatch(data, name, member, depth):
                if isinstance(found, Extracted) and not found.text.strip():
                    yield Unextracted("has no text that can be read", found.member or member)
                elif isinstance(found, Extracted) and not found.member:
                    yield _at(found, member)
                else:
                    yield found
        except ExtractionError as error:
            yield Unextracted(str(error), member)
        except MemoryError:
            raise
        except (etree.LxmlError, zipfile.BadZipFile, OSError, ValueError) as error:
            yield Unextracted(_damaged(error), member)
        except Exception as error:  # libraries raise what they like for damaged files
            yield Unextracted(_damaged(error), member)

    def _dispatch(self, data: bytes, name: str, member: str, depth: int) -> Found:
        """Call the module of a format, which is imported only now."""
        extension = os.path.splitext(name)[1].lower()
        if not data:
            raise ExtractionError("is empty; nothing to index")
        if data.startswith(OLE_MAGIC):
            yield from self._from_ole(data, member, depth)
        elif data.startswith(ZIP_MAGICS):
            yield from self._from_zip(data, member, depth)
        elif b"%PDF-" in data[:1024]:
            from searchidx.sources.formats.pdf import extract_pdf

            yield extract_pdf(data, self._recognizer)
        elif data.lstrip()[:5] == b"{\\rtf":
            from searchidx.sources.formats.rtf import extract_rtf

            yield extract_rtf(data)
        elif extension in (".mht", ".mhtml"):
            from searchidx.sources.formats.mail import extract_mht

            yield extract_mht(data)
        elif extension in (".eml", ".mbox"):
            yield from self._from_mail(data, extension, member, depth)
        elif looks_like_html(data) or extension in (".html", ".htm", ".xhtml"):
            from searchidx.sources.formats.html import extract_html

            yield extract_html(data)
        elif extension in _TEXT_EXTENSIONS or depth == 0:
            yield Extracted(_plain_text(data), "text")
        else:
            raise ExtractionError("is of a kind that is not read; save it as PDF or DOCX")

    def _from_ole(self, data: bytes, member: str, depth: int) -> Found:
        """Yield the texts of an old file of Word, Excel, PowerPoint or Outlook."""
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            if ole.exists("EncryptedPackage"):
                raise ExtractionError("is encrypted; save it without a password")
            if ole.exists("WordDocument"):
                from searchidx.sources.formats.word_binary import extract_doc

                yield extract_doc(ole)
            elif ole.exists("Workbook") or ole.exists("Book"):
                from searchidx.sources.formats.spreadsheets import extract_spreadsheet

                yield extract_spreadsheet(data, "xls")
            elif ole.exists("PowerPoint Document"):
                from searchidx.sources.formats.powerpoint import extract_ppt

                yield extract_ppt(ole)
            elif ole.exists("__properties_version1.0"):
                from searchidx.sources.formats.outlook import read_msg

                text, attachments = read_msg(ole)
                yield text
                yield from self._members(iter(attachments), member, depth)
            else:
                raise ExtractionError("is of a kind that is not read; save it as PDF or DOCX")

    def _from_zip(self, data: bytes, member: str, depth: int) -> Found:
        """Yield the texts of a file of a newer office program, of a book, or of an archive."""
        package = Package(data)
        kind = ""
        if "mimetype" in package.names:
            kind = package.read("mimetype")[:100].decode("ascii", "replace").strip()
        main = next(iter(package.related("", "officeDocument")), "")
        if kind.startswith("application/epub"):
            from searchidx.sources.formats.epub import extract_epub

            yield extract_epub(package)
        elif kind.startswith("application/vnd.oasis.opendocument.spreadsheet"):
            from searchidx.sources.formats.spreadsheets import extract_spreadsheet

            yield extract_spreadsheet(data, "ods")
        elif kind.startswith("application/vnd.oasis.opendocument"):
            from searchidx.sources.formats.opendocument import extract_opendocument

            yield extract_opendocument(package, "odp" if "presentation" in kind else "odt")
        elif main.startswith("xl/") or "xl/workbook.xml" in package.names:
            from searchidx.sources.formats.spreadsheets import extract_spreadsheet

            yield extract_spreadsheet(data, "xlsx")
        elif main.startswith("ppt/") or "ppt/presentation.xml" in package.names:
            from searchidx.sources.formats.powerpoint import extract_pptx

            yield extract_pptx(package)
        elif main or "word/document.xml" in package.names:
            from searchidx.sources.formats.word_xml import extract_docx

            yield extract_docx(package)
        else:
            yield from self._members(_unpacked(data), member, depth)

    def _from_mail(self, data: bytes, extension: str, member: str, depth: int) -> Found:
        """Yield the texts of a mail or of a mailbox, with attachments."""
        from searchidx.sources.formats.mail import read_mail, read_mailbox

        if extension == ".mbox":
            yield from self._members(read_mailbox(data), member, depth)
            return
        text, attachments = read_mail(data)
        yield text
        readable = ((name, content) for name, content in attachments if _is_read(name))
        yield from self._members(readable, member, depth)

    def _members(self, files: Iterator[tuple[str, bytes]], member: str, depth: int) -> Found:
        """Yield the texts of the files that an archive or a mail holds."""
        if depth >= MAX_DEPTH:
            raise ExtractionError(f"is nested more than {MAX_DEPTH} times; unpack it first")
        prefix = f"{member}!" if member else ""
        taken: dict[str, int] = {}
        for name, content in files:
            clean = "/".join(part for part in name.split("/") if part not in ("", ".", ".."))
            taken[clean] = taken.get(clean, 0) + 1
            if taken[clean] > 1:
                stem, extension = os.path.splitext(clean)
                clean = f"{stem} ({taken[clean]}){extension}"
            yield from self.extract(content, clean, prefix + clean, depth + 1)


def _damaged(error: Exception) -> str:
    return f"is damaged ({type(error).__name__}: {str(error)[:200]}); open it and save it again"


def _at(found: Extracted, member: str) -> Extracted:
    """Return a text with the path of the member that it is of."""
    return Extracted(found.text, found.format, member, found.title, found.date, found.fields)


def looks_like_html(data: bytes) -> bool:
    """Return whether bytes begin like a web page or a part of one, in UTF-8 or UTF-16.

    Programs for the work of offices save tables as HTML, often without its outer elements,
    and name them .xls or .doc.
    """
    return _HTML.match(data[:_HTML_HEAD_BYTES].replace(b"\0", b"")) is not None


def _plain_text(data: bytes) -> str:
    """Return a text file in Unicode or an old encoding as text."""
    from searchidx.language.encodings import decode

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = decode(data).text
    if "\0" in text:
        raise ExtractionError("looks like a binary file; save it as PDF or DOCX")
    return text


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the names and the bytes of the members of an archive that can be read."""
    total = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        for info in infos[:_MAX_MEMBERS]:
            base = os.path.basename(info.filename)
            if not _is_read(base):
                continue
            if info.flag_bits & 1:
                raise ExtractionError("is encrypted; save it without a password")
            with archive.open(info) as file:
                content = file.read(MAX_FILE_BYTES + 1)
            total += len(content)
            if len(content) > MAX_FILE_BYTES or total > _MAX_UNPACKED_BYTES:
                raise ExtractionError(
                    f"unpacks to more than {_MAX_UNPACKED_BYTES >> 20} MB; unpack it, and "
                    "index the folder"
                )
            yield info.filename, content


def _is_read(base: str) -> bool:
    """Return whether a member of an archive is read, by the last part of its name."""
    return (
        os.path.splitext(base)[1].lower() in _READ_MEMBERS
        and not base.startswith(".")
        and not base.startswith("~$")
    )
