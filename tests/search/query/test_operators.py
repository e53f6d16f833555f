"""Operators that people bring along from other search engines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import searchidx
from searchidx import Document
from searchidx.search.query.query import parse, parse_lenient


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lũ AND bão", '"lũ" "bão"'),
        ("lũ && bão sông", '"lũ" "bão" sông'),
        ("a AND b AND c d", '"a" "b" "c" d'),
        ("lũ AND (bão OR mưa)", '"lũ" (bão OR mưa)'),
        ("lũ AND date:2023", '"lũ" date:2023'),
        ("+lũ bão", '"lũ" bão'),
        ('+"lũ bão" đê', '"lũ bão" đê'),
        ("lũ NOT bão", "lũ -bão"),
        ("NOT lũ", "-lũ"),
        ("lũ AND NOT bão", '"lũ" -bão'),
        ("lũ !bão", "lũ -bão"),
        ('lũ !"an toàn"', 'lũ -"an toàn"'),
        ("lũ !(bão OR mưa)", "lũ -(bão OR mưa)"),
        ("lũ | bão || đê", "lũ OR bão OR đê"),
        # A dash before a number behind a word is none, before a word it is one.
        ("Covid -19", "Covid 19"),
        ("Covid -19 -youtube", "Covid 19 -youtube"),
        ("-19 Covid", "-19 Covid"),
        ("lũ -date:2023", "lũ -date:2023"),
        ("lũ -35-NQ/TW", "lũ -35-NQ/TW"),
        ("lũ !19", "lũ NOT 19"),
        # Words, not operators.
        ("LŨ AND BÃO NOT MƯA", "LŨ and BÃO not MƯA"),
        ("AND lũ", "and lũ"),
        ("lũ AND", "lũ and"),
        ("lũ NOT", "lũ not"),
        ("lũ and bão not mưa", "lũ and bão not mưa"),
        (r"lũ \\AND bão", "lũ and bão"),
        ("+84 912", "84 912"),
        ("R&D c++ !", "R D c"),
        ("| lũ", "lũ"),
        ("lũ || || bão |", "lũ OR bão"),
        ("lũ && && bão &&", '"lũ" "bão"'),
    ],
)
def test_operators_mean_what_people_mean(typed: str, meant: str) -> None:
    query, problems = parse_lenient(typed.replace("\\\\", "\\"))
    assert query.root == parse_lenient(meant)[0].root
    assert problems == ()
    assert parse(str(query)) == query


ATOMS = [
    *("lũ", "bão", "AND", "NOT", "&&", "||", "|", "!", "+", "!a", "+b", "-19", "-c", "OR"),
    *('"a b"', "(", ")", "date:2023", "q*", "\\NOT"),
]


@given(
    st.lists(
        st.sampled_from(ATOMS),
        max_size=8,
    ).map(" ".join)
)
def test_any_mixture_is_read_and_printed_alike(text: str) -> None:
    query, _ = parse_lenient(text)
    assert parse_lenient(str(query))[0] == query


def test_required_words_are_required(index: searchidx.Index) -> None:
    index.add(
        Document(id=id_, body=body)
        for id_, body in [("both", "lũ và bão"), ("one", "lũ lũ"), ("none", "đê điều")]
    )
    assert index.search_ids("lũ AND bão") == ["both"]
    assert index.search_ids("lũ +bão") == ["both"]
    assert index.search_ids("lũ NOT bão") == ["one"]
    assert set(index.search_ids("lũ bão")) == {"both", "one"}
