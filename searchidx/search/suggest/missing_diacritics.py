"""Add the diacritics that are missing in a query, or correct wrong ones.

This is a noisy channel over the bigram language model of
`searchidx.search.rewrite.diacritics`.  The language model says how probable a sequence of
spellings is.  The channel says how probable the typed form of a spelling is.  In a query
without any mark, every spelling is equally likely to have been typed like that.  In a query
with some marks, most syllables are meant as they stand, and a mark is more often left out than
wrong.

A syllable that the index knows never loses its marks: a tone may become another tone, and ơ
may become ô, but ``nghề`` never becomes ``nghe``.  A syllable that the index does not know may
have any spelling of its letters.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np

from searchidx.arrays import Float64Array
from searchidx.language.orthography import without_tone
from searchidx.language.phonology import is_vietnamese
from searchidx.search.query.query import Syllable
from searchidx.search.rewrite.diacritics import Restoration, most_likely_spellings
from searchidx.store import Reader, SyllableCounts

MIN_RESTORATION_PROBABILITY: Final = 0.6
"""The least probability of a whole sequence of spellings for it to be offered."""
_MIN_BIGRAM_DOCS: Final = 3
"""In a query with marks, a syllable is questioned if its bigrams are in so many documents."""
_UNMARKED_AS_TYPED_ODDS: Final = 5.0
"""The odds that a syllable without marks is meant so, if other syllables have marks."""
_MARKED_AS_TYPED_ODDS: Final = 200.0
"""The odds that the marks of a syllable are meant as they were typed."""


def add_missing_diacritics(
    reader: Reader, typed: Sequence[Syllable], known: Restoration | None = None
) -> tuple[str, ...] | None:
    """Return the marked forms that were meant, or None if that is not clear.

    Args:
        reader: The commit whose documents the language model counts.
        typed: Adjacent syllables.
        known: The result of `restore_diacritics` for them, if the caller has it.

    Raises:
        IndexDamagedError: The index is damaged.
    """
    if not typed:
        return None
    has_some_marks = any(syllable.has_marks for syllable in typed)
    if known is None or has_some_marks or known.probability < MIN_RESTORATION_PROBABILITY:
        known = _decode(reader, typed, has_some_marks)
    return known.best if known.probability >= MIN_RESTORATION_PROBABILITY else None


def _decode(reader: Reader, typed: Sequence[Syllable], has_some_marks: bool) -> Restoration:
    """Find the most probable spellings of syllables in the noisy channel."""
    vocabulary = reader.vocabulary
    is_fixed = [False] * len(typed)
    if has_some_marks:
        # Without frequent bigrams there is no evidence against what was typed.
        folded_forms = [vocabulary.look_up("folded", syllable.folded) for syllable in typed]
        counts = vocabulary.pair_counts(list(itertools.pairwise(folded_forms)))
        pair_docs = [0, *(int(count[0, 0]) for count in counts), 0]
        is_fixed = [sum(pair_docs[n : n + 2]) < _MIN_BIGRAM_DOCS for n in range(len(typed))]
    choices: list[SyllableCounts] = []
    weights: list[Float64Array] = []
    for syllable, fixed in zip(typed, is_fixed, strict=True):
        as_typed = vocabulary.look_up("marked", syllable.marked)
        forms = as_typed
        if not (fixed or syllable.folded.isdecimal()):
            spellings = vocabulary.marked_forms(syllable.folded)
            forms = _possible_spellings(syllable, spellings, bool(as_typed.counts[0]))
        if not len(forms):
            forms = as_typed
        weight = np.ones(len(forms))
        if has_some_marks:
            odds = _MARKED_AS_TYPED_ODDS if syllable.has_marks else _UNMARKED_AS_TYPED_ODDS
            weight[[form == syllable.marked for form in forms.forms]] = odds
        choices.append(forms)
        weights.append(weight)
    return most_likely_spellings(reader, typed, choices, weights=weights)


def _possible_spellings(
    typed: Syllable, spellings: SyllableCounts, known: bool
) -> SyllableCounts:
    """Return the spellings that a syllable may be meant as.

    Texts without marks have ``thuong``, which is no Vietnamese syllable.  Such spellings are
    left out if the same letters have a Vietnamese spelling.

    Args:
        typed: The syllable.
        spellings: The spellings of its letters in the index.
        known: Whether the index has the syllable as it was typed.
    """
    possible = [is_vietnamese(form) for form in spellings.forms]
    if not any(possible):
        possible = [True] * len(possible)
    keeps = [keeps_marks(typed.marked, form) for form in spellings.forms]
    kept = [
        n
        for n, form in enumerate(spellings.forms)
        if (known and form == typed.marked and (typed.has_marks or possible[n]))
        or (possible[n] and keeps[n])
    ]
    if not (kept or known):  # no spelling keeps the marks of an unknown syllable
        kept = [n for n, is_possible in enumerate(possible) if is_possible]
    return spellings.select(kept)


def keeps_marks(typed: str, meant: str) -> bool:
    """Return whether a spelling has a mark wherever the typed one has a mark.

    A tone may be another tone, a vowel's mark another vowel mark, and đ only đ.

    Args:
        typed: The typed marked form.
        meant: Another marked form of the same letters.
    """
    (letters, tone), (meant_letters, meant_tone) = without_tone(typed), without_tone(meant)
    if (tone and not meant_tone) or len(letters) != len(meant_letters):
        return False
    return all(
        letter == other
        or letter.isascii()
        or not (other.isascii() or unicodedata.combining(other))
        for letter, other in zip(letters, meant_letters, strict=True)
    )
