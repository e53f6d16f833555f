"""Bound the cost of a query: drop the clauses that exceed the limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Final

from searchidx.search.query.syntax_tree import (
    And,
    Clause,
    Field,
    Not,
    Or,
    Phrase,
    Syllable,
    SyllableTerm,
    syllable_runs,
)

MAX_CHARACTERS: Final = 4_000
"""The length of a query that is read, in code points."""
MAX_SYLLABLES: Final = 64
"""The number of different syllables, of conditions, and of syllables in one phrase."""
MAX_PHRASES: Final = 16
"""The number of phrases of three or more words and of proximity phrases.  They are costly:
they read the syllables of each document that contains the words."""
MAX_DEPTH: Final = 20
"""The depth of nested brackets."""
MAX_SLOP: Final = 100
"""The number of other syllables between the words of a proximity phrase."""
MAX_PROBLEMS: Final = 100
"""The number of problems reported for one query."""


class QueryLimiter:
    """Drop the clauses of a query that exceed the limits.

    Args:
        offsets: The offset (code points) of each clause, keyed by the clause's ``id()``.
        report: Called with the offset and the description of each dropped part.
    """

    def __init__(self, offsets: Mapping[int, int], report: Callable[[int, str], None]) -> None:
        self._offsets = offsets
        self._report = report
        self._condition_count = self._phrase_count = 0

    def apply(self, root: And) -> And:
        """Return the clauses of a query that are within the limits."""
        numbers: dict[Syllable, int] = {}
        kept: list[Clause] = []
        first_over: Clause | None = None
        for clause in flatten(And, map(self._limit_top_level, root.clauses)):
            for syllable in chain.from_iterable(syllable_runs((clause,))):
                numbers.setdefault(syllable, len(numbers))
            if len(numbers) > MAX_SYLLABLES:
                first_over = first_over or clause
                if (
                    isinstance(clause, SyllableTerm)
                    and numbers[clause.syllable] >= MAX_SYLLABLES
                ):
                    continue
            kept.append(clause)
        if first_over is not None:
            self._report_dropped(first_over, f"{MAX_SYLLABLES} different words of the query")
        return And(tuple(kept))

    def _report_dropped(self, clause: Clause, what: str) -> None:
        self._report(self._offsets.get(id(clause), 0), f"only the first {what} are used")

    def _limit_top_level(self, clause: Clause) -> Clause | None:
        """Return a top-level clause within the limits; optional words do not count here."""
        return clause if isinstance(clause, SyllableTerm) else self._limit_condition(clause)

    def _limit_condition(self, clause: Clause) -> Clause | None:
        """Return the part of a required clause that is within the limits, or None."""
        if isinstance(clause, And | Or):
            kept = flatten(type(clause), map(self._limit_condition, clause.clauses))
            if kept == clause.clauses:
                return clause
            return replace(clause, clauses=kept) if len(kept) > 1 else next(iter(kept), None)
        if isinstance(clause, Not | Field):
            inner = self._limit_condition(clause.clause)
            if inner is clause.clause:
                return clause
            return None if inner is None else replace(clause, clause=inner)
        self._condition_count += 1
        if self._condition_count > MAX_SYLLABLES:
            if self._condition_count == MAX_SYLLABLES + 1:
                self._report_dropped(clause, f"{MAX_SYLLABLES} phrases and exclusions")
            return None
        return self._limit_phrase(clause) if isinstance(clause, Phrase) else clause

    def _limit_phrase(self, phrase: Phrase) -> Phrase | None:
        """Return a phrase cut to the syllable limit, or None beyond the phrase limit."""
        count = len(phrase.syllables)
        if count > 2 or (phrase.slop is not None and count > 1):
            self._phrase_count += 1
            if self._phrase_count > MAX_PHRASES:
                if self._phrase_count == MAX_PHRASES + 1:
                    self._report_dropped(phrase, f"{MAX_PHRASES} phrases of several words")
                return None
        if count > MAX_SYLLABLES:
            self._report_dropped(phrase, f"{MAX_SYLLABLES} words of a phrase")
            return replace(phrase, syllables=phrase.syllables[:MAX_SYLLABLES])
        return phrase


def flatten(kind: type[And | Or], clauses: Iterable[Clause | None]) -> tuple[Clause, ...]:
    """Replace each nested clause of one kind by its own clauses, and drop None."""
    flattened: list[Clause] = []
    for clause in clauses:
        if isinstance(clause, kind):
            flattened += clause.clauses
        elif clause is not None:
            flattened.append(clause)
    return tuple(flattened)
