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

    Raises:
        DocumentError: It is neither text nor a path.
    """
    if isinstance(path, str):
        return path
    text = os.fspath(path) if isinstance(path, os.PathLike) else None
    if not isinstance(text, str):
        raise DocumentError(f"{what} must be text, not {type(path).__name__}")
    return text


def path_list(paths: object) -> list[str]:
    """Return ids or paths as a list of text; one alone becomes a list of one.

    Raises:
        DocumentError: One of them is neither text nor a path, or they are no iterable.
    """
    what = "an id or a path"
    if isinstance(paths, str | os.PathLike) or not isinstance(paths, Iterable):
        return [path_text(paths, what)]
    return [path_text(path, what) for path in paths]


def folder_path(path: object) -> Path:
    """Return the folder of an index.

    Raises:
        ArgumentError: It is neither text nor a path.
    """
    try:
        return Path(path_text(path))
    except DocumentError as error:
        raise ArgumentError(f"the folder of an index is given by a path: {error}") from None


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
