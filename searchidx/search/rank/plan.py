"""Plan a query: decide what to look up and what each term adds to a score.

A syllable is looked up in several views, so that diacritics count by degrees.  If it was
typed with diacritics, half of its weight belongs to documents that spell it the same way,
and the rest to all documents with its letters.  If it was typed without, a part of its
weight belongs to the spellings that the texts of the index make likely beside its neighbors
(`searchidx.search.rewrite.diacritics`).  Pairs of adjacent syllables are treated alike.

Words that only ask (`searchidx.language.question_words`) are not looked up.  The weights are
those of `searchidx.search.ranking_model.RankingModel`; docs/explanation/ranking.md tells how
they were chosen and what each part is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from searchidx.arrays import BoolArray, DocIds
from searchidx.search.match.bm25f import Scorer, TermLookup
from searchidx.search.match.boolean import documents_matching
from searchidx.search.match.prefixes import expand_prefix
from searchidx.search.match.scored_terms import ScoredTerm
from searchidx.search.query import syntax_tree as clauses
from searchidx.search.query.query import Query, Syllable
from searchidx.search.rank.title_match import match_titles
from searchidx.search.rank.views import ExactViews, Feature, GradedViews, Views, WeightedLookups
from searchidx.search.ranking_model import RankingModel
from searchidx.search.rewrite.abbreviations import Expansion
from searchidx.search.rewrite.diacritics import (
    Restoration,
    SyllableSpellings,
    restore_query_diacritics,
    spellings_by_syllable,
)
from searchidx.search.rewrite.document_codes import add_named_documents, find_named_documents
from searchidx.search.rewrite.question_syllables import find_question_syllables
from searchidx.store import Reader


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A distinct word of a query.

    Attributes:
        text: The word as it was typed.
        terms: The terms a document can hold the word by: its own form, the other form of an
            abbreviation, or a document code that it is part of.  A word that was typed with
            diacritics is held by texts that spell it so, and by texts without diacritics.
    """

    text: str
    terms: tuple[ScoredTerm, ...]

    def mark(self, mask: BoolArray) -> None:
        """Set the documents that hold the word in a mask, shape (reader.size,)."""
        for term in self.terms:
            term.mark(mask)

    def is_in(self, doc_ids: DocIds) -> BoolArray:
        """Return which of some documents hold the word: bool, shape (len(doc_ids),)."""
        held = np.zeros(len(doc_ids), np.bool_)
        for term in self.terms:
            held |= term.is_in(doc_ids)
        return held


@dataclass(frozen=True, slots=True)
class Plan:
    """The terms that a query looks up.

    Attributes:
        words: The distinct words, without those that only ask.
        other_spellings: Terms of words that were typed with diacritics, in any spelling.  A
            document with one of them matches, but does not hold the word for that.
        features: The terms that scores are the sum of: sparse terms first, then dense ones,
            each by descending `max_score`.
        dropped: The syllables that only ask and are not looked up.
        restoration: The syllables of the query with their likely diacritics.
        prefixes: The terms that each prefix of the query stands for, by its text.
        unknown_codes: The document codes in the query that no document names.
    """

    words: tuple[QueryWord, ...]
    other_spellings: tuple[ScoredTerm, ...]
    features: tuple[Feature, ...]
    dropped: frozenset[Syllable]
    restoration: Restoration
    prefixes: Mapping[str, TermLookup]
    unknown_codes: frozenset[str]

    def missing_words(self, doc_ids: DocIds) -> list[tuple[str, ...]]:
        """Return the words that each of some documents does not hold, in query order.

        Args:
            doc_ids: int32, shape (n,).
        """
        held = [word.is_in(doc_ids).tolist() for word in self.words]
        return [
            tuple(word.text for word, has in zip(self.words, row, strict=True) if not has)
            for row in zip(*held, strict=True)
        ] or [()] * len(doc_ids)


