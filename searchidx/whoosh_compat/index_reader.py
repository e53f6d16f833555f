"""Implement `whoosh.reading.IndexReader` over one commit."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from whoosh.columns import Column
from whoosh.fields import FieldType
from whoosh.matching import ListMatcher
from whoosh.reading import IndexReader, ReaderClosed, TermInfo, TermNotFound
from whoosh.scoring import BaseScorer

from searchidx.arrays import BoolArray, Int32Array, Int64Array
from searchidx.store import Postings, Reader, documents_with_phrase
from searchidx.store.schema import FIELDS, is_pair_field
from searchidx.whoosh_compat.columns import ArrayColumn
from searchidx.whoosh_compat.matcher import PostingsMatcher
from searchidx.whoosh_compat.schema import VIEWS_WITH_POSITIONS, schema, stored_value
from searchidx.whoosh_compat.term_enumeration import Lexicon, count_terms, terms_within_distance

_COLUMNS: Final = (*(f"{field}_length" for field in FIELDS), "date_first", "date_last")


class ColumnReader(IndexReader):  # type: ignore[misc]  # Whoosh has no types
    """A `whoosh.reading.IndexReader` over one commit, with the fields of `schema`.

    Whoosh sees one segment without deletions.  Documents get new, consecutive numbers, so
    that deleted documents are in no statistics and in no results.  Safe for use from many
    threads.

    Args:
        reader: The commit.
    """

    def __init__(self, reader: Reader) -> None:
        self.schema = schema()
        self.is_closed = False
        self._reader = reader
        self.numbers: Int32Array = np.flatnonzero(reader.live).astype(np.int32)
        """int32, shape (doc_count(),): the id in the commit of each document number."""
        self._whoosh_numbers: Int32Array | None = None  # by the id in the commit
        if len(self.numbers) < reader.size:
            self._whoosh_numbers = np.cumsum(reader.live, dtype=np.int32) - np.int32(1)
        self._lexicons: dict[str, Lexicon] = {}
        self._lengths: dict[str, Int64Array] = {}
        # The text that was read last and its syllables: the terms of a phrase read the same
        # text one after the other.
        self._last_text: tuple[tuple[str, int], Int32Array] | None = None

    def __repr__(self) -> str:
        return f"ColumnReader({self._reader.place!r}, generation {self.generation()})"

    def close(self) -> None:
        """Close the reader: later calls raise ReaderClosed, as in Whoosh's own readers."""
        self._check_open()
        self.is_closed = True

    def _check_open(self) -> None:
        """Raise ReaderClosed after `close`."""
        if self.is_closed:
            raise ReaderClosed("Reader already closed")

    def generation(self) -> int:
        """Return the number of the commit."""
        return self._reader.manifest.generation

    # Documents.

    def doc_count(self) -> int:
        """Return the number of documents."""
        self._check_open()
        return len(self.numbers)

    def doc_count_all(self) -> int:
        """Return the same as `doc_count`: deleted documents have no numbers."""
        return self.doc_count()

    def has_deletions(self) -> bool:
        """Return False: no document is marked as deleted."""
        self._check_open()
        return False

    def is_deleted(self, docnum: int) -> bool:
        """Return False: no document is marked as deleted."""
        self._check_open()
        return False

    def all_doc_ids(self) -> Iterator[int]:
        """Return the numbers of all documents."""
        return iter(range(self.doc_count()))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return the field `stored` with the document, its digest and its source file."""
        self._check_open()
        return {"stored": stored_value(self._reader, int(self.numbers[docnum]))}

    # Lengths are exact; Whoosh's own files round them.

    def _field_lengths(self, fieldname: str) -> Int64Array | None:
        """Return the number of terms of each document; None for a field without lengths."""
        self._check_open()
        if fieldname not in self.schema:
            return None
        field = self.schema[fieldname]
        if not field.indexed or not field.scorable:
            return None
        lengths = self._lengths.get(fieldname)
        if lengths is None:
            lengths = self._count_terms(fieldname)[self.numbers]
            self._lengths[fieldname] = lengths
        return lengths

    def _count_terms(self, fieldname: str) -> Int64Array:
        """Return the number of terms by the id in the commit: int64, shape (size,)."""
        name, _, view = fieldname.partition("_")
        if view == "word":
            parts = [count_terms(leaf, fieldname) for leaf in self._reader.leaves]
            return np.concatenate([*parts, np.zeros(0, np.int64)])
        lengths = self._reader.lengths(name).astype(np.int64)
        return np.maximum(lengths - 1, 0) if is_pair_field(fieldname) else lengths

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the number of terms in a field of a document."""
        lengths = self._field_lengths(fieldname)
        return default if lengths is None else int(lengths[docnum])

    def field_length(self, fieldname: str) -> int:
        """Return the number of terms in a field of all documents."""
        lengths = self._field_lengths(fieldname)
        return 0 if lengths is None else int(lengths.sum())

    def min_field_length(self, fieldname: str) -> int:
        """Return the length of the shortest field of a document."""
        lengths = self._field_lengths(fieldname)
        return 0 if lengths is None or not len(lengths) else int(lengths.min())

    def max_field_length(self, fieldname: str) -> int:
        """Return the length of the longest field of a document."""
        lengths = self._field_lengths(fieldname)
        return 0 if lengths is None or not len(lengths) else int(lengths.max())

    # Terms.

    def _indexed(self, fieldname: str) -> FieldType:
        """Return a field with terms, or raise TermNotFound."""
        self._check_open()
        if fieldname not in self.schema:
            raise TermNotFound(f"No field {fieldname!r}")
        field = self.schema[fieldname]
        if not field.indexed:
            raise TermNotFound(f"Field {fieldname!r} is not indexed")
        return field

    def _postings(self, fieldname: str, text: str | bytes) -> Postings:
        """Return the postings of a term with Whoosh's document numbers; may be empty."""
        encoded: bytes = self._indexed(fieldname).to_bytes(text)
        # Bytes that are not UTF-8 become surrogates, which no term contains.
        found = self._reader.postings(fieldname, encoded.decode("utf-8", "surrogateescape"))
        return Postings(self._to_whoosh_numbers(found.doc_ids), found.frequencies)

    def _lexicon(self, fieldname: str) -> Lexicon:
        """Return the cached lexicon of a field."""
        self._indexed(fieldname)
        lexicon = self._lexicons.get(fieldname)
        if lexicon is None:
            lexicon = self._lexicons[fieldname] = Lexicon(self._reader, fieldname)
        return lexicon

    def __contains__(self, term: tuple[str, str | bytes]) -> bool:
        self._check_open()
        return term[0] in self.schema and bool(len(self._postings(*term)))

    def indexed_field_names(self) -> list[str]:
        """Return the names of the fields with terms, ascending."""
        return sorted(name for name, field in self.schema.items() if field.indexed)

    def all_terms(self) -> Iterator[tuple[str, bytes]]:
        """Return every pair of a field and a term, ascending."""
        self._check_open()
        return self._terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: str | bytes) -> Iterator[tuple[str, bytes]]:
        """Return the terms of a field from `prefix` on, then those of the later fields."""
        encoded: bytes = self._indexed(fieldname).to_bytes(prefix)
        return self._terms_from(fieldname, encoded)

    def _terms_from(self, fieldname: str, start: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield the terms from a field and term on."""
        for name in self.indexed_field_names():
            if name >= fieldname:
                first = start if name == fieldname else b""
                yield from ((name, text) for text in self._lexicon(name).terms_from(first))

    def lexicon(self, fieldname: str) -> Iterator[bytes]:
        """Return the terms of a field, ascending."""
        return self._lexicon(fieldname).terms_from(b"")

    def terms_within(
        self, fieldname: str, text: str, maxdist: int, prefix: int = 0
    ) -> Iterator[str]:
        """Return the terms of a field that are similar to a text (for fuzzy queries).

        Args:
            fieldname: The field.
            text: The text.
            maxdist: The largest edit distance, in letters.
            prefix: How many letters at the start must be the same.
        """
        from_bytes = self._indexed(fieldname).from_bytes
        found = [from_bytes(term) for term in self.expand_prefix(fieldname, text[:prefix])]
        return iter(terms_within_distance(found, text, maxdist))

    def doc_frequency(self, fieldname: str, text: str | bytes) -> int:
        """Return the number of documents that contain a term."""
        return len(self._postings(fieldname, text))

    def frequency(self, fieldname: str, text: str | bytes) -> int:
        """Return the number of occurrences of a term in all documents."""
        return int(self._postings(fieldname, text).frequencies.sum())

    def term_info(self, fieldname: str, text: str | bytes) -> TermInfo:
        """Return the statistics of a term."""
        postings = self._postings(fieldname, text)
        if not len(postings):
            raise TermNotFound(f"{fieldname}:{text!r}")
        lengths = self._field_lengths(fieldname)
        of_term = np.zeros(1) if lengths is None else lengths[postings.doc_ids]
        return TermInfo(
            weight=float(postings.frequencies.sum()),
            df=len(postings),
            minlength=int(of_term.min()),
            maxlength=int(of_term.max()),
            maxweight=float(postings.frequencies.max()),
            minid=int(postings.doc_ids[0]),
            maxid=int(postings.doc_ids[-1]),
        )

    def postings(
        self, fieldname: str, text: str | bytes, scorer: BaseScorer | None = None
    ) -> PostingsMatcher:
        """Return a matcher over the postings of a term."""
        postings = self._postings(fieldname, text)
        if not len(postings):
            raise TermNotFound(f"{fieldname}:{text!r}")
        field = self.schema[fieldname]
        encoded: bytes = field.to_bytes(text)
        return PostingsMatcher(
            postings,
            (fieldname, encoded),
            field.format,
            self._positions(fieldname, encoded.decode("utf-8", "surrogateescape")),
            scorer,
        )

    # Documents for the queries that are not made of terms.

    def documents_with_syllables(
        self, name: str, terms: Sequence[tuple[str, str]], slop: int | None = None
    ) -> Int32Array:
        """Return the documents with a phrase or a window of syllables, ascending.

        Args:
            name: "title" or "body".
            terms: The syllables, as for `searchidx.store.documents_with_phrase`.
            slop: None for a phrase, else how many other syllables the window may have.
        """
        self._check_open()
        return self._to_whoosh_numbers(
            documents_with_phrase(self._reader, name, terms, slop, self._reader.live)
        )

    def documents_in_date_range(self, first: int, last: int) -> Int32Array:
        """Return the documents whose date may be in a range of days, ascending.

        Args:
            first: The first day, as in `datetime.date.toordinal`.
            last: The last day.
        """
        self._check_open()
        begins, ends = self._reader.dates()
        of_days = (begins > 0) & (ends >= first) & (begins <= last) & self._reader.live
        return self._to_whoosh_numbers(np.flatnonzero(of_days).astype(np.int32))

    def _to_whoosh_numbers(self, documents: Int32Array) -> Int32Array:
        """Return Whoosh's numbers of documents that are given by their ids in the commit."""
        return documents if self._whoosh_numbers is None else self._whoosh_numbers[documents]

    # Positions, from the token streams.

    def _positions(self, fieldname: str, term: str) -> Callable[[int], list[int]]:
        """Return a function that reads the positions of a syllable in a document."""
        name, _, view = fieldname.partition("_")

        @functools.cache
        def form_mask(leaf: int) -> BoolArray:
            return self._reader.leaves[leaf].segment.marked_forms_mask(view, term)

        def positions(docnum: int) -> list[int]:
            leaf, syllables = self._syllables(name, docnum)
            return np.flatnonzero(form_mask(leaf)[syllables]).tolist()

        return positions

    def _syllables(self, name: str, docnum: int) -> tuple[int, Int32Array]:
        """Return the segment of a document, and the marked syllables of a field of it."""
        number = int(self.numbers[docnum])
        leaves = self._reader.leaves
        leaf = self._reader.segment_index(number)
        last = self._last_text
        if last is None or last[0] != (name, docnum):
            text = len(FIELDS) * (number - leaves[leaf].doc_base) + FIELDS.index(name)
            last = (name, docnum), leaves[leaf].segment.token_streams.read(text, text + 1)
            self._last_text = last
        return leaf, last[1]

    # Vectors (Whoosh's name for the terms of one document), from the token streams.

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        """Return whether a field has vectors: the fields with positions have."""
        self._check_open()
        return fieldname.partition("_")[2] in VIEWS_WITH_POSITIONS

    def vector(self, docnum: int, fieldname: str, format_: Any = None) -> ListMatcher:
        """Return a matcher over the terms of a field of one document, ascending."""
        if not self.has_vector(docnum, fieldname):
            raise KeyError(f"No vectors are kept for field {fieldname!r}")
        name, _, view = fieldname.partition("_")
        leaf, syllables = self._syllables(name, docnum)
        segment = self._reader.leaves[leaf].segment
        terms = segment.folded_of_marked[syllables] if view == "folded" else syllables
        distinct, owners = np.unique(terms, return_inverse=True)
        positions: list[list[int]] = [[] for _ in range(len(distinct))]
        for position, owner in enumerate(owners.tolist()):
            positions[owner].append(position)
        field = self.schema[fieldname]
        strings = segment.term_dictionary(view)
        return ListMatcher(
            [field.from_bytes(strings[number]) for number in distinct.tolist()],
            [float(len(each)) for each in positions],
            [field.format.encode(each) for each in positions],
            field.format,
        )

    # Columns.

    def has_column(self, fieldname: str) -> bool:
        """Return whether a field has a column."""
        self._check_open()
        return fieldname in _COLUMNS

    def column_reader(
        self,
        fieldname: str,
        column: Column | None = None,
        reverse: bool = False,
        translate: bool = True,
    ) -> ArrayColumn:
        """Return a column of lengths in syllables, or of days as ordinals."""
        if not self.has_column(fieldname):
            raise KeyError(f"No column for field {fieldname!r}")
        name, _, what = fieldname.partition("_")
        if what == "length":
            values = self._reader.lengths(name)
        else:
            values = self._reader.dates()[("first", "last").index(what)]
        return ArrayColumn(values[self.numbers], reverse=reverse)
