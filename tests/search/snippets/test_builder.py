from __future__ import annotations

import itertools
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import searchidx
from searchidx.document import Document
from searchidx.language.syllable_forms import folded
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.search.match.bm25f import Scorer
from searchidx.search.options import SearchOptions
from searchidx.search.prepared_query import PreparedQuery
from searchidx.search.query.query import parse
from searchidx.search.searcher import Searcher
from searchidx.search.snippets.builder import DEFAULT_LENGTH_CODE_POINTS, make_snippets
from searchidx.search.snippets.fragment import MAX_WORD_CODE_POINTS
from searchidx.search.snippets.highlight_terms import HighlightTerms, find_highlights
from searchidx.search.snippets.snippet import Snippet
from searchidx.store import Store
from searchidx.units import Span
from tests.search.plain import plain_body


def terms(query: str, exact: bool = False) -> HighlightTerms:
    parsed = parse(query)
    return HighlightTerms(
        {s.marked if exact else s.folded: 1.0 for s in parsed.syllables},
        exact,
        frozenset(
            (a.marked, b.marked) if exact else (a.folded, b.folded) for a, b in parsed.pairs
        ),
    )


def make_snippet(
    body: str,
    title: str,
    query_terms: HighlightTerms,
    length: int = DEFAULT_LENGTH_CODE_POINTS,
) -> Snippet:
    return next(make_snippets(plain_body(body, query_terms), [title], query_terms, length))[0]


def marked_words(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.highlights]


FILLER = "Câu này nói về chuyện khác. " * 30


def test_the_snippet_comes_from_the_best_place() -> None:
    body = f"Nghị định mở đầu. {FILLER}Bộ Chính trị ra Nghị quyết số 35. {FILLER}Quyết tâm cao."
    snippet = make_snippet(body, "", terms("nghi quyet 35"), length=70)
    assert snippet.text == "Bộ Chính trị ra Nghị quyết số 35. Câu này nói về chuyện khác."
    assert marked_words(snippet) == ["Nghị quyết", "35"]
    assert body[snippet.start :].startswith(snippet.text)
    assert (snippet.cut_before, snippet.cut_after) == (False, False)


def test_words_side_by_side_beat_words_apart() -> None:
    body = f"Nghị trường rất quyết liệt. {FILLER}\nNghị quyết được ban hành."
    assert make_snippet(body, "", terms("nghi quyet")).text == "Nghị quyết được ban hành."


def test_matches_are_marked_in_any_spelling() -> None:
    body = unicodedata.normalize("NFD", "NGHỊ QUYẾT 05") + " và nghi quyet 5"
    snippet = make_snippet(body, "", terms("nghị quyết 5"))
    assert [unicodedata.normalize("NFC", word) for word in marked_words(snippet)] == [
        "NGHỊ QUYẾT 05", "nghi quyet 5",
    ]  # fmt: skip


def test_exact_marks_only_what_was_typed() -> None:
    snippet = make_snippet("Đảng đang dâng, ĐẢNG", "", terms("đảng", exact=True))
    assert marked_words(snippet) == ["Đảng", "ĐẢNG"]


def test_a_long_sentence_is_cut_at_words_around_the_matches() -> None:
    body = "mở " * 200 + "quản lý thị trường " + "kết " * 200
    snippet = make_snippet(body, "", terms("thi truong"), length=80)
    assert snippet.cut_before
    assert snippet.cut_after
    assert "quản lý thị trường" in snippet.text
    assert len(snippet.text) <= 80
    assert set(snippet.text.split()) == {"mở", "quản", "lý", "thị", "trường", "kết"}


def test_the_title_is_not_repeated_unless_nothing_else_matches() -> None:
    body = "Sơ kết Nghị quyết 35\n\nHội nghị nghe báo cáo. Nghị quyết 35 đã đi vào cuộc sống.\n"
    snippet = make_snippet(body, "Sơ kết Nghị quyết 35", terms("nghi quyet 35"))
    assert snippet.text == "Hội nghị nghe báo cáo. Nghị quyết 35 đã đi vào cuộc sống."
    only = make_snippet(body, "Sơ kết Nghị quyết 35", terms("so ket"))
    assert marked_words(only) == ["Sơ kết"]


def test_without_a_match_the_text_begins_after_the_title() -> None:
    snippet = make_snippet("Tiêu đề\n\nCâu đầu. Câu hai.", "Tiêu đề", terms("không"))
    assert snippet == Snippet("Câu đầu. Câu hai.", (), start=9)
    assert make_snippet("", "Tiêu đề", terms("không")) == Snippet("")
    assert make_snippet(" \n ", "", terms("không")) == Snippet("")


