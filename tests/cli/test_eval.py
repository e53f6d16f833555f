from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import searchidx
from searchidx.evaluation import MEASURES, VARIANTS, read_run, vary
from tests.cli.test_commands import Run, command
from tests.conftest import ROOT

__all__ = ["command"]  # a fixture

DOCUMENTS = {
    "d1": "Xã Thanh Bình sơ tán dân trước bão",
    "d2": "Bảo hiểm xã hội huyện họp giao ban",
    "d3": "Tỉnh phòng chống bão và lũ",
    "d4": "Đội bóng của xã vào chung kết",
}
QUERIES = {"q1": "bão lũ", "q2": "bảo hiểm", "q3": "bóng đá"}
QRELS = "q1\td3\t2\nq1\td1\t1\nq2\td2\t1\n"
FILES = ("docs.jsonl", "queries.jsonl", "qrels.tsv")


@pytest.fixture(autouse=True)
def _collection(tmp_path: Path) -> None:
    for name, texts in (("docs.jsonl", DOCUMENTS), ("queries.jsonl", QUERIES)):
        lines = [json.dumps({"id": id_, "text": text}) for id_, text in texts.items()]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text(QRELS, encoding="utf-8")


def settled(text: str) -> str:
    """Return what is printed, with all times replaced by the same text."""
    return re.sub(r" +\d+\.\d\d$", "  0.00", text, flags=re.MULTILINE)


def test_eval_prints_a_table(command: Run, tmp_path: Path) -> None:
    code, out, err = command("eval", *FILES, "--variants", "typed, stripped")
    assert (code, err) == (0, "searchidx: 1 queries are passed over: they were not judged\n")
    measures = "nDCG@10  MRR@10  success@1  recall@10  recall@100  judged@10  nDCG'@10  p50 ms"
    figures = "1.0000  1.0000     1.0000     1.0000      1.0000     0.5000    1.0000  0.00"
    assert settled(out) == (
        "4 documents, 2 queries, 3 judgements\n"
        "\n"
        f"          {measures}\n"
        f"typed      {figures}\n"
        f"stripped   {figures}\n"
    )
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)  # and no index


def test_eval_measures_an_index(command: Run, tmp_path: Path) -> None:
    command("index", "docs.jsonl")
    before = searchidx.open(tmp_path / "index").status().committed
    code, out, _ = command("eval", "index", *FILES[1:], "--variants", "typed")
    assert code == 0
    assert out.startswith("4 documents, 2 queries, 3 judgements\n")
    assert searchidx.open(tmp_path / "index").status().committed == before


def test_eval_writes_runs_and_compares_them(command: Run, tmp_path: Path) -> None:
    arguments = ["eval", *FILES, "--variants", "typed,stripped"]
    assert command(*arguments, "--run", "a.run")[0] == 0
    written = {path.name for path in tmp_path.iterdir()} - set(FILES)
    assert written == {"a.typed.run", "a.stripped.run"}
    lines = (tmp_path / "a.typed.run").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "q1 Q0 d3 1 3 searchidx-typed"
    code, out, _ = command(*arguments, "--compare", "a.run")
    assert code == 0
    assert "\nstripped, compared with a.stripped.run\n" in out
    assert len(re.findall(r"^ties(?: +2){7}$", out, re.MULTILINE)) == 2
    assert "wins in" not in out


def test_eval_shows_what_differs(command: Run, tmp_path: Path) -> None:
    (tmp_path / "other.run").write_text(
        "q1 Q0 d3 1 9 x\nq1 Q0 d1 2 8 x\nq2 Q0 d4 1 9 x\nq2 Q0 d2 2 8 x\n", encoding="utf-8"
    )
    arguments = ["eval", *FILES, "--variants", "typed", "--compare", "other.run"]
    code, out, _ = command(*arguments, "--per-query", "queries.tsv")
    assert code == 0
    assert out[out.index("typed, compared") :] == (
        "typed, compared with other.run\n"
        "\n"
        "            nDCG@10   MRR@10  success@1  recall@10  recall@100  judged@10  nDCG'@10\n"
        "this run     1.0000   1.0000     1.0000     1.0000      1.0000     0.5000    1.0000\n"
        "the other    0.8155   0.7500     0.5000     1.0000      1.0000     0.7500    1.0000\n"
        "difference  +0.1845  +0.2500    +0.5000    +0.0000     +0.0000    -0.2500   +0.0000\n"
        "wins              1        1          1          0           0          0         0\n"
        "ties              1        1          1          2           2          0         2\n"
        "losses            0        0          0          0           0          2         0\n"
        "p             0.500    0.500      0.500      1.000       1.000      0.205     1.000\n"
        "\n"
        "wins in nDCG@10\n"
        "+0.3691  q2  bảo hiểm\n"
    )
    rows = [
        line.split("\t")
        for line in (tmp_path / "queries.tsv").read_text(encoding="utf-8").splitlines()
    ]
    others = [f"other {name}" for name in MEASURES]
    assert rows[0] == ["variant", "query", "text", *MEASURES, "ms", *others]
    ours = ["1.0000", "1.0000", "1.0000", "1.0000", "1.0000", "0.3333", "1.0000"]
    assert rows[2][:10] == ["typed", "q2", "bảo hiểm", *ours]
    theirs = ["0.6309", "0.5000", "0.0000", "1.0000", "1.0000", "0.5000", "1.0000"]
    assert rows[2][11:] == theirs
    assert len(rows) == 3


