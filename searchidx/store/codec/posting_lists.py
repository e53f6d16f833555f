"""Encode postings lists: for each term of a field, which documents have it and how often.

A list has one posting for each document that has the term. It is stored as two lists of
packed integers (`integer_lists`): the gaps between the documents, then the frequencies less
one. A few array operations encode or decode thousands of them, which a merge needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from searchidx.arrays import BoolArray, DocIds, Int32Array, Int64Array, UInt8Array
from searchidx.store.codec.columns import Bounds, Column, encode_bounds, write_column
from searchidx.store.codec.integer_lists import EncodedLists, decode_list, decode_lists
from searchidx.store.codec.packed_ints import FREQUENCY_CODEC, GAP_CODEC, byte_width
from searchidx.store.codec.ranges import chunk_by_size, concatenate_ranges, exclusive_cumsum
from searchidx.store.files.sections import SectionFile, SectionWriter, damage_error

_FREQUENCY_WIDTH_BYTES: Final = 4
"""Bytes of a frequency that is in the third tier."""
_MAX_POSTING_BYTES: Final = 12
"""More than a posting takes: 1/2 + 1 + 4 bytes for its gap, 1/4 + 1 + 4 for its frequency,
and what is left of the last byte of the codes."""
SHORT_LIST_POSTINGS: Final = 2048
"""Lists of up to this length are decoded together with others."""
_NO_POSTINGS: Final = np.zeros(0, np.int32), np.zeros(0, np.int32)


class PostingListsWriter:
    """Write the postings lists of one field, some consecutive terms at a time.

    Call `append` inside `sections.section(f"{name}.data")`, and `finish` after it.

    Args:
        sections: The segment.
        name: The name of the field.
        document_count: How many documents the segment has.
    """

    def __init__(self, sections: SectionWriter, name: str, document_count: int) -> None:
        self._sections = sections
        self._name = name
        self._gap_width = byte_width(document_count)
        self._counts: list[Int64Array] = []
        self._nbytes: list[Int64Array] = []

    def append(self, counts: Int64Array, documents: DocIds, frequencies: Int32Array) -> None:
        """Add the lists of the next terms.

        Args:
            counts: The length of each list, shape (terms,); 0 for a term without documents.
            documents: The documents of all lists, each list ascending, shape (postings,).
            frequencies: How often the term occurs in each, at least 1, shape (postings,).
        """
        starts = exclusive_cumsum(counts)[counts > 0]
        gaps = documents.astype(np.int32)
        gaps[1:] -= documents[:-1] + 1
        gaps[starts] = documents[starts]
        encoded_gaps = EncodedLists(GAP_CODEC, self._gap_width, gaps, counts)
        encoded_frequencies = EncodedLists(
            FREQUENCY_CODEC, _FREQUENCY_WIDTH_BYTES, frequencies - 1, counts
        )
        nbytes = encoded_gaps.nbytes + encoded_frequencies.nbytes
        data = np.empty(int(nbytes.sum()), np.uint8)
        offsets = exclusive_cumsum(nbytes)
        encoded_gaps.put(data, offsets)
        encoded_frequencies.put(data, offsets + encoded_gaps.nbytes)
        self._sections.append(data)
        self._counts.append(counts)
        self._nbytes.append(nbytes)

    def finish(self) -> None:
        """Write the lengths and bounds of the lists, which a reader needs to find them."""
        counts = np.concatenate([*self._counts, np.zeros(0, np.int64)])
        nbytes = np.concatenate([*self._nbytes, np.zeros(0, np.int64)])
        write_column(self._sections, f"{self._name}.counts", counts)
        self._sections.write(f"{self._name}.bounds", encode_bounds(nbytes))


def read_posting_lists(
    wanted: Sequence[tuple[PostingLists, int]],
) -> list[tuple[DocIds, Int32Array]]:
    """Read several postings lists, of any fields of one segment.

    Short lists are decoded together. Decoded alone, a short list takes most of its time in the
    calls of NumPy.

    Args:
        wanted: For each list, the lists of its field and the number of its term.

    Returns:
        For each list what `PostingLists.read` returns.
    """
    results: list[tuple[DocIds, Int32Array]] = []
    short: list[int] = []  # the indices of short lists in `wanted`
    parts: list[UInt8Array] = []
    counts: list[int] = []
    for lists, number in wanted:
        count = lists.count(number)
        if not 0 < count <= SHORT_LIST_POSTINGS:
            results.append(lists.read(number))
            continue
        short.append(len(results))
        parts.append(lists.bytes_of(number, count))
        counts.append(count)
        results.append(_NO_POSTINGS)
    if not short:
        return results
    lengths = np.array(counts)
    bounds = np.cumsum([0, *map(len, parts)])
    documents, frequencies = wanted[0][0].decode(np.concatenate(parts), bounds, lengths)
    for index, start, count in zip(
        short, exclusive_cumsum(lengths).tolist(), counts, strict=True
    ):
        # Copies: a cache that keeps one list must not keep the array of all of them.
        end = start + count
        results[index] = documents[start:end].copy(), frequencies[start:end].copy()
    return results


class PostingLists:
    """Read the postings lists of a field that `PostingListsWriter` wrote.

    Terms are named by their numbers in the term dictionary, or in the dictionary of pairs.
    Every method raises `IndexDamagedError` if the bytes are not what was written.

    Args:
        file: The segment.
        name: The name of the field.
        document_count: How many documents the segment has. A longer list is damage.
    """

    def __init__(self, file: SectionFile, name: str, document_count: int) -> None:
        self._file = file
        self._name = name
        self._document_count = document_count
        self._gap_width = byte_width(document_count)
        self._data = file[f"{name}.data"]
        self._counts = Column(file, f"{name}.counts")
        self._bounds = Bounds(file, f"{name}.bounds", len(self._counts), (len(self._data),))

    def __len__(self) -> int:
        """Return how many terms there are, including those without documents."""
        return len(self._counts)

    def count(self, number: int) -> int:
        """Return how many documents have a term."""
        return self._counts[number]

    def counts(self) -> Int64Array:
        """Return how many documents have each term, shape (terms,)."""
        return self._counts.values()

    def counts_at(self, numbers: Int64Array) -> Int64Array:
        """Return how many documents have each of some terms, shape (numbers,)."""
        return self._counts.at(numbers)

    def read(self, number: int) -> tuple[DocIds, Int32Array]:
        """Return the documents that have a term, ascending, and how often each has it."""
        count = self._counts[number]
        if count == 0:
            return _NO_POSTINGS
        data = self.bytes_of(number, count)
        documents, end = decode_list(GAP_CODEC, self._gap_width, data, 0, count)
        frequencies, end = decode_list(
            FREQUENCY_CODEC, _FREQUENCY_WIDTH_BYTES, data, end, count
        )
        last_document = int(documents.sum(dtype=np.int64)) + count - 1
        if end != len(data) or last_document >= self._document_count:
            raise self._range_error()
        documents[1:] += 1
        np.cumsum(documents, out=documents)
        frequencies += 1
        return documents, frequencies

    def bytes_of(self, number: int, count: int) -> UInt8Array:
        """Return the encoded list of a term, given its length in postings."""
        data: UInt8Array = self._data.array(np.uint8, *self._bounds[number])
        # Checked before the caller allocates memory for so many postings, or so many bytes.
        if (
            count > self._document_count
            or -(-count // GAP_CODEC.per_byte) > len(data)
            or len(data) > _MAX_POSTING_BYTES * count
        ):
            raise self._range_error()
        return data

    def read_range(self, first: int, stop: int) -> tuple[Int64Array, DocIds, Int32Array]:
        """Return the lists of the terms from `first` to before `stop`.

        Returns:
            Their lengths, documents and frequencies, as `PostingListsWriter.append` takes them.
        """
        counts = self._counts.values(first, stop)
        if counts.size and counts.max() > self._document_count:
            raise self._range_error()
        bounds = self._bounds.values(0, first, stop + 1)
        # Checked before memory is allocated for so many postings.
        nbytes = np.diff(bounds)
        if (-(-counts // GAP_CODEC.per_byte) > nbytes).any() or (
            nbytes > _MAX_POSTING_BYTES * counts
        ).any():
            raise self._range_error()
        data = self._data.array(np.uint8, int(bounds[0]), int(bounds[-1]))
        return (counts, *self.decode(data, bounds - bounds[0], counts))

    def decode(
        self, data: UInt8Array, bounds: Int64Array, counts: Int64Array
    ) -> tuple[DocIds, Int32Array]:
        """Decode lists that lie one after the other.

        Args:
            data: The bytes of the lists.
            bounds: Where each list begins in `data`, and the last ends, shape (lists + 1,).
            counts: The length of each list in postings, shape (lists,).

        Returns:
            The documents and the frequencies of all lists, list after list.
        """
        gaps, middles = decode_lists(GAP_CODEC, self._gap_width, data, bounds[:-1], counts)
        frequencies, ends = decode_lists(
            FREQUENCY_CODEC, _FREQUENCY_WIDTH_BYTES, data, middles, counts
        )
        sums = np.append(0, np.cumsum(gaps, dtype=np.int64))
        starts = exclusive_cumsum(counts)
        documents = sums[1:] - np.repeat(sums[starts], counts)
        documents += concatenate_ranges(np.zeros(len(counts), np.int64), counts)
        if (ends != bounds[1:]).any() or (
            len(documents)
            and not 0 <= documents.min() <= documents.max() < self._document_count
        ):
            raise self._range_error()
        return documents.astype(np.int32), frequencies + np.int32(1)

    def live_terms(self, live: BoolArray | None) -> BoolArray:
        """Return for each term whether a live document has it.

        Args:
            live: bool, shape (documents,): False for a deleted document; None if all are live.

        Returns:
            bool, shape (terms,).
        """
        counts = self.counts()
        has_documents: BoolArray = counts > 0
        if live is None or live.all():
            return has_documents
        is_live = np.zeros(len(counts), np.bool_)
        for first, stop in chunk_by_size(counts):
            lengths, documents, _ = self.read_range(first, stop)
            terms = np.repeat(np.arange(first, stop), lengths)
            is_live[terms[live[documents]]] = True
        return is_live

    def check(self) -> None:
        """Read the lengths and bounds of all lists.

        Raises:
            ValueError, IndexDamagedError: They do not fit together.
        """
        self._counts.check()
        ends = self._bounds.values()
        if ends[0] or ends[-1] != len(self._data):
            raise self._range_error()

    def _range_error(self) -> Exception:
        """Return the error for a list that goes beyond its bytes or the documents."""
        return damage_error(
            self._file.name,
            f"the postings lists of {self._name} go beyond their section or the documents",
        )
