"""Measure the analysis of texts, all views included, beside tantivy's plain indexing.

Run with: python -m benchmarks.analysis [--documents N] [--output FILE]
"""

from __future__ import annotations

import argparse
import itertools
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.segmentation import CORPUS_SIZE, articles

BATCH = 500
ROUNDS = 3


def batches(texts: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(texts), BATCH):
        yield texts[start : start + BATCH]


def analyzed(texts: list[str]) -> None:
    """Analyze texts once, and load the model for it."""
    from searchidx.language.analyzer import Analyzer

    analyzer = Analyzer()
    for batch in batches(texts):
        analyzer.analyze(batch)


def indexed_by_tantivy(texts: list[str]) -> None:
    """Index texts as one field: simple tokens in lower case, folded to ASCII, in one thread."""
    import tantivy

    with tempfile.TemporaryDirectory() as folder:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("text", stored=False, tokenizer_name="folded")
        index = tantivy.Index(builder.build(), folder)
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for part in (tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold()):
            analyzer = analyzer.filter(part)
        index.register_tokenizer("folded", analyzer.build())
        writer = index.writer(128 << 20, num_threads=1)
        for text in texts:
            writer.add_document(tantivy.Document(text=text))
        writer.commit()
        writer.wait_merging_threads()


def best_seconds(work: Callable[[list[str]], None], texts: list[str]) -> float:
    runs = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work(texts)
        runs.append(time.perf_counter() - begun)
    return min(runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=CORPUS_SIZE)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    texts = list(itertools.islice(articles(options.documents), options.documents))
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    ours = best_seconds(analyzed, texts)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    theirs = best_seconds(indexed_by_tantivy, texts)
    rows = [
        ("articles", f"{len(texts):,}"),
        ("text, MB of UTF-8", f"{megabytes:.1f}"),
        ("searchidx, all views to arrays, one process, MB/s", f"{megabytes / ours:.1f}"),
        ("tantivy-py, plain indexing, one thread, MB/s", f"{megabytes / theirs:.1f}"),
        ("ratio", f"{theirs / ours:.2f}"),
        ("peak memory of the process, the texts included, MB", f"{peak:.0f}"),
    ]
    lines = ["| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows)]
    page = "\n".join(lines)
    print(page)
    if options.output is not None:
        options.output.write_text(f"# Texts to arrays\n\n{page}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
