"""One pass from texts to arrays: every view of many texts at once.

A text is cut at white space.  What stands between, a chunk, comes again and again; so all
that can be said of a chunk by itself (its syllables, their forms, pyvi's tokens, whether it
ends a sentence) is worked out once and remembered, and a batch of texts is put together
from that by array operations.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import BoolArray, Int32Array, Int64Array
from searchidx.language.character_classes import LINE_ENDS
from searchidx.language.chunks import Chunks, Pairs, Vocabulary
from searchidx.language.crf import load_model
from searchidx.language.segmentation import Joiner
from searchidx.language.token_table import CanonicalTokenTable

_REMEMBERED: Final = 1 << 19
"""How many distinct chunks a vocabulary holds before the next batch begins a new one."""
_REMEMBERED_CHARACTERS: Final = 1 << 25
_REMEMBERED_TERMS: Final = 1 << 20
"""The same for the words and pairs, which are many more than chunks; about 200 bytes each."""
_LONGEST_WORD: Final = 8
"""Longer runs of joined syllables are cut: pyvi makes one word of a repeated one."""

# White space and line ends by code point; none lies beyond the ideographic space.
_BEYOND: Final = 0x3001
_SPACE: Final = np.array([chr(code).isspace() for code in range(_BEYOND)] + [False])
_NONE: Final = np.zeros(0, np.int32)
_LINE_END: Final = np.zeros(_BEYOND + 1, np.bool_)
_LINE_END[[ord(character) for character in LINE_ENDS]] = True


@dataclass(frozen=True)
class TokenBatch:
    """The syllables of many texts, one text after the other.

    Attributes:
        vocabulary: What all the numbers mean; batches that follow each other may share it.
        bounds: int64, shape (texts + 1,): text i has the syllables bounds[i] to
            bounds[i + 1].
        starts, ends: int32, shape (n,): each syllable's place in its own text, in code
            points, half-open.
        syllables, folded, marked: int32, shape (n,): numbers in the vocabulary.
        folded_pairs, marked_pairs: int32, shape (n,): the pair that a syllable makes with
            the next one of its text; -1 for the last.  Empty where they were not asked for.
        word_firsts: int64, shape (words,): the syllable at which each word begins; it ends
            where the next word, or the text, begins.
        words: int32, shape (words,): numbers in the vocabulary.
        sentence_firsts: int64, shape (sentences,): the syllable that begins each sentence.
    """

    vocabulary: Vocabulary
    bounds: Int64Array
    starts: Int32Array
    ends: Int32Array
    syllables: Int32Array
    folded: Int32Array
    marked: Int32Array
    folded_pairs: Int32Array
    marked_pairs: Int32Array
    word_firsts: Int64Array
    words: Int32Array
    sentence_firsts: Int64Array

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.bounds) - 1


class Analyzer:
    """Analyze batches of texts, and remembers what it met.

    Its vocabulary is begun anew when it has grown large, so that memory stays bounded on a
    corpus of any size; a batch keeps the one that its numbers belong to.  Not for use from
    several threads at once.
    """

    def __init__(self) -> None:
        self._model = load_model()
        self._forget()

    def _forget(self) -> None:
        self.vocabulary = vocabulary = Vocabulary()
        table = CanonicalTokenTable(self._model)
        self._chunks = Chunks(vocabulary, table)
        self._joiner = Joiner(self._model, table)
        folded, marked, words = vocabulary.folded, vocabulary.marked, vocabulary.words
        self._folded_pairs = Pairs(
            vocabulary.folded_pairs, lambda a, b: f"{folded[a]} {folded[b]}"
        )
        self._marked_pairs = Pairs(
            vocabulary.marked_pairs, lambda a, b: f"{marked[a]} {marked[b]}"
        )
        self._longer_words = Pairs(words, lambda a, b: f"{words[a]}_{marked[b]}")
        self._word_of_marked = array("i")

    def analyze(self, texts: Sequence[str], *, pairs: bool = True) -> TokenBatch:
        """Analyze texts: return their syllables in all views, or in all but the pairs."""
        chunks = self._chunks
        if (
            len(chunks) > _REMEMBERED
            or chunks.characters > _REMEMBERED_CHARACTERS
            or self.vocabulary.size() > _REMEMBERED_TERMS
        ):
            self._forget()
            chunks = self._chunks
        found = _cut(texts)
        numbers = chunks.numbers(texts)
        firsts, places, owner = _expand(chunks.syllable_bounds, numbers)
        syllables = _column(chunks.syllables, places)
        offsets = found.places[owner]
        folded = _column(chunks.folded, syllables)
        marked = _column(chunks.marked, syllables)
        bounds = firsts[found.text_bounds]
        last = np.zeros(len(syllables), np.bool_)  # no syllable of its text follows
        last[bounds[1:][bounds[1:] > bounds[:-1]] - 1] = True
        starts = _begin_words(
            self._joined(numbers, owner, places, found.line_firsts), bounds[:-1]
        )
        word_firsts = np.flatnonzero(starts)
        return TokenBatch(
            vocabulary=self.vocabulary,
            bounds=bounds,
            starts=offsets + _column(chunks.starts, places),
            ends=offsets + _column(chunks.ends, places),
            syllables=syllables,
            folded=folded,
            marked=marked,
            folded_pairs=_pairs(self._folded_pairs, folded, last) if pairs else _NONE,
            marked_pairs=_pairs(self._marked_pairs, marked, last) if pairs else _NONE,
            word_firsts=word_firsts,
            words=self._words(marked, word_firsts),
            sentence_firsts=self._sentences(numbers, firsts, found.line_firsts),
        )

    def _joined(
        self,
        numbers: Int32Array,
        owner: Int64Array,
        places: Int64Array,
        line_firsts: Int64Array,
    ) -> BoolArray:
        """Return whether each syllable continues the word of the one before it."""
        chunks = self._chunks
        firsts, token_places, _ = _expand(chunks.token_bounds, numbers)
        lines = _distinct(firsts[line_firsts])
        # A line is a sequence of its own: no word goes on across its end.
        tokens_joined = self._joiner.joined(
            _column(chunks.tokens, token_places),
            lines[lines < firsts[-1]].astype(np.int32),
        )
        token = firsts[owner] + _column(chunks.in_token, places)
        lies = _column(chunks.lies, places, np.int8)
        joined = np.zeros(len(places), np.bool_)
        joined[1:] = np.where(
            token[1:] == token[:-1],
            lies[1:] & Chunks.BOUND != 0,
            (token[1:] == token[:-1] + 1)
            & (lies[1:] & Chunks.BEGINS != 0)
            & (lies[:-1] & Chunks.ENDS != 0)
            & tokens_joined[token[1:]],
        )
        return joined

    def _words(self, marked: Int32Array, firsts: Int64Array) -> Int32Array:
        """Return the number of each word, extending words one syllable at a time."""
        vocabulary = self.vocabulary
        for number in range(len(self._word_of_marked), len(vocabulary.marked)):
            self._word_of_marked.append(vocabulary.words.number(vocabulary.marked[number]))
        words = _column(self._word_of_marked, marked[firsts])
        lengths = np.diff(firsts, append=len(marked))
        for length in range(1, _LONGEST_WORD):
            longer = np.flatnonzero(lengths > length)
            if not len(longer):
                break
            following = marked[firsts[longer] + length]
            words[longer] = self._longer_words.numbers(words[longer], following)
        return words

    def _sentences(
        self, numbers: Int32Array, firsts: Int64Array, line_firsts: Int64Array
    ) -> Int64Array:
        """Return the first syllable of each sentence that has syllables."""
        begins = np.zeros(len(numbers), np.bool_)
        stops = _column(self._chunks.stops, numbers, np.int8) != 0
        lower = _column(self._chunks.lower, numbers, np.int8) != 0
        begins[1:] = stops[:-1] & ~lower[1:]
        begins[line_firsts] = True
        syllables = _distinct(firsts[np.flatnonzero(begins)])
        with_syllables: Int64Array = syllables[syllables < firsts[-1]]
        return with_syllables


@dataclass(frozen=True)
class _Cut:
    """Where texts are cut at white space; what stands between are chunks.

    Attributes:
        places: int32, shape (chunks,): where each begins in its text.
        text_bounds: int64, shape (texts + 1,): which chunks are a text's.
        line_firsts: int64: the chunks that begin a line of a text.
    """

    places: Int32Array
    text_bounds: Int64Array
    line_firsts: Int64Array


def _cut(texts: Sequence[str]) -> _Cut:
    # Texts in one string, a line end between: one pass for all of them.
    whole = "\n".join(texts)
    codes = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), "<u4")
    codes = np.minimum(codes, _BEYOND)
    space = _SPACE[codes]
    begins = ~space
    begins[1:] &= space[:-1]
    places = np.flatnonzero(begins)
    text_starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) + 1 for text in texts], out=text_starts[1:])
    text_bounds = np.searchsorted(places, text_starts)
    line_ends = np.flatnonzero(_LINE_END[codes])
    line_firsts = _distinct(np.searchsorted(places, np.append(-1, line_ends)))
    counts = np.diff(text_bounds)
    return _Cut(
        places=(places - np.repeat(text_starts[:-1], counts)).astype(np.int32),
        text_bounds=text_bounds,
        line_firsts=line_firsts[line_firsts < len(places)],
    )


def _distinct(ascending: Int64Array) -> Int64Array:
    """Return the distinct values of an ascending array."""
    return ascending[np.diff(ascending, prepend=-1) > 0]


def _expand(
    bounds: array[int], numbers: Int32Array
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Return where the values of a row of chunks lie in a column.

    Returns:
        How many values come before each chunk, shape (chunks + 1,); the place in the
        column of each value; and the chunk, counted in the row, that it belongs to.
    """
    begins = np.frombuffer(bounds, np.int32)
    counts = begins[numbers + 1] - begins[numbers]
    firsts = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(counts, out=firsts[1:])
    owner = np.repeat(np.arange(len(numbers)), counts)
    places = np.arange(firsts[-1]) + (begins[numbers] - firsts[:-1])[owner]
    return firsts, places, owner


