"""Names and values that white space parts: ``date: 2023``, ``date:2022 .. 2023``.

Text has colons of its own, so that little of it is taken for a filter: the query language's
own names alone, before a value that fits; and those that take any words only in small letters,
because a heading begins with a capital.  Whatever is read in this way is told.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from searchidx.search.query.lexer import QueryToken
from searchidx.search.query.values import read_code, read_dates, read_order

_MISSING: Final = {
    "title": "has no word behind it and is one; write title:lũ",
    "body": "has no word behind it and is one; write body:lũ",
    "path": "has no part of a path behind it and is a word; write path:2023/bao-cao",
    "date": "has no date behind it and is a word; write date:2023 or date:24/7/2023",
    "code": "has no document code behind it and is a word; write code:35-NQ/TW",
    "sort": "has no order behind it and is a word; write sort:date or sort:relevance",
}
"""What is said of each name where nothing stands behind it that it takes."""
FILTER_NAMES: Final = frozenset(_MISSING)
"""The names that a query has of its own."""

_READERS: Final = {"date": read_dates, "code": read_code, "sort": read_order}
_LONGEST_NAME: Final = max(map(len, _MISSING))
_SHOWN: Final = 60  # code points
_LETTER: Final = re.compile(r"[^\W_]")
# A dash with no white space behind it excludes.
_MORE: Final = re.compile(
    r"\s+(?:(?:\.\.|…)\s*|[-\u2010-\u2014\u2212]\s+)(?P<end>[^\s\"“«()]+)"
)


def join_filters(
    text: str, tokens: list[QueryToken]
) -> tuple[list[QueryToken], list[tuple[int, str]]]:
    """The tokens of a query, with what white space parts put together.

    Args:
        text: The query.
        tokens: Its tokens.

    Returns:
        The tokens; and what was read in this way, and which names have no value: where each
        begins, and what is said of it.
    """
    found: list[QueryToken] = []
    told: list[tuple[int, str]] = []
    following = iter([*tokens[1:], None])
    end = 0
    for token in tokens:
        value = next(following)
        if token.start < end:  # it belongs to what was put together
            continue
        whole, read = token, ""
        name = _name(token)
        if name is not None and value is not None and _belongs(text, token, value, name):
            whole = replace(value, start=token.start, minus=token.minus, name=name)
            read = "(…)" if value.kind == "open" else text[value.start : value.end]
        elif name is not None and token.content[:-1] == name:
            told.append((token.start, f"{name}: {_MISSING[name]}"))
        if whole.name == "date" and whole.kind == "plain":
            more = _MORE.match(text, whole.end)
            dates = f"{whole.content}..{more['end']}" if more is not None else ""
            if more is not None and read_dates(dates) is not None:
                whole, read = replace(whole, content=dates, end=more.end()), dates
        if whole is not token:
            typed = text[whole.start : whole.end] + read[1:] * (whole.kind == "open")
            meant = f"{'-' if whole.minus else ''}{whole.name}:{read}"
            told.append(
                (whole.start, f"{quoted_excerpt(typed)} is read as {quoted_excerpt(meant)}")
            )
        found.append(whole)
        end = whole.end
    return found, told


def quoted_excerpt(text: str) -> str:
    """A part of a query as a note shows it."""
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _name(token: QueryToken) -> str | None:
    """The name that a token is, with a colon and nothing behind it, or None."""
    content = token.content
    if token.kind != "plain" or token.name or not 1 < len(content) <= _LONGEST_NAME + 1:
        return None
    name = content[:-1].lower()
    return name if content[-1] == ":" and name in FILTER_NAMES else None


def _belongs(text: str, token: QueryToken, value: QueryToken, name: str) -> bool:
    """Whether what follows a name is a value of it."""
    if value.name or value.minus or not text[token.end : value.start].isspace():
        return False
    if value.kind not in ("plain", "quoted"):
        return value.kind == "open" and token.content in ("title:", "body:")
    if name in _READERS:
        return _READERS[name](value.content) is not None
    return (
        token.content[:-1] == name
        and _name(value) is None
        and _LETTER.search(value.content) is not None
    )
