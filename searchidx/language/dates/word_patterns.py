"""Build patterns that match Vietnamese words in any Unicode form, with or without marks."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from searchidx.language.orthography import without_marks

_TONE_MARKS = frozenset("\u0300\u0301\u0303\u0309\u0323")


def unmarked(text: str) -> str:
    """Return `text` in lower case without marks; its length may change."""
    return without_marks(text).lower()


def is_unmarked(text: str) -> bool:
    """Return whether `text` has no letter with marks, so its words may lack their marks."""
    return text.isascii() or not any(
        (char > "\x7f" and char.isalpha()) or "\u0300" <= char <= "\u036f" for char in text
    )


def marked_pattern(words: str) -> str:
    """Return a regular expression for `words` with their marks, composed or decomposed.

    It is for the original text with `re.IGNORECASE`, so the offsets of a match need no
    correction.  White space between words is bounded, because unbounded repetition beside
    other optional white space takes quadratic time on a text of blanks.
    """
    return r"\s{1,4}".join("".join(map(_letter_pattern, word)) for word in words.split())


def either_pattern(words: str) -> str:
    """Return a regular expression for `words` with all of their marks or with none.

    Words with other marks do not match: "thẳng" and "thăng" are not "tháng".
    """
    return f"(?:{marked_pattern(words)}|{marked_pattern(unmarked(words))})"


@cache
def _letter_pattern(letter: str) -> str:
    """Return a regular expression for every encoding of a letter with its marks."""
    decomposed = unicodedata.normalize("NFD", letter)
    if decomposed == letter:
        return re.escape(letter)
    base, marks = decomposed[0], decomposed[1:]
    tone = "".join(mark for mark in marks if mark in _TONE_MARKS)
    vowel_marks = "".join(mark for mark in marks if mark not in _TONE_MARKS)
    # Windows-1258 and some keyboards write ê and a combining dot below for ệ.
    base_with_vowel_marks = unicodedata.normalize("NFC", base + vowel_marks) + tone
    return "(?:" + "|".join(sorted({letter, decomposed, base_with_vowel_marks})) + ")"
