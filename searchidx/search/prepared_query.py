"""Prepare a query for one commit: rewrite it, find its documents, and name its highlights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from searchidx.arrays import BoolArray
from searchidx.language.syllable_forms import folded
from searchidx.search.match.bm25f import Scorer
from searchidx.search.match.boolean import matching_mask
from searchidx.search.match.prefixes import prefix_notes
from searchidx.search.options import SearchOptions
from searchidx.search.query.query import Query, Syllable, without_phrases
from searchidx.search.rank.ranking import Ranker
from searchidx.search.rewrite.abbreviations import Expansion, expand_abbreviations
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.store import Reader

_EXPANSION_WEIGHT = 0.5
"""The highlight weight of an abbreviation's other form, as a share of the typed form's."""


class PreparedQuery:
    """A query with everything that ranking, highlighting and notes need of one commit.

    Args:
        reader: The commit.
        scorer: The scorer of the commit.
        query: The query.
        exact: Whether syllables must have exactly the typed diacritics.
        expand: Whether abbreviations also match what they stand for; ignored if `exact`.
        all_words: Whether every word is required.
        allowed: The documents that meet the query's conditions, if that is known already
            (`matching_mask`).

    Attributes:
        query: The query as given.
        exact: Whether diacritics bind, as given.
        expansions: The other forms of the abbreviations and names in the query.
        ranker: The ranking of the matching documents.
    """

    def __init__(
        self,
        reader: Reader,
        scorer: Scorer,
        query: Query,
        *,
        exact: bool,
        expand: bool,
        all_words: bool = False,
        allowed: BoolArray | None = None,
    ) -> None:
        self._reader = reader
        self._scorer = scorer
        self.query = query
        self.exact = exact
        self.expansions: Sequence[Expansion] = ()
        if expand and not exact:
            self.expansions = expand_abbreviations(reader, query)
        self.ranker = Ranker(
            reader,
            scorer,
            query,
            exact=exact,
            expansions=self.expansions,
            all_words=all_words,
            allowed=allowed,
        )

    @classmethod
    def prepare(
        cls, reader: Reader, scorer: Scorer, query: Query, options: SearchOptions
    ) -> PreparedQuery:
        """Prepare a query; without its phrases if no document has them.

        Args:
            reader: The commit.
            scorer: The scorer of the commit.
            query: The query.
            options: The options of the search.
        """
        make = partial(
            cls,
            reader,
            scorer,
            exact=options.exact,
            expand=options.expand,
            all_words=options.all_words,
        )
        loose = without_phrases(query)
        if loose is None:
            return make(query)
        # The conditions alone mostly tell: only then is anything else looked up.
        allowed = matching_mask(reader, query, exact=options.exact)
        if allowed is None or allowed.any():
            prepared = make(query, allowed=allowed)
            # A phrase of nothing but question words matches, and yet ranks no document.
            if len(prepared.ranker.doc_ids):
                return prepared
        return make(loose)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return the messages on how the query was read, for the person who typed it."""
        return (
            *self.query.notes,
            *map(_expansion_note, self.expansions),
            *self._code_notes(),
            *prefix_notes(self._reader, self.query, exact=self.exact),
        )

    def _code_notes(self) -> Iterator[str]:
        """Yield a note for each document code that no report names."""
        unknown = self.ranker.plan.unknown_codes
        if not unknown or not len(self.ranker.doc_ids):
            return
        from searchidx.language.codes import find_codes  # the plan has loaded it by now

        for code in find_codes(self.query.meant):
            # Only the codes of the Party have no year; of others it is often left out.
            if code.canonical in unknown and (
                code.year is not None or "-" in code.canonical.partition("/")[0]
            ):
                yield f"no report names {code.canonical}; the hits have parts of it"

    def highlight_terms(self) -> HighlightTerms:
        """Return the terms to highlight; question words are not among them."""
        plan = self.ranker.plan
        wanted = dict.fromkeys(self.query.syllables + self.query.alternatives)
        syllables = [syllable for syllable in wanted if syllable not in plan.dropped]
        view = "marked" if self.exact else "folded"
        weights = {
            form: self._scorer.term(view, form).idf
            for form in dict.fromkeys(_form(each, self.exact) for each in syllables)
        }
        typed = {} if self.exact else _typed_forms(syllables)
        for lookup in plan.prefixes.values():
            (term,) = self._scorer.terms([lookup])
            for form in lookup.forms:
                if lookup.view == view:
                    weights.setdefault(form, term.idf)
                elif (own := folded(form)) not in weights or own in typed:
                    weights.setdefault(own, term.idf)
                    typed[own] = typed.get(own, frozenset()) | {form}
        return HighlightTerms(
            typed_spellings=typed,
            phrases=tuple(
                tuple(syllable.folded for syllable in expansion.phrase.syllables)
                for expansion in self.expansions
            ),
            phrase_weights=self._expansion_weights(weights),
            weights=weights,
            exact=self.exact,
            pairs=frozenset(
                (_form(first, self.exact), _form(second, self.exact))
                for first, second in self.query.pairs
            ),
        )

    def _expansion_weights(self, weights: dict[str, float]) -> dict[str, float]:
        """Return the weight of each syllable of the other forms of abbreviations.

        Args:
            weights: The weight of each typed form.
        """
        found: dict[str, float] = {}
        for expansion in self.expansions:
            typed = sum(weights.get(syllable.folded, 0.0) for syllable in expansion.typed)
            share = _EXPANSION_WEIGHT * typed / len(expansion.phrase.syllables)
            for syllable in expansion.phrase.syllables:
                found[syllable.folded] = max(share, found.get(syllable.folded, 0.0))
        return found


def _typed_forms(syllables: Sequence[Syllable]) -> dict[str, frozenset[str]]:
    """Return the marked forms that were typed of each folded form.

    A folded form that was also typed without marks has none: any spelling of it matches.
    """
    forms: dict[str, set[str]] = {}
    for syllable in syllables:
        forms.setdefault(syllable.folded, set()).add(syllable.marked)
    plain = {syllable.folded for syllable in syllables if not syllable.has_marks}
    return {form: frozenset(marked) for form, marked in forms.items() if form not in plain}


def _form(syllable: Syllable, exact: bool) -> str:
    return syllable.marked if exact else syllable.folded


def _expansion_note(expansion: Expansion) -> str:
    if len(expansion.typed) > 1 and expansion.spellings:
        typed = "-".join(map(str, expansion.typed))
    else:
        typed = " ".join(syllable.marked for syllable in expansion.typed)
    return f"searching also for: {expansion.text} ({typed})"
