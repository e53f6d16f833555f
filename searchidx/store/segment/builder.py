"""Build a segment from documents: analyze texts in batches, invert them, write sections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np

from searchidx.arrays import DocIds, Int32Array, Int64Array
from searchidx.language.syllable_forms import folded, has_marks
from searchidx.store.codec.posting_lists import PostingListsWriter
from searchidx.store.codec.stored_texts import StoredTextsWriter, train_dictionary
from searchidx.store.codec.term_dictionary import write_pair_dictionary, write_term_dictionary
from searchidx.store.codec.token_streams import TokenStreamWriter, write_landmarks
from searchidx.store.files.directory import Directory
from searchidx.store.files.sections import SectionWriter, create_section_file
from searchidx.store.schema import FIELDS, KEYWORDS
from searchidx.store.segment.analyzed_texts import AnalyzedTexts
from searchidx.store.segment.inversion import first_occurrences, invert_postings
from searchidx.store.segment.pending_document import (
    PendingDocument,
    date_bounds,
    keyword_terms,
)
from searchidx.store.segment.segment import (
    CompressionDictionaries,
    DocumentHead,
    encode_head_blocks,
)

ANALYSIS_BATCH_CODE_POINTS: Final = 500_000
"""About how many code points of text are analyzed at once."""


class SegmentBuilder:
    """Collect documents and write them as one segment.

    Args:
        batch_code_points: About how many code points of text to analyze at once.
    """

    def __init__(self, batch_code_points: int = ANALYSIS_BATCH_CODE_POINTS) -> None:
        self._batch_code_points = batch_code_points
        self._documents: list[PendingDocument] = []
        self._texts = AnalyzedTexts()

    def add(self, documents: Sequence[PendingDocument]) -> None:
        """Analyze documents and add them to the segment."""
        batch: list[PendingDocument] = []
        code_points = 0
        for pending in documents:
            batch.append(pending)
            code_points += len(pending.document.body)
            if code_points >= self._batch_code_points:
                self._add_batch(batch)
                batch, code_points = [], 0
        if batch:
            self._add_batch(batch)

    def _add_batch(self, batch: list[PendingDocument]) -> None:
        self._texts.add(batch)
        self._documents += batch

    def write(
        self,
        directory: Directory,
        name: str,
        dictionaries: CompressionDictionaries | None = None,
    ) -> None:
        """Write the segment, synced.

        Args:
            directory: The index's folder.
            name: The name of the segment.
            dictionaries: The compression dictionaries of another segment of the index; None
                to train new ones.

        Raises:
            OSError: The disk refused a write.  There is no file of that name then.
        """
        with create_section_file(directory, name) as sections:
            sections.write("documents", np.array([len(self._documents)], "<u8"))
            _write_documents(sections, self._documents, dictionaries)
            _write_keywords(sections, self._documents)
            _TextWriter(sections, len(self._documents), self._texts).write()


def _write_documents(
    sections: SectionWriter,
    documents: Sequence[PendingDocument],
    dictionaries: CompressionDictionaries | None,
) -> None:
    """Write heads, bodies, digests and dates."""
    heads = list(
        encode_head_blocks(
            DocumentHead.of(pending.document, pending.source).to_json() for pending in documents
        )
    )
    bodies = [pending.document.body for pending in documents]
    if dictionaries is None:
        dictionaries = CompressionDictionaries(
            train_dictionary(heads, len(heads)), train_dictionary(bodies, len(bodies))
        )
    _write_texts(sections, "heads", heads, dictionaries.heads)
    _write_texts(sections, "bodies", bodies, dictionaries.bodies)
    digests = "".join(pending.digest or pending.document.digest() for pending in documents)
    sections.write("digests", bytes.fromhex(digests))
    dates = [date_bounds(pending.document) for pending in documents]
    sections.write("dates", np.array(dates, "<i4"))


def _write_texts(
    sections: SectionWriter, name: str, texts: Sequence[str], dictionary: bytes
) -> None:
    """Write texts compressed with a dictionary."""
    writer = StoredTextsWriter(sections, name, dictionary)
    with sections.section(f"{name}.data"):
        writer.append(texts)
    writer.finish()


def _write_keywords(sections: SectionWriter, documents: Sequence[PendingDocument]) -> None:
    """Write the term dictionary and the postings of each keyword field."""
    documents_of_terms: dict[str, defaultdict[str, list[int]]] = {
        field: defaultdict(list) for field in KEYWORDS
    }
    for local_doc_id, pending in enumerate(documents):
        for field, terms in keyword_terms(pending).items():
            for term in dict.fromkeys(terms):
                documents_of_terms[field][term].append(local_doc_id)
    for field, by_term in documents_of_terms.items():
        ordered = sorted(by_term)
        write_term_dictionary(sections, field, [term.encode() for term in ordered])
        lists = [by_term[term] for term in ordered]
        doc_ids = np.array([doc_id for each in lists for doc_id in each], np.int32)
        counts = np.array([len(each) for each in lists], np.int64)
        _write_lists(sections, field, len(documents), counts, doc_ids, np.ones_like(doc_ids))


def _write_lists(
    sections: SectionWriter,
    field: str,
    document_count: int,
    counts: Int64Array,
    documents: DocIds,
    frequencies: Int32Array,
) -> None:
    """Write the postings lists of a field; the arguments are those of `PostingListsWriter`."""
    writer = PostingListsWriter(sections, field, document_count)
    with sections.section(f"{field}.data"):
        writer.append(counts, documents, frequencies)
    writer.finish()


class _TextWriter:
    """Write what was found in titles and bodies.

    Args:
        sections: The file of the segment.
        document_count: How many documents the segment has.
        texts: The analyzed titles and bodies.
    """

    def __init__(
        self, sections: SectionWriter, document_count: int, texts: AnalyzedTexts
    ) -> None:
        self._sections = sections
        self._document_count = document_count
        self._texts = texts

    def write(self) -> None:
        """Write all term dictionaries, postings, the forward index and the landmarks."""
        words = self._texts.words()
        write_term_dictionary(self._sections, "word", [term.encode() for term in words.terms])
        self._write_view("word", words.numbers, words.texts, len(words.terms))
        del words
        syllables = self._texts.syllables()
        folded_of_marked, folded_count = self._write_syllable_forms(syllables.terms)
        self._write_forward_index(syllables.numbers, len(syllables.terms))
        self._write_landmarks()
        marked, texts = syllables.numbers, syllables.texts
        self._write_syllable_view("marked", marked, texts, len(syllables.terms))
        folded_numbers = folded_of_marked[marked] if len(marked) else marked
        self._write_syllable_view("folded", folded_numbers, texts, folded_count)

    def _write_syllable_forms(self, marked_forms: list[str]) -> tuple[Int32Array, int]:
        """Write the dictionaries of marked and folded forms and how they belong together.

        Args:
            marked_forms: The marked forms, sorted.

        Returns:
            The number of the folded form of each marked form, shape (marked forms,), and how
            many folded forms there are.
        """
        folded_forms = [folded(form) for form in marked_forms]
        ordered = sorted(set(folded_forms))
        numbers = {form: number for number, form in enumerate(ordered)}
        folded_of_marked = np.array([numbers[form] for form in folded_forms], np.int32)
        sections = self._sections
        write_term_dictionary(sections, "marked", [form.encode() for form in marked_forms])
        write_term_dictionary(sections, "folded", [form.encode() for form in ordered])
        sections.write("folded_of_marked", folded_of_marked.astype("<u4"))
        with_marks = np.array([has_marks(form) for form in marked_forms], np.bool_)
        sections.write("with_marks", np.packbits(with_marks))
        return folded_of_marked, len(ordered)

    def _write_forward_index(self, marked: Int32Array, count: int) -> None:
        """Write the syllables of each text in order; `count` is that of marked forms."""
        frequencies = np.bincount(marked, minlength=count)
        stream = TokenStreamWriter(self._sections, "syllables", frequencies)
        with self._sections.section("syllables.firsts"):
            stream.append(marked, self._texts.syllable_bounds())
        stream.finish()

    def _write_landmarks(self) -> None:
        write_landmarks(
            self._sections,
            "landmarks",
            self._texts.landmark_steps,
            self._texts.landmark_advances,
            self._texts.landmark_counts(),
        )

    def _write_syllable_view(
        self, view: str, terms: Int32Array, texts: Int32Array, term_count: int
    ) -> None:
        """Write a view of the syllables and the view of its adjacent pairs."""
        self._write_view(view, terms, texts, term_count)
        firsts = np.flatnonzero(texts[1:] == texts[:-1])
        pairs = terms[firsts] * np.int64(term_count) + terms[firsts + 1]
        self._write_pair_view(f"{view}_pair", pairs, texts[firsts], term_count)

    def _write_view(
        self, view: str, terms: Int32Array, texts: Int32Array, term_count: int
    ) -> None:
        """Write the postings of a view for titles and bodies.

        Args:
            view: The name of the view.
            terms: The number of the term of each occurrence, shape (n,).
            texts: The text of each occurrence, shape (n,).
            term_count: How many terms there are.
        """
        for field_index, field in enumerate(FIELDS):
            in_field = texts % 2 == field_index
            term_numbers, documents, frequencies = invert_postings(
                terms[in_field], texts[in_field] // 2, self._document_count
            )
            counts = np.bincount(term_numbers, minlength=term_count)
            self._write_lists(f"{field}_{view}", counts, documents, frequencies)

    def _write_pair_view(
        self, view: str, pairs: Int64Array, texts: Int32Array, term_count: int
    ) -> None:
        """Write the dictionaries and postings of a view of pairs, for titles and bodies.

        Args:
            view: The name of the view.
            pairs: For each occurrence the number of the first term times `term_count`, plus
                that of the second, shape (n,).
            texts: The text of each occurrence, shape (n,).
            term_count: How many terms there are.
        """
        for field_index, field in enumerate(FIELDS):
            in_field = texts % 2 == field_index
            keys, documents, frequencies = invert_postings(
                pairs[in_field], texts[in_field] // 2, self._document_count
            )
            firsts = first_occurrences(keys)
            distinct = keys[firsts]
            name = f"{field}_{view}"
            write_pair_dictionary(
                self._sections,
                name,
                distinct // term_count << 32 | distinct % term_count,
                term_count,
            )
            self._write_lists(name, np.diff(firsts, append=len(keys)), documents, frequencies)

    def _write_lists(
        self, field: str, counts: Int64Array, documents: DocIds, frequencies: Int32Array
    ) -> None:
        _write_lists(
            self._sections, field, self._document_count, counts, documents, frequencies
        )
