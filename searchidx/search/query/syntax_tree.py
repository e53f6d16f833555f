"""Define the clauses of a query's syntax tree.

Each clause prints itself in the query language: parsing that text gives the same clause.
"""

from __future__ import annotations

import datetime
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from searchidx.language.syllable_forms import folded, has_marks, marked
from searchidx.language.tokenizer import tokenize_syllables

TextField = Literal["title", "body"]

_OPERATOR_WORDS: Final = frozenset(("OR", "AND", "NOT"))
"""Words that are operators if they are typed in capitals."""


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable of a query.

    Attributes:
        folded, marked: Its forms (`searchidx.language.syllable_forms`).
        has_marks: Whether it was typed with diacritics.
        typed: The text as typed.  It is ignored when syllables are compared.
    """

    folded: str
    marked: str
    has_marks: bool
    typed: str = field(default="", compare=False)

    def __str__(self) -> str:
        text = self.typed or self.marked
        return text.lower() if text in _OPERATOR_WORDS else text


def parse_syllables(text: str) -> tuple[Syllable, ...]:
    """Split a text into the syllables of a query."""
    return tuple(
        Syllable(folded(surface), marked(surface), has_marks(surface), surface)
        for surface in tokenize_syllables(text).surfaces
    )


class _BaseClause(ABC):
    """A clause that prints itself in the query language."""

    __slots__ = ()

    @abstractmethod
    def to_text(self, literal: bool = False) -> str:
        """Return the clause in the query language.

        Args:
            literal: Whether to put a backslash before plain words, so that they can only be
                read as words.
        """

    def __str__(self) -> str:
        return self.to_text()


@dataclass(frozen=True, slots=True)
class SyllableTerm(_BaseClause):
    """A syllable: optional at the top level of a query, required inside other clauses."""

    syllable: Syllable

    def to_text(self, literal: bool = False) -> str:
        """``nghị``."""
        return f"\\{self.syllable}" if literal else str(self.syllable)


@dataclass(frozen=True, slots=True)
class Phrase(_BaseClause):
    """Syllables that must occur together.

    Attributes:
        syllables: One or more syllables.
        slop: None for an exact phrase: adjacent syllables in this order.  Otherwise a
            proximity phrase: one stretch of the text contains every syllable, in any order
            and as often as listed, and at most `slop` other syllables.
    """

    syllables: tuple[Syllable, ...]
    slop: int | None = None

    def to_text(self, literal: bool = False) -> str:
        """``"quản lý thị trường"``, ``"quản lý thị trường"~5``."""
        words = " ".join(map(str, self.syllables))
        return f'"{words}"' if self.slop is None else f'"{words}"~{self.slop}'


@dataclass(frozen=True, slots=True)
class Prefix(_BaseClause):
    """The beginning of a syllable.

    Attributes:
        beginning: The letters, in lower case (`searchidx.language.orthography.clean`).
        typed: The letters as typed.
    """

    beginning: str
    typed: str = field(default="", compare=False)

    def to_text(self, literal: bool = False) -> str:
        """``nghi*``."""
        return f"{self.typed or self.beginning}*"


@dataclass(frozen=True, slots=True)
class Field(_BaseClause):
    """A clause that must match in one field.  The innermost field of a nesting applies."""

    name: TextField
    clause: Clause

    def to_text(self, literal: bool = False) -> str:
        """``title:nghị``, ``body:(nghị OR luật)``."""
        return (
            f"{self.name}:{_nested_text(self.clause, literal, (SyllableTerm, Phrase, Prefix))}"
        )


@dataclass(frozen=True, slots=True)
class Path(_BaseClause):
    """A text that the document's path must contain."""

    value: str

    def to_text(self, literal: bool = False) -> str:
        """``path:bao-cao/2023``."""
        return f"path:{_quote_if_needed(self.value)}"


@dataclass(frozen=True, slots=True)
class DateRange(_BaseClause):
    """The days from `first` to `last`, both included.  At most one end is None (open)."""

    first: datetime.date | None
    last: datetime.date | None

    @property
    def is_empty(self) -> bool:
        """Return whether the range contains no day."""
        return self.first is not None and self.last is not None and self.first > self.last

    def to_text(self, literal: bool = False) -> str:
        """``date:2023-01-01..2023-12-31``."""
        first, last = (day.isoformat() if day else "" for day in (self.first, self.last))
        return f"date:{first}..{last}"


@dataclass(frozen=True, slots=True)
class Code(_BaseClause):
    """A document code, in canonical form, that the document must mention."""

    code: str

    def to_text(self, literal: bool = False) -> str:
        """``code:35-NQ/TW``."""
        return f"code:{_quote_if_needed(self.code)}"


