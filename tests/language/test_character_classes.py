"""Test the shared sets of characters."""

from __future__ import annotations

import re
import sys

import pytest

from searchidx.language import character_classes
from searchidx.language.character_classes import (
    BASE_VOWELS,
    CLAUSE_DASHES,
    DASHES,
    HYPHENS,
    LINE_ENDS,
    RANGE_DASHES,
    VOWEL_LETTERS,
    has_vowel,
)
from searchidx.language.syllable_forms import folded


def test_line_ends_are_those_of_splitlines() -> None:
    characters = map(chr, range(sys.maxunicode + 1))
    assert {c for c in characters if len(f"a{c}b".splitlines()) > 1} == set(LINE_ENDS)


def test_base_vowels_are_the_folded_vowels() -> None:
    assert set(map(folded, VOWEL_LETTERS)) == set(BASE_VOWELS)
    forms = ("ubnd", "btnmt", "ky", "")
    assert [has_vowel(form) for form in forms] == [True, False, True, False]


def test_a_query_may_have_every_dash() -> None:
    assert set(HYPHENS) | set(CLAUSE_DASHES) | set(RANGE_DASHES) < set(DASHES)


@pytest.mark.parametrize("name", ["HYPHENS", "CLAUSE_DASHES", "RANGE_DASHES", "DASHES"])
def test_dashes_are_the_inside_of_a_character_class(name: str) -> None:
    dashes = getattr(character_classes, name)
    pattern = re.compile(f"[a{dashes}]")
    members = set(filter(pattern.fullmatch, map(chr, range(0x3000))))
    assert members == {"a", *dashes}
