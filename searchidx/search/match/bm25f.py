"""What a term gives each document that has it.

BM25F (Robertson, Zaragoza and Taylor, *Simple BM25 extension to multiple weighted fields*,
2004): the frequencies of a term in title and body, each divided by how long that field is
against the average, are added up before they saturate:

    tf(t, d)    = Σ_field  weight_field · f(t, d, field) / (1 - b + b · length / average)
    score(t, d) = idf(t) · (k1 + 1) · tf / (k1 + tf)
    idf(t)      = ln(1 + (n - df + ½) / (df + ½))

What a rare term gives each document is kept with it.  Of a term that many documents have
the frequencies are kept, a byte a document, and what it gives is worked out for the
documents that are candidates alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from searchidx.arrays import BoolArray, DocIds, Float64Array, Int32Array, IntpArray
from searchidx.lru_cache import LRUCache
from searchidx.search.ranking_model import DEFAULT_RANKING, RankingModel
from searchidx.store import FIELDS, Postings, Reader

_CACHE_BYTES: Final = 64 << 20
SPARSE_TERM_RATIO: Final = 8
"""A term with postings in at least one of so many documents is kept as a dense term."""


class Candidates:
    """Documents that are looked at together.

    Args:
        documents: int32, ascending.
        scratch: An array over all documents that is -1 everywhere, as a `Scratch` keeps it; it
            holds the place of each candidate while they are looked at.
    """

    def __init__(self, documents: DocIds, scratch: Int32Array) -> None:
        self.documents = documents
        self._places = scratch
        scratch[documents] = np.arange(len(documents), dtype=np.int32)

    def places(self, documents: DocIds) -> tuple[IntpArray, IntpArray]:
        """Which candidates are among some documents, and which of these they are."""
        at = self._places[documents]
        own = np.flatnonzero(at >= 0)
        return at[own].astype(np.intp), own


class Scratch(threading.local):
    """An array for each thread, so that no search needs to fill one."""

    def __init__(self, size: int) -> None:
        self._array = np.full(size, -1, np.int32)

    @contextmanager
    def candidates(self, documents: DocIds) -> Iterator[Candidates]:
        """Documents as candidates, one set at a time in each thread."""
        try:
            yield Candidates(documents, self._array)
        finally:
            # Whatever happened, an interrupt while it was filled included.
            self._array[documents] = -1


class TermLookup(NamedTuple):
    """What a term is made of.

    Attributes:
        view: One of the index's views.
        forms: Its terms there; several count as one.
    """

    view: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SparseTerm:
    """A term that few documents have, with what it gives each of them.

    Attributes:
        documents: int32, shape (n,), ascending.
        scores: float64, shape (n,).
        idf: How rare it is.
    """

    documents: DocIds
    scores: Float64Array
    idf: float

    frequent: ClassVar[bool] = False

    @property
    def count(self) -> int:
        """How many documents have it."""
        return len(self.documents)

    @property
    def bound(self) -> float:
        """The most that it gives a document."""
        return float(self.scores.max()) if len(self.scores) else 0.0

    def mark(self, mask: BoolArray) -> None:
        """Marks the documents that have it."""
        mask[self.documents] = True

    def add_to(self, scores: Float64Array, weight: float, candidates: Candidates) -> None:
        """Adds what it gives the candidates, times `weight`, to their scores."""
        places, own = candidates.places(self.documents)
        scores[places] += weight * self.scores[own]

    def nbytes(self) -> int:
        """Its size in memory."""
        return self.documents.nbytes + self.scores.nbytes


@dataclass(frozen=True, slots=True)
class DenseTerm:
    """A term that many documents have, as a number for every document.

    Attributes:
        frequencies: How often every document has it in each of `FIELDS`, shape (size,);
            None for a field where none has it.
        factors: What a frequency in each field counts in every document.
        count: How many documents have it.
        idf: How rare it is.
        k1: How slowly its frequency saturates.
    """

    frequencies: tuple[npt.NDArray[np.unsignedinteger[Any]] | None, ...]
    factors: tuple[Float64Array, ...]
    count: int
    idf: float
    k1: float

    frequent: ClassVar[bool] = True

    @property
    def bound(self) -> float:
        """What no frequency brings its score to."""
        return self.idf * (self.k1 + 1)

    def mark(self, mask: BoolArray) -> None:
        """Marks the documents that have it."""
        for field in self.frequencies:
            if field is not None:
                mask |= field != 0

    def add_to(self, scores: Float64Array, weight: float, candidates: Candidates) -> None:
        """Adds what it gives the candidates, times `weight`, to their scores."""
        documents = candidates.documents
        frequencies = np.zeros(len(documents))
        for field, factors in zip(self.frequencies, self.factors, strict=True):
            if field is not None:
                frequencies += factors[documents] * field[documents]
        scores += _saturated(frequencies, weight * self.idf, self.k1)

    def nbytes(self) -> int:
        """Its size in memory, without the factors, which all terms share."""
        return sum(field.nbytes for field in self.frequencies if field is not None)


ScoredTerm = SparseTerm | DenseTerm


def _saturated(frequencies: Float64Array, idf: float, k1: float) -> Float64Array:
    scores: Float64Array = frequencies / (frequencies + k1)
    scores *= idf * (k1 + 1)
    return scores


class Scorer:
    """The terms of a reader; the last ones are remembered.

    May be used from several threads.

    Args:
        reader: The commit.
        model: The weights of the ranking.
        sparse_ratio: See `SPARSE_TERM_RATIO`; tests vary it.
    """

    def __init__(
        self,
        reader: Reader,
        model: RankingModel = DEFAULT_RANKING,
        *,
        sparse_ratio: int = SPARSE_TERM_RATIO,
    ) -> None:
        self.model = model
        self._reader = reader
        self._sparse_ratio = sparse_ratio
        self._count = max(reader.document_count, 1)
        self._remembered: LRUCache[TermLookup, ScoredTerm] = LRUCache(_CACHE_BYTES, _weight)

    @cached_property
    def scratch(self) -> Scratch:
        """For the candidates of a search."""
        return Scratch(self._reader.size)

    @cached_property
    def factors(self) -> tuple[Float64Array, ...]:
        """What a frequency in each of `FIELDS` counts in every document, shape (size,).

        Weight / (1 - b + b · length / average).
        """
        factors = []
        for field in FIELDS:
            lengths = self._reader.lengths(field)
            average = float(lengths.sum(where=self._reader.live)) / self._count
            b = self.model.b
            # A field without syllables has no frequencies; its norm must not be 0 at b = 1.
            norm = 1 - b + b * (np.maximum(lengths, 1) / (average or 1.0))
            factors.append(self.model.field_weights[field] / norm)
        return tuple(factors)

    def _idf(self, documents: int) -> float:
        """How rare what stands in so many documents is."""
        return float(np.log1p((self._count - documents + 0.5) / (documents + 0.5)))

    def term(self, view: str, form: str) -> ScoredTerm:
        """A term in every field."""
        return self.terms([TermLookup(view, (form,))])[0]

    def terms(self, lookups: Sequence[TermLookup]) -> list[ScoredTerm]:
        """Terms in every field; all at once is quicker."""
        found = {lookup: self._remembered.get(lookup) for lookup in lookups}
        missing = [lookup for lookup, term in found.items() if term is None]
        wanted = [
            (f"{field}_{lookup.view}", form)
            for lookup in missing
            for field in FIELDS
            for form in lookup.forms
        ]
        postings = iter(self._reader.postings_lists(wanted))
        for lookup in missing:
            of_fields = [[next(postings) for _ in lookup.forms] for _ in FIELDS]
            made = self._made(of_fields)
            found[lookup] = made
            self._remembered.put(lookup, made)
        return [term for lookup in lookups if (term := found[lookup]) is not None]

    def _made(self, of_fields: Sequence[Sequence[Postings]]) -> ScoredTerm:
        """The term with these postings in each field."""
        size = self._reader.size
        if (
            sum(len(each) for postings in of_fields for each in postings) * self._sparse_ratio
            < size
        ):
            return self._sparse(of_fields)
        dense = []
        held = np.zeros(size, np.bool_)
        for postings in of_fields:
            most = sum(int(each.frequencies.max()) for each in postings if len(each))
            frequencies: npt.NDArray[Any] | None = None
            if most:
                frequencies = np.zeros(size, np.uint8 if most < 1 << 8 else np.uint32)
                for each in postings:
                    frequencies[each.doc_ids] += each.frequencies.astype(frequencies.dtype)
                held |= frequencies != 0
            dense.append(frequencies)
        count = int(np.count_nonzero(held))
        return DenseTerm(tuple(dense), self.factors, count, self._idf(count), self.model.k1)

    def _sparse(self, of_fields: Sequence[Sequence[Postings]]) -> SparseTerm:
        documents = np.concatenate([p.doc_ids for postings in of_fields for p in postings])
        frequencies = np.concatenate(
            [
                factors[each.doc_ids] * each.frequencies
                for factors, postings in zip(self.factors, of_fields, strict=True)
                for each in postings
            ]
        )
        if sum(len(each) > 0 for postings in of_fields for each in postings) > 1:
            # Ascending runs, which a stable sort merges.
            order = np.argsort(documents, kind="stable")
            documents, frequencies = documents[order], frequencies[order]
            firsts = np.flatnonzero(np.diff(documents, prepend=-1))
            documents, frequencies = documents[firsts], np.add.reduceat(frequencies, firsts)
        idf = self._idf(len(documents))
        return SparseTerm(documents, _saturated(frequencies, idf, self.model.k1), idf)

    def constant(self, documents: DocIds) -> SparseTerm:
        """What gives its rarity alone to each of some documents."""
        idf = self._idf(len(documents))
        return SparseTerm(documents, np.full(len(documents), idf), idf)


def _weight(term: ScoredTerm) -> int:
    """Bytes of a term, with the objects."""
    return 1_000 + term.nbytes()
