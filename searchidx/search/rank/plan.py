"""A query as what is looked up: its words, and what their terms give to documents.

Each syllable is looked for in several views, so that marks count by degrees.  Of the weight
of a syllable that was typed with marks, half belongs to the documents that spell it so, a
tenth to those that spell it with the same vowels and any tone, and the rest to all that
have its letters.  Of one that was typed without marks, some belongs to the spellings that
the index's own texts make likely beside its neighbours (`searchidx.search.rewrite.diacritics`).
The same for pairs of syllables that were typed side by side.

Words that only make a question of a query (`searchidx.language.question_words`) are not looked
for.  How the weights were chosen, and what each part is worth: docs/explanation/ranking.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from searchidx.arrays import BoolArray
from searchidx.language.orthography import without_tone
from searchidx.language.question_words import question_words
from searchidx.search.match.bm25f import ScoredTerm, Scorer, TermLookup
from searchidx.search.match.boolean import documents_matching
from searchidx.search.match.prefixes import expand_prefix
from searchidx.search.query import syntax_tree as clauses
from searchidx.search.query.query import Query, Syllable
from searchidx.search.ranking_model import RankingModel
from searchidx.search.rewrite.abbreviations import Expansion
from searchidx.search.rewrite.diacritics import (
    Restoration,
    SyllableSpellings,
    restore_query_diacritics,
    spellings_by_syllable,
)
from searchidx.search.rewrite.document_codes import add_named_documents, find_named_documents
from searchidx.store import Reader


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A distinct word of a query.

    Attributes:
        forms: What holds it: its own form, and the other ways to say it.
    """

    forms: tuple[ScoredTerm, ...]

    def mark(self, mask: BoolArray) -> None:
        """Marks the documents that hold the word."""
        for form in self.forms:
            form.mark(mask)

    @property
    def idf(self) -> float:
        """How rare it is; 0 for one that no document holds, which tells them not apart."""
        return max(form.idf if form.count else 0.0 for form in self.forms)


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that adds to the scores of the documents that have it.

    Attributes:
        view: What it is looked for in: "folded", "marked", "toned", "folded_pair",
            "marked_pair", "prefix", "code" or "expansion".
        text: What is looked for.
        term: What gives the scores.
        weight: What these are multiplied with.
    """

    view: str
    text: str
    term: ScoredTerm
    weight: float

    @property
    def bound(self) -> float:
        """No less than it adds to any document."""
        return self.weight * self.term.bound


@dataclass(frozen=True, slots=True)
class Plan:
    """What answers a query.

    Attributes:
        words: The words.
        features: What their scores are the sum of, the rare ones first and then those that
            may add most.
        least: The sum of the idf of the words that a document must hold, if one holds so
            much.
        all_first: Whether documents with all the words come before the others.
        unasked: The syllables of the query that are not looked for.
        restored: Its syllables with the marks that the index's texts make likely.
        begun: What the beginnings that it asks for stand for, by how they are typed.
        unnamed: The document codes in it that no report names.
    """

    words: tuple[QueryWord, ...]
    features: tuple[Feature, ...]
    least: float
    all_first: bool
    unasked: frozenset[Syllable]
    restored: Restoration
    begun: Mapping[str, TermLookup]
    unnamed: frozenset[str]


def make_plan(
    reader: Reader,
    scorer: Scorer,
    query: Query,
    *,
    exact: bool = False,
    expansions: Sequence[Expansion] = (),
) -> Plan:
    """What a query looks up.

    Args:
        reader: The commit that is searched.
        scorer: Its scorer.
        query: The query.
        exact: Every word must be spelled with the marks that it was typed with.
        expansions: Other ways to say parts of the query.  A document that holds one holds
            the words that it stands for.
    """
    model = scorer.model
    restored = (
        restore_query_diacritics(reader, query)
        if model.restore_diacritics
        else _as_typed(query)
    )
    unasked = question_syllables(query, restored) if model.drop_question_words else frozenset()
    syllables = [syllable for syllable in query.syllables if syllable not in unasked]
    pairs = (
        [pair for pair in query.pairs if unasked.isdisjoint(pair)] if model.pair_weight else []
    )
    views = (
        _Exact()
        if exact
        else _Views(reader, model, spellings_by_syllable(query, restored), len(syllables))
    )
    alike, others = (_by_form(views.form, each) for each in (syllables, query.alternatives))
    others = {form: same for form, same in others.items() if form not in alike}
    proposals = [views.syllable(form, same) for form, same in alike.items()]
    held = {form: proposal.own for form, proposal in zip(alike, proposals, strict=True)}
    proposals += [views.syllable(form, same) for form, same in others.items()]
    proposals += [views.pair(*pair) for pair in pairs]
    begun = prefix_lookups(reader, query, exact=exact)
    lookups = [lookup for proposal in proposals for lookup in proposal.lookups]
    lookups += begun.values()
    terms = dict(zip(lookups, scorer.terms(lookups), strict=True))
    features: list[Feature] = []
    single = len(alike) + len(others)
    for proposal in proposals[:single]:
        features += proposal.features(terms, 1.0)
    for (first, second), proposal in zip(pairs, proposals[single:], strict=True):
        rarer = max(terms[held[views.form(each)]].idf for each in (first, second))
        features += proposal.features(terms, _news(model, terms[proposal.own].idf, rarer))
    for text, lookup in begun.items():
        features.append(Feature("prefix", text, terms[lookup], 1.0))
    forms: dict[str, list[ScoredTerm]] = {form: [terms[own]] for form, own in held.items()}
    for expansion in expansions:
        constant = scorer.constant(documents_matching(reader, expansion.phrase))
        features.append(Feature("expansion", expansion.text, constant, model.expansion_weight))
        for form in {views.form(s) for s in expansion.typed} & forms.keys():
            forms[form].append(constant)
    named = find_named_documents(reader, scorer, query, exact=exact)
    features += [Feature("code", each.text, each.term, each.weight) for each in named]
    words = [QueryWord(tuple(each)) for each in add_named_documents(forms, named, views.form)]
    # For who typed it a document is one word in all.
    whole = [each for each in named if each.word is not None]
    parts = {views.form(s) for each in whole for s in (*each.words, *each.between)}
    asks = unasked or query.is_question
    count = len(forms.keys() - parts) + len(whole)
    all_first = count <= (
        model.max_question_words_complete_first if asks else model.max_words_complete_first
    )
    return Plan(
        words=tuple(words),
        features=tuple(
            sorted(
                (each for each in features if each.term.count and each.weight),
                key=lambda each: (each.term.frequent, -each.bound),
            )
        ),
        least=0.0 if all_first else model.min_idf_share * sum(word.idf for word in words),
        all_first=all_first,
        unasked=unasked,
        restored=restored,
        begun=begun,
        unnamed=frozenset(each.text for each in named if not each.term.count),
    )


def prefix_lookups(reader: Reader, query: Query, *, exact: bool) -> dict[str, TermLookup]:
    """What the beginnings that a query asks for stand for, by how they are typed."""
    asked = dict.fromkeys(clauses.prefix_clauses(query.root.clauses))
    found = {str(prefix): expand_prefix(reader, prefix, exact=exact).terms for prefix in asked}
    return {
        text: TermLookup(terms[0][0], tuple(form for _, form in terms))
        for text, terms in found.items()
        if terms
    }


def _by_form(
    form: Callable[[Syllable], str], syllables: Iterable[Syllable]
) -> dict[str, list[Syllable]]:
    found: dict[str, list[Syllable]] = {}
    for syllable in syllables:
        found.setdefault(form(syllable), []).append(syllable)
    return found


def _as_typed(query: Query) -> Restoration:
    """The syllables of a query with the marks they were typed with, and no others."""
    forms = tuple(syllable.marked for run in query.runs for syllable in run)
    return Restoration(tuple(SyllableSpellings((f,), np.ones(1)) for f in forms), forms, 1.0)


def _news(model: RankingModel, idf: float, rarer: float) -> float:
    """The weight of a pair: what it tells beyond the rarer of its syllables.

    The idf of a pair is about -ln P(pair), that of its rarer syllable -ln P(syllable); what
    is left between them is -ln P(pair | syllable).
    """
    if not model.pair_weight_by_idf:
        return model.pair_weight
    return model.pair_weight * max(0.0, idf - rarer) / idf if idf else 0.0


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A syllable, or two side by side, in the views in which it is looked for.

    Attributes:
        own: What all that have it have.
        parts: What some of them have, and which part of the weight belongs to these.
        restored: Whether the marks in `parts` were not typed; then the likeliest are first.
    """

    own: TermLookup
    parts: tuple[tuple[str, TermLookup, float], ...] = ()
    restored: bool = False

    @property
    def lookups(self) -> tuple[TermLookup, ...]:
        """Everything that is looked up for it."""
        return (self.own, *(lookup for _, lookup, _ in self.parts))

    def features(
        self, terms: Mapping[TermLookup, ScoredTerm], weight: float
    ) -> Iterator[Feature]:
        """Its features, given the terms of its lookups; their weights add up to `weight`.

        What belongs to marks that no document has belongs to all that have its letters: a
        half typed ``nghị quyet`` is then worth as much as ``nghi quyet``.
        """
        rest = 1.0
        likeliest = 0.0
        for text, lookup, share in self.parts:
            if terms[lookup].count:
                rest -= share
                view = lookup.view if len(lookup.forms) == 1 else "toned"
                # Or marks that are less likely would be worth more for being rarer.
                likeliest = likeliest or terms[lookup].idf
                scale = min(1.0, likeliest / terms[lookup].idf) if self.restored else 1.0
                yield Feature(view, text, terms[lookup], weight * share * scale)
        yield Feature(self.own.view, self.own.forms[0], terms[self.own], weight * rest)


