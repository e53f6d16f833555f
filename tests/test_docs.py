"""Test that the documentation is right: its sessions and examples are run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

import searchidx
from searchidx.cli import COMMANDS, cli
from searchidx.search.match.prefixes import MAX_EXPANSIONS
from searchidx.search.query.limits import MAX_DEPTH, MAX_PHRASES, MAX_SLOP
from searchidx.search.query.query import MAX_CHARACTERS, MAX_SYLLABLES, parse, parse_lenient
from searchidx.whoosh_compat import schema
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(page: str, language: str) -> str:
    """Return the first code block of a language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def session(page: str) -> list[tuple[str, str]]:
    """Return the commands of a page that show what they print, each with that text."""
    found = re.findall(
        r"^```sh\n([^`]*?)^```\n\n```text\n(.*?)^```$", page, re.DOTALL | re.MULTILINE
    )
    return [(commands.rstrip().rpartition("\n")[2], printed) for commands, printed in found]


def settled(text: str) -> str:
    return re.sub(r"in \d+\.\d s", "in 0.0 s", text)


def printed(command: str, folder: Path) -> str:
    """Run a `searchidx` command line in a folder; return what a terminal would show."""
    done = subprocess.run(
        [sys.executable, "-m", "searchidx", *shlex.split(command)[1:]],
        cwd=folder, encoding="utf-8", check=False,
        env={**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return settled(done.stdout).strip()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_the_session_in_the_readme_is_what_happens_twice(name: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    assert printed("searchidx index seeds", tmp_path).startswith("added 25,")
    steps = session((ROOT / name).read_text(encoding="utf-8"))
    assert len(steps) == 3
    for command, expected in steps * 2:
        assert command.startswith("searchidx ")
        assert printed(command, tmp_path) == settled(expected).strip()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["docs/tutorial.md", "docs/vi/tutorial.md"])
def test_the_session_in_the_tutorial_is_what_happens(name: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    steps = session((ROOT / name).read_text(encoding="utf-8"))
    assert len(steps) >= 6
    for command, expected in steps:
        assert printed(command, tmp_path) == settled(expected).strip()


@pytest.mark.parametrize("name", ["README.vi.md", "docs/vi/tutorial.md"])
def test_the_vietnamese_pages_run_the_same_commands(name: str) -> None:
    english = {"README.vi.md": "README.md", "docs/vi/tutorial.md": "docs/tutorial.md"}[name]
    ours, theirs = (
        session((ROOT / each).read_text(encoding="utf-8")) for each in (name, english)
    )
    assert [(line, settled(shown)) for line, shown in ours] == [
        (line, settled(shown)) for line, shown in theirs
    ]


def test_the_reference_is_made_from_the_code() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs/reference/generate.py", "--check"],
        capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
def test_the_script_in_the_readme_runs(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    shutil.copy(ROOT / "seeds/chinh-quyen/bao-cao-ung-pho-mua-lu.txt", tmp_path / "seeds")
    done = subprocess.run(
        [sys.executable, "-c", block(README, "python")],
        cwd=tmp_path, capture_output=True, check=True, encoding="utf-8",
        env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[0].startswith("1 BC-145 Báo cáo ứng phó mưa lũ ")
    assert [line.strip() for line in lines[1:3]] == ["lũ", "sông Rào Nậy"]


def test_every_option_of_a_command_is_explained() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.help
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help


def test_the_limits_of_a_query_are_those_that_are_documented() -> None:
    page = (ROOT / "docs/reference/query-language.md").read_text(encoding="utf-8")
    page = " ".join(page.split())
    assert f"The first {MAX_CHARACTERS:,} characters and the first {MAX_SYLLABLES} " in page
    assert f"first {MAX_SYLLABLES} conditions, {MAX_PHRASES} of them phrases of three" in page
    assert (
        f"the first {MAX_SYLLABLES} words of each. Brackets may stand {MAX_DEPTH} deep" in page
    )
    assert f"stands for the {MAX_EXPANSIONS} most frequent words" in page
    assert f"near words for at most {MAX_SLOP} others" in page


def test_every_link_leads_somewhere() -> None:
    folders = ("docs", "benchmarks", ".github")
    pages = [page for folder in folders for page in (ROOT / folder).rglob("*.md")]
    for page in [*ROOT.glob("*.md"), *pages]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), (page, target)


def test_the_changelog_has_this_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {searchidx.__version__} " in changes


def test_the_examples_of_the_whoosh_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs/how-to/use-whoosh.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    for code in re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        exec(code, found)
    assert found["ids"] == ["BC-2", "BC-1"]
    assert found["marked"] == (
        'chỉ đạo báo cáo về <b class="match term0">quản</b> <b class="match term1">lý</b> '
        '<b class="match term2">thị</b> <b class="match term3">trường</b>'
    )
    assert found["by_date"] == ["BC-2", "BC-1"]
    assert found["similar"] == ["BC-1"]
    assert found["frequent"] == [(2, b"thi truong"), (2, b"bao cao")]
    assert found["left"] == ["BC-3", "BC-2"]
    assert found["exported"] == ["BC-2"]


def test_the_whoosh_page_names_every_field() -> None:
    page = (ROOT / "docs/how-to/use-whoosh.md").read_text(encoding="utf-8")
    table = page[page.index("| field |") : page.index("\n\n", page.index("| field |"))]
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert named >= set(schema().names())


def test_the_examples_of_the_language_page_run() -> None:
    page = (ROOT / "docs/explanation/language.md").read_text(encoding="utf-8")
    found: dict[str, object] = {}
    for code in re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        exec(code, found)
    from searchidx.language import TokenBatch, tokenize

    assert tokenize("Nghị quyết về quản lý thị trường") == "Nghị_quyết về quản_lý thị_trường"
    batch = found["batch"]
    assert isinstance(batch, TokenBatch)
    assert batch.bounds.tolist() == [0, 5, 8]
    assert [batch.vocabulary.folded[n] for n in batch.folded[5:8]] == ["dang", "uy", "hop"]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+_[^|]+) \| ([^|]+_[^|]+) \|$", page, re.MULTILINE)
    assert len(rows) == 2
    for text, plain, canonical in rows:
        assert tokenize(text) == plain
        assert tokenize(text, canonical=True) == canonical


def test_the_examples_of_the_query_page_are_read_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs/reference/query-language.md").read_text(encoding="utf-8")
    readings, notes = (
        re.findall(r"^\| `(.+)` \| `?(.+?)`? \|$", table, re.MULTILINE)
        for table in re.findall(r"^\| query \|.*\n\|---.*\n((?:\|.*\n)+)", page, re.MULTILINE)
    )
    assert (len(readings), len(notes)) == (13, 9)
    for text, meant in readings:
        assert parse(text) == parse(meant)
    for text, note in notes:
        query, (problem,) = parse_lenient(text)
        assert query.notes == (problem.message,) == (note,)
    (forms,) = re.findall(r"^\| `(date:2023`, .*)`[^`]*$", page, re.MULTILINE)
    for text in [*forms.split("`, `"), "date:2023-Q2", "date:..2022", "date:>=2023"]:
        assert parse(text).root.clauses
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)[0], found)
    assert found["printed"] == "lũ OR bão nguon:vtv"
    assert found["place"] == 3
    assert [hit.id for hit in found["index"].search(found["printed"])] == ["1"]
