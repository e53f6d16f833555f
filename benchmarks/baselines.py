"""Rank by plain BM25 and by other engines, to compare the ranking with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

import numpy as np

from benchmarks import engines
from searchidx.language import tokenize
from searchidx.language.syllable_forms import folded, marked
from searchidx.language.tokenizer import split_syllables
from searchidx.search.match.bm25f import Scorer
from searchidx.search.match.top_k import top_k
from searchidx.search.ranking_model import RankingModel
from searchidx.store import Reader

ONE_FIELD: Final = RankingModel(title_weight=1.0)
"""Title and body weigh the same, as if they were one text."""
_WORD: Final = re.compile(r"\w+")


class Baseline(Protocol):
    """A ranking that queries are compared with."""

    def search_ids(self, query: str, /, *, limit: int) -> list[str]:
        """Return the ids of the best documents, best first."""


class Bm25:
    """Rank by the sum of BM25 over the terms of one view of the index.

    Args:
        reader: The commit.
        view: The view: "folded", "marked" or "word".
        terms: Returns the terms of a query in that view.
    """

    def __init__(
        self, reader: Reader, view: str, terms: Callable[[str], Iterable[str]]
    ) -> None:
        self._reader = reader
        self._scorer = Scorer(reader, ONE_FIELD)
        self._view = view
        self._terms = terms

    def search_ids(self, query: str, /, *, limit: int) -> list[str]:
        """Return the ids of the documents with the highest scores."""
        doc_ids = np.flatnonzero(self._reader.live).astype(np.int32)
        scores = np.zeros(len(doc_ids))
        with self._scorer.scratch.candidates(doc_ids) as candidates:
            for form in dict.fromkeys(self._terms(query)):
                self._scorer.term(self._view, form).add_to(scores, 1.0, candidates)
        best, values = top_k(doc_ids, min(limit, len(doc_ids)), scores)
        return [self._reader.head(int(each)).id for each in best[values > 0]]


def syllables(text: str) -> Sequence[str]:
    """Return the folded syllables of a query."""
    return [folded(surface) for surface in split_syllables(text)[0]]


def words(text: str) -> list[str]:
    """Return the words of a query as the index has them: pyvi's, in small letters."""
    return [
        "_".join(map(marked, word.split("_")))
        for word in tokenize(text, canonical=True).split()
        if any(map(str.isalnum, word))
    ]


class OtherEngine:
    """Search with another engine.

    Args:
        name: One of `benchmarks.engines.NAMES`.
        directory: Its index.
        mode: Whether documents need all words or any.
    """

    def __init__(self, name: str, directory: str, mode: engines.Mode) -> None:
        self._searcher = engines.load(name).open_index(directory)
        self._mode = mode

    def search_ids(self, query: str, /, *, limit: int) -> list[str]:
        """Return the ids of the best documents."""
        plain = " ".join(_WORD.findall(query))
        return [id_ for id_, _ in self._searcher.search(plain, limit, self._mode)]
