"""Files -> Documents.

A format is a module with a function that reads one file, and an entry in `_READERS`.
Reading raises nothing for a bad file: what could not be read comes out as a `Failure`
among the documents, so that one bad file never ends the indexing of the others.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from typing import Final

from searchidx.document import Document
from searchidx.sources.failure import Failure

__all__ = ["READABLE", "Failure", "extension", "read_documents"]

_TEXT: Final = "searchidx.sources.text:read_text"
_JSON_LINES: Final = "searchidx.sources.jsonl:read_json_lines"
# Named, not imported: a format's module, and what it leans on, is loaded for its first file.
_READERS: Final = {
    ".txt": _TEXT,
    ".text": _TEXT,
    ".md": _TEXT,
    ".jsonl": _JSON_LINES,
    ".ndjson": _JSON_LINES,
}

READABLE: Final[frozenset[str]] = frozenset(_READERS)
"""The extensions of the files that are looked for in a folder: lower case, with the dot."""


def extension(path: str) -> str:
    """Return the extension of a path as `READABLE` writes them: ".txt" for "A/B.TXT"."""
    return os.path.splitext(path)[1].lower()


def read_documents(path: str) -> Iterator[Document | Failure]:
    """Yield the documents of one file, and a `Failure` for whatever cannot be read.

    The format is that of the extension; a file with any other extension is read as text.

    Args:
        path: A file.  A document's `path`, and its `id` where the file gives none, is this
            path as it stands; a byte of it that is not UTF-8 is written in hexadecimal.

    """
    module, _, name = _READERS.get(extension(path), _TEXT).partition(":")
    reader: Callable[[str], Iterator[Document | Failure]] = getattr(
        importlib.import_module(module), name
    )
    yield from reader(path)
