"""The last search on each index, so that `searchidx show 2` knows what 2 is."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from searchidx.search.results import Hit


@dataclass(frozen=True, slots=True)
class Search:
    """A search that was made: its query and the ids of the hits shown, by rank."""

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
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                # The folders may be on different file systems.
                shutil.move(file, folder / file.name)
                os.chmod(folder / file.name, 0o600)
    return folder


def _file(index: Path) -> Path:
    name = hashlib.blake2b(os.fsencode(index.absolute()), digest_size=8).hexdigest()
    return state_folder() / f"last-{name}.json"


def remember(index: Path, query: str, *, exact: bool, hits: Sequence[Hit]) -> None:
    """Save a search that showed hits, in place of the last one.

    Where that cannot be written it is not remembered, and nothing is said.
    """
    if not hits:
        return
    file = _file(index)
    temporary = file.with_suffix(f".{os.getpid()}")
    value = {"query": query, "exact": exact, "ids": {hit.rank: hit.id for hit in hits}}
    with contextlib.suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(value), encoding="ascii")
        os.replace(temporary, file)


def recall(index: Path) -> Search | None:
    """Return the last search on an index, or None."""
    try:
        value = json.loads(_file(index).read_text(encoding="ascii"))
        ids = {int(rank): str(id_) for rank, id_ in value["ids"].items()}
        return Search(str(value["query"]), bool(value["exact"]), ids)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
