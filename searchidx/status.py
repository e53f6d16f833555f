"""Define what `searchidx.Index.status` returns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from searchidx.store import FIELDS, VIEWS, Store


@dataclass(frozen=True, slots=True)
class Status:
    """What the latest commit of an index holds.

    Attributes:
        path: The folder of the index.
        bytes: The size of the commit's files on disk.
        documents: The number of documents.
        terms: The number of distinct terms of each sub-field, such as "body_folded".
        committed: The time of the commit, in seconds since the epoch.
        files: The number of files that documents came from.
        roots: The files and folders that were given to `Index.update`.
    """

    path: Path
    bytes: int
    documents: int
    terms: dict[str, int]
    committed: float
    files: int
    roots: tuple[str, ...]


def read_status(store: Store) -> Status:
    """Return the status of the latest commit of a store.

    Raises:
        IndexNotFoundError, IndexDamagedError, IndexReadError: It cannot be read.
    """
    commit = store.snapshot()
    reader, metadata = commit.reader, commit.metadata
    return Status(
        path=store.folder,
        bytes=commit.nbytes,
        documents=reader.document_count,
        terms={
            f"{field}_{view}": reader.term_count(f"{field}_{view}")
            for field in FIELDS
            for view in VIEWS
        },
        committed=reader.manifest.committed,
        files=len(metadata.get("files", {})),
        roots=tuple(metadata.get("roots", ())),
    )
