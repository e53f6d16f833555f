from __future__ import annotations

import math
import random
import subprocess
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel

import searchidx
from searchidx.errors import EvaluationError
from searchidx.evaluation import (
    MEASURES,
    VARIANTS,
    Comparison,
    Evaluation,
    Run,
    compare,
    evaluate,
    measure,
    read_judgements,
    read_queries,
    read_run,
    vary,
    without_marks,
    write_run,
)
from searchidx.evaluation.query_variants import NEIGHBORING_KEYS
from searchidx.language.tokenizer import split_syllables

QUERY = "Ủy ban huyện Đông Sơn họp về phòng, chống lụt bão năm 2022"


def test_the_neighbours_of_a_key_are_those_that_touch_it() -> None:
    assert NEIGHBORING_KEYS["g"] == "bfhtvy"
    assert NEIGHBORING_KEYS["a"] == "qswz"
    assert NEIGHBORING_KEYS["p"] == "lo"
    assert all(
        key in NEIGHBORING_KEYS[near]
        for key in NEIGHBORING_KEYS
        for near in NEIGHBORING_KEYS[key]
    )


@pytest.mark.parametrize(
    ("variant", "seed", "text"),
    [
        ("typed", 0, QUERY),
        ("stripped", 0, "Uy ban huyen Dong Son hop ve phong, chong lut bao nam 2022"),
        ("half", 0, "Uy ban huyen Đông Son hop về phòng, chong lụt bão nam 2022"),
        ("half", 1, "Ủy ban huyen Đông Son hop về phong, chong lụt bão nam 2022"),
        ("half", 2, "Uy ban huyện Dong Son hop về phòng, chống lut bão nam 2022"),
        ("typo", 0, "Ủy ban huyện Đông Sơn họp về phòn, chống lụt bão năm 2022"),
        ("typo", 1, "Ủy ban huyện Đông Sơn họp về phògn, chống lụt bão năm 2022"),
        ("typo", 2, "Ủy ban huyện Đông Sơn họp về phòng, cyống lụt bão năm 2022"),
    ],
)
def test_what_a_query_becomes(variant: str, seed: int, text: str) -> None:
    assert vary(QUERY, variant, seed) == text


def test_marks_are_stripped_in_any_unicode_form() -> None:
    assert without_marks("Đường thuỷ") == "Duong thuy"
    assert without_marks(unicodedata.normalize("NFD", "Đường thuỷ")) == "Duong thuy"
    assert without_marks("한글 35-NQ/TW «ABC»") == "한글 35-NQ/TW «ABC»"


@pytest.mark.parametrize("seed", range(20))
def test_half_of_the_syllables_with_marks_lose_them(seed: int) -> None:
    text = vary(QUERY, "half", seed)
    before, after = split_syllables(QUERY)[0], split_syllables(text)[0]
    lost = [old for old, new in zip(before, after, strict=True) if old != new]
    assert len(lost) == 6  # of eleven: "ban" and "2022" have none to lose
    assert all(new in (old, without_marks(old)) for old, new in zip(before, after, strict=True))


words = st.text("aăâáđeêệghimnoưứptuy35", min_size=1, max_size=6)
texts = st.lists(words, min_size=0, max_size=6).map(" ".join)


@given(texts, st.sampled_from(list(VARIANTS)), st.integers(0, 3))
def test_a_variant_is_a_function_of_the_text_and_the_seed(
    text: str, variant: str, seed: int
) -> None:
    random.seed(seed)  # what else is drawn has no part in it
    once = vary(text, variant, seed)
    random.random()
    assert vary(text, variant, seed) == once


def slips(word: str) -> set[str]:
    """Return all results of one slip in a word that leaves its first letter."""
    found = set()
    for at in range(1, len(word)):
        found |= {word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]}
        found |= {
            word[:at] + (near.upper() if word[at].isupper() else near) + word[at + 1 :]
            for near in NEIGHBORING_KEYS.get(word[at].lower(), "")
        }
        if at > 1 and word[at - 1] != word[at]:
            found.add(word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :])
    return found


@given(texts, st.integers(0, 3))
def test_one_letter_of_one_word_is_mistyped(text: str, seed: int) -> None:
    typed = vary(text, "typo", seed)
    before, after = text.split(" "), typed.split(" ")
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    if any(word.isalpha() and len(word) > 1 for word in before):
        assert len(changed) == 1
    for old, new in changed:
        if old.isalpha():
            assert new in slips(old)


def test_every_slip_happens_some_time() -> None:
    made = {vary("nghị", "typo", seed) for seed in range(400)}
    assert made == slips("nghị")
    assert {"ngị", "nghhị", "nhgị", "nvhị"} < made


