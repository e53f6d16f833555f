"""Analyze texts in batches to arrays of syllables, words, pairs and sentences.

Texts are split at white space into chunks, and the same chunks occur again and again.  So each
distinct chunk is analyzed once: its syllables, their forms, its pyvi tokens, and whether it
ends a sentence.  Array operations then put a batch of texts together from its chunks.
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
from searchidx.language.chunks import BatchVocabulary, ChunkTable, PairTable
from searchidx.language.crf import load_model
from searchidx.language.segmentation import TokenJoiner
from searchidx.language.token_table import CanonicalTokenTable

MAX_CACHED_CHUNKS: Final = 1 << 19
"""The number of distinct chunks above which an analyzer starts a new vocabulary."""
_MAX_CACHED_CODE_POINTS: Final = 1 << 25
_MAX_CACHED_TERMS: Final = 1 << 20
"""The same limit for the terms of all views; each takes about 200 bytes."""
MAX_WORD_SYLLABLES: Final = 8
"""The length at which words are cut: pyvi joins a repeated word to one long word."""

# Tables by code point.  The ideographic space U+3000 is the last white space of Unicode, so
# the entry after it stands for all further characters.
_FIRST_CODE_AFTER_SPACES: Final = 0x3001
_IS_SPACE: Final = np.array(
    [chr(code).isspace() for code in range(_FIRST_CODE_AFTER_SPACES)] + [False]
)
_IS_LINE_END: Final = np.zeros(_FIRST_CODE_AFTER_SPACES + 1, np.bool_)
_IS_LINE_END[[ord(character) for character in LINE_ENDS]] = True
_EMPTY: Final = np.zeros(0, np.int32)


@dataclass(frozen=True)
class TokenBatch:
    """The syllables of several texts, one text after the other.

    Attributes:
        vocabulary: The terms behind the numbers.  Successive batches may share it.
        bounds: int64, shape (texts + 1,): text i has the syllables bounds[i] to
            bounds[i + 1].
        starts, ends: int32, shape (n,): the half-open range of each syllable in its own
            text, in code points.
        syllables, folded, marked: int32, shape (n,): the numbers of each syllable and of its
            forms in the vocabulary.
        folded_pairs, marked_pairs: int32, shape (n,): the number of the pair of each
            syllable and the next one in its text; -1 for the last syllable.  Empty if the
            pairs were not requested.
        word_firsts: int64, shape (words,): the first syllable of each word.  A word ends
            where the next word begins, or with its text.
        words: int32, shape (words,): the numbers of the words in the vocabulary.
        sentence_firsts: int64, shape (sentences,): the first syllable of each sentence.
    """

    vocabulary: BatchVocabulary
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
        """Return the number of texts."""
        return len(self.bounds) - 1


class Analyzer:
    """Analyze batches of texts, with a cache of chunks.

    A large vocabulary is replaced by a new one, so memory stays bounded on a corpus of any
    size.  Each batch keeps the vocabulary that its numbers belong to.  An analyzer is not
    safe for use from several threads at once.

    Args:
        max_cached_chunks: The number of distinct chunks above which the next batch starts a
            new vocabulary.

    Raises:
        ModelError: pyvi 0.1.1 is not installed.
    """

    def __init__(self, max_cached_chunks: int = MAX_CACHED_CHUNKS) -> None:
        self._max_cached_chunks = max_cached_chunks
        self._model = load_model()
        self._clear_cache()

    def _clear_cache(self) -> None:
        """Start a new vocabulary and an empty table of chunks."""
        self.vocabulary = vocabulary = BatchVocabulary()
        table = CanonicalTokenTable(self._model)
        self._chunks = ChunkTable(vocabulary, table)
        self._joiner = TokenJoiner(self._model, table)
        folded, marked, words = vocabulary.folded, vocabulary.marked, vocabulary.words
        self._folded_pairs = PairTable(
            vocabulary.folded_pairs, lambda a, b: f"{folded[a]} {folded[b]}"
        )
        self._marked_pairs = PairTable(
            vocabulary.marked_pairs, lambda a, b: f"{marked[a]} {marked[b]}"
        )
        self._longer_words = PairTable(words, lambda a, b: f"{words[a]}_{marked[b]}")
        self._word_of_marked = array("i")  # the one-syllable word of each marked form

    def analyze(self, texts: Sequence[str], *, pairs: bool = True) -> TokenBatch:
        """Analyze texts.

        Args:
            texts: The texts.
            pairs: Whether to number the pairs too.

        Returns:
            The syllables of the texts in all views.
        """
        chunks = self._chunks
        if (
            len(chunks) > self._max_cached_chunks
            or chunks.code_points > _MAX_CACHED_CODE_POINTS
            or self.vocabulary.size() > _MAX_CACHED_TERMS
        ):
            self._clear_cache()
            chunks = self._chunks
        spans = _find_chunks(texts)
        numbers = chunks.numbers(texts)
        firsts, indexes, owners = _column_indexes(chunks.syllable_bounds, numbers)
        syllables = _take(chunks.syllables, indexes)
        offsets = spans.starts[owners]
        folded = _take(chunks.folded, syllables)
        marked = _take(chunks.marked, syllables)
        bounds = firsts[spans.text_bounds]
        is_last = np.zeros(len(syllables), np.bool_)  # the last syllable of its text
        is_last[bounds[1:][bounds[1:] > bounds[:-1]] - 1] = True
        continues_word = self._continues_word(numbers, owners, indexes, spans.line_firsts)
        word_firsts = np.flatnonzero(_begins_word(continues_word, bounds[:-1]))
        return TokenBatch(
            vocabulary=self.vocabulary,
            bounds=bounds,
            starts=offsets + _take(chunks.starts, indexes),
            ends=offsets + _take(chunks.ends, indexes),
            syllables=syllables,
            folded=folded,
            marked=marked,
            folded_pairs=_pairs(self._folded_pairs, folded, is_last) if pairs else _EMPTY,
            marked_pairs=_pairs(self._marked_pairs, marked, is_last) if pairs else _EMPTY,
            word_firsts=word_firsts,
            words=self._words(marked, word_firsts),
            sentence_firsts=self._sentence_firsts(numbers, firsts, spans.line_firsts),
        )

    def _continues_word(
        self,
        numbers: Int32Array,
        owners: Int64Array,
        indexes: Int64Array,
        line_firsts: Int64Array,
    ) -> BoolArray:
        """Return whether each syllable continues the word of the syllable before.

        Args:
            numbers: The chunks, shape (chunks,).
            owners: For each syllable the index of its chunk in `numbers`, shape (n,).
            indexes: For each syllable its index in the columns of the chunks, shape (n,).
            line_firsts: The first chunk of each line, ascending.

        Returns:
            bool, shape (n,).
        """
        chunks = self._chunks
        firsts, token_indexes, _ = _column_indexes(chunks.token_bounds, numbers)
        line_first_tokens = _distinct(firsts[line_firsts])
        # Each line is a sequence of its own, so no word crosses the end of a line.
        token_continues = self._joiner.joined(
            _take(chunks.tokens, token_indexes),
            line_first_tokens[line_first_tokens < firsts[-1]].astype(np.int32),
        )
        token = firsts[owners] + _take(chunks.token_indexes, indexes)
        flags = _take(chunks.token_flags, indexes, np.int8)
        continues = np.zeros(len(indexes), np.bool_)
        continues[1:] = np.where(
            token[1:] == token[:-1],
            flags[1:] & ChunkTable.BOUND != 0,
            (token[1:] == token[:-1] + 1)
            & (flags[1:] & ChunkTable.STARTS_TOKEN != 0)
            & (flags[:-1] & ChunkTable.ENDS_TOKEN != 0)
            & token_continues[token[1:]],
        )
        return continues

    def _words(self, marked: Int32Array, firsts: Int64Array) -> Int32Array:
        """Return the number of each word, extending words one syllable at a time.

        Args:
            marked: The marked form of each syllable, shape (n,).
            firsts: The first syllable of each word, shape (words,).

        Returns:
            Numbers in the vocabulary, int32, shape (words,).
        """
        vocabulary = self.vocabulary
        for number in range(len(self._word_of_marked), len(vocabulary.marked)):
            self._word_of_marked.append(vocabulary.words.number(vocabulary.marked[number]))
        words = _take(self._word_of_marked, marked[firsts])
        lengths = np.diff(firsts, append=len(marked))
        for length in range(1, MAX_WORD_SYLLABLES):
            longer = np.flatnonzero(lengths > length)
            if not len(longer):
                break
            following = marked[firsts[longer] + length]
            words[longer] = self._longer_words.numbers(words[longer], following)
        return words

    def _sentence_firsts(
        self, numbers: Int32Array, firsts: Int64Array, line_firsts: Int64Array
    ) -> Int64Array:
        """Return the first syllable of each sentence that has syllables.

        Args:
            numbers: The chunks, shape (chunks,).
            firsts: The first syllable of each chunk, shape (chunks + 1,).
            line_firsts: The first chunk of each line, ascending.
        """
        begins = np.zeros(len(numbers), np.bool_)
        may_end = _take(self._chunks.ends_sentence, numbers, np.int8) != 0
        is_lower = _take(self._chunks.begins_lower, numbers, np.int8) != 0
        begins[1:] = may_end[:-1] & ~is_lower[1:]
        begins[line_firsts] = True
        syllables = _distinct(firsts[np.flatnonzero(begins)])
        with_syllables: Int64Array = syllables[syllables < firsts[-1]]
        return with_syllables


@dataclass(frozen=True)
class _ChunkSpans:
    """The chunks of several texts, one text after the other.

    Attributes:
        starts: int32, shape (chunks,): where each chunk begins in its text, in code points.
        text_bounds: int64, shape (texts + 1,): text i has the chunks text_bounds[i] to
            text_bounds[i + 1].
        line_firsts: int64: the first chunk of each line that has chunks, ascending.
    """

    starts: Int32Array
    text_bounds: Int64Array
    line_firsts: Int64Array


def _find_chunks(texts: Sequence[str]) -> _ChunkSpans:
    """Find the chunks of texts, in one pass over all texts."""
    joined_texts = "\n".join(texts)
    codes = np.frombuffer(joined_texts.encode("utf-32-le", "surrogatepass"), "<u4")
    codes = np.minimum(codes, _FIRST_CODE_AFTER_SPACES)
    is_space = _IS_SPACE[codes]
    begins = ~is_space
    begins[1:] &= is_space[:-1]
    starts = np.flatnonzero(begins)
    text_starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) + 1 for text in texts], out=text_starts[1:])
    text_bounds = np.searchsorted(starts, text_starts)
    line_ends = np.flatnonzero(_IS_LINE_END[codes])
    line_firsts = _distinct(np.searchsorted(starts, np.append(-1, line_ends)))
    counts = np.diff(text_bounds)
    return _ChunkSpans(
        starts=(starts - np.repeat(text_starts[:-1], counts)).astype(np.int32),
        text_bounds=text_bounds,
        line_firsts=line_firsts[line_firsts < len(starts)],
    )


def _distinct(ascending: Int64Array) -> Int64Array:
    """Return the distinct values of an ascending array, none of them negative."""
    return ascending[np.diff(ascending, prepend=-1) > 0]


def _column_indexes(
    bounds: array[int], numbers: Int32Array
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Return where a column has the values of a sequence of chunks.

    Args:
        bounds: Chunk i has the values bounds[i] to bounds[i + 1] of the column.
        numbers: The numbers of the chunks, shape (chunks,).

    Returns:
        The number of values before each chunk, shape (chunks + 1,); the index of each value
        in the column, shape (n,); and the index of its chunk in `numbers`, shape (n,).
    """
    begins = np.frombuffer(bounds, np.int32)
    counts = begins[numbers + 1] - begins[numbers]
    firsts = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(counts, out=firsts[1:])
    owners = np.repeat(np.arange(len(numbers)), counts)
    indexes = np.arange(firsts[-1]) + (begins[numbers] - firsts[:-1])[owners]
    return firsts, indexes, owners


