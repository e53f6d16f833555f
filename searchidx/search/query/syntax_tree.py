"""The parts of a query: what a document must hold, must not hold, or should hold.

Each part prints itself as it is typed, so that the text of a query's parts is a query that
means the same.
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


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable of a query.

    Attributes:
        folded, marked: Its forms (`searchidx.language.syllable_forms`).
        has_marks: Whether it was typed with marks.
        typed: As it was typed; two syllables of the same forms are the same.
    """

    folded: str
    marked: str
    has_marks: bool
    typed: str = field(default="", compare=False)

    def __str__(self) -> str:
        text = self.typed or self.marked
        return text.lower() if text == "OR" else text


def parse_syllables(text: str) -> tuple[Syllable, ...]:
    """The syllables of a text, as a query has them."""
    return tuple(
        Syllable(folded(surface), marked(surface), has_marks(surface), surface)
        for surface in tokenize_syllables(text).surfaces
    )


class _Part(ABC):
    """A part that prints itself."""

    __slots__ = ()

    @abstractmethod
    def written(self, literal: bool = False) -> str:
        """As it is typed.

        Args:
            literal: Whether plain words have a backslash before them, so that nothing else
                is read in them.
        """

    def __str__(self) -> str:
        return self.written()


@dataclass(frozen=True, slots=True)
class SyllableTerm(_Part):
    """A syllable; wanted if it stands in a query by itself, required inside other parts."""

    syllable: Syllable

    def written(self, literal: bool = False) -> str:
        """``nghị``."""
        return f"\\{self.syllable}" if literal else str(self.syllable)


@dataclass(frozen=True, slots=True)
class Phrase(_Part):
    """Syllables that must stand together.

    Attributes:
        syllables: At least one.
        slop: None if they stand side by side in their order.  Else they stand in any order,
            each as often as it is there, in one stretch of a text that has at most so many
            other syllables.
    """

    syllables: tuple[Syllable, ...]
    slop: int | None = None

    def written(self, literal: bool = False) -> str:
        """``"quản lý thị trường"``, ``"quản lý thị trường"~5``."""
        words = " ".join(map(str, self.syllables))
        return f'"{words}"' if self.slop is None else f'"{words}"~{self.slop}'


@dataclass(frozen=True, slots=True)
class Prefix(_Part):
    """What a syllable must begin with.

    Attributes:
        beginning: The letters, in lower case (`searchidx.language.orthography.clean`).
        typed: As they were typed.
    """

    beginning: str
    typed: str = field(default="", compare=False)

    def written(self, literal: bool = False) -> str:
        """``nghi*``."""
        return f"{self.typed or self.beginning}*"


@dataclass(frozen=True, slots=True)
class Field(_Part):
    """What must be met in one field; what is inside of another such part is met there."""

    name: TextField
    clause: Clause

    def written(self, literal: bool = False) -> str:
        """``title:nghị``, ``body:(nghị OR luật)``."""
        return f"{self.name}:{_enclosed(self.clause, literal, (SyllableTerm, Phrase, Prefix))}"


@dataclass(frozen=True, slots=True)
class Path(_Part):
    """A part of the document's path."""

    value: str

    def written(self, literal: bool = False) -> str:
        """``path:bao-cao/2023``."""
        return f"path:{_quoted(self.value)}"


@dataclass(frozen=True, slots=True)
class Dates(_Part):
    """Days from `first` to `last`, both included; None leaves an end open, not both."""

    first: datetime.date | None
    last: datetime.date | None

    @property
    def is_empty(self) -> bool:
        """Whether no day is in it."""
        return self.first is not None and self.last is not None and self.first > self.last

    def written(self, literal: bool = False) -> str:
        """``date:2023-01-01..2023-12-31``."""
        first, last = (day.isoformat() if day else "" for day in (self.first, self.last))
        return f"date:{first}..{last}"