def _column(
    column: array[int], places: npt.NDArray[np.integer], kind: type[np.signedinteger] = np.int32
) -> npt.NDArray[np.signedinteger]:
    """Return the values of a column at some indexes; an empty column has none."""
    if not len(places):
        return np.zeros(0, kind)
    values: Int32Array = np.frombuffer(column, kind)[places]
    return values


def _begin_words(joined: BoolArray, text_firsts: Int64Array) -> BoolArray:
    """Return whether each syllable begins a word; words are cut at their longest length."""
    begins = ~joined
    begins[text_firsts[text_firsts < len(begins)]] = True
    at = np.arange(len(begins))
    length_so_far = at - np.maximum.accumulate(np.where(begins, at, 0))
    begins |= length_so_far % _LONGEST_WORD == 0
    return begins


def _pairs(pairs: Pairs, forms: Int32Array, last: BoolArray) -> Int32Array:
    """Return the number of the pair of each form and the next one; -1 where none follows."""
    numbers = np.full(len(forms), -1, np.int32)
    with_next = np.flatnonzero(~last)
    numbers[with_next] = pairs.numbers(forms[with_next], forms[with_next + 1])
    return numbers


_lock: Final = threading.Lock()
_analyzer: Final = cache(Analyzer)


def analyze(texts: Sequence[str], *, pairs: bool = True) -> TokenBatch:
    """Analyze many texts: return their syllables in all views, as arrays.

    Many texts at once are faster than one by one; about a megabyte is a good measure.
    May be called from several threads.

    Args:
        texts: The texts.
        pairs: Whether to number the pairs too, which takes a third of the time; who sorts
            them anyway can make them from the syllables.

    Raises:
        ModelError: pyvi 0.1.1 is not installed.
    """
    with _lock:
        return _analyzer().analyze(texts, pairs=pairs)
