"""Which documents a query allows at all: phrases, exclusions, codes and dates."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from searchidx.search.query import DateRange, Phrase, Query
from searchidx.store import FIELDS, Reader

Mask = npt.NDArray[np.bool_]


def matches(reader: Reader, query: Query, *, exact: bool = False) -> Mask | None:
    """bool, shape (reader.size,): the documents that pass every filter; None if all do.

    A required phrase is met in any spelling unless `exact`; an excluded one only where
    the marks that were typed are there, so that ``-đảng`` does not cost the documents
    that hold only "đang".
    """
    if not (query.required or query.excluded or query.codes or query.excluded_codes) and (
        not query.dates and reader.document_count == reader.size
    ):
        return None
    allowed = reader.live.copy()
    for phrase in query.required:
        allowed &= _holds(reader, phrase, [exact] * len(phrase.syllables))
    for phrase in query.excluded:
        allowed &= ~_holds(reader, phrase, [exact or s.has_marks for s in phrase.syllables])
    for code in query.codes:
        allowed &= _names(reader, code)
    for code in query.excluded_codes:
        allowed &= ~_names(reader, code)
    for dates in query.dates:
        allowed &= _dated(reader, dates)
    return allowed


def _names(reader: Reader, code: str) -> Mask:
    mask = np.zeros(reader.size, np.bool_)
    mask[reader.postings("code", code).documents] = True
    return mask


def _dated(reader: Reader, dates: DateRange) -> Mask:
    first, last = reader.dates()
    allowed: Mask = first > 0
    if dates.first is not None:
        allowed &= last >= dates.first.toordinal()
    if dates.last is not None:
        allowed &= first <= dates.last.toordinal()
    return allowed


def documents_with(reader: Reader, phrase: Phrase) -> npt.NDArray[np.int32]:
    """The documents that hold a phrase in any spelling, in the title or the body."""
    return np.flatnonzero(_holds(reader, phrase, [False] * len(phrase.syllables))).astype(
        np.int32
    )


def _holds(reader: Reader, phrase: Phrase, binding: list[bool]) -> Mask:
    """The documents with the phrase in one of its fields.

    `binding` tells for each syllable whether its marks must be as typed.
    """
    mask = np.zeros(reader.size, np.bool_)
    terms = [
        ("marked", syllable.marked) if bound else ("folded", syllable.folded)
        for syllable, bound in zip(phrase.syllables, binding, strict=True)
    ]
    for field in (phrase.field,) if phrase.field else FIELDS:
        mask[_side_by_side(reader, field, terms)] = True
    return mask


def _side_by_side(
    reader: Reader, field: str, terms: list[tuple[str, str]]
) -> npt.NDArray[np.int32]:
    """The documents in which `terms`, each a view and a form, stand side by side."""
    documents = None
    for view, form in dict.fromkeys(terms + _pairs(terms)):
        found = reader.postings(f"{field}_{view}", form).documents
        documents = (
            found if documents is None else np.intersect1d(documents, found, assume_unique=True)
        )
        if not len(documents):
            return documents
    assert documents is not None  # a phrase has at least one syllable
    if len(terms) == 1 or (len(terms) == 2 and _pairs(terms)):
        return documents  # two side by side are a pair, and pairs are indexed
    return reader.side_by_side(field, terms, documents)


def _pairs(terms: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The indexed pairs that a phrase implies: those of two syllables of one view."""
    return [
        (f"{first[0]}_pair", f"{first[1]} {second[1]}")
        for first, second in itertools.pairwise(terms)
        if first[0] == second[0]
    ]
