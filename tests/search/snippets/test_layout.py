from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.character_classes import CLAUSE_DASHES
from searchidx.language.sentences import sentences
from searchidx.search.snippets.layout import continues_on_next_line, is_low_content


def little(text: str, part: str) -> bool:
    start = text.index(part)
    return is_low_content(text, start, start + len(part))


@pytest.mark.parametrize(
    "line",
    [
        "Kết quả thực hiện",
        "II. KẾT QUẢ THỰC HIỆN",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM!",
        "Điều 12.",
        "Chương IV",
        "1.2.",
        "Ảnh: Thu Hà",
        "Ảnh minh họa: Đức Anh.",
        "(Ảnh: Đức Anh)",
        "Hình 3. Sản lượng lúa ba vụ.",
        "Bảng 2 - Số hộ được vay vốn",
        "Nguồn: Cục Thống kê.",
        "(Kèm theo Báo cáo số 12 của Ủy ban)",
        "STT | Tên xã | Số hộ",
        "Xã Đông\t120\t35",
        "12/3 - 45,6% - 78 - 90 ha",
    ],
)
def test_lines_that_say_little(line: str) -> None:
    for form in ("NFC", "NFD"):
        text = unicodedata.normalize(form, f"Câu trước.\n{line}\nCâu sau nói nhiều hơn.")
        assert little(text, unicodedata.normalize(form, line))


@pytest.mark.parametrize(
    "sentence",
    [
        "Hội nghị đã nghe báo cáo của 12 chi bộ.",
        "Ông hỏi: vì sao chậm?",
        "a) Lập kế hoạch kiểm tra hằng năm;",
        "Các đơn vị có trách nhiệm:",
        "Ảnh hưởng của bão còn kéo dài.",
        "Nguồn vốn vay tăng 12,5% so với năm trước.",
    ],
)
def test_sentences_say_something(sentence: str) -> None:
    text = f"Câu trước.\n{sentence}\nCâu sau."
    assert not little(text, sentence)
    assert not little(f"Câu trước. {sentence} Câu sau.", sentence)


def test_a_caption_before_its_credit_is_a_caption() -> None:
    for dash in CLAUSE_DASHES:
        assert little(f"Toàn cảnh buổi lễ {dash} Ảnh: Minh Khôi", "Ảnh: Minh Khôi")
    text = "Toàn cảnh buổi lễ sáng nay. Ảnh: Minh Khôi\nBuổi lễ kéo dài một giờ."
    assert little(text, "Toàn cảnh buổi lễ sáng nay.")
    assert little(text, "Ảnh: Minh Khôi")
    assert not little(text, "Buổi lễ kéo dài một giờ.")


def test_the_end_of_a_paragraph_without_a_stop_is_no_heading() -> None:
    text = "Mưa lớn kéo dài hai ngày. Nhiều nơi bị chia cắt\nNước rút chậm."
    assert not little(text, "Nhiều nơi bị chia cắt")
    numbered = "Điều 7. Trách nhiệm của chủ rừng\nChủ rừng lập phương án."
    assert little(numbered, "Trách nhiệm của chủ rừng")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Kết quả thực hiện", True),
        ("Các đơn vị có trách nhiệm:", True),
        ("a) Lập kế hoạch;", True),
        ("Hội nghị bế mạc.", False),
        ("“Làm ngay!”", False),
        ("Toàn cảnh buổi lễ. Ảnh: Minh Khôi", False),
        ("(Kèm theo Báo cáo số 12)", False),
    ],
)
def test_what_leads_to_the_next_line(line: str, expected: bool) -> None:
    text = f"{line}\nCâu sau."
    *_, (start, end) = sentences(line)
    assert continues_on_next_line(text, start, end) is expected


@given(st.text(alphabet="aĐ5.:;|( )\t\n\r!Ảnh", max_size=60))
def test_any_text_is_judged(text: str) -> None:
    for start, end in sentences(text):
        is_low_content(text, start, end)
        continues_on_next_line(text, start, end)
