"""Compare what Whoosh's searcher finds in a searchidx index and in Whoosh's own files."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from whoosh import query, scoring
from whoosh.qparser import MultifieldParser, QueryParser
from whoosh.reading import IndexReader
from whoosh.searching import Searcher
from whoosh.sorting import FieldFacet, MultiFacet
from whoosh.util.numeric import byte_to_length, length_to_byte

from searchidx.language.tokenizer import tokenize_syllables
from searchidx.whoosh_compat import ColumnReader
from searchidx.whoosh_compat.queries import DateRange, Proximity
from tests.whoosh_compat.queries import Queries

TREES = 240


def found(reader: IndexReader, tree: Any, weighting: Any = scoring.TF_IDF) -> dict[int, float]:
    """Return the score of every document that a query finds."""
    results = Searcher(reader, weighting=weighting, closereader=False).search(tree, limit=None)
    return {number: score for score, number in results.top_n}


def body(reader: ColumnReader, number: int) -> str:
    """Return the body of a document as it was added."""
    text: str = reader.stored_fields(number)["stored"]["document"]["body"]
    return text


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_queries_of_every_class_find_and_score_the_same(
    ours: ColumnReader, stock: IndexReader, seed: int
) -> None:
    queries = Queries(random.Random(seed))
    empty = 0
    for _ in range(TREES // 10):
        tree = queries.draw()
        expected = found(stock, tree)
        empty += not expected
        assert found(ours, tree) == pytest.approx(expected, rel=1e-9), tree
    assert empty < TREES // 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_without_scores_they_find_the_same(
    ours: ColumnReader, stock: IndexReader, seed: int
) -> None:
    queries = Queries(random.Random(100 + seed))
    first, second = Searcher(ours), Searcher(stock, closereader=False)
    for _ in range(15):
        tree = queries.draw()
        assert list(first.docs_for_query(tree)) == list(second.docs_for_query(tree)), tree


@pytest.mark.slow
def test_bm25f_scores_the_same_where_whoosh_keeps_lengths_exactly(
    ours: ColumnReader, stock: IndexReader
) -> None:
    compared = 0
    for word in ("nghi", "quyet", "dang", "2023"):
        tree = query.Term("body_folded", word)
        expected = found(stock, tree, scoring.BM25F)
        scores = found(ours, tree, scoring.BM25F)
        assert scores.keys() == expected.keys()
        for number, score in scores.items():
            length = ours.doc_field_length(number, "body_folded")
            if byte_to_length(length_to_byte(length)) == length:
                compared += 1
                assert score == pytest.approx(expected[number], rel=1e-6)
    assert compared > 100


@pytest.mark.parametrize("seed", range(40))
def test_the_first_ten_are_those_of_all(ours: ColumnReader, seed: int) -> None:
    """Whoosh's usual collector skips nothing here; over its own files it does."""
    chance = random.Random(seed)
    queries = Queries(chance)
    tree = query.And(
        [
            query.Or([queries.term(("body_folded", "title_folded")) for _ in range(3)]),
            query.AndMaybe(queries.term(("body_marked",)), queries.term(("body_folded",))),
        ]
    )
    scores = found(ours, tree, scoring.BM25F)
    best = sorted(scores, key=lambda number: (-round(scores[number], 9), number))
    top = Searcher(ours).search(tree, limit=10)
    assert [number for _, number in top.top_n] == best[:10]


def test_columns_filter_sort_and_group_the_same(ours: ColumnReader, stock: IndexReader) -> None:
    def outcome(reader: IndexReader) -> list[Any]:
        searcher = Searcher(reader, closereader=False)
        long = query.ColumnQuery("body_length", lambda value: value > 20)
        everything = query.Every()
        by_day = MultiFacet([FieldFacet("date_last", reverse=True), FieldFacet("title_length")])
        dated = searcher.search(
            query.Term("body_folded", "nghi"),
            limit=None,
            sortedby=by_day,
            groupedby="date_first",
        )
        named = searcher.search(everything, limit=None, sortedby="id", filter=long)
        return [
            list(searcher.docs_for_query(long)),
            [number for _, number in dated.top_n],
            dated.groups(),
            [number for _, number in named.top_n],
        ]

    found_in_ours = outcome(ours)
    assert found_in_ours == outcome(stock)
    lengths = [
        len(tokenize_syllables(body(ours, number))) for number in range(ours.doc_count())
    ]
    long = [number for number, length in enumerate(lengths) if length > 20]
    assert found_in_ours[0] == sorted(found_in_ours[3]) == long
    days = [date(2021, 11, 1), date(2022, 1, 1), date(2023, 7, 24)]
    assert sorted(found_in_ours[2]) == [0, *(day.toordinal() for day in days)]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("nghi quyet", lambda words: {"nghi", "quyet"} <= set(words.split())),
        ('"thi truong"', lambda words: " thi truong " in words),
        ('"thi truong"~4', lambda words: re.search(r" thi( \w+){0,3} truong ", words)),
        ("ngh* NOT quyet", lambda words: " ngh" in words and " quyet " not in words),
        ("[ba TO bao]", lambda words: re.search(" (ba|ban|bao) ", words)),
        ("TR?ờng OR h*a", lambda words: re.search(" (truong|hoa) ", words)),
        ("code:35-NQ/TW", lambda words: " 35 nq tw " in words),
    ],
)
def test_whooshs_parser_finds_what_the_texts_hold(
    ours: ColumnReader, text: str, holds: Callable[[str], object]
) -> None:
    tree = QueryParser("body_folded", ours.schema).parse(text)
    expected = [
        number
        for number in ours.all_doc_ids()
        if holds(f" {' '.join(tokenize_syllables(body(ours, number)).folded)} ")
    ]
    assert sorted(found(ours, tree)) == expected
    assert len(expected) > 5


