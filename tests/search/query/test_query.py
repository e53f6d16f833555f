"""Test the parser of the query language, and what queries are ranked by."""

from __future__ import annotations

import datetime
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import searchidx
from searchidx.search.query.limits import MAX_DEPTH, MAX_SLOP
from searchidx.search.query.query import MAX_CHARACTERS, MAX_SYLLABLES, Query, parse_lenient
from searchidx.search.query.query import parse as strict
from searchidx.search.query.syntax_tree import (
    And,
    Clause,
    Code,
    DateRange,
    Field,
    Metadata,
    Not,
    Or,
    Path,
    Phrase,
    Prefix,
    SyllableTerm,
    parse_syllables,
)

KEYS = {"nguon", "co_quan"}


def parse(text: str) -> Query:
    """Parse a query; check that it prints as an equal one and that `strict` agrees."""
    query, problems = parse_lenient(text, KEYS)
    again, _ = parse_lenient(str(query), KEYS)
    assert again == query
    assert str(again) == str(query)
    if problems:
        with pytest.raises(searchidx.QueryError) as raised:
            strict(text, KEYS)
        assert raised.value.position == min(problem.position for problem in problems)
    else:
        assert strict(text, KEYS) == query
    return query


def folded(query: Query) -> list[str]:
    return [syllable.folded for syllable in query.syllables]


def word(text: str) -> SyllableTerm:
    (syllable,) = parse_syllables(text)
    return SyllableTerm(syllable)


def phrase(text: str, slop: int | None = None) -> Phrase:
    return Phrase(parse_syllables(text), slop)


def conditions(query: Query) -> list[Clause]:
    """Return the required clauses."""
    return [clause for clause in query.root.clauses if not isinstance(clause, SyllableTerm)]


def test_words_keep_their_order_and_what_was_typed() -> None:
    query = parse("Nghị quyet 35-NQ/TW quyet")
    assert folded(query) == ["nghi", "quyet", "35", "nq", "tw"]
    assert [s.has_marks for s in query.syllables] == [True, False, False, False, False]
    assert [(a.folded, b.folded) for a, b in query.pairs] == [
        ("nghi", "quyet"), ("quyet", "35"), ("35", "nq"), ("nq", "tw"), ("tw", "quyet"),
    ]  # fmt: skip
    assert query.notes == ()


@pytest.mark.parametrize("quotes", ['""', "“”", "«»", "””"])
def test_quotes_make_a_phrase_that_is_required_and_ranked(quotes: str) -> None:
    query = parse(f"họp {quotes[0]}tuyên truyền, lan toả{quotes[1]}")
    assert conditions(query) == [phrase("tuyên truyền lan tỏa")]
    assert folded(query) == ["hop", "tuyen", "truyen", "lan", "toa"]


def test_a_dash_before_a_word_excludes_it_and_a_dash_elsewhere_does_not() -> None:
    query = parse('covid-19 -zalo –"an toàn" - hết -title:quyết')
    assert folded(query) == ["covid", "19", "het"]
    assert conditions(query) == [
        Not(word("zalo")),
        Not(phrase("an toàn")),
        Not(Field("title", word("quyết"))),
    ]


def test_title_requires_in_the_title() -> None:
    query = parse('title:vinachem TITLE:"hóa chất" Title: 35')
    assert conditions(query) == [
        Field("title", word("vinachem")),
        Field("title", phrase("hóa chất")),
    ]
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
        ("2023-q2", D(2023, 4, 1), D(2023, 6, 30)),
        ("2023-7", D(2023, 7, 1), D(2023, 7, 31)),
        ("2023/07", D(2023, 7, 1), D(2023, 7, 31)),
        ("2023/7/24", D(2023, 7, 24), D(2023, 7, 24)),
        ("2023-7-4", D(2023, 7, 4), D(2023, 7, 4)),
        ("24–7–2023", D(2023, 7, 24), D(2023, 7, 24)),
        ("2023–07", D(2023, 7, 1), D(2023, 7, 31)),
        ("2022–2023", D(2022, 1, 1), D(2023, 12, 31)),
        ("2022-2023", D(2022, 1, 1), D(2023, 12, 31)),
        ("2022-10—2023-Q1", D(2022, 10, 1), D(2023, 3, 31)),
        ("2022…2023", D(2022, 1, 1), D(2023, 12, 31)),
        ("…2022", None, D(2022, 12, 31)),
        ("2022…", D(2022, 1, 1), None),
        ('"2022 .. 2023"', D(2022, 1, 1), D(2023, 12, 31)),
        ("2023,", D(2023, 1, 1), D(2023, 12, 31)),
        ("2023.", D(2023, 1, 1), D(2023, 12, 31)),
        ("2022..2023!?", D(2022, 1, 1), D(2023, 12, 31)),
        ("2022..,", D(2022, 1, 1), None),
        ("2022...", D(2022, 1, 1), None),
        ("<2020;", None, D(2019, 12, 31)),
        ("24/7/2023:", D(2023, 7, 24), D(2023, 7, 24)),
    ],
)
def test_dates(text: str, first: datetime.date | None, last: datetime.date | None) -> None:
    query = parse(f"họp date:{text}")
    assert conditions(query) == [DateRange(first, last)]
    assert folded(query) == ["hop"]
    assert query.notes == ()


