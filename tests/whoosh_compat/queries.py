"""Draw query trees of every class that Whoosh has."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from whoosh import query
from whoosh.query import spans

from searchidx.language.syllable_forms import folded, marked
from tests.whoosh_compat.collection import WORDS

SYLLABLES = ("body_folded", "body_marked", "title_folded", "title_marked")
PAIRS = ("body_folded_pair", "body_marked_pair", "title_folded_pair", "title_marked_pair")
VIEWS = (*SYLLABLES, *PAIRS, "body_word", "title_word")


class Queries:
    """A source of random queries.

    Args:
        chance: The source of all choices.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._leaves: list[Callable[[], Any]] = [
            self.term, self.term, self.term, self.name, self.prefix, self.wildcard, self.regex,
            self.fuzzy, self.range, self.phrase, self.every, self.variations, self.positional,
        ]  # fmt: skip

    def draw(self) -> Any:
        """Draw a query of any class."""
        # Whoosh has not said how large queries of spans may be, which most others ask.
        return self.span() if self._chance.random() < 0.15 else self.any()

    def any(self, depth: int = 3) -> Any:
        """Draw a query of at most `depth` levels, of classes that can be combined."""
        chance = self._chance
        if depth == 0 or chance.random() < 0.2:
            return chance.choice(self._leaves)()

        def some(count: int) -> list[Any]:
            return [self.any(depth - 1) for _ in range(count)]

        makers: list[Callable[[], Any]] = [
            lambda: query.And(some(chance.randint(1, 3))),
            lambda: query.Or(some(chance.randint(1, 5)), boost=chance.choice([1.0, 2.5])),
            lambda: query.Or(some(3), minmatch=2),
            lambda: query.And([*some(1), query.Not(*some(1))]),
            lambda: query.Not(*some(1)),
            lambda: query.AndNot(*some(2)),
            lambda: query.AndMaybe(*some(2)),
            lambda: query.Require(*some(2)),
            lambda: query.Otherwise(*some(2)),
            lambda: query.DisjunctionMax(some(chance.randint(1, 3))),
            lambda: query.ConstantScoreQuery(*some(1), score=3.0),
        ]
        return chance.choice(makers)()

    def _word(self, field: str) -> str:
        form = folded if "folded" in field else marked
        first, second = (form(word) for word in self._chance.choices(WORDS, k=2))
        if field.endswith("_pair"):
            return f"{first} {second}"
        if field.endswith("_word"):
            return self._chance.choice(["quản_lý", "thị_trường", "báo_cáo", first])
        return first

    def _part(self, field: str) -> str:
        word = self._word(field)
        return word[: self._chance.randint(1, len(word))]

    def term(self, fields: tuple[str, ...] = VIEWS) -> Any:
        """Draw a term of one of the fields, which may not occur."""
        field = self._chance.choice(fields)
        return query.Term(field, self._word(field), boost=self._chance.choice([1.0, 1.0, 0.5]))

    def name(self) -> Any:
        """Draw a whole string."""
        number = self._chance.randrange(220)
        return self._chance.choice(
            [
                query.Term("id", f"D{number}"),
                query.Term("code", "35-NQ/TW"),
                query.Prefix("code", "15/2020"),
                query.Prefix("short_form", "qltt\t"),
                query.Wildcard("long_form", "*UBND*"),
                query.TermRange("id", "D1", "D2"),
            ]
        )

    def prefix(self) -> Any:
        """Draw a prefix of terms."""
        field = self._chance.choice(VIEWS)
        return query.Prefix(field, self._part(field))

    def wildcard(self) -> Any:
        """Draw a glob, with a part of a term or without."""
        field = self._chance.choice(VIEWS)
        pattern = self._chance.choice(["{}*", "*{}", "{}?", "?{}*", "{}*n?"])
        return query.Wildcard(field, pattern.format(self._part(field)))

    def regex(self) -> Any:
        """Draw a regular expression."""
        field = self._chance.choice(VIEWS)
        pattern = self._chance.choice(["{}.*", ".*{}", "{}?[a-n]+$", "[qn].*"])
        return query.Regex(field, pattern.format(self._part(field)))

    def fuzzy(self) -> Any:
        """Draw a term with letters changed."""
        field = self._chance.choice(VIEWS)
        return query.FuzzyTerm(
            field,
            self._word(field),
            maxdist=self._chance.randint(1, 2),
            prefixlength=self._chance.randint(0, 2),
        )

    def range(self) -> Any:
        """Draw a range between two terms, with them or without."""
        field = self._chance.choice(VIEWS)
        first, last = sorted([self._part(field), self._word(field)])
        return query.TermRange(
            field, first, last, self._chance.random() < 0.5, self._chance.random() < 0.5
        )

    def phrase(self) -> Any:
        """Draw a phrase of two or three syllables."""
        field = self._chance.choice(SYLLABLES)
        count, slop = self._chance.randint(2, 3), self._chance.randint(1, 4)
        return query.Phrase(field, [self._word(field) for _ in range(count)], slop=slop)

    def every(self) -> Any:
        """Draw all documents, or all with something in a field."""
        return query.Every(self._chance.choice([None, *VIEWS, "code"]))

    def variations(self) -> Any:
        """Draw English endings, which some syllables happen to have."""
        return query.Variations("body_folded", self._chance.choice(["bao", "nhan", "so", "an"]))

    def positional(self) -> Any:
        """Draw a query whose parts must match in an order."""
        field = (self._chance.choice(SYLLABLES),)
        parts = [self.term(field) for _ in range(self._chance.randint(2, 3))]
        kind = self._chance.choice([query.Sequence, query.Ordered])
        return kind(parts, slop=self._chance.randint(1, 5))

    def span(self) -> Any:
        """Draw spans of terms of one field: near, before or around each other."""
        field = (self._chance.choice(SYLLABLES),)
        first, second = self.term(field), self.term(field)
        slop = self._chance.randint(1, 6)
        wide = spans.SpanNear(first, self.term(field), slop=8)
        makers: list[Callable[[], Any]] = [
            lambda: spans.SpanFirst(first, limit=slop),
            lambda: spans.SpanNear(first, second, slop=slop, ordered=slop % 2 == 0),
            lambda: spans.SpanNear2([first, second, self.term(field)], slop=slop),
            lambda: spans.SpanOr([first, second]),
            lambda: spans.SpanNot(first, second),
            lambda: spans.SpanContains(wide, second),
            lambda: spans.SpanBefore(first, second),
            lambda: spans.SpanCondition(first, second),
        ]
        return self._chance.choice(makers)()
