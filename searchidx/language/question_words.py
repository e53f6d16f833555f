"""The words that make a question of a sentence, and say nothing of its answer.

``ai ký nghị quyết 35?`` asks for a name: the report that answers it holds "nghị quyết 35" and
"ký", and "ai" only by chance.  The interrogatives of Vietnamese are a closed class (Nguyễn
Đình-Hoà, *Vietnamese*, 1997): pronouns, some of them in set pairs, and the
particles that end a question of yes or no.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from searchidx.language.syllable_forms import marked

_ALONE: Final = frozenset(map(marked, ("gì", "nào", "đâu", "mấy")))
QUESTION_PAIRS: Final = frozenset(
    tuple(map(marked, pair.split()))
    for pair in (
        "bao nhiêu",
        "bao lâu",
        "bao giờ",
        "bao xa",
        "khi nào",
        "thế nào",
        "như nào",
        "ra sao",
        "tại sao",
        "vì sao",
        "làm sao",
        "ở đâu",
        "hay không",
        "hay chưa",
        "phải không",
        "có không",
    )
)
"""Pairs of words that ask, in marked form (`searchidx.language.syllable_forms`)."""
# "ai" is also short for artificial intelligence, and in Ai Cập and Ai-len: without a question
# mark it asks beside these alone.
_WHO: Final = "ai"
_BEFORE_WHO: Final = frozenset(map(marked, ("là", "của", "do", "bởi", "với", "cho")))
_COUNTRIES: Final = frozenset(map(marked, ("cập", "len")))
_ENDS: Final = frozenset(map(marked, ("không", "chưa", "hả", "nhỉ")))
_FEWEST: Final = 3
"""Fewer words than that are no question that ends with a particle: ``nợ công không``."""


def question_words(syllables: Sequence[str], *, asked: bool = False) -> frozenset[int]:
    """Return which syllables of a text ask, by their places.

    Args:
        syllables: Their marked forms (`searchidx.language.syllable_forms`).
        asked: Whether the text ends with a question mark.

    Returns:
        The places; none if no other syllable would be left.
    """
    found = {at for at, form in enumerate(syllables) if form in _ALONE}
    for at, pair in enumerate(pairwise(syllables)):
        if pair in QUESTION_PAIRS:
            found.update((at, at + 1))
        elif pair[1] == _WHO and pair[0] in _BEFORE_WHO:
            found.add(at + 1)
    last = len(syllables) - 1
    if last >= _FEWEST and syllables[last] in _ENDS:
        found.add(last)
    if asked and last >= _FEWEST:
        followed = zip(syllables, (*syllables[1:], ""), strict=True)
        found.update(
            at
            for at, (form, after) in enumerate(followed)
            if form == _WHO and after not in _COUNTRIES
        )
    return frozenset(found) if len(found) < len(syllables) else frozenset()
