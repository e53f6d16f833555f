"""A query as a tree of Whoosh's own query classes.

Each part has its class there: a word is a `ViewTerm` of the title or of the body, a phrase a
`Phrase`, a path or a value of metadata the terms of its field.  Over an index's
`Index.whoosh` the tree finds the documents that a search finds without the other forms of
abbreviations; it is loaded only where somebody asks for it, for Whoosh takes time to import.
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
    Dates,
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
    """A query as Whoosh's.

    What stands for several terms is the terms of this commit: beginnings, paths, values.

    Args:
        reader: The commit.
        query: The query.
        exact: Whether every word must be spelled as it was typed.
    """
    translation = _Translation(reader, exact)
    found = [
        translation.of(clause, FIELDS, excluded=False)
        for clause in query.root.clauses
        if not isinstance(clause, SyllableTerm)
    ]
    if query.syllables:
        found.append(_either(translation.words(query.syllables, FIELDS)))
    return _all(found)


class _Translation:
    def __init__(self, reader: Reader, exact: bool) -> None:
        self._reader = reader
        self._exact = exact

    def of(self, clause: Clause, fields: tuple[str, ...], *, excluded: bool) -> whoosh.Query:
        """A part; the arguments are those of `Evaluation.mask`."""
        match clause:
            case And(clauses):
                return _all([self.of(each, fields, excluded=excluded) for each in clauses])
            case Or(clauses):
                return _either([self.of(each, fields, excluded=excluded) for each in clauses])
            case Not(inner):
                return whoosh.Not(self.of(inner, fields, excluded=not excluded))
            case Field(name, inner):
                return self.of(inner, (name,), excluded=excluded)
            case SyllableTerm(syllable):
                return _either(self.words((syllable,), fields, excluded=excluded))
            case Phrase(syllables, slop):
                terms = tuple(required_term(each, self._exact, excluded) for each in syllables)
                return _either([_together(field, terms, slop) for field in fields])
            case Prefix():
                terms = expand_prefix(self._reader, clause, exact=self._exact).terms
                return _either(_terms(terms, fields))
            case Path():
                found = matching_paths(self._reader, clause, self._exact)
                return _either([whoosh.Term("path", path) for path in found])
            case Metadata():
                found = matching_values(self._reader, clause, self._exact)
                return _either([whoosh.Term("metadata", value) for value in found])
            case Code(code):
                return whoosh.Term("code", code)
            case Dates(first, last):
                return whoosh.Dated(first, last)

    def words(
        self,
        syllables: tuple[Syllable, ...],
        fields: tuple[str, ...],
        *,
        excluded: bool = False,
    ) -> list[whoosh.Query]:
        """Each syllable in each field."""
        terms = tuple(required_term(each, self._exact, excluded) for each in syllables)
        return _terms(terms, fields)


def _terms(terms: tuple[ViewTerm, ...], fields: tuple[str, ...]) -> list[whoosh.Query]:
    return [whoosh.Term(f"{field}_{view}", form) for field in fields for view, form in terms]


def _together(field: str, terms: tuple[ViewTerm, ...], slop: int | None) -> whoosh.Query:
    views = {view for view, _ in terms}
    if slop is None and len(terms) > 1 and len(views) == 1:
        return whoosh.Phrase(f"{field}_{views.pop()}", [form for _, form in terms])
    return whoosh.Together(field, terms, slop)


def _all(found: list[whoosh.Query]) -> whoosh.Query:
    return whoosh.And(found) if len(found) != 1 else found[0]


def _either(found: list[whoosh.Query]) -> whoosh.Query:
    if not found:
        return whoosh.NullQuery
    return whoosh.Or(found) if len(found) != 1 else found[0]
