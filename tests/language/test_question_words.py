"""Test which words of a query only make it a question."""

from __future__ import annotations

import pytest

from searchidx.language.question_words import question_words
from searchidx.language.tokenizer import tokenize_syllables


def question_words_of(text: str) -> str:
    """Return the question words of a text."""
    tokens = tokenize_syllables(text)
    positions = question_words(tokens.marked, has_question_mark=text.endswith("?"))
    return " ".join(tokens.surfaces[position] for position in sorted(positions))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("xã nào còn hộ nghèo", "nào"),
        ("Hồ chứa Khe Dứa tích được bao nhiêu nước", "bao nhiêu"),
        ("bao giờ họp hội đồng", "bao giờ"),
        ("lịch cắt điện tuần này thế nào", "thế nào"),
        ("vì sao cầu Bến Lội phải sửa", "vì sao"),
        ("kho lưu trữ tỉnh nằm ở đâu", "ở đâu"),
        ("cấp giấy phép cần giấy tờ gì", "gì"),
        ("mấy hộ phải di dời", "mấy"),
        ("có cấm xe tải hay không", "hay không"),
        ("đập Khe Dứa sửa xong chưa", "chưa"),
        ("quỹ vắc xin do ai quản lý", "ai"),
        ("người ký công văn là ai", "ai"),
        ("Ai ký công văn khẩn?", "Ai"),
        ("công văn khẩn ai ký ở Ai Cập?", "ai"),
        ("NÀO LÀ HỢP TÁC XÃ", "NÀO"),
        # A tone mark in its other place, and letters that Unicode composes from two.
        ("giá điện the\u0302\u0301 na\u0300o", "the\u0302\u0301 na\u0300o"),
    ],
)
def test_question_words_are_found(text: str, expected: str) -> None:
    assert question_words_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "viêm não nhật bản",  # the brain: another tone than "nào"
        "AI trong khám bệnh",
        "ứng dụng AI",
        "ai",
        "nợ công không",  # too short for a particle at the end
        "không khí lạnh tăng cường",
        "hàng không",
        "chưa nghiệm thu công trình",
        "hệ số lương",
        "sao lưu dữ liệu",
        "bao bì nhựa",
        "nghi quyet nao",  # without marks: diacritics are restored first
        "",
    ],
)
def test_words_with_a_meaning_of_their_own_are_no_question_words(text: str) -> None:
    assert question_words_of(text) == ""


def test_a_name_that_sounds_like_who_asks_only_in_a_question() -> None:
    assert question_words_of("AI dự báo lũ quét") == ""
    assert question_words_of("Ai dự báo lũ quét?") == "Ai"
    assert question_words_of("trí tuệ nhân tạo của ai") == "ai"


def test_a_query_of_question_words_alone_keeps_them() -> None:
    assert question_words_of("bao nhiêu") == ""
    assert question_words_of("gì nào") == ""
    assert question_words_of("ở đâu gì") == ""
    assert question_words_of("thuế gì") == "gì"