def plan_query(
    reader: Reader,
    scorer: Scorer,
    query: Query,
    *,
    exact: bool = False,
    expansions: Sequence[Expansion] = (),
) -> Plan:
    """Return the plan of a query.

    Args:
        reader: The commit to search.
        scorer: The scorer of that commit, with the ranking model.
        query: The query.
        exact: Require every word to be spelled with the diacritics that were typed.
        expansions: Other forms of abbreviations in the query.  A document that holds the
            other form holds the words that it stands for.

    Raises:
        IndexDamagedError: A file of the index is not what was written.
    """
    model = scorer.model
    restoration = (
        restore_query_diacritics(reader, query)
        if model.restore_diacritics
        else _without_restoration(query)
    )
    dropped = frozenset[Syllable]()
    if model.drop_question_words:
        dropped = find_question_syllables(query, restoration)
    abbreviations = _abbreviation_lookups(expansions)
    # Those of several syllables, such as KT-XH, are one word each.
    groups = {typed: lookup for typed, lookup in abbreviations.items() if len(typed) > 1}
    in_groups = {syllable for typed in groups for syllable in typed}
    syllables = [s for s in query.syllables if s not in dropped and s not in in_groups]
    inner_pairs = {pair for typed in groups for pair in pairwise(typed)}
    pairs = [
        pair
        for pair in query.pairs
        if model.pair_weight and dropped.isdisjoint(pair) and pair not in inner_pairs
    ]
    views: Views = ExactViews()
    if not exact:
        spellings = spellings_by_syllable(query, restoration)
        by_forms = {
            tuple(syllable.folded for syllable in typed): lookup
            for typed, lookup in abbreviations.items()
        }
        views = GradedViews(reader, model, spellings, len(syllables), by_forms)
    words = _group_by_form(views, syllables)
    alternatives = {
        form: alike
        for form, alike in _group_by_form(views, query.alternatives).items()
        if form not in words
    }
    prefixes = prefix_lookups(reader, query, exact=exact)

    features, base_terms = _text_features(
        scorer, views, words | alternatives, groups, pairs, prefixes
    )
    held_by: dict[str, list[ScoredTerm]] = {
        form: _terms_holding(scorer, views, form, alike, base_terms[form])
        for form, alike in words.items()
    }
    other_spellings = tuple(
        base_terms[form] for form, alike in words.items() if views.typed_spellings(alike)
    )
    held_by |= {_group_form(typed): [base_terms[_group_form(typed)]] for typed in groups}
    if held_by and model.title_match_weight:
        count = sum(syllable not in dropped for run in query.runs for syllable in run)
        titles = match_titles(reader, model, [*held_by.values()], count)
        features.append(Feature("title", query.meant, titles, model.title_match_weight))
    for expansion in expansions:
        if expansion.spellings:
            continue  # its long form is part of the word's term
        constant = scorer.constant(documents_matching(reader, expansion.phrase))
        features.append(Feature("expansion", expansion.text, constant, model.expansion_weight))
        for form in {views.form(s) for s in expansion.typed} & held_by.keys():
            held_by[form].append(constant)
    named = find_named_documents(reader, scorer, query, exact=exact)
    features += [Feature("code", each.text, each.term, each.weight) for each in named]
    texts = [str(alike[0]) for alike in words.values()]
    texts += map(_group_form, groups)
    texts += [each.text for each in named if each.word is not None]
    terms_of_words = add_named_documents(held_by, named, views.form)
    query_words = map(QueryWord, texts, map(tuple, terms_of_words))
    return Plan(
        words=tuple(query_words),
        other_spellings=other_spellings,
        features=_in_scoring_order(features),
        dropped=dropped,
        restoration=restoration,
        prefixes=prefixes,
        unknown_codes=frozenset(each.text for each in named if not each.term.count),
    )


def _abbreviation_lookups(
    expansions: Sequence[Expansion],
) -> dict[tuple[Syllable, ...], TermLookup]:
    """Return the term of each abbreviation of a query, with its long forms."""
    forms: dict[tuple[Syllable, ...], dict[tuple[str, ...], None]] = {}
    for expansion in expansions:
        if expansion.spellings:
            phrase = tuple(syllable.folded for syllable in expansion.phrase.syllables)
            several = forms.setdefault(expansion.typed, dict.fromkeys(expansion.spellings))
            several[phrase] = None
    return {
        typed: TermLookup(
            "folded",
            tuple(each[0] for each in several if len(each) == 1),
            tuple(each for each in several if len(each) > 1),
        )
        for typed, several in forms.items()
    }


def _terms_holding(
    scorer: Scorer, views: Views, form: str, alike: Sequence[Syllable], base: ScoredTerm
) -> list[ScoredTerm]:
    """Return the terms by which a document holds a word.

    Args:
        scorer: The scorer of the commit.
        views: What is looked up for a syllable.
        form: The form of the word.
        alike: The syllables of the query with that form.
        base: The term of the form.
    """
    typed = views.typed_spellings(alike)
    if not typed:
        return [base]
    return [*(scorer.term("marked", each) for each in typed), scorer.unmarked_term(form)]


