from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.search.snippets.formatter import (
    CONTROL_CHARACTERS,
    escape_control_characters,
    to_ansi,
    to_html,
    to_one_line,
    to_plain,
)
from searchidx.search.snippets.snippet import Snippet

ESCAPES = re.compile("\x1b\\[1;33m|\x1b\\[0m")

texts = st.text(alphabet="aị\u0323<&>\"' .,\n\t\u2028\x1b\x00\u202eĐ5", max_size=40)
marked_texts = st.tuples(
    texts, st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6)), max_size=5)
)


def spans_in(text: str, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Draw ascending ranges of words of a text, without white space at their ends."""
    spans: list[tuple[int, int]] = []
    for start, length in sorted(places):
        end = min(start + length, len(text))
        free = not spans or start >= spans[-1][1]
        if start < end and free and text[start:end].strip() == text[start:end]:
            spans.append((start, end))
    return spans


@given(marked_texts)
def test_every_form_has_the_text_and_its_marks(
    marked: tuple[str, list[tuple[int, int]]],
) -> None:
    text, cuts = marked
    spans = spans_in(text, cuts)
    inside = [escape_control_characters(text[start:end]) for start, end in spans]
    page = to_html(text, spans)
    assert html.unescape(re.sub("</?mark>", "", page)) == escape_control_characters(text)
    assert [
        html.unescape(part) for part in re.findall("(?s)<mark>(.*?)</mark>", page)
    ] == inside
    assert not CONTROL_CHARACTERS.search(page)
    line = to_ansi(text, spans)
    assert ESCAPES.sub("", line) == escape_control_characters(text)
    assert re.findall("(?s)\x1b\\[1;33m(.*?)\x1b\\[0m", line) == inside
    assert not CONTROL_CHARACTERS.search(ESCAPES.sub("", line))
    assert to_plain(text) == to_plain(text, spans) == escape_control_characters(text)


@given(marked_texts)
def test_a_flowing_text_has_the_same_words_and_highlights(
    marked: tuple[str, list[tuple[int, int]]],
) -> None:
    text, cuts = marked
    spans = spans_in(text, cuts)
    line, moved = to_one_line(text, spans)
    assert len(line.splitlines()) <= 1
    assert [word for word in line.split() if word != "/"] == text.split()
    assert [line[start:end].replace(" / ", " ") for start, end in moved] == [
        re.sub(r"\s+", " ", text[start:end]) for start, end in spans
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Kết quả\nTrong 6 tháng", "Kết quả / Trong 6 tháng"),
        ("a) họp;\nb) báo cáo.", "a) họp; b) báo cáo."),
        ("mưa rất\nto ở nhiều nơi", "mưa rất to ở nhiều nơi"),
        ("nêu rõ:\r\n\r\n Thứ nhất", "nêu rõ: Thứ nhất"),
        ("một  hai\tba", "một hai ba"),
    ],
)
def test_line_ends_are_shown_where_something_new_begins(text: str, line: str) -> None:
    assert to_one_line(text) == (line, ())


def test_a_snippet_has_four_forms() -> None:
    snippet = Snippet("A & B\nNghị quyết <35>", ((6, 16), (18, 20)), 100, True, True)
    assert snippet.plain() == "…A & B / Nghị quyết <35>…"
    assert snippet.plain("[", "]") == "…A & B / [Nghị quyết] <[35]>…"
    assert snippet.html() == ("…A &amp; B / <mark>Nghị quyết</mark> &lt;<mark>35</mark>&gt;…")
    assert snippet.html("em").count("<em>") == 2
    assert snippet.ansi() == ("…A & B / \x1b[1;33mNghị quyết\x1b[0m <\x1b[1;33m35\x1b[0m>…")
    assert snippet.offsets == ((106, 116), (118, 120))


def test_html_elements_have_attributes() -> None:
    snippet = Snippet("Nghị quyết 35", ((0, 10), (11, 13)))
    assert snippet.html("span", {"class": "hit", "title": 'a"<b>&'}) == (
        '<span class="hit" title="a&quot;&lt;b&gt;&amp;">Nghị quyết</span> '
        '<span class="hit" title="a&quot;&lt;b&gt;&amp;">35</span>'
    )
    assert snippet.html(attributes={"data-n": "1"}).startswith('<mark data-n="1">Nghị')
    assert to_html("a & b", [(0, 1)], "x-hit", {"id": ""}) == '<x-hit id="">a</x-hit> &amp; b'


@pytest.mark.parametrize(
    "tag", ['mark class="x"', "", "1a", "a>", "a/", " mark", "mark\n", "đ"]
)
def test_a_tag_is_a_name_alone(tag: str) -> None:
    with pytest.raises(ValueError, match="is not the name of an HTML element"):
        Snippet("Nghị quyết").html(tag)


@pytest.mark.parametrize("name", ["", "a b", 'a"', "a=b", "on>", "a/b", "\x00", "a\n"])
def test_an_attribute_is_a_name_and_a_value(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of an HTML attribute"):
        Snippet("Nghị quyết").html("mark", {name: "x"})


def test_a_document_cannot_steer_the_terminal_or_the_page() -> None:
    snippet = Snippet("\x1b]0;tên\x07 <script>\u202etxt", ((5, 8),))
    assert "\x1b]" not in snippet.ansi()
    assert "\x07" not in snippet.ansi()
    assert "\u202e" not in snippet.ansi() + snippet.html() + snippet.plain()
    assert "<script>" not in snippet.html()
