"""Test the finding of document codes in texts."""

from __future__ import annotations

import csv
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.codes import FoundCode, find_codes
from searchidx.language.orthography import without_marks

# A sample of the codes in the corpus of legal articles, judged by hand beside their contexts:
# 150 of those without a year, then 100 of those with one.
JUDGED = Path(__file__).parent / "data" / "codes_judged.tsv"


def found(text: str) -> list[tuple[str, str]]:
    return [(code.canonical, text[code.start : code.end]) for code in find_codes(text)]


def canonical(text: str) -> list[str]:
    return [code.canonical for code in find_codes(text)]


class TestForms:
    @pytest.mark.parametrize(
        ("code", "number", "year", "kind", "issuer"),
        [
            ("35-NQ/TW", "35", None, "NQ", "TW"),
            ("14-KH/TW", "14", None, "KH", "TW"),
            ("21-CT/TU", "21", None, "CT", "TU"),
            ("36-HD/VPTW", "36", None, "HD", "VPTW"),
            ("15-KH/ĐU", "15", None, "KH", "ĐU"),
            ("57/2020/QH14", "57", 2020, None, "QH14"),
            ("1205/2016/UBTVQH13", "1205", 2016, None, "UBTVQH13"),
            ("30/2020/NĐ-CP", "30", 2020, "NĐ", "CP"),
            ("01/2021/TT-BTC", "01", 2021, "TT", "BTC"),
            ("46/2019/TTLT-BTC-BCA", "46", 2019, "TTLT", "BTC-BCA"),
            ("12/2003/PL-UBTVQH11", "12", 2003, "PL", "UBTVQH11"),
            ("30a/2008/NQ-CP", "30a", 2008, "NQ", "CP"),
            ("1234/QĐ-UBND", "1234", None, "QĐ", "UBND"),
            ("08/CT-TTg", "08", None, "CT", "TTg"),
            ("145/BC-UBND", "145", None, "BC", "UBND"),
            ("12/TTr-STNMT", "12", None, "TTr", "STNMT"),
            ("25/KH-THCS", "25", None, "KH", "THCS"),
            ("123/QĐ-UBND.VX", "123", None, "QĐ", "UBND.VX"),
            ("2345/BTC-TCT", "2345", None, None, "BTC-TCT"),
            ("1941/VPCP-KNTN", "1941", None, None, "VPCP-KNTN"),
            ("1613/BYT-QĐ", "1613", None, "QĐ", "BYT"),
            ("23-L/CTN", "23", None, "L", "CTN"),
            ("15/2019/L-CTN", "15", 2019, "L", "CTN"),
            ("21-LCT/HĐNN8", "21", None, "LCT", "HĐNN8"),
        ],
    )
    def test_parts_of_a_code(
        self, code: str, number: str, year: int | None, kind: str | None, issuer: str | None
    ) -> None:
        for lead in ("", "Số: ", "Kế hoạch số ", "(", "“", "theo "):
            text = f"{lead}{code}, ngày"
            start = len(lead)
            expected = FoundCode(code, number, year, kind, issuer, start, start + len(code))
            assert [*find_codes(text)] == [expected]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Nghị định số 41/CP", ("41/CP", None, "CP")),
            ("Nghị định 242-HĐBT", ("242/HĐBT", None, "HĐBT")),
            ("Quyết định số: 770/TTg", ("770/TTg", None, "TTg")),
            ("Thông tư liên tịch số 02/TTLB", ("02/TTLB", "TTLB", None)),
            ("Quyết định số 426/QĐ", ("426/QĐ", "QĐ", None)),
            ("Quyết định số 112/KT", ("112/KT", None, "KT")),
            ("Thông tư số 22/2013/BTTTT", ("22/2013/BTTTT", None, "BTTTT")),
        ],
    )
    def test_old_codes_where_the_text_says_that_they_are(
        self, text: str, expected: tuple[str, str | None, str | None]
    ) -> None:
        (code,) = find_codes(text)
        assert (code.canonical, code.kind, code.issuer) == expected
        assert canonical(text.split()[-1]) == []

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("35-NQ-TW", "35-NQ/TW"),
            ("35/NQ-TW", "35-NQ/TW"),
            ("35 - NQ/TW", "35-NQ/TW"),
            ("35–NQ/TW", "35-NQ/TW"),
            ("35\u2011NQ/TW", "35-NQ/TW"),
            ("35 NQ/TW", "35-NQ/TW"),
            ("35NQ/TW", "35-NQ/TW"),
            ("35-nq/tw", "35-NQ/TW"),
            ("35-NQ/TƯ", "35-NQ/TW"),
            ("8/CT-TTg", "08/CT-TTg"),
            ("008/CT-TTG", "08/CT-TTg"),
            ("8-ct/ttg", "08/CT-TTg"),
            ("30 / 2020 / NĐ - CP", "30/2020/NĐ-CP"),
            ("30/2020/NĐ- CP", "30/2020/NĐ-CP"),
            ("30/2020/ND-CP", "30/2020/NĐ-CP"),
            ("30/2020/nd-cp", "30/2020/NĐ-CP"),
            ("30-2020-NĐ-CP", "30/2020/NĐ-CP"),
            ("30/2020/NÐ-CP", "30/2020/NĐ-CP"),  # the Icelandic letter
            ("30/20/NĐ-CP", "30/2020/NĐ-CP"),
            ("12/98/QĐ-BTC", "12/1998/QĐ-BTC"),
            ("57/2020/qh14", "57/2020/QH14"),
            ("30A/2008/NQ-CP", "30a/2008/NQ-CP"),
            ("24/2000/QD-BLDTBXH", "24/2000/QĐ-BLĐTBXH"),
            ("10/2005/QĐ-BGD&ĐT", "10/2005/QĐ-BGDĐT"),
            ("46/2019/TTLT/BTC-BCA", "46/2019/TTLT-BTC-BCA"),
            ("46/2019/TTLT-BTC- BCA", "46/2019/TTLT-BTC-BCA"),
            ("1234/QD-UBND", "1234/QĐ-UBND"),
            ("1234/qđ-ubnd", "1234/QĐ-UBND"),
            ("11-QĐ/CSHT", "11-QĐ/CSHT"),  # of a body that is not known: as it writes it
            ("11/QĐ-CSHT", "11/QĐ-CSHT"),
        ],
    )
    def test_spellings_of_one_code(self, written: str, expected: str) -> None:
        for form in (written, unicodedata.normalize("NFD", written)):
            assert found(f"Số {form} ngày 1") == [(expected, form)]
            assert found(form) == [(expected, form)]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("35/2016/NĐ-CPngày 15", [("35/2016/NĐ-CP", "35/2016/NĐ-CP")]),
            ("số 06/QĐ-TTgngày 6", [("06/QĐ-TTg", "06/QĐ-TTg")]),
            ("48/2014/QH13có hiệu lực", [("48/2014/QH13", "48/2014/QH13")]),
            ("13-2017-TT-BTC.docx", [("13/2017/TT-BTC", "13-2017-TT-BTC")]),
            ("SỐ 35-NQ/TW - NGÀY 1", [("35-NQ/TW", "35-NQ/TW")]),
            ("12/QĐ-UBND - Trần An", [("12/QĐ-UBND", "12/QĐ-UBND")]),
            ("12/QĐ-UBND. Theo đó", [("12/QĐ-UBND", "12/QĐ-UBND")]),
            ("12/QĐ-TTg.Theo đó", [("12/QĐ-TTg", "12/QĐ-TTg")]),
            ("35-NQ/TW,14-KH/TW", [("35-NQ/TW", "35-NQ/TW"), ("14-KH/TW", "14-KH/TW")]),
            (
                "số 01/NQ-CP và số 02/NQ-CP",
                [("01/NQ-CP", "01/NQ-CP"), ("02/NQ-CP", "02/NQ-CP")],
            ),
            ("Mẫu kèm theo Quyết định số 12/QĐ-BTC", [("12/QĐ-BTC", "12/QĐ-BTC")]),
        ],
    )
    def test_codes_beside_other_things(
        self, text: str, expected: list[tuple[str, str]]
    ) -> None:
        assert found(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            # dates, fractions, numbers
            "22/10/2018", "ngày 22-10-2018", "24/7/2023-UBND", "12/5/2023/QĐ-UBND", "1/2",
            "3/4 số hộ", "0912-345-678", "024.3825.1234", "1.234/QĐ-UBND", "100 km/h", "5/CT",
            "2 - KH", "50-TB",
            "12/2020", "35", "35-", "35/", "35-N", "2021-2025/KH", "5-7 HD", "20 tt/bc",
            # standards, forms, vehicles, files
            "TCVN 7457:2004", "QCVN 01:2018/BCT", "QCVN 8-1:2011/BYT", "ISO 9001/TC-1",
            "Mẫu số 02/TB-HT", "mẫu số 02/TB-HT, 03/TB-HT và 04/TB-HT", "Biểu số 01/BC-NSNN",
            "theomẫu số 04/TB-HT", "Phụ lục số 02/BC-XD", "29A-123.45", "500/CP", "12/KT",
            "https://vidu.vn/30/2020/nd-cp", "a35-NQ/TW", "_35-NQ/TW",
            # no such number, year or body
            "00/2020/NĐ-CP", "0/QĐ-UBND", "30/1820/NĐ-CP", "30/2920/NĐ-CP", "30/2020/XY-CP",
            "12 - QĐ/XYZ", "12/qđ-xyz", "12/CT-XYZ", "2023 TT-BTC", "12/QĐ",
            "35-nq", "57/2020/QX14", "12/2020/QĐ", "12/ubnd-kt",
        ],
    )  # fmt: skip
    def test_other_things(self, text: str) -> None:
        assert found(text) == []


