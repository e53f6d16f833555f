"""A query's text to results: parse, rank, and show the hits that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, get_args

import numpy as np

from searchidx.document import Document
from searchidx.errors import QueryError
from searchidx.language.tokens import cut
from searchidx.search.bodies import Finder
from searchidx.search.expansion import Expansion
from searchidx.search.expansion import expand as expansions_of
from searchidx.search.prefixes import notes_on_prefixes
from searchidx.search.query import Query, Sort, loosened, parse_lenient
from searchidx.search.ranking import Ranking, Search
from searchidx.search.results import Hit, Results, Suggestion
from searchidx.search.scoring import Scorer
from searchidx.search.snippets import LENGTH, Snippet, make_snippets
from searchidx.search.terms import Span, Terms, highlights
from searchidx.store import Head, Reader

if TYPE_CHECKING:
    from searchidx.search.completion import Completer, Completion
    from searchidx.search.facets import Facet

_NOTHING: Final = "there is no word or number in the query; type some, such as: nghi quyet 35"


class Searcher:
    """Searches one commit.  May be used from many threads.

    Args:
        reader: The commit.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._scorer = Scorer(reader)

    def search(
        self,
        text: str,
        *,
        limit: int = 10,
        offset: int = 0,
        sort: Sort = "relevance",
        exact: bool = False,
        expand: bool = True,
        collapse: bool = False,
        suggest: bool = True,
        snippet_length: int = LENGTH,
    ) -> Results:
        """The hits for a query, as `searchidx.Index.search` describes it."""
        _check_part(limit, offset, snippet_length)
        if sort not in get_args(Sort):
            raise QueryError(
                f"there is no order {sort!r}; use one of {', '.join(get_args(Sort))}"
            )
        query = self.understood(text)
        if query.is_empty:
            return Results((), 0, 0, (*query.notes, _NOTHING))
        asked = self._search(query, exact, expand)
        by_date = (query.sort or sort) == "date"
        found = self._page(
            lambda limit, offset: asked.search.rank(limit, offset, by_date=by_date),
            self._terms(asked),
            limit,
            offset,
            collapse,
            snippet_length,
        )
        return replace(
            found,
            notes=(
                *asked.query.notes,
                *map(_reading, asked.expansions),
                *notes_on_prefixes(self.reader, query, exact=exact),
            ),
            complete_first=by_date or asked.search.plan.all_first,
            suggestions=self._suggestions(asked, found) if suggest else (),
        )

    def like(
        self,
        example: int | Document,
        *,
        limit: int = 10,
        offset: int = 0,
        collapse: bool = False,
        snippet_length: int = LENGTH,
    ) -> Results:
        """The documents that are like one, as `searchidx.Index.like` describes it.

        Args:
            example: The number of a document, or a document that need not be in the index.
            limit, offset, collapse, snippet_length: As for `search`.
        """
        _check_part(limit, offset, snippet_length)
        from searchidx.search.like import Likeness  # which a search does not need

        likeness = Likeness(self.reader, self._scorer, example)
        terms = likeness.shown_terms()
        return self._page(likeness.ranked, terms, limit, offset, collapse, snippet_length)

    def facets(
        self,
        text: str,
        fields: Sequence[str],
        *,
        limit: int = 10,
        exact: bool = False,
        expand: bool = True,
    ) -> tuple[Facet, ...]:
        """How the hits are spread, as `searchidx.Index.facets` describes it."""
        if limit < 0:
            raise QueryError("limit must be 0 or more")
        from searchidx.search.facets import facets

        query = self.understood(text)
        hits, complete = np.zeros((2, self.reader.size), np.bool_)
        if not query.is_empty:
            search = self._search(query, exact, expand).search
            hits[search.documents] = True
            complete[search.documents[search.complete]] = True
        return facets(self.reader, hits, complete, fields, limit)

    def _page(
        self,
        ranked: Callable[[int, int], Ranking],
        terms: Terms,
        limit: int,
        offset: int,
        collapse: bool,
        snippet_length: int,
    ) -> Results:
        """A part of a ranking as it is shown."""
        similar: tuple[tuple[int, ...], ...] = ()
        folded = 0
        if collapse and limit:
            from searchidx.search.duplicates import collapsed

            page = collapsed(self.reader, ranked, limit, offset)
            ranking, similar, folded = page.ranking, page.similar, page.folded
        else:
            ranking = ranked(limit, offset)
        hits = self._hits(ranking, terms, offset, snippet_length)
        for place, numbers in enumerate(similar):
            if numbers:
                ids = tuple(self.reader.head(number).id for number in numbers)
                hits[place] = replace(hits[place], similar=ids)
        return Results(
            hits=tuple(hits),
            total=ranking.total,
            total_complete=ranking.total_complete,
            collapsed=folded,
        )

    def search_ids(
        self, text: str, *, limit: int = 10, exact: bool = False, expand: bool = True
    ) -> list[str]:
        """The ids of the hits that `search` gives, without their titles and snippets."""
        if limit < 0:
            raise QueryError("limit must be 0 or more")
        query = self.understood(text)
        if query.is_empty:
            return []
        ranking = self._search(query, exact, expand).search.rank(limit)
        return [self.reader.head(number).id for number in ranking.documents.tolist()]

    def complete(self, text: str, *, limit: int) -> tuple[Completion, ...]:
        """How a query may go on, as `searchidx.Index.complete` describes it."""
        return self._completer.complete(text, limit=limit)

    @cached_property
    def _completer(self) -> Completer:
        from searchidx.search.completion import Completer  # which a search does not need

        return Completer(self.reader)

    def highlights(
        self, text: str, query: str, *, exact: bool = False, expand: bool = True
    ) -> tuple[Span, ...]:
        """The words of `text` that a query looks for, as half-open code-point ranges."""
        asked = _Asked(self.reader, self._scorer, self.understood(query), exact, expand)
        return highlights(text, self._terms(asked))

    def understood(self, text: str) -> Query:
        """A query that may name what the documents have as metadata."""
        return parse_lenient(text, self.reader.metadata_keys)[0]

    def _search(self, query: Query, exact: bool, expand: bool) -> _Asked:
        """A query made ready; without its quotation marks, if nothing is found with them."""
        asked = _Asked(self.reader, self._scorer, query, exact, expand)
        if not len(asked.search.documents):
            loose = loosened(query)
            if loose is not None:
                return _Asked(self.reader, self._scorer, loose, exact, expand)
        return asked

    def _suggestions(self, asked: _Asked, found: Results) -> tuple[Suggestion, ...]:
        from searchidx.search.suggestions import suggest  # which may be turned off

        return suggest(
            self.reader, self._scorer, asked.query, found.total_complete, exact=asked.exact
        )

    def _terms(self, asked: _Asked) -> Terms:
        """What to highlight for a query, without the syllables that are not looked for."""
        query, exact, expansions = asked.query, asked.exact, asked.expansions
        wanted = dict.fromkeys(query.syllables + query.alternatives)
        syllables = [each for each in wanted if each not in asked.search.plan.unasked]
        typed: dict[str, frozenset[str]] = {}
        if not exact:
            for form in {s.folded for s in syllables}:
                alike = [s for s in syllables if s.folded == form]
                if all(s.has_marks for s in alike):
                    typed[form] = frozenset(s.marked for s in alike)
        view = "marked" if exact else "folded"
        return Terms(
            typed=typed,
            phrases=tuple(
                tuple(s.folded for s in expansion.phrase.syllables) for expansion in expansions
            ),
            weights={
                form: self._scorer.term(view, form).idf
                for form in dict.fromkeys(s.marked if exact else s.folded for s in syllables)
            },
            exact=exact,
            pairs=frozenset(
                (first.marked, second.marked) if exact else (first.folded, second.folded)
                for first, second in query.pairs
            ),
        )

    def _hits(
        self, ranking: Ranking, terms: Terms, offset: int, snippet_length: int
    ) -> list[Hit]:
        finder = Finder(self.reader, terms)
        numbers = ranking.documents.tolist()
        of_segments: dict[int, list[int]] = {}
        for number in numbers:
            of_segments.setdefault(self.reader.segment(number), []).append(number)
        shown: dict[int, tuple[Head, list[int], Snippet]] = {}
        for segment, documents in of_segments.items():
            documents.sort()
            heads = [self.reader.head(number) for number in documents]
            in_titles, bodies = finder.find(segment, documents)
            snippets = make_snippets(
                bodies, [head.title for head in heads], terms, snippet_length
            )
            rows = zip(heads, in_titles, snippets, strict=True)
            shown.update(zip(documents, rows, strict=True))
        scores, complete = ranking.scores.tolist(), ranking.complete.tolist()
        hits = []
        for place, number in enumerate(numbers):
            head, in_title, snippet = shown[number]
            hits.append(
                Hit(
                    rank=offset + place + 1,
                    id=head.id,
                    title=head.title,
                    date=head.date,
                    path=head.path,
                    line=head.line,
                    score=scores[place],
                    complete=complete[place],
                    snippet=snippet,
                    title_highlights=_places(head.title, in_title),
                    metadata=head.metadata,
                )
            )
        return hits


class _Asked:
    """A query made ready to be ranked, with what it is read as."""

    def __init__(
        self, reader: Reader, scorer: Scorer, query: Query, exact: bool, expand: bool
    ) -> None:
        self.query = query
        self.exact = exact
        self.expansions: Sequence[Expansion] = ()
        if expand and not exact:
            self.expansions = expansions_of(reader, query)
        self.search = Search(reader, scorer, query, exact=exact, expansions=self.expansions)


def _check_part(limit: int, offset: int, snippet_length: int) -> None:
    if limit < 0 or offset < 0:
        raise QueryError("limit and offset must be 0 or more")
    if snippet_length < 1:
        raise QueryError("a snippet needs a length of at least 1")


def _places(text: str, positions: Sequence[int]) -> tuple[Span, ...]:
    """Where the syllables at some positions of a text stand."""
    if not positions:
        return ()
    _, starts, ends = cut(text)
    return tuple((starts[at], ends[at]) for at in positions)


def _reading(expansion: Expansion) -> str:
    typed = " ".join(syllable.marked for syllable in expansion.typed)
    return f"searching also for: {expansion.text} ({typed})"