def _take(
    column: array[int],
    indexes: npt.NDArray[np.integer],
    dtype: type[np.signedinteger] = np.int32,
) -> npt.NDArray[np.signedinteger]:
    """Return the values of a column of this type at some indexes."""
    if not len(indexes):  # NumPy refuses an empty buffer
        return np.zeros(0, dtype)
    values: Int32Array = np.frombuffer(column, dtype)[indexes]
    return values


def _begins_word(continues: BoolArray, text_firsts: Int64Array) -> BoolArray:
    """Return whether each syllable begins a word, and cut words that are too long.

    Args:
        continues: Whether each syllable continues a word, shape (n,).
        text_firsts: The first syllable of each text.
    """
    begins = ~continues
    begins[text_firsts[text_firsts < len(begins)]] = True
    position = np.arange(len(begins))
    position_in_word = position - np.maximum.accumulate(np.where(begins, position, 0))
    begins |= position_in_word % MAX_WORD_SYLLABLES == 0
    return begins


def _pairs(pairs: PairTable, forms: Int32Array, is_last: BoolArray) -> Int32Array:
    """Return the number of the pair of each form and the next form.

    Args:
        pairs: The numbering of the pairs.
        forms: The form of each syllable, shape (n,).
        is_last: Whether each syllable is the last of its text, shape (n,).

    Returns:
        int32, shape (n,); -1 for the last syllable of a text.
    """
    numbers = np.full(len(forms), -1, np.int32)
    with_next = np.flatnonzero(~is_last)
    numbers[with_next] = pairs.numbers(forms[with_next], forms[with_next + 1])
    return numbers


_lock: Final = threading.Lock()
_analyzer: Final = cache(Analyzer)


def analyze(texts: Sequence[str], *, pairs: bool = True) -> TokenBatch:
    """Analyze texts, with a cache that all calls share.

    One call for many texts is faster than a call for each; about a megabyte is a good size.
    May be called from several threads.

    Args:
        texts: The texts.
        pairs: Whether to number the pairs of adjacent syllables too.  That takes a third of
            the time; a caller that sorts the syllables can derive the pairs itself.

    Returns:
        The syllables of the texts in all views.

    Raises:
        ModelError: pyvi 0.1.1 is not installed.
    """
    with _lock:
        return _analyzer().analyze(texts, pairs=pairs)