def test_eval_as_json_keeps_to_its_schema(command: Run) -> None:
    schema = json.loads((ROOT / "docs/schema/evaluation-1.json").read_text(encoding="utf-8"))
    arguments = ["eval", *FILES, "--json", "--seed", "7"]
    code, out, err = command(*arguments, "--run", "a.run")
    assert (code, err) == (0, "")
    alone = json.loads(out)
    jsonschema.validate(alone, schema)
    assert [each["variant"] for each in alone["variants"]] == list(VARIANTS)
    assert (alone["documents"], alone["queries"], alone["judgements"]) == (4, 2, 3)
    assert alone["seed"] == 7
    assert alone["variants"][0]["measures"] == {
        **dict.fromkeys(MEASURES, 1.0),
        "judged@10": 0.5,
    }
    code, out, _ = command(*arguments, "--compare", "a.run")
    compared = json.loads(out)
    jsonschema.validate(compared, schema)
    assert compared["variants"][3]["comparison"]["ties"] == dict.fromkeys(MEASURES, 2)


def test_the_seed_draws_other_slips(command: Run, tmp_path: Path) -> None:
    texts = set()
    for seed in ("1", "1", "2", "3"):
        command("eval", *FILES, "--variants", "typo", "--seed", seed, "--per-query", "q.tsv")
        lines = (tmp_path / "q.tsv").read_text(encoding="utf-8").splitlines()
        texts.add(tuple(line.split("\t")[2] for line in lines[1:]))
    assert len(texts) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", *FILES[1:]], "Path 'nowhere' does not exist"),
        ([*FILES, "--variants", "typed,shouted"], "shouted is none of typed, stripped, half"),
        ([*FILES, "--variants", " , "], "nothing is none of typed"),
        ([*FILES, "--run", "no/a.run"], "there is no folder no"),
        ([*FILES, "--compare", "b.run"], "b.typed.run: there is no such run; with one run al"),
        ([*FILES, "--compare", "b.run", "--variants", "half"], "b.run: there is no such file"),
        (["docs.jsonl", "docs.jsonl", "queries.jsonl"], "queries.jsonl#1: has 1 columns, not"),
    ],
)
def test_eval_says_what_is_wrong(command: Run, arguments: list[str], message: str) -> None:
    code, out, err = command("eval", *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_eval_says_where_it_is_wrong(command: Run, tmp_path: Path) -> None:
    (tmp_path / "qrels.tsv").write_text(QRELS + "q1\td9\t1\n", encoding="utf-8")
    code, _, err = command("eval", *FILES)
    assert code == 2
    assert err == (
        "searchidx: qrels.tsv#4: there is no document 'd9'; add it to the documents\n"
    )
    (tmp_path / "docs.jsonl").write_text('{"id": "d1", "text": "lũ"}\nlũ\n', encoding="utf-8")
    code, _, err = command("eval", *FILES)
    assert code == 2
    assert f"{tmp_path / 'docs.jsonl'}#2: not JSON" in err
    assert "1 documents of docs.jsonl cannot be indexed; put them right" in err
    (tmp_path / "empty").mkdir()
    code, _, err = command("eval", "empty", *FILES[1:])
    assert code == 2
    assert "empty: holds no documents; name what is to be searched" in err


def test_a_run_for_other_queries_is_refused(command: Run, tmp_path: Path) -> None:
    (tmp_path / "b.run").write_text("x1 Q0 d3 1 9 x\n", encoding="utf-8")
    code, _, err = command("eval", *FILES, "--variants", "typed", "--compare", "b.run")
    assert code == 2
    assert "the run to compare with has none of the judged queries" in err
    assert read_run(tmp_path / "b.run") == {"x1": ["d3"]}


PAGE = (ROOT / "docs/how-to/measure-relevance.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def documented(tmp_path: Path) -> None:
    """Write the files that the page describes, in place of this module's own."""
    (qrels,) = blocks("tsv")
    (other,) = blocks("text")
    for name, text in zip((*FILES, "other.run"), (*blocks("json"), qrels, other), strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")


def test_the_session_of_the_page_is_what_happens(command: Run, documented: None) -> None:
    (session,) = blocks("console")
    for step in session.split("\n$ "):
        typed, _, expected = step.removeprefix("$ ").partition("\n")
        code, out, err = command(*typed.split()[1:])
        assert (code, err) == (0, "")
        assert settled(out).strip() == settled(expected).strip()


def test_the_script_of_the_page_runs(command: Run, documented: None) -> None:
    found: dict[str, Any] = {}
    (script,) = blocks("python")
    exec(script, found)
    assert found["typed"].means["nDCG@10"] == pytest.approx(2 / 3)
    assert [query for query, _ in found["comparison"].ordered()] == ["1", "3"]


def test_the_page_shows_what_the_variants_are() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| `([^`]+)` \|$", PAGE, re.MULTILINE)
    assert [variant for variant, _ in rows] == list(VARIANTS)
    assert [vary(rows[0][1], variant) for variant, _ in rows] == [text for _, text in rows]
