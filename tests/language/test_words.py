from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchidx.language.tokens import tokenize
from searchidx.language.words import words


def segmented(text: str) -> list[str]:
    tokens = tokenize(text)
    return ["_".join(tokens.marked[first:end]) for first, end in words(tokens)]


def test_words_are_pyvis() -> None:
    assert segmented("Nghị quyết số 35 của Bộ Chính trị, về quản lý thị trường.") == [
        "nghị_quyết", "số", "35", "của", "bộ", "chính_trị", "về", "quản_lý", "thị_trường",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        unicodedata.normalize("NFD", "ủy ban nhân dân"),
        "ủy ban\nnhân dân",
        "ỦY BAN NHÂN DÂN",
    ],
)
def test_the_form_of_the_text_does_not_matter(text: str) -> None:
    assert segmented(text) == ["ủy_ban", "nhân_dân"]


def test_words_do_not_reach_across_punctuation() -> None:
    assert segmented("thị, trường") == ["thị", "trường"]


def test_a_syllable_that_pyvi_sees_otherwise_is_a_word_by_itself() -> None:
    assert segmented("nghị qu\u00adyết chính trị") == ["nghị", "quyết", "chính_trị"]


def test_a_run_without_spaces_is_no_trap() -> None:
    assert segmented("a.b-" * 30_000 + " nghị quyết")[-1] == "nghị_quyết"


def test_a_paragraph_of_any_length_is_segmented() -> None:
    text = "nghị quyết của tỉnh " * 3_000
    assert segmented(text) == ["nghị_quyết", "của", "tỉnh"] * 3_000


PIECES = [
    *("nghị", "quyết", "đảng", "uỷ", "ỦY", "BAN", "35", "NQ/TW", "a_b", ".", ",", "-"),
    *("qu\u00adyết", "q\u0303", "résumé", "@", "1.250", "…", "\n"),
]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join) | st.text(max_size=60))
def test_words_cover_every_syllable_once_in_order(text: str) -> None:
    tokens = tokenize(text)
    ranges = list(words(tokens))
    assert [at for first, end in ranges for at in range(first, end)] == list(range(len(tokens)))
    assert all(first < end for first, end in ranges)
