from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.formats import Frequency, Positions

from searchidx.store.schema import VIEWS
from searchidx.whoosh_compat.schema import ViewAnalyzer, ViewField, schema


def analyzed(view: str, text: str) -> list[tuple[str, int, str]]:
    """Return each token's text, position and the part of the original that it covers."""
    return [
        (token.text, token.pos, text[token.startchar : token.endchar])
        for token in ViewAnalyzer(view)(text, positions=True, chars=True)
    ]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("folded", [("dang", 0, "ĐẢNG"), ("uy", 1, "uỷ"), ("5", 2, "05")]),
        ("marked", [("đảng", 0, "ĐẢNG"), ("ủy", 1, "uỷ"), ("05", 2, "05")]),
        ("folded_pair", [("dang uy", 0, "ĐẢNG uỷ"), ("uy 5", 1, "uỷ, 05")]),
        ("marked_pair", [("đảng ủy", 0, "ĐẢNG uỷ"), ("ủy 05", 1, "uỷ, 05")]),
    ],
)
def test_views_share_positions_and_offsets(
    view: str, expected: Sequence[tuple[str, int, str]]
) -> None:
    assert analyzed(view, "ĐẢNG uỷ, 05") == expected


def test_the_word_view_has_pyvis_words() -> None:
    assert analyzed("word", "Uỷ ban quản lý thị trường") == [
        ("ủy_ban", 0, "Uỷ ban"),
        ("quản_lý", 2, "quản lý"),
        ("thị_trường", 4, "thị trường"),
    ]


@settings(max_examples=60)
@given(
    st.sampled_from(VIEWS),
    st.lists(
        st.sampled_from(["nghị", "Quyết", "nghi", "uỷ", "ủy", "35-NQ", "của", "."]), max_size=20
    ),
)
def test_postings_are_those_of_whooshs_own_way(view: str, parts: list[str]) -> None:
    text = " ".join(parts)
    field = ViewField(view)
    slow = {
        (term.encode(), frequency, weight, value)
        for term, frequency, weight, value in field.format.word_values(
            text, field.analyzer, mode="index"
        )
    }
    assert set(field.index(text)) == slow


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("folded", "hoa*ng?"),
        ("marked", "hòa*ng?"),
        ("word", "hòa*ng?"),
        ("folded_pair", "hoa*ng?"),
    ],
)
def test_a_pattern_is_one_term_in_the_form_of_the_view(view: str, expected: str) -> None:
    assert [token.text for token in ViewAnalyzer(view)("HOÀ*ng?", tokenize=False)] == [expected]


def test_only_single_syllables_keep_positions() -> None:
    formats = {
        name: type(field.format)
        for name, field in schema().items()
        if "_" in name and field.indexed
    }
    assert {name for name, kind in formats.items() if kind is Positions} == {
        "title_folded", "title_marked", "body_folded", "body_marked",
    }  # fmt: skip
    assert {name for name, kind in formats.items() if kind is Frequency} == {
        "title_word", "title_folded_pair", "title_marked_pair",
        "body_word", "body_folded_pair", "body_marked_pair",
    }  # fmt: skip
