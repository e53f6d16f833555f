"""Read and write the metadata file of a commit: compressed JSON of bounded size."""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from typing import Any, Final

import zstandard

from searchidx.store.files.directory import Directory
from searchidx.store.files.sections import SectionFile, create_section_file, damage_error

_MAX_METADATA_BYTES: Final = 1 << 30
_FREE_METADATA_BYTES: Final = 1 << 24
"""Metadata up to this size may be compressed to anything."""
_MAX_METADATA_RATIO: Final = 64
"""Larger metadata takes at least one byte in the file for so many bytes of JSON."""


def read_metadata(directory: Directory, name: str) -> dict[str, Any]:
    """Read the metadata file of a commit.

    Args:
        directory: The folder of the index.
        name: The name of the file.

    Raises:
        IndexDamagedError: The file is damaged.
        FileNotFoundError: The file is missing.
    """
    file = SectionFile(directory, name)
    packed = file["metadata"].read()
    try:
        size = zstandard.frame_content_size(packed)
        if not 0 <= size <= _max_metadata_bytes(len(packed)):
            raise ValueError("it has an impossible size")
        value = json.loads(
            zstandard.ZstdDecompressor().decompress(packed, max_output_size=size)
        )
    except (ValueError, RecursionError, MemoryError, zstandard.ZstdError) as error:
        raise damage_error(file.name, f"it cannot be read ({error})") from error
    if not isinstance(value, dict):
        raise damage_error(file.name, "it is not a JSON object")
    return value


def _max_metadata_bytes(packed_bytes: int) -> int:
    """Return the most bytes of JSON that so many bytes of a metadata file may hold."""
    return min(_MAX_METADATA_BYTES, _FREE_METADATA_BYTES + _MAX_METADATA_RATIO * packed_bytes)


def write_metadata(directory: Directory, name: str, value: Mapping[str, Any]) -> None:
    """Write the metadata of a commit to a file of that name.

    Raises:
        OSError: The metadata is larger than a reader accepts, or the write failed.
    """
    content = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
    if len(content) > _MAX_METADATA_BYTES:
        raise OSError(errno.EFBIG, f"the list of files would have {len(content):,} bytes")
    packed = zstandard.ZstdCompressor().compress(content)
    excess = len(content) - _max_metadata_bytes(len(packed))
    # Zeros behind a frame mean nothing; they only keep the ratio that a reader expects.
    padding = bytes(max(0, -(-excess // _MAX_METADATA_RATIO)))
    with create_section_file(directory, name) as sections:
        sections.write("metadata", packed, padding)
