"""Define every error that searchidx raises on purpose.

::

    SearchidxError
      IndexFailure                  something is wrong with an index
        IndexNotFoundError          no index at that place (FileNotFoundError)
        IndexExistsError            the place is taken (FileExistsError)
        IndexLockedError            another writer holds the index (TimeoutError)
        IndexDamagedError           a file of the index is not what was written
        IndexFormatError            the index has the format of another version
        IndexReadError              the system refused a read (OSError)
        IndexWriteError             the system refused a write (OSError)
        IndexClosedError            the Index object was closed (ValueError)
      DocumentError                 a document, id or path cannot be indexed (ValueError)
      QueryError                    a query or a search option is invalid (ValueError)
      ArgumentError                 another argument has a wrong type (TypeError)
      EvaluationError               queries or judgments cannot be used (ValueError)
      ModelError                    pyvi's model is missing or unexpected

The standard error in brackets is a second base class: ``except FileNotFoundError`` catches
an `IndexNotFoundError`.  Catch `SearchidxError` to catch them all, `IndexFailure` for
everything that concerns the index itself.

Each message says what happened to which file and what to do next.  It is written for the
person at the terminal.
"""

from __future__ import annotations


class SearchidxError(Exception):
    """The base of every error that searchidx raises on purpose."""


class IndexFailure(SearchidxError):  # noqa: N818  # `IndexError` is Python's, for sequences
    """The base of every error that concerns an index: its place, files, lock or state."""


class IndexNotFoundError(IndexFailure, FileNotFoundError):
    """There is no index at the given place."""


class IndexExistsError(IndexFailure, FileExistsError):
    """An index, or something else, is already at the place where one should be created."""


class IndexLockedError(IndexFailure, TimeoutError):
    """Another process or thread was still writing to the index when the wait ended."""


class IndexDamagedError(IndexFailure):
    """A file of the index is missing, cut short or not what was written.

    Attributes:
        file: The path of that file, or of the index; None where it is not known.
        what: What is wrong with it, without what to do about it.
    """

    file: str | None = None
    what: str | None = None


class IndexFormatError(IndexFailure):
    """The index was written in a format that this version does not read."""


class IndexReadError(IndexFailure, OSError):
    """The system refused to read the index: permission, too many open files, a bad disk."""


class IndexWriteError(IndexFailure, OSError):
    """The system refused a write; the last commit is whole and can still be searched."""


class IndexClosedError(IndexFailure, ValueError):
    """The `Index` was used after it was closed."""


class DocumentError(SearchidxError, ValueError):
    """A document, an id or a path cannot be used: it is empty, invalid or of a wrong type."""


class QueryError(SearchidxError, ValueError):
    """A query or an option of a search is invalid.

    Attributes:
        position: The place in the query's text where the parser met the problem, in code
            points; None for an option.
    """

    position: int | None = None


class ArgumentError(SearchidxError, TypeError):
    """An argument that is no document, id, query or search option has a wrong type."""


class EvaluationError(SearchidxError, ValueError):
    """Queries, judgments or a run cannot be used, or the measuring library is missing."""


class ModelError(SearchidxError):
    """The segmentation model of pyvi is missing, or is another than expected."""
