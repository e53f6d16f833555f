"""Test the results of real queries on two real reports.

A is a news report on the market surveillance authority, B one on the Vinachem group; both
are on how resolution 35-NQ/TW was carried out.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

import searchidx
from searchidx.cli import run
from searchidx.language.syllable_forms import folded, marked
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.search.query.query import parse
from searchidx.search.results import Results
from tests.conftest import REPORT_A, REPORT_B, shared

NAMES = {REPORT_A: "A", REPORT_B: "B"}


def names(results: Results) -> str:
    return "".join(NAMES[Path(hit.id).name] for hit in results)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("nghi quyet 35", {"AB", "BA"}),
        ("Nghị quyết 35", {"AB", "BA"}),
        ("NGHỊ QUYẾT 35", {"AB", "BA"}),
        ("35-NQ/TW", {"AB", "BA"}),
        ("35 nq tw", {"AB", "BA"}),
        ("nq/tw", {"AB", "BA"}),
        ("dang uy", {"AB", "BA"}),
        ("đảng ủy", {"AB", "BA"}),
        ("đảng uỷ", {"AB", "BA"}),
        (unicodedata.normalize("NFD", "đảng ủy"), {"AB", "BA"}),
        (unicodedata.normalize("NFD", "đảng uỷ"), {"AB", "BA"}),
        ("quan ly thi truong", {"AB"}),
        ("QLTT", {"A"}),
        ("qltt", {"A"}),
        ("hoa chat viet nam", {"BA"}),
        ("vinachem", {"B"}),
        ('"Tập đoàn Hóa chất"', {"B"}),
        ("tap doan hoá chất", {"BA"}),
        ("hoang anh duong", {"A", "AB"}),
        ("Nguyễn Hữu Tú", {"BA"}),
        ("nguyen van quy", {"BA"}),
        ("mocha 35", {"BA"}),
        ("zalo facebook youtube", {"BA"}),
        ('"tuyên truyền, lan tỏa"', {"AB", "BA"}),
        ('"tuyen truyen lan toa"', {"AB", "BA"}),
        ("date:2023-07-24", {"B"}),
        ("date:2023..2024 nghi quyet", {"B"}),
        ("nghi quyet -vinachem", {"A"}),
        ("title:vinachem", {"B"}),
        ("xyzzyx", {""}),
    ],
)
def test_the_right_report_comes_first(
    two_reports: searchidx.Index, query: str, expected: set[str]
) -> None:
    assert names(two_reports.search(query)) in expected


@pytest.mark.parametrize(
    "query",
    ["nghi quyet 35", "35 nq tw", "dang uy", "hoa chat viet nam", "zalo facebook youtube"],
)
def test_snippets_show_every_word_in_its_own_spelling(
    two_reports: searchidx.Index, query: str
) -> None:
    wanted = {syllable.folded for syllable in parse(query).syllables}
    for hit in two_reports.search(query):
        if not hit.complete:
            continue
        snippet = hit.snippet
        body = Path(hit.id).read_text(encoding="utf-8")
        assert body[snippet.start : snippet.start + len(snippet.text)] == snippet.text
        shown = [snippet.text[start:end] for start, end in snippet.highlights]
        found = [surface for words in shown for surface in tokenize_syllables(words).surfaces]
        assert {folded(word) for word in found} == wanted
        everywhere = tokenize_syllables(snippet.text)
        assert found == [
            surface
            for surface, form in zip(everywhere.surfaces, everywhere.folded, strict=True)
            if form in wanted
        ]


def test_the_snippet_of_a_resolution_keeps_its_spelling(two_reports: searchidx.Index) -> None:
    for hit in two_reports.search("nghi quyet 35"):
        shown = [hit.snippet.text[start:end] for start, end in hit.snippet.highlights]
        assert {"Nghị quyết 35", "Nghị quyết"} & set(shown)
        assert any(words.endswith("35") for words in shown)


def test_exact_finds_only_what_was_typed(index: searchidx.Index) -> None:
    seeds = shared("seeds")
    index.update([seeds])
    index.add(
        [
            searchidx.Document(id="dâng", body="nước dâng cao"),
            searchidx.Document(id="đăng", body="đã đăng bài"),
            searchidx.Document(id="đang", body="đang họp"),
        ]
    )
    found = [hit.id for hit in index.search("đảng", exact=True)]
    assert {Path(id_).name for id_ in found} == {REPORT_A, REPORT_B}
    for hit in index.search("đảng", exact=True):
        words = {marked(hit.snippet.text[start:end]) for start, end in hit.snippet.highlights}
        assert words == {"đảng"}


def test_what_is_not_there_exits_with_1_and_a_line_that_helps(
    two_reports: searchidx.Index, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", "--index", str(two_reports.path), "xyzzyx"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines()[0] == "nothing found for: xyzzyx"
    assert "fewer or other words" in err


def test_dates_and_titles_are_read_from_the_reports(two_reports: searchidx.Index) -> None:
    found = {Path(hit.id).name: hit for hit in two_reports.search("nghi quyet 35")}
    assert found[REPORT_A].date == "--05-25"
    assert found[REPORT_B].date == "2023-07-24"
    assert found[REPORT_A].title.startswith("Đoàn Kiểm tra, khảo sát Ban")
    assert found[REPORT_B].title.startswith("Đảng ủy VINACHEM: Sơ kết 5 năm")
