"""A query made ready: what it is read as, what it looks up, and what is highlighted for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from searchidx.language.syllable_forms import folded
from searchidx.search.match.bm25f import Scorer
from searchidx.search.match.prefixes import prefix_notes
from searchidx.search.query.query import Query, Syllable, without_phrases
from searchidx.search.rank.ranking import Ranker
from searchidx.search.rewrite.abbreviations import Expansion
from searchidx.search.rewrite.abbreviations import expand_abbreviations as expansions_of
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.store import Reader


class PreparedQuery:
    """A query on one commit.

    Args:
        reader: The commit.
        scorer: Its scorer.
        query: The query.
        exact: Whether marks are binding.
        expand: Whether abbreviations are read both ways; never where marks are binding.

    Attributes:
        query, exact: As given.
        expansions: The other ways to say parts of it.
        search: What it finds.
    """

    def __init__(
        self, reader: Reader, scorer: Scorer, query: Query, *, exact: bool, expand: bool
    ) -> None:
        self._reader = reader
        self._scorer = scorer
        self.query = query
        self.exact = exact
        self.expansions: Sequence[Expansion] = ()
        if expand and not exact:
            self.expansions = expansions_of(reader, query)
        self.search = Ranker(reader, scorer, query, exact=exact, expansions=self.expansions)

    @classmethod
    def answered(
        cls, reader: Reader, scorer: Scorer, query: Query, *, exact: bool, expand: bool
    ) -> PreparedQuery:
        """A query, without its quotation marks if nothing is found with them."""
        asked = cls(reader, scorer, query, exact=exact, expand=expand)
        if not len(asked.search.documents):
            loose = without_phrases(query)
            if loose is not None:
                return cls(reader, scorer, loose, exact=exact, expand=expand)
        return asked

    @property
    def notes(self) -> tuple[str, ...]:
        """What the person who typed it should know of how it was read."""
        return (
            *self.query.notes,
            *map(_reading, self.expansions),
            *self._on_codes(),
            *prefix_notes(self._reader, self.query, exact=self.exact),
        )

    def _on_codes(self) -> Iterator[str]:
        """That no report names what was written as a code and is one for sure."""
        if not self.search.plan.unnamed or not len(self.search.documents):
            return
        from searchidx.language.codes import find_codes  # which named what is unnamed

        for code in find_codes(self.query.meant):
            # Only those of the Party have no year; of others it is often left out.
            if code.canonical in self.search.plan.unnamed and (
                code.year is not None or "-" in code.canonical.partition("/")[0]
            ):
                yield f"no report names {code.canonical}; shown is what has parts of it"

    def terms(self) -> HighlightTerms:
        """What is highlighted; not the syllables that only ask."""
        query, exact = self.query, self.exact
        wanted = dict.fromkeys(query.syllables + query.alternatives)
        syllables = [each for each in wanted if each not in self.search.plan.unasked]
        view = "marked" if exact else "folded"
        weights = {
            form: self._scorer.term(view, form).idf
            for form in dict.fromkeys(_form(each, exact) for each in syllables)
        }
        typed: dict[str, frozenset[str]] = {}
        if not exact:
            for form in {s.folded for s in syllables}:
                alike = [s for s in syllables if s.folded == form]
                if all(s.has_marks for s in alike):
                    typed[form] = frozenset(s.marked for s in alike)
        for lookup in self.search.plan.begun.values():
            (term,) = self._scorer.terms([lookup])
            for form in lookup.forms:
                if lookup.view == view:
                    weights.setdefault(form, term.idf)
                elif (own := folded(form)) not in weights or own in typed:
                    weights.setdefault(own, term.idf)
                    typed[own] = typed.get(own, frozenset()) | {form}
        # The other form of an abbreviation is worth half of what was typed of it.
        untyped: dict[str, float] = {}
        for expansion in self.expansions:
            typed_worth = sum(weights.get(s.folded, 0.0) for s in expansion.typed)
            each = typed_worth / (2 * len(expansion.phrase.syllables))
            for s in expansion.phrase.syllables:
                untyped[s.folded] = max(each, untyped.get(s.folded, 0.0))
        return HighlightTerms(
            typed=typed,
            phrases=tuple(
                tuple(s.folded for s in expansion.phrase.syllables)
                for expansion in self.expansions
            ),
            untyped=untyped,
            weights=weights,
            exact=exact,
            pairs=frozenset(
                (_form(first, exact), _form(second, exact)) for first, second in query.pairs
            ),
        )


def _form(syllable: Syllable, exact: bool) -> str:
    return syllable.marked if exact else syllable.folded


def _reading(expansion: Expansion) -> str:
    typed = " ".join(syllable.marked for syllable in expansion.typed)
    return f"searching also for: {expansion.text} ({typed})"
