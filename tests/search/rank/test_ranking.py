from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import searchidx
from searchidx.document import Document
from searchidx.language.dates import PartialDate
from searchidx.search.match.bm25f import Scorer
from searchidx.search.match.top_k import top_k
from searchidx.search.query.query import Query, parse
from searchidx.search.rank.ranking import Ranker
from searchidx.store import Reader
from tests.search.naive import NaiveIndex
from tests.store.contents import committed

WORDS = [
    "nghị",
    "nghi",
    "quyết",
    "QUYẾT",
    "quyet",
    "đảng",
    "đang",
    "ủy",
    "uỷ",
    "35",
    "tw",
    "35-NQ/TW",
    "35/nq-tw",
    "của",
    "bao",
    "nhiêu",
    "gì",
    "họp",
]
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
dates = st.sampled_from([None, "2023", "2023-07", "2023-07-24", "2022-12-31", "--05-25"])
clauses = st.one_of(
    st.sampled_from(WORDS),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(lambda w: f'"{" ".join(w)}"'),
    st.sampled_from(WORDS).map(lambda w: f"-{w}"),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(lambda w: f'-"{" ".join(w)}"'),
    st.sampled_from(WORDS).map(lambda w: f"title:{w}"),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(" OR ".join),
    st.sampled_from(["ng*", "nghị*", "q*", "đ* OR quyết", "-c*", "title:(u* 35)"]),
    st.sampled_from(["date:2023", "date:2023-07-01..2023-07-23", "date:<2023-07-24"]),
)
queries = st.lists(clauses, min_size=1, max_size=5).map(" ".join)
NAMED = [
    "35-NQ/TW",
    "Nghị quyết số 35/2020/NQ-HĐND",
    "Nghị quyết 35/2020",
    "35/2019/QH14",
    "QĐ 35/2020/QĐ-TTg",
    "35 năm 2020",
    "họp 2020",
]
naming_texts = st.lists(st.sampled_from(NAMED), max_size=4).map(", ".join)
NAMING = ["nghị quyết 35", "nghi quyet số 35/2020", "NQ 35 năm 2020", "họp", "luat 35/2019"]
namings = st.lists(st.sampled_from(NAMING), min_size=1, max_size=2).map(" ".join)


@st.composite
def collections(draw: st.DrawFn, texts: st.SearchStrategy[str] = texts) -> list[list[Document]]:
    """Documents in the commits that they come in, some replacing earlier ones."""
    commits = draw(
        st.lists(
            st.lists(st.tuples(st.integers(0, 9), texts, texts, dates), min_size=1, max_size=6),
            min_size=1,
            max_size=3,
        )
    )
    return [
        [
            Document(id=str(n), title=title, body=body, date=date)
            for n, title, body, date in commit
        ]
        for commit in commits
    ]


def ranker(reader: Reader, scorer: Scorer, query: Query, *, exact: bool = False) -> Ranker:
    """Return a ranker that prunes however few documents there are."""
    return Ranker(reader, scorer, query, exact=exact, pruning_threshold=0)


@pytest.mark.slow
@settings(max_examples=60)
@given(collections(), st.lists(queries, min_size=1, max_size=6), st.booleans())
def test_the_ranking_is_that_of_the_naive_index(
    commits: list[list[Document]], asked: list[str], exact: bool
) -> None:
    compare_with_naive(commits, asked, exact=exact)


def named_resolution(id_: str, body: str = "Nghị quyết 35/2020") -> Document:
    return Document(id=id_, body=body)


@pytest.mark.slow
@settings(max_examples=30)
@example(  # the idf of "2" is just below the least one
    [
        [
            named_resolution("0", "35-NQ/TW"),
            named_resolution("1"),
            named_resolution("3"),
            named_resolution("2", "35-NQ/TW, QĐ 35/2020/QĐ-TTg"),
        ]
    ],
    ["nghi quyet số 35/2020"],
)
@given(collections(naming_texts), st.lists(namings, min_size=1, max_size=3))
def test_named_documents_are_ranked_as_in_the_naive_index(
    commits: list[list[Document]], asked: list[str]
) -> None:
    compare_with_naive(commits, asked, exact=False)


def compare_with_naive(commits: list[list[Document]], asked: list[str], *, exact: bool) -> None:
    with TemporaryDirectory() as folder:
        reader = committed(folder, *commits)
        scorer = Scorer(reader)
        numbers = np.flatnonzero(reader.live).tolist()
        naive = NaiveIndex([reader.document(number) for number in numbers])
        latest = {document.id: document for commit in commits for document in commit}
        assert {d.id: d for d in naive.documents} == latest
        for text in asked:
            query = parse(text)
            expected = naive.search(query, exact, reader)
            search = ranker(reader, scorer, query, exact=exact)
            whole = search.rank(100)
            found = [
                (reader.document(int(n)).id, bool(complete), float(score))
                for n, complete, score in zip(
                    whole.doc_ids, whole.complete, whole.scores, strict=True
                )
            ]
            assert [hit[0] for hit in found] == [hit[0] for hit in expected]
            assert [hit[1] for hit in found] == [hit[1] for hit in expected]
            np.testing.assert_allclose(
                [h[2] for h in found], [h[2] for h in expected], atol=1e-9
            )
            assert whole.total == len(expected)
            assert whole.total_complete == sum(hit[1] for hit in expected)
            for offset in range(0, len(found), 2):
                part = search.rank(2, offset)
                assert part.doc_ids.tolist() == whole.doc_ids.tolist()[offset : offset + 2]


