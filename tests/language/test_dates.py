"""Dates in texts and paths, and the dates of reports."""

from __future__ import annotations

import datetime
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.dates import (
    PartialDate,
    Precision,
    dateline,
    find_dateline,
    find_dates,
    report_date,
)
from searchidx.language.dates import finder as written

SEEDS = Path(__file__).parents[2].parent / "shared" / "seeds"

_STROKES = str.maketrans("đĐ", "dD")


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def without_marks(text: str) -> str:
    bare = "".join(c for c in decomposed(text) if not unicodedata.combining(c))
    return bare.translate(_STROKES)


def half_decomposed(letter: str) -> str:
    """Split tones off, as decoding windows-1258 does: ê and a combining dot below."""
    base, marks = decomposed(letter)[0], decomposed(letter)[1:]
    tones = "".join(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")
    return composed(base + "".join(mark for mark in marks if mark not in tones)) + tones


FORMS: dict[str, Callable[[str], str]] = {
    "composed": composed,
    "decomposed": decomposed,
    "capitals": str.upper,
    "decomposed capitals": lambda text: decomposed(text.upper()),
    "half decomposed": lambda text: "".join(map(half_decomposed, text)),
    "unmarked": without_marks,
    "unmarked capitals": lambda text: without_marks(text).upper(),
}


# What dates are made of, and what stands beside them.
PIECES = [
    *" \n,.-/|–:()", " / ", "  ", "\t", "0", "1", "3", "07", "12", "20", "31", "2023", "2024",
    "20231", "năm", "nam", "NĂM", "tháng", "thang", "Tháng", decomposed("tháng"), "bảy",
    "mười hai", "ngày", "ngay", "Ngày", "Hà Nội", "An Bình, ngày ", "sáng", "quý II", "Q2",
    "số", "sốt", "Số: 15/BC-UBND ", "quyết định", "Thông tư", "57/2020/QH14", "của", "từ ",
    "24/7/2023", "2023-07-24", "24 tháng 7 năm 2023", "tháng 9/2022", "báo cáo ", "Thứ Hai",
    "10:20", "cập nhật", "lúc", "đ", "x", " là một câu dài hơn một dòng có ngày tháng" * 3,
]  # fmt: skip


def found(text: str) -> list[tuple[str, str]]:
    return [(each.date.isoformat(), text[each.start : each.end]) for each in find_dates(text)]


class TestPartialDate:
    @pytest.mark.parametrize(
        ("text", "date", "shown"),
        [
            ("2023-07-24", PartialDate(2023, 7, 24), "24/07/2023"),
            ("2023-07", PartialDate(2023, 7), "07/2023"),
            ("2023", PartialDate(2023), "2023"),
            ("--05-25", PartialDate(None, 5, 25), "25/05"),
            ("--02-29", PartialDate(None, 2, 29), "29/02"),
            ("2024-02-29", PartialDate(2024, 2, 29), "29/02/2024"),
            ("0987-01-02", PartialDate(987, 1, 2), "02/01/987"),
            ("2023-Q2", PartialDate(2023, quarter=2), "quý II/2023"),
            ("0987-Q4", PartialDate(987, quarter=4), "quý IV/987"),
        ],
    )
    def test_iso_text_goes_in_and_comes_out(
        self, text: str, date: PartialDate, shown: str
    ) -> None:
        assert PartialDate.parse(text) == date
        assert date.isoformat() == text
        assert date.display() == shown

    @pytest.mark.parametrize(
        "text",
        [
            "2023-07-24T04:53:00+07:00",
            "2023-07-24T04:53",
            "2023-07-24 04:53:00",
            "2023-07-24T23:59:59.999Z",
        ],
    )
    def test_the_date_of_a_date_time_is_taken(self, text: str) -> None:
        assert PartialDate.parse(text).isoformat() == "2023-07-24"

    @pytest.mark.parametrize(
        "text",
        [
            "", " ", "24/7/2023", "2023-7-24", "2023-07-24 ", " 2023-07-24", "2023-13",
            "2023-00-01", "2023-02-29", "--02-30", "--05", "--13-01", "0000", "20230724",
            "2023-07-24T", "2023-07-24T25:00", "2023-07-24x", "2023-07-24T04:53:00+99:00",
            "٢٠٢٣-٠٧-٢٤", "2023-W30-1", "2023-07-24\n", "2023-Q0", "2023-Q5", "2023-q2",
            "2023Q2", "2023-Q2-01", "--Q2", "2023-Q22",
        ],
    )  # fmt: skip
    def test_other_text_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            PartialDate.parse(text)

    def test_only_text_is_parsed(self) -> None:
        with pytest.raises(TypeError, match="a date must be text, not int"):
            PartialDate.parse(2023)  # type: ignore[arg-type]  # wrong on purpose

    @pytest.mark.parametrize(
        ("parts", "message"),
        [
            ((None, None, None), "a date needs a year, or a month and a day"),
            ((None, 5, None), "a date needs a year, or a month and a day"),
            ((None, None, 5), "a date needs a year, or a month and a day"),
            ((2023, None, 5), "a day needs a month"),
            ((2023, 2, 29), "there is no day 29 in that month"),
            ((2023, 2, 0), "there is no day 0 in that month"),
            ((2023, 13, None), "there is no month 13"),
            ((0, 1, 1), "there is no year 0"),
            ((10_000, 1, 1), "there is no year 10000"),
            ((2023, None, None, 0), "there is no quarter 0"),
            ((2023, None, None, 5), "there is no quarter 5"),
            ((2023, 4, None, 2), "a date has a month or a quarter, not both"),
            ((2023, 4, 1, 2), "a date has a month or a quarter, not both"),
            ((None, None, None, 2), "a date needs a year, or a month and a day"),
            ((None, 4, 1, 2), "a date has a month or a quarter, not both"),
        ],
    )
    def test_impossible_parts_are_refused(
        self, parts: tuple[int | None, ...], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            PartialDate(*parts)

    @pytest.mark.parametrize("part", [True, 2023.0, "2023"])
    def test_parts_are_whole_numbers(self, part: object) -> None:
        with pytest.raises(TypeError, match="the year of a date must be a whole number"):
            PartialDate(part, 1, 1)  # type: ignore[arg-type]  # wrong on purpose

    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("2023-07-24", datetime.date(2023, 7, 24), datetime.date(2023, 7, 24)),
            ("2024-02", datetime.date(2024, 2, 1), datetime.date(2024, 2, 29)),
            ("2023", datetime.date(2023, 1, 1), datetime.date(2023, 12, 31)),
            ("9999", datetime.date(9999, 1, 1), datetime.date(9999, 12, 31)),
            ("2023-Q1", datetime.date(2023, 1, 1), datetime.date(2023, 3, 31)),
            ("2023-Q2", datetime.date(2023, 4, 1), datetime.date(2023, 6, 30)),
            ("2023-Q3", datetime.date(2023, 7, 1), datetime.date(2023, 9, 30)),
            ("2023-Q4", datetime.date(2023, 10, 1), datetime.date(2023, 12, 31)),
            ("--05-25", None, None),
        ],
    )
    def test_first_and_last_day(
        self, text: str, first: datetime.date | None, last: datetime.date | None
    ) -> None:
        date = PartialDate.parse(text)
        assert (date.first_day(), date.last_day()) == (first, last)

    @given(st.integers(1, 9999), st.data())
    def test_the_days_of_a_date_are_its_own(self, year: int, data: st.DataObject) -> None:
        quarter = data.draw(st.integers(1, 4))
        date = PartialDate(year, quarter=quarter)
        first, last = date.first_day(), date.last_day()
        assert first is not None
        assert last is not None
        months = [PartialDate(year, month) for month in range(3 * quarter - 2, 3 * quarter + 1)]
        assert (first, last) == (months[0].first_day(), months[-1].last_day())
        assert PartialDate.parse(date.isoformat()) == date

    @pytest.mark.parametrize(
        ("text", "precision"),
        [
            ("2023-07-24", "day"), ("--07-24", "day"), ("2023-07", "month"),
            ("2023-Q2", "quarter"), ("2023", "year"),
        ],
    )  # fmt: skip
    def test_precision(self, text: str, precision: str) -> None:
        assert PartialDate.parse(text).precision == precision

    def test_has_no_order(self) -> None:
        with pytest.raises(TypeError):
            assert PartialDate(2023) < PartialDate(2024)  # type: ignore[operator]  # wrong on purpose


