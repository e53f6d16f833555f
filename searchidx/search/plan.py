"""A query as what is looked up: its words, and what their terms give to documents.

Each term is seen in two views.  A syllable typed without marks counts in the folded view
alone; one that was typed with marks counts mostly in the marked view, so that what was
typed is preferred and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.search.expansion import Expansion
from searchidx.search.matching import documents_with
from searchidx.search.query import Query, Syllable
from searchidx.search.scoring import Bools, Candidates, Constant, Scorer, Term
from searchidx.store import Reader

EXPANSION_WEIGHT: Final = 0.5
"""What an abbreviation's other form counts against a word of the same rarity."""
PAIR_WEIGHT: Final = 0.5
"""What a pair of adjacent syllables counts against a syllable."""
MARKED_SHARE: Final = 0.75
"""The part of a term's weight that its marked view has where marks were typed."""


@dataclass(frozen=True, slots=True)
class Word:
    """A distinct word of a query.

    Attributes:
        forms: What holds it: its own form, and the other ways to say it.
    """

    forms: tuple[Term | Constant, ...]

    def held_by(self, candidates: Candidates) -> Bools:
        """Which of the candidates hold the word."""
        held = np.zeros(len(candidates), np.bool_)
        for form in self.forms:
            form.held_by(candidates, held)
        return held

    def mark(self, mask: Bools) -> None:
        """Marks the documents that hold the word."""
        for form in self.forms:
            form.mark(mask)

    @property
    def count(self) -> int:
        """How many documents hold the word, at most."""
        return sum(form.count for form in self.forms)


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that adds to the scores of the documents that have it.

    Attributes:
        term: What gives the scores.
        weight: What these are multiplied with.
        words: The words, by their places in the plan, that a document that has it holds.
    """

    term: Term | Constant
    weight: float
    words: frozenset[int]

    @property
    def bound(self) -> float:
        """More than it adds to any document."""
        return self.weight * self.term.bound


@dataclass(frozen=True, slots=True)
class Plan:
    """What answers a query: documents that hold some of the words, by the sum of features."""

    words: tuple[Word, ...]
    features: tuple[Feature, ...]


def plan(
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
    forms = dict.fromkeys(_form(syllable, exact) for syllable in query.syllables)
    places = {form: place for place, form in enumerate(forms)}
    features: list[Feature] = []
    held: list[list[Term | Constant]] = []
    for form, place in places.items():
        own = scorer.term("marked" if exact else "folded", form)
        held.append([own])
        typed = dict.fromkeys(
            s.marked for s in query.syllables if s.folded == form and s.has_marks and not exact
        )
        spelled = [term for s in typed if (term := scorer.term("marked", s)).count]
        features += _shared(own, spelled, 1.0, frozenset({place}))
    for first, second in query.pairs:
        words = frozenset({places[_form(first, exact)], places[_form(second, exact)]})
        marked = f"{first.marked} {second.marked}"
        if exact:
            features += _shared(scorer.term("marked_pair", marked), [], PAIR_WEIGHT, words)
            continue
        spelled = []
        if first.has_marks or second.has_marks:
            spelled = [term] if (term := scorer.term("marked_pair", marked)).count else []
        own = scorer.term("folded_pair", f"{first.folded} {second.folded}")
        features += _shared(own, spelled, PAIR_WEIGHT, words)
    for expansion in expansions:
        constant = scorer.constant(documents_with(reader, expansion.phrase))
        stands_for = frozenset(places[_form(s, exact)] for s in expansion.typed)
        features.append(Feature(constant, EXPANSION_WEIGHT, stands_for))
        for place in stands_for:
            held[place].append(constant)
    return Plan(
        tuple(Word(tuple(forms)) for forms in held),
        tuple(feature for feature in features if feature.term.count),
    )


def _form(syllable: Syllable, exact: bool) -> str:
    return syllable.marked if exact else syllable.folded


def _shared(
    own: Term, spelled: list[Term], weight: float, words: frozenset[int]
) -> list[Feature]:
    """A term's features in both views.

    All of the weight is the folded view's where no document has what was typed: a half
    typed ``nghị quyet`` is spelled so nowhere, and is then worth as much as ``nghi quyet``.
    """
    share = MARKED_SHARE / len(spelled) if spelled else 0.0
    rest = 1 - MARKED_SHARE if spelled else 1.0
    return [
        Feature(own, rest * weight, words),
        *(Feature(term, share * weight, words) for term in spelled),
    ]
