"""Every error that searchidx raises on purpose.

::

    SearchidxError
      IndexNotFoundError      there is no index at that place
      IndexExistsError        there is one already, or other files stand there
      IndexFormatError        the index was written by another format of searchidx
      IndexDamagedError       a file of the index cannot be read as what it should be
      IndexReadError          the system refused to read the index; nothing is wrong with it
      IndexLockedError        another writer holds the index
      IndexWriteError         the disk refused a write; the last commit is still whole
      IndexClosedError        the Index object was closed
      DocumentError           a document that cannot be indexed as it is
      ModelError              pyvi's model is missing or is another than expected
      QueryError              an option of a search that has no meaning, or a text that is no
                              query where it was asked to be one
      EvaluationError         what searches are to be measured with cannot be used

Catch `SearchidxError` to catch them all.  Each message says what happened to which file
and what to do next; it is written for the person at the terminal.
"""

from __future__ import annotations


class SearchidxError(Exception):
    """The base of every error that searchidx raises on purpose."""


class IndexNotFoundError(SearchidxError):
    """There is no index at the given place."""


class IndexExistsError(SearchidxError):
    """An index cannot be created because something else stands at that place."""


class IndexFormatError(SearchidxError):
    """The index was written in a format that this version does not read."""


class IndexDamagedError(SearchidxError):
    """A file of the index is missing, cut short or not what it should be.

    Attributes:
        file: The path of that file, or of the index, where it is known.
        what: What is wrong with it, without what to do about it.
    """

    file: str | None = None
    what: str | None = None


class IndexReadError(SearchidxError):
    """The system refused to read the index: permission, too many open files, a bad disk."""


class IndexLockedError(SearchidxError):
    """Another process or thread is writing to the index."""


class IndexWriteError(SearchidxError):
    """The disk refused a write; what was committed before is still searchable."""


class IndexClosedError(SearchidxError):
    """The `Index` was used after it was closed."""


class DocumentError(SearchidxError):
    """A document that cannot be indexed as it is."""


class ModelError(SearchidxError):
    """The segmentation model of pyvi is missing, or is another than expected."""


class QueryError(SearchidxError):
    """A search was asked with an option, or a strict parser with a text, of no meaning.

    Attributes:
        position: Where in the text the parser met it, in code points; None for an option.
    """

    position: int | None = None


class EvaluationError(SearchidxError):
    """Queries, judgements or a run cannot be measured with, or what measures is missing."""
