"""What a term gives each document that has it.

BM25F (Robertson, Zaragoza and Taylor, *Simple BM25 extension to multiple weighted fields*,
2004): the frequencies of a term in title and body, each divided by how long that field is
against the average, are added up before they saturate:

    tf(t, d)    = Σ_field  weight_field · f(t, d, field) / (1 - b + b · length / average)
    score(t, d) = idf(t) · (k1 + 1) · tf / (k1 + tf)
    idf(t)      = ln(1 + (n - df + ½) / (df + ½))

Scores are worked out for the documents that are candidates alone: of a term that half of
all documents have, its lists are read and no more.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.store import FIELDS, Postings, Reader
from searchidx.store.cache import Cache

K1: Final = 1.2
B: Final = 0.75
FIELD_WEIGHTS: Final = {"title": 2.0, "body": 1.0}

Documents = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

_CACHE_BYTES: Final = 32 << 20
# A term that more than one in so many documents have is kept as a number for every one.
_SPARSE: Final = 8


class Candidates:
    """Documents that are looked at together.

    Args:
        documents: int32, ascending.
        scratch: An array over all documents that is -1 everywhere, as a `Scratch` keeps it; it
            holds the place of each candidate while they are looked at.
    """

    def __init__(self, documents: Documents, scratch: npt.NDArray[np.int32]) -> None:
        self.documents = documents
        self._places = scratch
        scratch[documents] = np.arange(len(documents), dtype=np.int32)

    def __len__(self) -> int:
        return len(self.documents)

    def places(self, documents: Documents) -> tuple[Places, Places]:
        """Which candidates are among some documents, and which of these they are."""
        at = self._places[documents]
        own = np.flatnonzero(at >= 0)
        return at[own].astype(np.intp), own


class Scratch(threading.local):
    """An array for each thread, so that no search needs to fill one."""

    def __init__(self, size: int) -> None:
        self._array = np.full(size, -1, np.int32)

    @contextmanager
    def candidates(self, documents: Documents) -> Iterator[Candidates]:
        """Documents as candidates, one set at a time in each thread."""
        try:
            yield Candidates(documents, self._array)
        finally:
            # Whatever happened, an interrupt while it was filled included.
            self._array[documents] = -1


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """A term in one field.

    Attributes:
        documents: The documents that have it, int32, ascending; None where `dense` is kept.
        frequencies: How often each has it.
        dense: How often every document has it, shape (size,), where most do.
        count: How many documents have it.
    """

    documents: Documents | None
    frequencies: npt.NDArray[np.unsignedinteger[Any]]
    dense: npt.NDArray[np.unsignedinteger[Any]] | None
    count: int

    @classmethod
    def of(cls, postings: Postings, size: int) -> FieldTerm:
        """The postings of a reader of so many documents, in the smaller of two forms."""
        count = len(postings)
        most = int(postings.frequencies.max()) if count else 0
        frequencies: npt.NDArray[Any] = postings.frequencies.astype(
            np.uint8 if most < 1 << 8 else np.uint32
        )
        if count * _SPARSE < size:
            return cls(postings.documents, frequencies, None, count)
        dense: npt.NDArray[Any] = np.zeros(size, frequencies.dtype)
        dense[postings.documents] = frequencies
        return cls(None, frequencies[:0].copy(), dense, count)  # not the whole list with it

    def mark(self, mask: Bools) -> None:
        """Marks the documents that have it."""
        if self.dense is not None:
            mask |= self.dense != 0
        elif self.documents is not None:
            mask[self.documents] = True

    def add_to(self, frequencies: Floats, candidates: Candidates, factors: Floats) -> None:
        """Adds its frequency in each candidate, times that candidate's factor."""
        if self.dense is not None:
            frequencies += factors * self.dense[candidates.documents]
        elif self.documents is not None and self.count:
            places, own = candidates.places(self.documents)
            frequencies[places] += factors[places] * self.frequencies[own]

    def held_by(self, candidates: Candidates, held: Bools) -> None:
        """Marks the candidates that have it."""
        if self.dense is not None:
            held |= self.dense[candidates.documents] != 0
        elif self.documents is not None and self.count:
            held[candidates.places(self.documents)[0]] = True

    def nbytes(self) -> int:
        """Its size in memory."""
        kept = self.dense if self.dense is not None else self.documents
        return (0 if kept is None else kept.nbytes) + self.frequencies.nbytes