def test_slips_are_in_the_longer_words() -> None:
    for seed in range(50):
        assert vary("ở ta có 2022 mét", "typo", seed).startswith("ở ta có 2022 m")
    assert vary("ở 2022", "typo") == "ở 2022"  # there is nothing to mistype


def test_there_is_no_such_variant() -> None:
    with pytest.raises(EvaluationError, match="no variant 'shouted'"):
        vary("nghị", "shouted")


def plainly(run: Run, judgements: Mapping[str, Mapping[str, int]]) -> list[list[float]]:
    """Return the measures by their definitions, one query and one measure at a time."""
    rows = []
    for query, grades in judgements.items():
        found = run.get(query, [])
        gains = [grades.get(document, 0) for document in found]
        condensed = [grades[document] for document in found if document in grades]
        relevant = sum(grade > 0 for grade in grades.values())

        def dcg(values: Sequence[int]) -> float:
            return math.fsum(
                (2**v - 1) / math.log2(rank + 1) for rank, v in enumerate(values[:10], start=1)
            )

        best = dcg(sorted(grades.values(), reverse=True))
        ranks = [rank for rank, gain in enumerate(gains[:10], start=1) if gain]
        rows.append(
            [
                dcg(gains) / best if best else 0.0,
                1 / ranks[0] if ranks else 0.0,
                float(ranks[:1] == [1]),
                sum(map(bool, gains[:10])) / relevant if relevant else 0.0,
                sum(map(bool, gains[:100])) / relevant if relevant else 0.0,
                sum(document in grades for document in found[:10]) / max(len(found[:10]), 1),
                dcg(condensed) / best if best else 0.0,
            ]
        )
    return rows


ids = st.integers(0, 130).map(lambda number: f"văn-bản-{number}")
judged = st.dictionaries(
    st.sampled_from(["q1", "q2", "câu-3"]),
    st.dictionaries(ids, st.integers(0, 3), min_size=1, max_size=30),
    min_size=1,
)
runs = st.dictionaries(
    st.sampled_from(["q1", "q2", "câu-3", "q4"]), st.lists(ids, unique=True, max_size=120)
)


@pytest.mark.slow
@given(runs, judged)
def test_the_measures_are_those_of_their_definitions(
    run: dict[str, list[str]], judgements: dict[str, dict[str, int]]
) -> None:
    assert (
        *("nDCG@10", "MRR@10", "success@1", "recall@10", "recall@100", "judged@10"),
        "nDCG'@10",
    ) == MEASURES
    assert measure(run, judgements) == pytest.approx(np.array(plainly(run, judgements)))


def test_measures_by_hand() -> None:
    judgements = {"q": {"a": 2, "b": 1, "c": 0, "d": 1}}
    (row,) = measure({"q": ["c", "b", "x", "a"]}, judgements).tolist()
    best = 3 + 1 / math.log2(3) + 1 / 2
    assert row == pytest.approx(
        [
            (1 / math.log2(3) + 3 / math.log2(5)) / best,
            *(1 / 2, 0.0, 2 / 3, 2 / 3, 3 / 4),
            (1 / math.log2(3) + 3 / 2) / best,  # without x, a is the third
        ]
    )


@given(runs.filter(lambda run: any(run.values())))
def test_a_run_comes_back_from_its_file(
    tmp_path_factory: pytest.TempPathFactory, run: dict[str, list[str]]
) -> None:
    file = tmp_path_factory.mktemp("run") / "a.run"
    write_run(file, run)
    assert read_run(file) == {query: found for query, found in run.items() if found}


def test_a_run_is_in_the_form_of_trec(tmp_path: Path) -> None:
    write_run(tmp_path / "a.run", {"q1": ["d2", "d1"], "q2": []}, "thử")
    assert (tmp_path / "a.run").read_text(encoding="utf-8") == (
        "q1 Q0 d2 1 2 thử\nq1 Q0 d1 2 1 thử\n"
    )
    with pytest.raises(EvaluationError, match=r"'báo cáo\.txt' contains white space"):
        write_run(tmp_path / "b.run", {"q1": ["báo cáo.txt"]})


