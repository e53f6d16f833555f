"""The stored syllables of one commit's documents, and where some stand together.

A syllable is a number that means the same in all documents of one segment; what is asked
about documents of one segment takes its place among the segments (`Reader.segment_index`).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from searchidx.arrays import BoolArray, DocIds, Int32Array, Int64Array, UInt64Array
from searchidx.store.codec.posting_lists import chunk_by_size
from searchidx.store.codec.token_streams import Landmarks
from searchidx.store.commit.leaves import Leaf, leaf_index
from searchidx.store.commit.phrases import have_phrase, have_window, phrase_occurrences
from searchidx.store.files.guard import guarded
from searchidx.store.schema import FIELDS


class SyllablePositions:
    """The syllables of documents in their order.  May be used from many threads.

    Args:
        place: The index's folder, for messages.
        leaves: The segments.
    """

    def __init__(self, place: str, leaves: Sequence[Leaf]) -> None:
        self.place = place
        self._leaves = leaves
        self._identities: dict[int, UInt64Array] = {}
        # Numbers of syllables that mean the same in all segments: of those that were met.
        self._numbers: dict[int, Int32Array] = {}
        self._number_of: dict[str, int] = {}
        self._forms = {-1: ""}
        self._unused = itertools.count()

    @guarded
    def syllables(self, segment: int, documents: Sequence[int]) -> tuple[Int32Array, list[int]]:
        """The syllables of title and body of documents of one segment.

        Returns:
            Numbers that mean the same in all documents of the segment, int32, shape (n,);
            and where each text of them ends: the first title, the first body, and so on.
        """
        leaf = self._leaves[segment]
        count = len(FIELDS)
        runs = [
            (count * (n - leaf.doc_base), count * (n - leaf.doc_base + 1)) for n in documents
        ]
        return leaf.segment.token_streams.read_runs(runs)

    @guarded
    def landmarks(self, segment: int, documents: Sequence[int]) -> tuple[Landmarks, list[int]]:
        """Where sentences begin in the bodies of documents of one segment.

        Returns:
            The landmarks of all, body after body, and where those of each begin, with one
            number more than there are documents.
        """
        leaf = self._leaves[segment]
        return leaf.segment.landmarks.read([number - leaf.doc_base for number in documents])

    @guarded
    def folded_numbers(self, segment: int) -> Int32Array:
        """The number of each syllable's folded form in a segment: int32, shape (syllables,)."""
        return self._leaves[segment].segment.folded_of_marked

    @guarded
    def form_count(self, segment: int, view: str) -> int:
        """How many forms a segment has, "folded" or "marked"."""
        return len(self._leaves[segment].segment.term_dictionary(view))

    @guarded
    def form_number(self, segment: int, view: str, form: str) -> int | None:
        """The number of a form in a segment, "folded" or "marked"; None if it has none.

        That of a marked form is the number of its syllable.
        """
        text = form.encode("utf-8", "surrogatepass")
        return self._leaves[segment].segment.term_dictionary(view).find(text)

    @guarded
    def with_marks(self, segment: int) -> BoolArray:
        """Which syllables of a segment have marks: bool, shape (syllables,)."""
        return self._leaves[segment].segment.with_marks

    @guarded
    def folded_form_keys(self, segment: int, syllables: Int32Array) -> UInt64Array:
        """What a syllable's folded form is known by in all segments of the commit.

        Args:
            segment: As `Reader.segment_index` gives it.
            syllables: As `syllables` gives them, shape (n,).

        Returns:
            uint64, shape (n,): of a single segment its own numbers, of several 64 bits of
            BLAKE2b, for which the forms that were not met before are read.
        """
        own = self._leaves[segment].segment
        folded = own.folded_of_marked[syllables]
        if len(self._leaves) == 1:
            return folded.astype(np.uint64)
        strings = own.term_dictionary("folded")
        known = self._identities.setdefault(segment, np.zeros(len(strings), np.uint64))
        met = np.zeros(len(strings), np.bool_)
        met[folded] = True
        for number in np.flatnonzero(met & (known == 0)).tolist():
            digest = hashlib.blake2b(strings[number], digest_size=8).digest()
            known[number] = int.from_bytes(digest, "little") | 1  # 0 is what is not known
        return known[folded]

    @guarded
    def folded_syllables(
        self, number: int, most: int
    ) -> tuple[list[str], Int32Array, Int32Array]:
        """The folded syllables of a document, in order.

        Returns:
            The distinct ones; and of the title and of the body, as far as their first `most`
            syllables, the places of each syllable among these: int32, shape (n,).
        """
        place = leaf_index(self._leaves, number)
        segment = self._leaves[place].segment
        syllables, ends = self.syllables(place, [number])
        title, body = syllables[: ends[0]][:most], syllables[ends[0] :][:most]
        folded = segment.folded_of_marked[np.concatenate([title, body])]
        numbers, found = np.unique(folded, return_inverse=True)
        places: Int32Array = found.astype(np.int32)
        strings = segment.term_dictionary("folded")
        forms = [strings[at].decode() for at in numbers.tolist()]
        return forms, places[: len(title)], places[len(title) :]

    @guarded
    def documents_with_adjacent(
        self, field: str, terms: Sequence[tuple[str, str]], documents: DocIds
    ) -> DocIds:
        """Those of `documents` in which syllables stand side by side.

        Args:
            field: "title" or "body".
            terms: Of each syllable the view, "folded" or "marked", and the form.
            documents: Numbers, ascending.
        """

        def holds(leaf: Leaf, syllables: DocIds, bounds: Int64Array) -> BoolArray:
            masks = [leaf.segment.marked_forms_mask(view, form) for view, form in terms]
            return have_phrase(syllables, bounds, masks)

        return self._with_texts(field, documents, holds)

    @guarded
    def documents_with_window(
        self,
        field: str,
        counts: Mapping[tuple[str, str], int],
        length: int,
        documents: DocIds,
    ) -> DocIds:
        """Those of `documents` in which syllables stand in one stretch, in any order.

        Args:
            field: "title" or "body".
            counts: Of each syllable the view, "folded" or "marked", and the form, and how
                often the stretch must have it.
            length: How many syllables long the stretch is, or the text, where that is less.
            documents: Numbers, ascending.
        """

        def holds(leaf: Leaf, syllables: DocIds, bounds: Int64Array) -> BoolArray:
            masks = [
                (leaf.segment.marked_forms_mask(view, form), count)
                for (view, form), count in counts.items()
            ]
            return have_window(syllables, bounds, masks, length)

        return self._with_texts(field, documents, holds)

    def _with_texts(
        self,
        field: str,
        documents: DocIds,
        holds: Callable[[Leaf, DocIds, Int64Array], BoolArray],
    ) -> DocIds:
        """Those of `documents` whose syllables of a field, and where each begins, hold."""
        found = [np.zeros(0, np.int32)]
        for leaf in self._leaves:
            first, stop = np.searchsorted(
                documents, (leaf.doc_base, leaf.doc_base + leaf.segment.size)
            )
            local = documents[first:stop].astype(np.int64) - leaf.doc_base
            if not len(local):
                continue
            texts = len(FIELDS) * local + FIELDS.index(field)
            lengths = leaf.segment.lengths(field)[local]
            for begin, end in chunk_by_size(lengths):
                syllables, bounds = leaf.segment.token_streams.read_texts(texts[begin:end])
                kept = np.flatnonzero(holds(leaf, syllables, bounds))
                found.append(documents[first + begin + kept])
        return np.concatenate(found)

    @guarded
    def continuations(
        self, terms: Sequence[tuple[str, str]], documents: DocIds, most: int
    ) -> tuple[DocIds, Int32Array]:
        """What stands behind syllables, at each place of some documents where they stand.

        Args:
            terms: Of each syllable the view, "folded" or "marked", and the form; side by side.
            documents: Numbers, ascending.
            most: How many syllables to give of what follows.

        Returns:
            The document of each place, int32, shape (places,), ascending; and what follows
            there, int32, shape (places, most): numbers as `forms` spells them, -1 behind the
            end of a text.
        """
        owners = [np.zeros(0, np.int32)]
        behind = [np.zeros((0, most), np.int32)]
        for place, leaf in enumerate(self._leaves):
            first, stop = np.searchsorted(
                documents, (leaf.doc_base, leaf.doc_base + leaf.segment.size)
            )
            if first == stop:
                continue
            syllables, ends = self.syllables(place, documents[first:stop].tolist())
            bounds = np.array([0, *ends])
            masks = [leaf.segment.marked_forms_mask(view, form) for view, form in terms]
            places, texts = phrase_occurrences(syllables, bounds, masks)
            at = places[:, None] + np.arange(len(terms), len(terms) + most)
            within = at < bounds[texts + 1][:, None]
            found = self._in_commit(place, syllables[np.where(within, at, 0)])
            owners.append(documents[first + texts // len(FIELDS)])
            behind.append(np.where(within, found, -1).astype(np.int32))
        return np.concatenate(owners), np.concatenate(behind)

    def _in_commit(self, segment: int, syllables: Int32Array) -> Int32Array:
        """Numbers of a segment's syllables as numbers that mean the same in all segments.

        Of a single segment its own; of several those that were met are remembered.
        """
        if len(self._leaves) == 1:
            return syllables
        strings = self._leaves[segment].segment.term_dictionary("marked")
        known = self._numbers.setdefault(segment, np.full(len(strings), -1, np.int32))
        met = np.unique(syllables)
        for number in met[known[met] < 0].tolist():
            # Each step is one operation of a dict, so that threads cannot disagree.
            form = strings[number].decode("utf-8", "surrogatepass")
            common = self._number_of.setdefault(form, next(self._unused))
            self._forms[common] = form
            known[number] = common
        return known[syllables]

    @guarded
    def syllable_texts(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """The marked syllables of some numbers that `continuations` gives; empty for -1."""
        if len(self._leaves) == 1:
            strings = self._leaves[0].segment.term_dictionary("marked")
            for number in numbers:
                if number not in self._forms:
                    self._forms[number] = strings[number].decode("utf-8", "surrogatepass")
        return tuple(self._forms[number] for number in numbers)

    @guarded
    def term_positions(self, field: str, term: str, documents: DocIds) -> list[list[int]]:
        """The positions of a syllable in each of `documents`, ascending.

        Args:
            field: Such as "body_folded" or "title_marked".
            term: The syllable.
            documents: Numbers, ascending.
        """
        name, _, view = field.partition("_")
        found: list[list[int]] = []
        for number in documents.tolist():
            leaf = self._leaves[leaf_index(self._leaves, number)]
            text = len(FIELDS) * (number - leaf.doc_base) + FIELDS.index(name)
            syllables = leaf.segment.token_streams.read(text, text + 1)
            spelled = leaf.segment.marked_forms_mask(view, term)[syllables]
            found.append(np.flatnonzero(spelled).tolist())
        return found
