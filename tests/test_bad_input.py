"""Test that bad input gives a message that says what to do, and loses nothing."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import searchidx
from searchidx.cli import run
from tests.cli.test_commands import Run, command
from tests.conftest import ROOT

__all__ = ["command"]  # a fixture

GOOD = "Nghị quyết 35\n\nNghị quyết số 35-NQ/TW được quán triệt.\n"


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 20)


def _broken_utf8(path: Path) -> None:
    path.write_bytes("nghị quyết ".encode() + b"\xe1\xbb" + b" 35")


def _foreign(path: Path) -> None:
    path.write_bytes("Le café où j'ai déjà mangé était fermé.".encode("cp1252"))


def _short(path: Path) -> None:
    path.write_bytes("nghÞ quyÕt".encode("latin-1"))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.write("nghị quyết ".encode())
        file.truncate(200 << 20)


def _not_objects(path: Path) -> None:
    path.write_text('["a"]\n3\n{"id": "ok", "text": "nghị quyết"}\n{broken\n{"id": "x"}\n')


def _long_line(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'{"id": "before", "text": "ngh\xe1\xbb\x8b"}\n{"id": "long", "text": "')
        block = b"x" * (1 << 20)
        for _ in range(200):
            file.write(block)
        file.write(b'"}\n{"id": "after", "text": "quy\xe1\xba\xbft"}\n')


def _duplicates(path: Path) -> None:
    path.write_text(
        '{"id": "1", "text": "một"}\n{"id": "1", "text": "hai"}\n', encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("name", "make", "added", "messages"),
    [
        ("bad.txt", _binary, 0, ["bad.txt: looks like a binary file"]),
        (
            "bad.txt",
            _broken_utf8,
            0,
            ["not UTF-8 (byte 0xe1 at offset 15)", "save it as UTF-8"],
        ),
        ("bad.txt", _foreign, 0, ["not UTF-8", "save it as UTF-8"]),
        ("bad.txt", _short, 0, ["not UTF-8", "save it as UTF-8"]),
        ("bad.txt", _empty, 0, ["bad.txt: is empty"]),
        ("bad.txt", _too_large, 0, ["larger than 16 MB", "split it"]),
        ("bad.jsonl", _not_objects, 1, [f"bad.jsonl#{n}: " for n in (1, 2, 4, 5)]),
        ("bad.jsonl", _long_line, 2, ["bad.jsonl#2: larger than 16 MB"]),
        ("bad.jsonl", _duplicates, 1, ["bad.jsonl#2: the id '1' was already used on line 1"]),
        ("bad.jsonl", _empty, 0, ["bad.jsonl: is empty"]),
    ],
)
def test_a_bad_file_is_named_with_its_reason_and_the_others_are_indexed(
    command: Run,
    name: str,
    make: Callable[[Path], None],
    added: int,
    messages: list[str],
) -> None:
    Path("reports").mkdir()
    Path("reports/good.txt").write_text(GOOD, encoding="utf-8")
    make(Path("reports", name))
    code, out, err = command("index", "reports")
    assert code == 1
    assert out.startswith(f"added {1 + added}, ")
    for message in messages:
        assert message in err
    assert "Traceback" not in err
    assert command("search", "--count", "quan triet")[:2] == (0, "1\n")


def test_a_file_in_an_old_encoding_is_found_and_shown_in_unicode(command: Run) -> None:
    old = "NghÞ quyÕt 35\n\nNghÞ quyÕt sè 35 cña Bé ChÝnh trÞ ®­îc qu¸n triÖt.\n"
    Path("old.txt").write_bytes(old.encode("latin-1"))
    Path("wrong.txt").write_text(old, encoding="utf-8")
    code, out, _ = command("index", ".")
    assert (code, out.partition(",")[0]) == (0, "added 2")
    code, out, _ = command("search", "--json", "quán triệt")
    assert code == 0
    hits = [json.loads(line) for line in out.splitlines()]
    assert {hit["metadata"]["encoding"] for hit in hits} == {
        "TCVN3",
        "TCVN3 read as windows-1252",
    }
    assert {hit["title"] for hit in hits} == {"Nghị quyết 35"}


@pytest.mark.parametrize("make", [_binary, _broken_utf8, _empty, _too_large, Path.unlink])
def test_what_was_indexed_of_a_file_outlives_what_happens_to_it(
    command: Run, make: Callable[[Path], None]
) -> None:
    path = Path("report.txt")
    path.write_text(GOOD, encoding="utf-8")
    command("index", "report.txt")
    make(path)
    code, _, err = command("index", "report.txt")
    assert code == 1
    assert "report.txt" in err
    assert command("search", "--count", "quan triet")[:2] == (0, "1\n")


def test_a_file_that_vanishes_between_walk_and_reading(
    command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("reports").mkdir()
    for name in ("a.txt", "b.txt"):
        Path("reports", name).write_text(GOOD, encoding="utf-8")
    opened = os.open

    def vanish(path: Any, *args: Any, **kwargs: Any) -> int:
        if str(path).endswith("a.txt"):
            Path("reports/a.txt").unlink(missing_ok=True)
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", vanish)
    code, out, err = command("index", "reports")
    assert code == 1
    assert out.startswith("added 1, changed 0, removed 0, unchanged 0, failed 1")
    assert "reports/a.txt: " in err
    assert "vanished" in err


def test_a_file_without_permission_is_named(
    command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("reports").mkdir()
    for name in ("a.txt", "b.txt"):
        Path("reports", name).write_text(GOOD, encoding="utf-8")
    opened = os.open

    def deny(path: Any, *args: Any, **kwargs: Any) -> int:
        # As for everyone but root, who may read anything and often runs this suite.
        if str(path).endswith("a.txt"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", deny)
    code, out, err = command("index", "reports")
    assert code == 1
    assert out.startswith("added 1, ")
    assert "permission denied" in err.lower()


def test_a_full_disk_keeps_what_was_there(
    command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.txt").write_text(GOOD, encoding="utf-8")
    command("index", "a.txt")
    Path("b.txt").write_text(GOOD, encoding="utf-8")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        code, out, err = command("index", "b.txt")
    assert (code, out) == (2, "")
    assert err.startswith(
        "searchidx: cannot write to the index at index: No space left on device"
    )
    assert "run the same command again" in err
    assert command("search", "--count", "quan triet")[:2] == (0, "1\n")
    assert command("index", "b.txt")[1].startswith("added 1,")


def test_nothing_in_a_document_reaches_the_terminal(command: Run) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eX\x00\x08"
    folder = Path("reports")
    folder.mkdir()
    (folder / "evil\x1b[2J.txt").write_text(
        "Nghị\x1b[31m quyết\n\nnghị quyết \x1b[2J 35", "utf-8"
    )
    line = {
        "id": f"id{evil}",
        "title": f"Nghị {evil}",
        "text": f"quyết {evil}",
        f"k{evil}": evil,
    }
    (folder / "evil.jsonl").write_text(json.dumps(line), encoding="utf-8")
    (folder / "bad\x1b[2J.txt").write_bytes(b"\xff")
    outputs = [
        command("index", "reports"),
        command("search", "nghi quyet"),
        command("search", "--files", "nghi quyet"),
        command("search", "--json", "nghi quyet"),
        command("search", "nothing\x1b\x07here"),
        command("show", "1"),
        command("show", "2"),
        command("show", "reports/evil.jsonl#1"),
        command("show", f"nothing{evil}"),
        command("status"),
        command("remove", f"nothing{evil}"),
    ]
    for _, out, err in outputs:
        for stream in (out, err):
            assert not set(stream) & set("\x1b\x07\x08\x00\x9b\u202e")
    assert [code for code, _, _ in outputs] == [1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1]


def test_a_name_that_is_no_text_can_be_indexed_and_shown(command: Run) -> None:
    name = b"bao-cao-\xe8.txt"
    try:
        Path(os.fsdecode(name)).write_text(GOOD, encoding="utf-8")
    except OSError:
        pytest.skip("this file system has no names that are no text")
    assert command("index", ".")[1].startswith("added 1,")
    code, out, _ = command("search", "--files", "quan triet")
    assert (code, out) == (0, "bao-cao-\\xe8.txt\n")
    assert command("show", "1")[0] == 0
    assert command("index", ".")[1].startswith("added 0, changed 0, removed 0, unchanged 1,")
    Path(os.fsdecode(name)).unlink()
    assert command("index", ".")[1].startswith("added 0, changed 0, removed 1,")


def test_every_error_of_the_library_is_a_line_and_no_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with searchidx.create(tmp_path / "index"):
        pass
    for error in vars(searchidx.errors).values():
        if not (isinstance(error, type) and issubclass(error, searchidx.SearchidxError)):
            continue

        def fail(path: str, error: type[Exception] = error) -> None:
            raise error("what happened\nand what to do")

        monkeypatch.setattr("searchidx.cli.status.open_index", fail)
        assert run(["status", "--index", str(tmp_path / "index")]) == 2
        assert capfd.readouterr().err == "searchidx: what happened and what to do\n"


def in_shell(line: str) -> tuple[int, str]:
    """Return the exit code and stderr of a shell's command line; $S is the program."""
    environment = {**os.environ, "S": f"{sys.executable} -m searchidx", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["sh", "-c", line], capture_output=True, env=environment, check=False)
    return done.returncode, done.stderr.decode("utf-8", "replace")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("$S search nghi > /dev/full", 2),
        ("$S status > /dev/full", 2),
        ("$S search nghi >&-", 0),
        ("$S search --count nghi >&-", 0),
        ("$S index reports >&- 2>&-", 0),
        ("$S prompt < /dev/null", 0),
        ("printf 'nghi\\377\\n1\\n' | PYTHONIOENCODING=utf-8:strict $S prompt > out", 0),
        ("I=$PWD/index; mkdir x; cd x; rmdir ../x; $S search --index $I nghi > /dev/null", 0),
    ],
)
def test_odd_streams_and_folders_end_no_program(command: Run, line: str, code: int) -> None:
    if "/dev/full" in line and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    Path("reports").mkdir()
    Path("reports/a.txt").write_text(GOOD, encoding="utf-8")
    command("index", "reports")
    found, err = in_shell(line)
    assert "Traceback" not in err
    assert found == code


