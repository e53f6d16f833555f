"""Which marks a query was meant to have, where some of them were typed or none.

A noisy channel over the model of `searchidx.search.rewrite.diacritics`: what was meant is likely by
its neighbours, and what was typed is likely by what was meant.  Without any mark, each
spelling is as likely to have been typed so.  With some, who types means most syllables as
they stand, and leaves a mark out more easily than striking a wrong one.

No mark is taken away from a syllable that the index knows: a tone may be another, and ơ may
be ô, but ``nghề`` never becomes ``nghe``.  A syllable that the index does not know has the
spellings of its letters.
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

CONFIDENT: Final = 0.6
"""How likely a query's marks must be, all of them together, to be shown."""
_ENOUGH: Final = 3
"""How many documents must have letters side by side to tell which marks they have there."""
_LEFT_OUT: Final = 5.0
"""How many times as likely a syllable is meant without marks as marks are left out, where
other syllables have some."""
_STRUCK_WRONG: Final = 200.0
"""How many times as likely marks are meant as they are wrong."""


def add_missing_diacritics(
    reader: Reader, typed: Sequence[Syllable], known: Restoration | None = None
) -> tuple[str, ...] | None:
    """The marked forms that were meant, or None where it is not clear which.

    Args:
        reader: The commit whose texts tell.
        typed: Syllables that stand one behind the other.
        known: What `searchidx.search.rewrite.diacritics.restore` gives for them, if at hand.

    Raises:
        IndexDamagedError: The index is not what was written.
    """
    if not typed:
        return None
    some = any(syllable.has_marks for syllable in typed)
    if known is None or some or known.probability < CONFIDENT:
        known = _decoded(reader, typed, some)
    return known.best if known.probability >= CONFIDENT else None


def _decoded(reader: Reader, typed: Sequence[Syllable], some: bool) -> Restoration:
    vocabulary = reader.vocabulary
    bound = [False] * len(typed)
    if some:  # of what stands beside nothing, nothing tells
        letters = [vocabulary.look_up("folded", s.folded) for s in typed]
        counts = vocabulary.pair_counts(list(itertools.pairwise(letters)))
        beside = [0, *(int(count[0, 0]) for count in counts), 0]
        bound = [sum(beside[at : at + 2]) < _ENOUGH for at in range(len(typed))]
    choices: list[SyllableCounts] = []
    weights: list[Float64Array] = []
    for syllable, alone in zip(typed, bound, strict=True):
        own = vocabulary.look_up("marked", syllable.marked)
        forms = own
        if not (alone or syllable.folded.isdecimal()):
            forms = _meant(syllable, vocabulary.spellings(syllable.folded), bool(own.counts[0]))
        if not len(forms):
            forms = own
        weight = np.ones(len(forms))
        if some:
            as_typed = _STRUCK_WRONG if syllable.has_marks else _LEFT_OUT
            weight[[form == syllable.marked for form in forms.forms]] = as_typed
        choices.append(forms)
        weights.append(weight)
    return most_likely_spellings(reader, typed, choices, weights=weights)


def _meant(typed: Syllable, spellings: SyllableCounts, known: bool) -> SyllableCounts:
    """The spellings that a syllable may be meant as.

    Texts without marks have ``thuong``, which is no syllable of Vietnamese: who asks for the
    marks of it does not mean that, if there is one that is.
    """
    possible = [is_vietnamese(form) for form in spellings.forms]
    if not any(possible):
        possible = [True] * len(possible)
    keep = [keeps(typed.marked, form) for form in spellings.forms]
    kept = [
        at
        for at, form in enumerate(spellings.forms)
        if (known and form == typed.marked and (typed.has_marks or possible[at]))
        or (possible[at] and keep[at])
    ]
    if not (kept or known):  # nothing has the marks of what no document has
        kept = [at for at, can_be in enumerate(possible) if can_be]
    return spellings.at(kept)


def keeps(typed: str, meant: str) -> bool:
    """Whether a spelling has a mark wherever another one of the same letters has one.

    A tone, a vowel's own mark and the bar of đ each ask for one of their own kind.
    """
    (letters, tone), (others, other) = without_tone(typed), without_tone(meant)
    if (tone and not other) or len(letters) != len(others):
        return False
    return all(
        one == two or one.isascii() or not (two.isascii() or unicodedata.combining(two))
        for one, two in zip(letters, others, strict=True)
    )
