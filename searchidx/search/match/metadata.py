"""Find the documents with a path or a metadata value."""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import Final

import numpy as np

from searchidx.arrays import DocIds
from searchidx.language.syllable_forms import marked
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.search.match.commit_cache import CommitCache
from searchidx.search.query.syntax_tree import Metadata, Path
from searchidx.store import MAX_METADATA_VALUE_CODE_POINTS, Reader, metadata_value


def documents_with_metadata(reader: Reader, clause: Path | Metadata, *, exact: bool) -> DocIds:
    """Return the documents with a path or a metadata value, possibly with repetitions."""
    if isinstance(clause, Path):
        keywords = reader.keywords.postings("path")
        is_match = np.zeros(len(keywords.terms), np.bool_)
        is_match[_path_numbers(reader, clause.value, exact)] = True
        return keywords.doc_ids[is_match[keywords.term_indexes]]
    doc_ids = [
        reader.postings("metadata", term).doc_ids
        for term in matching_values(reader, clause, exact)
    ]
    return np.concatenate([*doc_ids, np.zeros(0, np.int32)])


def matching_paths(reader: Reader, clause: Path, exact: bool) -> list[str]:
    """Return the paths that contain the value of a clause."""
    terms = reader.keywords.postings("path").terms
    return [terms[number] for number in _path_numbers(reader, clause.value, exact)]


def matching_values(reader: Reader, clause: Metadata, exact: bool) -> list[str]:
    """Return the terms of the field `metadata` that equal the value of a clause.

    Case and diacritics do not matter; with `exact` the diacritics of syllables do.
    """
    form = metadata_value(clause.value)
    terms = list(reader.keywords.postings_with_prefix("metadata", f"{clause.key}\t{form}\t"))
    if not exact:
        return terms
    wanted = _marked_forms(clause.value[:MAX_METADATA_VALUE_CODE_POINTS])
    return [term for term in terms if _marked_forms(term.split("\t", 2)[2]) == wanted]


def _marked_forms(value: str) -> list[str]:
    return list(map(marked, tokenize_syllables(value).surfaces))


_COMBINING_MARKS: Final = re.compile("[\u0300-\u036f]+")
_SEPARATOR: Final = "\ud800"
"""Half a surrogate pair, which no indexed text contains."""

normalized_paths: Final[CommitCache[bool, tuple[str, ...]]] = CommitCache(sys.maxsize, len)
"""The normalized paths of each commit, by `exact`."""


def _path_numbers(reader: Reader, value: str, exact: bool) -> list[int]:
    """Return the numbers of the paths that contain a value; diacritics count if `exact`."""
    if _SEPARATOR in value:
        return []
    paths = normalized_paths.get(
        reader, exact, lambda: _normalize(reader.keywords.postings("path").terms, exact)
    )
    (part,) = _normalize((value,), exact)
    return [number for number, path in enumerate(paths) if part in path]


def _normalize(texts: tuple[str, ...], exact: bool) -> tuple[str, ...]:
    """Normalize paths for comparison, all in one pass."""
    joined = _SEPARATOR.join(texts).casefold()
    joined = unicodedata.normalize("NFC" if exact else "NFD", joined)
    if not exact:
        joined = _COMBINING_MARKS.sub("", joined).replace("đ", "d")
    return tuple(joined.split(_SEPARATOR))
