"""The documents and views of a commit, written as a stock Whoosh index."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from whoosh.index import create_in
from whoosh.writing import SegmentWriter

from searchidx.document import Document
from searchidx.errors import IndexExistsError, IndexWriteError, SearchidxError
from searchidx.language.analyzer import analyse
from searchidx.store import FIELDS, VIEWS, Reader
from searchidx.store.segment.builder import PendingDocument, date_bounds, keyword_terms
from searchidx.whoosh_compat.schema import schema, stored_value

_BATCH: Final = 500_000
"""About how many code points of text are analysed at once."""
# What Whoosh holds of new postings before it writes a run to disk, by its own count,
# which is about half of what they take.
_POOL_MEGABYTES: Final = 128

Progress = Callable[[int, int, str], None]
"""Called after each document with how many are done, how many there are in all, and the
document's id; with no id when the rest is about to be written."""


def export_whoosh(reader: Reader, folder: Path, progress: Progress | None = None) -> int:
    """Writes the documents of a commit to `folder` as a stock Whoosh index.

    Args:
        reader: The commit.
        folder: A place for it: a new folder, or an empty one.
        progress: Told how far it is; what it raises ends the export, and leaves nothing.

    Returns:
        How many documents there are.

    Raises:
        IndexExistsError: `folder` is a file, or holds something.
        IndexWriteError: The disk refused a write; nothing is left of it.
    """
    _check_free(folder)
    # Beside its place, so that there never stands half an index.
    begun = folder.with_name(f"{folder.name}.{uuid.uuid4().hex[:16]}.part")
    try:
        begun.mkdir(parents=True)
        count = _write(reader, begun, progress or (lambda done, total, id_: None))
        if folder.exists():
            folder.rmdir()
        begun.replace(folder)
    except SearchidxError:
        raise
    except OSError as error:
        raise IndexWriteError(
            f"cannot write a Whoosh index to {folder}: {error.strerror or error}; make room "
            "or get permission, then run the same command again"
        ) from error
    finally:
        shutil.rmtree(begun, ignore_errors=True)
    return count


def _check_free(folder: Path) -> None:
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
    fields = schema()
    index = create_in(str(folder), fields)
    writer = index.writer(limitmb=_POOL_MEGABYTES)
    total = reader.document_count
    done = 0
    try:
        for numbers, documents in _batches(reader):
            batch = analyse([getattr(each, field) for each in documents for field in FIELDS])
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
    """Has the writer close its files; on a full disk that fails too, in many ways."""
    try:
        if not writer.is_closed:
            writer.cancel()
    except Exception:
        writer.is_closed = True


def _batches(reader: Reader) -> Iterator[tuple[list[int], list[Document]]]:
    """The documents in their order, some at a time, each with its number."""
    numbers: list[int] = []
    documents: list[Document] = []
    size = 0
    for number in reader.live.nonzero()[0].tolist():
        document = reader.document(number)
        numbers.append(number)
        documents.append(document)
        size += len(document.body)
        if size >= _BATCH:
            yield numbers, documents
            numbers, documents, size = [], [], 0
    if documents:
        yield numbers, documents
