"""Read office files into documents: PDF, Word, spreadsheets, mail, archives and others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from searchidx.document import MAX_DOCUMENT_CODE_POINTS, Document
from searchidx.errors import DocumentError
from searchidx.language.dates import report_date
from searchidx.sources import OcrMode
from searchidx.sources.encoding_recovery import repair_wrong_reading
from searchidx.sources.extraction import EXTRACTOR
from searchidx.sources.failure import Failure, UnreadableError, failure_reason
from searchidx.sources.printable_paths import printable_path
from searchidx.sources.regular_files import CHANGED, Opener, file_version
from searchidx.sources.title import find_title, title_text

MAX_OFFICE_FILE_BYTES: Final = 128 << 20
_TOO_LARGE: Final = (
    f"larger than {MAX_OFFICE_FILE_BYTES >> 20} MB; split it into smaller files, or save it "
    "as text"
)
_TOO_LONG: Final = (
    f"has more than {MAX_DOCUMENT_CODE_POINTS:,} characters; split it into smaller files"
)
# In PDF files, programs write two letters of TCVN3, ư and ã, as signs of mathematics.
_TCVN3_SIGNS: Final = {0x2212: "\u00ad", 0x2219: "\u00b7"}
_PAGE_BREAK: Final = "\f"


def read_office_file(
    path: str, open_file: Opener, ocr: OcrMode = "auto"
) -> Iterator[Document | Failure]:
    """Yield the documents of a file, and a `Failure` for each part without text.

    A file is one document.  An archive, a mailbox or a mail with attachments has one for
    each of its parts, with the path of the part after a ``!``.

    Args:
        path: The path of the file.
        open_file: Opens the file, given its path.
        ocr: Whether text is recognized in pictures of pages.
    """
    name = printable_path(path)
    try:
        found = EXTRACTOR.extract(_read(path, open_file), name, ocr)
    except OSError as error:
        yield Failure(name, None, failure_reason(error))
        return
    except UnreadableError as error:
        yield Failure(name, None, str(error))
        return
    if not found:
        yield Failure(name, None, "holds no file that can be read; nothing to index")
    for part in found:
        place = f"{name}!{part['member']}" if part["member"] else name
        if "reason" in part:
            yield Failure(place, None, part["reason"])
            continue
        try:
            yield make_document(path, place, part)
        except (DocumentError, UnreadableError) as error:
            yield Failure(place, None, str(error))


def make_document(path: str, place: str, part: dict[str, Any]) -> Document:
    """Return the document of a text.

    Args:
        path: The path of the file, which may tell the date.
        place: The id of the document: the path of the file and of the part.
        part: The attributes of `Extracted`.
    """
    body: str = part["text"]
    if len(body) > MAX_DOCUMENT_CODE_POINTS:
        raise UnreadableError(_TOO_LONG)
    metadata: dict[str, Any] = {"format": part["format"], **part["fields"]}
    repaired = None
    if part["format"] == "pdf" and _TCVN3_SIGNS.keys() & set(map(ord, body)):
        repaired = repair_wrong_reading(body.translate(_TCVN3_SIGNS))
    repaired = repaired or repair_wrong_reading(body)
    if repaired is not None:
        body = repaired.text
        metadata["encoding"] = repaired.encoding
    if _PAGE_BREAK in body:
        metadata["pages"] = body.count(_PAGE_BREAK) + 1
    title = part["title"]
    if not title:
        found = find_title(body)
        title = title_text(body, found) if found else ""
    date = part["date"]
    if date is None:
        read = report_date(body, hint=path)
        date = read.isoformat() if read else None
    return Document(id=place, path=place, title=title, body=body, date=date, metadata=metadata)


def _read(path: str, open_file: Opener) -> bytes:
    """Return the bytes of a file; raise UnreadableError if it changes meanwhile."""
    with open_file(path) as file:
        before = file_version(file)
        if before[0] > MAX_OFFICE_FILE_BYTES:
            raise UnreadableError(_TOO_LARGE)
        data = file.read(MAX_OFFICE_FILE_BYTES + 1)
        if file_version(file) != before or len(data) != before[0]:
            raise UnreadableError(CHANGED)
    return data
