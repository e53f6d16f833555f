"""Segment texts into words exactly as pyvi does, many times as fast.

`tokenize` returns exactly what ``ViTokenizer.tokenize`` of pyvi 0.1.1 returns.  It is fast for
three reasons:

* A text is split at spaces into chunks.  Each distinct chunk is split into tokens once and
  cached, because the same chunks occur again and again.
* The scores that a token adds to itself and to its neighbors are computed once for each
  distinct token.  A text then needs only a few array lookups.
* With two labels, the best path needs only the difference of their scores.  The transition
  weights bound how much a label can depend on the token before.  So almost all labels follow
  from array operations, and a loop settles the few others.
"""

from __future__ import annotations

import threading
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np

from searchidx.arrays import BoolArray, Float64Array, Int32Array
from searchidx.language.crf import SegmentationModel, load_model
from searchidx.language.token_table import CanonicalTokenTable, TokenTable, split_pyvi_tokens

BATCH_CODE_POINTS: Final = 200_000
"""The least length of texts that are segmented at once.

Larger arrays cost a sixth of the time: the C library then asks the system for memory each time.
"""
MAX_CACHED_CHUNKS: Final = 1 << 19
"""The number of distinct chunks above which a segmenter clears its cache."""
_MAX_CACHED_CODE_POINTS: Final = 1 << 25


def best_labels(
    model: SegmentationModel, scores: Float64Array, firsts: Int32Array
) -> BoolArray:
    """Return the labels of the best path of each sequence, by Viterbi's algorithm.

    Let d be the score of the best path that ends in "inside" minus that of the best path that
    ends in "beginning".  Viterbi's recursion is

        d[t] = score[t] + step(d[t-1])
        step(d) = max(BI, d + II) - max(BB, d + IB)

    where BI is the weight of the transition from a beginning to an inside, and so on.  `step`
    is constant below and above two thresholds that lie close together.  So for almost every
    token, array operations tell which constant it hands to the next token.

    Args:
        model: The model, for the weights of the transitions.
        scores: The score of each token by itself, shape (n,).
        firsts: The first token of each sequence, ascending, shape (sequences,).  No sequence
            is empty.

    Returns:
        bool, shape (n,); True for "inside".
    """
    bb, bi = model.from_beginning
    ib, ii = model.from_inside
    # Above these thresholds the best way to a beginning, or to an inside, is from an inside.
    beginning_threshold, inside_threshold = bb - ib, bi - ii
    low, high = sorted((beginning_threshold, inside_threshold))

    def step(d: Float64Array) -> Float64Array:
        into_inside = np.maximum(bi, d + ii)
        into_beginning: Float64Array = np.maximum(bb, d + ib)
        return into_inside - into_beginning

    min_step, max_step = np.sort(step(np.array([low, high])))
    # Most scores are so far to one side that no neighbor can change the label.
    inside: BoolArray = scores > high - min_step
    unsettled = (scores > low - max_step) & ~inside
    # Each token hands on its d, clipped to the range in which `step` varies.
    clipped = np.where(inside, high, low)
    clipped[firsts] = np.clip(scores[firsts], low, high)
    unsettled[firsts] = False
    for token in np.flatnonzero(unsettled).tolist():
        d = clipped[token - 1]
        d = scores[token] + max(bi, d + ii) - max(bb, d + ib)
        clipped[token] = min(max(d, low), high)
    # d itself is needed for unsettled tokens only, and at both ends of a sequence.
    lasts = np.append(firsts[1:], len(scores)) - 1
    unsettled[firsts] = unsettled[lasts] = True
    tokens = np.flatnonzero(unsettled)
    difference = scores.copy()
    difference[tokens] += step(clipped[tokens - 1])
    difference[firsts] = scores[firsts]
    inside[tokens] = difference[tokens] > high
    inside[lasts] = difference[lasts] > 0
    unsettled[lasts] = False
    tokens = np.flatnonzero(unsettled)
    # Between the thresholds the label depends on the next one, so go backwards.
    between = tokens[(difference[tokens] > low) & ~inside[tokens]]
    for token in between[::-1].tolist():
        threshold = inside_threshold if inside[token + 1] else beginning_threshold
        inside[token] = difference[token] > threshold
    return inside


