"""A query understood, and the two doors to it.

docs/reference/query-language.md has the grammar.  `parse` takes a text as a program means it, and says where it
makes no sense; `parse_lenient` takes what a person types: no text is an error to it, and
what makes no sense is plain words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, groupby, pairwise
from typing import Final

from searchidx.errors import QueryError
from searchidx.search.query.limits import MAX_CHARACTERS, MAX_SYLLABLES
from searchidx.search.query.parser import (
    FieldNames,
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

_FEW_BESIDES: Final = 4
"""With no more words than that beside them, phrases are what is asked for."""
_MOST_NOTES: Final = 6


@dataclass(frozen=True, slots=True)
class Query:
    """A query understood; printed, it is the text of a query that means the same.

    (Unless that is longer than `MAX_CHARACTERS`, which what is printed may be by a little:
    dates are printed in full, values in quotation marks.)

    Attributes:
        text: As typed.
        root: What it consists of.  Words that stand there by themselves are wanted; all
            else is required.
        sort: The order that it asks for, or None.
        notes: What was not understood, or not as it was typed, for the person who typed it.
        is_question: Whether it ends with a question mark.
        meant: `text`, or what it means if it was typed in raw keystrokes; no more of it than is
            searched for.
        syllables: Those to rank by, each once, in the order typed, at most
            `MAX_SYLLABLES`; what is best has them all.  They are the words of `root`, and
            those of its phrases and of what a field must have.
        runs: All places of these, in the order typed: what was typed side by side is together.
        pairs: Those of them that were typed side by side, each pair once.
        alternatives: Those of groups with OR, each once, at most `MAX_SYLLABLES`; what is
            best has some.
    """

    text: str = field(compare=False)
    root: And
    sort: Sort | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)
    meant: str = field(default="", compare=False)
    is_question: bool = field(init=False)
    syllables: tuple[Syllable, ...] = field(init=False, compare=False)
    runs: tuple[tuple[Syllable, ...], ...] = field(init=False, compare=False)
    pairs: tuple[tuple[Syllable, Syllable], ...] = field(init=False, compare=False)
    alternatives: tuple[Syllable, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        found = list(syllable_runs(self.root.clauses))
        kept = tuple(dict.fromkeys(chain.from_iterable(found)))[:MAX_SYLLABLES]
        known = frozenset(kept)
        grouped = chain.from_iterable(groupby(run, known.__contains__) for run in found)
        together = tuple(tuple(group) for is_known, group in grouped if is_known)
        pairs = dict.fromkeys(chain.from_iterable(map(pairwise, together)))
        others = tuple(dict.fromkeys(or_alternatives(self.root.clauses)))
        object.__setattr__(self, "is_question", self.text.rstrip().endswith("?"))
        object.__setattr__(self, "syllables", kept)
        object.__setattr__(self, "runs", together)
        object.__setattr__(self, "pairs", tuple(pairs))
        object.__setattr__(self, "alternatives", others[:MAX_SYLLABLES])

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing at all."""
        return not self.root.clauses

    def __str__(self) -> str:
        text = self._written(literal=False)
        # What was typed in capitals, or beside other letters, may look like keystrokes now.
        return self._written(literal=True) if reads_as_keystrokes(text) else text

    def _written(self, *, literal: bool) -> str:
        parts = [clause.written(literal) for clause in self.root.clauses]
        parts += [f"sort:{self.sort}"] if self.sort else []
        return " ".join([*parts, "?"] if self.is_question else parts)


def parse(text: str, fields: FieldNames = ()) -> Query:
    """Understands a query that is meant to be one.

    Args:
        text: The query.
        fields: The keys of metadata that it may name (`KeywordFields.metadata_keys`), or what
            gives them, which is called only where there is a name before a colon.

    Raises:
        QueryError: Something in it makes no sense; `position` says where.
    """
    query, problems = parse_lenient(text, fields)
    for problem in sorted(problems, key=lambda problem: problem.position):
        error = QueryError(f"{problem.message} (character {problem.position + 1})")
        error.position = problem.position
        raise error
    return query


def parse_lenient(text: str, fields: FieldNames = ()) -> tuple[Query, tuple[QueryProblem, ...]]:
    """Understands a query as far as it goes; never fails.

    Args:
        text: What a person typed.
        fields: As for `parse`.

    Returns:
        The query, and what in it is taken for plain words or passed over, and why.  The
        query's notes say the same.
    """
    found = parse_text(text, fields)
    notes = list(dict.fromkeys(problem.message for problem in found.problems))
    meant = text[:MAX_CHARACTERS]
    if len(notes) > _MOST_NOTES:
        notes[_MOST_NOTES:] = [f"{len(notes) - _MOST_NOTES} more parts were not understood"]
    if found.converted is not None:
        meant = found.converted.text
        notes.insert(0, f"searching for: {meant} (typed in {found.converted.method})")
    return Query(text, found.root, found.sort, tuple(notes), meant), found.problems


def without_phrases(query: Query) -> Query | None:
    """A query of many words with its phrases as plain words, or None if it is another.

    In a question marks of quotation are mostly meant as such; whoever asks for a phrase
    and little else means the phrase.  Phrases inside other parts stay as they are.
    """
    clauses = query.root.clauses
    if sum(isinstance(clause, SyllableTerm) for clause in clauses) <= _FEW_BESIDES:
        return None
    parts: list[Clause] = []
    for clause in clauses:
        parts += map(SyllableTerm, clause.syllables) if isinstance(clause, Phrase) else [clause]
    if len(parts) == len(clauses):
        return None
    note = "no report has the words in quotation marks together; shown is what has them apart"
    notes = (*query.notes, note)
    return Query(query.text, And(tuple(parts)), query.sort, notes, query.meant)
