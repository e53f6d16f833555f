"""Encode postings lists: for each term of a field, which documents have it and how often.

A list has one posting for each document that has the term. It is stored as two arrays of
packed integers (`packed_ints`): the gaps between the documents, then the frequencies less
one. The same few array operations encode or decode thousands of lists as quickly as one, which
a merge needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import BoolArray, DocIds, Int32Array, Int64Array, IntpArray, UInt8Array
from searchidx.store.codec.columns import Bounds, Column, encode_bounds, write_column
from searchidx.store.codec.packed_ints import (
    FREQUENCY_CODEC,
    GAP_CODEC,
    TieredCodec,
    byte_width,
    from_bytes,
    to_bytes,
)
from searchidx.store.files.sections import SectionFile, SectionWriter, damage_error

_FREQUENCY_WIDTH_BYTES: Final = 4
"""Bytes of a frequency that is in the third tier."""
_MAX_POSTING_BYTES: Final = 12
"""More than a posting takes: 1/2 + 1 + 4 bytes for its gap, 1/4 + 1 + 4 for its frequency,
and what is left of the last byte of the codes."""
_DECODE_BATCH_POSTINGS: Final = 1 << 15
"""Postings of a long list that are decoded at once: a multiple of the codes in a byte."""
BATCH_SIZE_POSTINGS: Final = 1 << 20
"""About how many postings, or syllables, `chunk_by_size` puts in a chunk."""
SHORT_LIST_POSTINGS: Final = 2048
"""Lists of up to this length are decoded together with others."""
_NO_POSTINGS: Final = np.zeros(0, np.int32), np.zeros(0, np.int32)


def concatenate_ranges(starts: Int64Array, counts: Int64Array) -> Int64Array:
    """Return the integers of ranges, one range after the other.

    Args:
        starts: The first integer of each range, shape (n,).
        counts: How many integers each range has, shape (n,).

    Returns:
        shape (sum of `counts`,).
    """
    ends = np.cumsum(counts)
    integers: Int64Array = np.arange(ends[-1] if len(ends) else 0)
    integers += np.repeat(starts - (ends - counts), counts)
    return integers


def exclusive_cumsum(counts: Int64Array) -> Int64Array:
    """Return the sum of all counts before each one, shape (n,)."""
    return np.cumsum(counts) - counts


def chunk_by_size(sizes: Int64Array, multiple: int = 1) -> Iterator[tuple[int, int]]:
    """Divide items into chunks of about `BATCH_SIZE_POSTINGS` in total.

    Args:
        sizes: The size of each item, such as the length of its postings list, shape (n,).
        multiple: Chunks begin at multiples of this many items.

    Yields:
        The first item of each chunk, and the item after its last.
    """
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        before = ends[first - 1] if first else 0
        stop = int(np.searchsorted(ends, before + BATCH_SIZE_POSTINGS, "right"))
        stop = max(stop // multiple * multiple, first + multiple)
        yield first, min(stop, len(sizes))
        first = stop


class _EncodedLists:
    """Many lists of integers, encoded at once.

    Args:
        codec: The codec of the integers.
        width: Bytes of an integer of the third tier.
        values: The integers, list after list, shape (sum of `counts`,).
        counts: How many integers each list has, shape (lists,).
    """

    def __init__(
        self, codec: TieredCodec, width: int, values: npt.NDArray[Any], counts: Int64Array
    ) -> None:
        codes, patched, self._second_tier = codec.encode(values)
        large = np.flatnonzero(values >= codec.limit)
        self._third_tier = to_bytes(values[large], width).reshape(-1)
        # The bytes of each list in each tier.
        owners = np.repeat(np.arange(len(counts)), counts)
        self._first_nbytes = -(-counts // codec.per_byte)
        self._second_nbytes = np.bincount(owners[patched], minlength=len(counts))
        self._third_nbytes = width * np.bincount(owners[large], minlength=len(counts))
        # The codes of each list begin with a byte of their own.
        padded = np.zeros(int(self._first_nbytes.sum()) * codec.per_byte, np.uint8)
        code_starts = exclusive_cumsum(self._first_nbytes) * codec.per_byte
        padded[concatenate_ranges(code_starts, counts)] = codes
        self._first_tier = codec.pack(padded)
        self.nbytes = self._first_nbytes + self._second_nbytes + self._third_nbytes
        """The bytes of each list, shape (lists,)."""

    def put(self, data: UInt8Array, offsets: Int64Array) -> None:
        """Write the bytes of each list into `data`, from its offset on."""
        for tier, nbytes in (
            (self._first_tier, self._first_nbytes),
            (self._second_tier, self._second_nbytes),
            (self._third_tier, self._third_nbytes),
        ):
            data[concatenate_ranges(offsets, nbytes)] = tier
            offsets = offsets + nbytes


def _decode_lists(
    codec: TieredCodec, width: int, data: UInt8Array, offsets: Int64Array, counts: Int64Array
) -> tuple[Int32Array, Int64Array]:
    """Decode many lists at once.

    Args:
        codec: The codec of the integers.
        width: Bytes of an integer of the third tier.
        data: Bytes that hold the lists.
        offsets: Where each list begins in `data`, shape (lists,).
        counts: How many integers each list has, shape (lists,).

    Returns:
        The integers, list after list, and where each list ends in `data`, shape (lists,).
    """
    first_nbytes = -(-counts // codec.per_byte)
    codes = codec.unpack(
        data[concatenate_ranges(offsets, first_nbytes)],
        int(first_nbytes.sum()) * codec.per_byte,
    )
    code_starts = exclusive_cumsum(first_nbytes) * codec.per_byte
    codes = codes[concatenate_ranges(code_starts, counts)]
    owners = np.repeat(np.arange(len(counts)), counts)
    patched = np.flatnonzero(codes >= codec.direct)
    second_nbytes = np.bincount(owners[patched], minlength=len(counts))
    second_tier = data[concatenate_ranges(offsets + first_nbytes, second_nbytes)]
    highest = (codes[patched] == (1 << codec.bits) - 1) & (second_tier == 255)
    third_nbytes = width * np.bincount(owners[patched[highest]], minlength=len(counts))
    third_starts = offsets + first_nbytes + second_nbytes
    third_tier = from_bytes(data[concatenate_ranges(third_starts, third_nbytes)], width)
    return codec.decode(codes, second_tier, third_tier), third_starts + third_nbytes


def _decode_list(
    codec: TieredCodec, width: int, data: UInt8Array, start: int, count: int
) -> tuple[Int32Array, int]:
    """Decode one list of `count` integers that begins at `start`.

    A long list is decoded in batches. Their arrays are small enough for memory that the process
    already has: to ask the system for fresh pages takes longer than all the rest.

    Returns:
        The integers, and where the list ends in `data`.
    """
    values = np.empty(count, np.int32)
    end = start - (-count // codec.per_byte)
    packed = data[start:end]
    third_tier_indices: list[IntpArray] = []
    for first in range(0, count, _DECODE_BATCH_POSTINGS):
        batch = values[first : first + _DECODE_BATCH_POSTINGS]
        batch_bytes = packed[first // codec.per_byte :]
        codes = codec.unpack(
            batch_bytes[: _DECODE_BATCH_POSTINGS // codec.per_byte], len(batch)
        )
        batch[:] = codes
        patched = np.flatnonzero(codes >= codec.direct)
        if not len(patched):
            continue
        second_tier = data[end : end + len(patched)]
        end += len(patched)
        highest = codec.patch_second_tier(batch, patched, second_tier)
        if len(highest):
            third_tier_indices.append(highest + first)
    if third_tier_indices:
        indices = np.concatenate(third_tier_indices)
        third_tier = from_bytes(data[end : end + width * len(indices)], width)
        codec.patch_third_tier(values, indices, third_tier)
        end += width * len(indices)
    return values, end


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
        encoded_gaps = _EncodedLists(GAP_CODEC, self._gap_width, gaps, counts)
        encoded_frequencies = _EncodedLists(
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
        documents, end = _decode_list(GAP_CODEC, self._gap_width, data, 0, count)
        frequencies, end = _decode_list(
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
        gaps, middles = _decode_lists(GAP_CODEC, self._gap_width, data, bounds[:-1], counts)
        frequencies, ends = _decode_lists(
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
            self._file.name, f"the lists of {self._name} name what is not there"
        )
