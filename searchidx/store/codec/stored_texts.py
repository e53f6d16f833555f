"""Encode stored texts, compressed so that a passage can be read without the whole text.

A text is cut into pieces of a fixed number of code points. Each piece is compressed alone, by
Zstandard with a compression dictionary: bytes that the texts of the segment have in common.
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
MAX_PIECE_BYTES: Final = 4 * PIECE_CODE_POINTS
"""The most bytes of a piece: a code point takes at most four bytes of UTF-8."""
_COMPRESSION_LEVEL: Final = 3
_DICTIONARY_BYTES: Final = 1 << 16
_MIN_TRAINING_BYTES: Final = 1 << 20
"""With less text than this, a compression dictionary costs more space than it saves."""
_MAX_SAMPLES: Final = 2_000
"""About how many texts a compression dictionary is trained on."""
_SAMPLE_CODE_POINTS: Final = 1 << 13
_COPY_BATCH_BYTES: Final = 1 << 20


class StoredTextsWriter:
    """Write texts.

    Call `append` and `copy` inside `sections.section(f"{name}.data")`, and `finish` after it.

    Args:
        sections: The segment.
        name: The name of the texts.
        dictionary: The compression dictionary that `train_dictionary` gave, or b"".
    """

    def __init__(self, sections: SectionWriter, name: str, dictionary: bytes) -> None:
        self._sections = sections
        self._name = name
        self._dictionary = dictionary
        self._compressor = zstandard.ZstdCompressor(
            level=_COMPRESSION_LEVEL,
            dict_data=zstandard.ZstdCompressionDict(dictionary),
            write_content_size=True,
            write_dict_id=False,
        )
        # The bytes of each piece, and how many pieces each text has.
        self._sizes: list[Int64Array] = []
        self._counts: list[Int64Array] = []

    def append(self, texts: Iterable[str]) -> None:
        """Compress and add texts."""
        sizes: list[int] = []
        counts: list[int] = []
        for text in texts:
            before = len(sizes)
            for start in range(0, len(text), PIECE_CODE_POINTS):
                piece = text[start : start + PIECE_CODE_POINTS].encode("utf-8")
                compressed = self._compressor.compress(piece)
                self._sections.append(compressed)
                sizes.append(len(compressed))
            counts.append(len(sizes) - before)
        self._sizes.append(np.array(sizes, np.int64))
        self._counts.append(np.array(counts, np.int64))

    def copy(self, texts: StoredTexts, live: BoolArray) -> None:
        """Add texts of another segment, without decompressing them if dictionaries are equal.

        Args:
            texts: The texts of the other segment.
            live: bool, shape (texts,): which of them to add.
        """
        if texts.dictionary != self._dictionary:
            numbers = np.flatnonzero(live).tolist()
            self.append(texts.read(number)[0] for number in numbers)
            return
        counts, sizes = texts.piece_counts(), texts.piece_sizes()
        # Where runs of live texts begin and end, by turns.
        borders = np.flatnonzero(np.diff(live, prepend=False))
        starts, stops = borders[::2], np.append(borders, len(live))[1::2]
        for start, stop in zip(starts, stops, strict=False):
            for data in texts.compressed_pieces(int(start), int(stop)):
                self._sections.append(data)
        self._sizes.append(sizes[np.repeat(live, counts)])
        self._counts.append(counts[live])

    def finish(self) -> None:
        """Write the dictionary and the bounds of the pieces and texts."""
        self._sections.write(f"{self._name}.dictionary", self._dictionary)
        for part, lengths in (("ends", self._sizes), ("pieces", self._counts)):
            joined = np.concatenate([*lengths, np.zeros(0, np.int64)])
            self._sections.write(f"{self._name}.{part}", encode_bounds(joined))


def train_dictionary(texts: Iterable[str], count: int) -> bytes:
    """Train a compression dictionary for texts like these.

    Args:
        texts: The texts.
        count: How many there are.

    Returns:
        The dictionary; b"" if the texts are too few or too different.
    """
    # The samples are not drawn at random, so that the same documents give the same file.
    samples = islice(texts, 0, None, max(1, count // _MAX_SAMPLES))
    encoded: list[Any] = [text[:_SAMPLE_CODE_POINTS].encode("utf-8") for text in samples]
    if sum(map(len, encoded)) < _MIN_TRAINING_BYTES:
        return b""
    try:
        return zstandard.train_dictionary(_DICTIONARY_BYTES, encoded).as_bytes()
    except zstandard.ZstdError:  # the texts have nothing in common
        return b""


class StoredTexts:
    """Read texts that `StoredTextsWriter` wrote.

    Args:
        file: The segment.
        name: The name of the texts.
        count: How many texts there are.
        max_code_points: The most code points of a text. A longer text is damage.

    Raises:
        IndexDamagedError: Here and in every method: the bytes are not what was written.
    """

    def __init__(self, file: SectionFile, name: str, count: int, max_code_points: int) -> None:
        self._file = file
        self._data = file[f"{name}.data"]
        self._max_pieces = -(-max_code_points // PIECE_CODE_POINTS)
        # A piece takes at least one byte, so that there are no more pieces than bytes.
        self._pieces = Bounds(file, f"{name}.pieces", count, (len(self._data),))
        piece_count = self._pieces.rows(count, count)[0][0]
        self._ends = Bounds(file, f"{name}.ends", piece_count, (len(self._data),))
        self.dictionary = bytes(file[f"{name}.dictionary"].read())
        """The compression dictionary of the texts; b"" for none."""
        self._zstd_dictionary = zstandard.ZstdCompressionDict(self.dictionary)
        # One decompressor for each thread: it serves only one, and takes 13 µs to make.
        self._thread_local = threading.local()

    def read(self, number: int, start: int = 0, stop: int | None = None) -> tuple[str, int]:
        """Return the pieces of a text that hold the code points from `start` to `stop`.

        Args:
            number: The number of the text.
            start: The first code point wanted.
            stop: The code point after the last one wanted; None for the end of the text.

        Returns:
            The pieces, joined, and the offset in the text at which they begin.
        """
        text_first, text_stop = self._piece_range(number)
        first = min(text_first + start // PIECE_CODE_POINTS, text_stop)
        last = text_stop
        if stop is not None:
            last = min(text_stop, text_first + -(-stop // PIECE_CODE_POINTS))
        pieces = "".join(self._decompress(piece) for piece in range(first, last))
        return pieces, (first - text_first) * PIECE_CODE_POINTS

    def pieces(self, number: int) -> Iterator[str]:
        """Yield the pieces of a text."""
        return map(self._decompress, range(*self._piece_range(number)))

    def _piece_range(self, number: int) -> list[int]:
        """Return the first piece of a text and the piece after its last."""
        first, stop = self._pieces[number]
        if not 0 <= stop - first <= self._max_pieces:
            raise damage_error(self._file.name, "a text is longer than a text may be")
        return [first, stop]

    def piece_counts(self) -> Int64Array:
        """Return how many pieces each text has, shape (texts,)."""
        return np.diff(self._pieces.values())

    def piece_sizes(self) -> Int64Array:
        """Return how many bytes each compressed piece takes, shape (pieces,)."""
        return np.diff(self._ends.values())

    def compressed_pieces(self, first: int, stop: int) -> Iterator[memoryview]:
        """Yield the compressed bytes of the texts from `first` to before `stop`, in batches."""
        first_piece, stop_piece = self._pieces[first][0], self._pieces[stop - 1][1]
        start, end = (
            self._ends.rows(piece, piece)[0][0] for piece in (first_piece, stop_piece)
        )
        for offset in range(start, end, _COPY_BATCH_BYTES):
            yield self._data.read(offset, min(offset + _COPY_BATCH_BYTES, end))

    def _decompress(self, piece: int) -> str:
        """Return the text of a piece."""
        compressed = self._data.read(*self._ends[piece])
        # Checked before memory is allocated for it.
        if not 0 <= zstandard.frame_content_size(compressed) <= MAX_PIECE_BYTES:
            raise damage_error(self._file.name, "a piece of a text has an impossible size")
        try:
            decompressor: zstandard.ZstdDecompressor = self._thread_local.decompressor
        except AttributeError:
            decompressor = zstandard.ZstdDecompressor(dict_data=self._zstd_dictionary)
            self._thread_local.decompressor = decompressor
        content = decompressor.decompress(compressed, max_output_size=MAX_PIECE_BYTES)
        text = content.decode("utf-8")
        if len(text) > PIECE_CODE_POINTS:
            raise damage_error(self._file.name, "a piece of a text has an impossible size")
        return text
