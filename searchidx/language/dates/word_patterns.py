"""Patterns for Vietnamese words in whatever way their marks are encoded, or without marks."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import filterfalse

_TONE_MARKS = frozenset("\u0300\u0301\u0303\u0309\u0323")


def without_marks(text: str) -> str:
    """Return `text` without any mark, its case kept: "Ngay 24" for "Ngày 24"."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(filterfalse(unicodedata.combining, decomposed))
    return bare.replace("đ", "d").replace("Đ", "D")


def unmarked(text: str) -> str:
    """Return `text` in lower case and without any mark; its length is not kept."""
    return without_marks(text).lower()


def is_unmarked(text: str) -> bool:
    """Whether `text` has no marked letter, so that its words may be typed without marks."""
    return text.isascii() or not any(
        (char > "\x7f" and char.isalpha()) or "\u0300" <= char <= "\u036f" for char in text
    )


def marked_pattern(words: str) -> str:
    """Return a regular expression for `words` with their marks, composed or decomposed.

    Matched with `re.IGNORECASE` over the original text, so that a match's offsets need no
    correction.  White space between the words is bounded: unbounded repetition beside
    other optional white space would take quadratic time on a text of blanks.
    """
    return r"\s{1,4}".join("".join(map(_letter, word)) for word in words.split())


def either_pattern(words: str) -> str:
    """Return a regular expression for `words` with all of their marks or with none.

    Other marks make other words: "thẳng" and "thăng" are not "tháng".
    """
    return f"(?:{marked_pattern(words)}|{marked_pattern(unmarked(words))})"


@cache
def _letter(letter: str) -> str:
    decomposed = unicodedata.normalize("NFD", letter)
    if decomposed == letter:
        return re.escape(letter)
    base, marks = decomposed[0], decomposed[1:]
    tone = "".join(mark for mark in marks if mark in _TONE_MARKS)
    shape = "".join(mark for mark in marks if mark not in _TONE_MARKS)
    # Windows-1258 and some keyboards write a shaped letter, then the tone: ê + dot below.
    shaped = unicodedata.normalize("NFC", base + shape) + tone
    return "(?:" + "|".join(sorted({letter, decomposed, shaped})) + ")"
