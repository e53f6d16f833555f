"""Measure the finding of abbreviations, codes and dates in the legal articles.

Run with: python -m benchmarks.abbreviations [--output FILE]
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from benchmarks.report import machine
from searchidx.language.abbreviations import find_abbreviations
from searchidx.language.abbreviations.short_forms import canonical_short
from searchidx.language.codes import find_codes
from searchidx.language.dates import find_dates
from searchidx.language.syllable_forms import marked

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
JUDGED = ROOT / "tests/language/data"
WITHOUT_YEAR = 150  # the first rows of the judged sample of codes

PAGE = """\
# Abbreviations, codes and dates, {date}

{machine}; Python {python}. All {texts:,} articles of the codified law, {megabytes:.0f} MB of \
text as UTF-8; one process, one text after the other, the reading of the corpus left out.

| | findings | different | MB/s |
| --- | ---: | ---: | ---: |
{rates}

| | figure | of |
| --- | ---: | --- |
{shares}

Recall is the share of the pairs that were mined from these articles by other means. Findings \
are judged by hand, beside their contexts: every different pair of the abbreviations, and a \
random sample of the codes, nearly all of which have a year and look like 30/2020/NĐ-CP. The \
judgements are in `tests/language/data/`.
"""


def found(texts: list[str], find: Callable[[str], Iterable[str]]) -> tuple[Counter[str], float]:
    """Count the findings of `find` in all texts, and measure the time in seconds."""
    counts: Counter[str] = Counter()
    started = time.perf_counter()
    for text in texts:
        counts.update(find(text))
    return counts, time.perf_counter() - started


def abbreviations(text: str) -> Iterable[str]:
    return (f"{each.short}\t{each.long}" for each in find_abbreviations(text))


def codes(text: str) -> Iterable[str]:
    return (code.canonical for code in find_codes(text))


def dates(text: str) -> Iterable[str]:
    return (f"{each.date.precision}\t{each.date.isoformat()}" for each in find_dates(text))


def canonical(long: str) -> str:
    return " ".join(map(marked, long.split()))


def mined(path: Path) -> set[str]:
    """Return the pairs that other means mined from the articles, as "short<TAB>long"."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return {
        f"{canonical_short(short)}\t{canonical(long)}"
        for short, long, _, sources in rows
        if "phapdien" in sources.split(",")
    }


def judged(name: str) -> list[dict[str, str]]:
    with (JUDGED / name).open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def right(rows: list[dict[str, str]]) -> int:
    return sum(row["judgement"] == "right" for row in rows)


def share(label: str, part: int, whole: int, of: str) -> str:
    return f"| {label} | {part / whole:.1%} | {part:,} of {whole:,} {of} |"


def page(texts: list[str], expected: set[str], today: str) -> str:
    size = sum(len(text.encode()) for text in texts) / 1e6
    results = {
        name: found(texts, find)
        for name, find in (
            ("abbreviations", abbreviations),
            ("document codes", codes),
            ("dates", dates),
        )
    }
    rates = [
        f"| {name} | {counts.total():,} | {len(counts):,} | {size / seconds:.0f} |"
        for name, (counts, seconds) in results.items()
    ]
    by_precision: Counter[str] = Counter()
    for key, count in results["dates"][0].items():
        by_precision[key.split("\t")[0]] += count
    pairs = results["abbreviations"][0]
    rows, sample = judged("abbreviations_judged.tsv"), judged("codes_judged.tsv")
    good = {
        f"{row['short']}\t{canonical(row['long'])}"
        for row in rows
        if row["judgement"] == "right"
    }
    shares = [
        share("abbreviations: recall", len(expected & pairs.keys()), len(expected), "pairs"),
        share(
            "abbreviations: judged right",
            sum(pairs[pair] for pair in good),
            pairs.total(),
            "findings",
        ),
        share(
            "abbreviations: judged right, each pair once",
            len(good & pairs.keys()),
            len(pairs),
            "pairs",
        ),
        share(
            "codes without a year: judged right",
            right(sample[:WITHOUT_YEAR]),
            WITHOUT_YEAR,
            "sampled",
        ),
        share(
            "codes with a year: judged right",
            right(sample[WITHOUT_YEAR:]),
            len(sample) - WITHOUT_YEAR,
            "sampled",
        ),
        *(
            share(f"dates: a {precision}", count, by_precision.total(), "findings")
            for precision, count in by_precision.most_common()
        ),
    ]
    return PAGE.format(
        date=today,
        machine=machine(),
        python=platform.python_version(),
        texts=len(texts),
        megabytes=size,
        rates="\n".join(rates),
        shares="\n".join(shares),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.abbreviations", description=__doc__
    )
    add = parser.add_argument
    add("--shared", type=Path, default=SHARED, help="folder of the corpora; default: ../shared")
    add("--output", type=Path, help="file for the page; default: the screen alone")
    add("--date", default=date.today().isoformat(), help="of the page; default: today")
    given = parser.parse_args()
    corpus = given.shared / "corpora/phapdien.jsonl.gz"
    list_ = given.shared / "abbreviations/mined_from_public_text.tsv"
    for path in (corpus, list_):
        if not path.exists():
            parser.error(f"there is no {path}; name another folder with --shared")
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    text = page(texts, mined(list_), given.date)
    if given.output is not None:
        given.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
