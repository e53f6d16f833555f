"""Which documents have a path, or a value of metadata."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

import numpy as np

from searchidx.arrays import DocIds
from searchidx.language.syllable_forms import marked
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.search.query.syntax_tree import Metadata, Path
from searchidx.store import MAX_METADATA_VALUE_CODE_POINTS, Reader, metadata_value


def documents_with_metadata(reader: Reader, clause: Path | Metadata, *, exact: bool) -> DocIds:
    """The documents with a path or a value, some of them perhaps more than once."""
    if isinstance(clause, Path):
        keywords = reader.keywords.postings("path")
        chosen = np.zeros(len(keywords.terms), np.bool_)
        chosen[_with(keywords.terms, clause.value, exact)] = True
        return keywords.doc_ids[chosen[keywords.term_indexes]]
    found = [
        reader.postings("metadata", term).doc_ids
        for term in matching_values(reader, clause, exact)
    ]
    return np.concatenate([*found, np.zeros(0, np.int32)])


def matching_paths(reader: Reader, clause: Path, exact: bool) -> list[str]:
    """The paths that have a part in them."""
    terms = reader.keywords.postings("path").terms
    return [terms[place] for place in _with(terms, clause.value, exact)]


def matching_values(reader: Reader, clause: Metadata, exact: bool) -> list[str]:
    """The terms of the field `metadata` that are a value.

    Case and marks do not matter; with `exact` the marks of its syllables do.
    """
    form = metadata_value(clause.value)
    terms = list(reader.keywords.postings_with_prefix("metadata", f"{clause.key}\t{form}\t"))
    if not exact:
        return terms
    wanted = _spelled(clause.value[:MAX_METADATA_VALUE_CODE_POINTS])
    return [term for term in terms if _spelled(term.split("\t", 2)[2]) == wanted]


def _spelled(value: str) -> list[str]:
    return list(map(marked, tokenize_syllables(value).surfaces))


def _with(terms: tuple[str, ...], value: str, exact: bool) -> list[int]:
    """The places of the strings with a part in them; marks matter only if `exact`."""
    if _BETWEEN in value:
        return []
    (part,) = _plain((value,), exact)
    return [place for place, term in enumerate(_plain(terms, exact)) if part in term]


_MARKS: Final = re.compile("[\u0300-\u036f]+")
_BETWEEN: Final = "\ud800"
"""Half a surrogate pair, which is in no text that is indexed."""


@functools.lru_cache(maxsize=4)  # a commit's paths, and what they were asked for last
def _plain(texts: tuple[str, ...], exact: bool) -> tuple[str, ...]:
    """Paths as they are compared, all at once."""
    joined = _BETWEEN.join(texts).casefold()
    joined = unicodedata.normalize("NFC" if exact else "NFD", joined)
    if not exact:
        joined = _MARKS.sub("", joined).replace("đ", "d")
    return tuple(joined.split(_BETWEEN))
