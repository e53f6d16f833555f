from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.forms import folded, has_marks, marked


@pytest.mark.parametrize(
    ("syllable", "expected"),
    [
        ("Nghị", "nghi"),
        ("ĐẢNG", "dang"),
        ("đ", "d"),
        ("Ðảng", "dang"),  # U+00D0, the Icelandic letter that old keyboards typed
        ("QUYẾT", "quyet"),
        ("ươn", "uon"),
        ("35", "35"),
        ("05", "5"),
        ("000", "0"),
        ("QH14", "qh14"),
        ("ti", "ty"),
        ("kĩ", "ky"),
        ("quí", "quy"),
        ("vi", "vi"),
        ("tai", "tai"),
        ("３５", "35"),
        ("résumé", "resume"),
        ("nghị\u00adquyết", "nghiquyet"),
    ],
)
def test_the_folded_form_has_no_marks(syllable: str, expected: str) -> None:
    assert folded(syllable) == expected
    assert folded(unicodedata.normalize("NFD", syllable)) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hoà", "hòa"),
        ("khoẻ", "khỏe"),
        ("thuỷ", "thủy"),
        ("uỷ", "ủy"),
        ("Uý", "ÚY"),
        ("kĩ", "kỹ"),
        ("lí", "lý"),
        ("mĩ", "mỹ"),
        ("quí", "quý"),
        ("cuả", "của"),
        ("qúy", "quý"),
        ("gìa", "già"),
        ("hòan", "hoàn"),
    ],
)
def test_spellings_of_one_syllable_have_one_marked_form(one: str, other: str) -> None:
    assert marked(one) == marked(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("thúy", "thúi"),
        ("tai", "tay"),
        ("nghị", "nghỉ"),
        ("đang", "dang"),
        ("quý", "quỷ"),
        ("mua", "mưa"),
        ("hoa", "hòa"),
        ("vi", "vy"),
    ],
)
def test_different_syllables_keep_different_marked_forms(one: str, other: str) -> None:
    assert marked(one) != marked(other)


@pytest.mark.parametrize(
    "syllable",
    ["hòa", "ủy", "khỏe", "của", "hoàn", "khuỷu", "già", "giếng", "gì", "quý", "quốc", "mười",
     "được", "khoái", "ngoéo", "nghiêng", "chuyện", "thuở"],
)  # fmt: skip
def test_the_traditional_spelling_is_the_canonical_one(syllable: str) -> None:
    assert marked(syllable) == syllable


@pytest.mark.parametrize(
    ("syllable", "expected"),
    [("nghị", True), ("nghi", False), ("Đ", True), ("da", False), ("35", False), ("â", True),
     ("m²", False), ("nghi\u00ad", False)],
)  # fmt: skip
def test_marks_are_tones_vowel_marks_and_the_stroke(syllable: str, expected: bool) -> None:
    assert has_marks(syllable) is expected
    assert has_marks(unicodedata.normalize("NFD", syllable)) is expected


syllables = st.from_regex(r"\A[^\W_]{1,12}\Z")


@given(syllables)
def test_forms_do_not_depend_on_the_unicode_form_or_the_case(syllable: str) -> None:
    for form in ("NFC", "NFD"):
        other = unicodedata.normalize(form, syllable)
        assert marked(other) == marked(syllable)
        assert folded(other) == folded(syllable)
    assert marked(marked(syllable)) == marked(syllable)
    assert folded(folded(syllable)) == folded(syllable)


@given(syllables)
def test_the_folded_form_is_that_of_the_marked_form_and_never_empty(syllable: str) -> None:
    assert folded(syllable) == folded(marked(syllable))
    assert folded(syllable)
    assert marked(syllable)