def test_a_run_is_ordered_by_its_scores(tmp_path: Path) -> None:
    (tmp_path / "a.run").write_text(
        "q Q0 d1 1 0.5 x\nq Q0 d2 2 1.5 x\n\nq Q0 d3 3 0.5 x\n", encoding="utf-8"
    )
    assert read_run(tmp_path / "a.run") == {"q": ["d2", "d3", "d1"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"id": "1", "text": "a"}\n{"id": "2"}\n', "queries#2: has no text; write one a line"),
        ('\n{"id": true, "text": "a"}\n', "queries#2: has no id; write one a line"),
        ('{"id": "1", "text": " "}', "queries#1: has no text"),
        ("[1]", "queries#1: not a JSON object"),
        ('{"id": "1", "text": "\\ud800"}', r"queries#1: holds half of a character \(\\ud…\)"),
        ("{'id'", r"queries#1: not JSON \(Expecting property name .* at column 2\)"),
        ("[" * 100_000, "queries#1: JSON that is no query"),
        ("1" * 5000, "queries#1: JSON that is no query"),
        (
            '{"id": 1, "text": "a"}\n{"id": "1", "text": "b"}',
            "queries#2: the query '1' is already on line 1; leave one out",
        ),
        ("\n\n", "queries: holds no queries; write one a line, such as"),
        (b"\xff\xff", "queries#1: not UTF-8; save the file as UTF-8"),
    ],
)
def test_queries_that_cannot_be_read(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    file = tmp_path / "queries"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(EvaluationError, match=message):
        read_queries(file)


def test_queries_may_have_numbers_for_ids_and_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "q").write_text('\ufeff{"id": 7, "text": "lũ"}\r\n', encoding="utf-8")
    assert read_queries(tmp_path / "q") == {"7": "lũ"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("q1 d1 1\n", "qrels#1: has 1 columns, not 3; write the ids of a query and a document"),
        ("q1\td1\t1\nq1\td2\tyes\n", "qrels#2: 'yes' is no grade; grades are whole numbers"),
        ("q1\td1\t-1\n", "qrels#1: '-1' is no grade"),
        ("q1\td1\t" + "9" * 5000, "qrels#1: '999"),
        ("q9\td1\t1\n", "qrels#1: there is no query 'q9'; add it to the queries"),
        ("q1\td1\t1\n\nq1\td9\t1\n", "qrels#3: there is no document 'd9'; add it to the doc"),
        (
            "q1\td1\t1\nq1\td1\t2\n",
            "qrels#2: document 'd1' for query 'q1' is already on line 1",
        ),
        ("", "qrels: no document is relevant to a query"),
        ("q1\td1\t0\n", "qrels: no document is relevant to a query"),
    ],
)
def test_judgements_that_cannot_be_read(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "qrels").write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError, match=message):
        read_judgements(tmp_path / "qrels", {"q1"}, {"d1", "d2"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("q1 Q0 d1 1 0.5\n", "run#1: has 5 columns, not 6; write a query's id, Q0,"),
        ("q1 Q0 d1 1 nan x\n", "run#1: 'nan' is no score"),
        ("q1 Q0 d1 1 best x\n", "run#1: 'best' is no score"),
        ("q1 Q0 d1 1 2 x\nq1 Q0 d1 2 1 x\n", "run#2: document 'd1' for query 'q1' is already"),
        ("", "run: holds no hits"),
    ],
)
def test_runs_that_cannot_be_read(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "run").write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError, match=message):
        read_run(tmp_path / "run")


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="nowhere: there is no such file"):
        read_queries(tmp_path / "nowhere")
    with pytest.raises(EvaluationError, match="is a folder, not a file"):
        read_run(tmp_path)


@pytest.fixture
def storms(tmp_path: Path) -> searchidx.Index:
    bodies = {
        "d1": "Xã Thanh Bình sơ tán dân trước bão",
        "d2": "Bảo hiểm xã hội huyện họp giao ban",
        "d3": "Tỉnh phòng chống bão và lũ",
        "d4": "Đội bóng của xã vào chung kết",
    }
    index = searchidx.create(tmp_path / "index")
    index.add(searchidx.Document(id=id_, body=body) for id_, body in bodies.items())
    return index


QUERIES = {"q1": "bão lũ", "q2": "bảo hiểm", "q3": "bóng đá"}
JUDGEMENTS = {"q2": {"d2": 1}, "q1": {"d3": 2, "d1": 1}}


def test_queries_are_evaluated(storms: searchidx.Index) -> None:
    steps: list[tuple[int, int, str]] = []
    typed, stripped = evaluate(
        storms,
        QUERIES,
        JUDGEMENTS,
        variants=["typed", "stripped"],
        progress=lambda *step: steps.append(step),
    )
    assert typed.queries == {"q1": "bão lũ", "q2": "bảo hiểm"}  # nobody judged q3
    assert stripped.queries == {"q1": "bao lu", "q2": "bao hiem"}
    assert typed.run["q1"][:2] == ["d3", "d1"]
    assert typed.run["q2"][0] == "d2"
    judged = [2 / len(typed.run["q1"]), 1 / len(typed.run["q2"])]
    assert typed.scores.tolist() == [[1, 1, 1, 1, 1, share, 1] for share in judged]
    assert typed.means == {**dict.fromkeys(MEASURES, 1.0), "judged@10": sum(judged) / 2}
    assert stripped.run["q1"] == storms.search_ids("bao lu", limit=100)
    assert typed.milliseconds.shape == (2,)
    assert typed.p50 is not None
    assert typed.p50 > 0
    assert steps[0] == (1, 8, "typed")
    assert steps[-1] == (8, 8, "stripped")


