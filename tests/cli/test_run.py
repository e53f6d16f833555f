"""Test how commands end: refused output, Ctrl-C, too little memory, names that forge lines."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import searchidx
from searchidx.cli import run
from tests.cli.test_commands import Run, command
from tests.conftest import ROOT

__all__ = ["command"]  # a fixture

GOOD = "Nghị quyết 35\n\nNghị quyết số 35-NQ/TW được quán triệt.\n"
COMMANDS = {
    "index": ["index", "reports"],
    "search": ["search", "nghi"],
    "like": ["like", "reports/a.txt"],
    "show": ["show", "reports/a.txt"],
    "status": ["status"],
    "remove": ["remove", "reports/a.txt"],
    "check": ["check"],
    "repair": ["repair"],
    "export": ["export", "--whoosh", "out"],
    "eval": ["eval", "index", "queries.jsonl", "qrels.tsv", "--variants", "typed"],
    "prompt": ["prompt"],
}
"""The arguments of each command, in a folder with an index of `reports`."""


@pytest.fixture
def folder(command: Run) -> Path:
    """Fill the current folder with an index and all that the commands read."""
    Path("reports").mkdir()
    Path("reports/a.txt").write_text(GOOD, encoding="utf-8")
    Path("reports/b.txt").write_text(GOOD + "Mưa lũ.\n", encoding="utf-8")
    Path("queries.jsonl").write_text('{"id": "q", "text": "nghi quyet"}\n')
    Path("qrels.tsv").write_text("q\treports/a.txt\t1\n")
    command("index", "reports")
    return Path.cwd()


def in_shell(line: str) -> tuple[int, bytes, bytes]:
    """Return the exit code, stdout and stderr of a shell's command line; $S is the program."""
    environment = {**os.environ, "S": f"{sys.executable} -m searchidx", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["sh", "-c", line], capture_output=True, env=environment, check=False)
    return done.returncode, done.stdout, done.stderr


# Refused output.

WRITES: dict[str, tuple[str, Callable[[], bool]]] = {
    "index": ("index more", lambda: count() == 3),
    "remove": ("remove reports/a.txt", lambda: count() == 1),
    "repair": ("repair", lambda: not searchidx.check("index").problems),
    "export": ("export --whoosh out", lambda: Path("out").is_dir()),
    "eval": (
        "eval index queries.jsonl qrels.tsv --variants typed --run a.run --per-query a.tsv",
        lambda: Path("a.run").is_file() and Path("a.tsv").is_file(),
    ),
}
"""A command line of each command that writes, and whether its work is done."""
OUTPUTS = {
    "full": ("{} > /dev/full", 2),
    "both full": ("{} > /dev/full 2> /dev/full", 2),
    "closed": ("{} >&-", 0),
    "both closed": ("{} >&- 2>&-", 0),
    "left": ("({}; echo $? > code) | true; exit $(cat code)", 0),
}


def count() -> int:
    with searchidx.open("index") as index:
        return len(index)


