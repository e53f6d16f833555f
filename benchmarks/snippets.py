"""Measure the time of snippets in comparison with ranking, on all legal articles.

Run with: python -m benchmarks.snippets [--index FOLDER] [--output FILE]
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Iterator

import numpy as np

import searchidx
from benchmarks import articles
from benchmarks.queries import derive
from benchmarks.report import machine
from searchidx.search.match.bm25f import Scorer
from searchidx.search.options import SearchOptions
from searchidx.search.prepared_query import PreparedQuery
from searchidx.search.query.query import parse_lenient
from searchidx.search.snippets.builder import DEFAULT_LENGTH_CODE_POINTS, make_snippets
from searchidx.search.snippets.matches import MatchFinder
from searchidx.store import Reader, Store

QUERIES = 320
ROUNDS = 6
HITS = 10
PARTS = (
    "ranking: from the parsed query to ten ranked documents",
    "what is stored of ten documents beside their texts",
    "ten snippets: from the ranked documents to marked passages",
    "of which finding the matches",
    "and weighing, reading, cutting and marking passages",
)

PAGE = """\
# Snippets beside ranking, {date}

{machine}; Python {python}. All {articles:,} legal articles; {queries} queries cut out of \
titles, every second without marks; {hits} hits with one passage of {length} characters each; \
milliseconds of processor time in one thread, one part after the other for each query; each \
query and part at its best of {rounds} rounds. Load of the machine meanwhile: {load:.1f}.

| | mean | p50 | p99 |
|---|---:|---:|---:|
{rows}

Ten snippets take {ratio:.2f} of what their ranking takes, by the means; in the single rounds \
{ratios}.
"""


def moments(reader: Reader, scorer: Scorer, text: str) -> Iterator[float]:
    """Yield the processor time in seconds before a search and after each of its parts.

    The parts are ranking, heads, finding matches and making passages, in this order.
    """
    query, _ = parse_lenient(text)
    yield time.thread_time()
    asked = PreparedQuery.prepare(reader, scorer, query, SearchOptions())
    found = asked.ranker.rank(HITS).doc_ids.tolist()
    yield time.thread_time()
    heads = {number: reader.head(number) for number in found}
    yield time.thread_time()
    terms = asked.highlight_terms()
    finder = MatchFinder(reader, terms)
    segments: dict[int, list[int]] = {}
    for number in sorted(found):
        segments.setdefault(reader.segment_index(number), []).append(number)
    bodies = [(own, finder.find(segment, own)[1]) for segment, own in segments.items()]
    yield time.thread_time()
    for own, each in bodies:
        for _ in make_snippets(each, [heads[number].title for number in own], terms):
            pass
    yield time.thread_time()


def measured(index: searchidx.Index, given: argparse.Namespace) -> str:
    """Measure all queries and return the page of results."""
    reader = Store(index.path).reader()
    scorer = Scorer(reader)
    heads = [head for leaf in reader.leaves for head in leaf.segment.all_heads()]
    queries = [q.text for q in derive([(head.id, head.title) for head in heads], QUERIES)]
    del heads
    for query in queries:
        list(moments(reader, scorer, query))
    rounds = 1e3 * np.array(
        [
            [np.diff(list(moments(reader, scorer, query))) for query in queries]
            for _ in range(ROUNDS)
        ]
    )
    ranking, stored, finding, passages = np.moveaxis(rounds.min(axis=0), -1, 0)
    snippets = finding + passages
    rows = (
        f"| {part} | {each.mean():.2f} | {np.percentile(each, 50):.2f} "
        f"| {np.percentile(each, 99):.2f} |"
        for part, each in zip(
            PARTS, (ranking, stored, snippets, finding, passages), strict=True
        )
    )
    ratios = rounds[..., 2:].sum(axis=(1, 2)) / rounds[..., 0].sum(axis=1)
    return PAGE.format(
        date=given.date,
        machine=machine(),
        python=platform.python_version(),
        articles=len(index),
        queries=QUERIES,
        hits=HITS,
        length=DEFAULT_LENGTH_CODE_POINTS,
        rounds=ROUNDS,
        load=os.getloadavg()[0],
        rows="\n".join(rows),
        ratio=snippets.mean() / ranking.mean(),
        ratios=", ".join(f"{ratio:.2f}" for ratio in ratios),
    )


if __name__ == "__main__":
    articles.main("snippets", __doc__, measured)