def judged() -> list[tuple[str, str, bool]]:
    with JUDGED.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["written"], row["canonical"], row["judgement"] == "right") for row in rows]


def test_the_judged_sample_is_mostly_right() -> None:
    rows = judged()
    assert len(rows) == 250
    for part in (rows[:150], rows[150:]):  # without a year, with one
        assert sum(right for *_, right in part) >= 0.95 * len(part)


def test_what_is_right_in_the_sample_is_found() -> None:
    for written, expected, right in judged():
        if right:
            assert found(f"theo Quyết định số {written} của") == [(expected, written)]


KINDS = ["NQ", "QĐ", "NĐ", "TT", "BC", "KH", "TTr", "CTr", "HD", "KL", "TB", "CĐ"]
BODIES = ["CP", "TTg", "UBND", "HĐND", "BTC", "BGDĐT", "BLĐTBXH", "BNNPTNT", "NHNN", "QH15"]
PARTY = ["TW", "TU", "ĐU", "HU", "BTCTW", "UBKTTU"]


@given(
    st.integers(1, 99_999),
    st.none() | st.integers(1945, 2099),
    st.sampled_from(KINDS),
    st.lists(st.sampled_from([*BODIES, *PARTY]), min_size=1, max_size=3),
    st.data(),
)
def test_any_code_in_any_spelling(
    number: int, year: int | None, kind: str, bodies: list[str], data: st.DataObject
) -> None:
    separator = st.sampled_from(["/", "-", "–", " - ", "/ ", "\u2011"])
    written = str(number).zfill(data.draw(st.integers(1, 3)))
    if year is not None:
        written += data.draw(separator) + str(year)
    for letters in (kind, *bodies):
        written += data.draw(separator) + letters
    changes: list[Callable[[str], str]] = [str.strip, str.lower, str.upper, without_marks]
    written = data.draw(st.sampled_from(changes))(written)
    (code,) = find_codes(f"(Số {written}), ngày 1/2")
    joined = "-".join(bodies)
    if year is not None:
        expected = f"{number:02}/{year}/{kind}-{joined}"
    elif bodies[0] in PARTY:
        expected = f"{number:02}-{kind}/{joined}"
    else:
        expected = f"{number:02}/{kind}-{joined}"
    assert code.canonical == expected
    assert (code.number, code.year) == (f"{number:02}", year)
    assert (code.kind, code.issuer) == (kind, joined)
    assert canonical(expected) == [expected]


