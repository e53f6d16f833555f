"""One segment: documents that were written together, and all that finds them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Final, NoReturn

import numpy as np

from searchidx.arrays import BoolArray, Int32Array, Int64Array
from searchidx.document import Document
from searchidx.store.codec.posting_lists import PostingLists
from searchidx.store.codec.stored_texts import StoredTexts
from searchidx.store.codec.term_dictionary import PairDictionary, TermDictionary
from searchidx.store.codec.token_streams import LandmarkReader, TokenStreams
from searchidx.store.files.directory import Directory
from searchidx.store.files.sections import SectionFile, damage_error
from searchidx.store.schema import FIELDS, KEYWORDS, is_pair_field, term_dictionary_name

TERM_DICTIONARIES: Final = ("folded", "marked", "word", *KEYWORDS)
"""The dictionaries of a segment."""
DIGEST_BYTES: Final = 16
"""Bytes of a `Document.digest`."""


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """What is stored of a document but for its body and its digest."""

    id: str
    title: str
    date: str | None
    path: str | None
    line: int | None
    source: str | None
    metadata: dict[str, Any]

    @classmethod
    def of(cls, document: Document, source: str | None) -> DocumentHead:
        """Return the head of a document; `source` is the file it is kept up to date with."""
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
        """Return the document as it was added.

        Raises:
            DocumentError: It is none that could have been added.
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
        """Return the head as it is stored."""
        fields = [self.id, self.title, self.date, self.path, self.line, self.source]
        return json.dumps([*fields, self.metadata], ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class CompressionDictionaries:
    """What heads and bodies have in common, for the compressor (`texts.train`)."""

    heads: bytes
    bodies: bytes


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
HEADS_PER_BLOCK: Final = 16
"""How many heads are compressed together."""


def encode_head_blocks(heads: Iterable[str]) -> Iterator[str]:
    """Heads as they are stored: some together, a line each."""
    remaining = iter(heads)
    while block := list(islice(remaining, HEADS_PER_BLOCK)):
        yield "\n".join(block)


class Segment:
    """A segment's file, read where it is needed.

    Args:
        directory: The folder of the index.
        name: The name of the file.
        displaced: Read also a file that was written under another name.

    Raises:
        IndexDamagedError: Here and in every method: the file is not what was written.
        FileNotFoundError: It is not there.
    """

    def __init__(self, directory: Directory, name: str, *, displaced: bool = False) -> None:
        self.name = name
        self.file = SectionFile(directory, name, displaced=displaced)
        self.size = int(self.file["documents"].array("<u8")[0])
        """How many documents were written to it."""
        if (
            len(self.file["digests"]) != self.size * DIGEST_BYTES
        ):  # before memory is taken for them
            raise damage_error(self.file.name, "it does not have as many documents as it says")
        self._lists: dict[str, PostingLists] = {}
        self._strings: dict[str, TermDictionary] = {}
        self._pairs: dict[str, PairDictionary] = {}

    def posting_lists(self, field: str) -> PostingLists:
        """Return the postings lists of a field, such as "body_folded" or "code"."""
        if field not in self._lists:
            self._lists[field] = PostingLists(self.file, field, self.size)
        return self._lists[field]

    def term_dictionary(self, name: str) -> TermDictionary:
        """One of the dictionaries, `TERM_DICTIONARIES`."""
        if name not in self._strings:
            self._strings[name] = TermDictionary(self.file, name)
        return self._strings[name]

    def pair_dictionary(self, field: str) -> PairDictionary:
        """Return the pairs of a field, such as "body_folded_pair"."""
        if field not in self._pairs:
            count = len(self.term_dictionary(term_dictionary_name(field)))
            self._pairs[field] = PairDictionary(self.file, field, count)
        return self._pairs[field]

    def term_number(self, field: str, term: bytes) -> int | None:
        """Return the number of a term among the `lists` of a field, or None."""
        strings = self.term_dictionary(term_dictionary_name(field))
        if not is_pair_field(field):
            return strings.find(term)
        one, space, two = term.partition(b" ")
        first, second = strings.find(one), strings.find(two)
        if not space or first is None or second is None:
            return None
        return self.pair_dictionary(field).find(first, second)

    def terms(self, field: str) -> Iterator[bytes]:
        """Yield the terms of a field that some document has or had, ascending."""
        counts = self.posting_lists(field).counts()
        strings = self.term_dictionary(term_dictionary_name(field)).all()
        if not is_pair_field(field):
            yield from (strings[number] for number in np.flatnonzero(counts).tolist())
            return
        for key in self.pair_dictionary(field).keys().tolist():
            yield b"%b %b" % (strings[key >> 32], strings[key & 0xFFFFFFFF])

    def document_counts(self, field: str, numbers: Int64Array) -> Int64Array:
        """Return how many documents have each of some terms, removed ones included.

        No list is read for it, so that many can be asked about at once.

        Args:
            field: Such as "body_folded".
            numbers: Those of the terms, int64, shape (n,); -1 for what is not there.
        """
        found = np.zeros(len(numbers), np.int64)
        there = np.flatnonzero(numbers >= 0)
        found[there] = self.posting_lists(field).counts_at(numbers[there])
        return found

    def pair_document_counts(
        self, field: str, firsts: Int64Array, seconds: Int64Array
    ) -> Int64Array:
        """Return how many documents have each of some pairs of syllables, as `counts` tells it.

        Args:
            field: Such as "body_folded_pair".
            firsts: The numbers of the first syllables, as `document_counts` takes them.
            seconds: The numbers of the second syllables.
        """
        numbers = np.full(len(firsts), -1, np.int64)
        there = np.flatnonzero((firsts >= 0) & (seconds >= 0))
        if len(there):
            numbers[there] = self.pair_dictionary(field).find_many(
                firsts[there], seconds[there]
            )
        return self.document_counts(field, numbers)

    @cached_property
    def folded_of_marked(self) -> Int32Array:
        """Return the number of the folded form of each marked form."""
        found = self.file["folded_of_marked"].array("<u4").view(np.int32)
        if len(found) and not 0 <= found.min() <= found.max() < len(
            self.term_dictionary("folded")
        ):
            raise damage_error(self.file.name, "a folded form is missing")
        return found

    @cached_property
    def with_marks(self) -> BoolArray:
        """Return which marked syllables have marks, bool, shape (marked syllables,)."""
        count = len(self.folded_of_marked)
        return np.unpackbits(self.file["with_marks"].array(np.uint8), count=count).view(
            np.bool_
        )

    def marked_forms_mask(self, view: str, form: str) -> BoolArray:
        """Return which marked syllables have a form, bool, shape (marked syllables,).

        Args:
            view: "folded" or "marked".
            form: The form in that view.
        """
        found = self.term_dictionary(view).find(form.encode("utf-8", "surrogatepass"))
        if found is None:
            return np.zeros(len(self.folded_of_marked), np.bool_)
        if view == "folded":
            alike: BoolArray = self.folded_of_marked == found
            return alike
        spelled = np.zeros(len(self.folded_of_marked), np.bool_)
        spelled[found] = True
        return spelled

    @cached_property
    def token_streams(self) -> TokenStreams:
        """The marked syllables of title and body of each document by turns."""
        return TokenStreams(self.file, "syllables", 2 * self.size)

    @cached_property
    def landmarks(self) -> LandmarkReader:
        """Return where the sentences of each body begin."""
        return LandmarkReader(self.file, "landmarks", self.size)

    def compression_dictionaries(self) -> CompressionDictionaries:
        """Return the compression dictionaries of the stored texts."""
        return CompressionDictionaries(self._heads.dictionary, self.bodies.dictionary)

    @cached_property
    def bodies(self) -> StoredTexts:
        """The body of each document."""
        return StoredTexts(self.file, "bodies", self.size)

    @cached_property
    def _heads(self) -> StoredTexts:
        return StoredTexts(self.file, "heads", -(-self.size // HEADS_PER_BLOCK))

    def head(self, number: int) -> DocumentHead:
        """Return what is stored of a document except its body."""
        block = self._heads.read(number // HEADS_PER_BLOCK)[0]
        return self._parsed(block.split("\n")[number % HEADS_PER_BLOCK])

    def all_heads(self) -> list[DocumentHead]:
        """Return what is stored of all documents except their bodies."""
        return [self._parsed(head) for head in self.heads()]

    def head_block(self, block: int) -> list[DocumentHead]:
        """Return the heads of the `HEADS_PER_BLOCK` documents that are stored together.

        Args:
            block: The number of the block, which is that of its first document divided by
                `HEADS_PER_BLOCK`.
        """
        heads = [self._parsed(head) for head in self._heads.read(block)[0].split("\n")]
        if len(heads) != min(HEADS_PER_BLOCK, self.size - block * HEADS_PER_BLOCK):
            raise damage_error(self.file.name, "a block has another number of documents")
        return heads

    def _parsed(self, text: str) -> DocumentHead:
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
        """Yield the heads of all documents, as `DocumentHead.to_json` returns them."""
        for block in range(-(-self.size // HEADS_PER_BLOCK)):
            yield from self._heads.read(block)[0].split("\n")

    def digest(self, number: int) -> str:
        """Return the `Document.digest` of a document."""
        place = number * DIGEST_BYTES
        return self.file["digests"].read(place, place + DIGEST_BYTES).hex()

    def digests(self) -> memoryview:
        """Those of all documents, one after the other."""
        return self.file["digests"].read()

    def lengths(self, field: str) -> Int64Array:
        """Return how many syllables a field of each document has, shape (size,)."""
        return np.diff(self.token_streams.starts())[FIELDS.index(field) :: 2]

    def dates(self) -> Int32Array:
        """Return the first and last day that each date may mean, shape (size, 2)."""
        return self.file["dates"].array("<i4").reshape(-1, 2)
