"""Read files into documents.

Each format has a module with a function that reads one file, and an entry in `_READERS`.
Reading a bad file raises no error.  The reader yields a `Failure` among the documents
instead, so one bad file never stops the indexing of the others.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Final, Literal

from searchidx.document import Document
from searchidx.sources.failure import Failure, UnreadableError
from searchidx.sources.regular_files import Opener, open_regular

__all__ = ["READABLE", "Failure", "OcrMode", "close_readers", "extension", "read_documents"]

OcrMode = Literal["auto", "never", "always"]
"""When text is recognized in pictures of pages."""

_TEXT: Final = "searchidx.sources.text:read_text"
_JSON_LINES: Final = "searchidx.sources.jsonl:read_json_lines"
_OFFICE: Final = "searchidx.sources.office_files:read_office_file"
_EXTRACTION: Final = "searchidx.sources.extraction"
# These are names, not imports, so a format's module and its dependencies are loaded only
# when the first file of that format is read.
_READERS: Final = {
    **dict.fromkeys((".txt", ".text", ".md", ".csv", ".tsv"), _TEXT),
    **dict.fromkeys((".jsonl", ".ndjson"), _JSON_LINES),
    **dict.fromkeys(
        (
            *(".pdf", ".doc", ".dot", ".docx", ".docm", ".dotx", ".rtf", ".odt", ".ott"),
            *(".ppt", ".pps", ".pptx", ".pptm", ".ppsx", ".odp"),
            *(".xls", ".xlsx", ".xlsm", ".xlsb", ".ods"),
            *(".html", ".htm", ".xhtml", ".mht", ".mhtml", ".epub"),
            *(".eml", ".mbox", ".msg", ".zip"),
        ),
        _OFFICE,
    ),
}
_OFFICE_BEGINNINGS: Final = (
    b"%PDF-", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"{\\rtf",
)  # fmt: skip
"""What files of office programs begin with, whatever their names are."""
_MAX_BEGINNING_BYTES: Final = max(map(len, _OFFICE_BEGINNINGS))

READABLE: Final[frozenset[str]] = frozenset(_READERS)
"""The extensions of the files that a walk of a folder reads: lower case, with the dot."""


def extension(path: str) -> str:
    """Return the extension of a path in the form of `READABLE`: ".txt" for "A/B.TXT"."""
    return os.path.splitext(path)[1].lower()


def read_documents(
    path: str, open_file: Opener = open_regular, *, ocr: OcrMode = "auto"
) -> Iterator[Document | Failure]:
    """Yield the documents of one file, and a `Failure` for each unreadable part.

    The extension decides between JSON Lines and other files.  The format of these is found
    by their content.

    Args:
        path: The path of a file.  It becomes the `path` of each document unchanged, and the
            `id` of a document whose file gives none.  Bytes of the path that are not UTF-8
            are written in hexadecimal.
        open_file: Opens the file, given its path.
        ocr: Whether text is recognized in pictures of pages: in those without text, if the
            program for it is installed ("auto"), in all pages ("always"), or "never".

    Yields:
        Documents and failures in the order of the file.

    """
    reader_name = _READERS.get(extension(path), _TEXT)
    if reader_name == _TEXT and _begins_like_office_file(path, open_file):
        reader_name = _OFFICE
    module, _, name = reader_name.partition(":")
    reader: Callable[..., Iterator[Document | Failure]] = getattr(
        importlib.import_module(module), name
    )
    yield from reader(path, open_file, *([ocr] if reader_name == _OFFICE else []))


def _begins_like_office_file(path: str, open_file: Opener) -> bool:
    """Return whether a file is one of an office program, whatever its name is."""
    try:
        with open_file(path) as file:
            return file.read(_MAX_BEGINNING_BYTES).startswith(_OFFICE_BEGINNINGS)
    except (OSError, UnreadableError):
        return False  # the reader of texts says what is wrong


def close_readers() -> None:
    """End the process that reads office files, if any file needed it."""
    extraction = sys.modules.get(_EXTRACTION)
    if extraction is not None:
        extraction.EXTRACTOR.close()
