"""Test stored texts: whole, in part, with a dictionary, and copied."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from searchidx.errors import IndexDamagedError
from searchidx.store.codec.columns import encode_bounds
from searchidx.store.codec.stored_texts import (
    PIECE_CODE_POINTS,
    StoredTexts,
    StoredTextsWriter,
    train_dictionary,
)
from searchidx.store.files.sections import SectionFile, SectionWriter
from tests.store.memory import written

MAX_CODE_POINTS = 4 * PIECE_CODE_POINTS


def file_of(texts: Sequence[str], dictionary: bytes = b"") -> SectionFile:
    def write(sections: SectionWriter) -> None:
        writer = StoredTextsWriter(sections, "x", dictionary)
        with sections.section("x.data"):
            writer.append(texts[:2])
            writer.append(texts[2:])
        writer.finish()

    return written(write)


# Letters of one, two, three and four bytes; lengths near the borders of pieces.
lengths = st.integers(0, 20) | st.sampled_from(
    [PIECE_CODE_POINTS - 1, PIECE_CODE_POINTS, PIECE_CODE_POINTS + 1, 3 * PIECE_CODE_POINTS]
)
texts = st.builds(
    lambda letters, n: (letters * n)[:n], st.text("aảế\n😀", min_size=1, max_size=5), lengths
)
some = st.lists(texts, max_size=5)


@given(some, st.integers(0, 4 * PIECE_CODE_POINTS), st.integers(0, 4 * PIECE_CODE_POINTS))
def test_texts_are_read_whole_and_in_part(strings: list[str], one: int, two: int) -> None:
    found = StoredTexts(file_of(strings), "x", len(strings), MAX_CODE_POINTS)
    assert found.piece_counts().tolist() == [
        -(-len(string) // PIECE_CODE_POINTS) for string in strings
    ]
    assert len(found.piece_sizes()) == found.piece_counts().sum()
    for number, string in enumerate(strings):
        assert found.read(number) == (string, 0)
        start, stop = sorted((one % (len(string) + 1), two % (len(string) + 1)))
        part, begin = found.read(number, start, stop)
        assert begin <= start
        assert begin % PIECE_CODE_POINTS == 0
        assert part == string[begin : begin + len(part)]
        assert begin + len(part) >= stop
        assert len(part) < stop - start + 2 * PIECE_CODE_POINTS


@settings(max_examples=50)
@given(st.lists(st.tuples(texts, st.booleans()), max_size=6), st.booleans())
def test_copied_texts_are_those_that_were_kept(
    rows: list[tuple[str, bool]], same_dictionary: bool
) -> None:
    strings = [string for string, _ in rows]
    kept = np.array([keep for _, keep in rows], np.bool_)
    own = zstandard.ZstdCompressionDict(b"nghi quyet" * 9).as_bytes()
    source = StoredTexts(
        file_of(strings, own if same_dictionary else b""), "x", len(strings), MAX_CODE_POINTS
    )

    def write(sections: SectionWriter) -> None:
        writer = StoredTextsWriter(sections, "x", own)
        with sections.section("x.data"):
            writer.append(["before"])
            writer.copy(source, kept)
            writer.append(["after"])
        writer.finish()

    expected = ["before", *(string for string, keep in rows if keep), "after"]
    found = StoredTexts(written(write), "x", len(expected), MAX_CODE_POINTS)
    assert [found.read(number)[0] for number in range(len(expected))] == expected
    assert found.dictionary == own


def test_many_texts_share_a_dictionary() -> None:
    rng = random.Random(35)
    words = ["".join(rng.choices("abcdefghế ", k=6)) for _ in range(500)]
    strings = ["".join(rng.choices(words, k=120)) for _ in range(1_600)]
    size = sum(len(string.encode()) for string in strings)
    assert size > 1 << 20
    assert train_dictionary(strings[:100], 100) == b""  # too few
    dictionary = train_dictionary(strings, len(strings))
    assert dictionary == train_dictionary(iter(strings), len(strings))
    assert 1_000 < len(dictionary) <= 1 << 16
    plain, shared = file_of(strings), file_of(strings, dictionary)
    assert len(shared["x.data"]) < 0.8 * len(plain["x.data"])
    found = StoredTexts(shared, "x", len(strings), MAX_CODE_POINTS)
    assert [found.read(number)[0] for number in range(len(strings))] == strings


def test_a_piece_that_would_take_the_memory_is_not_believed() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(4 * PIECE_CODE_POINTS + 1))

    def write(sections: SectionWriter) -> None:
        sections.write("x.data", bomb)
        sections.write("x.dictionary")
        sections.write("x.ends", encode_bounds(np.array([len(bomb)])))
        sections.write("x.pieces", encode_bounds(np.array([1])))

    assert len(bomb) < 100
    with pytest.raises(IndexDamagedError, match="has an impossible size"):
        StoredTexts(written(write), "x", 1, MAX_CODE_POINTS).read(0)


@pytest.mark.parametrize("pieces", [4, 5, 300_000])
def test_a_text_of_too_many_pieces_is_damage_before_memory_is_taken(pieces: int) -> None:
    piece = zstandard.ZstdCompressor().compress(b"a" * PIECE_CODE_POINTS)

    def write(sections: SectionWriter) -> None:
        sections.write("x.data", piece * pieces)
        sections.write("x.ends", encode_bounds(np.full(pieces, len(piece))))
        sections.write("x.pieces", encode_bounds(np.array([pieces])))
        sections.write("x.dictionary", b"")

    found = StoredTexts(written(write), "x", 1, MAX_CODE_POINTS)
    if pieces == 4:
        assert found.read(0)[0] == "".join(found.pieces(0)) == "a" * MAX_CODE_POINTS
    else:
        for read in (lambda: found.read(0), lambda: found.pieces(0)):
            with pytest.raises(IndexDamagedError, match="longer than a text may be"):
                read()
