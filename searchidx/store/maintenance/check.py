"""Whether an index is what was written, and agrees with itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from searchidx.arrays import BoolArray, Int64Array
from searchidx.errors import IndexDamagedError
from searchidx.language.syllable_forms import has_marks
from searchidx.store.codec.posting_lists import chunk_by_size, exclusive_cumsum
from searchidx.store.files.deletions import read_deletions
from searchidx.store.files.directory import Directory
from searchidx.store.files.manifest import (
    MANIFEST_FILE,
    Manifest,
    SegmentEntry,
    list_index_files,
    read_manifest,
)
from searchidx.store.files.sections import SectionFile, damage_error
from searchidx.store.schema import (
    FIELDS,
    KEYWORDS,
    VIEWS,
    is_pair_field,
    metadata_terms,
    term_dictionary_name,
)
from searchidx.store.segment.builder import date_bounds, invert_postings
from searchidx.store.segment.segment import TERM_DICTIONARIES, Segment
from searchidx.store.store import read_metadata

_ATTEMPTS: Final = 50
_ALL_FIELDS: Final = (*(f"{field}_{view}" for field in FIELDS for view in VIEWS), *KEYWORDS)
_FACTORS: Final = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64
)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CheckProblem:
    """Something that is wrong with an index.

    Attributes:
        file: The path of the file.
        what: What is wrong with it.
    """

    file: str
    what: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found.

    Attributes:
        documents: How many documents the index says that it holds.
        files: How many files were read.
        bytes: How many bytes these are.
        problems: What is wrong; empty if nothing is.
    """

    documents: int
    files: int
    bytes: int
    problems: tuple[CheckProblem, ...]


def check_index(folder: Path, *, directory: Directory | None = None) -> CheckReport:
    """Reads every byte of the latest commit and compares all that is kept twice.

    The words that documents were cut into are compared with the words that find them, not
    with the text itself: for this it would have to be analysed anew.

    Args:
        folder: The folder of an index.
        directory: How its files are touched, if not in the usual way.

    Raises:
        IndexNotFoundError: There is no index.
        IndexFormatError: It has another format.
        IndexReadError: The system refused to read it.
    """
    directory = directory or Directory(folder)
    for _ in range(_ATTEMPTS):
        problems = []
        try:
            manifest: Manifest | None = read_manifest(directory)
        except IndexDamagedError as error:
            manifest = None
            problems.append(problem(directory, MANIFEST_FILE, error))
        commit = _Commit(directory, manifest or stray_segments(directory))
        # What was opened stays readable whatever a writer removes meanwhile.
        if not commit.missing or manifest == _manifest(directory):
            break
    problems += commit.check()
    return CheckReport(
        documents=sum(entry.size - entry.deleted_count for entry in commit.manifest.segments),
        files=len(commit.manifest.files()) + 1,
        bytes=sum(segment.file.size for segment in commit.segments.values()),
        problems=tuple(problems),
    )


def _manifest(directory: Directory) -> Manifest | None:
    try:
        return read_manifest(directory)
    except IndexDamagedError:
        return None


def oldest_first(directory: Directory, kind: str) -> list[str]:
    """The files of a kind in the folder, the oldest first."""
    paths = [directory.path / name for name in list_index_files(directory, kind)]
    paths.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
    return [path.name for path in paths]


def stray_segments(directory: Directory) -> Manifest:
    """What a commit of all segments in the folder would be, the oldest file first."""
    entries = []
    for name in oldest_first(directory, "segment"):
        try:
            size = Segment(directory, name).size
        except (IndexDamagedError, FileNotFoundError):
            size = 0
        entries.append(SegmentEntry(name, size))
    return Manifest(segments=tuple(entries))


def problem(directory: Directory, name: str, error: Exception) -> CheckProblem:
    """The problem that an error tells of."""
    if isinstance(error, FileNotFoundError):
        return CheckProblem(str(directory.path / name), "it is missing")
    if isinstance(error, IndexDamagedError) and error.what is not None:
        return CheckProblem(str(directory.path / name), error.what)
    return CheckProblem(str(directory.path / name), f"{type(error).__name__}: {error}")


