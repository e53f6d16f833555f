"""Test that contributions add up to the scores that they explain."""

from __future__ import annotations

import pytest

from searchidx import Document
from searchidx.search.match.bm25f import Scorer
from searchidx.search.query.query import parse
from searchidx.search.rank.explanation import explain_scores
from searchidx.search.rank.ranking import Ranker
from searchidx.search.rewrite.abbreviations import expand_abbreviations
from searchidx.store import Reader
from tests.store.contents import committed

TEXTS = (
    ("Nghị quyết 35", "Nghị quyết 35 về quản lý thị trường (QLTT); quản lý chợ."),
    ("Thị trường lao động", "Thi tuyển vào đội quản lý thị trường. QLTT tuyển 5 người."),
    ("", "QUAN LY THI TRUONG"),
    ("Nghỉ lễ", "Lịch nghỉ lễ; quyết định nghỉ bù."),
    ("", "Thị xã họp về giá gạo"),
    *((f"Báo cáo {n}", f"Thị xã báo cáo tuần {n}, không có gì mới") for n in range(12)),
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return committed(
        tmp_path_factory.mktemp("explained"),
        [
            Document(id=str(number), title=title, body=body)
            for number, (title, body) in enumerate(TEXTS)
        ],
    )


QUERIES = (
    "quản lý thị trường",
    "quan ly thi truong",
    "quan lý thi trường",
    "quản quan",
    "qltt",
    "QLTT thi tuyển gì",
    "nghi quyet 35 ve quan ly thi truong cho gao",
    "báo cáo không có gì mới",
    "xyzzy thị",
    "date:2023",
)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("text", QUERIES)
def test_what_each_term_gave_adds_up_to_the_score(
    reader: Reader, text: str, exact: bool
) -> None:
    scorer = Scorer(reader)
    query = parse(text)
    expansions = () if exact else expand_abbreviations(reader, query)
    search = Ranker(reader, scorer, query, exact=exact, expansions=expansions)
    ranking = search.rank(50)
    explained = explain_scores(search.plan, scorer, ranking.doc_ids)
    assert len(explained) == len(ranking.doc_ids)
    for contributions, score in zip(explained, ranking.scores.tolist(), strict=True):
        given = [each.score for each in contributions]
        assert sum(given) == pytest.approx(score, rel=0, abs=1e-9)
        assert given == sorted(given, reverse=True)
        assert all(each > 0 for each in given)
        if exact:
            assert {each.view for each in contributions} <= {"marked", "marked_pair", "title"}


def test_an_explanation_names_views_and_what_was_looked_for(reader: Reader) -> None:
    scorer = Scorer(reader)
    query = parse("QLTT nghị quyết")
    search = Ranker(reader, scorer, query, expansions=expand_abbreviations(reader, query))
    ranking = search.rank(1)
    assert ranking.doc_ids.tolist() == [0]
    (contributions,) = explain_scores(search.plan, scorer, ranking.doc_ids)
    found = {(each.view, each.text) for each in contributions}
    assert {
        ("folded", "qltt / quan ly thi truong"),
        ("folded", "quyet"),
        ("marked", "quyết"),
        ("folded_pair", "nghi quyet"),
        ("marked_pair", "nghị quyết"),
    } <= found


def test_another_tone_than_the_typed_one_counts_as_its_letters_alone(reader: Reader) -> None:
    scorer = Scorer(reader)
    search = Ranker(reader, scorer, parse("thì"))
    explained = explain_scores(search.plan, scorer, search.rank(50).doc_ids)
    assert {(each.view, each.text) for one in explained for each in one} == {("folded", "thi")}
