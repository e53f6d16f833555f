"""Analyze documents in batches, and keep the syllables, words and landmarks as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from searchidx.arrays import Int32Array, Int64Array, UInt8Array
from searchidx.language.analyzer import analyze
from searchidx.store.codec.token_streams import (
    LANDMARK_STRIDE_SYLLABLES,
    Landmarks,
    encode_landmarks,
)
from searchidx.store.schema import FIELDS
from searchidx.store.segment.pending_document import PendingDocument

if TYPE_CHECKING:
    from searchidx.language.analyzer import TokenBatch
    from searchidx.language.chunks import BatchVocabulary, TermTable


class TermNumbering:
    """Numbers of terms that stay valid while the analyzer's vocabularies come and go."""

    def __init__(self) -> None:
        self.terms: list[str] = []
        """The terms by number, in the order in which they were first met."""
        self._numbers: dict[str, int] = {}
        self._vocabulary: BatchVocabulary | None = None
        self._number_of_id: list[int] = []  # for each term of the vocabulary

    def renumber(
        self, ids: Int32Array, vocabulary_terms: TermTable, vocabulary: BatchVocabulary
    ) -> Int32Array:
        """Translate the numbers of a vocabulary to those of this numbering.

        Args:
            ids: Numbers in `vocabulary_terms`, shape (n,).
            vocabulary_terms: The terms; since the last call with the same vocabulary, terms
                may only have been added.
            vocabulary: The vocabulary that they belong to.
        """
        if vocabulary is not self._vocabulary:
            self._vocabulary, self._number_of_id = vocabulary, []
        for term in vocabulary_terms.terms[len(self._number_of_id) :]:
            number = self._numbers.setdefault(term, len(self._numbers))
            if number == len(self.terms):
                self.terms.append(term)
            self._number_of_id.append(number)
        return np.array(self._number_of_id, np.int32)[ids] if len(ids) else ids

    def sort(self, numbers: Int32Array) -> tuple[list[str], Int32Array]:
        """Renumber terms by their alphabetical order.

        Args:
            numbers: Numbers of this numbering, shape (n,).

        Returns:
            The terms that occur in `numbers`, sorted, and `numbers` as indices of them.
        """
        used = np.flatnonzero(np.bincount(numbers, minlength=len(self.terms))).tolist()
        # Code points sort as their UTF-8 does.
        order = sorted(used, key=self.terms.__getitem__)
        ranks = np.zeros(len(self.terms), np.int32)
        ranks[order] = np.arange(len(order), dtype=np.int32)
        return [self.terms[number] for number in order], ranks[numbers]


@dataclass(frozen=True, slots=True)
class SortedOccurrences:
    """The occurrences of terms in all texts, text after text.

    Attributes:
        terms: The distinct terms, sorted.
        numbers: The index in `terms` of each occurrence, shape (n,).
        texts: The text of each occurrence, shape (n,), ascending.
    """

    terms: list[str]
    numbers: Int32Array
    texts: Int32Array


