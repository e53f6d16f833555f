"""Measure searchidx and its peers side by side, and write a dated page."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from benchmarks.engines import NAMES
from benchmarks.measurement import SLOWEST_START, Measurement, Results, Run
from benchmarks.measuring import (
    ADDED,
    QUERIES,
    Material,
    enlarge,
    measure,
    measure_size,
    prepare,
)
from benchmarks.processes import ROOT, milliseconds
from benchmarks.report import page

CORPUS = "../shared/corpora/phapdien.jsonl.gz"  # from the repository's root
REFERENCES = ("pass", SLOWEST_START)
GROWING = ("searchidx", "fts5", "tantivy")  # measured on a tenth of the documents too
SMALLEST = 1000  # documents that give enough queries
AT_MOST = {"whoosh-pyvi": 5000}  # with more it takes minutes

Measure = Callable[[str, Material, Path], Measurement]


class Session:
    """Measure one engine after the other, and go on when one fails."""

    def __init__(self, corpus: Path, folder: Path) -> None:
        self.corpus = corpus
        self.folder = folder
        self.failed: list[str] = []
        self._materials: dict[int, Material] = {}

    def material(self, documents: int) -> Material:
        """Return the material of `documents` documents, the same for all engines."""
        if documents not in self._materials:
            folder = self.folder / f"sample-{documents}"
            self._materials[documents] = prepare(self.corpus, documents, folder)
        return self._materials[documents]

    def measure(self, how: Measure, engine: str, material: Material) -> list[Measurement]:
        """Return the measurement of an engine, or None if it failed."""
        what = f"{engine}, {material.documents:,} documents"
        print(f"{what} …", file=sys.stderr)
        folder = self.folder / "indexes"
        folder.mkdir()
        try:
            return [how(engine, material, folder / engine)]
        except subprocess.CalledProcessError as error:
            print(error, error.stderr, sep="\n", file=sys.stderr)
            self.failed.append(what)
            return []
        finally:
            shutil.rmtree(folder)

    def run(self, how: Measure, engines: Sequence[str], material: Material) -> Run:
        """Measure several engines with the same documents."""
        run = Run(material.documents, material.body_bytes)
        for engine in engines:
            run.measurements.extend(self.measure(how, engine, material))
        return run


def run_all(given: argparse.Namespace, folder: Path) -> Results:
    """Measure what the command line asks for."""
    load = os.getloadavg()[0]
    session = Session(given.corpus, folder)
    material = session.material(given.documents)
    references = {code: milliseconds([sys.executable, "-c", code]) for code in REFERENCES}
    full = Run(material.documents, material.body_bytes)
    for engine in given.engines:
        documents = min(given.at_most.get(engine, given.documents), given.documents)
        full.measurements.extend(session.measure(measure, engine, session.material(documents)))
    small = Run(max(material.documents // 10, SMALLEST), 0)
    if small.documents < material.documents:
        growing = [engine for engine in given.engines if engine in GROWING]
        small = session.run(measure_size, growing, session.material(small.documents))
    large = Run(material.documents * given.times, 0)
    if given.times > 1:
        enlarged = enlarge(material, given.times, folder / "enlarged")
        large = session.run(measure_size, given.times_engines, enlarged)
    return Results(
        date=given.date,
        corpus_documents=material.corpus_documents,
        queries=QUERIES,
        added=ADDED,
        added_bytes=material.added_bytes,
        references=references,
        full=full,
        small=small,
        large=large,
        failed=session.failed,
        load=(load, os.getloadavg()[0]),
    )


def engine_names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(NAMES):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names


def numbers_of_documents(text: str) -> dict[str, int]:
    if not text:
        return {}
    pairs = [item.partition("=") for item in text.split(",")]
    names = engine_names(",".join(name for name, _, _ in pairs))
    numbers = [number for _, _, number in pairs]
    if not all(number.isdecimal() for number in numbers):
        raise argparse.ArgumentTypeError("not of the form ENGINE=DOCUMENTS")
    return dict(zip(names, map(int, numbers), strict=True))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    at_most = ",".join(f"{name}={number}" for name, number in AT_MOST.items())
    add("--documents", type=int, default=5000, help="size of the sample; default: 5000")
    add("--corpus", type=Path, default=ROOT / CORPUS, help=f"default: {CORPUS}")
    add("--engines", type=engine_names, default=NAMES, help=f"default: {','.join(NAMES)}")
    add(
        "--at-most",
        type=numbers_of_documents,
        default=at_most,
        metavar="ENGINE=DOCUMENTS,…",
        help=f"smaller samples for slow engines, '' for none; default: {at_most}",
    )
    add(
        "--times",
        type=int,
        default=1,
        help="also index the documents so many times over, sentences shuffled; default: 1",
    )
    add(
        "--times-engines",
        type=engine_names,
        default=("searchidx", "tantivy"),
        help="which do so; default: searchidx,tantivy",
    )
    add("--output", type=Path, help="default: benchmarks/results/DATE.md")
    add("--date", default=date.today().isoformat(), help="of the page; default: today")
    given = parser.parse_args()
    if not given.corpus.exists():
        parser.error(f"there is no corpus at {given.corpus}; name one with --corpus")
    return given


def main() -> int:
    given = arguments()
    with tempfile.TemporaryDirectory() as name:
        # searchidx remembers its last search in the first, and moves older files out of the
        # second: with the first alone, it would move a developer's own to where they are lost.
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = name
        try:
            results = run_all(given, Path(name))
        except ValueError as error:
            sys.exit(f"{error}: ask for more --documents")
    text = page(results)
    output = given.output or ROOT / "benchmarks" / "results" / f"{given.date}.md"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    print(text)
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
