"""Make small indexes, and read everything from one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from searchidx.document import Document
from searchidx.errors import IndexDamagedError
from searchidx.store import FIELDS, VIEWS, Reader, Store
from searchidx.store.files.lock import LOCK_FILE
from searchidx.store.files.manifest import MANIFEST_FILE, read_manifest
from searchidx.store.schema import KEYWORDS

ALL_FIELDS = (*(f"{field}_{view}" for field in FIELDS for view in VIEWS), *KEYWORDS)


def committed(folder: str | Path, *commits: Iterable[Document]) -> Reader:
    """Write a new index with these commits; return the reader of the last one."""
    store = Store.create(Path(folder) / "index")
    for documents in commits:
        writer = store.writer()
        for document in documents:
            writer.add(document)
        writer.commit({})
    return store.reader()


def report(number: int, *, version: str = "một") -> Document:
    """Return a document with something in every field of an index."""
    return Document(
        id=f"bc-{number}",
        title=f"Báo cáo số {number}",
        body=(
            f"Ủy ban nhân dân (UBND) họp lần {version}.\nNghị quyết {number}/NQ-HĐND. Họp xong."
        ),
        date=f"2023-07-{number % 28 + 1:02}",
        path=f"/bao-cao/{number}.txt",
        metadata={"số": number},
    )


def add(store: Store, documents: Iterable[Document], metadata: dict[str, Any]) -> None:
    """Add documents in one commit."""
    writer = store.writer()
    try:
        for document in documents:
            writer.add(document, source=document.path)
        writer.commit(metadata)
    finally:
        writer.cancel()


def ids(reader: Reader) -> list[str]:
    """Return the ids of the live documents, in the order of the index."""
    return [reader.id_and_digest(n)[0] for n in range(reader.size) if reader.live[n]]


def documents(store: Store) -> dict[str, Document]:
    """Return the live documents of the latest commit by id."""
    reader = store.reader()
    found = [reader.document(n) for n in range(reader.size) if reader.live[n]]
    return {document.id: document for document in found}


def everything(store: Store) -> dict[str, Any]:
    """Return all documents and all postings of the latest commit, whatever its segments."""
    reader = store.reader()
    names = {n: reader.id_and_digest(n)[0] for n in range(reader.size) if reader.live[n]}
    found: dict[str, Any] = {"metadata": store.metadata()}
    first, last = reader.dates()
    for number, name in names.items():
        document = reader.document(number)
        segment = reader.segment_index(number)
        landmarks, _ = reader.positions.landmarks(segment, [number])
        syllables, _ = reader.positions.syllables(segment, [number])
        found[name] = (
            document,
            reader.id_and_digest(number)[1] == document.digest(),
            reader.source(number),
            int(first[number]),
            int(last[number]),
            [int(reader.lengths(field)[number]) for field in FIELDS],
            landmarks.syllables.tolist(),
            landmarks.offsets.tolist(),
            landmarks.sentences.tolist(),
            reader.positions.with_marks(segment)[syllables].tolist(),
        )
    for field in ALL_FIELDS:
        for text in _terms(reader, field):
            postings = reader.postings(field, text)
            places: list[Any] = postings.frequencies.tolist()
            if field.endswith("_marked"):
                places = reader.positions.term_positions(field, text, postings.doc_ids)
            if len(postings):
                numbers = postings.doc_ids.tolist()
                found[f"{field} {text}"] = dict(
                    zip((names[n] for n in numbers), places, strict=True)
                )
    return found


def _terms(reader: Reader, field: str) -> set[str]:
    """Return the terms of a field; raise the same error for damage as the reader's methods."""
    try:
        return {term.decode() for leaf in reader.leaves for term in leaf.segment.terms(field)}
    except (ValueError, IndexError) as error:
        raise IndexDamagedError(f"{reader.place}: {error}") from error


def leftovers(store: Store) -> set[str]:
    """Return the names of the files in the folder that the latest commit does not need."""
    needed = {MANIFEST_FILE, LOCK_FILE, *read_manifest(store.directory).files()}
    return set(store.directory.names()) - needed
