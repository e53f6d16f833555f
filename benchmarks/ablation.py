"""Measure what each part of the ranking model is worth, and what each view costs.

Run with: python -m benchmarks.ablation [--known-item] [--cost] [--output FILE]

The sets are those of `benchmarks.relevance`, the models those of `benchmarks.parts`.  With
--cost all legal articles are indexed with their titles as well, to measure the bytes of each
view in that index, and the time of rankings with and without it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

import searchidx
from benchmarks.parts import (
    NO_MARKS,
    NO_PAIRS,
    NO_RESTORATION,
    NO_RESTORED,
    PARTS,
    WEIGHTS,
    WHOLE,
    Model,
)
from benchmarks.processes import ROOT
from benchmarks.queries import Query, derive
from benchmarks.relevance import PROCESSES, SEED, SETS, Collection, known_item_set, question_set
from benchmarks.report import machine
from searchidx.arrays import Float64Array
from searchidx.evaluation import MEASURES, Judgements, Queries, evaluate
from searchidx.search.match.bm25f import Scorer
from searchidx.search.options import SearchOptions
from searchidx.search.query.query import parse_lenient
from searchidx.search.rank.ranking import Ranker
from searchidx.search.ranking_model import RankingModel
from searchidx.search.rewrite.abbreviations import expand_abbreviations
from searchidx.search.searcher import Searcher
from searchidx.store import FIELDS, VIEWS, Reader, Store

MODELS: Final = (*PARTS, *WEIGHTS)
WAYS: Final = ("typed", "stripped", "half")
KNOWN_ITEMS: Final = 200
SHOWN: Final = 10
"""Hits that are ranked; nDCG@10 looks at no more."""

TIMED: Final = (WHOLE, NO_PAIRS, NO_MARKS, NO_RESTORED, NO_RESTORATION)
ROUNDS: Final = 5
WARM_UP: Final = 20
QUERIES: Final = 300

PAGE = """\
# Ablation of the ranking, {date}

{machine}; Python {python}. Load average {before:.1f} before, {after:.1f} after.

## Relevance

{quality}

nDCG@10 of the whole model, and the difference of each other one. Queries are typed as they \
stand, with all marks stripped, with half of the syllables' marks stripped (seed {seed}; \
`docs/how-to/measure-relevance.md`). One part at a time is changed (`benchmarks/parts.py`). \
{sets}
{cost}"""

COST = """
## What the views cost

{bytes}

{documents:,} articles with titles, {text:.1f} MB of text; the index has {index:.1f} MB. Lists \
are postings, how long they are and where they begin; dictionaries are the strings of a view, \
or the two halves of its pairs. Views of pairs use the strings of those of syllables. The rest \
of the index is stored texts, streams of syllables, keywords and columns.

{times}

p50 of ranking alone, without parsing and snippets, over {queries} queries of 2 to 5 syllables \
(`benchmarks/queries.py`), every second without marks, once each after {warm_up} others. It is \
processor time, which what else runs on the machine disturbs less. The models take turns at \
each query, each with a reader of its own. Medians of {rounds} rounds; ratios are of p50s in a \
round, in brackets the least and the most of them.
"""


class FirstTen:
    """Search for the ten hits that nDCG@10 needs, and no more."""

    def __init__(self, reader: Reader, ranking: RankingModel) -> None:
        self._searcher = Searcher(reader, ranking)

    def search_ids(self, query: str, /, *, limit: int) -> list[str]:
        """Return the ids of the first hits."""
        return self._searcher.search_ids(query, SearchOptions(limit=min(limit, SHOWN)))

    def search(self, query: str, /, *, limit: int) -> list[str]:
        """Return the same: snippets are needed only where their time is taken."""
        return self.search_ids(query, limit=limit)


def quality(
    number: int, path: Path, queries: Queries, judgements: Judgements, ways: Sequence[str]
) -> list[float]:
    """Return the nDCG@10 of a model, for queries typed in each of some ways."""
    evaluations = evaluate(
        FirstTen(Store(path).reader(), MODELS[number].ranking),
        queries,
        judgements,
        variants=ways,
        seed=SEED,
        timed=False,
    )
    return [each.means[MEASURES[0]] for each in evaluations]


def qualities(collection: Collection, ways: Sequence[str]) -> list[list[float]]:
    """Return the nDCG@10 of each model, for queries typed in each of some ways."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = [
            pool.submit(
                quality,
                number,
                collection.index.path,
                collection.queries,
                collection.judgements,
                ways,
            )
            for number in range(len(MODELS))
        ]
        return [each.result() for each in found]


