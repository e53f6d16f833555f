"""The terms of a query, their weights, and the documents that match."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import searchidx
from searchidx import Document
from searchidx.search.match.bm25f import Scorer
from searchidx.search.query.query import parse
from searchidx.search.rank.plan import (
    Plan,
    plan_query,
)
from searchidx.search.rewrite.diacritics import restore_query_diacritics
from searchidx.search.rewrite.document_codes import MAX_REFERENCES
from searchidx.search.rewrite.question_syllables import find_question_syllables
from searchidx.store import Reader, Store
from tests.store.contents import committed


def add(index: searchidx.Index, bodies: dict[str, str]) -> None:
    index.add(Document(id=id_, body=body) for id_, body in bodies.items())


def scores(index: searchidx.Index, query: str) -> dict[str, float]:
    """Return the hits, best first, with their scores."""
    return {hit.id: hit.score for hit in index.search(query, limit=100)}


def reader_of(folder: Path, bodies: Sequence[str]) -> Reader:
    return committed(
        folder, [Document(id=str(number), body=body) for number, body in enumerate(bodies)]
    )


def planned(reader: Reader, text: str) -> Plan:
    return plan_query(reader, Scorer(reader), parse(text))


def index_reader(index: searchidx.Index) -> Reader:
    return Store(index.path).reader()


def test_marks_count_by_degrees(index: searchidx.Index) -> None:
    add(
        index,
        {
            "letters": "đuông làng",
            "exact": "đường làng",
            "tone": "đương làng",
            "other": "đê làng",
        },
    )
    found = scores(index, "đường")
    assert list(found) == ["exact", "letters", "tone"]
    assert found["exact"] > found["tone"] == found["letters"] > 0
    # Typed without its đ and its marks it is one word in any spelling, but likely one of these.
    assert set(scores(index, "duong")) == {"exact", "tone", "letters"}


def test_the_place_of_the_tone_and_i_for_y_make_no_difference(index: searchidx.Index) -> None:
    add(
        index,
        {
            "none": "thuy lợi",
            "new": "thuỷ lợi",
            "tone": "thúy lợi",
            "old": "thủy lợi",
            "mark": "thưy lợi",
        },
    )
    for typed in ("thủy", "thuỷ", "THUỶ", "thu\u0309y"):
        found = scores(index, typed)
        assert list(found)[:2] == ["new", "old"]
        assert found["new"] == found["old"] > found["tone"] == found["none"] == found["mark"]
    add(index, {"i": "công ti", "y": "công ty"})
    found = scores(index, "công ty")
    assert found["i"] == found["y"]


def test_what_was_typed_without_marks_prefers_what_its_neighbours_make_likely(
    index: searchidx.Index,
) -> None:
    add(
        index,
        {
            "unlikely": "nghỉ quyệt chi",
            "bare": "nghi quyet chi",
            "likely": "nghị quyết chi",
            **{f"law-{n}": f"nghị quyết số {n} ban hành" for n in range(8)},
            **{f"rest-{n}": f"lịch nghỉ lễ năm {n}" for n in range(8)},
        },
    )
    found = scores(index, "nghi quyet")
    assert found["likely"] > max(found["unlikely"], found["bare"])
    assert set(found) == {
        *("likely", "unlikely", "bare"),
        *(f"law-{n}" for n in range(8)),
        *(f"rest-{n}" for n in range(8)),
    }
    # The same letters beside other words are likely another word.
    rest = scores(index, "nghi le")
    assert set(list(rest)[:8]) == {f"rest-{n}" for n in range(8)}
    one_word = {id_: score for id_, score in rest.items() if not id_.startswith("rest")}
    assert len(one_word) == 11
    assert max(one_word, key=one_word.__getitem__) == "unlikely"  # it has "nghỉ"


def test_a_less_likely_spelling_is_not_worth_more_for_being_rarer(tmp_path: Path) -> None:
    bodies = ["họp chợ", "họp đảng", "họp chi bộ", "họp kín", "hợp lý", "hộp thư", "gạo", "ngô"]
    found = planned(reader_of(tmp_path, bodies), "hop")
    worths = {
        each.text: each.weight * each.term.idf
        for each in found.features
        if each.view != "folded"
    }
    assert set(worths) == {"họp", "hợp", "hộp"}
    assert worths["họp"] > worths["hợp"] == worths["hộp"]
    likeliest = 0.2 * 4 / 6 * math.log(1 + (8 - 4 + 0.5) / (4 + 0.5))
    assert worths["họp"] == pytest.approx(likeliest)
    assert worths["hợp"] == pytest.approx(likeliest / 4)


def test_half_typed_words_are_worth_no_less_than_those_without_marks(
    index: searchidx.Index,
) -> None:
    add(index, {"one": "nghị quyết mới", "two": "nghỉ việc quyết liệt", "other": "báo cáo"})
    whole = scores(index, "nghi quyet")["one"]
    for query in ("nghị quyet", "nghi quyết", "nghị quyết"):
        assert scores(index, query)["one"] >= whole - 1e-9


def test_question_words_are_not_looked_for_unless_they_are_quoted(
    index: searchidx.Index,
) -> None:
    add(
        index,
        {
            "answer": "hồ Khe Dứa tích 2 triệu khối nước",
            "asks": "bao nhiêu ý kiến, bao nhiêu đề xuất",
            "filler": "họp giao ban",
        },
    )
    for query in (
        "hồ Khe Dứa tích bao nhiêu nước",
        "hồ Khe Dứa tích bao nhiêu nước?",
        "ho khe dua tich bao nhieu nuoc",  # the texts say which marks these have
    ):
        results = index.search(query)
        assert [hit.id for hit in results] == ["answer"]
        assert results[0].complete
        assert "bao nhiêu" in index.search('"bao nhiêu" ý kiến')[0].snippet.text
    assert [hit.id for hit in index.search('hồ "bao nhiêu"')] == ["asks"]
    assert [hit.id for hit in index.search("bao nhiêu")] == ["asks"]
    question = parse('"bao nhiêu" ý kiến gì')
    unasked = find_question_syllables(
        question, restore_query_diacritics(Store(index.path).reader(), question)
    )
    assert {syllable.marked for syllable in unasked} == {"gì"}


def test_question_words_ask_even_where_the_texts_never_do(index: searchidx.Index) -> None:
    add(
        index,
        {
            "answer": "nghỉ thai sản 6 tháng, hưởng bảo hiểm",
            "old": "cây lâu năm, rừng sản xuất, bảo vệ rừng, nghỉ thai sản",
            "far": "trạm cách chợ 2 km, bảo đảm xã có trạm",
        },
    )
    for query in ("nghỉ thai sản bao lâu", "nghi thai san bao lau", "nghỉ thai sản bao lau"):
        results = index.search(query)
        assert {hit.id for hit in results} == {"answer", "old"}
        assert results.total_complete == 2, query
        assert not any(
            hit.snippet.text[start:end] in ("lâu", "bảo")
            for hit in results
            for start, end in hit.snippet.highlights
        )
    # One "bao" asks, the other does not.
    unasked = planned(index_reader(index), "huong bao hiem bao lau").dropped
    assert {s.folded for s in unasked} == {"lau"}
    assert [hit.id for hit in index.search("trạm cách chợ bao xa")] == ["far"]
    # With all its marks typed elsewhere, "bao" is not "bảo".
    assert index.search("bảo đảm bao xa")[0].id == "far"


def test_a_question_is_one_with_the_phrases_and_fields_in_it(index: searchidx.Index) -> None:
    add(index, {"held": "kho thóc giống của tỉnh đầy bụi, không thiếu", "asks": "ở đâu"})
    for query in ('"kho thóc" ở đâu', "(kho OR chợ) ở đâu", "body:kho ở đâu", "kh* ở đâu"):
        assert [(hit.id, hit.complete) for hit in index.search(query)] == [("held", True)]
    # A particle that ends a question ends the query.
    unmarked = {s.folded for s in planned(index_reader(index), 'bụi kho không "thóc"').dropped}
    assert unmarked == set()
    assert {s.folded for s in planned(index_reader(index), 'bụi "kho thóc" không').dropped} == {
        "khong"
    }
    # A condition is no word of the question: nothing else is asked for here.
    assert [hit.id for hit in index.search("ở đâu -thóc")] == ["asks"]


def test_pairs_weigh_what_they_tell_beyond_their_rarer_syllable(tmp_path: Path) -> None:
    bodies = ["cà phê", "cà phê sạch", "chợ cà", "nước sạch", "chợ quê", "đường quê", "gạo"]
    found = planned(reader_of(tmp_path, bodies), "cà phê quê")
    weights = {(each.view, each.text): each.weight for each in found.features}
    # "phê" stands nowhere but after "cà", so that the pair tells nothing more.
    assert not any(view.endswith("pair") for view, _ in weights)
    found = planned(reader_of(tmp_path / "more", [*bodies, "phê bình"]), "cà phê")
    pairs = {each.view: each for each in found.features if each.view.endswith("pair")}
    idf = pairs["folded_pair"].term.idf
    rarer = math.log(1 + (8 - 3 + 0.5) / (3 + 0.5))
    assert idf == pytest.approx(math.log(1 + (8 - 2 + 0.5) / (2 + 0.5)))
    assert pairs["folded_pair"].weight + pairs["marked_pair"].weight == pytest.approx(
        0.5 * (idf - rarer) / idf
    )


FIVE = "lúa cá tôm rừng muối"


@pytest.mark.parametrize("query", ["lúa cá", FIVE, f"{FIVE} nào", f"{FIVE}?"])
def test_a_document_with_any_word_matches_and_scores_alone_order(
    index: searchidx.Index, query: str
) -> None:
    add(
        index,
        {
            "all": f"{FIVE} " + "và nhiều việc khác nữa " * 60,
            "three": "lúa cá tôm " * 5,
            "one": "lúa",
            **{f"rest-{n}": f"báo cáo lúa vụ {n}" for n in range(20)},
        },
    )
    results = index.search(query, limit=100)
    assert results[0].id == "three"
    assert {hit.id for hit in results if hit.complete} >= {"all"}
    assert results.total == 23
    found = [hit.score for hit in results]
    assert found == sorted(found, reverse=True)


def test_removed_documents_are_not_among_the_hits(index: searchidx.Index) -> None:
    add(index, {"a": FIVE, "b": "lúa cá", "c": "lúa cá tôm rừng", "d": "gạo"})
    index.remove(["a"])
    results = index.search(f"{FIVE} nào")
    assert [hit.id for hit in results] == ["c", "b"]
    assert (results.total, results.total_complete) == (2, 0)
    assert results[0].missing == ("muối",)


def test_a_title_that_is_the_query_comes_first(index: searchidx.Index) -> None:
    titles = {
        "same": "Nghĩa vụ",
        "longer": "Quyền và nghĩa vụ của người lao động trong doanh nghiệp nhà nước",
        "apart": "Vụ việc có ý nghĩa",
        "half": "Nghĩa trang",
    }
    index.add(
        Document(id=id_, title=title, body="Xem điều sau.") for id_, title in titles.items()
    )
    index.add(Document(id=f"body-{n}", title="Khác", body="nghĩa vụ " * 9) for n in range(9))
    for query in ("nghĩa vụ", "nghia vu", "NGHĨA VỤ"):
        hits = index.search(query, limit=20, explain=True)
        assert hits[0].id == "same", query
        worth = {
            hit.id: sum(each.score for each in hit.explanation if each.view == "title")
            for hit in hits
        }
        assert worth["same"] > worth["longer"] > 0
        assert worth["half"] == worth["body-0"] == 0
        assert worth["apart"] == pytest.approx(worth["same"] * 2 / 5)
    # Marks that were typed are not held by other words, in a title neither.
    index.add([Document(id="tones", title="Nghĩa vũ", body="Xem điều sau.")])
    assert index.search("nghĩa vụ")[0].id == "same"
    assert index.search("nghĩa vũ")[0].id == "tones"


def test_an_abbreviation_and_its_long_form_are_one_term(index: searchidx.Index) -> None:
    index.add(
        Document(id=id_, body=body)
        for id_, body in [
            ("introduces", "Quản lý thị trường (QLTT) là việc của tỉnh"),
            ("long", "quản lý thị trường và quản lý thị trường khác"),
            ("short", "QLTT và QLTT khác"),
            ("pairs", "quản lý giá, lý lẽ thị trường"),
            *((f"rest-{n}", f"họp số {n}") for n in range(9)),
        ]
    )
    found = {hit.id: hit for hit in index.search("QLTT", explain=True, limit=20)}
    assert set(found) == {"introduces", "long", "short"}
    assert all(hit.complete for hit in found.values())
    parts = {id_: hit.explanation[0] for id_, hit in found.items()}
    assert {(part.view, part.text) for part in parts.values()} == {
        ("folded", "qltt / quan ly thi truong")
    }
    assert {part.idf for part in parts.values()} == {math.log(1 + (13 - 3 + 0.5) / (3 + 0.5))}
    # The long text has it as often; it is longer.
    assert parts["short"].score > parts["long"].score > parts["introduces"].score / 2


def test_features_are_in_the_order_that_pruning_needs(tmp_path: Path) -> None:
    bodies = [f"lúa cá số {n}" for n in range(40)] + ["tôm rừng lúa", "muối lúa"]
    found = planned(reader_of(tmp_path, bodies), FIVE)
    frequent = [each.term.is_dense for each in found.features]
    assert frequent == sorted(frequent)
    assert any(frequent)
    for kind in (False, True):
        bounds = [each.max_score for each in found.features if each.term.is_dense is kind]
        assert bounds == sorted(bounds, reverse=True)
        assert np.isfinite(bounds).all()


def test_a_typed_code_is_one_word_that_reports_hold_which_name_it(
    index: searchidx.Index,
) -> None:
    index.add(
        Document(id=id_, body=body)
        for id_, body in [
            ("parts", "Ngày 15-8-2020, NĐ-CP 15 2020 NĐ CP và 15/2020/TT-BCT: 15 2020 NĐ CP."),
            ("other", "Nghị định 155/2020/NĐ-CP có 15 điều, nghị định 2020"),
            ("named", "Căn cứ " + 40 * "nhiều văn bản, " + "Nghị định 15/2020/ND-CP"),
            ("nothing", "Báo cáo tuần"),
        ]
    )
    for query in ("15/2020/NĐ-CP", "nghi dinh 15/2020/nd-cp", "15 / 2020 / NĐ-CP nghị định"):
        results = index.search(query)
        assert results[0].id == "named", query
        assert {hit.id for hit in results} == {"named", "parts", "other"}
    assert index.search("15/2020/NĐ-CP").total_complete == 1
    explained = index.search("15/2020/NĐ-CP", explain=True)[0].explanation
    assert (explained[0].view, explained[0].text) == ("code", "15/2020/NĐ-CP")
    # Where marks bind, so does the way it was typed.
    assert index.search("15/2020/NĐ-CP", exact=True)[0].id == "parts"


def test_a_code_means_the_same_however_its_query_is_printed(index: searchidx.Index) -> None:
    index.add(
        [
            Document(id="parts", body="Điều 15 NĐ CP năm 2020, CP (cổ phần) 15 2020 NĐ"),
            Document(id="named", body="theo " + 30 * "nhiều văn bản " + "15/2020/NĐ-CP"),
            Document(id="cp", body="công ty cổ phần (CP) Hà An, năm 2020 có 15 người"),
        ]
    )
    for query in ("15/2020/NĐ-CP", "15 2020 nd cp", str(index.parse("15/2020/nd-cp"))):
        found = index.search(query)
        assert found[0].id == "named"
        assert (found.total_complete, found.notes) == (1, ())


def test_each_code_is_a_word_of_its_own(tmp_path: Path) -> None:
    bodies = ["thay 78/2014/TT-BTC bằng 119/2014/TT-BTC", "thuế chi phí được trừ doanh nghiệp"]
    found = planned(reader_of(tmp_path, bodies), "thue 78/2014/TT-BTC 119/2014/TT-BTC")
    assert [word.text for word in found.words] == [
        *("thue", "78", "2014", "TT", "BTC", "119"),
        *("78/2014/TT-BTC", "119/2014/TT-BTC"),
    ]


def test_kind_number_and_year_name_a_document(index: searchidx.Index) -> None:
    index.add(
        Document(id=id_, body=body)
        for id_, body in [
            ("parts", "Nghị định 105/2017/NĐ-CP: Điều 15 và 16, năm nay, 2020 kho"),
            ("circular", "Nghị định và Thông tư số 15/2020/TT-BCT"),
            ("short", "Nghị định số 15/2020 " + 40 * "về nhiều việc "),
            ("named", 40 * "nhiều văn bản, " + "nghị định số 15/2020/NĐ-CP"),
        ]
    )
    for query in ("nghi dinh 15/2020", "Nghị định số 15/2020", "nghi dinh 15 nam 2020"):
        results = index.search(query)
        assert results[0].id == "named", query
        # With its number and year alone it may be named as well.
        assert [hit.id for hit in results if not hit.complete] == ["parts"]
    assert index.search("thong tu 15/2020")[0].id == "circular"
    explained = index.search("thong tu 15/2020", explain=True)[0].explanation
    assert ("code", "15/2020/TT") in [(each.view, each.text) for each in explained]
    # Of one that no report names with all of its code, the words are looked for.
    assert index.search("nghi dinh 105/2020").total_complete == 1
    # Where marks bind, words are words.
    assert index.search("Nghị định 15/2020", exact=True)[0].id == "circular"


def test_a_number_alone_prefers_what_names_such_a_document(index: searchidx.Index) -> None:
    index.add(
        Document(id=id_, body=body)
        for id_, body in [
            ("parts", "nghị quyết về quản lý thị trường, Điều 35"),
            ("named", "quản lý thị trường theo Nghị quyết số 35-NQ/TW"),
            ("other", "thị trường, Nghị quyết 53-NQ/TW"),
            *((f"week{n}", "Báo cáo tuần") for n in range(20)),
        ]
    )
    results = index.search("nghi quyet 35 thi truong")
    assert [(hit.id, hit.complete) for hit in results] == [
        ("named", True),
        ("parts", True),
        ("other", False),
    ]


def test_a_number_of_days_is_that_of_no_document(tmp_path: Path) -> None:
    bodies = [
        "Quyết định 15/2020/QĐ-TTg",
        "trả lời trong 15 ngày",
        "quá 15 ngày",
        "họp giao ban",
    ]
    reader = reader_of(tmp_path, bodies)
    views = {
        query: {each.text for each in planned(reader, query).features if each.view == "code"}
        for query in (
            "quyet dinh 15 ngay",
            "quyet dinh so 15 ngay",
            "quyet dinh 15 hop",
            "quyet dinh 15",
        )
    }
    assert views == {
        "quyet dinh 15 ngay": set(),
        "quyet dinh so 15 ngay": {"15/QĐ"},
        "quyet dinh 15 hop": {"15/QĐ"},
        "quyet dinh 15": {"15/QĐ"},
    }


def test_the_year_of_a_document_is_no_other_nam(index: searchidx.Index) -> None:
    index.add(
        [
            Document(id="other", body="Nghị định số 15/2020/NĐ-CP về bưu chính"),
            Document(id="place", body="Tỉnh Nam Định thi hành Nghị định số 15/2020/NĐ-CP"),
        ]
    )
    for query in ("nam dinh nghi dinh 15 nam 2020", "Nam Định nghị định 15/2020"):
        found = {hit.id: hit.complete for hit in index.search(query)}
        assert found == {"place": True, "other": False}
    assert index.search("nghi dinh 15 nam 2020").total_complete == 2


def test_a_document_counts_once_however_often_it_is_named(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, ["Nghị định 15/2020/NĐ-CP về giá", "Thông tư 78/2021/TT-BTC"])
    for query in (
        "nghị định 15/2020 và nghi dinh 15 năm 2020",
        "nd 15/2020 nghị định số 15/2020",
        "nghị định 15/2020/NĐ-CP, nghị định 15/2020",
    ):
        found = planned(reader, query)
        assert [each.view for each in found.features].count("code") == 1, query
    years = " ".join(f"tt {number}/2021" for number in range(80, 80 + MAX_REFERENCES))
    assert "code" in {each.view for each in planned(reader, f"tt 78/2021 {years}").features}
    assert "code" not in {each.view for each in planned(reader, f"{years} tt 78/2021").features}


def test_a_code_that_no_report_names_is_looked_for_by_its_parts(
    index: searchidx.Index,
) -> None:
    index.add([Document(id="a", body="Nghị định 16/2020/NĐ-CP, Điều 15")])
    results = index.search("15/2020/nd-cp")
    assert [hit.id for hit in results] == ["a"]
    note = "no report names 15/2020/NĐ-CP; the hits have parts of it"
    assert results.notes == (note,)
    assert index.search("35-nq/tw 16").notes == (note.replace("15/2020/NĐ-CP", "35-NQ/TW"),)
    assert index.search("16/2020/nd-cp").notes == ()
    # Nothing is shown; without its year it may be another; and these words may be none.
    for query in ("title:gì 15/2020/nd-cp", "16/nđ-cp", "15 2020 nd cp"):
        assert index.search(query).notes == (), query


def test_where_marks_bind_a_code_is_what_is_spelled_so(index: searchidx.Index) -> None:
    index.add(
        [
            Document(id="far", title="NĐ CP", body="15 NĐ CP 2020 NĐ CP 15"),
            Document(id="other", body=40 * "văn bản " + "15/2020/ND-CP"),
            Document(id="same", body=40 * "văn bản " + "15/2020/NĐ-CP"),
        ]
    )
    found = index.search("15/2020/NĐ-CP", exact=True)
    assert [(hit.id, hit.complete) for hit in found] == [
        ("same", True),
        ("far", False),
        ("other", False),
    ]
