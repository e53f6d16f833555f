"""Find documents of a commit: by a query as a condition, by their file, or by a name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from searchidx.document import Document
from searchidx.errors import QueryError
from searchidx.search.searcher import select_documents
from searchidx.sources.printable_paths import printable_candidates, printable_path
from searchidx.store import Reader

_MAX_LINE_DIGITS: Final = 19
"""No file has lines with more digits, and Python reads no numbers of thousands of digits."""


def matching_documents(reader: Reader, query: str | None, *, exact: bool) -> Iterator[Document]:
    """Iterate over the documents that meet a query, read one by one.

    Args:
        reader: The commit.
        query: A condition in the query language, every part of which is required; None for
            all documents.
        exact: Whether diacritics must be as typed.

    Raises:
        QueryError: The query is empty, or something in it makes no sense.
    """
    if query is None:
        return reader.documents()
    return reader.documents(select_documents(reader, query, exact=exact))


def matching_ids(reader: Reader, query: str | None, *, exact: bool) -> Iterator[str]:
    """Iterate over the ids of the documents that meet a query.

    Args:
        reader: The commit.
        query: As for `matching_documents`.
        exact: As for `matching_documents`.

    Raises:
        QueryError: The query is empty, or something in it makes no sense.
    """
    doc_ids = None if query is None else select_documents(reader, query, exact=exact)
    return (head.id for _, head in reader.heads(doc_ids))


def documents_from_source(reader: Reader, path: str, line: int | None) -> list[Document]:
    """Return the documents that came from a file, or from one line of it.

    Args:
        reader: The commit.
        path: The file, relative to the current folder or absolute.
        line: The number of the line, from 1; None for the whole file.
    """
    documents = map(reader.document, _doc_ids_from(reader, path))
    return [document for document in documents if line is None or document.line == line]


def find_example(reader: Reader, name: str) -> int:
    """Return the number of the document with an id, or from a file, or from a line of one.

    Args:
        reader: The commit.
        name: An id, a path, or a path with ``#`` and the number of a line.

    Raises:
        QueryError: There is no such document, or there are several.
    """
    if not name:
        raise QueryError("an example must be an id or a path, not an empty text")
    doc_id = reader.doc_id(name)
    if doc_id is not None:
        return doc_id
    doc_ids = _doc_ids_from(reader, name)
    path, _, line = name.rpartition("#")
    if not doc_ids and path and line.isdecimal() and len(line) <= _MAX_LINE_DIGITS:
        of_file = _doc_ids_from(reader, path)
        doc_ids = [each for each in of_file if reader.head(each).line == int(line)]
    name = printable_path(name)
    if not doc_ids:
        raise QueryError(f"{name} is neither the id of a report in the index nor its file")
    if len(doc_ids) > 1:
        raise QueryError(
            f"{name} holds {len(doc_ids):,} reports; name one by its line, such as "
            f"{name}#{reader.head(doc_ids[0]).line}"
        )
    return doc_ids[0]


def _doc_ids_from(reader: Reader, path: str) -> list[int]:
    """Return the numbers of the documents that came from a file."""
    for source in printable_candidates(os.path.abspath(path)):
        doc_ids: list[int] = reader.doc_ids_from_source(source).tolist()
        if doc_ids:
            return doc_ids
    return []
