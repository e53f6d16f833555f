"""Measure how often suggestions and completions are right, and what they cost.

The queries are questions, with an index of the texts that they ask about, and parts of
sentences of the corpus, with an index of the rest of it:

* marks: all are removed; the share of syllables that get theirs back, and how often a whole
  query is offered with marks and is right (`searchidx.search.rewrite.diacritics`);
* tones: one tone is replaced by another; how often the query is offered with the right one,
  with other marks, and with other marks although it was right;
* spelling: one slip is made in one word without marks; how often the intended query is the
  first suggestion, how often another one is, and how often one is offered without a slip;
* completion: every beginning of a query is completed.

Prints a table in Markdown.  Run: ``python -m benchmarks.suggestions --index DIR``; the index
is created there if it is missing.  Times are processor times in milliseconds.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import process_time
from typing import Any, Final

import searchidx
from searchidx import Document
from searchidx.evaluation import without_marks
from searchidx.language.orthography import TONES, without_tone
from searchidx.language.tokenizer import split_syllables, tokenize_syllables
from searchidx.search.query.query import parse_syllables
from searchidx.search.rewrite.diacritics import restore_diacritics
from searchidx.store import Store

SHARED: Final = Path(__file__).resolve().parent.parent.parent / "shared"
SEED: Final = 1
HELD_OUT: Final = 50
"""One article of so many is not indexed, and gives sentences."""
KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BETWEEN: Final = re.compile(r"[.;:\n,]")


def slip(word: str, chance: random.Random) -> str:
    """Return a word of at least three letters with one slip."""
    at = chance.randrange(len(word))
    kind = chance.choice(["other", "exchanged", "missing", "twice", "extra"])
    if kind == "exchanged":
        at = chance.randrange(len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "missing":
        return word[:at] + word[at + 1 :]
    if kind == "twice":
        return word[:at] + word[at] + word[at:]
    key = chance.choice(_beside(word[at].lower()))
    return word[:at] + key + word[at + (kind == "other") :]


def _beside(letter: str) -> list[str]:
    """Return the keys next to the key of a letter."""
    found = []
    for row, keys in enumerate(KEYS):
        if (place := keys.find(letter)) >= 0:
            found += [keys[at] for at in (place - 1, place + 1) if 0 <= at < len(keys)]
            found += [
                KEYS[other][place]
                for other in (row - 1, row + 1)
                if 0 <= other < len(KEYS) and place < len(KEYS[other])
            ]
    return found or [letter]


def with_slip(text: str, chance: random.Random) -> str | None:
    """Return a text with one slip in one word, or None if all words are too short."""
    surfaces, starts, ends = split_syllables(text)
    long = [at for at, word in enumerate(surfaces) if len(word) > 2 and word.isalpha()]
    for _ in range(50 if long else 0):
        at = chance.choice(long)
        spoiled = text[: starts[at]] + slip(surfaces[at], chance) + text[ends[at] :]
        if folded(spoiled) != folded(text):
            return spoiled
    return None


def with_another_tone(text: str, chance: random.Random) -> str | None:
    """Return a text with another tone in one syllable, or None if no syllable has one."""
    surfaces, starts, ends = split_syllables(text)
    able = [at for at, word in enumerate(surfaces) if without_tone(word)[1]]
    if not able:
        return None
    at = chance.choice(able)
    decomposed = unicodedata.normalize("NFD", surfaces[at])
    tone = without_tone(surfaces[at])[1]
    other = chance.choice([mark for mark in TONES if mark and mark != tone])
    word = unicodedata.normalize("NFC", decomposed.replace(tone, other, 1))
    return text[: starts[at]] + word + text[ends[at] :]


def folded(text: str) -> list[str]:
    """Return the folded syllables of a text."""
    return tokenize_syllables(text).folded


def questions(folder: Path) -> tuple[list[Document], list[str]]:
    """Return the documents and the queries of a set."""

    def records(name: str) -> Iterator[dict[str, Any]]:
        with (folder / name).open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)

    documents = [
        Document(id=each["id"], title=each["title"], body=each["text"])
        for each in records("docs.jsonl")
    ]
    return documents, [each["text"] for each in records("queries.jsonl")]


def articles(corpus: Path, *, held_out: bool) -> Iterator[Document]:
    """Yield the articles of the corpus that are indexed, or those that are held out."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if (number % HELD_OUT == 7) == held_out:
                record = json.loads(line)
                yield Document(id=record["id"], title=record["title"], body=record["text"])


def sentences(documents: Iterable[Document], fewest: int, most: int) -> list[str]:
    """Return parts of sentences of `fewest` to `most` words, in random order."""
    found = [
        part.strip()
        for document in documents
        for part in _BETWEEN.split(document.body)
        if fewest <= len(part.split()) <= most
    ]
    random.Random(SEED).shuffle(found)
    return found


