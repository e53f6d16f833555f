"""Read the corpus, and write the samples of it that a run uses."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from benchmarks.engines import Document

SEED = 1

_BETWEEN_SENTENCES = re.compile(r"\s*\n\s*|(?<=[.!?;…])\s+")


class Sample(NamedTuple):
    """The titles in a sample file, and the size of its bodies."""

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


def write_additions(sample: Path, count: int, target: Path) -> int:
    """Write documents like those of a sample, with ids of their own.

    They are the same in every run.

    Returns:
        The size of their bodies in bytes of UTF-8.
    """
    with sample.open("rb") as lines:
        total = sum(1 for _ in lines)
    chosen = set(random.Random(SEED).sample(range(total), min(count, total)))
    body_bytes = 0
    with sample.open("rb") as lines, target.open("w", encoding="utf-8") as output:
        for number, line in enumerate(lines):
            if number in chosen:
                record = json.loads(line)
                record["id"] += "-added"
                body_bytes += len(record["text"].encode())
                output.write(json.dumps(record) + "\n")
    return body_bytes


def shuffled(text: str, generator: random.Random) -> str:
    """Return the sentences of a text in another order, each on a line."""
    sentences = _BETWEEN_SENTENCES.split(text.strip())
    generator.shuffle(sentences)
    return "\n".join(sentences)


def write_enlarged(sample: Path, times: int, target: Path) -> int:
    """Write each document of a sample so many times, its sentences shuffled each time.

    The copies follow each other, with distinct ids.  One document at a time is in memory.

    Returns:
        The size of their bodies in bytes of UTF-8.
    """
    generator = random.Random(SEED)
    body_bytes = 0
    with target.open("w", encoding="utf-8") as output:
        for copy in range(times):
            with sample.open(encoding="utf-8") as lines:
                for line in lines:
                    record = json.loads(line)
                    record["id"] += f"-{copy}"
                    record["text"] = shuffled(record["text"], generator)
                    body_bytes += len(record["text"].encode())
                    output.write(json.dumps(record, ensure_ascii=False) + "\n")
    return body_bytes


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
