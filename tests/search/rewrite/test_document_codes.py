"""Test the recognition of document codes and references in queries."""

from __future__ import annotations

import pytest

from searchidx.search.query.query import parse_lenient
from searchidx.search.rewrite.document_codes import find_document_references, named_codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nghị quyết 35-NQ/TW", {"35-NQ/TW": ["35", "nq", "tw"]}),
        ("nghi dinh 15/2020/nd-cp ve gia", {"15/2020/NĐ-CP": ["15", "2020", "nd", "cp"]}),
        (
            "12/2019/tt-byt thay 08/2015/TT-BYT",
            {"12/2019/TT-BYT": ["12", "2019", "tt", "byt"],
             "08/2015/TT-BYT": ["8", "2015", "tt", "byt"]},
        ),
        # The separators between the parts make no difference.
        ("35 nq tw", {"35-NQ/TW": ["35", "nq", "tw"]}),
        ("nghi dinh 15 2020 nd cp ve gia", {"15/2020/NĐ-CP": ["15", "2020", "nd", "cp"]}),
        ("luat 23 2008 qh12", {"23/2008/QH12": ["23", "2008", "qh12"]}),
        ("78/2014/TTLT-BTC-BYT 35 NQ TW", {
            "78/2014/TTLT-BTC-BYT": ["78", "2014", "ttlt", "btc", "byt"],
            "35-NQ/TW": ["35", "nq", "tw"],
        }),
        ("01/ĐA-UBND", {"01/ĐA-UBND": ["1", "da", "ubnd"]}),
        ("35-NQ/TW -giá", {"35-NQ/TW": ["35", "nq", "tw"]}),
        # Codes in phrases, filters, excluded words and alternatives are left to these.
        ('"35-NQ/TW"', {}),
        ("code:35-NQ/TW giá", {}),
        ("title:35-NQ/TW", {}),
        ("giá -35-NQ/TW", {}),
        ("giá OR 35-NQ/TW", {}),
        # These are not codes.
        ("nghi quyet 35 quan ly thi truong", {}),
        ("họp ngày 24/7/2023", {}),
        ("Hà Nội - Hải Phòng 120 km/h", {}),
        ("QUY ĐỊNH 35 VỀ GIÁ", {}),
        ("covid 19 tp hcm 5 kg", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_codes_among_plain_words_are_known(text: str, expected: dict[str, list[str]]) -> None:
    found = named_codes(parse_lenient(text)[0])
    assert {code: [s.folded for s in words] for code, words in found.items()} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nghi dinh 15/2020", ["15/2020/NĐ"]),
        ("xử phạt theo Nghị định số 15/2020 về giá", ["15/2020/NĐ"]),
        ("thong tu so 200 nam 2014 ke toan", ["200/2014/TT, năm"]),
        ("thông tư liên tịch 7/2015", ["07/2015/TTLB | TTLN | TTLT"]),
        ("tt 78/2021 và nd 123/2020", ["78/2021/TT", "123/2020/NĐ"]),
        ("nghi quyet 35 quan ly thi truong", ["35/NQ"]),
        ("quyết định 30a", ["30a/QĐ"]),
        ("nghị quyết 8a/2020", ["08a/2020/NQ | NQLT | QH | UBTVQH"]),
        ("nq 8/2020", ["08/2020/NQ | NQLT | QH | UBTVQH"]),
        ("bộ luật 45/2019", ["45/2019/L | LCT | QH"]),
        ("quyết định 2045/2021", ["2045/2021/QĐ"]),
        # A code in full names a document by other rules.
        ("nghị định 15/2020/NĐ-CP, TT 78/2021", ["78/2021/TT"]),
        # A number alone names the kinds that are cited by number.
        ("kế hoạch 5 năm", []),
        ("kế hoạch 5/2021", ["05/2021/KH"]),
        ("luật 62", []),
        # Years and days are not numbers of documents.
        ("nghị quyết 2020", []),
        ("da 2021-2025", []),
        ("nghị quyết 2021/2021", []),
        ("chỉ thị 24/7/2023", []),
        # Typed marks must be those of the kind.
        ("nghi quyết 35", ["35/NQ"]),
        ("nghỉ quyết 35", []),
        ("hđ 12/2020", []),
        ("hd 12/2020", ["12/2020/HD"]),
        ("giá đá 5/2020", []),
        ("đa 5/2020", ["05/2020/DA | ĐA"]),
        # "nam" can only be "năm" here.
        ("nam dinh nghi dinh 15 nam 2020", ["15/2020/NĐ"]),
        ("nghi dinh 15 nam 2020, tt 2 nam 2021", ["15/2020/NĐ, năm", "02/2021/TT, năm"]),
        # These name no document.
        ("nghi quiet 35 quan ly thi truong", []),
        ("15/2020", []),
        ("ngày 15/2020", []),
        ("so 35", []),
        ('"nghị quyết 35"', []),
        ("nghị quyết !35", []),
        ("title:nghị quyết 35", []),
        ("", []),
    ],
)
def test_documents_named_by_kind_and_number_are_known(text: str, expected: list[str]) -> None:
    found = find_document_references(parse_lenient(text)[0])
    assert [f"{each}{', năm' * len(each.between)}" for each in found] == expected
