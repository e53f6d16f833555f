"""Compare our segmentation with pyvi's, article by article, and measure both rates.

Run with: python -m benchmarks.segmentation [--documents N] [--output FILE]
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from pyvi import ViTokenizer

from searchidx.language.segmentation import tokenize_many

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
CORPUS_SIZE = 62_294
BATCH = 2_000


def articles(count: int) -> Iterator[str]:
    """Yield `count` articles of the codified law, evenly spread."""
    step = max(1, CORPUS_SIZE // count)
    with gzip.open(SHARED / "corpora" / "phapdien.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in itertools.islice(file, 0, count * step, step):
            yield json.loads(line)["text"]


def load_seconds() -> float:
    """Return the seconds that a process takes to its first word, NumPy loaded: best of 5."""
    code = (
        "import numpy, re, unicodedata, time; t = time.perf_counter();"
        "from searchidx.language.segmentation import tokenize; tokenize('nghị quyết');"
        "print(time.perf_counter() - t)"
    )
    runs = [subprocess.check_output([sys.executable, "-c", code]) for _ in range(5)]
    return min(map(float, runs))


def spans(words: list[str]) -> set[tuple[int, int]]:
    """Return words as ranges of the characters that are not white space."""
    found = set()
    start = 0
    for word in words:
        end = start + len("".join(word.split()))
        found.add((start, end))
        start = end
    return found


def canonical(text: str) -> str:
    return tokenize_many([text], canonical=True)[0]


def new_placement(text: str) -> str:
    """Move the tone marks of oa, oe and uy to the other vowel, where both are in use."""
    return re.sub(
        r"(?i)(?<!q)(o)([\u0300\u0301\u0303\u0309\u0323])([ae])\b"
        r"|(?<!q)(u)([\u0300\u0301\u0303\u0309\u0323])(y)\b",
        lambda m: (m[1] + m[3] + m[2]) if m[1] else (m[4] + m[6] + m[5]),
        unicodedata.normalize("NFD", text),
    )


# Changes that a text may suffer before it is segmented.
CHANGES: dict[str, Callable[[str], str]] = {
    "as written": str,
    "in capitals": str.upper,
    "new tone placement": lambda text: unicodedata.normalize("NFC", new_placement(text)),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
}


def word_f1(
    lines: list[str], change: Callable[[str], str], tokenize: Callable[[str], str]
) -> float:
    """Return the F1 of the words in changed text against the gold standard."""
    right = ours = gold = 0
    for line in lines:
        sentence = json.loads(line)
        expected = spans([unicodedata.normalize("NFC", word) for word in sentence["words"]])
        found = spans(
            [word.replace("_", " ") for word in tokenize(change(sentence["text"])).split(" ")]
        )
        right += len(expected & found)
        ours += len(found)
        gold += len(expected)
    return 2 * right / (ours + gold)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=CORPUS_SIZE)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    ours_seconds = theirs_seconds = 0.0
    tokens = syllables = count = different = 0
    source = articles(options.documents)
    while batch := list(itertools.islice(source, BATCH)):
        begun = time.perf_counter()
        ours = tokenize_many(batch)
        ours_seconds += time.perf_counter() - begun
        begun = time.perf_counter()
        theirs = [ViTokenizer.tokenize(text) for text in batch]
        theirs_seconds += time.perf_counter() - begun
        different += sum(a != b for a, b in zip(ours, theirs, strict=True))
        count += len(batch)
        tokens += sum(text.count(" ") + text.count("_") + 1 for text in ours)
        syllables += sum(len(text.split()) for text in batch)
    rows = [
        ("articles", f"{count:,}"),
        ("articles segmented differently from pyvi 0.1.1", f"{different:,}"),
        ("tokens", f"{tokens:,}"),
        ("pyvi, syllables/s", f"{syllables / theirs_seconds:,.0f}"),
        ("ours, syllables/s (loading included)", f"{syllables / ours_seconds:,.0f}"),
        ("ratio", f"{theirs_seconds / ours_seconds:.1f}"),
        ("loading, s", f"{load_seconds():.3f}"),
    ]
    for name in ("dev", "test"):
        path = SHARED / "segmentation" / f"ud_vtb_{name}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines()
        for what, change in CHANGES.items():
            for how, segment in (("pyvi", ViTokenizer.tokenize), ("canonical", canonical)):
                score = word_f1(lines, change, segment)
                rows.append(
                    (f"word F1, UD Vietnamese VTB {name}, {what}: {how}", f"{score:.4f}")
                )
    page = "\n".join(
        ["| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows)]
    )
    print(page)
    if options.output is not None:
        options.output.write_text(f"# Segmentation beside pyvi\n\n{page}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
