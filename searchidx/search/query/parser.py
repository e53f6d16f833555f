"""Parse the tokens of a query into clauses, and report its problems.

An operand has two readings.  Standing alone it is optional: ``35-NQ/TW`` is three words.  After
a dash or the name of a field, or beside OR, it is required: ``-35-NQ/TW`` excludes a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from searchidx.language.keystrokes import ConvertedKeystrokes, convert_keystrokes
from searchidx.language.orthography import clean
from searchidx.language.tokenizer import SYLLABLE_PATTERN
from searchidx.search.query.brackets import balance_brackets
from searchidx.search.query.filters import (
    FieldNames,
    field_resolver,
    join_filters,
    quoted_excerpt,
)
from searchidx.search.query.lexer import QueryToken, lex
from searchidx.search.query.limits import (
    MAX_CHARACTERS,
    MAX_PROBLEMS,
    MAX_SLOP,
    QueryLimiter,
    flatten,
)
from searchidx.search.query.operators import read_operators
from searchidx.search.query.syntax_tree import (
    And,
    Clause,
    Code,
    Field,
    Metadata,
    Not,
    Or,
    Path,
    Phrase,
    Prefix,
    Syllable,
    SyllableTerm,
    parse_syllables,
)
from searchidx.search.query.values import Sort, read_code, read_dates, read_order

_TEXTS: Final[tuple[Literal["title", "body"], ...]] = ("title", "body")
# Compiled only when first used: few queries contain an asterisk.
_PREFIX: Final = rf"[^\w*]*({SYLLABLE_PATTERN.pattern})\*[\W_]*"
_LIKE_A_PREFIX: Final = r"\w\*\W*\Z|[^\W\d_]\*[^\W\d_]"  # not 3*4
_LIKE_A_PREFIX_INSIDE: Final = r"[^\W\d_]\*(?!\*)"
_EMPHASIS: Final = r"(?<![\w*])\*+\w"  # of Markdown


@dataclass(frozen=True, slots=True)
class QueryProblem:
    """A part of a query that is not searched as typed.

    Attributes:
        position: Its offset in the query (code points).
        message: The problem, and what is done instead or what to write.
    """

    position: int
    message: str


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The result of parsing a query.

    Attributes:
        root: The clauses.
        sort: The sort order that the query names, or None.
        problems: The parts that are not searched as typed.
        converted: The converted text if the query was typed in raw keystrokes, else None.
        tokens: The tokens of the text that was parsed, before filters were joined.
    """

    root: And
    sort: Sort | None
    problems: tuple[QueryProblem, ...]
    converted: ConvertedKeystrokes | None
    tokens: tuple[QueryToken, ...]


def parse_text(text: str, fields: FieldNames) -> ParsedQuery:
    """Parse a query; `searchidx.search.query.query.parse_lenient` describes how.

    Args:
        text: The query as typed.
        fields: The metadata keys that it may name.
    """
    resolve = field_resolver(fields)
    used = text[:MAX_CHARACTERS]
    lexed, unclosed = lex(used, resolve)
    tokens, join_notes = _joined(used, lexed)
    converted = convert_keystrokes(used, _keystroke_spans(tokens))
    if converted is not None:
        used = converted.text
        lexed, unclosed = lex(used, resolve)
        tokens, join_notes = _joined(used, lexed)
    parser = _Parser(used, tokens, converted)
    for position, message in join_notes:
        parser.problem(position, message)
    if len(text) > MAX_CHARACTERS:
        parser.problem(
            MAX_CHARACTERS,
            f"the query is too long; its first {MAX_CHARACTERS:,} characters are used",
        )
    root = parser.root()
    if unclosed is not None:
        parser.problem(
            unclosed, "a quotation mark is not closed; the words after it are plain words"
        )
    root = QueryLimiter(parser.offsets, parser.problem).apply(root)
    return ParsedQuery(root, parser.sort, tuple(parser.problems), converted, tuple(lexed))


def _joined(
    text: str, tokens: list[QueryToken]
) -> tuple[list[QueryToken], list[tuple[int, str]]]:
    """Join the parts of filters, and read the operators of other engines."""
    joined, notes = join_filters(text, tokens)
    return read_operators(joined), notes


