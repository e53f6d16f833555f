"""Measure how often the first hit names the document that a query names, over legal texts.

Run with: python -m benchmarks.named_documents [--index FOLDER] [--output FILE]
"""

from __future__ import annotations

import argparse
import platform
import random
import re
from collections.abc import Callable
from typing import Final, NamedTuple
from unittest.mock import patch

import searchidx
from benchmarks import articles
from benchmarks.report import machine
from searchidx.document import Document
from searchidx.language.codes import FoundCode, find_codes
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.search.rank import plan
from searchidx.store import Store

SEED: Final = 7
COUNT: Final = 200
KINDS: Final = {
    "NĐ": "nghi dinh",
    "TT": "thong tu",
    "QĐ": "quyet dinh",
    "NQ": "nghi quyet",
    "CT": "chi thi",
}
WORDS: Final = 4

PAGE = """\
# Documents that queries name, {date}

{machine}; Python {python}. All {articles:,} legal articles. {count} codes of decrees, \
circulars, decisions, resolutions and directives were drawn from as many articles (seed \
{seed}), each with the first words of the article's title, and asked for as people do. \
Counted is how often the first hit does **not** name such a document: in its title or text \
stands neither a code of that kind and number (and year, and issuer where the query has \
them), nor, of a query without issuer, its kind, number and year in words.

| query, for example | named documents count for nothing | now |
|---|---:|---:|
{rows}
"""


class Sample(NamedTuple):
    """A document code, and the first words of the title of the article that mentions it."""

    code: FoundCode
    words: list[str]

    @property
    def kind(self) -> str:
        """Return the kind of document in words."""
        return KINDS[self.code.kind or ""]

    @property
    def typed_code(self) -> str:
        """Return the code as people in a hurry type it."""
        return " ".join(tokenize_syllables(self.code.canonical).folded)


class Form(NamedTuple):
    """A way to ask for a document.

    Attributes:
        query: Makes the query of a sample.
        in_full: Whether the query has the whole code.
        with_year: Whether the query has the year.
    """

    query: Callable[[Sample], str]
    in_full: bool = False
    with_year: bool = False


FORMS: Final = (
    Form(lambda d: d.code.canonical, in_full=True),
    Form(lambda d: d.typed_code, in_full=True),
    Form(lambda d: f"{' '.join(d.words[:3])} {d.typed_code}", in_full=True),
    Form(lambda d: f"{d.kind} {d.code.number}/{d.code.year}", with_year=True),
    Form(lambda d: f"{d.kind} so {d.code.number}/{d.code.year} quy dinh ve", with_year=True),
    Form(lambda d: f"{d.kind} {d.code.number} nam {d.code.year}", with_year=True),
    Form(lambda d: f"{d.kind} {d.code.number}"),
    Form(lambda d: f"{d.kind} {d.code.number} {' '.join(d.words[:2])}"),
    Form(lambda d: f"{d.kind} so {d.code.number} {' '.join(d.words)}"),
)


def draw_samples(index: searchidx.Index, ids: list[str]) -> list[Sample]:
    """Draw `COUNT` samples at random, at most one for each article."""
    generator = random.Random(SEED)
    generator.shuffle(ids)
    samples: list[Sample] = []
    for id_ in ids:
        document = index.get(id_)
        assert document is not None
        codes = [c for c in find_codes(document.body) if c.kind in KINDS and c.year]
        words = [word for word in tokenize_syllables(document.title).folded if len(word) > 2]
        if codes and len(words) >= WORDS:
            samples.append(Sample(generator.choice(codes), words[:WORDS]))
        if len(samples) == COUNT:
            break
    return samples


def names(document: Document, wanted: FoundCode, form: Form) -> bool:
    """Return whether a document names the wanted one as precisely as the query does."""
    text = f"{document.title}\n{document.body}"
    codes = list(find_codes(text))
    if form.in_full:
        return any(code.canonical == wanted.canonical for code in codes)
    if any(
        (code.number, code.kind) == (wanted.number, wanted.kind)
        and (code.year == wanted.year or not form.with_year)
        for code in codes
    ):
        return True
    number = wanted.number.lstrip("0")
    spoken = rf"\b{KINDS[wanted.kind or '']} (?:so )?{number}\b"
    if form.with_year:
        spoken += rf" (?:nam )?{wanted.year}\b"
    return re.search(spoken, " ".join(tokenize_syllables(text).folded)) is not None


def count_missed(index: searchidx.Index, samples: list[Sample], form: Form) -> int:
    """Count the queries whose first hit does not name the wanted document."""
    count = 0
    for sample in samples:
        hits = index.search(form.query(sample), limit=1, suggest=False)
        document = index.get(hits[0].id) if len(hits) else None
        count += document is None or not names(document, sample.code, form)
    return count


def measured(index: searchidx.Index, given: argparse.Namespace) -> str:
    reader = Store(index.path).reader()
    ids = [head.id for leaf in reader.leaves for head in leaf.segment.all_heads()]
    samples = draw_samples(index, ids)
    rows = []
    for form in FORMS:
        with patch.object(plan, "find_named_documents", return_value=()):
            before = count_missed(index, samples, form)
        now = count_missed(index, samples, form)
        rows.append(f"| `{form.query(samples[0])}` | {before} | {now} |")
    return PAGE.format(
        date=given.date,
        machine=machine(),
        python=platform.python_version(),
        articles=len(index),
        count=len(samples),
        seed=SEED,
        rows="\n".join(rows),
    )


if __name__ == "__main__":
    articles.main("named_documents", __doc__, measured)