def quality_table(columns: Sequence[str], found: Sequence[tuple[Model, list[float]]]) -> str:
    """Return a table with a row for each model, the others compared with the first."""
    base = found[0][1]
    lines = [f"| model | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    for model, values in found:
        texts = [
            f"{value:.4f}" if model is WHOLE else difference(value - whole)
            for value, whole in zip(values, base, strict=True)
        ]
        lines.append(f"| {model.name} | {' | '.join(texts)} |")
    return "\n".join(lines)


def difference(value: float) -> str:
    text = f"{value:+.4f}"
    return "0" if float(text) == 0 else text.replace("-", "−")


def view_bytes(reader: Reader) -> dict[str, list[int]]:
    """Return the bytes of each view, of lists and of dictionaries, over both fields."""
    sizes: Counter[str] = Counter()
    for leaf in reader.leaves:
        file = leaf.segment.file
        for name in file.names():
            sizes[name] += len(file[name])

    def bytes_of(owner: str, parts: Sequence[str]) -> int:
        return sum(sizes[f"{owner}.{part}"] for part in parts)

    found = {}
    for view in VIEWS:
        fields = [f"{field}_{view}" for field in FIELDS]
        lists = ("data", "counts", "counts.large", "bounds")
        strings = ("count", "firsts", "firsts.ends", "blocks", "blocks.ends")
        dictionary = bytes_of(view, strings) + sum(
            bytes_of(field, ("firsts", "seconds")) for field in fields
        )
        found[view] = [sum(bytes_of(field, lists) for field in fields), dictionary]
    return found


def bytes_table(found: dict[str, list[int]], index: int, text: int) -> str:
    lines = [
        "| view | lists, MB | dictionaries, MB | of the index | of the text |",
        "|---|---|---|---|---|",
    ]
    for view, (lists, dictionary) in found.items():
        both = lists + dictionary
        lines.append(
            f"| `{view}` | {lists / 1e6:.2f} | {dictionary / 1e6:.2f} "
            f"| {both / index:.1%} | {both / text:.1%} |"
        )
    return "\n".join(lines)


def milliseconds(path: Path, queries: Sequence[Query]) -> Float64Array:
    """Return the milliseconds of rankings, float64, shape (`TIMED`, queries)."""
    opened = []
    for model in TIMED:
        reader = Store(path).reader()
        opened.append((reader, Scorer(reader, model.ranking)))
    times = np.zeros((len(TIMED), len(queries)))
    order = list(enumerate(opened))
    for column, query in enumerate(queries):
        parsed, _ = parse_lenient(query.text)
        # The first finds less in the processor's caches than the others.
        random.Random(column).shuffle(order)
        for row, (reader, scorer) in order:
            expansions = expand_abbreviations(reader, parsed)
            begun = time.process_time()
            Ranker(reader, scorer, parsed, expansions=expansions).rank(SHOWN)
            times[row, column] = (time.process_time() - begun) * 1000
    return times[:, WARM_UP:]


def times_table(rounds: Sequence[Float64Array], stripped: Sequence[bool]) -> str:
    without = np.array(stripped)
    chosen = {"with marks": ~without, "without marks": without}
    lines = [
        "| ranking | " + " | ".join(f"{name}, ms | ratio" for name in chosen) + " |",
        "|---|" + "---|" * (2 * len(chosen)),
    ]
    for row, model in enumerate(TIMED):
        cells = []
        for which in chosen.values():
            p50 = [np.median(each[:, which], axis=1) for each in rounds]
            ratios = [float(each[row] / each[0]) for each in p50]
            cells.append(f"{median(float(each[row]) for each in p50):.2f}")
            cells.append(f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
        lines.append(f"| {model.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cost(corpus: Path, folder: Path) -> str:
    titles: list[tuple[str, str]] = []
    text = 0

    def articles() -> Iterator[searchidx.Document]:
        nonlocal text
        with gzip.open(corpus, "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                titles.append((record["id"], record["title"]))
                text += len(record["text"].encode())
                yield searchidx.Document(
                    id=record["id"], title=record["title"], body=record["text"]
                )

    path = folder / "articles"
    with searchidx.create(path) as index:
        index.add(articles(), workers=PROCESSES)
    size = sum(file.stat().st_size for file in path.iterdir())
    queries = derive(titles, WARM_UP + QUERIES)
    rounds = []
    for number in range(ROUNDS):
        print(f"times, round {number + 1} of {ROUNDS} …", file=sys.stderr)
        rounds.append(milliseconds(path, queries))
    return COST.format(
        bytes=bytes_table(view_bytes(Store(path).reader()), size, text),
        documents=len(titles),
        text=text / 1e6,
        index=size / 1e6,
        times=times_table(rounds, [query.stripped for query in queries[WARM_UP:]]),
        queries=QUERIES,
        warm_up=WARM_UP,
        rounds=ROUNDS,
    )


def collections(
    given: argparse.Namespace, folder: Path
) -> Iterator[tuple[Collection, Sequence[str]]]:
    """Yield the sets, each with the ways in which its queries are typed."""
    for name in SETS:
        yield question_set(name, given.shared / "relevance" / name, folder), WAYS
    if given.known_item:
        corpus = given.shared / "corpora/phapdien.jsonl.gz"
        yield known_item_set(corpus, folder, KNOWN_ITEMS), WAYS[:2]


def pages(given: argparse.Namespace) -> Iterator[str]:
    """Yield the page, again after each part that was measured."""
    before = os.getloadavg()[0]
    corpus = given.shared / "corpora/phapdien.jsonl.gz"
    columns: list[str] = []
    rows: list[list[float]] = [[] for _ in MODELS]
    sets: list[str] = []

    def page(measured: str = "") -> str:
        return PAGE.format(
            date=given.date,
            machine=machine(),
            python=platform.python_version(),
            before=before,
            after=os.getloadavg()[0],
            quality=quality_table(columns, list(zip(MODELS, rows, strict=True))),
            seed=SEED,
            sets=" ".join(sets),
            cost=measured,
        )

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for collection, ways in collections(given, folder):
            sets.append(
                f"{collection.name}: {len(collection.judgements):,} queries over "
                f"{len(collection.index):,} documents."
            )
            columns += [f"{collection.name}, {way}" for way in ways]
            print(f"{sets[-1]} …", file=sys.stderr)
            for row, values in zip(rows, qualities(collection, ways), strict=True):
                row += values
            collection.index.close()
            yield page()
        if given.cost:
            yield page(cost(corpus, folder))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ablation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    shared = ROOT.parent / "shared"
    add("--shared", type=Path, default=shared, help="folder of the sets; default: ../shared")
    add("--known-item", action="store_true", help="also titles over all legal articles")
    add("--cost", action="store_true", help="also bytes and time of views, all articles")
    add("--output", type=Path, help="default: benchmarks/results/DATE-ablation.md")
    add("--date", default=date.today().isoformat(), help="of the page; default: today")
    given = parser.parse_args()
    if not (given.shared / "relevance").exists():
        parser.error(f"there are no sets in {given.shared}; name their folder with --shared")
    return given


def main() -> None:
    given = arguments()
    output = given.output or ROOT / "benchmarks/results" / f"{given.date}-ablation.md"
    for text in pages(given):
        output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
