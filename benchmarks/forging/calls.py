"""Call every public method on a forged index, in a process of limited memory and time."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import searchidx
from searchidx import Document, Index, IndexDamagedError, SearchidxError

MEMORY_BYTES: Final = 1 << 30
"""How much memory a call may take beyond that of the process before it."""
CALL_SECONDS: Final = 10
"""How much processor time a call may take."""
_EXPORT_EVERY: Final = 5
_CASE_SECONDS: Final = 300.0
"""When a child counts as hanging without using the processor."""

_EXAMPLE: Final = Document(
    id="example", title="Nghị quyết", body="Ủy ban nhân dân (UBND) ban hành nghị quyết số 35."
)
_NEW: Final = Document(
    id="new",
    title="Báo cáo mới",
    body="Nội dung mới về lũ lụt.",
    date="2024",
    metadata={"a": 1},
)
_QUERIES: Final = (
    "nghi quyet 35",
    "nghị quyết",
    '"uy ban nhan dan"',
    '"báo cáo công tác"',
    '"quyet nghi"~5',
    "ngh*",
    "title:(bao OR lũ) -date:2023",
    "date:2022..2023 sort:date",
    "code:35-NQ/TW",
    "nguồn:vtv",
    "path:2022",
    "UBND",
    "bao cao nam 2023 ve viec gi o dau",
    "nghij quyeets",
    "nghi quet",
    "-lũ",
)


def calls(
    folder: Path, scratch: Path, *, with_export: bool
) -> dict[str, Callable[[Index], object]]:
    """Return the methods to call, by name.

    Args:
        folder: The forged index.
        scratch: A folder for copies and exports.
        with_export: Whether to export, which takes as long as all the rest.
    """
    found: dict[str, Callable[[Index], object]] = {}
    for query in _QUERIES:
        found[f"search {query}"] = lambda index, query=query: index.search(  # type: ignore[misc]  # mypy infers no default
            query, explain=True, collapse=True, passages=3
        )
    found |= {
        "search exact": lambda index: index.search("Nghị quyết", exact=True, expand=False),
        "search offset": lambda index: index.search("bao cao", offset=20, limit=100),
        "search by date": lambda index: index.search("bao cao", sort="date", snippet_length=9),
        "search_ids": lambda index: index.search_ids('"nghị quyết" quy* -abc sort:date'),
        "like text": lambda index: index.like(_EXAMPLE),
        "like id": lambda index: index.like("bc-3", collapse=True),
        "like path": lambda index: index.like("/bao-cao/1.txt"),
        "facets": lambda index: index.facets(
            "bao cao", ["year", "source", "code", "path", "số", "nguồn"]
        ),
        "highlights": lambda index: index.highlights(_EXAMPLE.body, 'nghi* "uy ban nhan"'),
        "complete": lambda index: [index.complete(text) for text in ("nghị q", "bao ", "b")],
        "parse": lambda index: index.parse("nguồn:vtv bão"),
        "documents": lambda index: list(index.documents()),
        "documents of": lambda index: list(index.documents("bao cao date:2023")),
        "ids": lambda index: (list(index.ids()), list(index.ids("nguồn:vtv"))),
        "get": lambda index: [index.get(f"bc-{number}") for number in (0, 3, 40, 50)],
        "contains": lambda index: ("bc-1" in index, len(index)),
        "from_source": lambda index: index.from_source("/bao-cao/1.txt"),
        "status": lambda index: index.status(),
        "whoosh": _search_whoosh,
        "whoosh_query": lambda index: index.whoosh_query("nghi quyet ngh*"),
    }
    if with_export:
        found["export_whoosh"] = lambda index: index.export_whoosh(scratch / "whoosh")
    return found


def _search_whoosh(index: Index) -> object:
    """Search by Whoosh's own classes."""
    with index.whoosh().searcher() as searcher:
        return [dict(hit) for hit in searcher.search(index.whoosh_query("nghi quyet"))]


