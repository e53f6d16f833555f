"""One commit of an index, read as arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

from searchidx.document import Document
from searchidx.errors import DocumentError, SearchidxError
from searchidx.store.cache import Cache
from searchidx.store.dictionary import Keys
from searchidx.store.directory import Directory
from searchidx.store.fields import ABBREVIATION_KEYS, FIELDS, dictionary_of, is_pair
from searchidx.store.lists import ranges
from searchidx.store.manifest import Manifest
from searchidx.store.removals import read_removals
from searchidx.store.sections import damaged
from searchidx.store.segment import Head, Segment
from searchidx.store.streams import Landmarks

if TYPE_CHECKING:
    from searchidx.store.contract import ColumnReader

Documents = npt.NDArray[np.int32]
"""Document numbers: 0 to the number of documents - 1 of one commit, ascending."""

_CACHE_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Postings:
    """Where a term occurs.

    Attributes:
        documents: int32, shape (n,), ascending.
        frequencies: int32, shape (n,), how often it occurs in each.
    """

    documents: Documents
    frequencies: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.documents)


_NONE: Final = Postings(np.empty(0, np.int32), np.empty(0, np.int32))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A segment of a commit.

    Attributes:
        segment: The segment.
        base: The number of its first document.
        live: bool, shape (segment.size,): which documents are still there; None if all.
    """

    segment: Segment
    base: int
    live: npt.NDArray[np.bool_] | None


_P = ParamSpec("_P")
_T = TypeVar("_T")


