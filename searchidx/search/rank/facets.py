"""Count the hits of a query by year, source, document code or metadata."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import BoolArray, DocIds, Int64Array
from searchidx.errors import QueryError
from searchidx.search.match.top_k import top_k
from searchidx.store import Reader, metadata_key

YEAR: Final = "year"
KEYWORD_FIELDS: Final = ("source", "path", "code")
"""Keyword fields that have facets.  Any key of the metadata has them as well."""
_UNIX_EPOCH: Final = datetime.date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class FacetCount:
    """The number of hits with one value of a field.

    Attributes:
        value: The value as documents have it.
        count: Number of hits with it.
        complete: Number of those that hold every word of the query.
    """

    value: str
    count: int
    complete: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one field among all hits of a query.

    Attributes:
        field: The field as it was asked for.
        counts: The most frequent values: ordered by the number of hits with every word, then
            by the number of hits, then by value.
        values: Number of distinct values.
        hits: Number of hits with any value.
    """

    field: str
    counts: tuple[FacetCount, ...]
    values: int
    hits: int


@dataclass(frozen=True, slots=True)
class _FieldValues:
    """The values of a field and the documents that have them.

    Attributes:
        names: The distinct values, ascending.
        numbers: int64, shape (n,): index of the value of each (value, document) pair.
        doc_ids: int32, shape (n,): document of each pair.  No pair comes twice.
    """

    names: Sequence[str]
    numbers: Int64Array
    doc_ids: DocIds


def count_facets(
    reader: Reader, hits: BoolArray, complete: BoolArray, fields: Sequence[str], limit: int
) -> tuple[Facet, ...]:
    """Return the facets of fields among the hits of a query.

    Args:
        reader: The commit that was searched.
        hits: bool, shape (reader.size,): the documents that match.
        complete: bool, shape (reader.size,): those that hold every word of the query.
        fields: "year", any of `KEYWORD_FIELDS`, or a key of the metadata.
        limit: Number of values of each field to return.

    Raises:
        QueryError: There is no such field.
    """
    return tuple(_facet(reader, hits, complete, field, limit) for field in fields)


def _facet(
    reader: Reader, hits: BoolArray, complete: BoolArray, field: str, limit: int
) -> Facet:
    """Return the facet of one field; the arguments are those of `count_facets`."""
    values = _values(reader, field)
    size = len(values.names)
    is_hit = hits[values.doc_ids]
    is_complete = complete[values.doc_ids] & is_hit
    counts = np.bincount(values.numbers[is_hit], minlength=size)
    complete_counts = np.bincount(values.numbers[is_complete], minlength=size)
    present = np.flatnonzero(counts).astype(np.int32)
    # Both counts fit in one key, because neither exceeds the number of documents.
    keys = complete_counts[present] * (reader.size + 1) + counts[present]
    top, _ = top_k(present, limit, keys.astype(np.float64))
    return Facet(
        field=field,
        counts=tuple(
            FacetCount(values.names[value], int(counts[value]), int(complete_counts[value]))
            for value in top.tolist()
        ),
        values=len(present),
        hits=int(np.count_nonzero(np.bincount(values.doc_ids[is_hit]))),
    )


def _values(reader: Reader, field: str) -> _FieldValues:
    """Return the values of a field.

    Raises:
        QueryError: There is no such field.
    """
    if field == YEAR:
        return _years(reader)
    if field in KEYWORD_FIELDS:
        keywords = reader.keywords.postings(field)
        numbers = keywords.term_indexes.astype(np.int64)
        return _FieldValues(keywords.terms, numbers, keywords.doc_ids)
    key = metadata_key(field)
    known = reader.keywords.metadata_keys()
    if key not in known:
        names = ", ".join([YEAR, *KEYWORD_FIELDS, *sorted(known)])
        raise QueryError(f"reports cannot be counted by {field!r}; they can by {names}")
    return _metadata_values(reader, key)


def _years(reader: Reader) -> _FieldValues:
    """Return the years of the documents.  A partial date has one year as well."""
    first_days, _ = reader.dates()
    doc_ids = np.flatnonzero(first_days > 0).astype(np.int32)
    days = (first_days[doc_ids].astype(np.int64) - _UNIX_EPOCH).astype("datetime64[D]")
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    names, numbers = np.unique(years, return_inverse=True)
    return _FieldValues([f"{year:04}" for year in names.tolist()], numbers, doc_ids)


def _metadata_values(reader: Reader, key: str) -> _FieldValues:
    """Return the values of a metadata key.

    Values that differ in diacritics and case alone are one, with its most frequent spelling
    as the name.
    """
    keywords = reader.keywords.postings("metadata")
    begin = bisect_left(keywords.terms, f"{key}\t")
    end = bisect_left(keywords.terms, f"{key}\n")  # "\n" is the character after "\t"
    first, stop = np.searchsorted(keywords.term_indexes, (begin, end))
    spellings = keywords.term_indexes[first:stop].astype(np.int64) - begin
    doc_ids = keywords.doc_ids[first:stop]
    spelling_counts = np.bincount(spellings, minlength=end - begin).tolist()
    names: dict[str, tuple[int, str]] = {}  # count and most frequent spelling by folded form
    value_of_spelling = []
    for term, count in zip(keywords.terms[begin:end], spelling_counts, strict=True):
        _, folded, text = term.split("\t", 2)
        names.setdefault(folded, (0, text))
        if count > names[folded][0]:
            names[folded] = count, text
        value_of_spelling.append(len(names) - 1)  # spellings of one value are adjacent
    pairs = np.array(value_of_spelling, np.int64)[spellings] * reader.size + doc_ids
    pairs.sort()
    # One document may have two spellings of the same value.
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])]
    numbers, documents = np.divmod(pairs, reader.size)
    return _FieldValues(
        [text for _, text in names.values()], numbers, documents.astype(np.int32)
    )
