from __future__ import annotations

import pytest

from searchidx.search.named_codes import named_codes
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
