"""Turn the syllables and pairs of a query into weighted terms.

Every syllable is looked up by its letters (view "folded").  Shares of its weight belong to
documents that spell it with the diacritics that were typed or are likely (view "marked").
Pairs of adjacent syllables have the views "folded_pair" and "marked_pair".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from searchidx.search.match.bm25f import TermLookup
from searchidx.search.match.scored_terms import ScoredTerm
from searchidx.search.query.query import Syllable
from searchidx.search.ranking_model import RankingModel
from searchidx.search.rewrite.diacritics import SyllableSpellings
from searchidx.store import Reader


@dataclass(frozen=True, slots=True)
class Feature:
    """A term with a weight, which adds to the scores of the documents that have it.

    Attributes:
        view: Where the term is looked up: "folded", "marked", "folded_pair", "marked_pair",
            "prefix", "code", "expansion" or "title" (`searchidx.search.rank.title_match`).
        text: The term as a person reads it.
        term: The documents that have it and their scores.
        weight: Factor of these scores.
    """

    view: str
    text: str
    term: ScoredTerm
    weight: float

    @property
    def max_score(self) -> float:
        """Return an upper bound of what it adds to the score of a document."""
        return self.weight * self.term.max_score


@dataclass(frozen=True, slots=True)
class Spelling:
    """A spelling with diacritics that a part of the weight belongs to.

    Attributes:
        text: The spelling.
        lookup: Its term.
        share: Its share of the weight, from 0 to 1.
    """

    text: str
    lookup: TermLookup
    share: float


@dataclass(frozen=True, slots=True)
class WeightedLookups:
    """The terms of one syllable or one pair, and how its weight is divided among them.

    Attributes:
        base: The term that every matching document has.
        spellings: Spellings with diacritics that some of these documents have.
        are_restored: Whether the diacritics were not typed.  Then the likeliest come first.
    """

    base: TermLookup
    spellings: tuple[Spelling, ...] = ()
    are_restored: bool = False

    @property
    def lookups(self) -> tuple[TermLookup, ...]:
        """Return all terms."""
        return (self.base, *(each.lookup for each in self.spellings))

    def features(
        self, terms: Mapping[TermLookup, ScoredTerm], weight: float
    ) -> Iterator[Feature]:
        """Yield the features, whose weights add up to at most `weight`.

        The share of a spelling that no document has goes to the base: a half-typed
        ``nghị quyet`` is then worth as much as ``nghi quyet``.

        Args:
            terms: The terms by their lookups.
            weight: The weight of the whole syllable or pair.
        """
        rest = 1.0
        likeliest_idf = 0.0
        for each in self.spellings:
            term = terms[each.lookup]
            if term.count:
                rest -= each.share
                # Without this a less likely spelling would add more for being rarer.
                likeliest_idf = likeliest_idf or term.idf
                scale = min(1.0, likeliest_idf / term.idf) if self.are_restored else 1.0
                yield Feature(each.lookup.view, each.text, term, weight * each.share * scale)
        text = " / ".join((*self.base.forms[:1], *map(" ".join, self.base.phrases)))
        yield Feature(self.base.view, text, terms[self.base], weight * rest)


class Views(Protocol):
    """Turn the syllables and pairs of a query into terms."""

    def form(self, syllable: Syllable) -> str:
        """Return the form by which two syllables are one word."""

    def syllable(self, form: str, alike: Sequence[Syllable]) -> WeightedLookups:
        """Return the terms of a word.

        Args:
            form: Its form.
            alike: The syllables of the query with that form.
        """

    def pair(self, first: Syllable, second: Syllable) -> WeightedLookups:
        """Return the terms of two adjacent syllables."""

    def typed_spellings(self, alike: Sequence[Syllable]) -> tuple[str, ...]:
        """Return the marked forms that a word needs, or none if its form is enough.

        Args:
            alike: The syllables of the query with one form.
        """


class ExactViews:
    """Look up the diacritics that were typed, and nothing else."""

    def form(self, syllable: Syllable) -> str:
        """Return the marked form."""
        return syllable.marked

    def syllable(self, form: str, alike: Sequence[Syllable]) -> WeightedLookups:
        """Return the term of a marked form."""
        return WeightedLookups(TermLookup("marked", (form,)))

    def pair(self, first: Syllable, second: Syllable) -> WeightedLookups:
        """Return the term of two adjacent marked forms."""
        return WeightedLookups(TermLookup("marked_pair", (f"{first.marked} {second.marked}",)))

    def typed_spellings(self, alike: Sequence[Syllable]) -> tuple[str, ...]:
        """Return nothing, because the form is the typed spelling."""
        return ()


class GradedViews:
    """Look up all spellings, and prefer the diacritics that were typed or are likely.

    Args:
        reader: The commit to search.
        model: The weights of the ranking.
        spellings: The likely spellings of each syllable of the query.
        syllable_count: Number of syllables that are looked up.
        abbreviations: The abbreviations of the query, by the folded syllables typed.
    """

    def __init__(
        self,
        reader: Reader,
        model: RankingModel,
        spellings: Mapping[Syllable, SyllableSpellings],
        syllable_count: int,
        abbreviations: Mapping[tuple[str, ...], TermLookup],
    ) -> None:
        self._model = model
        self._abbreviations = abbreviations
        # The first and last syllables of the other forms, for pairs across their ends.
        self._other_firsts: dict[str, set[str]] = {}
        self._other_lasts: dict[str, set[str]] = {}
        for typed, lookup in abbreviations.items():
            others = {*((form,) for form in lookup.forms), *lookup.phrases} - {typed}
            self._other_firsts.setdefault(typed[0], set()).update(each[0] for each in others)
            self._other_lasts.setdefault(typed[-1], set()).update(each[-1] for each in others)
        self._vocabulary = reader.vocabulary
        self._spellings = spellings
        self._max_documents = reader.size * model.frequent_spelling_share
        if syllable_count <= model.max_syllables_for_frequent_spellings:
            self._max_documents = float("inf")

    def form(self, syllable: Syllable) -> str:
        """Return the folded form."""
        return syllable.folded

    def syllable(self, form: str, alike: Sequence[Syllable]) -> WeightedLookups:
        """Return the terms of a word: its folded form and its typed or likely spellings."""
        if (form,) in self._abbreviations:
            return WeightedLookups(self._abbreviations[(form,)])
        base = TermLookup("folded", (form,))
        typed = dict.fromkeys(syllable.marked for syllable in alike if syllable.has_marks)
        shares = (
            dict.fromkeys(typed, self._model.typed_share / len(typed))
            if typed
            else self._restored_shares(form, alike[0])
        )
        spellings = tuple(
            Spelling(marked, TermLookup("marked", (marked,)), share)
            for marked, share in shares.items()
            if share
        )
        return WeightedLookups(base, spellings, are_restored=not typed)

    def typed_spellings(self, alike: Sequence[Syllable]) -> tuple[str, ...]:
        """Return the marked forms of syllables that were all typed with diacritics.

        An abbreviation is held by any of its spellings.
        """
        if (alike[0].folded,) in self._abbreviations or not all(s.has_marks for s in alike):
            return ()
        return tuple(dict.fromkeys(syllable.marked for syllable in alike))

    def _restored_shares(self, form: str, syllable: Syllable) -> dict[str, float]:
        """Return the likely spellings of an unmarked syllable, each with its share."""
        likely = self._spellings.get(syllable)
        if likely is None or not self._model.restored_share:
            return {}
        known = self._vocabulary.marked_forms(form)
        counts = dict(zip(known.forms, known.counts.tolist(), strict=True))
        limit = self._model.max_spelling_share * known.counts.sum()
        # The spelling that nearly all documents have distinguishes none of them.
        usual = known.forms[0] if len(known) and known.counts[0] > limit else None
        return {
            marked: self._model.restored_share * probability
            for marked, probability in self._likely(likely)
            if marked != usual and counts.get(marked, 0) <= self._max_documents
        }

    def pair(self, first: Syllable, second: Syllable) -> WeightedLookups:
        """Return the terms of two adjacent syllables.

        If one of them was typed with diacritics, the other gets its likely ones.  If none
        was, the letters say as much: restored diacritics made no difference for pairs.
        """
        model = self._model
        lefts = [first.folded, *sorted(self._other_lasts.get(first.folded, ()))]
        rights = [second.folded, *sorted(self._other_firsts.get(second.folded, ()))]
        forms = dict.fromkeys(f"{left} {right}" for left in lefts for right in rights)
        base = TermLookup("folded_pair", tuple(forms))
        marked = first.has_marks + second.has_marks
        if not model.typed_share or marked < (1 if model.restored_share else 2):
            return WeightedLookups(base)
        spellings = []
        for one, p in self._likely(self._spellings[first]):
            for two, q in self._likely(self._spellings[second]):
                if p * q >= model.min_spelling_probability:
                    text = f"{one} {two}"
                    lookup = TermLookup("marked_pair", (text,))
                    spellings.append(Spelling(text, lookup, model.typed_share * p * q))
        return WeightedLookups(base, tuple(spellings))

    def _likely(self, spellings: SyllableSpellings) -> list[tuple[str, float]]:
        """Return the spellings that are likely enough, with their probabilities."""
        both = zip(spellings.forms, spellings.probabilities.tolist(), strict=True)
        return [each for each in both if each[1] >= self._model.min_spelling_probability]