def test_a_run_without_spaces_is_cut_and_no_letter_loses_its_mark() -> None:
    body = "e\u0323\u0302" * 1_000
    snippet = make_snippet(body, "", HighlightTerms({folded(body): 1.0}), length=100)
    assert 97 < len(snippet.text) <= 100
    assert len(snippet.text) % 3 == 0


def test_the_only_match_is_never_cut_off() -> None:
    body = "Chi tiết tại https://vinachem.vn/" + "x" * 300
    snippet = make_snippet(body, "", terms("vinachem"), length=60)
    assert marked_words(snippet) == ["vinachem"]


@pytest.mark.parametrize("length", range(1, 12))
def test_a_word_that_is_longer_than_the_passage_is_not_cut(length: int) -> None:
    for text, word in (
        ("một tiếng nói chung", "tiếng"),
        ("số 12/BC-UBNDTINH", "UBNDTINH"),
        (
            unicodedata.normalize("NFD", "cả nghiêng; ngả"),
            unicodedata.normalize("NFD", "nghiêng"),
        ),
    ):
        snippet = make_snippet(text, "", terms(word), length)
        assert marked_words(snippet) == [word]
        assert len(snippet.text) <= max(length, len(word))
    assert len(make_snippet("x" * 21, "", terms("x" * 21), length).text) == length
    # Without a match the first word stands whole.
    assert make_snippet("nghiêng ngả", "", terms("kho"), length).text == (
        "nghiêng ngả" if length == 11 else "nghiêng"
    )


def test_there_are_no_more_passages_than_have_room_for_a_word() -> None:
    shown = ("Huyện trồng rừng.", "Giá lúa tăng nhẹ.", "Nhà đã nghiêng ngả.")
    body = f"\n{FILLER}\n".join(shown)
    query_terms = terms("rung lua nghieng")
    for length, most in ((12, 1), (39, 1), (40, 2), (59, 2), (60, 3), (240, 3)):
        (passages,) = make_snippets(plain_body(body, query_terms), [""], query_terms, length, 3)
        assert len(passages) == most
        assert sum(len(passage.text) for passage in passages) <= length
        assert all(passage.highlights for passage in passages)
    assert tuple(passage.text for passage in passages) == shown


def test_a_heading_or_caption_gives_way_to_a_sentence() -> None:
    sentence = "Tỉnh đã cấp nước sạch cho 40 xã."
    for line in ("Nước sạch nông thôn", "NƯỚC SẠCH NÔNG THÔN", "Ảnh: nước sạch về bản"):
        body = f"{line}\n{FILLER}\n{sentence}\n{FILLER}"
        assert make_snippet(body, "", terms("nuoc sach"), 60).text == sentence
        # Where it alone matches it is shown, a heading with what it heads.
        alone = make_snippet(f"{line}\n{FILLER}", "", terms("nuoc sach"), 60)
        assert alone.text.startswith(line)
        assert ("\n" in alone.text) == (not line.startswith("Ảnh"))


def test_a_heading_leads_where_it_has_what_the_sentence_has_not() -> None:
    body = f"{FILLER}\nXã Cẩm Sơn\nĐã trồng 40 ha rừng.\n{FILLER}"
    snippet = make_snippet(body, "", terms("cam son trong rung"), 60)
    assert snippet.text == "Xã Cẩm Sơn\nĐã trồng 40 ha rừng."
    assert snippet.plain() == "Xã Cẩm Sơn / Đã trồng 40 ha rừng."
    assert make_snippet(body, "", terms("trong rung"), 60).text == "Đã trồng 40 ha rừng."


def test_further_passages_show_what_the_first_does_not() -> None:
    body = (
        f"Huyện trồng 40 ha rừng. {FILLER}\nCâu có rừng thôi. {FILLER}\n"
        f"Giá lúa tăng nhẹ. {FILLER}\nHuyện trồng 40 ha rừng.\nXe chở lúa về kho."
    )
    query_terms = terms("trong rung lua")
    (passages,) = make_snippets(plain_body(body, query_terms), [""], query_terms, 90, 3)
    assert [passage.text for passage in passages] == [
        "Huyện trồng 40 ha rừng.",
        "Giá lúa tăng nhẹ. Câu này nói về chuyện khác.",
    ]
    assert make_snippet(body, "", query_terms, 40).text == "Huyện trồng 40 ha rừng."


