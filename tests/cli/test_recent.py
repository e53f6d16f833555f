"""Test that what the command line remembers is private, and apart from its configuration."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import click
import pytest

from searchidx.cli.prompt.keyboard import open_history
from searchidx.cli.recent import recall, remember, state_folder
from searchidx.search.results import Hit
from searchidx.search.snippets.snippet import Snippet

pytestmark = pytest.mark.skipif(
    os.name != "posix" or sys.platform == "darwin", reason="folders of the XDG specification"
)


def permissions(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_folder_is_that_of_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert state_folder() == tmp_path / "state" / "searchidx"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert state_folder() == Path.home() / ".local/state/searchidx"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert state_folder() == Path.home() / ".local/state/searchidx"


def test_a_search_is_kept_for_its_user_alone(tmp_path: Path) -> None:
    snippet = Snippet("lũ", (), 0)
    hit = Hit(rank=2, id="BC-1", title="", date=None, path=None, line=None, metadata={},
              score=1.0, complete=True, passages=(snippet,))  # fmt: skip
    remember(tmp_path, "lũ", exact=False, hits=[hit])
    (file,) = state_folder().glob("last-*.json")
    assert (permissions(file), permissions(file.parent)) == (0o600, 0o700)
    found = recall(tmp_path)
    assert found is not None
    assert (found.query, found.ids) == ("lũ", {2: "BC-1"})


def test_files_of_an_earlier_version_are_moved() -> None:
    before = Path(click.get_app_dir("searchidx"))
    before.mkdir(parents=True)
    (before / "history").write_text("cũ", encoding="utf-8")
    (before / "last-1.json").write_text("{}", encoding="utf-8")
    (before / "config.toml").write_text("", encoding="utf-8")
    folder = state_folder()
    assert sorted(path.name for path in folder.iterdir()) == ["history", "last-1.json"]
    assert permissions(folder / "history") == 0o600
    assert [path.name for path in before.iterdir()] == ["config.toml"]
    (before / "history").write_text("neuer", encoding="utf-8")
    state_folder()
    assert (folder / "history").read_text(encoding="utf-8") == "cũ"


def test_what_others_could_read_is_closed_to_them() -> None:
    folder = state_folder()
    index = folder.parent / "index"
    hit = Hit(rank=1, id="BC-1", title="", date=None, path=None, line=None, metadata={},
              score=1.0, complete=True, passages=(Snippet("lũ", (), 0),))  # fmt: skip
    remember(index, "lũ", exact=False, hits=[hit])
    (last,) = folder.glob("last-*.json")
    history = folder / "history"
    history.touch()
    for open_files in (lambda: recall(index), lambda: open_history(folder)):
        folder.chmod(0o755)
        last.chmod(0o644)
        history.chmod(0o666)
        open_files()
        assert permissions(folder) == 0o700
    assert permissions(history) == 0o600
    recall(index)
    assert permissions(last) == 0o600


def test_files_are_moved_between_file_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*paths: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    before = Path(click.get_app_dir("searchidx"))
    before.mkdir(parents=True)
    (before / "history").write_text("cũ", encoding="utf-8")
    monkeypatch.setattr(os, "rename", refuse)
    monkeypatch.setattr(os, "replace", refuse)
    folder = state_folder()
    assert (folder / "history").read_text(encoding="utf-8") == "cũ"
    assert permissions(folder / "history") == 0o600
    assert not (before / "history").exists()
