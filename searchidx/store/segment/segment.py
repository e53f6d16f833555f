"""Read one segment: documents that were written together, and their postings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Final, NoReturn

import numpy as np

from searchidx.arrays import BoolArray, Int32Array, Int64Array
from searchidx.document import MAX_DOCUMENT_CODE_POINTS, Document
from searchidx.store.codec.posting_lists import PostingLists
from searchidx.store.codec.stored_texts import StoredTexts
from searchidx.store.codec.term_dictionary import PairDictionary, TermDictionary
from searchidx.store.codec.token_streams import LandmarkReader, TokenStreams
from searchidx.store.files.directory import Directory
from searchidx.store.files.sections import SectionFile, damage_error
from searchidx.store.schema import FIELDS, KEYWORDS, is_pair_field, term_dictionary_name

TERM_DICTIONARIES: Final = ("folded", "marked", "word", *KEYWORDS)
"""The term dictionaries of a segment."""
DIGEST_BYTES: Final = 16
"""The size of a `Document.digest` as it is stored."""


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """The stored fields of a document, except its body and its digest.

    Attributes:
        id, title, date, path, line, metadata: As in `Document`.
        source: The file that the document is kept up to date with, or None.
    """

    id: str
    title: str
    date: str | None
    path: str | None
    line: int | None
    source: str | None
    metadata: dict[str, Any]

    @classmethod
    def of(cls, document: Document, source: str | None) -> DocumentHead:
        """Return the head of a document that came from `source`."""
        return cls(
            document.id,
            document.title,
            document.date,
            document.path,
            document.line,
            source,
            dict(document.metadata),
        )

    def document(self, body: str) -> Document:
        """Return the document with this head.

        Args:
            body: Its body.

        Raises:
            DocumentError: No such document could have been added.
        """
        return Document(
            id=self.id,
            body=body,
            title=self.title,
            date=self.date,
            path=self.path,
            line=self.line,
            metadata=self.metadata,
        )

    def to_json(self) -> str:
        """Return the head as it is stored: a JSON array on one line."""
        fields = [self.id, self.title, self.date, self.path, self.line, self.source]
        return json.dumps([*fields, self.metadata], ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class CompressionDictionaries:
    """Zstandard dictionaries for heads and bodies; b"" for no dictionary.

    `codec.stored_texts.train_dictionary` trains them.
    """

    heads: bytes
    bodies: bytes


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
HEADS_PER_BLOCK: Final = 16
"""How many heads are compressed together as one text."""
_MAX_BLOCK_CODE_POINTS: Final = HEADS_PER_BLOCK * MAX_DOCUMENT_CODE_POINTS
"""The most code points of a block of heads; a head is limited as a body is."""


def encode_head_blocks(heads: Iterable[str]) -> Iterator[str]:
    """Yield the texts in which heads are stored, with one head a line.

    Args:
        heads: The heads, as `DocumentHead.to_json` returns them.
    """
    remaining = iter(heads)
    while block := list(islice(remaining, HEADS_PER_BLOCK)):
        yield "\n".join(block)


class Segment:
    """The file of a segment.  What is not asked for is not read.

    Args:
        directory: The index's folder.
        name: The name of the file.

    Args:
        directory: The folder of the index.
        name: The name of the file.
        displaced: Also read a file that was written under another name.

    Raises:
        IndexDamagedError: Here and in every method: the file is not what was written.
        FileNotFoundError: There is no such file.
    """

    def __init__(self, directory: Directory, name: str, *, displaced: bool = False) -> None:
        self.name = name
        self.file = SectionFile(directory, name, displaced=displaced)
        self.size = int(self.file["documents"].array("<u8")[0])
        """How many documents were written to it."""
        # Checked before memory is allocated for so many documents.
        if len(self.file["digests"]) != self.size * DIGEST_BYTES:
            raise damage_error(self.file.name, "it does not have as many documents as it says")
        self._lists: dict[str, PostingLists] = {}
        self._dictionaries: dict[str, TermDictionary] = {}
        self._pair_dictionaries: dict[str, PairDictionary] = {}

    def posting_lists(self, field: str) -> PostingLists:
        """Return the postings lists of a field, such as "body_folded" or "code"."""
        if field not in self._lists:
            self._lists[field] = PostingLists(self.file, field, self.size)
        return self._lists[field]

    def term_dictionary(self, name: str) -> TermDictionary:
        """Return one of the `TERM_DICTIONARIES`."""
        if name not in self._dictionaries:
            self._dictionaries[name] = TermDictionary(self.file, name)
        return self._dictionaries[name]

    def pair_dictionary(self, field: str) -> PairDictionary:
        """Return the pairs of a field, such as "body_folded_pair"."""
        if field not in self._pair_dictionaries:
            count = len(self.term_dictionary(term_dictionary_name(field)))
            self._pair_dictionaries[field] = PairDictionary(self.file, field, count)
        return self._pair_dictionaries[field]

    def term_number(self, field: str, term: bytes) -> int | None:
        """Return the number of a term in the postings lists of a field, or None.

        Args:
            field: The name of the field, such as "body_folded".
            term: The term in UTF-8.  A pair is two syllables with a space between.
        """
        dictionary = self.term_dictionary(term_dictionary_name(field))
        if not is_pair_field(field):
            return dictionary.find(term)
        first_term, space, second_term = term.partition(b" ")
        first, second = dictionary.find(first_term), dictionary.find(second_term)
        if not space or first is None or second is None:
            return None
        return self.pair_dictionary(field).find(first, second)

    def terms(self, field: str) -> Iterator[bytes]:
        """Yield the terms of a field, sorted; deleted documents count.

        Args:
            field: The name of the field, such as "body_folded".
        """
        counts = self.posting_lists(field).counts()
        terms = self.term_dictionary(term_dictionary_name(field)).all()
        if not is_pair_field(field):
            yield from (terms[number] for number in np.flatnonzero(counts).tolist())
            return
        for key in self.pair_dictionary(field).keys().tolist():
            yield b"%b %b" % (terms[key >> 32], terms[key & 0xFFFFFFFF])

    def document_counts(self, field: str, numbers: Int64Array) -> Int64Array:
        """Return how many documents have each of some terms; deleted documents count.

        It reads no postings list, so that it is cheap for many terms.

        Args:
            field: The name of the field, such as "body_folded".
            numbers: The numbers of the terms, shape (n,); -1 for a term that is not there.

        Returns:
            shape (n,); 0 for a term that is not there.
        """
        counts = np.zeros(len(numbers), np.int64)
        known = np.flatnonzero(numbers >= 0)
        counts[known] = self.posting_lists(field).counts_at(numbers[known])
        return counts

    def pair_document_counts(
        self, field: str, firsts: Int64Array, seconds: Int64Array
    ) -> Int64Array:
        """Return how many documents have each of some pairs; deleted documents count.

        Args:
            field: The name of the field, such as "body_folded_pair".
            firsts: The numbers of the first syllables, shape (n,); -1 for a missing one.
            seconds: The numbers of the second syllables, in the same way.

        Returns:
            shape (n,); 0 for a pair that is not there.
        """
        numbers = np.full(len(firsts), -1, np.int64)
        known = np.flatnonzero((firsts >= 0) & (seconds >= 0))
        if len(known):
            numbers[known] = self.pair_dictionary(field).find_many(
                firsts[known], seconds[known]
            )
        return self.document_counts(field, numbers)

    @cached_property
    def folded_of_marked(self) -> Int32Array:
        """Return the number of the folded form of each marked form, shape (marked forms,)."""
        numbers = self.file["folded_of_marked"].array("<u4").view(np.int32)
        folded_count = len(self.term_dictionary("folded"))
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < folded_count:
            raise damage_error(self.file.name, "a folded form is missing")
        return numbers

    @cached_property
    def with_marks(self) -> BoolArray:
        """Return which marked forms are written with marks, shape (marked forms,)."""
        count = len(self.folded_of_marked)
        return np.unpackbits(self.file["with_marks"].array(np.uint8), count=count).view(
            np.bool_
        )

    def marked_forms_mask(self, view: str, form: str) -> BoolArray:
        """Return which marked forms are a form in some view, shape (marked forms,).

        Args:
            view: "folded" or "marked".
            form: The form in that view.
        """
        number = self.term_dictionary(view).find(form.encode("utf-8", "surrogatepass"))
        if view == "folded" and number is not None:
            has_folded_form: BoolArray = self.folded_of_marked == number
            return has_folded_form
        mask = np.zeros(len(self.folded_of_marked), np.bool_)
        if number is not None:
            mask[number] = True
        return mask

    @cached_property
    def token_streams(self) -> TokenStreams:
        """Return the marked forms of the titles and bodies of all documents, by turns."""
        return TokenStreams(self.file, "syllables", 2 * self.size)

    @cached_property
    def landmarks(self) -> LandmarkReader:
        """Return the landmarks of the bodies, among them where each sentence begins."""
        return LandmarkReader(self.file, "landmarks", self.size)

    def compression_dictionaries(self) -> CompressionDictionaries:
        """Return the compression dictionaries of the stored texts."""
        return CompressionDictionaries(self._heads.dictionary, self.bodies.dictionary)

    @cached_property
    def bodies(self) -> StoredTexts:
        """Return the bodies of all documents."""
        return StoredTexts(self.file, "bodies", self.size, MAX_DOCUMENT_CODE_POINTS)

    @cached_property
    def _heads(self) -> StoredTexts:
        """Return the heads of all documents, `HEADS_PER_BLOCK` in each text."""
        return StoredTexts(
            self.file, "heads", -(-self.size // HEADS_PER_BLOCK), _MAX_BLOCK_CODE_POINTS
        )

    def head(self, number: int) -> DocumentHead:
        """Return the head of a document.

        Args:
            number: The number of the document in this segment.
        """
        lines = self._head_lines(number // HEADS_PER_BLOCK)
        return self._parsed(next(islice(lines, number % HEADS_PER_BLOCK, None)))

    def _head_lines(self, block: int) -> Iterator[str]:
        """Yield the lines of a block of heads, without more of the block than a line needs.

        Raises:
            IndexDamagedError: It has another number of lines than it has documents.
        """
        remaining = min(HEADS_PER_BLOCK, self.size - block * HEADS_PER_BLOCK)
        parts: list[str] = []
        for piece in self._heads.pieces(block):
            first, *others = piece.split("\n", remaining)
            parts.append(first)
            for other in others:
                remaining -= 1
                if remaining == 0:
                    break
                yield "".join(parts)
                parts = [other]
            if remaining == 0:
                break
        if remaining != 1:
            raise damage_error(self.file.name, "a block has another number of documents")
        yield "".join(parts)

    def all_heads(self) -> list[DocumentHead]:
        """Return the heads of all documents."""
        return [self._parsed(head) for head in self.heads()]

    def head_block(self, block: int) -> list[DocumentHead]:
        """Return the heads of the `HEADS_PER_BLOCK` documents that are stored together.

        Args:
            block: The number of the block: that of its first document divided by
                `HEADS_PER_BLOCK`.
        """
        return [self._parsed(head) for head in self._head_lines(block)]

    def _parsed(self, text: str) -> DocumentHead:
        """Return a head that is stored as JSON."""
        id_, title, date, path, line, source, metadata = _DECODER.decode(text)
        if (
            not isinstance(id_, str)
            or not isinstance(title, str)
            or not all(text is None or isinstance(text, str) for text in (date, path, source))
            or not (line is None or type(line) is int)
            or not isinstance(metadata, dict)
        ):
            raise damage_error(self.file.name, "what is stored of a document has another form")
        return DocumentHead(id_, title, date, path, line, source, metadata)

    def heads(self) -> Iterator[str]:
        """Yield the heads of all documents as JSON, as `DocumentHead.to_json` returns them."""
        for block in range(-(-self.size // HEADS_PER_BLOCK)):
            yield from self._head_lines(block)

    def digest(self, number: int) -> str:
        """Return the `Document.digest` of a document.

        Args:
            number: The number of the document in this segment.
        """
        place = number * DIGEST_BYTES
        return self.file["digests"].read(place, place + DIGEST_BYTES).hex()

    def digests(self) -> memoryview:
        """Return the digests of all documents, `DIGEST_BYTES` each."""
        return self.file["digests"].read()

    def lengths(self, field: str) -> Int64Array:
        """Return how many syllables a field has in each document, shape (size,)."""
        return np.diff(self.token_streams.starts())[FIELDS.index(field) :: 2]

    def dates(self) -> Int32Array:
        """Return the first and last day that each document's date may mean.

        Returns:
            Ordinals of `datetime.date`, 0 for no date, shape (size, 2).
        """
        return self.file["dates"].array("<i4").reshape(-1, 2)