def test_time_is_taken_only_where_it_is_wanted(storms: searchidx.Index) -> None:
    (typed,) = evaluate(storms, QUERIES, JUDGEMENTS, variants=["typed"], timed=False)
    assert typed.p50 is None


def test_what_cannot_be_evaluated(storms: searchidx.Index) -> None:
    with pytest.raises(
        EvaluationError, match="query 'q9' has judgements but is not among the queries"
    ):
        evaluate(storms, QUERIES, {"q9": {"d1": 1}})
    with pytest.raises(EvaluationError, match="none of the queries has judgements"):
        evaluate(storms, QUERIES, {})
    with pytest.raises(EvaluationError, match="name at least one variant: typed, stripped"):
        evaluate(storms, QUERIES, JUDGEMENTS, variants=[])


@pytest.mark.parametrize(
    "query", ["bao", "bão -lũ", "xã", '"chống bão"', "", "title:xã", "zzz"]
)
def test_the_ids_alone_are_those_of_a_search(storms: searchidx.Index, query: str) -> None:
    for limit in (0, 1, 10):
        found = storms.search(query, limit=limit)
        assert storms.search_ids(query, limit=limit) == [hit.id for hit in found]
    exact = storms.search(query, exact=True, expand=False)
    assert storms.search_ids(query, exact=True, expand=False) == [hit.id for hit in exact]
    with pytest.raises(searchidx.QueryError, match="limit must be 0 or more"):
        storms.search_ids(query, limit=-1)


def evaluation(scores: Sequence[Sequence[float]]) -> Evaluation:
    queries = {f"q{number}": "lũ" for number in range(len(scores))}
    return Evaluation("typed", queries, {}, np.array(scores), np.zeros(0))


def test_two_runs_are_compared(storms: searchidx.Index) -> None:
    (typed,) = evaluate(storms, QUERIES, JUDGEMENTS, variants=["typed"], timed=False)
    other = {"q1": ["d1", "d3"], "q2": ["d4", "d2"], "q7": ["d1"]}
    comparison = compare(typed, other, JUDGEMENTS)
    dcg = (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3))
    assert comparison.means["nDCG@10"] == pytest.approx((dcg + 1 / math.log2(3)) / 2)
    assert comparison.wins.tolist()[:5] == [2, 1, 1, 0, 0]
    assert comparison.losses.tolist()[:5] == [0, 0, 0, 0, 0]
    assert [query for query, _ in comparison.ordered()] == ["q2", "q1"]
    assert comparison.ordered("MRR@10") == [("q2", 0.5)]
    assert comparison.p_values[3:5].tolist() == [1, 1]
    with pytest.raises(EvaluationError, match="none of the judged queries"):
        compare(typed, {"q7": ["d1"]}, JUDGEMENTS)


def test_p_is_that_of_the_paired_test_over_both_runs() -> None:
    generator = np.random.default_rng(5)
    ours, theirs = generator.random((2, 30, len(MEASURES)))
    theirs[:, 2] = ours[:, 2]
    theirs[:, 3] = ours[:, 3] - 0.25  # nothing tells how much that varies
    comparison = Comparison(evaluation(ours), theirs)
    expected = ttest_rel(ours[:, :2], theirs[:, :2]).pvalue
    assert comparison.p_values[:2] == pytest.approx(expected)
    assert comparison.p_values[2] == 1
    assert math.isnan(comparison.p_values[3])
    assert comparison.losses[0] == np.count_nonzero(ours[:, 0] < theirs[:, 0])


def test_without_what_measures_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['ir_measures'] = None\n"
        "from searchidx.evaluation import measure\n"
        "try: measure({}, {'q': {'d': 1}})\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8"
    )
    assert done.stdout == (
        "EvaluationError measuring needs a package that is not installed (ir_measures); "
        "install what it needs with: pip install 'searchidx[eval]'\n"
    )


def test_a_search_loads_nothing_that_measures() -> None:
    code = (
        "import sys, searchidx.cli.search\n"
        "print([n for n in sys.modules if 'evaluation' in n or 'ir_measures' in n])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8"
    )
    assert done.stdout == "[]\n"
