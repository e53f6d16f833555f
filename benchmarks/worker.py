"""One job on one engine in a process of its own, its result as JSON on the last line.

`python -m benchmarks.worker index ENGINE SAMPLE DIRECTORY`
`python -m benchmarks.worker search ENGINE QUERIES DIRECTORY`
"""

from __future__ import annotations

import json
import re
import resource
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.corpus import SampleReader
from benchmarks.engines import load
from benchmarks.queries import Query

LIMIT = 10
WARM_UP = 20  # queries at the head of the list, not measured


def peak_memory() -> int:
    """Return the largest resident size of this process, in bytes.

    On Linux ru_maxrss starts from the parent's size (it survives exec), so that a small
    process under a large one reports its parent's figure. VmHWM does not.
    """
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return int(found[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def index(name: str, sample: str, directory: str) -> dict[str, Any]:
    """Build an index; the time includes importing the engine, not reading the sample."""
    documents = SampleReader(sample)
    started = perf_counter()
    engine = load(name)
    engine.build(documents, directory)
    seconds = perf_counter() - started - documents.seconds
    return {"seconds": seconds, "memory": peak_memory(), "version": engine.version()}


def search(name: str, queries: str, directory: str) -> dict[str, Any]:
    """Time each query once in each mode, after the warm-up queries."""
    listed = [Query(*item) for item in json.loads(Path(queries).read_text(encoding="utf-8"))]
    engine = load(name)
    opened = engine.open_index(directory)
    modes: dict[str, Any] = {}
    for mode in engine.MODES:
        for query in listed[:WARM_UP]:
            opened.search(query.text, LIMIT, mode)
        seconds: list[float] = []
        found: list[bool] = []
        for query in listed[WARM_UP:]:
            started = perf_counter()
            hits = opened.search(query.text, LIMIT, mode)
            seconds.append(perf_counter() - started)
            found.append(query.document_id in (document_id for document_id, _ in hits))
        modes[mode] = {"seconds": seconds, "found": found}
    command = engine.cold_start(directory, listed[0].text)
    return {"modes": modes, "note": engine.NOTE, "command": command}


if __name__ == "__main__":
    job, *arguments = sys.argv[1:]
    print(json.dumps({"index": index, "search": search}[job](*arguments)))
