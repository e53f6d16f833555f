"""The syllables of each document in their order, and where its sentences begin.

From these a phrase is verified, a match is placed in the original text, and every position
that Whoosh asks for is read; no view keeps positions of its own.

A syllable is kept as its rank among the syllables of the segment by frequency, in `tiers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import BoolArray, Int32Array, Int64Array, UInt8Array, UInt32Array
from searchidx.store.codec.columns import Bounds, Column, encode_bounds, write_column
from searchidx.store.codec.packed_ints import RANK_CODEC
from searchidx.store.codec.posting_lists import concatenate_ranges
from searchidx.store.files.sections import Section, SectionFile, SectionWriter, damage_error

_TIERS: Final = 3
_NO_RARE: Final = np.zeros(0, np.uint32)


class TokenStreamWriter:
    """Writes the streams of texts, some documents at a time.

    Args:
        frequencies: How often each syllable number occurs in all of them.
    """

    def __init__(self, sections: SectionWriter, name: str, frequencies: Int64Array) -> None:
        self._sections = sections
        self._name = name
        order = np.argsort(-frequencies, kind="stable")
        self._ranks = np.empty(len(order), np.int64)
        self._ranks[order] = np.arange(len(order))
        self._by_rank = order
        self._seconds: list[UInt8Array] = []
        self._rare: list[UInt32Array] = []
        self._lengths: list[Int64Array] = []

    def append(self, syllables: Int32Array, bounds: Int64Array) -> None:
        """Adds texts; to be used inside `sections.section(f"{name}.firsts")`.

        Args:
            syllables: Numbers, shape (n,).
            bounds: Which of them are each text's, shape (texts + 1,), from 0 to n.
        """
        ranks = self._ranks[syllables]
        codes, further, seconds = RANK_CODEC.encode(ranks)
        rare = np.flatnonzero(ranks >= RANK_CODEC.limit)
        self._sections.append(codes)
        self._seconds.append(seconds)
        self._rare.append(ranks[rare].astype(np.uint32))
        ends = (bounds, np.searchsorted(further, bounds), np.searchsorted(rare, bounds))
        rows = np.stack(ends, axis=1)
        self._lengths.append(rows[1:] - rows[:-1])

    def finish(self) -> None:
        """Writes what the first bytes need to be read."""
        sections, name = self._sections, self._name
        sections.write(f"{name}.seconds", *self._seconds)
        sections.write(f"{name}.rare", *self._rare)
        sections.write(f"{name}.ranks", self._by_rank.astype("<u4"))
        lengths = np.concatenate([*self._lengths, np.zeros((0, _TIERS), np.int64)])
        sections.write(f"{name}.bounds", encode_bounds(lengths))


class TokenStreams:
    """Streams that `TokenStreamWriter` wrote.

    Args:
        file: The segment.
        name: The name of the streams.
        count: How many texts there are.
    """

    def __init__(self, file: SectionFile, name: str, count: int) -> None:
        self._file = file
        self._name = name
        self._firsts = file[f"{name}.firsts"]
        self._seconds = file[f"{name}.seconds"]
        self._rare = file[f"{name}.rare"]
        self._by_rank = file[f"{name}.ranks"].array("<u4")
        if len(self._by_rank) and self._by_rank.max() >= len(self._by_rank):
            raise damage_error(file.name, "a rank has no syllable")
        limits = (len(self._firsts), len(self._seconds), len(self._rare) // 4)
        self._bounds = Bounds(file, f"{name}.bounds", count, limits)

    def starts(self) -> Int64Array:
        """How many syllables come before each text, and how many there are."""
        return self._bounds.values()

    def read(self, first: int, stop: int) -> Int32Array:
        """The syllables of the texts from `first` to `stop`, one text after the other."""
        return self._decode(*self._tiers(self._bounds.rows(first, stop)))

    def _tiers(self, rows: list[list[int]]) -> tuple[UInt8Array, UInt8Array, UInt32Array]:
        own, further, rare = rows
        return (
            self._firsts.array(np.uint8, own[0], own[-1]),
            self._seconds.array(np.uint8, further[0], further[-1]),
            self._rare.array("<u4", rare[0], rare[-1]) if rare[0] < rare[-1] else _NO_RARE,
        )

    def read_runs(self, runs: Sequence[tuple[int, int]]) -> tuple[Int32Array, list[int]]:
        """The syllables of some runs of texts.

        Args:
            runs: Of each run the first text and the one after the last.

        Returns:
            The syllables of all runs in a row, and where each text of them ends.
        """
        tiers = []
        ends: list[int] = []
        for first, stop in runs:
            rows = self._bounds.rows(first, stop)
            tiers.append(self._tiers(rows))
            base = rows[0][0] - (ends[-1] if ends else 0)
            ends += [end - base for end in rows[0][1:]]
        return self._decode(*map(np.concatenate, zip(*tiers, strict=True))), ends

    def read_texts(self, texts: Int64Array) -> tuple[Int32Array, Int64Array]:
        """The syllables of many texts, and where each text's begin, shape (texts + 1,)."""

        def gather(section: Section, kind: str, column: int) -> npt.NDArray[Any]:
            starts = self._bounds.values(column)
            return section.array(kind)[
                concatenate_ranges(starts[texts], starts[texts + 1] - starts[texts])
            ]

        starts = self._bounds.values()
        syllables = self._decode(
            gather(self._firsts, "<u1", 0),
            gather(self._seconds, "<u1", 1),
            gather(self._rare, "<u4", 2),
        )
        return syllables, np.append(0, np.cumsum(starts[texts + 1] - starts[texts]))

    def _decode(self, firsts: UInt8Array, seconds: UInt8Array, rare: UInt32Array) -> Int32Array:
        ranks = RANK_CODEC.decode(firsts, seconds, rare.view(np.int32))
        return self._by_rank[ranks].view(np.int32)


