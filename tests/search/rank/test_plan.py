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
from searchidx.search.rank.ranking import Ranker
from searchidx.search.ranking_model import DEFAULT_RANKING
from searchidx.search.rewrite.diacritics import restore_query_diacritics
from searchidx.search.rewrite.document_codes import MAX_REFERENCES
from searchidx.search.rewrite.question_syllables import find_question_syllables
from searchidx.store import Reader, Store
from tests.store.contents import committed


def add(index: searchidx.Index, bodies: dict[str, str]) -> None:
    index.add(Document(id=id_, body=body) for id_, body in bodies.items())


def scores(index: searchidx.Index, query: str) -> dict[str, float]:
    """The hits, best first, with their scores."""
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
    likeliest = 0.4 * 4 / 6 * math.log(1 + (8 - 4 + 0.5) / (4 + 0.5))
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


THREE = "lúa cá tôm"
FOUR = f"{THREE} rừng"
FIVE = f"{FOUR} muối"
EIGHT = f"{FIVE} chè bò dê"


@pytest.fixture
def farms(index: searchidx.Index) -> searchidx.Index:
    """Reports of which one holds every word of `FIVE` once, in a long text."""
    add(
        index,
        {
            "all": "lúa cá tôm rừng muối " + "và nhiều việc khác nữa " * 60,
            "three": "lúa cá tôm " * 5,
            "one": "lúa",
            **{f"rest-{n}": f"báo cáo lúa vụ {n}" for n in range(20)},
        },
    )
    return index


@pytest.mark.parametrize(
    ("text", "complete_first"),
    [
        (FOUR, True),
        (EIGHT, True),
        (f"{EIGHT} DÊ bò", True),  # words that are there twice are one
        (f"{EIGHT} ong", False),
        (f"{THREE} nào", True),
        (f"{THREE} tom nào", True),
        (f"{THREE}?", True),
        (f"{FOUR} nào", False),
        (f"{FOUR}?", False),
        (f'{FIVE} "nào"', True),  # nothing asks
        ("gì", True),
    ],
)
def test_all_words_come_first_for_eight_words_and_three_of_a_question(
    tmp_path: Path, text: str, complete_first: bool
) -> None:
    assert DEFAULT_RANKING.max_words_complete_first == 8
    assert DEFAULT_RANKING.max_question_words_complete_first == 3
    found = planned(reader_of(tmp_path, ["lúa cá", "tôm"]), text)
    assert found.complete_first is complete_first
    assert (found.min_idf == 0) is complete_first


def test_documents_with_all_of_few_words_come_first(farms: searchidx.Index) -> None:
    for question in ("cá tôm rừng nào", "cá tôm rừng?"):
        assert [hit.id for hit in farms.search(question)] == ["all", "three"]
    results = farms.search(FOUR, limit=100)
    assert [hit.id for hit in results][:2] == ["all", "three"]
    assert results[0].score < results[1].score
    assert [hit.complete for hit in results] == [True, *[False] * 22]
    assert (results.total, results.total_complete) == (23, 1)


def test_of_more_words_the_scores_alone_say_which_comes_first(farms: searchidx.Index) -> None:
    assert [hit.id for hit in farms.search(FIVE)][:2] == ["all", "three"]
    results = farms.search(f"{FIVE} nào", limit=100)
    assert [hit.id for hit in results] == ["three", "all"]
    assert [hit.complete for hit in results] == [False, True]
    assert results[0].score > results[1].score
    # "lúa" alone is too small a part of what was asked.
    assert (results.total, results.total_complete) == (2, 1)


def test_a_document_must_hold_a_quarter_of_what_all_words_tell(tmp_path: Path) -> None:
    words = FIVE.split()
    bodies = [" ".join(words[:count]) for count in (1, 2, 3, 4, 5)]
    bodies += [words[-1], "muối rừng", *["lúa"] * 30, *["cá"] * 8]
    reader = reader_of(tmp_path, bodies)
    found = planned(reader, f"{FIVE} nào")
    size = len(bodies)

    def idf(word: str) -> float:
        count = sum(word in body.split() for body in bodies)
        return math.log(1 + (size - count + 0.5) / (count + 0.5))

    least = sum(map(idf, words)) / 4
    assert DEFAULT_RANKING.min_idf_share == 1 / 4
    assert found.min_idf == pytest.approx(least)
    assert not found.complete_first
    ranking = Ranker(reader, Scorer(reader), parse(f"{FIVE} nào")).rank(100)
    expected = {n for n, body in enumerate(bodies) if sum(map(idf, body.split())) >= least}
    assert set(ranking.doc_ids.tolist()) == expected
    assert 0 < len(expected) < size


def test_where_no_document_holds_so_much_those_that_hold_most_are_found(
    tmp_path: Path,
) -> None:
    reader = reader_of(tmp_path, [*["lúa"] * 9, "cá", "cá", "gạo", *["ngô"] * 5])
    search = Ranker(reader, Scorer(reader), parse(f"{FIVE} nào"))
    assert search.plan.min_idf > 0
    ranking = search.rank(100)
    assert set(ranking.doc_ids.tolist()) == {9, 10}
    # Words that no document holds make nobody's part smaller.
    texts = ["lúa", "cá", "tôm"]
    (tmp_path / "few").mkdir()
    small = reader_of(tmp_path / "few", texts)
    ranking = Ranker(small, Scorer(small), parse("lúa cá khongco xyzzy qwerty gì")).rank(9)
    assert set(ranking.doc_ids.tolist()) == {0, 1}


def test_removed_documents_count_in_no_rule(index: searchidx.Index) -> None:
    add(index, {"a": FIVE, "b": "lúa cá", "c": FOUR, "d": "gạo"})
    index.remove(["a"])
    results = index.search(f"{FIVE} nào")
    assert results[0].id == "c"
    assert (results.total, results.total_complete) == (2, 0)


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
    # Beside other words it counts for one: this query has eight words, not eleven.
    assert index.search("nghi dinh 15/2020/nd-cp van ban nhieu can cu").complete_first
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


def test_two_codes_are_two_words(tmp_path: Path) -> None:
    bodies = ["thay 78/2014/TT-BTC bằng 119/2014/TT-BTC", "thuế chi phí được trừ doanh nghiệp"]
    reader = reader_of(tmp_path, bodies)
    words = "thue chi phi duoc tru doanh"  # and two codes: eight
    assert planned(reader, f"{words} 78/2014/TT-BTC 119/2014/TT-BTC").complete_first
    assert not planned(reader, f"{words} nghiep 78/2014/TT-BTC 119/2014/TT-BTC").complete_first


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
    note = "no report names 15/2020/NĐ-CP; shown is what has parts of it"
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
