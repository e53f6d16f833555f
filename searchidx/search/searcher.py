"""A query's text to results: parse, rank, and show the hits that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

from searchidx.errors import QueryError
from searchidx.search.expansion import Expansion
from searchidx.search.expansion import expand as expansions_of
from searchidx.search.query import Query, parse
from searchidx.search.ranking import Ranking, idf, rank
from searchidx.search.results import Hit, Results
from searchidx.search.snippets import LENGTH, Terms, highlights, make_snippet
from searchidx.store import Reader

Sort = Literal["relevance", "date"]
_NOTHING: Final = "there is no word or number in the query; type some, such as: nghi quyet 35"


def search(
    reader: Reader,
    text: str,
    *,
    limit: int = 10,
    offset: int = 0,
    sort: Sort = "relevance",
    exact: bool = False,
    expand: bool = True,
    snippet_length: int = LENGTH,
) -> Results:
    """The hits for a query, as `searchidx.Index.search` describes it."""
    if limit < 0 or offset < 0:
        raise QueryError("limit and offset must be 0 or more")
    if sort not in get_args(Sort):
        raise QueryError(f"there is no order {sort!r}; use one of {', '.join(get_args(Sort))}")
    if snippet_length < 1:
        raise QueryError("a snippet needs a length of at least 1")
    query = parse(text)
    if query.is_empty:
        return Results((), 0, 0, (*query.notes, _NOTHING))
    expansions = expansions_of(reader, query) if expand and not exact else ()
    ranking = rank(
        reader,
        query,
        limit=limit,
        offset=offset,
        exact=exact,
        by_date=sort == "date",
        expansions=expansions,
    )
    terms = query_terms(reader, query, exact=exact, expansions=expansions)
    return Results(
        hits=tuple(_hits(reader, ranking, terms, offset, snippet_length)),
        total=ranking.total,
        total_complete=ranking.total_complete,
        notes=query.notes + tuple(map(_reading, expansions)),
    )


def _reading(expansion: Expansion) -> str:
    typed = " ".join(syllable.marked for syllable in expansion.typed)
    return f"searching also for: {expansion.text} ({typed})"


def query_terms(
    reader: Reader,
    query: Query,
    *,
    exact: bool = False,
    expansions: Sequence[Expansion] = (),
) -> Terms:
    """What to highlight for a query."""
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
        weights=idf(reader, query, exact=exact),
        exact=exact,
        pairs=frozenset(
            (first.marked, second.marked) if exact else (first.folded, second.folded)
            for first, second in query.pairs
        ),
    )


def _hits(
    reader: Reader, ranking: Ranking, terms: Terms, offset: int, snippet_length: int
) -> list[Hit]:
    hits = []
    rows = zip(ranking.documents, ranking.scores, ranking.complete, strict=True)
    for place, (number, score, complete) in enumerate(rows, offset + 1):
        document = reader.document(int(number))
        hits.append(
            Hit(
                rank=place,
                id=document.id,
                title=document.title,
                date=document.date,
                path=document.path,
                line=document.line,
                score=float(score),
                complete=bool(complete),
                snippet=make_snippet(document.body, document.title, terms, snippet_length),
                title_highlights=highlights(document.title, terms),
                metadata=document.metadata,
            )
        )
    return hits
