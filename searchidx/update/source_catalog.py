"""Keep the record of the files that the documents of an index came from."""

from __future__ import annotations

import os
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from searchidx.sources.walk import FoundFile
from searchidx.store import Store, damage_error

UNKNOWN: Final = -1
"""A size, time or inode that is not recorded."""


class FileRecord(NamedTuple):
    """A file as it was when it was read.

    Args:
        size: The size in bytes; `UNKNOWN` if the file must be read again.
        mtime_ns: The modification time in nanoseconds; `UNKNOWN` likewise.
        documents: How many documents it gave.
        ctime_ns: The time of the last change of the file or its attributes, in nanoseconds;
            `UNKNOWN` in a catalog of an earlier version.
        inode: The number of the file on its device; `UNKNOWN` likewise.
    """

    size: int
    mtime_ns: int
    documents: int
    ctime_ns: int = UNKNOWN
    inode: int = UNKNOWN

    def distrusted(self) -> FileRecord:
        """Return the record of a file that must be read again."""
        return FileRecord(UNKNOWN, UNKNOWN, self.documents)

    def matches(self, file: FoundFile) -> bool:
        """Return whether a file is as it was, as far as its status tells.

        Size and modification time alone do not: programs set the time back, as `cp -p` and
        `rsync` do.  No program can set the time of change.
        """
        if (self.size, self.mtime_ns) != (file.size, file.mtime_ns):
            return False
        known = self.ctime_ns != UNKNOWN
        return not known or (self.ctime_ns, self.inode) == (file.ctime_ns, file.inode)


@dataclass(slots=True)
class SourceCatalog:
    """The files that documents came from, as the metadata of a commit records them.

    Attributes:
        files: The record of each file, by its path in the form of `printable_path`.
        roots: The paths that were given to updates, in the same form.
        devices: The number of the device of each root that is a folder, and of each folder
            below one that is a mount point.
    """

    files: dict[str, FileRecord]
    roots: list[str]
    devices: dict[str, int] = field(default_factory=dict)

    @classmethod
    def load(cls, store: Store) -> SourceCatalog:
        """Read the catalog of the latest commit.

        Raises:
            IndexDamagedError: The metadata of the commit is no catalog.
        """
        return cls.read(store.metadata(), str(store.folder))

    @classmethod
    def read(cls, metadata: Mapping[str, Any], place: str) -> SourceCatalog:
        """Read the metadata of a commit.

        Args:
            metadata: The metadata.
            place: The folder of the index.

        Raises:
            IndexDamagedError: The metadata is no catalog.
        """
        try:
            return cls.parse(metadata)
        except ValueError as error:
            raise damage_error(place, f"its list of files is damaged: {error}") from error

    @classmethod
    def parse(cls, metadata: Mapping[str, Any]) -> SourceCatalog:
        """Read the metadata of a commit.

        Raises:
            ValueError: It is no catalog.
        """
        files = metadata.get("files", {})
        roots = metadata.get("roots", [])
        devices = metadata.get("devices", {})
        if not (isinstance(files, dict) and isinstance(devices, dict)):
            raise ValueError("files and devices must be objects")
        if not (isinstance(roots, list) and all(isinstance(root, str) for root in roots)):
            raise ValueError("roots must be a list of paths")
        records = {path: _parse_record(path, values) for path, values in files.items()}
        if not all(type(device) is int for device in devices.values()):
            raise ValueError("the number of a device must be a whole number")
        paths = "".join((*files, *roots, *devices))
        paths.encode("utf-8")  # a path on disk has no surrogates in this form, and no NUL
        if "\0" in paths:
            raise ValueError("a path has a NUL character")
        return cls(records, list(roots), dict(devices))

    def metadata(self) -> dict[str, Any]:
        """Return the metadata to commit."""
        # Lists, as they are read again: equal to what was kept where nothing has changed.
        files = {
            path: list(record if record.ctime_ns != UNKNOWN else record[:3])
            for path, record in self.files.items()
        }
        metadata: dict[str, Any] = {"files": files, "roots": self.roots}
        if self.devices:
            metadata["devices"] = self.devices
        return metadata

    def copy(self) -> SourceCatalog:
        """Return a copy that does not change with this one."""
        return SourceCatalog(dict(self.files), list(self.roots), dict(self.devices))

    def under(self, root: str) -> list[str]:
        """Return the known files at or below `root`."""
        return [path for path in self.files if is_under(path, root)]

    def knows(self, root: str) -> bool:
        """Return whether there is a file or a root at or below a path."""
        return bool(self.under(root)) or any(is_under(known, root) for known in self.roots)

    def distrust(self, path: str | None) -> None:
        """Mark the file at `path` to be read again by the next update of its folder."""
        if path is not None and path in self.files:
            self.files[path] = self.files[path].distrusted()

    def record_devices(
        self, root: str, devices: Mapping[str, int], unreadable: Set[str]
    ) -> None:
        """Record the devices that a walk met.

        Args:
            root: The folder that was walked.
            devices: The device of the root and of each mount point below it.
            unreadable: The folders of which nothing is known.
        """
        for folder in list(self.devices):
            if (
                is_under(folder, root)
                and folder not in self.roots
                and not any(is_under(folder, each) for each in unreadable)
            ):
                del self.devices[folder]
        self.devices.update(
            (folder, device) for folder, device in devices.items() if folder not in unreadable
        )

    def forget_root(self, root: str) -> None:
        """Forget the roots and devices at or below a path."""
        self.roots = [known for known in self.roots if not is_under(known, root)]
        for folder in [folder for folder in self.devices if is_under(folder, root)]:
            del self.devices[folder]


def is_under(path: str, root: str) -> bool:
    """Return whether a path is `root` or lies below it."""
    return path == root or path.startswith(os.path.join(root, ""))


def _parse_record(path: str, values: object) -> FileRecord:
    """Read the record of a file; raise ValueError if it is none."""
    if (
        not isinstance(values, list | tuple)
        or len(values) not in (3, 5)
        or set(map(type, values)) != {int}
        or values[2] < 0
    ):
        raise ValueError(f"the record of {path!r:.200} is not a list of 3 or 5 whole numbers")
    return FileRecord(*values)


def validate(metadata: Mapping[str, Any]) -> None:
    """Raise ValueError if the metadata of a commit is no catalog."""
    SourceCatalog.parse(metadata)


def recount(metadata: Mapping[str, Any], sources: Mapping[str, int]) -> dict[str, Any]:
    """Return the metadata of an index that was repaired.

    Files that gave another number of documents than the index has now are read again.

    Args:
        metadata: The metadata before, or what is left of it.
        sources: How many documents of each file the index has now.
    """
    try:
        catalog = SourceCatalog.parse(metadata)
    except ValueError:
        catalog = SourceCatalog({}, [])
    for path in sorted(catalog.files.keys() | sources.keys()):
        count = sources.get(path, 0)
        if path not in catalog.files or catalog.files[path].documents != count:
            catalog.files[path] = FileRecord(UNKNOWN, UNKNOWN, count)
    return catalog.metadata()