def test_a_full_output_says_nothing_wrong_of_the_index(command: Run) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    Path("reports").mkdir()
    Path("reports/a.txt").write_text(GOOD, encoding="utf-8")
    code, err = in_shell("$S index reports > /dev/full")
    assert code == 2
    assert "No space left on device" in err
    assert "nothing was changed" not in err
    assert "what was committed is kept" in err
    assert command("search", "--count", "quan triet")[:2] == (0, "1\n")


def test_an_ignored_name_that_is_no_text_stays_like_its_sibling(command: Run) -> None:
    folder = Path("reports")
    folder.mkdir()
    name = os.fsdecode(b"bao-cao-\xe8.txt")
    try:
        (folder / name).write_text(GOOD, encoding="utf-8")
    except OSError:
        pytest.skip("this file system has no names that are no text")
    (folder / "bao-cao-2.txt").write_text(GOOD, encoding="utf-8")
    assert command("index", "reports")[1].startswith("added 2,")
    (folder / ".gitignore").write_text("*.txt\n", encoding="utf-8")
    assert command("index", "reports")[1].startswith("added 0, changed 0, removed 0,")
    assert command("search", "--count", "quan triet")[:2] == (0, "2\n")
    (folder / name).unlink()
    assert command("index", "reports")[1].startswith("added 0, changed 0, removed 1,")


