"""The ranking model: its checks, and that every value reaches the ranking."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import pytest

import searchidx
from searchidx import Document, RankingModel
from searchidx.search.ranking_model import DEFAULT_RANKING

REPORTS = [
    Document(id="title", title="kho đường", body="họp giao ban về nhiều việc khác nhau"),
    Document(id="body", title="họp", body="kho đường ở thị trấn"),
    Document(id="long", body="kho " + "và nhiều việc khác nữa " * 20 + "đường"),
    Document(id="other", body="duong kho"),
]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"b": 1.5}, "b must be 0 to 1, not 1.5"),
        ({"b": -0.1}, "b must be 0 to 1, not -0.1"),
        ({"k1": 0.0}, "k1 must be more than 0, not 0.0"),
        ({"like_k3": 0}, "like_k3 must be more than 0, not 0"),
        ({"k1": "1.2"}, "k1 must be a finite number, not '1.2'"),
        ({"k1": True}, "k1 must be a finite number, not True"),
        ({"pair_weight": float("nan")}, "pair_weight must be a finite number, not nan"),
        ({"pair_weight": -1}, "pair_weight must be 0 or more, not -1"),
        ({"like_max_terms": 2.5}, "like_max_terms must be a whole number, not 2.5"),
        ({"near_duplicate_window": 0}, "near_duplicate_window must be 1 to 255, not 0"),
        ({"near_duplicate_window": 256}, "near_duplicate_window must be 1 to 255, not 256"),
        ({"restore_diacritics": 1}, "restore_diacritics must be True or False, not 1"),
        ({"title_weight": 0, "body_weight": 0}, "must not both be 0"),
    ],
)
def test_values_out_of_range_are_errors(values: dict[str, Any], message: str) -> None:
    with pytest.raises(searchidx.QueryError, match=message):
        RankingModel(**values)


def test_a_model_is_a_value() -> None:
    assert RankingModel() == DEFAULT_RANKING
    assert hash(RankingModel()) == hash(DEFAULT_RANKING)
    assert replace(RankingModel(), b=0.5) == RankingModel(b=0.5) != RankingModel()
    with pytest.raises(FrozenInstanceError):
        DEFAULT_RANKING.b = 0.5  # type: ignore[misc]  # which is what is tested


def test_every_field_is_documented() -> None:
    text = inspect.cleandoc(RankingModel.__doc__ or "")
    assert [f.name for f in fields(RankingModel) if f"\n    {f.name}: " not in text] == []


def test_an_index_ranks_by_its_model(tmp_path: Path) -> None:
    light_titles = RankingModel(title_weight=0.1, title_match_weight=0.0)
    with searchidx.create(tmp_path / "index", ranking=light_titles) as index:
        index.add(REPORTS)
        assert index.search_ids("kho đường")[0] == "body"
        index.add([Document(id="more", body="báo cáo")])  # the next commit has the same model
        assert index.search_ids("kho đường")[0] == "body"
        light = [hit.score for hit in index.search("kho đường")]
    with searchidx.open(tmp_path / "index", ranking=light_titles) as index:
        assert [hit.score for hit in index.search("kho đường")] == light
    with searchidx.open(tmp_path / "index", ranking=RankingModel(title_weight=30.0)) as index:
        assert index.search_ids("kho đường")[0] == "title"
    same = RankingModel(title_weight=5.0)
    with searchidx.open(tmp_path / "index", ranking=same) as index:
        scores = [hit.score for hit in index.search("kho đường")]
    with searchidx.open(tmp_path / "index") as index:
        assert [hit.score for hit in index.search("kho đường")] == scores != light
    with pytest.raises(searchidx.QueryError, match="must be a RankingModel, not int"):
        searchidx.open(tmp_path / "index", ranking=5)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    "model",
    [
        RankingModel(b=0.0),
        RankingModel(b=1.0),
        RankingModel(body_weight=0.0),
        RankingModel(k1=5),
        RankingModel(pair_weight=0.0),
        RankingModel(typed_share=0.0, restored_share=0.0),
        RankingModel(typed_share=1.0),
        RankingModel(pair_weight_by_idf=False),
        RankingModel(title_match_weight=0.0),
        RankingModel(title_match_min_share=0.0),
        RankingModel(code_weight=0.0),
    ],
)
def test_explanations_add_up_under_any_model(tmp_path: Path, model: RankingModel) -> None:
    with searchidx.create(tmp_path / "index", ranking=model) as index:
        index.add([*REPORTS, Document(id="empty", title="", body="")])
        for query in ("kho đường", "kho duong", "đường"):
            hits = index.search(query, explain=True)
            assert {"body", "long", "other"} <= {hit.id for hit in hits}
            for hit in hits:
                given = sum(each.score for each in hit.explanation)
                assert given == pytest.approx(hit.score)


def test_question_words_and_diacritics_may_be_taken_as_typed(tmp_path: Path) -> None:
    reports = [
        Document(id="asks", body="bao nhiêu ý kiến"),
        Document(id="answer", body="kho tích hai tấn"),
    ]
    with searchidx.create(tmp_path / "index") as index:
        index.add(reports)
        assert [hit.id for hit in index.search("kho bao nhiêu")] == ["answer"]
    keep = RankingModel(drop_question_words=False)
    with searchidx.open(tmp_path / "index", ranking=keep) as index:
        assert {hit.id for hit in index.search("kho bao nhiêu")} == {"answer", "asks"}
    typed = RankingModel(restore_diacritics=False)
    with searchidx.open(tmp_path / "index", ranking=typed) as index:
        views = {each.view for each in index.search("kho tich", explain=True)[0].explanation}
        assert views == {"folded"}
        assert index.search("kho tich").suggestions == ()
