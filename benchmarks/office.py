"""Look for a phrase of each real office file in the text that is read from it.

Run with: python -m benchmarks.office [--shared FOLDER] [--output FILE]

`../shared/office/gold.tsv` has a phrase of each file, and its page where it has pages.
"""

from __future__ import annotations

import argparse
import csv
import platform
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from benchmarks.articles import SHARED
from benchmarks.report import machine
from searchidx.document import Document
from searchidx.language.syllable_forms import folded
from searchidx.language.tokenizer import split_syllables
from searchidx.sources import Failure, close_readers, read_documents
from searchidx.sources.formats.parts import PAGE_BREAK

PAGE: Final = """\
# Texts of office files, {date}

{machine}; Python {python}. {files} files of `office/gold.tsv`; text in pictures is recognized \
by tesseract. Phrases are compared by their folded syllables.

| file | format | code points | s | phrase | on page |
|---|---|---:|---:|---|---|
{rows}

Phrases found: {found} of {files}. Titles whole: {titles}. Dates: {dates} of {dated}.
"""


def plain(text: str) -> str:
    """Return the folded syllables of a text with blanks between."""
    return " ".join(map(folded, split_syllables(text)[0]))


def measured(shared: Path) -> Iterator[tuple[str, bool, bool, bool, bool]]:
    """Yield for each file its row, and whether phrase, title and date are right.

    The last value tells whether the file has a date.
    """
    with (shared / "office/gold.tsv").open(encoding="utf-8") as gold:
        for line in csv.DictReader(gold, delimiter="\t"):
            path = shared / "office" / line["file"]
            begun = time.perf_counter()
            document = next(iter(read_documents(str(path))))
            seconds = time.perf_counter() - begun
            if isinstance(document, Failure):
                yield (
                    f"| {line['file']} | {document.reason} | | | no | |",
                    False,
                    False,
                    False,
                    True,
                )
                continue
            assert isinstance(document, Document)
            phrase = plain(line["rare_phrase"])
            pages = [
                number
                for number, page in enumerate(document.body.split(PAGE_BREAK), start=1)
                if phrase in plain(page)
            ]
            found = phrase in plain(document.body)
            row = (
                f"| {line['file']} | {document.metadata.get('format', 'text')} "
                f"| {len(document.body):,} | {seconds:.2f} | {'yes' if found else 'no'} "
                f"| {', '.join(map(str, pages))} ({line['page'] or '—'}) |"
            )
            title = plain(document.title) == plain(line["title"])
            yield row, found, title, (document.date or "") == line["date"], bool(line["date"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.office", description=__doc__)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    results = list(measured(given.shared))
    close_readers()
    text = PAGE.format(
        date=date.today().isoformat(),
        machine=machine(),
        python=platform.python_version(),
        files=len(results),
        rows="\n".join(row for row, *_ in results),
        found=sum(found for _, found, *_ in results),
        titles=sum(title for _, _, title, *_ in results),
        dates=sum(right and dated for *_, right, dated in results),
        dated=sum(dated for *_, dated in results),
    )
    if given.output is not None:
        given.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
