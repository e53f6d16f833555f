"""One commit of an index, read as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from searchidx.arrays import DocIds, Int32Array
from searchidx.document import Document
from searchidx.errors import DocumentError
from searchidx.store.commit.keywords import KeywordFields
from searchidx.store.commit.leaves import Leaf, leaf_index
from searchidx.store.commit.postings import Postings, PostingsReader
from searchidx.store.files.deletions import read_deletions
from searchidx.store.files.directory import Directory
from searchidx.store.files.guard import guarded as _guarded
from searchidx.store.files.manifest import Manifest
from searchidx.store.files.sections import damage_error
from searchidx.store.segment.segment import HEADS_PER_BLOCK, DocumentHead, Segment

if TYPE_CHECKING:
    from searchidx.store.commit.positions import SyllablePositions
    from searchidx.store.commit.vocabulary import SyllableVocabulary


class Reader:
    """One commit, whole, for as long as this object lives.

    May be used from many threads at once, and after a fork: it reads files that are never
    written to again, and what it remembers is only ever added to.
    """

    def __init__(self, directory: Directory, manifest: Manifest) -> None:
        self.place = str(directory.path)
        self.manifest = manifest
        self._columns: dict[str, Int32Array] = {}
        self.leaves: list[Leaf] = []
        """The segments, in the order of their documents."""
        self.size = 0
        """One more than the highest document number."""
        live = []
        for entry in manifest.segments:
            segment = Segment(directory, entry.name)
            if segment.size != entry.size:
                raise damage_error(segment.file.name, "it holds another number of documents")
            kept = np.ones(segment.size, np.bool_)
            if entry.deletions:
                kept = ~read_deletions(directory, entry.deletions, entry.name, segment.size)
            if segment.size - int(kept.sum()) != entry.deleted_count:
                raise damage_error(segment.file.name, "another number of documents was removed")
            self.leaves.append(Leaf(segment, self.size, kept if entry.deleted_count else None))
            self.size += segment.size
            live.append(kept)
        self.live = np.concatenate([*live, np.zeros(0, np.bool_)])
        """bool, shape (size,): False where a document was removed."""
        self.live.flags.writeable = False
        self.document_count = sum(
            entry.size - entry.deleted_count for entry in manifest.segments
        )
        """How many documents the commit holds."""
        self._postings = PostingsReader(self.place, self.leaves)
        self.keywords = KeywordFields(self.place, self.leaves, self._postings)
        """The terms of the fields of keywords."""

    @cached_property
    def positions(self) -> SyllablePositions:
        """The syllables of the commit's documents in their order."""
        from searchidx.store.commit.positions import (
            SyllablePositions,  # which not every search needs
        )

        return SyllablePositions(self.place, self.leaves)

    @cached_property
    def vocabulary(self) -> SyllableVocabulary:
        """The commit's syllables and what stands beside what."""
        from searchidx.store.commit.vocabulary import (
            SyllableVocabulary,  # which not every search needs
        )

        return SyllableVocabulary(self.place, self.leaves)

    def locate(self, number: int) -> tuple[Segment, int]:
        """The segment of a document, and the document's number in it."""
        leaf = self.leaves[self.segment_index(number)]
        return leaf.segment, number - leaf.doc_base

    def postings(self, field: str, term: str) -> Postings:
        """Where `term` occurs in `field` (such as "body_folded"); empty if nowhere."""
        return self.postings_lists([(field, term)])[0]

    def postings_lists(self, wanted: Sequence[tuple[str, str]]) -> list[Postings]:
        """Where terms occur, each given with its field; all at once is quicker."""
        return self._postings.read(wanted)

    @_guarded
    def lengths(self, field: str) -> Int32Array:
        """How many syllables "title" or "body" has in each document: int32, shape (size,)."""
        return self._column(field, lambda segment: segment.lengths(field))

    @_guarded
    def dates(self) -> tuple[Int32Array, Int32Array]:
        """The first and last day that each document's date may mean.

        Two arrays, int32, shape (size,), of `datetime.date.toordinal`; 0 where no date,
        or no year, is known.
        """
        first = self._column("first day", lambda segment: segment.dates()[:, 0])
        last = self._column("last day", lambda segment: segment.dates()[:, 1])
        return first, last

    def _column(self, name: str, of: Callable[[Segment], npt.NDArray[Any]]) -> Int32Array:
        column = self._columns.get(name)
        if column is None:
            column = np.zeros(self.size, np.int32)
            for leaf in self.leaves:
                column[leaf.doc_base : leaf.doc_base + leaf.segment.size] = of(leaf.segment)
            column.flags.writeable = False
            self._columns[name] = column
        return column

    @_guarded
    def head(self, number: int) -> DocumentHead:
        """What is stored of a document but for its body."""
        segment, local = self.locate(number)
        return segment.head(local)

    @_guarded
    def body(self, number: int, start: int = 0, stop: int | None = None) -> tuple[str, int]:
        """A part of a document's body that holds the code points from `start` to `stop`.

        Returns:
            The part, and where it begins.
        """
        segment, local = self.locate(number)
        return segment.bodies.read(local, start, stop)

    def segment_index(self, number: int) -> int:
        """Which of the commit's segments a document is in, counted from 0."""
        return leaf_index(self.leaves, number)

    def heads(self, doc_ids: DocIds | None = None) -> Iterator[tuple[int, DocumentHead]]:
        """Yield the number and the head of documents; each stored block is read once.

        Args:
            doc_ids: The documents, ascending; None for all that were not removed.
        """
        for leaf in self.leaves:
            base, end = leaf.doc_base, leaf.doc_base + leaf.segment.size
            if doc_ids is None:
                chosen = np.flatnonzero(self.live[base:end]).astype(np.int32)
            else:
                first, last = np.searchsorted(doc_ids, (base, end))
                chosen = doc_ids[first:last] - np.int32(base)
            block, heads = -1, list[DocumentHead]()
            for local in map(int, chosen):
                if local // HEADS_PER_BLOCK != block:
                    block = local // HEADS_PER_BLOCK
                    heads = self._head_block(leaf.segment, block)
                yield base + local, heads[local % HEADS_PER_BLOCK]

    @_guarded
    def _head_block(self, segment: Segment, block: int) -> list[DocumentHead]:
        return segment.head_block(block)

    def documents(self, doc_ids: DocIds | None = None) -> Iterator[Document]:
        """Yield documents one by one, in the order of their numbers.

        Args:
            doc_ids: The documents, ascending; None for all that were not removed.
        """
        for number, head in self.heads(doc_ids):
            yield self._document(number, head)

    def document(self, number: int) -> Document:
        """The document of that number, as it was added."""
        return self._document(number, self.head(number))

    def _document(self, number: int, head: DocumentHead) -> Document:
        try:
            return head.document(self.body(number)[0])
        except DocumentError as error:  # it could not have been added
            raise damage_error(self.place, str(error)) from error

    @_guarded
    def id_and_digest(self, number: int) -> tuple[str, str]:
        """The id and the `Document.digest` of the document of that number."""
        segment, local = self.locate(number)
        return segment.head(local).id, segment.digest(local)

    def source(self, number: int) -> str | None:
        """The file that the document of that number came from, if it is kept up with it."""
        return self.head(number).source

    def doc_id(self, id_: str) -> int | None:
        """The number of the document with that id, or None."""
        found = self.postings("id", id_).doc_ids
        return int(found[0]) if len(found) else None

    def doc_ids_from_source(self, path: str) -> DocIds:
        """The numbers of the documents that came from the file at `path`."""
        return self.postings("source", path).doc_ids

    @_guarded
    def term_count(self, field: str) -> int:
        """How many distinct terms `field` has, those of removed documents included."""
        if len(self.leaves) == 1:
            return int((self.leaves[0].segment.posting_lists(field).counts() > 0).sum())
        return len({term for leaf in self.leaves for term in leaf.segment.terms(field)})
