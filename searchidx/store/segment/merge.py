"""Merge several segments into one, without their deleted documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from searchidx.errors import SearchidxError
from searchidx.store.codec.stored_texts import StoredTextsWriter, train_dictionary
from searchidx.store.codec.token_streams import write_landmarks
from searchidx.store.files.directory import Directory
from searchidx.store.files.sections import SectionWriter, create_section_file, damage_error
from searchidx.store.segment.merge_input import MergeInput
from searchidx.store.segment.segment import (
    DIGEST_BYTES,
    HEADS_PER_BLOCK,
    CompressionDictionaries,
    encode_head_blocks,
)
from searchidx.store.segment.term_merge import TermMerge


def merge_segments(directory: Directory, name: str, parts: Sequence[MergeInput]) -> None:
    """Write the live documents of several segments as one segment.

    The result is what building a segment of these documents in their order would write.

    Args:
        directory: The index's folder.
        name: The name of the new segment.
        parts: The segments, in the order of their documents.

    Raises:
        OSError: The disk refused a write.  There is no file of that name then.
        IndexDamagedError: A segment is damaged.
    """
    with create_section_file(directory, name) as sections:
        try:
            size = sum(part.live_count for part in parts)
            sections.write("documents", np.array([size], "<u8"))
            _merge_heads_and_bodies(sections, parts)
            _merge_digests_and_dates(sections, parts)
            TermMerge(sections, parts).write()
            _merge_landmarks(sections, parts)
        except (SearchidxError, OSError, MemoryError):
            raise
        except Exception as error:  # bytes with a right checksum that make no sense
            what = f"its segments cannot be merged ({type(error).__name__}: {error})"
            raise damage_error(str(directory.path), what) from error


def _merge_heads_and_bodies(sections: SectionWriter, parts: Sequence[MergeInput]) -> None:
    """Write the stored texts; texts that have the chosen dictionary are copied as they are."""
    dictionaries = _choose_dictionaries(parts)
    heads = StoredTextsWriter(sections, "heads", dictionaries.heads)
    with sections.section("heads.data"):
        heads.append(encode_head_blocks(_live_heads(parts)))
    heads.finish()
    bodies = StoredTextsWriter(sections, "bodies", dictionaries.bodies)
    with sections.section("bodies.data"):
        for part in parts:
            bodies.copy(part.segment.bodies, part.live)
            part.segment.file.release_pages()
    bodies.finish()


def _choose_dictionaries(parts: Sequence[MergeInput]) -> CompressionDictionaries:
    """Return those of the largest part that has any; train new ones if no part has."""
    chosen = CompressionDictionaries(b"", b"")
    for part in sorted(parts, key=lambda part: part.segment.size):
        own = part.segment.compression_dictionaries()
        chosen = CompressionDictionaries(own.heads or chosen.heads, own.bodies or chosen.bodies)
    size = sum(part.live_count for part in parts)
    if chosen.bodies or not size:
        return chosen
    heads, bodies = encode_head_blocks(_live_heads(parts)), _live_bodies(parts)
    return CompressionDictionaries(
        train_dictionary(heads, size // HEADS_PER_BLOCK), train_dictionary(bodies, size)
    )


def _live_heads(parts: Sequence[MergeInput]) -> Iterator[str]:
    """Yield the heads of all live documents, as they are stored."""
    for part in parts:
        heads = zip(part.segment.heads(), part.live.tolist(), strict=True)
        yield from (head for head, is_live in heads if is_live)


def _live_bodies(parts: Sequence[MergeInput]) -> Iterator[str]:
    """Yield the bodies of all live documents."""
    for part in parts:
        for local_doc_id in np.flatnonzero(part.live).tolist():
            yield part.segment.bodies.read(local_doc_id)[0]


def _merge_digests_and_dates(sections: SectionWriter, parts: Sequence[MergeInput]) -> None:
    """Write the digests and dates of all live documents."""
    digests = (
        np.frombuffer(part.segment.digests(), np.uint8).reshape(-1, DIGEST_BYTES)[part.live]
        for part in parts
    )
    sections.write("digests", *digests)
    sections.write("dates", *(part.segment.dates()[part.live] for part in parts))


def _merge_landmarks(sections: SectionWriter, parts: Sequence[MergeInput]) -> None:
    """Write the landmarks of all live bodies."""
    steps, advances, counts = [], [], [np.zeros(0, np.int64)]
    for part in parts:
        part_steps, part_advances, bounds = part.segment.landmarks.read_raw()
        landmark_counts = np.diff(bounds)
        is_live = np.repeat(part.live, landmark_counts)
        steps.append(part_steps[is_live])
        advances.append(part_advances[is_live].astype(np.uint32))
        counts.append(landmark_counts[part.live])
    write_landmarks(sections, "landmarks", steps, advances, np.concatenate(counts))
