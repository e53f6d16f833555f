"""Score terms by BM25F over title and body.

BM25F (Robertson, Zaragoza and Taylor, *Simple BM25 extension to multiple weighted fields*,
2004) divides the frequency of a term in each field by the length of the field, relative to
the average length, and adds up the results before they saturate:

    tf(t, d)    = Σ_field  weight_field · f(t, d, field) / (1 - b + b · length / average)
    score(t, d) = idf(t) · (k1 + 1) · tf / (k1 + tf)
    idf(t)      = ln(1 + (n - df + ½) / (df + ½))

k1, b and the weights are those of `searchidx.search.ranking_model.RankingModel`.

A term of few documents is kept with its scores, a term of many documents with its frequencies
(`searchidx.search.match.scored_terms`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from searchidx.arrays import DocIds, Float64Array
from searchidx.lru_cache import LRUCache
from searchidx.search.match.scored_terms import (
    DenseTerm,
    ScoredTerm,
    Scratch,
    SparseTerm,
    saturate,
)
from searchidx.search.match.unmarked_documents import find_unmarked_documents
from searchidx.search.ranking_model import DEFAULT_RANKING, RankingModel
from searchidx.store import FIELDS, Postings, Reader

CACHE_SIZE_BYTES: Final = 64 << 20
SPARSE_TERM_RATIO: Final = 8
"""A term with at least one posting for so many documents is kept as a dense term."""
_TERM_OVERHEAD_BYTES: Final = 1_000


class TermLookup(NamedTuple):
    """The indexed forms that make one term of a query.

    Attributes:
        view: One of the views of the index.
        forms: Forms in that view.  Several count as one term, as for a prefix.
        phrases: Rows of two or more forms in that view.  Each row in a text counts as one
            more occurrence of the term, as for an abbreviation and its long form.
    """

    view: str
    forms: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...] = ()


class Scorer:
    """Read and score the terms of a commit, and cache them.  Safe for use from many threads.

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
        self._document_count = max(reader.document_count, 1)
        self._cache: LRUCache[TermLookup, ScoredTerm] = LRUCache(CACHE_SIZE_BYTES, _nbytes)

    @cached_property
    def scratch(self) -> Scratch:
        """Return the arrays for the candidates of searches."""
        return Scratch(self._reader.size)

    @cached_property
    def factors(self) -> tuple[Float64Array, ...]:
        """Return the weight of one occurrence in every document, for each of `FIELDS`.

        It is weight / (1 - b + b · length / average): float64, shape (reader.size,).
        """
        b = self.model.b
        factors = []
        for field in FIELDS:
            lengths = self._reader.lengths(field)
            average = float(lengths.sum(where=self._reader.live)) / self._document_count
            # An empty field has no occurrences, but with b = 1 its norm would be 0.
            norm = 1 - b + b * (np.maximum(lengths, 1) / (average or 1.0))
            factors.append(self.model.field_weights[field] / norm)
        return tuple(factors)

    def _idf(self, document_frequency: int) -> float:
        n, df = self._document_count, document_frequency
        return float(np.log1p((n - df + 0.5) / (df + 0.5)))

    def term(self, view: str, form: str) -> ScoredTerm:
        """Return a term of one form, over all fields."""
        return self.terms([TermLookup(view, (form,))])[0]

    def terms(self, lookups: Sequence[TermLookup]) -> list[ScoredTerm]:
        """Return terms over all fields.  One call for many is faster than many calls."""
        terms = {lookup: self._cache.get(lookup) for lookup in lookups}
        missing = [lookup for lookup, term in terms.items() if term is None]
        wanted = [
            (f"{field}_{lookup.view}", form)
            for lookup in missing
            for field in FIELDS
            for form in lookup.forms
        ]
        postings = iter(self._reader.postings_lists(wanted))
        for lookup in missing:
            by_field = [[next(postings) for _ in lookup.forms] for _ in FIELDS]
            for field, of_field in zip(FIELDS, by_field, strict=True):
                of_field += [
                    self._phrase_postings(f"{field}_{lookup.view}_pair", phrase)
                    for phrase in lookup.phrases
                ]
            scored = terms[lookup] = self._score(by_field)
            self._cache.put(lookup, scored)
        return [term for lookup in lookups if (term := terms[lookup]) is not None]

    def _phrase_postings(self, pair_field: str, phrase: Sequence[str]) -> Postings:
        """Return the postings of a phrase, by those of its pairs of adjacent forms.

        A text that has every pair is taken to have the phrase, as often as its rarest pair.
        To read the positions instead would take longer than the whole search.

        Args:
            pair_field: The field of pairs.
            phrase: Two or more forms.
        """
        pairs = [(pair_field, f"{first} {second}") for first, second in pairwise(phrase)]
        shortest, *others = sorted(self._reader.postings_lists(pairs), key=len)
        doc_ids, frequencies = shortest.doc_ids, shortest.frequencies
        for other in others:
            doc_ids, places, other_places = np.intersect1d(
                doc_ids, other.doc_ids, assume_unique=True, return_indices=True
            )
            frequencies = np.minimum(frequencies[places], other.frequencies[other_places])
        return Postings(doc_ids, frequencies)

    def _score(self, by_field: Sequence[Sequence[Postings]]) -> ScoredTerm:
        """Return the term with these postings, for each field those of each form."""
        count = sum(len(each) for postings in by_field for each in postings)
        is_sparse = count * self._sparse_ratio < self._reader.size
        return self._sparse_term(by_field) if is_sparse else self._dense_term(by_field)

    def _dense_term(self, by_field: Sequence[Sequence[Postings]]) -> DenseTerm:
        size = self._reader.size
        dense = []
        held = np.zeros(size, np.bool_)
        for postings in by_field:
            largest = sum(int(each.frequencies.max()) for each in postings if len(each))
            frequencies: npt.NDArray[Any] | None = None
            if largest:
                frequencies = np.zeros(size, np.uint8 if largest < 1 << 8 else np.uint32)
                for each in postings:
                    frequencies[each.doc_ids] += each.frequencies.astype(frequencies.dtype)
                held |= frequencies != 0
            dense.append(frequencies)
        count = int(np.count_nonzero(held))
        return DenseTerm(
            tuple(dense),
            self.factors,
            count,
            self._idf(count),
            self.model.k1,
            _documents_in_titles(by_field),
        )

    def _sparse_term(self, by_field: Sequence[Sequence[Postings]]) -> SparseTerm:
        doc_ids = np.concatenate([p.doc_ids for postings in by_field for p in postings])
        tf = np.concatenate(
            [
                factors[each.doc_ids] * each.frequencies
                for factors, postings in zip(self.factors, by_field, strict=True)
                for each in postings
            ]
        )
        if sum(len(each) > 0 for postings in by_field for each in postings) > 1:
            # Each list is ascending: a stable sort merges them.
            order = np.argsort(doc_ids, kind="stable")
            doc_ids, tf = doc_ids[order], tf[order]
            firsts = np.flatnonzero(np.diff(doc_ids, prepend=-1))
            doc_ids, tf = doc_ids[firsts], np.add.reduceat(tf, firsts)
        idf = self._idf(len(doc_ids))
        scores = saturate(tf, idf, self.model.k1)
        return SparseTerm(doc_ids, scores, idf, _documents_in_titles(by_field))

    def constant(self, doc_ids: DocIds) -> SparseTerm:
        """Return a term that gives its idf to each of some documents.

        Args:
            doc_ids: int32, shape (n,), ascending.
        """
        idf = self._idf(len(doc_ids))
        return SparseTerm(doc_ids, np.full(len(doc_ids), idf), idf, np.zeros(0, np.int32))

    @cached_property
    def _unmarked_doc_ids(self) -> DocIds:
        """Return the documents that are written without diacritics: int32, ascending."""
        return find_unmarked_documents(self._reader)

    def unmarked_term(self, form: str) -> SparseTerm:
        """Return a form as documents have it that are written without diacritics.

        Its scores are 0: it only says which documents hold the form.

        Args:
            form: A syllable without diacritics.
        """
        doc_ids = self._unmarked_doc_ids
        if not len(doc_ids):
            return SparseTerm(doc_ids, np.zeros(0), 0.0, doc_ids)
        term = self.term("marked", form)
        held = doc_ids[term.is_in(doc_ids)]
        in_titles = np.intersect1d(term.title_doc_ids, held, assume_unique=True)
        return SparseTerm(held, np.zeros(len(held)), term.idf, in_titles)


def _documents_in_titles(by_field: Sequence[Sequence[Postings]]) -> DocIds:
    """Return the documents with any of a term's forms in the title, ascending, each once."""
    lists = [each.doc_ids for each in by_field[FIELDS.index("title")]]
    return lists[0] if len(lists) == 1 else np.unique(np.concatenate(lists))


def _nbytes(term: ScoredTerm) -> int:
    """Return the size of a cached term in bytes, objects included."""
    return _TERM_OVERHEAD_BYTES + term.nbytes()
