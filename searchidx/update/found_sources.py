"""Find the files at the paths given to an update, and the known files that have vanished."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from searchidx.sources import Failure
from searchidx.sources.printable_paths import device_of, is_on_disk, printable_path
from searchidx.sources.walk import FoundFile, SkippedFile, walk
from searchidx.update.source_catalog import SourceCatalog, is_under


@dataclass(slots=True)
class FoundSources:
    """Collect what was found at the paths given to an update.

    Attributes:
        files: The files to read, by printable path.
        vanished: The known files that are no longer there.
        skipped: The absolute paths of files of other kinds.
        failures: What could not be read.
    """

    files: dict[str, FoundFile] = field(default_factory=dict)
    vanished: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)

    def add(self, file: FoundFile) -> bool:
        """Add a file to read; return False if another one has the same printable path."""
        return self.files.setdefault(printable_path(file.path), file).path == file.path


def find_sources(paths: Iterable[str], catalog: SourceCatalog) -> FoundSources:
    """Walk the paths given to an update.

    Args:
        paths: Files and folders.
        catalog: The files of the latest commit; the paths and their devices are recorded.

    Returns:
        What was found, and which known files have vanished.
    """
    result = FoundSources()
    for path in dict.fromkeys(map(os.path.abspath, paths)):
        root = printable_path(path)
        failures: list[Failure] = []
        found_devices: dict[str, int] = {}
        for item in walk(path, devices=found_devices):
            if isinstance(item, SkippedFile):
                result.skipped.add(item.path)
            elif isinstance(item, Failure):
                failures.append(item)
            elif not result.add(item):
                reason = "its name looks like that of another file; rename one of them"
                failures.append(Failure(printable_path(item.path), None, reason))
        known = catalog.under(root)
        if known and any(failure.path == root for failure in failures):
            failures = [_keep_documents(failure, root) for failure in failures]
        devices = {printable_path(path): device for path, device in found_devices.items()}
        failures += _missing_disks(catalog, root, devices, known, result)
        result.failures += failures
        unreadable = {failure.path for failure in failures}
        # A file that the walk passed over, because it was once named by itself or is
        # ignored now, has not vanished.
        result.vanished.update(
            file
            for file in known
            if file not in result.files
            and not any(is_under(file, folder) for folder in unreadable)
            and not is_on_disk(file)
        )
        if root not in unreadable:
            if root not in catalog.roots:
                catalog.roots.append(root)
            catalog.record_devices(root, devices, unreadable)
    return result


def _missing_disks(
    catalog: SourceCatalog,
    root: str,
    devices: dict[str, int],
    known: list[str],
    result: FoundSources,
) -> list[Failure]:
    """Return a failure for each folder whose disk seems not to be mounted.

    Without its disk a mount point is an empty folder or is gone.  Everything that was
    indexed from the disk would be removed.

    Args:
        catalog: The files and devices of the latest commit.
        root: The folder that was walked.
        devices: The devices that the walk met.
        known: The files at or below the root of which documents are indexed.
        result: What was found.
    """
    failures = []
    for folder, device in catalog.devices.items():
        if (
            not is_under(folder, root)
            or root not in devices
            or not any(is_under(file, folder) for file in known)
            or any(is_under(file, folder) for file in result.files)
        ):
            continue
        now = devices.get(folder, device_of(folder))
        # A folder that is gone was removed by its user, unless it was a disk of its own.
        if device != (devices[root] if now is None else now):
            failures.append(
                Failure(
                    folder,
                    None,
                    f"{'is gone' if now is None else 'is empty'}, and was on another disk "
                    "when it was indexed; nothing of it was removed: mount the disk and "
                    f"run the same command again, or run: searchidx remove {folder}",
                )
            )
    return failures


def _keep_documents(failure: Failure, root: str) -> Failure:
    """Add to the failure of a root that its documents are kept."""
    if failure.path != root or failure.line is not None:
        return failure
    return replace(
        failure,
        reason=f"{failure.reason}; what was indexed of it is kept, until you run: searchidx "
        f"remove {root}",
    )
