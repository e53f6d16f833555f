"""Write the figures of a run as a Markdown page."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks.measurement import OURS, Measurement, Results, Run
from benchmarks.targets import TARGETS, Limit, Target, known, measured, resolved, verdict

MODES = {"all": "all words", "any": "any word"}
ROWS = {
    "rate": "indexing, MB/s",
    "rate 2": "— two processes",
    "seconds": "indexing, s",
    "memory": "peak memory of indexing, MB",
    "memory 2": "— two processes and their parent",
    "size": "index size / text size",
    "cold": "cold start, ms",
    **{
        f"{mode} {percentile}": f"{words}: {percentile}, ms"
        for mode, words in MODES.items()
        for percentile in ("p50", "p95", "p99")
    },
    "private": "memory of a reader after the queries, private pages, MB",
    "private before": "— before it opens the index",
    "commit": "one document added and committed, median, ms",
    "commit slowest": "— slowest, ms",
    "commit first": "— first in its process, ms",
    "commit share": "— median, % of a rebuild",
    "commit written": "— written, mean, MB",
    "commit written most": "— written, most, MB",
    **{
        f"{mode} found{suffix}": label.format(words=words)
        for mode, words in MODES.items()
        for suffix, label in (
            ("", "{words}: own document in the first 10, %"),
            (" typed", "— queries with marks, %"),
            (" stripped", "— queries without marks, %"),
        )
    },
}
AT_EVERY_SIZE = {key: ROWS[key] for key in ("rate", "memory", "size")}
PAGE = """\
# Benchmarks, {results.date}

{machine}; Python {python}. Load average {results.load[0]:.1f} before, \
{results.load[1]:.1f} after. {results.full.documents:,} of {results.corpus_documents:,} \
articles of the codified law{chosen}: {megabytes:.1f} MB of text.

## What must hold

{targets}

In the columns *must* and *aim* an engine's name stands for its figure. The limits are for \
all {results.corpus_documents:,} articles.

## Side by side

{figures}

A process that does nothing else, to compare with cold start: {references}.

## Growth

{growth}

## The engines

{notes}

## How

Each engine indexes in one process and searches in others, one for each mode. MB are 10⁶ \
bytes, in the rate of UTF-8 body text. Indexing includes importing the engine and the commit. \
It does not include reading the sample, except with two processes, which work while their \
parent reads; tantivy's thread works meanwhile too, which is not counted. Memory is the \
largest resident size of the indexing process, files mapped into memory included; with two \
processes and their parent, the sum of the largest sizes of all. Cold start is a fresh \
process that opens the index, runs one query (any word) and prints up to 10 hits: the median \
of 5 after one that does not count, so the files are in the page cache. p50, p95 and p99 are \
of one query with up to 10 snippets in a warm process: each of {results.queries} queries \
once, after others. The slowest are those that find one of the few very long documents. A \
reader's private pages are those that it shares with no other process when all its queries \
are done, in the mode that takes more.

Documents are added one by one to the open index of the rows above, {results.added} after one \
that does not count but as the first; their bodies have {kilobytes:.1f} kB of text on the \
average. Written is all that the process writes during a commit, merges and files that are \
soon removed included.

The queries are 2 to 5 consecutive syllables cut from titles of the indexed documents, every \
second one with its marks stripped. A cut may fall inside a word, which is hard on an engine \
of words. The own document is the one that the title belongs to; many titles are shared \
("Hiệu lực thi hành"), so no engine can always have it in the first 10: compare the engines \
with each other.
"""
ENLARGED = (
    "{documents:,} documents are the {base:,} several times over, the sentences of each "
    "shuffled each time; they are asked the same queries."
)


def machine() -> str:
    """Describe the machine without naming it."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="utf-8") if cpuinfo.exists() else ""
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    name = model[1] if model else platform.machine()
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


