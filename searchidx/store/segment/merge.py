"""Several segments made one, without what was removed from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from searchidx.arrays import BoolArray, Int32Array, Int64Array
from searchidx.errors import SearchidxError
from searchidx.store.codec.posting_lists import (
    PostingLists,
    PostingListsWriter,
    chunk_by_size,
    concatenate_ranges,
    exclusive_cumsum,
)
from searchidx.store.codec.stored_texts import StoredTextsWriter, train_dictionary
from searchidx.store.codec.term_dictionary import write_pair_dictionary, write_term_dictionary
from searchidx.store.codec.token_streams import TokenStreamWriter, write_landmarks
from searchidx.store.files.directory import Directory
from searchidx.store.files.sections import SectionWriter, create_section_file, damage_error
from searchidx.store.schema import FIELDS, KEYWORDS
from searchidx.store.segment.inversion import first_occurrences
from searchidx.store.segment.segment import (
    DIGEST_BYTES,
    HEADS_PER_BLOCK,
    CompressionDictionaries,
    Segment,
    encode_head_blocks,
)

Places = Int32Array | Int64Array


class MergeCandidate(Protocol):
    """What a merge policy asks of a segment."""

    @property
    def size(self) -> int:
        """Return how many documents were written to it."""

    @property
    def deleted_count(self) -> int:
        """Return how many of them were removed since."""


def select_segments_to_merge(segments: Sequence[MergeCandidate], added: int) -> list[int]:
    """Return which segments a commit of so many new documents merges into one.

    Every segment that is not more than twice as large as what has been gathered so far,
    from the smallest up, and every one that is mostly removed documents.  Each document
    is then rewritten a logarithmic number of times, and segments stay few.

    Returns:
        Their places, ascending.
    """
    gathered = added
    chosen = []
    for place in sorted(range(len(segments)), key=lambda at: _live(segments[at])):
        segment = segments[place]
        if _live(segment) <= 2 * gathered or _live(segment) < segment.deleted_count:
            chosen.append(place)
            gathered += _live(segment)
    return sorted(chosen)


def _live(segment: MergeCandidate) -> int:
    return segment.size - segment.deleted_count


@dataclass(frozen=True)
class MergeInput:
    """A segment to be merged.

    Attributes:
        segment: The segment.
        live: bool, shape (segment.size,): which of its documents are kept.
    """

    segment: Segment
    live: BoolArray


def merge_segments(directory: Directory, name: str, parts: Sequence[MergeInput]) -> None:
    """Write the documents of `parts`, in their order, as one segment of that name.

    Raises:
        OSError: The disk refused something; there is no such file then.
        IndexDamagedError: A part is not what was written.
    """
    with create_section_file(directory, name) as sections:
        try:
            _Merge(sections, parts).write()
        except (SearchidxError, OSError, MemoryError):
            raise
        except Exception as error:  # bytes with a right checksum and no sense
            what = f"its segments cannot be merged ({type(error).__name__}: {error})"
            raise damage_error(str(directory.path), what) from error


@dataclass(frozen=True)
class _Renumbering:
    """What became of the terms of each part.

    Attributes:
        places: For each part int32, int64 if there are more than that holds, shape
            (its terms,), ascending: the new number of each term; of one that occurs no more,
            that of the next that does.
        kept: For each part bool, of the same shape: whether the term still occurs.
        count: How many new terms there are.
    """

    places: list[Places]
    kept: list[BoolArray]
    count: int

    @classmethod
    def of(cls, found: Iterable[Int64Array], kept: list[BoolArray], count: int) -> _Renumbering:
        """Return the renumbering that maps each kept term to its new number."""
        kind = np.int32 if count < 1 << 31 else np.int64
        places = []
        for numbers, occurs in zip(found, kept, strict=True):
            numbers = np.where(occurs, numbers, count)[::-1].astype(kind)
            places.append(np.minimum.accumulate(numbers)[::-1])
        return cls(places, kept, count)


class _Merge:
    def __init__(self, sections: SectionWriter, parts: Sequence[MergeInput]) -> None:
        self._sections = sections
        self._parts = parts
        self._segments = [part.segment for part in parts]
        # The new number of each document, -1 for what is not kept.
        self._numbers: list[Int32Array] = []
        self._size = 0
        for part in parts:
            numbers = np.cumsum(part.live, dtype=np.int32) + np.int32(self._size - 1)
            numbers[~part.live] = -1
            self._numbers.append(numbers)
            self._size += int(part.live.sum())

    def write(self) -> None:
        sections = self._sections
        sections.write("documents", np.array([self._size], "<u8"))
        self._write_stored()
        sections.write("digests", *(
            np.frombuffer(part.segment.digests(), np.uint8).reshape(-1, DIGEST_BYTES)[
                part.live
            ]
            for part in self._parts
        ))  # fmt: skip
        sections.write("dates", *(part.segment.dates()[part.live] for part in self._parts))
        for name in KEYWORDS:
            self._write_lists(name, self._merge_strings(name, [name]))
        words = self._merge_strings("word", [f"{field}_word" for field in FIELDS])
        for field in FIELDS:
            self._write_lists(f"{field}_word", words)
        marked = self._write_syllables("marked")
        folded = self._write_syllables("folded")
        self._write_forms(marked, folded)
        self._write_landmarks()

    def _forget(self) -> None:
        """Release what was read of the parts, most of which is not needed again."""
        for segment in self._segments:
            segment.file.release_pages()

    def _write_stored(self) -> None:
        """Heads and bodies, with the dictionaries of the largest part that has any."""
        sections, parts = self._sections, self._parts
        by_size = sorted(parts, key=lambda part: part.segment.size)
        known = CompressionDictionaries(b"", b"")
        for part in by_size:
            own = part.segment.compression_dictionaries()
            known = CompressionDictionaries(
                own.heads or known.heads, own.bodies or known.bodies
            )
        if self._size and not known.bodies:
            known = CompressionDictionaries(
                train_dictionary(
                    encode_head_blocks(self._heads()), self._size // HEADS_PER_BLOCK
                ),
                train_dictionary(self._bodies(), self._size),
            )
        heads = StoredTextsWriter(sections, "heads", known.heads)
        with sections.section("heads.data"):
            heads.append(encode_head_blocks(self._heads()))
        heads.finish()
        bodies = StoredTextsWriter(sections, "bodies", known.bodies)
        with sections.section("bodies.data"):
            for part in parts:
                bodies.copy(part.segment.bodies, part.live)
                part.segment.file.release_pages()
        bodies.finish()

    def _heads(self) -> Iterator[str]:
        for part in self._parts:
            heads = zip(part.segment.heads(), part.live.tolist(), strict=True)
            yield from (head for head, live in heads if live)

    def _bodies(self) -> Iterator[str]:
        for part in self._parts:
            for number in np.flatnonzero(part.live).tolist():
                yield part.segment.bodies.read(number)[0]

    def _merge_strings(self, name: str, fields: Sequence[str]) -> _Renumbering:
        """Write the strings that still occur in some field."""
        strings = [segment.term_dictionary(name).all() for segment in self._segments]
        kept = []
        for at, of_part in enumerate(strings):
            occurs = np.zeros(len(of_part), np.bool_)
            for field in fields:
                occurs |= self._occurring(at, field)
            kept.append(occurs)
        union = sorted(
            {
                of_part[number]
                for of_part, occurs in zip(strings, kept, strict=True)
                for number in np.flatnonzero(occurs).tolist()
            }
        )
        write_term_dictionary(self._sections, name, union)
        numbers = {string: number for number, string in enumerate(union)}
        found = (
            np.array([numbers.get(string, 0) for string in of_part], np.int64)
            for of_part in strings
        )
        return _Renumbering.of(found, kept, len(union))

    def _occurring(self, at: int, field: str) -> BoolArray:
        """Return whether each term of a part's field is in a document that is kept."""
        return self._segments[at].posting_lists(field).live_terms(self._parts[at].live)

    def _write_syllables(self, view: str) -> _Renumbering:
        """Write the dictionary, postings and pairs of a view; for marked, the forward index."""
        sections = self._sections
        renumbering = self._merge_strings(view, [f"{field}_{view}" for field in FIELDS])
        frequencies = np.zeros(renumbering.count, np.int64)
        for field in FIELDS:
            frequencies += self._write_lists(f"{field}_{view}", renumbering)
        for field in FIELDS:
            self._write_pairs(f"{field}_{view}_pair", renumbering)
        if view == "marked":
            stream = TokenStreamWriter(sections, "syllables", frequencies)
            with sections.section("syllables.firsts"):
                for at, segment in enumerate(self._segments):
                    self._append_streams(stream, at, renumbering.places[at])
                    segment.file.release_pages()
            stream.finish()
        return renumbering

    def _append_streams(self, stream: TokenStreamWriter, at: int, places: Places) -> None:
        part = self._parts[at]
        bounds = part.segment.token_streams.starts()
        live = np.repeat(part.live, len(FIELDS))
        for first, stop in chunk_by_size(np.diff(bounds), len(FIELDS)):
            syllables = places[part.segment.token_streams.read(first, stop)]
            lengths = np.diff(bounds[first : stop + 1])
            kept = live[first:stop]
            if not kept.all():
                syllables, lengths = syllables[np.repeat(kept, lengths)], lengths[kept]
            stream.append(syllables.astype(np.int32), np.append(0, np.cumsum(lengths)))

    def _write_pairs(self, field: str, syllables: _Renumbering) -> None:
        kept = [self._occurring(at, field) for at in range(len(self._parts))]
        # Most pairs of a part are in the others too: they are united as they come.
        union = np.zeros(0, np.int64)
        waiting: list[Int64Array] = []
        for at, occurs in enumerate(kept):
            waiting.append(self._renumbered_pairs(at, field, syllables)[occurs])
            if sum(map(len, waiting)) > len(union):
                union, waiting = _united([union, *waiting]), []
        union = _united([union, *waiting])
        write_pair_dictionary(self._sections, field, union, syllables.count)
        found = (
            np.searchsorted(union, self._renumbered_pairs(at, field, syllables))
            for at in range(len(self._parts))
        )
        pairs = _Renumbering.of(found, kept, len(union))
        self._forget()
        self._write_lists(field, pairs)

    def _renumbered_pairs(self, at: int, field: str, syllables: _Renumbering) -> Int64Array:
        """Return the pairs of a part, as syllables with their new numbers."""
        keys = self._segments[at].pair_dictionary(field).keys()
        places: Int64Array = syllables.places[at].astype(np.int64)
        renumbered: Int64Array = places[keys >> 32] << 32 | places[keys & 0xFFFFFFFF]
        return renumbered

    def _write_lists(self, field: str, terms: _Renumbering) -> Int64Array:
        """Merge the postings lists of a field; return the document count of each term."""
        lists = [segment.posting_lists(field) for segment in self._segments]
        lengths = np.zeros(terms.count, np.int64)
        for of_part, places, kept in zip(lists, terms.places, terms.kept, strict=True):
            lengths[places[kept]] += of_part.counts()[kept]
        writer = PostingListsWriter(self._sections, field, self._size)
        total = np.zeros(terms.count, np.int64)
        with self._sections.section(f"{field}.data"):
            for first, stop in chunk_by_size(lengths):
                counts, documents, frequencies = self._gather(lists, terms.places, first, stop)
                writer.append(counts, documents, frequencies)
                sums = np.append(0, np.cumsum(frequencies, dtype=np.int64))
                total[first:stop] = np.diff(sums[np.append(0, np.cumsum(counts))])
                self._forget()
        writer.finish()
        return total

    def _gather(
        self, lists: list[PostingLists], places: list[Places], first: int, stop: int
    ) -> tuple[Int64Array, Int32Array, Int32Array]:
        """Return the merged postings of the new terms from `first` to `stop`."""
        found: list[tuple[Places, Int64Array, Int32Array, Int32Array]] = []
        for at, (of_part, mapped) in enumerate(zip(lists, places, strict=True)):
            # Of the same type: else all of them would be converted first.
            begin, end = np.searchsorted(mapped, np.array([first, stop], mapped.dtype)).tolist()
            counts, documents, frequencies = of_part.read_range(begin, end)
            documents = self._numbers[at][documents]
            if not self._parts[at].live.all():
                kept = documents >= 0
                owners = np.repeat(np.arange(len(counts)), counts)[kept]
                counts = np.bincount(owners, minlength=len(counts))
                documents, frequencies = documents[kept], frequencies[kept]
            found.append((mapped[begin:end] - first, counts, documents, frequencies))
        merged = np.zeros(stop - first, np.int64)
        for terms, counts, _, _ in found:
            np.add.at(merged, terms, counts)
        free = exclusive_cumsum(merged)
        documents = np.empty(int(merged.sum()), np.int32)
        frequencies = np.empty(len(documents), np.int32)
        for terms, counts, of_documents, of_frequencies in found:
            # A term that occurs no more shares its number with the next, and has no postings.
            targets = concatenate_ranges(free[terms], counts)
            documents[targets], frequencies[targets] = of_documents, of_frequencies
            np.add.at(free, terms, counts)
        return merged, documents, frequencies

    def _write_forms(self, marked: _Renumbering, folded: _Renumbering) -> None:
        found = np.zeros(marked.count, np.int64)
        with_marks = np.zeros(marked.count, np.bool_)
        for at, segment in enumerate(self._segments):
            kept = marked.kept[at]
            of_part = folded.places[at][segment.folded_of_marked]
            found[marked.places[at][kept]] = of_part[kept]
            with_marks[marked.places[at][kept]] = segment.with_marks[kept]
        self._sections.write("folded_of_marked", found.astype("<u4"))
        self._sections.write("with_marks", np.packbits(with_marks))

    def _write_landmarks(self) -> None:
        steps, advances, counts = [], [], [np.zeros(0, np.int64)]
        for part in self._parts:
            raw_steps, raw_advances, bounds = part.segment.landmarks.read_raw()
            lengths = np.diff(bounds)
            kept = np.repeat(part.live, lengths)
            steps.append(raw_steps[kept])
            advances.append(raw_advances[kept].astype(np.uint32))
            counts.append(lengths[part.live])
        write_landmarks(self._sections, "landmarks", steps, advances, np.concatenate(counts))


def _united(parts: Sequence[Int64Array]) -> Int64Array:
    """Return the distinct numbers in several arrays, ascending."""
    # Sorted: np.unique would hash them, which takes five times as long.
    joined = np.sort(np.concatenate(parts))
    return joined[first_occurrences(joined)]