FULL_FORMS = [
    "{d}/{m}/{y}", "{d:02}/{m:02}/{y}", "{d} / {m} / {y}", "{d}-{m}-{y}", "{d:02}-{m:02}-{y}",
    "{d}–{m}–{y}", "{d}.{m}.{y}", "{d:02}.{m:02}.{y}", "{y}-{m:02}-{d:02}", "{y}/{m:02}/{d:02}",
    "{d} tháng {m} năm {y}", "{d:02} tháng {m:02} năm {y}", "{d} tháng {m}, {y}",
    "{d} Tháng {name}, {y}", "{d} tháng {name} năm {y}", "{d} tháng {m}/{y}",
    "{d} tháng {m}-{y}", "{d}  tháng  {m}\nnăm\u00a0{y}",
]  # fmt: skip
NO_YEAR_FORMS = ["{d}/{m}", "{d:02}/{m:02}", "{d}-{m}", "{d}.{m}", "{d} tháng {m}"]
MONTH_FORMS = [
    "tháng {m}/{y}", "tháng {m:02}/{y}", "tháng {m}-{y}", "tháng {m}.{y}", "tháng {m} năm {y}",
    "tháng {m} - {y}", "tháng {m}, năm {y}", "tháng {name} năm {y}", "tháng {name}, {y}",
]  # fmt: skip
MONTHS = [
    ["Một", "Giêng"], ["Hai"], ["Ba"], ["Tư", "Bốn"], ["Năm"], ["Sáu"], ["Bảy", "Bẩy"],
    ["Tám"], ["Chín"], ["Mười"], ["Mười Một"], ["Mười Hai", "Chạp"],
]  # fmt: skip