class TokenJoiner:
    """Decide which tokens of a sequence continue the word of the token before.

    Args:
        model: pyvi's model.
        table: The numbering of the tokens, with their scores.
    """

    def __init__(self, model: SegmentationModel, table: TokenTable) -> None:
        self._model = model
        self._table = table

    def joined(self, tokens: Int32Array, firsts: Int32Array) -> BoolArray:
        """Return whether each token is joined to the one before it.

        Args:
            tokens: The tokens of all sequences, one sequence after the other, as numbers in
                the table, shape (n,).
            firsts: The first token of each sequence, ascending, shape (sequences,).  No
                sequence is empty.

        Returns:
            bool, shape (n,); False for the first token of a sequence.
        """
        if not len(tokens):
            return np.zeros(0, np.bool_)
        inside = best_labels(self._model, self._scores(tokens, firsts), firsts)
        flags = np.frombuffer(self._table.flags, np.int8).take(tokens)
        joins = flags & TokenTable.JOINS != 0
        title = flags & TokenTable.TITLE != 0
        inside[1:] &= joins[1:] & joins[:-1] & ~(title[1:] & ~title[:-1])
        inside[firsts] = False
        return inside

    def _scores(self, tokens: Int32Array, firsts: Int32Array) -> Float64Array:
        """Return the score of "inside" minus that of "beginning" for each token by itself.

        Args:
            tokens: As in `joined`.
            firsts: As in `joined`.

        Returns:
            float64, shape (n,), without the weights of transitions.
        """
        table, weights = self._table, self._model.weights
        breaks = firsts[1:] - 1  # the last token of each sequence but the last one
        score = np.frombuffer(table.own).take(tokens)
        before = np.frombuffer(table.before).take(tokens[:-1])
        before[breaks] = 0.0
        score[1:] += before
        after = np.frombuffer(table.after).take(tokens[1:])
        after[breaks] = 0.0
        score[:-1] += after
        parts = np.frombuffer(table.part, np.int32).take(tokens)
        pairs, entries = table.bigrams(parts)
        entries[breaks] = 0
        is_bigram = entries & TokenTable.BIGRAM
        score[1:] += is_bigram * weights["-1:word.bi_gram()"]
        score[:-1] += is_bigram * weights["+1:word.bi_gram()"]
        # The last two tokens of a sequence begin no trigram.
        entries[breaks[breaks > 0] - 1] = 0
        begins = np.flatnonzero(entries[:-1] & TokenTable.BEGINS_TRIGRAM)
        begins = begins[table.trigrams(pairs[begins], parts[begins + 2])]
        score[begins + 2] += weights["-2:word.tri_gram()"]
        score[begins] += weights["+2:word.tri_gram()"]
        return score


class Segmenter:
    """Segment texts into words, with a cache of the tokens of their chunks.

    A segmenter is not safe for use from several threads at once.

    Args:
        canonical: Whether equivalent spellings get the same words (`CanonicalTokenTable`).
        batch_code_points: The least length of texts that are segmented at once.
        max_cached_chunks: The number of distinct chunks above which the next batch clears the
            cache.

    Raises:
        ModelError: pyvi 0.1.1 is not installed.
    """

    def __init__(
        self,
        *,
        canonical: bool = False,
        batch_code_points: int = BATCH_CODE_POINTS,
        max_cached_chunks: int = MAX_CACHED_CHUNKS,
    ) -> None:
        self._model = load_model()
        self._new_table = CanonicalTokenTable if canonical else TokenTable
        self._batch_code_points = batch_code_points
        self._max_cached_chunks = max_cached_chunks
        self._clear_cache()

    def _clear_cache(self) -> None:
        """Start with empty tables of tokens and chunks."""
        self._table = self._new_table(self._model)
        self._joiner = TokenJoiner(self._model, self._table)
        self._chunks = _TokenizedChunks(self._table)

    @property
    def cached_chunk_count(self) -> int:
        """Return the number of distinct chunks in the cache."""
        return len(self._chunks)

    def tokenize_many(self, texts: Sequence[str]) -> list[str]:
        """Return each text with its words marked, as `tokenize` does."""
        results: list[str] = []
        batch: list[str] = []
        size = 0
        for text in texts:
            batch.append(text)
            size += len(text)
            if size >= self._batch_code_points:
                results += self._tokenize_batch(batch)
                batch, size = [], 0
        return results + self._tokenize_batch(batch)

    def _tokenize_batch(self, texts: list[str]) -> list[str]:
        """Segment texts by one pass of array operations."""
        chunks = self._chunks
        if (
            len(chunks) > self._max_cached_chunks
            or chunks.code_points > _MAX_CACHED_CODE_POINTS
        ):
            self._clear_cache()
            chunks = self._chunks
        numbers: list[int] = []
        bounds = [0]
        number = chunks.__getitem__
        for text in texts:
            # Text by text, so that its chunks are still in the processor's cache.
            numbers += map(number, text.replace("\n", " \n ").split(" "))
            bounds.append(len(numbers))
        tokens, starts = chunks.tokens(np.fromiter(numbers, np.int32, len(numbers)))
        text_bounds = starts[bounds]
        firsts = text_bounds[:-1]
        joined = self._joiner.joined(tokens, firsts[firsts < text_bounds[1:]])
        # Each piece begins with its separator, which the first piece of a text loses.
        pieces = chunks.pieces(tokens, joined)
        return [
            "".join(pieces[first:end])[1:] if first < end else text
            for text, (first, end) in zip(texts, pairwise(text_bounds.tolist()), strict=True)
        ]


