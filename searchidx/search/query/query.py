"""Parse queries: strictly with `parse`, leniently with `parse_lenient`.

docs/reference/query-language.md has the grammar.  `parse` is for programs and raises at the
first problem.  `parse_lenient` is for what people type: it accepts any text and reads what it
does not understand as plain words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain, groupby, pairwise
from typing import Any, Final, TypeVar, cast

from searchidx.errors import QueryError
from searchidx.search.query.filters import FieldNames
from searchidx.search.query.lexer import QueryToken
from searchidx.search.query.limits import MAX_CHARACTERS, MAX_SYLLABLES
from searchidx.search.query.parser import (
    QueryProblem,
    parse_text,
    reads_as_keystrokes,
)
from searchidx.search.query.syntax_tree import (
    And,
    Clause,
    Phrase,
    Syllable,
    SyllableTerm,
    or_alternatives,
    parse_syllables,
    syllable_runs,
)
from searchidx.search.query.values import Sort

__all__ = [
    "MAX_CHARACTERS",
    "MAX_SYLLABLES",
    "Phrase",
    "Query",
    "QueryProblem",
    "Sort",
    "Syllable",
    "parse",
    "parse_lenient",
    "parse_syllables",
    "without_phrases",
]

_MAX_WORDS_BESIDE_PHRASES: Final = 4
"""Phrases beside at most this many words are meant as phrases, and stay required."""
_MAX_NOTES: Final = 6

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query.  Its ``str()`` is a query that parses to an equal one.

    The printed form may be a little longer than the text, as it has dates in full and values in
    quotation marks.  If it exceeds `MAX_CHARACTERS`, it no longer parses to an equal query.

    Attributes:
        text: The query as typed.
        root: The clauses.  A `SyllableTerm` directly in it is optional; all else is required.
        sort: The sort order that the query names, or None.
        notes: Messages for the user: what was not understood, or not read as typed.
        meant: The text that is searched for: `text`, converted if it was typed in raw
            keystrokes, and cut to `MAX_CHARACTERS`.
        tokens: The tokens of `meant`.
        is_question: Whether the text ends with a question mark.
        syllables: The syllables to rank by, each once, in the order typed, at most
            `MAX_SYLLABLES`.  The best documents contain all of them.  They come from the words
            of `root`, from its phrases and from its fields.
        runs: Every occurrence of these syllables, in the order typed, one tuple for each run of
            adjacent ones.
        pairs: The pairs of adjacent syllables in `runs`, each once.
        alternatives: The syllables of OR groups, each once, at most `MAX_SYLLABLES`.  The best
            documents contain some of them.
    """

    text: str = field(compare=False)
    root: And
    sort: Sort | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)
    meant: str = field(default="", compare=False)
    tokens: tuple[QueryToken, ...] = field(default=(), compare=False, repr=False)
    is_question: bool = field(init=False)
    syllables: tuple[Syllable, ...] = field(init=False, compare=False)
    runs: tuple[tuple[Syllable, ...], ...] = field(init=False, compare=False)
    pairs: tuple[tuple[Syllable, Syllable], ...] = field(init=False, compare=False)
    alternatives: tuple[Syllable, ...] = field(init=False, compare=False)
    _derived: dict[Any, Any] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        all_runs = list(syllable_runs(self.root.clauses))
        syllables = tuple(dict.fromkeys(chain.from_iterable(all_runs)))[:MAX_SYLLABLES]
        known = frozenset(syllables)
        grouped = chain.from_iterable(groupby(run, known.__contains__) for run in all_runs)
        runs = tuple(tuple(group) for is_known, group in grouped if is_known)
        pairs = dict.fromkeys(chain.from_iterable(map(pairwise, runs)))
        alternatives = tuple(dict.fromkeys(or_alternatives(self.root.clauses)))
        object.__setattr__(self, "is_question", self.text.rstrip().endswith("?"))
        object.__setattr__(self, "syllables", syllables)
        object.__setattr__(self, "runs", runs)
        object.__setattr__(self, "pairs", tuple(pairs))
        object.__setattr__(self, "alternatives", alternatives[:MAX_SYLLABLES])
        object.__setattr__(self, "_derived", {})

    @property
    def is_empty(self) -> bool:
        """Return whether the query has no clause."""
        return not self.root.clauses

    def derive(self, compute: Callable[[Query], _Result]) -> _Result:
        """Return ``compute(query)``, computed once and kept with the query.

        Args:
            compute: A module-level function of the query alone.  Nobody changes its result.
        """
        if compute not in self._derived:
            self._derived[compute] = compute(self)
        return cast("_Result", self._derived[compute])

    def __str__(self) -> str:
        text = self._to_text(literal=False)
        # Words in capitals, or beside other letters, may look like raw keystrokes once printed.
        return self._to_text(literal=True) if reads_as_keystrokes(text) else text

    def _to_text(self, *, literal: bool) -> str:
        parts = [clause.to_text(literal) for clause in self.root.clauses]
        parts += [f"sort:{self.sort}"] if self.sort else []
        return " ".join([*parts, "?"] if self.is_question else parts)


def parse(text: str, fields: FieldNames = ()) -> Query:
    """Parse a query strictly.

    Args:
        text: The query.
        fields: The metadata keys that it may name (`KeywordFields.metadata_keys`), or a
            function that returns them.  The function is called only if there is a name before
            a colon.

    Raises:
        QueryError: A part of it was not understood; `position` is its offset (code points).
    """
    query, problems = parse_lenient(text, fields)
    for problem in sorted(problems, key=lambda problem: problem.position):
        error = QueryError(f"{problem.message} (character {problem.position + 1})")
        error.position = problem.position
        raise error
    return query


def parse_lenient(text: str, fields: FieldNames = ()) -> tuple[Query, tuple[QueryProblem, ...]]:
    """Parse any text as a query.  Never fails.

    Args:
        text: The query as typed.
        fields: As for `parse`.

    Returns:
        The query, and its problems: the parts that are read as plain words or ignored.  The
        query's notes have the same messages.
    """
    parsed = parse_text(text, fields)
    notes = list(dict.fromkeys(problem.message for problem in parsed.problems))
    meant = text[:MAX_CHARACTERS]
    if len(notes) > _MAX_NOTES:
        notes[_MAX_NOTES:] = [f"{len(notes) - _MAX_NOTES} more parts were not understood"]
    if parsed.converted is not None:
        meant = parsed.converted.text
        notes.insert(0, f"searching for: {meant} (typed in {parsed.converted.method})")
    query = Query(text, parsed.root, parsed.sort, tuple(notes), meant, parsed.tokens)
    return query, parsed.problems


def without_phrases(query: Query) -> Query | None:
    """Return a query of many words with its phrases as plain words, or None.

    In a long question, quotation marks are mostly ordinary punctuation.  A query that is little
    more than a phrase means the phrase: for it, and for a query without phrases, the result is
    None.  Phrases inside other clauses stay.
    """
    clauses = query.root.clauses
    if sum(isinstance(clause, SyllableTerm) for clause in clauses) <= _MAX_WORDS_BESIDE_PHRASES:
        return None
    parts: list[Clause] = []
    for clause in clauses:
        parts += map(SyllableTerm, clause.syllables) if isinstance(clause, Phrase) else [clause]
    if len(parts) == len(clauses):
        return None
    note = "no report has the words in quotation marks side by side; the hits have them apart"
    notes = (*query.notes, note)
    return Query(query.text, And(tuple(parts)), query.sort, notes, query.meant, query.tokens)
