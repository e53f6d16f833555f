"""Find the words that make a sentence a question and do not occur in its answer.

``ai ký nghị quyết 35?`` asks for a name.  The report with the answer contains "nghị quyết 35"
and "ký", but "ai" only by chance.  The interrogatives of Vietnamese are a closed class (Nguyễn
Đình-Hoà, *Vietnamese*, 1997): pronouns, some of them in fixed pairs, and the particles that
end a question of yes or no.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from searchidx.language.syllable_forms import marked

_QUESTION_SYLLABLES: Final = frozenset(map(marked, ("gì", "nào", "đâu", "mấy")))
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
"""Fixed pairs of question words, in marked form (`searchidx.language.syllable_forms`)."""
# "ai" also means artificial intelligence, and begins Ai Cập and Ai-len.  In a text without a
# question mark it is a question word only after one of these words.
_WHO: Final = "ai"
_BEFORE_WHO: Final = frozenset(map(marked, ("là", "của", "do", "bởi", "với", "cho")))
_AFTER_AI_IN_COUNTRIES: Final = frozenset(map(marked, ("cập", "len")))
_FINAL_PARTICLES: Final = frozenset(map(marked, ("không", "chưa", "hả", "nhỉ")))
_MIN_SYLLABLES_BEFORE_PARTICLE: Final = 3
"""The least syllables of a question before its particle; ``nợ công không`` is no question."""


def question_words(
    syllables: Sequence[str], *, has_question_mark: bool = False
) -> frozenset[int]:
    """Return the positions of the syllables of a text that only ask.

    Args:
        syllables: The marked forms of the text (`searchidx.language.syllable_forms`).
        has_question_mark: Whether the text ends with a question mark.

    Returns:
        The positions, from 0; none if no other syllable would remain.
    """
    positions = {
        position for position, form in enumerate(syllables) if form in _QUESTION_SYLLABLES
    }
    for position, pair in enumerate(pairwise(syllables)):
        if pair in QUESTION_PAIRS:
            positions.update((position, position + 1))
        elif pair[1] == _WHO and pair[0] in _BEFORE_WHO:
            positions.add(position + 1)
    last = len(syllables) - 1
    if last >= _MIN_SYLLABLES_BEFORE_PARTICLE and syllables[last] in _FINAL_PARTICLES:
        positions.add(last)
    if has_question_mark and last >= _MIN_SYLLABLES_BEFORE_PARTICLE:
        with_next = zip(syllables, (*syllables[1:], ""), strict=True)
        positions.update(
            position
            for position, (form, after) in enumerate(with_next)
            if form == _WHO and after not in _AFTER_AI_IN_COUNTRIES
        )
    return frozenset(positions) if len(positions) < len(syllables) else frozenset()
