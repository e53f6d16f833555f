"""The figures of a run as a Markdown page."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus import Sample

OURS = "searchidx"
ROWS = {
    "rate": "indexing, MB/s",
    "memory": "peak memory of indexing, MB",
    "size": "index size / text size",
    "cold": "cold start, ms",
    "all p50": "all words: p50, ms",
    "all p95": "all words: p95, ms",
    "any p50": "any word: p50, ms",
    "any p95": "any word: p95, ms",
    "all found": "all words: own document in the first 10, %",
    "all found typed": "— queries with marks, %",
    "all found stripped": "— queries without marks, %",
    "any found": "any word: own document in the first 10, %",
    "any found typed": "— queries with marks, %",
    "any found stripped": "— queries without marks, %",
}
PAGE = """\
# Benchmarks, {date}

{machine}; Python {python}. Load average {load[0]:.1f} before, {load[1]:.1f} after. \
{documents:,} of {sample.corpus_documents:,} articles of the codified law, a random sample \
that is the same in every run: {megabytes:.1f} MB of text.

{figures}

A process that does nothing else, to compare with cold start: {references}.

## The engines

{notes}

## How

Each engine indexes in one process and searches in another. MB are 10⁶ bytes, in the rate of \
UTF-8 body text. Indexing includes importing the engine and the commit, not reading the \
sample. Memory is the largest resident size of the indexing process. Cold start is a fresh \
process that opens the index, runs one query (any word) and prints up to 10 hits: the median \
of 5 after one that does not count, so the files are in the page cache. p50 and p95 are of \
one query with up to 10 snippets in a warm process: each of {queries} queries once, after \
{warm_up} others. The slowest are those that find one of the few very long documents.

The queries are 2 to 5 consecutive syllables cut from titles of the indexed documents, every \
second one with its marks stripped. A cut may fall inside a word, which is hard on an engine \
of words. The own document is the one that the title belongs to; many titles are shared \
("Hiệu lực thi hành"), so no engine can always have it in the first 10: compare the engines \
with each other.
"""


@dataclass(frozen=True)
class Measurement:
    """What was measured of one engine; a figure that it doesn't have is absent."""

    name: str
    version: str
    note: str
    figures: Mapping[str, float]  # by the keys of ROWS


def machine() -> str:
    """Describe the machine without naming it."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="utf-8") if cpuinfo.exists() else ""
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    name = model[1] if model else platform.machine()
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


def number(value: float) -> str:
    """Return three significant digits, or all those before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"


def cell(measurement: Measurement, key: str, ours: Mapping[str, float]) -> str:
    """Return a figure, with its ratio to searchidx's in brackets if it is a peer's."""
    value = measurement.figures.get(key)
    if value is None:
        return "–"
    if measurement.name == OURS:
        return number(value) + ("¹" if key.startswith("any ") else "")
    base = ours.get(key) or ours.get(key.replace("all ", "any "))
    return number(value) + (f" ({number(value / base)}×)" if base else "")


def table(measurements: list[Measurement]) -> str:
    """Return the table with a row for each figure and a column for each engine."""
    ours = next((each.figures for each in measurements if each.name == OURS), {})
    rows = [["", *(each.name for each in measurements)], ["---"] + ["---:"] * len(measurements)]
    for key, label in ROWS.items():
        rows.append([label, *(cell(each, key, ours) for each in measurements)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def remarks(measurements: list[Measurement], failed: list[str]) -> list[str]:
    texts = []
    if any(each.name == OURS for each in measurements):
        texts.append(
            "In brackets: divided by searchidx's figure. Above 1 the peer is better in the "
            "rows of MB/s and %, and worse in the others."
        )
        texts.append(
            "¹ searchidx has one mode: documents with all the words first, then those with "
            "some. Both modes of the others are divided by it."
        )
    if failed:
        texts.append(f"Not measured, for an error: {', '.join(failed)}.")
    return texts


def page(
    date: str,
    sample: Sample,
    queries: tuple[int, int],
    references: Mapping[str, float],
    measurements: list[Measurement],
    failed: list[str],
    load: tuple[float, float],
) -> str:
    """Return the whole page.

    `queries` counts those measured and those to warm up; `references` are milliseconds by
    command; `load` is the machine's one-minute average before and after.
    """
    return PAGE.format(
        date=date,
        machine=machine(),
        python=platform.python_version(),
        load=load,
        sample=sample,
        documents=len(sample.titles),
        megabytes=sample.body_bytes / 1e6,
        figures="\n\n".join([table(measurements), *remarks(measurements, failed)]),
        references=", ".join(f"`{name}` {number(ms)} ms" for name, ms in references.items()),
        notes="\n".join(f"- **{e.name}** ({e.version}). {e.note}" for e in measurements),
        queries=queries[0],
        warm_up=queries[1],
    )
