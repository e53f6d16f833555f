"""What in the text of a query is no word that may be misspelt: its syntax, and codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from searchidx.language.syllable_forms import folded
from searchidx.search.query.lexer import lex
from searchidx.search.query.parser import FieldNames, field_resolver

# With a blank behind the colon, or with a value that makes no sense, a name is searched for
# as a word; it was meant as a name all the same.
_SYNTAX: Final = re.compile(
    r"(?<!\w)(?:(?i:title|body)\s*:"
    r'|(?i:path|date|code|sort|lang)\s*:\s*(?:"[^"]*"|“[^”]*”|«[^»]*»|\S*)'
    r"|(?:AND|OR|NOT)(?!\w))"
)
_COMPOUND: Final = re.compile(r"(?<![\w/-])[^\W_]+(?:[/\u2010-\u2014-][^\W_]+)+")
_VOWELS: Final = frozenset("aeiouy")


_TEXTS: Final = (None, "title", "body")


def syntax_spans(text: str, fields: FieldNames = ()) -> list[tuple[int, int]]:
    """Where a query has no words that are ranked by.

    Those are names of fields, with their values but for texts; operators; beginnings; and
    what is excluded, where marks bind.

    Args:
        text: The query.
        fields: The keys of metadata that it may name, as for `searchidx.search.query.query.parse`.

    Returns:
        Half-open code points, ascending, with something in between.
    """
    spans = [match.span() for match in _SYNTAX.finditer(text)]
    spans += _no_words(text, fields)
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _no_words(text: str, fields: FieldNames) -> Iterator[tuple[int, int]]:
    opened: list[int | None] = []  # where brackets begin, of those that exclude
    for token in lex(text, field_resolver(fields))[0]:
        if token.kind == "open":
            opened.append(token.start if token.minus else None)
        elif token.kind == "close":
            if opened and (start := opened.pop()) is not None:
                yield start, token.end
        elif (
            token.minus
            or token.name not in _TEXTS
            or (token.kind == "plain" and "*" in token.content)
        ):
            yield token.start, token.end


def code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where document codes stand, or what may be one: ``35-NQ/TW``, ``QD-UBND``, ``12/tt-btc``.

    Yields:
        Half-open code points, ascending.
    """
    for match in _COMPOUND.finditer(text):
        compound = match.group()
        numbered = any(map(str.isdecimal, compound))
        if compound.isupper() or compound[0].isdecimal() or (numbered and "/" in compound):
            yield match.span()


def is_abbreviation(word: str) -> bool:
    """Whether a word is nothing but consonants in capitals."""
    return word.isupper() and word.isalpha() and _VOWELS.isdisjoint(folded(word))
