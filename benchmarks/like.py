"""Measure `Index.like` against the official cross-references between the legal articles.

Run with: python -m benchmarks.like [--index FOLDER] [--output FILE]
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

import searchidx
from benchmarks import articles
from benchmarks.report import machine
from searchidx.search.match.bm25f import Scorer
from searchidx.search.query.query import parse
from searchidx.search.rank.more_like_this import SimilarDocuments
from searchidx.search.rank.ranking import Ranker
from searchidx.search.ranking_model import DEFAULT_RANKING, RankingModel
from searchidx.store import Reader, Store

SEED = 7
SAMPLE = 2_000  # articles, half of them to tune on
DEPTHS = (10, 100)
TIMED = 300

MODELS = {
    "syllables": RankingModel(like_pair_weight=0.0, like_code_weight=0.0),
    "pairs": RankingModel(like_syllable_weight=0.0, like_code_weight=0.0),
    "pairs, syllables": RankingModel(like_code_weight=0.0),
    "pairs, codes": RankingModel(like_syllable_weight=0.0),
    "pairs, syllables, codes": DEFAULT_RANKING,
}

Ranked = Callable[[int], list[int]]
Recalls = dict[int, list[float]]

PAGE = """\
# More like this, {date}

{machine}; Python {python}. All {articles:,} articles of the codified law; a random sample of \
{sample:,} of the {sources:,} articles that the official cross-references name. A reference \
counts both ways: 85 % are listed both ways, and who reads either end is helped by the other. \
Recall is the share of an article's related articles among the first 10, or 100, that are not \
the article itself, averaged over articles. The parameters of more like this in \
`searchidx.RankingModel` were chosen on the first half; the second half had no part in it.

| | recall@10, first half | recall@100 | recall@10, second half | recall@100 |
|---|---:|---:|---:|---:|
{rows}

The search by the title is `Index.search(title)`; {untitled:,} of the sample have no title, \
and find nothing by it. Without them, over both halves: {titled}.

What each kind of term is worth, first half, everything else as it is:

| terms | recall@10 | recall@100 |
|---|---:|---:|
{parts}

Milliseconds of processor time, in one thread of a warm process, of {timed} articles with 10 \
snippets each: `Index.like(id)` p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f}; \
`Index.search(title)` p50 {title_p50:.1f}, p95 {title_p95:.1f}. Load of the machine meanwhile: \
{load:.1f}.
"""


def related(path: Path, reader: Reader) -> dict[int, set[int]]:
    """Return the numbers of the articles that each is related to, either way."""
    found: dict[int, set[int]] = {}
    ids = reader.keywords.postings("id")
    numbers = {
        ids.terms[at]: n for at, n in zip(ids.term_indexes, ids.doc_ids.tolist(), strict=True)
    }
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            one, other = (numbers.get(id_) for id_ in line.split())
            if one is None or other is None or one == other:
                continue
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return found


def recalls(
    sources: Sequence[int], relations: Mapping[int, set[int]], ranked: Ranked
) -> Recalls:
    """Return the recall of each article at each of `DEPTHS`."""
    shares = {}
    for source in sources:
        found = [number for number in ranked(source) if number != source]
        wanted = relations[source]
        shares[source] = [len(wanted.intersection(found[:d])) / len(wanted) for d in DEPTHS]
    return shares


def means(shares: Recalls, sources: Sequence[int]) -> list[float]:
    """Return the mean recall of some articles at each of `DEPTHS`."""
    means: list[float] = np.mean([shares[source] for source in sources], axis=0).tolist()
    return means


def row(name: str, *figures: float) -> str:
    return " | ".join([f"| {name}", *(f"{figure:.3f}" for figure in figures)]) + " |"


def measured(index: searchidx.Index, given: argparse.Namespace) -> str:
    reader = Store(index.path).reader()
    scorer = Scorer(reader)
    relations = related(given.shared / "corpora/phapdien-related.tsv.gz", reader)
    sample = sorted(relations)
    random.Random(SEED).shuffle(sample)
    sample = sample[:SAMPLE]
    halves = sample[: SAMPLE // 2], sample[SAMPLE // 2 :]

    def by_likeness(number: int, scorer: Scorer = scorer) -> list[int]:
        found = SimilarDocuments(reader, scorer, number).rank(max(DEPTHS), 0)
        documents: list[int] = found.doc_ids.tolist()
        return documents

    def by_title(number: int) -> list[int]:
        query = parse(reader.head(number).title)
        if query.is_empty:
            return []
        found = Ranker(reader, scorer, query).rank(max(DEPTHS) + 1)
        documents: list[int] = found.doc_ids.tolist()
        return documents

    titled = [number for number in sample if not parse(reader.head(number).title).is_empty]
    rows, without = [], []
    for name, ranked in (("like", by_likeness), ("search by the title", by_title)):
        shares = recalls(sample, relations, ranked)
        rows.append(row(name, *(figure for half in halves for figure in means(shares, half))))
        figures = " and ".join(f"{figure:.3f}" for figure in means(shares, titled))
        without.append(f"{name} {figures}")
    parts = []
    for name, model in MODELS.items():
        ranked = partial(by_likeness, scorer=Scorer(reader, model))
        shares = recalls(halves[0], relations, ranked)
        parts.append(row(name, *means(shares, halves[0])))
    ids = [reader.head(number).id for number in halves[1][:TIMED]]
    titles = [reader.head(number).title for number in halves[1][:TIMED]]
    places = range(len(ids))
    times = articles.milliseconds(places, lambda at: index.like(ids[at]), warm_up=20)
    title_times = articles.milliseconds(places, lambda at: index.search(titles[at]), warm_up=20)
    return PAGE.format(
        date=given.date,
        machine=machine(),
        python=platform.python_version(),
        articles=reader.document_count,
        sample=len(sample),
        sources=len(relations),
        rows="\n".join(rows),
        untitled=len(sample) - len(titled),
        titled=", ".join(without),
        parts="\n".join(parts),
        timed=len(ids),
        p50=np.percentile(times, 50),
        p95=np.percentile(times, 95),
        p99=np.percentile(times, 99),
        title_p50=np.percentile(title_times, 50),
        title_p95=np.percentile(title_times, 95),
        load=os.getloadavg()[0],
    )


if __name__ == "__main__":
    articles.main("like", __doc__, measured)
