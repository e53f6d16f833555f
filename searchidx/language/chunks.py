"""Analyze each distinct chunk of text once, and number the terms of chunks.

A chunk is a run of characters without white space.
"""

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
from searchidx.language.token_table import CanonicalTokenTable, split_pyvi_tokens
from searchidx.language.tokenizer import split_syllables

_MAX_TOKENIZED_CODE_POINTS: Final = 256
"""The length of the longest chunk that pyvi's pattern splits.

The pattern for e-mail addresses takes quadratic time on a run without white space.
"""


class TermTable:
    """Distinct terms, numbered in the order of their first occurrence.

    Attributes:
        terms: The terms; the index of a term is its number.
    """

    def __init__(self) -> None:
        self.terms: list[str] = []
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.terms)

    def __getitem__(self, number: int) -> str:
        return self.terms[number]

    def number(self, term: str) -> int:
        """Return the number of a term; a new term gets the next number."""
        number = self._numbers.get(term)
        if number is None:
            number = self._numbers[term] = len(self.terms)
            self.terms.append(term)
        return number


class PairTable:
    """The numbers of the terms that pairs of numbers make, such as two adjacent syllables.

    Args:
        terms: The table of the terms that pairs make.
        make_term: Return the term of two numbers.
    """

    def __init__(self, terms: TermTable, make_term: Callable[[int, int], str]) -> None:
        self._terms = terms
        self._make_term = make_term
        self._numbers = KeyTable(absent=-1)

    def numbers(self, first: Int32Array, second: Int32Array) -> Int32Array:
        """Return the number of the term of each pair.

        Args:
            first: The first number of each pair, shape (n,), none negative.
            second: The second number of each pair, shape (n,), none negative.

        Returns:
            Numbers in the table of terms, int32, shape (n,).
        """
        keys = first.astype(np.int64) << 32 | second
        numbers = self._numbers.find(keys)
        unknown = numbers < 0
        if unknown.any():
            self._add(np.unique(keys[unknown]))
            numbers[unknown] = self._numbers.find(keys[unknown])
        return numbers

    def _add(self, keys: Int64Array) -> None:
        """Give numbers to the terms of new pairs, whose keys are distinct."""
        number, make_term = self._terms.number, self._make_term
        numbers = [number(make_term(key >> 32, key & 0xFFFFFFFF)) for key in keys.tolist()]
        self._numbers.add(keys, np.array(numbers, np.int32))


class BatchVocabulary:
    """The terms behind the numbers of a `TokenBatch`, one table for each view.

    Attributes:
        syllables: Syllables as texts write them.
        folded, marked: Folded and marked forms (`searchidx.language.syllable_forms`).
        words: Words: the marked forms of their syllables, joined by "_".
        folded_pairs, marked_pairs: Two adjacent forms, joined by a blank.
    """

    def __init__(self) -> None:
        self.syllables = TermTable()
        self.folded = TermTable()
        self.marked = TermTable()
        self.words = TermTable()
        self.folded_pairs = TermTable()
        self.marked_pairs = TermTable()

    def size(self) -> int:
        """Return the number of terms of all views together."""
        return sum(map(len, vars(self).values()))


class _ChunkNumbers(dict[str, int]):
    """Distinct chunks, numbered in the order of their first lookup.

    Args:
        add: Called with each new chunk, to analyze it.
    """

    def __init__(self, add: Callable[[str], None]) -> None:
        super().__init__()
        self._add = add

    def __missing__(self, chunk: str) -> int:
        number = self[chunk] = len(self)
        self._add(chunk)
        return number


