from __future__ import annotations

import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import searchidx
from searchidx.document import Document
from searchidx.language.forms import folded
from searchidx.language.tokens import tokenize
from searchidx.search.promises import _densest, _worth
from searchidx.search.query import parse
from searchidx.search.searcher import Searcher
from searchidx.search.snippets import LENGTH, Snippet, make_snippets
from searchidx.search.terms import Terms, highlights
from searchidx.store import Store
from tests.search.plain import plain_body


def terms(query: str, exact: bool = False) -> Terms:
    parsed = parse(query)
    return Terms(
        {s.marked if exact else s.folded: 1.0 for s in parsed.syllables},
        exact,
        frozenset(
            (a.marked, b.marked) if exact else (a.folded, b.folded) for a, b in parsed.pairs
        ),
    )


def make_snippet(body: str, title: str, looked_for: Terms, length: int = LENGTH) -> Snippet:
    return next(make_snippets(plain_body(body, looked_for), [title], looked_for, length))


def marked_words(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.highlights]


FILLER = "Câu này nói về chuyện khác. " * 30


def test_the_snippet_comes_from_the_best_place() -> None:
    body = f"Nghị định mở đầu. {FILLER}Bộ Chính trị ra Nghị quyết số 35. {FILLER}Quyết tâm cao."
    snippet = make_snippet(body, "", terms("nghi quyet 35"), length=70)
    assert snippet.text == "Bộ Chính trị ra Nghị quyết số 35. Câu này nói về chuyện khác."
    assert marked_words(snippet) == ["Nghị", "quyết", "35"]
    assert body[snippet.start :].startswith(snippet.text)
    assert (snippet.cut_before, snippet.cut_after) == (False, False)


def test_words_side_by_side_beat_words_apart() -> None:
    body = f"Nghị trường rất quyết liệt. {FILLER}\nNghị quyết được ban hành."
    assert make_snippet(body, "", terms("nghi quyet")).text == "Nghị quyết được ban hành."


def test_matches_are_marked_in_any_spelling() -> None:
    body = unicodedata.normalize("NFD", "NGHỊ QUYẾT 05") + " và nghi quyet 5"
    snippet = make_snippet(body, "", terms("nghị quyết 5"))
    assert [unicodedata.normalize("NFC", word) for word in marked_words(snippet)] == [
        "NGHỊ", "QUYẾT", "05", "nghi", "quyet", "5",
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
    assert marked_words(only) == ["Sơ", "kết"]


def test_without_a_match_the_text_begins_after_the_title() -> None:
    snippet = make_snippet("Tiêu đề\n\nCâu đầu. Câu hai.", "Tiêu đề", terms("không"))
    assert snippet == Snippet("Câu đầu. Câu hai.", (), start=9)
    assert make_snippet("", "Tiêu đề", terms("không")) == Snippet("")
    assert make_snippet(" \n ", "", terms("không")) == Snippet("")


def test_a_run_without_spaces_is_cut_and_no_letter_loses_its_mark() -> None:
    body = "e\u0323\u0302" * 1_000
    snippet = make_snippet(body, "", Terms({folded(body): 1.0}), length=100)
    assert len(snippet.text) <= 102
    assert len(snippet.text) % 3 == 0


def test_the_only_match_is_never_cut_off() -> None:
    body = "Chi tiết tại https://vinachem.vn/" + "x" * 300
    snippet = make_snippet(body, "", terms("vinachem"), length=60)
    assert marked_words(snippet) == ["vinachem"]


@given(
    st.lists(st.sampled_from(["nghị", "quyết", "35", "xa", "b" * 9]), min_size=1, max_size=40),
    st.integers(4, 80),
)
def test_the_densest_run_is_that_of_trying_all(words: list[str], length: int) -> None:
    tokens = tokenize(" ".join(words))
    looked_for = Terms(
        {"nghi": 2.0, "quyet": 3.0, "35": 0.5},
        pairs=frozenset({("nghi", "quyet"), ("quyet", "35")}),
    )
    found = looked_for.found(tokens)
    if not found:
        return
    room = length - round(length * 0.25)
    forms = [looked_for.numbers[tokens.folded[at]] for at in found]
    places = [float(tokens.starts[at]) for at in found]
    runs = [
        (begin, end)
        for begin in range(len(found))
        for end in range(begin + 1, len(found) + 1)
        if end == begin + 1 or places[end - 1] - places[begin] <= room
    ]
    worths = {run: _worth(found[slice(*run)], forms[slice(*run)], looked_for) for run in runs}
    chosen = _densest(found, forms, places, looked_for, length)
    assert chosen in runs
    assert worths[chosen] == max(worths.values())


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
            "a" * 50,
            " ",
        ]
    ),
    max_size=60,
).map(" ".join)