def naive_latest(reader: Reader, hits: list[tuple[str, bool, float]]) -> list[str]:
    """Hits of the naive index, the latest first, of one day the best."""
    order = {reader.document(n).id: n for n in np.flatnonzero(reader.live).tolist()}
    days = dict.fromkeys(order, 0)
    for id_ in order:
        date = reader.document(order[id_]).date
        last = PartialDate.parse(date).last_day() if date else None
        days[id_] = last.toordinal() if last is not None else 0
    return [
        hit[0]
        for hit in sorted(
            hits, key=lambda hit: (not hit[1], -days[hit[0]], -round(hit[2], 9), order[hit[0]])
        )
    ]


@pytest.mark.slow
@settings(max_examples=30)
@given(collections(), st.lists(queries, min_size=1, max_size=4), st.integers(1, 3))
def test_the_latest_come_first_and_of_one_day_the_best(
    commits: list[list[Document]], asked: list[str], page: int
) -> None:
    with TemporaryDirectory() as folder:
        reader = committed(folder, *commits)
        scorer = Scorer(reader)
        numbers = np.flatnonzero(reader.live).tolist()
        naive = NaiveIndex([reader.document(number) for number in numbers])
        for text in asked:
            query = parse(text)
            hits = naive.search(query, False, reader)
            scores = {hit[0]: hit[2] for hit in hits}
            search = ranker(reader, scorer, query)
            whole = search.rank(100, by_date=True)
            ids = [reader.document(number).id for number in whole.doc_ids.tolist()]
            assert ids == naive_latest(reader, hits)
            np.testing.assert_allclose(whole.scores, [scores[id_] for id_ in ids], atol=1e-9)
            for offset in range(0, len(ids) + page, page):
                part = search.rank(page, offset, by_date=True)
                cut = slice(offset, offset + page)
                assert part.doc_ids.tolist() == whole.doc_ids[cut].tolist()
                assert part.scores.tolist() == whole.scores[cut].tolist()
                assert part.complete.tolist() == whole.complete[cut].tolist()
            assert search.doc_ids.tolist() == sorted(whole.doc_ids.tolist())
            assert search.doc_ids[search.complete].tolist() == sorted(
                whole.doc_ids[whole.complete].tolist()
            )


def test_a_page_beyond_the_last_hit_is_empty(index: searchidx.Index) -> None:
    index.add([Document(id="a", body="kho đường")])
    for offset in (1, 10_000, 10**30):
        for collapse in (False, True):
            found = index.search("kho", offset=offset, collapse=collapse)
            assert (len(found), found.total) == (0, 1)
            assert len(index.search("kho", offset=offset, sort="date")) == 0
        assert len(index.like("a", offset=offset)) == 0


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.5]), max_size=40), st.integers(0, 45))
def test_the_highest_are_those_of_a_full_sort(keys: list[float], count: int) -> None:
    candidates = np.arange(len(keys), dtype=np.int32) * 3
    expected = sorted(range(len(keys)), key=lambda n: (-keys[n], n))[:count]
    assert top_k(candidates, count, np.array(keys))[0].tolist() == [3 * n for n in expected]


def search_ids(index: searchidx.Index, query: str, **options: Any) -> list[str]:
    return [hit.id for hit in index.search(query, **options)]


def test_marks_that_were_typed_are_preferred_syllable_by_syllable(
    index: searchidx.Index,
) -> None:
    index.add(
        Document(id=id_, body=body)
        for id_, body in [
            ("other", "đang ủy thác"),
            ("typed", "đảng uỷ họp"),
            ("bare", "dang uy hop"),
            ("rest", "không có gì"),
        ]
    )
    assert search_ids(index, "đảng ủy")[0] == "typed"
    assert set(search_ids(index, "đảng ủy")) == {"typed", "other", "bare"}
    assert search_ids(index, "đảng uy")[0] == "typed"
    assert set(search_ids(index, "dang uy")) == {"typed", "other", "bare"}
    assert search_ids(index, "đảng ủy", exact=True)[0] == "typed"
    assert search_ids(index, "dang uy", exact=True) == ["bare"]
    assert search_ids(index, "đảng", exact=True) == ["typed"]


def test_half_typed_words_keep_their_order(index: searchidx.Index) -> None:
    index.add(
        [
            Document(id="apart", body="nghị trường quyết liệt"),
            Document(id="together", body="các nghị quyết mới"),
        ]
    )
    for query in ("nghi quyet", "nghị quyết", "nghị quyet", "nghi quyết"):
        assert search_ids(index, query) == ["together", "apart"]


