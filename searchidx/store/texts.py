"""Stored texts, compressed so that a passage of one is read without the rest.

A text is cut into pieces of a fixed number of code points, each compressed by itself with
Zstandard and a dictionary of what the texts of the segment have in common.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import zstandard

from searchidx.store.sections import SectionFile, SectionWriter, damaged
from searchidx.store.streams import Bounds

PIECE: Final = 1 << 15
"""Code points of a piece of a text."""
_LEVEL: Final = 3
_DICTIONARY: Final = 1 << 16
# A dictionary is a cost to a small segment, and is trained on a part of a large one.
_LEAST: Final = 1 << 20
_SAMPLES: Final = 2_000
_SAMPLE: Final = 1 << 13


class TextsWriter:
    """Writes texts; `append` is used inside `sections.section(f"{name}.data")`.

    Args:
        sections: The segment.
        name: The name of the texts.
        samples: Texts to learn the dictionary from, all of those that follow or some.
    """

    def __init__(self, sections: SectionWriter, name: str, samples: Sequence[bytes]) -> None:
        self._sections = sections
        self._name = name
        self._dictionary = train(samples)
        self._compressor = zstandard.ZstdCompressor(
            level=_LEVEL,
            dict_data=zstandard.ZstdCompressionDict(self._dictionary),
            write_content_size=True,
            write_dict_id=False,
        )
        self._ends: list[int] = [0]
        self._pieces: list[int] = [0]

    def append(self, text: str) -> None:
        """Adds the next text."""
        for start in range(0, len(text), PIECE):
            piece = text[start : start + PIECE].encode("utf-8")
            packed = self._compressor.compress(piece)
            self._sections.append(packed)
            self._ends.append(self._ends[-1] + len(packed))
        self._pieces.append(len(self._ends) - 1)

    def finish(self) -> None:
        """Writes what finds the texts."""
        self._sections.write(f"{self._name}.dictionary", self._dictionary)
        for part, places in (("ends", self._ends), ("pieces", self._pieces)):
            kind = "<u8" if places[-1] >> 32 else "<u4"
            self._sections.write(f"{self._name}.{part}", np.array(places, kind))


def train(samples: Iterable[bytes]) -> bytes:
    """What texts like these have in common, for the compressor; empty if they are few."""
    texts = list(samples)
    if sum(map(len, texts)) < _LEAST:
        return b""
    if len(texts) > _SAMPLES:
        # Always the same ones, so that the same documents give the same file.
        texts = random.Random(0).sample(texts, _SAMPLES)
    try:
        found = zstandard.train_dictionary(_DICTIONARY, [text[:_SAMPLE] for text in texts])
    except zstandard.ZstdError:  # it finds nothing in common
        return b""
    return found.as_bytes()


class Texts:
    """Texts that `TextsWriter` wrote."""

    def __init__(self, file: SectionFile, name: str, count: int) -> None:
        self._file = file
        self._data = file[f"{name}.data"]
        # No piece takes less than a byte, which bounds how many are believed.
        self._pieces = Bounds(file, f"{name}.pieces", count, len(self._data))
        pieces = self._pieces.values(count, count + 1)[0]
        self._ends = Bounds(file, f"{name}.ends", int(pieces), len(self._data))
        self._dictionary = zstandard.ZstdCompressionDict(
            bytes(file[f"{name}.dictionary"].read())
        )
        self._own = threading.local()  # a decompressor serves one thread, and costs 13 µs

    def read(self, number: int, start: int = 0, stop: int | None = None) -> tuple[str, int]:
        """The pieces of a text that hold the code points from `start` to `stop`.

        Returns:
            They, and where the first of them begins.
        """
        first, last = self._pieces[number]
        begin = min(first + start // PIECE, last)
        end = last if stop is None else min(last, first + -(-stop // PIECE))
        pieces = "".join(self._piece(piece) for piece in range(begin, end))
        return pieces, (begin - first) * PIECE

    def _piece(self, piece: int) -> str:
        packed = self._data.read(*self._ends[piece])
        if not 0 <= zstandard.frame_content_size(packed) <= 4 * PIECE:
            raise damaged(self._file.name, "a piece of a text has an impossible size")
        try:
            decompressor: zstandard.ZstdDecompressor = self._own.decompressor
        except AttributeError:
            decompressor = zstandard.ZstdDecompressor(dict_data=self._dictionary)
            self._own.decompressor = decompressor
        return decompressor.decompress(packed).decode("utf-8")
