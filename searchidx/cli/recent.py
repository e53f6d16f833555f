"""Keep the last search on each index, so that `searchidx show 2` knows what 2 is."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from searchidx.search.results import Hit

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
"""The permissions of everyone but the owner of a file."""


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was made: its query and the ids of the hits shown, by rank.

    Attributes:
        query: The query as typed.
        exact: Whether diacritics had to be as typed.
        ids: The ids of the hits that were shown, by rank.
    """

    query: str
    exact: bool
    ids: dict[int, str]


def state_folder() -> Path:
    """Return the folder of what the program remembers between runs, readable by its user alone.

    It is $XDG_STATE_HOME/searchidx, by default ~/.local/state/searchidx, and on other systems
    the usual folder of applications.  Files that an earlier version kept beside the
    configuration are moved there.
    """
    before = Path(click.get_app_dir("searchidx"))
    if os.name != "posix" or sys.platform == "darwin":
        return before
    state = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(state):  # the XDG specification has relative paths ignored
        state = os.path.expanduser("~/.local/state")
    folder = Path(state) / "searchidx"
    for file in (before / "history", *before.glob("last-*.json")):
        with contextlib.suppress(OSError):
            if file.is_file() and not (folder / file.name).exists():
                make_private_folder(folder)
                # The folders may be on different file systems.
                shutil.move(file, folder / file.name)
                make_private_file(folder / file.name)
    return folder


def make_private_folder(folder: Path) -> None:
    """Create a folder unless it exists, and close it to everyone but its owner."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _make_private(folder)


def make_private_file(file: Path) -> None:
    """Create an empty file unless it exists, and close it to everyone but its owner.

    Raises:
        OSError: The file cannot be written.
    """
    file.touch(mode=0o600)
    file.open("a").close()
    _make_private(file)


def _make_private(path: Path) -> None:
    """Take the permissions of others away, which an earlier version or a umask gave."""
    mode = path.stat().st_mode
    if os.name == "posix" and mode & _OTHERS:
        path.chmod(stat.S_IMODE(mode) & ~_OTHERS)


def _file(index: Path) -> Path:
    """Return the file of the last search on an index."""
    name = hashlib.blake2b(os.fsencode(index.absolute()), digest_size=8).hexdigest()
    return state_folder() / f"last-{name}.json"


def remember(index: Path, query: str, *, exact: bool, hits: Sequence[Hit]) -> None:
    """Save a search that showed hits, in place of the last one.

    A search that cannot be saved is not remembered, and nothing is said.

    Args:
        index: The folder of the index.
        query: The query as typed.
        exact: Whether diacritics had to be as typed.
        hits: The hits that were shown.
    """
    if not hits:
        return
    file = _file(index)
    temporary = file.with_suffix(f".{os.getpid()}")
    value = {"query": query, "exact": exact, "ids": {hit.rank: hit.id for hit in hits}}
    with contextlib.suppress(OSError):
        make_private_folder(file.parent)
        make_private_file(temporary)
        temporary.write_text(json.dumps(value), encoding="ascii")
        os.replace(temporary, file)


def recall(index: Path) -> Search | None:
    """Return the last search on an index, or None.

    Args:
        index: The folder of the index.
    """
    file = _file(index)
    try:
        _make_private(file)
        _make_private(file.parent)
        value = json.loads(file.read_text(encoding="ascii"))
        ids = {int(rank): str(id_) for rank, id_ in value["ids"].items()}
        return Search(str(value["query"]), bool(value["exact"]), ids)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
