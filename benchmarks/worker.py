"""Run one job on one engine; print its result as JSON on the last line.

`python -m benchmarks.worker index ENGINE SAMPLE DIRECTORY PROCESSES`
`python -m benchmarks.worker search ENGINE QUERIES DIRECTORY MODE`
`python -m benchmarks.worker command ENGINE QUERIES DIRECTORY`
`python -m benchmarks.worker add ENGINE DOCUMENTS DIRECTORY`
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks.corpus import SampleReader
from benchmarks.engines import load
from benchmarks.processes import bytes_written, peak_memory, private_memory
from benchmarks.queries import Query

if TYPE_CHECKING:
    from benchmarks.engines import Mode

LIMIT = 10
WARM_UP = 20  # queries at the head of the list, not measured


def index(name: str, sample: str, directory: str, processes: str) -> dict[str, Any]:
    """Build an index.

    The time includes importing the engine.  It does not include reading the sample, unless
    other processes do the work meanwhile.
    """
    documents = SampleReader(sample)
    started = perf_counter()
    engine = load(name)
    engine.build(documents, directory, int(processes))
    seconds = perf_counter() - started
    if int(processes) == 1:
        seconds -= documents.seconds
    return {
        "seconds": seconds,
        "memory": peak_memory(),
        "version": engine.version(),
        "note": engine.NOTE,
        "modes": engine.MODES,
    }


def search(name: str, queries: str, directory: str, mode: Mode) -> dict[str, Any]:
    """Time each query once, after the warm-up queries.

    In one mode: a second one would find in caches what the first one has read.
    """
    listed = read_queries(queries)
    engine = load(name)
    before = private_memory()
    opened = engine.open_index(directory)
    for query in listed[:WARM_UP]:
        opened.search(query.text, LIMIT, mode)
    seconds: list[float] = []
    found: list[bool] = []
    for query in listed[WARM_UP:]:
        started = perf_counter()
        hits = opened.search(query.text, LIMIT, mode)
        seconds.append(perf_counter() - started)
        found.append(query.document_id in (document_id for document_id, _ in hits))
    return {
        "seconds": seconds,
        "found": found,
        "private before": before,
        "private": private_memory(),
    }


def command(name: str, queries: str, directory: str) -> dict[str, Any]:
    """Return the command that a process needs to measure the engine further."""
    engine = load(name)
    return {
        "command": engine.cold_start(directory, read_queries(queries)[0].text),
        "processes": engine.PROCESSES,
    }


def add(name: str, documents: str, directory: str) -> dict[str, Any]:
    """Add documents to an open index, with a commit for each."""
    add_document = load(name).adder(directory)
    seconds: list[float] = []
    written: list[int | None] = []
    for document in SampleReader(documents):
        before, started = bytes_written(), perf_counter()
        add_document(document)
        seconds.append(perf_counter() - started)
        after = bytes_written()
        written.append(None if before is None or after is None else after - before)
    return {"seconds": seconds, "written": written}


def read_queries(path: str) -> list[Query]:
    return [Query(*item) for item in json.loads(Path(path).read_text(encoding="utf-8"))]


JOBS: dict[str, Callable[..., dict[str, Any]]] = {
    "index": index,
    "search": search,
    "command": command,
    "add": add,
}

if __name__ == "__main__":
    job, *arguments = sys.argv[1:]
    print(json.dumps(JOBS[job](*arguments)))
