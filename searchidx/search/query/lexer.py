"""Split the text of a query into tokens: words, quotations, brackets and OR.

A token includes its prefix: a dash and the name of a field.  The time is linear in the length
of any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from searchidx.language.character_classes import DASHES

_SPACE: Final = re.compile(r"\s*")
_MINUS: Final = re.compile(rf"[{DASHES}](?=[^\s){DASHES}])")
_NAME: Final = re.compile(r'(?P<name>[^\s:"“«()\\]{1,64}):(?=[^\s:)])')
# A quotation contains no other opening mark, so an unclosed mark never causes a rescan of the
# rest.  Some keyboards and programs put the closing mark on both sides.
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
        kind: "plain" words, a "quoted" text, an "open" or "close" bracket, or "or".
        start, end: The half-open range in the query (code points), prefix included.
        content: The words, or the text between the quotation marks.
        content_start: Where the content begins (code points).
        minus: Whether a dash excludes it.
        name: The field named before it, or None.
        slop: The number in ``"…"~5`` (syllables), or None.
        literal: Whether a backslash marks it as plain words.
    """

    kind: QueryTokenKind
    start: int
    end: int
    content: str
    content_start: int
    minus: bool = False
    name: str | None = None
    slop: int | None = None
    literal: bool = False


def lex(text: str, field: Callable[[str], str | None]) -> tuple[list[QueryToken], int | None]:
    """Split a query into tokens.

    Args:
        text: The query.
        field: Maps a name before a colon to a field, or to None if it names no field.

    Returns:
        The tokens, and the offset of the first unclosed quotation mark or None.
    """
    tokens: list[QueryToken] = []
    unclosed: int | None = None
    offset = 0
    while (offset := _match_end(_SPACE, text, offset)) < len(text):
        if text[offset] == ")":
            tokens.append(QueryToken("close", offset, offset + 1, ")", offset))
            offset += 1
            continue
        token = _lex_token(text, offset, field)
        if token is None:  # an unclosed quotation mark, or a dash before one
            if text[offset] in '"“«':
                unclosed = offset if unclosed is None else unclosed
            offset += 1
            continue
        tokens.append(token)
        offset = token.end
    return tokens, unclosed


def _lex_token(text: str, start: int, field: Callable[[str], str | None]) -> QueryToken | None:
    """Return the token that begins at an offset, or None."""
    begin = start
    minus = False
    if (start == 0 or text[start - 1] == "(" or text[start - 1].isspace()) and (
        dash := _MINUS.match(text, start)
    ):
        minus, begin = True, dash.end()
    match = _NAME.match(text, begin)
    if match is not None and (name := field(match["name"])) is not None:
        token = _lex_content(text, start, match.end(), minus, name)
        if token is not None:
            return token
    return _lex_content(text, start, begin, minus, None)


def _lex_content(
    text: str, start: int, begin: int, minus: bool, name: str | None
) -> QueryToken | None:
    """Return the token whose prefix begins at `start` and whose content begins at `begin`."""
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


def _match_end(pattern: re.Pattern[str], text: str, offset: int) -> int:
    """Return the end of the match at an offset, or the offset if there is none."""
    match = pattern.match(text, offset)
    return match.end() if match else offset
