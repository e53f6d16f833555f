"""Check that the parts of a segment agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.arrays import Int64Array
from searchidx.errors import IndexDamagedError
from searchidx.language.syllable_forms import has_marks
from searchidx.store.codec.ranges import chunk_by_size, exclusive_cumsum
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

_ALL_FIELDS: Final = (*(f"{field}_{view}" for field in FIELDS for view in VIEWS), *KEYWORDS)
# Odd 64-bit multipliers that mix the bits of a hash, one for each part of a posting.
_HASH_FACTORS: Final = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64
)


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