@dataclass
class ChunkTable:
    """Distinct chunks by number, each with its analysis, in columns.

    A chunk owns a range of the columns of syllables, and a range of the column of tokens.

    Attributes:
        vocabulary: The numbering of syllables and their forms.
        table: The numbering of tokens.
        code_points: The total length of the chunks.
        syllable_bounds: Chunk i has the syllables syllable_bounds[i] to
            syllable_bounds[i + 1].
        token_bounds: Chunk i has the tokens token_bounds[i] to token_bounds[i + 1].
        tokens: For each token its number in `table`.
        syllables: For each syllable its number in the vocabulary.
        starts, ends: For each syllable its half-open range in the chunk, in code points.
        token_indexes: For each syllable the token that it belongs to, counted in its chunk.
        token_flags: For each syllable the sum of `STARTS_TOKEN`, `ENDS_TOKEN` and `BOUND`.
        ends_sentence: For each chunk whether a sentence may end with it.
        begins_lower: For each chunk whether it begins with a small letter.
        folded, marked: For each syllable number the number of that form.
    """

    vocabulary: BatchVocabulary
    table: CanonicalTokenTable
    code_points: int = 0
    syllable_bounds: array[int] = field(default_factory=lambda: array("i", [0]))
    token_bounds: array[int] = field(default_factory=lambda: array("i", [0]))
    tokens: array[int] = field(default_factory=lambda: array("i"))
    syllables: array[int] = field(default_factory=lambda: array("i"))
    starts: array[int] = field(default_factory=lambda: array("i"))
    ends: array[int] = field(default_factory=lambda: array("i"))
    token_indexes: array[int] = field(default_factory=lambda: array("i"))
    token_flags: array[int] = field(default_factory=lambda: array("b"))
    ends_sentence: array[int] = field(default_factory=lambda: array("b"))
    begins_lower: array[int] = field(default_factory=lambda: array("b"))
    folded: array[int] = field(default_factory=lambda: array("i"))
    marked: array[int] = field(default_factory=lambda: array("i"))

    STARTS_TOKEN = 1
    ENDS_TOKEN = 2
    BOUND = 4  # only underscores separate it from the syllable before, in the same token

    def __post_init__(self) -> None:
        self._numbers = _ChunkNumbers(self._add_chunk)

    def __len__(self) -> int:
        return len(self._numbers)

    def numbers(self, texts: Iterable[str]) -> Int32Array:
        """Return the number of each chunk of some texts; analyze new chunks."""
        numbers: list[int] = []
        number = self._numbers.__getitem__
        for text in texts:
            # Text by text, so that its chunks are still in the processor's cache.
            numbers += map(number, text.split())
        return np.fromiter(numbers, np.int32, len(numbers))

    def _add_chunk(self, chunk: str) -> None:
        """Append the analysis of a new chunk to the columns."""
        self.code_points += len(chunk)
        surfaces, starts, ends = split_syllables(chunk)
        tokens = []
        if len(chunk) <= _MAX_TOKENIZED_CODE_POINTS:
            tokens = split_pyvi_tokens(unicodedata.normalize("NFC", chunk))
        memberships = _token_memberships(tokens)
        if len(memberships) != len(surfaces):
            # In a chunk with an invisible character or a lone mark, pyvi sees other
            # syllables.  There, and in a very long chunk, each syllable is one token.
            tokens = [marked(surface) for surface in surfaces]
            whole = self.STARTS_TOKEN | self.ENDS_TOKEN
            memberships = [(index, whole) for index in range(len(surfaces))]
        for surface in surfaces:
            number = self.vocabulary.syllables.number(surface)
            if number == len(self.folded):
                self.folded.append(self.vocabulary.folded.number(folded(surface)))
                self.marked.append(self.vocabulary.marked.number(marked(surface)))
            self.syllables.append(number)
        self.starts.extend(starts)
        self.ends.extend(ends)
        self.token_indexes.extend(token for token, _ in memberships)
        self.token_flags.extend(flags for _, flags in memberships)
        self.tokens.extend(map(self.table.number, tokens))
        self.syllable_bounds.append(len(self.syllables))
        self.token_bounds.append(len(self.tokens))
        self.ends_sentence.append(ends_sentence(chunk))
        self.begins_lower.append(begins_lower(chunk))


def _token_memberships(tokens: list[str]) -> list[tuple[int, int]]:
    """Return, for each syllable of a chunk, the index of its token and its token flags."""
    memberships = []
    for index, token in enumerate(tokens):
        # Nearly every token consists of letters alone, or is one other character.
        if token.isalpha():
            memberships.append((index, ChunkTable.STARTS_TOKEN | ChunkTable.ENDS_TOKEN))
            continue
        if len(token) == 1 and not token.isalnum():
            continue
        _, starts, ends = split_syllables(token)
        for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
            between = token[ends[number - 1] : start] if number else ""
            flags = (
                ChunkTable.STARTS_TOKEN * (start == 0)
                | ChunkTable.ENDS_TOKEN * (end == len(token))
                | ChunkTable.BOUND * (bool(between) and not between.strip("_"))
            )
            memberships.append((index, flags))
    return memberships