def test_a_missing_root_whose_name_is_no_text_is_not_recorded(command: Run) -> None:
    with searchidx.create("index") as index:
        for name in ("missing", os.fsdecode(b"missing-\xe8")):
            assert len(index.update([name]).failures) == 1
        assert index.status().roots == ()


def test_a_document_with_an_empty_path_is_printed(command: Run) -> None:
    with searchidx.create("index") as index:
        index.add([searchidx.Document(id="x", body="nghị quyết", path="")])
    assert command("search", "nghi quyet")[0] == 0
    assert command("search", "--files", "nghi quyet")[1] == "\n"


def test_paths_are_printed_as_they_are(command: Run) -> None:
    for name in ("bao  cao.txt", "bao\u00a0cao.txt"):
        Path(name).write_text(GOOD, encoding="utf-8")
    command("index", ".")
    printed = command("search", "--files", "quan triet")[1].splitlines()
    assert sorted(printed) == sorted(["bao  cao.txt", "bao\u00a0cao.txt"])


def test_an_index_that_may_not_be_written_says_so(
    command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.txt").write_text(GOOD, encoding="utf-8")
    command("index", "a.txt")
    Path("b.txt").write_text(GOOD, encoding="utf-8")
    opened = os.open

    def deny(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if str(path).endswith("writer.lock"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return opened(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", deny)
    code, _, err = command("index", "b.txt")
    assert code == 2
    assert err.startswith("searchidx: cannot write to the index at index: Permission denied")
    assert command("search", "--count", "quan triet")[1] == "1\n"


def test_a_folder_of_a_killed_first_run_becomes_an_index(command: Run) -> None:
    Path("a.txt").write_text(GOOD, encoding="utf-8")
    command("index", "a.txt")
    Path("half").mkdir()
    for name in ("searchidx.json.part", "writer.lock", ".gitkeep"):
        Path("half", name).write_bytes(b"")
    assert command("index", "--index", "half", "a.txt")[1].startswith("added 1,")


def test_dots_and_long_lines_are_no_trap(command: Run) -> None:
    body = ".... (ký) " * 20 + "." * 200_000 + "ký " + "?" * 50_000 + " nghị quyết " * 50_000
    with searchidx.create("index") as index:
        index.add([searchidx.Document(id="x", body=body)])
    assert command("search", "--count", "nghi quyet")[1] == "1\n"
    assert command("show", "-q", "nghi quyet", "x")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("index", ""),
        ("index", "reports", ""),
        ("index", "--index", "", "reports"),
        ("remove", ""),
        ("remove", "reports", ""),
        ("remove", "--index", "", "reports"),
        ("show", ""),
        ("like", ""),
        ("search", "--index", "", "nghi"),
        ("status", "--index", ""),
        ("check", "--index", ""),
        ("repair", "--index", ""),
        ("prompt", "--index", ""),
        ("export", "--whoosh", ""),
        ("eval", "", "reports/a.txt", "reports/a.txt"),
        ("eval", "reports", "", "reports/a.txt"),
        ("eval", "reports", "reports/a.txt", ""),
        *[
            ("eval", "reports", "reports/a.txt", "reports/a.txt", option, "")
            for option in ("--run", "--per-query", "--compare")
        ],
    ],
    ids=" ".join,
)
def test_an_empty_path_is_no_current_folder(command: Run, arguments: tuple[str, ...]) -> None:
    Path("reports").mkdir()
    Path("reports/a.txt").write_text(GOOD, encoding="utf-8")
    Path("b.txt").write_text(GOOD, encoding="utf-8")
    command("index", "reports")
    names = sorted(os.listdir())
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert "empty" in err or "''" in err
    assert sorted(os.listdir()) == names
    assert command("search", "--count", "quan triet")[1] == "1\n"


def test_an_empty_path_is_refused_by_every_method(tmp_path: Path) -> None:
    with searchidx.create(tmp_path / "index") as index:
        index.add([searchidx.Document(id="a", body="nghị quyết")])
        for method in (
            index.update,
            index.remove_source,
            index.remove_named,
            index.from_source,
        ):
            with pytest.raises(searchidx.DocumentError, match="must not be empty"):
                method("")
        for several in (index.update, index.remove_named):
            with pytest.raises(searchidx.DocumentError, match="must not be empty"):
                several(["a", ""])
        with pytest.raises(searchidx.QueryError, match="not an empty text"):
            index.like("")
        with pytest.raises(searchidx.ArgumentError, match="must not be empty"):
            index.export_whoosh("")
        assert len(index) == 1
    for function in (searchidx.open, searchidx.create, searchidx.check, searchidx.repair):
        for path, message in (("", "must not be empty"), ("a\0b", "the character NUL")):
            with pytest.raises(searchidx.ArgumentError, match=message):
                function(path)
