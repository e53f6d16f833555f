"""Kill a process that commits without end, and check what it leaves."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from searchidx.document import Document
from searchidx.store import Store
from searchidx.store.maintenance.check import check_index
from tests.store.contents import add, leftovers

ROOT: Final = Path(__file__).resolve().parent.parent.parent
FIXED: Final = 12
"""How many documents each commit replaces."""
PASSING: Final = 5
"""How many new documents each commit adds; the second commit after it removes them."""


def commit(
    store: Store, version: int, workers: int, max_pending_code_points: int | None = None
) -> None:
    """Write a commit whose documents all carry its number."""
    words = random.Random(version)
    writer = store.writer(
        wait=10, workers=workers, max_pending_code_points=max_pending_code_points
    )
    try:
        for n in range(FIXED + PASSING):
            name = f"luôn-{n}" if n < FIXED else f"{version}-{n}"
            text = " ".join(words.choices(["nghị", "quyết", "họp", "xã", "tỉnh", "lũ"], k=60))
            writer.add(Document(id=name, body=f"bản {version}. {text}."))
        for n in range(FIXED, FIXED + PASSING):
            writer.remove(f"{version - 2}-{n}")
        writer.commit({"version": version})
    finally:
        writer.cancel()


def expected(version: int) -> set[str]:
    """Return the ids of the documents of a commit."""
    passing = range(FIXED, FIXED + PASSING)
    return {f"luôn-{n}" for n in range(FIXED)} | {
        f"{each}-{n}" for each in (version, version - 1) if each > 0 for n in passing
    }


def contents(store: Store) -> tuple[int, dict[str, int]]:
    """Return the generation, and for each document the number of the commit that wrote it."""
    reader = store.reader()
    numbers = [n for n in range(reader.size) if reader.live[n]]
    documents = {}
    for number in numbers:
        document = reader.document(number)
        documents[document.id] = int(document.body.split(".")[0].split()[1])
    found = [
        int(reader.postings("body_folded", "ban").doc_ids[at]) for at in range(len(numbers))
    ]
    assert found == numbers
    return reader.manifest.generation, documents


def run(folder: Path, workers: int, max_pending_code_points: int) -> None:
    """Commit without end; print the number of each commit when it is made."""
    store = Store(folder)
    while True:
        version = int(store.metadata().get("version", 0)) + 1
        commit(store, version, workers, max_pending_code_points)
        print(version, flush=True)


@dataclass
class Tally:
    """The outcome of many kills.

    Attributes:
        kills: How many writers were killed.
        commits: How many commits they had acknowledged.
        unacknowledged: How often a commit was made whose writer was killed before it said so.
        left: Counts of what killed writers left for the next one to remove.
        problems: Descriptions of everything that was wrong.
    """

    kills: int = 0
    commits: int = 0
    unacknowledged: int = 0
    left: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def writing(
    folder: Path, workers: int, max_pending_code_points: int
) -> subprocess.Popen[bytes]:
    """Start a process that commits without end."""
    # What tracks the resources of a killed process warns that it has cleaned up.
    command = [sys.executable, "-Wignore", "-m", "tests.store.killing"]
    return subprocess.Popen(
        [*command, str(folder), str(workers), str(max_pending_code_points)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )


def kill(
    folder: Path, tally: Tally, *, workers: int, max_pending_code_points: int, delay: float
) -> None:
    """Kill a writer after some time, and check what is left of the index.

    Args:
        folder: The index.
        tally: Counts the outcome.
        workers: The processes of the writer.
        max_pending_code_points: As for `Store.writer`.
        delay: The seconds from the writer's first commit to its end.
    """
    before = int(Store(folder).metadata().get("version", 0))
    process = writing(folder, workers, max_pending_code_points)
    assert process.stdout is not None
    # What a process does until its first commit is mostly to load the libraries.
    acknowledged = int(process.stdout.readline() or before)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()  # ends when no worker holds the pipe any more
    process.wait()
    process.stdout.close()
    acknowledged = int(rest[-1]) if rest else acknowledged
    tally.kills += 1
    tally.commits += acknowledged - before
    store = Store(folder)
    version = int(store.metadata().get("version", 0))
    tally.unacknowledged += version - acknowledged
    tally.left[_left(leftovers(store))] += 1
    _, documents = contents(store)
    wrong = []
    if version not in (acknowledged, acknowledged + 1):
        wrong.append(f"commit {version} after {acknowledged} was acknowledged")
    if documents.keys() != (expected(version) if version else set()):
        wrong.append("other documents than those of the commit")
    if any(number != version for name, number in documents.items() if name[0] == "l"):
        wrong.append("documents of another commit")
    wrong += [f"{problem.file}: {problem.what}" for problem in check_index(folder).problems]
    commit(store, version + 1, 1)
    if leftovers(store):
        wrong.append(f"the next writer left {leftovers(store)}")
    tally.problems += [f"kill {tally.kills}: {what}" for what in wrong]


def _left(names: set[str]) -> str:
    """Describe the files that a killed writer left."""
    if any(name.endswith(".part") for name in names):
        return "a file that was being written"
    if any(name.endswith(".sidx") for name in names):
        return "files that no commit names"
    return "its name as the holder of the lock" if names else "nothing"


def start(folder: Path) -> None:
    """Create the index, with one empty commit."""
    store = Store.create(folder)
    add(store, [], {})


def is_alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat").read_text()
        return status.rpartition(")")[2].split()[0] != "Z"
    return False


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
