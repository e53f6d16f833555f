"""Measure short queries and titles over legal articles, beside baselines.

Run with: python -m benchmarks.short_queries [--index FOLDER] [--output FILE]

The queries of ../shared/relevance/legal_short_dev have graded judgements.  Titles that one
article alone has are asked for whole and in part.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

import searchidx
from benchmarks import articles, engines
from benchmarks.baselines import Baseline, Bm25, OtherEngine, syllables, words
from benchmarks.report import machine
from searchidx.evaluation import MEASURES, Comparison, compare, evaluate, read_judgements, vary
from searchidx.store import Store

SET: Final = "relevance/legal_short_dev"
OTHERS: Final = ("fts5", "tantivy")
SEED: Final = 1
TITLES: Final = 150
PARTS: Final = 200
PART_WORDS: Final = (3, 6)
"""The least and the most words that are drawn from a title."""

PAGE = """\
# Short queries over legal articles, {date}

{machine}; Python {python}. {documents:,} articles with their titles.

## Judged queries

{queries} short queries as people type them, graded 0 to 2 (`legal_short_dev`), as typed, \
with all marks ("marked"), and with none ("stripped"). Those without any relevant document are \
left out. Documents without a grade count as 0. \
*p* is that of Student's paired t-test of nDCG@10 between searchidx and the baseline.

| ranking | typed as | {measures} | p |
|---|---|{rules}|---|
{judged}

BM25 has k1 1.2 and b .75 over title and body as one text; "words" are pyvi's.

## Titles

{titles} titles of two to four and of five to eight syllables that one article alone has, \
marks and case aside: how often is that article first? {parts} titles of any length, without \
marks: how often is the article first for the whole title? How often is it first, and among \
ten, for three to six of pyvi's words of it, in order (seed {seed})?

| ranking | 2 to 4 | 5 to 8 | whole, stripped | part: first | part: among ten |
|---|---:|---:|---:|---:|---:|
{of_titles}
"""


def unique_titles(index: searchidx.Index) -> list[tuple[str, str]]:
    """Return (id, title) of the articles whose title no other article has."""
    titles = [(document.id, document.title) for document in index.documents()]
    forms = [" ".join(syllables(title)) for _, title in titles]
    times = Counter(forms)
    return [pair for pair, form in zip(titles, forms, strict=True) if form and times[form] == 1]


def title_row(name: str, ranking: Baseline, titles: Sequence[tuple[str, str]]) -> str:
    """Return the row of a ranking in the table of titles."""
    draw = random.Random(SEED)
    first = []
    for least, most in ((2, 4), (5, 8)):
        fitting = [each for each in titles if least <= len(syllables(each[1])) <= most]
        drawn = draw.sample(fitting, min(TITLES, len(fitting)))
        found = sum(ranking.search_ids(title, limit=1) == [id_] for id_, title in drawn)
        first.append(f"{found} of {len(drawn)}")
    whole = part_first = part_ten = 0
    drawn = draw.sample(titles, min(PARTS, len(titles)))
    for id_, title in drawn:
        whole += ranking.search_ids(vary(title, "stripped"), limit=1) == [id_]
        typed = words(title)
        count = min(len(typed), draw.randint(*PART_WORDS))
        chosen = sorted(draw.sample(range(len(typed)), count))
        part = vary(" ".join(typed[each].replace("_", " ") for each in chosen), "stripped")
        ids = ranking.search_ids(part, limit=10)
        part_first += ids[:1] == [id_]
        part_ten += id_ in ids
    shares = (f"{count / len(drawn):.3f}" for count in (whole, part_first, part_ten))
    return f"| {name} | {' | '.join([*first, *shares])} |"


def ways(lines: Sequence[Mapping[str, str]]) -> Mapping[str, dict[str, str]]:
    """Return the text of each query by its id, for each way of typing."""
    marked = {line["id"]: line["marked"] for line in lines}
    return {
        "typed": {line["id"]: line["text"] for line in lines},
        "marked": marked,
        "stripped": {id_: vary(text, "stripped") for id_, text in marked.items()},
    }


def judged_rows(
    index: searchidx.Index, baselines: Mapping[str, Baseline], source: Path
) -> Iterator[str]:
    """Yield the rows of the table of judged queries."""
    lines = [json.loads(line) for line in (source / "queries.jsonl").open(encoding="utf-8")]
    for way, texts in ways(lines).items():
        judged = {
            id_: grades
            for id_, grades in read_judgements(source / "qrels.tsv", texts, index).items()
            if any(grades.values())
        }
        (own,) = evaluate(index, texts, judged, variants=["typed"], timed=False)
        yield judged_row("searchidx", way, own.scores.mean(axis=0), "")
        for name, baseline in baselines.items():
            run = {id_: baseline.search_ids(texts[id_], limit=100) for id_ in judged}
            other = compare(own, run, judged)
            yield judged_row(name, way, other.scores.mean(axis=0), _p_value(other))


def judged_row(name: str, way: str, means: np.ndarray, p_value: str) -> str:
    """Return one row of the table of judged queries."""
    figures = " | ".join(f"{mean:.4f}" for mean in means.tolist())
    return f"| {name} | {way} | {figures} | {p_value} |"


def _p_value(comparison: Comparison) -> str:
    return f"{comparison.p_values[0]:.3f}"


def page(index: searchidx.Index, given: argparse.Namespace) -> str:
    reader = Store(index.path).reader()
    source = given.shared / SET
    with tempfile.TemporaryDirectory() as folder:
        baselines: dict[str, Baseline] = {
            "BM25 over syllables": Bm25(reader, "folded", syllables),
            "BM25 over words": Bm25(reader, "word", words),
        }
        for name in OTHERS:
            directory = Path(folder) / name
            directory.mkdir()
            rows = ((each.id, each.title, each.body) for each in index.documents())
            engines.load(name).build(rows, str(directory), 1)
            for mode in engines.load(name).MODES:
                baselines[f"{name}, {mode} words"] = OtherEngine(name, str(directory), mode)
        titles = unique_titles(index)
        rankings = {"searchidx": index, **baselines}
        with (source / "queries.jsonl").open(encoding="utf-8") as file:
            queries = sum(1 for _ in file)
        return PAGE.format(
            date=given.date,
            machine=machine(),
            python=platform.python_version(),
            documents=len(index),
            queries=queries,
            measures=" | ".join(MEASURES),
            rules="|".join("---" for _ in MEASURES),
            judged="\n".join(judged_rows(index, baselines, source)),
            titles=TITLES,
            parts=PARTS,
            seed=SEED,
            of_titles="\n".join(
                title_row(name, each, titles) for name, each in rankings.items()
            ),
        )


if __name__ == "__main__":
    articles.main("short_queries", __doc__, page)