def test_terms_that_matched_and_highlights(ours: ColumnReader, stock: IndexReader) -> None:
    tree = MultifieldParser(["title_marked", "body_marked"], ours.schema).parse("nghị số")

    def outcome(reader: IndexReader) -> list[Any]:
        results = Searcher(reader, closereader=False).search(tree, limit=None, terms=True)
        hits = {
            hit.docnum: (
                sorted(hit.matched_terms()),
                hit.highlights("body_marked", text=hit["stored"]["document"]["body"]),
            )
            for hit in results
        }
        return sorted(hits.items())

    hits = outcome(ours)
    assert hits == outcome(stock)
    assert len(hits) == 48
    # A word that matched in the title alone is not in what is shown of the body.
    assert all(
        ('<b class="match term' in marked) == any(field == "body_marked" for field, _ in terms)
        for _, (terms, marked) in hits
    )


def test_spelling_and_similar_documents(ours: ColumnReader, stock: IndexReader) -> None:
    searcher = Searcher(ours)
    assert searcher.suggest("body_folded", "trng", maxdist=2)[0] == "truong"
    assert sorted(searcher.reader().terms_within("body_marked", "quan", 1)) == sorted(
        stock.terms_within("body_marked", "quan", 1)
    )
    number = searcher.document_number(id="D3")
    text = body(ours, number)
    terms = dict(searcher.key_terms([number], "body_folded"))
    other = Searcher(stock, closereader=False)
    assert terms == pytest.approx(dict(other.key_terms_from_text("body_folded", text)))
    alike = searcher.more_like(number, "body_folded", top=3)
    assert len(alike) >= 3
    assert number not in [hit.docnum for hit in alike]


def test_syllables_that_stand_together_are_found(ours: ColumnReader) -> None:
    terms = (("folded", "quan"), ("marked", "thị"), ("folded", "ly"))
    forms = [tokenize_syllables(body(ours, number)) for number in range(189)]
    side_by_side, near = set(), set()
    for number, tokens in enumerate(forms):
        both = list(zip(tokens.folded, tokens.marked, strict=True))
        for at in range(len(both)):
            stretch = both[at : at + 5]
            if (
                any(folded == "quan" for folded, _ in stretch)
                and any(folded == "ly" for folded, _ in stretch)
                and any(marked == "thị" for _, marked in stretch)
            ):
                near.add(number)
            if [folded for folded, _ in stretch[:2]] == ["quan", "ly"]:
                side_by_side.add(number)
    assert near
    assert set(found(ours, Proximity("body", terms, 2))) == near
    pair = Proximity("body", (terms[0], terms[2]))
    assert set(found(ours, pair)) == side_by_side
    inside = query.And([pair, query.Not(Proximity("body", terms, 2))])
    assert set(found(ours, inside)) == side_by_side - near


def test_days_are_found(ours: ColumnReader) -> None:
    def dated(first: date | None, last: date | None) -> set[str | None]:
        numbers = found(ours, DateRange(first, last))
        return {ours.stored_fields(n)["stored"]["document"]["date"] for n in numbers}

    assert dated(None, None) == {"2022", "2021-11", "2023-07-24"}
    assert dated(date(2022, 5, 1), date(2022, 5, 2)) == {"2022"}
    assert dated(date(2022, 5, 1), None) == {"2022", "2023-07-24"}
    assert dated(None, date(2021, 12, 31)) == {"2021-11"}


def test_what_whoosh_has_not_is_refused_over_its_own_files(stock: IndexReader) -> None:
    terms = (("folded", "quan"),)
    assert Proximity("body", terms) == Proximity("body", terms) != Proximity("body", terms, 1)
    assert len({DateRange(None, None), DateRange(None, None), Proximity("body", terms)}) == 2
    assert repr(Proximity("body", terms)) == "Proximity('body', (('folded', 'quan'),), None)"
    with pytest.raises(TypeError, match="DateRange needs the reader of a searchidx index"):
        found(stock, DateRange(None, None))
