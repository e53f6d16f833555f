"""Hold and check the options of a search."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Final, get_args

from searchidx.errors import QueryError
from searchidx.search.query.query import Sort
from searchidx.search.snippets.builder import DEFAULT_LENGTH_CODE_POINTS

MAX_PASSAGES: Final = 3
"""The most passages that one hit can show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """The options of a search, checked when they are given.

    The methods of `searchidx.Index` that search take these as keyword arguments, each those
    that have a meaning for it, with these names, in this order and with these defaults.

    Attributes:
        limit: The most hits to return.
        offset: How many hits to skip before the first one returned.
        sort: "relevance", or "date" for the latest first.
        exact: Whether every syllable must occur with exactly the typed diacritics.
        all_words: Whether only documents with every word of the query are hits.
        expand: Whether abbreviations also match what they stand for, and the reverse.
        collapse: Whether near-duplicates are folded under the best of them.
        suggest: Whether other queries are suggested.
        snippet_length: The length of a hit's passages together, in code points.
        passages: The most passages of a hit, 1 to `MAX_PASSAGES`.
        explain: Whether each hit lists what its score consists of.

    Raises:
        QueryError: An option has an invalid value or a wrong type.
    """

    limit: int = 10
    offset: int = 0
    sort: Sort = "relevance"
    exact: bool = False
    all_words: bool = False
    expand: bool = True
    collapse: bool = False
    suggest: bool = True
    snippet_length: int = DEFAULT_LENGTH_CODE_POINTS
    passages: int = 1
    explain: bool = False

    def __post_init__(self) -> None:
        if self.sort not in get_args(Sort):
            raise QueryError(
                f"sort must be one of {', '.join(get_args(Sort))}, not {self.sort!r}"
            )
        for name, least, most in (
            ("limit", 0, None),
            ("offset", 0, None),
            ("snippet_length", 1, None),
            ("passages", 1, MAX_PASSAGES),
        ):
            number = whole_number(name, getattr(self, name), least, most)
            object.__setattr__(self, name, number)


def whole_number(name: str, value: object, least: int = 0, most: int | None = None) -> int:
    """Return the value of an option as an `int`.

    Args:
        name: The name of the option, for the message.
        value: Its value: an `int`, or a NumPy integer.
        least: The least value allowed.
        most: The greatest value allowed; None for no bound.

    Raises:
        QueryError: The value is not a whole number, or is out of bounds.
    """
    try:
        if isinstance(value, bool):
            raise TypeError("a truth value is not meant as a number")
        number = operator.index(value)  # type: ignore[arg-type]  # a TypeError is expected
    except TypeError:
        raise QueryError(f"{name} must be a whole number, not {value!r}") from None
    if number < least or (most is not None and number > most):
        bounds = f"{least} to {most}" if most is not None else f"{least} or more"
        raise QueryError(f"{name} must be {bounds}, not {number}")
    return number
