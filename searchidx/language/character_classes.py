"""Define the sets of characters that several modules share.

Every set is a string, for ``in`` and for the inside of a character class of a regular
expression.  Sets of dashes end with the ASCII hyphen, so they must stand last in the class.
The module imports nothing, so every module can afford to import it.
"""

from __future__ import annotations

from typing import Final

LINE_ENDS: Final = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""The characters at which `str.splitlines` breaks lines."""

VOWEL_LETTERS: Final = "aăâeêioôơuưy"
"""The vowel letters of the Vietnamese alphabet, without tone marks."""
BASE_VOWELS: Final = "aeiouy"
"""The vowel letters that folded forms have."""
TELEX_VOWEL_KEYS: Final = f"{BASE_VOWELS}w"
"""The keys that a Telex tone key may follow: w alone types ư."""

# Dashes.  The em dash never stands inside a date or a code; a query may have any dash.
HYPHENS: Final = "\u2010\u2011\u2013-"
"""Dashes inside one code, date or short form: hyphens and the en dash.

The em dash is no member: it separates the parts of a sentence.
"""
CLAUSE_DASHES: Final = "\u2013\u2014-"
"""Dashes between the parts of a sentence: en dash, em dash and ASCII hyphen.

The typographic hyphens are no members: they only join the parts of one word.
"""
RANGE_DASHES: Final = "\u2012\u2013\u2014"
"""Dashes that are longer than a hyphen, so that they may separate two dates."""
DASHES: Final = f"\u2010\u2011{RANGE_DASHES}\u2212-"
"""Everything that keyboards and programs write for the hyphen of a query.

The minus sign U+2212 is a member; text copied from a web page may have it.
"""


def has_vowel(folded: str) -> bool:
    """Return whether a folded form has a vowel; abbreviations such as "ubnd" may have none."""
    return any(vowel in folded for vowel in BASE_VOWELS)