def test_passages_that_touch_are_one() -> None:
    body = f"{FILLER}\nHuyện trồng 40 ha rừng. Giá lúa tăng nhẹ.\n{FILLER}"
    query_terms = terms("trong rung lua")
    (passages,) = make_snippets(plain_body(body, query_terms), [""], query_terms, 60, 2)
    assert [p.text for p in passages] == ["Huyện trồng 40 ha rừng. Giá lúa tăng nhẹ."]
    assert marked_words(passages[0]) == ["trồng", "rừng", "lúa"]


def test_a_long_sentence_is_cut_at_clauses_where_they_are_near() -> None:
    body = (
        "mở đầu rất dài " * 20
        + "đến đây, các xã vùng cao cùng nhau đã trồng mới nhiều rừng phòng hộ, chăm sóc"
        + " và còn nhiều việc khác nữa" * 20
    )
    snippet = make_snippet(body, "", terms("trong moi"), 72)
    assert snippet.text == "các xã vùng cao cùng nhau đã trồng mới nhiều rừng phòng hộ"
    assert snippet.cut_before
    assert snippet.cut_after


def test_words_of_a_phrase_are_one_highlight() -> None:
    query_terms = terms("nghi quyet 35 nq tw")
    for text, marked in (
        ("Nghị quyết 35-NQ/TW", ["Nghị quyết 35-NQ/TW"]),
        ("Nghị quyết số 35", ["Nghị quyết", "35"]),
        ("quyết nghị, nghị. Quyết, 35", ["quyết", "nghị", "nghị", "Quyết", "35"]),
        ("nghị \xa0quyết", ["nghị \xa0quyết"]),
    ):
        assert marked_words(make_snippet(text, "", query_terms)) == marked


texts = st.lists(
    st.sampled_from(
        [
            "nghị",
            "NGHI\u0323",
            "quyết",
            "35-NQ/TW",
            "xa",
            ".",
            ". ",
            "\n",
            "!",
            "“Ừ”",
            "“nghị",
            "(Ảnh: Vũ)",
            "\nĐiều 35.",
            "TP.",
            ";\n- ",
            "Nghị quyết 35 nêu rõ",
            "a" * 50,
            " ",
        ]
    ),
    max_size=60,
).map(" ".join)


@given(
    texts | st.text(),
    st.integers(1, 120),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from(["", "nghị quyết"]),
)
def test_offsets_name_what_they_claim(
    body: str, length: int, count: int, exact: bool, title: str
) -> None:
    query_terms = terms("nghị quyết 35", exact)
    (passages,) = make_snippets(
        plain_body(body, query_terms), [title], query_terms, length, count
    )
    assert 1 <= len(passages) <= count
    # In the order of the text, no place and no words twice.
    for before, after in itertools.pairwise(passages):
        assert before.start + len(before.text) <= after.start
    words = [" ".join(passage.text.casefold().split()) for passage in passages]
    assert all(one not in two for one, two in itertools.permutations(words, 2))
    for passage in passages:
        text, end = passage.text, passage.start + len(passage.text)
        assert body[passage.start : end] == text
        assert text == text.strip()
        # Every match inside is marked, and nothing else.
        assert passage.highlights == marked_plainly(body, query_terms, passage.start, end)
        assert [body[slice(*span)] for span in passage.offsets] == marked_words(passage)
        # No letter is parted from its mark; it begins and ends at word borders.
        if end < len(body):
            assert not unicodedata.combining(body[end])
        if len(text) > 60:
            sign = body[passage.start - 1] if passage.start else " "
            assert sign.isspace() or not sign.isalnum()
    form = query_terms.compared_forms(tokenize_syllables(body))
    if any(f in query_terms.weights for f in form):
        assert all(passage.highlights for passage in passages)
    # No more than was asked for, but for a word that is longer.
    longest = max((len(run) for run in body.split()), default=0)
    total = sum(len(passage.text) for passage in passages)
    assert total <= max(length, min(longest, MAX_WORD_CODE_POINTS))


def marked_plainly(
    body: str, query_terms: HighlightTerms, first: int, last: int
) -> tuple[Span, ...]:
    """Return the spans of matches in a passage, from its beginning; phrases are joined."""
    tokens = tokenize_syllables(body)
    forms = query_terms.compared_forms(tokens)
    spans: list[Span] = []
    before = None
    for at in query_terms.matching_positions(tokens):
        start, end = tokens.starts[at], tokens.ends[at]
        if first <= start and end <= last:
            gap = body[tokens.ends[at - 1] : start] if at else ""
            gap = gap if gap in (".", "’", "'") else gap.strip()
            spaced = gap != body[tokens.ends[at - 1] : start]
            if (
                before == at - 1
                and (forms[before], forms[at]) in query_terms.pairs
                and (gap in ("", *"-–—/") or (gap in (".", "’", "'") and not spaced))
                and start - tokens.ends[before] <= 8
            ):
                spans[-1] = spans[-1][0], end - first
            else:
                spans.append((start - first, end - first))
            before = at
    return tuple(spans)


