"""Count what follows a sequence of syllables in a sample of documents."""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import Int32Array, Int64Array
from searchidx.language.orthography import clean, without_marks, without_tone
from searchidx.language.syllable_forms import has_marks
from searchidx.store import Reader

MAX_COMPLETION_SYLLABLES: Final = 6
"""The maximum number of syllables of a completion."""
_MIN_OCCURRENCES: Final = 3
"""The least number of occurrences of a continuation that is offered."""
_MAJORITY_SHARE: Final = 0.5
"""A phrase is continued while at least this share of its occurrences continue alike."""
_MAX_BRANCHES: Final = 2
"""The number of continuations that are offered for one syllable."""
_BRANCH_SHARE: Final = 0.15
"""The least share of the occurrences for a continuation to be offered."""
_ENTRY_OVERHEAD_BYTES: Final = 400

SyllableKey = tuple[str, str]
"""A view, "folded" or "marked", and a form of a syllable in it."""


@dataclass(frozen=True, slots=True)
class Continuations:
    """The syllables that follow a sequence of syllables in a sample of documents.

    Attributes:
        reader: The commit.
        terms: The sequence of syllables.
        complete: Whether the sample has all documents that may contain the sequence.
        sample: int32, ascending: the ids of the documents of the sample.
        doc_ids: int32, shape (occurrences,), ascending: the document of each occurrence.
        following: int32, shape (occurrences, syllables): the form numbers of the syllables
            after each occurrence, -1 after the end of the text.
    """

    reader: Reader
    terms: tuple[SyllableKey, ...]
    complete: bool
    sample: Int32Array
    doc_ids: Int32Array
    following: Int32Array

    @property
    def nbytes(self) -> int:
        """Return the size in bytes that a cache should count."""
        arrays = self.following.nbytes + self.doc_ids.nbytes + self.sample.nbytes
        return arrays + _ENTRY_OVERHEAD_BYTES

    def starting_with(self, typed: str) -> Continuations:
        """Return the occurrences whose next syllable may be the one that is being typed."""
        numbers = np.unique(self.following[:, 0])
        numbers = numbers[numbers >= 0]
        if typed:
            forms = self.reader.positions.syllable_texts(numbers.tolist())
            letters = fold_prefix(typed)
            fit = [
                fold_prefix(form).startswith(letters) and fits_typed_marks(typed, form)
                for form in forms
            ]
            numbers = numbers[np.array(fit, np.bool_)]
        kept = np.isin(self.following[:, 0], numbers)
        return dataclasses.replace(
            self, doc_ids=self.doc_ids[kept], following=self.following[kept]
        )

    def after(self, number: int) -> Continuations:
        """Return the occurrences that continue with a syllable, and what follows that one."""
        kept = self.following[:, 0] == number
        return dataclasses.replace(
            self, doc_ids=self.doc_ids[kept], following=self.following[kept, 1:]
        )

    def count_next(self) -> tuple[Int64Array, Int64Array]:
        """Count the documents of each next syllable.

        Returns:
            The form numbers, ascending, and the number of documents of each.
        """
        keys = np.unique(self.doc_ids.astype(np.int64) << 32 | (self.following[:, 0] + 1))
        numbers, counts = np.unique(keys & 0xFFFFFFFF, return_counts=True)
        return numbers - 1, counts

    def count_documents(self) -> int:
        """Return the number of documents with an occurrence."""
        return len(np.unique(self.doc_ids))

    def frequent_phrases(self) -> list[tuple[tuple[str, ...], float]]:
        """Return the frequent continuations, and the share of documents that have each.

        The empty continuation comes first unless most occurrences continue alike.
        """
        documents = self.count_documents()
        total = len(self.following)
        numbers, counts = np.unique(self.following[:, 0], return_counts=True)
        frequent = (counts >= max(_MIN_OCCURRENCES, _BRANCH_SHARE * total)) & (numbers >= 0)
        order = np.argsort(-counts[frequent], kind="stable")[:_MAX_BRANCHES]
        phrases = [self._extend(number) for number in numbers[frequent][order].tolist()]
        shares = [(forms, count / documents) for forms, count in phrases]
        if phrases and counts[frequent][order[0]] >= _MAJORITY_SHARE * total:
            return shares
        return [((), 1.0), *shares]

    def _extend(self, number: int) -> tuple[tuple[str, ...], int]:
        """Extend a next syllable by those that follow in most of its occurrences.

        Returns:
            The forms of the phrase, and the number of documents that contain all of it.
        """
        phrase = [number]
        rest = self.after(number)
        while len(phrase) < MAX_COMPLETION_SYLLABLES - 1:
            numbers, counts = np.unique(rest.following[:, 0], return_counts=True)
            most = int(counts.argmax())
            number = int(numbers[most])
            least = max(_MIN_OCCURRENCES, _MAJORITY_SHARE * len(rest.following))
            if number < 0 or counts[most] < least:
                break
            phrase.append(number)
            rest = rest.after(number)
        return self.reader.positions.syllable_texts(phrase), rest.count_documents()


@functools.lru_cache(4096)
def fold_prefix(typed: str) -> str:
    """Return the letters of the beginning of a syllable without marks."""
    return without_marks(clean(typed))


def fits_typed_marks(typed: str, form: str) -> bool:
    """Return whether a marked form has the marks that were typed.

    Args:
        typed: The beginning of a syllable, or all of it.
        form: A marked form that begins with the same letters.
    """
    if not has_marks(typed):
        return True
    letters, tone = without_tone(clean(typed))
    form_letters, form_tone = without_tone(form)
    return (not tone or tone == form_tone) and all(
        letter in (other, fold_prefix(other))
        for letter, other in zip(letters, form_letters, strict=False)
    )
