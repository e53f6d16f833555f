"""Compare ColumnReader with Whoosh's own reader over the same documents."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.codec.base import Automata
from whoosh.matching import ListMatcher, Matcher, ReadTooFar
from whoosh.reading import IndexReader, ReaderClosed, TermNotFound
from whoosh.util.numeric import byte_to_length, length_to_byte

import searchidx
from searchidx import Document
from searchidx.store import FIELDS, VIEWS, Reader, Store
from searchidx.whoosh_compat import ColumnReader
from searchidx.whoosh_compat.term_enumeration import terms_within_distance

INDEXED = [
    *(f"{field}_{view}" for field in FIELDS for view in VIEWS),
    "id", "source", "path", "code", "short_form", "long_form", "metadata",
]  # fmt: skip


TERMS = {
    "title_folded": 29, "title_marked": 36, "title_word": 80,
    "title_folded_pair": 257, "title_marked_pair": 286,
    "body_folded": 47, "body_marked": 54, "body_word": 162,
    "body_folded_pair": 837, "body_marked_pair": 1155,
    "id": 189, "source": 0, "path": 119, "code": 2, "short_form": 2, "long_form": 2,
    "metadata": 188,
}  # fmt: skip


def test_the_collection_has_segments_of_every_kind(commit: Reader) -> None:
    removed = [0 if leaf.live is None else int((~leaf.live).sum()) for leaf in commit.leaves]
    assert [leaf.segment.size for leaf in commit.leaves] == [160, 40, 10, 2]
    assert removed == [18, 4, 0, 1]


def test_documents_are_the_same(ours: ColumnReader, stock: IndexReader) -> None:
    assert ours.doc_count() == ours.doc_count_all() == stock.doc_count() == 189
    assert not ours.has_deletions()
    assert list(ours.all_doc_ids()) == list(range(189))
    assert [dict(fields) for _, fields in ours.iter_docs()] == list(stock.all_stored_fields())
    identities = [fields["stored"]["document"]["id"] for fields in ours.all_stored_fields()]
    assert "D5" not in identities
    assert identities.count("D197") == 1
    assert "rare" not in identities


@pytest.mark.slow
@pytest.mark.parametrize("field", INDEXED)
def test_terms_and_their_statistics_are_the_same(
    ours: ColumnReader, stock: IndexReader, field: str
) -> None:
    terms = list(ours.lexicon(field))
    assert terms == list(stock.lexicon(field))
    assert len(terms) == TERMS[field]
    for term in terms:
        mine, theirs = ours.term_info(field, term), stock.term_info(field, term)
        for name in ("weight", "doc_frequency", "max_weight", "min_id", "max_id"):
            assert getattr(mine, name)() == getattr(theirs, name)(), (term, name)
        for name in ("min_length", "max_length"):
            exact, rounded = getattr(mine, name)(), getattr(theirs, name)()
            assert rounded == byte_to_length(length_to_byte(exact)), (term, name)
        assert ours.frequency(field, term) == stock.frequency(field, term)
        assert ours.doc_frequency(field, term) == stock.doc_frequency(field, term)
        assert (field, term) in ours


def walked(matcher: Matcher, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
    found = []
    while matcher.is_active():
        given_values = [matcher.value_as(name) for name in values if matcher.supports(name)]
        found.append(
            (matcher.id(), matcher.weight(), bytes(matcher.value() or b""), given_values)
        )
        matcher.next()
    return found


@pytest.mark.parametrize("field", INDEXED)
def test_postings_and_positions_are_the_same(
    ours: ColumnReader, stock: IndexReader, field: str
) -> None:
    values = ("frequency", "weight", "positions", "position_boosts", "characters")
    for term in list(ours.lexicon(field))[::3]:
        expected = walked(stock.postings(field, term), values)
        assert walked(ours.postings(field, term), values) == expected, term
        assert list(ours.postings(field, term).all_ids()) == [each[0] for each in expected]


def test_all_terms_are_in_one_order(ours: ColumnReader, stock: IndexReader) -> None:
    every = list(ours.all_terms())
    assert every == sorted(every) == list(stock.all_terms())
    after = [term for term in every if term >= ("body_marked", "quyết".encode())]
    assert list(ours.terms_from("body_marked", "quyết")) == after


@pytest.mark.parametrize("field", INDEXED)
def test_terms_are_found_by_any_beginning(
    ours: ColumnReader, stock: IndexReader, field: str
) -> None:
    terms = [term.decode() for term in ours.lexicon(field)]
    beginnings = {term[:end] for term in terms[::5] for end in range(len(term) + 1)}
    beginnings |= {"q z", "z", "\U0010ffff", "nghi ", " "}
    for beginning in sorted(beginnings):
        expected = [term.encode() for term in terms if term.startswith(beginning)]
        assert list(ours.expand_prefix(field, beginning)) == expected, beginning
        assert list(stock.expand_prefix(field, beginning)) == expected, beginning


def test_lengths_are_exact(ours: ColumnReader, stock: IndexReader) -> None:
    for field in INDEXED:
        lengths = [ours.doc_field_length(number, field) for number in range(189)]
        for number, length in enumerate(lengths):
            rounded = stock.doc_field_length(number, field) or 0
            assert rounded == byte_to_length(length_to_byte(length)), (field, number)
        assert ours.field_length(field) == stock.field_length(field) == sum(lengths)
        assert ours.min_field_length(field) == min(lengths)
        assert ours.max_field_length(field) == max(lengths)
    assert ours.field_length("body_folded") == 4_086
    assert ours.doc_field_length(0, "code", 7) == 7


def test_columns_are_the_same(ours: ColumnReader, stock: IndexReader) -> None:
    for name in ("title_length", "body_length", "date_first", "date_last"):
        mine, theirs = ours.column_reader(name), stock.column_reader(name)
        assert list(mine) == list(theirs) == mine.load()
        turned = ours.column_reader(name, reverse=True)
        expected = stock.column_reader(name, reverse=True, translate=False)
        assert [turned.sort_key(n) for n in range(189)] == [
            expected.sort_key(n) for n in range(189)
        ]
    firsts = set(ours.column_reader("date_first").load())
    assert firsts == {
        0,
        *(date(*day).toordinal() for day in [(2021, 11, 1), (2022, 1, 1), (2023, 7, 24)]),
    }
    assert not ours.has_column("body_folded")
    with pytest.raises(KeyError, match="body_folded"):
        ours.column_reader("body_folded")


def test_what_is_not_there_is_not_found(ours: ColumnReader) -> None:
    assert ("body_folded", "khong") not in ours
    assert ("nowhere", "nghi") not in ours
    assert ("body_marked", b"\xff\xfe") not in ours
    assert ours.doc_frequency("body_word", "đường_sắt") == 0
    assert ours.frequency("id", "rare") == 0
    for field, term in [("body_folded", "khong"), ("nowhere", "x"), ("body_length", "x")]:
        with pytest.raises(TermNotFound):
            ours.postings(field, term)
        with pytest.raises(TermNotFound):
            ours.term_info(field, term)
    with pytest.raises(TermNotFound, match="not indexed"):
        ours.lexicon("stored")


def test_an_empty_index_has_nothing(index: searchidx.Index) -> None:
    reader = ColumnReader(Store(index.path).reader())
    assert list(reader.all_terms()) == []
    assert list(reader.all_doc_ids()) == []
    assert reader.field_length("body_word") == reader.max_field_length("body_folded") == 0
    with reader, pytest.raises(TermNotFound):
        reader.postings("body_folded", "nghi")


def test_a_reader_that_was_closed_says_so(commit: Reader) -> None:
    reader = ColumnReader(commit)
    reader.close()
    for ask in (
        reader.close,
        reader.doc_count,
        lambda: reader.stored_fields(0),
        lambda: reader.lexicon("id"),
        lambda: reader.postings("id", "D1"),
    ):
        with pytest.raises(ReaderClosed):
            ask()
    assert ColumnReader(commit).doc_count() == 189


def test_vectors_are_the_terms_of_a_document(ours: ColumnReader, commit: Reader) -> None:
    number = ours.first_id("id", "D3")
    vector = ours.vector(number, "body_folded")
    while vector.is_active():
        matcher = ours.postings("body_folded", vector.id())
        matcher.skip_to(number)
        assert vector.weight() == matcher.weight()
        assert vector.value_as("positions") == matcher.value_as("positions")
        vector.next()
    weights = dict(ours.vector_as("weight", number, "body_marked"))
    assert sum(weights.values()) == commit.lengths("body")[ours.numbers[number]]
    assert not ours.has_vector(number, "body_word")
    with pytest.raises(KeyError, match="body_word"):
        ours.vector(number, "body_word")


@pytest.mark.slow
def test_one_reader_serves_many_threads(commit: Reader, stock: IndexReader) -> None:
    reader = ColumnReader(commit)
    fields = ("body_folded", "title_marked")
    terms = [(field, term) for field in fields for term in stock.lexicon(field)]
    alone = [walked(stock.postings(*term), ("positions",)) for term in terms]
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(
            lambda term: walked(reader.postings(*term), ("positions",)), terms * 3
        )
        assert list(together) == alone * 3


@given(st.randoms(use_true_random=False))
def test_a_matcher_steps_and_skips_as_a_list_does(
    ours: ColumnReader, chance: random.Random
) -> None:
    field = chance.choice(["body_folded", "body_marked_pair", "title_word", "code"])
    term = chance.choice(list(ours.lexicon(field)))
    matcher = ours.postings(field, term)
    slow = ListMatcher(list(matcher.all_ids()))
    kept = None
    for _ in range(20):
        assert matcher.is_active() == slow.is_active()
        if not slow.is_active():
            with pytest.raises(ReadTooFar):
                matcher.next() if chance.random() < 0.5 else matcher.skip_to(0)
            matcher.reset()
            slow.reset()
        assert matcher.id() == slow.id()
        step = chance.randrange(4)
        if step == 0:
            kept = matcher.copy(), matcher.id()
        if step == 1:
            to = matcher.id() + chance.randrange(-5, 40)
            matcher.skip_to(to)
            slow.skip_to(to)
        else:
            matcher.next()
            slow.next()
    if kept is not None:
        assert kept[0].id() == kept[1]


@pytest.mark.slow
@given(st.text("abc", max_size=6), st.integers(0, 3))
def test_terms_within_a_distance_are_those_of_whooshs_automaton(
    text: str, distance: int
) -> None:
    terms = [
        "",
        "a",
        "ab",
        "abc",
        "acb",
        "bca",
        "cabbac",
        "aabbcc",
        "bbbb",
        "ccabab",
        "x",
        "abx",
    ]

    def near(one: str, two: str) -> int:
        """Compute Levenshtein's distance from its definition."""
        if not one or not two:
            return len(one) + len(two)
        return min(
            near(one[1:], two) + 1,
            near(one, two[1:]) + 1,
            near(one[1:], two[1:]) + (one[0] != two[0]),
        )

    expected = [term for term in terms if near(term, text) <= distance]
    assert terms_within_distance(terms, text, distance) == expected
    if text and distance:
        automaton = Automata.levenshtein_dfa(text, distance)
        assert [term for term in terms if automaton.accept(term)] == expected


def test_removing_a_document_takes_its_own_terms_away(index: searchidx.Index) -> None:
    index.add([Document(id=f"{n}", body=f"chung {n}") for n in range(9)])
    index.add([Document(id="x", body="độc nhất")])
    index.remove(["4"])
    reader = ColumnReader(Store(index.path).reader())
    assert b"4" not in list(reader.lexicon("body_folded"))
    assert b"chung 4" not in list(reader.lexicon("body_folded_pair"))
    assert list(reader.postings("body_folded", "chung").all_ids()) == [0, 1, 2, 3, 4, 5, 6, 7]