@dataclass(frozen=True, slots=True)
class Term:
    """A term in every field.

    Attributes:
        fields: It in each of `FIELDS`.
        count: How many documents have it in any field.
        idf: How rare it is.
    """

    fields: tuple[FieldTerm, ...]
    count: int
    idf: float

    @property
    def frequent(self) -> bool:
        """Whether it is kept for every document."""
        return any(field.dense is not None for field in self.fields)

    @property
    def bound(self) -> float:
        """What no frequency brings its score to."""
        return self.idf * (K1 + 1)

    def mark(self, mask: Bools) -> None:
        """Marks the documents that have it in any field."""
        for field in self.fields:
            field.mark(mask)

    def held_by(self, candidates: Candidates, held: Bools) -> None:
        """Marks the candidates that have it in any field."""
        for field in self.fields:
            field.held_by(candidates, held)

    def scores(self, candidates: Candidates, factors: Sequence[Floats]) -> Floats:
        """What it gives each candidate, given their factors in each field."""
        frequencies = np.zeros(len(candidates))
        for field, factor in zip(self.fields, factors, strict=True):
            field.add_to(frequencies, candidates, factor)
        scores: Floats = frequencies / (frequencies + K1)
        scores *= self.bound
        return scores


@dataclass(frozen=True, slots=True)
class Constant:
    """What gives its rarity alone to each of some documents.

    Attributes:
        documents: int32, ascending.
        idf: How rare it is.
    """

    documents: Documents
    idf: float

    @property
    def count(self) -> int:
        """How many documents have it."""
        return len(self.documents)

    @property
    def frequent(self) -> bool:
        """Whether it is kept for every document."""
        return False

    @property
    def bound(self) -> float:
        """What it gives each of them."""
        return self.idf

    def mark(self, mask: Bools) -> None:
        """Marks the documents that have it."""
        mask[self.documents] = True

    def held_by(self, candidates: Candidates, held: Bools) -> None:
        """Marks the candidates that have it."""
        held[candidates.places(self.documents)[0]] = True

    def scores(self, candidates: Candidates, factors: Sequence[Floats]) -> Floats:
        """What it gives each candidate."""
        scores = np.zeros(len(candidates))
        scores[candidates.places(self.documents)[0]] = self.idf
        return scores


class Scorer:
    """The terms of a reader; the last ones are remembered.

    May be used from several threads.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._count = max(reader.document_count, 1)
        self._remembered: Cache[tuple[str, str], Term] = Cache(_CACHE_BYTES, _weight)

    @cached_property
    def scratch(self) -> Scratch:
        """For the candidates of a search."""
        return Scratch(self._reader.size)

    @cached_property
    def _factors(self) -> tuple[Floats, ...]:
        factors = []
        for field in FIELDS:
            lengths = self._reader.lengths(field)
            average = float(lengths.sum(where=self._reader.live)) / self._count
            norm = 1 - B + B * (lengths / (average or 1.0))
            factors.append(FIELD_WEIGHTS[field] / norm)
        return tuple(factors)

    def factors(self, documents: Documents) -> tuple[Floats, ...]:
        """Weight / (1 - b + b · length / average) of documents, for each of `FIELDS`."""
        return tuple(factor[documents] for factor in self._factors)

    def _idf(self, documents: int) -> float:
        """How rare what stands in so many documents is."""
        return float(np.log1p((self._count - documents + 0.5) / (documents + 0.5)))

    def term(self, view: str, term: str) -> Term:
        """A term in every field."""
        found = self._remembered.get((view, term))
        if found is None:
            postings = [self._reader.postings(f"{field}_{view}", term) for field in FIELDS]
            title, body = (each.documents for each in postings)
            both = 0
            if len(title) and len(body):
                at = body.searchsorted(title)
                at[at == len(body)] = 0
                both = int(np.count_nonzero(body[at] == title))
            count = len(title) + len(body) - both
            fields = tuple(FieldTerm.of(each, self._reader.size) for each in postings)
            found = Term(fields, count, self._idf(count))
            self._remembered.put((view, term), found)
        return found

    def constant(self, documents: Documents) -> Constant:
        """What gives its rarity alone to each of some documents."""
        return Constant(documents, self._idf(len(documents)))


def _weight(term: Term) -> int:
    """Bytes of a term, with the objects."""
    return 1_000 + sum(field.nbytes() for field in term.fields)
