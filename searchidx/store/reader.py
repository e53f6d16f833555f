"""One commit of an index, read as arrays."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.columns import NumericColumn
from whoosh.reading import IndexReader, TermNotFound

from searchidx.document import Document
from searchidx.store.views import ABBREVIATION_KEYS

Documents = npt.NDArray[np.int32]
"""Document numbers: 0 to the number of documents - 1 of one commit, ascending."""

# Postings are decoded from pickled blocks, which costs more than anything else in a
# search, and users refine the query that they have just typed.
_CACHE_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Postings:
    """Where a term occurs.

    Attributes:
        documents: int32, shape (n,), ascending.
        frequencies: int32, shape (n,), how often it occurs in each.
    """

    documents: Documents
    frequencies: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.documents)


_NONE: Final = Postings(np.empty(0, np.int32), np.empty(0, np.int32))


class Reader:
    """One commit, whole, for as long as this object lives.

    Whoosh's readers share one file position among all their users, so that every access
    to the files holds a lock; arrays that were handed out are nobody's and everybody's.
    """

    def __init__(
        self, whoosh: IndexReader, reading: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self.whoosh = whoosh
        """Whoosh's own reader of this commit, for its searchers; not thread-safe."""
        self._reading = reading
        self._lock = threading.RLock()
        self._cache: OrderedDict[tuple[str, str], Postings] = OrderedDict()
        self._cached_bytes = 0
        self._columns: dict[str, npt.NDArray[np.int32]] = {}
        with self._access():
            self._leaves: list[tuple[Any, int]] = [
                (leaf, offset)
                for leaf, offset in whoosh.leaf_readers()
                if leaf.doc_count_all() > 0
            ]
            self.size = int(whoosh.doc_count_all())
            self.live = self._live_documents()
        """bool, shape (size,): False where a document was removed."""

    @contextmanager
    def _access(self) -> Iterator[None]:
        with self._lock, self._reading():
            yield

    def _live_documents(self) -> npt.NDArray[np.bool_]:
        live = np.ones(self.size, np.bool_)
        for leaf, offset in self._leaves:
            for number in leaf.segment().deleted_docs():
                live[offset + number] = False
        live.flags.writeable = False
        return live

    @property
    def document_count(self) -> int:
        """How many documents the commit holds."""
        return int(self.live.sum())

    def close(self) -> None:
        """Closes the files; the reader must not be used afterwards."""
        with self._lock:
            self.whoosh.close()

    def postings(self, field: str, term: str) -> Postings:
        """Where `term` occurs in `field` (such as "body_folded"); empty if nowhere."""
        key = (field, term)
        with self._access():
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
            found = self._read_postings(field, term.encode("utf-8"))
            self._cache[key] = found
            self._cached_bytes += _weight(found)
            while self._cached_bytes > _CACHE_BYTES and len(self._cache) > 1:
                _, oldest = self._cache.popitem(last=False)
                self._cached_bytes -= _weight(oldest)
            return found

    def _read_postings(self, field: str, term: bytes) -> Postings:
        documents: list[npt.NDArray[np.int32]] = []
        frequencies: list[npt.NDArray[np.int32]] = []
        for matcher, offset in self._matchers(field, term):
            for numbers, counts in _blocks(matcher):
                documents.append(numbers + np.int32(offset))
                frequencies.append(counts)
        if not documents:
            return _NONE
        numbers, counts = np.concatenate(documents), np.concatenate(frequencies)
        keep = self.live[numbers]
        if not keep.all():
            numbers, counts = numbers[keep], counts[keep]
        numbers.flags.writeable = counts.flags.writeable = False
        return Postings(numbers, counts)

    def _matchers(self, field: str, term: bytes) -> Iterator[tuple[Any, int]]:
        """Whoosh's matcher of each segment that has the term, removed documents included."""
        for leaf, offset in self._leaves:
            try:
                # Not leaf.postings(): where documents were removed, that wraps the
                # matcher in one that hides its blocks.
                matcher = leaf._terms.matcher(field, term, leaf.schema[field].format)
            except TermNotFound:
                continue
            yield matcher, offset

    def positions(self, field: str, term: str, documents: Documents) -> list[list[int]]:
        """The positions of `term` in each of `documents` that all hold it, ascending."""
        found: list[list[int]] = []
        with self._access():
            for matcher, offset in self._matchers(field, term.encode("utf-8")):
                for number in documents[np.searchsorted(documents, offset) :].tolist():
                    if not matcher.is_active():
                        break
                    matcher.skip_to(number - offset)
                    if matcher.is_active() and matcher.id() == number - offset:
                        found.append(matcher.value_as("positions"))
        return found

    def lengths(self, field: str) -> npt.NDArray[np.int32]:
        """How many syllables "title" or "body" has in each document: int32, shape (size,)."""
        return self._column(f"{field}_length")

    def dates(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """The first and last day that each document's date may mean.

        Two arrays, int32, shape (size,), of `datetime.date.toordinal`; 0 where no date,
        or no year, is known.
        """
        return self._column("date_first"), self._column("date_last")

    def _column(self, name: str) -> npt.NDArray[np.int32]:
        with self._access():
            if name not in self._columns:
                column = np.zeros(self.size, np.int32)
                for leaf, offset in self._leaves:
                    if leaf.has_column(name):
                        values = _numbers(leaf.column_reader(name, translate=False))
                        column[offset : offset + len(values)] = values
                column.flags.writeable = False
                self._columns[name] = column
            return self._columns[name]

    def document(self, number: int) -> Document:
        """The document of that number, as it was added."""
        return Document(**self._stored(number)["document"])

    def identity(self, number: int) -> tuple[str, str]:
        """The id and the `Document.digest` of the document of that number."""
        stored = self._stored(number)
        return stored["document"]["id"], stored["digest"]

    def _stored(self, number: int) -> dict[str, Any]:
        with self._access():
            stored: dict[str, Any] = self.whoosh.stored_fields(number)["stored"]
            return stored

    def source(self, number: int) -> str | None:
        """The file that the document of that number came from, if it is kept up with it."""
        source: str | None = self._stored(number)["source"]
        return source

    def number(self, id_: str) -> int | None:
        """The number of the document with that id, or None."""
        found = self.postings("id", id_).documents
        return int(found[0]) if len(found) else None

    def from_source(self, path: str) -> Documents:
        """The numbers of the documents that came from the file at `path`."""
        return self.postings("source", path).documents

    def abbreviations(self, field: str, form: str) -> list[tuple[str, str, int]]:
        """The abbreviations that documents introduce for a form, the most common first.

        Args:
            field: "short_form" or "long_form": what `form` is.
            form: As it was typed, with marks or without.

        Returns:
            Short form, long form, and how many documents introduce the two together.
        """
        beginning = f"{ABBREVIATION_KEYS[field](form)}\t"
        with self._access():
            found = {
                term.decode("utf-8")
                for leaf, _ in self._leaves
                for term in leaf.expand_prefix(field, beginning.encode("utf-8"))
            }
        pairs = []
        for term in found:
            _, short, long = term.split("\t")
            pairs.append((short, long, len(self.postings(field, term))))
        return sorted(
            (pair for pair in pairs if pair[2]), key=lambda pair: (-pair[2], pair[0], pair[1])
        )

    def term_count(self, field: str) -> int:
        """How many distinct terms `field` has, those of removed documents included."""
        with self._access():
            return sum(1 for _ in self.whoosh.field_terms(field))


def _weight(postings: Postings) -> int:
    """The bytes that a cached entry is counted as."""
    return postings.documents.nbytes + postings.frequencies.nbytes + 200


def _blocks(
    matcher: Any,
) -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]]:
    """Document numbers and frequencies of a Whoosh matcher, a block at a time."""
    if not isinstance(matcher, W3LeafMatcher):
        # A single posting, kept in the term dictionary.
        yield np.array([matcher.id()], np.int32), np.array([matcher.weight()], np.int32)
        return
    while True:
        matcher._read_data()
        distances, weights, _ = matcher._data
        numbers = np.cumsum(np.array(distances, np.int32), dtype=np.int32)
        if weights is None:
            counts = np.ones(len(numbers), np.int32)
        elif isinstance(weights, float):
            counts = np.full(len(numbers), weights, np.int32)
        else:
            counts = np.array(weights, np.int32)
        yield numbers, counts
        if matcher._lastblock:
            return
        matcher._next_block()


def _numbers(column: NumericColumn.Reader) -> npt.NDArray[np.int32]:
    """A Whoosh column of 32-bit numbers, as far as it was written."""
    raw = column._dbfile.get(column._basepos, column._count * 4)
    return np.frombuffer(raw, ">u4").astype(np.int32)