QUARTER_FORMS = [
    "quý {r}/{y}", "quý {r} năm {y}", "quý {r}, năm {y}", "Quý {r}-{y}", "quý {q}/{y}",
    "quý {q} năm {y}", "quý 0{q}/{y}", "quý {r} / {y}", "quý {r}.{y}", "quý {name} năm {y}",
    "quý {name}/{y}", "quí {r}/{y}", "quý\u00a0{r}\nnăm  {y}", "quý {r} {y}", "quý {r}, {y}",
    "Q{q}/{y}", "Q{r}/{y}", "Q{q} năm {y}", "{y}-Q{q}",
]  # fmt: skip
ROMAN = ["I", "II", "III", "IV"]
QUARTERS = [["một", "thứ nhất"], ["hai", "thứ hai"], ["ba", "thứ Ba"], ["tư", "bốn", "thứ tư"]]
YEAR_FORMS = [  # what stands before, what is the date, what stands after
    "Trong |năm {y}|, xã họp", "Báo cáo |năm {y}|", "|Năm {y}| đạt", "đến |năm {y}|.",
    "cuối |năm\u00a0{y}|)", "(|năm {y}|)", "6 tháng đầu |năm {y}|:", "cả |năm  {y}|;",
    "trước |năm\n{y}|\n", "giai đoạn |{y}| là", "năm học |{y}|.", "nhiệm kỳ |{y}|.",
]  # fmt: skip
date_pieces = st.sampled_from(
    ["năm ", "quý ", "ngày ", "tháng ", "II", "I", "3", "12", "2022", "2023", "24", "/", "-",
     ".", ", ", " ", " và ", "Q2", "giai đoạn ", "đến ", "Chín", "hai", "nam ", "quy "]
)  # fmt: skip

days = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31))
spellings = st.sampled_from(sorted(FORMS))


