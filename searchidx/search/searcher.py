"""A query's text to results: parse, rank, and show the hits that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

from searchidx.errors import QueryError
from searchidx.search.bodies import Finder
from searchidx.search.expansion import Expansion
from searchidx.search.expansion import expand as expansions_of
from searchidx.search.query import Query, parse
from searchidx.search.ranking import Ranking, rank
from searchidx.search.results import Hit, Results
from searchidx.search.scoring import Scorer
from searchidx.search.snippets import LENGTH, Snippet, make_snippets
from searchidx.search.terms import Span, Terms, highlights, highlights_at
from searchidx.store import Head, Reader

Sort = Literal["relevance", "date"]
MOST_PASSAGES: Final = 3
"""How many passages a hit may have."""
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
        snippet_length: int = LENGTH,
        passages: int = 1,
    ) -> Results:
        """The hits for a query, as `searchidx.Index.search` describes it."""
        if limit < 0 or offset < 0:
            raise QueryError("limit and offset must be 0 or more")
        if sort not in get_args(Sort):
            raise QueryError(
                f"there is no order {sort!r}; use one of {', '.join(get_args(Sort))}"
            )
        if snippet_length < 1:
            raise QueryError("a snippet needs a length of at least 1")
        if not 1 <= passages <= MOST_PASSAGES:
            raise QueryError(f"a hit has 1 to {MOST_PASSAGES} passages")
        query = parse(text)
        if query.is_empty:
            return Results((), 0, 0, (*query.notes, _NOTHING))
        expansions = self._expansions(query, exact, expand)
        ranking = rank(
            self.reader,
            self._scorer,
            query,
            limit=limit,
            offset=offset,
            exact=exact,
            by_date=sort == "date",
            expansions=expansions,
        )
        terms = self._terms(query, exact, expansions)
        return Results(
            hits=tuple(self._hits(ranking, terms, offset, snippet_length, passages)),
            total=ranking.total,
            total_complete=ranking.total_complete,
            notes=query.notes + tuple(map(_reading, expansions)),
        )

    def highlights(
        self, text: str, query: str, *, exact: bool = False, expand: bool = True
    ) -> tuple[Span, ...]:
        """The words of `text` that a query looks for, as half-open code-point ranges."""
        parsed = parse(query)
        terms = self._terms(parsed, exact, self._expansions(parsed, exact, expand))
        return highlights(text, terms)

    def _expansions(self, query: Query, exact: bool, expand: bool) -> Sequence[Expansion]:
        return expansions_of(self.reader, query) if expand and not exact else ()

    def _terms(self, query: Query, exact: bool, expansions: Sequence[Expansion]) -> Terms:
        """What to highlight for a query."""
        view = "marked" if exact else "folded"
        weights = {
            form: self._scorer.term(view, form).idf
            for form in dict.fromkeys(s.marked if exact else s.folded for s in query.syllables)
        }
        # The other form of an abbreviation is worth half of what was typed of it.
        untyped: dict[str, float] = {}
        for expansion in expansions:
            typed_worth = sum(weights.get(s.folded, 0.0) for s in expansion.typed)
            each = typed_worth / (2 * len(expansion.phrase.syllables))
            for s in expansion.phrase.syllables:
                untyped[s.folded] = max(each, untyped.get(s.folded, 0.0))
        typed: dict[str, frozenset[str]] = {}
        if not exact:
            for form in {s.folded for s in query.syllables}:
                alike = [s for s in query.syllables if s.folded == form]
                if all(s.has_marks for s in alike):
                    typed[form] = frozenset(s.marked for s in alike)
        return Terms(
            typed=typed,
            phrases=tuple(
                tuple(s.folded for s in expansion.phrase.syllables) for expansion in expansions
            ),
            untyped=untyped,
            weights=weights,
            exact=exact,
            pairs=frozenset(
                (first.marked, second.marked) if exact else (first.folded, second.folded)
                for first, second in query.pairs
            ),
        )

    def _hits(
        self, ranking: Ranking, terms: Terms, offset: int, snippet_length: int, passages: int
    ) -> list[Hit]:
        finder = Finder(self.reader, terms)
        numbers = ranking.documents.tolist()
        of_segments: dict[int, list[int]] = {}
        for number in numbers:
            of_segments.setdefault(self.reader.segment(number), []).append(number)
        shown: dict[int, tuple[Head, tuple[Span, ...], tuple[Snippet, ...]]] = {}
        for segment, documents in of_segments.items():
            documents.sort()
            heads = [self.reader.head(number) for number in documents]
            in_titles, bodies = finder.find(segment, documents)
            snippets = make_snippets(
                bodies, [head.title for head in heads], terms, snippet_length, passages
            )
            marks = (
                highlights_at(head.title, positions, forms, terms)
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
                    rank=offset + place + 1,
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


def _reading(expansion: Expansion) -> str:
    typed = " ".join(syllable.marked for syllable in expansion.typed)
    return f"searching also for: {expansion.text} ({typed})"
