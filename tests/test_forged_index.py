"""Test that harmful contents with right checksums are one error, whatever is called."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard

import searchidx
from searchidx import Document, Index
from searchidx.errors import IndexDamagedError
from searchidx.store import Store
from searchidx.store.files.directory import Directory
from searchidx.store.files.sections import SectionFile
from tests.cli.test_commands import Run, command
from tests.store.contents import add, report
from tests.store.test_damage import file_of, forge, rewrite_manifest

__all__ = ["command"]  # a fixture

EXAMPLE = Document(id="x", body="Báo cáo về Nghị quyết 5/NQ-HĐND của Ủy ban nhân dân")
CALLS: dict[str, Callable[[Index], object]] = {
    "search": lambda index: index.search("bao cao UBND", explain=True, collapse=True),
    "search_ids": lambda index: index.search_ids('"nghị quyết" quy* -abc sort:date'),
    "like": lambda index: index.like(EXAMPLE),
    "facets": lambda index: index.facets("họp", ["year", "source", "code", "path", "số"]),
    "highlights": lambda index: index.highlights(EXAMPLE.body, "nghi quyet hop*"),
    "complete": lambda index: index.complete("nghị q"),
    "parse": lambda index: index.parse("số:5 họp"),
    "documents": lambda index: list(index.documents()),
    "ids": lambda index: list(index.ids("họp")),
    "get": lambda index: index.get("bc-1"),
    "from_source": lambda index: index.from_source("/bao-cao/1.txt"),
    "status": lambda index: index.status(),
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write an index of one segment."""
    store = Store.create(tmp_path_factory.mktemp("original") / "index")
    files = {f"/bao-cao/{n}.txt": [1, 2, 1] for n in range(20)}
    add(store, [report(n) for n in range(20)], {"files": files, "roots": ["/bao-cao"]})
    return store.folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "index")
    return tmp_path / "index"


def forge_heads(folder: Path, *heads: str) -> None:
    """Write other heads, one after the other, in a block each."""
    file = SectionFile(Directory(folder), file_of(folder, "segment").name)
    dictionary = zstandard.ZstdCompressionDict(bytes(file["heads.dictionary"].read()))
    compressor = zstandard.ZstdCompressor(dict_data=dictionary)
    packed = [compressor.compress(head.encode()) for head in heads]
    ends = np.cumsum([0, *map(len, packed)]).astype("<u4").tobytes()
    pieces = np.arange(len(heads) + 1).astype("<u4").tobytes()
    data = b"".join(packed)
    forge(folder, "segment", heads__data=data, heads__ends=ends, heads__pieces=pieces)


def head(number: int, **changes: Any) -> str:
    """Return the head of a report as it is stored, with other values."""
    path = f"/bao-cao/{number}.txt"
    values = {
        "id": f"bc-{number}", "title": "Báo cáo", "date": "2023", "path": path, "line": None,
        "source": path, "metadata": {}, **changes,
    }  # fmt: skip
    return json.dumps(list(values.values()))


def blocks(**changes: Any) -> tuple[str, str]:
    heads = [head(number, **changes) for number in range(20)]
    return "\n".join(heads[:16]), "\n".join(heads[16:])


FORGERIES: dict[str, Callable[[Path], None]] = {
    "a date": lambda folder: forge_heads(folder, *blocks(date="yesterday")),
    "a number of JSON": lambda folder: forge_heads(
        folder, *blocks(metadata={"a": float("nan")})
    ),
    "too few heads": lambda folder: forge_heads(folder, head(0), head(16)),
    "too many heads": lambda folder: forge_heads(folder, *map("\n".join, [[head(0)] * 40] * 2)),
    "sentences": lambda folder: forge(
        folder, "segment", landmarks__advances=landmarks(folder, b"\xff")
    ),
    "no sentences": lambda folder: forge(
        folder, "segment", landmarks__advances=landmarks(folder, b"\0")
    ),
    "days": lambda folder: forge(folder, "segment", dates=b"\xff\xff\xff\x7f" * 40),
}


