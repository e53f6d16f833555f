from __future__ import annotations

import pytest

from benchmarks.measurement import Measurement, Results, Run
from benchmarks.targets import TARGETS, Limit, Target, known, measured, verdict


def measurement(name: str, documents: int, **figures: float) -> Measurement:
    return Measurement(name, "1", "", documents, figures)


@pytest.mark.parametrize(
    ("value", "must", "aim", "at_least", "expected"),
    [
        (1.0, 2.0, 1.0, False, "yes, the aim"),
        (2.0, 2.0, 1.0, False, "yes, not the aim"),
        (2.1, 2.0, 1.0, False, "**no**"),
        (2.0, 2.0, None, False, "yes"),
        (2.0, None, 1.0, False, "the aim: no"),
        (3.0, 3.0, 5.0, True, "yes, not the aim"),
        (2.9, 3.0, 5.0, True, "**no**"),
        (6.0, 3.0, "peer", True, "yes, not the aim"),
        (7.0, 3.0, "peer", True, "yes, the aim"),
        (6.0, 3.0, "missing", True, "yes"),
        (6.0, None, "missing", True, "not measured"),
        (None, 3.0, 5.0, True, "not measured"),
    ],
)
def test_verdict(
    value: float | None, must: Limit, aim: Limit, at_least: bool, expected: str
) -> None:
    figures = {"peer": 7.0} | ({} if value is None else {"ours": value})
    assert verdict(Target("", "ours", None, must, aim, at_least), figures) == expected


def test_a_quotient_needs_both_figures() -> None:
    target = Target("", "ours", "peer", 1)
    assert measured(target, {"ours": 3.0, "peer": 2.0}) == 1.5
    assert measured(target, {"ours": 3.0}) is None
    assert measured(target, {"peer": 3.0}) is None


def results() -> Results:
    return Results(
        date="2026-01-01",
        corpus_documents=100,
        queries=3,
        added=2,
        added_bytes=10.0,
        references={"import numpy, click": 100.0},
        full=Run(
            100,
            1000,
            [
                measurement("searchidx", 100, rate=4.0, memory=600.0, cold=250.0),
                measurement("tantivy", 100, rate=5.0),
                measurement("whoosh-pyvi", 50, rate=0.2, memory=400.0),
            ],
        ),
        small=Run(10, 100, [measurement("searchidx", 10, memory=300.0)]),
        large=Run(1000, 10000, [measurement("searchidx", 1000, memory=1100.0)]),
        failed=[],
        load=(0.0, 0.0),
    )


def test_figures_of_all_sizes_are_known_apart() -> None:
    figures = known(results())
    assert figures["searchidx memory"] == 600
    assert figures["small searchidx memory"] == 300
    assert figures["large searchidx memory"] == 1100
    assert figures["import numpy, click"] == 100


def test_fewer_documents_give_a_rate_and_nothing_else() -> None:
    figures = known(results())
    assert figures["whoosh-pyvi rate"] == 0.2
    assert "whoosh-pyvi memory" not in figures


def test_targets_against_a_run() -> None:
    figures = known(results())
    verdicts = {target.label: verdict(target, figures) for target in TARGETS}
    assert verdicts["indexing, one process, MB/s"] == "yes, not the aim"
    assert verdicts["— / stock Whoosh + pyvi's"] == "yes"
    assert verdicts["cold start / `import numpy, click`"] == "yes, not the aim"
    assert verdicts["indexing, two processes, MB/s"] == "not measured"
    assert verdicts["— peak memory of indexing, MB"] == "**no**"
