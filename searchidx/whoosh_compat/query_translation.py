"""Translate a query of the search language to a tree of Whoosh's query classes.

A word becomes a `Term` in the title or in the body, a phrase a `Phrase`, a path or a
metadata value the terms of its field.  With a searcher of `Index.whoosh` the tree finds the
documents that a search without abbreviation expansion finds.
"""

from __future__ import annotations

from searchidx.search.match.boolean import required_term
from searchidx.search.match.metadata import matching_paths, matching_values
from searchidx.search.match.prefixes import expand_prefix
from searchidx.search.query.query import Query
from searchidx.search.query.syntax_tree import (
    And,
    Clause,
    Code,
    DateRange,
    Field,
    Metadata,
    Not,
    Or,
    Path,
    Phrase,
    Prefix,
    Syllable,
    SyllableTerm,
)
from searchidx.store import FIELDS, Reader, ViewTerm
from searchidx.whoosh_compat import queries as whoosh


def translate(reader: Reader, query: Query, *, exact: bool = False) -> whoosh.Query:
    """Translate a query.

    Prefixes, paths and metadata values become the terms that match them in this commit.

    Args:
        reader: The commit.
        query: The query.
        exact: Whether every word must match with its marks as typed.
    """
    translation = _Translation(reader, exact)
    found = [
        translation.translate(clause, FIELDS, excluded=False)
        for clause in query.root.clauses
        if not isinstance(clause, SyllableTerm)
    ]
    if query.syllables:
        found.append(_any(translation.words(query.syllables, FIELDS)))
    return _all(found)


class _Translation:
    """Translate the clauses of one query."""

    def __init__(self, reader: Reader, exact: bool) -> None:
        self._reader = reader
        self._exact = exact

    def translate(
        self, clause: Clause, fields: tuple[str, ...], *, excluded: bool
    ) -> whoosh.Query:
        """Translate a clause.

        Args:
            clause: The clause.
            fields: The text fields that it applies to.
            excluded: Whether the clause is below an odd number of `Not`.
        """
        match clause:
            case And(clauses):
                return _all(
                    [self.translate(each, fields, excluded=excluded) for each in clauses]
                )
            case Or(clauses):
                return _any(
                    [self.translate(each, fields, excluded=excluded) for each in clauses]
                )
            case Not(inner):
                return whoosh.Not(self.translate(inner, fields, excluded=not excluded))
            case Field(name, inner):
                return self.translate(inner, (name,), excluded=excluded)
            case SyllableTerm(syllable):
                return _any(self.words((syllable,), fields, excluded=excluded))
            case Phrase(syllables, slop):
                terms = tuple(required_term(each, self._exact, excluded) for each in syllables)
                return _any([_phrase(field, terms, slop) for field in fields])
            case Prefix():
                terms = expand_prefix(self._reader, clause, exact=self._exact).terms
                return _any(_terms(terms, fields))
            case Path():
                found = matching_paths(self._reader, clause, self._exact)
                return _any([whoosh.Term("path", path) for path in found])
            case Metadata():
                found = matching_values(self._reader, clause, self._exact)
                return _any([whoosh.Term("metadata", value) for value in found])
            case Code(code):
                return whoosh.Term("code", code)
            case DateRange(first, last):
                return whoosh.DateRange(first, last)

    def words(
        self,
        syllables: tuple[Syllable, ...],
        fields: tuple[str, ...],
        *,
        excluded: bool = False,
    ) -> list[whoosh.Query]:
        """Return a term for each syllable in each field."""
        terms = tuple(required_term(each, self._exact, excluded) for each in syllables)
        return _terms(terms, fields)


def _terms(terms: tuple[ViewTerm, ...], fields: tuple[str, ...]) -> list[whoosh.Query]:
    """Return a term query for each term in each field."""
    return [whoosh.Term(f"{field}_{view}", form) for field in fields for view, form in terms]


def _phrase(field: str, terms: tuple[ViewTerm, ...], slop: int | None) -> whoosh.Query:
    """Return a phrase query, or a proximity query if Whoosh's phrase cannot express it."""
    views = {view for view, _ in terms}
    if slop is None and len(terms) > 1 and len(views) == 1:
        return whoosh.Phrase(f"{field}_{views.pop()}", [form for _, form in terms])
    return whoosh.Proximity(field, terms, slop)


def _all(queries: list[whoosh.Query]) -> whoosh.Query:
    """Combine queries that must all match."""
    return whoosh.And(queries) if len(queries) != 1 else queries[0]


def _any(queries: list[whoosh.Query]) -> whoosh.Query:
    """Combine queries of which at least one must match."""
    if not queries:
        return whoosh.NullQuery
    return whoosh.Or(queries) if len(queries) != 1 else queries[0]
