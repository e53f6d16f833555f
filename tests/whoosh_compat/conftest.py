from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from whoosh.index import open_dir

import searchidx
from searchidx.store import Reader, Store
from searchidx.whoosh_compat import ColumnReader
from tests.whoosh_compat.collection import fill


@pytest.fixture(scope="package")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[searchidx.Index]:
    """Index the collection in several segments."""
    with searchidx.create(tmp_path_factory.mktemp("filled") / "index") as index:
        fill(index)
        yield index


@pytest.fixture(scope="package")
def commit(filled: searchidx.Index) -> Reader:
    return Store(filled.path).reader()


@pytest.fixture
def ours(commit: Reader) -> ColumnReader:
    return ColumnReader(commit)


@pytest.fixture(scope="package")
def stock(filled: searchidx.Index, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Index the same documents in Whoosh's own files, and read them by Whoosh."""
    folder = tmp_path_factory.mktemp("stock") / "index"
    assert filled.export_whoosh(folder) == len(filled) == 189
    with open_dir(folder).reader() as reader:
        yield reader
