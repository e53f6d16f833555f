"""Test the syllables of a text and their offsets."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.tokenizer import tokenize_syllables


def test_codes_dates_and_addresses_are_split_into_their_parts() -> None:
    text = "Số 35-NQ/TW, ngày 22/10/2018; thư: van.phong@so-yte.gov.vn (1.250,5 tỷ)"
    assert tokenize_syllables(text).surfaces == [
        "Số", "35", "NQ", "TW", "ngày", "22", "10", "2018", "thư", "van", "phong", "so",
        "yte", "gov", "vn", "1", "250", "5", "tỷ",
    ]  # fmt: skip


def test_decomposed_letters_stay_whole_and_offsets_are_those_of_the_original() -> None:
    text = unicodedata.normalize("NFD", "tiếng Việt")
    tokens = tokenize_syllables(text)
    assert tokens.folded == ["tieng", "viet"]
    assert tokens.marked == ["tiếng", "việt"]
    assert [text[s:e] for s, e in zip(tokens.starts, tokens.ends, strict=True)] == text.split()


def test_invisible_characters_do_not_cut_a_word() -> None:
    assert tokenize_syllables("nghị\u00adquyết ho\u200dà").folded == ["nghiquyet", "hoa"]
    assert tokenize_syllables("đăng k\u200eý, l\u200b\u200bý").marked == ["đăng", "ký", "lý"]


def test_marks_in_an_unusual_order_stay_in_their_syllable() -> None:
    text = "tie\u0301\u0302ng vẫ\u0303n d\u0335u\u0323\u031bng"
    tokens = tokenize_syllables(text)
    assert tokens.surfaces == text.split()
    assert tokens.marked == ["tiếng", "vẫn", "đựng"]


def test_an_underscore_is_no_letter() -> None:
    assert tokenize_syllables("bao_cao_2023").surfaces == ["bao", "cao", "2023"]


@given(st.text())
def test_offsets_name_the_syllables_in_order(text: str) -> None:
    tokens = tokenize_syllables(text)
    end = 0
    for start, stop, surface in zip(tokens.starts, tokens.ends, tokens.surfaces, strict=True):
        assert text[start:stop] == surface
        assert start >= end
        end = stop
    letters = sum(character.isalnum() for character in text)
    assert sum(c.isalnum() for surface in tokens.surfaces for c in surface) == letters


@given(st.text(alphabet="aăâeêiouưđhgn ỏ.,-/35_", max_size=60))
def test_composed_and_decomposed_text_have_the_same_forms(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert tokenize_syllables(text).marked == tokenize_syllables(decomposed).marked