def _text_features(
    scorer: Scorer,
    views: Views,
    words: Mapping[str, Sequence[Syllable]],
    groups: Mapping[tuple[Syllable, ...], TermLookup],
    pairs: Sequence[tuple[Syllable, Syllable]],
    prefixes: Mapping[str, TermLookup],
) -> tuple[list[Feature], dict[str, ScoredTerm]]:
    """Return the features of words, pairs and prefixes, and the base term of each word.

    Args:
        scorer: The scorer of the commit.
        views: What is looked up for a syllable and for a pair.
        words: The syllables of each word by its form.
        groups: The terms of abbreviations that were typed in several syllables.
        pairs: The adjacent syllables.
        prefixes: The terms that each prefix stands for, by its text.
    """
    of_words = {form: views.syllable(form, alike) for form, alike in words.items()}
    of_words |= {_group_form(typed): WeightedLookups(term) for typed, term in groups.items()}
    of_pairs = [views.pair(*pair) for pair in pairs]
    # One call for all terms, because the postings are then read in one pass.
    lookups = [lookup for each in (*of_words.values(), *of_pairs) for lookup in each.lookups]
    lookups += prefixes.values()
    terms = dict(zip(lookups, scorer.terms(lookups), strict=True))
    base_terms = {form: terms[each.base] for form, each in of_words.items()}
    for typed, lookup in groups.items():
        base_terms |= {views.form(syllable): terms[lookup] for syllable in typed}

    features: list[Feature] = []
    for each in of_words.values():
        features += each.features(terms, 1.0)
    for pair, each in zip(pairs, of_pairs, strict=True):
        syllable_idf = max(base_terms[views.form(syllable)].idf for syllable in pair)
        weight = _pair_weight(scorer.model, terms[each.base].idf, syllable_idf)
        features += each.features(terms, weight)
    for text, lookup in prefixes.items():
        features.append(Feature("prefix", text, terms[lookup], 1.0))
    return features, base_terms


def prefix_lookups(reader: Reader, query: Query, *, exact: bool) -> dict[str, TermLookup]:
    """Return the terms that each prefix of a query stands for, by the text of the prefix."""
    prefixes = dict.fromkeys(clauses.prefix_clauses(query.root.clauses))
    expanded = {
        str(prefix): expand_prefix(reader, prefix, exact=exact).terms for prefix in prefixes
    }
    return {
        text: TermLookup(terms[0][0], tuple(form for _, form in terms))
        for text, terms in expanded.items()
        if terms
    }


def _group_form(typed: Sequence[Syllable]) -> str:
    """Return the form of an abbreviation that was typed in several syllables."""
    return "-".join(map(str, typed))


def _without_restoration(query: Query) -> Restoration:
    """Return the syllables of a query with the diacritics that were typed and no others."""
    forms = tuple(syllable.marked for run in query.runs for syllable in run)
    spellings = tuple(SyllableSpellings((form,), np.ones(1)) for form in forms)
    return Restoration(spellings, forms, 1.0)


def _group_by_form(views: Views, syllables: Iterable[Syllable]) -> dict[str, list[Syllable]]:
    """Return the syllables of each distinct word by its form, in the order of the query."""
    groups: dict[str, list[Syllable]] = {}
    for syllable in syllables:
        groups.setdefault(views.form(syllable), []).append(syllable)
    return groups


def _pair_weight(model: RankingModel, pair_idf: float, syllable_idf: float) -> float:
    """Return the weight of a pair: what it tells beyond the rarer of its syllables.

    The idf of a pair is about -ln P(pair), that of its rarer syllable -ln P(syllable).
    Their difference is -ln P(pair | syllable).

    Args:
        model: The weights of the ranking.
        pair_idf: The idf of the pair.
        syllable_idf: The larger idf of its two syllables.
    """
    if not model.pair_weight_by_idf:
        return model.pair_weight
    return model.pair_weight * max(0.0, pair_idf - syllable_idf) / pair_idf if pair_idf else 0.0


def _in_scoring_order(features: Iterable[Feature]) -> tuple[Feature, ...]:
    """Return the features that add to any score, in the order that pruning needs."""
    return tuple(
        sorted(
            (each for each in features if each.term.count and each.weight),
            key=lambda each: (each.term.is_dense, -each.max_score),
        )
    )
