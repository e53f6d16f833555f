"""Expand a prefix to the syllables of an index that begin with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from searchidx.language.orthography import without_marks, without_tone
from searchidx.language.syllable_forms import folded, has_marks, marked
from searchidx.search.match.commit_cache import CommitCache
from searchidx.search.query.query import Query
from searchidx.search.query.syntax_tree import And, Clause, Field, Not, Or, Prefix
from searchidx.store import FIELDS, Reader

MAX_EXPANSIONS: Final = 256
"""The number of syllables that a prefix is expanded to, the most frequent ones."""
_CACHE_BYTES: Final = 1 << 20
_BYTES_PER_TERM: Final = 120
"""About the memory that a term of an expansion takes."""


@dataclass(frozen=True, slots=True)
class PrefixExpansion:
    """The syllables that begin with a prefix.

    Attributes:
        terms: The view ("folded" or "marked") and the form of each, at most `MAX_EXPANSIONS`.
        total: The number of all such syllables in the index.
    """

    terms: tuple[tuple[str, str], ...]
    total: int


# Matching, planning and the notes of one search all need the same expansion.
_expansions: Final[CommitCache[tuple[str, bool], PrefixExpansion]] = CommitCache(
    _CACHE_BYTES, lambda expansion: _BYTES_PER_TERM * (1 + len(expansion.terms))
)


def expand_prefix(reader: Reader, prefix: Prefix, *, exact: bool = False) -> PrefixExpansion:
    """Return the syllables of an index that begin with a prefix.

    A prefix without diacritics is compared with folded forms.  With diacritics, or with
    `exact`, the letters (with vowel marks and đ, but without the tone) must agree.  The
    syllable must then have the typed tone, on whatever letter: ``hoà*`` matches ``hòa`` and
    ``hoàng``.  A prefix without a tone matches any tone; with `exact` the typed letters must
    not carry one.

    Args:
        reader: The commit.
        prefix: The prefix.
        exact: Whether diacritics must be as typed.
    """
    beginning = prefix.beginning
    return _expansions.get(
        reader, (beginning, exact), lambda: _expand(reader, beginning, exact)
    )


def _expand(reader: Reader, beginning: str, exact: bool) -> PrefixExpansion:
    """Return the syllables of an index that begin with a prefix (`expand_prefix`)."""
    bare = without_marks(beginning)
    count_documents = reader.vocabulary.document_counts_with_prefix
    if not exact and not has_marks(beginning):
        view = "folded"
        counts = dict(count_documents(view, bare))
        whole = folded(beginning)  # "ti" begins "tinh", but as a whole syllable folds to "ty"
    else:
        view, whole = "marked", marked(beginning)
        counts = {
            term: count
            for term, count in count_documents("marked", bare).items()
            if _begins_with(term, beginning, exact)
        }
    if whole not in counts and (count := _posting_count(reader, view, whole)):
        counts[whole] = count
    most_frequent = sorted(counts, key=lambda term: (-counts[term], term))[:MAX_EXPANSIONS]
    return PrefixExpansion(tuple((view, term) for term in most_frequent), len(counts))


def _posting_count(reader: Reader, view: str, term: str) -> int:
    """Return the number of postings of a term in title and body."""
    return sum(len(reader.postings(f"{field}_{view}", term)) for field in FIELDS)


def _begins_with(term: str, beginning: str, exact: bool) -> bool:
    """Return whether a marked form begins with a prefix (`expand_prefix`)."""
    letters, tone = without_tone(beginning)
    term_letters, term_tone = without_tone(term)
    if not term_letters.startswith(letters):
        return False
    if tone:
        return tone == term_tone
    return not exact or term.startswith(beginning)


def prefix_notes(reader: Reader, query: Query, *, exact: bool) -> list[str]:
    """Return a note for each prefix with more than `MAX_EXPANSIONS` syllables."""
    notes = []
    for prefix in dict.fromkeys(_all_prefixes(query.root)):
        total = expand_prefix(reader, prefix, exact=exact).total
        if total > MAX_EXPANSIONS:
            notes.append(
                f"{prefix} begins {total:,} different syllables; the {MAX_EXPANSIONS} most "
                "frequent ones are searched for"
            )
    return notes


def _all_prefixes(clause: Clause) -> Iterator[Prefix]:
    """Yield every prefix in a clause, excluded ones too."""
    if isinstance(clause, Prefix):
        yield clause
    elif isinstance(clause, Not | Field):
        yield from _all_prefixes(clause.clause)
    elif isinstance(clause, And | Or):
        for each in clause.clauses:
            yield from _all_prefixes(each)
