"""How much of a query is searched for, so that the cost of any is bounded."""

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
"""How much of a query is read, in code points."""
MAX_SYLLABLES: Final = 64
"""How many different words of a query are searched for, how many conditions are met, and
how many words of a phrase must stand together."""
MAX_PHRASES: Final = 16
"""How many phrases of three words and more, and of near words: those read the syllables of
each document that has the words."""
MAX_DEPTH: Final = 20
"""How deep brackets may stand in each other."""
MAX_SLOP: Final = 100
"""How many other words may stand between near ones."""
MAX_PROBLEMS: Final = 100
"""How many problems of a query are told."""


class Limits:
    """Leaves out what is beyond the limits.

    Args:
        places: Where parts of the query stand, by their identity.
        problem: Is told of what is left out: where it stands, and what it is.
    """

    def __init__(self, places: Mapping[int, int], problem: Callable[[int, str], None]) -> None:
        self._places = places
        self._problem = problem
        self._conditions = self._phrases = 0

    def applied(self, root: And) -> And:
        """What of a query is within the limits."""
        numbers: dict[Syllable, int] = {}
        found: list[Clause] = []
        over: Clause | None = None
        for clause in flat(And, map(self._top, root.clauses)):
            for syllable in chain.from_iterable(syllable_runs((clause,))):
                numbers.setdefault(syllable, len(numbers))
            if len(numbers) > MAX_SYLLABLES:
                over = over or clause
                if (
                    isinstance(clause, SyllableTerm)
                    and numbers[clause.syllable] >= MAX_SYLLABLES
                ):
                    continue
            found.append(clause)
        if over is not None:
            self._over(over, f"{MAX_SYLLABLES} different words of the query")
        return And(tuple(found))

    def _over(self, clause: Clause, what: str) -> None:
        self._problem(self._places.get(id(clause), 0), f"only the first {what} are used")

    def _top(self, clause: Clause) -> Clause | None:
        return clause if isinstance(clause, SyllableTerm) else self._condition(clause)

    def _condition(self, clause: Clause) -> Clause | None:
        """What of something that is required is within the limits."""
        if isinstance(clause, And | Or):
            kept = flat(type(clause), map(self._condition, clause.clauses))
            if kept == clause.clauses:
                return clause
            return replace(clause, clauses=kept) if len(kept) > 1 else next(iter(kept), None)
        if isinstance(clause, Not | Field):
            inner = self._condition(clause.clause)
            if inner is clause.clause:
                return clause
            return None if inner is None else replace(clause, clause=inner)
        self._conditions += 1
        if self._conditions > MAX_SYLLABLES:
            if self._conditions == MAX_SYLLABLES + 1:
                self._over(clause, f"{MAX_SYLLABLES} phrases and exclusions")
            return None
        return self._phrase(clause) if isinstance(clause, Phrase) else clause

    def _phrase(self, phrase: Phrase) -> Phrase | None:
        count = len(phrase.syllables)
        if count > 2 or (phrase.slop is not None and count > 1):
            self._phrases += 1
            if self._phrases > MAX_PHRASES:
                if self._phrases == MAX_PHRASES + 1:
                    self._over(phrase, f"{MAX_PHRASES} phrases of several words")
                return None
        if count > MAX_SYLLABLES:
            self._over(phrase, f"{MAX_SYLLABLES} words of a phrase")
            return replace(phrase, syllables=phrase.syllables[:MAX_SYLLABLES])
        return phrase


def flat(kind: type[And | Or], clauses: Iterable[Clause | None]) -> tuple[Clause, ...]:
    """Clauses, with those of a part of the same kind in its place, and without None."""
    found: list[Clause] = []
    for clause in clauses:
        if isinstance(clause, kind):
            found += clause.clauses
        elif clause is not None:
            found.append(clause)
    return tuple(found)
