"""Check that an index is what was written, and that its parts agree with each other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from searchidx.arrays import BoolArray, Int64Array
from searchidx.errors import IndexDamagedError, IndexNotFoundError, SearchidxError
from searchidx.language.syllable_forms import has_marks
from searchidx.store.codec.ranges import chunk_by_size, exclusive_cumsum
from searchidx.store.files.commit_metadata import read_metadata
from searchidx.store.files.deletions import read_deletions
from searchidx.store.files.directory import Directory
from searchidx.store.files.manifest import (
    MANIFEST_FILE,
    Manifest,
    SegmentEntry,
    generation_problem,
    list_index_files,
    read_manifest,
)
from searchidx.store.files.refusal import read_error
from searchidx.store.files.sections import SectionFile, damage_error
from searchidx.store.schema import (
    FIELDS,
    KEYWORDS,
    VIEWS,
    is_pair_field,
    metadata_terms,
    term_dictionary_name,
)
from searchidx.store.segment.inversion import invert_postings
from searchidx.store.segment.pending_document import date_bounds
from searchidx.store.segment.segment import TERM_DICTIONARIES, Segment

_MAX_ATTEMPTS: Final = 50
"""How often to start again when a writer replaces the commit that is being checked."""
_ALL_FIELDS: Final = (*(f"{field}_{view}" for field in FIELDS for view in VIEWS), *KEYWORDS)
# Odd 64-bit multipliers that mix the bits of a hash, one for each part of a posting.
_HASH_FACTORS: Final = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64
)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CheckProblem:
    """A defect that a check found in a file of an index.

    Attributes:
        file: The path of the file.
        what: A description of the defect.
    """

    file: str
    what: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of a check.

    Attributes:
        documents: The number of documents that the index claims to hold.
        files: The number of files that were read.
        bytes: The size of these files.
        problems: The defects; empty for a whole index.
    """

    documents: int
    files: int
    bytes: int
    problems: tuple[CheckProblem, ...]


Validate = Callable[[dict[str, Any]], object]
"""Raise ValueError if the metadata of a commit is not as it must be."""


def check_index(
    folder: Path,
    *,
    directory: Directory | None = None,
    validate: Validate = lambda metadata: None,
) -> CheckReport:
    """Read every byte of the latest commit and compare all data that is stored twice.

    The check compares the postings with the stored tokens.  It does not compare the tokens
    with the text, because it would have to analyze the text again.

    Args:
        folder: The folder of an index.
        directory: The file operations to use; None for those of the system.
        validate: Raises ValueError if the metadata of a commit is not as it must be.

    Raises:
        IndexNotFoundError: The folder has no index.
        IndexFormatError: The index has another format.
        IndexReadError: The system refused to read the index.
    """
    directory = directory or Directory(folder)
    try:
        for _ in range(_MAX_ATTEMPTS):
            try:
                with directory.pinned() as pinned:
                    manifest, commit, problems = _open_commit(pinned, validate)
            except (IndexNotFoundError, FileNotFoundError, NotADirectoryError):
                read_manifest(directory)  # raises the error unless there is another index now
                continue
            # Open files stay readable when a writer removes them.
            if not commit.missing or manifest == _manifest(directory):
                break
        problems += commit.check()
    except SearchidxError:
        raise
    except OSError as error:  # a refusal is no damage
        raise read_error(folder, error) from error
    return CheckReport(
        documents=sum(entry.size - entry.deleted_count for entry in commit.manifest.segments),
        files=len(commit.manifest.files()) + 1,
        bytes=sum(segment.file.size for segment in commit.segments.values()),
        problems=tuple(problems),
    )


def _open_commit(
    directory: Directory, validate: Validate
) -> tuple[Manifest | None, _CommitFiles, list[CheckProblem]]:
    """Open the files of the latest commit.

    Returns:
        The manifest or None if it is damaged, the files, and the defects of the manifest.
    """
    problems = []
    try:
        manifest: Manifest | None = read_manifest(directory)
    except IndexDamagedError as error:
        manifest = None
        problems.append(problem_of_error(directory, MANIFEST_FILE, error))
    what = generation_problem(manifest) if manifest else None
    if what is not None:
        problems.append(CheckProblem(str(directory.path / MANIFEST_FILE), what))
    commit = _CommitFiles(directory, manifest or manifest_of_all_segments(directory), validate)
    return manifest, commit, problems


def _manifest(directory: Directory) -> Manifest | None:
    """Return the manifest, or None if it is damaged."""
    try:
        return read_manifest(directory)
    except IndexDamagedError:
        return None


def oldest_first(directory: Directory, kind: str) -> list[str]:
    """Return the names of the index files of one kind, the oldest file first.

    The commit that a file was written for decides, then its time.
    """
    ages = {}
    for name in list_index_files(directory, kind):
        with contextlib.suppress(FileNotFoundError):
            origin = None
            with contextlib.suppress(IndexDamagedError):
                origin = SectionFile(directory, name, displaced=True).origin
            commit = origin.commit if origin else 0
            ages[name] = (commit, directory.status(name).st_mtime_ns, name)
    return sorted(ages, key=ages.__getitem__)


