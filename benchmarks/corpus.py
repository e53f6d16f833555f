"""The corpus on disk and the sample of it that a run uses."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from benchmarks.engines import Document

SEED = 1


class Sample(NamedTuple):
    """What was written to the sample file: its titles, and the size of its bodies."""

    titles: list[tuple[str, str]]  # document id, title; in the order of the file
    body_bytes: int  # UTF-8
    corpus_documents: int


def write_sample(corpus: Path, documents: int, target: Path) -> Sample:
    """Write a random sample, the same in every run, as JSON lines in corpus order."""
    with gzip.open(corpus, "rb") as lines:
        total = sum(1 for _ in lines)
    chosen = set(random.Random(SEED).sample(range(total), min(documents, total)))
    titles: list[tuple[str, str]] = []
    body_bytes = 0
    with gzip.open(corpus, "rb") as lines, target.open("wb") as output:
        for number, line in enumerate(lines):
            if number in chosen:
                record = json.loads(line)
                titles.append((record["id"], record["title"]))
                body_bytes += len(record["text"].encode())
                output.write(line)
    return Sample(titles, body_bytes, total)


class SampleReader:
    """The documents of a sample file, one at a time, and the seconds spent reading them.

    Streaming keeps the text out of the memory figure; the seconds are taken off the
    indexing time, so that neither measures the reading of JSON.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.seconds = 0.0

    def __iter__(self) -> Iterator[Document]:
        with open(self.path, encoding="utf-8") as lines:
            while True:
                started = perf_counter()
                line = lines.readline()
                if not line:
                    return
                record = json.loads(line)
                document = (record["id"], record["title"], record["text"])
                self.seconds += perf_counter() - started
                yield document
