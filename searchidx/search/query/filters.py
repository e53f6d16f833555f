"""Recognize the names of fields, and join filters written with white space: ``date: 2023``.

Ordinary text has colons too, so few names become filters.  Only the query language's own
names do, and only before a value that fits.  Names that accept any word must be in lower
case, because a heading begins with a capital.  Every joined filter gets a note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

from searchidx.language.character_classes import DASHES
from searchidx.search.query.lexer import QueryToken
from searchidx.search.query.values import read_code, read_dates, read_order
from searchidx.store import metadata_key

FieldNames = Collection[str] | Callable[[], Collection[str]]
"""The metadata keys of an index, or a function that returns them, called only if needed."""

_MISSING_VALUE_NOTES: Final = {
    "title": "has no word after it and is read as a word; write title:lũ",
    "body": "has no word after it and is read as a word; write body:lũ",
    "path": "has no part of a path after it and is read as a word; write path:2023/bao-cao",
    "date": "has no date after it and is read as a word; write date:2023 or date:24/7/2023",
    "code": "has no document code after it and is read as a word; write code:35-NQ/TW",
    "sort": "has no order after it and is read as a word; write sort:date or sort:relevance",
}
"""The note for each filter name that no fitting value follows."""
FILTER_NAMES: Final = frozenset(_MISSING_VALUE_NOTES)
"""The filter names that the query language defines."""

_READERS: Final = {"date": read_dates, "code": read_code, "sort": read_order}
_MAX_NAME_CODE_POINTS: Final = max(map(len, FILTER_NAMES))
_MAX_EXCERPT_CODE_POINTS: Final = 60
_LETTER: Final = re.compile(r"[^\W_]")
# White space must follow a dash: a dash directly before a word excludes that word.
_RANGE_END: Final = re.compile(rf"\s+(?:(?:\.\.|…)\s*|[{DASHES}]\s+)(?P<end>[^\s\"“«()]+)")


def field_resolver(fields: FieldNames) -> Callable[[str], str | None]:
    """Return a function that maps a name before a colon to a field, or to None."""
    keys: Collection[str] | None = None if callable(fields) else fields

    def resolve(name: str) -> str | None:
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

    return resolve


def join_filters(
    text: str, tokens: list[QueryToken]
) -> tuple[list[QueryToken], list[tuple[int, str]]]:
    """Join each filter name with the value that white space separates from it.

    Args:
        text: The query.
        tokens: The tokens of the query.

    Returns:
        The tokens after joining, and a list of notes.  A note is written for each joined
        filter and for each name without a value; it is a position (code points) and a message.
    """
    joined: list[QueryToken] = []
    notes: list[tuple[int, str]] = []
    following = iter([*tokens[1:], None])
    end = 0
    for token in tokens:
        value = next(following)
        if token.start < end:  # already part of the filter before it
            continue
        whole, read = token, ""
        name = _bare_name(token)
        if name is not None and value is not None and _is_value(text, token, value, name):
            whole = replace(value, start=token.start, minus=token.minus, name=name)
            read = "(…)" if value.kind == "open" else text[value.start : value.end]
        elif name is not None and token.content[:-1] == name:
            notes.append((token.start, f"{name}: {_MISSING_VALUE_NOTES[name]}"))
        if whole.name == "date" and whole.kind == "plain":
            range_end = _RANGE_END.match(text, whole.end)
            dates = f"{whole.content}..{range_end['end']}" if range_end is not None else ""
            if range_end is not None and read_dates(dates) is not None:
                whole, read = replace(whole, content=dates, end=range_end.end()), dates
        if whole is not token:
            typed = text[whole.start : whole.end] + read[1:] * (whole.kind == "open")
            meant = f"{'-' if whole.minus else ''}{whole.name}:{read}"
            notes.append(
                (whole.start, f"{quoted_excerpt(typed)} is read as {quoted_excerpt(meant)}")
            )
        joined.append(whole)
        end = whole.end
    return joined, notes


def quoted_excerpt(text: str) -> str:
    """Shorten a part of a query for display in a note."""
    text = " ".join(text.split())
    if len(text) <= _MAX_EXCERPT_CODE_POINTS:
        return text
    return f"{text[:_MAX_EXCERPT_CODE_POINTS]}…"


def _bare_name(token: QueryToken) -> str | None:
    """Return the filter name if a token is only a name and a colon, else None."""
    content = token.content
    if token.kind != "plain" or token.name or not 1 < len(content) <= _MAX_NAME_CODE_POINTS + 1:
        return None
    name = content[:-1].lower()
    return name if content[-1] == ":" and name in FILTER_NAMES else None


def _is_value(text: str, token: QueryToken, value: QueryToken, name: str) -> bool:
    """Return whether the token `value` fits the filter name before it."""
    if value.name or value.minus or not text[token.end : value.start].isspace():
        return False
    if value.kind not in ("plain", "quoted"):
        return value.kind == "open" and token.content in ("title:", "body:")
    if name in _READERS:
        return _READERS[name](value.content) is not None
    return (
        token.content[:-1] == name
        and _bare_name(value) is None
        and _LETTER.search(value.content) is not None
    )
