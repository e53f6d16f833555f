"""Compare streams of syllables with lists, and landmarks with their definition."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchidx.document import Document
from searchidx.errors import IndexDamagedError
from searchidx.language.sentences import sentences
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.store.codec.token_streams import (
    LANDMARK_STRIDE_SYLLABLES,
    LandmarkReader,
    Landmarks,
    TokenStreams,
    TokenStreamWriter,
    encode_landmarks,
    write_landmarks,
)
from searchidx.store.files.sections import SectionFile, SectionWriter
from searchidx.store.segment.builder import SegmentBuilder
from searchidx.store.segment.pending_document import PendingDocument
from searchidx.store.segment.segment import Segment
from tests.store.memory import Memory, written


def file_of(texts: list[list[int]], count: int, chunk: int) -> SectionFile:
    """Write the streams of texts, some texts at a time."""

    def write(sections: SectionWriter) -> None:
        flat = np.array([number for text in texts for number in text], np.int64)
        writer = TokenStreamWriter(sections, "x", np.bincount(flat, minlength=count))
        with sections.section("x.firsts"):
            for first in range(0, len(texts), chunk):
                some = texts[first : first + chunk]
                writer.append(
                    np.array([number for text in some for number in text], np.int32),
                    np.array([0, *accumulate(map(len, some))]),
                )
        writer.finish()

    return written(write)


def assert_read(
    streams: TokenStreams, texts: list[list[int]], runs: list[tuple[int, int]]
) -> None:
    assert streams.starts().tolist() == [0, *accumulate(map(len, texts))]
    for number, text in enumerate(texts):
        assert streams.read(number, number + 1).tolist() == text
    for first, stop in runs:
        expected = [number for text in texts[first:stop] for number in text]
        assert streams.read(first, stop).tolist() == expected
    if runs:
        syllables, ends = streams.read_runs(runs)
        some = [text for first, stop in runs for text in texts[first:stop]]
        assert syllables.tolist() == [number for text in some for number in text]
        assert ends == list(accumulate(map(len, some)))
        numbers = np.array([n for first, stop in runs for n in range(first, stop)], np.int64)
        syllables, bounds = streams.read_texts(numbers)
        assert syllables.tolist() == [number for text in some for number in text]
        assert bounds.tolist() == [0, *ends]


@settings(max_examples=60)
@given(st.data())
def test_streams_are_what_was_written(data: st.DataObject) -> None:
    count = data.draw(st.sampled_from([1, 5, 175, 176, 177, 1_000]))
    numbers = st.integers(0, count - 1)
    texts = data.draw(st.lists(st.lists(numbers, max_size=12), max_size=8))
    if data.draw(st.booleans()):
        texts.append(list(range(count)))  # so that every rank occurs
    places = st.integers(0, len(texts))
    runs = data.draw(
        st.lists(st.tuples(places, places).map(lambda pair: (min(pair), max(pair))))
    )
    streams = TokenStreams(file_of(texts, count, data.draw(st.integers(1, 4))), "x", len(texts))
    assert_read(streams, texts, runs)


@pytest.mark.parametrize(("count", "seconds", "rare"), [
    (176, 0, 0), (177, 1, 0), (20_655, 20_479, 0), (20_656, 20_480, 1), (30_000, 29_824, 9_345),
])  # fmt: skip
def test_ranks_of_every_tier(count: int, seconds: int, rare: int) -> None:
    numbers = np.random.default_rng(35).permutation(count).tolist()
    texts = [numbers[: count // 2], [], numbers[count // 2 :], [numbers[0]] * 3]
    file = file_of(texts, count, 3)
    streams = TokenStreams(file, "x", 4)
    assert_read(streams, texts, [(0, 2), (0, 4), (2, 3), (3, 4), (1, 1)])
    # The most frequent syllable is rank 0; of those that are as frequent, the lower first.
    ranks = file["x.ranks"].array("<u4")
    assert ranks.tolist() == [numbers[0], *(n for n in range(count) if n != numbers[0])]
    assert len(file["x.seconds"]) == seconds
    assert len(file["x.rare"]) == 4 * rare


marks = st.lists(
    st.tuples(st.integers(0, LANDMARK_STRIDE_SYLLABLES), st.integers(0, 70_000), st.booleans()),
    min_size=1,
)


@settings(max_examples=60)
@given(st.lists(marks, max_size=6), st.lists(st.integers(0, 5), min_size=1))
def test_landmarks_are_what_was_written(
    texts: list[list[tuple[int, int, bool]]], asked: list[int]
) -> None:
    # Each text begins with a step of 0, at whatever offset.
    rows = [
        [
            (syllable, offset, sentence)
            for syllable, offset, sentence in zip(
                accumulate([0, *(step for step, _, _ in text[1:])]),
                accumulate(advance for _, advance, _ in text),
                (sentence for _, _, sentence in text),
                strict=True,
            )
        ]
        for text in texts
    ]
    counts = np.array([len(row) for row in rows], np.int64)
    flat = np.array([place for row in rows for place in row], np.int64).reshape(-1, 3)

    def write(sections: SectionWriter) -> None:
        steps, advances = encode_landmarks(
            np.append(0, np.cumsum(counts)),
            Landmarks(flat[:, 0], flat[:, 1], flat[:, 2].astype(np.bool_)),
        )
        write_landmarks(sections, "x", [steps], [advances], counts)

    numbers = [number % len(rows) for number in asked] if rows else []
    reader = LandmarkReader(written(write), "x", len(rows))
    if not numbers:
        return
    found, bounds = reader.read(numbers)
    expected = [place for number in numbers for place in rows[number]]
    assert bounds == [0, *accumulate(len(rows[number]) for number in numbers)]
    assert found.syllables.tolist() == [syllable for syllable, _, _ in expected]
    assert found.offsets.tolist() == [offset for _, offset, _ in expected]
    assert found.sentences.tolist() == [sentence for _, _, sentence in expected]


texts = st.lists(
    st.sampled_from(["nghị", "quyết", ".", "!\n", "Đảng", "35-NQ/TW", "\n\n", " ", "x " * 130]),
    max_size=20,
).map(" ".join)


@settings(max_examples=15)
@given(st.lists(texts, min_size=1, max_size=4))
def test_landmarks_are_sentences_and_every_127th_syllable_and_the_end(
    bodies: list[str],
) -> None:
    directory = Memory()
    builder = SegmentBuilder()
    builder.add(
        [PendingDocument(Document(id=str(n), body=body), None) for n, body in enumerate(bodies)]
    )
    builder.write(directory, "segment")
    segment = Segment(directory, "segment")
    for number, body in enumerate(bodies):
        tokens = tokenize_syllables(body)
        begins = {
            min(at for at, place in enumerate(tokens.starts) if start <= place < end)
            for start, end in sentences(body)
            if any(start <= place < end for place in tokens.starts)
        }
        expected = []
        since = 0
        for at, start in enumerate(tokens.starts):
            since = 0 if at == 0 or at in begins else since + 1
            if since % LANDMARK_STRIDE_SYLLABLES == 0:
                expected.append((at, start, at in begins))
        expected.append((len(tokens.starts), len(body), False))
        found, _ = segment.landmarks.read([number])
        assert list(
            zip(found.syllables.tolist(), found.offsets.tolist(), found.sentences.tolist(),
                strict=True)
        ) == expected  # fmt: skip


def test_texts_that_share_their_syllables_are_damage_before_memory_is_taken() -> None:
    # Ten texts read together would otherwise take ten times the file.
    count = 1000
    bounds = np.zeros((2 * count + 1, 3), "<u4")
    bounds[1::2, 0] = 1 << 20

    def write(sections: SectionWriter) -> None:
        sections.write("x.firsts", np.zeros(1 << 20, np.uint8))
        sections.write("x.seconds", b"")
        sections.write("x.rare", b"")
        sections.write("x.ranks", np.zeros(1, "<u4"))
        sections.write("x.bounds", bounds)

    streams = TokenStreams(written(write), "x", 2 * count)
    assert len(streams.read_runs([(0, 1)])[0]) == 1 << 20
    for read in (
        lambda: streams.read_runs([(2 * number, 2 * number + 1) for number in range(count)]),
        lambda: streams.read_texts(np.arange(0, 2 * count, 2)),
        streams.starts,
    ):
        with pytest.raises(IndexDamagedError):
            read()


def test_texts_that_share_their_landmarks_are_damage_before_memory_is_taken() -> None:
    count = 1000

    def write(sections: SectionWriter) -> None:
        sections.write("x.steps", np.zeros(1 << 20, np.uint8))
        sections.write("x.advances", np.zeros(1 << 20, "<u2"))
        sections.write("x.advances.large", b"")
        sections.write("x.bounds", np.array([0, 1 << 20] * count + [1 << 20], "<u4"))

    landmarks = LandmarkReader(written(write), "x", 2 * count)
    assert len(landmarks.read([0])[0].offsets) == 1 << 20
    with pytest.raises(IndexDamagedError, match="share their landmarks"):
        landmarks.read(range(0, 2 * count, 2))
