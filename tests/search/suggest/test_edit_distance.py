"""Compare the distance of many words at once with its definition."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchidx.search.suggest.edit_distance import (
    DOUBLED_LETTER_COST,
    EASY_SLIP_COST,
    SLIP_COST,
    edit_distances,
    extra_letter_cost,
)


def rows(words: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    width = max(map(len, words)) + 1
    return np.array([list(word.encode().ljust(width, b"\0")) for word in words], np.uint8)


def substitution(one: str, two: str) -> float:
    """Return the cost of one letter for another."""
    return float(edit_distances(one.encode(), rows([two]))[0])


def slowly(typed: str, word: str) -> float:
    @cache
    def best(i: int, j: int) -> float:
        if i == j == 0:
            return 0.0
        found = []
        if i:
            found.append(best(i - 1, j) + extra_letter_cost(typed.encode(), i - 1))
        if j:
            doubled = j > 1 and word[j - 1] == word[j - 2]
            found.append(best(i, j - 1) + (DOUBLED_LETTER_COST if doubled else SLIP_COST))
        if i and j:
            cost = (
                0.0 if typed[i - 1] == word[j - 1] else substitution(typed[i - 1], word[j - 1])
            )
            found.append(best(i - 1, j - 1) + cost)
        if i > 1 and j > 1 and typed[i - 2 : i] == word[j - 2 : j][::-1] != word[j - 2 : j]:
            found.append(best(i - 2, j - 2) + EASY_SLIP_COST)
        return min(found)

    return best(len(typed), len(word))


letters = st.text("abnhgoswr", min_size=1, max_size=7)


@example("truogn", ["truong"])
@example("aab", ["b", "ab", "aabb"])
@given(letters, st.lists(letters, min_size=1, max_size=5))
def test_distances_are_those_of_the_definition(typed: str, words: list[str]) -> None:
    assert edit_distances(typed.encode(), rows(words)) == pytest.approx(
        [slowly(typed, word) for word in words]
    )


@pytest.mark.parametrize(
    ("typed", "meant", "cost"),
    [
        ("truong", "truong", 0),
        ("truogn", "truong", EASY_SLIP_COST),  # exchanged
        ("truomg", "truong", EASY_SLIP_COST),  # m is beside n
        ("trupng", "truong", EASY_SLIP_COST),
        ("trukng", "truong", EASY_SLIP_COST),  # in the row above
        ("truqng", "truong", SLIP_COST),
        ("truon", "truong", SLIP_COST),
        ("truonng", "truong", DOUBLED_LETTER_COST),
        ("truowng", "truong", DOUBLED_LETTER_COST),  # Telex
        ("truongf", "truong", DOUBLED_LETTER_COST),
        ("falcon", "falcons", SLIP_COST),
        ("levis", "levii", SLIP_COST),
        ("kartal", "karrtal", DOUBLED_LETTER_COST),
        ("sa", "xa", EASY_SLIP_COST),  # sounds
        ("ly", "li", EASY_SLIP_COST),
        ("quarn", "quan", EASY_SLIP_COST),  # Telex, the tone typed as soon as its vowel
        ("quajn", "quan", EASY_SLIP_COST),
        ("chfinh", "chinh", SLIP_COST),
    ],
)
def test_what_slips_cost(typed: str, meant: str, cost: float) -> None:
    assert edit_distances(typed.encode(), rows([meant])) == pytest.approx([cost])
