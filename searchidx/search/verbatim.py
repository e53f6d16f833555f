"""What in the text of a query is no word that may be misspelt: its syntax, and codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from searchidx.language.forms import folded

# With a blank behind the colon, or with a value that makes no sense, a name is searched for
# as a word; it was meant as a name all the same.
_SYNTAX: Final = re.compile(
    r"(?<!\w)(?:(?i:title|body)\s*:"
    r'|(?i:path|date|code|sort|lang)\s*:\s*(?:"[^"]*"|“[^”]*”|«[^»]*»|\S*)'
    r"|(?:AND|OR|NOT)(?!\w))"
)
_COMPOUND: Final = re.compile(r"(?<![\w/-])[^\W_]+(?:[/\u2010-\u2014-][^\W_]+)+")
_VOWELS: Final = frozenset("aeiouy")


def syntax(text: str) -> list[tuple[int, int]]:
    """Where names of fields stand, with their values but for texts, and operators.

    Returns:
        Half-open code points, ascending.
    """
    return [match.span() for match in _SYNTAX.finditer(text)]


def codes(text: str) -> Iterator[tuple[int, int]]:
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