def writing_calls(
    folder: Path, scratch: Path
) -> dict[str, Callable[[], tuple[Callable[[], object], ...]]]:
    """Return the methods that write; each gets its own copy of the index."""

    def copied(name: str) -> Path:
        shutil.copytree(folder, scratch / name)
        return scratch / name

    def repair() -> tuple[Callable[[], object], ...]:
        copy = copied("repaired")
        return (
            lambda: searchidx.repair(copy),
            lambda: searchidx.open(copy).search("bao cao", collapse=True),
        )

    def with_index(name: str, *methods: Callable[[Index], object]) -> Any:
        def make() -> tuple[Callable[[], object], ...]:
            copy = copied(name)

            def call(method: Callable[[Index], object]) -> object:
                with searchidx.open(copy) as index:
                    return method(index)

            return tuple(lambda method=method: call(method) for method in methods)

        return make

    return {
        "repair": repair,
        "add": with_index(
            "added",
            # Commits of few documents merge the segments before them.
            *[lambda index: index.add([_NEW], wait=0)] * 3,
            lambda index: index.remove(["bc-1", "bc-50"], wait=0),
            lambda index: index.search("bao cao"),
        ),
        "remove_matching": with_index(
            "removed", lambda index: index.remove_matching("nguồn:vtv", wait=0)
        ),
        "remove_source": with_index(
            "sourceless", lambda index: index.remove_source("/bao-cao", wait=0)
        ),
        "update": with_index("updated", lambda index: index.update(scratch / "none", wait=0)),
    }


@dataclass(frozen=True, slots=True)
class Finding:
    """A call that ended neither in an answer nor in an error of searchidx.

    Attributes:
        seed: The seed of the forgery.
        forged: What was forged.
        call: The name of the call.
        error: The error, or what happened to the process.
        place: Where the error was raised in searchidx, as "file:line".
    """

    seed: int
    forged: str
    call: str
    error: str
    place: str

    def __str__(self) -> str:
        return (
            f"seed {self.seed} ({self.forged}): {self.call}: {self.error[:200]} ({self.place})"
        )


def run_calls(folder: Path, scratch: Path, seed: int, forged: str) -> tuple[list[Finding], int]:
    """Call every method in a forked process, and return the findings.

    Returns:
        The findings, and the number of calls that ended in an error of searchidx.
    """
    scratch.mkdir(exist_ok=True)
    (scratch / "none").mkdir(exist_ok=True)
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 1
        try:
            _run_in_child(folder, scratch, seed, writing)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    return _collect(child, reading, seed, forged)


def _collect(child: int, reading: int, seed: int, forged: str) -> tuple[list[Finding], int]:
    """Read the lines of the child until it ends."""
    import select

    findings: list[Finding] = []
    refused = 0
    call, finished = "before the first call", False
    pending = b""
    end = time.monotonic() + _CASE_SECONDS
    hung = False
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            os.kill(child, signal.SIGKILL)
            hung = True
            break
        data = os.read(reading, 1 << 16)
        if not data:
            break
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            kind, *values = json.loads(line)
            if kind == "call":
                (call,) = values
            elif kind == "refused":
                refused += 1
            elif kind == "finished":
                finished = True
            else:
                findings.append(Finding(seed, forged, call, *values))
    os.close(reading)
    _, status = os.waitpid(child, 0)
    if not finished:
        if hung:
            error = "it hangs"
        elif os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
            error = f"it took more than {CALL_SECONDS} s of processor time"
        else:
            error = f"the process ended with status {status}"
        findings.append(Finding(seed, forged, call, error, ""))
    return findings, refused


def _run_in_child(folder: Path, scratch: Path, seed: int, writing: int) -> None:
    """Call every method, with limits; report each call and each finding as a line of JSON."""
    random.seed(seed)
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    limit = _virtual_memory_bytes() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def say(*values: object) -> None:
        os.write(writing, json.dumps(values).encode() + b"\n")

    damaged: list[str] = []

    def attempt(name: str, call: Callable[[], object]) -> object:
        say("call", name)
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime) + CALL_SECONDS + 1
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
        try:
            return call()
        except SearchidxError as error:
            if isinstance(error, IndexDamagedError):
                damaged.append(f"{name}: {error.what}")
            say("refused")
        except BaseException as error:
            say("finding", f"{type(error).__name__}: {error}"[:500], _place(error))
        return None

    with_export = seed % _EXPORT_EVERY == 0
    index = attempt("open", lambda: searchidx.open(folder))
    if isinstance(index, Index):
        for name, method in calls(folder, scratch, with_export=with_export).items():
            attempt(name, lambda method=method: method(index))  # type: ignore[misc]  # mypy infers no default
    report = attempt("check", lambda: searchidx.check(folder))
    if damaged and isinstance(report, searchidx.CheckReport) and not report.problems:
        say("finding", f"check finds nothing, but {damaged[0]}"[:500], "")
    for name, make in writing_calls(folder, scratch).items():
        for call in make():
            attempt(name, call)
    say("finished")


def _virtual_memory_bytes() -> int:
    """Return the size of the address space of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _place(error: BaseException) -> str:
    """Return the innermost place in searchidx of an error."""
    frames = [
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "searchidx" in frame.filename
    ]
    return " ".join(frames[-3:])