def reads_as_keystrokes(printed: str) -> bool:
    """Return whether a printed query would be read as typed in raw keystrokes.

    A printed query has a colon only after the name of a field, so every name counts as a field.
    """
    return convert_keystrokes(printed, _keystroke_spans(lex(printed, str)[0])) is not None


def _keystroke_spans(tokens: list[QueryToken]) -> Iterator[tuple[int, int]]:
    """Yield the spans of the words that may be raw keystrokes, as half-open code points."""
    for token in tokens:
        if (
            token.kind == "plain"
            and token.name in (None, *_TEXTS)
            and not token.literal
            and _prefix(token.content) is None
        ):
            yield token.content_start, token.end


def _prefix(content: str) -> Prefix | None:
    """Read a word with an asterisk at its end as a prefix, else return None."""
    match = re.fullmatch(_PREFIX, content) if "*" in content else None
    if match is None or not (beginning := clean(match[1])):
        return None
    return Prefix(beginning, match[1])


@dataclass(frozen=True, slots=True)
class _Operand:
    """An operand in both of its readings.

    Attributes:
        alone: The clauses if it stands alone; words among them are optional.
        required: The one clause if it is required: inside OR, a field or an exclusion.
    """

    alone: tuple[Clause, ...]
    required: Clause


class _Parser:
    """Parse the tokens of one query.

    Args:
        text: The query.
        tokens: The tokens of the query.
        converted: The conversion that gave `text`, if it was typed in raw keystrokes.
    """

    def __init__(
        self, text: str, tokens: list[QueryToken], converted: ConvertedKeystrokes | None
    ) -> None:
        self.sort: Sort | None = None
        self.problems: list[QueryProblem] = []
        self._text = text
        self._converted = converted
        self.offsets: dict[int, int] = {}
        """The offset (code points) of each clause, keyed by the clause's ``id()``."""
        self._tokens = balance_brackets(tokens, self.problem)
        self._next = 0

    def problem(self, position: int, message: str) -> None:
        """Record a problem at an offset of the parsed text."""
        if len(self.problems) < MAX_PROBLEMS:
            if self._converted is not None:
                position = self._converted.original_offset(position)
            self.problems.append(QueryProblem(position, message))

    def root(self) -> And:
        """Parse the whole query."""
        return And(self._parse_sequence())

    def _parse_sequence(self) -> tuple[Clause, ...]:
        """Parse up to the closing bracket or the end of the query."""
        groups: list[list[_Operand]] = []  # OR joins the operands of one group
        pending: QueryToken | None = None
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            self._next += 1
            if token.kind == "close":
                break
            if token.kind == "or":
                if pending is not None or not groups:
                    groups += self._or_as_word(token)
                else:
                    pending = token
                continue
            operand = self._parse_operand(token)
            if operand is None:
                continue
            if pending is None:
                groups.append([operand])
            else:
                groups[-1].append(operand)
                pending = None
        if pending is not None:
            groups += self._or_as_word(pending)
        clauses: list[Clause] = []
        for group in groups:
            clauses += group[0].alone if len(group) == 1 else (_join_with_or(group),)
        return tuple(clauses)

    def _or_as_word(self, token: QueryToken) -> list[list[_Operand]]:
        """Read an OR without operands on both sides as a plain word; a sign is none."""
        syllables = parse_syllables(token.content)
        if not syllables:
            return []
        self.problem(token.start, "OR needs something on both sides; it is a plain word here")
        return [[self._plain_words(token, syllables)]]

    def _parse_operand(self, token: QueryToken) -> _Operand | None:
        """Parse an operand with its prefix; None if there is nothing to search for."""
        operand: _Operand | None
        name = token.name
        if token.kind == "open":
            inner = self._parse_sequence()
            operand = _Operand(inner, inner[0] if len(inner) == 1 else And(inner))
            if not inner:
                return None
            if name is not None and name not in _TEXTS:
                self.problem(
                    token.start,
                    f"{name}: takes one value, not brackets; put a value that has brackets "
                    "in quotation marks",
                )
        elif name is None or name in _TEXTS:
            operand = self._parse_words(token)
        elif name == "sort" and self._parse_sort(token):
            return None
        else:
            clause = self._parse_value(token, name)
            if clause is None:
                operand = self._parse_words(token)
            else:
                operand = self._required(token, clause)
        if operand is None:
            return None
        for text in _TEXTS:
            if name == text:
                operand = self._required(token, Field(text, operand.required))
        return self._required(token, Not(operand.required)) if token.minus else operand

    def _required(self, token: QueryToken, clause: Clause) -> _Operand:
        """Return an operand that is required even if it stands alone."""
        self.offsets[id(clause)] = token.start
        return _Operand((clause,), clause)

    def _plain_words(self, token: QueryToken, syllables: tuple[Syllable, ...]) -> _Operand:
        """Return plain words: optional if they stand alone, a phrase where required."""
        words = tuple(map(SyllableTerm, syllables))
        required = words[0] if len(syllables) == 1 else Phrase(syllables)
        self.offsets.update(dict.fromkeys(map(id, (*words, required)), token.start))
        return _Operand(words, required)

    def _parse_words(self, token: QueryToken) -> _Operand | None:
        """Parse plain words, a phrase or a prefix."""
        content = token.content
        if token.kind == "plain" and not token.literal:
            prefix = _prefix(content)
            if prefix is not None:
                return self._required(token, prefix)
            if not content.startswith("*") and re.search(_LIKE_A_PREFIX, content):
                self.problem(
                    token.start,
                    f"{quoted_excerpt(content)} is read without *, "
                    "which may only follow a word",
                )
        syllables = parse_syllables(content)
        if not syllables:
            return None
        if token.kind != "quoted":
            return self._plain_words(token, syllables)
        if re.search(_LIKE_A_PREFIX_INSIDE, content) and not re.search(_EMPHASIS, content):
            self.problem(
                token.start,
                f'"{quoted_excerpt(content)}" is read without *, '
                "which may only follow a single word",
            )
        slop = token.slop
        if slop is not None and slop > MAX_SLOP:
            self.problem(token.start, f"~{slop} is too far; ~{MAX_SLOP} is the most, and used")
            slop = MAX_SLOP
        return self._required(token, Phrase(syllables, slop))

    def _parse_sort(self, token: QueryToken) -> bool:
        """Set the sort order that a token names; return whether it names one."""
        order = read_order(token.content)
        if order is not None and token.minus:
            self.problem(token.start, "an order cannot be excluded; it is ignored")
        elif order is not None:
            self.sort = order
        return order is not None

    def _parse_value(self, token: QueryToken, name: str) -> Clause | None:
        """Parse the value of a field other than title and body, or return None."""
        content = token.content.strip()
        typed = quoted_excerpt(self._text[token.start : token.end])
        if token.slop is not None:
            self.problem(
                token.start,
                f"~{token.slop} is ignored: it may only follow words in quotation marks",
            )
        if not content:
            self.problem(token.start, f"{typed} names nothing")
        elif name == "sort":
            self.problem(
                token.start,
                f"{typed} is not an order of hits; write sort:date or sort:relevance",
            )
        elif name == "date":
            dates = read_dates(content)
            if dates is None:
                self.problem(
                    token.start,
                    f"{typed} is not a date; write date:2023, "
                    "date:2023-07-24, date:24/7/2023 or date:2022..2023",
                )
            elif dates.is_empty:
                self.problem(
                    token.start, f"{typed} ends before it begins, so no report is in it"
                )
            return dates
        elif name == "code":
            code = read_code(content)
            if code is None:
                self.problem(
                    token.start,
                    f"{typed} is not a document code; write code:35-NQ/TW or "
                    "code:30/2020/NĐ-CP",
                )
            return None if code is None else Code(code)
        else:
            return Path(content) if name == "path" else Metadata(name, content)
        return None


def _join_with_or(group: list[_Operand]) -> Or:
    return Or(flatten(Or, (operand.required for operand in group)))
