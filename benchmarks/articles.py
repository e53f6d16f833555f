"""Index the legal articles for the benchmarks that measure searchidx alone."""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import searchidx

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
CORPUS = "corpora/phapdien.jsonl.gz"

_Item = TypeVar("_Item")

_IN_FORCE = re.compile(r"kể từ ngày (\d\d)/(\d\d)/(\d{4})")
# An article begins with its source and the day on which it came into force.
_HEADING_CODE_POINTS = 400


def documents(corpus: Path) -> Iterator[searchidx.Document]:
    """Yield the articles, dated by the day on which they came into force, if they state it."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield searchidx.Document(
                id=record["id"],
                title=record["title"],
                body=record["text"],
                date=_day(record["text"]),
            )


def _day(text: str) -> str | None:
    """Return the ISO date on which an article came into force, or None."""
    found = _IN_FORCE.search(text[:_HEADING_CODE_POINTS])
    if found is None:
        return None
    day, month, year = map(int, found.groups())
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for the folders of the articles and the index."""
    add = parser.add_argument
    add("--shared", type=Path, default=SHARED, help="folder of the corpora; default: ../shared")
    add("--index", type=Path, help="folder of their index; made there if it is missing")
    add("--output", type=Path, help="file for the page; default: the screen alone")
    add("--date", default=datetime.date.today().isoformat(), help="of the page")


@contextmanager
def opened(given: argparse.Namespace) -> Iterator[searchidx.Index]:
    """Open the index that the options name, or a temporary one."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.index or Path(temporary) / "index"
        if not folder.exists():
            with searchidx.create(folder) as index:
                index.add(documents(given.shared / CORPUS))
        with searchidx.open(folder) as index:
            yield index


def milliseconds(
    items: Sequence[_Item], run: Callable[[_Item], object], *, warm_up: int
) -> list[float]:
    """Return the processor time of a function for each item, in this thread.

    Args:
        items: The items.
        run: The function.
        warm_up: How many of the first items it runs for before times are taken.
    """
    for item in items[:warm_up]:
        run(item)
    times = []
    for item in items:
        started = time.thread_time()
        run(item)
        times.append(1e3 * (time.thread_time() - started))
    return times


def main(
    name: str, doc: str | None, measured: Callable[[searchidx.Index, argparse.Namespace], str]
) -> None:
    """Run a benchmark over the articles, print its page, and write the page to `--output`."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=doc)
    add_options(parser)
    given = parser.parse_args()
    with opened(given) as index:
        text = measured(index, given)
    if given.output is not None:
        given.output.write_text(text, encoding="utf-8")
    print(text)
