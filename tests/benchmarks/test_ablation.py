from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import searchidx
from benchmarks.ablation import (
    TIMED,
    WAYS,
    difference,
    milliseconds,
    quality,
    quality_table,
    times_table,
    view_bytes,
)
from benchmarks.parts import NO_MARKS, NO_PAIRS, NO_RESTORED, PARTS, WEIGHTS, WHOLE, Model
from benchmarks.queries import Query
from searchidx.search.match.bm25f import Scorer
from searchidx.search.query.query import parse
from searchidx.search.rank.ranking import Ranker
from searchidx.search.ranking_model import RankingModel
from searchidx.store import FIELDS, VIEWS, Store


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    with searchidx.create(tmp_path / "articles") as index:
        index.add(
            searchidx.Document(id=id_, title=title, body=body)
            for id_, title, body in (
                ("a", "Thuế đất", "Người có đất nộp thuế hằng năm; đất thuê thì không."),
                ("b", "Thuê đất", "Đất cho thuê lại phải có hợp đồng."),
                ("d", "Tiền đất", "Nộp tiền thuê trước ngày 30."),
                ("c", "Lệ phí", "Tra cứu thì ai cũng được, không mất lệ phí gì."),
            )
        )
    return tmp_path / "articles"


def views(path: Path, text: str, model: Model = WHOLE) -> set[str]:
    """Return the views in which a model looks a query up."""
    reader = Store(path).reader()
    found = Ranker(reader, Scorer(reader, model.ranking), parse(text)).plan
    return {feature.view for feature in found.features}


def test_models_look_up_the_views_that_their_names_say(articles: Path) -> None:
    whole = {"folded", "marked", "folded_pair", "marked_pair"}
    assert views(articles, "nộp thuế đất") == whole
    assert views(articles, "nộp thuế đất", NO_PAIRS) == {"folded", "marked"}
    assert views(articles, "nộp thuế đất", NO_MARKS) == {"folded", "folded_pair"}
    assert "marked" not in views(articles, "nop thue dat", NO_RESTORED)
    assert "marked_pair" not in views(articles, "nop thuế dat", NO_RESTORED)
    assert "marked_pair" in views(articles, "nop thuế dat")
    assert "marked" in views(articles, "nop thue dat")


def test_every_model_differs_from_the_others() -> None:
    names = [model.name for model in (*PARTS, *WEIGHTS)]
    assert len(set(names)) == len(names)
    rankings = [model.ranking for model in (*PARTS, *WEIGHTS)]
    assert len(set(rankings)) == len(rankings)
    assert [model for model in (*PARTS, *WEIGHTS) if model.ranking == RankingModel()] == [WHOLE]
    assert PARTS[0] is WHOLE
    assert TIMED[0] is WHOLE


def test_quality_is_of_each_way_of_typing(articles: Path) -> None:
    judgements = {"1": {"a": 1}}
    for number in range(len(PARTS)):
        found = quality(number, articles, {"1": "nộp thuế đất"}, judgements, WAYS)
        assert found == [1.0, 1.0, 1.0]


def test_tables_compare_with_the_whole_model() -> None:
    text = quality_table(["x", "y"], [(WHOLE, [0.5, 0.25]), (NO_PAIRS, [0.4, 0.25])])
    assert text.splitlines()[2:] == [
        "| the whole model | 0.5000 | 0.2500 |",
        "| no pairs | −0.1000 | 0 |",
    ]
    assert difference(0.01234) == "+0.0123"
    assert difference(-0.00001) == "0"
    times = np.arange(1.0, 2 * len(TIMED) + 1).reshape(-1, 2)
    rows = times_table([times, 2 * times], [False, True]).splitlines()
    assert rows[2].startswith("| the whole model | 1.50 | 1.00 (1.00 to 1.00) | 3.00 | 1.00")
    assert rows[3].startswith("| no pairs | 4.50 | 3.00 (3.00 to 3.00) | 6.00 | 2.00")


def test_the_bytes_of_views_are_those_of_their_sections(articles: Path) -> None:
    reader = Store(articles).reader()
    found = view_bytes(reader)
    assert tuple(found) == VIEWS
    (leaf,) = reader.leaves
    owners = {*VIEWS, *(f"{field}_{view}" for field in FIELDS for view in VIEWS)}
    file = leaf.segment.file
    assert sum(map(sum, found.values())) == sum(
        len(file[name]) for name in file.names() if name.partition(".")[0] in owners
    )


def test_times_are_taken_of_every_model_and_query(
    articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.ablation.WARM_UP", 1)
    queries = [Query(text, "a", False) for text in ("thuế đất", "thue dat", "đất")]
    times = milliseconds(articles, queries)
    assert times.shape == (len(TIMED), 2)
    assert (times > 0).all()
