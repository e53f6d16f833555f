"""Merge the term dictionaries, postings and forward indexes of segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from searchidx.arrays import BoolArray, DocIds, Int32Array, Int64Array
from searchidx.store.codec.posting_lists import PostingLists, PostingListsWriter
from searchidx.store.codec.ranges import chunk_by_size, concatenate_ranges, exclusive_cumsum
from searchidx.store.codec.term_dictionary import write_pair_dictionary, write_term_dictionary
from searchidx.store.codec.token_streams import TokenStreamWriter
from searchidx.store.files.sections import SectionWriter
from searchidx.store.schema import FIELDS, KEYWORDS
from searchidx.store.segment.inversion import sorted_union
from searchidx.store.segment.merge_input import MergeInput

TermNumbers = Int32Array | Int64Array


@dataclass(frozen=True)
class TermRenumbering:
    """The new numbers of the terms of each part.

    Attributes:
        numbers: For each part the new number of each of its terms, shape (its terms,),
            ascending; int32, or int64 if there are more terms than int32 holds.  A term that
            occurs no more has the number of the next one that does.
        occurs: For each part whether each term still occurs: bool, shape (its terms,).
        count: How many terms there are in the new segment.
    """

    numbers: list[TermNumbers]
    occurs: list[BoolArray]
    count: int

    @classmethod
    def of(cls, numbers: Iterable[Int64Array], occurs: list[BoolArray], count: int) -> Self:
        """Return the renumbering.

        Args:
            numbers: For each part the new number of each term that occurs, and anything for
                the other terms.
            occurs: As in the attributes.
            count: As in the attributes.
        """
        dtype = np.int32 if count < 1 << 31 else np.int64
        filled = []
        for part_numbers, part_occurs in zip(numbers, occurs, strict=True):
            from_end = np.where(part_occurs, part_numbers, count)[::-1].astype(dtype)
            filled.append(np.minimum.accumulate(from_end)[::-1])
        return cls(filled, occurs, count)


@dataclass(frozen=True)
class _Postings:
    """The postings of consecutive terms of one part, with new numbers.

    Attributes:
        terms: The number of each term, from 0 for the first term of the chunk, shape (terms,).
        counts: How many documents each term has, shape (terms,).
        documents: The documents, list after list, shape (postings,).
        frequencies: How often the term occurs in each, shape (postings,).
    """

    terms: TermNumbers
    counts: Int64Array
    documents: DocIds
    frequencies: Int32Array


class TermMerge:
    """Merge all that finds documents by their terms.

    Args:
        sections: The file of the new segment.
        parts: The segments.
    """

    def __init__(self, sections: SectionWriter, parts: Sequence[MergeInput]) -> None:
        self._sections = sections
        self._parts = parts
        self._segments = [part.segment for part in parts]
        self._size = 0
        # For each part the new number of each document; -1 for a deleted one.
        self._doc_ids: list[DocIds] = []
        for part in parts:
            doc_ids = np.cumsum(part.live, dtype=np.int32) + np.int32(self._size - 1)
            doc_ids[~part.live] = -1
            self._doc_ids.append(doc_ids)
            self._size += part.live_count

    def write(self) -> None:
        """Write all term dictionaries and postings, and the forward index."""
        for name in KEYWORDS:
            self._merge_lists(name, self._merge_dictionary(name, [name]))
        words = self._merge_dictionary("word", [f"{field}_word" for field in FIELDS])
        for field in FIELDS:
            self._merge_lists(f"{field}_word", words)
        marked, frequencies = self._merge_syllable_view("marked")
        self._merge_token_streams(marked, frequencies)
        folded, _ = self._merge_syllable_view("folded")
        self._merge_forms(marked, folded)

    def _release_pages(self) -> None:
        """Let the system drop the pages that were read; most are not read again."""
        for segment in self._segments:
            segment.file.release_pages()

    # Dictionaries.

    def _merge_dictionary(self, name: str, fields: Sequence[str]) -> TermRenumbering:
        """Write the terms that still occur in some field.

        Args:
            name: The name of the term dictionary.
            fields: The fields that share it.
        """
        terms_of_parts = [segment.term_dictionary(name).all() for segment in self._segments]
        occurs = []
        for part_index, terms in enumerate(terms_of_parts):
            part_occurs = np.zeros(len(terms), np.bool_)
            for field in fields:
                part_occurs |= self._live_terms(part_index, field)
            occurs.append(part_occurs)
        union = sorted(
            {
                terms[number]
                for terms, part_occurs in zip(terms_of_parts, occurs, strict=True)
                for number in np.flatnonzero(part_occurs).tolist()
            }
        )
        write_term_dictionary(self._sections, name, union)
        new_numbers = {term: number for number, term in enumerate(union)}
        numbers = (
            np.array([new_numbers.get(term, 0) for term in terms], np.int64)
            for terms in terms_of_parts
        )
        return TermRenumbering.of(numbers, occurs, len(union))

    def _live_terms(self, part_index: int, field: str) -> BoolArray:
        """Return which terms of a part's field are in a live document, shape (terms,)."""
        lists = self._segments[part_index].posting_lists(field)
        return lists.live_terms(self._parts[part_index].live)

    def _merge_pair_dictionary(self, field: str, syllables: TermRenumbering) -> TermRenumbering:
        """Write the pairs of syllables that still occur in a field."""
        part_count = len(self._parts)
        occurs = [self._live_terms(part_index, field) for part_index in range(part_count)]
        # Most pairs of a part are in the other parts too: unite them as they come, so that
        # they are not all in memory at the same time.
        union = np.zeros(0, np.int64)
        waiting: list[Int64Array] = []
        for part_index, part_occurs in enumerate(occurs):
            waiting.append(self._new_pairs(part_index, field, syllables)[part_occurs])
            if sum(map(len, waiting)) > len(union):
                union, waiting = sorted_union([union, *waiting]), []
        union = sorted_union([union, *waiting])
        write_pair_dictionary(self._sections, field, union, syllables.count)
        numbers = (
            np.searchsorted(union, self._new_pairs(part_index, field, syllables))
            for part_index in range(part_count)
        )
        return TermRenumbering.of(numbers, occurs, len(union))

    def _new_pairs(self, part_index: int, field: str, syllables: TermRenumbering) -> Int64Array:
        """Return the pairs of a part: the new number of the first syllable * 2**32 + second."""
        keys = self._segments[part_index].pair_dictionary(field).keys()
        numbers: Int64Array = syllables.numbers[part_index].astype(np.int64)
        pairs: Int64Array = numbers[keys >> 32] << 32 | numbers[keys & 0xFFFFFFFF]
        return pairs

    def _merge_forms(self, marked: TermRenumbering, folded: TermRenumbering) -> None:
        """Write the folded form of each marked syllable, and which ones have marks."""
        folded_of_marked = np.zeros(marked.count, np.int64)
        with_marks = np.zeros(marked.count, np.bool_)
        for part_index, segment in enumerate(self._segments):
            occurs = marked.occurs[part_index]
            new_marked = marked.numbers[part_index][occurs]
            new_folded = folded.numbers[part_index][segment.folded_of_marked]
            folded_of_marked[new_marked] = new_folded[occurs]
            with_marks[new_marked] = segment.with_marks[occurs]
        self._sections.write("folded_of_marked", folded_of_marked.astype("<u4"))
        self._sections.write("with_marks", np.packbits(with_marks))

    # Postings and the forward index.

    def _merge_syllable_view(self, view: str) -> tuple[TermRenumbering, Int64Array]:
        """Write the dictionary and postings of a view of syllables and of its pairs.

        Returns:
            The new numbers of its terms, and how often each occurs in all texts.
        """
        syllables = self._merge_dictionary(view, [f"{field}_{view}" for field in FIELDS])
        frequencies = np.zeros(syllables.count, np.int64)
        for field in FIELDS:
            frequencies += self._merge_lists(f"{field}_{view}", syllables)
        for field in FIELDS:
            pair_field = f"{field}_{view}_pair"
            pairs = self._merge_pair_dictionary(pair_field, syllables)
            self._release_pages()
            self._merge_lists(pair_field, pairs)
        return syllables, frequencies

    def _merge_token_streams(self, marked: TermRenumbering, frequencies: Int64Array) -> None:
        """Write the forward index; `frequencies` is how often each marked form occurs."""
        stream = TokenStreamWriter(self._sections, "syllables", frequencies)
        with self._sections.section("syllables.firsts"):
            for part, new_numbers in zip(self._parts, marked.numbers, strict=True):
                _append_token_streams(stream, part, new_numbers)
                part.segment.file.release_pages()
        stream.finish()

    def _merge_lists(self, field: str, terms: TermRenumbering) -> Int64Array:
        """Merge the postings lists of a field.

        Returns:
            How often each term occurs in all live documents, shape (terms.count,).
        """
        lists = [segment.posting_lists(field) for segment in self._segments]
        list_lengths = np.zeros(terms.count, np.int64)
        for part_lists, numbers, occurs in zip(lists, terms.numbers, terms.occurs, strict=True):
            list_lengths[numbers[occurs]] += part_lists.counts()[occurs]
        writer = PostingListsWriter(self._sections, field, self._size)
        occurrences = np.zeros(terms.count, np.int64)
        with self._sections.section(f"{field}.data"):
            for first, stop in chunk_by_size(list_lengths):
                counts, documents, frequencies = _interleave(
                    self._read_chunk(lists, terms.numbers, first, stop), stop - first
                )
                writer.append(counts, documents, frequencies)
                sums = np.append(0, np.cumsum(frequencies, dtype=np.int64))
                occurrences[first:stop] = np.diff(sums[np.append(0, np.cumsum(counts))])
                self._release_pages()
        writer.finish()
        return occurrences

    def _read_chunk(
        self, lists: list[PostingLists], numbers: list[TermNumbers], first: int, stop: int
    ) -> list[_Postings]:
        """Read the postings of the new terms from `first` to before `stop` in each part."""
        chunk = []
        for part_index, (part_lists, new_numbers) in enumerate(
            zip(lists, numbers, strict=True)
        ):
            # The bounds have the dtype of the numbers, or NumPy would convert all numbers.
            bounds = np.array([first, stop], new_numbers.dtype)
            begin, end = np.searchsorted(new_numbers, bounds).tolist()
            counts, documents, frequencies = part_lists.read_range(begin, end)
            documents = self._doc_ids[part_index][documents]
            if not self._parts[part_index].live.all():
                is_live = documents >= 0
                owners = np.repeat(np.arange(len(counts)), counts)[is_live]
                counts = np.bincount(owners, minlength=len(counts))
                documents, frequencies = documents[is_live], frequencies[is_live]
            terms = new_numbers[begin:end] - first
            chunk.append(_Postings(terms, counts, documents, frequencies))
        return chunk


