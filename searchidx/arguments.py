"""Check the arguments that users of `searchidx.Index` pass, before anything is read."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from pathlib import Path

from searchidx.document import Document
from searchidx.errors import ArgumentError, DocumentError, QueryError

PathLike = str | os.PathLike[str]
Paths = PathLike | Iterable[PathLike]


def path_text(path: object, what: str = "a path") -> str:
    """Return a path as text.

    An empty path would mean the current folder.  A script with an unset variable would then
    index everything below it, or remove all of that from the index.

    Args:
        path: The path.
        what: What the message calls it.

    Raises:
        DocumentError: It is neither text nor a path, or is empty.
    """
    text = _text(path, what)
    if not text:
        raise DocumentError(f"{what} must not be empty; write . for the current folder")
    return text


def path_list(paths: object, what: str = "a path") -> list[str]:
    """Return paths as a list of text; one alone becomes a list of one.

    Args:
        paths: A path, or an iterable of paths.
        what: What the message calls one of them.

    Raises:
        DocumentError: One of them is neither text nor a path, or is empty; or they are no
            iterable.
    """
    return [path_text(path, what) for path in _several(paths)]


def id_list(ids: object) -> list[str]:
    """Return ids as a list of text; one alone becomes a list of one.

    Raises:
        DocumentError: One of them is not text, or they are no iterable.
    """
    return [_text(id_, "an id") for id_ in _several(ids)]


def folder_path(path: object) -> Path:
    """Return the folder of an index.

    Raises:
        ArgumentError: It is neither text nor a path, or no folder can have it.
    """
    try:
        text = path_text(path)
        if "\0" in text:
            raise DocumentError(f"a path cannot hold the character NUL: {text!r}")
    except DocumentError as error:
        raise ArgumentError(f"the folder of an index is given by a path: {error}") from None
    return Path(text)


def _text(value: object, what: str) -> str:
    """Return text or a path as text."""
    text = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(text, str):
        raise DocumentError(f"{what} must be text, not {type(value).__name__}")
    return text


def _several(values: object) -> Iterable[object]:
    """Return an iterable of values; one value alone becomes a list of one."""
    if isinstance(values, str | os.PathLike) or not isinstance(values, Iterable):
        return [values]
    return values


def document_id(id_: object) -> str:
    """Return the id of a document.

    Raises:
        DocumentError: It is not text.
    """
    if not isinstance(id_, str):
        raise DocumentError(f"the id of a document must be text, not {type(id_).__name__}")
    return id_


def document_iterable(documents: object) -> Iterable[object]:
    """Return an iterable of documents.

    Raises:
        DocumentError: It is one document, or is no iterable of documents.
    """
    if isinstance(documents, Document):
        raise DocumentError("add takes several documents; write add([document]) for one")
    if isinstance(documents, str | bytes) or not isinstance(documents, Iterable):
        raise DocumentError(
            f"add takes an iterable of Document objects, not {type(documents).__name__}"
        )
    return documents


def field_names(fields: object) -> list[str]:
    """Return the names of the fields to count by; one alone becomes a list of one.

    Raises:
        QueryError: One of them is not text.
    """
    if isinstance(fields, str):
        return [fields]
    names = []
    for name in fields if isinstance(fields, Iterable) else [fields]:
        if not isinstance(name, str):
            raise QueryError(f"the name of a field must be text, not {type(name).__name__}")
        names.append(name)
    return names


def check_writing(wait: object, workers: object = 1) -> None:
    """Check the arguments that all writing methods share.

    Raises:
        ArgumentError: `wait` is no number of seconds, or `workers` is no whole number.
    """
    if isinstance(wait, bool) or not isinstance(wait, int | float) or math.isnan(wait):
        raise ArgumentError(f"wait must be a number of seconds, not {wait!r}")
    if isinstance(workers, bool) or not isinstance(workers, int):
        raise ArgumentError(f"workers must be a whole number of processes, not {workers!r}")
