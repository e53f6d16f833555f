"""Correct misspelt words of a query by the index's own vocabulary.

This is a noisy channel (Kernighan, Church and Gale, *A spelling correction program based on a
noisy channel model*, 1990) over all words of the query together.  The sequence that was meant
maximizes

    P(sequence in the bigram language model of the index)  ×  e^(-cost of all slips)

The slips are those of `searchidx.search.suggest.edit_distance`, missing spaces (``quanly``)
and superfluous spaces (``nghi qu yet``).  The language model is that of
`searchidx.search.rewrite.diacritics`, over folded syllables; the Viterbi algorithm finds the
best sequence.  A word that stands in the index next to both of its neighbors is left as it
is, so that most queries need few lookups.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import Float64Array, UInt8Array, UInt32Array
from searchidx.search.rewrite.diacritics import PRIOR, viterbi
from searchidx.search.suggest.edit_distance import (
    DOUBLED_LETTER_COST,
    EASY_SLIP_COST,
    edit_distances,
)
from searchidx.store import (
    MAX_SYLLABLE_LETTERS,
    AsciiSyllables,
    Reader,
    SyllableCounts,
    SyllableVocabulary,
    letter_bitmasks,
)
from searchidx.units import Span

MAX_CORRECTED_WORDS: Final = 24
"""The number of words of a query that are checked; the others are left as they are."""
KNOWN_WORD_ODDS: Final = 100.0
"""How many times as probable a change of a word that the index has must be to be made."""
_SLIP_RATE: Final = 6.0
"""The natural logarithm that a slip of cost 1 takes off a probability."""
_SPACE_SLIP_COST: Final = 0.5
"""The cost of missing spaces, or of a superfluous space, in units of `SLIP_COST`."""
_MIN_CORRECTED_LETTERS: Final = 3
"""Shorter words are often parts of codes, and are similar to too many words."""
_MIN_SINGLE_WORD_LETTERS: Final = 4
"""A query of one shorter word has no neighbors to choose among the similar words."""
_TEXT_ERROR_RATIO: Final = 1_000
"""A joined word of the index is an error of its texts if its parts stand side by side in more
than so many times as many documents."""
_MAX_WORD_COST: Final = {7: 1.0, MAX_SYLLABLE_LETTERS: 2.0}
"""The maximum cost of all slips in a word, for words of up to so many letters."""
_MAX_SIMILAR_WORDS: Final = 16
"""How many similar words of the index are considered for each word."""
_RARE_WORD_DOCS: Final = 5
"""A query of one word is checked if fewer documents contain it."""
_COMMON_PAIR_DOCS: Final = 50
"""Two words are common if, by chance alone, more documents would contain them both."""
_UNSEEN_WORD_DOCS: Final = 0.001
"""The number of documents that a word counts for that is in none."""
_MAX_JOINED_LETTERS: Final = 48
"""The length up to which a word is split into syllables."""
_MAX_SYLLABLE_LETTERS: Final = 7
"""The length of the longest Vietnamese syllable without marks (nghieng)."""


@dataclass(frozen=True, slots=True)
class SpellingCorrection:
    """The words that were probably meant.

    Attributes:
        words: For each typed word the folded syllables that were meant: the word itself if
            it is right, several if spaces were missing, none if it belongs to the word
            before.
    """

    words: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Readings:
    """Possible readings of a typed word.

    Attributes:
        words: The words of each reading, as `SpellingCorrection.words` has them.
        firsts: The first word of each reading.  A reading that belongs to the word before has
            the words of that one as `firsts` and `lasts`.
        lasts: The last word of each reading.
        weights: float64, shape (readings,): the probability of each reading's slips, and of
            the bigrams within it.
        takes_next: Whether the readings include the next typed word.
    """

    words: Sequence[tuple[str, ...]]
    firsts: SyllableCounts
    lasts: SyllableCounts
    weights: Float64Array
    takes_next: bool = False

    @classmethod
    def single(
        cls,
        words: tuple[str, ...],
        first: SyllableCounts,
        last: SyllableCounts,
        weight: float,
        *,
        takes_next: bool = False,
    ) -> _Readings:
        """Return a single reading."""
        return cls((words,), first, last, np.array([weight]), takes_next)


def correct_spelling(
    reader: Reader,
    words: Sequence[str],
    protected: Sequence[bool] = (),
    separated: Sequence[bool] = (),
) -> SpellingCorrection | None:
    """Return the most probable words for words that may be misspelt.

    Args:
        reader: The commit whose documents the language model counts.
        words: Adjacent folded syllables.
        protected: For each word whether it is never changed; it still is evidence for its
            neighbors.  No word is protected unless given.
        separated: For each word whether more than white space precedes it, so that it is
            not joined with the word before.  No word is separated unless given.

    Returns:
        The correction, or None if the typed words are the most probable ones.

    Raises:
        IndexDamagedError: The index is damaged.
    """
    if not reader.size or not words:
        return None
    vocabulary = reader.vocabulary
    typed = [vocabulary.look_up("folded", word) for word in words[:MAX_CORRECTED_WORDS]]
    pair_docs = [
        int(counts[0, 0]) for counts in vocabulary.pair_counts(list(itertools.pairwise(typed)))
    ]
    doubtful = _find_doubtful([int(forms.counts[0]) for forms in typed], pair_docs, reader.size)
    if len(words) == 1 and len(words[0]) < _MIN_SINGLE_WORD_LETTERS:
        doubtful = [False]
    fixed = [*protected[: len(typed)], *[False] * (len(typed) - len(protected))]
    doubtful = [doubt and not fix for doubt, fix in zip(doubtful, fixed, strict=True)]
    if not any(doubtful):
        return None
    all_syllables = vocabulary.ascii_syllables()
    readings = [
        [
            _Readings.single(
                forms.forms, forms, forms, KNOWN_WORD_ODDS if forms.counts[0] else 1.0
            )
        ]
        for forms in typed
    ]
    for number, forms in enumerate(typed):
        if doubtful[number]:
            readings[number] += _similar_words(all_syllables, forms.forms[0])
            split, split_docs = _split(vocabulary, forms.forms[0], reader.size)
            readings[number] += split
            if _TEXT_ERROR_RATIO * forms.counts[0] < split_docs:
                readings[number][0].weights[:] = 1.0
    for number, count in enumerate(pair_docs):
        if fixed[number] or fixed[number + 1] or any(separated[number + 1 : number + 2]):
            continue
        if not count and (doubtful[number] or doubtful[number + 1]):
            _add_joined(vocabulary, typed, readings, number)
    path = _best_path(vocabulary, readings, reader.size)
    if not any(path):
        return None
    corrected = tuple(
        [words for group in groups for words in group.words][choice]
        for groups, choice in zip(readings, path, strict=True)
    )
    rest = tuple((word,) for word in words[MAX_CORRECTED_WORDS:])
    return SpellingCorrection(corrected + rest)


def _find_doubtful(
    counts: Sequence[int], pair_docs: Sequence[int], documents: int
) -> list[bool]:
    """Return for each word whether it may be misspelt.

    A word is doubtful if no document contains it, if it stands next to none of its neighbors
    in any document, or if it does not stand next to one although both are common.  A neighbor
    that no document contains is no evidence.

    Args:
        counts: The number of documents that contain each word.
        pair_docs: The number of documents that contain each word directly before the next.
        documents: The number of all documents.
    """
    if len(counts) == 1:
        return [counts[0] < _RARE_WORD_DOCS]
    doubtful = []
    for number, count in enumerate(counts):
        neighbors = [
            (pair_docs[min(number, other)], counts[other])
            for other in (number - 1, number + 1)
            if 0 <= other < len(counts) and counts[other]
        ]
        apart = [other for together, other in neighbors if not together]
        doubtful.append(
            not count
            or (bool(neighbors) and len(apart) == len(neighbors))
            or any(count * other > _COMMON_PAIR_DOCS * documents for other in apart)
        )
    return doubtful


def _similar_words(known: AsciiSyllables, word: str) -> list[_Readings]:
    """Return the words of the index at a small edit distance from a typed word.

    Args:
        known: All syllables of the index.
        word: The typed word.
    """
    if not (word.isascii() and word.isalpha()):
        return []
    if not _MIN_CORRECTED_LETTERS <= len(word) <= MAX_SYLLABLE_LETTERS:
        return []
    max_cost = next(cost for letters, cost in _MAX_WORD_COST.items() if len(word) <= letters)
    typed = np.frombuffer(word.encode(), np.uint8)
    # A substitution changes two letters of the set of letters: it adds and removes one.
    different = np.bitwise_xor(known.letter_masks, letter_bitmasks(typed[None, :])[0])
    candidates = np.flatnonzero(
        (np.abs(known.lengths - len(word)) <= max_cost / DOUBLED_LETTER_COST)
        & (_count_bits(different) <= 2 * max_cost / EASY_SLIP_COST)
    )
    width = min(len(word) + int(max_cost / DOUBLED_LETTER_COST) + 1, MAX_SYLLABLE_LETTERS)
    costs = edit_distances(word.encode(), known.letters[candidates, :width])
    close = np.flatnonzero((costs <= max_cost) & (costs > 0))
    numbers, weights = candidates[close], np.exp(-_SLIP_RATE * costs[close])
    order = np.argsort(-weights * known.counts[numbers], kind="stable")[:_MAX_SIMILAR_WORDS]
    similar = known.select(numbers[order])
    words = [(form,) for form in similar.forms]
    return [_Readings(words, similar, similar, weights[order])]


def _count_bits(bits: UInt32Array) -> UInt8Array:
    """Return the number of set bits of each number."""
    counts: UInt8Array = _BITS_OF_BYTE[bits.view(np.uint8).reshape(-1, 4)].sum(
        axis=1, dtype=np.uint8
    )
    return counts


_BITS_OF_BYTE: Final = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(
    axis=1, dtype=np.uint8
)


def _split(
    vocabulary: SyllableVocabulary, word: str, documents: int
) -> tuple[list[_Readings], int]:
    """Split a word without spaces into its most probable syllables.

    Args:
        vocabulary: The vocabulary of the index.
        word: The typed word.
        documents: The number of all documents.

    Returns:
        The reading, if there is one; and the number of documents with the rarest of its
        bigrams, or 0.
    """
    if not (word.isascii() and word.isalpha() and 3 < len(word) <= _MAX_JOINED_LETTERS):
        return [], 0
    pieces: dict[Span, SyllableCounts] = {}
    for start in range(len(word)):
        for end in range(start + 1, min(len(word), start + _MAX_SYLLABLE_LETTERS) + 1):
            forms = vocabulary.look_up("folded", word[start:end])
            if forms.counts[0]:
                pieces[start, end] = forms
    by_start: dict[int, list[Span]] = {}
    for piece in pieces:
        by_start.setdefault(piece[0], []).append(piece)
    pairs = [(piece, after) for piece in pieces for after in by_start.get(piece[1], ())]
    counts = vocabulary.pair_counts([(pieces[piece], pieces[after]) for piece, after in pairs])
    # The best probability and path to the end of each piece.  Pieces ascend by their starts,
    # so that the best way to a piece is known before any way from it is tried.
    best: dict[Span, tuple[float, tuple[Span, ...]]] = {
        piece: (float(forms.counts[0]) / documents, (piece,))
        for piece, forms in pieces.items()
        if piece[0] == 0
    }
    for (piece, after), count in zip(pairs, counts, strict=True):
        if piece not in best or not count[0, 0]:
            continue
        weight = best[piece][0] * float(count[0, 0]) / (float(pieces[piece].counts[0]) + PRIOR)
        if after not in best or weight > best[after][0]:
            best[after] = weight, (*best[piece][1], after)
    whole = [way for piece, way in best.items() if piece[0] > 0 and piece[1] == len(word)]
    if not whole:
        return [], 0
    weight, path = max(whole)
    first, last = pieces[path[0]], pieces[path[-1]]
    # The path to this word accounts for the probability of the first piece.  People who leave
    # out spaces leave out all of them, so that all together cost as much as one.
    weight *= math.exp(-_SLIP_RATE * _SPACE_SLIP_COST) * documents / float(first.counts[0])
    words = tuple(word[start:end] for start, end in path)
    docs = {pair: int(count[0, 0]) for pair, count in zip(pairs, counts, strict=True)}
    rarest = min(docs[pair] for pair in itertools.pairwise(path))
    return [_Readings.single(words, first, last, weight)], rarest


def _add_joined(
    vocabulary: SyllableVocabulary,
    typed: Sequence[SyllableCounts],
    readings: list[list[_Readings]],
    number: int,
) -> None:
    """Add the reading that two words are one, if the index has it.  Numbers are not joined.

    Args:
        vocabulary: The vocabulary of the index.
        typed: The typed words.
        readings: The readings of each word, to which the new one is added.
        number: The number of the first of the two words.
    """
    parts = typed[number].forms[0], typed[number + 1].forms[0]
    whole = vocabulary.look_up("folded", "".join(parts))
    if whole.counts[0] and all(map(str.isalpha, parts)):
        weight = math.exp(-_SLIP_RATE * _SPACE_SLIP_COST)
        joined = _Readings.single(whole.forms, whole, whole, weight, takes_next=True)
        readings[number].append(joined)
        readings[number + 1].append(_Readings.single((), whole, whole, 1.0))


def _best_path(
    vocabulary: SyllableVocabulary, readings: Sequence[Sequence[_Readings]], documents: int
) -> list[int]:
    """Return the number of the reading of each word on the most probable path (Viterbi).

    Args:
        vocabulary: The vocabulary of the index.
        readings: The readings of each word.
        documents: The number of all documents.
    """
    firsts = [
        SyllableCounts.concatenate([group.firsts for group in groups]) for groups in readings
    ]
    lasts = [
        SyllableCounts.concatenate([group.lasts for group in groups]) for groups in readings
    ]
    weights = [np.concatenate([group.weights for group in groups]) for groups in readings]
    takes_next = [
        np.repeat([group.takes_next for group in groups], [len(g.words) for g in groups])
        for groups in readings
    ]
    is_taken = [
        np.array([not words for group in groups for words in group.words])
        for groups in readings
    ]
    pair_counts = vocabulary.pair_counts(list(zip(lasts, firsts[1:], strict=False)))
    unigrams = [np.maximum(forms.counts, _UNSEEN_WORD_DOCS) / documents for forms in firsts]
    steps = []
    for number, counts in enumerate(pair_counts):
        step = counts + PRIOR * unigrams[number + 1]
        step = step / (lasts[number].counts[:, None] + PRIOR)
        # The second half of a joined word follows its first half with certainty, and follows
        # nothing else.
        takes, taken = takes_next[number][:, None], is_taken[number + 1]
        if takes.any() or taken.any():
            step = np.where(takes | taken, takes & taken, step)
        steps.append(step * weights[number + 1])
    return viterbi(unigrams[0] * weights[0] * ~is_taken[0], steps)[0]