class Measured:
    """The figures of one set of queries on one index."""

    def __init__(self, name: str, index: searchidx.Index, queries: list[str]) -> None:
        self.name = name
        self.index = index
        self.queries = [q for q in queries if len(folded(q)) == len(folded(without_marks(q)))]
        self.times: dict[str, list[float]] = {}

    def _timed(self, what: str, call: Callable[[], Any]) -> Any:
        begun = process_time()
        found = call()
        self.times.setdefault(what, []).append(1000 * (process_time() - begun))
        return found

    def marks(self) -> str:
        """Measure the shares of right syllables, and of right queries with marks."""
        reader = Store(self.index.path).reader()
        right = total = offered = offered_right = 0
        for query in self.queries:
            meant = parse_syllables(query)
            found = restore_diacritics(reader, parse_syllables(without_marks(query)))
            total += len(meant)
            right += sum(a == b.marked for a, b in zip(found.best, meant, strict=True))
            shown = self.index.search(without_marks(query), limit=0).suggestions
            texts = [each.query for each in shown if each.kind == "marks"]
            offered += len(texts)
            offered_right += sum(
                tokenize_syllables(t).marked == tokenize_syllables(query).marked for t in texts
            )
        share = offered_right / max(offered, 1)
        return (
            f"{right / total:.1%} of syllables; offered for {offered / len(self.queries):.0%} "
            f"of queries, of these {share:.0%} right in every syllable"
        )

    def tones(self) -> str:
        """Measure how often a query with one wrong tone is offered with the right one."""
        chance = random.Random(SEED)
        counts = dict.fromkeys(("right", "wrong", "none", "needless"), 0)
        total = 0
        for query in self.queries:
            spoiled = with_another_tone(query, chance)
            if spoiled is None:
                continue
            total += 1
            first = self._with_marks(spoiled)
            if first is None:
                counts["none"] += 1
            else:
                right = tokenize_syllables(first).marked == tokenize_syllables(query).marked
                counts["right" if right else "wrong"] += 1
            counts["needless"] += self._with_marks(query) is not None
        return ", ".join(f"{what} {count / total:.1%}" for what, count in counts.items())

    def _with_marks(self, query: str) -> str | None:
        suggestions = self.index.search(query, limit=0).suggestions
        return next((each.query for each in suggestions if each.kind == "marks"), None)

    def spelling(self, *, marks: bool) -> str:
        """Measure how often the query without the slip is the first suggestion."""
        chance = random.Random(SEED)
        counts = dict.fromkeys(("right", "wrong", "none", "needless"), 0)
        total = 0
        for query in self.queries:
            clean = query if marks else without_marks(query)
            spoiled = with_slip(clean, chance)
            if spoiled is None:
                continue
            total += 1
            first = self._first("with a slip", spoiled)
            if first is None:
                counts["none"] += 1
            else:
                counts["right" if folded(first) == folded(clean) else "wrong"] += 1
            counts["needless"] += self._first("without a slip", clean) is not None
        return ", ".join(f"{what} {count / total:.1%}" for what, count in counts.items())

    def _first(self, what: str, query: str) -> str | None:
        self.index.search(query, limit=0, suggest=False)  # what the search itself reads
        searched = self._timed(
            f"search {what}", lambda: self.index.search(query, limit=0, suggest=False)
        )
        found = self._timed(
            f"search and suggest {what}", lambda: self.index.search(query, limit=0)
        )
        assert len(searched) == 0
        return next((s.query for s in found.suggestions if s.kind != "marks"), None)

    def completion(self, queries: int) -> None:
        """Measure the time of a completion for every beginning of some queries."""
        for query, words in itertools.product(self.queries[:queries], (1, 2, 3, 4)):
            text = without_marks(" ".join(query.split()[:words]))
            for end in range(max(1, text.rfind(" ") + 1), len(text) + 1):
                self._timed("a key completed", partial(self.index.complete, text[:end]))


def main() -> None:
    """Measure all sets and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--index", type=Path, required=True, help="where the index of the corpus is, or goes")
    add("--shared", type=Path, default=SHARED, help="folder of the corpora; default: ../shared")
    add("--queries", type=int, default=500, help="of each set, at most")
    given = parser.parse_args()
    corpus = given.shared / "corpora/phapdien.jsonl.gz"
    with tempfile.TemporaryDirectory() as folder:
        sets = []
        for name in ("xquad_vi", "mlqa_vi_dev"):
            documents, queries = questions(given.shared / "relevance" / name)
            index = searchidx.create(Path(folder) / name)
            index.add(documents)
            sets.append(Measured(name, index, queries[: given.queries]))
        if not given.index.exists():
            with searchidx.create(given.index) as index:
                index.add(articles(corpus, held_out=False))
        index = searchidx.open(given.index)
        held_out = list(articles(corpus, held_out=True))
        for name, fewest, most in (("3 to 6 words", 3, 6), ("7 to 20 words", 7, 20)):
            queries = sentences(held_out, fewest, most)[: given.queries]
            sets.append(Measured(f"phapdien, {name}", index, queries))
        print("| queries | | |\n|---|---|---|")
        for measured in sets:
            print(f"| {measured.name} | marks | {measured.marks()} |")
            print(f"| | one wrong tone | {measured.tones()} |")
            print(f"| | one slip, no marks | {measured.spelling(marks=False)} |")
            print(f"| | one slip, marks | {measured.spelling(marks=True)} |")
            measured.completion(50)
            for what, times in measured.times.items():
                cuts = quantiles(times, n=20)
                print(f"| | {what}: ms | {median(times):.1f}, 95 % {cuts[-1]:.1f} |")


if __name__ == "__main__":
    main()
