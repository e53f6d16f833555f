"""The documentation says what is so: its sessions and examples are run."""

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
from searchidx.cli import _COMMANDS, cli
from searchidx.search.match.prefixes import MAX_EXPANSIONS
from searchidx.search.query.limits import MAX_DEPTH, MAX_PHRASES, MAX_SLOP
from searchidx.search.query.query import MAX_CHARACTERS, MAX_SYLLABLES, parse, parse_lenient
from searchidx.whoosh_compat import schema
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def settled(text: str) -> str:
    return re.sub(r"in \d+\.\d s", "in 0.0 s", text)


def test_the_session_in_the_readme_is_what_happens(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    environment = {**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT)}
    for step in block("console").split("\n$ "):
        command, _, expected = step.removeprefix("$ ").partition("\n")
        done = subprocess.run(
            [sys.executable, "-m", "searchidx", *shlex.split(command)[1:]],
            cwd=tmp_path, env=environment, encoding="utf-8", check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert settled(done.stdout).strip() == settled(expected).strip()


def test_the_script_in_the_readme_runs(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    shutil.copy(ROOT / "seeds/chinh-quyen/bao-cao-ung-pho-mua-lu.txt", tmp_path / "seeds")
    done = subprocess.run(
        [sys.executable, "-c", block("python")],
        cwd=tmp_path, capture_output=True, check=True, encoding="utf-8",
        env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[0].startswith("1 BC-145 Báo cáo ứng phó mưa lũ ")
    assert [line.strip() for line in lines[1:3]] == ["lũ", "sông Rào Nậy"]


def test_every_option_of_a_command_is_explained() -> None:
    context = click.Context(cli)
    for name in _COMMANDS:
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
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
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
