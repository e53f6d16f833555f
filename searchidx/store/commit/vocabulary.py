"""Count the documents that contain syllables and pairs of adjacent syllables of a commit.

The counts are read from the segments' files; the caches hold a bounded number of small
arrays.  Unless stated otherwise a count is the number of documents with the syllable in the
title plus the number with it in the body.  Deleted documents count until their segment is
merged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import BoolArray, Int64Array
from searchidx.lru_cache import LRUCache
from searchidx.store.commit.leaves import Leaf
from searchidx.store.commit.syllable_counts import (
    MAX_SYLLABLE_LETTERS,
    AsciiSyllables,
    SyllableCounts,
    letter_bitmasks,
)
from searchidx.store.files.guard import guarded
from searchidx.store.schema import FIELDS
from searchidx.store.segment.segment import Segment

_CACHE_BYTES: Final = 2 << 20
_CANDIDATES_PER_RESULT: Final = 4
"""How many candidates per requested syllable each of several segments proposes."""
_MAX_MARKED_FORMS: Final = 32
"""The most marked forms of one folded form; no real syllable has so many."""


class SyllableVocabulary:
    """The syllables of one commit.  Safe for use from many threads.

    Args:
        place: The folder of the index, for messages.
        leaves: The segments of the commit.
    """

    def __init__(self, place: str, leaves: Sequence[Leaf]) -> None:
        self.place = place
        self._segments = [leaf.segment for leaf in leaves]
        self._forms: LRUCache[tuple[str, str], SyllableCounts] = LRUCache(_CACHE_BYTES, _nbytes)
        # A search asks for the same prefix several times.
        self._prefix_counts: LRUCache[tuple[str, str], dict[str, int]] = LRUCache(
            _CACHE_BYTES, lambda counts: 300 + 120 * len(counts)
        )
        self._ascii_syllables: AsciiSyllables | None = None

    @guarded
    def marked_forms(self, folded: str) -> SyllableCounts:
        """Return the marked forms of a folded form, the most frequent first.

        There are at most `_MAX_MARKED_FORMS`, each in at least one document.
        """
        forms = self._forms.get(("spellings", folded))
        if forms is None:
            forms = self._read_marked_forms(folded)
            self._forms.put(("spellings", folded), forms)
        return forms

    def _read_marked_forms(self, folded: str) -> SyllableCounts:
        """Collect the marked forms of a folded form from all segments."""
        forms: dict[bytes, list[int]] = {}
        for index, segment in enumerate(self._segments):
            folded_number = segment.term_dictionary("folded").find(
                folded.encode("utf-8", "surrogatepass")
            )
            if folded_number is None:
                continue
            marked = segment.term_dictionary("marked")
            for number in np.flatnonzero(segment.folded_of_marked == folded_number).tolist():
                forms.setdefault(marked[number], [-1] * len(self._segments))[index] = number
        shape = len(forms), len(self._segments)
        numbers = np.array(list(forms.values()), np.int64).reshape(shape).T
        texts = tuple(form.decode("utf-8", "surrogatepass") for form in forms)
        counted = self._with_counts("marked", texts, numbers)
        order = np.argsort(-counted.counts, kind="stable")
        # A term dictionary also has syllables that only deleted documents contained.
        order = order[counted.counts[order] > 0][:_MAX_MARKED_FORMS]
        return counted.select(order.tolist())

    @guarded
    def look_up(self, view: str, form: str) -> SyllableCounts:
        """Return one syllable of a view; its count is 0 if no document contains it."""
        counted = self._forms.get((view, form))
        if counted is None:
            counted = self._with_counts(view, (form,), self.term_numbers(view, (form,)))
            self._forms.put((view, form), counted)
        return counted

    def _with_counts(
        self, view: str, forms: tuple[str, ...], term_numbers: Int64Array
    ) -> SyllableCounts:
        """Count the documents that contain each syllable."""
        counts = self._field_counts(view, term_numbers)
        return SyllableCounts(view, forms, counts, term_numbers)

    def _field_counts(self, view: str, term_numbers: Int64Array) -> Int64Array:
        """Return the count of each syllable, title and body added: int64, shape (terms,)."""
        return sum(
            (self.document_counts(f"{field}_{view}", term_numbers) for field in FIELDS),
            start=np.zeros(term_numbers.shape[1], np.int64),
        )

    @guarded
    def term_numbers(self, dictionary: str, terms: Sequence[str]) -> Int64Array:
        """Return the number of each term in each segment.

        Args:
            dictionary: The term dictionary: "folded", "marked", or a field such as "code".
            terms: The terms.

        Returns:
            int64, shape (segments, terms); -1 where a segment does not have the term.
        """
        encoded = [term.encode("utf-8", "surrogatepass") for term in terms]
        numbers = np.full((len(self._segments), len(terms)), -1, np.int64)
        for segment_numbers, segment in zip(numbers, self._segments, strict=True):
            strings = segment.term_dictionary(dictionary)
            for index, term in enumerate(encoded):
                number = strings.find(term)
                if number is not None:
                    segment_numbers[index] = number
        return numbers

    @guarded
    def document_counts(self, field: str, term_numbers: Int64Array) -> Int64Array:
        """Return the number of documents that contain each term in one field.

        Args:
            field: A field such as "body_folded" or "code".
            term_numbers: The terms, as `term_numbers` returns them.

        Returns:
            int64, shape (terms,).
        """
        counts = np.zeros(term_numbers.shape[1], np.int64)
        for segment, numbers in zip(self._segments, term_numbers, strict=True):
            counts += segment.document_counts(field, numbers)
        return counts

    @guarded
    def pair_counts_in_field(
        self, field: str, firsts: Int64Array, seconds: Int64Array
    ) -> Int64Array:
        """Return the number of documents that contain each pair of syllables in one field.

        Args:
            field: A field of pairs, such as "body_folded_pair".
            firsts: The first syllable of each pair, as `term_numbers` returns them: int64,
                shape (segments, pairs).
            seconds: The second syllable of each pair, in the same shape.

        Returns:
            int64, shape (pairs,).
        """
        counts = np.zeros(firsts.shape[1], np.int64)
        for segment, first, second in zip(self._segments, firsts, seconds, strict=True):
            counts += segment.pair_document_counts(field, first, second)
        return counts

    @guarded
    def pair_counts(
        self, pairs: Sequence[tuple[SyllableCounts, SyllableCounts]]
    ) -> list[Int64Array]:
        """Return how often the syllables of one set directly precede those of another.

        All pairs of sets are read at once, which is faster than one call for each.

        Args:
            pairs: Pairs of sets of syllables, all of one view.

        Returns:
            For each pair of sets int64, shape (first set, second set): the number of
            documents where the one syllable directly precedes the other.
        """
        shapes = [(len(first), len(second)) for first, second in pairs]
        bounds = np.cumsum([0, *(rows * columns for rows, columns in shapes)])
        empty = np.zeros((len(self._segments), 0), np.int64)
        firsts = [np.repeat(first.term_numbers, len(second), axis=1) for first, second in pairs]
        seconds = [np.tile(second.term_numbers, len(first)) for first, second in pairs]
        all_firsts, all_seconds = np.hstack([empty, *firsts]), np.hstack([empty, *seconds])
        counts = np.zeros(bounds[-1], np.int64)
        for field in FIELDS if pairs else ():
            name = f"{field}_{pairs[0][0].view}_pair"
            counts += self.pair_counts_in_field(name, all_firsts, all_seconds)
        return [
            counts[start:end].reshape(shape)
            for start, end, shape in zip(bounds[:-1], bounds[1:], shapes, strict=True)
        ]

    @guarded
    def followers(self, first: str, prefix: str, limit: int) -> SyllableCounts:
        """Return the marked syllables that most often directly follow a syllable.

        In a commit of several segments a syllable can be missing that is not among the most
        frequent candidates of any single segment.

        Args:
            first: The preceding marked syllable.
            prefix: The letters that the folded form of a follower begins with.
            limit: How many syllables to return at most.

        Returns:
            The most frequent followers first; `counts` are those of the pair.
        """
        first_counts = self.look_up("marked", first)
        segment_counts = []
        for index, segment in enumerate(self._segments):
            has_prefix = self._prefix_mask(segment, prefix)
            counts = np.zeros(len(has_prefix), np.int64)
            number = int(first_counts.term_numbers[index, 0])
            for field in FIELDS if number >= 0 else ():
                name = f"{field}_marked_pair"
                start, seconds = segment.pair_dictionary(name).pairs_starting_with(number)
                chosen = np.flatnonzero(has_prefix[seconds])
                lists = segment.posting_lists(name)
                counts[seconds[chosen]] += lists.counts_at(start + chosen)
            segment_counts.append(counts)
        return self._most_common(segment_counts, limit, first_counts)

    @guarded
    def most_common_with_prefix(self, prefix: str, limit: int) -> SyllableCounts:
        """Return the most frequent marked syllables whose folded form begins with a prefix.

        The restriction of `followers` for several segments applies here, too.

        Args:
            prefix: The first letters of the folded form.
            limit: How many syllables to return at most.
        """
        segment_counts = []
        for segment in self._segments:
            has_prefix = self._prefix_mask(segment, prefix)
            counts = sum(
                (segment.posting_lists(f"{field}_marked").counts() for field in FIELDS),
                start=np.zeros(len(has_prefix), np.int64),
            )
            segment_counts.append(np.where(has_prefix, counts, 0))
        return self._most_common(segment_counts, limit, None)

    def _most_common(
        self, segment_counts: Sequence[Int64Array], limit: int, first: SyllableCounts | None
    ) -> SyllableCounts:
        """Return the marked syllables with the highest counts above 0.

        Args:
            segment_counts: For each segment the count of each of its marked syllables.
            limit: How many syllables to return at most.
            first: The preceding syllable that the counts belong to; None if they are counts
                of single syllables.
        """
        several = len(self._segments) > 1
        candidates: dict[bytes, tuple[int, int]] = {}
        for segment, counts in zip(self._segments, segment_counts, strict=True):
            chosen = np.flatnonzero(counts)
            # A syllable that is less frequent here may be more frequent in another segment.
            max_candidates = limit * (_CANDIDATES_PER_RESULT if several else 1)
            if len(chosen) > max_candidates:
                order = np.argpartition(-counts[chosen], max_candidates - 1)
                chosen = chosen[order[:max_candidates]]
            dictionary = segment.term_dictionary("marked")
            candidates |= {
                dictionary[number]: (number, int(counts[number])) for number in chosen.tolist()
            }
        names = tuple(form.decode("utf-8", "surrogatepass") for form in candidates)
        if several:
            parts = [self.look_up("marked", name) for name in names]
            no_numbers = np.zeros((len(self._segments), 0), np.int64)
            forms = SyllableCounts.concatenate(
                [self._with_counts("marked", (), no_numbers), *parts]
            )
            if first is not None:
                pair_counts = self.pair_counts([(first, forms)])[0][0]
                forms = SyllableCounts("marked", forms.forms, pair_counts, forms.term_numbers)
        else:
            rows = np.array(list(candidates.values()), np.int64).reshape(-1, 2)
            forms = SyllableCounts("marked", names, rows[:, 1], rows[:, :1].T)
        ranked = sorted(
            range(len(forms)), key=lambda index: (-forms.counts[index], forms.forms[index])
        )
        return forms.select(ranked[:limit])

    @guarded
    def document_counts_with_prefix(self, view: str, prefix: str) -> Mapping[str, int]:
        """Return the count of each syllable whose folded form begins with a prefix.

        Args:
            view: "folded" or "marked": the form of the syllables in the result.
            prefix: The first letters of the folded form.
        """
        known = self._prefix_counts.get((view, prefix))
        if known is not None:
            return known
        totals: dict[str, int] = {}
        for segment in self._segments:
            if view == "marked":
                numbers = np.flatnonzero(self._prefix_mask(segment, prefix))
            else:
                numbers = np.arange(*_prefix_range(segment, prefix))
            counts = np.zeros(len(numbers), np.int64)
            for field in FIELDS:
                counts += segment.document_counts(f"{field}_{view}", numbers)
            dictionary = segment.term_dictionary(view)
            for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
                term = dictionary[number].decode()
                totals[term] = totals.get(term, 0) + count
        self._prefix_counts.put((view, prefix), totals)
        return totals

    @staticmethod
    def _prefix_mask(segment: Segment, prefix: str) -> BoolArray:
        """Return which marked syllables have a folded form with a prefix: bool, 1-D."""
        first, stop = _prefix_range(segment, prefix)
        folded = segment.folded_of_marked
        has_prefix: BoolArray = (first <= folded) & (folded < stop)
        return has_prefix

    @guarded
    def ascii_syllables(self) -> AsciiSyllables:
        """Return the folded syllables of the letters a to z; the first call reads them."""
        syllables = self._ascii_syllables
        if syllables is None:
            syllables = self._ascii_syllables = self._read_ascii_syllables()
        return syllables

    def _read_ascii_syllables(self) -> AsciiSyllables:
        """Merge the folded ASCII syllables of all segments."""
        texts: list[npt.NDArray[np.bytes_]] = [np.zeros(0, f"S{MAX_SYLLABLE_LETTERS}")]
        numbers = []
        for segment in self._segments:
            dictionary = segment.term_dictionary("folded").all()
            chosen = [
                number
                for number, term in enumerate(dictionary)
                if len(term) <= MAX_SYLLABLE_LETTERS
                and term.isalpha()  # for bytes: ASCII letters alone
            ]
            texts.append(
                np.array([dictionary[number] for number in chosen], f"S{MAX_SYLLABLE_LETTERS}")
            )
            numbers.append(np.array(chosen, np.int64))
        distinct, inverse = np.unique(np.concatenate(texts), return_inverse=True)
        term_numbers = np.full((len(self._segments), len(distinct)), -1, np.int64)
        starts = np.cumsum([0, *map(len, numbers)])
        for index, segment_numbers in enumerate(numbers):
            columns = inverse.reshape(-1)[starts[index] : starts[index + 1]]
            term_numbers[index, columns] = segment_numbers
        counts = self._field_counts("folded", term_numbers)
        occurs = counts > 0
        distinct, term_numbers, counts = (
            distinct[occurs],
            term_numbers[:, occurs],
            counts[occurs],
        )
        letters = distinct.view(np.uint8).reshape(len(distinct), MAX_SYLLABLE_LETTERS)
        return AsciiSyllables(
            letters=letters,
            lengths=np.count_nonzero(letters, axis=1),
            letter_masks=letter_bitmasks(letters),
            counts=counts,
            term_numbers=term_numbers,
        )


def _prefix_range(segment: Segment, prefix: str) -> tuple[int, int]:
    """Return the half-open range of folded syllable numbers that begin with a prefix."""
    dictionary = segment.term_dictionary("folded")
    term = prefix.encode("utf-8", "surrogatepass")
    # No UTF-8 holds the byte 0xff, so that every term with the prefix comes before it.
    return dictionary.insertion_point(term), dictionary.insertion_point(term + b"\xff")


def _nbytes(forms: SyllableCounts) -> int:
    """Return the approximate memory of a cached entry in bytes."""
    return forms.counts.nbytes + forms.term_numbers.nbytes + 60 * len(forms) + 300
