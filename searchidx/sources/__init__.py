"""Read files into documents.

Each format has a module with a function that reads one file, and an entry in `_READERS`.
Reading a bad file raises no error.  The reader yields a `Failure` among the documents
instead, so one bad file never stops the indexing of the others.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from typing import Final

from searchidx.document import Document
from searchidx.sources.failure import Failure
from searchidx.sources.regular_files import Opener, open_regular

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

READABLE: Final[frozenset[str]] = frozenset(_READERS)
"""The extensions of the files that a walk of a folder reads: lower case, with the dot."""


def extension(path: str) -> str:
    """Return the extension of a path in the form of `READABLE`: ".txt" for "A/B.TXT"."""
    return os.path.splitext(path)[1].lower()


def read_documents(path: str, open_file: Opener = open_regular) -> Iterator[Document | Failure]:
    """Yield the documents of one file, and a `Failure` for each unreadable part.

    The extension decides the format.  A file with an unknown extension is read as text.

    Args:
        path: The path of a file.  It becomes the `path` of each document unchanged, and the
            `id` of a document whose file gives none.  Bytes of the path that are not UTF-8
            are written in hexadecimal.
        open_file: Opens the file, given its path.

    Yields:
        Documents and failures in the order of the file.

    """
    module, _, name = _READERS.get(extension(path), _TEXT).partition(":")
    reader: Callable[[str, Opener], Iterator[Document | Failure]] = getattr(
        importlib.import_module(module), name
    )
    yield from reader(path, open_file)
