"""Test which queries are suggested beside the hits."""

from __future__ import annotations

import doctest
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import searchidx
from searchidx import Document, Suggestion
from searchidx.language.orthography import TONES
from searchidx.search.query.query import parse_syllables
from searchidx.search.suggest.missing_diacritics import keeps_marks
from searchidx.store import Store
from tests.conftest import ROOT


@pytest.fixture
def office(index: searchidx.Index) -> searchidx.Index:
    """Index forty reports."""
    index.add(
        Document(id=f"{kind}{n}", title=title, body=body)
        for n in range(10)
        for kind, title, body in [
            ("market", "Nghị quyết", "Quản lý thị trường theo Nghị quyết 35 năm nay."),
            ("tax", "Thuế", "Doanh nghiệp nộp thuế giá trị gia tăng hằng quý."),
            ("safety", "An toàn", "Bảo đảm an toàn thực phẩm trong trường học."),
            ("house", "Nhà ở", "Hồ sơ mua nhà của cán bộ, hộ nghèo."),
        ]
    )
    return index


def suggested(
    index: searchidx.Index, query: str, **options: bool
) -> list[tuple[str, str, int]]:
    found = index.search(query, **options).suggestions  # type: ignore[arg-type]  # bools
    return [(each.kind, each.query, each.total_complete) for each in found]


def test_a_misspelt_word_is_pointed_out_and_nothing_replaced(office: searchidx.Index) -> None:
    results = office.search("quan ly thi truogn")
    assert results.suggestions == (Suggestion("spelling", "quan ly thi truong", 10),)
    assert results.total_complete == 0
    assert results.notes == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Quản lý thị trừơg", "Quản lý thị trường"),  # marks as the neighbours have them
        ("QUAN LY THI TRUOGN", "QUAN LY THI TRUONG"),
        ('"quan ly thi truogn" nam', '"quan ly thi truong" nam'),
        ("title:nghi quyrt", "title:nghi quyet"),
        ("quanly thi truong -thue", "quan ly thi truong -thue"),
        ("quan l y thi truong", "quan ly thi truong"),
        ("an toan thucpham", "an toan thuc pham"),
    ],
)
def test_a_query_keeps_all_but_its_slips(
    office: searchidx.Index, typed: str, meant: str
) -> None:
    assert suggested(office, typed)[:1] == [("spelling", meant, 10)]


def test_what_finds_no_more_is_not_offered(office: searchidx.Index) -> None:
    # No report without "thue" has these words, spelled in whatever way.
    assert suggested(office, "doanh nghiệp nộp thuế -gia") == []
    assert suggested(office, "nghi quyet 35 thi truong") == [
        ("marks", "nghị quyết 35 thị trường", 10)
    ]
    assert suggested(office, "nghị quyết 35 thị trường") == []
    assert suggested(office, "xqzw") == []
    assert suggested(office, "-thue") == []
    assert suggested(office, "") == []


def test_marks_are_shown_where_the_reports_agree_on_them(office: searchidx.Index) -> None:
    assert suggested(office, "Quan ly THI TRUONG") == [("marks", "Quản lý THỊ TRƯỜNG", 10)]
    assert suggested(office, '"thuc pham" date:2023') == [("marks", '"thực phẩm" date:2023', 0)]
    # ho is hồ and hộ alike.
    assert suggested(office, "ho") == []


def test_marks_that_stand_nowhere_like_that_are_pointed_out(office: searchidx.Index) -> None:
    assert suggested(office, "quản lý thì trường") == [("marks", "quản lý thị trường", 10)]
    assert suggested(office, "nghị quyet") == [("marks", "nghị quyết", 10)]
    # hồ sơ and hộ nghèo are both there, and so is what was typed.
    assert suggested(office, "hồ sơ mua nhà") == []
    assert suggested(office, "hộ nghèo") == []
    # Nothing tells of what no report has.
    assert suggested(office, "thì trấn") == []


def test_marks_are_added_and_never_taken_away(office: searchidx.Index) -> None:
    # One is typed, and the syllable beside it stands nowhere like that.
    assert suggested(office, "hang quý") == [("marks", "hằng quý", 10)]
    assert suggested(office, "nop thuế gia tri") == [("marks", "nộp thuế giá trị", 10)]
    # No report has such a syllable: its letters count.
    assert suggested(office, "an toan thưc phâm") == [("marks", "an toàn thực phẩm", 10)]
    # The index knows it: nhà beside it is what may change.
    assert suggested(office, "mua nha của can bộ") == [("marks", "mua nhà của cán bộ", 10)]