def number(value: float | None) -> str:
    """Return a number with three significant digits, and all those before the point."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return a table; the first column is text, the others are figures."""
    ruled = [rows[0], ["---"] + ["---:"] * (len(rows[0]) - 1), *rows[1:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in ruled)


def cell(measurement: Measurement, key: str, ours: Mapping[str, float]) -> str:
    """Return a figure, with its ratio to searchidx's in brackets if it is a peer's."""
    value = measurement.figures.get(key)
    if value is None:
        return "–"
    if measurement.name == OURS:
        return number(value) + ("¹" if key.startswith("any ") else "")
    base = ours.get(key) or ours.get(key.replace("all ", "any "))
    return number(value) + (f" ({number(value / base)}×)" if base else "")


def table(run: Run) -> str:
    """Return the table with a row for each figure and a column for each engine."""
    ours = run.figures(OURS)
    rows = [["", *(title(each, run) for each in run.measurements)]]
    for key, label in ROWS.items():
        cells = []
        for each in run.measurements:
            comparable = each.documents == run.documents or key == "rate"
            cells.append(cell(each, key, ours if comparable else {}))
        rows.append([label, *cells])
    return markdown(rows)


def title(measurement: Measurement, run: Run) -> str:
    if measurement.documents == run.documents:
        return measurement.name
    return f"{measurement.name}, {measurement.documents:,} documents"


def remarks(run: Run, failed: list[str]) -> list[str]:
    texts = []
    if any(each.name == OURS for each in run.measurements):
        texts.append(
            "In brackets: divided by searchidx's figure. Above 1 the peer is better in the "
            "rows of MB/s and % of queries, and worse in the others."
        )
        texts.append(
            "¹ searchidx has one mode: documents with all the words first, then those with "
            "some. Both modes of the others are divided by it."
        )
    fewer = [each.name for each in run.measurements if each.documents != run.documents]
    if fewer:
        texts.append(
            f"Measured in the same run on fewer documents, which are a random sample too, "
            f"because it is slow: {', '.join(fewer)}. Only its rate is compared."
        )
    if failed:
        texts.append(f"Not measured, for an error: {', '.join(failed)}.")
    return texts


def growth(runs: Sequence[Run]) -> str:
    """Return the table of what grows with the documents, for engines with several sizes."""
    names = [
        each.name
        for each in runs[0].measurements
        if sum(bool(run.figures(each.name)) for run in runs) > 1
    ]
    rows = [["", *names]]
    for mode, words in MODES.items():
        for percentile in ("p50", "p99"):
            key = f"{mode} {percentile}"
            for run in runs:
                values = [run.figures(name).get(key) for name in names]
                label = f"{words}: {percentile} at {run.documents:,}, ms"
                rows.append([label, *map(number, values)])
            for less, more in pairwise(runs):
                label = f"— {more.documents:,} / {less.documents:,}"
                ratios = [ratio(more, less, name, key) for name in names]
                rows.append([label, *map(number, ratios)])
    for key, label in AT_EVERY_SIZE.items():
        for run in runs:
            values = [run.figures(name).get(key) for name in names]
            rows.append([f"{label}, at {run.documents:,}", *map(number, values)])
    return markdown(rows)


def ratio(more: Run, less: Run, name: str, key: str) -> float | None:
    above, below = more.figures(name).get(key), less.figures(name).get(key)
    return above / below if above and below else None


def targets_table(figures: Mapping[str, float]) -> str:
    """Return the table of limits, aims and measured figures."""
    rows = [["", "must", "aim", "measured", "holds?"]]
    for target in TARGETS:
        rows.append(
            [
                target.label,
                limit(target, target.must, figures),
                limit(target, target.aim, figures),
                number(measured(target, figures)),
                verdict(target, figures),
            ]
        )
    return markdown(rows)


def limit(target: Target, given: Limit, figures: Mapping[str, float]) -> str:
    """Return a limit as text, such as "≥ 25.4 (tantivy)"."""
    if given is None:
        return "–"
    sign = "≥" if target.at_least else "≤"
    if isinstance(given, str):
        return f"{sign} {number(resolved(given, figures))} ({given.split()[0]})"
    return f"{sign} {given:,g}"


def page(results: Results) -> str:
    """Return the whole page."""
    full, sizes = results.full, results.sizes
    whole = full.documents == results.corpus_documents
    texts = [growth(sizes)] if len(sizes) > 1 else ["Not measured."]
    if results.large.measurements:
        texts.append(ENLARGED.format(documents=results.large.documents, base=full.documents))
    return PAGE.format(
        results=results,
        machine=machine(),
        python=platform.python_version(),
        chosen="" if whole else ", a random sample that is the same in every run",
        megabytes=full.body_bytes / 1e6,
        targets=targets_table(known(results)),
        figures="\n\n".join([table(full), *remarks(full, results.failed)]),
        references=", ".join(
            f'`python -c "{code}"` {number(ms)} ms' for code, ms in results.references.items()
        ),
        growth="\n\n".join(texts),
        notes="\n".join(f"- **{e.name}** ({e.version}). {e.note}" for e in full.measurements),
        kilobytes=results.added_bytes / 1e3,
    )
