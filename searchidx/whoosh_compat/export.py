"""Export a commit to an index in Whoosh's own files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from whoosh.index import create_in
from whoosh.writing import SegmentWriter

from searchidx.document import Document
from searchidx.errors import IndexExistsError, IndexWriteError, SearchidxError
from searchidx.language.analyzer import analyze
from searchidx.store import FIELDS, VIEWS, Reader
from searchidx.store.segment.pending_document import PendingDocument, date_bounds, keyword_terms
from searchidx.whoosh_compat.schema import schema, stored_value
from searchidx.whoosh_compat.unfinished_folder import replace_when_finished

BATCH_CODE_POINTS: Final = 500_000
"""About how many code points of text are analyzed at once."""
_WRITER_MEGABYTES: Final = 128
"""How many megabytes of postings Whoosh collects before it writes them to disk.

This is Whoosh's own estimate; the postings take about twice as much memory."""

Progress = Callable[[int, int, str], None]
"""Called after each document with the number of documents done, the total, and the id of the
document.  The last call, before the index is finished, has an empty id."""


def export_whoosh(reader: Reader, folder: Path, progress: Progress | None = None) -> int:
    """Write the documents of a commit to a Whoosh index.

    Args:
        reader: The commit.
        folder: A new or empty folder for the Whoosh index.
        progress: Called after each document; an exception from it ends the export and
            removes the files.

    Returns:
        The number of documents.

    Raises:
        IndexExistsError: `folder` is a file, or is not empty.
        IndexWriteError: The disk refused a write; no file is left.
    """
    _check_free(folder)
    try:
        with replace_when_finished(folder) as unfinished:
            count = _write(reader, unfinished, progress or (lambda done, total, id_: None))
    except SearchidxError:
        raise
    except OSError as error:
        raise IndexWriteError(
            f"cannot write a Whoosh index to {folder}: {error.strerror or error}; make room "
            "or get permission, then run the same command again"
        ) from error
    return count


def _check_free(folder: Path) -> None:
    """Raise an error if the folder is not new or empty."""
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise IndexExistsError(
            f"{folder} is a file, or lies below one; give a new or empty folder"
        ) from error
    except OSError as error:
        raise IndexWriteError(
            f"cannot write a Whoosh index to {folder}: {error.strerror or error}"
        ) from error
    if names:
        raise IndexExistsError(
            f"{folder} holds other files ({names[0]}, …); give a new or empty folder, so that "
            "nothing of yours is overwritten"
        )


def _write(reader: Reader, folder: Path, progress: Progress) -> int:
    """Write all documents to a Whoosh index in a new folder; return their number."""
    fields = schema()
    index = create_in(str(folder), fields)
    writer = index.writer(limitmb=_WRITER_MEGABYTES)
    total = reader.document_count
    done = 0
    try:
        for numbers, documents in _batches(reader):
            batch = analyze([getattr(each, field) for each in documents for field in FIELDS])
            for at, (number, document) in enumerate(zip(numbers, documents, strict=True)):
                stored = stored_value(reader, number)
                values: dict[str, Any] = keyword_terms(
                    PendingDocument(document, stored["source"])
                )
                values["stored"] = stored
                values["date_first"], values["date_last"] = date_bounds(document)
                for place, field in enumerate(FIELDS, len(FIELDS) * at):
                    length = int(batch.bounds[place + 1] - batch.bounds[place])
                    values[f"{field}_length"] = length
                    for view in VIEWS:
                        name = f"{field}_{view}"
                        values[name] = fields[name].postings(batch, place)
                writer.add_document(**values)
                done += 1
                progress(done, total, document.id)
        progress(done, total, "")
        writer.commit()
    except BaseException:
        _abandon(writer)
        raise
    return done


def _abandon(writer: SegmentWriter) -> None:
    """Close the files of the writer; on a full disk this can fail in many ways."""
    try:
        if not writer.is_closed:
            writer.cancel()
    except Exception:
        writer.is_closed = True


def _batches(reader: Reader) -> Iterator[tuple[list[int], list[Document]]]:
    """Yield batches of document ids and the documents."""
    numbers: list[int] = []
    documents: list[Document] = []
    size = 0
    for number in reader.live.nonzero()[0].tolist():
        document = reader.document(number)
        numbers.append(number)
        documents.append(document)
        size += len(document.body)
        if size >= BATCH_CODE_POINTS:
            yield numbers, documents
            numbers, documents, size = [], [], 0
    if documents:
        yield numbers, documents
