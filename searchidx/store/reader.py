"""One commit of an index, read as arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.document import Document
from searchidx.errors import DocumentError
from searchidx.store.cache import Cache
from searchidx.store.dictionary import Keys
from searchidx.store.directory import Directory
from searchidx.store.fields import ABBREVIATION_KEYS, FIELDS, dictionary_of, is_pair
from searchidx.store.guard import guarded as _guarded
from searchidx.store.lists import ranges, read_together
from searchidx.store.manifest import Manifest
from searchidx.store.phrases import runs, stretches
from searchidx.store.removals import read_removals
from searchidx.store.sections import damaged
from searchidx.store.segment import Head, Segment
from searchidx.store.streams import Landmarks

if TYPE_CHECKING:
    from searchidx.store.contract import ColumnReader
    from searchidx.store.vocabulary import Vocabulary

Documents = npt.NDArray[np.int32]
"""Document numbers: 0 to the number of documents - 1 of one commit, ascending."""

Mask = npt.NDArray[np.bool_]

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


@dataclass(frozen=True, slots=True)
class Keywords:
    """Which documents have which terms of a field of keywords.

    Attributes:
        terms: The terms that some document has, ascending.
        numbers: int32, shape (n,), ascending: of each pair of a term and a document that
            has it, the place of the term among `terms`.
        documents: int32, shape (n,): the document; ascending for each term.
    """

    terms: tuple[str, ...]
    numbers: npt.NDArray[np.int32]
    documents: Documents


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
        self._identities: dict[int, npt.NDArray[np.uint64]] = {}
        self._keywords: dict[str, Keywords] = {}
        self._metadata_keys: frozenset[str] | None = None
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

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The commit's syllables and what stands beside what."""
        from searchidx.store.vocabulary import Vocabulary  # which not every search needs

        return Vocabulary(self.place, self.leaves)

    def leaf(self, number: int) -> tuple[Segment, int]:
        """The segment of a document, and the document's number in it."""
        leaf = self.leaves[self.segment(number)]
        return leaf.segment, number - leaf.base

    def postings(self, field: str, term: str) -> Postings:
        """Where `term` occurs in `field` (such as "body_folded"); empty if nowhere."""
        return self.postings_of([(field, term)])[0]

    @_guarded
    def postings_of(self, wanted: Sequence[tuple[str, str]]) -> list[Postings]:
        """Where terms occur, each given with its field; all at once is quicker."""
        found = {key: self._cache.get(key) for key in wanted}
        missing = [key for key, postings in found.items() if postings is None]
        for key, read in zip(missing, self._read(missing), strict=True):
            found[key] = read
            self._cache.put(key, read)
        return [postings for key in wanted if (postings := found[key]) is not None]

    def _read(self, wanted: Sequence[tuple[str, str]]) -> list[Postings]:
        parts: list[list[Postings]] = [[] for _ in wanted]
        for leaf in self.leaves:
            segment = leaf.segment
            numbers = [
                segment.number(field, term.encode("utf-8", "surrogatepass"))
                for field, term in wanted
            ]
            there = [place for place, number in enumerate(numbers) if number is not None]
            lists = read_together(
                [
                    (segment.lists(wanted[place][0]), number)
                    for place, number in enumerate(numbers)
                    if number is not None
                ]
            )
            for place, (documents, frequencies) in zip(there, lists, strict=True):
                if leaf.live is not None:
                    kept = leaf.live[documents]
                    documents, frequencies = documents[kept], frequencies[kept]
                if leaf.base:
                    documents = documents + np.int32(leaf.base)
                parts[place].append(Postings(documents, frequencies))
        return [_joined(each) for each in parts]

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
    def identities(
        self, segment: int, syllables: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.uint64]:
        """What a syllable's folded form is known by in all segments of the commit.

        Args:
            segment: As `Reader.segment` gives it.
            syllables: As `syllables` gives them, shape (n,).

        Returns:
            uint64, shape (n,): of a single segment its own numbers, of several 64 bits of
            BLAKE2b, for which the forms that were not met before are read.
        """
        own = self.leaves[segment].segment
        folded = own.folded_of_marked[syllables]
        if len(self.leaves) == 1:
            return folded.astype(np.uint64)
        strings = own.strings("folded")
        known = self._identities.setdefault(segment, np.zeros(len(strings), np.uint64))
        met = np.zeros(len(strings), np.bool_)
        met[folded] = True
        for number in np.flatnonzero(met & (known == 0)).tolist():
            digest = hashlib.blake2b(strings[number], digest_size=8).digest()
            known[number] = int.from_bytes(digest, "little") | 1  # 0 is what is not known
        return known[folded]

    @_guarded
    def folded_syllables(
        self, number: int, most: int
    ) -> tuple[list[str], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """The folded syllables of a document, in order.

        Returns:
            The distinct ones; and of the title and of the body, as far as their first `most`
            syllables, the places of each syllable among these: int32, shape (n,).
        """
        segment, _ = self.leaf(number)
        syllables, ends = self.syllables(self.segment(number), [number])
        title, body = syllables[: ends[0]][:most], syllables[ends[0] :][:most]
        folded = segment.folded_of_marked[np.concatenate([title, body])]
        numbers, found = np.unique(folded, return_inverse=True)
        places: npt.NDArray[np.int32] = found.astype(np.int32)
        strings = segment.strings("folded")
        forms = [strings[at].decode() for at in numbers.tolist()]
        return forms, places[: len(title)], places[len(title) :]

    @_guarded
    def counts(self, field: str, forms: Sequence[str]) -> npt.NDArray[np.int64]:
        """In how many documents each of some syllables is, removed ones included.

        No list is read for it, so that many can be asked about at once.

        Args:
            field: Such as "body_folded".
            forms: The syllables.
        """
        total = np.zeros(len(forms), np.int64)
        for leaf in self.leaves:
            numbers = _numbers_of(leaf.segment, field, forms)
            there = np.flatnonzero(numbers >= 0)
            total[there] += leaf.segment.lists(field).counts_at(numbers[there])
        return total

    @_guarded
    def pair_counts(
        self,
        field: str,
        forms: Sequence[str],
        firsts: npt.NDArray[np.int64],
        seconds: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.int64]:
        """In how many documents each of some pairs is, removed ones included.

        Args:
            field: Such as "body_folded_pair".
            forms: The syllables of all pairs.
            firsts, seconds: Of each pair the places of its syllables among `forms`.
        """
        total = np.zeros(len(firsts), np.int64)
        for leaf in self.leaves:
            numbers = _numbers_of(leaf.segment, field, forms)
            there = np.flatnonzero((numbers[firsts] >= 0) & (numbers[seconds] >= 0))
            pairs = leaf.segment.pairs(field)
            found = pairs.find_many(numbers[firsts[there]], numbers[seconds[there]])
            there, found = there[found >= 0], found[found >= 0]
            total[there] += leaf.segment.lists(field).counts_at(found)
        return total

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

        def holds(leaf: Leaf, syllables: Documents, bounds: npt.NDArray[np.int64]) -> Mask:
            masks = [leaf.segment.spellings(view, form) for view, form in terms]
            return runs(syllables, bounds, masks)

        return self._with_texts(field, documents, holds)

    @_guarded
    def near(
        self,
        field: str,
        counts: Mapping[tuple[str, str], int],
        length: int,
        documents: Documents,
    ) -> Documents:
        """Those of `documents` in which syllables stand in one stretch, in any order.

        Args:
            field: "title" or "body".
            counts: Of each syllable the view, "folded" or "marked", and the form, and how
                often the stretch must have it.
            length: How many syllables long the stretch is, or the text, where that is less.
            documents: Numbers, ascending.
        """

        def holds(leaf: Leaf, syllables: Documents, bounds: npt.NDArray[np.int64]) -> Mask:
            masks = [
                (leaf.segment.spellings(view, form), count)
                for (view, form), count in counts.items()
            ]
            return stretches(syllables, bounds, masks, length)

        return self._with_texts(field, documents, holds)

    def _with_texts(
        self,
        field: str,
        documents: Documents,
        holds: Callable[[Leaf, Documents, npt.NDArray[np.int64]], Mask],
    ) -> Documents:
        """Those of `documents` whose syllables of a field, and where each begins, hold."""
        found = [np.zeros(0, np.int32)]
        for leaf in self.leaves:
            first, stop = np.searchsorted(documents, (leaf.base, leaf.base + leaf.segment.size))
            local = documents[first:stop].astype(np.int64) - leaf.base
            if not len(local):
                continue
            texts = len(FIELDS) * local + FIELDS.index(field)
            lengths = leaf.segment.lengths(field)[local]
            for begin, end in ranges(lengths):
                syllables, bounds = leaf.segment.streams.read_many(texts[begin:end])
                kept = np.flatnonzero(holds(leaf, syllables, bounds))
                found.append(documents[first + begin + kept])
        return np.concatenate(found)

    @_guarded
    def following(
        self, segment: int, terms: Sequence[str], documents: Sequence[int], most: int
    ) -> npt.NDArray[np.int32]:
        """What stands behind marked syllables, at each place of some documents where they do.

        Args:
            segment: That of the documents.
            terms: The syllables, side by side.
            documents: Numbers.
            most: How many syllables to give of what follows.

        Returns:
            int32, shape (places, most): numbers as `syllables` gives them, -1 behind the end
            of a text.
        """
        syllables, ends = self.syllables(segment, documents)
        bounds = np.array([0, *ends])
        own = self.leaves[segment].segment
        masks = [own.spellings("marked", form) for form in terms]
        behind, last = _places(syllables, bounds, masks)
        at = behind[:, None] + np.arange(most)
        within = at < last[:, None]
        return np.where(within, syllables[np.where(within, at, 0)], -1).astype(np.int32)

    @_guarded
    def spelled(self, segment: int, numbers: Sequence[int]) -> tuple[str, ...]:
        """The marked syllables of some numbers that `syllables` gives."""
        strings = self.leaves[segment].segment.strings("marked")
        return tuple(strings[number].decode("utf-8", "surrogatepass") for number in numbers)

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
        pairs = []
        for term, postings in self.beginning_with(
            field, f"{ABBREVIATION_KEYS[field](form)}\t"
        ).items():
            _, short, long = term.split("\t")
            pairs.append((short, long, len(postings)))
        return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))

    @_guarded
    def beginning_with(self, field: str, beginning: str) -> dict[str, Postings]:
        """Where each term of a field of keywords occurs that begins with `beginning`.

        The terms ascend; there is none that occurs nowhere.
        """
        found: set[bytes] = set()
        for leaf in self.leaves:
            strings = leaf.segment.strings(field)
            places = strings.beginning_with(beginning.encode("utf-8", "surrogatepass"))
            found.update(strings[at] for at in places)
        every = {term: self.postings(field, term) for term in map(bytes.decode, sorted(found))}
        return {term: postings for term, postings in every.items() if len(postings)}

    @_guarded
    def keywords(self, field: str) -> Keywords:
        """All terms of a field of keywords and the documents that have each.

        It is read when it is first asked for, and kept.
        """
        found = self._keywords.get(field)
        if found is None:
            found = self._keywords[field] = self._read_keywords(field)
        return found

    def _read_keywords(self, field: str) -> Keywords:
        strings = [leaf.segment.strings(field).all() for leaf in self.leaves]
        numbers: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)]
        documents: list[Documents] = [np.zeros(0, np.int32)]
        union = sorted(set().union(*strings))
        places = {string: place for place, string in enumerate(union)}
        for leaf, of_leaf in zip(self.leaves, strings, strict=True):
            mapped = np.array([places[string] for string in of_leaf], np.int64)
            lists = leaf.segment.lists(field)
            for first, stop in ranges(lists.counts()):
                counts, found, _ = lists.read_range(first, stop)
                owners = np.repeat(mapped[first:stop], counts)
                if leaf.live is not None:
                    kept = leaf.live[found]
                    owners, found = owners[kept], found[kept]
                numbers.append(owners)
                documents.append(found + np.int32(leaf.base))
        joined = np.concatenate(numbers)
        order = np.argsort(joined, kind="stable")  # segments, and so documents, ascend
        occurring, joined = np.unique(joined[order], return_inverse=True)
        keywords = Keywords(
            tuple(union[place].decode() for place in occurring.tolist()),
            joined.astype(np.int32),
            np.concatenate(documents)[order],
        )
        keywords.numbers.flags.writeable = keywords.documents.flags.writeable = False
        return keywords

    @_guarded
    def metadata_keys(self) -> frozenset[str]:
        """The keys under which documents have metadata, as `fields.metadata_key` gives them."""
        if self._metadata_keys is None:
            found: set[str] = set()
            for leaf in self.leaves:
                strings = leaf.segment.strings("metadata")
                occurs = leaf.segment.lists("metadata").occurring(leaf.live)
                place = 0
                while place < len(strings):
                    key = strings[place].partition(b"\t")[0]
                    following = strings.place(key + b"\n")  # which comes just after a tab
                    if occurs[place:following].any():
                        found.add(key.decode())
                    place = max(following, place + 1)
            self._metadata_keys = frozenset(found)
        return self._metadata_keys

    @_guarded
    def terms_beginning(self, view: str, beginning: str) -> dict[str, int]:
        """The syllables whose folded form begins in one way, and how frequent each is.

        Args:
            view: "folded" or "marked": in which form they are given.
            beginning: What the folded forms begin with.

        Returns:
            Of each its document frequencies in title and body together, removed documents
            included.
        """
        found: dict[str, int] = {}
        for leaf in self.leaves:
            segment = leaf.segment
            span = segment.strings("folded").beginning_with(beginning.encode())
            numbers = np.arange(span.start, span.stop)
            if view == "marked":
                folded = segment.folded_of_marked
                numbers = np.flatnonzero((folded >= span.start) & (folded < span.stop))
            strings = segment.strings(view)
            frequencies = np.zeros(len(numbers), np.int64)
            for field in FIELDS:
                frequencies += segment.lists(f"{field}_{view}").counts()[numbers]
            for number, count in zip(numbers.tolist(), frequencies.tolist(), strict=True):
                term = strings[number].decode()
                found[term] = found.get(term, 0) + count
        return found

    @_guarded
    def term_count(self, field: str) -> int:
        """How many distinct terms `field` has, those of removed documents included."""
        if len(self.leaves) == 1:
            return int((self.leaves[0].segment.lists(field).counts() > 0).sum())
        return len({term for leaf in self.leaves for term in terms(leaf.segment, field)})


