"""A query's text to results: parse, rank, and show the hits that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, get_args

import numpy as np

from searchidx.arrays import Int32Array
from searchidx.document import Document
from searchidx.errors import QueryError
from searchidx.search.match.bm25f import Scorer
from searchidx.search.prepared_query import PreparedQuery
from searchidx.search.query.query import Query, Sort, parse_lenient
from searchidx.search.rank.ranking import Ranking
from searchidx.search.ranking_model import DEFAULT_RANKING, RankingModel
from searchidx.search.results import Hit, Results
from searchidx.search.snippets.builder import DEFAULT_LENGTH, make_snippets
from searchidx.search.snippets.highlight_terms import (
    HighlightTerms,
    find_highlights,
    highlights_at_positions,
)
from searchidx.search.snippets.matches import MatchFinder
from searchidx.search.snippets.snippet import Snippet
from searchidx.search.suggest.suggestion import Suggestion
from searchidx.store import DocumentHead, Reader
from searchidx.units import Span

if TYPE_CHECKING:
    from searchidx.search.rank.facets import Facet
    from searchidx.search.suggest.completion import Completer, Completion

MOST_PASSAGES: Final = 3
"""How many passages a hit may have."""
_NOTHING: Final = "there is no word or number in the query; type some, such as: nghi quyet 35"


@dataclass(frozen=True, slots=True)
class Page:
    """Which hits to show, and how, as `searchidx.Index.search` describes it.

    Raises:
        QueryError: One of these has no meaning.
    """

    limit: int = 10
    offset: int = 0
    collapse: bool = False
    snippet_length: int = DEFAULT_LENGTH
    passages: int = 1

    def __post_init__(self) -> None:
        if self.limit < 0 or self.offset < 0:
            raise QueryError("limit and offset must be 0 or more")
        if self.snippet_length < 1:
            raise QueryError("a snippet needs a length of at least 1")
        if not 1 <= self.passages <= MOST_PASSAGES:
            raise QueryError(f"a hit has 1 to {MOST_PASSAGES} passages")


class Searcher:
    """Searches one commit.  May be used from many threads.

    Args:
        reader: The commit.
        ranking: The weights of the ranking.
    """

    def __init__(self, reader: Reader, ranking: RankingModel = DEFAULT_RANKING) -> None:
        self.reader = reader
        self._scorer = Scorer(reader, ranking)

    def search(
        self,
        text: str,
        page: Page,
        *,
        sort: Sort = "relevance",
        exact: bool = False,
        expand: bool = True,
        suggest: bool = True,
        explain: bool = False,
    ) -> Results:
        """The hits for a query, as `searchidx.Index.search` describes it."""
        if sort not in get_args(Sort):
            raise QueryError(
                f"there is no order {sort!r}; use one of {', '.join(get_args(Sort))}"
            )
        query = self.understood(text)
        if query.is_empty:
            return Results((), 0, 0, (*query.notes, _NOTHING))
        asked = self._answered(query, exact, expand)
        search = asked.search
        by_date = (query.sort or sort) == "date"
        found, documents = self._shown(
            lambda limit, offset: search.rank(limit, offset, by_date=by_date),
            asked.terms(),
            page,
        )
        hits = found.hits
        if explain:
            from searchidx.search.rank.explanation import explain_scores

            parts = explain_scores(search.plan, self._scorer, documents)
            pairs = zip(hits, parts, strict=True)
            hits = tuple(replace(hit, explanation=each) for hit, each in pairs)
        return replace(
            found,
            hits=hits,
            notes=asked.notes,
            complete_first=by_date or search.plan.all_first,
            suggestions=self._suggestions(asked, found) if suggest else (),
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
        ranking = self._answered(query, exact, expand).search.rank(limit)
        return [self.reader.head(number).id for number in ranking.documents.tolist()]

    def like(self, example: int | Document, page: Page) -> Results:
        """The documents that are like one, as `searchidx.Index.like` describes it.

        Args:
            example: The number of a document, or a document that need not be in the index.
            page: Which of them to show.
        """
        from searchidx.search.rank.more_like_this import (
            SimilarDocuments,  # which a search does not need
        )

        likeness = SimilarDocuments(self.reader, self._scorer, example)
        return self._shown(likeness.ranked, likeness.shown_terms(), page)[0]

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
        from searchidx.search.rank.facets import count_facets

        query = self.understood(text)
        hits, complete = np.zeros((2, self.reader.size), np.bool_)
        if not query.is_empty:
            search = self._answered(query, exact, expand).search
            hits[search.documents] = True
            complete[search.documents[search.complete]] = True
        return count_facets(self.reader, hits, complete, fields, limit)

    def complete(self, text: str, *, limit: int) -> tuple[Completion, ...]:
        """How a query may go on, as `searchidx.Index.complete` describes it."""
        return self._completer.complete(text, limit=limit)

    @cached_property
    def _completer(self) -> Completer:
        from searchidx.search.suggest.completion import (
            Completer,  # which a search does not need
        )

        return Completer(self.reader)

    def highlights(
        self, text: str, query: str, *, exact: bool = False, expand: bool = True
    ) -> tuple[Span, ...]:
        """The words of `text` that a query looks for, as half-open code-point ranges."""
        return find_highlights(
            text, self._answered(self.understood(query), exact, expand).terms()
        )

    def understood(self, text: str) -> Query:
        """A query that may name what the documents have as metadata."""
        return parse_lenient(text, self.reader.keywords.metadata_keys)[0]

    def _answered(self, query: Query, exact: bool, expand: bool) -> PreparedQuery:
        return PreparedQuery.answered(
            self.reader, self._scorer, query, exact=exact, expand=expand
        )

    def _suggestions(self, asked: PreparedQuery, found: Results) -> tuple[Suggestion, ...]:
        from searchidx.search.suggest.suggestions import suggest  # which may be turned off

        return suggest(
            self.reader,
            self._scorer,
            asked.query,
            found.total_complete,
            exact=asked.exact,
            known=asked.search.plan.restored,
        )

    def _shown(
        self, ranked: Callable[[int, int], Ranking], terms: HighlightTerms, page: Page
    ) -> tuple[Results, Int32Array]:
        """A part of a ranking as it is shown, and the documents of its hits."""
        similar: tuple[tuple[int, ...], ...] = ()
        folded = 0
        if page.collapse:
            from searchidx.search.rank.near_duplicates import collapse_near_duplicates

            part = collapse_near_duplicates(
                self.reader, self._scorer.model, ranked, page.limit, page.offset
            )
            ranking, similar, folded = part.ranking, part.similar, part.folded
        else:
            ranking = ranked(page.limit, page.offset)
        hits = self._hits(ranking, terms, page)
        for place, numbers in enumerate(similar):
            if numbers:
                ids = tuple(self.reader.head(number).id for number in numbers)
                hits[place] = replace(hits[place], similar=ids)
        results = Results(
            hits=tuple(hits),
            total=ranking.total,
            total_complete=ranking.total_complete,
            collapsed=folded,
        )
        return results, ranking.documents

    def _hits(self, ranking: Ranking, terms: HighlightTerms, page: Page) -> list[Hit]:
        finder = MatchFinder(self.reader, terms)
        numbers = ranking.documents.tolist()
        of_segments: dict[int, list[int]] = {}
        for number in numbers:
            of_segments.setdefault(self.reader.segment_index(number), []).append(number)
        shown: dict[int, tuple[DocumentHead, tuple[Span, ...], tuple[Snippet, ...]]] = {}
        for segment, documents in of_segments.items():
            documents.sort()
            heads = [self.reader.head(number) for number in documents]
            in_titles, bodies = finder.find(segment, documents)
            snippets = make_snippets(
                bodies,
                [head.title for head in heads],
                terms,
                page.snippet_length,
                page.passages,
            )
            marks = (
                highlights_at_positions(head.title, positions, forms, terms)
                for head, (positions, forms) in zip(heads, in_titles, strict=True)
            )
            rows = zip(heads, marks, snippets, strict=True)
            shown.update(zip(documents, rows, strict=True))
        scores, complete = ranking.scores.tolist(), ranking.complete.tolist()
        hits = []
        for place, number in enumerate(numbers):
            head, in_title, found = shown[number]
            hits.append(
                Hit(
                    rank=page.offset + place + 1,
                    id=head.id,
                    title=head.title,
                    date=head.date,
                    path=head.path,
                    line=head.line,
                    score=scores[place],
                    complete=complete[place],
                    passages=found,
                    title_highlights=in_title,
                    metadata=head.metadata,
                )
            )
        return hits
