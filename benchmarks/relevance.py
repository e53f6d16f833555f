"""Measure how well searches find relevant documents, against the nDCG@10 aimed at.

Run with: python -m benchmarks.relevance [--known-item] [--output FILE]

The sets are those of ../shared/relevance. With --known-item also a set made of the legal
articles: the titles that only one article has as queries, which should find its text; the
titles themselves are not indexed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import searchidx
from benchmarks.processes import ROOT
from benchmarks.report import machine
from searchidx.evaluation import (
    MEASURES,
    VARIANTS,
    Evaluation,
    Judgements,
    Queries,
    evaluate,
    read_judgements,
    read_queries,
)
from searchidx.language.syllable_forms import folded
from searchidx.language.tokenizer import split_syllables

SETS = ("xquad_vi", "mlqa_vi_dev")
AIMS = {
    "xquad_vi": {"typed": 0.972, "stripped": 0.966, "half": 0.966},
    "mlqa_vi_dev": {"typed": 0.845, "stripped": 0.825, "half": 0.830},
}
"""nDCG@10 to reach or pass."""
KNOWN_ITEM = "known item"
KNOWN_ITEMS = 500
SEED = 0
PROCESSES = 2

PAGE = """\
# Relevance, {date}

{machine}; Python {python}.

| set | queries typed | aim: nDCG@10 | {measures} | p50, ms |
|---|---|---|{rules}|---|
{rows}

Queries are typed as they stand, with all marks stripped, with half of the syllables' marks \
stripped, and with a typing error in one word (seed {seed}; \
`docs/how-to/measure-relevance.md`). The time is that of a search with 10 hits and their \
snippets, in a process that has searched for the same before. {sets}
"""


@dataclass(frozen=True)
class Collection:
    """A set to measure: its name, index, queries and judgements."""

    name: str
    index: searchidx.Index
    queries: Queries
    judgements: Judgements


def question_set(name: str, source: Path, folder: Path) -> Collection:
    index = searchidx.create(folder / name)
    report = index.update(source / "docs.jsonl")
    if report.failures:
        sys.exit("\n".join(map(str, report.failures)))
    queries = read_queries(source / "queries.jsonl")
    return Collection(
        name, index, queries, read_judgements(source / "qrels.tsv", queries, index)
    )


def known_items(titles: Sequence[tuple[str, str]], count: int, seed: int) -> dict[str, str]:
    """Choose titles that no other document has, whatever their marks and case.

    Args:
        titles: Pairs of a document id and a title.
        count: The most titles to choose.
        seed: The seed of the choice.

    Returns:
        The titles by the ids of their documents.
    """
    forms = [" ".join(map(folded, split_syllables(title)[0])) for _, title in titles]
    times = Counter(forms)
    unique = [
        pair for pair, form in zip(titles, forms, strict=True) if form and times[form] == 1
    ]
    return dict(random.Random(seed).sample(unique, min(count, len(unique))))


def known_item_set(corpus: Path, folder: Path, count: int = KNOWN_ITEMS) -> Collection:
    titles: list[tuple[str, str]] = []

    def bodies() -> Iterator[searchidx.Document]:
        with gzip.open(corpus, "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                titles.append((record["id"], record["title"]))
                yield searchidx.Document(id=record["id"], body=record["text"])

    index = searchidx.create(folder / "known-item")
    index.add(bodies(), workers=PROCESSES)
    queries = known_items(titles, count, SEED)
    return Collection(KNOWN_ITEM, index, queries, {id_: {id_: 1} for id_ in queries})


def rows(collection: Collection, evaluations: Sequence[Evaluation]) -> Iterator[str]:
    aims: Mapping[str, float] = AIMS.get(collection.name, {})
    for each in evaluations:
        aim = aims.get(each.variant)
        verdict = ""
        if aim is not None:
            reached = round(each.means[MEASURES[0]], 3) >= aim
            verdict = f"{aim:.3f}: {'reached' if reached else 'missed'}"
        means = " | ".join(f"{mean:.4f}" for mean in each.means.values())
        yield f"| {collection.name} | {each.variant} | {verdict} | {means} | {each.p50:.2f} |"


def description(collection: Collection) -> str:
    return (
        f"{collection.name}: {len(collection.judgements):,} queries over "
        f"{len(collection.index):,} documents."
    )


def collections(given: argparse.Namespace, folder: Path) -> Iterator[Collection]:
    for name in given.sets:
        yield question_set(name, given.shared / "relevance" / name, folder)
    if given.known_item:
        yield known_item_set(given.shared / "corpora/phapdien.jsonl.gz", folder)


def page(given: argparse.Namespace) -> str:
    lines: list[str] = []
    sets: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for each in collections(given, Path(folder)):
            print(f"{description(each)} …", file=sys.stderr)
            evaluations = evaluate(
                each.index, each.queries, each.judgements, variants=given.variants, seed=SEED
            )
            lines += rows(each, evaluations)
            sets.append(description(each))
            each.index.close()
    return PAGE.format(
        date=given.date,
        machine=machine(),
        python=platform.python_version(),
        measures=" | ".join(MEASURES),
        rules="|".join("---" for _ in MEASURES),
        rows="\n".join(lines),
        seed=SEED,
        sets=" ".join(sets),
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.relevance",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    shared = ROOT.parent / "shared"
    add("--shared", type=Path, default=shared, help="folder of the sets; default: ../shared")
    add("--sets", nargs="*", choices=SETS, default=SETS, help="default: both")
    add("--known-item", action="store_true", help="also titles over all legal articles")
    add("--variants", nargs="+", choices=[*VARIANTS], default=[*VARIANTS])
    add("--output", type=Path, help="default: benchmarks/results/DATE-relevance.md")
    add("--date", default=date.today().isoformat(), help="of the page; default: today")
    given = parser.parse_args()
    if not given.sets and not given.known_item:
        parser.error("there is nothing to measure; name --sets, or --known-item")
    if not (given.shared / "relevance").exists():
        parser.error(f"there are no sets in {given.shared}; name their folder with --shared")
    return given


def main() -> None:
    given = arguments()
    text = page(given)
    output = given.output or ROOT / "benchmarks/results" / f"{given.date}-relevance.md"
    output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