class _Commit:
    """The files of a commit, opened."""

    def __init__(self, directory: Directory, manifest: Manifest) -> None:
        self.manifest = manifest
        self.segments: dict[str, Segment] = {}
        self.missing = False
        self._directory = directory
        self._problems: list[CheckProblem] = []
        self._live: dict[str, BoolArray] = {}
        for entry in manifest.segments:
            opened = self._opened(entry.name, lambda name: Segment(directory, name))
            if opened is None:
                continue
            self.segments[entry.name] = opened
            if entry.deletions is not None:
                self._opened(entry.deletions, self._reads_removals(entry, opened.size))
        if manifest.metadata is not None:
            self._opened(manifest.metadata, self._read_metadata)

    def _opened(self, name: str, open_: Callable[[str], _T]) -> _T | None:
        try:
            return open_(name)
        except Exception as error:
            self.missing |= isinstance(error, FileNotFoundError)
            self._problems.append(problem(self._directory, name, error))
            return None

    def _reads_removals(self, entry: SegmentEntry, size: int) -> Callable[[str], None]:
        def read(name: str) -> None:
            SectionFile(self._directory, name).check()
            removed = read_deletions(self._directory, name, entry.name, size)
            self._live[entry.name] = ~removed
            if int(removed.sum()) != entry.deleted_count:
                raise damage_error(name, "it does not tell as many documents as the manifest")

        return read

    def _read_metadata(self, name: str) -> None:
        SectionFile(self._directory, name).check()
        read_metadata(self._directory, name)

    def check(self) -> list[CheckProblem]:
        """What is wrong with the files and with what they say of each other."""
        problems = self._problems
        owners: dict[str, str] = {}
        for entry in self.manifest.segments:
            segment = self.segments.get(entry.name)
            if segment is None:
                continue
            if segment.size != entry.size:
                what = f"it holds {segment.size:,} documents, and should hold {entry.size:,}"
                problems.append(CheckProblem(segment.file.name, what))
            found = list(check_segment(segment))
            problems += [CheckProblem(segment.file.name, what) for what in found]
            if found:
                continue
            live = self._live.get(entry.name, np.ones(segment.size, np.bool_))
            ids = [head.id for head in segment.all_heads()]
            for number in np.flatnonzero(live).tolist():
                id_ = ids[number]
                if id_ in owners and self.manifest.generation:
                    what = f"the document {id_!r} is in {owners[id_]} as well"
                    problems.append(CheckProblem(segment.file.name, what))
                owners[id_] = entry.name
        return problems


def check_segment(segment: Segment) -> Iterator[str]:
    """What is wrong with a segment; nothing is compared in one whose bytes are not right."""
    try:
        segment.file.check()
    except IndexDamagedError as error:
        yield error.what or str(error)
        return
    steps = (_check_dictionaries, _check_lists, _check_stored, _check_keywords, _check_streams)
    for step in steps:
        try:
            yield from step(segment)
        except Exception as error:
            yield getattr(error, "what", None) or f"{type(error).__name__}: {error}"
            return  # what follows builds on this


def _check_dictionaries(segment: Segment) -> Iterator[str]:
    for name in TERM_DICTIONARIES:
        try:
            segment.term_dictionary(name).check()
        except ValueError as error:
            yield f"the dictionary of {name}: {error}"
    if len(segment.folded_of_marked) != len(segment.term_dictionary("marked")):
        yield "not every marked syllable has a folded form"
    with_marks = [
        has_marks(string.decode()) for string in segment.term_dictionary("marked").all()
    ]
    if segment.with_marks.tolist() != with_marks:
        yield "it says of a syllable with marks that it has none, or the other way round"


def _check_lists(segment: Segment) -> Iterator[str]:
    for field in _ALL_FIELDS:
        lists = segment.posting_lists(field)
        terms = len(segment.term_dictionary(term_dictionary_name(field)))
        try:
            if is_pair_field(field):
                segment.pair_dictionary(field).check()
                terms = len(segment.pair_dictionary(field))
            lists.check()
            for first, stop in chunk_by_size(lists.counts()):
                counts, documents, frequencies = lists.read_range(first, stop)
                inner = np.ones(len(documents), np.bool_)
                inner[exclusive_cumsum(counts)[counts > 0]] = False
                if (np.diff(documents)[inner[1:]] <= 0).any() or (frequencies < 1).any():
                    yield f"the lists of {field} do not ascend"
        except ValueError as error:
            yield f"the lists of {field}: {error}"
        if len(lists) != terms:
            yield f"{field} has {len(lists):,} lists for {terms:,} terms"


