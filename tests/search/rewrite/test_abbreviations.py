"""Test the expansion of abbreviations and long forms in queries."""

from __future__ import annotations

from collections.abc import Sequence

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
    index: searchidx.Index,
) -> None:
    index.add(
        Document(id=id_, body=body)
        for id_, body in [
            ("both", "Quỹ vì người nghèo (QVNN) của xã"),
            ("long", "góp cho quỹ vì người nghèo"),
            ("short", "QVNN thu được"),
        ]
    )
    assert set(found(index, "qvnn")) == {"both", "long", "short"}
    index.remove(["both"])
    assert found(index, "qvnn") == ["short"]


def test_a_word_beside_an_abbreviation_still_counts(market: searchidx.Index) -> None:
    results = market.search("qltt nam nay", limit=20)
    assert next((hit.id, hit.complete) for hit in results) == ("long", True)
    assert market.highlights("Quản lý thị trường, quản đốc", "qltt") == ((0, 18),)
    assert market.highlights("Quản lý thị trường", "qltt", expand=False) == ()


@pytest.fixture
def office(index: searchidx.Index) -> searchidx.Index:
    index.add(
        Document(id=f"{n}", body=body)
        for n, body in enumerate(
            [
                "Lực lượng công an (CA) phường trực đêm.",
                "Ban quản lý dự án (DA) bàn giao công trình.",
                "Thẩm định đề án (ĐA) sắp xếp tổ dân phố.",
                "Mô hình lưới tam giác, triangular irregular network (TIN), của bản đồ.",
                "Mạng cục bộ, local area network (LAN), của trụ sở.",
                "Cửa hàng bán cổ phiếu (CP) cho nhân viên.",
                "Các thủy thủ (TT) lên tàu.",
                "Ủy ban nhân dân (UBND) xã họp.",
                "Nghị quyết (NQ) của hội nghị.",
                "Phòng Giáo dục và Đào tạo (GD&ĐT) chấm thi.",
                "Hội nông dân (ND) trồng rau.",
                "Con cá lần theo dòng nước; da cá đã khô, ca sĩ thông tin cho lan.",
            ]
        )
    )
    return index


def readings(index: searchidx.Index, query: str) -> set[str]:
    beginning = "searching also for: "
    return {
        note.removeprefix(beginning)
        for note in index.search(query).notes
        if note.startswith(beginning)
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # Marks that the abbreviation has not, in whatever case.
        ("cá", set()),
        ("CÁ", set()),
        ("ĐÃ", set()),
        ("TÍN", set()),
        ("LẦN", set()),
        ("NĐ", set()),
        ("ĐA", {"đề án (đa)"}),
        ("DA", {"dự án (da)", "đề án (da)"}),
        ("GDĐT", {"giáo dục và đào tạo (gdđt)"}),
        ("gddt", {"giáo dục và đào tạo (gddt)"}),
        # What may be a word is an abbreviation in capitals only.
        ("ca", set()),
        ("Ca", set()),
        ("ca đêm", set()),
        ("Lan", set()),
        ("thông tin", set()),
        ("da ca", set()),
        ("CA", {"công an (ca)"}),
        ("CA phường", {"công an (ca)"}),
        ("ca đêm của CA phường", {"công an (ca)"}),
        ("DA 2023", {"dự án (da)", "đề án (da)"}),
        ("LAN", {"local area network (lan)"}),
        # Capitals beside capitals tell nothing, unless these can be no words.
        ("THÔNG TIN", set()),
        ("THONG TIN", set()),
        ("THÔNG TIN về bản đồ", set()),
        ("bản đồ TIN", {"triangular irregular network (tin)"}),
        ("TRỰC CA 35 DA", set()),
        ("CA UBND", {"công an (ca)", "ủy ban nhân dân (ubnd)"}),
        # What can be no word is one in any case.
        ("ubnd", {"ủy ban nhân dân (ubnd)"}),
        ("UBND XÃ HỌP", {"ủy ban nhân dân (ubnd)"}),
        ("Cp", {"cổ phiếu (cp)"}),
    ],
)
def test_an_ordinary_word_is_no_abbreviation(
    office: searchidx.Index, query: str, expected: set[str]
) -> None:
    assert readings(office, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("15/2020/NĐ-CP", set()),
        ("100/2019/nđ-cp", set()),
        ("Thông tư 45/2019/TT-BTC", set()),
        ("35-NQ/TW", set()),
        ("35 nq/tw", set()),
        ("NĐ-CP", set()),
        ("nq/tw", set()),
        ("QĐ-UBND về hộ tịch", set()),
        # Words of the same letters beside a code, and what is joined but no code.
        ("cp", {"cổ phiếu (cp)"}),
        ("ubnd 15/2020/NĐ-CP", {"ủy ban nhân dân (ubnd)"}),
        ("HĐND-UBND", {"ủy ban nhân dân (ubnd)", "hội đồng nhân dân (hđnd)"}),
        ("NQ 35", {"nghị quyết (nq)"}),
        ("kế hoạch UBND/HĐND", {"ủy ban nhân dân (ubnd)", "hội đồng nhân dân (hđnd)"}),
        # Parts of two letters are no abbreviations of their own.
        ("CP-NQ", set()),
    ],
)
def test_parts_of_a_code_are_no_abbreviations(
    office: searchidx.Index, query: str, expected: set[str]
) -> None:
    assert readings(office, query) == expected


