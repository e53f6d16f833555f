"""Documents to a segment: analyzed in batches, inverted by sorting arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import Int32Array, Int64Array, UInt8Array
from searchidx.document import Document
from searchidx.language.abbreviations import find_abbreviations
from searchidx.language.analyzer import analyze
from searchidx.language.codes import find_codes
from searchidx.language.dates import PartialDate
from searchidx.language.syllable_forms import folded, has_marks
from searchidx.store.codec.posting_lists import PostingListsWriter
from searchidx.store.codec.stored_texts import StoredTextsWriter, train_dictionary
from searchidx.store.codec.term_dictionary import write_pair_dictionary, write_term_dictionary
from searchidx.store.codec.token_streams import (
    LANDMARK_STRIDE_SYLLABLES,
    Landmarks,
    TokenStreamWriter,
    encode_landmarks,
    write_landmarks,
)
from searchidx.store.files.directory import Directory
from searchidx.store.files.sections import SectionWriter, create_section_file
from searchidx.store.schema import ABBREVIATION_KEYS, FIELDS, KEYWORDS, metadata_terms
from searchidx.store.segment.segment import (
    CompressionDictionaries,
    DocumentHead,
    encode_head_blocks,
)

if TYPE_CHECKING:
    from searchidx.language.analyzer import TokenBatch
    from searchidx.language.chunks import Terms, Vocabulary


ANALYSIS_BATCH_CODE_POINTS: Final = 500_000
"""About how many code points of text are analyzed at once."""


@dataclass(frozen=True, slots=True)
class PendingDocument:
    """A document to be indexed.

    Attributes:
        document: The document.
        source: The file that it came from and is kept up to date with, or None.
        digest: The `Document.digest` of it, if that is known already.
    """

    document: Document
    source: str | None
    digest: str | None = None


class _Forms:
    """Numbers of strings that stay while the analyzer's vocabularies come and go."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._numbers: dict[str, int] = {}
        self._vocabulary: Vocabulary | None = None
        self._mapping: list[int] = []

    def numbers(self, ids: Int32Array, terms: Terms, vocabulary: Vocabulary) -> Int32Array:
        """Our numbers of these numbers of a vocabulary."""
        if vocabulary is not self._vocabulary:
            self._vocabulary, self._mapping = vocabulary, []
        known = self._numbers
        for string in terms.strings[len(self._mapping) :]:
            number = known.setdefault(string, len(known))
            if number == len(self.strings):
                self.strings.append(string)
            self._mapping.append(number)
        return np.array(self._mapping, np.int32)[ids] if len(ids) else ids

    def sort(self, ids: Int32Array) -> tuple[list[str], Int32Array]:
        """Return the strings that occur among `ids`, sorted, and `ids` as indexes of them."""
        used = np.flatnonzero(np.bincount(ids, minlength=len(self.strings))).tolist()
        # Code points sort as their UTF-8 does.
        order = sorted(used, key=self.strings.__getitem__)
        places = np.zeros(len(self.strings), np.int32)
        places[order] = np.arange(len(order), dtype=np.int32)
        return [self.strings[number] for number in order], places[ids]