def manifest_of_all_segments(directory: Directory) -> Manifest:
    """Return a manifest of all segments in the folder, the oldest file first."""
    entries = []
    for name in oldest_first(directory, "segment"):
        try:
            size = Segment(directory, name).size
        except (IndexDamagedError, FileNotFoundError):
            size = 0
        entries.append(SegmentEntry(name, size))
    return Manifest(segments=tuple(entries))


def problem_of_error(directory: Directory, name: str, error: Exception) -> CheckProblem:
    """Return the problem that an error describes."""
    if isinstance(error, FileNotFoundError):
        return CheckProblem(str(directory.path / name), "it is missing")
    if isinstance(error, IndexDamagedError) and error.what is not None:
        return CheckProblem(str(directory.path / name), error.what)
    return CheckProblem(str(directory.path / name), f"{type(error).__name__}: {error}")


class _CommitFiles:
    """Open the files of a commit, and check them.

    Attributes:
        manifest: The manifest of the commit.
        segments: The segments that could be opened, by name.
        missing: Whether a file is missing, perhaps because a later commit removed it.
    """

    def __init__(self, directory: Directory, manifest: Manifest, validate: Validate) -> None:
        self.manifest = manifest
        self.segments: dict[str, Segment] = {}
        self.missing = False
        self._directory = directory
        self._validate = validate
        self._problems: list[CheckProblem] = []
        self._live: dict[str, BoolArray] = {}
        for entry in manifest.segments:
            opened = self._open(entry.name, lambda name: Segment(directory, name))
            if opened is None:
                continue
            self.segments[entry.name] = opened
            if entry.deletions is not None:
                self._open(entry.deletions, self._deletions_reader(entry, opened.size))
        if manifest.metadata is not None:
            self._open(manifest.metadata, self._read_metadata)

    def _open(self, name: str, open_: Callable[[str], _T]) -> _T | None:
        """Open a file; record a problem and return None if that fails."""
        try:
            return open_(name)
        except MemoryError:  # too little memory is no damage
            raise
        except Exception as error:
            if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
                raise  # a refusal is no damage
            self.missing |= isinstance(error, FileNotFoundError)
            self._problems.append(problem_of_error(self._directory, name, error))
            return None

    def _deletions_reader(self, entry: SegmentEntry, size: int) -> Callable[[str], None]:
        """Return a function that reads and checks the deletions of a segment."""

        def read(name: str) -> None:
            SectionFile(self._directory, name).check()
            deleted = read_deletions(self._directory, name, entry.name, size)
            self._live[entry.name] = ~deleted
            if int(deleted.sum()) != entry.deleted_count:
                raise damage_error(
                    name, "its count of deleted documents differs from the manifest"
                )

        return read

    def _read_metadata(self, name: str) -> None:
        """Read and check the metadata file."""
        SectionFile(self._directory, name).check()
        metadata = read_metadata(self._directory, name)
        try:
            self._validate(metadata)
        except ValueError as error:
            raise damage_error(str(self._directory.path / name), str(error)) from error

    def check(self) -> list[CheckProblem]:
        """Return the defects of the files and the contradictions between them."""
        problems = self._problems
        owners: dict[str, str] = {}
        for entry in self.manifest.segments:
            segment = self.segments.get(entry.name)
            if segment is None:
                continue
            if segment.size != entry.size:
                what = f"it has {segment.size:,} documents instead of {entry.size:,}"
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
                    what = f"the document {id_!r} is also in {owners[id_]}"
                    problems.append(CheckProblem(segment.file.name, what))
                owners[id_] = entry.name
        return problems


def check_segment(segment: Segment) -> Iterator[str]:
    """Yield the defects of a segment.

    If a checksum is wrong, the contents are not compared.
    """
    try:
        segment.file.check()
    except IndexDamagedError as error:
        yield error.what or str(error)
        return
    steps = (
        _check_term_dictionaries,
        _check_posting_lists,
        _check_stored_fields,
        _check_keyword_fields,
        _check_token_streams,
    )
    for step in steps:
        try:
            yield from step(segment)
        except (MemoryError, OSError):  # too little memory and a refusal are no damage
            raise
        except Exception as error:
            yield getattr(error, "what", None) or f"{type(error).__name__}: {error}"
            return  # later steps rely on this one


def _check_term_dictionaries(segment: Segment) -> Iterator[str]:
    """Check the term dictionaries, and the folded form of each marked syllable."""
    for name in TERM_DICTIONARIES:
        try:
            segment.term_dictionary(name).check()
        except ValueError as error:
            yield f"the term dictionary of {name}: {error}"
    if len(segment.folded_of_marked) != len(segment.term_dictionary("marked")):
        yield "not every marked syllable has a folded form"
    with_marks = [
        has_marks(string.decode()) for string in segment.term_dictionary("marked").all()
    ]
    if segment.with_marks.tolist() != with_marks:
        yield "it is wrong about which syllables have marks"


