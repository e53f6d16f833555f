"""How hits are spread over years, sources, codes and what else documents say of themselves."""

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
"""Fields of keywords that can be counted by; any key of the metadata can as well."""
_UNIX: Final = datetime.date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class FacetCount:
    """One value of a field.

    Attributes:
        value: As documents have it.
        count: How many hits have it.
        complete: How many of them hold every word of the query.
    """

    value: str
    count: int
    complete: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one field among all hits of a query.

    Attributes:
        field: As it was asked for.
        counts: The commonest values, those of most hits with every word first, then those
            of most hits, then in the order of the values.
        values: How many different values there are.
        hits: How many hits have any.
    """

    field: str
    counts: tuple[FacetCount, ...]
    values: int
    hits: int


@dataclass(frozen=True, slots=True)
class _Values:
    """Which documents have which values.

    Attributes:
        names: The values, ascending.
        numbers: int64, shape (n,): of each pair of a value and a document the value's place.
        documents: int32, shape (n,): the document; no pair is there twice.
    """

    names: Sequence[str]
    numbers: Int64Array
    documents: DocIds


def count_facets(
    reader: Reader, hits: BoolArray, complete: BoolArray, fields: Sequence[str], limit: int
) -> tuple[Facet, ...]:
    """Counts hits by the values of fields.

    Args:
        reader: The commit that was searched.
        hits: Which documents were found, shape (reader.size,).
        complete: Which of them hold every word of the query.
        fields: "year", any of `KEYWORD_FIELDS`, or a key of the documents' metadata.
        limit: How many values of each to give.

    Raises:
        QueryError: There is no such field.
    """
    return tuple(_facet(reader, hits, complete, field, limit) for field in fields)


def _facet(
    reader: Reader, hits: BoolArray, complete: BoolArray, field: str, limit: int
) -> Facet:
    values = _values(reader, field)
    size = len(values.names)
    found = hits[values.documents]
    whole = complete[values.documents] & found
    counts = np.bincount(values.numbers[found], minlength=size)
    wholes = np.bincount(values.numbers[whole], minlength=size)
    some = np.flatnonzero(counts).astype(np.int32)
    # Both counts in one key: neither is more than there are documents.
    keys = (wholes[some] * (reader.size + 1) + counts[some]).astype(np.float64)
    return Facet(
        field=field,
        counts=tuple(
            FacetCount(values.names[at], int(counts[at]), int(wholes[at]))
            for at in top_k(some, limit, keys)[0].tolist()
        ),
        values=len(some),
        hits=int(np.count_nonzero(np.bincount(values.documents[found]))),
    )


def _values(reader: Reader, field: str) -> _Values:
    if field == YEAR:
        return _years(reader)
    if field in KEYWORD_FIELDS:
        keywords = reader.keywords.postings(field)
        return _Values(keywords.terms, keywords.term_indexes.astype(np.int64), keywords.doc_ids)
    key = metadata_key(field)
    known = reader.keywords.metadata_keys()
    if key not in known:
        names = ", ".join([YEAR, *KEYWORD_FIELDS, *sorted(known)])
        raise QueryError(f"reports cannot be counted by {field!r}; they can by {names}")
    return _metadata(reader, key)


def _years(reader: Reader) -> _Values:
    """The year of each date; a date that is known at all is of one year."""
    first, _ = reader.dates()
    documents = np.flatnonzero(first > 0).astype(np.int32)
    days = (first[documents].astype(np.int64) - _UNIX).astype("datetime64[D]")
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    names, numbers = np.unique(years, return_inverse=True)
    return _Values([f"{year:04}" for year in names.tolist()], numbers, documents)


def _metadata(reader: Reader, key: str) -> _Values:
    """The values of a key; those that differ by marks and case alone are one.

    It is named as most documents have it.
    """
    keywords = reader.keywords.postings("metadata")
    begin = bisect_left(keywords.terms, f"{key}\t")
    end = bisect_left(keywords.terms, f"{key}\n")  # which comes just after a tab
    first, stop = np.searchsorted(keywords.term_indexes, (begin, end))
    numbers = keywords.term_indexes[first:stop].astype(np.int64) - begin
    documents = keywords.doc_ids[first:stop]
    spelled = np.bincount(numbers, minlength=end - begin)
    names: dict[str, tuple[int, str]] = {}  # by what they are found by, the commonest
    groups = []
    for term, count in zip(keywords.terms[begin:end], spelled.tolist(), strict=True):
        _, folded, text = term.split("\t", 2)
        names.setdefault(folded, (0, text))
        if count > names[folded][0]:
            names[folded] = count, text
        groups.append(len(names) - 1)  # terms of one value stand together
    joined = np.array(groups, np.int64)[numbers] * reader.size + documents
    joined.sort()
    # Of one document two spellings may be the same value.
    pairs = joined[np.append(True, joined[1:] != joined[:-1])]
    numbers, found = np.divmod(pairs, reader.size)
    return _Values([text for _, text in names.values()], numbers, found.astype(np.int32))
