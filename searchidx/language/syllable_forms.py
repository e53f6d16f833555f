"""The forms of one syllable: folded (no marks at all) and marked (canonical spelling).

Both forms are what an index holds and a query is turned into; neither is ever shown in
place of the original text.

* The *folded* form finds everything, whether it was typed with marks or without:
  ``Nghị`` and ``NGHI`` become ``nghi``, ``Đảng`` becomes ``dang``, ``05`` becomes ``5``.
* The *marked* form keeps the marks and removes what is only a choice of spelling: the
  Unicode form, the case, invisible characters, the order in which marks were typed, where
  the tone mark stands (``hoà`` = ``hòa``, ``uỷ`` = ``ủy``) and i for y where they are
  variants of one word (``kĩ`` = ``kỹ``).

Both are idempotent, and the folded form of a syllable is that of its marked form.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from searchidx.language.orthography import clean, parts, spelled, without_marks, without_tone

# Distinct syllables of a language are few; the caches are bounded all the same because
# numbers and codes are not.
_CACHE: Final = 1 << 17


@lru_cache(maxsize=_CACHE)
def marked(syllable: str) -> str:
    """Return the canonical spelling of `syllable` with its marks.

    Args:
        syllable: One syllable, number or part of a code, in any Unicode form.

    Returns:
        NFC text in lower case.  A syllable that is not built like a Vietnamese one
        (several tone marks, several groups of vowels) keeps its spelling.
    """
    letters, tone = without_tone(bare := clean(syllable))
    syllable_parts = parts(letters)
    if syllable_parts is None or len(tone) > 1:
        return bare
    return spelled(*syllable_parts, tone)


@lru_cache(maxsize=_CACHE)
def folded(syllable: str) -> str:
    """`syllable` without any mark: base letters in lower case, numbers without leading zeros.

    Never empty.  i and y are one where `marked` takes them as one, so that ``cong ti``
    finds ``công ty``.
    """
    bare = marked(syllable)
    letters = unicodedata.normalize("NFC", without_marks(bare))
    if letters.isdecimal():
        return letters.lstrip("0") or "0"
    # Without its marks a syllable may be one that has variants: quỉt, quit, quyt.
    syllable_parts = parts(letters)
    return (spelled(*syllable_parts) if syllable_parts else letters) or bare


@lru_cache(maxsize=_CACHE)
def has_marks(syllable: str) -> bool:
    """Return whether `syllable` was typed with a mark: a tone, a vowel's own mark, or đ."""
    form = clean(syllable)
    if form.isascii():
        return False
    return "đ" in form or any(map(unicodedata.combining, unicodedata.normalize("NFD", form)))
