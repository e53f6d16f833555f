"""Complete a query while it is typed, by the phrases of the index's own texts.

A sample of the documents that contain the last syllables side by side is read.  It shows
which syllables follow there, how often, and how the phrase continues.  Fewer syllables of
context are used only if nothing follows more of them.  Bigrams alone would mislead: after
``nghị quyết`` they suggest ``định``, because ``quyết định`` is common.  At the beginning of a
query every syllable of the index is a candidate.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

import numpy as np

from searchidx.arrays import BoolArray, Int32Array
from searchidx.language.syllable_forms import folded
from searchidx.language.tokenizer import split_syllables
from searchidx.lru_cache import LRUCache
from searchidx.search.query.query import MAX_CHARACTERS, Syllable, parse_syllables
from searchidx.search.suggest.continuations import (
    MAX_COMPLETION_SYLLABLES,
    Continuations,
    SyllableKey,
    fits_typed_marks,
    fold_prefix,
)
from searchidx.store import FIELDS, Reader

MAX_SAMPLE_DOCS: Final = 96
"""The maximum number of documents of a sample."""
_MAX_SAMPLE_SYLLABLES: Final = 24_000
"""The maximum number of syllables of all documents of a sample together."""
_MAX_CONTEXT_SYLLABLES: Final = 4
"""The maximum number of syllables before the completion that are looked up."""
_SUFFICIENT_OCCURRENCES: Final = 12
"""With so many occurrences that fit what is typed, no sample is drawn for it."""
_MAX_CANDIDATES: Final = 24
"""The number of syllables that are compared with what is typed."""
_MAX_CONTEXT_SPELLINGS: Final = 4
"""The number of spellings of the last syllable that are used to draw a sample."""
_MAX_EXTENDED: Final = 3
"""The number of candidates that are extended to phrases."""
_MAX_FREQUENCY_RATIO: Final = 200
"""A completion is dropped if the best one is in more than so many times as many documents."""

# The cursor is in the value of a filter, which is no word of a text.
_FILTER_VALUE: Final = re.compile(
    r"(?<!\w)(?:date:\s*\S+\s*(?:\.\.|…)\s*\S*"
    r'|(?:date|code|path|sort):\s*(?:[^\s"“«]*|"[^"]*|“[^”]*|«[^»]*))\Z',
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"(?<!\w)((?:\d+[-/])+\d*).*")
"""The beginning of a document code; its group is the part without letters."""
_CACHE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Completion:
    """A way to complete a query.

    Attributes:
        text: The whole query.
        start: Where `insert` begins in the typed text, in code points.  It replaces the rest
            of that text.
        insert: What to insert there, with marks.
        count: The approximate number of documents that contain `insert` after the last
            syllables before it.  These are as many, up to four, as anything that fits
            follows.
    """

    text: str
    start: int
    insert: str
    count: int


class Completer:
    """Complete queries by the texts of one commit.  Many threads may share it.

    Args:
        reader: The commit.
        sample_docs: The maximum number of documents to read for a completion.
    """

    def __init__(self, reader: Reader, *, sample_docs: int = MAX_SAMPLE_DOCS) -> None:
        self._reader = reader
        self._sample_docs = sample_docs
        # From one key to the next the same occurrences are mostly needed again.
        self._cache: LRUCache[tuple[int, tuple[SyllableKey, ...]], Continuations] = LRUCache(
            _CACHE_BYTES, attrgetter("nbytes")
        )

    def complete(self, text: str, *, limit: int) -> tuple[Completion, ...]:
        """Return the most frequent completions of a text that ends at the cursor.

        Args:
            text: The typed text, with marks or without.
            limit: The maximum number of completions.

        Raises:
            IndexDamagedError: The index is damaged.
        """
        if limit < 1 or len(text) > MAX_CHARACTERS or _FILTER_VALUE.search(text):
            return ()
        last_word = "" if text[-1:].isspace() else "".join(text.split()[-1:])
        if code := _CODE.search(last_word):
            start = len(text) - len(code[0])
            counts = self._complete_code(code[0], code[1])
        else:
            surfaces, starts, ends = split_syllables(text)
            typed = surfaces.pop() if ends and ends[-1] == len(text) else ""
            start = starts[len(surfaces)] if typed else len(text)
            if not typed and (not surfaces or not text[ends[-1] :].isspace()):
                return ()
            context = parse_syllables(" ".join(surfaces[-_MAX_CONTEXT_SYLLABLES:]))
            counts = self._complete_syllable(context, typed, limit)
            counts.pop(typed.lower(), None)
        least = max(counts.values(), default=0) / _MAX_FREQUENCY_RATIO
        ranked = sorted(counts.items(), key=lambda item: -item[1])  # stable
        return tuple(
            Completion(text[:start] + insert, start, insert, max(1, round(count)))
            for insert, count in ranked
            if count >= least
        )[:limit]

    def _complete_code(self, typed: str, start: str) -> dict[str, float]:
        """Return the document codes that begin with a text, in any case and with any marks.

        Args:
            typed: The beginning of the code.
            start: Its part without letters.

        Returns:
            The number of documents of each code.
        """
        codes = self._reader.keywords.postings_with_prefix("code", start)
        return {
            code: float(len(postings))
            for code, postings in codes.items()
            if fold_prefix(code).startswith(fold_prefix(typed)) and len(code) > len(typed)
        }

    def _complete_syllable(
        self, context: Sequence[Syllable], typed: str, limit: int
    ) -> dict[str, float]:
        """Return the completions of a syllable, with the number of documents of each.

        Args:
            context: The syllables before it.
            typed: The beginning of the syllable, or an empty text.
            limit: The maximum number of completions.
        """
        terms = tuple(map(self._choose_view, context))
        for first in range(len(terms)):
            continuations = self._find_continuations(terms[first:], typed)
            if len(continuations.following):
                return self._complete_phrases(continuations, limit)
        if not typed:
            return {}
        completions: dict[str, float] = {}
        words = self._reader.vocabulary.most_common_with_prefix(
            fold_prefix(typed), _MAX_CANDIDATES
        )
        counts = zip(words.forms, words.counts.tolist(), strict=True)
        fitting = [(form, count) for form, count in counts if fits_typed_marks(typed, form)]
        for rank, (form, count) in enumerate(fitting[:limit]):
            phrases: list[tuple[tuple[str, ...], float]] = [((), 1.0)]
            if rank < _MAX_EXTENDED:
                # The samples of all extended candidates together are as large as one.
                sampled = self._cached_continuations((("marked", form),), _MAX_EXTENDED)
                phrases = sampled.frequent_phrases()
            for following, share in phrases:
                completions[" ".join((form, *following))] = count * share
        return completions

    def _choose_view(self, syllable: Syllable) -> SyllableKey:
        """Return the view in which a syllable of the context is looked up.

        It is the marked view if the syllable has marks and any document contains it so.
        """
        if syllable.has_marks or syllable.folded.isdecimal():
            known = self._reader.vocabulary.look_up("marked", syllable.marked)
            if known.counts.any():
                return "marked", syllable.marked
        return "folded", syllable.folded

    def _find_continuations(self, terms: tuple[SyllableKey, ...], typed: str) -> Continuations:
        """Find occurrences of a context whose next syllable fits what is typed.

        Args:
            terms: The syllables of the context.
            typed: The beginning of the next syllable, or an empty text.
        """
        continuations = self._cached_continuations(terms)
        fitting = continuations.starting_with(typed)
        enough = len(fitting.following) >= _SUFFICIENT_OCCURRENCES
        if not typed or continuations.complete or enough:
            return fitting
        # The sample of all documents has too few.  Draw one from the documents in which a
        # fitting syllable follows the last one.
        forms = self._next_candidates(terms[-1], typed)
        has_pair = np.zeros(self._reader.size, np.bool_)
        pairs = [_pair_term(terms[-1], ("marked", form)) for form in forms]
        for doc_ids in self._documents_of(pairs):
            has_pair[doc_ids] = True
        documents = self._containing(terms) & has_pair
        drawn = self._read(terms, documents, self._sample_docs).starting_with(typed)
        return drawn if len(drawn.following) >= len(fitting.following) else fitting

    def _next_candidates(self, last: SyllableKey, typed: str) -> list[str]:
        """Return the marked forms that fit what is typed and follow a syllable most often.

        Args:
            last: The syllable before.
            typed: The beginning of the next syllable.
        """
        vocabulary = self._reader.vocabulary
        view, form = last
        spellings = [form]
        if view == "folded":
            spellings = list(vocabulary.marked_forms(form).forms[:_MAX_CONTEXT_SPELLINGS])
        counts: dict[str, int] = {}
        for spelling in spellings:
            found = vocabulary.followers(spelling, fold_prefix(typed), _MAX_CANDIDATES)
            for follower, count in zip(found.forms, found.counts.tolist(), strict=True):
                if fits_typed_marks(typed, follower):
                    counts[follower] = counts.get(follower, 0) + count
        return sorted(counts, key=lambda follower: -counts[follower])[:_MAX_CANDIDATES]

    def _complete_phrases(self, continuations: Continuations, limit: int) -> dict[str, float]:
        """Return the most frequent next syllables, the first of them extended to phrases.

        Args:
            continuations: The occurrences of the context.
            limit: The maximum number of next syllables.

        Returns:
            The estimated number of documents of each completion.
        """
        numbers, counts = continuations.count_next()
        order = np.argsort(-counts, kind="stable")[:limit]
        chosen = numbers[order].tolist()
        forms = self._reader.positions.syllable_texts(chosen)
        estimates = self._estimate_counts(continuations, forms, counts[order].tolist())
        completions = {}
        for rank, number in enumerate(chosen):
            phrases: list[tuple[tuple[str, ...], float]] = [((), 1.0)]
            if rank < _MAX_EXTENDED:
                phrases = continuations.after(number).frequent_phrases()
            for following, share in phrases:
                completions[" ".join((forms[rank], *following))] = estimates[rank] * share
        return completions

    def _estimate_counts(
        self, continuations: Continuations, forms: Sequence[str], counts: Sequence[int]
    ) -> list[float]:
        """Estimate how many documents contain each syllable after a context.

        The estimate is the number of documents that contain all bigrams of it, times the
        share of such documents of the sample that do contain the sequence.

        Args:
            continuations: The occurrences of the context.
            forms: The marked forms of the next syllables.
            counts: The number of documents of the sample for each.
        """
        if continuations.complete:
            return list(map(float, counts))
        has_context = self._containing(continuations.terms)
        pairs = [_pair_term(continuations.terms[-1], ("marked", form)) for form in forms]
        estimates = []
        for count, doc_ids in zip(counts, self._documents_of(pairs), strict=True):
            has_pairs = np.zeros(len(has_context), np.bool_)
            has_pairs[doc_ids] = has_context[doc_ids]
            share = count / max(1, int(np.count_nonzero(has_pairs[continuations.sample])))
            estimates.append(float(np.count_nonzero(has_pairs) * share))
        return estimates

    def _cached_continuations(
        self, terms: tuple[SyllableKey, ...], divisor: int = 1
    ) -> Continuations:
        """Return what follows some syllables.

        Args:
            terms: The syllables.
            divisor: How many times smaller than usual the sample is.
        """
        continuations = self._cache.get((divisor, terms))
        if continuations is None:
            count = max(1, self._sample_docs // divisor)
            continuations = self._read(terms, self._containing(terms), count)
            self._cache.put((divisor, terms), continuations)
        return continuations

    def _containing(self, terms: tuple[SyllableKey, ...]) -> BoolArray:
        """Return a mask of the documents that contain each bigram, or the only syllable."""
        wanted = [_pair_term(*pair) for pair in itertools.pairwise(terms)] or [terms[0]]
        mask = np.ones(self._reader.size, np.bool_)
        for doc_ids in self._documents_of(wanted):
            contains = np.zeros(len(mask), np.bool_)
            contains[doc_ids] = True
            mask &= contains
        return mask

    def _documents_of(self, terms: Sequence[SyllableKey]) -> list[Int32Array]:
        """Return for each term the ids of the documents with it in a title or a body."""
        keys = [(f"{field}_{view}", form) for view, form in terms for field in FIELDS]
        lists = [postings.doc_ids for postings in self._reader.postings_lists(keys)]
        count = len(FIELDS)
        return [np.concatenate(lists[n : n + count]) for n in range(0, len(lists), count)]

    def _read(
        self, terms: tuple[SyllableKey, ...], documents: BoolArray, count: int
    ) -> Continuations:
        """Read what follows some syllables in a sample of documents.

        Args:
            terms: The syllables.
            documents: A mask of the documents that may contain them.
            count: The maximum number of documents of the sample, which are spread evenly.
                The longest are left out if all have too many syllables together.
        """
        reader = self._reader
        sample = np.flatnonzero(documents).astype(np.int32)
        total = len(sample)
        if total > count:
            sample = sample[np.linspace(0, total - 1, count).astype(int)]
        lengths = reader.lengths("body")[sample] + reader.lengths("title")[sample]
        order = np.argsort(lengths, kind="stable")
        sums = np.cumsum(lengths[order])
        fitting = int(np.searchsorted(sums, _MAX_SAMPLE_SYLLABLES, "right"))
        sample = np.sort(sample[order[: max(1, fitting)]])
        doc_ids, following = reader.positions.continuations(
            terms, sample, MAX_COMPLETION_SYLLABLES
        )
        return Continuations(reader, terms, len(sample) == total, sample, doc_ids, following)


def _pair_term(first: SyllableKey, second: SyllableKey) -> SyllableKey:
    """Return the indexed bigram that every document with two adjacent syllables contains."""
    if first[0] == second[0] == "marked":
        return "marked_pair", f"{first[1]} {second[1]}"
    return "folded_pair", f"{folded(first[1])} {folded(second[1])}"
