"""Which documents of a segment were removed since it was written: a file of one bit each."""

from __future__ import annotations

import numpy as np

from searchidx.arrays import BoolArray
from searchidx.store.files.directory import Directory
from searchidx.store.files.manifest import new_file_name
from searchidx.store.files.sections import SectionFile, create_section_file, damage_error


def write_deletions(directory: Directory, segment: str, live: BoolArray) -> str:
    """Writes which documents of a segment are not live; gives the name of the file.

    Raises:
        OSError: The disk refused something; there is no such file then.
    """
    name = new_file_name("removals")
    with create_section_file(directory, name) as sections:
        sections.write("segment", segment.encode("ascii"))  # for a repair without a manifest
        sections.write("removed", np.packbits(~live))
    return name


def read_deletions(directory: Directory, name: str, segment: str, size: int) -> BoolArray:
    """Which documents of a segment were removed: bool, shape (size,).

    Raises:
        IndexDamagedError: The file is not what was written, or is for another segment.
        FileNotFoundError: It is not there.
    """
    file = SectionFile(directory, name)
    packed = file["removed"].array(np.uint8)
    if bytes(file["segment"].read()) != segment.encode() or len(packed) != -(-size // 8):
        raise damage_error(file.name, "it is for another segment")
    return np.unpackbits(packed, count=size).astype(np.bool_)


def read_segment_name(directory: Directory, name: str) -> str:
    """The segment whose removed documents a file tells.

    Raises:
        IndexDamagedError, FileNotFoundError: As for `read_deletions`.
    """
    return bytes(SectionFile(directory, name)["segment"].read()).decode("ascii", "replace")
