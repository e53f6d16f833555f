from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from whoosh.index import open_dir
from whoosh.query import Term

import searchidx
from searchidx.cli import run
from searchidx.store import Store
from tests.conftest import ROOT
from tests.store.contents import leftovers

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    """Run a command line in a folder of its own; return exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def invoke(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        out, err = capfd.readouterr()
        return code, out, err

    return invoke


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "hop.txt").write_text(
        "Đảng ủy họp về chuyển đổi số\n\nNgày 24/7/2023, Đảng ủy họp. "
        "Nghị quyết 35 được quán triệt đến từng chi bộ. Mọi người nhất trí.\n",
        encoding="utf-8",
    )
    (folder / "lu.txt").write_text(
        "Ứng phó mưa lũ\n\nNgày 12/10/2022, tỉnh họp khẩn về mưa lũ.\n", encoding="utf-8"
    )
    (folder / "tin.jsonl").write_text(
        json.dumps(
            {"id": "T1", "title": "Bơi chải", "text": "Giải bơi chải 35 đội", "loai": "tin"}
        )
        + "\n"
        + json.dumps({"id": "T2", "text": "Hiến máu mùa hè"}),
        encoding="utf-8",
    )
    return folder


def test_index_tells_what_it_did(command: Run, reports: Path) -> None:
    code, out, err = command("index")
    assert code == 0
    assert out.startswith("added 4, changed 0, removed 0, unchanged 0, failed 0 in ")
    assert err == ""
    (reports / "bad.txt").write_bytes(b"\xff\x00")
    (reports / "anh.jpg").write_bytes(b"\xff")
    (reports / "lu.txt").unlink()
    code, out, err = command("index", "seeds")
    assert code == 1
    assert out.startswith("added 0, changed 0, removed 1, unchanged 3, failed 1 in ")
    assert f"searchidx: not indexed: {reports / 'bad.txt'}: " in err
    assert "passed over 1 files of other kinds (1 .jpg); save as PDF or DOCX what" in err


def test_reports_that_are_like_one(command: Run, reports: Path) -> None:
    command("index")
    code, out, err = command("like", "seeds/hop.txt")
    assert code == 0
    assert out.startswith(" 1. ")
    assert "hop.txt" not in out
    assert err.endswith(" reports\n")
    assert command("like", "--files", "-n", "1", "seeds/hop.txt")[1].count("\n") == 1
    first = json.loads(command("like", "--json", "-n", "1", "seeds/hop.txt")[1])
    assert first["rank"] == 1
    # Hits of the last search are named by their number, this one's included.
    command("search", "boi chai")
    assert command("like", "--files", "1")[1] == command("like", "--files", "T1")[1]
    new = reports.parent / "moi.txt"
    new.write_text("Bơi chải\n\nGiải bơi chải mùa hè.", encoding="utf-8")
    code, out, err = command("like", "--files", "moi.txt")
    assert out.splitlines()[0] == "seeds/tin.jsonl"
    assert "moi.txt is not in the index; it is compared as it is now" in err
    new.write_text("Zzz", encoding="utf-8")
    assert command("like", "moi.txt")[0] == 1
    assert "no report is like it" in command("like", "moi.txt")[2]


def test_what_no_report_can_be_like_is_said(command: Run, reports: Path) -> None:
    command("index")
    for target, message in {
        "seeds/tin.jsonl": "holds 2 reports; name one by its line",
        "seeds/none.txt": "seeds/none.txt is not in the index",
        "7": "the last search has no hit 7",
    }.items():
        code, out, err = command("like", target)
        assert (code, out) == (2, "")
        assert message in err
    (reports.parent / "two.jsonl").write_text(
        '{"text": "kho"}\n{"text": "đường"}', encoding="utf-8"
    )
    assert "holds several reports" in command("like", "two.jsonl")[2]
    (reports.parent / "empty.txt").write_text("", encoding="utf-8")
    assert "is empty" in command("like", "empty.txt")[2]


def test_hits_are_counted_by_fields(command: Run, reports: Path) -> None:
    command("index")
    code, out, _ = command("search", "-n", "0", "--facets", "year, loai,source", "35 hop")
    assert code == 0
    assert out.splitlines() == [
        "",
        "year: 2 reports; with all the words, and in all",
        "    2023  1  1",
        "    2022  0  1",
        "",
        "loai: 1 report; with all the words, and in all",
        "    tin  0  1",
        "",
        "source: 3 reports; with all the words, and in all",
        "    seeds/hop.txt    1  1",
        "    seeds/lu.txt     0  1",
        "    seeds/tin.jsonl  0  1",
    ]
    code, out, err = command("search", "--facets", "colour", "hop")
    assert (code, out) == (2, "")
    assert "reports cannot be counted by 'colour'; they can by year, source" in err
    for output in ("--files", "--json", "--count"):
        code, out, err = command("search", "--facets", "year", output, "hop")
        assert (code, out) == (2, "")
        assert "--facets prints beside hits as text" in err


def test_copies_are_folded_for_people_and_not_for_scripts(command: Run, reports: Path) -> None:
    text = "Kiểm tra kho đường\n\nĐội kiểm tra kho đường nhập lậu ở thị trấn và lập biên bản."
    for name in ("a.txt", "b.txt"):
        (reports / name).write_text(text, encoding="utf-8")
    command("index")
    _, out, err = command("search", "kho duong")
    assert "seeds/a.txt · " in out
    assert " · 1 similar\n" in out
    assert "b.txt" not in out
    assert err.endswith("2 reports; 1 folded under what says nearly the same\n")
    assert "b.txt" in command("search", "--no-collapse", "kho duong")[1]
    assert command("search", "--files", "kho duong")[1] == "seeds/a.txt\nseeds/b.txt\n"
    assert command("search", "--files", "--collapse", "kho duong")[1] == "seeds/a.txt\n"
    first = json.loads(command("search", "--json", "--collapse", "kho duong")[1])
    assert first["similar"] == [str(reports / "b.txt")]
    schema = json.loads((ROOT / "docs/schema/hit-1.json").read_text(encoding="utf-8"))
    jsonschema.validate(first, schema)


def test_none_of_the_hits_may_be_asked_for(command: Run, reports: Path) -> None:
    for name in ("a", "b", "c"):
        text = f"Lịch họp\n\n{'họp giao ban tuần ở xã ' * 4}"
        (reports / f"{name}.txt").write_text(text, encoding="utf-8")
    command("index")
    _, out, err = command("search", "-n", "0", "giao ban")
    assert (out, err) == ("", "3 reports; 2 folded under what says nearly the same\n")
    _, _, err = command("search", "-n", "0", "--no-collapse", "giao ban")
    assert err == "3 reports\n"
    for options in (("-n", "0", "--offset", "1"), ("--offset", "1")):
        _, _, err = command("search", *options, "giao ban")
        assert err == "3 reports; none from rank 2 on\n"
    _, _, err = command("like", "-n", "0", "seeds/a.txt")
    assert err == "4 reports; 1 folded under what says nearly the same\n"


def test_index_without_anything_to_read_says_what_to_do(command: Run, tmp_path: Path) -> None:
    code, _, err = command("index")
    assert code == 2
    assert "name the files or folders to index" in err
    (tmp_path / "seeds").mkdir()
    code, out, err = command("index")
    assert code == 0
    assert out.startswith("added 0,")
    assert "no report was found at seeds" in err
    code, _, err = command("index", "nowhere")
    assert code == 1
    assert "nowhere" in err
    code, _, err = command("index", "--index", "new", "nowhere")
    assert code == 2
    assert "There is nothing at nowhere" in err
    assert not Path("new").exists()


def test_search_prints_hits(command: Run, reports: Path) -> None:
    command("index")
    code, out, err = command("search", "nghi", "quyet", "35")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == " 1. Đảng ủy họp về chuyển đổi số"
    assert lines[1].startswith("    24/07/2023 · seeds/hop.txt · ")
    assert lines[2:4] == [
        "    Ngày 24/7/2023, Đảng ủy họp. Nghị quyết 35 được quán triệt đến từng chi bộ.",
        "    Mọi người nhất trí.",
    ]
    assert lines[4:6] == ["", " 2. Bơi chải"]
    assert lines[6].startswith("    seeds/tin.jsonl#1 · ")
    assert lines[-1] == "    without: nghi, quyet"
    assert err == "\n1 report with all the words, 1 with some\n"
    assert "\x1b" not in out


def test_color_marks_the_words(command: Run, reports: Path) -> None:
    command("index")
    _, out, _ = command("search", "--color", "always", "quan triet")
    assert "được \x1b[1;33mquán triệt\x1b[0m đến" in out
    assert out.startswith(
        " 1. \x1b[1mĐảng ủy họp về chuyển đổi số\x1b[0m\n    \x1b[2m24/07/2023 · "
    )


def test_search_in_other_forms(command: Run, reports: Path) -> None:
    command("index")
    assert command("search", "--files", "35")[:2] == (0, "seeds/tin.jsonl\nseeds/hop.txt\n")
    assert command("search", "--count", "hop")[:2] == (0, "2\n")
    assert command("search", "--count", "hop", "-mưa")[:2] == (0, "1\n")
    assert command("search", "--count", "title:hop")[:2] == (0, "1\n")
    assert command("search", "--count", "xyzzyx")[:2] == (1, "0\n")
    assert command("search", "--files", "--sort", "date", "hop")[:2] == (
        0,
        "seeds/hop.txt\nseeds/lu.txt\n",
    )
    assert command("search", "--files", "-n", "1", "--offset", "1", "--sort", "date", "hop")[
        :2
    ] == (
        0,
        "seeds/lu.txt\n",
    )
    code, out, err = command("search", "--offset", "7", "hop")
    assert (code, out) == (0, "")
    assert err == "2 reports; none from rank 8 on\n"


def test_what_may_have_been_meant_is_said_on_stderr(command: Run, reports: Path) -> None:
    command("index", str(reports))
    status, _, err = command("search", "chuyen doi sooo")
    assert status == 0
    assert "searchidx: Did you mean: chuyen doi so? (1 report with all the words)\n" in err
    status, out, err = command("search", "--files", "muaf")
    assert (status, out) == (1, "")
    assert "searchidx: Did you mean: mùa? (1 report with all the words)\n" in err
    # Marks find no more; they are for those who read what is on their screen.
    assert "With marks" not in command("search", "nghi quyet")[2]
    status, _, err = command("search", "--exact", "nghi quyet")
    assert status == 1
    assert "searchidx: With marks: nghị quyết\n" in err


def test_json_lines_keep_to_their_schema(command: Run, reports: Path) -> None:
    command("index")
    schema = json.loads((ROOT / "docs/schema/hit-1.json").read_text(encoding="utf-8"))
    code, out, _ = command("search", "--json", "hop nghi quyet 35")
    assert code == 0
    hits = [json.loads(line) for line in out.splitlines()]
    for hit in hits:
        jsonschema.validate(hit, schema)
    assert [hit["rank"] for hit in hits] == [1, 2, 3]
    assert hits[0]["id"] == hits[0]["path"] == str(reports / "hop.txt")
    assert hits[0]["date"] == "2023-07-24"
    first = hits[0]["snippet"]
    assert {first["text"][start:end] for start, end in first["highlights"]} == {
        "họp", "Nghị quyết 35",
    }  # fmt: skip
    assert all(hit["passages"] == [hit["snippet"]] for hit in hits)
    bulletin = next(hit for hit in hits if hit["id"] == "T1")
    assert (bulletin["line"], bulletin["metadata"]) == (1, {"loai": "tin"})
    assert bulletin["path"] == str(reports / "tin.jsonl")


def test_several_passages_are_shown_each_on_lines_of_its_own(
    command: Run, tmp_path: Path
) -> None:
    filler = "Câu này nói về chuyện khác hẳn. " * 20
    (tmp_path / "seeds").mkdir(exist_ok=True)
    (tmp_path / "seeds" / "x.txt").write_text(
        f"Tin đồng áng\n\nHuyện trồng 40 ha rừng.\n{filler}\nGiá lúa tăng nhẹ.\n{filler}",
        encoding="utf-8",
    )
    command("index", str(tmp_path / "seeds"))
    code, out, _ = command("search", "--passages", "2", "rung lua dong ang")
    assert code == 0
    assert "    • Huyện trồng 40 ha rừng.\n    • Giá lúa tăng nhẹ." in out
    _, out, _ = command("search", "--json", "--passages", "2", "rung lua dong ang")
    (hit,) = map(json.loads, out.splitlines())
    assert len(hit["passages"]) == 2
    assert hit["passages"][0] == hit["snippet"]
    code, _, err = command("search", "--passages", "4", "rung")
    assert code == 2
    assert "--passages" in err


def test_the_json_schema_and_its_page_name_the_same_keys() -> None:
    schema = json.loads((ROOT / "docs/schema/hit-1.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs/reference/json.md").read_text(encoding="utf-8")
    assert set(schema["required"]) == set(schema["properties"])
    for key in schema["properties"]:
        assert f"`{key}" in page


@pytest.mark.parametrize("query", ["", " ", "...", "((((", '""'])
def test_a_query_without_words_finds_nothing_and_says_why(
    command: Run, reports: Path, query: str
) -> None:
    command("index")
    code, out, err = command("search", query)
    assert (code, out) == (1, "")
    assert "there is no word or number in the query" in err


def test_hostile_queries_end_well(command: Run, reports: Path) -> None:
    command("index")
    assert command("search", "--count", "(" * 2000 + "hop" + ")" * 2000)[:2] == (0, "2\n")
    code, out, err = command("search", "--count", "hop " * 25_000)
    assert (code, out) == (0, "2\n")
    assert "the query is too long" in err
    assert command("search", "--count", "hop\x1b[2J\x00")[0] == 0
    code, _, err = command("search", "\x1b[2Jzzz")
    assert code == 1
    assert "\x1b" not in err
    code, _, err = command("search", "\udcff\udcfe")
    assert code == 1


def test_the_help_of_a_search_shows_its_language_line_by_line(command: Run) -> None:
    _, out, _ = command("search", "--help")
    assert "\\b" not in out
    assert "\n    title:word  path:part    in the title; in the path" in out


def test_a_dash_before_a_number_behind_a_word_excludes_nothing(
    command: Run, reports: Path
) -> None:
    (reports / "x.txt").write_text("zebra\n\nzebra zulu 7391", encoding="utf-8")
    (reports / "y.txt").write_text("zebra\n\nzebra zulu", encoding="utf-8")
    command("index")
    assert command("search", "--count", "zebra", "-7391")[:2] == (0, "2\n")
    assert command("search", "--files", "-7391", "zebra")[:2] == (0, "seeds/y.txt\n")
    assert command("search", "--files", "zebra", "!7391")[:2] == (0, "seeds/y.txt\n")


@pytest.mark.parametrize("word", ["mưa", "nhan", "hop", "quan", "nam", "files", "đảng"])
def test_any_word_can_be_excluded(command: Run, reports: Path, word: str) -> None:
    (reports / "x.txt").write_text(f"zebra\n\nzebra zulu {word}", encoding="utf-8")
    (reports / "y.txt").write_text("zebra\n\nzebra zulu", encoding="utf-8")
    command("index")
    expected = (0, "seeds/y.txt\n")
    assert command("search", "--files", "zebra", "zulu", f"-{word}")[:2] == expected
    assert command("search", f"-{word}", "--files", "-n5", "zebra zulu")[:2] == expected
    assert command("search", "--files", "-n", "5", "--", f"-{word}", "zebra")[:2] == expected
    assert command("search", "--count", "zulu", "OR", f"-{word}", "zebra")[:2] == (0, "2\n")


def test_what_follows_an_option_is_its_value_and_no_excluded_word(
    command: Run, reports: Path
) -> None:
    command("index", "seeds", "--index", "-kho")
    assert command("search", "--count", "họp", "--index", "-kho", "-mưa")[:2] == (0, "1\n")
    assert command("search", "--count", "họp", "-mưa", "--index=-kho")[:2] == (0, "1\n")
    code, _, err = command("search", "họp", "--index", "-kho", "--facets", "-nam")
    assert code == 2
    assert "reports cannot be counted by '-nam'" in err
    code, _, err = command("search", "họp", "--passages", "-hai")
    assert code == 2
    assert "'-hai' is not a valid integer" in err
    code, _, err = command("search", "--count", "--index", "-kho", "--", "-mưa", "họp")
    assert code == 0
    code, _, err = command("search", "họp", "--index")
    assert code == 2
    assert "requires an argument" in err


def test_unknown_options_are_no_words(command: Run) -> None:
    code, _, err = command("search", "--jsn", "hop")
    assert code == 2
    assert "No such option '--jsn'" in err


def test_show_finds_by_rank_path_line_and_id(command: Run, reports: Path) -> None:
    command("index")
    command("search", "nghi quyet 35")
    code, out, _ = command("show", "1", "--color", "always")
    assert code == 0
    assert "\x1b[1;33mNghị quyết 35\x1b[0m được" in out
    text = (reports / "hop.txt").read_text(encoding="utf-8")
    code, out, _ = command("show", "seeds/hop.txt")
    assert code == 0
    assert out == "24/07/2023 · seeds/hop.txt\n\n" + text
    for target in ("2", "seeds/tin.jsonl#1", "T1"):
        code, out, _ = command("show", target)
        assert (code, out) == (
            0,
            "Bơi chải\nseeds/tin.jsonl#1\nloai: tin\n\nGiải bơi chải 35 đội\n",
        )
    code, _, err = command("show", "seeds/tin.jsonl")
    assert code == 2
    assert "holds 2 reports; name one by its line, such as seeds/tin.jsonl#1" in err
    code, _, err = command("show", "9")
    assert code == 2
    assert "the last search has no hit 9: it showed 1 to 2" in err
    code, _, err = command("show", "nothing.txt")
    assert code == 2
    assert "nothing.txt is not in the index" in err


def test_show_highlights_what_it_is_asked_to(command: Run, reports: Path) -> None:
    command("index")
    _, out, _ = command("show", "--color", "always", "-q", "lũ", "--exact", "seeds/lu.txt")
    assert out.count("\x1b[1;33mlũ\x1b[0m") == 2


def test_show_marks_a_phrase_that_crosses_lines_on_each_of_them(
    command: Run, reports: Path
) -> None:
    text = "Bản tin\nHọp bàn nghị \nquyết mới, rồi nghị\n\nquyết khác."
    (reports / "tin.txt").write_text(text, encoding="utf-8")
    command("index")
    _, out, _ = command("show", "seeds/tin.txt", "-q", "nghị quyết")
    assert out == f"seeds/tin.txt\n\n{text}\n"
    _, out, _ = command("show", "seeds/tin.txt", "-q", "nghị quyết", "--color", "always")
    marked = re.findall("\x1b\\[1;33m(.*?)\x1b\\[0m", out, re.DOTALL)
    assert [word.strip() for word in marked] == ["nghị", "quyết", "nghị", "quyết"]


def test_a_number_of_any_length_names_no_report(command: Run, reports: Path) -> None:
    command("index")
    command("search", "nghi quyet 35")
    digits = "1" * 5_000
    for target in (digits, f"seeds/tin.jsonl#{digits}", f"seeds/hop.txt#{digits}"):
        for name in ("show", "like"):
            code, out, err = command(name, target)
            assert (code, out) == (2, "")
            assert "is not in the index" in err


def test_status_and_remove(command: Run, reports: Path) -> None:
    command("index")
    code, out, _ = command("status")
    assert code == 0
    assert "documents  4 from 3 files\n" in out
    assert "from       seeds\n" in out
    assert " body folded pair\n" in out
    assert command("remove", "T1", "seeds/lu.txt")[:2] == (0, "removed 2\n")
    code, out, err = command("remove", "T1")
    assert (code, out) == (1, "removed 0\n")
    assert "T1 is not in the index" in err
    assert command("search", "--count", "35")[1] == "1\n"


def test_several_reports_are_removed_in_one_commit(command: Run, reports: Path) -> None:
    command("index")
    store = Store(Path("index"))
    before = store.generation()
    code, out, err = command("remove", "T1", "seeds/tin.jsonl", "nothing", "seeds/lu.txt", "T2")
    # A report that two of them name is removed, counted and found once.
    assert (code, out) == (1, "removed 3\n")
    assert err == "searchidx: nothing is not in the index at index\n"
    assert store.generation() == before + 1
    assert command("remove", "nothing")[:2] == (1, "removed 0\n")
    assert store.generation() == before + 1
    assert command("search", "--count", "hop")[1] == "1\n"
    assert command("index")[1].startswith("added 3, changed 0, removed 0, unchanged 1,")


def test_there_is_no_index_yet(command: Run, tmp_path: Path) -> None:
    for arguments in (["search", "x"], ["status"], ["show", "1"], ["prompt"], ["remove", "x"]):
        code, out, err = command(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith("searchidx: there is no folder index; make an index with: ")
    (tmp_path / "index").write_text("a file")
    for arguments in (["search", "x"], ["index", "."]):
        code, _, err = command(*arguments)
        assert code == 2
        assert "is a file" in err


def test_a_folder_with_other_files_is_left_alone(command: Run, reports: Path) -> None:
    before = sorted(path.name for path in reports.iterdir())
    code, _, err = command("index", "--index", "seeds", "seeds")
    assert code == 2
    assert "holds other files" in err
    assert sorted(path.name for path in reports.iterdir()) == before


def test_the_index_may_be_named_by_a_variable(
    command: Run, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEARCHIDX_INDEX", "elsewhere")
    command("index")
    assert command("search", "--count", "hop")[1] == "2\n"
    assert Path("elsewhere/searchidx.json").exists()


def test_the_index_in_the_folder_that_is_indexed_is_no_report(
    command: Run, reports: Path
) -> None:
    assert command("index", ".")[1].startswith("added 4,")
    assert command("index", ".")[1].startswith("added 0, changed 0, removed 0, unchanged 4,")


def test_two_writers(command: Run, reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command("index")
    monkeypatch.setattr(
        searchidx.Index.update, "__kwdefaults__", {"wait": 0.1, "progress": None}
    )
    holder = Store(Path("index")).writer()
    (reports / "moi.txt").write_text("mới", encoding="utf-8")
    code, _, err = command("index")
    assert code == 2
    assert f"is being written by process {os.getpid()} on " in err
    assert "wait until it has finished" in err
    holder.cancel()
    assert command("index")[1].startswith("added 1,")


def python(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # options are mixed
        [sys.executable, "-m", "searchidx", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


@pytest.mark.slow
def test_a_closed_pipe_ends_quietly(command: Run, tmp_path: Path) -> None:
    with searchidx.create("index") as index:
        index.add(
            searchidx.Document(id=str(n), title="t" * 200, body="nghị " * 200)
            for n in range(900)
        )
    process = python("search", "-n", "900", "--json", "nghi")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b'{"schema": 1')
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), err) == (0, b"")


@pytest.mark.slow
def test_an_interrupt_leaves_the_index_and_exits_with_130(command: Run, reports: Path) -> None:
    command("index")
    with (reports / "many.jsonl").open("w", encoding="utf-8") as file:
        for n in range(3_000):
            file.write(json.dumps({"id": f"m{n}", "text": "quản lý thị trường " * 40}) + "\n")
    process = python("index", "seeds")
    until = time.monotonic() + 60
    while not Path("index/writer.json").exists() and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (out, err) == (b"", b"\ninterrupted\n")
    # Where the interrupt meets an exec() of source text, as in the making of a dataclass,
    # Python ends by the signal itself in spite of sys.exit; a shell shows 130 for both.
    assert process.returncode in (130, -signal.SIGINT)
    assert command("search", "--count", "hop")[1] == "2\n"
    assert leftovers(Store(Path("index"))) == set()


def test_a_damaged_index_is_no_traceback(command: Run, reports: Path) -> None:
    command("index")
    for path in Path("index").glob("segment-*"):
        path.write_bytes(b"x" * 100)
    for arguments in (["search", "x"], ["status"], ["index"]):
        code, _, err = command(*arguments)
        assert code == 2
        assert err.startswith(f"searchidx: {path} is damaged: it does not begin like a file")
        assert "run: searchidx check, then searchidx repair" in err
        assert "remove the folder and index again" in err


def test_help_names_every_command_and_option(command: Run) -> None:
    code, out, _ = command("--help")
    assert code == 0
    for name in ("index", "search", "show", "status", "remove", "check", "repair", "prompt"):
        assert f"  {name} " in out
        assert command(name, "--help")[0] == 0
    assert command("--version")[1] == f"searchidx {searchidx.__version__}\n"


def test_export_writes_an_index_that_whoosh_opens(command: Run, reports: Path) -> None:
    command("index")
    assert command("export", "--whoosh", "old")[:2] == (0, "exported 4 to old\n")
    exported = open_dir("old")
    with exported.searcher() as searcher:
        found = searcher.search(Term("body_folded", "nghi"))
        documents = [hit["stored"]["document"] for hit in found]
    assert [document["title"] for document in documents] == ["Đảng ủy họp về chuyển đổi số"]
    code, out, err = command("export", "--whoosh", "seeds")
    assert (code, out) == (2, "")
    assert err == (
        "searchidx: seeds holds other files (hop.txt, …); give a new or empty folder, so that "
        "nothing of yours is overwritten\n"
    )
    assert sorted(os.listdir()) == ["index", "old", "seeds"]
