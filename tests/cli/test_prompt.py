from __future__ import annotations

import io
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

import searchidx
from searchidx.cli import run
from searchidx.cli.prompt import Prompt
from searchidx.cli.prompt.keyboard import make_completer, open_history, typed_lines
from searchidx.cli.recent import state_folder
from searchidx.cli.terminal import Style, width
from searchidx.search.suggest.completion import Completion

Say = Callable[[str], tuple[str, str]]


@pytest.fixture
def prompt(
    index: searchidx.Index, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Say]:
    """Type a line at a prompt on twelve reports; return stdout and stderr."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "34")
    index.add(
        searchidx.Document(
            id=f"r{n:02}",
            title=f"Báo cáo số {n}",
            body=f"Nghị quyết lần {n}. " + "họp " * n,
            date=f"20{10 + n}",
        )
        for n in range(1, 13)
    )
    session = Prompt(index, Style(False))

    def say(line: str) -> tuple[str, str]:
        assert session.run(line)
        captured = capsys.readouterr()
        return captured.out, captured.err

    yield say
    assert not session.run(":quit")


def titles(out: str) -> list[str]:
    return [line[4:] for line in out.splitlines() if re.match(r" *\d+\. ", line)]


def test_a_query_shows_hits_and_next_goes_on(prompt: Say) -> None:
    out, _ = prompt("nghi quyet")
    assert titles(out) == [f"Báo cáo số {n}" for n in range(1, 6)]
    assert "12 reports; shown: 1-5 · " in out
    assert out.endswith(" ms · :next\nWith marks: nghị quyết · :yes\n\n")
    out, _ = prompt(":next")
    assert titles(out)[0] == "Báo cáo số 6"
    out, _ = prompt(":n")
    assert titles(out) == ["Báo cáo số 11", "Báo cáo số 12"]
    assert ":next" not in out
    assert prompt(":next") == ("", "searchidx: these are the last hits\n")
    out, _ = prompt(":prev")
    assert titles(out)[0] == "Báo cáo số 6"


def test_a_number_opens_a_hit_that_is_shown(prompt: Say) -> None:
    prompt("nghi quyet")
    out, _ = prompt("3")
    assert out.startswith("Báo cáo số 3\n2013 · r03\n\nNghị quyết lần 3. họp họp họp")
    out, _ = prompt("12")
    assert "12. Báo cáo" not in out
    assert titles(out)[0] == "Báo cáo số 12"


def test_a_number_of_no_hit_is_searched_for(prompt: Say) -> None:
    assert "nothing found" in prompt(5_000 * "1")[0]


def test_options_are_commands_and_search_again(prompt: Say) -> None:
    prompt("nghi quyet")
    out, _ = prompt(":limit 2")
    assert len(titles(out)) == 2
    out, _ = prompt(":sort date")
    assert titles(out) == ["Báo cáo số 12", "Báo cáo số 11"]
    out, _ = prompt(":exact on")
    assert "nothing found for: nghi quyet" in out
    out, _ = prompt("nghị quyết")
    assert " ms · :next · :sort is date · :exact is on\n" in out
    assert ":sort is date" not in prompt("nghị quyết sort:relevance")[0]
    prompt("nghị quyết")
    out, _ = prompt(":expand off")
    assert " · :exact is on · :expand is off" in " ".join(out.split())
    out, _ = prompt(":like 1")  # which none of them changes
    assert " is o" not in out
    prompt("nghị quyết")
    out, _ = prompt(":expand on")
    assert ":expand" not in out
    out, _ = prompt(":status")
    assert out.endswith(":limit 2, :sort date, :exact on, :expand on, :collapse on\n")
    out, _ = prompt(":help")
    assert ":next :prev" in out
    assert max(map(width, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (":limit x", "give :limit a number"),
        (":limit 0", "give :limit a number"),
        (":sort size", "write :sort relevance or :sort date"),
        (":exact maybe", "write :exact on or :exact off"),
        (":expand", "write :expand on or :expand off"),
        (":collapse", "write :collapse on or :collapse off"),
        (":limit " + 5_000 * "1", "give :limit a number"),
        (":like " + 5_000 * "1", "give :like the number of a hit that is shown"),
        (":like 99", "give :like the number of a hit that is shown"),
        (":like", "give :like the number of a hit that is shown"),
        (":facets", "type some words first"),
        (":ex on", "there is no command :ex; there are :next"),
        (":nonsense", "there is no command :nonsense; there are :next"),
        (":", "there is no command :"),
        (":next", "type some words first"),
        (":prev", "these are the first hits"),
        ("...", "there is no word or number in the query"),
        ('"open', "a quotation mark is not closed"),
        ("date:mai", "date:mai is not a date"),
    ],
)
def test_what_is_wrong_is_said(prompt: Say, line: str, message: str) -> None:
    assert message in prompt(line)[1]
    assert titles(prompt("lần 7")[0])[0] == "Báo cáo số 7"


@pytest.mark.parametrize(
    "line", [":xyz", ":facets colour", "date:mai", 'title: bão date:x "họp']
)
def test_messages_fit_the_terminal_and_no_word_is_broken(
    prompt: Say, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    prompt("họp")
    _, piped = prompt(line)
    assert all(message.startswith("searchidx: ") for message in piped.splitlines())
    assert max(map(width, piped.splitlines())) > 80
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    _, shown = prompt(line)
    assert max(map(width, shown.splitlines())) <= 80
    assert shown.split() == piped.split()


def test_reports_that_are_like_a_hit(prompt: Say) -> None:
    prompt("lan 7")
    out, _ = prompt(":like 1")
    assert len(titles(out)) == 5
    assert "Báo cáo số 7" not in titles(out)
    assert "11 reports; shown: 1-5 · " in out
    out, _ = prompt(":next")
    assert " 6. Báo cáo" in out
    out, _ = prompt("6")
    assert out.startswith("Báo cáo số ")
    out, _ = prompt("lan 7")
    assert titles(out)[0] == "Báo cáo số 7"


def test_a_report_that_none_is_like_is_said_to_be_one(
    prompt: Say, index: searchidx.Index
) -> None:
    index.add([searchidx.Document(id="x", body="zzyzx")])
    prompt("zzyzx")
    out, _ = prompt(":like 1")
    assert out.strip() == "no report is like it"


def test_counts_of_the_last_query(prompt: Say) -> None:
    prompt("bao cao 7")
    out, _ = prompt(":facets year, code")
    assert out.splitlines()[:3] == [
        "",
        "year: 12 reports, the commonest 10 of 12; with all the words, and in all",
        "    2017  1  1",
    ]
    assert out.endswith("code: none of the reports has any\n\n")
    assert "reports cannot be counted by 'colour'" in prompt(":facets colour")[1]


def test_similar_reports_are_not_counted_as_the_query_before(prompt: Say) -> None:
    prompt("bao cao 7")
    prompt(":like 1")
    out, message = prompt(":facets year")
    assert "year:" not in out
    assert "similar reports cannot be counted; type words to search for" in message
    prompt("bao cao 7")
    assert prompt(":facets year")[0].splitlines()[1].startswith("year: 12 reports")


def test_near_duplicates_are_one_hit_until_they_are_asked_for(
    prompt: Say, index: searchidx.Index
) -> None:
    body = "kiểm tra kho đường nhập lậu ở thị trấn và lập biên bản"
    index.add(searchidx.Document(id=id_, title="Kho đường", body=body) for id_ in "abcdefg")
    out, _ = prompt("kho duong")
    assert titles(out) == ["Kho đường"]
    assert "    a · " in out
    assert " · 6 similar\n" in out
    assert "7 reports; 6 folded under what says nearly the same · " in out
    assert ":next" not in out
    assert prompt(":next") == ("", "searchidx: these are the last hits\n")
    out, _ = prompt(":collapse off")
    assert len(titles(out)) == 5
    assert ":next" in out


def test_it_says_what_it_searched_for(prompt: Say) -> None:
    out, err = prompt("nghij quyeets")
    assert err == "searchidx: searching for: nghị quyết (typed in Telex)\n"
    assert titles(out)
    out, err = prompt("thuyr sanr")
    assert "searching for: thủy sản" in err
    assert "nothing found" in out


def test_no_error_ends_it(
    prompt: Say, index: searchidx.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(index, "search", lambda *args, **options: 1 / 0)
        assert "unexpected: ZeroDivisionError" in prompt("hop")[1]
    with monkeypatch.context() as patch:

        def interrupt(*args: object, **options: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(index, "search", interrupt)
        assert prompt("hop")[1] == "interrupted\n"
    assert titles(prompt("hop")[0])
    index.remove(["r12"])
    with searchidx.open(index.path) as other:
        other.add([searchidx.Document(id="new", body="xyzzyx")])
    assert "new" in prompt("xyzzyx")[0]


def test_a_hit_that_is_gone_is_said(prompt: Say, index: searchidx.Index) -> None:
    prompt("nghi quyet")
    index.remove(["r02"])
    assert "hit 2 is no longer in the index" in prompt("2")[1]


def test_lines_may_come_from_a_pipe(
    seed_index: searchidx.Index,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("vinachem\n\n1\n:q\nkhông tới đây\n"))
    assert run(["prompt", "--index", str(seed_index.path)]) == 0
    out = capsys.readouterr().out
    assert out.count("tap-doan-hoa-chat-so-ket-nghi-quyet-35.txt") == 2
    assert "không tới đây" not in out


def typed(text: str) -> list[str]:
    """Return the line that the prompt reads from keystrokes."""
    with (
        tempfile.TemporaryDirectory() as folder,
        searchidx.create(Path(folder) / "index") as index,
        create_pipe_input() as keyboard,
        create_app_session(input=keyboard, output=DummyOutput()),
    ):
        keyboard.send_text(text)
        return list(typed_lines(index, ("next", "quit")))


def test_history_survives_and_is_searched_with_ctrl_r() -> None:
    assert typed("nghị quyết 35\rquản lý\r\x04") == ["nghị quyết 35", "quản lý"]
    # Another session: up twice, then a search backwards, then Ctrl-C gives up a line.
    assert typed("\x1b[A\x1b[A\r\x04")[:1] == ["nghị quyết 35"]
    assert typed("\x12quả\r\r\x04") == ["quản lý"]
    assert typed("bỏ\x03giữ\r\x04") == ["giữ"]
    assert (state_folder() / "history").stat().st_mode & 0o077 == 0


def test_queries_and_commands_are_completed(seed_index: searchidx.Index) -> None:
    completer = make_completer(seed_index, ("next", "yes", "quit"))

    def completed(before: str, after: str = "") -> list[str]:
        document = Document(before + after, len(before))
        return [
            before[: len(before) + each.start_position] + each.text
            for each in completer.get_completions(document, CompleteEvent())
        ]

    assert "quan ly thị trường" in completed("quan ly th")
    assert completed("quan ly th", " 35") == []
    assert completed(":") == [":next", ":yes", ":quit"]
    assert completed(":y") == [":yes"]
    closed = searchidx.open(seed_index.path)
    closed.close()
    assert (
        list(make_completer(closed, ()).get_completions(Document("ngh"), CompleteEvent())) == []
    )


def test_no_completion_brings_a_control_character(
    index: searchidx.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def complete(text: str, limit: int) -> list[Completion]:
        inserts = ("nghị\x1b[2J", "nghị\nquyết", "nghị\u2028", "\u202enghị", "nghị quyết")
        return [Completion(insert, 0, insert, 1) for insert in inserts]

    monkeypatch.setattr(index, "complete", complete)
    offered = make_completer(index, ()).get_completions(Document("ngh"), CompleteEvent())
    assert [each.text for each in offered] == ["nghị quyết"]


def test_yes_searches_for_what_was_suggested(prompt: Say) -> None:
    assert prompt(":yes") == (
        "", "searchidx: nothing was suggested; type some words first\n"
    )  # fmt: skip
    out, _ = prompt("nghi quyrt")
    assert "Did you mean: nghi quyet? (12 reports with all the words) · :yes" in out
    out, _ = prompt(":y")
    assert out.startswith("tìm> nghi quyet\n")
    assert "12 reports; shown: 1-5" in out
    assert "With marks: nghị quyết · :yes" in out
    out, _ = prompt(":next")
    assert "With marks" not in out
    out, _ = prompt(":yes")
    assert out.startswith("tìm> nghị quyết\n")
    _, err = prompt(":yes")
    assert "nothing was suggested" in err


def test_decomposed_and_backspaced_input_is_text_like_any_other() -> None:
    # An input method may type a letter, erase it and type it again with its mark.
    assert typed("nghi\x7fị quyê\u0301t\r\x04") == ["nghị quyê\u0301t"]


def test_history_that_cannot_be_kept_is_said_and_does_without(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    history = open_history(tmp_path / "file" / "below")
    history.append_string("nghị quyết")
    assert history.get_strings() == ["nghị quyết"]
    assert "what you type is not kept" in capsys.readouterr().err


def test_half_a_surrogate_pair_does_not_break_the_history() -> None:
    state_folder().mkdir(parents=True)
    history = open_history(state_folder())
    history.append_string("x\udcff")
    assert "+x?" in (state_folder() / "history").read_text(encoding="utf-8")
