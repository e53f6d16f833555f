from __future__ import annotations

import gzip
import json
from pathlib import Path

from benchmarks.relevance import known_item_set, known_items, rows
from searchidx.evaluation import evaluate


def test_known_items_have_titles_of_their_own() -> None:
    titles = [
        ("1", "Phạm vi"),
        ("2", "Pham vi"),
        ("3", "Nguồn tài chính"),
        ("4", "…"),
        ("5", "Hồ sơ, thủ tục"),
    ]
    assert known_items(titles, 9, 0) == {"3": "Nguồn tài chính", "5": "Hồ sơ, thủ tục"}
    assert len(known_items(titles, 1, 0)) == 1
    assert known_items(titles, 1, 3) == known_items(titles, 1, 3)


def test_a_known_item_is_found_by_its_text_alone(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.jsonl.gz"
    with gzip.open(corpus, "wt", encoding="utf-8") as file:
        for id_, title, text in (
            ("a", "Thuế đất", "Người có đất nộp thuế hằng năm."),
            ("b", "Lệ phí", "Không ai nộp gì cho việc tra cứu."),
        ):
            file.write(json.dumps({"id": id_, "title": title, "text": text}) + "\n")
    collection = known_item_set(corpus, tmp_path)
    with collection.index as index:
        assert len(index) == 2
        assert index.search("thue dat")[0].title == ""
        assert collection.judgements == {"a": {"a": 1}, "b": {"b": 1}}
        evaluations = evaluate(index, collection.queries, collection.judgements)
        (first, *_) = rows(collection, evaluations)
    assert first.startswith("| known item | typed |  | 0.5000 | 0.5000 | 0.5000 | 0.5000 | ")
