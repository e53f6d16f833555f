"""Compare dictionaries of strings with a sorted list, and of pairs with a set."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from searchidx.errors import IndexDamagedError
from searchidx.store.codec.term_dictionary import (
    PairDictionary,
    TermDictionary,
    write_pair_dictionary,
    write_term_dictionary,
)
from searchidx.store.files.sections import SectionFile, SectionWriter
from tests.store.memory import written


def strings_of(strings: list[bytes]) -> TermDictionary:
    return TermDictionary(
        written(lambda sections: write_term_dictionary(sections, "x", strings)), "x"
    )


def shuffled(letters: st.SearchStrategy[bytes]) -> st.SearchStrategy[list[bytes]]:
    return st.lists(letters, max_size=100, unique=True)


# Few letters, so that many strings share beginnings; and any bytes at all.
few = st.lists(st.sampled_from([b"a", b"b", b"\x00", b"\xff"]), max_size=6).map(b"".join)


@example([], [b""])
@example([b""], [b"", b"a"])
@example([b"a" * 300, b"a" * 300 + b"b"], [b"a" * 299])
@given(shuffled(few) | shuffled(st.binary(max_size=200)), st.lists(few | st.binary()))
def test_strings_are_found_by_value_number_and_beginning(
    strings: list[bytes], others: list[bytes]
) -> None:
    ordered = sorted(strings)
    found = strings_of(ordered)
    assert len(found) == len(ordered)
    assert found.all() == ordered
    assert [found[number] for number in range(len(ordered))] == ordered
    for _ in range(2):  # the cache gives the same as the file
        for string in strings + others:
            expected = ordered.index(string) if string in strings else None
            assert found.find(string) == expected
            assert found.insertion_point(string) == bisect_left(ordered, string)
            for prefix in (string, string[:1]):
                numbers = found.prefix_range(prefix)
                assert [ordered[number] for number in numbers] == [
                    each for each in ordered if each.startswith(prefix)
                ]


@pytest.mark.parametrize("count", [31, 32, 33, 64, 65, 10_000])
def test_dictionaries_of_every_number_of_blocks(count: int) -> None:
    # 10,000 strings are 313 blocks, of which 128 are remembered at a time.
    ordered = sorted(str(number).encode() for number in range(count))
    found = strings_of(ordered)
    assert found.all() == ordered
    for _ in range(2):
        assert [found.find(string) for string in ordered] == list(range(count))
    assert found.find(b"x") is None
    assert found.insertion_point(b"x") == count
    assert found.prefix_range(b"2") == range(
        bisect_left(ordered, b"2"), bisect_left(ordered, b"3")
    )


def test_a_dictionary_that_breaks_off_is_damaged() -> None:
    def write(sections: SectionWriter) -> None:
        write_term_dictionary(sections, "y", [b"a"])
        sections.write("x.count", np.array([33], "<u8"))
        for part in ("firsts", "firsts.ends", "blocks", "blocks.ends"):
            sections.write(f"x.{part}", bytes(file[f"y.{part}"].read()))

    file = written(lambda sections: write_term_dictionary(sections, "y", [b"a"]))
    with pytest.raises(IndexDamagedError, match="the dictionary x breaks off"):
        TermDictionary(written(write), "x")


def file_of(pairs: set[tuple[int, int]], count: int) -> SectionFile:
    keys = np.array([first << 32 | second for first, second in sorted(pairs)], np.int64)
    return written(lambda sections: write_pair_dictionary(sections, "x", keys, count))


@settings(max_examples=50)
@given(st.data(), st.sampled_from([1, 2, 7, 255, 256, 65_535, 65_536, 70_000]))
def test_pairs_are_found_by_value(data: st.DataObject, count: int) -> None:
    numbers = st.integers(0, count - 1) | st.integers(0, min(count - 1, 5))
    pairs = data.draw(st.sets(st.tuples(numbers, numbers), max_size=30))
    others = data.draw(st.lists(st.tuples(numbers, numbers)))
    file = file_of(pairs, count)
    found = PairDictionary(file, "x", count)
    ordered = sorted(pairs)
    assert len(found) == len(ordered)
    assert [(key >> 32, key & 0xFFFFFFFF) for key in found.keys().tolist()] == ordered
    for pair in [*ordered, *others]:
        assert found.find(*pair) == (ordered.index(pair) if pair in pairs else None)
    wanted = np.array([*others, *ordered, *others], np.int64).reshape(-1, 2)
    assert found.find_many(wanted[:, 0], wanted[:, 1]).tolist() == [
        ordered.index(pair) if pair in pairs else -1 for pair in map(tuple, wanted.tolist())
    ]
    for first in {first for first, _ in [*ordered, *others]}:
        start, seconds = found.pairs_starting_with(first)
        own = [pair for pair in ordered if pair[0] == first]
        assert [(first, second) for second in seconds.tolist()] == own
        assert not own or ordered.index(own[0]) == start
    width = 1 if count < 256 else 2 if count < 65_536 else 4
    assert len(file["x.seconds"]) == width * len(pairs)


def test_no_pairs_of_nothing() -> None:
    found = PairDictionary(file_of(set(), 0), "x", 0)
    assert (len(found), found.keys().tolist()) == (0, [])


def forged_dictionary(count: int, firsts: bytes, ends: list[int], blocks: bytes) -> SectionFile:
    def write(sections: SectionWriter) -> None:
        sections.write("x.count", np.array([count], "<u8"))
        sections.write("x.firsts", firsts)
        sections.write("x.firsts.ends", np.array(ends, "<u8"))
        sections.write("x.blocks", blocks)
        sections.write("x.blocks.ends", np.array([0, *[len(blocks)] * (len(ends) - 1)], "<u8"))

    return written(write)


@pytest.mark.parametrize("part", ["firsts", "blocks"])
def test_alternating_bounds_are_damage_before_memory_is_taken(part: str) -> None:
    # As strings these would take 32,000 times 3 MB.
    size, count = 3 << 20, 32_000
    alternating = np.array([0, size] * (count // 2) + [size], "<u8")
    once = np.array([0] + [1] * count, "<u8")

    def write(sections: SectionWriter) -> None:
        sections.write("x.count", np.array([32 * count], "<u8"))
        for each in ("firsts", "blocks"):
            sections.write(f"x.{each}", bytes(size if each == part else 1))
            sections.write(f"x.{each}.ends", alternating if each == part else once)

    with pytest.raises(IndexDamagedError, match="outside of their section"):
        TermDictionary(written(write), "x")


@pytest.mark.parametrize("count", [0, 1, 33, 1 << 40, (1 << 64) - 1])
def test_a_count_that_does_not_fit_the_strings_is_damage(count: int) -> None:
    file = forged_dictionary(count, b"abc", [0, 1, 2, 3], b"")
    with pytest.raises(IndexDamagedError, match="breaks off"):
        TermDictionary(file, "x")


@pytest.mark.parametrize("length", [9, 100, 3 << 20])
def test_a_number_without_an_end_is_no_number(length: int) -> None:
    dictionary = TermDictionary(forged_dictionary(32, b"a", [0, 1], b"\xff" * length), "x")
    for read in (dictionary.all, lambda: dictionary.find(b"b"), lambda: dictionary[1]):
        with pytest.raises(ValueError, match="has no end"):
            read()


def test_a_block_is_as_long_as_its_strings() -> None:
    block = b"\x01\x01b"
    assert TermDictionary(forged_dictionary(2, b"a", [0, 1], block), "x").all() == [b"a", b"ab"]
    for other in (block + b"\0", block[:-1], b"\x01\x7fb"):
        with pytest.raises(ValueError, match="another length"):
            TermDictionary(forged_dictionary(2, b"a", [0, 1], other), "x").all()
