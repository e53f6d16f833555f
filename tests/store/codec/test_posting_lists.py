"""Compare postings lists with a dict of lists."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchidx.errors import IndexDamagedError
from searchidx.store.codec.posting_lists import (
    PostingLists,
    PostingListsWriter,
    read_posting_lists,
)
from searchidx.store.files.sections import SectionFile, SectionWriter
from tests.store.memory import written

Postings = dict[int, int]  # of each document the frequency


def file_of(terms: list[Postings], size: int, cuts: list[int]) -> SectionFile:
    """Write the lists of terms, appended in chunks that begin at `cuts`."""

    def write(sections: SectionWriter) -> None:
        writer = PostingListsWriter(sections, "x", size)
        edges = [0, *sorted(cut % (len(terms) + 1) for cut in cuts), len(terms)]
        with sections.section("x.data"):
            for first, stop in pairwise(edges):
                chunk = terms[first:stop]
                postings = [pair for term in chunk for pair in sorted(term.items())]
                writer.append(
                    np.array([len(term) for term in chunk], np.int64),
                    np.array([document for document, _ in postings], np.int32),
                    np.array([frequency for _, frequency in postings], np.int32),
                )
        writer.finish()

    return written(write)


def assert_read(lists: PostingLists, terms: list[Postings]) -> None:
    assert len(lists) == len(terms)
    assert lists.counts().tolist() == [len(term) for term in terms]
    for number, term in enumerate(terms):
        documents, frequencies = lists.read(number)
        assert documents.dtype == frequencies.dtype == np.int32
        assert documents.tolist() == sorted(term)
        assert frequencies.tolist() == [term[document] for document in sorted(term)]
        assert lists.count(number) == len(term)


# Near the borders of the tiers: gaps of 10 and 1,545, frequencies of 4 and 259.
frequencies = st.sampled_from([1, 2, 3, 4, 5, 258, 259, 260, 261, 1 << 30]) | st.integers(1, 9)
documents = st.integers(0, 40) | st.integers(0, 4_000) | st.integers(0, 69_999)


@pytest.mark.slow
@settings(max_examples=60)
@given(
    st.lists(st.dictionaries(documents, frequencies, max_size=12), max_size=12),
    st.sampled_from([0, 1, 70_000, 1 << 24]),
    st.lists(st.integers(0, 100), max_size=3),
    st.integers(0, 12),
    st.integers(0, 12),
)
def test_lists_are_what_was_written(
    terms: list[Postings], room: int, cuts: list[int], one: int, two: int
) -> None:
    size = max((max(term, default=0) for term in terms), default=0) + 1 + room
    lists = PostingLists(file_of(terms, size, cuts), "x", size)
    assert_read(lists, terms)
    first, stop = sorted((min(one, len(terms)), min(two, len(terms))))
    counts, found, often = lists.read_range(first, stop)
    wanted = terms[first:stop]
    assert counts.tolist() == [len(term) for term in wanted]
    assert found.tolist() == [document for term in wanted for document in sorted(term)]
    assert often.tolist() == [term[document] for term in wanted for document in sorted(term)]


@pytest.mark.parametrize("gap", [9, 10, 265, 266, 1_544, 1_545, 65_535, 65_536, 1 << 24])
def test_gaps_at_the_borders_of_tiers_and_widths(gap: int) -> None:
    terms = [{0: 1, gap + 1: 3}, {gap: 4}, {}, {gap: 1, gap + 1: 2, 2 * gap + 2: 300}]
    size = 2 * gap + 3
    assert_read(PostingLists(file_of(terms, size, []), "x", size), terms)


def test_more_documents_than_a_byte_counts() -> None:
    # 255 and more stand beside the column of counts.
    terms = [dict.fromkeys(range(count), 1) for count in (254, 255, 256, 0, 3_000)]
    file = file_of(terms, 3_000, [2])
    assert_read(PostingLists(file, "x", 3_000), terms)
    # A gap of 0 takes half a byte, a frequency of 1 a quarter.
    assert len(file_of(terms[:4], 3_000, [2])["x.data"]) == 575
    assert len(file["x.data"]) == 575 + 1_500 + 750


def test_long_lists_are_decoded_in_pieces() -> None:
    rng = np.random.default_rng(35)
    gaps = rng.choice([0, 1, 9, 10, 300, 1_544, 1_545, 3_000], 70_000, p=[0.9] + [0.1 / 7] * 7)
    numbers = (np.cumsum(gaps + 1) - 1).tolist()
    often = rng.choice([1, 2, 4, 259, 9_999], len(numbers)).tolist()
    size = numbers[-1] + 1
    terms = [dict(zip(numbers, often, strict=True)), {size - 1: 1}]
    lists = PostingLists(file_of(terms, size, [1]), "x", size)
    assert_read(lists, terms)
    assert lists.read_range(0, 1)[1].tolist() == numbers


def test_lists_that_name_what_is_not_there_are_not_believed() -> None:
    terms: list[Postings] = [{0: 1}, {3: 1, 9: 1}]
    file = file_of(terms, 10, [])
    assert_read(PostingLists(file, "x", 10), terms)
    for size in (1, 9):
        lists = PostingLists(file, "x", size)
        with pytest.raises(
            IndexDamagedError, match="postings lists of x go beyond their section"
        ):
            lists.read(1)
        with pytest.raises(
            IndexDamagedError, match="postings lists of x go beyond their section"
        ):
            lists.read_range(0, 2)


def fields_file(fields: list[list[Postings]], size: int) -> SectionFile:
    """Write a segment with a field for each list of terms: "f0", "f1" and so on."""

    def write(sections: SectionWriter) -> None:
        for number, terms in enumerate(fields):
            writer = PostingListsWriter(sections, f"f{number}", size)
            postings = [pair for term in terms for pair in sorted(term.items())]
            with sections.section(f"f{number}.data"):
                writer.append(
                    np.array([len(term) for term in terms], np.int64),
                    np.array([document for document, _ in postings], np.int32),
                    np.array([frequency for _, frequency in postings], np.int32),
                )
            writer.finish()

    return written(write)


several_fields = st.lists(
    st.lists(st.dictionaries(documents, frequencies, max_size=12), min_size=1, max_size=6),
    min_size=1,
    max_size=3,
)
terms_of_fields = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), max_size=12)


@pytest.mark.slow
@settings(max_examples=60)
@given(several_fields, terms_of_fields, st.sampled_from([0, 3, 2048]))
def test_lists_read_together_are_those_read_one_by_one(
    fields: list[list[Postings]], chosen: list[tuple[int, int]], short: int
) -> None:
    size = 70_000
    file = fields_file(fields, size)
    lists = [PostingLists(file, f"f{number}", size) for number in range(len(fields))]
    wanted = [
        (lists[field % len(fields)], term % len(fields[field % len(fields)]))
        for field, term in chosen
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("searchidx.store.codec.posting_lists.SHORT_LIST_POSTINGS", short)
        together = read_posting_lists(wanted)
    assert len(together) == len(wanted)
    for (found, often), (field, number) in zip(together, wanted, strict=True):
        expected = field.read(number)
        assert found.dtype == often.dtype == np.int32
        assert found.tolist() == expected[0].tolist()
        assert often.tolist() == expected[1].tolist()


def test_long_and_short_lists_are_read_together_in_the_order_asked_for() -> None:
    terms: list[Postings] = [
        dict.fromkeys(range(0, 9_000, 3), 2),
        {},
        {8_999: 300},
        dict.fromkeys(range(2_048), 1),
        dict.fromkeys(range(2_049), 5),
    ]
    lists = PostingLists(file_of(terms, 9_000, []), "x", 9_000)
    together = read_posting_lists([(lists, number) for number in (4, 2, 1, 0, 3, 2)])
    assert [len(found) for found, _ in together] == [2_049, 1, 0, 3_000, 2_048, 1]
    assert [often[0] for _, often in together if len(often)] == [5, 300, 2, 1, 300]


def outcome(lists: PostingLists, numbers: list[int], together: bool) -> list[list[int]] | None:
    """Return the documents and frequencies of some terms, or None if they are refused."""
    try:
        if together:
            found = read_posting_lists([(lists, number) for number in numbers])
        else:
            found = [lists.read(number) for number in numbers]
    except (IndexDamagedError, ValueError, IndexError):  # as the reader's methods are guarded
        return None
    return [values.tolist() for both in found for values in both]


@pytest.mark.slow
@settings(max_examples=100)
@given(
    st.lists(st.dictionaries(documents, frequencies, max_size=12), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 999), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_lists_with_damaged_bytes_are_refused_together_as_one_by_one(
    terms: list[Postings], harm: list[tuple[int, int]]
) -> None:
    size = 70_000
    whole = file_of(terms, size, [])

    def write(sections: SectionWriter) -> None:
        """Write sections with right checksums over bytes that make no sense."""
        for name in whole.names():
            data = bytearray(whole[name].read())
            if name == "x.data":
                for place, value in harm if data else ():
                    data[place % len(data)] = value
            sections.write(name, bytes(data))

    lists = PostingLists(written(write), "x", size)
    every = list(range(len(terms)))
    assert outcome(lists, every, True) == outcome(lists, every, False)


@pytest.mark.parametrize("count", [1, 200])
def test_a_list_of_many_more_bytes_than_postings_is_damage(count: int) -> None:
    """Otherwise overlapping bounds would make many lists of the same bytes."""
    terms = 1000

    def write(sections: SectionWriter) -> None:
        sections.write("x.data", np.zeros(1 << 20, np.uint8))
        sections.write("x.counts", np.full(terms, count, np.uint8))
        sections.write("x.counts.large", b"")
        sections.write("x.bounds", np.array([0, 1 << 20] * (terms // 2) + [1 << 20], "<u4"))

    lists = PostingLists(written(write), "x", 200)
    for read in (
        lambda: lists.read(0),
        lambda: read_posting_lists([(lists, number) for number in range(0, terms, 2)]),
        lambda: lists.read_range(0, 1),
        lambda: lists.read_range(0, terms),
    ):
        with pytest.raises(IndexDamagedError):
            read()