def test_marks_that_were_typed_keep_other_syllables_unmarked() -> None:
    typed = HighlightTerms({"dang": 1.0}, typed_spellings={"dang": frozenset({"đảng"})})
    body = "Đảng viên đang họp; dang ky; ĐẢNG uỷ dâng hoa."
    assert marked_words(make_snippet(body, "", typed)) == ["Đảng", "ĐẢNG"]
    # A text without that spelling was found by its letters, so that they are shown.
    assert marked_words(make_snippet("đang dâng hoa", "", typed)) == ["đang", "dâng"]
    # In a text without marks every word lacks them.
    assert marked_words(make_snippet("dang vien dang hop", "", typed)) == ["dang", "dang"]


def test_other_marks_are_highlighted_only_where_they_are_what_was_found(
    index: searchidx.Index,
) -> None:
    index.add(
        Document(id=id_, title=title, body=body)
        for id_, title, body in [
            ("typed", "Cho thuê nhà", "Cấm nuôi chó thả rông, cho ăn nơi công cộng"),
            ("lacking", "Cho vay", "Bò nuôi thả trong rừng, chỗ đất rộng"),
            ("letters", "Chợ quê", "chỗ họp của xã"),
            ("unmarked", "", "nuoi cho tha rong"),
        ]
    )
    marked = {
        hit.id: ([hit.title[a:b] for a, b in hit.title_highlights], marked_words(hit.snippet))
        for hit in index.search("nuôi chó thả rông")
    }
    assert marked == {
        "typed": ([], ["nuôi chó thả rông"]),
        "lacking": ([], ["nuôi", "thả"]),
        "letters": (["Chợ"], ["chỗ"]),
        "unmarked": ([], ["nuoi cho tha rong"]),
    }


@pytest.mark.slow
@settings(max_examples=30)
@given(
    st.lists(texts, min_size=1, max_size=5),
    st.sampled_from(["nghị quyết 35", "nghi", "quyết xa", '"nghi quyet" 35']),
    st.integers(20, 120),
    st.integers(1, 3),
)
def test_snippets_from_the_index_are_those_of_the_plain_text(
    bodies: list[str], query: str, length: int, count: int
) -> None:
    with TemporaryDirectory() as folder, searchidx.create(Path(folder) / "index") as index:
        index.add(Document(id=str(n), body=body, title="35") for n, body in enumerate(bodies))
        searcher = Searcher(Store(index.path).reader())
        prepared = PreparedQuery(
            searcher.reader, Scorer(searcher.reader), parse(query), exact=False, expand=False
        )
        query_terms = prepared.highlight_terms()
        found = searcher.search(query, SearchOptions(snippet_length=length, passages=count))
        for hit in found.hits:
            plain = plain_body(bodies[int(hit.id)], query_terms, "35")
            assert (hit.passages,) == tuple(
                make_snippets(plain, ["35"], query_terms, length, count)
            )
            assert hit.snippet is hit.passages[0]
            assert hit.title_highlights == find_highlights("35", query_terms)


@pytest.mark.parametrize("words", [3, 300, 30_000])
def test_a_place_is_found_in_a_sentence_of_any_length(tmp_path: Path, words: int) -> None:
    # Words of uneven lengths, so that places between landmarks are guessed badly.
    lead = " ".join("dài" * (n % 40) or "ngắn" for n in range(words))
    body = f"{lead} nghị quyết số ba mươi lăm {lead}"
    with searchidx.create(tmp_path / "index") as index:
        index.add([Document(id="a", body=body)])
        snippet = index.search("nghi quyet", snippet_length=100).hits[0].snippet
    assert marked_words(snippet) == ["nghị quyết"]
    assert body[snippet.start : snippet.start + len(snippet.text)] == snippet.text
    assert len(snippet.text) <= max(100, len(lead) + 40)


def test_titles_have_highlights_in_html(index: searchidx.Index) -> None:
    index.add([Document(id="a", title="<Nghị quyết> 35", body="Nội dung khác.")])
    hit = index.search("nghi quyet").hits[0]
    assert hit.title_html() == "&lt;<mark>Nghị quyết</mark>&gt; 35"
    assert hit.title_html("b", {"class": 'x"'}) == (
        '&lt;<b class="x&quot;">Nghị quyết</b>&gt; 35'
    )
    with pytest.raises(ValueError, match="is not the name of an HTML element"):
        hit.title_html('mark class="x"')
