from __future__ import annotations

import unicodedata

import pytest

from benchmarks.queries import LONGEST, SHORTEST, derive
from searchidx.evaluation import without_marks

TITLES = [
    ("1", "Quản lý nhà nước về thanh niên"),
    ("2", "Điều kiện kinh doanh dịch vụ cho thuê cảng, kho tiếp nhận xăng dầu"),
    ("3", "Thời hạn của Giấy chứng nhận đạt tiêu chuẩn kiểm định chất lượng giáo dục"),
    ("4", "Hiệu lực"),
    ("5", "Mục 12"),
]


def folded_syllables(title: str) -> str:
    return " ".join(without_marks(title).lower().replace(",", " ").split())


def test_same_seed_same_queries() -> None:
    assert derive(TITLES, 20, seed=7) == derive(TITLES, 20, seed=7)
    assert derive(TITLES, 20, seed=7) != derive(TITLES, 20, seed=8)


def test_every_second_query_is_stripped_and_the_others_have_marks() -> None:
    queries = derive(TITLES, 20)
    assert [query.stripped for query in queries] == [False, True] * 10
    for query in queries:
        assert (without_marks(query.text) == query.text) is query.stripped


def test_queries_are_consecutive_syllables_of_their_own_title() -> None:
    titles = dict(TITLES)
    for query in derive(TITLES, 20):
        assert SHORTEST <= len(query.text.split()) <= LONGEST
        assert without_marks(query.text) in folded_syllables(titles[query.document_id])


def test_no_two_queries_are_the_same_without_marks() -> None:
    queries = derive(TITLES, 20)
    assert len({without_marks(query.text) for query in queries}) == 20


def test_decomposed_titles_give_the_same_queries() -> None:
    decomposed = [(name, unicodedata.normalize("NFD", title)) for name, title in TITLES]
    assert derive(decomposed, 20) == derive(TITLES, 20)


@pytest.mark.parametrize("titles", [[], [("1", "Mục 12")], [("1", "Hiệu lực")]])
def test_too_few_titles_are_an_error(titles: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match="titles give"):
        derive(titles, 5)


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("Đảng ủy đường ươm", "Dang uy duong uom"),
        ("nghị quyết", "nghi quyet"),
        (unicodedata.normalize("NFD", "nghị quyết"), "nghi quyet"),
        ("35-NQ/TW", "35-NQ/TW"),
    ],
)
def test_queries_without_marks(marked: str, plain: str) -> None:
    assert without_marks(marked) == plain