def test_texts_without_marks_do_not_take_those_of_others(index: searchidx.Index) -> None:
    index.add(
        [
            *(Document(id=f"a{n}", body="Đào tạo cán bộ.") for n in range(30)),
            *(Document(id=f"b{n}", body="Lệ phí đào tạo nghề; cho vay vốn.") for n in range(9)),
            *(Document(id=f"c{n}", body="tệp dao-tao-nghe, cho-vay-von") for n in range(1)),
        ]
    )
    assert suggested(index, "dao tao nghề") == [("marks", "đào tạo nghề", 10)]


def test_what_is_no_syllable_of_vietnamese_is_not_meant_by_one(index: searchidx.Index) -> None:
    index.add(
        [
            *(Document(id=f"a{n}", body="Bồi thường thiệt hại") for n in range(30)),
            *(Document(id=f"b{n}", body="Giao đất đai") for n in range(9)),
            *(Document(id=f"c{n}", body="tệp boi-thuong-nhanh") for n in range(3)),
        ]
    )
    # Rare as it is, "thuong" says little of what follows it, so that anything may.
    assert suggested(index, "boi thuong dat dai") == [("marks", "bồi thường đất đai", 0)]


MARKED = ("quản", "quan", "quàn", "lý", "lỷ", "thị", "thi", "thì", "trường", "trưởng", "truong")
OTHERS = ("nộp", "thuế", "thúê", "gia", "giá", "trị", "tri", "hộ", "ho", "nghèo", "35", "Nhà")


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(MARKED + OTHERS), min_size=1, max_size=7).map(" ".join))
def test_marks_that_reports_know_are_never_taken_away(
    office: searchidx.Index, text: str
) -> None:
    vocabulary = Store(office.path).reader().vocabulary
    for suggestion in office.search(text, limit=0).suggestions:
        if suggestion.kind != "marks":
            continue
        assert suggestion.query != text
        typed, meant = parse_syllables(text), parse_syllables(suggestion.query)
        assert [s.folded for s in meant] == [s.folded for s in typed]
        for one, other in zip(typed, meant, strict=True):
            if vocabulary.look_up("marked", one.marked).counts[0]:
                assert marks_of(one.marked) <= marks_of(other.marked), (one, other)


def marks_of(syllable: str) -> set[str]:
    """Return the kinds of marks that a syllable has: a tone, marks of vowels, the bar of đ."""
    decomposed = unicodedata.normalize("NFD", syllable)
    return {
        "tone" if character in TONES else "bar" if character == "đ" else "vowel"
        for character in decomposed
        if character == "đ" or unicodedata.combining(character)
    }


@pytest.mark.parametrize(
    ("typed", "meant", "expected"),
    [
        ("thì", "thị", True),
        ("thi", "thị", True),
        ("thị", "thi", False),
        ("hôi", "hội", True),
        ("hôi", "hơi", True),  # of the same kind
        ("hôi", "hoi", False),
        ("dương", "đường", True),
        ("đường", "dường", False),
        ("nghề", "nghe", False),
        ("nghề", "nghè", False),
        ("tuê", "tuệ", True),
    ],
)
def test_what_keeps_the_marks_that_were_typed(typed: str, meant: str, expected: bool) -> None:
    assert keeps_marks(typed, meant) is expected


@pytest.fixture
def lookalikes(index: searchidx.Index) -> searchidx.Index:
    """Index forty reports with words that resemble names of fields and operators."""
    index.add(
        Document(id=f"r{n}", body="Đạt mốt ảnh sốt cỏ đề; dạt bắc an, cò, tít lê ăn theo nốt")
        for n in range(40)
    )
    return index


@pytest.mark.parametrize(
    "query",
    [
        *("date: 2023", "date:nay", "Date: hom nay", "sort:date,", "sort: date mốt"),
        *(
            "code: 35-NQ/TW",
            "code:xyz",
            "path: sott",
            'path: "NOT sott"',
            "lang: nott",
            "title: ảnh",
            "body :ảnh",
        ),
        *("NOT mốt ảnh", "mốt AND ảnh", "mốt OR", "AND", "bca", "))) bca", "(bca)"),
        *("35/2013/TT-BCA", "12/BCA-BACC", "tt-2/bacc", "BCC", "ảnh BCC"),
    ],
)
def test_syntax_and_codes_are_not_misspelt(lookalikes: searchidx.Index, query: str) -> None:
    assert suggested(lookalikes, query) == []