@pytest.mark.parametrize(
    "text",
    [
        "mai",
        "31/2/2023",
        "..",
        "2023-13",
        "<",
        ">>2023",
        "--05-25",
        "24/7",
        "2023–13",
        ",",
        "2022–2023–2024",
        "2022-2023-2024",
        "2022..2023..2024",
        "2023/0",
        "…",
    ],
)
def test_what_is_no_date_is_said_and_searched_as_words(text: str) -> None:
    query = parse(f"date:{text} họp")
    assert conditions(query) == []
    assert "hop" in folded(query)
    assert len(query.notes) == 1
    assert f"date:{text} is not a date" in query.notes[0]


@pytest.mark.parametrize(
    ("text", "printed", "note"),
    [
        ("date: 2023 lũ", "date:2023-01-01..2023-12-31 lũ", "date: 2023 is read as date:2023"),
        ("lũ -DATE:  7/2023", "lũ -date:2023-07-01..2023-07-31",
         "-DATE: 7/2023 is read as -date:7/2023"),
        ("lũ code: 35-nq/tw.", "lũ code:35-NQ/TW", "code: 35-nq/tw. is read as code:35-nq/tw."),
        ("Sort: date, lũ", "lũ sort:date", "Sort: date, is read as sort:date,"),
        ("title: lũ bão", "title:lũ bão", "title: lũ is read as title:lũ"),
        ('-body: "lũ bão"~2', '-body:"lũ bão"~2',
         '-body: "lũ bão"~2 is read as -body:"lũ bão"~2'),
        ("title: (lũ OR bão)", "title:(lũ OR bão)", "title: (…) is read as title:(…)"),
        ("(title:\nngh*)", "title:ngh*", "title: ngh* is read as title:ngh*"),
        ("path: 2023/bao-cao", "path:2023/bao-cao",
         "path: 2023/bao-cao is read as path:2023/bao-cao"),
        ("date:2022 .. 2023 lũ", "date:2022-01-01..2023-12-31 lũ",
         "date:2022 .. 2023 is read as date:2022..2023"),
        ("date: 2022 ..2023", "date:2022-01-01..2023-12-31",
         "date: 2022 ..2023 is read as date:2022..2023"),
        ("date:10/2022 – 2/2023,", "date:2022-10-01..2023-02-28",
         "date:10/2022 – 2/2023, is read as date:10/2022..2/2023,"),
        ("nghij quyeets title: ddangr", "nghị quyết title:đảng",
         "title: đảng is read as title:đảng"),
    ],
)  # fmt: skip
def test_a_name_apart_from_its_value_is_taken_for_what_it_is_and_said(
    text: str, printed: str, note: str
) -> None:
    query = parse(text)
    assert str(query) == printed
    assert query.notes[-1] == note


