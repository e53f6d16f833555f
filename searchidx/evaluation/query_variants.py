"""Ways to type one query: as it stands, without marks, with half of them, with a slip.

Each is a function of the query's text and a seed and of nothing else, so that a figure can
be had again, and two rankings are compared on the same texts.
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

_ROWS: Final = ((0.0, "qwertyuiop"), (0.25, "asdfghjkl"), (0.75, "zxcvbnm"))
_PLACES: Final = {
    key: complex(shift + column, row)
    for row, (shift, keys) in enumerate(_ROWS)
    for column, key in enumerate(keys)
}
_NEIGHBOURS: Final = {
    key: "".join(sorted(k for k in _PLACES if 0 < abs(_PLACES[k] - at) < 1.3))
    for key, at in _PLACES.items()
}
"""The keys that touch each letter's key on a keyboard whose rows are shifted as usual."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_SHORTEST: Final = 3
"""How many letters a word has in which a slip is made, if the query has such words."""


def without_marks(text: str) -> str:
    """`text` as someone types it who leaves out all the marks; in NFC."""
    return unicodedata.normalize("NFC", spelling.without_marks(text))


def vary(text: str, variant: str, seed: int = 0) -> str:
    """A query typed in another way.

    Args:
        text: The query.
        variant: One of `VARIANTS`: "typed", as it stands; "stripped", without any mark;
            "half", where half of the syllables with marks have lost them, of an odd number
            the greater half; "typo", where one letter of a word is left out, doubled,
            swapped with the one before it or typed on a neighbouring key.
        seed: Which of the texts that "half" and "typo" can give.

    Raises:
        EvaluationError: There is no such variant.
    """
    if variant not in VARIANTS:
        raise EvaluationError(
            f"there is no variant {variant!r} of queries; use {', '.join(VARIANTS)}"
        )
    # The seed of a text is kept between versions of Python, and so is what random() gives;
    # what sample() and choice() make of it is not.
    generator = random.Random(f"{variant} {seed} {text}")
    return VARIANTS[variant](text, generator)


def _as_typed(text: str, generator: random.Random) -> str:
    return text


def _stripped(text: str, generator: random.Random) -> str:
    return without_marks(text)


def _half_stripped(text: str, generator: random.Random) -> str:
    surfaces, starts, ends = split_syllables(text)
    places = [place for place, surface in enumerate(surfaces) if has_marks(surface)]
    places.sort(key=lambda place: generator.random())
    parts, end = [], 0
    for place in sorted(places[: (len(places) + 1) // 2]):
        parts += [text[end : starts[place]], without_marks(surfaces[place])]
        end = ends[place]
    return "".join([*parts, text[end:]])


def _with_slip(text: str, generator: random.Random) -> str:
    """`text`, in NFC, with one letter of one word mistyped, never the word's first.

    Every letter is as likely as any other, so that long words have more of the slips; so is
    every kind of slip that can happen to the letter.  First letters are seldom wrong (Pollock
    and Zamora 1984, Automatic spelling correction in scientific and scholarly text).
    """
    text = unicodedata.normalize("NFC", text)
    words = [match.span() for match in _WORD.finditer(text)]
    long = [(start, end) for start, end in words if end - start >= _SHORTEST]
    places = [(start, place) for start, end in long or words for place in range(start + 1, end)]
    if not places:
        return text
    start, place = _one_of(places, generator)
    begin, letters = _one_of([*_slips(text, start, place, generator)], generator)
    return text[:begin] + letters + text[place + 1 :]


def _slips(
    text: str, start: int, place: int, generator: random.Random
) -> Iterator[tuple[int, str]]:
    """What may become of the letter at `place`, in a word that begins at `start`.

    Each is where the changed part begins, and what stands there in place of the text from
    there to the letter.
    """
    letter, before = text[place], text[place - 1]
    yield place, ""
    yield place, letter * 2
    if place - 1 > start and before != letter:
        yield place - 1, letter + before
    if letter.lower() in _NEIGHBOURS:
        neighbour = _one_of(_NEIGHBOURS[letter.lower()], generator)
        yield place, neighbour.upper() if letter.isupper() else neighbour


def _one_of(items: Sequence[_Item], generator: random.Random) -> _Item:
    return items[int(generator.random() * len(items))]


VARIANTS: Final[Mapping[str, Callable[[str, random.Random], str]]] = {
    "typed": _as_typed,
    "stripped": _stripped,
    "half": _half_stripped,
    "typo": _with_slip,
}
"""The ways to type a query, by name."""
