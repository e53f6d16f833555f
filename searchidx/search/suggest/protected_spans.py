"""Find the parts of a query that are never corrected: its syntax and document codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from searchidx.language.character_classes import DASHES, has_vowel
from searchidx.language.syllable_forms import folded
from searchidx.search.query.lexer import QueryToken
from searchidx.search.query.query import Query
from searchidx.units import Span

# A field name before a space, or before an invalid value, is searched for as a word.  It was
# meant as a field name all the same.  Other search programs have a field `lang`.
_SYNTAX: Final = re.compile(
    r"(?<!\w)(?:(?i:title|body)\s*:"
    r'|(?i:path|date|code|sort|lang)\s*:\s*(?:"[^"]*"|“[^”]*”|«[^»]*»|\S*)'
    r"|(?:AND|OR|NOT)(?!\w))"
)
_COMPOUND: Final = re.compile(rf"(?<![\w/-])[^\W_]+(?:[/{DASHES}][^\W_]+)+")
_TEXT_FIELDS: Final = (None, "title", "body")


def syntax_spans(query: Query) -> list[Span]:
    """Return where a query has no words that count towards ranking.

    These are names of fields, the values of fields that are no text, operators, words with
    `*`, and excluded parts.

    Returns:
        Ranges of code points of `Query.meant`, ascending, that do not touch.
    """
    spans = [match.span() for match in _SYNTAX.finditer(query.meant)]
    spans += _token_spans(query.tokens)
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _token_spans(tokens: Iterable[QueryToken]) -> Iterator[Span]:
    """Yield the tokens of a query that are no ranked words, and excluded brackets."""
    excluded_starts: list[int | None] = []  # for each open bracket its start, if it excludes
    for token in tokens:
        if token.kind == "open":
            excluded_starts.append(token.start if token.minus else None)
        elif token.kind == "close":
            if excluded_starts and (start := excluded_starts.pop()) is not None:
                yield start, token.end
        elif (
            token.minus
            or token.name not in _TEXT_FIELDS
            or (token.kind == "plain" and "*" in token.content)
        ):
            yield token.start, token.end


def code_spans(text: str) -> Iterator[Span]:
    """Yield where a text has document codes, or what may be one.

    Examples are ``35-NQ/TW``, ``QD-UBND`` and ``12/tt-btc``.

    Yields:
        Ranges of code points, ascending.
    """
    for match in _COMPOUND.finditer(text):
        compound = match.group()
        numbered = any(map(str.isdecimal, compound))
        if compound.isupper() or compound[0].isdecimal() or (numbered and "/" in compound):
            yield match.span()


def is_abbreviation(word: str) -> bool:
    """Return whether a word consists of capital consonants alone."""
    return word.isupper() and word.isalpha() and not has_vowel(folded(word))
