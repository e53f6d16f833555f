from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.sources.title import find_title, title_text


def without_marks(text: str) -> str:
    bare = "".join(
        c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)
    )
    return bare.replace("đ", "d").replace("Đ", "D")


FORMS: dict[str, Callable[[str], str]] = {
    "composed": lambda text: unicodedata.normalize("NFC", text),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "unmarked": without_marks,
}

BODY = (
    "Toàn xã có 1.204 hộ dân, trong đó 35 hộ nghèo; việc tiêm phòng cho đàn gia súc đã đạt "
    "chín phần mười kế hoạch cả năm và không phát sinh ổ dịch mới nào trong quý vừa qua. Hai "
    "xóm ven sông còn chậm vì nước lên sớm, xã đã cử thêm bốn cán bộ thú y xuống giúp bà con."
)
SUBJECT = "Kết quả tiêm phòng đàn gia súc sáu tháng đầu năm"


def title(text: str) -> str | None:
    span = find_title(text)
    return None if span is None else title_text(text, span)


LETTERHEADS = [
    # a commune's report
    [
        "UBND XÃ AN BÌNH", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
        "-------", "Số: 145/BC-UBND", "An Bình, ngày 12 tháng 6 năm 2023", "",
    ],
    # two organs, and the older placement of tone marks
    [
        "UỶ BAN NHÂN DÂN", "TỈNH AN BÌNH", "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập – Tự do – Hạnh phúc", "Số:     /BC-UBND", "An Bình, ngày    tháng 6 năm 2023",
    ],
    # the Party's
    [
        "HUYỆN ỦY HÒA SƠN", "ĐẢNG ỦY XÃ AN BÌNH", "*", "Số 35-BC/ĐU",
        "ĐẢNG CỘNG SẢN VIỆT NAM", "An Bình, ngày 12 tháng 6 năm 2023",
    ],
    # columns on one line, as they come out of a word processor's table
    [
        "UBND TỈNH AN BÌNH\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "SỞ Y TẾ          Độc lập - Tự do - Hạnh phúc",
        "Số: 145/BC-SYT          An Bình, ngày 12 tháng 6 năm 2023",
    ],
    [
        "UBND TỈNH AN BÌNH CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "SỞ Y TẾ Độc lập - Tự do - Hạnh phúc",
        "Số: 145/BC-SYT An Bình, ngày 12 tháng 6 năm 2023",
    ],
    # a page number, a stamp and an addressee
    ["- 1 -", "Trang 1/12", "DỰ THẢO", "Kính gửi: Ủy ban nhân dân xã An Bình"],
    ["03:17 CH @ Thứ Tư - 12 Tháng Bảy, 2023", "* * *", "…………", "__________"],
    [],
]  # fmt: skip