def _guarded(
    method: Callable[Concatenate[Reader, _P], _T],
) -> Callable[Concatenate[Reader, _P], _T]:
    """Makes one error of whatever bytes with a right checksum and no sense lead to."""

    @functools.wraps(method)
    def guarded(self: Reader, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return method(self, *args, **kwargs)
        except SearchidxError:
            raise
        except Exception as error:
            raise damaged(self.place, f"{type(error).__name__}: {error}") from error

    return guarded


class Reader:
    """One commit, whole, for as long as this object lives.

    May be used from many threads at once, and after a fork: it reads files that are never
    written to again, and what it remembers is only ever added to.
    """

    def __init__(self, directory: Directory, manifest: Manifest) -> None:
        self.place = str(directory.path)
        self.manifest = manifest
        self._cache: Cache[tuple[str, str], Postings] = Cache(_CACHE_BYTES, _weight)
        self._columns: dict[str, npt.NDArray[np.int32]] = {}
        self.leaves: list[Leaf] = []
        """The segments, in the order of their documents."""
        self.size = 0
        """One more than the highest document number."""
        live = []
        for entry in manifest.segments:
            segment = Segment(directory, entry.name)
            if segment.size != entry.size:
                raise damaged(segment.file.name, "it holds another number of documents")
            kept = np.ones(segment.size, np.bool_)
            if entry.removals:
                kept = ~read_removals(directory, entry.removals, entry.name, segment.size)
            if segment.size - int(kept.sum()) != entry.removed:
                raise damaged(segment.file.name, "another number of documents was removed")
            self.leaves.append(Leaf(segment, self.size, kept if entry.removed else None))
            self.size += segment.size
            live.append(kept)
        self.live = np.concatenate([*live, np.zeros(0, np.bool_)])
        """bool, shape (size,): False where a document was removed."""
        self.live.flags.writeable = False
        self.document_count = sum(entry.size - entry.removed for entry in manifest.segments)
        """How many documents the commit holds."""

    @property
    def whoosh(self) -> ColumnReader:
        """The same commit for Whoosh's searchers, queries and matchers.

        A new object each time, for a searcher closes the one that it is given.
        """
        from searchidx.store.contract import ColumnReader  # Whoosh takes time to import

        return ColumnReader(self)

    def leaf(self, number: int) -> tuple[Segment, int]:
        """The segment of a document, and the document's number in it."""
        leaf = self.leaves[self.segment(number)]
        return leaf.segment, number - leaf.base

    @_guarded
    def postings(self, field: str, term: str) -> Postings:
        """Where `term` occurs in `field` (such as "body_folded"); empty if nowhere."""
        key = (field, term)
        found = self._cache.get(key)
        if found is None:
            found = self._read_postings(field, term.encode("utf-8", "surrogatepass"))
            self._cache.put(key, found)
        return found

    def _read_postings(self, field: str, term: bytes) -> Postings:
        documents: list[Documents] = []
        frequencies: list[npt.NDArray[np.int32]] = []
        for leaf in self.leaves:
            number = leaf.segment.number(field, term)
            if number is None:
                continue
            numbers, counts = leaf.segment.lists(field).read(number)
            if leaf.live is not None:
                kept = leaf.live[numbers]
                numbers, counts = numbers[kept], counts[kept]
            documents.append(numbers + np.int32(leaf.base) if leaf.base else numbers)
            frequencies.append(counts)
        if not documents:
            return _NONE
        if len(documents) == 1:
            found = Postings(documents[0], frequencies[0])
        else:
            found = Postings(np.concatenate(documents), np.concatenate(frequencies))
        found.documents.flags.writeable = found.frequencies.flags.writeable = False
        return found

    @_guarded
    def lengths(self, field: str) -> npt.NDArray[np.int32]:
        """How many syllables "title" or "body" has in each document: int32, shape (size,)."""
        return self._column(field, lambda segment: segment.lengths(field))

    @_guarded
    def dates(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """The first and last day that each document's date may mean.

        Two arrays, int32, shape (size,), of `datetime.date.toordinal`; 0 where no date,
        or no year, is known.
        """
        first = self._column("first day", lambda segment: segment.dates()[:, 0])
        last = self._column("last day", lambda segment: segment.dates()[:, 1])
        return first, last

    def _column(
        self, name: str, of: Callable[[Segment], npt.NDArray[Any]]
    ) -> npt.NDArray[np.int32]:
        column = self._columns.get(name)
        if column is None:
            column = np.zeros(self.size, np.int32)
            for leaf in self.leaves:
                column[leaf.base : leaf.base + leaf.segment.size] = of(leaf.segment)
            column.flags.writeable = False
            self._columns[name] = column
        return column

    @_guarded
    def head(self, number: int) -> Head:
        """What is stored of a document but for its body."""
        segment, local = self.leaf(number)
        return segment.head(local)

    @_guarded
    def body(self, number: int, start: int = 0, stop: int | None = None) -> tuple[str, int]:
        """A part of a document's body that holds the code points from `start` to `stop`.

        Returns:
            The part, and where it begins.
        """
        segment, local = self.leaf(number)
        return segment.bodies.read(local, start, stop)

    def segment(self, number: int) -> int:
        """Which of the commit's segments a document is in, counted from 0."""
        place = len(self.leaves) - 1
        while self.leaves[place].base > number:
            place -= 1
        return place

    @_guarded
    def syllables(
        self, segment: int, documents: Sequence[int]
    ) -> tuple[npt.NDArray[np.int32], list[int]]:
        """The syllables of title and body of documents of one segment.

        Returns:
            Numbers that mean the same in all documents of the segment, int32, shape (n,);
            and where each text of them ends: the first title, the first body, and so on.
        """
        leaf = self.leaves[segment]
        count = len(FIELDS)
        runs = [(count * (n - leaf.base), count * (n - leaf.base + 1)) for n in documents]
        return leaf.segment.streams.read_some(runs)

    @_guarded
    def folded_numbers(self, segment: int) -> npt.NDArray[np.int32]:
        """The number of each syllable's folded form in a segment: int32, shape (syllables,)."""
        return self.leaves[segment].segment.folded_of_marked

    @_guarded
    def form_count(self, segment: int, view: str) -> int:
        """How many forms a segment has, "folded" or "marked"."""
        return len(self.leaves[segment].segment.strings(view))

    @_guarded
    def form_number(self, segment: int, view: str, form: str) -> int | None:
        """The number of a form in a segment, "folded" or "marked"; None if it has none.

        That of a marked form is the number of its syllable.
        """
        text = form.encode("utf-8", "surrogatepass")
        return self.leaves[segment].segment.strings(view).find(text)

    @_guarded
    def with_marks(self, segment: int) -> npt.NDArray[np.bool_]:
        """Which syllables of a segment have marks: bool, shape (syllables,)."""
        return self.leaves[segment].segment.with_marks

    @_guarded
    def landmarks(self, segment: int, documents: Sequence[int]) -> tuple[Landmarks, list[int]]:
        """Where sentences begin in the bodies of documents of one segment.

        Returns:
            The landmarks of all, body after body, and where those of each begin, with one
            number more than there are documents.
        """
        leaf = self.leaves[segment]
        return leaf.segment.landmarks.read([number - leaf.base for number in documents])

    def document(self, number: int) -> Document:
        """The document of that number, as it was added."""
        head = self.head(number)
        try:
            return head.document(self.body(number)[0])
        except DocumentError as error:  # it could not have been added
            raise damaged(self.place, str(error)) from error

    @_guarded
    def identity(self, number: int) -> tuple[str, str]:
        """The id and the `Document.digest` of the document of that number."""
        segment, local = self.leaf(number)
        return segment.head(local).id, segment.digest(local)

    def source(self, number: int) -> str | None:
        """The file that the document of that number came from, if it is kept up with it."""
        return self.head(number).source

    def number(self, id_: str) -> int | None:
        """The number of the document with that id, or None."""
        found = self.postings("id", id_).documents
        return int(found[0]) if len(found) else None

    def from_source(self, path: str) -> Documents:
        """The numbers of the documents that came from the file at `path`."""
        return self.postings("source", path).documents

    @_guarded
    def side_by_side(
        self, field: str, terms: Sequence[tuple[str, str]], documents: Documents
    ) -> Documents:
        """Those of `documents` in which syllables stand side by side.

        Args:
            field: "title" or "body".
            terms: Of each syllable the view, "folded" or "marked", and the form.
            documents: Numbers, ascending.
        """
        found = [np.zeros(0, np.int32)]
        for leaf in self.leaves:
            first, stop = np.searchsorted(documents, (leaf.base, leaf.base + leaf.segment.size))
            local = documents[first:stop].astype(np.int64) - leaf.base
            if not len(local):
                continue
            masks = [leaf.segment.spellings(view, form) for view, form in terms]
            texts = len(FIELDS) * local + FIELDS.index(field)
            lengths = leaf.segment.lengths(field)[local]
            for begin, end in ranges(lengths):
                syllables, bounds = leaf.segment.streams.read_many(texts[begin:end])
                holds = _runs(syllables, bounds, masks)
                found.append(documents[first + begin + np.flatnonzero(holds)])
        return np.concatenate(found)

    @_guarded
    def positions(self, field: str, term: str, documents: Documents) -> list[list[int]]:
        """The positions of a syllable in each of `documents`, ascending.

        Args:
            field: Such as "body_folded" or "title_marked".
            term: The syllable.
            documents: Numbers, ascending.
        """
        name, _, view = field.partition("_")
        found: list[list[int]] = []
        for number in documents.tolist():
            segment, local = self.leaf(number)
            text = len(FIELDS) * local + FIELDS.index(name)
            spelled = segment.spellings(view, term)[segment.streams.read(text, text + 1)]
            found.append(np.flatnonzero(spelled).tolist())
        return found

    @_guarded
    def abbreviations(self, field: str, form: str) -> list[tuple[str, str, int]]:
        """The abbreviations that documents introduce for a form, the most common first.

        Args:
            field: "short_form" or "long_form": what `form` is.
            form: As it was typed, with marks or without.

        Returns:
            Short form, long form, and how many documents introduce the two together.
        """
        beginning = f"{ABBREVIATION_KEYS[field](form)}\t".encode()
        found: set[str] = set()
        for leaf in self.leaves:
            strings = leaf.segment.strings(field)
            found.update(strings[at].decode() for at in strings.beginning_with(beginning))
        pairs = []
        for term in found:
            _, short, long = term.split("\t")
            pairs.append((short, long, len(self.postings(field, term))))
        return sorted(
            (pair for pair in pairs if pair[2]), key=lambda pair: (-pair[2], pair[0], pair[1])
        )

    @_guarded
    def term_count(self, field: str) -> int:
        """How many distinct terms `field` has, those of removed documents included."""
        if len(self.leaves) == 1:
            return int((self.leaves[0].segment.lists(field).counts() > 0).sum())
        return len({term for leaf in self.leaves for term in terms(leaf.segment, field)})


def _runs(
    syllables: npt.NDArray[np.int32],
    bounds: npt.NDArray[np.int64],
    masks: Sequence[npt.NDArray[np.bool_]],
) -> npt.NDArray[np.bool_]:
    """Whether each text has somewhere one syllable of each mask in a row."""
    count = len(syllables) - len(masks) + 1
    if count < 1:
        return np.zeros(len(bounds) - 1, np.bool_)
    places = np.flatnonzero(masks[0][syllables[:count]])
    for distance, mask in enumerate(masks[1:], 1):
        places = places[mask[syllables[places + distance]]]
    owners = np.searchsorted(bounds, places, "right") - 1
    holds = np.zeros(len(bounds) - 1, np.bool_)
    holds[owners[places + len(masks) <= bounds[owners + 1]]] = True
    return holds


def terms(segment: Segment, field: str) -> Iterator[bytes]:
    """The terms of a field that some document has or had, ascending."""
    counts = segment.lists(field).counts()
    strings = segment.strings(dictionary_of(field)).all()
    if not is_pair(field):
        yield from (strings[number] for number in np.flatnonzero(counts).tolist())
        return
    keys: Keys = segment.pairs(field).keys()
    for key in keys.tolist():
        yield b"%b %b" % (strings[key >> 32], strings[key & 0xFFFFFFFF])


def _weight(postings: Postings) -> int:
    """The bytes that a cached entry is counted as."""
    return postings.documents.nbytes + postings.frequencies.nbytes + 300
