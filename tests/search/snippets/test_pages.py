"""Test that a passage knows its page."""

from __future__ import annotations

from pathlib import Path

import pytest

import searchidx
from searchidx.cli.output import hit_lines
from searchidx.cli.terminal import Style

PAGES = [
    "Báo cáo công tác thủy lợi.\nKênh dẫn đã nạo vét xong.",
    "",
    "Trạm bơm Cổ Lũy chạy ba máy.",
    "Kênh dẫn còn hai đoạn sạt lở.\nTrạm bơm chờ sửa.",
]


@pytest.fixture
def index(tmp_path: Path) -> searchidx.Index:
    index = searchidx.create(tmp_path / "index")
    body = "\f".join(PAGES)
    index.add(
        [
            searchidx.Document(id="a", body=body, metadata={"pages": 4, "format": "pdf"}),
            searchidx.Document(id="b", body="Đê Rào Nậy.\fĐê Hạ.", metadata={"pages": 2,
                               "format": "pptx"}),
            searchidx.Document(
                id="d", body="Sách quý.", metadata={"pages": 212, "format": ["giấy"]}
            ),
            searchidx.Document(id="c", body="Một trang.\fVẫn là văn bản thường."),
        ]
    )  # fmt: skip
    return index


@pytest.mark.parametrize(
    ("query", "expected"), [("nao vet", 1), ("co luy", 3), ("sat lo", 4), ("cho sua", 4)]
)
def test_the_page_of_the_match(index: searchidx.Index, query: str, expected: int) -> None:
    hit = index.search(query)[0]
    assert hit.snippet.page == expected
    assert hit.to_dict()["snippet"]["page"] == expected
    (start, _), *_ = hit.snippet.offsets
    assert "\f".join(PAGES).count("\f", 0, start) + 1 == expected


def test_each_passage_has_its_own(index: searchidx.Index) -> None:
    hit = index.search("kênh dẫn trạm bơm", passages=3, snippet_length=60)[0]
    body = "\f".join(PAGES)
    assert len(hit.passages) > 1
    for passage in hit.passages:
        assert passage.page == body.count("\f", 0, passage.offsets[0][0]) + 1


def test_documents_without_pages_have_none(index: searchidx.Index) -> None:
    assert index.search("văn bản thường")[0].snippet.page is None
    assert index.search("sách quý")[0].snippet.page is None


def test_it_is_shown(index: searchidx.Index) -> None:
    def shown(query: str) -> str:
        return "\n".join(hit_lines(index.search(query, limit=1), Style.choose("never"), 80))

    assert " · page 3 · " in shown("co luy")
    assert " · slide 2 · " in shown("đê hạ")
    assert "page" not in shown("văn bản thường")
