"""Implement `whoosh.writing.IndexWriter` over the writer of the store."""

from __future__ import annotations

import dataclasses
from typing import Any, Final, NoReturn, Protocol

from whoosh.writing import CLEAR, IndexWriter

from searchidx.document import Document
from searchidx.errors import DocumentError
from searchidx.store import Reader
from searchidx.whoosh_compat.index_reader import ColumnReader
from searchidx.whoosh_compat.schema import schema

_FIELDS: Final = tuple(field.name for field in dataclasses.fields(Document))


class Changes(Protocol):
    """The changes of one commit, including the index's list of source files."""

    @property
    def reader(self) -> Reader:
        """Return a reader of the commit before these changes."""
        ...

    def add(self, document: Document) -> None:
        """Add a document; it replaces the document with the same id."""
        ...

    def remove(self, id_: str) -> bool:
        """Remove a document; return whether it existed."""
        ...

    def commit(self) -> None:
        """Commit all changes and release the lock."""
        ...

    def cancel(self) -> None:
        """Discard all changes and release the lock."""
        ...


class ColumnWriter(IndexWriter):  # type: ignore[misc]  # Whoosh has no types
    """A `whoosh.writing.IndexWriter` for documents of an index.

    The fields of a new document are the arguments of `searchidx.Document`; title and body
    are analyzed into the views.  Document numbers and queries refer to the commit before
    the changes.
    """

    def __init__(self, changes: Changes) -> None:
        self.schema = schema()
        self._changes = changes
        self._columns = ColumnReader(changes.reader)

    def reader(self, **kwargs: Any) -> ColumnReader:
        """Return a reader of the commit before these changes."""
        return ColumnReader(self._changes.reader)

    def add_document(self, **fields: Any) -> None:
        """Add a document; it replaces the document with the same id.

        Args:
            fields: The arguments of `searchidx.Document`; `id` and `body` are required.

        Raises:
            DocumentError: The fields do not make a document.
            IndexWriteError: The disk refused a write.
        """
        unknown = sorted(fields.keys() - set(_FIELDS))
        if unknown:
            raise DocumentError(
                f"a document has no field {unknown[0]!r}; it has {', '.join(_FIELDS)}, and "
                "what else is to be kept goes into metadata"
            )
        missing = sorted({"id", "body"} - fields.keys())
        if missing:
            raise DocumentError(f"a document needs {' and '.join(missing)}")
        self._changes.add(Document(**fields))

    def update_document(self, **fields: Any) -> None:
        """Do the same as `add_document`: an id is unique in an index."""
        self.add_document(**fields)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Remove the document with a document number of `reader`."""
        if not delete:
            raise NotImplementedError("what was removed cannot be brought back; add it again")
        number = int(self._columns.numbers[docnum])
        self._changes.remove(self._changes.reader.id_and_digest(number)[0])

    def add_field(self, fieldname: str, fieldtype: Any, **kwargs: Any) -> NoReturn:
        """Raise NotImplementedError: the fields of an index are fixed."""
        refuse_field(fieldname)

    def remove_field(self, fieldname: str, **kwargs: Any) -> NoReturn:
        """Raise NotImplementedError: the fields of an index are fixed."""
        refuse_field(fieldname)

    def add_reader(self, reader: Any) -> NoReturn:
        """Raise NotImplementedError: an index is made from documents, not from postings."""
        raise NotImplementedError(
            "an index takes documents, not the postings of another reader; use add_document"
        )

    def commit(self, mergetype: Any = None, **options: Any) -> None:
        """Commit all changes durably and release the lock.

        Args:
            mergetype: Whoosh's merge policy.  The store has its own merge policy, so this
                is ignored; CLEAR, which drops all earlier documents, is refused.
            options: Ignored; more options of Whoosh for merging.

        Raises:
            IndexWriteError: The disk refused a write; the last commit is as it was.
        """
        if mergetype is CLEAR:
            raise NotImplementedError(
                "a commit does not clear the index; call delete_by_query(Every()) first"
            )
        self._changes.commit()

    def cancel(self) -> None:
        """Discard all changes and release the lock."""
        self._changes.cancel()


def refuse_field(name: str) -> NoReturn:
    """Raise the error for a field that cannot be added or removed."""
    raise NotImplementedError(
        f"the fields of a searchidx index are fixed, {name!r} cannot be added or removed; keep "
        "further values in a document's metadata, or work on a copy: searchidx export --whoosh"
    )
