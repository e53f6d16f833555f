"""Check that a search lexes its text and analyzes its query once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import searchidx
from searchidx import Document
from searchidx.search.query import parser
from searchidx.search.query.query import Query
from searchidx.search.rank import plan
from searchidx.search.rewrite import document_codes
from searchidx.search.suggest import suggestions
from searchidx.store.commit.vocabulary import SyllableVocabulary


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Record the first argument of each call of the functions that analyze a query."""
    recorded: dict[str, list[Any]] = {}

    def record(module: object, name: str) -> None:
        function: Callable[..., Any] = getattr(module, name)
        arguments = recorded.setdefault(name, [])

        def recording(first: Any, *others: Any) -> Any:
            arguments.append(first)
            return function(first, *others)

        monkeypatch.setattr(module, name, recording)

    record(parser, "lex")
    record(document_codes, "find_runs_and_codes")
    for module in (plan, suggestions):
        record(module, "find_question_syllables")
    return recorded


@pytest.mark.parametrize(
    "text",
    [
        "mức gia theo nghi dinh 15/2020 va TT 78/2021/TT-BTC la bao nhieu",
        "UBND tra loi lamgi 35 nq tw -bão title:gia",  # no document has all: suggestions
        'UBND huyện họp bàn chuyện gì hôm nay "không ai thấy"',
    ],
)
def test_a_query_is_analyzed_once(
    index: searchidx.Index, calls: dict[str, list[Any]], text: str
) -> None:
    index.add(
        [
            Document(id="a", body="Nghị định 15/2020/NĐ-CP, giá là 5; UBND (Ủy ban nhân dân)"),
            Document(id="b", body="Ủy ban nhân dân (UBND) trả lời làm gì theo 35-NQ/TW"),
        ]
    )
    index.search(text)
    assert text in calls["lex"]
    assert max(Counter(calls["lex"]).values()) == 1
    assert {query.meant for query in calls["find_runs_and_codes"]} >= {text}
    for name in ("find_runs_and_codes", "find_question_syllables"):
        analyzed: list[Query] = calls[name]
        assert max(Counter(map(id, analyzed)).values()) == 1, name


@pytest.mark.parametrize(
    "text", ["qu*", "quy* nghi*", 'title:quy* -"lũ bão"', "(quy* OR bao*) lũ"]
)
def test_a_prefix_is_expanded_once(
    index: searchidx.Index, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    index.add([Document(id="a", title="Quy định", body="nghị quyết về bão lũ, báo cáo quý")])
    counted: list[tuple[str, str]] = []
    count = SyllableVocabulary.document_counts_with_prefix

    def recording(self: SyllableVocabulary, view: str, beginning: str) -> Any:
        counted.append((view, beginning))
        return count(self, view, beginning)

    monkeypatch.setattr(SyllableVocabulary, "document_counts_with_prefix", recording)
    found = index.search(text, suggest=False)
    assert [hit.id for hit in found] == ["a"]
    assert len(counted) == text.count("*")
    assert len(set(counted)) == len(counted)
