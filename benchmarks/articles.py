"""An index of the legal articles, for benchmarks of searchidx alone."""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import searchidx

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
CORPUS = "corpora/phapdien.jsonl.gz"

_IN_FORCE = re.compile(r"kể từ ngày (\d\d)/(\d\d)/(\d{4})")
_HEADING = 400  # code points: an article begins with where it is from and since when in force


def documents(corpus: Path) -> Iterator[searchidx.Document]:
    """Yield the articles, each with the day on which it came into force, where it says so."""
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
    found = _IN_FORCE.search(text[:_HEADING])
    if found is None:
        return None
    day, month, year = map(int, found.groups())
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the articles are."""
    add = parser.add_argument
    add("--shared", type=Path, default=SHARED, help="folder of the corpora; default: ../shared")
    add("--index", type=Path, help="folder of their index; made there if it is missing")
    add("--output", type=Path, help="file for the page; default: the screen alone")
    add("--date", default=datetime.date.today().isoformat(), help="of the page")


@contextmanager
def opened(given: argparse.Namespace) -> Iterator[searchidx.Index]:
    """Open the index that the options name, or one that is made for the time."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.index or Path(temporary) / "index"
        if not folder.exists():
            with searchidx.create(folder) as index:
                index.add(documents(given.shared / CORPUS))
        with searchidx.open(folder) as index:
            yield index


def main(
    name: str, doc: str | None, measured: Callable[[searchidx.Index, argparse.Namespace], str]
) -> None:
    """Run a benchmark of that name over the articles: print its page, and write it if asked."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=doc)
    add_options(parser)
    given = parser.parse_args()
    with opened(given) as index:
        text = measured(index, given)
    if given.output is not None:
        given.output.write_text(text, encoding="utf-8")
    print(text)
