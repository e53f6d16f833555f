"""Test which parts of a query are syntax or codes, and so never misspelt words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.search.query.query import parse_lenient
from searchidx.search.suggest.protected_spans import code_spans, is_abbreviation, syntax_spans


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("thuế date: 2023 đất", ["date: 2023"]),
        ("Sort:date, thuế", ["Sort:date,"]),
        ("title: thuế", ["title:"]),  # what stands there are words
        ('path:"NOT a b" thuế', ['path:"NOT a b"']),
        ("thuế AND đất NOT nhà", ["AND", "NOT"]),
        ("thuế and đất ANDA", []),
        ("update: thuế", []),
        ("date thuế", []),
        ("code:", ["code:"]),
        ('giá -"nhà đất" -đất lúa', ['-"nhà đất"', "-đất"]),
        ("giá -(nhà OR (đất lúa)) thuê", ["-(nhà OR (đất lúa))"]),
        ("(giá OR -nhà) thuê* đất", ["OR", "-nhà", "thuê*"]),
        ("nguon:vtv nguon: giá khác:vtv", ["nguon:vtv"]),
    ],
)
def test_syntax(query: str, expected: list[str]) -> None:
    parsed, _ = parse_lenient(query, {"nguon"})
    assert [query[start:end] for start, end in syntax_spans(parsed)] == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("theo 35-NQ/TW và 12/tt-btc", ["35-NQ/TW", "12/tt-btc"]),
        ("QĐ–UBND", ["QĐ–UBND"]),
        ("QĐ\u2212UBND", ["QĐ\u2212UBND"]),  # a minus sign
        ("tt-2/btc", ["tt-2/btc"]),
        ("thể dục-thể thao", []),
        ("Covid-19", []),
        ("35 NQ", []),
    ],
)
def test_codes(query: str, expected: list[str]) -> None:
    assert [query[start:end] for start, end in code_spans(query)] == expected


def test_abbreviations_are_consonants_in_capitals() -> None:
    words = ("BTNMT", "QĐ", "UBND", "KY", "btc", "35")
    assert [is_abbreviation(word) for word in words] == [True, True, *[False] * 4]


@given(st.text('date:sortNOT AND"“”/-35xQ', max_size=40))
def test_spans_ascend_and_do_not_overlap(text: str) -> None:
    query, _ = parse_lenient(text)
    for read, spans in (
        (query.meant, syntax_spans(query)),
        (text, list(code_spans(text))),
    ):
        bounds = [place for span in spans for place in span]
        assert bounds == sorted(bounds)
        assert all(start < end <= len(read) for start, end in spans)