class SegmentBuilder:
    """Gather documents and writes them as one segment."""

    def __init__(self, batch_code_points: int = ANALYSIS_BATCH_CODE_POINTS) -> None:
        self._batch_code_points = batch_code_points
        self._added: list[PendingDocument] = []
        self._marked, self._words = _Forms(), _Forms()
        # For each batch: of each text its number of syllables; its syllables and words, and
        # where these begin; the landmarks of bodies, and how many each has.
        self._lengths: list[Int64Array] = []
        self._syllables: list[Int32Array] = []
        self._word_ids: list[Int32Array] = []
        self._word_texts: list[Int32Array] = []
        self._landmarks: list[tuple[UInt8Array, Int64Array]] = []
        self._landmark_counts: list[Int64Array] = []

    def add(self, documents: Sequence[PendingDocument]) -> None:
        """Analyze documents and keeps what was found."""
        batch: list[PendingDocument] = []
        size = 0
        for added in documents:
            batch.append(added)
            size += len(added.document.body)
            if size >= self._batch_code_points:
                self._add_batch(batch)
                batch, size = [], 0
        if batch:
            self._add_batch(batch)

    def _add_batch(self, batch: list[PendingDocument]) -> None:
        texts = [getattr(added.document, field) for added in batch for field in FIELDS]
        tokens = analyze(texts, pairs=False)
        vocabulary = tokens.vocabulary
        first = 2 * len(self._added)
        lengths = np.diff(tokens.bounds)
        owner = np.repeat(np.arange(first, first + len(texts), dtype=np.int32), lengths)
        self._syllables.append(
            self._marked.numbers(tokens.marked, vocabulary.marked, vocabulary)
        )
        self._word_ids.append(self._words.numbers(tokens.words, vocabulary.words, vocabulary))
        self._word_texts.append(owner[tokens.word_firsts])
        self._lengths.append(lengths)
        landmarks, counts = _landmarks(tokens, texts)
        self._landmarks.append(encode_landmarks(np.append(0, np.cumsum(counts)), landmarks))
        self._landmark_counts.append(counts)
        self._added += batch

    def write(
        self,
        directory: Directory,
        name: str,
        dictionaries: CompressionDictionaries | None = None,
    ) -> None:
        """Write the added documents to a segment of that name, synced.

        Args:
            directory: The index's folder.
            name: The name of the segment.
            dictionaries: Those of another segment of the index; None to train new ones.

        Raises:
            OSError: The disk refused something; there is no such file then.
        """
        with create_section_file(directory, name) as sections:
            sections.write("documents", np.array([len(self._added)], "<u8"))
            self._write_stored(sections, dictionaries)
            self._write_keywords(sections)
            self._write_words(sections)
            self._write_syllables(sections)

    def _write_stored(
        self, sections: SectionWriter, known: CompressionDictionaries | None
    ) -> None:
        heads = list(
            encode_head_blocks(
                DocumentHead.of(a.document, a.source).to_json() for a in self._added
            )
        )
        bodies = [added.document.body for added in self._added]
        for name, texts, dictionary in (
            ("heads", heads, known.heads if known else train_dictionary(heads, len(heads))),
            (
                "bodies",
                bodies,
                known.bodies if known else train_dictionary(bodies, len(bodies)),
            ),
        ):
            writer = StoredTextsWriter(sections, name, dictionary)
            with sections.section(f"{name}.data"):
                writer.append(texts)
            writer.finish()
        digests = bytes.fromhex(
            "".join(added.digest or added.document.digest() for added in self._added)
        )
        sections.write("digests", digests)
        sections.write("dates", np.array([date_bounds(a.document) for a in self._added], "<i4"))

    def _write_keywords(self, sections: SectionWriter) -> None:
        found: dict[str, defaultdict[str, list[int]]] = {
            name: defaultdict(list) for name in KEYWORDS
        }
        for number, added in enumerate(self._added):
            for name, strings in keyword_terms(added).items():
                for string in dict.fromkeys(strings):
                    found[name][string].append(number)
        for name, terms in found.items():
            ordered = sorted(terms)
            write_term_dictionary(sections, name, [term.encode() for term in ordered])
            lists = [terms[term] for term in ordered]
            documents = np.array([number for numbers in lists for number in numbers], np.int32)
            counts = np.array([len(numbers) for numbers in lists], np.int64)
            _write_lists(
                sections, name, len(self._added), counts, documents, np.ones_like(documents)
            )

    def _write_words(self, sections: SectionWriter) -> None:
        strings, words = self._words.sort(_joined(self._word_ids))
        write_term_dictionary(sections, "word", [string.encode() for string in strings])
        self._write_view(sections, "word", words, _joined(self._word_texts), len(strings))

    def _write_syllables(self, sections: SectionWriter) -> None:
        strings, marked = self._marked.sort(_joined(self._syllables))
        lengths = np.concatenate([*self._lengths, np.zeros(0, np.int64)])
        bounds = np.append(0, np.cumsum(lengths))
        texts = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        forms = [folded(string) for string in strings]
        ordered = sorted(set(forms))
        numbers = {form: number for number, form in enumerate(ordered)}
        of_marked = np.array([numbers[form] for form in forms], np.int32)
        write_term_dictionary(sections, "marked", [string.encode() for string in strings])
        write_term_dictionary(sections, "folded", [form.encode() for form in ordered])
        sections.write("folded_of_marked", of_marked.astype("<u4"))
        with_marks = np.array([has_marks(string) for string in strings], np.bool_)
        sections.write("with_marks", np.packbits(with_marks))
        frequencies = np.bincount(marked, minlength=len(strings))
        stream = TokenStreamWriter(sections, "syllables", frequencies)
        with sections.section("syllables.firsts"):
            stream.append(marked, bounds)
        stream.finish()
        counts = np.concatenate([*self._landmark_counts, np.zeros(0, np.int64)])
        write_landmarks(
            sections,
            "landmarks",
            [steps for steps, _ in self._landmarks],
            [advances for _, advances in self._landmarks],
            counts,
        )
        for view, ids, count in (
            ("marked", marked, len(strings)),
            ("folded", of_marked[marked] if len(marked) else marked, len(ordered)),
        ):
            self._write_view(sections, view, ids, texts, count)
            together = np.flatnonzero(texts[1:] == texts[:-1])
            self._write_pairs(
                sections,
                f"{view}_pair",
                ids[together],
                ids[together + 1],
                texts[together],
                count,
            )

    def _write_view(
        self,
        sections: SectionWriter,
        view: str,
        terms: Int32Array,
        texts: Int32Array,
        count: int,
    ) -> None:
        for place, field in enumerate(FIELDS):
            of_field = texts % 2 == place
            documents = texts[of_field] // 2
            keys, documents, frequencies = invert_postings(
                terms[of_field], documents, len(self._added)
            )
            counts = np.bincount(keys, minlength=count)
            _write_lists(
                sections,
                f"{field}_{view}",
                len(self._added),
                counts,
                documents,
                frequencies,
            )

    def _write_pairs(
        self,
        sections: SectionWriter,
        view: str,
        firsts: Int32Array,
        seconds: Int32Array,
        texts: Int32Array,
        count: int,
    ) -> None:
        for place, field in enumerate(FIELDS):
            of_field = texts % 2 == place
            pairs = firsts[of_field] * np.int64(count) + seconds[of_field]
            keys, documents, frequencies = invert_postings(
                pairs, texts[of_field] // 2, len(self._added)
            )
            begins = first_occurrences(keys)
            distinct = keys[begins]
            name = f"{field}_{view}"
            write_pair_dictionary(
                sections, name, distinct // count << 32 | distinct % count, count
            )
            counts = np.diff(begins, append=len(keys))
            _write_lists(sections, name, len(self._added), counts, documents, frequencies)


