"""Hold the figures of an engine, of all engines at a size, and of all sizes of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

OURS = "searchidx"
SLOWEST_START = "import numpy, click"  # what cold start is compared with


@dataclass(frozen=True)
class Measurement:
    """The figures of one engine; a figure that it does not have is absent.

    Attributes:
        name: The name of the engine.
        version: The names and versions of the libraries that do the work.
        note: How it is set up, and what it does not do.
        documents: The number of documents that it indexed.
        figures: The figures by the keys of `report.ROWS`.
    """

    name: str
    version: str
    note: str
    documents: int
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Run:
    """The measurements of all engines on the same number of documents."""

    documents: int
    body_bytes: int  # UTF-8
    measurements: list[Measurement] = field(default_factory=list)

    def figures(self, name: str) -> Mapping[str, float]:
        """Return the figures of an engine; none if it was not measured on these documents."""
        for each in self.measurements:
            if each.name == name and each.documents == self.documents:
                return each.figures
        return {}


@dataclass(frozen=True)
class Results:
    """All that a page is made of.

    Attributes:
        date: Of the page.
        corpus_documents: How many the corpus has.
        queries: How many are measured.
        added: How many documents are added one by one.
        added_bytes: The UTF-8 of the body of one of them, on the average.
        references: Milliseconds of processes that do next to nothing, by their code.
        full: The engines on the documents that were asked for.
        small: On about a tenth of them.
        large: On several times as many.
        failed: What was not measured, for an error.
        load: The machine's one-minute average before and after.
    """

    date: str
    corpus_documents: int
    queries: int
    added: int
    added_bytes: float
    references: Mapping[str, float]
    full: Run
    small: Run
    large: Run
    failed: list[str]
    load: tuple[float, float]

    @property
    def sizes(self) -> list[Run]:
        """The runs with measurements, from the smallest up."""
        return [run for run in (self.small, self.full, self.large) if run.measurements]