def _check_posting_lists(segment: Segment) -> Iterator[str]:
    """Check that each term has a postings list with ascending documents."""
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
                    yield f"the postings lists of {field} do not ascend"
        except ValueError as error:
            yield f"the postings lists of {field}: {error}"
        if len(lists) != terms:
            yield f"{field} has {len(lists):,} postings lists for {terms:,} terms"


def _check_stored_fields(segment: Segment) -> Iterator[str]:
    """Check dates, fingerprints and sentence starts against the stored documents."""
    dates = segment.dates()
    if dates.shape != (segment.size, 2):
        yield "it does not have one date per document"
        return
    lengths = segment.lengths("body")
    heads = segment.all_heads()
    if len(heads) != segment.size:
        yield "it does not have one head per document"
        return
    for number, head in enumerate(heads):
        document = head.document(segment.bodies.read(number)[0])
        if document.digest() != segment.digest(number):
            yield f"the fingerprint of the document {head.id!r} is wrong"
        if date_bounds(document) != tuple(dates[number].tolist()):
            yield f"the date of the document {head.id!r} is wrong"
        marks, _ = segment.landmarks.read([number])
        ends = (int(lengths[number]), len(document.body))
        for starts, end in zip((marks.syllables, marks.offsets), ends, strict=True):
            if not len(starts) or starts[0] < 0 or starts[-1] != end or _falls(starts):
                yield f"the sentence starts of the document {head.id!r} are wrong"
                break


def _falls(values: Int64Array) -> bool:
    """Return whether values do not strictly ascend."""
    return bool((np.diff(values) <= 0).any())


def _check_keyword_fields(segment: Segment) -> Iterator[str]:
    """Check the postings of keyword fields against the stored documents."""
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
            yield f"the postings of {field} differ from the stored documents"


def _check_token_streams(segment: Segment) -> Iterator[str]:
    """Check that the token streams and the postings of syllables and pairs agree.

    Both are reduced to a sum of hashes over all (term, document, frequency).  The sum does
    not depend on the order, and needs little memory.
    """
    folded = segment.folded_of_marked.astype(np.int64)
    terms = {"marked": len(folded), "folded": len(segment.term_dictionary("folded"))}
    hash_sums: dict[str, int] = {}
    segment.token_streams.check_bounds()
    bounds = segment.token_streams.starts()
    for first, stop in chunk_by_size(np.diff(bounds), len(FIELDS)):
        marked = segment.token_streams.read(first, stop).astype(np.int64)
        lengths = np.diff(bounds[first : stop + 1])
        texts = np.repeat(np.arange(first, stop, dtype=np.int32), lengths)
        adjacent = np.flatnonzero(texts[1:] == texts[:-1])
        views: dict[str, Int64Array] = {"marked": marked, "folded": folded[marked]}
        for view, ids in views.items():
            pairs = ids[adjacent] * terms[view] + ids[adjacent + 1]
            for place, field in enumerate(FIELDS):
                for name, keys, owners in (
                    (f"{field}_{view}", ids, texts),
                    (f"{field}_{view}_pair", pairs, texts[adjacent]),
                ):
                    of_field = owners % len(FIELDS) == place
                    postings = invert_postings(
                        keys[of_field], owners[of_field] // len(FIELDS), segment.size
                    )
                    hash_sums[name] = hash_sums.get(name, 0) + _postings_hash(*postings)
    for name, streams_hash in hash_sums.items():
        lists = segment.posting_lists(name)
        numbers = np.arange(len(lists), dtype=np.int64)
        if is_pair_field(name):
            keys = segment.pair_dictionary(name).keys()
            numbers = (keys >> 32) * terms[term_dictionary_name(name)] + (keys & 0xFFFFFFFF)
        lists_hash = 0
        for first, stop in chunk_by_size(lists.counts()):
            counts, documents, frequencies = lists.read_range(first, stop)
            owners = np.repeat(numbers[first:stop], counts)
            lists_hash += _postings_hash(owners, documents, frequencies)
        if (streams_hash - lists_hash) % (1 << 64):
            yield f"the postings of {name} differ from the token streams"


def _postings_hash(
    terms: npt.NDArray[Any], documents: npt.NDArray[Any], frequencies: npt.NDArray[Any]
) -> int:
    """Return a hash of postings that does not depend on their order."""
    mixed = np.zeros(len(terms), np.uint64)
    for values, factor in zip((terms, documents, frequencies), _HASH_FACTORS, strict=True):
        mixed = (mixed ^ (values.astype(np.uint64) + np.uint64(1))) * factor
        mixed ^= mixed >> np.uint64(29)
    return int(mixed.sum(dtype=np.uint64))
