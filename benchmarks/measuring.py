"""Measure one engine, in processes of its own."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpus import write_additions, write_enlarged, write_sample
from benchmarks.measurement import Measurement
from benchmarks.processes import milliseconds, run_watched
from benchmarks.queries import derive
from benchmarks.worker import WARM_UP

QUERIES = 300
ADDED = 20  # documents one by one, after one that does not count


@dataclass(frozen=True)
class Material:
    """The documents and queries that the engines are measured with."""

    sample: Path
    queries: Path
    additions: Path
    documents: int
    body_bytes: int  # UTF-8; of one added document on the average, `added_bytes`
    added_bytes: float
    corpus_documents: int


def prepare(corpus: Path, documents: int, folder: Path) -> Material:
    """Write a sample of the corpus, queries for it and documents to add into a new folder.

    Raises:
        ValueError: There are too few documents to cut the queries from.
    """
    folder.mkdir()
    sample, queries, additions = (
        folder / name for name in ("sample.jsonl", "queries.json", "additions.jsonl")
    )
    written = write_sample(corpus, documents, sample)
    queries.write_text(json.dumps(derive(written.titles, WARM_UP + QUERIES)))
    added = 1 + ADDED
    added_bytes = write_additions(sample, added, additions) / added
    return Material(
        sample,
        queries,
        additions,
        len(written.titles),
        written.body_bytes,
        added_bytes,
        written.corpus_documents,
    )


def enlarge(material: Material, times: int, folder: Path) -> Material:
    """Write the documents several times over, to be asked the same queries."""
    folder.mkdir()
    sample = folder / "sample.jsonl"
    body_bytes = write_enlarged(material.sample, times, sample)
    return Material(
        sample,
        material.queries,
        material.additions,
        material.documents * times,
        body_bytes,
        material.added_bytes,
        material.corpus_documents,
    )


def measure_size(engine: str, material: Material, directory: Path) -> Measurement:
    """Measure what is measured at every size: indexing with one process, and searching."""
    built, memory = _index(engine, material, directory, 1)
    size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
    figures = {
        "seconds": built["seconds"],
        "rate": material.body_bytes / 1e6 / built["seconds"],
        "memory": memory / 1e6,
        "size": size / material.body_bytes,
    }
    for mode in built["modes"]:
        searched, _ = _work("search", engine, material.queries, directory, mode)
        figures |= _of_queries(mode, searched["seconds"], searched["found"])
        for key in ("private before", "private"):
            if searched[key] is not None:
                figures[key] = max(searched[key] / 1e6, figures.get(key, 0.0))
    return Measurement(engine, built["version"], built["note"], material.documents, figures)


def measure(engine: str, material: Material, directory: Path) -> Measurement:
    """Measure all figures of an engine."""
    measured = measure_size(engine, material, directory)
    figures = dict(measured.figures)
    command, _ = _work("command", engine, material.queries, directory)
    figures["cold"] = milliseconds(command["command"])
    for processes in command["processes"][1:]:
        other = directory.with_name(f"{directory.name}-{processes}")
        built, memory = _index(engine, material, other, processes)
        figures[f"rate {processes}"] = material.body_bytes / 1e6 / built["seconds"]
        figures[f"memory {processes}"] = memory / 1e6
    added, _ = _work("add", engine, material.additions, directory)
    figures |= _of_commits(added["seconds"], added["written"], figures["seconds"])
    return Measurement(engine, measured.version, measured.note, material.documents, figures)


def _work(job: str, engine: str, *arguments: object) -> tuple[dict[str, Any], int]:
    """Run a job of `benchmarks.worker`; return its result and its children's peak memory."""
    command = [sys.executable, "-m", "benchmarks.worker", job, engine, *map(str, arguments)]
    output, children = run_watched(command)
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result, children


def _index(
    engine: str, material: Material, directory: Path, processes: int
) -> tuple[dict[str, Any], int]:
    """Index into a new directory; return the result and the peak memory of all processes."""
    directory.mkdir()
    result, children = _work("index", engine, material.sample, directory, processes)
    return result, result["memory"] + children


def _of_queries(mode: str, seconds: Sequence[float], found: Sequence[bool]) -> dict[str, float]:
    hundredths = statistics.quantiles(seconds, n=100, method="inclusive")
    return {
        f"{mode} p50": statistics.median(seconds) * 1000,
        f"{mode} p95": hundredths[94] * 1000,
        f"{mode} p99": hundredths[98] * 1000,
        f"{mode} found": statistics.fmean(found) * 100,
        f"{mode} found typed": statistics.fmean(found[::2]) * 100,
        f"{mode} found stripped": statistics.fmean(found[1::2]) * 100,
    }


def _of_commits(
    seconds: Sequence[float], written: Sequence[int | None], rebuild: float
) -> dict[str, float]:
    """Return the figures of commits; the first one is a figure of its own."""
    figures = {
        "commit": statistics.median(seconds[1:]) * 1000,
        "commit slowest": max(seconds[1:]) * 1000,
        "commit first": seconds[0] * 1000,
        "commit share": statistics.median(seconds[1:]) / rebuild * 100,
    }
    sizes = [size / 1e6 for size in written[1:] if size is not None]
    if sizes:
        figures["commit written"] = statistics.fmean(sizes)
        figures["commit written most"] = max(sizes)
    return figures
