"""Encode the forward index: the syllables of each document in their order, and landmarks.

The forward index (here also "token streams") has the syllables of every text, as an inverted
index has the documents of every term. Phrases are verified with it, positions are read from
it, and it places a match in the original text. No view stores positions of its own.

A syllable is stored as its rank among the syllables of the segment by frequency, so that the
most frequent ones take one byte (`packed_ints`).

A landmark is a syllable of a body whose offset in code points is stored as well. The syllables
between two landmarks have no stored offset: to place one in the text, only the text from the
landmark before it is tokenized again, not the body from its beginning. Landmarks are the first
syllable of each body and of each sentence, every 127th syllable after one of these within a
sentence, and the end of the body.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import BoolArray, Int32Array, Int64Array, UInt8Array, UInt32Array
from searchidx.store.codec.columns import Bounds, Column, encode_bounds, write_column
from searchidx.store.codec.packed_ints import RANK_CODEC
from searchidx.store.codec.ranges import concatenate_ranges
from searchidx.store.files.sections import Section, SectionFile, SectionWriter, damage_error

LANDMARK_STRIDE_SYLLABLES: Final = 127
"""A landmark is at most so many syllables after the one before. Twice this fits a byte."""
_TIER_COUNT: Final = 3
_EMPTY_TIER: Final = np.zeros(0, np.uint32)


def _overlap(runs: Iterable[tuple[tuple[int, int], Sequence[int]]]) -> bool:
    """Return whether runs of different texts lie in the same bytes, as none can.

    Bounds that overlap would otherwise let a small file claim many large texts.

    Args:
        runs: For each run the first text and the text after the last; and where the run begins
            and ends in its section.
    """
    return any(
        stop <= next_first and end > next_start
        for ((_, stop), (_, end)), ((next_first, _), (next_start, _)) in pairwise(sorted(runs))
    )


class TokenStreamWriter:
    """Write the syllables of texts, some texts at a time.

    Args:
        sections: The segment.
        name: The name of the streams.
        frequencies: How often each syllable occurs in all texts, shape (syllables,).
    """

    def __init__(self, sections: SectionWriter, name: str, frequencies: Int64Array) -> None:
        self._sections = sections
        self._name = name
        self._by_rank = np.argsort(-frequencies, kind="stable")
        self._ranks = np.empty(len(self._by_rank), np.int64)
        self._ranks[self._by_rank] = np.arange(len(self._by_rank))
        self._second_tier: list[UInt8Array] = []
        self._third_tier: list[UInt32Array] = []
        self._lengths: list[Int64Array] = []

    def append(self, syllables: Int32Array, bounds: Int64Array) -> None:
        """Add texts; call it inside `sections.section(f"{name}.firsts")`.

        Args:
            syllables: The numbers of the syllables, text after text, shape (n,).
            bounds: Where each text begins in `syllables`, and the last ends, from 0 to n,
                shape (texts + 1,).
        """
        ranks = self._ranks[syllables]
        codes, patched, second_tier = RANK_CODEC.encode(ranks)
        large = np.flatnonzero(ranks >= RANK_CODEC.limit)
        self._sections.append(codes)
        self._second_tier.append(second_tier)
        self._third_tier.append(ranks[large].astype(np.uint32))
        tier_bounds = (bounds, np.searchsorted(patched, bounds), np.searchsorted(large, bounds))
        rows = np.stack(tier_bounds, axis=1)
        self._lengths.append(rows[1:] - rows[:-1])

    def finish(self) -> None:
        """Write the other tiers, the syllable of each rank, and the bounds of the texts."""
        sections, name = self._sections, self._name
        sections.write(f"{name}.seconds", *self._second_tier)
        sections.write(f"{name}.rare", *self._third_tier)
        sections.write(f"{name}.ranks", self._by_rank.astype("<u4"))
        lengths = np.concatenate([*self._lengths, np.zeros((0, _TIER_COUNT), np.int64)])
        sections.write(f"{name}.bounds", encode_bounds(lengths))


class TokenStreams:
    """Read syllables that `TokenStreamWriter` wrote.

    Args:
        file: The segment.
        name: The name of the streams.
        count: How many texts there are.

    Raises:
        IndexDamagedError: Here and in every method: the bytes are not what was written.
    """

    def __init__(self, file: SectionFile, name: str, count: int) -> None:
        self._file_name = file.name
        self._first_tier = file[f"{name}.firsts"]
        self._second_tier = file[f"{name}.seconds"]
        self._third_tier = file[f"{name}.rare"]
        self._by_rank = file[f"{name}.ranks"].array("<u4")
        if len(self._by_rank) and self._by_rank.max() >= len(self._by_rank):
            raise damage_error(file.name, "a rank has no syllable")
        limits = (len(self._first_tier), len(self._second_tier), len(self._third_tier) // 4)
        self._bounds = Bounds(file, f"{name}.bounds", count, limits)

    def starts(self) -> Int64Array:
        """Return how many syllables come before each text, and in all, shape (texts + 1,)."""
        return self._bounds.values()

    def check_bounds(self) -> None:
        """Check that the bounds of each tier ascend within it."""
        for column in range(_TIER_COUNT):
            self._bounds.values(column)

    def read(self, first: int, stop: int) -> Int32Array:
        """Return the syllables of the texts from `first` to before `stop`, text after text."""
        return self._decode(*self._tiers(self._bounds.rows(first, stop)))

    def _tiers(self, rows: list[list[int]]) -> tuple[UInt8Array, UInt8Array, UInt32Array]:
        """Return the three tiers of consecutive texts, given their bounds in each tier."""
        first, second, third = rows
        return (
            self._first_tier.array(np.uint8, first[0], first[-1]),
            self._second_tier.array(np.uint8, second[0], second[-1]),
            (
                self._third_tier.array("<u4", third[0], third[-1])
                if third[0] < third[-1]
                else _EMPTY_TIER
            ),
        )

    def read_runs(self, runs: Sequence[tuple[int, int]]) -> tuple[Int32Array, list[int]]:
        """Return the syllables of some runs of texts.

        Args:
            runs: For each run, the first text and the text after the last.

        Returns:
            The syllables of all runs, and where each text ends in them.
        """
        tiers = []
        ranges = []
        ends: list[int] = []
        for first, stop in runs:
            rows = self._bounds.rows(first, stop)
            tiers.append(self._tiers(rows))
            ranges.append((rows[0][0], rows[0][-1]))
            base = rows[0][0] - (ends[-1] if ends else 0)
            ends += [end - base for end in rows[0][1:]]
        if _overlap(zip(runs, ranges, strict=True)):
            raise damage_error(self._file_name, "texts share their syllables")
        return self._decode(*map(np.concatenate, zip(*tiers, strict=True))), ends

    def read_texts(self, texts: Int64Array) -> tuple[Int32Array, Int64Array]:
        """Return the syllables of many texts.

        Args:
            texts: The numbers of the texts, shape (n,).

        Returns:
            The syllables, text after text, and where each text begins in them and the last
            ends, shape (n + 1,).
        """

        def gather(section: Section, dtype: str, column: int) -> npt.NDArray[Any]:
            starts = self._bounds.values(column)
            return section.array(dtype)[
                concatenate_ranges(starts[texts], starts[texts + 1] - starts[texts])
            ]

        starts = self._bounds.values()
        syllables = self._decode(
            gather(self._first_tier, "<u1", 0),
            gather(self._second_tier, "<u1", 1),
            gather(self._third_tier, "<u4", 2),
        )
        return syllables, np.append(0, np.cumsum(starts[texts + 1] - starts[texts]))

    def _decode(
        self, first_tier: UInt8Array, second_tier: UInt8Array, third_tier: UInt32Array
    ) -> Int32Array:
        """Return the syllables of three tiers of ranks."""
        ranks = RANK_CODEC.decode(first_tier, second_tier, third_tier.view(np.int32))
        return self._by_rank[ranks].view(np.int32)


@dataclass(frozen=True)
class Landmarks:
    """The landmarks of one or more texts.

    Attributes:
        syllables: The position of each landmark in its text, in syllables; ascending within a
            text, int64, shape (n,).
        offsets: Where that syllable begins in its text, in code points, int64, shape (n,).
        sentences: Whether that syllable begins a sentence, bool, shape (n,).
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
    """Write the landmarks of texts, in parts as `encode_landmarks` returns them.

    Args:
        sections: The segment.
        name: The name of the landmarks.
        steps: For each landmark twice the syllables since the one before, and one more if it
            begins a sentence.
        advances: For each landmark the code points since the one before.
        counts: How many landmarks each text has, shape (texts,).
    """
    sections.write(f"{name}.steps", *steps)
    all_advances = np.concatenate([*advances, np.zeros(0, np.uint32)])
    write_column(sections, f"{name}.advances", all_advances, "<u2")
    sections.write(f"{name}.bounds", encode_bounds(counts))


