"""Whoosh's way of writing to an index."""

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
    """What becomes one commit: a writer that also keeps the index's record of files."""

    @property
    def reader(self) -> Reader:
        """The commit that this one follows."""
        ...

    def add(self, document: Document) -> None:
        """Adds a document, in place of the one with its id."""
        ...

    def remove(self, id_: str) -> bool:
        """Removes a document; tells whether it was there."""
        ...

    def commit(self) -> None:
        """Makes everything visible, and lets go of the index."""
        ...

    def cancel(self) -> None:
        """Forgets everything, and lets go of the index."""
        ...


class ColumnWriter(IndexWriter):  # type: ignore[misc]  # Whoosh has no types
    """Adds and removes documents as a `whoosh.writing.IndexWriter`.

    A document is given by the arguments of `searchidx.Document`; its views are made from
    title and body.  Documents are numbered, and found by queries, as in the commit that
    this one follows.
    """

    def __init__(self, changes: Changes) -> None:
        self.schema = schema()
        self._changes = changes
        self._columns = ColumnReader(changes.reader)

    def reader(self, **kwargs: Any) -> ColumnReader:
        """The commit that this one follows."""
        return ColumnReader(self._changes.reader)

    def add_document(self, **fields: Any) -> None:
        """Adds a document, in place of the one with its id.

        Args:
            fields: `id` and `body`, and what else a `searchidx.Document` has.

        Raises:
            DocumentError: They are no document.
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
        """The same as `add_document`: an id is unique in an index."""
        self.add_document(**fields)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Removes the document that has a number in `reader`."""
        if not delete:
            raise NotImplementedError("what was removed cannot be brought back; add it again")
        number = int(self._columns.numbers[docnum])
        self._changes.remove(self._changes.reader.id_and_digest(number)[0])

    def add_field(self, fieldname: str, fieldtype: Any, **kwargs: Any) -> NoReturn:
        """Refuses: the fields of an index are fixed."""
        refuse_field(fieldname)

    def remove_field(self, fieldname: str, **kwargs: Any) -> NoReturn:
        """Refuses: the fields of an index are fixed."""
        refuse_field(fieldname)

    def add_reader(self, reader: Any) -> NoReturn:
        """Refuses: an index is made of documents, not of postings."""
        raise NotImplementedError(
            "an index takes documents, not the postings of another reader; use add_document"
        )

    def commit(self, mergetype: Any = None, **options: Any) -> None:
        """Makes everything visible and durable at once, and lets go of the index.

        Args:
            mergetype: Which segments to merge; all of Whoosh's policies do the same here,
                but for CLEAR, which gives up what was there and is refused.
            options: Taken for Whoosh's sake; which segments are merged is not for choice.

        Raises:
            IndexWriteError: The disk refused a write; the last commit is as it was.
        """
        if mergetype is CLEAR:
            raise NotImplementedError(
                "a commit does not clear the index; call delete_by_query(Every()) first"
            )
        self._changes.commit()

    def cancel(self) -> None:
        """Forgets everything and lets go of the index."""
        self._changes.cancel()


def refuse_field(name: str) -> NoReturn:
    """Says why there will not be such a field."""
    raise NotImplementedError(
        f"the fields of a searchidx index are fixed, {name!r} cannot be added or removed; keep "
        "further values in a document's metadata, or work on a copy: searchidx export --whoosh"
    )
