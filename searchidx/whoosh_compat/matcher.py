"""A posting list in arrays, as Whoosh's queries walk along it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from whoosh.formats import Existence, Format, Positions
from whoosh.matching.mcore import LeafMatcher, ReadTooFar
from whoosh.query.spans import Span
from whoosh.scoring import BaseScorer
from whoosh.system import pack_uint

from searchidx.arrays import DocIds
from searchidx.store import Postings

_NO_BOUND: Final = float("inf")
_NO_MORE: Final = (1 << 31) - 1


class PostingsMatcher(LeafMatcher):  # type: ignore[misc]  # Whoosh has no types
    """The postings of one term.

    Args:
        postings: Documents, by Whoosh's numbers, and frequencies.
        term: The field and the term's bytes.
        format_: The field's format.
        positions: Gives the positions of the term in a document, for a format that has
            them; called only when they are asked for.
        scorer: What scores a posting; None for its weight.
        place: At which of the postings the matcher stands.
    """

    def __init__(
        self,
        postings: Postings,
        term: tuple[str, bytes],
        format_: Format,
        positions: Callable[[int], list[int]],
        scorer: BaseScorer | None = None,
        place: int = 0,
    ) -> None:
        self.format = format_
        self.scorer = scorer
        self._term = term
        self._postings = postings
        self._documents: DocIds = postings.doc_ids
        self._positions = positions
        self._place = place

    def is_active(self) -> bool:
        """Whether it stands at a posting, and not behind the last."""
        return self._place < len(self._documents)

    def reset(self) -> None:
        """Goes back to the first posting."""
        self._place = 0

    def copy(self) -> PostingsMatcher:
        """Another matcher at the same posting."""
        return PostingsMatcher(
            self._postings, self._term, self.format, self._positions, self.scorer, self._place
        )

    def id(self) -> int:
        """The document; behind the last posting a number that no document has."""
        if not self.is_active():
            return _NO_MORE  # AndNotMatcher and SpanNot's ask before they see that it is over
        return int(self._documents[self._place])

    def all_ids(self) -> Iterator[int]:
        """The documents from here on."""
        return iter(self._documents[self._place :].tolist())

    def all_items(self) -> Iterator[tuple[int, bytes]]:
        """The documents from here on, each with the encoded value."""
        while self.is_active():
            yield self.id(), self.value()
            self.next()

    def next(self) -> bool:
        """Goes to the next posting.

        Returns:
            Whether that is in a new block: never, there are no blocks.
        """
        if not self.is_active():
            raise ReadTooFar
        self._place += 1
        return False

    def skip_to(self, id: int) -> None:  # noqa: A002  # Whoosh's name
        """Goes to the first posting from here on whose document is `id` or later."""
        if not self.is_active():
            raise ReadTooFar
        self._place += int(np.searchsorted(self._documents[self._place :], id))

    def weight(self) -> float:
        """How often the term occurs in the document."""
        return float(self._postings.frequencies[self._place])

    def score(self) -> float:
        """What the scorer gives the posting."""
        return self.weight() if self.scorer is None else float(self.scorer.score(self))

    def value(self) -> bytes:
        """What Whoosh's own files would keep of the posting."""
        if isinstance(self.format, Positions):
            return bytes(self.format.encode(self._positions(self.id())))
        if isinstance(self.format, Existence):
            return b""
        return bytes(pack_uint(int(self._postings.frequencies[self._place])))

    def value_as(self, astype: str) -> Any:
        """What is known of the posting: "frequency", "weight", "positions" and the like."""
        if astype == "frequency":
            return int(self._postings.frequencies[self._place])
        if astype == "weight":
            return self.weight()
        if astype == "positions" and self.supports(astype):
            return self._positions(self.id())
        return super().value_as(astype)

    def spans(self) -> list[Span]:
        """Where the term stands in the document."""
        if not self.supports("positions"):
            return list(super().spans())  # which says that there are none
        return [Span(position) for position in self._positions(self.id())]

    # Whoosh leaves out postings whose bound is too low, and the bounds that its scorers and
    # its compound matchers make up are wrong for many shapes of queries.  Without a bound
    # nothing is left out, with whatever collector.

    def supports_block_quality(self) -> bool:
        """That there are no blocks of postings to leave out."""
        return False

    def max_quality(self) -> float:
        """That any score may come."""
        return _NO_BOUND

    def block_quality(self) -> float:
        """That any score may come."""
        return _NO_BOUND