@pytest.mark.parametrize(
    ("text", "words", "note"),
    [
        (
            "date: mai",
            "date mai",
            "date: has no date after it and is read as a word; write date:2023",
        ),
        ("lũ date:", "lũ date", "date: has no date after it"),
        ("sort: lũ", "sort lũ", "sort: has no order after it"),
        ("code: lũ", "code lũ", "code: has no document code after it"),
        (
            "lũ title:",
            "lũ title",
            "title: has no word after it and is read as a word; write title:lũ",
        ),
        ("title: - lũ", "title lũ", "title: has no word after it"),
        ("(path:) a", "path a", "path: has no part of a path after it"),
        ("body: OR lũ", "body OR lũ", "body: has no word after it"),
    ],
)
def test_a_name_without_a_value_is_a_word_and_said(text: str, words: str, note: str) -> None:
    query = parse(text)
    assert str(query) == words
    assert query.notes[0].startswith(note)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Title: Báo cáo", "Title Báo cáo"),
        ("Ngày: 5", "Ngày 5"),
        ("Date: thứ hai", "Date thứ hai"),
        ("Code:", "Code"),
        ("nguon: vtv", "nguon vtv"),
        (r"\title: lũ", "title lũ"),
        ('"title: lũ"', '"title lũ"'),
        ("date:2022.. 2023", "date:2022-01-01.. 2023"),
        ("date:2022 .. lũ", "date:2022-01-01..2022-12-31 lũ"),
        ("date:2022 -2023", "date:2022-01-01..2022-12-31 !2023"),
    ],
)
def test_other_text_with_colons_and_dots_stays_what_it_is(text: str, printed: str) -> None:
    query = parse(text)
    assert str(query) == printed
    assert query.notes == ()


@pytest.mark.parametrize("text", [f"path: {'a' * 3_000}", f"date:{'a' * 3_000}", "a*" * 1_500])
def test_a_note_of_a_long_part_is_short(text: str) -> None:
    (note,) = parse(text).notes
    assert len(note) < 200


def test_punctuation_behind_a_value_is_not_part_of_it() -> None:
    query = parse("lũ code:35-NQ/TW, sort:date. date:2023;")
    assert str(query) == "lũ code:35-NQ/TW date:2023-01-01..2023-12-31 sort:date"
    assert query.notes == ()
    assert parse("path:bao-cao.").root.clauses == (Path("bao-cao."),)  # a path may end so


def test_what_cannot_be_meant_is_said() -> None:
    assert "ends before it begins" in parse("date:2024..2023").notes[0]
    many = parse(" ".join(f"-w{n}" for n in range(70)))
    assert many.notes == ("only the first 64 phrases and exclusions are used",)


def test_an_open_quotation_mark_is_said_and_its_words_are_used() -> None:
    query = parse('họp "nghị quyết 35')
    assert folded(query) == ["hop", "nghi", "quyet", "35"]
    assert conditions(query) == []
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


def test_codes_are_read_in_any_spelling() -> None:
    query = parse("họp code:30/2020/nd-cp -code:35-NQ/TW")
    assert conditions(query) == [Code("30/2020/NĐ-CP"), Not(Code("35-NQ/TW"))]
    assert folded(query) == ["hop"]
    query = parse("code:zebra")
    assert (conditions(query), folded(query)) == ([], ["zebra"])
    assert "code:zebra is not a document code" in query.notes[0]


