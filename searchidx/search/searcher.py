"""Search one commit: parse the query, rank the documents, and build the hits to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from searchidx.arrays import DocIds
from searchidx.document import Document
from searchidx.errors import QueryError
from searchidx.language.dates import PartialDate
from searchidx.search.match.bm25f import Scorer
from searchidx.search.match.boolean import documents_matching
from searchidx.search.options import SearchOptions, whole_number
from searchidx.search.prepared_query import PreparedQuery
from searchidx.search.query.query import Query, parse, parse_lenient
from searchidx.search.rank.ranking import Ranking
from searchidx.search.ranking_model import DEFAULT_RANKING, RankingModel
from searchidx.search.results import Hit, Results
from searchidx.search.snippets.builder import make_snippets
from searchidx.search.snippets.highlight_terms import (
    HighlightTerms,
    find_highlights,
    highlights_at_positions,
)
from searchidx.search.snippets.matches import MatchFinder
from searchidx.search.snippets.snippet import Snippet
from searchidx.search.suggest.suggestion import Suggestion
from searchidx.store import DocumentHead, Reader, guarded
from searchidx.units import Span

if TYPE_CHECKING:
    from searchidx.search.rank.explanation import Contribution
    from searchidx.search.rank.facets import Facet
    from searchidx.search.suggest.completion import Completer, Completion

_PAGED: Final = ("pdf", "ppt", "pptx", "odp", "xls", "xlsx", "ods")
"""The formats whose documents have pages, slides or sheets."""
_PAGE_BREAK: Final = "\f"
"""Stands between the pages of a body, as `searchidx.sources` puts it."""

_NO_WORDS_NOTE: Final = (
    "there is no word or number in the query; type some, such as: nghi quyet 35"
)

RankFunction = Callable[[int, int], Ranking]
"""Return the part of a ranking of at most `limit` documents from `offset` on."""


@dataclass(frozen=True, slots=True)
class _Page:
    """The part of a ranking that is shown.

    Attributes:
        ranking: The documents, best first.
        similar: The near-duplicates folded under each of them; empty if none were looked for.
        collapsed: How many documents of the whole ranking are folded under others.
    """

    ranking: Ranking
    similar: Sequence[Sequence[int]] = ()
    collapsed: int = 0


@dataclass(frozen=True, slots=True)
class _Display:
    """Hold what is shown of one document besides its place in the ranking."""

    head: DocumentHead
    title_highlights: tuple[Span, ...]
    passages: tuple[Snippet, ...]


class Searcher:
    """Search one commit.  May be used from many threads.

    Args:
        reader: The commit.
        ranking: The weights and thresholds of the ranking.
    """

    def __init__(self, reader: Reader, ranking: RankingModel = DEFAULT_RANKING) -> None:
        self.reader = reader
        self.place = reader.place
        """The folder of the index, for messages."""
        self._scorer = Scorer(reader, ranking)

    @guarded
    def search(self, text: str, options: SearchOptions) -> Results:
        """Return the hits of a query, as `searchidx.Index.search` describes them."""
        query = self.parse(text)
        if query.is_empty:
            return Results((), 0, 0, (*query.notes, _NO_WORDS_NOTE))
        prepared = self._prepare(query, options)
        page = self._page(_rank_function(prepared, options), options)
        plan = prepared.ranker.plan
        explanations: Sequence[tuple[Contribution, ...]] = ()
        if options.explain:
            from searchidx.search.rank.explanation import explain_scores  # seldom asked for

            explanations = explain_scores(plan, self._scorer, page.ranking.doc_ids)
        terms = prepared.highlight_terms()
        return Results(
            hits=tuple(
                self._hits(
                    page,
                    terms,
                    options,
                    explanations,
                    plan.missing_words(page.ranking.doc_ids),
                )
            ),
            total=page.ranking.total,
            total_complete=page.ranking.total_complete,
            notes=prepared.notes,
            collapsed=page.collapsed,
            suggestions=self._suggestions(prepared, page.ranking, options)
            if options.suggest
            else (),
            complete_first=_is_by_date(query, options),
        )

    @guarded
    def search_ids(self, text: str, options: SearchOptions) -> list[str]:
        """Return the ids of the hits of `search`, without reading any text."""
        query = self.parse(text)
        if query.is_empty:
            return []
        prepared = self._prepare(query, options)
        page = self._page(_rank_function(prepared, options), options)
        return self._ids(page.ranking.doc_ids.tolist())

    @guarded
    def like(self, example: int | Document, options: SearchOptions) -> Results:
        """Return the documents that are like one, as `searchidx.Index.like` describes them.

        Args:
            example: The number of a document, or a document that need not be in the index.
            options: Which hits to show, and how.
        """
        from searchidx.search.rank.more_like_this import (
            SimilarDocuments,  # which a search does not need
        )

        likeness = SimilarDocuments(self.reader, self._scorer, example)
        page = self._page(likeness.rank, options)
        return Results(
            hits=tuple(self._hits(page, likeness.highlight_terms(), options)),
            total=page.ranking.total,
            total_complete=page.ranking.total_complete,
            collapsed=page.collapsed,
        )

    @guarded
    def facets(
        self, text: str, fields: Sequence[str], options: SearchOptions
    ) -> tuple[Facet, ...]:
        """Return the counts of the hits by fields, as `searchidx.Index.facets` describes."""
        from searchidx.search.rank.facets import count_facets

        query = self.parse(text)
        hits, complete = np.zeros((2, self.reader.size), np.bool_)
        if not query.is_empty:
            ranker = self._prepare(query, options).ranker
            hits[ranker.doc_ids] = True
            complete[ranker.doc_ids[ranker.complete]] = True
        return count_facets(self.reader, hits, complete, fields, options.limit)

    @guarded
    def complete(self, text: str, *, limit: int) -> tuple[Completion, ...]:
        """Return completions of a query, as `searchidx.Index.complete` describes them."""
        _require_text("the text to complete", text)
        return self._completer.complete(text, limit=whole_number("limit", limit))

    @cached_property
    def _completer(self) -> Completer:
        from searchidx.search.suggest.completion import (
            Completer,  # which a search does not need
        )

        return Completer(self.reader)

    @guarded
    def highlights(self, text: str, query: str, options: SearchOptions) -> tuple[Span, ...]:
        """Return the places in a text that match a query, as half-open ranges."""
        _require_text("the text to highlight", text)
        prepared = self._prepare(self.parse(query), options)
        return find_highlights(text, prepared.highlight_terms())

    @guarded
    def parse(self, text: str) -> Query:
        """Return a query, which may name the documents' metadata.

        Raises:
            QueryError: `text` is not a string.
        """
        _require_text("a query", text)
        return parse_lenient(text, self.reader.keywords.metadata_keys)[0]

    def _prepare(self, query: Query, options: SearchOptions) -> PreparedQuery:
        return PreparedQuery.prepare(self.reader, self._scorer, query, options)

    def _suggestions(
        self, prepared: PreparedQuery, ranking: Ranking, options: SearchOptions
    ) -> tuple[Suggestion, ...]:
        from searchidx.search.suggest.suggestions import suggest  # which may be turned off

        return suggest(
            self.reader,
            self._scorer,
            prepared.query,
            ranking.total_complete,
            exact=prepared.exact,
            expand=options.expand,
            known=prepared.ranker.plan.restoration,
            unasked=prepared.ranker.plan.dropped,
        )

    def _page(self, rank: RankFunction, options: SearchOptions) -> _Page:
        """Return the part of a ranking that the options ask for."""
        if not options.collapse:
            return _Page(rank(options.limit, options.offset))
        from searchidx.search.rank.near_duplicates import collapse_near_duplicates

        part = collapse_near_duplicates(
            self.reader, self._scorer.model, rank, options.limit, options.offset
        )
        return _Page(part.ranking, part.similar, part.folded)

    def _hits(
        self,
        page: _Page,
        terms: HighlightTerms,
        options: SearchOptions,
        explanations: Sequence[tuple[Contribution, ...]] = (),
        missing: Sequence[tuple[str, ...]] = (),
    ) -> Iterator[Hit]:
        """Yield the hits of a page.

        Args:
            page: The part of the ranking.
            terms: What is highlighted.
            options: How the hits are shown.
            explanations: What the score of each consists of; empty if it is not wanted.
            missing: The words that each does not hold; empty if there is no query.
        """
        ranking = page.ranking
        doc_ids = ranking.doc_ids.tolist()
        displays = self._displays(doc_ids, terms, options)
        rows = zip(doc_ids, ranking.scores.tolist(), ranking.complete.tolist(), strict=True)
        for place, (doc_id, score, complete) in enumerate(rows):
            display = displays[doc_id]
            head = display.head
            yield Hit(
                rank=options.offset + place + 1,
                id=head.id,
                title=head.title,
                date=head.date,
                path=head.path,
                line=head.line,
                score=score,
                complete=complete,
                missing=missing[place] if missing else (),
                passages=display.passages,
                title_highlights=display.title_highlights,
                metadata=head.metadata,
                similar=tuple(self._ids(page.similar[place])) if page.similar else (),
                explanation=explanations[place] if explanations else (),
            )

    def _displays(
        self, doc_ids: Sequence[int], terms: HighlightTerms, options: SearchOptions
    ) -> dict[int, _Display]:
        """Return what is shown of each document, made segment by segment."""
        finder = MatchFinder(self.reader, terms)
        by_segment: dict[int, list[int]] = {}
        for doc_id in sorted(doc_ids):
            by_segment.setdefault(self.reader.segment_index(doc_id), []).append(doc_id)
        displays: dict[int, _Display] = {}
        for segment, documents in by_segment.items():
            heads = [self._read_head(doc_id) for doc_id in documents]
            title_matches, bodies = finder.find(segment, documents)
            snippets = make_snippets(
                bodies,
                [head.title for head in heads],
                terms,
                options.snippet_length,
                options.passages,
            )
            rows = zip(documents, heads, title_matches, snippets, strict=True)
            for doc_id, head, (positions, forms), passages in rows:
                highlights = highlights_at_positions(head.title, positions, forms, terms)
                passages = self._with_pages(doc_id, head, passages)
                displays[doc_id] = _Display(head, highlights, passages)
        return displays

    def _with_pages(
        self, doc_id: int, head: DocumentHead, passages: tuple[Snippet, ...]
    ) -> tuple[Snippet, ...]:
        """Return passages that know their pages, if the document has several."""
        # Another program may have given documents a field of this name.
        if head.metadata.get("format") not in _PAGED or "pages" not in head.metadata:
            return passages
        places = [
            passage.start + (passage.highlights[0][0] if passage.highlights else 0)
            for passage in passages
        ]
        text, _ = self.reader.body(doc_id, 0, max(places))
        return tuple(
            replace(passage, page=text.count(_PAGE_BREAK, 0, place) + 1)
            for passage, place in zip(passages, places, strict=True)
        )

    def _read_head(self, doc_id: int) -> DocumentHead:
        """Return what is stored of a document except its body.

        Raises:
            ValueError: Its date is none.
        """
        head = self.reader.head(doc_id)
        if head.date is not None:
            PartialDate.parse(head.date)
        return head

    def _ids(self, doc_ids: Sequence[int]) -> list[str]:
        return [self.reader.head(doc_id).id for doc_id in doc_ids]


def select_documents(reader: Reader, text: str, *, exact: bool) -> DocIds:
    """Return the documents that meet a query as a condition, ascending.

    A search also finds documents with only some of the words; this requires every part of
    the query.  Abbreviations are not expanded.

    Args:
        reader: The commit.
        text: The query.
        exact: Whether syllables must have exactly the typed diacritics.

    Raises:
        QueryError: The query is empty, or something in it makes no sense.
    """
    _require_text("a query", text)
    query = parse(text, reader.keywords.metadata_keys)
    if query.is_empty:
        raise QueryError(
            "the query names no document; give a word or a field such as date:2023"
        )
    return documents_matching(reader, query.root, exact=exact)


def _rank_function(prepared: PreparedQuery, options: SearchOptions) -> RankFunction:
    """Return the function that ranks a prepared query in the order asked for."""
    by_date = _is_by_date(prepared.query, options)
    return lambda limit, offset: prepared.ranker.rank(limit, offset, by_date=by_date)


def _is_by_date(query: Query, options: SearchOptions) -> bool:
    """Return whether the latest come first; a query's own ``sort:`` has precedence."""
    return (query.sort or options.sort) == "date"


def _require_text(what: str, value: object) -> None:
    if not isinstance(value, str):
        raise QueryError(f"{what} must be text, not {type(value).__name__}")