def landmarks(folder: Path, byte: bytes) -> bytes:
    file = SectionFile(Directory(folder), file_of(folder, "segment").name)
    return byte * len(file["landmarks.advances"])


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_is_forged_is_damage_or_an_answer(folder: Path, forgery: str, call: str) -> None:
    FORGERIES[forgery](folder)
    with searchidx.open(folder) as index:
        try:
            CALLS[call](index)
        except IndexDamagedError as error:
            assert "searchidx repair" in str(error)


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_is_forged_is_one_line_of_a_command(
    folder: Path, command: Run, forgery: str
) -> None:
    FORGERIES[forgery](folder)
    for arguments in (
        ("search", "bao cao"),
        ("search", "--json", "bao cao"),
        ("search", "--facets", "year,source", "bao cao"),
        ("like", "bc-1"),
        ("show", "bc-1"),
        ("status",),
        ("check",),
        ("remove", "/bao-cao/3.txt"),
        ("export", "--whoosh", "out"),
    ):
        code, _, err = command(*arguments)
        assert code in (0, 1, 2)
        if code == 2:
            assert "searchidx repair" in err
            assert err.count("\n") == 1


@pytest.mark.parametrize("call", ["search", "like"])
def test_a_date_that_is_none_is_damage(folder: Path, call: str) -> None:
    FORGERIES["a date"](folder)
    with searchidx.open(folder) as index, pytest.raises(IndexDamagedError, match="yesterday"):
        CALLS[call](index)


@pytest.mark.parametrize("call", ["documents", "ids"])
def test_a_block_of_too_few_documents_is_damage(folder: Path, call: str) -> None:
    FORGERIES["too few heads"](folder)
    with (
        searchidx.open(folder) as index,
        pytest.raises(IndexDamagedError, match="number of"),
    ):
        CALLS[call](index)


@pytest.mark.parametrize(
    "metadata",
    [
        {"files": []},
        {"files": {"a": 1}},
        {"files": {"a": [1, 2]}},
        {"files": {"a": [1e999, 2, 3]}},
        {"roots": 5},
        {"roots": None},
        {"files": None},
    ],
    ids=str,
)
def test_a_list_of_files_that_is_none_is_damage(
    folder: Path, command: Run, metadata: dict[str, Any]
) -> None:
    packed = zstandard.ZstdCompressor().compress(json.dumps(metadata).encode())
    forge(folder, "metadata", metadata=packed)
    with searchidx.open(folder) as index:
        for method in (
            index.status,
            lambda: index.add([EXAMPLE]),
            lambda: index.remove("bc-1"),
        ):
            with pytest.raises(IndexDamagedError, match="list of files is damaged"):
                method()
    assert command("status")[0] == 2


@pytest.mark.parametrize("committed", [1e300, -1e300, 1e17])
def test_a_time_that_is_none_is_damage(folder: Path, command: Run, committed: float) -> None:
    rewrite_manifest(folder, committed=committed)
    code, out, err = command("status")
    assert (code, out) == (2, "")
    assert "searchidx.json is damaged" in err


@pytest.mark.parametrize(
    "error", [IndexError, ZeroDivisionError, ValueError, TypeError, OverflowError, KeyError]
)
def test_any_error_of_a_search_is_damage_and_too_little_memory_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise error("what happened")

    functions = {
        "search": "searcher.make_snippets",
        "facets": "rank.facets.count_facets",
        "like": "rank.more_like_this.SimilarDocuments",
        "complete": "suggest.completion.Completer",
        "highlights": "searcher.find_highlights",
        "search_ids": "searcher.parse_lenient",
    }
    with searchidx.open(folder) as index:
        for call, function in functions.items():
            monkeypatch.setattr(f"searchidx.search.{function}", fail)
            with pytest.raises(IndexDamagedError, match=f"{error.__name__}: .*what happened"):
                CALLS[call](index)
        error = MemoryError
        for call in functions:
            with pytest.raises(MemoryError):
                CALLS[call](index)
