"""Read one commit of an index as arrays."""

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
    """Read one commit, unchanged by later commits.

    Safe for use from many threads, and after a fork: the files it reads are never written
    to again, and its caches only grow.

    Documents have ids from 0 to `size` - 1 in the commit.  The ids of deleted documents
    stay unused.

    Args:
        directory: The folder of the index.
        manifest: The manifest of the commit.

    Raises:
        IndexDamagedError: A file is not what the manifest describes.
        FileNotFoundError: A file is missing, for example because a later commit removed it.
    """

    def __init__(self, directory: Directory, manifest: Manifest) -> None:
        self.place = str(directory.path)
        self.manifest = manifest
        self._columns: dict[str, Int32Array] = {}
        self.leaves: list[Leaf] = []
        """The segments of the commit, in the order of their document ids."""
        self.size = 0
        """The highest document id plus 1; deleted documents count."""
        live = []
        for entry in manifest.segments:
            segment = Segment(directory, entry.name)
            if segment.size != entry.size:
                raise damage_error(
                    segment.file.name, "its document count differs from the manifest"
                )
            kept = np.ones(segment.size, np.bool_)
            if entry.deletions:
                kept = ~read_deletions(directory, entry.deletions, entry.name, segment.size)
            if segment.size - int(kept.sum()) != entry.deleted_count:
                raise damage_error(
                    segment.file.name,
                    "its count of deleted documents differs from the manifest",
                )
            self.leaves.append(Leaf(segment, self.size, kept if entry.deleted_count else None))
            self.size += segment.size
            live.append(kept)
        self.live = np.concatenate([*live, np.zeros(0, np.bool_)])
        """bool, shape (size,): False where a document was deleted."""
        self.live.flags.writeable = False
        self.document_count = sum(
            entry.size - entry.deleted_count for entry in manifest.segments
        )
        """The number of documents, without the deleted ones."""
        self._postings = PostingsReader(self.place, self.leaves)
        self.keywords = KeywordFields(self.place, self.leaves, self._postings)
        """The terms of the keyword fields."""

    @cached_property
    def positions(self) -> SyllablePositions:
        """Return the syllables of the documents in text order."""
        # Loaded here because not every search needs it.
        from searchidx.store.commit.positions import SyllablePositions

        return SyllablePositions(self.place, self.leaves)

    @cached_property
    def vocabulary(self) -> SyllableVocabulary:
        """Return the syllables of the commit and their counts."""
        # Loaded here because not every search needs it.
        from searchidx.store.commit.vocabulary import SyllableVocabulary

        return SyllableVocabulary(self.place, self.leaves)

    def locate(self, doc_id: int) -> tuple[Segment, int]:
        """Return the segment of a document and the document's number in this segment."""
        leaf = self.leaves[self.segment_index(doc_id)]
        return leaf.segment, doc_id - leaf.doc_base

    def postings(self, field: str, term: str) -> Postings:
        """Return the postings of a term in a field such as "body_folded"; may be empty."""
        return self.postings_lists([(field, term)])[0]

    def postings_lists(self, terms: Sequence[tuple[str, str]]) -> list[Postings]:
        """Return the postings of several terms; one call for all is faster than one for each.

        Args:
            terms: The field and the text of each term.
        """
        return self._postings.read(terms)

    @_guarded
    def lengths(self, field: str) -> Int32Array:
        """Return the length of each "title" or "body" in syllables: int32, shape (size,)."""
        return self._column(field, lambda segment: segment.lengths(field))

    @_guarded
    def dates(self) -> tuple[Int32Array, Int32Array]:
        """Return the first and the last day that each document's date may mean.

        Returns:
            Two arrays, int32, shape (size,): days as in `datetime.date.toordinal`; 0 for a
            document without a date or without a year.
        """
        first = self._column("first day", lambda segment: segment.dates()[:, 0])
        last = self._column("last day", lambda segment: segment.dates()[:, 1])
        return first, last

    def _column(self, name: str, read: Callable[[Segment], npt.NDArray[Any]]) -> Int32Array:
        """Return a cached column over all documents, read segment by segment."""
        column = self._columns.get(name)
        if column is None:
            column = np.zeros(self.size, np.int32)
            for leaf in self.leaves:
                end = leaf.doc_base + leaf.segment.size
                column[leaf.doc_base : end] = read(leaf.segment)
            column.flags.writeable = False
            self._columns[name] = column
        return column

    @_guarded
    def head(self, doc_id: int) -> DocumentHead:
        """Return the stored fields of a document without its body."""
        segment, local_doc_id = self.locate(doc_id)
        return segment.head(local_doc_id)

    @_guarded
    def body(self, doc_id: int, start: int = 0, stop: int | None = None) -> tuple[str, int]:
        """Return a part of a body that contains a range of code points.

        Args:
            doc_id: The document.
            start: The start of the range in the body, in code points.
            stop: The end of the range; None for the end of the body.

        Returns:
            The part, and the offset in the body where it starts, in code points.
        """
        segment, local_doc_id = self.locate(doc_id)
        return segment.bodies.read(local_doc_id, start, stop)

    def segment_index(self, doc_id: int) -> int:
        """Return the index of the segment that holds a document."""
        return leaf_index(self.leaves, doc_id)

    def heads(self, doc_ids: DocIds | None = None) -> Iterator[tuple[int, DocumentHead]]:
        """Yield the id and the head of documents; each stored block is read once.

        Args:
            doc_ids: The documents, ascending; None for all that were not deleted.
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
        """Return all heads of one stored block."""
        return segment.head_block(block)

    def documents(self, doc_ids: DocIds | None = None) -> Iterator[Document]:
        """Yield documents one by one, in the order of their ids.

        Args:
            doc_ids: The documents, ascending; None for all that were not deleted.
        """
        for doc_id, head in self.heads(doc_ids):
            yield self._document(doc_id, head)

    def document(self, doc_id: int) -> Document:
        """Return a document as it was added."""
        return self._document(doc_id, self.head(doc_id))

    def _document(self, doc_id: int, head: DocumentHead) -> Document:
        """Build a document from its head and its stored body."""
        try:
            return head.document(self.body(doc_id)[0])
        except DocumentError as error:  # such a document could not have been added
            raise damage_error(self.place, str(error)) from error

    @_guarded
    def id_and_digest(self, doc_id: int) -> tuple[str, str]:
        """Return the external id and the `Document.digest` of a document."""
        segment, local_doc_id = self.locate(doc_id)
        return segment.head(local_doc_id).id, segment.digest(local_doc_id)

    def source(self, doc_id: int) -> str | None:
        """Return the file that a document follows, or None if it follows no file."""
        return self.head(doc_id).source

    def doc_id(self, id_: str) -> int | None:
        """Return the id in this commit of the document with an external id, or None."""
        doc_ids = self.postings("id", id_).doc_ids
        return int(doc_ids[0]) if len(doc_ids) else None

    def doc_ids_from_source(self, path: str) -> DocIds:
        """Return the documents that follow the file at `path`."""
        return self.postings("source", path).doc_ids

    @_guarded
    def term_count(self, field: str) -> int:
        """Return the number of distinct terms of a field; terms of deleted documents count."""
        if len(self.leaves) == 1:
            return int((self.leaves[0].segment.posting_lists(field).counts() > 0).sum())
        return len({term for leaf in self.leaves for term in leaf.segment.terms(field)})
