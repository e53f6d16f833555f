"""Stored texts, compressed so that a passage of one is read without the rest.

A text is cut into pieces of a fixed number of code points, each compressed by itself with
Zstandard and a dictionary of what the texts of the segment have in common.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

import numpy as np
import zstandard

from searchidx.arrays import BoolArray, Int64Array
from searchidx.store.codec.columns import Bounds, encode_bounds
from searchidx.store.files.sections import SectionFile, SectionWriter, damage_error

PIECE_CODE_POINTS: Final = 1 << 13
"""Code points of a piece of a text."""
_LEVEL: Final = 3
_DICTIONARY: Final = 1 << 16
# A dictionary is a cost to a small segment, and is trained on a part of a large one.
_LEAST: Final = 1 << 20
_COPIED: Final = 1 << 20  # bytes at once
_SAMPLES: Final = 2_000
_SAMPLE: Final = 1 << 13  # code points of each


class StoredTextsWriter:
    """Writes texts, inside `sections.section(f"{name}.data")`; then `finish` after it.

    Args:
        sections: The segment.
        name: The name of the texts.
        dictionary: What they have in common, as `train_dictionary` gives it.
    """

    def __init__(self, sections: SectionWriter, name: str, dictionary: bytes) -> None:
        self._sections = sections
        self._name = name
        self._dictionary = dictionary
        self._compressor = zstandard.ZstdCompressor(
            level=_LEVEL,
            dict_data=zstandard.ZstdCompressionDict(dictionary),
            write_content_size=True,
            write_dict_id=False,
        )
        # The bytes of each piece, and the pieces of each text.
        self._sizes: list[Int64Array] = []
        self._counts: list[Int64Array] = []

    def append(self, texts: Iterable[str]) -> None:
        """Adds texts."""
        sizes: list[int] = []
        counts: list[int] = []
        for text in texts:
            before = len(sizes)
            for start in range(0, len(text), PIECE_CODE_POINTS):
                packed = self._compressor.compress(
                    text[start : start + PIECE_CODE_POINTS].encode("utf-8")
                )
                self._sections.append(packed)
                sizes.append(len(packed))
            counts.append(len(sizes) - before)
        self._sizes.append(np.array(sizes, np.int64))
        self._counts.append(np.array(counts, np.int64))

    def copy(self, texts: StoredTexts, kept: BoolArray) -> None:
        """Adds some texts of another segment, as they are where that is possible."""
        numbers = np.flatnonzero(kept)
        if texts.dictionary != self._dictionary:
            self.append(texts.read(number)[0] for number in numbers.tolist())
            return
        counts, sizes = texts.counts(), texts.sizes()
        begins = np.flatnonzero(np.diff(kept, prepend=False))
        for first, stop in zip(begins[::2], np.append(begins, len(kept))[1::2], strict=False):
            for data in texts.packed(int(first), int(stop)):
                self._sections.append(data)
        self._sizes.append(sizes[np.repeat(kept, counts)])
        self._counts.append(counts[kept])

    def finish(self) -> None:
        """Writes what finds the texts."""
        self._sections.write(f"{self._name}.dictionary", self._dictionary)
        for part, lengths in (("ends", self._sizes), ("pieces", self._counts)):
            joined = np.concatenate([*lengths, np.zeros(0, np.int64)])
            self._sections.write(f"{self._name}.{part}", encode_bounds(joined))


def train_dictionary(texts: Iterable[str], count: int) -> bytes:
    """What texts like these have in common, for the compressor; empty if they are few.

    Args:
        texts: The texts.
        count: How many they are.
    """
    # Always the same samples, so that the same documents give the same file.
    samples = islice(texts, 0, None, max(1, count // _SAMPLES))
    cut: list[Any] = [text[:_SAMPLE].encode("utf-8") for text in samples]
    if sum(map(len, cut)) < _LEAST:
        return b""
    try:
        return zstandard.train_dictionary(_DICTIONARY, cut).as_bytes()
    except zstandard.ZstdError:  # it finds nothing in common
        return b""


class StoredTexts:
    """Texts that `StoredTextsWriter` wrote."""

    def __init__(self, file: SectionFile, name: str, count: int) -> None:
        self._file = file
        self._data = file[f"{name}.data"]
        # No piece takes less than a byte, which bounds how many are believed.
        self._pieces = Bounds(file, f"{name}.pieces", count, (len(self._data),))
        pieces = self._pieces.rows(count, count)[0][0]
        self._ends = Bounds(file, f"{name}.ends", pieces, (len(self._data),))
        self.dictionary = bytes(file[f"{name}.dictionary"].read())
        """What the texts have in common."""
        self._shared = zstandard.ZstdCompressionDict(self.dictionary)
        self._own = threading.local()  # a decompressor serves one thread, and costs 13 µs

    def read(self, number: int, start: int = 0, stop: int | None = None) -> tuple[str, int]:
        """The pieces of a text that hold the code points from `start` to `stop`.

        Returns:
            They, and where the first of them begins.
        """
        first, last = self._pieces[number]
        begin = min(first + start // PIECE_CODE_POINTS, last)
        end = last if stop is None else min(last, first + -(-stop // PIECE_CODE_POINTS))
        pieces = "".join(self._piece(piece) for piece in range(begin, end))
        return pieces, (begin - first) * PIECE_CODE_POINTS

    def counts(self) -> Int64Array:
        """How many pieces each text has."""
        return np.diff(self._pieces.values())

    def sizes(self) -> Int64Array:
        """How many bytes each piece takes."""
        return np.diff(self._ends.values())

    def packed(self, first: int, stop: int) -> Iterator[memoryview]:
        """The compressed pieces of the texts from `first` to before `stop`, in a row."""
        begin, close = self._pieces[first][0], self._pieces[stop - 1][1]
        start, end = (self._ends.rows(piece, piece)[0][0] for piece in (begin, close))
        for place in range(start, end, _COPIED):
            yield self._data.read(place, min(place + _COPIED, end))

    def _piece(self, piece: int) -> str:
        packed = self._data.read(*self._ends[piece])
        if not 0 <= zstandard.frame_content_size(packed) <= 4 * PIECE_CODE_POINTS:
            raise damage_error(self._file.name, "a piece of a text has an impossible size")
        try:
            decompressor: zstandard.ZstdDecompressor = self._own.decompressor
        except AttributeError:
            decompressor = zstandard.ZstdDecompressor(dict_data=self._shared)
            self._own.decompressor = decompressor
        return decompressor.decompress(packed).decode("utf-8")
