"""What a search gives back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from searchidx.search.rank.explanation import Contribution
from searchidx.search.snippets.snippet import Snippet
from searchidx.search.suggest.suggestion import Suggestion
from searchidx.units import Span


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found.

    Attributes:
        rank: Its place in the whole ranking, from 1.
        id, title, date, path, line, metadata: The document's own (`searchidx.Document`).
        score: Higher is better; comparable only within one search.
        complete: Whether it holds every word of the query.
        passages: The places of its body that show best why it was found, at least one, in
            the order of the text.
        title_highlights: The matching words of the title, as half-open code-point ranges.
        similar: The ids of the documents that say nearly the same and are not hits of their
            own for that, best first; none unless the search was to collapse them.
        explanation: What gave it its score, the most first; none unless it was asked for.
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
    metadata: Mapping[str, Any] = field(default_factory=dict)
    similar: tuple[str, ...] = ()
    explanation: tuple[Contribution, ...] = ()

    @property
    def snippet(self) -> Snippet:
        """The first of the passages, which is the only one unless more were asked for."""
        return self.passages[0]


@dataclass(frozen=True, slots=True)
class Results(Sequence[Hit]):
    """The hits that were asked for, best first, and what is known of the rest.

    Attributes:
        hits: The part of the ranking that was asked for.
        total: How many documents match the query, with all of its words or some.
        total_complete: How many of them hold every word.
        notes: What was not understood of the query, or not as it was typed.
        collapsed: How many of the matching documents are no hits of their own, here or on
            any page, for they say nearly the same as a better one.
        suggestions: Other queries that are worth a look, the most helpful first.
        complete_first: Whether documents with every word come before the others: for
            queries of many words the score alone decides.
    """

    hits: tuple[Hit, ...]
    total: int
    total_complete: int
    notes: tuple[str, ...] = ()
    collapsed: int = 0
    suggestions: tuple[Suggestion, ...] = ()
    complete_first: bool = True

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