def _check_stored(segment: Segment) -> Iterator[str]:
    dates = segment.dates()
    if dates.shape != (segment.size, 2):
        yield "it has not a date for each document"
        return
    lengths = segment.lengths("body")
    heads = segment.all_heads()
    if len(heads) != segment.size:
        yield "it has not a head for each document"
        return
    for number, head in enumerate(heads):
        document = head.document(segment.bodies.read(number)[0])
        if document.digest() != segment.digest(number):
            yield f"the document {head.id!r} has another fingerprint"
        if date_bounds(document) != tuple(dates[number].tolist()):
            yield f"the document {head.id!r} has another date"
        marks, _ = segment.landmarks.read([number])
        ends = (int(lengths[number]), len(document.body))
        for places, end in zip((marks.syllables, marks.offsets), ends, strict=True):
            if not len(places) or places[0] < 0 or places[-1] != end or _falls(places):
                yield f"the sentences of {head.id!r} lie outside of it"
                break


def _falls(places: Int64Array) -> bool:
    return bool((np.diff(places) <= 0).any())


def _check_keywords(segment: Segment) -> Iterator[str]:
    heads = segment.all_heads()
    for field, values in (
        ("id", [[head.id] for head in heads]),
        ("source", [[head.source] for head in heads]),
        ("path", [[head.path] for head in heads]),
        ("metadata", [metadata_terms(head.metadata) for head in heads]),
    ):
        expected = [sorted(value for value in each if value is not None) for each in values]
        found: list[list[str]] = [[] for _ in range(segment.size)]
        for number, string in enumerate(segment.term_dictionary(field).all()):
            for document in segment.posting_lists(field).read(number)[0].tolist():
                found[document].append(string.decode())
        if found != expected:
            yield f"documents are not found by their {field}"


def _check_streams(segment: Segment) -> Iterator[str]:
    """Whether the streams and the lists of syllables and pairs say the same.

    They are compared by sums of hashes of all (term, document, frequency): in any order,
    and in little memory.
    """
    folded = segment.folded_of_marked.astype(np.int64)
    terms = {"marked": len(folded), "folded": len(segment.term_dictionary("folded"))}
    expected: dict[str, int] = {}
    bounds = segment.token_streams.starts()
    for first, stop in chunk_by_size(np.diff(bounds), len(FIELDS)):
        marked = segment.token_streams.read(first, stop).astype(np.int64)
        lengths = np.diff(bounds[first : stop + 1])
        texts = np.repeat(np.arange(first, stop, dtype=np.int32), lengths)
        together = np.flatnonzero(texts[1:] == texts[:-1])
        views: dict[str, Int64Array] = {"marked": marked, "folded": folded[marked]}
        for view, ids in views.items():
            pairs = ids[together] * terms[view] + ids[together + 1]
            for place, field in enumerate(FIELDS):
                for name, keys, owners in (
                    (f"{field}_{view}", ids, texts),
                    (f"{field}_{view}_pair", pairs, texts[together]),
                ):
                    of_field = owners % len(FIELDS) == place
                    found = invert_postings(
                        keys[of_field], owners[of_field] // len(FIELDS), segment.size
                    )
                    expected[name] = expected.get(name, 0) + _hashed(*found)
    for name, of_texts in expected.items():
        lists = segment.posting_lists(name)
        numbers = np.arange(len(lists), dtype=np.int64)
        if is_pair_field(name):
            keys = segment.pair_dictionary(name).keys()
            numbers = (keys >> 32) * terms[term_dictionary_name(name)] + (keys & 0xFFFFFFFF)
        of_lists = 0
        for first, stop in chunk_by_size(lists.counts()):
            counts, documents, frequencies = lists.read_range(first, stop)
            owners = np.repeat(numbers[first:stop], counts)
            of_lists += _hashed(owners, documents, frequencies)
        if (of_texts - of_lists) % (1 << 64):
            yield f"the lists of {name} and the texts do not agree"


def _hashed(
    terms: npt.NDArray[Any], documents: npt.NDArray[Any], frequencies: npt.NDArray[Any]
) -> int:
    """A sum over postings that does not depend on their order."""
    mixed = np.zeros(len(terms), np.uint64)
    for values, factor in zip((terms, documents, frequencies), _FACTORS, strict=True):
        mixed = (mixed ^ (values.astype(np.uint64) + np.uint64(1))) * factor
        mixed ^= mixed >> np.uint64(29)
    return int(mixed.sum(dtype=np.uint64))
