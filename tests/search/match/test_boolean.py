"""Test the conditions of a query against a plain evaluation of each document."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path as Folder
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import searchidx
from searchidx import Document
from searchidx.search.match import metadata, prefixes
from searchidx.search.match.boolean import BooleanMatcher, matching_mask
from searchidx.search.query.query import Query, parse
from searchidx.search.query.syntax_tree import And, Clause, Phrase, parse_syllables
from searchidx.store import Store
from searchidx.store.commit.phrases import near_counts
from tests.search.match.naive_boolean import meets
from tests.store.contents import committed

WORDS = [
    "lũ",
    "Lũ",
    "lu",
    "lụ",
    "hoà",
    "hòa",
    "hoàng",
    "hoa",
    "kĩ",
    "kỹ",
    "kính",
    "đi",
    "di",
    "35",
]
FIELDS = {"nguon", "so"}
values = st.sampled_from(["Đài VTV", "dai vtv", "đài vtv", "Đài", "!", 5, "5", ["a", "Đài", 7]])
documents = st.builds(
    Document,
    id=st.integers(0, 9).map(str),
    title=st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join),
    body=st.lists(st.sampled_from([*WORDS, "35-NQ/TW"]), max_size=12).map(" ".join),
    date=st.sampled_from([None, "2023", "2023-07", "2023-07-24", "2022-12-31", "--05-25"]),
    path=st.sampled_from([None, "/Báo cáo/Đi/1.txt", "/bao cao/2.txt", "C:\\bc\\3.TXT"]),
    metadata=st.dictionaries(st.sampled_from(["nguồn", "Nguon", "số"]), values, max_size=2),
)
commits = st.lists(st.lists(documents, min_size=1, max_size=6), min_size=1, max_size=3)

words = st.sampled_from(WORDS)
runs = st.lists(words, min_size=1, max_size=4).map(" ".join)
leaves = st.one_of(
    words,
    runs.map('"{}"'.format),
    st.builds('"{}"~{}'.format, runs, st.integers(0, 6)),
    st.sampled_from([
        "h*", "ho*", "hoa*", "hoà*", "hòa*", "k*", "ki*", "ky*", "kĩ*", "lũ*", "đ*", "3*",
    ]),
    st.sampled_from([
        "path:bao", 'path:"báo cáo/đi"', "path:.txt", "path:Đ", "date:2023", "date:<2023-07-24",
        "date:2022-12-31..", "code:35-nq/tw", "nguon:đài", 'nguon:"dai vtv"', "so:5", "so:7",
        "nguon:!", "nguon:a",
    ]),
)  # fmt: skip


def groups(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda each: f"({' '.join(each)})"),
        several.map(lambda each: f"({' OR '.join(each)})"),
        inner.map("-{}".format).filter(lambda text: not text.startswith("--")),
        inner.filter(lambda text: not text.startswith("-")).map(lambda text: f"title:({text})"),
        inner.map("body:({})".format),
    )


queries = st.lists(st.recursive(leaves, groups, max_leaves=6), min_size=1, max_size=3).map(
    " ".join
)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(commits, st.lists(queries, min_size=1, max_size=8), st.booleans())
def test_documents_meet_what_a_plain_look_says(
    commits: list[list[Document]], asked: list[str], exact: bool
) -> None:
    with TemporaryDirectory() as folder:
        reader = committed(folder, *commits)
        live = np.flatnonzero(reader.live).tolist()
        for text in asked:
            root = parse(text, FIELDS).root
            mask = BooleanMatcher(reader, exact).mask(root, reader.live)
            found = np.flatnonzero(mask).tolist()
            assert found == [n for n in live if meets(reader.document(n), root, exact)], text
            # Words that stand alone are optional, so they are no conditions.
            allowed = matching_mask(reader, parse(text, FIELDS), exact=exact)
            assert allowed is None or not (mask & ~allowed).any()


@given(
    st.lists(st.sampled_from("ab"), max_size=9), st.lists(st.sampled_from("ab"), min_size=1),
    st.integers(0, 5),
)  # fmt: skip
def test_near_words_have_a_place_each(text: list[str], asked: list[str], slop: int) -> None:
    found = Phrase(parse_syllables(" ".join(asked[:4])), slop)
    counts = near_counts(tuple(("folded", each.folded) for each in found.syllables))
    length = len(found.syllables) + slop
    expected = any(
        all(text[at : at + length].count(form) >= count for (_, form), count in counts.items())
        for at in range(len(text))
    )
    assert meets(Document(id="x", body=" ".join(text)), found, exact=False) == expected


def test_a_place_of_a_marked_word_is_no_other_word_as_well() -> None:
    terms = (("marked", "đảng"), ("folded", "dang"), ("folded", "uy"), ("marked", "ủy"))
    assert near_counts(terms) == {
        ("marked", "đảng"): 1, ("folded", "dang"): 2, ("folded", "uy"): 2, ("marked", "ủy"): 1,
    }  # fmt: skip
    assert near_counts((("marked", "đảng"), ("marked", "đảng"))) == {("marked", "đảng"): 2}


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(commits, st.lists(queries, min_size=1, max_size=8), st.booleans())
def test_whoosh_finds_the_same_documents(
    commits: list[list[Document]], asked: list[str], exact: bool
) -> None:
    with TemporaryDirectory() as folder:
        committed(folder, *commits)
        with (
            searchidx.open(Folder(folder) / "index") as index,
            index.whoosh().searcher() as searcher,
        ):
            for text in asked:
                results = index.search(text, limit=100, exact=exact, expand=False)
                found = searcher.search(index.whoosh_query(text, exact=exact), limit=None)
                ids = {hit["stored"]["document"]["id"] for hit in found}
                assert ids == {hit.id for hit in results}, text
                assert len(found) == results.total


def test_whoosh_is_given_phrases_that_no_report_has_as_they_are(index: searchidx.Index) -> None:
    index.add([Document(id="a", body="lúa ngô khoai sắn đậu, mùa này được")])
    for text, count in (('lúa ngô khoai sắn đậu "được mùa"', 0), ('lúa ngô "mùa này"', 1)):
        found = index.search(text, expand=False)
        assert (found.total, len(found.notes)) == (1, 1 - count)
        with index.whoosh().searcher() as searcher:
            assert len(searcher.search(index.whoosh_query(text))) == count


@pytest.fixture
def reports(index: searchidx.Index) -> searchidx.Index:
    index.add(
        [
            Document(
                id="vtv",
                title="Tin lũ",
                body="Đảng uỷ họp về phòng chống lũ",
                date="2023-07-24",
                path="/Tin tức/vtv.txt",
                metadata={"nguồn": "Đài VTV", "thẻ": ["lũ", "bão"]},
            ),
            Document(
                id="vov",
                title="Tin bão",
                body="đang ủy thác; lũ rút, bão tan",
                date="2022",
                path="/tin-tuc/vov.txt",
                metadata={"nguồn": "VOV"},
            ),
            Document(
                id="nq",
                title="Nghị quyết",
                body="Nghị quyết 35-NQ/TW về quản lý thị trường",
            ),
        ]
    )
    return index


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("lũ OR quyết", {"vtv", "vov", "nq"}),
        ("-bão OR thác", {"vtv", "vov", "nq"}),
        ("title:(tin -bao)", {"vtv"}),
        ("title:lu*", {"vtv"}),
        ("lu* -body:(bão OR đảng)", set()),
        ("-body:(thac OR quyet)", {"vtv"}),
        ('"thi quan truong ly"~0', {"nq"}),
        ('"quan truong"~1', set()),
        ('"quan truong"~2', {"nq"}),
        ('"lu lu"~9', set()),
        ('"lu bao tan"~1', {"vov"}),
        ("nguon:vov OR the:bao", {"vtv", "vov"}),
        ("nguồn:“dai vtv”", {"vtv"}),
        ("nguon:đài", set()),
        ('path:"tin tuc"', {"vtv"}),
        ("path:tin -path:vtv", {"vov"}),
        ("-date:2023", {"vov", "nq"}),
        ("date:2023 OR code:35-nq/tw", {"vtv", "nq"}),
        ("-(date:2022..2023)", {"nq"}),
        ("-đảng", {"vov", "nq"}),
        ("-dang", {"nq"}),
        ("-(-đảng)", {"vtv", "vov"}),
        ("hop lu", {"vtv", "vov"}),
        ("(hop lu) OR quyet", {"vtv", "nq"}),
        ("ng*", {"nq"}),
        ("nghị*", {"nq"}),
        ("nghĩ*", set()),
        ("quy*", {"nq"}),
        ("quyê*", {"nq"}),
        ("lí* OR qui*", {"nq"}),
    ],
)
def test_what_queries_find(reports: searchidx.Index, query: str, ids: set[str]) -> None:
    results = reports.search(query, expand=False)
    assert {hit.id for hit in results} == ids
    assert results.total == len(ids)
    assert str(reports.parse(query)) == str(reports.parse(str(reports.parse(query))))


def test_marks_bind_with_exact(reports: searchidx.Index) -> None:
    def found(query: str) -> set[str]:
        return {hit.id for hit in reports.search(query, exact=True)}

    assert found("dang*") == set()
    assert found("đang*") == {"vov"}
    assert found("đả*") == {"vtv"}
    assert found("nguon:“dai vtv”") == set()
    assert found("nguon:“ĐÀI vtv”") == {"vtv"}
    assert found("path:“tin tuc”") == set()
    assert found("path:“tin tức”") == {"vtv"}
    assert found('"lũ chống"~0') == {"vtv"}
    assert found('"lu chong"~0') == set()


def test_the_order_of_the_query_comes_before_that_of_the_caller(
    reports: searchidx.Index,
) -> None:
    assert [hit.id for hit in reports.search("-x sort:date")] == ["vtv", "vov", "nq"]
    assert [hit.id for hit in reports.search("date:<2023-07-25 sort:date")] == ["vtv", "vov"]
    latest = [hit.id for hit in reports.search("lu")]
    assert [hit.id for hit in reports.search("lu sort:relevance", sort="date")] == latest


def test_the_most_frequent_beginnings_are_searched_for_and_it_is_said(
    index: searchidx.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefixes, "MAX_EXPANSIONS", 3)
    index.add(Document(id=f"{n}-{m}", body=f"x{n}") for n in range(6) for m in range(n))
    results = index.search("x*", limit=20)
    assert {hit.id[0] for hit in results} == {"5", "4", "3"}
    assert results.notes == (
        "x* begins 5 different syllables; the 3 most frequent ones are searched for",
    )
    assert index.search("x5* -x*").notes == results.notes
    assert index.search("x5*").notes == ()


def test_a_strict_query_of_an_index_names_its_metadata(reports: searchidx.Index) -> None:
    assert str(reports.parse("lũ Nguồn:vtv")) == "lũ nguon:vtv"
    assert str(reports.parse("lũ kênh:vtv")) == "lũ kênh vtv"
    with pytest.raises(searchidx.QueryError, match="not a date") as raised:
        reports.parse("lũ date:mai")
    assert raised.value.position == 3
    assert reports.search("lũ date:mai").total == 2


def test_nothing_required_is_no_condition(reports: searchidx.Index) -> None:
    reader = Store(reports.path).reader()
    assert matching_mask(reader, parse("lũ bão")) is None
    empty: tuple[Clause, ...] = ()
    assert matching_mask(reader, Query("", And(empty))) is None
    found: Any = matching_mask(reader, parse("lũ -bão"))
    assert found.tolist() == [True, False, True]


def test_what_begins_as_typed_ranks_and_is_highlighted(reports: searchidx.Index) -> None:
    hits = reports.search("quy*", expand=False)
    assert [(hit.id, hit.title_highlights) for hit in hits] == [("nq", ((5, 10),))]
    assert hits[0].score > 0
    marked = reports.search("quyế*")[0]
    assert [marked.title[slice(*span)] for span in marked.title_highlights] == ["quyết"]


def test_normalized_paths_are_dropped_with_their_index(tmp_path: Folder) -> None:
    reader = committed(str(tmp_path), [Document(id="a", body="lũ", path="/Báo cáo/1.txt")])
    for exact, path in ((False, "bao"), (True, "báo")):
        mask = matching_mask(reader, parse(f"path:{path}"), exact=exact)
        assert mask is not None
        assert mask.tolist() == [True]
    cached = weakref.ref(reader)
    assert cached() in metadata.normalized_paths
    commits = len(metadata.normalized_paths)
    del reader
    gc.collect()
    assert cached() is None
    assert len(metadata.normalized_paths) < commits