@pytest.mark.parametrize(
    ("text", "printed", "expected"),
    [
        ("a b OR c d", "a b OR c d", [word("a"), Or((word("b"), word("c"))), word("d")]),
        ("a OR (b OR c)", "a OR b OR c", [Or((word("a"), word("b"), word("c")))]),
        ("(a b) OR c", "(a b) OR c", [Or((And((word("a"), word("b"))), word("c")))]),
        ("(a (b c)) d", "a b c d", [word("a"), word("b"), word("c"), word("d")]),
        ("(Sở Y tế(SYT))họp", "Sở Y tế SYT họp", [
            word("sở"), word("y"), word("tế"), word("syt"), word("họp"),
        ]),
        ("-35-NQ/TW OR lũ", '-"35 NQ TW" OR lũ', [Or((Not(phrase("35 nq tw")), word("lũ")))]),
        ("-(lũ -bão)", "-(lũ -bão)", [Not(And((word("lũ"), Not(word("bão")))))]),
        ("-(-lũ)", "-(-lũ)", [Not(Not(word("lũ")))]),
        ("a (-b)", "a -b", [word("a"), Not(word("b"))]),
        ("a or b AND c", 'a or "b" "c"', [word("a"), word("or"), phrase("b"), phrase("c")]),
        ('"lũ bão"~3', '"lũ bão"~3', [phrase("lũ bão", 3)]),
        ("«lũ, bão»~0 5", '"lũ bão"~0 5', [phrase("lũ bão", 0), word("5")]),
        ('"lũ bão"~5x', '"lũ bão" 5x', [phrase("lũ bão"), word("5x")]),
        ("Nghi* -bão* title:lu*", "Nghi* -bão* title:lu*", [
            Prefix("nghi"), Not(Prefix("bão")), Field("title", Prefix("lu")),
        ]),
        ("*lũ a*b **lũ**", "lũ a b lũ", [word("lũ"), word("a"), word("b"), word("lũ")]),
        ("title:(lũ OR body:bão)", "title:(lũ OR body:bão)", [
            Field("title", Or((word("lũ"), Field("body", word("bão"))))),
        ]),
        ("title:(body:(lũ))", "title:(body:lũ)", [Field("title", Field("body", word("lũ")))]),
        ("path:Bao-Cao/2023 PATH:“a \"b”", "path:Bao-Cao/2023 path:“a \"b”", [
            Path("Bao-Cao/2023"), Path('a "b'),
        ]),
        ('nguồn:VTV Cơ_quan:"Sở Y tế" -nguon:a', 'nguon:VTV co_quan:"Sở Y tế" -nguon:a', [
            Metadata("nguon", "VTV"),
            Metadata("co_quan", "Sở Y tế"),
            Not(Metadata("nguon", "a")),
        ]),
        ("lang:vi Điều 5:khoản http://vtv.vn", "lang vi Điều 5 khoản http vtv vn", [
            *map(word, ["lang", "vi", "điều", "5", "khoản", "http", "vtv", "vn"]),
        ]),
        ("-date:2023", "-date:2023-01-01..2023-12-31", [
            Not(DateRange(datetime.date(2023, 1, 1), datetime.date(2023, 12, 31))),
        ]),
        (r"\lũ* \title:a a \OR b", "lũ title a a or b", [
            word("lũ"), word("title"), word("a"), word("a"), word("or"), word("b"),
        ]),
        (r"\nghij \quyeets", r"\nghij \quyeets", [word("nghij"), word("quyeets")]),
        ("NGHIJ QUYEETS abc", "NGHIJ QUYEETS abc", [
            word("nghij"), word("quyeets"), word("abc"),
        ]),
        ("... OR a OR ?", "or a or ?", [word("or"), word("a"), word("or")]),
    ],
)  # fmt: skip
def test_what_is_read_and_how_it_is_printed(
    text: str, printed: str, expected: list[Clause]
) -> None:
    query = parse(text)
    assert list(query.root.clauses) == expected
    assert str(query) == printed


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("lũ OR", 3, "OR needs something on both sides"),
        ("a OR OR b", 5, "OR needs something on both sides"),
        ("a (b OR c", 2, "a bracket has no partner and is ignored"),
        ("-(b c", 0, "a bracket has no partner and is ignored"),
        ("a OR b)", 6, "a bracket has no partner and is ignored"),
        (
            "a (" * (MAX_DEPTH + 1) + "b" + ")" * 21,
            3 * MAX_DEPTH + 2,
            "nested more than 20 deep",
        ),
        ("lũ date:mai", 3, "date:mai is not a date"),
        ("nghij quyeets date:mai", 14, "date:mai is not a date"),
        (
            "sort:size",
            0,
            "sort:size is not an order of hits; write sort:date or sort:relevance",
        ),
        ("a -sort:date", 2, "an order cannot be excluded"),
        ("date:(2023)", 0, "date: takes one value"),
        ("co-quan:(a)", 0, "co_quan: takes one value"),
        ('path:" "', 0, 'path:" " names nothing'),
        ('nguon:"a"~4', 0, "~4 is ignored"),
        ("a nq-tw*", 2, "nq-tw* is read without *"),
        ('"a b"~101', 0, "~101 is too far; ~100 is the most"),
        (f'"{"a " * 65}"', 0, "only the first 64 words of a phrase are used"),
        (" ".join(f"-w{n}" for n in range(70)), 310, "only the first 64 phrases"),
        ("(" + " OR ".join(f"w{n}" for n in range(70)) + ")", 439, "only the first 64 phrases"),
        ('"a b c" ' * 17, 128, "only the first 16 phrases of several words are used"),
        ('"a b"~1 OR ' * 17 + "c", 176, "only the first 16 phrases of several words are used"),
        ("(" + "a " * 10 + f"title:({' '.join(f'w{n}' for n in range(64))}))", 21, "different"),
        (" ".join(f"w{n}" for n in range(70)), 246, "only the first 64 different words"),
        ("x" * MAX_CHARACTERS + " y", MAX_CHARACTERS, "the query is too long"),
        ('a "b', 2, "a quotation mark is not closed"),
    ],
)
def test_problems_have_a_place_and_a_message(text: str, position: int, message: str) -> None:
    query = parse(text)
    _, (problem,) = parse_lenient(text, KEYS)
    assert problem.position == position
    assert message in problem.message
    assert query.notes[-1] == problem.message
    with pytest.raises(searchidx.QueryError, match=rf"\(character {position + 1}\)$"):
        strict(text, KEYS)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("qu*n", "qu*n is read without *, which may only follow a word"),
        ("tv nq-tw*,", "nq-tw*, is read without *, which may only follow a word"),
        ('"nghị quy*"', '"nghị quy*" is read without *, which may only follow a single word'),
        ("title:“qu*n lý”", '"qu*n lý" is read without *, which may only follow a single word'),
    ],
)
def test_an_asterisk_that_means_nothing_is_said(text: str, note: str) -> None:
    assert parse(text).notes == (note,)


