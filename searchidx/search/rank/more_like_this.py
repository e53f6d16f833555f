"""Documents that are like a document: more of what it is about.

Of the document's syllables, pairs of syllables and document codes the most telling ones are
looked for, each with a weight that says how much the document is about it:

    weight(t) = share(view) · idf(t) · (k3 + 1) · f / (k3 + f)
    score(d)  = Σ_t  weight(t) · (k1 + 1) · tf(t, d) / (k1 + tf(t, d))

with f the frequency of the term in the document, its title counted as often as BM25F counts
it, and tf(t, d) that of `searchidx.search.match.bm25f`.  This is BM25 with frequencies of query
terms (Robertson and others, *Okapi at TREC-3*, 1994), over terms chosen as they are for
relevance feedback.  Pairs say most of what a text is about, and two documents that name a
third one are seldom strangers; docs/how-to/read-results.md has what each view is worth.

The terms of an indexed document are read from its stored syllables: nothing is analysed.
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

MOST_SYLLABLES: Final = 20_000
"""How much of a title, and of a body, is looked at, in syllables."""
_MOST_CHARACTERS: Final = 32 * MOST_SYLLABLES
_SHOWN: Final = 20
"""How many of the terms are looked for in what is shown."""


@dataclass(frozen=True, slots=True)
class ExampleDocument:
    """What others are to be like.

    Attributes:
        forms: Folded syllables, each once: all of its own, and all of `held`.
        title, body: Its syllables in order, as places among `forms`: int32, shape (n,).
        codes: The document codes that it names.
        number: Its number in the index, or None.
        held: As `title` and `body`, those of the document of that number, which may say
            something else.
        held_codes: The document codes that it names there.
    """

    forms: Sequence[str]
    title: Int32Array
    body: Int32Array
    codes: Sequence[str]
    number: int | None
    held: tuple[Int32Array, Int32Array]
    held_codes: Sequence[str]

    @classmethod
    def stored(cls, reader: Reader, number: int) -> ExampleDocument:
        """A document of the index."""
        forms, title, body = reader.positions.folded_syllables(number, MOST_SYLLABLES)
        keywords = reader.keywords.postings("code")
        named = keywords.term_indexes[keywords.doc_ids == number].tolist()
        codes = [keywords.terms[code] for code in named]
        return cls(forms, title, body, codes, number, (title, body), codes)

    @classmethod
    def of(cls, reader: Reader, document: Document) -> ExampleDocument:
        """A document that need not be in the index."""
        from searchidx.language.codes import find_codes

        read: list[list[str]] = []
        codes: dict[str, None] = {}
        for field in FIELDS:
            tokens = tokenize_syllables(getattr(document, field)[:_MOST_CHARACTERS])
            read.append(tokens.folded[:MOST_SYLLABLES])
            end = tokens.ends[len(read[-1]) - 1] if read[-1] else 0
            codes.update(dict.fromkeys(c.canonical for c in find_codes(tokens.text[:end])))
        number = reader.doc_id(document.id)
        held: list[list[str]] = [[] for _ in FIELDS]
        held_codes: Sequence[str] = ()
        if number is not None:
            own = cls.stored(reader, number)
            held = [[own.forms[at] for at in each.tolist()] for each in own.held]
            held_codes = own.held_codes
        # In the order of the index, by which terms of equal weight are told apart.
        forms = sorted({form for of_field in (*read, *held) for form in of_field})
        places = {form: place for place, form in enumerate(forms)}
        title, body, *others = (
            np.array([places[form] for form in each], np.int32) for each in (*read, *held)
        )
        held_title, held_body = others
        return cls(
            forms, title, body, sorted(codes), number, (held_title, held_body), held_codes
        )


@dataclass(frozen=True, slots=True)
class InterestingTerm:
    """A term that tells what a document is about.

    Attributes:
        view: "folded_pair", "folded" or "code".
        term: As it is indexed.
        weight: How much the document is about it.
    """

    view: str
    term: str
    weight: float


def interesting_terms(
    reader: Reader, example: ExampleDocument, model: RankingModel = DEFAULT_RANKING
) -> list[InterestingTerm]:
    """The terms that tell most, those that weigh most first; at most `like_max_terms`."""
    views = (_pairs, _syllables, _codes)
    found = [each for view in views for each in _weighed(reader, model, example, view)]
    return sorted(found, key=lambda each: -each.weight)[: model.like_max_terms]


def _weighed(
    reader: Reader,
    model: RankingModel,
    example: ExampleDocument,
    view: Callable[[Reader, RankingModel, ExampleDocument], _Found],
) -> list[InterestingTerm]:
    """The terms of a view that tell most, those that weigh most first."""
    count = max(reader.document_count, 1)
    name, terms, frequencies, counts, held = view(reader, model, example)
    documents = np.minimum(np.max(counts, axis=0), count)
    idf = np.log1p((count - documents + 0.5) / (documents + 0.5))
    k3, share = model.like_k3, _shares(model)[name]
    weights = share * idf * (k3 + 1) * frequencies / (k3 + frequencies)
    # What no other document has tells nothing of others.  The example's own document is one
    # of those that have a term in a field, or none of them.
    others = np.any([has > own for has, own in zip(counts, held, strict=True)], axis=0)
    kept = np.flatnonzero(others & (weights > 0))
    chosen = kept[np.argsort(-weights[kept], kind="stable")[: model.like_max_terms]]
    return [InterestingTerm(name, terms(at), float(weights[at])) for at in chosen.tolist()]


_Found = tuple[
    str, Callable[[int], str], Float64Array, Sequence[Int64Array], Sequence[BoolArray]
]
"""A view; and of its terms each as text, and its frequency; and of each field how many
documents have each term there, removed ones included, and whether the example's own one has."""


