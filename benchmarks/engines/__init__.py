"""Define the protocol of the engines, which have a module each.

A one-shot search imports this package inside the time that is measured, so nothing here
or in the engines' modules imports more than it needs (`typing` alone takes 10 ms).
"""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Literal, Protocol, TypeAlias

    Document: TypeAlias = tuple[str, str, str]  # id, title, body
    Mode: TypeAlias = Literal["all", "any"]  # documents with all words, or with any of them
    Found: TypeAlias = list[tuple[str, str]]  # id, snippet; best first

    class Searcher(Protocol):
        """An open index."""

        def search(self, query: str, limit: int, mode: Mode) -> Found:
            """Return the best documents with a snippet of each."""

    class Engine(Protocol):
        """The functions that the harness calls in an engine's module."""

        MODES: tuple[Mode, ...]
        NOTE: str  # how it is set up and what it doesn't do, for the report
        PROCESSES: tuple[int, ...]  # with how many processes it can index

        def version(self) -> str:
            """Return the names and versions of the libraries that do the work."""

        def build(self, documents: Iterable[Document], directory: str, processes: int) -> None:
            """Index the documents into an empty directory, and commit."""

        def adder(self, directory: str) -> Callable[[Document], None]:
            """Open the index for writing; return a function that commits one document."""

        def open_index(self, directory: str) -> Searcher:
            """Open the index for searching."""

        def cold_start(self, directory: str, query: str) -> list[str]:
            """Return the command that opens the index, searches once and prints 10 hits."""

    from benchmarks.engines import fts5, searchidx, tantivy, whoosh_pyvi

    ENGINES: list[Engine] = [searchidx, fts5, tantivy, whoosh_pyvi]

NAMES = ("searchidx", "fts5", "tantivy", "whoosh-pyvi")


def load(name: str) -> Engine:
    module: Engine = import_module(f"{__name__}.{name.replace('-', '_')}")
    return module


def one_shot(name: str, directory: str, query: str) -> list[str]:
    """Return the cold-start command of an engine that has no command line of its own."""
    return [sys.executable, "-m", "benchmarks.one_shot", name, directory, query]
