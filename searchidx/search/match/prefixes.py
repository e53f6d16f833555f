"""What a syllable begins with, as the syllables of an index that begin so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from searchidx.language.orthography import without_marks, without_tone
from searchidx.language.syllable_forms import folded, has_marks, marked
from searchidx.search.query.query import Query
from searchidx.search.query.syntax_tree import And, Clause, Field, Not, Or, Prefix
from searchidx.store import FIELDS, Reader

MAX_EXPANSIONS: Final = 256
"""How many syllables a beginning stands for, the most frequent ones."""


@dataclass(frozen=True, slots=True)
class PrefixExpansion:
    """The syllables that begin in one way.

    Attributes:
        terms: Of each the view, "folded" or "marked", and the form.
        total: How many there are in all.
    """

    terms: tuple[tuple[str, str], ...]
    total: int


def expand_prefix(reader: Reader, prefix: Prefix, *, exact: bool = False) -> PrefixExpansion:
    """The syllables of an index that begin as typed.

    Without marks it is what their folded forms begin with.  With marks, or `exact`, their
    letters with the marks of vowels and đ must begin so, and they must have the tone that
    was typed, wherever it stands: ``hoà*`` begins ``hòa`` and ``hoàng``.  A tone that was
    not typed may follow, but with `exact` not on the letters that were.
    """
    beginning = prefix.beginning
    bare = without_marks(beginning)
    if not exact and not has_marks(beginning):
        view, found = (
            "folded",
            dict(reader.vocabulary.document_counts_with_prefix("folded", bare)),
        )
        same = folded(beginning)  # ti begins tinh, and is spelled ty by itself
    else:
        view, same = "marked", marked(beginning)
        found = {
            term: count
            for term, count in reader.vocabulary.document_counts_with_prefix(
                "marked", bare
            ).items()
            if _begins(term, beginning, exact)
        }
    if same not in found and (count := _frequency(reader, view, same)):
        found[same] = count
    best = sorted(found, key=lambda term: (-found[term], term))[:MAX_EXPANSIONS]
    return PrefixExpansion(tuple((view, term) for term in best), len(found))


def _frequency(reader: Reader, view: str, term: str) -> int:
    return sum(len(reader.postings(f"{field}_{view}", term)) for field in FIELDS)


def _begins(term: str, beginning: str, exact: bool) -> bool:
    letters, tone = without_tone(beginning)
    of_term, tone_of_term = without_tone(term)
    if not of_term.startswith(letters):
        return False
    if tone:
        return tone == tone_of_term
    return not exact or term.startswith(beginning)


def prefix_notes(reader: Reader, query: Query, *, exact: bool) -> list[str]:
    """What to say of the beginnings that stand for more syllables than are searched for."""
    notes = []
    for prefix in dict.fromkeys(_prefixes(query.root)):
        total = expand_prefix(reader, prefix, exact=exact).total
        if total > MAX_EXPANSIONS:
            notes.append(
                f"{prefix} begins {total:,} different syllables; the {MAX_EXPANSIONS} most "
                "frequent ones are searched for"
            )
    return notes


def _prefixes(clause: Clause) -> Iterator[Prefix]:
    if isinstance(clause, Prefix):
        yield clause
    elif isinstance(clause, Not | Field):
        yield from _prefixes(clause.clause)
    elif isinstance(clause, And | Or):
        for each in clause.clauses:
            yield from _prefixes(each)