def _joined(parts: Sequence[Postings]) -> Postings:
    """The postings of one term, from one segment after the other."""
    if not parts:
        return _NONE
    found = parts[0]
    if len(parts) > 1:
        found = Postings(
            np.concatenate([part.documents for part in parts]),
            np.concatenate([part.frequencies for part in parts]),
        )
    found.documents.flags.writeable = found.frequencies.flags.writeable = False
    return found


def _numbers_of(segment: Segment, field: str, forms: Sequence[str]) -> npt.NDArray[np.int64]:
    """The numbers of strings in the dictionary of a field; -1 where one is not there."""
    strings = segment.strings(dictionary_of(field))
    found = (strings.find(form.encode("utf-8", "surrogatepass")) for form in forms)
    return np.array([-1 if number is None else number for number in found], np.int64)


def _places(
    syllables: npt.NDArray[np.int32],
    bounds: npt.NDArray[np.int64],
    masks: Sequence[npt.NDArray[np.bool_]],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where one syllable of each mask in a row ends within a text, and where that text ends."""
    count = max(len(syllables) - len(masks) + 1, 0)
    places = np.flatnonzero(masks[0][syllables[:count]])
    for distance, mask in enumerate(masks[1:], 1):
        places = places[mask[syllables[places + distance]]]
    ends = bounds[np.searchsorted(bounds, places, "right")]
    behind = places + len(masks)
    kept = behind <= ends
    return behind[kept], ends[kept]


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
