"""Measure what can be asked for besides the ten best hits, on all legal articles.

Run with: python -m benchmarks.hits [--index FOLDER] [--output FILE]
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable

import numpy as np

import searchidx
from benchmarks import articles
from benchmarks.queries import derive
from benchmarks.report import machine
from searchidx.search.ranking_model import DEFAULT_RANKING
from searchidx.store import Store

QUERIES = 300
# What many articles say in nearly the same words.
REPEATED = (
    "hiệu lực thi hành",
    "trách nhiệm thi hành thông tư",
    "phạm vi điều chỉnh",
    "giải thích từ ngữ",
    "mức thu phí thẩm định",
)

PAGE = """\
# Hits beside the best ten, {date}

{machine}; Python {python}. All {articles:,} legal articles; {queries} queries cut out of \
titles, every second without marks; 10 hits with snippets; processor time in one thread, each \
query asked once before. Load of the machine meanwhile: {load:.1f}.

| | p50 ms | p95 ms |
|---|---:|---:|
{rows}

Of these queries {share:.0%} have near-duplicates among their first {window} hits; {mean:.1f} \
of them a query are folded on the average, {first:.1f} under the hits of the first page.

| query | folded |
|---|---|
{repeated}
"""


def measured(index: searchidx.Index, given: argparse.Namespace) -> str:
    reader = Store(index.path).reader()
    heads = [head for leaf in reader.leaves for head in leaf.segment.all_heads()]
    titles = [(head.id, head.title) for head in heads]
    queries = [query.text for query in derive(titles, QUERIES)]
    kinds: dict[str, Callable[[str], object]] = {
        "search": index.search,
        "near-duplicates folded": lambda query: index.search(query, collapse=True),
        "latest first": lambda query: index.search(query, sort="date"),
        "hits 1,001 to 1,010": lambda query: index.search(query, offset=1_000),
        "hits 10,001 to 10,010": lambda query: index.search(query, offset=10_000),
        "hits 10,001 to 10,010, latest first": lambda query: index.search(
            query, offset=10_000, sort="date"
        ),
        "counts by year": lambda query: index.facets(query, "year"),
        "counts by year and code": lambda query: index.facets(query, ("year", "code")),
    }
    rows = []
    for name, run in kinds.items():
        times = articles.milliseconds(queries, run, warm_up=len(queries))
        rows.append(
            f"| {name} | {np.percentile(times, 50):.1f} | {np.percentile(times, 95):.1f} |"
        )
    found = [index.search(query, collapse=True) for query in queries]
    repeated = []
    window = DEFAULT_RANKING.near_duplicate_window
    for query in REPEATED:
        results = index.search(query, collapse=True, limit=window)
        groups = [len(hit.similar) for hit in results if hit.similar]
        shown = f"{results.collapsed}, under {len(groups)} hits" if groups else "none"
        repeated.append(f"| {query} | {shown} |")
    return PAGE.format(
        date=given.date,
        machine=machine(),
        python=platform.python_version(),
        articles=len(index),
        queries=QUERIES,
        load=os.getloadavg()[0],
        rows="\n".join(rows),
        share=np.mean([results.collapsed > 0 for results in found]),
        mean=np.mean([results.collapsed for results in found]),
        first=np.mean([sum(len(hit.similar) for hit in results) for results in found]),
        window=window,
        repeated="\n".join(repeated),
    )


if __name__ == "__main__":
    articles.main("hits", __doc__, measured)