class TestFindDates:
    @given(days, st.sampled_from(FULL_FORMS), spellings, st.data())
    def test_every_day_in_every_form(
        self, day: datetime.date, form: str, spelling: str, data: st.DataObject
    ) -> None:
        name = data.draw(st.sampled_from(MONTHS[day.month - 1]))
        written = form.format(d=day.day, m=day.month, y=day.year, name=name)
        lead = data.draw(st.sampled_from(["", "Ngày ", "Thứ Hai - ", "Hôm ấy (", "số: 7; "]))
        rest = data.draw(st.sampled_from(["", ".", ", Sở đã họp", ") và", ": xong", "\n12 ca"]))
        written, text = (FORMS[spelling](part) for part in (written, lead + written + rest))
        assert found(text) == [(day.isoformat(), written)]

    @given(
        st.dates(datetime.date(2024, 1, 1), datetime.date(2024, 12, 31)),
        st.sampled_from(NO_YEAR_FORMS),
        spellings,
        st.sampled_from(["Ngày ", "Sáng ngày ", "Thứ Tư, ", "thứ 6 ", "Chủ nhật - ", "(ngày "]),
    )
    def test_a_day_without_its_year(
        self, day: datetime.date, form: str, spelling: str, lead: str
    ) -> None:
        written = form.format(d=day.day, m=day.month)
        written, text = (
            FORMS[spelling](part) for part in (written, f"{lead}{written}, xã họp")
        )
        assert found(text) == [(f"--{day:%m-%d}", written)]

    @given(days, st.sampled_from(MONTH_FORMS), spellings, st.data())
    def test_a_month(
        self, day: datetime.date, form: str, spelling: str, data: st.DataObject
    ) -> None:
        name = data.draw(st.sampled_from(MONTHS[day.month - 1]))
        written = form.format(m=day.month, y=day.year, name=name)
        written, text = (FORMS[spelling](part) for part in (written, f"Trong {written}: 5 ca"))
        assert found(text) == [(f"{day.year}-{day.month:02}", written)]

    @pytest.mark.parametrize(
        ("text", "dates"),
        [
            (
                "Từ ngày 3/4/2022 đến ngày 5 tháng 6 năm 2022",
                [("2022-04-03", "3/4/2022"), ("2022-06-05", "5 tháng 6 năm 2022")],
            ),
            ("hai ngày 24-25/7/2023", [("2023-07-25", "25/7/2023")]),
            ("24/7/2023-26/7/2023", [("2023-07-24", "24/7/2023"), ("2023-07-26", "26/7/2023")]),
            ("Sáng 14/3, tại xã", [("--03-14", "14/3")]),
            ("Chiều 27-6, xã họp", [("--06-27", "27-6")]),
            ("chiều nay (14/3)", [("--03-14", "14/3")]),
            ("ngày 2/9 năm 2021", [("2021-09-02", "2/9 năm 2021")]),
            ("2022-11-30T08:15:00Z", [("2022-11-30", "2022-11-30")]),
            ("Ngày:24/7/2023.", [("2023-07-24", "24/7/2023")]),
            ("Thứ hai-24/7/2023", [("2023-07-24", "24/7/2023")]),
            ("ngày 9 tháng Năm, 2022", [("2022-05-09", "9 tháng Năm, 2022")]),
            ("5 tháng 3năm 2011của xã", [("2011-03-05", "5 tháng 3năm 2011")]),
            ("ngay 3 thang bay", [("--07-03", "3 thang bay")]),
        ],
    )
    def test_written_dates(self, text: str, dates: list[tuple[str, str]]) -> None:
        assert found(text) == dates

    @pytest.mark.parametrize(
        "text",
        [
            # document codes
            "14-KH/TW", "57/2020/QH14", "30/2020/NĐ-CP", "1234/QĐ-UBND", "12/5/2023/QĐ-UBND",
            "24/7/2023-UBND", "Thông tư 9/2022/TT-BTC", "tháng 9/2022/TT-BTC",
            "QĐ-24-7-2023", "QH14/1/2/2023",
            # numbers of other kinds
            "1.2.2023.4", "10.1.2.2023", "v1.2.2023", "192.168.1.1", "0912.24.7.2023",
            "024-12-5-2023", "1.234.2023", "24/7/20233", "124/7/2023",
            "đạt 25/5", "tăng 3,5/2", "giảm ngay 1/2", "chuyển sang 3/4", "tới 3/4 số hộ",
            "mỗi ngày 1/2 viên", "hàng ngày 1/2", "ngày 3-4 lần", "ngày 2.5 tấn",
            "sáng 3-4 lần", "tối 2.9.",
            "ngày 5-7 tháng tới", "ngày 25/5%", "1/2 năm 2023",
            # addresses
            "https://vidu.vn/2023/05/25/tin-24-7-2023.html?ngay=2023-05-25",
            "www.vidu.vn/tin,24/7/2023", "bao-cao-24-7-2023.docx", "C:\\2023-05-25\\a",
            "thu_2023-05-25_x", "an@24.7.2023",
            # no such day, or hardly such a year
            "31/2/2023", "45/13/2023", "29.2.2023", "0/1/2023", "ngày 31 tháng 2 năm 2023",
            "2023-02-30", "tháng 13/2023", "12/3/1899", "1/1/2101", "ngày 12 tháng 3 năm 850",
            "ngày 31/4", "ngày 32 tháng 1",
            # words
            "trong 9 tháng năm 2022", "các tháng năm 2022", "ngày 24 tháng sau",
            "ngày 24 tháng bà", "trong 24 tháng 7 xã", "6 tháng đầu năm 2023", "năm 2023",
            "thẳng 9/2022", "Trong 3 tháng 9, 10, 11", "ngay 24 thang sau",
        ],
    )  # fmt: skip
    def test_not_dates(self, text: str) -> None:
        assert [*find_dates(text, coarsest="month")] == []

    @given(
        st.integers(1900, 2100),
        st.integers(1, 4),
        st.sampled_from(QUARTER_FORMS),
        spellings,
        st.data(),
    )
    def test_a_quarter(
        self, year: int, quarter: int, form: str, spelling: str, data: st.DataObject
    ) -> None:
        name = data.draw(st.sampled_from(QUARTERS[quarter - 1]))
        written = form.format(q=quarter, r=ROMAN[quarter - 1], name=name, y=year)
        written, text = (FORMS[spelling](part) for part in (written, f"Trong {written}: 5 ca"))
        assert found(text) == [(f"{year}-Q{quarter}", written)]

    @given(st.integers(1900, 2100), st.sampled_from(YEAR_FORMS), spellings)
    def test_a_year(self, year: int, form: str, spelling: str) -> None:
        lead, _, rest = form.partition("|")
        written, rest = rest.format(y=year).split("|")
        text = FORMS[spelling](lead + written + rest)
        assert found(text) == [(str(year), FORMS[spelling](written))]

    @pytest.mark.parametrize(
        ("text", "dates"),
        [
            (
                "Quý I và quý II/2023",
                [("2023-Q1", "Quý I"), ("2023-Q2", "quý II/2023")],
            ),
            (
                "các quý I, II và III năm 2023",
                [("2023-Q1", "quý I"), ("2023-Q2", "II"), ("2023-Q3", "III năm 2023")],
            ),
            ("quý 3-4/2022", [("2022-Q3", "quý 3"), ("2022-Q4", "4/2022")]),
            (
                "Quý IV/2022 và quý I/2023",
                [("2022-Q4", "Quý IV/2022"), ("2023-Q1", "quý I/2023")],
            ),
            ("quý đầu năm 2023", [("2023-Q1", "quý đầu năm 2023")]),
            ("quý cuối năm 2023", [("2023-Q4", "quý cuối năm 2023")]),
            ("hai quý đầu năm 2023", [("2023", "năm 2023")]),
            ("2 quý cuối năm 2023", [("2023", "năm 2023")]),
            ("Q2/2023, QIII/2023", [("2023-Q2", "Q2/2023"), ("2023-Q3", "QIII/2023")]),
            ("2023-Q2; 2023 Q3", [("2023-Q2", "2023-Q2"), ("2023-Q3", "2023 Q3")]),
            ("QUY II NAM 2023", [("2023-Q2", "QUY II NAM 2023")]),
            (
                "các năm 2020, 2021 và 2022",
                [("2020", "năm 2020"), ("2021", "2021"), ("2022", "2022")],
            ),
            ("năm 2021-2025", [("2021", "năm 2021"), ("2025", "2025")]),
            ("giai đoạn 2021 - 2025", [("2021", "2021"), ("2025", "2025")]),
            ("nhiệm kỳ 2020–2025", [("2020", "2020"), ("2025", "2025")]),
            ("năm học 2022-2023", [("2022", "2022"), ("2023", "2023")]),
            ("niên độ 2022/2023", [("2022", "2022"), ("2023", "2023")]),
            ("từ năm 2021 đến năm 2025", [("2021", "năm 2021"), ("2025", "năm 2025")]),
            ("từ năm 2021 đến 2025", [("2021", "năm 2021"), ("2025", "2025")]),
            ("6 tháng đầu năm 2023", [("2023", "năm 2023")]),
            ("trong 9 tháng năm 2022", [("2022", "năm 2022")]),
            ("kế hoạch 5 năm 2021-2025", [("2021", "năm 2021"), ("2025", "2025")]),
            ("năm 2022, 2023 hộ", [("2022", "năm 2022")]),
            ("năm 2022 và ngày 5/6/2023", [("2022", "năm 2022"), ("2023-06-05", "5/6/2023")]),
            ("Việt Nam năm 2023", [("2023", "năm 2023")]),
            ("(Năm: 2023)", [("2023", "Năm: 2023")]),
        ],
    )
    def test_quarters_and_years(self, text: str, dates: list[tuple[str, str]]) -> None:
        assert found(text) == dates
        assert found(decomposed(text)) == [(date, decomposed(part)) for date, part in dates]

    @pytest.mark.parametrize(
        "text",
        [
            "quý II", "quý V/2023", "quý 5/2023", "quý 0/2023", "quỹ II/2023", "quy II/2023 đã",
            "quý II/1899", "quý II/2101", "quý II/20233", "Q.2/2023", "Q5/2023", "2023-Q5",
            "2023-Q2/TT", "12/2023-Q2", "IQ2/2023", "quý hải/2023",
            "2023", "số 2023", "Việt Nam 2023", "Viet Nam 2023", "mien Nam 2023", "nằm 2023",
            "mỗi năm 2000 tấn", "một năm 2000 giờ", "năm 1899", "năm 2101", "năm 20233",
            "năm 2023/NĐ-CP", "năm 2.023", "năm 2000.5", "https://vidu.vn/2023-Q2",
            "Công ty 2022-2023", "1234/QĐ-UBND-2023", "31 tháng 2 năm 2023",
        ],
    )  # fmt: skip
    def test_not_quarters_or_years(self, text: str) -> None:
        assert found(text) == []

    @given(pieces=st.lists(st.sampled_from(PIECES), max_size=12))
    def test_quick_looks_pass_over_no_date(self, pieces: list[str]) -> None:
        text = "".join(pieces)
        every = list(find_dates(text))
        for coarsest in ("month", "day"):
            wanted = [each for each in every if each.date.precision in ("day", coarsest)]
            assert list(find_dates(text, coarsest=coarsest)) == wanted

    def test_the_coarsest_precision_can_be_chosen(self) -> None:
        text = "Ngày 5/6/2023, tháng 7/2023, quý III/2023, năm 2024"
        expected = ["2023-06-05", "2023-07", "2023-Q3", "2024"]
        precisions: list[Precision] = ["day", "month", "quarter", "year"]
        for count, coarsest in enumerate(precisions, start=1):
            dates = [each.date.isoformat() for each in find_dates(text, coarsest=coarsest)]
            assert dates == expected[:count]

    @given(st.lists(date_pieces, max_size=12).map("".join))
    def test_coarser_dates_do_not_hide_finer_ones(self, text: str) -> None:
        every = [each for each in find_dates(text) if each.date.precision in ("day", "month")]
        assert [*find_dates(text, coarsest="month")] == every

    @given(st.text(alphabet="0123456789/.-, \nngàytháăm\u0300\u0301\u0306TƯ:%@"))
    def test_offsets_name_what_they_claim(self, text: str) -> None:
        end = 0
        for each in find_dates(text):
            assert end <= each.start < each.end <= len(text)
            end = each.end
            digits = "".join(c if c in "0123456789" else " " for c in text[each.start : end])
            numbers = {int(number) for number in digits.split()}
            assert numbers <= {
                each.date.year, each.date.month, each.date.day, each.date.quarter
            }  # fmt: skip
            assert each.date.year is None or each.date.year in numbers or each.date.quarter
            assert each.date.day is None or each.date.day in numbers

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "part",
        [
            "2023, ", "năm 2023 ", "quý I, II, III và IV năm 2023 ", "quý I, ", "năm ",
            "Q2/2023",
            "1", "1/", "1/2/", "/", "ngày 1/", "24 tháng ", "tháng 1 ", "thang muoi ", "2023 ",
            " ", "24 ", "a-1/2/2023-", "1.2.2023.", "tháng Bảy,  ", "ngày (((",
        ],
    )  # fmt: skip
    def test_takes_linear_time(self, part: str) -> None:
        text = part * (100_000 // len(part)) + "2023"
        started = time.process_time()
        list(find_dates(text))
        report_date(text)
        report_date(text.replace(" ", "\n"))
        assert time.process_time() - started < 3  # tenths of a second when linear


BODY = (
    "Toàn xã có 1.204 hộ dân, trong đó 35 hộ nghèo; việc tiêm phòng cho đàn gia súc đã đạt "
    "chín phần mười kế hoạch cả năm và không phát sinh ổ dịch mới nào."
)


class TestFindDateline:
    @pytest.mark.parametrize(
        ("line", "date"),
        [
            ("03:17 CH @ Thứ Tư - 12 Tháng Bảy, 2023", "2023-07-12"),
            ("Thứ Sáu, 05/01/2024 | 10:20 GMT+7", "2024-01-05"),
            ("Hà Nội, ngày 12 tháng 6 năm 2023", "2023-06-12"),
            ("(Ngày 3.2.2024)", "2024-02-03"),
            ("Cập nhật: 2022-11-30 08:15", "2022-11-30"),
            ("2022-11-30T08:15:00+07:00", "2022-11-30"),
            ("TP. Hồ Chí Minh, ngày 1 tháng 3 năm 2024", "2024-03-01"),
            ("Bà Rịa - Vũng Tàu, ngày 1 tháng 3 năm 2024", "2024-03-01"),
            ("Từ Sơn, ngày 1 tháng 3 năm 2024", "2024-03-01"),
            ("Số: 145/BC-UBND      An Bình, ngày 12 tháng 6 năm 2023", "2023-06-12"),
            ("Số: 145/BC-UBND\tAn Bình, ngày 12 tháng 6 năm 2023", "2023-06-12"),
            ("Số: 145/BC-UBND An Bình, ngày 12 tháng 6 năm 2023", "2023-06-12"),
            ("2023-07-24 | Sở Nội vụ tỉnh An Bình", "2023-07-24"),
            ("Số: 09/CĐ-UBND. An Bình, 22 giờ 40 ngày 24 tháng 7 năm 2023", "2023-07-24"),
            ("Ngày gửi: Thứ Năm, 11/08/2022 21:34", "2022-08-11"),
            ("Ngày đăng: 24/07/2023 - 8h30", "2023-07-24"),
            ("8 giờ 30 phút, Chủ nhật, 24/07/2023", "2023-07-24"),
            ("Đăng ngày 24/7/2023, cập nhật ngày 25/7/2023", "2023-07-24"),
            ("Sở Y tế, ngày 24/7/2023", "2023-07-24"),
            ("Hà Nội, ngày ….. tháng 6 năm 2023", "2023-06"),
            ("Thứ Hai, 25/5", "--05-25"),
        ],
    )
    def test_datelines(self, line: str, date: str) -> None:
        for form in FORMS.values():
            # Without marks "so" is "số" as well as "sở": such a line is left alone.
            if without_marks(form("Sở")) != form("Sở") or "Sở" not in line:
                result = find_dateline(form(line))
                assert result is not None
                assert result.isoformat() == date

    def test_a_name_beside_the_date(self) -> None:
        line = "Trần Văn An | 24/07/2023 10:20 | Lượt xem: 1.234"
        assert find_dateline(line) == PartialDate(2023, 7, 24)
        assert find_dateline(decomposed(line)) == PartialDate(2023, 7, 24)
        # In capitals a name looks like any title, so it is not taken for a dateline.
        assert find_dateline(line.upper()) is None

    @pytest.mark.parametrize(
        "line",
        [
            "", "Không có ngày nào ở đây", "Số 35-NQ/TW ngày 22/10/2018",
            "Nghị quyết số 35-NQ/TW, ngày 22/10/2018", "Luật Thú y, ngày 19/6/2015",
            "ngày 22/10/2018 của Bộ Chính trị", "NGHỊ QUYẾT NGÀY 22/10/2018",
            "Hội nghị sơ kết ngày 24/7/2023", "BÁO CÁO NGÀY 24/7/2023",
            "Bản tin ngày 24/7/2023",
            "Kỷ niệm ngày 30/4/1975", "KỶ NIỆM NGÀY 30/4/1975", "Sinh ngày 30/4/1975",
            "(Từ ngày 01/01/2023 đến ngày 30/6/2023)", "24/7/2023 - 30/7/2023",
            "Trước đó, ngày 24/7/2023", "Điều 7, ngày 24/7/2023", "x" * 200 + " 24/7/2023",
            "(Kèm theo Quyết định số 12/QĐ-UBND ngày 24/7/2023)",
        ],
    )  # fmt: skip
    def test_other_lines(self, line: str) -> None:
        for form in FORMS.values():
            assert find_dateline(form(line)) is None


class TestReportDate:
    @pytest.mark.parametrize(
        ("opening", "date"),
        [
            ("Ngày 24/7/2023, Đảng ủy xã họp.", "2023-07-24"),
            ("Sáng ngày 25/5, Đoàn công tác đã làm việc tại xã.", "--05-25"),
            ("Sáng 14/3/2023, tại trụ sở, xã họp.", "2023-03-14"),
            ("Chiều ngày 3 tháng 2 năm 2024, xã họp.", "2024-02-03"),
            ("(ABC) - Ngày 24/7/2023, xã họp.", "2023-07-24"),
            ("An Bình (ABC) – Sáng 24/7/2023, xã họp.", "2023-07-24"),
            ("An Bình (ABC) — Sáng 24/7/2023, xã họp.", "2023-07-24"),
            ("Trong các ngày 23\u201124, 25/7/2023, xã họp.", "2023-07-25"),
            ("An Bình, ngày 24/7/2023 - Xã họp.", "2023-07-24"),
            ("Bà Rịa - Vũng Tàu, ngày 24/7/2023 - Xã họp.", "2023-07-24"),
            ("Trong 2 ngày 24-25/7/2023, xã họp.", "2023-07-25"),
            ("Trong hai ngày 24 và 25/7/2023, xã họp.", "2023-07-25"),
            ("Vào lúc 8 giờ 30 ngày 24/7/2023, xã họp.", "2023-07-24"),
            ("Khoảng 2 giờ ngày 24/7/2023, xã họp.", "2023-07-24"),
            ("Thứ Hai, ngày 24/7/2023, xã họp.", "2023-07-24"),
            ("Hôm nay (24/7), xã họp.", "--07-24"),
            ("“Ngày 24/7/2023, xã họp.”", "2023-07-24"),
            ("Ngày 24/7/2023, xã tổ chức họp và ban hành Kế hoạch mới.", "2023-07-24"),
            # citations and other days
            ("Ngày 22/10/2018, Bộ Chính trị đã ban hành Nghị quyết số 35.", None),
            ("Ngày 19/6/2015, Quốc hội thông qua Luật Thú y.", None),
            ("ngày 22/10/2018 của Bộ Chính trị.", None),
            ("Ngày 27/2/1955 là ngày truyền thống của ngành.", None),
            ("Thực hiện Nghị quyết số 35-NQ/TW, ngày 22/10/2018, xã họp.", None),
            ("Kế hoạch số 5, ngày 22/10/2018, nêu rõ.", None),
            ("Trước đó, ngày 24/7/2023, xã họp.", None),
            ("TRƯỚC ĐÓ, NGÀY 24/7/2023, XÃ HỌP.", None),
            ("Từ ngày 24/7/2023 đến nay, xã họp.", None),
            ("Xã họp ngày 24/7/2023.", None),
        ],
    )
    def test_the_beginning_of_a_paragraph(self, opening: str, date: str | None) -> None:
        result = report_date(f"Xã An Bình phòng dịch\n\n{opening} {BODY}\n\n{BODY}\n")
        assert (result and result.isoformat()) == date

    def test_a_dateline_comes_before_a_paragraph(self) -> None:
        text = (
            f"Tiêu đề\n25/7/2023 08:00\nNgày 24/7/2023, xã họp. {BODY}\nAn Bình, ngày 1/8/2023"
        )
        assert report_date(text) == PartialDate(2023, 7, 25)

    def test_a_paragraph_comes_before_the_signature(self) -> None:
        text = f"Tiêu đề\nNgày 24/7/2023, xã họp. {BODY}\nAn Bình, ngày 1/8/2023"
        assert report_date(text) == PartialDate(2023, 7, 24)

    def test_the_signature(self) -> None:
        text = f"Tiêu đề\n{BODY}\n" * 30 + "An Bình, ngày 1 tháng 8 năm 2023\nCHỦ TỊCH\nTrần An"
        assert report_date(text) == PartialDate(2023, 8, 1)

    def test_a_row_of_a_table_is_no_signature(self) -> None:
        assert report_date(f"Tiêu đề\n{BODY}\n" * 9 + "Trần Văn An 12/3/1980") is None

    def test_a_day_is_preferred_to_the_month_on_a_title_page(self) -> None:
        text = f"Báo cáo công tác\nTháng 6 năm 2023\n{BODY}\nAn Bình, ngày 5 tháng 7 năm 2023"
        assert report_date(text) == PartialDate(2023, 7, 5)
        assert report_date(text.splitlines()[1]) == PartialDate(2023, 6)

    def test_a_day_is_preferred_to_the_month_of_a_dateline(self) -> None:
        text = f"Tiêu đề\nAn Bình, tháng 9-2022\nNgày 16/9/2022, xã họp. {BODY}"
        assert report_date(text) == PartialDate(2022, 9, 16)

    def test_a_citation_that_goes_on_in_the_next_line(self) -> None:
        text = f"Kết quả thực hiện Nghị quyết số 35-NQ/TW,\nngày 22/10/2018\n{BODY}"
        assert report_date(text) is None
        assert report_date(text.replace(",\n", "\n")) is None

    @given(pieces=st.lists(st.sampled_from(PIECES), max_size=25))
    def test_quick_looks_change_nothing(self, pieces: list[str]) -> None:
        text = "".join(pieces)

        def dates() -> list[PartialDate | None]:
            return [report_date(text), *map(find_dateline, [text, *text.splitlines()])]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(written, "earliest_month", lambda text: 0)
            patch.setattr(dateline, "earliest_month", lambda text: 0)
            patch.setattr(dateline, "may_have_own_date", lambda text: True)
            slow = dates()
        assert dates() == slow

    def test_a_date_late_in_the_text_is_not_looked_at(self) -> None:
        text = f"Tiêu đề\n{BODY}\n" * 20 + "24/7/2023\n" + f"{BODY}\n" * 60
        assert report_date(text) is None

    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028"])
    @pytest.mark.parametrize("form", sorted(FORMS))
    def test_line_ends_and_spellings(self, line_end: str, form: str) -> None:
        lines = ["\ufeffTiêu đề", "", "Hà Nội, ngày 12 tháng 6 năm 2023", BODY]
        assert report_date(FORMS[form](line_end.join(lines))) == PartialDate(2023, 6, 12)

    @pytest.mark.parametrize(
        ("text", "hint", "date"),
        [
            # the same day, or a file dated soon after
            ("Sáng ngày 25/5, xã họp.", "2023-05-25_x.txt", "2023-05-25"),
            ("Sáng ngày 25/5, xã họp.", "20230526-x.txt", "2023-05-25"),
            ("Sáng ngày 25/5, xã họp.", "25.5.2023 x.txt", "2023-05-25"),
            ("Sáng ngày 25/5, xã họp.", "/kho/2023/05/x.txt", "2023-05-25"),
            ("Sáng ngày 25/5, xã họp.", "C:\\kho\\2023\\6\\x.txt", "2023-05-25"),
            ("Sáng ngày 31/12, xã họp.", "/kho/2024/01/02/x.txt", "2023-12-31"),
            ("Sáng ngày 25/5, xã họp.", "bao-cao-2023.txt", "2023-05-25"),
            ("Sáng ngày 25/5, xã họp.", "/kho/nam 2023/x.txt", "2023-05-25"),
            ("Sáng ngày 29/2, xã họp.", "bao-cao-2024.txt", "2024-02-29"),
            # nothing reliable
            ("Sáng ngày 25/5, xã họp.", "", "--05-25"),
            ("Sáng ngày 25/5, xã họp.", "2023-03-01_x.txt", "--05-25"),
            ("Sáng ngày 25/5, xã họp.", "2023-12-01_x.txt", "--05-25"),
            ("Sáng ngày 25/5, xã họp.", "2022-2023.txt", "--05-25"),
            ("Sáng ngày 25/5, xã họp.", "/2023/a/b/c/d/e/x.txt", "--05-25"),
            ("Sáng ngày 25/5, xã họp.", "a2023b.txt", "--05-25"),
            ("Sáng ngày 25/5, xã họp.", "000_1899305a91baca88.txt", "--05-25"),
            ("Sáng ngày 29/2, xã họp.", "bao-cao-2023.txt", "--02-29"),
            # the text has its year
            ("Sáng ngày 25/5/2021, xã họp.", "2023-05-25_x.txt", "2021-05-25"),
            # the text has no date
            ("Xã họp.", "/2021/x/2023-05-25_x.txt", "2023-05-25"),
            ("Xã họp.", "20230525.txt", "2023-05-25"),
            ("Xã họp.", "20231325.txt", None),
            ("Xã họp.", "/2023-05-25/x.txt", None),
            ("Xã họp.", "bao-cao-2023.txt", None),
        ],
    )
    def test_the_hint_of_a_path(self, text: str, hint: str, date: str | None) -> None:
        result = report_date(f"Tiêu đề\n{text} {BODY}", hint=hint)
        assert (result and result.isoformat()) == date

    def test_the_year_of_the_same_day_in_the_signature(self) -> None:
        text = f"Tiêu đề\nSáng ngày 25/5, xã họp. {BODY}\nAn Bình, ngày 25 tháng 5 năm 2022"
        assert report_date(text) == PartialDate(2022, 5, 25)
        assert report_date(text.replace("25 tháng", "26 tháng")) == PartialDate(None, 5, 25)

    @pytest.mark.parametrize(
        "text",
        [
            "Báo cáo quý II năm 2023\n", "Quý II/2023\n", "An Bình, quý II/2023\n",
            "Báo cáo năm 2023\n", "Năm 2023\n", "An Bình, năm 2023\n", "Năm 2023, xã họp. ",
            "An Bình, ngày … tháng … năm 2023\n",
        ],
    )  # fmt: skip
    def test_a_quarter_or_a_year_is_no_date_of_a_report(self, text: str) -> None:
        for form in FORMS.values():
            assert report_date(form(text + BODY)) is None
            assert report_date(form(f"Tiêu đề\n{BODY}\n{text}")) is None
            assert find_dateline(form(text.strip())) is None

    def test_text_without_dates(self) -> None:
        assert report_date("") is None
        assert report_date(BODY) is None

    @pytest.mark.parametrize(
        ("name", "date"), [("000*.txt", "--05-25"), ("004*.txt", "2023-07-24")]
    )
    def test_real_reports(self, name: str, date: str) -> None:
        paths = sorted(SEEDS.glob(name))
        if not paths:
            pytest.skip(f"{SEEDS} is not here")
        for path in paths:
            result = report_date(path.read_text(encoding="utf-8"), hint=str(path))
            assert result is not None
            assert result.isoformat() == date
