"""Words of several syllables: pyvi's segmentation, many times as fast.

`tokenize` gives exactly what pyvi 0.1.1's ``ViTokenizer.tokenize`` gives.  Three things make
it fast:

* A text is cut at white space, and what stands between is cut into tokens once and
  remembered: the same chunks come again and again.
* Everything that the model says of a token alone (its own weight, and what it adds to its
  neighbours) is summed once per distinct token; a text is then a few array lookups.
* With two labels, the best path needs only the difference of their scores.  The
  transitions of this model bound how much a token can depend on the one before, so that
  almost all labels follow from arrays, and only the few in between are walked one by one.
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
from searchidx.language.crf import Model, load_model
from searchidx.language.token_table import CanonicalTokenTable, TokenTable, cut_tokens

_BATCH_CODE_POINTS: Final = 200_000
"""About how many code points are segmented at once.

For larger arrays the C library asks the system for memory each time, which costs a sixth.
"""
_MAX_CHUNKS: Final = 1 << 19
"""How many distinct chunks are remembered before all are forgotten."""
_MAX_CHUNKS_CODE_POINTS: Final = 1 << 25
"""How long the remembered chunks together may be before all are forgotten."""


class Joiner:
    """Return which tokens of a sequence continue the word of the token before."""

    def __init__(self, model: Model, table: TokenTable) -> None:
        self._model = model
        self._table = table

    def joined(self, tokens: Int32Array, firsts: Int32Array) -> BoolArray:
        """Return whether each token is joined to the one before it.

        Args:
            tokens: Numbers in the table, shape (n,): sequences one after the other.
            firsts: Where each sequence begins, ascending, shape (number of sequences,); an
                empty sequence must not be among them.

        Returns:
            bool, shape (n,); False where a sequence begins.
        """
        if not len(tokens):
            return np.zeros(0, np.bool_)
        inside = self.labels(self._scores(tokens, firsts), firsts)
        flags = np.frombuffer(self._table.flags, np.int8).take(tokens)
        joins = flags & TokenTable.JOINS != 0
        title = flags & TokenTable.TITLE != 0
        inside[1:] &= joins[1:] & joins[:-1] & ~(title[1:] & ~title[:-1])
        inside[firsts] = False
        return inside

    def _scores(self, tokens: Int32Array, firsts: Int32Array) -> Float64Array:
        """Return how much better "inside" scores than "beginning" for each token alone."""
        table, weights = self._table, self._model.weights
        breaks = firsts[1:] - 1  # the last tokens of sequences, but for the last sequence
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
        found = entries & TokenTable.BIGRAM
        score[1:] += found * weights["-1:word.bi_gram()"]
        score[:-1] += found * weights["+1:word.bi_gram()"]
        # Two that begin an entry and are not the last two of a sequence.
        entries[breaks[breaks > 0] - 1] = 0
        places = np.flatnonzero(entries[:-1] & TokenTable.BEGINS_TRIGRAM)
        places = places[table.trigrams(pairs[places], parts[places + 2])]
        score[places + 2] += weights["-2:word.tri_gram()"]
        score[places] += weights["+2:word.tri_gram()"]
        return score

    def labels(self, scores: Float64Array, firsts: Int32Array) -> BoolArray:
        """Return the labels of the best path of each sequence, True for "inside".

        With d the difference of the best paths that end in either label, Viterbi's
        recursion is

            d[t] = score[t] + step(d[t-1])
            step(d) = max(BI, d + II) - max(BB, d + IB)

        and `step` is constant below and above two thresholds that lie close together.  So
        for almost every token it is known without looking back which constant it hands on.

        Args:
            scores: How much the model prefers "inside" for each token, shape (n,).
            firsts: Where each sequence begins, ascending.
        """
        to_beginning, to_inside = self._model.from_beginning
        back, stay = self._model.from_inside
        # Above these the best way to a beginning, or to an inside, comes from an inside.
        via_beginning, via_inside = to_beginning - back, to_inside - stay
        low, high = sorted((via_beginning, via_inside))

        def step(d: Float64Array) -> Float64Array:
            into_inside = np.maximum(to_inside, d + stay)
            into_beginning: Float64Array = np.maximum(to_beginning, d + back)
            return into_inside - into_beginning

        least, most = np.sort(step(np.array([low, high])))
        # Most scores lie so far to one side that no neighbour can change the label.
        inside: BoolArray = scores > high - least
        unsettled = (scores > low - most) & ~inside
        # What is handed on is d, clipped to where it matters.
        handed = np.where(inside, high, low)
        handed[firsts] = np.clip(scores[firsts], low, high)
        unsettled[firsts] = False
        for at in np.flatnonzero(unsettled).tolist():
            d = handed[at - 1]
            d = scores[at] + max(to_inside, d + stay) - max(to_beginning, d + back)
            handed[at] = min(max(d, low), high)
        # d itself is needed for those alone, and at both ends of a sequence.
        lasts = np.append(firsts[1:], len(scores)) - 1
        unsettled[firsts] = unsettled[lasts] = True
        places = np.flatnonzero(unsettled)
        difference = scores.copy()
        difference[places] += step(handed[places - 1])
        difference[firsts] = scores[firsts]
        inside[places] = difference[places] > high
        inside[lasts] = difference[lasts] > 0
        unsettled[lasts] = False
        places = np.flatnonzero(unsettled)
        between = places[(difference[places] > low) & ~inside[places]]
        for at in between[::-1].tolist():
            inside[at] = difference[at] > (via_inside if inside[at + 1] else via_beginning)
        return inside


class Segmenter:
    """Segment texts into words, and remembers how it cut their chunks into tokens.

    Not for use from several threads at once.

    Args:
        canonical: Whether the model sees a canonical spelling (`CanonicalTokenTable`).
        max_chunks: How many distinct chunks are remembered before all are forgotten.
        batch_code_points: About how many code points are segmented at once.
    """

    def __init__(
        self,
        *,
        canonical: bool = False,
        max_chunks: int = _MAX_CHUNKS,
        batch_code_points: int = _BATCH_CODE_POINTS,
    ) -> None:
        self._max_chunks = max_chunks
        self._batch_code_points = batch_code_points
        self._model = load_model()
        self._new_table = CanonicalTokenTable if canonical else TokenTable
        self._forget()

    @property
    def chunk_count(self) -> int:
        """Return how many chunks are remembered."""
        return len(self._chunks)

    def _forget(self) -> None:
        self._table = self._new_table(self._model)
        self._joiner = Joiner(self._model, self._table)
        self._chunks = _Chunks(self._table)

    def tokenize_many(self, texts: Sequence[str]) -> list[str]:
        """Return for each text what ViTokenizer.tokenize of pyvi 0.1.1 returns."""
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
        chunks = self._chunks
        if len(chunks) > self._max_chunks or chunks.characters > _MAX_CHUNKS_CODE_POINTS:
            self._forget()
            chunks = self._chunks
        numbers: list[int] = []
        bounds = [0]
        number = chunks.__getitem__
        for text in texts:
            # Cut and looked up text by text, while its chunks are in the cache.
            numbers += map(number, text.replace("\n", " \n ").split(" "))
            bounds.append(len(numbers))
        tokens, starts = chunks.tokens(np.fromiter(numbers, np.int32, len(numbers)))
        text_bounds = starts[bounds]
        firsts = text_bounds[:-1]
        joined = self._joiner.joined(tokens, firsts[firsts < text_bounds[1:]])
        # What stands before a token goes with it: "_" or " " (nothing before a first one).
        pieces = chunks.pieces(tokens, joined)
        return [
            "".join(pieces[first:end])[1:] if first < end else text
            for text, (first, end) in zip(texts, pairwise(text_bounds.tolist()), strict=True)
        ]


class _Chunks(dict[str, int]):
    """What stands between spaces, by number; a chunk is cut when it is first asked for.

    Attributes:
        characters: How many there are in all chunks together.
    """

    def __init__(self, table: TokenTable) -> None:
        super().__init__()
        self.characters = 0
        self._table = table
        self._starts = array("i", [0])
        self._tokens = array("i")
        self._pieces = np.zeros(0, np.object_)
        self._remember("\n", ["\n"])  # a token to pyvi, but not to its regular expression

    def __missing__(self, chunk: str) -> int:
        # No character composes across a space, so that a chunk is composed by itself.
        return self._remember(chunk, cut_tokens(unicodedata.normalize("NFC", chunk)))

    def _remember(self, chunk: str, tokens: Iterable[str]) -> int:
        number = self[chunk] = len(self)
        self.characters += len(chunk)
        self._tokens.extend(map(self._table.number, tokens))
        self._starts.append(len(self._tokens))
        return number

    def tokens(self, numbers: Int32Array) -> tuple[Int32Array, Int32Array]:
        """Return the tokens of chunks one after the other, and where those of each chunk begin.

        Args:
            numbers: Those of the chunks, shape (chunks,).

        Returns:
            Numbers of tokens, int32, shape (n,), and offsets into them, int32, shape
            (chunks + 1,).
        """
        starts = np.frombuffer(self._starts, np.int32)
        begins = starts.take(numbers)
        counts = starts.take(numbers + 1) - begins
        offsets = np.zeros(len(numbers) + 1, np.int32)
        np.cumsum(counts, out=offsets[1:])
        places = np.repeat(begins - offsets[:-1], counts)
        places += np.arange(len(places), dtype=np.int32)
        return np.frombuffer(self._tokens, np.int32).take(places), offsets

    def pieces(self, tokens: Int32Array, joined: BoolArray) -> list[str]:
        """Return the text of each token after its separator: "_" where joined, else " "."""
        new = self._table.texts[len(self._pieces) // 2 :]
        if new:
            both = [f"{mark}{text}" for text in new for mark in " _"]
            self._pieces = np.append(self._pieces, np.array(both, np.object_))
        # From an array of strings they are taken four times as fast as from a list.
        pieces: list[str] = self._pieces.take(2 * tokens + joined).tolist()
        return pieces


def tokenize(text: str, *, canonical: bool = False) -> str:
    """`text` with spaces between its tokens and underscores inside its words.

    Args:
        text: Any text; what is given back is in NFC.
        canonical: Find the same words in any spelling: in capitals, and with the tone
            mark in either place.  Otherwise the result is exactly that of
            ViTokenizer.tokenize of pyvi 0.1.1.

    Raises:
        ModelError: pyvi 0.1.1 is not installed.
    """
    return tokenize_many([text], canonical=canonical)[0]


def tokenize_many(texts: Sequence[str], *, canonical: bool = False) -> list[str]:
    """`tokenize` for many texts, faster than one by one.

    Raises:
        ModelError: pyvi 0.1.1 is not installed.
    """
    with _lock:
        return _segmenter(canonical).tokenize_many(texts)


_lock: Final = threading.Lock()


@cache
def _segmenter(canonical: bool) -> Segmenter:
    return Segmenter(canonical=canonical)
