from __future__ import annotations

import pytest

from searchidx.search.named_documents import named_codes, numbered_documents
from searchidx.search.query import parse_lenient


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
        # What stands between the parts makes no difference.
        ("35 nq tw", {"35-NQ/TW": ["35", "nq", "tw"]}),
        ("nghi dinh 15 2020 nd cp ve gia", {"15/2020/NĐ-CP": ["15", "2020", "nd", "cp"]}),
        ("luat 23 2008 qh12", {"23/2008/QH12": ["23", "2008", "qh12"]}),
        ("78/2014/TTLT-BTC-BYT 35 NQ TW", {
            "78/2014/TTLT-BTC-BYT": ["78", "2014", "ttlt", "btc", "byt"],
            "35-NQ/TW": ["35", "nq", "tw"],
        }),
        ("01/ĐA-UBND", {"01/ĐA-UBND": ["1", "da", "ubnd"]}),
        ("35-NQ/TW -giá", {"35-NQ/TW": ["35", "nq", "tw"]}),
        # What stands in other parts is what it is there.
        ('"35-NQ/TW"', {}),
        ("code:35-NQ/TW giá", {}),
        ("title:35-NQ/TW", {}),
        ("giá -35-NQ/TW", {}),
        ("giá OR 35-NQ/TW", {}),
        # And these are no codes.
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
        ("nghi dinh 15/2020", {"15/2020/NĐ": "15 2020"}),
        ("xử phạt theo Nghị định số 15/2020 về giá", {"15/2020/NĐ": "15 2020"}),
        ("thong tu so 200 nam 2014 ke toan", {"200/2014/TT": "200 nam 2014"}),
        ("thông tư liên tịch 7/2015", {"07/2015/TTLB | TTLN | TTLT": "7 2015"}),
        ("tt 78/2021 và nd 123/2020", {"78/2021/TT": "78 2021", "123/2020/NĐ": "123 2020"}),
        ("nghi quiet 35 quan ly thi truong", {}),  # no such spelling
        ("nghi quyet 35 quan ly thi truong", {"35/NQ": "35"}),
        ("quyết định 30a", {"30a/QĐ": "30a"}),
        ("nghị quyết 8a/2020", {"08a/2020/NQ | NQLT | QH | UBTVQH": "8a 2020"}),
        ("bộ luật 45/2019", {"45/2019/L | LCT | QH": "45 2019"}),
        # With its code in full a document is another matter.
        ("nghị định 15/2020/NĐ-CP, TT 78/2021", {"78/2021/TT": "78 2021"}),
        # A number alone is of what is called by it.
        ("kế hoạch 5 năm", {}),
        ("luật 62", {}),
        ("nghị quyết 2020", {}),
        ("chỉ thị 24/7/2023", {}),
        ("nghị quyết 2020/2021", {"2020/2021/NQ | NQLT | QH | UBTVQH": "2020 2021"}),
        ("kế hoạch 5/2021", {"05/2021/KH": "5 2021"}),
        # And these name none.
        ("15/2020", {}),
        ("ngày 15/2020", {}),
        ("so 35", {}),
        ('"nghị quyết 35"', {}),
        ("nghị quyết -35", {}),
        ("title:nghị quyết 35", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_documents_named_by_kind_and_number_are_known(
    text: str, expected: dict[str, str]
) -> None:
    found = numbered_documents(parse_lenient(text)[0])
    assert {str(each): " ".join(s.folded for s in each.typed) for each in found} == expected
