"""Read the syllables of a commit's documents in text order, and match phrases in them.

A text is stored as a stream of syllable numbers.  A number has the same meaning in all
documents of one segment, so most methods take the index of a segment
(`Reader.segment_index`) and documents of this segment.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from searchidx.arrays import BoolArray, DocIds, Int32Array, Int64Array, UInt64Array
from searchidx.store.codec.ranges import chunk_by_size
from searchidx.store.codec.token_streams import Landmarks
from searchidx.store.commit.leaves import Leaf, leaf_index
from searchidx.store.commit.syllable_windows import (
    have_phrase,
    have_window,
    phrase_occurrences,
)
from searchidx.store.files.guard import guarded
from searchidx.store.schema import FIELDS


class SyllablePositions:
    """The syllables of documents in text order.  Safe for use from many threads.

    Args:
        place: The folder of the index, for messages.
        leaves: The segments of the commit.
    """

    def __init__(self, place: str, leaves: Sequence[Leaf]) -> None:
        self.place = place
        self._leaves = leaves
        self._folded_form_keys: dict[int, UInt64Array] = {}
        # A commit of several segments gives each syllable that `continuations` returned a
        # number of its own: by segment and syllable number, by form, and back to the form.
        self._commit_numbers: dict[int, Int32Array] = {}
        self._commit_number_of_form: dict[str, int] = {}
        self._form_of_number = {-1: ""}
        self._unused_numbers = itertools.count()

    @guarded
    def syllables(self, segment: int, doc_ids: Sequence[int]) -> tuple[Int32Array, list[int]]:
        """Return the syllables of the titles and bodies of documents of one segment.

        Args:
            segment: The index of the segment.
            doc_ids: The documents, by their ids in the commit.

        Returns:
            The syllable numbers of this segment, int32, shape (n,); and the end of each text
            among them: first title, first body, second title, and so on.
        """
        leaf = self._leaves[segment]
        count = len(FIELDS)
        local_doc_ids = [doc_id - leaf.doc_base for doc_id in doc_ids]
        runs = [(count * local, count * (local + 1)) for local in local_doc_ids]
        return leaf.segment.token_streams.read_runs(runs)

    @guarded
    def landmarks(self, segment: int, doc_ids: Sequence[int]) -> tuple[Landmarks, list[int]]:
        """Return where sentences begin in the bodies of documents of one segment.

        Args:
            segment: The index of the segment.
            doc_ids: The documents, by their ids in the commit.

        Returns:
            The landmarks of all bodies, one body after the other; and the start of each
            body's landmarks among them, with the end of the last one added.
        """
        leaf = self._leaves[segment]
        return leaf.segment.landmarks.read([doc_id - leaf.doc_base for doc_id in doc_ids])

    @guarded
    def folded_numbers(self, segment: int) -> Int32Array:
        """Return the number of each syllable's folded form: int32, shape (syllables,)."""
        return self._leaves[segment].segment.folded_of_marked

    @guarded
    def form_count(self, segment: int, view: str) -> int:
        """Return the number of "folded" or "marked" forms in a segment."""
        return len(self._leaves[segment].segment.term_dictionary(view))

    @guarded
    def form_number(self, segment: int, view: str, form: str) -> int | None:
        """Return the number of a "folded" or "marked" form in a segment, or None.

        The number of a marked form is the syllable number.
        """
        text = form.encode("utf-8", "surrogatepass")
        return self._leaves[segment].segment.term_dictionary(view).find(text)

    @guarded
    def with_marks(self, segment: int) -> BoolArray:
        """Return which syllables of a segment have marks: bool, shape (syllables,)."""
        return self._leaves[segment].segment.with_marks

    @guarded
    def folded_form_keys(self, segment: int, syllables: Int32Array) -> UInt64Array:
        """Return keys of folded forms that are comparable across segments.

        A commit of one segment uses the numbers of the folded forms.  A commit of several
        segments uses 64 bits of the BLAKE2b hash of the form, computed once for each form.

        Args:
            segment: The index of the segment.
            syllables: Syllable numbers, int32, shape (n,).

        Returns:
            uint64, shape (n,).
        """
        own = self._leaves[segment].segment
        folded = own.folded_of_marked[syllables]
        if len(self._leaves) == 1:
            return folded.astype(np.uint64)
        dictionary = own.term_dictionary("folded")
        keys = self._folded_form_keys.setdefault(segment, np.zeros(len(dictionary), np.uint64))
        requested = np.zeros(len(dictionary), np.bool_)
        requested[folded] = True
        for number in np.flatnonzero(requested & (keys == 0)).tolist():
            digest = hashlib.blake2b(dictionary[number], digest_size=8).digest()
            keys[number] = int.from_bytes(digest, "little") | 1  # 0 means "not computed"
        return keys[folded]

    @guarded
    def folded_syllables(
        self, doc_id: int, max_syllables: int
    ) -> tuple[list[str], Int32Array, Int32Array]:
        """Return the folded syllables of a document in text order.

        Args:
            doc_id: The document.
            max_syllables: How many syllables of the title, and of the body, to read.

        Returns:
            The distinct forms; and for the title and for the body the index of each syllable
            among the forms: int32, shape (n,).
        """
        index = leaf_index(self._leaves, doc_id)
        segment = self._leaves[index].segment
        syllables, ends = self.syllables(index, [doc_id])
        title, body = syllables[: ends[0]][:max_syllables], syllables[ends[0] :][:max_syllables]
        folded = segment.folded_of_marked[np.concatenate([title, body])]
        numbers, inverse = np.unique(folded, return_inverse=True)
        form_indexes: Int32Array = inverse.astype(np.int32)
        dictionary = segment.term_dictionary("folded")
        forms = [dictionary[number].decode() for number in numbers.tolist()]
        return forms, form_indexes[: len(title)], form_indexes[len(title) :]

    @guarded
    def documents_with_adjacent(
        self, field: str, terms: Sequence[tuple[str, str]], doc_ids: DocIds
    ) -> DocIds:
        """Return the documents whose field contains syllables directly after each other.

        Args:
            field: "title" or "body".
            terms: The view ("folded" or "marked") and the form of each syllable.
            doc_ids: The documents to check, ascending.
        """

        def matches(leaf: Leaf, syllables: Int32Array, bounds: Int64Array) -> BoolArray:
            masks = [leaf.segment.marked_forms_mask(view, form) for view, form in terms]
            return have_phrase(syllables, bounds, masks)

        return self._filter_by_text(field, doc_ids, matches)

    @guarded
    def documents_with_window(
        self,
        field: str,
        counts: Mapping[tuple[str, str], int],
        length: int,
        doc_ids: DocIds,
    ) -> DocIds:
        """Return the documents whose field contains syllables within one window.

        Args:
            field: "title" or "body".
            counts: The view ("folded" or "marked") and the form of each syllable, with the
                number of its occurrences that the window must have.
            length: The length of the window in syllables; a shorter text is one window.
            doc_ids: The documents to check, ascending.
        """

        def matches(leaf: Leaf, syllables: Int32Array, bounds: Int64Array) -> BoolArray:
            masks = [
                (leaf.segment.marked_forms_mask(view, form), count)
                for (view, form), count in counts.items()
            ]
            return have_window(syllables, bounds, masks, length)

        return self._filter_by_text(field, doc_ids, matches)

    def _filter_by_text(
        self,
        field: str,
        doc_ids: DocIds,
        matches: Callable[[Leaf, Int32Array, Int64Array], BoolArray],
    ) -> DocIds:
        """Return the documents whose field passes a test.

        Args:
            field: "title" or "body".
            doc_ids: The documents to check, ascending.
            matches: Tests texts of one leaf, given their syllables and the bounds of each;
                returns bool, shape (texts,).
        """
        matching = [np.zeros(0, np.int32)]
        for leaf in self._leaves:
            first, stop = np.searchsorted(
                doc_ids, (leaf.doc_base, leaf.doc_base + leaf.segment.size)
            )
            local_doc_ids = doc_ids[first:stop].astype(np.int64) - leaf.doc_base
            if not len(local_doc_ids):
                continue
            texts = len(FIELDS) * local_doc_ids + FIELDS.index(field)
            lengths = leaf.segment.lengths(field)[local_doc_ids]
            for begin, end in chunk_by_size(lengths):
                syllables, bounds = leaf.segment.token_streams.read_texts(texts[begin:end])
                kept = np.flatnonzero(matches(leaf, syllables, bounds))
                matching.append(doc_ids[first + begin + kept])
        return np.concatenate(matching)

    @guarded
    def continuations(
        self, terms: Sequence[tuple[str, str]], doc_ids: DocIds, count: int
    ) -> tuple[DocIds, Int32Array]:
        """Return the syllables that follow each occurrence of a phrase.

        Args:
            terms: The view ("folded" or "marked") and the form of each syllable of the
                phrase, in order.
            doc_ids: The documents to read, ascending.
            count: How many following syllables to return.

        Returns:
            The document of each occurrence, int32, shape (occurrences,), ascending; and the
            syllables after it, int32, shape (occurrences, count): numbers that
            `syllable_texts` resolves, -1 after the end of the text.
        """
        owners = [np.zeros(0, np.int32)]
        following = [np.zeros((0, count), np.int32)]
        for index, leaf in enumerate(self._leaves):
            first, stop = np.searchsorted(
                doc_ids, (leaf.doc_base, leaf.doc_base + leaf.segment.size)
            )
            if first == stop:
                continue
            syllables, ends = self.syllables(index, doc_ids[first:stop].tolist())
            bounds = np.array([0, *ends])
            masks = [leaf.segment.marked_forms_mask(view, form) for view, form in terms]
            starts, texts = phrase_occurrences(syllables, bounds, masks)
            indexes = starts[:, None] + np.arange(len(terms), len(terms) + count)
            within = indexes < bounds[texts + 1][:, None]
            numbers = self._to_commit_numbers(index, syllables[np.where(within, indexes, 0)])
            owners.append(doc_ids[first + texts // len(FIELDS)])
            following.append(np.where(within, numbers, -1).astype(np.int32))
        return np.concatenate(owners), np.concatenate(following)

    def _to_commit_numbers(self, segment: int, syllables: Int32Array) -> Int32Array:
        """Return numbers with one meaning in all segments for a segment's syllables.

        A commit of one segment uses the numbers of the segment.  A commit of several
        segments numbers the syllables as it meets them.
        """
        if len(self._leaves) == 1:
            return syllables
        dictionary = self._leaves[segment].segment.term_dictionary("marked")
        known = self._commit_numbers.setdefault(segment, np.full(len(dictionary), -1, np.int32))
        distinct = np.unique(syllables)
        for number in distinct[known[distinct] < 0].tolist():
            # Each step is one operation of a dict, so threads cannot disagree.
            form = dictionary[number].decode("utf-8", "surrogatepass")
            commit_number = self._commit_number_of_form.setdefault(
                form, next(self._unused_numbers)
            )
            self._form_of_number[commit_number] = form
            known[number] = commit_number
        return known[syllables]

    @guarded
    def syllable_texts(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """Return the marked forms of numbers from `continuations`; "" for -1."""
        if len(self._leaves) == 1:
            dictionary = self._leaves[0].segment.term_dictionary("marked")
            for number in numbers:
                if number not in self._form_of_number:
                    form = dictionary[number].decode("utf-8", "surrogatepass")
                    self._form_of_number[number] = form
        return tuple(self._form_of_number[number] for number in numbers)

    @guarded
    def term_positions(self, field: str, term: str, doc_ids: DocIds) -> list[list[int]]:
        """Return the positions of a syllable in each document, ascending.

        Args:
            field: A field and a view, such as "body_folded" or "title_marked".
            term: The syllable.
            doc_ids: The documents, ascending.
        """
        name, _, view = field.partition("_")
        positions: list[list[int]] = []
        for doc_id in doc_ids.tolist():
            leaf = self._leaves[leaf_index(self._leaves, doc_id)]
            text = len(FIELDS) * (doc_id - leaf.doc_base) + FIELDS.index(name)
            syllables = leaf.segment.token_streams.read(text, text + 1)
            matches = leaf.segment.marked_forms_mask(view, term)[syllables]
            positions.append(np.flatnonzero(matches).tolist())
        return positions
