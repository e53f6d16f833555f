"""Whoosh's view of one commit."""

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
    """One commit as a `whoosh.reading.IndexReader`; its fields are those of `schema`.

    To Whoosh it is one segment without deletions: documents are numbered anew, without
    those that were removed, so that no statistic counts one and no query can find one.
    May be used from many threads.

    Args:
        reader: The commit.
    """

    def __init__(self, reader: Reader) -> None:
        self.schema = schema()
        self.is_closed = False
        self._reader = reader
        self.numbers: Int32Array = np.flatnonzero(reader.live).astype(np.int32)
        """The number in `Reader` of each document, int32, shape (doc_count(),)."""
        self._places: Int32Array | None = None
        if len(self.numbers) < reader.size:
            self._places = np.cumsum(reader.live, dtype=np.int32) - np.int32(1)
        self._lexicons: dict[str, Lexicon] = {}
        self._lengths: dict[str, Int64Array] = {}
        # The syllables read last, and of which text: the terms of a phrase ask in turn for
        # the same one.
        self._last: tuple[tuple[str, int], Int32Array] | None = None

    def __repr__(self) -> str:
        return f"ColumnReader({self._reader.place!r}, generation {self.generation()})"

    def close(self) -> None:
        """Has every later question refused, as Whoosh's own readers do."""
        self._check_open()
        self.is_closed = True

    def _check_open(self) -> None:
        if self.is_closed:
            raise ReaderClosed("Reader already closed")

    def generation(self) -> int:
        """The number of the commit."""
        return self._reader.manifest.generation

    # Documents.

    def doc_count(self) -> int:
        """How many documents there are."""
        self._check_open()
        return len(self.numbers)

    def doc_count_all(self) -> int:
        """The same: removed documents have no numbers."""
        return self.doc_count()

    def has_deletions(self) -> bool:
        """Never."""
        self._check_open()
        return False

    def is_deleted(self, docnum: int) -> bool:
        """Never."""
        self._check_open()
        return False

    def all_doc_ids(self) -> Iterator[int]:
        """The numbers of all documents."""
        return iter(range(self.doc_count()))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The document as it was added, its digest and its file, in the field `stored`."""
        self._check_open()
        return {"stored": stored_value(self._reader, int(self.numbers[docnum]))}

    # Lengths: exact, where Whoosh's own files round them.

    def _field_lengths(self, fieldname: str) -> Int64Array | None:
        """How many terms each document has; None for a field that keeps no lengths."""
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
        name, _, view = fieldname.partition("_")
        if view == "word":
            parts = [count_terms(leaf, fieldname) for leaf in self._reader.leaves]
            return np.concatenate([*parts, np.zeros(0, np.int64)])
        lengths = self._reader.lengths(name).astype(np.int64)
        return np.maximum(lengths - 1, 0) if is_pair_field(fieldname) else lengths

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """How many terms a field of a document has."""
        lengths = self._field_lengths(fieldname)
        return default if lengths is None else int(lengths[docnum])

    def field_length(self, fieldname: str) -> int:
        """How many terms a field has in all documents."""
        lengths = self._field_lengths(fieldname)
        return 0 if lengths is None else int(lengths.sum())

    def min_field_length(self, fieldname: str) -> int:
        """The length of the field where it is shortest."""
        lengths = self._field_lengths(fieldname)
        return 0 if lengths is None or not len(lengths) else int(lengths.min())

    def max_field_length(self, fieldname: str) -> int:
        """The length of the field where it is longest."""
        lengths = self._field_lengths(fieldname)
        return 0 if lengths is None or not len(lengths) else int(lengths.max())

    # Terms.

    def _indexed(self, fieldname: str) -> FieldType:
        """The field; an error if it has no terms."""
        self._check_open()
        if fieldname not in self.schema:
            raise TermNotFound(f"No field {fieldname!r}")
        field = self.schema[fieldname]
        if not field.indexed:
            raise TermNotFound(f"Field {fieldname!r} is not indexed")
        return field

    def _postings(self, fieldname: str, text: str | bytes) -> Postings:
        """The postings of a term, by Whoosh's numbers; empty where it does not occur."""
        encoded: bytes = self._indexed(fieldname).to_bytes(text)
        # No term has surrogates, so that what is no UTF-8 is found nowhere.
        found = self._reader.postings(fieldname, encoded.decode("utf-8", "surrogateescape"))
        return Postings(self._numbered(found.doc_ids), found.frequencies)

    def _lexicon(self, fieldname: str) -> Lexicon:
        self._indexed(fieldname)
        lexicon = self._lexicons.get(fieldname)
        if lexicon is None:
            lexicon = self._lexicons[fieldname] = Lexicon(self._reader, fieldname)
        return lexicon

    def __contains__(self, term: tuple[str, str | bytes]) -> bool:
        self._check_open()
        return term[0] in self.schema and bool(len(self._postings(*term)))

    def indexed_field_names(self) -> list[str]:
        """The fields that have terms, ascending."""
        return sorted(name for name, field in self.schema.items() if field.indexed)

    def all_terms(self) -> Iterator[tuple[str, bytes]]:
        """Every field and term, ascending."""
        self._check_open()
        return self._terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: str | bytes) -> Iterator[tuple[str, bytes]]:
        """The terms of a field from one on, then those of the fields that follow it."""
        encoded: bytes = self._indexed(fieldname).to_bytes(prefix)
        return self._terms_from(fieldname, encoded)

    def _terms_from(self, fieldname: str, start: bytes) -> Iterator[tuple[str, bytes]]:
        for name in self.indexed_field_names():
            if name >= fieldname:
                first = start if name == fieldname else b""
                yield from ((name, text) for text in self._lexicon(name).beginning_at(first))

    def lexicon(self, fieldname: str) -> Iterator[bytes]:
        """The terms of a field, ascending."""
        return self._lexicon(fieldname).beginning_at(b"")

    def terms_within(
        self, fieldname: str, text: str, maxdist: int, prefix: int = 0
    ) -> Iterator[str]:
        """The terms at most `maxdist` letters away that begin with the same `prefix` ones."""
        from_bytes = self._indexed(fieldname).from_bytes
        found = [from_bytes(term) for term in self.expand_prefix(fieldname, text[:prefix])]
        return iter(terms_within_distance(found, text, maxdist))

    def doc_frequency(self, fieldname: str, text: str | bytes) -> int:
        """How many documents have a term."""
        return len(self._postings(fieldname, text))

    def frequency(self, fieldname: str, text: str | bytes) -> int:
        """How often a term occurs."""
        return int(self._postings(fieldname, text).frequencies.sum())

    def term_info(self, fieldname: str, text: str | bytes) -> TermInfo:
        """Statistics of a term."""
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
        """A matcher over the postings of a term."""
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

    # What no term tells.

    def together(
        self, name: str, terms: Sequence[tuple[str, str]], slop: int | None = None
    ) -> Int32Array:
        """The documents that hold syllables together, as `store.phrases.together` has it."""
        self._check_open()
        return self._numbered(
            documents_with_phrase(self._reader, name, terms, slop, self._reader.live)
        )

    def dated(self, first: int, last: int) -> Int32Array:
        """The documents whose date may be one of some days, given as their ordinals."""
        self._check_open()
        begins, ends = self._reader.dates()
        of_days = (begins > 0) & (ends >= first) & (begins <= last) & self._reader.live
        return self._numbered(np.flatnonzero(of_days).astype(np.int32))

    def _numbered(self, documents: Int32Array) -> Int32Array:
        """Whoosh's numbers of documents."""
        return documents if self._places is None else self._places[documents]

    # Positions, from the streams of syllables.

    def _positions(self, fieldname: str, term: str) -> Callable[[int], list[int]]:
        """What gives the positions of a syllable in a document."""
        name, _, view = fieldname.partition("_")

        @functools.cache
        def spelled(leaf: int) -> BoolArray:
            return self._reader.leaves[leaf].segment.marked_forms_mask(view, term)

        def positions(docnum: int) -> list[int]:
            leaf, syllables = self._syllables(name, docnum)
            return np.flatnonzero(spelled(leaf)[syllables]).tolist()

        return positions

    def _syllables(self, name: str, docnum: int) -> tuple[int, Int32Array]:
        """The segment that a document is in, and the marked syllables of one of its texts."""
        number = int(self.numbers[docnum])
        leaves = self._reader.leaves
        leaf = self._reader.segment_index(number)
        last = self._last
        if last is None or last[0] != (name, docnum):
            text = len(FIELDS) * (number - leaves[leaf].doc_base) + FIELDS.index(name)
            last = (name, docnum), leaves[leaf].segment.token_streams.read(text, text + 1)
            self._last = last
        return leaf, last[1]

    # Vectors: the terms of one document, from the same streams.

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        """Whether `vector` gives the terms of a field: those with positions."""
        self._check_open()
        return fieldname.partition("_")[2] in VIEWS_WITH_POSITIONS

    def vector(self, docnum: int, fieldname: str, format_: Any = None) -> ListMatcher:
        """The terms of a field of one document, ascending, as Whoosh's vectors are read."""
        if not self.has_vector(docnum, fieldname):
            raise KeyError(f"No vectors are kept for field {fieldname!r}")
        name, _, view = fieldname.partition("_")
        leaf, syllables = self._syllables(name, docnum)
        segment = self._reader.leaves[leaf].segment
        terms = segment.folded_of_marked[syllables] if view == "folded" else syllables
        distinct, owners = np.unique(terms, return_inverse=True)
        places: list[list[int]] = [[] for _ in range(len(distinct))]
        for at, owner in enumerate(owners.tolist()):
            places[owner].append(at)
        field = self.schema[fieldname]
        strings = segment.term_dictionary(view)
        return ListMatcher(
            [field.from_bytes(strings[number]) for number in distinct.tolist()],
            [float(len(each)) for each in places],
            [field.format.encode(each) for each in places],
            field.format,
        )

    # Columns.

    def has_column(self, fieldname: str) -> bool:
        """Whether there is a column of that name."""
        self._check_open()
        return fieldname in _COLUMNS

    def column_reader(
        self,
        fieldname: str,
        column: Column | None = None,
        reverse: bool = False,
        translate: bool = True,
    ) -> ArrayColumn:
        """One number a document: a length in syllables, or a day as its ordinal."""
        if not self.has_column(fieldname):
            raise KeyError(f"No column for field {fieldname!r}")
        name, _, what = fieldname.partition("_")
        if what == "length":
            values = self._reader.lengths(name)
        else:
            values = self._reader.dates()[("first", "last").index(what)]
        return ArrayColumn(values[self.numbers], reverse=reverse)