# A landmark is at most so many syllables after the one before.
LANDMARK_STRIDE_SYLLABLES: Final = 127


@dataclass(frozen=True)
class Landmarks:
    """Places of one text that are known both in syllables and in code points.

    Attributes:
        syllables: int64, shape (n,), ascending: a syllable's place in its text.
        offsets: int64, shape (n,): where that syllable begins, in code points.
        sentences: bool, shape (n,): whether it begins a sentence.
    """

    syllables: Int64Array
    offsets: Int64Array
    sentences: BoolArray


def write_landmarks(
    sections: SectionWriter,
    name: str,
    steps: Sequence[UInt8Array],
    advances: Sequence[npt.NDArray[np.integer[Any]]],
    counts: Int64Array,
) -> None:
    """Writes the landmarks of texts, in pieces as `encode_landmarks` gives them.

    Args:
        sections: The segment.
        name: The name of the section.
        steps: How many syllables each lies after the one before, and whether it begins a
            sentence.
        advances: How many code points.
        counts: How many landmarks each text has.
    """
    sections.write(f"{name}.steps", *steps)
    joined = np.concatenate([*advances, np.zeros(0, np.uint32)])
    write_column(sections, f"{name}.advances", joined, "<u2")
    sections.write(f"{name}.bounds", encode_bounds(counts))


def encode_landmarks(bounds: Int64Array, landmarks: Landmarks) -> tuple[UInt8Array, Int64Array]:
    """The steps and advances of the landmarks of texts, as `write_landmarks` takes them.

    Args:
        bounds: Which of them are each text's, shape (texts + 1,).
        landmarks: Those of all texts; the last of each is its end.
    """
    firsts = bounds[:-1][bounds[:-1] < bounds[1:]]
    steps = np.diff(landmarks.syllables, prepend=0)
    steps[firsts] = 0
    advances = np.diff(landmarks.offsets, prepend=0)
    advances[firsts] = landmarks.offsets[firsts]
    return (steps * 2 + landmarks.sentences).astype(np.uint8), advances


class LandmarkReader:
    """Landmarks that `write_landmarks` wrote."""

    def __init__(self, file: SectionFile, name: str, count: int) -> None:
        self._steps = file[f"{name}.steps"]
        self._advances = Column(file, f"{name}.advances", "<u2")
        self._bounds = Bounds(file, f"{name}.bounds", count, (len(self._steps),))

    def read(self, numbers: Sequence[int]) -> tuple[Landmarks, list[int]]:
        """The landmarks of some texts, text after text, and where those of each begin.

        The list has one number more than there are texts.
        """
        bounds = [self._bounds[number] for number in numbers]
        steps = np.concatenate([self._steps.array("<u1", *each) for each in bounds])
        advances = self._advances.values_of(bounds)
        ends = list(accumulate((end - start for start, end in bounds), initial=0))
        syllables = (steps >> np.uint8(1)).cumsum(dtype=np.int64)
        offsets = advances.cumsum()
        # Each text begins anew, with a step of 0.
        borders = np.array(ends)
        firsts, lengths = borders[:-1], borders[1:] - borders[:-1]
        syllables -= np.repeat(syllables[firsts], lengths)
        offsets -= np.repeat(offsets[firsts] - advances[firsts], lengths)
        return Landmarks(syllables, offsets, (steps & np.uint8(1)).astype(np.bool_)), ends

    def read_raw(self) -> tuple[UInt8Array, Int64Array, Int64Array]:
        """Steps, advances and bounds of all texts, for a merge."""
        return self._steps.array("<u1"), self._advances.values(), self._bounds.values()