@given(
    texts | st.text(), st.integers(1, 120), st.booleans(), st.sampled_from(["", "nghị quyết"])
)
def test_offsets_name_what_they_claim(body: str, length: int, exact: bool, title: str) -> None:
    looked_for = terms("nghị quyết 35", exact)
    snippet = make_snippet(body, title, looked_for, length)
    text = snippet.text
    assert body[snippet.start : snippet.start + len(text)] == text
    assert text == text.strip()
    # Every match inside is marked, and nothing else.
    assert snippet.highlights == tuple(
        (start - snippet.start, end - snippet.start)
        for start, end in highlights(body, looked_for)
        if start >= snippet.start and end <= snippet.start + len(text)
    )
    form = looked_for.forms(tokenize(body))
    if any(f in looked_for.weights for f in form) and length >= 8:  # no word is longer
        assert snippet.highlights
    # It begins and ends at word borders, and no letter is parted from its mark.
    end = snippet.start + len(text)
    if end < len(body):
        assert not unicodedata.combining(body[end])
    if len(text) > 60:
        assert (
            snippet.start == 0
            or body[snippet.start - 1].isspace()
            or not body[snippet.start - 1].isalnum()
        )


def test_marks_that_were_typed_keep_other_syllables_unmarked() -> None:
    typed = Terms({"dang": 1.0}, typed={"dang": frozenset({"đảng"})})
    body = "Đảng viên đang họp; dang ky; ĐẢNG uỷ dâng hoa."
    assert marked_words(make_snippet(body, "", typed)) == ["Đảng", "dang", "ĐẢNG"]
    # A text without that spelling was found by its letters, so that they are shown.
    assert marked_words(make_snippet("đang dâng hoa", "", typed)) == ["đang", "dâng"]


@settings(max_examples=30)
@given(
    st.lists(texts, min_size=1, max_size=5),
    st.sampled_from(["nghị quyết 35", "nghi", "quyết xa", '"nghi quyet" 35']),
    st.integers(20, 120),
)
def test_snippets_from_the_index_are_those_of_the_plain_text(
    bodies: list[str], query: str, length: int
) -> None:
    with TemporaryDirectory() as folder, searchidx.create(Path(folder) / "index") as index:
        index.add(Document(id=str(n), body=body, title="35") for n, body in enumerate(bodies))
        searcher = Searcher(Store(index.path).reader())
        for hit in searcher.search(query, snippet_length=length).hits:
            body = bodies[int(hit.id)]
            looked_for = searcher._terms(searcher._search(parse(query), False, False))
            assert hit.snippet == make_snippet(body, "35", looked_for, length)
            assert hit.title_highlights == highlights("35", looked_for)


@pytest.mark.parametrize("words", [3, 300, 30_000])
def test_a_place_is_found_in_a_sentence_of_any_length(tmp_path: Path, words: int) -> None:
    # Words of uneven lengths, so that places between landmarks are guessed badly.
    lead = " ".join("dài" * (n % 40) or "ngắn" for n in range(words))
    body = f"{lead} nghị quyết số ba mươi lăm {lead}"
    with searchidx.create(tmp_path / "index") as index:
        index.add([Document(id="a", body=body)])
        snippet = index.search("nghi quyet", snippet_length=100).hits[0].snippet
    assert marked_words(snippet) == ["nghị", "quyết"]
    assert body[snippet.start : snippet.start + len(snippet.text)] == snippet.text
    assert len(snippet.text) <= max(100, len(lead) + 40)
