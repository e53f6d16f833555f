"""Define what a search returns: results and their hits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, overload

from searchidx.search.rank.explanation import Contribution
from searchidx.search.snippets.formatter import to_html
from searchidx.search.snippets.snippet import Snippet
from searchidx.search.suggest.suggestion import Suggestion
from searchidx.units import Span

JSON_SCHEMA: Final = 1
"""The version of the shape that `Hit.to_dict` gives: docs/schema/hit-1.json.

It is raised when a key is removed or changes its meaning.  Keys may be added without that.
"""
_SCORE_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that a search found.

    Attributes:
        rank: The place in the whole ranking, from 1.
        id: The id of the document.
        title: Its title; may be empty.
        date: Its date as far as it is known, such as "2023-07-24" or "2023"; or None.
        path: The file that it came from, or None.
        line: Its line in that file, from 1, or None.
        score: The score; higher is better.  Compare scores within one search only.
        complete: Whether the document has every word of the query.
        missing: The words of the query that the document does not have, as they were typed
            and in their order.  A word typed with diacritics is in a text that spells it so,
            and in a text without any diacritics.
        passages: The passages of the body that show best why the document was found, in the
            order of the text; at least one.
        title_highlights: The matching words of the title, as half-open ranges of code points.
        metadata: The further fields of the document.
        similar: With `collapse`: the ids of near-duplicates that are not hits of their own,
            best first.
        explanation: With `explain`: what the score consists of, the largest part first.
    """

    rank: int
    id: str
    title: str
    date: str | None
    path: str | None
    line: int | None
    score: float
    complete: bool
    passages: tuple[Snippet, ...]
    title_highlights: tuple[Span, ...] = ()
    missing: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    similar: tuple[str, ...] = ()
    explanation: tuple[Contribution, ...] = ()

    @property
    def snippet(self) -> Snippet:
        """Return the first passage; the only one unless more were asked for."""
        return self.passages[0]

    def title_html(self, tag: str = "mark", attributes: Mapping[str, str] | None = None) -> str:
        """Return the title escaped for HTML, with each matching word in an element.

        Example::

            >>> hit.title_html()
            'Sơ kết <mark>Nghị quyết 35</mark>'
            >>> hit.title_html("b", {"class": "match"})
            'Sơ kết <b class="match">Nghị quyết 35</b>'

        Args:
            tag: The name of the element.
            attributes: The attributes of the element.  Their values are escaped.

        Raises:
            ValueError: The tag or an attribute has a name that HTML does not allow.
        """
        return to_html(self.title, self.title_highlights, tag, attributes)

    def to_dict(self) -> dict[str, Any]:
        """Return the hit as values that `json.dumps` can write.

        The keys are those of ``searchidx search --json``; docs/reference/json.md explains
        them, and docs/schema/hit-1.json is their schema.
        """
        passages = [_passage(passage) for passage in self.passages]
        return {
            "schema": JSON_SCHEMA,
            "rank": self.rank,
            "id": self.id,
            "title": self.title,
            "title_highlights": [list(span) for span in self.title_highlights],
            "date": self.date,
            "path": self.path,
            "line": self.line,
            "score": round(self.score, _SCORE_DECIMALS),
            "complete": self.complete,
            "missing": list(self.missing),
            "snippet": _passage(self.snippet),
            "passages": passages,
            "metadata": dict(self.metadata),
            "similar": list(self.similar),
            "explanation": [asdict(part) for part in self.explanation],
        }


def _passage(snippet: Snippet) -> dict[str, Any]:
    """Return a passage as JSON values."""
    return {**asdict(snippet), "highlights": [list(span) for span in snippet.highlights]}


@dataclass(frozen=True, slots=True)
class Results(Sequence[Hit]):
    """The hits of a search, best first, and what is known of the rest.

    It is a sequence of its hits: ``len(results)``, ``results[0]``, ``for hit in results``.

    Attributes:
        hits: The part of the ranking that was asked for.
        total: How many documents match the query, with all of its words or some.
        total_complete: How many of them have every word.
        notes: Messages on parts of the query that were not understood, or were read in
            another way than they were typed.
        collapsed: With `collapse`: how many matching documents are not hits of their own, on
            any page, because they are near-duplicates of a better one.
        suggestions: Other queries that are worth a try, the most helpful first.
        complete_first: Whether documents with every word come before all others, as in the
            order by date.  In the order by relevance the score alone decides.
    """

    hits: tuple[Hit, ...]
    total: int
    total_complete: int
    notes: tuple[str, ...] = ()
    collapsed: int = 0
    suggestions: tuple[Suggestion, ...] = ()
    complete_first: bool = False

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, index: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)