def _append_token_streams(
    stream: TokenStreamWriter, part: MergeInput, new_numbers: TermNumbers
) -> None:
    """Append the syllables of a part's live documents, some documents at a time."""
    bounds = part.segment.token_streams.starts()
    is_live = np.repeat(part.live, len(FIELDS))
    for first, stop in chunk_by_size(np.diff(bounds), len(FIELDS)):
        syllables = new_numbers[part.segment.token_streams.read(first, stop)]
        lengths = np.diff(bounds[first : stop + 1])
        kept = is_live[first:stop]
        if not kept.all():
            syllables, lengths = syllables[np.repeat(kept, lengths)], lengths[kept]
        stream.append(syllables.astype(np.int32), np.append(0, np.cumsum(lengths)))


def _interleave(
    chunk: list[_Postings], term_count: int
) -> tuple[Int64Array, DocIds, Int32Array]:
    """Join the lists of each term, those of the first part first.

    Args:
        chunk: The postings of each part.
        term_count: How many terms the chunk has.

    Returns:
        Counts, documents and frequencies, as `PostingListsWriter.append` takes them.
    """
    counts = np.zeros(term_count, np.int64)
    for part in chunk:
        np.add.at(counts, part.terms, part.counts)
    next_free = exclusive_cumsum(counts)
    documents = np.empty(int(counts.sum()), np.int32)
    frequencies = np.empty(len(documents), np.int32)
    for part in chunk:
        # A term that occurs no more shares its number with the next, and has no postings.
        targets = concatenate_ranges(next_free[part.terms], part.counts)
        documents[targets], frequencies[targets] = part.documents, part.frequencies
        np.add.at(next_free, part.terms, part.counts)
    return counts, documents, frequencies