def question_syllables(query: Query, restored: Restoration) -> frozenset[Syllable]:
    """The syllables of a query that only ask, wherever they stand in it.

    Those in quotation marks, brackets and fields never do, nor what was typed in capitals.
    """
    known, readings = frozenset(query.syllables), iter(restored.best)
    words: list[tuple[Syllable | None, str]] = []  # None for what never asks
    others: set[Syllable] = set()
    for part in query.root.clauses:
        wanted = list(chain.from_iterable(clauses.syllable_runs([part])))
        read = [next(readings) if s in known else s.marked for s in wanted]
        if isinstance(part, clauses.SyllableTerm):
            words += zip(wanted, read, strict=True)
        elif isinstance(part, clauses.Phrase | clauses.Field | clauses.Or | clauses.Prefix):
            words += [(None, "")] * max(1, len(wanted))
            others.update(wanted)
    meant = [form if s and not _in_capitals(s) else "" for s, form in words]
    places = question_words(meant, asked=query.is_question)
    if any(syllable.has_marks for syllable in query.syllables):
        # Beside marks, what has none may be meant so: "cách bao xa" is no "bảo xã".
        typed = [s.marked if s and not _in_capitals(s) else "" for s, _ in words]
        both = places | question_words(typed, asked=query.is_question)
        places = both if len(both) < len(words) else places
    asking = {s for place, (s, _) in enumerate(words) if s and place in places}
    others.update(s for place, (s, _) in enumerate(words) if s and place not in places)
    return frozenset(asking - others)