def test_the_kind_of_a_numbered_document_stands_for_it(index: searchidx.Index) -> None:
    index.add(
        [
            Document(id="a", body="Thông tư (TT) 78/2021/TT-BTC về hóa đơn năm 2021"),
            Document(id="b", body="Thị trấn (TT) Sông Đốc có 78 hộ, năm 2021"),
        ]
    )
    circular, town = (f"searching also for: {each} (tt)" for each in ("thông tư", "thị trấn"))
    assert index.search("tt 78/2021").notes == (circular,)
    # Without a year, or where no report names it, it may be anything.
    for query in ("tt so 78", "tt 79/2021", "tt 2021 hộ"):
        assert set(index.search(query).notes) == {circular, town}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # Its short form would be found as a word everywhere.
        ("dự án", set()),
        ("du an", set()),
        ("công an", set()),
        ("local area network", set()),
        ("ủy ban nhân dân", {"UBND (ủy ban nhân dân)"}),
        ("uy ban nhan dan", {"UBND (uy ban nhan dan)"}),
        ("uỷ ban nhan dân", {"UBND (ủy ban nhan dân)"}),
        ("giáo dục và đào tạo", {"GD&ĐT (giáo dục và đào tạo)"}),
        ("cổ phiếu", {"CP (cổ phiếu)"}),
        # Other words of the same letters.
        ("có phiếu", set()),
        ("nóng dần", set()),
    ],
)
def test_a_long_form_is_read_as_what_can_be_no_other_word(
    office: searchidx.Index, query: str, expected: set[str]
) -> None:
    assert readings(office, query) == expected


def test_a_long_form_introduced_without_marks_fits_any(index: searchidx.Index) -> None:
    index.add([Document(id="bare", body="Uy ban nhan dan (UBND) xa hop.")])
    assert readings(index, "ủy ban nhân dân") == {"UBND (ủy ban nhân dân)"}


def test_an_ordinary_word_finds_only_what_holds_it(office: searchidx.Index) -> None:
    assert found(office, "cá") == ["11", "0"]  # CA has the same letters
    assert set(found(office, "CA")) == {"0", "11"}
    assert "11" not in found(office, "dự án")  # it has da


@pytest.fixture
def offices(index: searchidx.Index) -> searchidx.Index:
    """Index reports that use abbreviations which none of them introduces."""
    index.add(
        Document(id=id_, body=body)
        for id_, body in [
            ("dash", "Phát triển KT-XH của xã"),
            ("joined", "Chương trình phát triển KTXH"),
            ("long", "Phát triển kinh tế - xã hội miền núi"),
            ("signed", "KT. Chủ tịch: ký thay (KT) ông Hà; công ty XH"),
            ("school", "Sở GD&ĐT họp"),
            ("school-joined", "Sở GDĐT họp"),
            ("school-long", "Sở Giáo dục và Đào tạo họp"),
            ("city", "TP.HCM có mưa"),
            ("city-long", "Thành phố Hồ Chí Minh có mưa"),
            ("labor", "Sở LĐ-TB&XH và Sở LĐTBXH"),
            ("labor-long", "Sở Lao động - Thương binh và Xã hội"),
            *((f"rest-{n}", f"họp giao ban số {n}") for n in range(9)),
        ]
    )
    return index


@pytest.mark.parametrize(
    ("queries", "expected"),
    [
        (("KT-XH", "kt-xh", "KTXH", "ktxh", "KT - XH", "KT/XH"), {"dash", "joined", "long"}),
        (
            ("GD&ĐT", "gd&dt", "GDĐT", "gddt", "GD-ĐT", "GD & ĐT"),
            {"school", "school-joined", "school-long"},
        ),
        (("TP.HCM", "tphcm", "TP HCM", "tp hcm", "TP. HCM"), {"city", "city-long"}),
        (("LĐ-TB&XH", "ldtbxh", "LĐTB&XH", "LĐ TB XH"), {"labor", "labor-long"}),
    ],
)
def test_an_abbreviation_is_one_with_any_separator_or_none(
    offices: searchidx.Index, queries: Sequence[str], expected: set[str]
) -> None:
    for query in queries:
        results = offices.search(query, limit=20)
        complete = {hit.id for hit in results if hit.complete}
        assert complete == expected, query
        assert not any("thay" in note for note in results.notes)


def test_parts_of_an_abbreviation_are_not_expanded(offices: searchidx.Index) -> None:
    assert readings(offices, "KT-XH") == {"kinh tế - xã hội (KT-XH)"}
    assert readings(offices, "phát triển KT-QP") == set()  # whatever that is, it is not KT
    assert readings(offices, "KT ông Hà") == {"ký thay (kt)"}


def test_an_abbreviation_of_several_parts_is_one_word(offices: searchidx.Index) -> None:
    results = offices.search("phát triển KT-XH vùng", explain=True)
    assert {hit.id: hit.missing for hit in results}["long"] == ("vùng",)
    assert "KT-XH" in {hit.id: hit.missing for hit in offices.search("KT-XH họp")}["school"]
    (view,) = {
        (part.view, part.text)
        for hit in results
        for part in hit.explanation
        if "xh" in part.text
    } - {("title", "phát triển KT-XH vùng")}
    assert view == ("folded", "ktxh / kt xh / kinh te xa hoi")


def test_a_long_form_finds_the_well_known_abbreviation(offices: searchidx.Index) -> None:
    found_ids = {hit.id for hit in offices.search("giáo dục và đào tạo") if hit.complete}
    assert found_ids == {"school", "school-joined", "school-long"}
    # An abbreviation that no report has is not named.
    assert readings(offices, "phòng cháy chữa cháy") == set()


def test_reports_decide_what_a_well_known_abbreviation_means(index: searchidx.Index) -> None:
    index.add([Document(id="own", body="Ban cơ động (BCĐ) và ban chỉ đạo xã")])
    assert readings(index, "BCĐ") == {"ban cơ động (bcđ)"}
