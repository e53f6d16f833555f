from __future__ import annotations

from typing import Any

import pytest

from searchidx.sources.formats.pdf import join_at_hyphens
from searchidx.sources.office_files import make_document


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ("Kết luận số 1208-\nKL/TU", "Kết luận số 1208-KL/TU"),
        ("Nghị định 126/NĐ-\nCP", "Nghị định 126/NĐ-CP"),
        ("từ 28.000 -\n30.000 đồng", "từ 28.000 -\n30.000 đồng"),
        ("- một\n- hai", "- một\n- hai"),
        ("giai đoạn 2021-\n2025", "giai đoạn 2021-\n2025"),
    ],
)
def test_what_is_cut_at_a_hyphen_is_joined(lines: str, joined: str) -> None:
    assert join_at_hyphens(lines) == joined


def test_signs_of_mathematics_for_letters_of_tcvn3() -> None:
    text = "Céng hßa x· héi chñ nghÜa ViÖt Nam. §éc lËp - Tù do - H¹nh phóc. Nh­ vËy, ph­¬ng ¸n"
    written = text.replace("\u00ad", "\u2212").replace("\u00b7", "\u2219")
    part: dict[str, Any] = {
        "text": written,
        "format": "pdf",
        "fields": {},
        "title": "",
        "date": None,
    }
    found = make_document("a.pdf", "a.pdf", part)
    assert found.body == (
        "Cộng hòa xã hội chủ nghĩa Việt Nam. Độc lập - Tự do - Hạnh phúc. Như vậy, phương án"
    )


def test_a_minus_stays_a_minus() -> None:
    written = "Nhiệt độ ban đêm xuống −3 độ ở Nậm Khòa."
    part: dict[str, Any] = {
        "text": written,
        "format": "pdf",
        "fields": {},
        "title": "",
        "date": None,
    }
    assert make_document("a.pdf", "a.pdf", part).body == written