pieces = st.sampled_from(
    ["35", "2020", "1", "0", "a", "NQ", "TW", "NĐ", "CP", "QH14", "UBND", "TTg", "XYZ", "nq",
     "tw", "TT", "BTC", "&", "/", "-", "–", " ", ".", ",", ":", "số ", "Mẫu ", "Nghị định ",
     "ngày", "\n", "\u0302", "\u031b", "Ư", "VX"]
)  # fmt: skip


@given(st.lists(pieces, max_size=20).map("".join))
def test_offsets_name_what_they_claim(text: str) -> None:
    end = 0
    for code in find_codes(text):
        assert end <= code.start < code.end <= len(text)
        end = code.end
        written = text[code.start : code.end]
        assert written[0].isdigit()
        assert written[-1].isalnum() or unicodedata.combining(written[-1])
        assert int(code.number.rstrip("abcdefghijklmnopqrstuvwxyzđ")) > 0
        assert code.kind or code.issuer
        assert code.canonical.startswith(code.number)
        assert (str(code.year) in code.canonical) or code.year is None
        assert code.issuer is None or code.issuer in code.canonical


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    for code in find_codes(text):
        assert isinstance(code, FoundCode)


@pytest.mark.parametrize(
    "part",
    ["1", "1/", "1-", "12/2020/", "35-NQ/", "35-NQ/TW", "35-NQ/TW-", "NQ-", "A", "1 ", "1 NQ/",
     "12/QĐ-UBND.VX.", "Mẫu số 1/TB-HT, ", "1/TT-A-", "Quyết định số 1/"],
)  # fmt: skip
def test_takes_linear_time(part: str) -> None:
    started = time.process_time()
    for _ in find_codes(part * (100_000 // len(part))):
        pass
    assert time.process_time() - started < 5  # tenths of a second when linear