@dataclass(frozen=True, slots=True)
class Metadata(_BaseClause):
    """A value that the document's metadata must have.

    Attributes:
        key: The key as `searchidx.store.metadata_key` gives it.
        value: The value as typed.
    """

    key: str
    value: str

    def to_text(self, literal: bool = False) -> str:
        """``nguon:"Sở Y tế"``."""
        return f"{self.key}:{_quote_if_needed(self.value)}"


@dataclass(frozen=True, slots=True)
class Not(_BaseClause):
    """A clause that must not match."""

    clause: Clause

    def to_text(self, literal: bool = False) -> str:
        """``-nghị``, ``-(nghị OR luật)``, and ``!19``, as a dash is part of ``Covid -19``."""
        text = _nested_text(self.clause, literal, _SINGLE)
        return f"!{text}" if text.isdecimal() else f"-{text}"


@dataclass(frozen=True, slots=True)
class Or(_BaseClause):
    """Clauses of which one must match: at least two, none of them an `Or`."""

    clauses: tuple[Clause, ...]

    def to_text(self, literal: bool = False) -> str:
        """``nghị OR luật``."""
        return " OR ".join(
            _nested_text(each, literal, (*_SINGLE, Not)) for each in self.clauses
        )


@dataclass(frozen=True, slots=True)
class And(_BaseClause):
    """Clauses that must all match, none of them an `And`."""

    clauses: tuple[Clause, ...]

    def to_text(self, literal: bool = False) -> str:
        """``nghị luật``."""
        return " ".join(each.to_text(literal) for each in self.clauses)


Clause = (
    SyllableTerm | Phrase | Prefix | Field | Path | DateRange | Code | Metadata | Not | Or | And
)
_SINGLE: Final = (SyllableTerm, Phrase, Prefix, Field, Path, DateRange, Code, Metadata)


def _nested_text(clause: Clause, literal: bool, bare: tuple[type[Clause], ...]) -> str:
    """Print a clause inside another one, in brackets unless it is of a type in `bare`."""
    text = clause.to_text(literal)
    return text if isinstance(clause, bare) else f"({text})"


_UNQUOTED_VALUE: Final = re.compile(r"[\w/][\w./-]*")


def _quote_if_needed(value: str) -> str:
    """Put a value in quotation marks that it does not contain, if it needs any.

    Such marks always exist: the value was typed inside a pair of marks, or without marks and
    then contains no opening one.
    """
    if _UNQUOTED_VALUE.fullmatch(value):
        return value
    if '"' not in value:
        return f'"{value}"'
    return f"«{value}»" if re.search("[“”]", value) else f"“{value}”"


def syllable_runs(clauses: Sequence[Clause]) -> Iterator[list[Syllable]]:
    """Yield the syllables to rank by, in runs of adjacent ones.

    These are the words and the words of phrases.  A clause without words, such as a date, does
    not end a run; an OR group, a prefix or brackets do.
    """
    run: list[Syllable] = []
    for clause in map(_without_field, clauses):
        if isinstance(clause, SyllableTerm):
            run.append(clause.syllable)
        elif isinstance(clause, Phrase):
            run += clause.syllables
        elif isinstance(clause, And | Or | Prefix):
            yield run
            run = []
            if isinstance(clause, And):
                yield from syllable_runs(clause.clauses)
    yield run


def or_alternatives(clauses: Sequence[Clause]) -> Iterator[Syllable]:
    """Yield the syllables of the OR groups, in their order."""
    for clause in map(_without_field, clauses):
        if isinstance(clause, Or):
            yield from _positive_syllables(clause)
        elif isinstance(clause, And):
            yield from or_alternatives(clause.clauses)


def prefix_clauses(clauses: Sequence[Clause]) -> Iterator[Prefix]:
    """Yield the prefixes among the clauses, but not the excluded ones."""
    for clause in map(_without_field, clauses):
        if isinstance(clause, Prefix):
            yield clause
        elif isinstance(clause, And | Or):
            yield from prefix_clauses(clause.clauses)


def _positive_syllables(clause: Clause) -> Iterator[Syllable]:
    """Yield the syllables of a clause, but not the excluded ones."""
    clause = _without_field(clause)
    if isinstance(clause, SyllableTerm):
        yield clause.syllable
    elif isinstance(clause, Phrase):
        yield from clause.syllables
    elif isinstance(clause, And | Or):
        for each in clause.clauses:
            yield from _positive_syllables(each)


def _without_field(clause: Clause) -> Clause:
    """Return the clause inside any number of `Field` clauses."""
    while isinstance(clause, Field):
        clause = clause.clause
    return clause
