"""Posting lists: for each term of a field, the documents that have it and how often.

Documents are kept as gaps.  A list is its gaps and then how often more than once the term
occurs, each in `tiers`; thousands of lists are put together, or taken apart for a merge, by
the same few array operations as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import BoolArray, DocIds, Int64Array, IntpArray, UInt8Array
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

_FREQUENCY_BYTES: Final = 4
_PIECE: Final = 1 << 15
"""How many postings of a list are decoded at once: a multiple of the codes in a byte."""
_AT_ONCE: Final = 1 << 20
"""About how many postings, or syllables, are in memory at once."""
_SHORT: Final = 2048
"""How many postings a list has, at most, that is read together with others."""
_NOTHING: Final = np.zeros(0, np.int32), np.zeros(0, np.int32)


def concatenate_ranges(starts: Int64Array, counts: Int64Array) -> Int64Array:
    """The numbers from each start on, as many as its count, one run after the other."""
    ends = np.cumsum(counts)
    places: Int64Array = np.arange(ends[-1] if len(ends) else 0)
    places += np.repeat(starts - (ends - counts), counts)
    return places


def exclusive_cumsum(counts: Int64Array) -> Int64Array:
    """How much comes before each of these, shape (n,)."""
    return np.cumsum(counts) - counts


def chunk_by_size(sizes: Int64Array, multiple: int = 1) -> Iterator[tuple[int, int]]:
    """Cuts things of these sizes into ranges of about `_AT_ONCE`, at multiples of a number."""
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        before = ends[first - 1] if first else 0
        stop = int(np.searchsorted(ends, before + _AT_ONCE, "right"))
        stop = max(stop // multiple * multiple, first + multiple)
        yield first, min(stop, len(sizes))
        first = stop


class _Encoded:
    """One number for each posting of many lists, in tiers.

    Args:
        tiers: How the numbers are divided.
        size: Bytes of a number of the third tier.
        values: The numbers, list after list.
        counts: How many each list has.
    """

    def __init__(
        self, tiers: TieredCodec, size: int, values: npt.NDArray[Any], counts: Int64Array
    ) -> None:
        self._tiers = tiers
        codes, further, self._seconds = tiers.encode(values)
        large = np.flatnonzero(values >= tiers.limit)
        self._thirds = to_bytes(values[large], size).reshape(-1)
        owners = np.repeat(np.arange(len(counts)), counts)
        self._packed = -(-counts // tiers.per_byte)
        self._further = np.bincount(owners[further], minlength=len(counts))
        self._large = size * np.bincount(owners[large], minlength=len(counts))
        padded = np.zeros(int(self._packed.sum()) * tiers.per_byte, np.uint8)
        padded[concatenate_ranges(exclusive_cumsum(self._packed) * tiers.per_byte, counts)] = (
            codes
        )
        self._codes = tiers.pack(padded)
        self.lengths = self._packed + self._further + self._large
        """The bytes of each list."""

    def place(self, data: UInt8Array, offsets: Int64Array) -> None:
        """Puts each list's bytes at its place in `data`."""
        data[concatenate_ranges(offsets, self._packed)] = self._codes
        data[concatenate_ranges(offsets + self._packed, self._further)] = self._seconds
        data[concatenate_ranges(offsets + self._packed + self._further, self._large)] = (
            self._thirds
        )


