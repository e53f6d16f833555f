"""Compute the forms of a syllable: folded (without marks) and marked (canonical spelling).

An index stores these forms, and queries are converted to them.  Neither form is ever shown in
place of the original text.

* The *folded* form matches every spelling, with marks or without: ``Nghị`` and ``NGHI`` become
  ``nghi``, ``Đảng`` becomes ``dang``, ``05`` becomes ``5``.
* The *marked* form keeps the marks and removes mere variants of spelling: the Unicode form, the
  case, invisible characters, the order in which marks were typed, the place of the tone mark
  (``hoà`` = ``hòa``, ``uỷ`` = ``ủy``), and i for y in variants of one word (``kĩ`` = ``kỹ``).

Both functions are idempotent.  The folded form of a syllable equals that of its marked form.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from searchidx.language.orthography import (
    canonical_syllable,
    clean,
    syllable_parts,
    without_marks,
    without_tone,
)

# A language has few distinct syllables, but numbers and codes are unlimited.
_MAX_CACHED_SYLLABLES: Final = 1 << 17


@lru_cache(maxsize=_MAX_CACHED_SYLLABLES)
def marked(syllable: str) -> str:
    """Return the canonical spelling of a syllable with its marks.

    Args:
        syllable: One syllable, number or part of a code, in any Unicode form.

    Returns:
        The form in lower case and NFC.  A syllable without the structure of a Vietnamese one
        (several tone marks, several groups of vowels) keeps its spelling.
    """
    cleaned = clean(syllable)
    letters, tone = without_tone(cleaned)
    split = syllable_parts(letters)
    if split is None or len(tone) > 1:
        return cleaned
    return canonical_syllable(*split, tone)


@lru_cache(maxsize=_MAX_CACHED_SYLLABLES)
def folded(syllable: str) -> str:
    """Return a syllable without marks: its base letters in lower case.

    i and y become one letter wherever `marked` makes them one, so ``cong ti`` finds
    ``công ty``.

    Args:
        syllable: One syllable, number or part of a code, in any Unicode form.

    Returns:
        The form in NFC, never empty for a syllable of a text.  Numbers lose their leading
        zeros.
    """
    marked_form = marked(syllable)
    letters = unicodedata.normalize("NFC", without_marks(marked_form))
    if letters.isdecimal():
        return letters.lstrip("0") or "0"
    # A syllable without marks may have variants that the marked one has not: quỉt, quit, quyt.
    split = syllable_parts(letters)
    return (canonical_syllable(*split) if split else letters) or marked_form


@lru_cache(maxsize=_MAX_CACHED_SYLLABLES)
def has_marks(syllable: str) -> bool:
    """Return whether a syllable has a mark: a tone, the mark of a vowel such as â, or đ."""
    form = clean(syllable)
    if form.isascii():
        return False
    return "đ" in form or any(map(unicodedata.combining, unicodedata.normalize("NFD", form)))
