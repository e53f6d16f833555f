"""Run SQLite's FTS5, with the folding that it offers."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from benchmarks.engines import one_shot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from benchmarks.engines import Document, Found, Mode

PROCESSES: tuple[int, ...] = (1,)
MODES: tuple[Mode, ...] = ("all", "any")
NOTE = (
    "`unicode61 remove_diacritics 2`, one transaction, bm25() with the title weighing 10. Does "
    "not fold đ, so a query without marks misses every word with one; otherwise drops the "
    "marks of query and text alike, so it cannot prefer what was typed. Knows no words longer "
    "than a syllable."
)
CREATE = """
CREATE VIRTUAL TABLE documents
USING fts5(id UNINDEXED, title, body, tokenize="unicode61 remove_diacritics 2")
"""
RANK = "INSERT INTO documents(documents, rank) VALUES ('rank', 'bm25(0, 10, 1)')"
INSERT = "INSERT INTO documents VALUES (?, ?, ?)"
# `rank` is bm25(). Ordering by bm25() itself would make a snippet of every match, not of
# the ten that are kept.
SEARCH = """
SELECT id, snippet(documents, 2, '[', ']', '…', 32)
FROM documents WHERE documents MATCH ? ORDER BY rank LIMIT ?
"""


class Searcher:
    """An open database."""

    def __init__(self, directory: str) -> None:
        self.connection = connect(directory)

    def search(self, query: str, limit: int, mode: Mode) -> Found:
        """Return the best documents with a snippet of each."""
        terms = (f'"{term}"' for term in query.split())
        match = (" " if mode == "all" else " OR ").join(terms)
        return self.connection.execute(SEARCH, (match, limit)).fetchall()


def connect(directory: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{directory}/documents.db")


open_index = Searcher


def version() -> str:
    return f"SQLite {sqlite3.sqlite_version}"


def build(documents: Iterable[Document], directory: str, processes: int) -> None:
    with closing(connect(directory)) as connection, connection:
        connection.execute(CREATE)
        connection.execute(RANK)
        connection.executemany(INSERT, documents)


def adder(directory: str) -> Callable[[Document], None]:
    connection = connect(directory)

    def add(document: Document) -> None:
        with connection:
            connection.execute(INSERT, document)

    return add


def cold_start(directory: str, query: str) -> list[str]:
    return one_shot("fts5", directory, query)
