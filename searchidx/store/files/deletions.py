"""Read and write the deletions of a segment: one bit for each of its documents.

Segments never change. A document that is deleted later is marked in a file of its own,
called `removals-*.sidx` on disk.
"""

from __future__ import annotations

import numpy as np

from searchidx.arrays import BoolArray
from searchidx.store.files.directory import Directory
from searchidx.store.files.manifest import new_file_name
from searchidx.store.files.sections import SectionFile, create_section_file, damage_error


def write_deletions(directory: Directory, segment: str, live: BoolArray) -> str:
    """Write which documents of a segment are deleted.

    Args:
        directory: The folder of the index.
        segment: The name of the segment's file.
        live: bool, shape (documents of the segment,): False for a deleted document.

    Returns:
        The name of the new file.

    Raises:
        OSError: A write failed. The file does not exist then.
    """
    name = new_file_name("removals")
    with create_section_file(directory, name) as sections:
        sections.write("segment", segment.encode("ascii"))  # for a repair without a manifest
        sections.write("removed", np.packbits(~live))
    return name


def read_deletions(
    directory: Directory, name: str, segment: str, size: int, *, displaced: bool = False
) -> BoolArray:
    """Read which documents of a segment are deleted.

    Args:
        directory: The folder of the index.
        name: The name of the file of deletions.
        segment: The name of the segment's file.
        size: How many documents the segment holds.
        displaced: Read also a file that was written under another name.

    Returns:
        bool, shape (size,): True for a deleted document.

    Raises:
        IndexDamagedError: The file is not what was written, or is for another segment.
        FileNotFoundError: The file does not exist.
    """
    file = SectionFile(directory, name, displaced=displaced)
    packed = file["removed"].array(np.uint8)
    if bytes(file["segment"].read()) != segment.encode() or len(packed) != -(-size // 8):
        raise damage_error(file.name, "it is for another segment")
    return np.unpackbits(packed, count=size).astype(np.bool_)


def read_segment_name(directory: Directory, name: str) -> str:
    """Return the name of the segment that a file of deletions is for.

    Raises:
        IndexDamagedError: The file is not what was written.
        FileNotFoundError: The file does not exist.
    """
    return bytes(SectionFile(directory, name)["segment"].read()).decode("ascii", "replace")
