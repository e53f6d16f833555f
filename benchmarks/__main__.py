"""Measure searchidx and its peers side by side, and write a dated page."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.corpus import write_sample
from benchmarks.engines import NAMES
from benchmarks.queries import derive
from benchmarks.report import Measurement, page
from benchmarks.worker import WARM_UP

ROOT = Path(__file__).resolve().parent.parent
CORPUS = "../shared/corpora/phapdien.jsonl.gz"  # from the repository's root
QUERIES = 300
REPEATS = 5
REFERENCES = ("pass", "import numpy, click")


def run_process(command: list[str]) -> str:
    """Run a command at the repository's root and return what it printed."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        encoding="utf-8",
    ).stdout


def work(job: str, engine: str, given: Path, directory: Path) -> dict[str, Any]:
    """Run a job of `benchmarks.worker` and return its result."""
    module = [sys.executable, "-m", "benchmarks.worker"]
    output = run_process([*module, job, engine, str(given), str(directory)])
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def milliseconds(command: list[str]) -> float:
    """Return the median time of a fresh process, after one that does not count."""
    times = []
    for _ in range(REPEATS + 1):
        started = perf_counter()
        run_process(command)
        times.append(perf_counter() - started)
    return statistics.median(times[1:]) * 1000


def measure(
    engine: str, sample: Path, queries: Path, body_bytes: int, directory: Path
) -> Measurement:
    """Index, search and start one engine."""
    directory.mkdir()
    built = work("index", engine, sample, directory)
    size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
    searched = work("search", engine, queries, directory)
    figures = {
        "rate": body_bytes / 1e6 / built["seconds"],
        "memory": built["memory"] / 1e6,
        "size": size / body_bytes,
        "cold": milliseconds(searched["command"]),
    }
    for mode, result in searched["modes"].items():
        times, found = result["seconds"], result["found"]
        figures[f"{mode} p50"] = statistics.median(times) * 1000
        figures[f"{mode} p95"] = (
            statistics.quantiles(times, n=20, method="inclusive")[-1] * 1000
        )
        figures[f"{mode} found"] = statistics.fmean(found) * 100
        figures[f"{mode} found typed"] = statistics.fmean(found[::2]) * 100
        figures[f"{mode} found stripped"] = statistics.fmean(found[1::2]) * 100
    return Measurement(engine, built["version"], searched["note"], figures)


def engine_names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(NAMES):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--documents", type=int, default=5000, help="size of the sample; default: 5000")
    add("--corpus", type=Path, default=ROOT / CORPUS, help=f"default: {CORPUS}")
    add("--engines", type=engine_names, default=NAMES, help=f"default: {','.join(NAMES)}")
    add("--output", type=Path, help="default: benchmarks/results/DATE.md")
    add("--date", default=date.today().isoformat(), help="of the page; default: today")
    given = parser.parse_args()
    if not given.corpus.exists():
        parser.error(f"there is no corpus at {given.corpus}; name one with --corpus")
    return given


def main() -> int:
    given = arguments()
    load = os.getloadavg()[0]
    measurements: list[Measurement] = []
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        os.environ["XDG_CONFIG_HOME"] = name  # searchidx remembers its last search there
        sample, queries = temporary / "sample.jsonl", temporary / "queries.json"
        written = write_sample(given.corpus, given.documents, sample)
        try:
            queries.write_text(json.dumps(derive(written.titles, WARM_UP + QUERIES)))
        except ValueError as error:
            sys.exit(f"{error}: ask for more --documents")
        references = {
            f'python -c "{code}"': milliseconds([sys.executable, "-c", code])
            for code in REFERENCES
        }
        for engine in given.engines:
            print(f"{engine} …", file=sys.stderr)
            try:
                measurements.append(
                    measure(engine, sample, queries, written.body_bytes, temporary / engine)
                )
            except subprocess.CalledProcessError as error:
                print(error, error.stderr, sep="\n", file=sys.stderr)
                failed.append(engine)
    text = page(
        given.date,
        written,
        (QUERIES, WARM_UP),
        references,
        measurements,
        failed,
        (load, os.getloadavg()[0]),
    )
    output = given.output or ROOT / "benchmarks" / "results" / f"{given.date}.md"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    print(text)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
