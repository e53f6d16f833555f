"""Read files into documents.

Text and JSON Lines are read here; every other format has an entry in `formats/registry.py`
and is read in a process of its own.  Reading a bad file raises no error.  The reader yields
a `Failure` among the documents instead, so one bad file never stops the indexing of the
others.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Final

from searchidx.document import Document
from searchidx.sources.failure import Failure, UnreadableError, failure_reason
from searchidx.sources.formats.detection import HEAD_BYTES, detect
from searchidx.sources.formats.registry import BY_EXTENSION
from searchidx.sources.printable_paths import printable_path
from searchidx.sources.regular_files import CHANGED, EMPTY, Opener, file_version, open_regular

if TYPE_CHECKING:
    from searchidx.sources.formats.extraction import Extractor

__all__ = ["READABLE", "Failure", "extension", "read_documents"]

_TEXT: Final = "searchidx.sources.text:read_text"
_JSON_LINES: Final = "searchidx.sources.jsonl:read_json_lines"
# These are names, not imports, so a format's module and its dependencies are loaded only
# when the first file of that format is read.
_READERS: Final = {
    ".txt": _TEXT,
    ".text": _TEXT,
    ".md": _TEXT,
    ".jsonl": _JSON_LINES,
    ".ndjson": _JSON_LINES,
}

READABLE: Final[frozenset[str]] = frozenset(_READERS) | frozenset(BY_EXTENSION)
"""The extensions of the files that a walk of a folder reads: lower case, with the dot."""


def extension(path: str) -> str:
    """Return the extension of a path in the form of `READABLE`: ".txt" for "A/B.TXT"."""
    return os.path.splitext(path)[1].lower()


def read_documents(
    path: str, open_file: Opener = open_regular, extractor: Extractor | None = None
) -> Iterator[Document | Failure]:
    """Yield the documents of one file, and a `Failure` for each unreadable part.

    The content decides the format, and the extension where the content may be anything.  A
    file of no known format is read as text.

    Args:
        path: The path of a file.  It becomes the `path` of each document unchanged, and the
            `id` of a document whose file gives none.  Bytes of the path that are not UTF-8
            are written in hexadecimal.
        open_file: Opens the file, given its path.
        extractor: Reads the formats that need a process of their own; None for one that
            serves this file alone.

    Yields:
        Documents and failures in the order of the file.

    """
    name = printable_path(path)
    try:
        file = open_file(path)
    except OSError as error:
        yield Failure(name, None, failure_reason(error))
        return
    except UnreadableError as error:
        yield Failure(name, None, str(error))
        return
    with file:
        try:
            head = file.read(HEAD_BYTES)
            file.seek(0)
        except OSError as error:
            yield Failure(name, None, failure_reason(error))
            return
        format_name = detect(head, extension(path))
        if format_name is None:
            module, _, function = _READERS.get(extension(path), _TEXT).partition(":")
            reader: Callable[[str, Opener], Iterator[Document | Failure]] = getattr(
                importlib.import_module(module), function
            )
            yield from reader(path, lambda _: file)
        else:
            yield from _read_format(format_name, name, file, extractor)


def _read_format(
    format_name: str, name: str, file: BinaryIO, extractor: Extractor | None
) -> Iterator[Document | Failure]:
    """Yield the documents of a file whose format needs a process of its own.

    Args:
        format_name: The name of the format.
        name: The path of the file in printable form.
        file: The file at its beginning.
        extractor: As for `read_documents`.
    """
    from searchidx.sources.formats.extraction import FILE_TOO_LARGE, MAX_FILE_BYTES, Extractor

    try:
        before = file_version(file)
        if before[0] > MAX_FILE_BYTES:
            raise UnreadableError(FILE_TOO_LARGE)
        data = file.read(MAX_FILE_BYTES + 1)
        if file_version(file) != before or len(data) != before[0]:
            raise UnreadableError(CHANGED)
        if not data:
            raise UnreadableError(EMPTY)
    except OSError as error:
        yield Failure(name, None, failure_reason(error))
    except UnreadableError as error:
        yield Failure(name, None, str(error))
    else:
        if extractor is not None:
            yield from extractor.read(format_name, data, name)
            return
        with Extractor() as own:
            yield from own.read(format_name, data, name)