class _TokenizedChunks(dict[str, int]):
    """Distinct chunks by number, each split into tokens at its first lookup.

    Args:
        table: The numbering of the tokens.

    Attributes:
        code_points: The total length of the chunks.
    """

    def __init__(self, table: TokenTable) -> None:
        super().__init__()
        self.code_points = 0
        self._table = table
        self._starts = array("i", [0])
        self._tokens = array("i")
        self._pieces = np.zeros(0, np.object_)
        self._add("\n", ["\n"])  # pyvi takes a line feed as a token, unlike its pattern

    def __missing__(self, chunk: str) -> int:
        # No characters compose across a space, so each chunk can be composed by itself.
        return self._add(chunk, split_pyvi_tokens(unicodedata.normalize("NFC", chunk)))

    def _add(self, chunk: str, tokens: Iterable[str]) -> int:
        """Add a chunk with its tokens, and return its number."""
        number = self[chunk] = len(self)
        self.code_points += len(chunk)
        self._tokens.extend(map(self._table.number, tokens))
        self._starts.append(len(self._tokens))
        return number

    def tokens(self, numbers: Int32Array) -> tuple[Int32Array, Int32Array]:
        """Return the tokens of a sequence of chunks.

        Args:
            numbers: The numbers of the chunks, shape (chunks,).

        Returns:
            The numbers of the tokens, int32, shape (n,), and the first token of each chunk,
            int32, shape (chunks + 1,).
        """
        starts = np.frombuffer(self._starts, np.int32)
        begins = starts.take(numbers)
        counts = starts.take(numbers + 1) - begins
        firsts = np.zeros(len(numbers) + 1, np.int32)
        np.cumsum(counts, out=firsts[1:])
        indexes = np.repeat(begins - firsts[:-1], counts)
        indexes += np.arange(len(indexes), dtype=np.int32)
        return np.frombuffer(self._tokens, np.int32).take(indexes), firsts

    def pieces(self, tokens: Int32Array, joined: BoolArray) -> list[str]:
        """Return each token as text after its separator: "_" if joined, " " if not.

        Args:
            tokens: The numbers of the tokens, shape (n,).
            joined: Whether each token continues a word, shape (n,).
        """
        new = self._table.texts[len(self._pieces) // 2 :]
        if new:
            both = [f"{separator}{text}" for text in new for separator in " _"]
            self._pieces = np.append(self._pieces, np.array(both, np.object_))
        # Taking strings from an array is four times as fast as from a list.
        pieces: list[str] = self._pieces.take(2 * tokens + joined).tolist()
        return pieces


def tokenize(text: str, *, canonical: bool = False) -> str:
    """Segment a text into words: blanks between tokens, underscores inside words.

    Args:
        text: Any text.
        canonical: Whether to find the same words in any spelling: in capitals, and with the
            tone mark in either place.  Otherwise the result is exactly that of
            ViTokenizer.tokenize of pyvi 0.1.1.

    Returns:
        The tokens of the text in NFC, or the text itself if it has none.

    Raises:
        ModelError: pyvi 0.1.1 is not installed.
    """
    return tokenize_many([text], canonical=canonical)[0]


def tokenize_many(texts: Sequence[str], *, canonical: bool = False) -> list[str]:
    """Segment several texts into words, faster than by calls of `tokenize`.

    Args:
        texts: The texts.
        canonical: As for `tokenize`.

    Returns:
        Each text as `tokenize` returns it.

    Raises:
        ModelError: pyvi 0.1.1 is not installed.
    """
    with _lock:
        return _segmenter(canonical).tokenize_many(texts)


_lock: Final = threading.Lock()


@cache
def _segmenter(canonical: bool) -> Segmenter:
    return Segmenter(canonical=canonical)