@pytest.mark.parametrize(
    "text", ["**lũ**", '"**lũ** *bão*"', "3*4", '"3*4"', "nghi*", '"lũ *"']
)
def test_an_asterisk_of_plain_text_or_of_a_beginning_needs_no_note(text: str) -> None:
    assert parse(text).notes == ()


def test_what_is_too_much_is_left_out() -> None:
    assert len(parse(" ".join(f"-w{n}" for n in range(70))).root.clauses) == MAX_SYLLABLES
    (group,) = parse(" OR ".join(f"w{n}" for n in range(70))).root.clauses
    assert isinstance(group, Or)
    assert len(group.clauses) == MAX_SYLLABLES
    (found,) = parse(f'"{"a " * 65}"~{MAX_SLOP + 1}').root.clauses
    assert found == phrase("a " * 64, MAX_SLOP)
    _, problems = parse_lenient("date:x " * 1_000)
    assert len(problems) == 100
    query, _ = parse_lenient(" ".join(f"date:x{n}" for n in range(20)))
    assert query.notes[-1] == "14 more parts were not understood"


def test_brackets_of_plain_text_need_no_partner() -> None:
    for text in ("a) họp b) luật", "điều 5 (sửa", ":-)", "(" * 3_000, ")" * 3_000, "(-"):
        assert parse(text).notes == ()


def test_an_order_is_part_of_a_query() -> None:
    assert parse("họp SORT:Date").sort == "date"
    assert parse("(họp sort:relevance)").sort == "relevance"
    assert parse("họp").sort is None
    assert str(parse("sort:date họp")) == "họp sort:date"
    assert parse("sort:date").is_empty


def test_fields_are_asked_for_only_where_a_name_stands() -> None:
    asked: list[str] = []

    def fields() -> set[str]:
        asked.append("once")
        return KEYS

    for text in ("họp lũ", "title:họp -date:2023", '"nguon:a"', "(a OR b)"):
        parse_lenient(text, fields)
    assert asked == []
    query, _ = parse_lenient("nguon:a b:c Nguồn:d", fields)
    assert asked == ["once"]
    assert conditions(query) == [Metadata("nguon", "a"), Metadata("nguon", "d")]


def ranked(text: str) -> tuple[list[str], list[str], list[str]]:
    query = parse(text)
    return (
        folded(query),
        [f"{one.folded} {other.folded}" for one, other in query.pairs],
        [syllable.folded for syllable in query.alternatives],
    )


def test_what_is_ranked_by() -> None:
    assert ranked('a "b c"~4 title:d') == (["a", "b", "c", "d"], ["a b", "b c", "c d"], [])
    assert ranked("a -x b date:2023 c") == (["a", "b", "c"], ["a b", "b c"], [])
    assert ranked("a b OR c d e") == (["a", "d", "e"], ["d e"], ["b", "c"])
    assert ranked("a b* c") == (["a", "c"], [], [])
    assert ranked("title:(a b (c OR -d)) -(e OR f)") == (["a", "b"], ["a b"], ["c"])
    assert ranked('(a "b c" -d) OR title:e a') == (["a"], [], ["a", "b", "c", "e"])


