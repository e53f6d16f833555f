"""Distinct strings, and all that is known of each chunk of text by itself."""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from searchidx.arrays import Int32Array, Int64Array
from searchidx.language.key_table import KeyTable
from searchidx.language.sentences import begins_lower, ends_sentence
from searchidx.language.syllable_forms import folded, marked
from searchidx.language.token_table import CanonicalTokenTable, cut_tokens
from searchidx.language.tokenizer import split_syllables

# pyvi's pattern for e-mail addresses takes quadratic time on a run without white space.
_LONGEST_CHUNK: Final = 256


class Terms:
    """Distinct strings by number, in the order in which they were first met."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.strings)

    def __getitem__(self, number: int) -> str:
        return self.strings[number]

    def number(self, string: str) -> int:
        """Return the number of a string; a new string gets the next number."""
        found = self._numbers.get(string)
        if found is None:
            found = self._numbers[string] = len(self.strings)
            self.strings.append(string)
        return found


class Pairs:
    """Distinct pairs of numbers, each with the number of the string that it makes."""

    def __init__(self, terms: Terms, string: Callable[[int, int], str]) -> None:
        self._terms = terms
        self._string = string
        self._numbers = KeyTable(absent=-1)

    def numbers(self, first: Int32Array, second: Int32Array) -> Int32Array:
        """Return the number of the string of each pair."""
        keys = first.astype(np.int64) << 32 | second
        numbers = self._numbers.find(keys)
        unknown = numbers < 0
        if unknown.any():
            self._add(np.unique(keys[unknown]))
            numbers[unknown] = self._numbers.find(keys[unknown])
        return numbers

    def _add(self, keys: Int64Array) -> None:
        number, string = self._terms.number, self._string
        numbers = [number(string(key >> 32, key & 0xFFFFFFFF)) for key in keys.tolist()]
        self._numbers.add(keys, np.array(numbers, np.int32))


class Vocabulary:
    """What the numbers of a `TokenBatch` mean.

    Attributes:
        syllables: Syllables as they stand in texts.
        folded, marked: Their forms (`searchidx.language.syllable_forms`).
        words: Words, their syllables in the marked form with "_" between.
        folded_pairs, marked_pairs: Two adjacent forms with a space between.
    """

    def __init__(self) -> None:
        self.syllables = Terms()
        self.folded = Terms()
        self.marked = Terms()
        self.words = Terms()
        self.folded_pairs = Terms()
        self.marked_pairs = Terms()

    def size(self) -> int:
        """Return how many strings it holds."""
        return sum(map(len, vars(self).values()))


class _Numbers(dict[str, int]):
    """Numbers strings as they come, and tells of each new one."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._tell = tell

    def __missing__(self, string: str) -> int:
        number = self[string] = len(self)
        self._tell(string)
        return number


@dataclass
class Chunks:
    """Distinct chunks by number, with all that is known of each by itself.

    The columns hold one value for each syllable, or one for each chunk; `syllable_bounds`
    and `token_bounds` say which belong to a chunk.
    """

    vocabulary: Vocabulary
    table: CanonicalTokenTable
    characters: int = 0
    syllable_bounds: array[int] = field(default_factory=lambda: array("i", [0]))
    token_bounds: array[int] = field(default_factory=lambda: array("i", [0]))
    tokens: array[int] = field(default_factory=lambda: array("i"))
    # For each syllable: its number, its place in the chunk, the token that it lies in
    # (counted from the chunk's first), and how it lies there (see below).
    syllables: array[int] = field(default_factory=lambda: array("i"))
    starts: array[int] = field(default_factory=lambda: array("i"))
    ends: array[int] = field(default_factory=lambda: array("i"))
    in_token: array[int] = field(default_factory=lambda: array("i"))
    lies: array[int] = field(default_factory=lambda: array("b"))
    # For each chunk: whether it may end a sentence, and whether it begins in lower case.
    stops: array[int] = field(default_factory=lambda: array("b"))
    lower: array[int] = field(default_factory=lambda: array("b"))
    # For each syllable number, those of its forms.
    folded: array[int] = field(default_factory=lambda: array("i"))
    marked: array[int] = field(default_factory=lambda: array("i"))

    # How a syllable lies in its token.
    BEGINS = 1  # it stands at the token's beginning
    ENDS = 2  # it stands at the token's end
    BOUND = 4  # only underscores part it from the syllable before, in the same token

    def __post_init__(self) -> None:
        self._numbers = _Numbers(self._analyse)

    def __len__(self) -> int:
        return len(self._numbers)

    def numbers(self, texts: Iterable[str]) -> Int32Array:
        """Return the number of each chunk of texts; analyze a chunk when it is first met."""
        numbers: list[int] = []
        number = self._numbers.__getitem__
        for text in texts:
            # Cut and looked up text by text, while its chunks are in the cache.
            numbers += map(number, text.split())
        return np.fromiter(numbers, np.int32, len(numbers))

    def _analyse(self, chunk: str) -> None:
        self.characters += len(chunk)
        surfaces, starts, ends = split_syllables(chunk)
        tokens = []
        if len(chunk) <= _LONGEST_CHUNK:
            tokens = cut_tokens(unicodedata.normalize("NFC", chunk))
        places = _places(tokens)
        if len(places) != len(surfaces):
            # An invisible character or a lone mark, with which pyvi would see other
            # syllables than there are; or rubble: each syllable is a token of its own.
            tokens = [marked(surface) for surface in surfaces]
            places = [(at, self.BEGINS | self.ENDS) for at in range(len(surfaces))]
        for surface in surfaces:
            number = self.vocabulary.syllables.number(surface)
            if number == len(self.folded):
                self.folded.append(self.vocabulary.folded.number(folded(surface)))
                self.marked.append(self.vocabulary.marked.number(marked(surface)))
            self.syllables.append(number)
        self.starts.extend(starts)
        self.ends.extend(ends)
        self.in_token.extend(token for token, _ in places)
        self.lies.extend(lies for _, lies in places)
        self.tokens.extend(map(self.table.number, tokens))
        self.syllable_bounds.append(len(self.syllables))
        self.token_bounds.append(len(self.tokens))
        self.stops.append(ends_sentence(chunk))
        self.lower.append(begins_lower(chunk))


def _places(tokens: list[str]) -> list[tuple[int, int]]:
    """For each syllable of the tokens of a chunk, its token and how it lies there."""
    found = []
    for at, token in enumerate(tokens):
        if token.isalpha():  # nearly all are letters alone, or one other character
            found.append((at, Chunks.BEGINS | Chunks.ENDS))
            continue
        if len(token) == 1 and not token.isalnum():
            continue
        _, starts, ends = split_syllables(token)
        for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
            between = token[ends[number - 1] : start] if number else ""
            found.append(
                (
                    at,
                    Chunks.BEGINS * (start == 0)
                    | Chunks.ENDS * (end == len(token))
                    | Chunks.BOUND * (bool(between) and not between.strip("_")),
                )
            )
    return found
