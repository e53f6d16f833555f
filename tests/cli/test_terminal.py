from __future__ import annotations

import io
import re
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcwidth

from searchidx.cli.output import document_lines
from searchidx.cli.terminal import Style, one_line, styled, width, wrapped
from searchidx.document import Document
from searchidx.search.snippets.formatter import escape_control_characters

PLAIN = Style(False)
COLOR = Style(True)
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def test_nothing_of_a_document_steers_the_terminal() -> None:
    text = "a\x1b[31mb\x07\x00\x7f\x9b2J\u202egnp\u2066\r\n\t"
    assert escape_control_characters(text) == "a␛[31mb␇␀␡\ufffd2J\ufffdgnp\ufffd␍\n\t"
    assert one_line("một\n hai\x1b") == "một hai␛"


@given(st.text())
def test_harmless_text_keeps_its_offsets(text: str) -> None:
    shown = escape_control_characters(text)
    assert len(shown) == len(text)
    for before, after in zip(text, shown, strict=True):
        category = unicodedata.category(before)
        assert after == before or category in ("Cc", "Cf")
        assert unicodedata.category(after) != "Cc" or after in "\t\n"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("nghị", 4),
        (unicodedata.normalize("NFD", "nghị"), 4),
        ("漢字", 4),
        ("a\u200bb", 2),
        ("👍🏽", 2),  # a modifier takes no columns of its own
        ("👨‍👩‍👧", 2),  # joined to one picture
        ("❤️", 2),  # shown as a picture by a variation selector
        ("🇻🇳", 2),
        ("a\x01b", 3),  # shown as a picture of the character
        ("", 0),
    ],
)
def test_width_counts_columns(text: str, columns: int) -> None:
    assert width(text) == columns


def test_width_is_that_of_wcwidth_for_each_character() -> None:
    for number in range(0xA0, 0x3000):
        letter = chr(number)
        if unicodedata.category(letter) not in ("Cc", "Cf"):
            assert width(letter) == wcwidth(letter), hex(number)


def test_ordinary_vietnamese_text_does_not_load_wcwidth() -> None:
    program = (
        "import sys; from searchidx.cli.terminal import width; "
        "assert width('Nghị quyết – “35”… quản lý') == 26; "
        "sys.exit('wcwidth' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_highlights_are_styled_and_the_rest_is_not() -> None:
    assert styled("một hai ba", [(4, 7)], COLOR) == "một \x1b[1;33mhai\x1b[0m ba"
    assert styled("một hai ba", [(4, 7)], PLAIN) == "một hai ba"


def test_highlights_side_by_side_become_one() -> None:
    lines = list(wrapped("họp thị\ntrường, lý", [(4, 7), (8, 14), (16, 18)], COLOR, 40))
    assert lines == ["họp \x1b[1;33mthị trường\x1b[0m, \x1b[1;33mlý\x1b[0m"]


def test_lines_break_at_white_space_and_long_words_stand_alone() -> None:
    lines = list(wrapped("một hai\nba " + "x" * 12 + " bốn", [], PLAIN, 8))
    assert lines == ["một hai", "ba", "x" * 12, "bốn"]


@given(
    st.text(alphabet="aị\u0323 \n\t\x1bb漢", max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 6)), max_size=6),
    st.integers(1, 30),
)
def test_wrapping_loses_nothing(text: str, places: list[tuple[int, int]], columns: int) -> None:
    spans = []
    end = 0
    for start, length in sorted(places):
        if start >= end and start + length <= len(text):
            spans.append((start, start + length))
            end = start + length
    lines = list(wrapped(text, spans, COLOR, columns))
    plain = [ESCAPES.sub("", line) for line in lines]
    assert " ".join(plain).split() == escape_control_characters(text).split()
    assert all(width(line) <= columns or " " not in line for line in plain)
    shown = "".join(re.findall(r"\x1b\[1;33m(.*?)\x1b\[0m", " ".join(lines)))
    wanted = "".join(escape_control_characters(text[start:stop]) for start, stop in spans)
    assert "".join(shown.split()) == "".join(wanted.split())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "environment", "terminal", "expected"),
    [
        ("auto", {"TERM": "xterm"}, True, True),
        ("auto", {"TERM": "xterm"}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_color(
    monkeypatch: pytest.MonkeyPatch,
    choice: str,
    environment: dict[str, str],
    terminal: bool,
    expected: bool,
) -> None:
    monkeypatch.delenv("TERM", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = Terminal() if terminal else io.StringIO()
    assert Style.choose(choice, stream).color is expected


@given(
    st.text("aế \t\n\r\x1e\u2028.", max_size=40),
    st.lists(st.integers(0, 40), max_size=8, unique=True).map(sorted),
    st.none() | st.integers(1, 40),
)
def test_a_text_is_shown_once_with_its_highlights_on_whichever_lines(
    body: str, places: list[int], columns: int | None
) -> None:
    spans = [
        (start, min(end, len(body)))
        for start, end in zip(places[::2], places[1::2], strict=False)
        if start < len(body)
    ]
    document = Document(id="a", body=body)
    plain = list(document_lines(document, (), spans, PLAIN, columns))[2:]
    colored = list(document_lines(document, (), spans, COLOR, columns))[2:]
    assert [ESCAPES.sub("", line) for line in colored] == plain
    if columns is None:
        assert plain == [escape_control_characters(line) for line in body.splitlines()]
    shown = [
        (letter, at % 2 == 1)
        for line in colored
        for at, part in enumerate(ESCAPES.split(line))
        for letter in part
        if not letter.isspace()
    ]
    assert shown == [
        (letter, any(start <= at < end for start, end in spans))
        for at, letter in enumerate(body)
        if not letter.isspace()
    ]
