"""The abbreviations of a collection, counted and looked up either way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeGuard

from searchidx.language.abbreviations.finder import find_abbreviations
from searchidx.language.abbreviations.short_forms import short_key
from searchidx.language.dates.word_patterns import unmarked
from searchidx.language.syllable_forms import folded as folded_syllable
from searchidx.language.syllable_forms import marked
from searchidx.language.tokenizer import SYLLABLE_PATTERN

DEFAULT_LIMIT: Final = 50_000
_FORMAT: Final = 1
_KEPT: Final = 0.75  # of the limit, once it is passed: so pruning is rare

_Pair = tuple[str, str]  # short, long


class Form(NamedTuple):
    """One of the forms that an abbreviation, or a long form, has in a collection."""

    text: str
    texts: int  # that introduce it


class Abbreviations:
    """What the texts of a collection abbreviate, and in how many of them.

    Ambiguity is kept: KH may be "kế hoạch" and "khách hàng", and "giáo dục và đào tạo" may
    be GD&ĐT and GDĐT, each with its own count.

    Args:
        limit: How many pairs of a short and a long form are kept; a pair takes about half a
            kilobyte.  When there are more, those of the fewest texts are forgotten, and the
            count of one that comes again later is too low.

    Raises:
        ValueError: `limit` is not positive.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        if limit < 1:
            raise ValueError(f"a limit of {limit} keeps nothing")
        self.limit = limit
        self._texts: Counter[_Pair] = Counter()
        self._index: tuple[dict[str, list[_Pair]], dict[str, list[_Pair]]] | None = None

    def add(self, text: str) -> None:
        """Count each pair that `text` introduces, once however often it does."""
        pairs = {(each.short, each.long) for each in find_abbreviations(text)}
        if pairs:
            self._count((pair, 1) for pair in pairs)

    def merge(self, other: Abbreviations) -> None:
        """Add the counts of `other`, which must be of other texts."""
        self._count(list(other._texts.items()))

    def long_forms(self, short: str, *, folded: bool = False) -> list[Form]:
        """Return the long forms of `short`, the most common first.

        Args:
            short: In any case and Unicode form, with any separators: "GD&ĐT", "gdđt".
            folded: Whether marks are left aside, as for a query that was typed without
                any: "gddt" then is GDĐT too.
        """
        key = short_key(short)
        pairs = self._indexes()[0].get(unmarked(key), [])
        texts: Counter[str] = Counter()
        for pair in pairs:
            if folded or short_key(pair[0]) == key:
                texts[pair[1]] += self._texts[pair]
        return _ordered(texts)

    def short_forms(self, long: str, *, folded: bool = False) -> list[Form]:
        """Return how `long` is abbreviated, as most texts do it first.

        Args:
            long: In any case, spelling and Unicode form; punctuation does not matter.
            folded: Whether marks are left aside, as for a query that was typed without any.
        """
        syllables = SYLLABLE_PATTERN.findall(long)
        form = " ".join(map(marked, syllables))
        pairs = self._indexes()[1].get(_folded(form), [])
        return _ordered(
            {pair[0]: self._texts[pair] for pair in pairs if folded or pair[1] == form}
        )

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON values, the same for the same counts."""
        return {
            "format": _FORMAT,
            "limit": self.limit,
            "pairs": [[short, long, texts] for (short, long), texts in sorted(self)],
        }

    @classmethod
    def from_json(cls, value: object) -> Abbreviations:
        """Return what `to_json` returned.

        Raises:
            ValueError: `value` is not what `to_json` returns.
        """
        if not isinstance(value, dict) or value.get("format") != _FORMAT:
            raise ValueError(f"not abbreviations of format {_FORMAT}")
        limit, pairs = value.get("limit"), value.get("pairs")
        if not (_is_count(limit) and isinstance(pairs, list)):
            raise ValueError("abbreviations without their limit or their pairs")
        learned = cls(limit)
        for pair in pairs:
            match pair:
                case [str(short), str(long), texts] if _is_count(texts):
                    learned._texts[short, long] += texts
                case _:
                    raise ValueError(f"not an abbreviation: {pair!r:.100}")
        learned._prune()
        return learned

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[tuple[_Pair, int]]:
        """Yield each pair of a short and a long form with the number of its texts."""
        return iter(self._texts.items())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Abbreviations):
            return NotImplemented
        return (self.limit, self._texts) == (other.limit, other._texts)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def _count(self, pairs: Iterable[tuple[_Pair, int]]) -> None:
        for pair, texts in pairs:
            self._texts[pair] += texts
            if len(self._texts) > self.limit:
                self._prune()
        self._index = None

    def _prune(self) -> None:
        """Keep the pairs of most texts if there are too many; ties in alphabetic order."""
        if len(self._texts) > self.limit:
            order = sorted(self._texts.items(), key=lambda item: (-item[1], item[0]))
            self._texts = Counter(dict(order[: max(1, int(self.limit * _KEPT))]))

    def _indexes(self) -> tuple[dict[str, list[_Pair]], dict[str, list[_Pair]]]:
        """Return the pairs by their folded short and by their folded long form."""
        if self._index is None:
            shorts: dict[str, list[_Pair]] = defaultdict(list)
            longs: dict[str, list[_Pair]] = defaultdict(list)
            for pair in self._texts:
                shorts[unmarked(short_key(pair[0]))].append(pair)
                longs[_folded(pair[1])].append(pair)
            self._index = dict(shorts), dict(longs)
        return self._index


def _folded(long: str) -> str:
    return " ".join(map(folded_syllable, long.split()))


def _ordered(texts: dict[str, int]) -> list[Form]:
    order = sorted(texts.items(), key=lambda item: (-item[1], item[0]))
    return [Form(text, count) for text, count in order]


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