def _write_lists(
    sections: SectionWriter,
    name: str,
    size: int,
    counts: Int64Array,
    documents: Int32Array,
    frequencies: Int32Array,
) -> None:
    writer = PostingListsWriter(sections, name, size)
    with sections.section(f"{name}.data"):
        writer.append(counts, documents, frequencies)
    writer.finish()


def invert_postings(
    terms: npt.NDArray[Any], documents: Int32Array, count: int
) -> tuple[Int64Array, Int32Array, Int32Array]:
    """Occurrences to postings.

    Args:
        terms: The term of each occurrence, shape (n,), at least 0.
        documents: Its document, shape (n,).
        count: More than every document.

    Returns:
        For each posting, by term and then by document, the term, the document and how
        often the term occurs in it.
    """
    if len(terms) and (int(terms.max()) + 1) * count >= 1 << 63:
        # The keys would not fit; never met but by texts of nothing but distinct words.
        distinct, places = np.unique(terms, return_inverse=True)
        keys, documents, frequencies = invert_postings(
            places.astype(np.int64), documents, count
        )
        return distinct[keys], documents, frequencies
    keys = terms.astype(np.int64) * count + documents
    keys.sort()
    firsts = first_occurrences(keys)
    frequencies = np.diff(firsts, append=len(keys)).astype(np.int32)
    found = keys[firsts]
    return found // count, (found % count).astype(np.int32), frequencies


def first_occurrences(keys: Int64Array) -> Int64Array:
    """Return where each distinct key of some ascending ones first stands."""
    begins = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=begins[1:])
    return np.flatnonzero(begins)


def _landmarks(tokens: TokenBatch, texts: Sequence[str]) -> tuple[Landmarks, Int64Array]:
    """Return the landmarks of every second text, and the number of each."""
    bounds = tokens.bounds
    places = np.arange(len(tokens.starts))
    sentences = np.zeros(len(places), np.bool_)
    sentences[tokens.sentence_firsts] = True
    begins = sentences.copy()
    begins[bounds[:-1][bounds[:-1] < bounds[1:]]] = True
    since = places - np.maximum.accumulate(np.where(begins, places, 0))
    owners = np.repeat(np.arange(len(tokens)), np.diff(bounds))
    chosen = np.flatnonzero((since % LANDMARK_STRIDE_SYLLABLES == 0) & (owners % 2 == 1))
    owners = owners[chosen]
    # And the end of each text.
    bodies = np.arange(1, len(tokens), 2)
    after = np.searchsorted(owners, bodies, "right")
    return (
        Landmarks(
            np.insert(chosen - bounds[owners], after, np.diff(bounds)[bodies]),
            np.insert(
                tokens.starts[chosen].astype(np.int64),
                after,
                [len(text) for text in texts[1::2]],
            ),
            np.insert(sentences[chosen], after, False),
        ),
        np.bincount(owners // 2, minlength=len(bodies)) + 1,
    )


def _joined(parts: list[Int32Array]) -> Int32Array:
    return np.concatenate([*parts, np.zeros(0, np.int32)])


def date_bounds(document: Document) -> tuple[int, int]:
    """Return the first and last day of a document's date, as ordinals; 0 for none."""
    if document.date is None:
        return 0, 0
    date = PartialDate.parse(document.date)
    first, last = date.first_day(), date.last_day()
    return (first.toordinal(), last.toordinal()) if first and last else (0, 0)


def keyword_terms(added: PendingDocument) -> dict[str, list[str]]:
    """Return the terms of the keyword fields of a document."""
    document = added.document
    found: dict[str, list[str]] = {
        "id": [document.id],
        "source": [] if added.source is None else [added.source],
        "path": [] if document.path is None else [document.path],
        "code": [
            code.canonical for field in FIELDS for code in find_codes(getattr(document, field))
        ],
        "metadata": metadata_terms(document.metadata),
    }
    pairs = {(each.short, each.long) for each in find_abbreviations(document.body)}
    for place, (name, key) in enumerate(ABBREVIATION_KEYS.items()):
        found[name] = [f"{key(pair[place])}\t{pair[0]}\t{pair[1]}" for pair in pairs]
    return found
