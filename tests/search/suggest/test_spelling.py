"""Compare corrections with a search through every reading of a query."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.search.suggest.spelling import correct_spelling
from searchidx.store import Reader
from tests.search.rewrite.test_diacritics import reader_of

TEXTS = (
    *["Nghị quyết về quản lý thị trường trong nước"] * 4,
    *["Doanh nghiệp nhà nước nộp thuế giá trị gia tăng"] * 4,
    *["Xử phạt vi phạm hành chính về bảo vệ môi trường"] * 4,
    "Công ty Honeywell và ông Anderson ký hợp đồng",
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return reader_of(tmp_path_factory.mktemp("correction"), TEXTS[:5], TEXTS[5:])


def corrected(reader: Reader, text: str) -> str | None:
    found = correct_spelling(reader, text.split())
    if found is None:
        return None
    assert len(found.words) == len(text.split())
    return " ".join(form for forms in found.words for form in forms)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nghi quyrt", "nghi quyet"),  # the key beside
        ("nghi qyuet", "nghi quyet"),  # exchanged
        ("nghi quyeet", "nghi quyet"),  # struck twice, or Telex
        ("thi truowng", "thi truong"),
        ("thi truongf", "thi truong"),
        ("quan ly thi truog", "quan ly thi truong"),
        ("quanly thi truong", "quan ly thi truong"),  # spaces left out
        ("quanlythitruong", "quan ly thi truong"),
        ("nghi qu yet ve", "nghi quyet ve"),  # a space too many
        ("doanh nghiepj nha nuoc", "doanh nghiep nha nuoc"),
        ("honeywel", "honeywell"),
        ("andersson", "anderson"),
        ("xu phat vi pham hanh chin moi truong", "xu phat vi pham hanh chinh moi truong"),
    ],
)
def test_slips_are_put_right(reader: Reader, typed: str, meant: str) -> None:
    assert corrected(reader, typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["nghi quyet", "thi truong", "trong nuoc", "zzzzzz", "35", "35 nq tw", "", "x", "nuoc"],
)
def test_what_is_right_or_like_nothing_is_left_alone(reader: Reader, typed: str) -> None:
    assert corrected(reader, typed) is None


def test_neighbours_choose_between_words_at_the_same_distance(tmp_path: Path) -> None:
    reader = reader_of(
        tmp_path, ("hai quan cửa khẩu", "hai quần áo", "quân đội", "bảo hiểm xã hội") * 3
    )
    assert corrected(reader, "hai qan cua khau") == "hai quan cua khau"
    assert corrected(reader, "bao hiem xa hoo") == "bao hiem xa hoi"


def test_a_slip_of_the_texts_is_not_taken_for_a_word(tmp_path: Path) -> None:
    common = ("Quản lý kho bạc",) * 1_200
    reader = reader_of(tmp_path, (*common, "Cấp quảnlý", "Honeywell ký", "honey và well"))
    assert corrected(reader, "quanly") == "quan ly"
    assert corrected(reader, "quanly kho bac") == "quan ly kho bac"
    assert corrected(reader, "quanly kho bacj") == "quan ly kho bac"  # two slips at once
    # Of words that are hardly ever side by side it is none.
    assert corrected(reader, "honeywell") is None


def test_a_word_in_some_reports_is_one(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, (*("Quản lý kho bạc",) * 900, "Cấp quảnlý"))
    assert corrected(reader, "quanly") is None


def test_what_is_meant_as_typed_is_left_alone_and_tells_of_its_neighbours(
    reader: Reader,
) -> None:
    words = ["nghi", "quyrt"]
    assert correct_spelling(reader, words, [False, True]) is None
    found = correct_spelling(reader, words, [True, False])
    assert found is not None
    assert found.words == (("nghi",), ("quyet",))
    assert correct_spelling(reader, ["qu", "yet"], [True, False]) is None  # nor joined


def test_a_short_word_alone_is_near_to_too_much(reader: Reader) -> None:
    assert corrected(reader, "thj") is None
    assert corrected(reader, "thj truong") == "thi truong"


def test_the_key_of_a_tone_behind_its_vowel_costs_little(tmp_path: Path) -> None:
    reader = reader_of(
        tmp_path, (*("Trường hoặc lớp",) * 6, *("Trường học",) * 5, "học sinh", "xã hội")
    )
    assert corrected(reader, "truong hojc") == "truong hoc"
    assert corrected(reader, "hojc sinh") == "hoc sinh"


def test_a_long_query_is_corrected_at_its_beginning_and_kept_at_its_end(
    reader: Reader,
) -> None:
    found = corrected(reader, "nghi quyrt " + "trong nuoc " * 30 + "quyrt")
    assert found is not None
    assert found.startswith("nghi quyet trong")
    assert found.endswith(" quyrt")


def test_an_empty_index_knows_nothing(tmp_path: Path) -> None:
    assert correct_spelling(reader_of(tmp_path), ["nghi", "quyrt"]) is None


@given(st.lists(st.text("nghiquyetabc1é日", min_size=1, max_size=20), max_size=6))
def test_every_word_that_was_typed_has_its_part(reader: Reader, words: list[str]) -> None:
    found = correct_spelling(reader, words)
    if found is not None:
        assert len(found.words) == len(words)
        assert found.words[0]
        known = reader.vocabulary
        for typed, forms in zip(words, found.words, strict=True):
            if forms != (typed,):  # what is put in its place stands in the index
                assert all(known.look_up("folded", form).counts[0] for form in forms)
