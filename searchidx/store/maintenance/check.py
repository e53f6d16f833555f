"""Check that an index is what was written, and that its parts agree with each other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from searchidx.arrays import BoolArray
from searchidx.errors import IndexDamagedError, IndexNotFoundError, SearchidxError
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
from searchidx.store.maintenance.segment_check import check_segment
from searchidx.store.segment.segment import Segment

_MAX_ATTEMPTS: Final = 50
"""How often to start again when a writer replaces the commit that is being checked."""

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
