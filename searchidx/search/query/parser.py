"""Tokens to the parts of a query, and what of it makes no sense.

A part is read in two ways.  By itself it is wanted: ``35-NQ/TW`` are three words.  Behind a
dash or the name of a field, or beside OR, it is required: ``-35-NQ/TW`` is a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from searchidx.language.keystrokes import Converted, convert
from searchidx.language.orthography import clean
from searchidx.language.tokenizer import SYLLABLE_PATTERN
from searchidx.search.query.filters import FILTER_NAMES, join_filters, quoted_excerpt
from searchidx.search.query.lexer import QueryToken, lex
from searchidx.search.query.limits import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_PROBLEMS,
    MAX_SLOP,
    Limits,
    flat,
)
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
from searchidx.store import metadata_key

FieldNames = Collection[str] | Callable[[], Collection[str]]
"""Keys of metadata, or what gives them when they are asked for."""

_TEXTS: Final[tuple[Literal["title", "body"], ...]] = ("title", "body")
# Few queries have these; they are compiled for the first.
_PREFIX: Final = rf"[^\w*]*({SYLLABLE_PATTERN.pattern})\*[\W_]*"
_LIKE_A_PREFIX: Final = r"\w\*\W*\Z|[^\W\d_]\*[^\W\d_]"  # 3*4 is none
_LIKE_A_PREFIX_INSIDE: Final = r"[^\W\d_]\*(?!\*)"
_EMPHASIS: Final = r"(?<![\w*])\*+\w"  # of Markdown


@dataclass(frozen=True, slots=True)
class QueryProblem:
    """A part of a query that is not searched for as it stands.

    Attributes:
        position: Where it is, in code points of the query.
        message: What is wrong, and what is done or may be written instead.
    """

    position: int
    message: str


@dataclass(frozen=True, slots=True)
class ParsedText:
    """What was read in a text.

    Attributes:
        root: Its parts.
        sort: The order that it asks for, or None.
        problems: What of it makes no sense.
        converted: The text as it was meant, if it was typed in raw keystrokes.
    """

    root: And
    sort: Sort | None
    problems: tuple[QueryProblem, ...]
    converted: Converted | None


def parse_text(text: str, fields: FieldNames) -> ParsedText:
    """Reads a query, as `searchidx.search.query.query.parse_lenient` describes it."""
    known = field_resolver(fields)
    used = text[:MAX_CHARACTERS]
    tokens, unclosed = lex(used, known)
    tokens, apart = join_filters(used, tokens)
    converted = convert(used, _keystrokes(tokens))
    if converted is not None:
        used = converted.text
        tokens, unclosed = lex(used, known)
        tokens, apart = join_filters(used, tokens)
    parser = _Parser(used, tokens, converted)
    for position, message in apart:
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
    root = Limits(parser.places, parser.problem).applied(root)
    return ParsedText(root, parser.sort, tuple(parser.problems), converted)


def reads_as_keystrokes(printed: str) -> bool:
    """Whether a query as it is printed would be read as typed in raw keystrokes.

    What stands before a colon in it is the name of a field, for no word has one.
    """
    return convert(printed, _keystrokes(lex(printed, str)[0])) is not None


def _keystrokes(tokens: list[QueryToken]) -> Iterator[tuple[int, int]]:
    """Where words stand that may have been typed in raw keystrokes."""
    for token in tokens:
        if (
            token.kind == "plain"
            and token.name in (None, *_TEXTS)
            and not token.literal
            and _prefix(token.content) is None
        ):
            yield token.begin, token.end


def _prefix(content: str) -> Prefix | None:
    """What a word begins with, if that is all that is said of it."""
    match = re.fullmatch(_PREFIX, content) if "*" in content else None
    if match is None or not (beginning := clean(match[1])):
        return None
    return Prefix(beginning, match[1])


def field_resolver(fields: FieldNames) -> Callable[[str], str | None]:
    """What tells which field a name before a colon means, if any (`parse_text`)."""
    keys: Collection[str] | None = None if callable(fields) else fields

    def known(name: str) -> str | None:
        nonlocal keys
        if (lower := name.lower()) in FILTER_NAMES:
            return lower
        if keys is not None and not keys:
            return None
        key = metadata_key(name)
        if keys is None:
            assert callable(fields)
            keys = fields()
        return key if key in keys else None

    return known


@dataclass(frozen=True, slots=True)
class _Operand:
    """A part, as it is read by itself, and as it is read where it is required."""

    wanted: tuple[Clause, ...]
    required: Clause


class _Parser:
    """Reads the tokens of one query.

    Args:
        text: The query.
        tokens: Its tokens.
        converted: Where it came from, if it was typed in raw keystrokes.
    """

    def __init__(
        self, text: str, tokens: list[QueryToken], converted: Converted | None
    ) -> None:
        self.sort: Sort | None = None
        self.problems: list[QueryProblem] = []
        self._text = text
        self._converted = converted
        self.places: dict[int, int] = {}
        """Where each part that was read stands, by its identity."""
        self._tokens = self._bracketed(tokens)
        self._at = 0

    def problem(self, position: int, message: str) -> None:
        """Notes what makes no sense at a position of the text that is read."""
        if len(self.problems) < MAX_PROBLEMS:
            if self._converted is not None:
                position = self._converted.origin(position)
            self.problems.append(QueryProblem(position, message))

    # Brackets.

    def _bracketed(self, tokens: list[QueryToken]) -> list[QueryToken]:
        """The tokens without brackets that have no other, or stand too deep."""
        kept = [True] * len(tokens)
        opened: list[int] = []
        lonely: list[int] = []
        deep: int | None = None
        for at, token in enumerate(tokens):
            if token.kind == "open":
                opened.append(at)
            elif token.kind == "close" and opened:
                first = opened.pop()
                if len(opened) >= MAX_DEPTH:
                    kept[first] = kept[at] = False
                    deep = first if deep is None else min(deep, first)
            elif token.kind == "close":
                lonely.append(at)
        lonely += opened
        for at in lonely:
            kept[at] = False
        # Text of all kinds has brackets; only where they may have meant something is it said.
        if lonely and any(
            token.kind == "or" or (token.kind == "open" and (token.minus or token.name))
            for token in tokens
        ):
            self.problem(tokens[min(lonely)].start, "a bracket has no other that belongs to it")
        if deep is not None:
            self.problem(
                tokens[deep].start,
                f"brackets deeper than {MAX_DEPTH} in each other are passed over",
            )
        return [token for token, keep in zip(tokens, kept, strict=True) if keep]

    # Parts.

    def root(self) -> And:
        """All of the query."""
        return And(self._sequence())

    def _sequence(self) -> tuple[Clause, ...]:
        """What stands up to the bracket that closes, or to the end."""
        groups: list[list[_Operand]] = []  # those of each joined by OR
        pending: QueryToken | None = None
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.kind == "close":
                break
            if token.kind == "or":
                if pending is not None or not groups:
                    groups.append([self._lonely_or(token)])
                else:
                    pending = token
                continue
            operand = self._operand(token)
            if operand is None:
                continue
            if pending is None:
                groups.append([operand])
            else:
                groups[-1].append(operand)
                pending = None
        if pending is not None:
            groups.append([self._lonely_or(pending)])
        found: list[Clause] = []
        for group in groups:
            found += group[0].wanted if len(group) == 1 else (_either(group),)
        return tuple(found)

    def _lonely_or(self, token: QueryToken) -> _Operand:
        self.problem(token.start, "OR needs something on both sides; it is a plain word here")
        return self._plain_words(token, parse_syllables(token.content))

    def _operand(self, token: QueryToken) -> _Operand | None:
        """A part with what stands before it; None where there is nothing to look for."""
        operand: _Operand | None
        name = token.name
        if token.kind == "open":
            inner = self._sequence()
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
            operand = self._words(token)
        elif name == "sort" and self._orders(token):
            return None
        else:
            clause = self._value(token, name)
            operand = self._words(token) if clause is None else self._part(token, clause)
        if operand is None:
            return None
        for text in _TEXTS:
            if name == text:
                operand = self._part(token, Field(text, operand.required))
        return self._part(token, Not(operand.required)) if token.minus else operand

    def _part(self, token: QueryToken, clause: Clause) -> _Operand:
        """A part that is required, even by itself."""
        self.places[id(clause)] = token.start
        return _Operand((clause,), clause)

    def _plain_words(self, token: QueryToken, found: tuple[Syllable, ...]) -> _Operand:
        words = tuple(map(SyllableTerm, found))
        required = words[0] if len(found) == 1 else Phrase(found)
        self.places.update(dict.fromkeys(map(id, (*words, required)), token.start))
        return _Operand(words, required)

    def _words(self, token: QueryToken) -> _Operand | None:
        """Words, a phrase, or what a word begins with."""
        content = token.content
        if token.kind == "plain" and not token.literal:
            prefix = _prefix(content)
            if prefix is not None:
                return self._part(token, prefix)
            if not content.startswith("*") and re.search(_LIKE_A_PREFIX, content):
                self.problem(
                    token.start,
                    f"{quoted_excerpt(content)} is read without *, which stands behind one word",
                )
        found = parse_syllables(content)
        if not found:
            return None
        if token.kind != "quoted":
            return self._plain_words(token, found)
        if re.search(_LIKE_A_PREFIX_INSIDE, content) and not re.search(_EMPHASIS, content):
            self.problem(
                token.start,
                f'"{quoted_excerpt(content)}" is read without *, which stands behind one word alone',
            )
        slop = token.slop
        if slop is not None and slop > MAX_SLOP:
            self.problem(token.start, f"~{slop} is too far; ~{MAX_SLOP} is the most, and used")
            slop = MAX_SLOP
        return self._part(token, Phrase(found, slop))

    def _orders(self, token: QueryToken) -> bool:
        """Whether a token asks for an order; then it is set."""
        order = read_order(token.content)
        if order is not None and token.minus:
            self.problem(token.start, "an order cannot be excluded; it is passed over")
        elif order is not None:
            self.sort = order
        return order is not None

    def _value(self, token: QueryToken, name: str) -> Clause | None:
        """What a field other than a text must have, or None if it is none."""
        content = token.content.strip()
        typed = quoted_excerpt(self._text[token.start : token.end])
        if token.slop is not None:
            self.problem(token.start, f"~{token.slop} is passed over: it stands behind words")
        if not content:
            self.problem(token.start, f"{typed} names nothing")
        elif name == "sort":
            self.problem(
                token.start,
                f"{typed} is no order of hits; write sort:date or sort:relevance",
            )
        elif name == "date":
            dates = read_dates(content)
            if dates is None:
                self.problem(
                    token.start,
                    f"{typed} is no date that can be searched; write date:2023, "
                    "date:2023-07-24, date:24/7/2023 or date:2022..2023",
                )
            elif dates.is_empty:
                self.problem(
                    token.start, f"{typed} ends before it begins, so that nothing is in it"
                )
            return dates
        elif name == "code":
            code = read_code(content)
            if code is None:
                self.problem(
                    token.start,
                    f"{typed} is no document code; write code:35-NQ/TW or code:30/2020/NĐ-CP",
                )
            return None if code is None else Code(code)
        else:
            return Path(content) if name == "path" else Metadata(name, content)
        return None


def _either(group: list[_Operand]) -> Or:
    return Or(flat(Or, (operand.required for operand in group)))
