"""The syllables of each document in their order, and where its sentences begin.

From these a phrase is verified, a match is placed in the original text, and every position
that Whoosh asks for is read; no view keeps positions of its own.

A syllable is kept as its rank among the syllables of the segment by frequency, in `tiers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.store.columns import Column, write_column
from searchidx.store.lists import spread
from searchidx.store.sections import Section, SectionFile, SectionWriter, damaged
from searchidx.store.tiers import RANKS, Bytes

Ids = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]


class StreamWriter:
    """Writes the streams of texts, some documents at a time.

    Args:
        frequencies: How often each syllable number occurs in all of them.
    """

    def __init__(self, sections: SectionWriter, name: str, frequencies: Counts) -> None:
        self._sections = sections
        self._name = name
        order = np.argsort(-frequencies, kind="stable")
        self._ranks = np.empty(len(order), np.int64)
        self._ranks[order] = np.arange(len(order))
        self._by_rank = order
        self._seconds: list[npt.NDArray[np.uint8]] = []
        self._rare: list[npt.NDArray[np.uint32]] = []
        self._lengths: list[Counts] = []
        self._second_lengths: list[Counts] = []
        self._rare_lengths: list[Counts] = []

    def append(self, syllables: Ids, bounds: Counts) -> None:
        """Adds texts; to be used inside `sections.section(f"{name}.firsts")`.

        Args:
            syllables: Numbers, shape (n,).
            bounds: Which of them are each text's, shape (texts + 1,), from 0 to n.
        """
        ranks = self._ranks[syllables]
        codes, further, seconds = RANKS.encode(ranks)
        rare = np.flatnonzero(ranks >= RANKS.limit)
        self._sections.append(codes)
        self._seconds.append(seconds)
        self._rare.append(ranks[rare].astype(np.uint32))
        self._lengths.append(np.diff(bounds))
        self._second_lengths.append(np.diff(np.searchsorted(further, bounds)))
        self._rare_lengths.append(np.diff(np.searchsorted(rare, bounds)))

    def finish(self) -> None:
        """Writes what the first bytes need to be read."""
        sections, name = self._sections, self._name
        sections.write(f"{name}.seconds", *self._seconds)
        sections.write(f"{name}.rare", *self._rare)
        sections.write(f"{name}.ranks", self._by_rank.astype("<u4"))
        for part, lengths in (
            ("bounds", self._lengths),
            ("second_bounds", self._second_lengths),
            ("rare_bounds", self._rare_lengths),
        ):
            sections.write(f"{name}.{part}", _bounds(lengths))


def _bounds(lengths: list[Counts]) -> npt.NDArray[Any]:
    joined = np.concatenate(lengths) if lengths else np.zeros(0, np.int64)
    bounds = np.zeros(len(joined) + 1, "<u8")
    np.cumsum(joined, out=bounds[1:])
    return bounds if bounds[-1] >> np.uint64(32) else bounds.astype("<u4")


class Bounds:
    """Ascending places, one more than there are things between them.

    Args:
        file: The segment.
        name: The section.
        count: How many things there are.
        limit: The last place that there is.
    """

    def __init__(self, file: SectionFile, name: str, count: int, limit: int) -> None:
        self._section = file[name]
        self._file = file.name
        self._name = name
        self._limit = limit
        self._ascend = False  # whether that was checked
        self._kind = np.dtype("<u4" if len(self._section) == 4 * (count + 1) else "<u8")
        if len(self._section) != self._kind.itemsize * (count + 1):
            raise damaged(file.name, f"its section {name} has another length")

    def __getitem__(self, number: int) -> tuple[int, int]:
        """Where the thing of that number begins and ends."""
        start, end = self._section.array(self._kind, number, number + 2).tolist()
        return start, end

    def values(self, start: int = 0, stop: int | None = None) -> Counts:
        """The places from `start` to `stop`, int64."""
        found = self._section.array(self._kind, start, stop).astype(np.int64)
        if len(found) and not 0 <= found[0] <= found[-1] <= self._limit:
            raise self._wrong()
        if not self._ascend and stop is None:
            if (found[1:] < found[:-1]).any():
                raise self._wrong()
            self._ascend = True
        return found

    def _wrong(self) -> Exception:
        return damaged(self._file, f"its section {self._name} names what is not there")


class Streams:
    """Streams that `StreamWriter` wrote.

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
            raise damaged(file.name, "a rank has no syllable")
        self.bounds = Bounds(file, f"{name}.bounds", count, len(self._firsts))
        self._second_bounds = Bounds(file, f"{name}.second_bounds", count, len(self._seconds))
        self._rare_bounds = Bounds(file, f"{name}.rare_bounds", count, len(self._rare) // 4)

    def read(self, first: int, stop: int) -> Ids:
        """The syllables of the texts from `first` to `stop`, one text after the other."""
        return self._decode(
            self._firsts.array(np.uint8, self.bounds[first][0], self.bounds[stop - 1][1]),
            self._seconds.array(
                np.uint8, self._second_bounds[first][0], self._second_bounds[stop - 1][1]
            ),
            self._rare.array(
                "<u4", self._rare_bounds[first][0], self._rare_bounds[stop - 1][1]
            ),
        )

    def read_many(self, texts: Counts) -> tuple[Ids, Counts]:
        """The syllables of some texts, and where each text's begin, shape (texts + 1,)."""

        def gather(
            section: Section, kind: str, bounds: Bounds
        ) -> tuple[npt.NDArray[Any], Counts]:
            starts = bounds.values()
            lengths = starts[texts + 1] - starts[texts]
            return section.array(kind)[spread(starts[texts], lengths)], lengths

        firsts, lengths = gather(self._firsts, "<u1", self.bounds)
        seconds, _ = gather(self._seconds, "<u1", self._second_bounds)
        rare, _ = gather(self._rare, "<u4", self._rare_bounds)
        return self._decode(firsts, seconds, rare), np.append(0, np.cumsum(lengths))

    def _decode(self, firsts: Bytes, seconds: Bytes, rare: npt.NDArray[np.uint32]) -> Ids:
        ranks = RANKS.decode(firsts, seconds, rare.view(np.int32))
        return self._by_rank[ranks].view(np.int32)


# A landmark is at most so many syllables after the one before.
STRIDE: Final = 127


@dataclass(frozen=True)
class Landmarks:
    """Places of one text that are known both in syllables and in code points.

    Attributes:
        syllables: int64, shape (n,), ascending: a syllable's place in its text.
        offsets: int64, shape (n,): where that syllable begins, in code points.
        sentences: bool, shape (n,): whether it begins a sentence.
    """

    syllables: Counts
    offsets: Counts
    sentences: npt.NDArray[np.bool_]


def write_landmarks(
    sections: SectionWriter,
    name: str,
    steps: Sequence[npt.NDArray[np.uint8]],
    advances: Sequence[Counts],
    counts: Counts,
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
    joined = np.concatenate([*advances, np.zeros(0, np.int64)])
    write_column(sections, f"{name}.advances", joined, "<u2")
    sections.write(f"{name}.bounds", _bounds([counts]))


def encode_landmarks(
    bounds: Counts, landmarks: Landmarks
) -> tuple[npt.NDArray[np.uint8], Counts]:
    """The steps and advances of the landmarks of texts, as `write_landmarks` takes them.

    Args:
        bounds: Which of them are each text's, shape (texts + 1,).
        landmarks: Those of all texts; the first of a text is its first syllable.
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
        self.bounds = Bounds(file, f"{name}.bounds", count, len(self._steps))

    def read(self, number: int) -> Landmarks:
        """The landmarks of a text."""
        start, end = self.bounds[number]
        steps = self._steps.array("<u1", start, end)
        return Landmarks(
            np.cumsum(steps >> np.uint8(1), dtype=np.int64),
            np.cumsum(self._advances.values(start, end)),
            (steps & np.uint8(1)).astype(np.bool_),
        )

    def read_raw(self) -> tuple[npt.NDArray[np.uint8], Counts, Counts]:
        """Steps, advances and bounds of all texts, for a merge."""
        return self._steps.array("<u1"), self._advances.values(), self.bounds.values()