LATIN = st.characters(max_codepoint=0x24F) | st.characters(
    min_codepoint=0x1E00, max_codepoint=0x1EFF
)
PIECES = st.sampled_from([
    "OR", "title:", "body:", "path:", "date:", "code:", "nguon:", "sort:date", "(", ")", '"',
    "“", "”", "«", "»", "-", "–", "*", "~3", "~", "\\", " ", "  ", "\n", "lũ", "Bão", "2023",
    "nghij quyeets", "2023-07", "..", "<", ">=", "35-NQ/TW", "x", "\u0301", "½", "İ", "ﬃ", ":",
    "title: ", "path: ", "date: ", "date: 2022", " .. 2023", "…", "code: ", "Sort: ", ",",
    "\ud800", "\udfff",
])  # fmt: skip
ANY: st.SearchStrategy[str] = st.one_of(
    st.text(), st.text(LATIN), st.lists(PIECES, max_size=30).map("".join),
    st.lists(PIECES, max_size=15).map(" ".join),
)  # fmt: skip


@given(ANY)
def test_no_text_is_an_error_and_each_is_printed_as_what_it_is(text: str) -> None:
    query = parse(text)
    assert query.is_empty or query.syllables or query.alternatives or conditions(query)


@given(st.text(LATIN))
def test_forms_of_unicode_do_not_matter(text: str) -> None:
    if unicodedata.normalize("NFC", text) == text:
        decomposed = unicodedata.normalize("NFD", text)
        assert parse(decomposed).syllables == parse(text).syllables


def clauses() -> st.SearchStrategy[Any]:
    """Draw syntax trees as the parser makes them, with every kind of clause."""
    words = st.sampled_from(["lũ", "bão", "nghi", "35", "nghij", "quyeets", "or"]).map(word)
    leaves = st.one_of(
        words,
        st.builds(
            phrase, st.sampled_from(["lũ bão", "lũ", "a b c"]), st.none() | st.integers(0, 100)
        ),
        st.sampled_from([Prefix("ngh"), Prefix("bão"), Code("35-NQ/TW")]),
        st.sampled_from(["a", "a b", "OR", "-", 'a "b', "(”"]).map(Path),
        st.builds(Metadata, st.sampled_from(sorted(KEYS)), st.sampled_from(["a", "a b", ":"])),
        st.tuples(st.dates(), st.dates()).map(lambda days: DateRange(min(days), max(days))),
        st.builds(DateRange, st.dates(), st.none()),
    )  # fmt: skip

    def groups(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        def several(kind: type[And] | type[Or]) -> st.SearchStrategy[Any]:
            others = inner.filter(lambda clause: not isinstance(clause, kind))
            return st.lists(others, min_size=2, max_size=3).map(tuple).map(kind)

        return st.one_of(
            several(And),
            several(Or),
            st.builds(Not, inner),
            st.builds(Field, st.sampled_from(["title", "body"]), inner),
        )

    return st.recursive(leaves, groups, max_leaves=8)


def test_a_question_is_printed_as_one() -> None:
    for text, printed in (
        ("ai ký nghị quyết 35?", "ai ký nghị quyết 35 ?"),
        ("nghij quyeets sort:date ? ", "nghị quyết sort:date ?"),
        ('"họp ở đâu"?', '"họp ở đâu" ?'),
        ("lũ? date:2023", "lũ date:2023-01-01..2023-12-31"),
    ):
        query = parse(text)
        assert query.is_question is printed.endswith("?")
        assert str(query) == printed
        assert parse(printed) == query
    assert parse("thuế?") != parse("thuế")


@given(st.lists(clauses().filter(lambda clause: not isinstance(clause, And)), max_size=4))
# Without the name of the field, this would be read as typed in Telex.
@example([*map(word, ("title", "quyeets", "ORsort", "date")), Metadata("nguon", "a b")])
def test_every_tree_is_printed_as_what_is_parsed_to_it(found: list[Clause]) -> None:
    query = Query("", And(tuple(found)))
    assert parse(str(query)) == query