def encode_landmarks(bounds: Int64Array, landmarks: Landmarks) -> tuple[UInt8Array, Int64Array]:
    """Return the steps and advances of landmarks, as `write_landmarks` takes them.

    Args:
        bounds: Where the landmarks of each text begin, and the last end, shape (texts + 1,).
        landmarks: The landmarks of all texts. The last one of each text is its end.
    """
    firsts = bounds[:-1][bounds[:-1] < bounds[1:]]
    steps = np.diff(landmarks.syllables, prepend=0)
    steps[firsts] = 0
    advances = np.diff(landmarks.offsets, prepend=0)
    advances[firsts] = landmarks.offsets[firsts]
    return (steps * 2 + landmarks.sentences).astype(np.uint8), advances


class LandmarkReader:
    """Read landmarks that `write_landmarks` wrote.

    Args:
        file: The segment.
        name: The name of the landmarks.
        count: How many texts there are.
    """

    def __init__(self, file: SectionFile, name: str, count: int) -> None:
        self._file_name = file.name
        self._steps = file[f"{name}.steps"]
        self._advances = Column(file, f"{name}.advances", "<u2")
        self._bounds = Bounds(file, f"{name}.bounds", count, (len(self._steps),))

    def read(self, numbers: Sequence[int]) -> tuple[Landmarks, list[int]]:
        """Return the landmarks of some texts.

        Args:
            numbers: The numbers of the texts.

        Returns:
            The landmarks, text after text, and where those of each text begin and the last
            end: one number more than there are texts.
        """
        ranges = [self._bounds[number] for number in numbers]
        runs = [(number, number + 1) for number in numbers]
        if _overlap(zip(runs, ranges, strict=True)):
            raise damage_error(self._file_name, "texts share their landmarks")
        steps = np.concatenate([self._steps.array("<u1", *each) for each in ranges])
        advances = self._advances.values_of_ranges(ranges)
        bounds = list(accumulate((end - start for start, end in ranges), initial=0))
        syllables = (steps >> np.uint8(1)).cumsum(dtype=np.int64)
        offsets = advances.cumsum()
        # Each text starts at 0 again. Its first step is 0, its first advance may be more.
        borders = np.array(bounds)
        firsts, counts = borders[:-1], borders[1:] - borders[:-1]
        syllables -= np.repeat(syllables[firsts], counts)
        offsets -= np.repeat(offsets[firsts] - advances[firsts], counts)
        sentences = (steps & np.uint8(1)).astype(np.bool_)
        return Landmarks(syllables, offsets, sentences), bounds

    def read_raw(self) -> tuple[UInt8Array, Int64Array, Int64Array]:
        """Return the steps, advances and bounds of all texts, as a merge copies them."""
        return self._steps.array("<u1"), self._advances.values(), self._bounds.values()
