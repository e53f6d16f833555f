from __future__ import annotations

import datetime
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.search.query import (
    MAX_CHARACTERS,
    MAX_SYLLABLES,
    DateRange,
    Phrase,
    Query,
    parse,
)


def folded(query: Query) -> list[str]:
    return [syllable.folded for syllable in query.syllables]


def phrases(found: tuple[Phrase, ...]) -> list[tuple[str | None, str]]:
    return [(p.field, " ".join(s.marked for s in p.syllables)) for p in found]


def test_words_keep_their_order_and_what_was_typed() -> None:
    query = parse("Nghị quyet 35-NQ/TW quyet")
    assert folded(query) == ["nghi", "quyet", "35", "nq", "tw"]
    assert [s.has_marks for s in query.syllables] == [True, False, False, False, False]
    assert [(a.folded, b.folded) for a, b in query.pairs] == [
        ("nghi", "quyet"), ("quyet", "35"), ("35", "nq"), ("nq", "tw"), ("tw", "quyet"),
    ]  # fmt: skip
    assert query.notes == ()


@pytest.mark.parametrize("quotes", ['""', "“”", "«»"])
def test_quotes_make_a_phrase_that_is_required_and_ranked(quotes: str) -> None:
    query = parse(f"họp {quotes[0]}tuyên truyền, lan toả{quotes[1]}")
    assert phrases(query.required) == [(None, "tuyên truyền lan tỏa")]
    assert folded(query) == ["hop", "tuyen", "truyen", "lan", "toa"]


def test_a_dash_before_a_word_excludes_it_and_a_dash_elsewhere_does_not() -> None:
    query = parse('covid-19 -zalo –"an toàn" - hết -title:quyết')
    assert folded(query) == ["covid", "19", "het"]
    assert phrases(query.excluded) == [(None, "zalo"), (None, "an toàn"), ("title", "quyết")]


def test_title_requires_in_the_title() -> None:
    query = parse('title:vinachem TITLE:"hóa chất" title: 35')
    assert phrases(query.required) == [("title", "vinachem"), ("title", "hóa chất")]
    assert folded(query) == ["vinachem", "hoa", "chat", "title", "35"]


D = datetime.date


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023", D(2023, 1, 1), D(2023, 12, 31)),
        ("2023-07", D(2023, 7, 1), D(2023, 7, 31)),
        ("2023-07-24", D(2023, 7, 24), D(2023, 7, 24)),
        ("2023-Q2", D(2023, 4, 1), D(2023, 6, 30)),
        ("2023-Q4..2024", D(2023, 10, 1), D(2024, 12, 31)),
        ("24/7/2023", D(2023, 7, 24), D(2023, 7, 24)),
        ("24-7-2023", D(2023, 7, 24), D(2023, 7, 24)),
        ("7/2023", D(2023, 7, 1), D(2023, 7, 31)),
        ("2023..2024", D(2023, 1, 1), D(2024, 12, 31)),
        ("2022-10..7/2023", D(2022, 10, 1), D(2023, 7, 31)),
        ("..2022", None, D(2022, 12, 31)),
        ("2022..", D(2022, 1, 1), None),
        ("<2020", None, D(2019, 12, 31)),
        ("<=2020", None, D(2020, 12, 31)),
        (">2020-02", D(2020, 3, 1), None),
        (">=24/7/2023", D(2023, 7, 24), None),
    ],
)
def test_dates(text: str, first: datetime.date | None, last: datetime.date | None) -> None:
    query = parse(f"họp date:{text}")
    assert query.dates == (DateRange(first, last),)
    assert folded(query) == ["hop"]
    assert query.notes == ()


@pytest.mark.parametrize(
    "text", ["mai", "31/2/2023", "..", "2023-13", "<", ">>2023", "--05-25", "24/7"]
)
def test_what_is_no_date_is_said_and_searched_as_words(text: str) -> None:
    query = parse(f"date:{text} họp")
    assert query.dates == ()
    assert "hop" in folded(query)
    assert len(query.notes) == 1
    assert f"date:{text} is no date" in query.notes[0]


def test_what_cannot_be_meant_is_said() -> None:
    query = parse("bao -date:2023")
    assert (folded(query), query.dates, query.excluded) == (["bao"], (), ())
    assert "dates cannot be excluded" in query.notes[0]
    assert "ends before it begins" in parse("date:2024..2023").notes[0]
    many = parse(" ".join(f"-w{n}" for n in range(70)))
    assert many.notes == ("only the first 64 phrases and exclusions are used",)


def test_an_open_quotation_mark_is_said_and_its_words_are_used() -> None:
    query = parse('họp "nghị quyết 35')
    assert folded(query) == ["hop", "nghi", "quyet", "35"]
    assert query.required == ()
    assert query.notes == (
        "a quotation mark is not closed; the words after it are plain words",
    )


@pytest.mark.parametrize(
    "text", ["", " \t\n", "...", "-", '""', "( ) [ ]", "(" * 2_000 + ")" * 2_000]
)
def test_what_has_no_words_asks_for_nothing(text: str) -> None:
    assert parse(text).is_empty


def test_a_long_query_is_cut_and_says_so() -> None:
    query = parse("họp " + "x" * 100_000)
    assert folded(query)[0] == "hop"
    assert query.notes == (
        f"the query is too long; its first {MAX_CHARACTERS:,} characters are used",
    )
    query = parse(" ".join(f"w{n}" for n in range(200)))
    assert len(query.syllables) == MAX_SYLLABLES
    assert query.notes == ("only the first 64 different words of the query are used",)


LATIN = st.characters(max_codepoint=0x24F) | st.characters(
    min_codepoint=0x1E00, max_codepoint=0x1EFF
)


@given(st.text(alphabet='aă đ"“”«»-:.,()date title35/<>=…\u0301', max_size=60) | st.text(LATIN))
def test_no_text_is_an_error_and_forms_do_not_matter(text: str) -> None:
    query = parse(text)
    assert query.is_empty or query.syllables or query.excluded or query.dates
    decomposed = parse(unicodedata.normalize("NFD", text))
    if unicodedata.normalize("NFC", text) == text:
        assert decomposed.syllables == query.syllables


def test_codes_are_read_in_any_spelling() -> None:
    query = parse("họp code:30/2020/nd-cp -code:35-NQ/TW")
    assert (query.codes, query.excluded_codes) == (("30/2020/NĐ-CP",), ("35-NQ/TW",))
    assert folded(query) == ["hop"]
    query = parse("code:zebra")
    assert (query.codes, folded(query)) == ((), ["code", "zebra"][1:])
    assert "code:zebra is no document code" in query.notes[0]
