from __future__ import annotations

import pytest

import searchidx
from searchidx import Document


@pytest.fixture
def market(index: searchidx.Index) -> searchidx.Index:
    index.add(
        Document(id=id_, body=body)
        for id_, body in [
            ("both", "Cục Quản lý thị trường (QLTT) kiểm tra kho đường."),
            ("short", "Lực lượng QLTT kiểm tra chợ đầu mối."),
            ("long", "Công tác quản lý thị trường năm nay."),
            ("apart", "Quản đốc nói lý lẽ về thị phần, trường học."),
            ("plan", "Kế hoạch (KH) số 14. Khách hàng (KH) hài lòng."),
            ("customer", "Phục vụ khách hàng chu đáo."),
            ("bare", "QUAN LY THI TRUONG (QLTT) kiem tra"),
        ]
    )
    return index


def found(index: searchidx.Index, query: str, **options: bool) -> list[str]:
    return [hit.id for hit in index.search(query, limit=20, **options)]  # type: ignore[arg-type]  # bools


def test_an_abbreviation_finds_what_it_stands_for(market: searchidx.Index) -> None:
    results = market.search("qltt", limit=20)
    assert {hit.id for hit in results} == {"both", "bare", "short", "long"}
    assert results[-1].id == "long"
    assert all(hit.complete for hit in results)
    assert results.notes == ("searching also for: quản lý thị trường (qltt)",)
    long = results[-1].snippet
    assert [long.text[s:e] for s, e in long.highlights] == ["quản lý thị trường"]


def test_a_long_form_finds_its_abbreviation(market: searchidx.Index) -> None:
    results = market.search("quan ly thi truong", limit=20)
    by_id = {hit.id: hit for hit in results}
    assert by_id["short"].complete
    assert next(iter(by_id)) in ("both", "bare", "long")
    shown = by_id["short"].snippet
    assert [shown.text[s:e] for s, e in shown.highlights] == ["QLTT"]
    assert results.notes == ("searching also for: QLTT (quan ly thi truong)",)


def test_every_reading_of_an_ambiguous_one_is_searched(market: searchidx.Index) -> None:
    assert set(found(market, "KH")) == {"plan", "customer"}
    assert market.search("KH").notes == (
        "searching also for: khách hàng (kh)",
        "searching also for: kế hoạch (kh)",
    )


def test_the_other_words_tell_which_reading_is_meant(index: searchidx.Index) -> None:
    index.add(
        Document(id=f"{kind}{n}", body=body)
        for n in range(8)
        for kind, body in [
            ("plan", "Kế hoạch (KH) tuyên truyền được ban hành."),
            ("customer", "Khách hàng (KH) gửi tiền tiết kiệm tại ngân hàng."),
            ("science", "Khoa học (KH) cơ bản và kế hoạch nghiên cứu."),
        ]
    )
    assert index.search("KH").notes == (
        "searching also for: khoa học (kh)",
        "searching also for: khách hàng (kh)",
        "searching also for: kế hoạch (kh)",
    )
    saving = index.search("KH gui tiet kiem ngan hang").notes
    assert saving == ("searching also for: khách hàng (kh)",)
    assert index.search("ban hành KH tuyên truyền").notes[0] == (
        "searching also for: kế hoạch (kh)"
    )
    # Nothing goes with what no report has.
    assert len(index.search("KH xyz").notes) == 3


def test_it_can_be_turned_off_and_exact_turns_it_off(market: searchidx.Index) -> None:
    for options in ({"expand": False}, {"exact": True}):
        assert set(found(market, "QLTT", **options)) == {"both", "bare", "short"}
        assert market.search("QLTT", **options).notes == ()  # type: ignore[arg-type]  # bools


def test_an_abbreviation_goes_with_the_reports_that_introduce_it(
    market: searchidx.Index,
) -> None:
    market.remove(["both", "bare"])
    assert found(market, "qltt") == ["short"]
    assert "long" not in found(market, "QLTT")


def test_a_word_beside_an_abbreviation_still_counts(market: searchidx.Index) -> None:
    results = market.search("qltt nam nay", limit=20)
    assert next((hit.id, hit.complete) for hit in results) == ("long", True)
    assert market.highlights("Quản lý thị trường, quản đốc", "qltt") == ((0, 18),)
    assert market.highlights("Quản lý thị trường", "qltt", expand=False) == ()