class TestFindTitle:
    @pytest.mark.parametrize("form", sorted(FORMS))
    @pytest.mark.parametrize("line_end", ["\n", "\r\n"])
    @pytest.mark.parametrize("letterhead", LETTERHEADS)
    def test_the_letterhead_is_passed_over(
        self, letterhead: list[str], line_end: str, form: str
    ) -> None:
        text = FORMS[form](line_end.join(["", *letterhead, SUBJECT, "", BODY]))
        assert title(text) == FORMS[form](SUBJECT)

    @pytest.mark.parametrize("form", sorted(FORMS))
    @pytest.mark.parametrize("letterhead", LETTERHEADS)
    @pytest.mark.parametrize("kind", ["BÁO CÁO", "THÔNG BÁO", "NGHỊ QUYẾT", "B Á O  C Á O"])
    def test_a_kind_of_document_is_joined_with_its_subject(
        self, kind: str, letterhead: list[str], form: str
    ) -> None:
        text = FORMS[form]("\n".join([*letterhead, kind, "", f"  {SUBJECT}", BODY]))
        assert title(text) == FORMS[form](f"{' '.join(kind.split())} {SUBJECT}")

    @pytest.mark.parametrize(
        ("lines", "expected"),
        [
            (
                [
                    "QUYẾT ĐỊNH",
                    "Ban hành Quy định về quản lý",
                    "và sử dụng vỉa hè",
                    "Căn cứ Luật",
                ],
                "QUYẾT ĐỊNH Ban hành Quy định về quản lý và sử dụng vỉa hè",
            ),
            (
                [
                    "NGHỊ QUYẾT",
                    "VỀ CHẾ ĐỘ HỌC PHÍ",
                    "TRÊN ĐỊA BÀN TỈNH",
                    "HỘI ĐỒNG NHÂN DÂN TỈNH",
                ],
                "NGHỊ QUYẾT VỀ CHẾ ĐỘ HỌC PHÍ TRÊN ĐỊA BÀN TỈNH",
            ),
            (
                ["V/v rà soát hộ nghèo ở các xã", "miền núi năm 2023", "Kính gửi: Các xã"],
                "V/v rà soát hộ nghèo ở các xã miền núi năm 2023",
            ),
            (
                ["TỜ TRÌNH", "Về việc công nhận Điều lệ", "Quỹ Khuyến học xã An Bình", "-----"],
                "TỜ TRÌNH Về việc công nhận Điều lệ Quỹ Khuyến học xã An Bình",
            ),
            (
                [
                    "TỜ TRÌNH",
                    "Về việc công nhận Điều lệ",
                    "Quỹ Khuyến học xã",
                    "Kính gửi: Huyện",
                ],
                "TỜ TRÌNH Về việc công nhận Điều lệ Quỹ Khuyến học xã",
            ),
            (["BÁO CÁO", "Tình hình lũ.", "Nước lên nhanh"], "BÁO CÁO Tình hình lũ."),
            (["BÁO CÁO", "Tình hình lũ", "", "nước lên nhanh"], "BÁO CÁO Tình hình lũ"),
        ],
    )
    def test_a_subject_of_several_lines_is_joined(
        self, lines: list[str], expected: str
    ) -> None:
        assert title("\n".join([*lines, BODY])) == expected

    @pytest.mark.parametrize(
        "line",
        [
            "Hòa Giang, ngày    tháng    năm 2023",
            "Hòa Giang, ngày …… tháng 3 năm 2025",
            "Số: 779 /QĐ-UBND Hòa Giang, ngày 23 tháng 3 năm 2022",
            "CÔNG BÁO/Số 1583 + 1584/Ngày 17-11-2025 2",
            "Sheet1",
        ],
    )
    def test_dates_to_be_filled_in_and_heads_of_pages_are_no_titles(self, line: str) -> None:
        assert title(f"{line}\n{SUBJECT}\n{BODY}") == SUBJECT

    def test_the_span_of_a_joined_title_covers_both_lines(self) -> None:
        text = f"Số: 1/BC-UBND\r\nBÁO CÁO\r\n  {SUBJECT}\r\n\r\n{BODY}"
        span = find_title(text)
        assert span is not None
        assert text[slice(*span)] == f"BÁO CÁO\r\n  {SUBJECT}"

    def test_a_rule_below_the_kind_leaves_the_subject_alone(self) -> None:
        assert title(f"BÁO CÁO\n-----\n{SUBJECT}\n{BODY}") == SUBJECT

    @pytest.mark.parametrize("following", [BODY, "Ngày 12/6/2023", "Số: 12/BC-UBND", ""])
    def test_a_kind_without_a_subject_stands_alone(self, following: str) -> None:
        assert title(f"BÁO CÁO TỔNG KẾT\n{following}\n{BODY}") == "BÁO CÁO TỔNG KẾT"

    def test_an_organ_above_a_kind(self) -> None:
        assert title(f"HỘI NÔNG DÂN XÃ AN BÌNH\nBÁO CÁO\n{SUBJECT}") == f"BÁO CÁO {SUBJECT}"

    @pytest.mark.parametrize("form", sorted(FORMS))
    def test_a_text_all_in_capitals(self, form: str) -> None:
        first = "ĐẢNG ỦY XÃ AN BÌNH TỔNG KẾT CÔNG TÁC NĂM"
        text = FORMS[form](f"{first}\nNGÀY 24/7/2023, XÃ HỌP.\n{BODY.upper()}")
        assert title(text) == FORMS[form](first)
        assert title(FORMS[form](f"{first}\n\n{BODY.upper()}")) == FORMS[form](first)
        assert title(FORMS[form](first)) == FORMS[form](first)

    @pytest.mark.parametrize(
        "line",
        [
            "Đảng Cộng sản Việt Nam tròn chín mươi tuổi",
            "Kỷ niệm Quốc khánh nước Cộng hòa xã hội chủ nghĩa Việt Nam",
            "Sơ kết Nghị quyết số 35-NQ/TW",
            "Hội nghị sơ kết ngày 24/7/2023",
            "BÁO CÁO NGÀY 24/7/2023",
            "Báo cáo quý II về vệ sinh môi trường",
            "V/v phòng chống sốt xuất huyết",
            "ĐƠN XIN NGHỈ PHÉP",
            "Số hóa xong kho tư liệu của thư viện",
            "5 việc phải làm trước mùa lũ",
        ],
    )
    @pytest.mark.parametrize("form", sorted(FORMS))
    def test_lines_that_read_like_a_title(self, line: str, form: str) -> None:
        text = FORMS[form](f"{line}\nKính gửi: Ban quản lý\n{BODY}")
        assert title(text) == FORMS[form](line)

    def test_marks_around_the_title_are_left_out(self) -> None:
        assert title(f"\ufeff# **{SUBJECT}** #\n\n{BODY}") == SUBJECT
        assert title(f"\ufeff\u200b \t{SUBJECT} \u200b\n{BODY}") == SUBJECT
        assert title("Mưa\ufeff lũ ở\u00a0 xã\n") == "Mưa lũ ở xã"

    def test_the_first_sentence_of_a_paragraph(self) -> None:
        first = "Ngày 12/6/2023, UBND TP. Hòa Sơn họp bàn việc tiêm phòng cho đàn gia súc."
        assert len(f"{first} {BODY}") > 250
        assert title(f"  {first} {BODY}\nDòng sau") == first

    @pytest.mark.parametrize("form", sorted(FORMS))
    def test_a_paragraph_of_one_long_sentence_is_cut_between_words(self, form: str) -> None:
        paragraph = FORMS[form](" ".join(["nước lũ lên nhanh ở các xóm ven sông"] * 9))
        found = title(f"\n{paragraph}\n")
        assert found is not None
        assert 140 <= len(found) <= 150
        assert paragraph.startswith(found + " ")

    def test_a_paragraph_without_blanks_is_cut_before_a_letter(self) -> None:
        text = unicodedata.normalize("NFD", "ế" * 300)
        assert title(text) == text[:150]
        assert title("x" + text) == "x" + text[:147]

    def test_a_line_of_250_code_points_is_a_title(self) -> None:
        line = ("xã " * 84)[:250].strip("x ") + "a"
        assert title(f"{line}\n{BODY}") == line

    @pytest.mark.parametrize(
        "text", ["", " \r\n\t", "\ufeff", "-----\n* * *\n…", "12\n- 13 -", "24/7/2023"]
    )
    def test_a_text_without_words_has_none(self, text: str) -> None:
        assert find_title(text) is None

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
            ("Số: 5/BC-UBND\nUBND XÃ AN BÌNH\nSố: 6/BC-UBND", "UBND XÃ AN BÌNH"),
            ("Hà Nội, ngày 1 tháng 2 năm 2023", "Hà Nội, ngày 1 tháng 2 năm 2023"),
        ],
    )
    def test_a_letterhead_alone_gives_what_it_has(self, text: str, expected: str) -> None:
        assert title(text) == expected

    @given(st.text(alphabet="aÁbố\u0301 \n\r\t-*.#:/|0129ĐX\ufeff"))
    def test_the_span_is_inside_one_or_two_lines_and_has_words(self, text: str) -> None:
        span = find_title(text)
        if span is None:
            assert not any(map(str.isalpha, text))
        else:
            start, end = span
            assert 0 <= start < end <= len(text)
            assert any(map(str.isalpha, text[start:end]))
            assert not text[start].isspace()
            assert not text[end - 1].isspace()

    @pytest.mark.parametrize("part", ["Á\n", "A B\n", "x", " ", "\n", "-", "Số: 1/A\n", "# "])
    def test_only_the_beginning_is_read(self, part: str) -> None:
        text = part * 2_000_000
        started = time.process_time()
        find_title(text)
        assert time.process_time() - started < 0.5