def _shares(model: RankingModel) -> dict[str, float]:
    """What a term of each view counts against one of another view of the same rarity."""
    return {
        "folded_pair": model.like_pair_weight,
        "folded": model.like_syllable_weight,
        "code": model.like_code_weight,
    }


def _syllables(reader: Reader, model: RankingModel, example: ExampleDocument) -> _Found:
    forms = example.forms
    frequencies = np.zeros(len(forms))
    for places, field in zip((example.title, example.body), FIELDS, strict=True):
        frequencies += model.field_weights[field] * np.bincount(places, minlength=len(forms))
    vocabulary = reader.vocabulary
    known = vocabulary.term_numbers("folded", forms)
    counts = [vocabulary.document_counts(f"{field}_folded", known) for field in FIELDS]
    held = [np.bincount(places, minlength=len(forms)) > 0 for places in example.held]
    return "folded", forms.__getitem__, frequencies, counts, held


def _pairs(reader: Reader, model: RankingModel, example: ExampleDocument) -> _Found:
    forms, width = example.forms, len(example.forms)

    def keys_of(places: Int32Array) -> Int64Array:
        keys: Int64Array = places[:-1].astype(np.int64) * width + places[1:]
        return keys

    keys = [keys_of(places) for places in (example.title, example.body)]
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
    counts = [
        vocabulary.pair_counts_in_field(f"{field}_folded_pair", one, two) for field in FIELDS
    ]
    held = [np.isin(pairs, keys_of(places)) for places in example.held]

    def term(at: int) -> str:
        return f"{forms[firsts[at]]} {forms[seconds[at]]}"

    return "folded_pair", term, frequencies, counts, held


def _codes(reader: Reader, model: RankingModel, example: ExampleDocument) -> _Found:
    codes = example.codes
    counts = [
        reader.vocabulary.document_counts("code", reader.vocabulary.term_numbers("code", codes))
    ]
    own = frozenset(example.held_codes)
    held = [np.array([code in own for code in codes], np.bool_)]
    return "code", codes.__getitem__, np.ones(len(codes)), counts, held


def rank_similar(
    reader: Reader,
    scorer: Scorer,
    telling: Sequence[InterestingTerm],
    *,
    limit: int,
    without: int | None = None,
) -> Ranking:
    """The documents with some of these terms, best first, ties in document order.

    Args:
        reader: The commit that is searched.
        scorer: Its scorer.
        telling: The terms.
        limit: How many to give.
        without: A document to leave out.
    """
    scores = np.zeros(reader.size)
    frequencies = np.zeros(reader.size)
    read = 0
    k1 = scorer.model.k1
    for each in telling:
        if each.view == "code":
            documents = reader.postings("code", each.term).doc_ids
            scores[documents] += each.weight
            read += len(documents)
            continue
        fields = [reader.postings(f"{field}_{each.view}", each.term) for field in FIELDS]
        for postings, factor in zip(fields, scorer.factors, strict=True):
            documents = postings.doc_ids
            frequencies[documents] += factor[documents] * postings.frequencies
            read += len(documents)
        for postings in fields:
            documents = postings.doc_ids
            tf = frequencies[documents]
            scores[documents] += each.weight * (k1 + 1) * tf / (k1 + tf)
            frequencies[documents] = 0.0  # it is scored once, and the next term begins anew
        if read > scorer.model.like_max_postings:
            break
    if without is not None:
        scores[without] = 0.0
    candidates = np.flatnonzero(scores).astype(np.int32)
    chosen, values = top_k(candidates, limit, scores[candidates])
    whole = np.ones(len(chosen), np.bool_)
    return Ranking(chosen, values, whole, len(candidates), len(candidates))


class SimilarDocuments:
    """A ranking of the documents that are like one.

    Args:
        reader: The commit that is searched.
        scorer: Its scorer.
        example: The number of a document, or a document that need not be in the index.
    """

    def __init__(self, reader: Reader, scorer: Scorer, example: int | Document) -> None:
        self._reader = reader
        self._scorer = scorer
        self._example = (
            ExampleDocument.of(reader, example)
            if isinstance(example, Document)
            else ExampleDocument.stored(reader, example)
        )
        self._telling = interesting_terms(reader, self._example, scorer.model)

    def ranked(self, limit: int, offset: int) -> Ranking:
        """At most `limit` documents of the ranking, from rank `offset` on.

        Those among the first that say nearly the same as the document itself come after
        the other ones of these: who has read it has read them.
        """
        number = self._example.number
        window = self._scorer.model.near_duplicate_window
        found = rank_similar(
            self._reader,
            self._scorer,
            self._telling,
            limit=max(window, offset + limit),
            without=number,
        )
        order = np.arange(len(found.documents))
        if number is not None:
            same = find_near_duplicates(
                self._reader, self._scorer.model, number, found.documents[:window]
            )
            order[: len(same)] = np.argsort(same, kind="stable")
        part = order[offset : offset + limit]
        return replace(
            found,
            documents=found.documents[part],
            scores=found.scores[part],
            complete=found.complete[part],
        )

    def shown_terms(self) -> HighlightTerms:
        """What is looked for in the texts that are shown."""
        shown = self._telling[:_SHOWN]
        runs = [tuple(tokenize_syllables(each.term).folded) for each in shown]
        return HighlightTerms(
            weights={each.term: each.weight for each in shown if each.view == "folded"},
            phrases=tuple(run for run in runs if len(run) > 1),
        )
