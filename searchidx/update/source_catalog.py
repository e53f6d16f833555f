"""Keep the record of the files that the documents of an index came from."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from searchidx.sources.failure import printable_path
from searchidx.store import Store, damage_error

UNTRUSTED: Final = (-1, -1)
"""The size and time of a file that must be read again."""
_ESCAPED_BYTE: Final = re.compile(rb"\\x([89a-f][0-9a-f])")


@dataclass(slots=True)
class SourceCatalog:
    """The files that documents came from, as the metadata of a commit records them.

    Attributes:
        files: For each path, in the form of `printable_path`: its size in bytes, its
            modification time in nanoseconds, and how many documents it gave.  Size and time
            are `UNTRUSTED` where the file must be read again.
        roots: The paths that were given to updates.
    """

    files: dict[str, tuple[int, int, int]]
    roots: list[str]

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
        except (AttributeError, TypeError, ValueError, OverflowError) as error:
            raise damage_error(place, f"the list of files is none ({error})") from error

    @classmethod
    def parse(cls, metadata: Mapping[str, Any]) -> SourceCatalog:
        """Read the metadata of a commit.

        Raises:
            AttributeError, TypeError, ValueError, OverflowError: It is no catalog.
        """
        files = {
            str(path): (int(size), int(time), int(count))
            for path, (size, time, count) in metadata.get("files", {}).items()
        }
        return cls(files, [str(root) for root in metadata.get("roots", [])])

    def metadata(self) -> dict[str, Any]:
        """Return the metadata to commit."""
        # Lists, as they are read again: equal to what was kept where nothing has changed.
        files = {path: list(values) for path, values in self.files.items()}
        return {"files": files, "roots": self.roots}

    def copy(self) -> SourceCatalog:
        """Return a copy that does not change with this one."""
        return SourceCatalog(dict(self.files), list(self.roots))

    def under(self, root: str) -> list[str]:
        """Return the known files at or below `root`."""
        return [path for path in self.files if is_under(path, root)]

    def distrust(self, path: str | None) -> None:
        """Mark the file at `path` to be read again by the next update of its folder."""
        if path is not None and path in self.files:
            self.files[path] = (*UNTRUSTED, self.files[path][2])


def is_under(path: str, root: str) -> bool:
    """Return whether a path is `root` or lies below it."""
    return path == root or path.startswith(os.path.join(root, ""))


def is_on_disk(path: str) -> bool:
    r"""Return whether a file exists, given its path in the form of `printable_path`.

    That form writes each byte of a name that is not UTF-8 as ``\xe8``, so that the name on
    disk is another one.
    """
    if os.path.lexists(path):
        return True
    encoded = path.encode("utf-8")
    raw = _ESCAPED_BYTE.sub(lambda match: bytes.fromhex(match[1].decode("ascii")), encoded)
    name = os.fsdecode(raw)
    return raw != encoded and printable_path(name) == path and os.path.lexists(name)


def recount(metadata: Mapping[str, Any], sources: Mapping[str, int]) -> dict[str, Any]:
    """Return the metadata of an index that was repaired.

    Files that gave another number of documents than the index has now are read again.

    Args:
        metadata: The metadata before, or what is left of it.
        sources: How many documents of each file the index has now.
    """
    try:
        catalog = SourceCatalog.parse(metadata)
    except (AttributeError, TypeError, ValueError, OverflowError):
        catalog = SourceCatalog({}, [])
    for path in sorted(catalog.files.keys() | sources.keys()):
        count = sources.get(path, 0)
        if path not in catalog.files or catalog.files[path][2] != count:
            catalog.files[path] = (*UNTRUSTED, count)
    return catalog.metadata()
