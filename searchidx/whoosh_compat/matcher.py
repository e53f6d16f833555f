"""Implement Whoosh's matcher, a cursor over a postings list, over arrays.

Whoosh's queries read postings one at a time: `id` returns the current document, `next` and
`skip_to` move on, and `is_active` is false after the last posting.
"""

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

_NO_SCORE_LIMIT: Final = float("inf")
_ID_AFTER_LAST: Final = (1 << 31) - 1


class PostingsMatcher(LeafMatcher):  # type: ignore[misc]  # Whoosh has no types
    """A cursor over the postings of one term.

    Args:
        postings: The postings, with Whoosh's document numbers.
        term: The field and the term in UTF-8.
        format_: The field's format.
        positions: Returns the positions of the term in a document.  It is called only on
            demand, and only for a format with positions.
        scorer: Whoosh's scorer for postings; None to score with the weight.
        index: The index of the current posting.
    """

    def __init__(
        self,
        postings: Postings,
        term: tuple[str, bytes],
        format_: Format,
        positions: Callable[[int], list[int]],
        scorer: BaseScorer | None = None,
        index: int = 0,
    ) -> None:
        self.format = format_
        self.scorer = scorer
        self._term = term
        self._postings = postings
        self._documents: DocIds = postings.doc_ids
        self._positions = positions
        self._index = index

    def is_active(self) -> bool:
        """Return whether there is a current posting."""
        return self._index < len(self._documents)

    def reset(self) -> None:
        """Go back to the first posting."""
        self._index = 0

    def copy(self) -> PostingsMatcher:
        """Return another matcher at the same posting."""
        return PostingsMatcher(
            self._postings,
            self._term,
            self.format,
            self._positions,
            self.scorer,
            self._index,
        )

    def id(self) -> int:
        """Return the current document, or a number of no document after the last posting."""
        if not self.is_active():
            return _ID_AFTER_LAST  # AndNotMatcher and SpanNot's call `id` before `is_active`
        return int(self._documents[self._index])

    def all_ids(self) -> Iterator[int]:
        """Return the documents from the current one on."""
        return iter(self._documents[self._index :].tolist())

    def all_items(self) -> Iterator[tuple[int, bytes]]:
        """Yield the documents from the current one on, each with its encoded value."""
        while self.is_active():
            yield self.id(), self.value()
            self.next()

    def next(self) -> bool:
        """Go to the next posting.

        Returns:
            Whether a new block of postings begins there: False, because there are no blocks.
        """
        if not self.is_active():
            raise ReadTooFar
        self._index += 1
        return False

    def skip_to(self, id: int) -> None:  # noqa: A002  # Whoosh's name
        """Go to the first posting whose document is `id` or later; never go back."""
        if not self.is_active():
            raise ReadTooFar
        self._index += int(np.searchsorted(self._documents[self._index :], id))

    def weight(self) -> float:
        """Return the frequency of the term in the document."""
        return float(self._postings.frequencies[self._index])

    def score(self) -> float:
        """Return the score of the posting."""
        return self.weight() if self.scorer is None else float(self.scorer.score(self))

    def value(self) -> bytes:
        """Return the posting's value as Whoosh's own files encode it."""
        if isinstance(self.format, Positions):
            return bytes(self.format.encode(self._positions(self.id())))
        if isinstance(self.format, Existence):
            return b""
        return bytes(pack_uint(int(self._postings.frequencies[self._index])))

    def value_as(self, astype: str) -> Any:
        """Return a decoded value of the posting: "frequency", "weight" or "positions"."""
        if astype == "frequency":
            return int(self._postings.frequencies[self._index])
        if astype == "weight":
            return self.weight()
        if astype == "positions" and self.supports(astype):
            return self._positions(self.id())
        return super().value_as(astype)

    def spans(self) -> list[Span]:
        """Return the positions of the term in the document as spans."""
        if not self.supports("positions"):
            return list(super().spans())  # raises the error for a format without positions
        return [Span(position) for position in self._positions(self.id())]

    # Whoosh skips postings whose upper score bound is too low for the results.  The bounds of
    # its scorers and compound matchers are wrong for many kinds of queries.  An infinite bound
    # makes every collector read all postings.

    def supports_block_quality(self) -> bool:
        """Return False: there are no blocks to skip."""
        return False

    def max_quality(self) -> float:
        """Return infinity: any score is possible."""
        return _NO_SCORE_LIMIT

    def block_quality(self) -> float:
        """Return infinity: any score is possible."""
        return _NO_SCORE_LIMIT