def test_what_is_no_plain_word_stays_as_it_is(index: searchidx.Index) -> None:
    index.add(
        [
            *(
                Document(id=f"a{n}", body="cơn bão lớn", metadata={"kho": "A1"})
                for n in range(9)
            ),
            *(Document(id=f"b{n}", body="cơn bão lớn theo báo chí") for n in range(5)),
        ]
    )
    # Marks bind in what is excluded: those that are likely there would bring the rest back.
    for query, meant in [
        ('con bao lon -"bao chi"', 'cơn bão lớn -"bao chi"'),
        ("con bao lon -(bao chi)", "cơn bão lớn -(bao chi)"),
        ("con bao lon -title:bao", "cơn bão lớn -title:bao"),
        ("con bao lon bao*", "cơn bão lớn bao*"),
    ]:
        ((kind, found, count),) = suggested(index, query)
        assert (kind, found) == ("marks", meant)
        assert count == index.search(query).total_complete == index.search(found).total_complete
    # A field of the reports' own is known, and none of the words.
    assert suggested(index, "con bao lpn kho:a1") == [("spelling", "con bao lon kho:a1", 9)]


def test_numbers_and_what_signs_part_are_not_joined(index: searchidx.Index) -> None:
    index.add(Document(id=str(n), body="số 125 và nghị quyết năm 2023") for n in range(20))
    for query in ("12/5 nghi", "nghi qu/yet", "nam 20-23", "nam 20 23", "nghi qu title:yet"):
        assert not [each for each in suggested(index, query) if each[0] == "spelling"], query
    assert ("spelling", "nam nghi quyet", 20) in suggested(index, "nam nghi qu yet")


def test_what_only_asks_is_not_counted(index: searchidx.Index) -> None:
    index.add(Document(id=str(n), body="phòng chống tham nhũng") for n in range(20))
    for query, meant in [
        ("tham nhunq ở đâu", "tham nhũng ở đâu"),
        ("tham nhunq o dau", "tham nhung o dau"),
    ]:
        assert suggested(index, query) == [("spelling", meant, 20)]
        assert index.search(meant).total_complete == 20


def test_what_only_asks_is_not_misspelt(index: searchidx.Index) -> None:
    index.add(Document(id=f"a{n}", body="bảo lưu kết quả thi") for n in range(20))
    for query in ("thi lai bao lau", "ket qua nop bao lau"):
        assert "spelling" not in {kind for kind, *_ in suggested(index, query)}


def test_a_suggestion_counts_reports_that_name_the_code(index: searchidx.Index) -> None:
    index.add(
        Document(id=f"a{n}", body=f"nghị định {n}/2020/NĐ-CP điều 15") for n in range(20, 40)
    )
    index.add(Document(id=f"b{n}", body="nghị định 15/2020/NĐ-CP") for n in range(2))
    assert ("spelling", "nghi dinh 15/2020/nd-cp", 2) in suggested(
        index, "nghi dimh 15/2020/nd-cp"
    )


def test_a_suggestion_counts_reports_that_name_the_document(index: searchidx.Index) -> None:
    index.add(
        Document(id=str(n), body="Nghị định số 15/2020/NĐ-CP xử phạt vi phạm")
        for n in range(20)
    )
    for named in ("nghi dinh 15/2020", "nghi dinh 15 nam 2020"):
        meant = f"{named} xu phat"
        assert suggested(index, f"{named} xu phatt") == [("spelling", meant, 20)]
        assert index.search(meant).total_complete == 20


def test_keystrokes_are_words_and_no_operators(index: searchidx.Index) -> None:
    index.add(Document(id=f"a{n}", body="mua nhà, bán nhà ở phường") for n in range(9))
    index.add(Document(id=f"b{n}", body="xã hội ở phường") for n in range(9))
    found = [query for _, query, _ in suggested(index, "mua nhaf OR bans nhaf -thuee")]
    assert all(" OR " in query and query.endswith(" -thuee") for query in found), found
    # What was read as keystrokes is what marks are added to.
    for query in ("xa hooij OR phuwowngf", "xa hoi phuong -truowngf"):
        for _, meant, _ in suggested(index, query):
            assert not {"hooij", "phuwowngf", "truowngf"} & set(meant.replace("-", " ").split())


def test_the_parts_of_a_code_are_no_keystrokes(index: searchidx.Index) -> None:
    index.add(Document(id=f"a{n}", body="nghị quyết số 35 về tư duy nq") for n in range(9))
    assert suggested(index, "35 nq tw") == []
    assert suggested(index, "35 nq tuw") == [("keystrokes", "35 nq tư", 9)]


def test_words_beside_syntax_are_put_right(office: searchidx.Index) -> None:
    queries = [
        ("title: nghi quyrt", "title: nghi quyet"),
        ("thi truogn AND quan ly", "thi truong AND quan ly"),
        ("thi truogn sort:date,", "thi truong sort:date,"),
    ]
    for typed, meant in queries:
        assert [query for _, query, _ in suggested(office, typed)] == [meant]


