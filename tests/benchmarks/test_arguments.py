from __future__ import annotations

import argparse

import pytest

from benchmarks.__main__ import AT_MOST, numbers_of_documents


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", {}),
        ("whoosh-pyvi=5000", AT_MOST),
        ("fts5=10,tantivy=20", {"fts5": 10, "tantivy": 20}),
    ],
)
def test_numbers_of_documents(text: str, numbers: dict[str, int]) -> None:
    assert numbers_of_documents(text) == numbers


@pytest.mark.parametrize("text", ["lucene=5", "fts5", "fts5=", "fts5=-1", "fts5=5,"])
def test_what_names_no_engine_and_number(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        numbers_of_documents(text)
