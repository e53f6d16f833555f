"""Run searchidx through its public interface and its command line."""

from __future__ import annotations

import sys

import searchidx
from searchidx._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from benchmarks.engines import Document, Found, Mode

PROCESSES: tuple[int, ...] = (1, 2)
MODES: tuple[Mode, ...] = ("any",)
NOTE = (
    "One mode: documents with all the words first, then those with some; it stands in the "
    "any-word rows. Cold start is its real command line."
)


class Searcher:
    """An open searchidx index."""

    def __init__(self, directory: str) -> None:
        self.index = searchidx.open(directory)

    def search(self, query: str, limit: int, mode: Mode) -> Found:
        """Return the best documents with a snippet of each."""
        return [(hit.id, hit.snippet.text) for hit in self.index.search(query, limit=limit)]


open_index = Searcher


def version() -> str:
    return f"searchidx {__version__}"


def build(documents: Iterable[Document], directory: str, processes: int) -> None:
    with searchidx.create(directory) as index:
        index.add(map(as_document, documents), workers=processes)


def adder(directory: str) -> Callable[[Document], None]:
    index = searchidx.open(directory)

    def add(document: Document) -> None:
        index.add([as_document(document)])

    return add


def as_document(document: Document) -> searchidx.Document:
    document_id, title, body = document
    return searchidx.Document(id=document_id, title=title, body=body)


def cold_start(directory: str, query: str) -> list[str]:
    return [sys.executable, "-m", "searchidx", "search", "--index", directory, query]