def test_the_score_alone_orders_and_what_a_hit_lacks_is_said(index: searchidx.Index) -> None:
    index.add(
        [
            Document(id="some", title="vinachem họ", body="vinachem " * 20),
            Document(id="all", body="lời dài " * 2000 + "vinachem họp"),
            *(Document(id=f"hop-{n}", body="họp") for n in range(6)),
        ]
    )
    results = index.search("vinachem họp", limit=2)
    assert [(hit.id, hit.complete, hit.missing) for hit in results] == [
        ("some", False, ("họp",)),
        ("all", True, ()),
    ]
    assert results[0].score > results[1].score
    assert (results.total, results.total_complete) == (8, 1)
    assert results[0].to_dict()["missing"] == ["họp"]
    assert index.search("2023 vinachem khongco").hits[0].missing == ("2023", "khongco")


def test_every_word_may_be_required(index: searchidx.Index) -> None:
    index.add(
        [
            Document(id="both", body="lúa cá", date="2021"),
            Document(id="one", body="lúa lúa lúa", date="2022"),
            Document(id="other", body="lua ca và lũa cà", date="2023"),
        ]
    )
    results = index.search("lúa cá", all_words=True)
    assert [hit.id for hit in results] == ["both"]
    assert (results.total, results.total_complete) == (1, 1)
    assert index.search_ids("lua ca", all_words=True) == ["other", "both"]
    assert index.search_ids("lua ca", all_words=True, sort="date") == ["other", "both"]
    assert index.search("lúa khongco", all_words=True).total == 0
    (years,) = index.facets("lúa cá", "year", all_words=True)
    assert [(each.value, each.count) for each in years.counts] == [("2021", 1)]
    # Question words are required by nobody.
    assert index.search_ids("lúa cá ở đâu", all_words=True) == ["both"]


def test_marks_that_were_typed_are_not_held_by_other_words(index: searchidx.Index) -> None:
    index.add(
        Document(id=id_, body=body)
        for id_, body in [
            ("typed", "Cấm thả chó nơi công cộng"),
            ("other", "cho người cầm đồ"),
            ("unmarked", "cam tha cho noi cong cong"),
            ("tones", "CÂM lặng, chỗ ngồi"),
            ("rest", "không có gì"),
        ]
    )
    found = {hit.id: hit.missing for hit in index.search("cấm chó")}
    assert found == {
        "typed": (),
        "unmarked": (),
        "other": ("cấm", "chó"),
        "tones": ("cấm", "chó"),
    }
    assert index.search("cấm chó")[0].id == "typed"
    assert index.search("cấm chó").total_complete == 2
    # Without marks any spelling holds a word, and marks in capitals are marks.
    assert index.search("cam cho").total_complete == 4
    assert index.search("CẤM chó", all_words=True).total == 2


def test_no_hits_of_many_are_counted_all_the_same(index: searchidx.Index) -> None:
    index.add(Document(id=f"r{n}", body="họp chi bộ") for n in range(600))
    results = index.search("hop chi bo", limit=0)
    assert (len(results), results.total_complete) == (0, 600)


def test_the_latest_come_first_by_date_and_those_without_one_last(
    index: searchidx.Index,
) -> None:
    index.add(
        Document(id=id_, body="họp", date=date)
        for id_, date in [
            ("none", None),
            ("old", "2021-03-01"),
            ("month", "2023-07"),
            ("day", "2023-07-24"),
            ("no-year", "--12-31"),
            ("new", "2024"),
        ]
    )
    assert search_ids(index, "hop", sort="date") == [
        "new",
        "month",
        "day",
        "old",
        "none",
        "no-year",
    ]
    assert search_ids(index, "date:2023-07-24") == ["month", "day"]
    assert search_ids(index, "date:2023..2024", sort="date") == ["new", "month", "day"]


@pytest.mark.parametrize(
    "options", [{"limit": -1}, {"offset": -1}, {"sort": "size"}, {"snippet_length": 0}]
)
def test_options_without_meaning_are_errors(
    index: searchidx.Index, options: dict[str, Any]
) -> None:
    with pytest.raises(searchidx.QueryError):
        index.search("họp", **options)


def test_codes_are_found_however_they_are_written(index: searchidx.Index) -> None:
    index.add(
        Document(id=id_, body=body)
        for id_, body in [
            ("full", "Nghị quyết 35-NQ/TW về tư tưởng"),
            ("dashes", "theo Nghị quyết 35-NQ-TW"),
            ("other", "Nghị quyết 36-NQ/TW và 35 điều"),
            ("decree", "Nghị định 30/2020/NĐ-CP"),
        ]
    )
    assert set(search_ids(index, "code:35-nq/tw")) == {"full", "dashes"}
    assert search_ids(index, "code:30/2020/ND-CP") == ["decree"]
    assert search_ids(index, "nghi quyet -code:35-NQ/TW")[0] == "other"