@pytest.mark.slow
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("name", WRITES)
def test_work_is_done_and_said_to_be_whatever_happens_to_the_output(
    folder: Path, name: str, output: str
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    line, is_done = WRITES[name]
    Path("more").mkdir()
    Path("more/c.txt").write_text(GOOD, encoding="utf-8")
    if name == "eval":
        pytest.importorskip("ir_measures")
        with searchidx.open("index") as index:
            (id_,) = [id_ for id_ in index.ids() if id_.endswith("a.txt")]
        Path("qrels.tsv").write_text(f"q\t{id_}\t1\n")
    if name == "repair":
        (segment,) = Path("index").glob("segment-*")
        data = bytearray(segment.read_bytes())
        place = data.index(b"b.txt")
        data[place] ^= 1
        segment.write_bytes(data)
    pattern, code = OUTPUTS[output]
    found, _, err = in_shell(pattern.format(f"$S {line}"))
    assert is_done()
    # The exit code is 1 for a report that repair lost, if the message can be printed.
    assert found in ({0, 1} if name == "repair" and code == 0 else {code})
    assert b"Traceback" not in err
    for wrong in (b"nothing was changed", b"nothing was committed"):
        assert wrong not in err.lower()
    if output == "full":
        assert b"No space left on device; what was committed is kept" in err


@pytest.mark.slow
def test_a_message_that_cannot_be_printed_ends_nothing(folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    assert in_shell("$S remove nothing reports/a.txt 2> /dev/full")[:2] == (1, b"removed 1\n")
    assert in_shell("$S show nothing 2> /dev/full")[0] == 2


# Ctrl-C.


@pytest.mark.parametrize("name", COMMANDS)
def test_an_interrupt_of_any_command_is_one_line(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    opening = name if name in ("check", "repair") else "open_index"
    monkeypatch.setattr(f"searchidx.cli.{name}.{opening}", interrupt)
    assert run(COMMANDS[name]) == 130
    assert capfd.readouterr() == ("", "\ninterrupted\n")


INTERRUPTED_BY_IMPORT = """
import os, runpy, signal, sys

name = sys.argv.pop(1)

class Interrupt:
    @staticmethod
    def find_spec(found, path=None, target=None):
        if found == name:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt)
runpy.run_module("searchidx", run_name="__main__", alter_sys=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(
    "module", ["click", "searchidx.cli.search", "numpy", "searchidx.search.searcher"]
)
def test_an_interrupt_while_modules_load_is_one_line(folder: Path, module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_BY_IMPORT, module, "search", "nghi"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.stderr.strip() == b"interrupted"
    assert done.stdout == b""
    assert done.returncode in (130, -signal.SIGINT)


# Too little memory.


@pytest.mark.parametrize("name", COMMANDS)
def test_too_little_memory_is_one_line(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise MemoryError

    opening = name if name in ("check", "repair") else "open_index"
    monkeypatch.setattr(f"searchidx.cli.{name}.{opening}", refuse)
    assert run(COMMANDS[name]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("searchidx: there is not enough memory for this; ")
    assert err.count("\n") == 1


MAX_CRASHES = 5
"""Compiled modules of others seldom, but sometimes crash where memory ends while they load."""
LIMITED = """
import resource, sys
import searchidx.cli

with open("/proc/self/statm") as file:
    pages = int(file.read().split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[1]) * 1_000_000
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
sys.exit(searchidx.cli.run(sys.argv[2:]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux limits this")
@pytest.mark.parametrize("megabytes", [1, 3, 6, 9, 12])
def test_too_little_memory_for_modules_is_one_line(folder: Path, megabytes: int) -> None:
    for _ in range(MAX_CRASHES):
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, str(megabytes), "search", "nghi"],
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
        if done.returncode >= 0:
            break
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"searchidx: there is not enough memory for this; ")
    assert done.stderr.count(b"\n") == 1


# Names that forge lines.

EVIL = "x\n\x1b[2J\u2028y\x85z\r"


def test_no_name_makes_a_line_of_output(command: Run) -> None:
    Path("reports").mkdir()
    name = "x\nreports\u2028y\x1b.txt"
    try:
        Path("reports", name).write_text(GOOD, encoding="utf-8")
        Path("reports", f"bad{name}").write_bytes(b"\xff")
    except OSError:
        pytest.skip("this file system has no such names")
    values = {"id": f"id{EVIL}", "title": EVIL, "text": f"nghị {EVIL}", f"k{EVIL}": EVIL}
    Path("reports/evil.jsonl").write_text(json.dumps(values), encoding="utf-8")
    outputs = [
        command("index", "reports"),
        command("status", "--index", f"nothing{EVIL}"),
        command("search", "--files", "nghi"),
        command("search", "nghi", "--facets", f"source,path,{'k' + EVIL}"),
        command("search", "nghi", "--facets", "source,path"),
        command("search", "nghi", "--json"),
        command("like", f"reports/{name}"),
        command("like", f"reports/{name}", "--files"),
        command("show", f"reports/{name}"),
        command("show", "reports/evil.jsonl"),
        command("show", f"nothing{EVIL}"),
        command(f"nothing{EVIL}"),
        command("search", f"--nothing{EVIL}"),
        command("search", "x", "--color", EVIL),
        command("index", "--index", "other", f"nothing{EVIL}"),
        command("eval", f"nothing{EVIL}", "a", "b"),
        command("remove", f"nothing{EVIL}"),
        command("check"),
        command("repair"),
        command("export", "--whoosh", f"out{EVIL}"),
        command("remove", f"reports/{name}"),
    ]
    forged = set("\x1b\x85\u2028\u2029\r")
    for _, out, err in outputs:
        assert not set(out + err) & forged
    files = outputs[2][1].splitlines()
    assert sorted(files) == ["reports/evil.jsonl", "reports/x\u240areports\u240ay\u241b.txt"]
    lines = [line for _, out, err in outputs for line in (out + err).splitlines()]
    assert not any(line.startswith(("reports\u2028", "reports\u240a")) for line in lines)
    for line in outputs[5][1].splitlines():
        assert json.loads(line)["schema"] == 1
    assert any(EVIL in json.loads(line)["id"] for line in outputs[5][1].splitlines())
