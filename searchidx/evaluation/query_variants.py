"""Type a query in other ways: without marks, with half of them, or with a typing error.

Each variant depends on the text of the query and a seed alone.  So a figure can be measured
again, and two rankings are compared on the same texts.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from searchidx.errors import EvaluationError
from searchidx.language import orthography as spelling
from searchidx.language.syllable_forms import has_marks
from searchidx.language.tokenizer import split_syllables

_Item = TypeVar("_Item")

_KEY_ROWS: Final = ((0.0, "qwertyuiop"), (0.25, "asdfghjkl"), (0.75, "zxcvbnm"))
_KEY_POSITIONS: Final = {
    key: complex(shift + column, row)
    for row, (shift, keys) in enumerate(_KEY_ROWS)
    for column, key in enumerate(keys)
}
_NEIGHBOR_DISTANCE: Final = 1.3
NEIGHBORING_KEYS: Final = {
    key: "".join(
        sorted(
            k for k in _KEY_POSITIONS if 0 < abs(_KEY_POSITIONS[k] - at) < _NEIGHBOR_DISTANCE
        )
    )
    for key, at in _KEY_POSITIONS.items()
}
"""The keys that touch the key of each letter on a QWERTY keyboard."""
_WORD: Final = re.compile(r"[^\W\d_]+")
MIN_TYPO_WORD_LETTERS: Final = 3
"""Errors are made in words of at least so many letters, if the query has any."""


def without_marks(text: str) -> str:
    """Return a text without any marks, in NFC."""
    return unicodedata.normalize("NFC", spelling.without_marks(text))


def vary(text: str, variant: str, seed: int = 0) -> str:
    """Return a query as it is typed in a variant.

    Args:
        text: The query.
        variant: One of `VARIANTS`.  "typed" is the query itself.  "stripped" has no marks.
            "half" has lost the marks of half of its marked syllables, rounded up.  "typo"
            has one letter of a word left out, doubled, swapped with the one before it, or
            typed on a neighboring key.
        seed: Selects one of the texts that "half" and "typo" can be.

    Raises:
        EvaluationError: There is no such variant.
    """
    if variant not in VARIANTS:
        raise EvaluationError(
            f"there is no variant {variant!r} of queries; use {', '.join(VARIANTS)}"
        )
    # Seeding by a text and random() give the same in every version of Python; sample() and
    # choice() need not.
    generator = random.Random(f"{variant} {seed} {text}")
    return VARIANTS[variant](text, generator)


def _as_typed(text: str, generator: random.Random) -> str:
    """Return the text."""
    return text


def _stripped(text: str, generator: random.Random) -> str:
    """Return the text without any marks."""
    return without_marks(text)


def _half_stripped(text: str, generator: random.Random) -> str:
    """Return the text with half of its marked syllables stripped, rounded up."""
    surfaces, starts, ends = split_syllables(text)
    positions = [at for at, surface in enumerate(surfaces) if has_marks(surface)]
    positions.sort(key=lambda _: generator.random())
    parts, end = [], 0
    for position in sorted(positions[: (len(positions) + 1) // 2]):
        parts += [text[end : starts[position]], without_marks(surfaces[position])]
        end = ends[position]
    return "".join([*parts, text[end:]])


def _with_typo(text: str, generator: random.Random) -> str:
    """Return the text in NFC with one letter mistyped, never the first of a word.

    All letters are equally likely, and so are all errors that can happen to a letter.  First
    letters are seldom wrong (Pollock and Zamora 1984, Automatic spelling correction in
    scientific and scholarly text).
    """
    text = unicodedata.normalize("NFC", text)
    words = [match.span() for match in _WORD.finditer(text)]
    long = [(start, end) for start, end in words if end - start >= MIN_TYPO_WORD_LETTERS]
    letters = [(start, at) for start, end in long or words for at in range(start + 1, end)]
    if not letters:
        return text
    start, offset = _choose(letters, generator)
    begin, replacement = _choose([*_typos(text, start, offset, generator)], generator)
    return text[:begin] + replacement + text[offset + 1 :]


def _typos(
    text: str, start: int, offset: int, generator: random.Random
) -> Iterator[tuple[int, str]]:
    """Yield the errors that can be made at a letter.

    Args:
        text: The query.
        start: Code-point offset of the word.
        offset: Code-point offset of the letter.
        generator: Chooses a neighboring key.

    Yields:
        The offset at which the changed part begins, and the replacement of the text from
        there up to and including the letter.
    """
    letter, before = text[offset], text[offset - 1]
    yield offset, ""
    yield offset, letter * 2
    if offset - 1 > start and before != letter:
        yield offset - 1, letter + before
    if letter.lower() in NEIGHBORING_KEYS:
        neighbor = _choose(NEIGHBORING_KEYS[letter.lower()], generator)
        yield offset, neighbor.upper() if letter.isupper() else neighbor


def _choose(items: Sequence[_Item], generator: random.Random) -> _Item:
    """Return one of the items, all equally likely."""
    return items[int(generator.random() * len(items))]


VARIANTS: Final[Mapping[str, Callable[[str, random.Random], str]]] = {
    "typed": _as_typed,
    "stripped": _stripped,
    "half": _half_stripped,
    "typo": _with_typo,
}
"""The ways to type a query, by name."""
