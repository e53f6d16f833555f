"""Hold terms with their scores, and add them to the scores of candidates.

A term of few documents has its score in each of them (`SparseTerm`).  A term of many documents
has one frequency for every document (`DenseTerm`), mostly in one byte, and is scored for the
candidates of a search alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from searchidx.arrays import BoolArray, DocIds, Float64Array, Int32Array, IntpArray


class Candidates:
    """The documents that are scored together.

    Args:
        doc_ids: int32, shape (n,).
        scratch: int32, shape (reader.size,), filled with -1 (see `Scratch`).  It holds the
            index of each candidate while they are scored.
    """

    def __init__(self, doc_ids: DocIds, scratch: Int32Array) -> None:
        self.doc_ids = doc_ids
        self._candidate_indices = scratch
        scratch[doc_ids] = np.arange(len(doc_ids), dtype=np.int32)

    def intersect(self, doc_ids: DocIds) -> tuple[IntpArray, IntpArray]:
        """Return where candidates and some documents meet.

        Args:
            doc_ids: int32, shape (n,).

        Returns:
            Two arrays of the same shape: the indices of the common documents among the
            candidates, and their indices in `doc_ids`.
        """
        indices = self._candidate_indices[doc_ids]
        common = np.flatnonzero(indices >= 0)
        return indices[common].astype(np.intp), common


class Scratch(threading.local):
    """One array for each thread, so that no search has to allocate and fill one.

    Args:
        size: Number of documents of the commit, deleted ones included.
    """

    def __init__(self, size: int) -> None:
        self._array = np.full(size, -1, np.int32)

    @contextmanager
    def candidates(self, doc_ids: DocIds) -> Iterator[Candidates]:
        """Yield documents as candidates, one set at a time in each thread."""
        try:
            yield Candidates(doc_ids, self._array)
        finally:
            # Also after an interrupt that came while the array was being filled.
            self._array[doc_ids] = -1


@dataclass(frozen=True, slots=True)
class SparseTerm:
    """A term of few documents, with its score in each of them.

    Attributes:
        doc_ids: int32, shape (n,), ascending.
        scores: float64, shape (n,).
        idf: Its inverse document frequency.
        title_doc_ids: int32, shape (m,), ascending: the documents that have it in the title.
    """

    doc_ids: DocIds
    scores: Float64Array
    idf: float
    title_doc_ids: DocIds

    is_dense: ClassVar[bool] = False

    @property
    def count(self) -> int:
        """Return the number of documents that have the term."""
        return len(self.doc_ids)

    @property
    def max_score(self) -> float:
        """Return the largest score of a document."""
        return float(self.scores.max()) if len(self.scores) else 0.0

    def mark(self, mask: BoolArray) -> None:
        """Set the documents that have the term in a mask, shape (reader.size,)."""
        mask[self.doc_ids] = True

    def is_in(self, doc_ids: DocIds) -> BoolArray:
        """Return which of some documents have the term: bool, shape (len(doc_ids),)."""
        if not len(self.doc_ids):
            return np.zeros(len(doc_ids), np.bool_)
        places = np.minimum(np.searchsorted(self.doc_ids, doc_ids), len(self.doc_ids) - 1)
        found: BoolArray = self.doc_ids[places] == doc_ids
        return found

    def add_to(self, scores: Float64Array, weight: float, candidates: Candidates) -> None:
        """Add the weighted scores of the term to those of the candidates, in place.

        Args:
            scores: float64, shape (candidates,).
            weight: Factor of the term's scores.
            candidates: The documents that `scores` are of.
        """
        indices, common = candidates.intersect(self.doc_ids)
        scores[indices] += weight * self.scores[common]

    def nbytes(self) -> int:
        """Return its size in memory in bytes."""
        return self.doc_ids.nbytes + self.scores.nbytes + self.title_doc_ids.nbytes


@dataclass(frozen=True, slots=True)
class DenseTerm:
    """A term of many documents, with its frequency in every document.

    Attributes:
        frequencies: For each of `FIELDS` an array of shape (reader.size,), or None if no
            document has the term in that field.
        factors: For each of `FIELDS` float64, shape (reader.size,): weight of an occurrence
            in every document (`Scorer.factors`).
        count: Number of documents that have the term.
        idf: Its inverse document frequency.
        k1: How slowly its frequency saturates.
        title_doc_ids: int32, shape (m,), ascending: the documents that have it in the title.
    """

    frequencies: tuple[npt.NDArray[np.unsignedinteger[Any]] | None, ...]
    factors: tuple[Float64Array, ...]
    count: int
    idf: float
    k1: float
    title_doc_ids: DocIds

    is_dense: ClassVar[bool] = True

    @property
    def max_score(self) -> float:
        """Return the score that an infinite frequency would give."""
        return self.idf * (self.k1 + 1)

    def mark(self, mask: BoolArray) -> None:
        """Set the documents that have the term in a mask, shape (reader.size,)."""
        for frequencies in self.frequencies:
            if frequencies is not None:
                mask |= frequencies != 0

    def is_in(self, doc_ids: DocIds) -> BoolArray:
        """Return which of some documents have the term: bool, shape (len(doc_ids),)."""
        found = np.zeros(len(doc_ids), np.bool_)
        for frequencies in self.frequencies:
            if frequencies is not None:
                found |= frequencies[doc_ids] != 0
        return found

    def add_to(self, scores: Float64Array, weight: float, candidates: Candidates) -> None:
        """Add the weighted scores of the term to those of the candidates, in place.

        Args:
            scores: float64, shape (candidates,).
            weight: Factor of the term's scores.
            candidates: The documents that `scores` are of.
        """
        doc_ids = candidates.doc_ids
        tf = np.zeros(len(doc_ids))
        for frequencies, factors in zip(self.frequencies, self.factors, strict=True):
            if frequencies is not None:
                tf += factors[doc_ids] * frequencies[doc_ids]
        scores += saturate(tf, weight * self.idf, self.k1)

    def nbytes(self) -> int:
        """Return its size in memory in bytes, without the factors, which all terms share."""
        frequencies = sum(each.nbytes for each in self.frequencies if each is not None)
        return frequencies + self.title_doc_ids.nbytes


ScoredTerm = SparseTerm | DenseTerm


def saturate(tf: Float64Array, idf: float, k1: float) -> Float64Array:
    """Return idf · (k1 + 1) · tf / (k1 + tf), shape (n,)."""
    scores: Float64Array = tf / (tf + k1)
    scores *= idf * (k1 + 1)
    return scores
