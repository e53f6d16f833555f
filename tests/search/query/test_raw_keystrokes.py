"""Test that queries in raw Telex and VNI keystrokes are converted, with a note."""

from __future__ import annotations

import pytest

import searchidx
from searchidx.search.query.query import parse, parse_lenient


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ("nghij quyeets 35", "searching for: nghị quyết 35 (typed in Telex)"),
        ("nghi5 quye6t1 35", "searching for: nghị quyết 35 (typed in VNI)"),
    ],
)
def test_raw_keystrokes_find_what_was_meant(
    seed_index: searchidx.Index, typed: str, note: str
) -> None:
    found, meant = seed_index.search(typed), seed_index.search("nghị quyết 35")
    assert found.notes == (note,)
    assert meant.notes == ()
    assert found.hits == meant.hits
    assert found.total_complete == meant.total_complete > 0
    body = meant[0].snippet.text
    assert seed_index.highlights(body, typed) == seed_index.highlights(body, "nghị quyết 35")


def test_the_parts_of_a_query_keep_their_meaning() -> None:
    typed = parse('nghij quyeets -ddangr title:thij date:2023 -"coong an" "quanr lys"')
    meant = parse('nghị quyết -đảng title:thị date:2023 -"coong an" "quanr lys"')
    assert typed.notes == (
        'searching for: nghị quyết -đảng title:thị date:2023 -"coong an" "quanr lys" '
        "(typed in Telex)",
    )
    assert typed == meant
    assert (typed.syllables, typed.pairs) == (meant.syllables, meant.pairs)
    assert typed.text.startswith("nghij")


@pytest.mark.parametrize(
    "query",
    ['"nghij quyeets"', "“ddangr” uy", "date:hopj 2023", "nghi quyet 35 nq/tw", "-boost"],
)
def test_what_is_quoted_and_what_is_no_vietnamese_is_searched_as_typed(query: str) -> None:
    assert not any("typed in" in note for note in parse_lenient(query)[0].notes)