@dataclass(frozen=True, slots=True)
class Code(_Part):
    """A document code, in canonical form, that the document names."""

    code: str

    def written(self, literal: bool = False) -> str:
        """``code:35-NQ/TW``."""
        return f"code:{_quoted(self.code)}"


@dataclass(frozen=True, slots=True)
class Metadata(_Part):
    """A value of the document's metadata.

    Attributes:
        key: The key as `searchidx.store.metadata_key` gives it.
        value: The value as typed.
    """

    key: str
    value: str

    def written(self, literal: bool = False) -> str:
        """``nguon:"Sở Y tế"``."""
        return f"{self.key}:{_quoted(self.value)}"


@dataclass(frozen=True, slots=True)
class Not(_Part):
    """What must not be met."""

    clause: Clause

    def written(self, literal: bool = False) -> str:
        """``-nghị``, ``-(nghị OR luật)``."""
        return f"-{_enclosed(self.clause, literal, _SINGLE)}"


@dataclass(frozen=True, slots=True)
class Or(_Part):
    """What must be met in one way or another: at least two, none of them an `Or`."""

    clauses: tuple[Clause, ...]

    def written(self, literal: bool = False) -> str:
        """``nghị OR luật``."""
        return " OR ".join(_enclosed(each, literal, (*_SINGLE, Not)) for each in self.clauses)


@dataclass(frozen=True, slots=True)
class And(_Part):
    """What must all be met, none of it an `And`."""

    clauses: tuple[Clause, ...]

    def written(self, literal: bool = False) -> str:
        """``nghị luật``."""
        return " ".join(each.written(literal) for each in self.clauses)


Clause = (
    SyllableTerm | Phrase | Prefix | Field | Path | Dates | Code | Metadata | Not | Or | And
)
_SINGLE: Final = (SyllableTerm, Phrase, Prefix, Field, Path, Dates, Code, Metadata)


def _enclosed(clause: Clause, literal: bool, bare: tuple[type[Clause], ...]) -> str:
    """A part as it stands in another one: in brackets, if it is not of those that need none."""
    text = clause.written(literal)
    return text if isinstance(clause, bare) else f"({text})"


_SIMPLE: Final = re.compile(r"[\w/][\w./-]*")


def _quoted(value: str) -> str:
    """A value in quotation marks that it does not hold, if it needs any.

    There are such marks: it stood in some, or stood bare and holds none that opens.
    """
    if _SIMPLE.fullmatch(value):
        return value
    if '"' not in value:
        return f'"{value}"'
    return f"«{value}»" if re.search("[“”]", value) else f"“{value}”"


def syllable_runs(clauses: Sequence[Clause]) -> Iterator[list[Syllable]]:
    """The syllables that all parts together ask for, in runs of those typed side by side.

    Those are the words, and the words of phrases; what stands between two of them and asks
    for no word does not part them.
    """
    run: list[Syllable] = []
    for clause in map(_inner, clauses):
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
    """The syllables of which parts ask for some: those of groups with OR, in their order."""
    for clause in map(_inner, clauses):
        if isinstance(clause, Or):
            yield from _asked_for(clause)
        elif isinstance(clause, And):
            yield from or_alternatives(clause.clauses)


def prefix_clauses(clauses: Sequence[Clause]) -> Iterator[Prefix]:
    """The beginnings that parts ask for, those that they exclude left out."""
    for clause in map(_inner, clauses):
        if isinstance(clause, Prefix):
            yield clause
        elif isinstance(clause, And | Or):
            yield from prefix_clauses(clause.clauses)


def _asked_for(clause: Clause) -> Iterator[Syllable]:
    """The syllables of a part, those that it excludes left out."""
    clause = _inner(clause)
    if isinstance(clause, SyllableTerm):
        yield clause.syllable
    elif isinstance(clause, Phrase):
        yield from clause.syllables
    elif isinstance(clause, And | Or):
        for each in clause.clauses:
            yield from _asked_for(each)


def _inner(clause: Clause) -> Clause:
    """What is met in a field."""
    while isinstance(clause, Field):
        clause = clause.clause
    return clause