def test_marks_besides_do_not_hide_that_only_a_slip_is_replaced(
    office: searchidx.Index,
) -> None:
    # As many reports lack as few words of either; no report has "nhaf".
    found = suggested(office, "quan ly thi truong theo nghi quyet nhaf")
    assert found == [("keystrokes", "quản lý thị trường theo nghị quyết nhà", 0)]


def test_keystrokes_get_the_marks_of_their_neighbours(office: searchidx.Index) -> None:
    # One word alone in raw keystrokes, and letters that stand only in other marks.
    assert ("keystrokes", "thực phẩm trường học", 10) in suggested(
        office, "thuc pham truong hojc"
    )


def test_with_binding_marks_those_of_the_reports_find_more(office: searchidx.Index) -> None:
    results = office.search("thi truong", exact=True)
    assert results.total == 0
    assert results.suggestions == (Suggestion("marks", "thị trường", 10),)


def test_keystrokes_too_few_to_be_sure_of_are_offered(office: searchidx.Index) -> None:
    assert ("keystrokes", "thuế", 10) in suggested(office, "thuees") or office.search(
        "thuees"
    ).notes == ("searching for: thuế (typed in Telex)",)
    assert ("keystrokes", "nhà", 10) in suggested(office, "nhaf")
    assert ("keystrokes", "hộ", 10) in suggested(office, "ho65")


def test_a_query_in_raw_keystrokes_is_put_right_as_it_was_read(
    office: searchidx.Index,
) -> None:
    results = office.search("quanr lys thij truowngf namw 35 truogn")
    assert results.notes == (
        "searching for: quản lý thị trường năm 35 truogn (typed in Telex)",
    )
    assert all(
        each.query.startswith("quản lý thị trường năm 35 ") for each in results.suggestions
    )


def test_suggestions_can_be_left_out(office: searchidx.Index) -> None:
    assert suggested(office, "thi truogn", suggest=False) == []


def test_nothing_is_offered_for_text_that_nobody_types(office: searchidx.Index) -> None:
    assert suggested(office, "quan ly thi truogn" + " " * 900)
    assert not suggested(office, "quan ly thi truogn" + " " * 1_000)


def test_removed_reports_are_not_counted(office: searchidx.Index) -> None:
    office.remove([f"market{n}" for n in range(8)])
    assert suggested(office, "quan ly thi truogn") == [("spelling", "quan ly thi truong", 2)]


def test_the_documentation_says_what_happens() -> None:
    page = ROOT / "docs/explanation/suggestions.md"
    failures, examples = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (failures, examples > 4) == (0, True)


PARTS = (
    *("quan", "ly", "thi", "truogn", "Thuế", '"', "-", "title:", "date:2", "nhaf", "quanly"),
    *("code:35-NQ/TW", "\udcff", "QLTT", "  ", "ß", "1" * 20, "x" * 40),
)


@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kiem trra KTKH", "kiem tra KTKH"),  # introduced by a report
        ("kiem trra ktkh", "kiem tra ktkh"),
        ("kiem trra kho thoc ke hoach", "kiem tra kho thoc ke hoach"),
        ("kiem trra UBND", "kiem tra UBND"),  # known without an introduction
        ("kiem trra uy ban nhan dan", "kiem tra uy ban nhan dan"),
        ("kiem trra KT-XH", "kiem tra KT-XH"),
    ],
)
def test_reports_are_counted_as_a_search_counts_them(
    index: searchidx.Index, typed: str, meant: str, expand: bool
) -> None:
    bodies = [
        "kiểm tra kho thóc kế hoạch (KTKH)",
        "kiểm tra KTKH",
        "kiểm tra kho thóc kế hoạch",
        "UBND kiểm tra",
        "ủy ban nhân dân kiểm tra kinh tế - xã hội",
        "kiểm tra KT-XH",
    ]
    index.add(
        Document(id=f"{n}-{copy}", body=body)
        for n, body in enumerate(bodies)
        for copy in range(3)
    )
    (suggestion,) = index.search(typed, expand=expand).suggestions
    assert (suggestion.kind, suggestion.query) == ("spelling", meant)
    found = index.search(meant, expand=expand)
    assert suggestion.total_complete == found.total_complete > 0


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=20) | st.lists(st.sampled_from(PARTS)).map(" ".join))
def test_no_text_is_an_error(office: searchidx.Index, text: str) -> None:
    results = office.search(text, limit=1)
    for suggestion in results.suggestions:
        assert suggestion.query != text
        again = office.search(suggestion.query, limit=1)
        assert again.total_complete == suggestion.total_complete
    for end in range(len(text) + 1):
        for each in office.complete(text[:end], limit=3):
            assert each.text == text[: each.start] + each.insert