def _in_capitals(syllable: Syllable) -> bool:
    return len(syllable.typed) > 1 and syllable.typed.isupper()


class _Exact:
    """What is looked up for a query whose marks are binding."""

    def form(self, syllable: Syllable) -> str:
        """The form by which syllables are one word."""
        return syllable.marked

    def syllable(self, form: str, alike: Sequence[Syllable]) -> _Proposal:
        """What is looked up for a word."""
        return _Proposal(TermLookup("marked", (form,)))

    def pair(self, first: Syllable, second: Syllable) -> _Proposal:
        """What is looked up for two syllables side by side."""
        return _Proposal(TermLookup("marked_pair", (f"{first.marked} {second.marked}",)))


class _Views:
    """What is looked up for a query whose marks are preferred.

    Args:
        reader: The commit that is searched.
        model: The weights of the ranking.
        spellings: For each syllable of the query the marks that it may have.
        count: How many syllables are looked for.
    """

    def __init__(
        self,
        reader: Reader,
        model: RankingModel,
        spellings: Mapping[Syllable, SyllableSpellings],
        count: int,
    ) -> None:
        self._model = model
        self._vocabulary = reader.vocabulary
        self._spellings = spellings
        self._few = count <= model.max_syllables_for_frequent_spellings
        self._rare = reader.size * model.frequent_spelling_share

    def form(self, syllable: Syllable) -> str:
        """The form by which syllables are one word."""
        return syllable.folded

    def syllable(self, form: str, alike: Sequence[Syllable]) -> _Proposal:
        """What is looked up for a word.

        Args:
            form: Its folded form.
            alike: The syllables of the query with that form.
        """
        typed = dict.fromkeys(syllable.marked for syllable in alike if syllable.has_marks)
        parts: list[tuple[str, TermLookup, float]] = []
        model = self._model
        for marked in typed if model.typed_share else ():
            share = model.typed_share / len(typed)
            parts.append((marked, TermLookup("marked", (marked,)), share))
            if model.toned_share and self._few and (tones := self._any_tone(form, marked)):
                letters = without_tone(marked)[0]
                parts.append(
                    (letters, TermLookup("marked", tones), model.toned_share / len(typed))
                )
        if not typed and model.restored_share:
            known = self._vocabulary.marked_forms(form)
            telling = model.max_spelling_share * known.counts.sum()
            usual = known.forms[0] if len(known) and known.counts[0] > telling else None
            counts = dict(zip(known.forms, known.counts.tolist(), strict=True))
            likely = self._spellings.get(alike[0])
            for marked, probability in self._likely(likely) if likely else ():
                if marked != usual and (self._few or counts.get(marked, 0) <= self._rare):
                    share = model.restored_share * probability
                    parts.append((marked, TermLookup("marked", (marked,)), share))
        return _Proposal(TermLookup("folded", (form,)), tuple(parts), restored=not typed)

    def _any_tone(self, form: str, marked: str) -> tuple[str, ...]:
        """The forms of a syllable in all tones; none where there is one alone."""
        letters = without_tone(marked)[0]
        known = self._vocabulary.marked_forms(form).forms
        tones = {marked, *(each for each in known if without_tone(each)[0] == letters)}
        return tuple(sorted(tones)) if len(tones) > 1 else ()

    def pair(self, first: Syllable, second: Syllable) -> _Proposal:
        """What is looked up for two syllables side by side.

        Where one of them was typed with marks, the other has its likely ones.  Where none
        was, their letters say as much: a pair is seldom anything else than it seems.
        """
        own = TermLookup("folded_pair", (f"{first.folded} {second.folded}",))
        model = self._model
        have_marks = first.has_marks, second.has_marks
        if not model.typed_share or not any(have_marks):
            return _Proposal(own)
        if not model.restored_share and not all(have_marks):
            return _Proposal(own)
        parts = []
        for one, p in self._likely(self._spellings[first]):
            for two, q in self._likely(self._spellings[second]):
                if p * q >= model.min_spelling_probability:
                    marked = f"{one} {two}"
                    share = model.typed_share * p * q
                    parts.append((marked, TermLookup("marked_pair", (marked,)), share))
        return _Proposal(own, tuple(parts))

    def _likely(self, spellings: SyllableSpellings) -> list[tuple[str, float]]:
        """The spellings that are likely enough to be looked up, with their probabilities."""
        least = self._model.min_spelling_probability
        both = zip(spellings.forms, spellings.probabilities.tolist(), strict=True)
        return [(form, probability) for form, probability in both if probability >= least]
