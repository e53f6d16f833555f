"""Rank documents by how much they are like an example document.

The most interesting terms of the example are looked up: pairs of adjacent syllables, single
syllables and document codes.  Each has a weight that says how much the example is about it:

    weight(t) = weight(view) · idf(t) · (k3 + 1) · f / (k3 + f)
    score(d)  = Σ_t  weight(t) · (k1 + 1) · tf(t, d) / (k1 + tf(t, d))

f is the frequency of the term in the example, with its title weighted as in BM25F, and
tf(t, d) is that of `searchidx.search.match.bm25f`.  This is BM25 with frequencies of query
terms (Robertson and others, *Okapi at TREC-3*, 1994), over terms selected as for relevance
feedback.  Documents that name the same third document are often related, so codes weigh much.
docs/how-to/read-results.md has what each view is worth.

The terms of an indexed document are read from its stored syllables.  Nothing is analyzed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from searchidx.arrays import BoolArray, Float64Array, Int32Array, Int64Array
from searchidx.document import Document
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.search.match.bm25f import Scorer
from searchidx.search.match.top_k import top_k
from searchidx.search.rank.near_duplicates import find_near_duplicates
from searchidx.search.rank.ranking import Ranking
from searchidx.search.ranking_model import DEFAULT_RANKING, RankingModel
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.store import FIELDS, Reader

MAX_FIELD_SYLLABLES: Final = 20_000
"""Number of syllables of a title, and of a body, that are read."""
_MAX_FIELD_CODE_POINTS: Final = 32 * MAX_FIELD_SYLLABLES
_MAX_HIGHLIGHTED_TERMS: Final = 20


@dataclass(frozen=True, slots=True)
class ExampleDocument:
    """A document that other documents are compared with.

    If an example that is not read from the index has the id of an indexed document, that
    document may have another text.  Terms that only it has are then known to be its own.

    Attributes:
        forms: Distinct folded syllables of the example and of the indexed document.
        title: int32, shape (n,): the syllables of its title as indices of `forms`.
        body: int32, shape (n,): the same of its body.
        codes: The document codes that it names.
        doc_id: The indexed document with its id, or None.
        indexed_fields: `title` and `body` of the indexed document.
        indexed_codes: The document codes that the indexed document names.
    """

    forms: Sequence[str]
    title: Int32Array
    body: Int32Array
    codes: Sequence[str]
    doc_id: int | None
    indexed_fields: tuple[Int32Array, Int32Array]
    indexed_codes: Sequence[str]

    @classmethod
    def from_index(cls, reader: Reader, doc_id: int) -> ExampleDocument:
        """Return a document of the index as an example."""
        forms, title, body = reader.positions.folded_syllables(doc_id, MAX_FIELD_SYLLABLES)
        keywords = reader.keywords.postings("code")
        named = keywords.term_indexes[keywords.doc_ids == doc_id].tolist()
        codes = [keywords.terms[code] for code in named]
        return cls(forms, title, body, codes, doc_id, (title, body), codes)

    @classmethod
    def from_document(cls, reader: Reader, document: Document) -> ExampleDocument:
        """Return a document that need not be in the index as an example."""
        from searchidx.language.codes import find_codes

        fields: list[list[str]] = []
        codes: dict[str, None] = {}
        for field in FIELDS:
            tokens = tokenize_syllables(getattr(document, field)[:_MAX_FIELD_CODE_POINTS])
            fields.append(tokens.folded[:MAX_FIELD_SYLLABLES])
            end = tokens.ends[len(fields[-1]) - 1] if fields[-1] else 0
            codes.update(dict.fromkeys(c.canonical for c in find_codes(tokens.text[:end])))
        doc_id = reader.doc_id(document.id)
        indexed_fields: list[list[str]] = [[] for _ in FIELDS]
        indexed_codes: Sequence[str] = ()
        if doc_id is not None:
            own = cls.from_index(reader, doc_id)
            indexed_fields = [
                [own.forms[form] for form in each.tolist()] for each in own.indexed_fields
            ]
            indexed_codes = own.indexed_codes
        # The order of the index, which decides between terms of equal weight.
        forms = sorted({form for field in (*fields, *indexed_fields) for form in field})
        numbers = {form: number for number, form in enumerate(forms)}
        title, body, indexed_title, indexed_body = (
            np.array([numbers[form] for form in each], np.int32)
            for each in (*fields, *indexed_fields)
        )
        return cls(
            forms,
            title,
            body,
            sorted(codes),
            doc_id,
            (indexed_title, indexed_body),
            indexed_codes,
        )


@dataclass(frozen=True, slots=True)
class InterestingTerm:
    """A term that tells what a document is about.

    Attributes:
        view: "folded_pair", "folded" or "code".
        term: The term as it is indexed.
        weight: How much the document is about it.
    """

    view: str
    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class _TermStatistics:
    """The terms of an example in one view.

    Attributes:
        view: The view.
        weight: Weight of the view.
        term: Returns the text of a term by its index.
        frequencies: float64, shape (terms,): frequency in the example, weighted by field.
        document_counts: For each field int64, shape (terms,): number of documents with the
            term in that field, deleted ones included.
        in_indexed: For each field bool, shape (terms,): whether the indexed document of the
            example has the term in that field.
    """

    view: str
    weight: float
    term: Callable[[int], str]
    frequencies: Float64Array
    document_counts: Sequence[Int64Array]
    in_indexed: Sequence[BoolArray]


def interesting_terms(
    reader: Reader, example: ExampleDocument, model: RankingModel = DEFAULT_RANKING
) -> list[InterestingTerm]:
    """Return the `RankingModel.like_max_terms` terms with the largest weights, sorted.

    Args:
        reader: The commit to search.
        example: The example.
        model: The weights of the ranking.
    """
    terms = [
        term
        for view in (_pairs, _syllables, _codes)
        for term in _weigh(reader, model, view(reader, example, model))
    ]
    return sorted(terms, key=lambda term: -term.weight)[: model.like_max_terms]


def _weigh(
    reader: Reader, model: RankingModel, statistics: _TermStatistics
) -> list[InterestingTerm]:
    """Return the terms of a view with the largest weights, the largest first."""
    count = max(reader.document_count, 1)
    document_frequencies = np.minimum(np.max(statistics.document_counts, axis=0), count)
    idf = np.log1p((count - document_frequencies + 0.5) / (document_frequencies + 0.5))
    k3, frequencies = model.like_k3, statistics.frequencies
    weights = statistics.weight * idf * (k3 + 1) * frequencies / (k3 + frequencies)
    # A term that no other document has finds none.
    in_others = np.any(
        [
            documents > own
            for documents, own in zip(
                statistics.document_counts, statistics.in_indexed, strict=True
            )
        ],
        axis=0,
    )
    kept = np.flatnonzero(in_others & (weights > 0))
    largest = kept[np.argsort(-weights[kept], kind="stable")[: model.like_max_terms]]
    return [
        InterestingTerm(statistics.view, statistics.term(term), float(weights[term]))
        for term in largest.tolist()
    ]


def _pairs(reader: Reader, example: ExampleDocument, model: RankingModel) -> _TermStatistics:
    """Return the statistics of the pairs of adjacent syllables of an example."""
    forms, width = example.forms, len(example.forms)

    def pair_keys(syllables: Int32Array) -> Int64Array:
        keys: Int64Array = syllables[:-1].astype(np.int64) * width + syllables[1:]
        return keys

    keys = [pair_keys(syllables) for syllables in (example.title, example.body)]
    pairs, numbers = np.unique(np.concatenate(keys), return_inverse=True)
    weights = [
        np.full(len(of_field), model.field_weights[field])
        for of_field, field in zip(keys, FIELDS, strict=True)
    ]
    frequencies = np.bincount(numbers, np.concatenate(weights), len(pairs)).astype(np.float64)
    firsts, seconds = np.divmod(pairs, max(width, 1))
    vocabulary = reader.vocabulary
    known = vocabulary.term_numbers("folded", forms)
    one, two = known[:, firsts], known[:, seconds]
    return _TermStatistics(
        view="folded_pair",
        weight=model.like_pair_weight,
        term=lambda pair: f"{forms[firsts[pair]]} {forms[seconds[pair]]}",
        frequencies=frequencies,
        document_counts=[
            vocabulary.pair_counts_in_field(f"{field}_folded_pair", one, two)
            for field in FIELDS
        ],
        in_indexed=[
            np.isin(pairs, pair_keys(syllables)) for syllables in example.indexed_fields
        ],
    )


def _syllables(
    reader: Reader, example: ExampleDocument, model: RankingModel
) -> _TermStatistics:
    """Return the statistics of the single syllables of an example."""
    forms = example.forms
    frequencies = np.zeros(len(forms))
    for syllables, field in zip((example.title, example.body), FIELDS, strict=True):
        counts = np.bincount(syllables, minlength=len(forms))
        frequencies += model.field_weights[field] * counts
    vocabulary = reader.vocabulary
    known = vocabulary.term_numbers("folded", forms)
    return _TermStatistics(
        view="folded",
        weight=model.like_syllable_weight,
        term=forms.__getitem__,
        frequencies=frequencies,
        document_counts=[
            vocabulary.document_counts(f"{field}_folded", known) for field in FIELDS
        ],
        in_indexed=[
            np.bincount(syllables, minlength=len(forms)) > 0
            for syllables in example.indexed_fields
        ],
    )


def _codes(reader: Reader, example: ExampleDocument, model: RankingModel) -> _TermStatistics:
    """Return the statistics of the document codes that an example names."""
    codes, vocabulary = example.codes, reader.vocabulary
    indexed = frozenset(example.indexed_codes)
    return _TermStatistics(
        view="code",
        weight=model.like_code_weight,
        term=codes.__getitem__,
        frequencies=np.ones(len(codes)),
        document_counts=[
            vocabulary.document_counts("code", vocabulary.term_numbers("code", codes))
        ],
        in_indexed=[np.array([code in indexed for code in codes], np.bool_)],
    )


def rank_similar(
    reader: Reader,
    scorer: Scorer,
    terms: Sequence[InterestingTerm],
    *,
    limit: int,
    without: int | None = None,
) -> Ranking:
    """Return the documents with some of the terms, best first, ties in document order.

    Args:
        reader: The commit to search.
        scorer: The scorer of that commit, with the ranking model.
        terms: The terms with their weights.
        limit: Number of documents to return.
        without: A document to leave out.
    """
    scores = np.zeros(reader.size)
    frequencies = np.zeros(reader.size)
    read_postings = 0
    k1 = scorer.model.k1
    for term in terms:
        if term.view == "code":
            doc_ids = reader.postings("code", term.term).doc_ids
            scores[doc_ids] += term.weight
            read_postings += len(doc_ids)
            continue
        fields = [reader.postings(f"{field}_{term.view}", term.term) for field in FIELDS]
        for postings, factors in zip(fields, scorer.factors, strict=True):
            doc_ids = postings.doc_ids
            frequencies[doc_ids] += factors[doc_ids] * postings.frequencies
            read_postings += len(doc_ids)
        for postings in fields:
            doc_ids = postings.doc_ids
            tf = frequencies[doc_ids]
            scores[doc_ids] += term.weight * (k1 + 1) * tf / (k1 + tf)
            # A document with the term in both fields is scored once, and the array is empty
            # again for the next term.
            frequencies[doc_ids] = 0.0
        if read_postings > scorer.model.like_max_postings:
            break
    if without is not None:
        scores[without] = 0.0
    candidates = np.flatnonzero(scores).astype(np.int32)
    doc_ids, values = top_k(candidates, limit, scores[candidates])
    complete = np.ones(len(doc_ids), np.bool_)
    return Ranking(doc_ids, values, complete, len(candidates), len(candidates))


class SimilarDocuments:
    """Rank the documents that are like an example.

    Args:
        reader: The commit to search.
        scorer: The scorer of that commit, with the ranking model.
        example: The number of a document, or a document that need not be in the index.
    """

    def __init__(self, reader: Reader, scorer: Scorer, example: int | Document) -> None:
        self._reader = reader
        self._scorer = scorer
        self._example = (
            ExampleDocument.from_document(reader, example)
            if isinstance(example, Document)
            else ExampleDocument.from_index(reader, example)
        )
        self._terms = interesting_terms(reader, self._example, scorer.model)

    def rank(self, limit: int, offset: int) -> Ranking:
        """Return at most `limit` documents of the ranking, from rank `offset` on.

        Near-duplicates of the example come after the other documents of the first window,
        because a reader of the example knows them already.
        """
        doc_id, model = self._example.doc_id, self._scorer.model
        window = model.near_duplicate_window
        ranking = rank_similar(
            self._reader,
            self._scorer,
            self._terms,
            limit=max(window, offset + limit),
            without=doc_id,
        )
        order = np.arange(len(ranking.doc_ids))
        if doc_id is not None:
            first = ranking.doc_ids[:window]
            duplicates = find_near_duplicates(self._reader, model, doc_id, first)
            order[: len(duplicates)] = np.argsort(duplicates, kind="stable")
        part = order[offset : offset + limit]
        return replace(
            ranking,
            doc_ids=ranking.doc_ids[part],
            scores=ranking.scores[part],
            complete=ranking.complete[part],
        )

    def highlight_terms(self) -> HighlightTerms:
        """Return the most interesting terms, for snippets and highlights."""
        terms = self._terms[:_MAX_HIGHLIGHTED_TERMS]
        phrases = [tuple(tokenize_syllables(each.term).folded) for each in terms]
        return HighlightTerms(
            weights={each.term: each.weight for each in terms if each.view == "folded"},
            phrases=tuple(phrase for phrase in phrases if len(phrase) > 1),
        )
