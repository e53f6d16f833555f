"""The text of a query as tokens: words, what is quoted, brackets, OR, and what stands before.

Linear in the length of the text, whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

_DASHES: Final = r"\-\u2010\u2011\u2012\u2013\u2014\u2212"  # as they stand in a character class
_SPACE: Final = re.compile(r"\s*")
_MINUS: Final = re.compile(rf"[{_DASHES}](?=[^\s{_DASHES})])")
_NAME: Final = re.compile(r'(?P<name>[^\s:"“«()\\]{1,64}):(?=[^\s:)])')
# What is quoted holds no other opening mark: open ones cost no second look at the rest.
# A keyboard or a program may put the closing mark on both sides.
_QUOTED: Final = re.compile(
    r"(?:\"(?P<quoted>[^\"]*)\"|“(?P<curled>[^“”]*)”|«(?P<pointed>[^«»]*)»"
    r"|”(?P<closing>[^\"“”«»]*)”)"
    r"(?:~(?P<slop>[0-9]{1,9})(?!\w))?"
)
_PLAIN: Final = re.compile(r"[^\s\"“«()]+")

QueryTokenKind = Literal["plain", "quoted", "open", "close", "or"]


@dataclass(frozen=True, slots=True)
class QueryToken:
    """A token of a query.

    Attributes:
        kind: "plain" words, what is "quoted", brackets that "open" and "close", or "or".
        start, end: Half-open code points of the query, with what stands before the content.
        content: The words, or what is between the quotation marks.
        begin: Where the content begins.
        minus: Whether a dash excludes it.
        name: The field that it is looked for in, or None.
        slop: The number of ``"…"~5``, or None.
        literal: Whether a backslash has it taken for plain words.
    """

    kind: QueryTokenKind
    start: int
    end: int
    content: str
    begin: int
    minus: bool = False
    name: str | None = None
    slop: int | None = None
    literal: bool = False


def lex(text: str, field: Callable[[str], str | None]) -> tuple[list[QueryToken], int | None]:
    """The tokens of a query.

    Args:
        text: The query.
        field: The field that a name before a colon means, or None where it is no name.

    Returns:
        The tokens, and where a quotation mark first stands that is not closed, or None.
    """
    found: list[QueryToken] = []
    unclosed: int | None = None
    place = 0
    while (place := _end(_SPACE, text, place)) < len(text):
        if text[place] == ")":
            found.append(QueryToken("close", place, place + 1, ")", place))
            place += 1
            continue
        token = _clause(text, place, field)
        if token is None:  # a quotation mark that is not closed, or a dash before one
            if text[place] in '"“«':
                unclosed = place if unclosed is None else unclosed
            place += 1
            continue
        found.append(token)
        place = token.end
    return found, unclosed


def _clause(text: str, start: int, field: Callable[[str], str | None]) -> QueryToken | None:
    """The clause that begins at a place, or None."""
    begin = start
    minus = False
    if (start == 0 or text[start - 1] == "(" or text[start - 1].isspace()) and (
        dash := _MINUS.match(text, start)
    ):
        minus, begin = True, dash.end()
    match = _NAME.match(text, begin)
    if match is not None and (name := field(match["name"])) is not None:
        token = _content(text, start, match.end(), minus, name)
        if token is not None:
            return token
    return _content(text, start, begin, minus, None)


def _content(
    text: str, start: int, begin: int, minus: bool, name: str | None
) -> QueryToken | None:
    if text[begin] == "(":
        return QueryToken("open", start, begin + 1, "(", begin, minus, name)
    quoted = _QUOTED.match(text, begin)
    if quoted is not None:
        marks = ("quoted", "curled", "pointed", "closing")
        content = next(quoted[mark] for mark in marks if quoted[mark] is not None)
        slop = None if quoted["slop"] is None else int(quoted["slop"])
        return QueryToken("quoted", start, quoted.end(), content, begin + 1, minus, name, slop)
    plain = _PLAIN.match(text, begin)
    if plain is None:
        return None
    content, end = plain.group(), plain.end()
    if content == "OR" and not minus and name is None:
        return QueryToken("or", start, end, content, begin)
    literal = content.startswith("\\")
    return QueryToken("plain", start, end, content, begin, minus, name, literal=literal)


def _end(pattern: re.Pattern[str], text: str, place: int) -> int:
    match = pattern.match(text, place)
    return match.end() if match else place
