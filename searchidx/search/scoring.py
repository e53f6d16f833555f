"""What a term gives each document that has it.

BM25F (Robertson, Zaragoza and Taylor, *Simple BM25 extension to multiple weighted fields*,
2004): the frequencies of a term in title and body, each divided by how long that field is
against the average, are added up before they saturate:

    tf(t, d)    = Σ_field  weight_field · f(t, d, field) / (1 - b + b · length / average)
    score(t, d) = idf(t) · (k1 + 1) · tf / (k1 + tf)
    idf(t)      = ln(1 + (n - df + ½) / (df + ½))
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from searchidx.store import FIELDS, Reader

K1: Final = 1.2
B: Final = 0.75
FIELD_WEIGHTS: Final = {"title": 2.0, "body": 1.0}

Documents = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_CACHE_BYTES: Final = 32 << 20
# A list that is longer than this part of all documents is also kept as bits.
_DENSE: Final = 1 / 64


@dataclass(frozen=True)
class Scores:
    """The documents that have something, and what it gives each of them.

    Attributes:
        documents: int32, shape (n,), ascending.
        values: float64, shape (n,).
        idf: How rare it is.
        size: One more than the highest document number of the reader.
    """

    documents: Documents
    values: Floats
    idf: float
    size: int

    def __len__(self) -> int:
        return len(self.documents)

    @cached_property
    def bound(self) -> float:
        """The most that it gives any document."""
        return float(self.values.max()) if len(self.values) else 0.0

    @cached_property
    def bits(self) -> npt.NDArray[np.uint8]:
        """One bit for each document, the lowest of a byte first, shape (size / 8,)."""
        mask = np.zeros(self.size, np.bool_)
        mask[self.documents] = True
        return np.packbits(mask, bitorder="little")

    def holds(self, candidates: Documents) -> Bools:
        """Which of the candidates, ascending, have it."""
        if len(self.documents) > self.size * _DENSE:
            bits = self.bits[candidates >> 3] >> (candidates & 7).astype(np.uint8)
            return (bits & np.uint8(1)).astype(np.bool_)
        found = np.zeros(len(candidates), np.bool_)
        found[self._common(candidates)[0]] = True
        return found

    def add_to(self, scores: Floats, candidates: Documents, weight: float) -> None:
        """Adds what it gives to the scores of these candidates, ascending."""
        places, own = self._common(candidates)
        scores[places] += weight * self.values[own]

    def _common(
        self, candidates: Documents
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """The places of what is both a candidate and one of our documents, in both."""
        few, many = candidates, self.documents
        if len(many) < len(few):
            few, many = many, few
        if not len(few):
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        if len(few) * 64 > self.size + 2 * len(many):
            # Looking every one up would cost more than going through all once.
            rank = np.full(self.size, -1, np.int32)
            rank[many] = np.arange(len(many), dtype=np.int32)
            at = rank[few].astype(np.intp)
            same = np.flatnonzero(at >= 0)
        else:
            at = np.searchsorted(many, few)
            at[at == len(many)] = 0
            same = np.flatnonzero(many[at] == few)
        if few is candidates:
            return same, at[same]
        return at[same], same


class Scorer:
    """The scores of a reader's terms; the last ones are remembered.

    May be used from several threads: what is remembered is only ever added to or dropped.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._count = max(reader.document_count, 1)
        self._factors: dict[str, Floats] = {}
        self._remembered: dict[tuple[str, str], Scores] = {}
        self._bytes = 0

    def _factor(self, field: str) -> Floats:
        """Weight / (1 - b + b · length / average) of each document's field."""
        if field not in self._factors:
            lengths = self._reader.lengths(field)
            average = float(lengths.sum(where=self._reader.live)) / self._count
            norm = 1 - B + B * (lengths / (average or 1.0))
            self._factors[field] = FIELD_WEIGHTS[field] / norm
        return self._factors[field]

    def idf(self, documents: int) -> float:
        """How rare what stands in so many documents is."""
        return float(np.log1p((self._count - documents + 0.5) / (documents + 0.5)))

    def term(self, view: str, term: str) -> Scores:
        """The documents with a term in any field, and what it gives them."""
        key = view, term
        found = self._remembered.get(key)
        if found is None:
            found = self._term(view, term)
            self._remembered[key] = found
            self._bytes += found.values.nbytes + found.documents.nbytes + 500
            if self._bytes > _CACHE_BYTES:
                # All at once: what is needed again comes back within a few queries.
                self._remembered, self._bytes = {}, 0
        return found

    def _term(self, view: str, term: str) -> Scores:
        documents, frequency = self._field(FIELDS[0], view, term)
        for field in FIELDS[1:]:
            more, of_more = self._field(field, view, term)
            documents, frequency = _sum(documents, frequency, more, of_more)
        idf = self.idf(len(documents))
        values = (idf * (K1 + 1)) * frequency / (K1 + frequency)
        return Scores(documents, values, idf, self._reader.size)

    def _field(self, field: str, view: str, term: str) -> tuple[Documents, Floats]:
        postings = self._reader.postings(f"{field}_{view}", term)
        if not len(postings):
            return postings.documents, np.zeros(0)
        factor = self._factor(field)[postings.documents]
        return postings.documents, factor * postings.frequencies

    def constant(self, documents: Documents) -> Scores:
        """What gives its rarity alone to each of some documents."""
        idf = self.idf(len(documents))
        return Scores(documents, np.full(len(documents), idf), idf, self._reader.size)


def _sum(
    documents: Documents, values: Floats, more: Documents, of_more: Floats
) -> tuple[Documents, Floats]:
    """Two columns over documents, ascending, added up."""
    if not len(documents) or not len(more):
        return (more, of_more) if len(more) else (documents, values)
    if len(documents) > len(more):
        documents, values, more, of_more = more, of_more, documents, values
    places = np.searchsorted(more, documents)
    places[places == len(more)] = 0
    there = more[places] == documents
    total = of_more.copy()
    total[places[there]] += values[there]
    if there.all():
        return more, total
    joined = np.concatenate([more, documents[~there]])
    order = np.argsort(joined, kind="stable")
    return joined[order], np.concatenate([total, values[~there]])[order]
