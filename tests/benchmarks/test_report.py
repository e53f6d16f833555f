from __future__ import annotations

import re
from dataclasses import replace

import pytest

from benchmarks.measurement import Measurement, Run
from benchmarks.report import growth, limit, number, page, table
from benchmarks.targets import TARGETS, Target
from tests.benchmarks.test_targets import measurement, results


def cells(text: str, label: str) -> list[str]:
    row = next(line for line in text.splitlines() if line.startswith(f"| {label} |"))
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.0123456, "0.0123"), (1.0, "1.00"), (99.94, "99.9"), (62294.0, "62,294")],
)
def test_three_digits(value: float | None, text: str) -> None:
    assert number(value) == text


def test_peers_are_divided_by_searchidx_unless_they_have_fewer_documents() -> None:
    text = table(results().full)
    assert cells(text, "indexing, MB/s") == ["4.00", "5.00 (1.25×)", "0.200 (0.0500×)"]
    assert cells(text, "peak memory of indexing, MB") == ["600", "–", "400"]
    assert "whoosh-pyvi, 50 documents" in text


def test_both_modes_are_divided_by_the_one_of_searchidx() -> None:
    figures = {"all p99": 8.0, "any p99": 2.0}
    ours = Measurement("searchidx", "1", "", 100, {"any p99": 4.0})
    text = table(Run(100, 1, [ours, Measurement("fts5", "1", "", 100, figures)]))
    assert cells(text, "all words: p99, ms") == ["–", "8.00 (2.00×)"]
    assert cells(text, "any word: p99, ms") == ["4.00¹", "2.00 (0.500×)"]


def test_growth_has_the_engines_with_several_sizes() -> None:
    runs = [
        Run(10, 1, [Measurement("searchidx", "1", "", 10, {"any p50": 2.0})]),
        Run(
            100,
            1,
            [
                Measurement("searchidx", "1", "", 100, {"any p50": 3.0}),
                Measurement("fts5", "1", "", 100, {"any p50": 3.0}),
            ],
        ),
    ]
    text = growth(runs)
    assert text.splitlines()[0] == "|  | searchidx |"
    assert cells(text, "any word: p50 at 100, ms") == ["3.00"]
    assert re.findall(r"^\| — 100 / 10 \| (.*) \|$", text, re.MULTILINE) == [
        "–",
        "–",
        "1.50",
        "–",
    ]


def test_limits_as_text() -> None:
    target = Target("", "ours", at_least=True)
    assert limit(target, 3, {}) == "≥ 3"
    assert limit(target, "tantivy rate", {"tantivy rate": 25.43}) == "≥ 25.4 (tantivy)"
    assert limit(target, "tantivy rate", {}) == "≥ – (tantivy)"
    assert limit(target, None, {}) == "–"


def test_page_has_every_target_and_what_failed() -> None:
    text = page(replace(results(), failed=["fts5, 100 documents"]))
    for target in TARGETS:
        assert f"| {target.label} |" in text
    assert "Not measured, for an error: fts5, 100 documents." in text
    assert "1,000 documents are the 100 several times over" in text
    assert "a random sample that is the same" not in text


def test_page_of_one_size() -> None:
    nothing = Run(10, 0)
    text = page(replace(results(), small=nothing, large=nothing, corpus_documents=200))
    assert "## Growth\n\nNot measured." in text
    assert "a random sample that is the same" in text


def test_page_without_measurements() -> None:
    nothing = Run(10, 0)
    text = page(replace(results(), full=nothing, small=nothing, large=nothing))
    assert text.count("not measured") >= len(TARGETS)
    assert measurement("fts5", 1).name not in text.split("## Side by side")[1].split("##")[0]