def _decoded(
    tiers: TieredCodec, size: int, data: UInt8Array, offsets: Int64Array, counts: Int64Array
) -> tuple[DocIds, Int64Array]:
    """The numbers of many lists whose bytes begin at `offsets`, and where these end."""
    packed = -(-counts // tiers.per_byte)
    codes = tiers.unpack(
        data[concatenate_ranges(offsets, packed)], int(packed.sum()) * tiers.per_byte
    )
    codes = codes[concatenate_ranges(exclusive_cumsum(packed) * tiers.per_byte, counts)]
    owners = np.repeat(np.arange(len(counts)), counts)
    further = np.flatnonzero(codes >= tiers.direct)
    lengths = np.bincount(owners[further], minlength=len(counts))
    seconds = data[concatenate_ranges(offsets + packed, lengths)]
    highest = (codes[further] == (1 << tiers.bits) - 1) & (seconds == 255)
    large = size * np.bincount(owners[further[highest]], minlength=len(counts))
    ends = offsets + packed + lengths
    thirds = from_bytes(data[concatenate_ranges(ends, large)], size)
    return tiers.decode(codes, seconds, thirds), ends + large


def _one(
    tiers: TieredCodec, size: int, data: UInt8Array, place: int, count: int
) -> tuple[DocIds, int]:
    """The numbers of one list that begin at `place`, and where they end.

    Long lists are read in pieces whose arrays are small enough to be taken from memory
    that the process has already: asking the system for fresh pages takes longer than all
    the rest.
    """
    values = np.empty(count, np.int32)
    end = place - (-count // tiers.per_byte)
    packed = data[place:end]
    large: list[IntpArray] = []
    for start in range(0, count, _PIECE):
        piece = values[start : start + _PIECE]
        codes = tiers.unpack(
            packed[start // tiers.per_byte :][: _PIECE // tiers.per_byte], len(piece)
        )
        piece[:] = codes
        further = np.flatnonzero(codes >= tiers.direct)
        if not len(further):
            continue
        seconds = data[end : end + len(further)]
        end += len(further)
        highest = tiers.add_seconds(piece, further, seconds)
        if len(highest):
            large.append(highest + start)
    if large:
        places = np.concatenate(large)
        thirds = from_bytes(data[end : end + size * len(places)], size)
        tiers.put_thirds(values, places, thirds)
        end += size * len(places)
    return values, end


class PostingListsWriter:
    """Writes the lists of one field, a number of consecutive terms at a time.

    To be used inside `sections.section(f"{name}.data")`, and finished after it.

    Args:
        sections: The segment.
        name: The field.
        documents: How many documents the segment has.
    """

    def __init__(self, sections: SectionWriter, name: str, documents: int) -> None:
        self._sections = sections
        self._name = name
        self._gap_bytes = byte_width(documents)
        self._counts: list[Int64Array] = []
        self._lengths: list[Int64Array] = []

    def append(self, counts: Int64Array, documents: DocIds, frequencies: DocIds) -> None:
        """Adds the lists of the next terms.

        Args:
            counts: How long each list is, shape (terms,); 0 for a term without one.
            documents: The lists one after the other, each ascending.
            frequencies: How often the term occurs in each, at least once.
        """
        starts = exclusive_cumsum(counts)[counts > 0]
        distances = documents.astype(np.int32)
        distances[1:] -= documents[:-1] + 1
        distances[starts] = documents[starts]
        gaps = _Encoded(GAP_CODEC, self._gap_bytes, distances, counts)
        more = _Encoded(FREQUENCY_CODEC, _FREQUENCY_BYTES, frequencies - 1, counts)
        lengths = gaps.lengths + more.lengths
        data = np.empty(int(lengths.sum()), np.uint8)
        offsets = exclusive_cumsum(lengths)
        gaps.place(data, offsets)
        more.place(data, offsets + gaps.lengths)
        self._sections.append(data)
        self._counts.append(counts)
        self._lengths.append(lengths)

    def finish(self) -> None:
        """Writes what finds the lists."""
        counts = np.concatenate([*self._counts, np.zeros(0, np.int64)])
        lengths = np.concatenate([*self._lengths, np.zeros(0, np.int64)])
        write_column(self._sections, f"{self._name}.counts", counts)
        self._sections.write(f"{self._name}.bounds", encode_bounds(lengths))


def read_posting_lists(
    wanted: Sequence[tuple[PostingLists, int]],
) -> list[tuple[DocIds, DocIds]]:
    """What `PostingLists.read` gives for each of some terms, of any fields of one segment.

    Short lists are taken apart together: of each alone most of the time would go into
    calling NumPy.
    """
    found: list[tuple[DocIds, DocIds]] = []
    short: list[int] = []
    parts: list[UInt8Array] = []
    counts: list[int] = []
    for lists, number in wanted:
        count = lists.count(number)
        if not 0 < count <= _SHORT:
            found.append(lists.read(number))
            continue
        short.append(len(found))
        parts.append(lists.bytes_of(number, count))
        counts.append(count)
        found.append(_NOTHING)
    if not short:
        return found
    lengths = np.array(counts)
    bounds = np.cumsum([0, *map(len, parts)])
    documents, frequencies = wanted[0][0].put_together(np.concatenate(parts), bounds, lengths)
    for place, start, count in zip(
        short, exclusive_cumsum(lengths).tolist(), counts, strict=True
    ):
        # Copies, so that to remember one does not keep them all.
        end = start + count
        found[place] = documents[start:end].copy(), frequencies[start:end].copy()
    return found


class PostingLists:
    """Lists that `PostingListsWriter` wrote.

    Args:
        file: The segment.
        name: The field.
        documents: How many documents the segment has: more are not believed.
    """

    def __init__(self, file: SectionFile, name: str, documents: int) -> None:
        self._file = file
        self._name = name
        self._documents = documents
        self._gap_bytes = byte_width(documents)
        self._data = file[f"{name}.data"]
        self._counts = Column(file, f"{name}.counts")
        self._bounds = Bounds(file, f"{name}.bounds", len(self._counts), (len(self._data),))

    def __len__(self) -> int:
        """How many terms there are, those without documents included."""
        return len(self._counts)

    def count(self, number: int) -> int:
        """How many documents have the term of that number."""
        return self._counts[number]

    def counts(self) -> Int64Array:
        """How many documents have each term."""
        return self._counts.values()

    def counts_at(self, numbers: Int64Array) -> Int64Array:
        """How many documents have each of some terms."""
        return self._counts.at(numbers)

    def read(self, number: int) -> tuple[DocIds, DocIds]:
        """The documents with a term, ascending, and how often each has it: int32."""
        count = self._counts[number]
        if count == 0:
            return _NOTHING
        data = self.bytes_of(number, count)
        documents, end = _one(GAP_CODEC, self._gap_bytes, data, 0, count)
        frequencies, end = _one(FREQUENCY_CODEC, _FREQUENCY_BYTES, data, end, count)
        if end != len(data) or int(documents.sum(dtype=np.int64)) + count > self._documents:
            raise self._wrong()
        documents[1:] += 1
        np.cumsum(documents, out=documents)
        frequencies += 1
        return documents, frequencies

    def bytes_of(self, number: int, count: int) -> UInt8Array:
        """The bytes of the list of that number, which is `count` long."""
        data: UInt8Array = self._data.array(np.uint8, *self._bounds[number])
        # Before memory is taken for it.
        if count > self._documents or -(-count // GAP_CODEC.per_byte) > len(data):
            raise self._wrong()
        return data

    def read_range(self, first: int, stop: int) -> tuple[Int64Array, DocIds, DocIds]:
        """The lists of the terms from `first` to `stop`, as `PostingListsWriter.append` takes them."""
        counts = self._counts.values(first, stop)
        if counts.size and counts.max() > self._documents:
            raise self._wrong()
        bounds = self._bounds.values(0, first, stop + 1)
        lengths = np.diff(bounds)
        if (
            -(-counts // GAP_CODEC.per_byte) > lengths
        ).any():  # before memory is taken for them
            raise self._wrong()
        data = self._data.array(np.uint8, int(bounds[0]), int(bounds[-1]))
        return (counts, *self.put_together(data, bounds - bounds[0], counts))

    def put_together(
        self, data: UInt8Array, bounds: Int64Array, counts: Int64Array
    ) -> tuple[DocIds, DocIds]:
        """Lists one after the other, given their bytes and where these begin and end."""
        gaps, middles = _decoded(GAP_CODEC, self._gap_bytes, data, bounds[:-1], counts)
        more, ends = _decoded(FREQUENCY_CODEC, _FREQUENCY_BYTES, data, middles, counts)
        sums = np.append(0, np.cumsum(gaps, dtype=np.int64))
        starts = exclusive_cumsum(counts)
        documents = sums[1:] - np.repeat(sums[starts], counts)
        documents += concatenate_ranges(np.zeros(len(counts), np.int64), counts)
        if (ends != bounds[1:]).any() or (
            len(documents) and not 0 <= documents.min() <= documents.max() < self._documents
        ):
            raise self._wrong()
        return documents.astype(np.int32), more + np.int32(1)

    def live_terms(self, live: BoolArray | None) -> BoolArray:
        """Whether each term is in a document that is live; None where all are."""
        counts = self.counts()
        occurs: BoolArray = counts > 0
        if live is None or live.all():
            return occurs
        occurs[:] = False
        for first, stop in chunk_by_size(counts):
            lengths, documents, _ = self.read_range(first, stop)
            terms = np.repeat(np.arange(first, stop), lengths)
            occurs[terms[live[documents]]] = True
        return occurs

    def check(self) -> None:
        """Reads everything that finds the lists, and the size of their bytes.

        Raises:
            ValueError, IndexDamagedError: It does not fit together.
        """
        self._counts.check()
        ends = self._bounds.values()
        if ends[0] or ends[-1] != len(self._data):
            raise self._wrong()

    def _wrong(self) -> Exception:
        return damage_error(
            self._file.name, f"the lists of {self._name} name what is not there"
        )