class AnalyzedTexts:
    """The syllables, words and landmarks of documents.

    The texts are numbered: the title of document d is text 2 d, its body is text 2 d + 1.
    """

    def __init__(self) -> None:
        self._text_count = 0
        self._marked, self._words = TermNumbering(), TermNumbering()
        # One array for each batch.
        self._syllable_counts: list[Int64Array] = []
        self._syllables: list[Int32Array] = []
        self._word_numbers: list[Int32Array] = []
        self._word_texts: list[Int32Array] = []
        self._landmark_counts: list[Int64Array] = []
        self.landmark_steps: list[UInt8Array] = []
        """For each batch the steps of its landmarks, as `write_landmarks` takes them."""
        self.landmark_advances: list[Int64Array] = []
        """For each batch the advances of its landmarks, as `write_landmarks` takes them."""

    def add(self, batch: Sequence[PendingDocument]) -> None:
        """Analyze the texts of documents."""
        texts = [getattr(pending.document, field) for pending in batch for field in FIELDS]
        tokens = analyze(texts, pairs=False)
        vocabulary = tokens.vocabulary
        counts = np.diff(tokens.bounds)
        text_numbers = np.arange(
            self._text_count, self._text_count + len(texts), dtype=np.int32
        )
        self._text_count += len(texts)
        self._syllable_counts.append(counts)
        self._syllables.append(
            self._marked.renumber(tokens.marked, vocabulary.marked, vocabulary)
        )
        self._word_numbers.append(
            self._words.renumber(tokens.words, vocabulary.words, vocabulary)
        )
        self._word_texts.append(np.repeat(text_numbers, counts)[tokens.word_firsts])
        self._add_landmarks(tokens, texts)

    def _add_landmarks(self, tokens: TokenBatch, texts: Sequence[str]) -> None:
        landmarks, counts = _find_landmarks(tokens, texts)
        steps, advances = encode_landmarks(np.append(0, np.cumsum(counts)), landmarks)
        self.landmark_steps.append(steps)
        self.landmark_advances.append(advances)
        self._landmark_counts.append(counts)

    def landmark_counts(self) -> Int64Array:
        """Return how many landmarks each body has, shape (documents,)."""
        return _joined_int64(self._landmark_counts)

    def syllable_bounds(self) -> Int64Array:
        """Return where the syllables of each text begin, shape (texts + 1,)."""
        return np.append(0, np.cumsum(_joined_int64(self._syllable_counts)))

    def syllables(self) -> SortedOccurrences:
        """Return the marked forms of all syllables."""
        terms, numbers = self._marked.sort(_joined_int32(self._syllables))
        counts = _joined_int64(self._syllable_counts)
        texts = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        return SortedOccurrences(terms, numbers, texts)

    def words(self) -> SortedOccurrences:
        """Return all words; a word belongs to the text in which it begins."""
        terms, numbers = self._words.sort(_joined_int32(self._word_numbers))
        return SortedOccurrences(terms, numbers, _joined_int32(self._word_texts))


def _joined_int32(parts: list[Int32Array]) -> Int32Array:
    return np.concatenate([*parts, np.zeros(0, np.int32)])


def _joined_int64(parts: list[Int64Array]) -> Int64Array:
    return np.concatenate([*parts, np.zeros(0, np.int64)])


def _find_landmarks(tokens: TokenBatch, texts: Sequence[str]) -> tuple[Landmarks, Int64Array]:
    """Find the landmarks of bodies.

    They are the first syllable of a body and of each sentence, every
    `LANDMARK_STRIDE_SYLLABLES`-th syllable after one of these, and the end of the body.

    Args:
        tokens: The analyzed texts.
        texts: The titles and bodies of documents by turns.

    Returns:
        The landmarks of all bodies, and how many each body has, shape (documents,).
    """
    bounds = tokens.bounds
    syllables = np.arange(len(tokens.starts))
    begins_sentence = np.zeros(len(syllables), np.bool_)
    begins_sentence[tokens.sentence_firsts] = True
    begins_run = begins_sentence.copy()
    begins_run[bounds[:-1][bounds[:-1] < bounds[1:]]] = True
    in_run = syllables - np.maximum.accumulate(np.where(begins_run, syllables, 0))
    text_numbers = np.repeat(np.arange(len(tokens)), np.diff(bounds))
    chosen = np.flatnonzero((in_run % LANDMARK_STRIDE_SYLLABLES == 0) & (text_numbers % 2 == 1))
    text_numbers = text_numbers[chosen]
    bodies = np.arange(1, len(tokens), 2)
    ends = np.searchsorted(text_numbers, bodies, "right")  # where the end of each body goes
    body_lengths = [len(text) for text in texts[1::2]]
    return (
        Landmarks(
            np.insert(chosen - bounds[text_numbers], ends, np.diff(bounds)[bodies]),
            np.insert(tokens.starts[chosen].astype(np.int64), ends, body_lengths),
            np.insert(begins_sentence[chosen], ends, False),
        ),
        np.bincount(text_numbers // 2, minlength=len(bodies)) + 1,
    )
