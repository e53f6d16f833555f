"""Define what `searchidx.Index.status` returns."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from searchidx.store import FIELDS, MANIFEST_FILE, VIEWS, Store, damage_error


@dataclass(frozen=True, slots=True)
class Status:
    """The contents and the size of the latest commit of an index.

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
    from searchidx.update.source_catalog import SourceCatalog  # a search does not need it

    commit = store.snapshot()
    reader = commit.reader
    catalog = SourceCatalog.read(commit.metadata, str(store.folder))
    try:
        time.localtime(reader.manifest.committed)
    except (ValueError, OverflowError, OSError) as error:
        raise damage_error(
            str(store.folder / MANIFEST_FILE), f"its time is impossible ({error})"
        ) from error
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
        files=len(catalog.files),
        roots=tuple(catalog.roots),
    )
