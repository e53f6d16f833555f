"""Compare the postings of a commit with the texts of its documents."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchidx import Document
from searchidx.errors import IndexDamagedError
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.store import Reader, Store
from searchidx.store.files.directory import Directory
from searchidx.store.files.sections import SectionFile, create_section_file

WORDS = ["nghị", "nghỉ", "Nghi", "quyết", "quyet", "35", "035", "đảng"]
texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
TERMS = [
    *((f"{field}_folded", form) for field in ("title", "body") for form in ("nghi", "35", "x")),
    *((f"{field}_marked", form) for field in ("title", "body") for form in ("nghị", "đảng")),
    ("body_folded_pair", "nghi quyet"),
    ("title_folded_pair", "quyet nghi"),
    ("body_marked_pair", "nghị quyết"),
    ("body_marked_pair", "nghị"),  # no pair at all
    ("body_folded", "nghi"),  # asked for a second time
]


def store_of(folder: Path, commits: list[list[tuple[str, str]]], removed: list[int]) -> Store:
    """Make one segment for each commit of (title, body), then remove some documents."""
    store = Store.create(folder / "index")
    number = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "searchidx.store.writer.select_segments_to_merge", lambda segments, built: []
        )
        for commit in commits:
            writer = store.writer()
            for title, body in commit:
                writer.add(Document(id=str(number), title=title, body=body))
                number += 1
            writer.commit({})
        writer = store.writer()
        for gone in removed:
            writer.remove(str(gone % number))
        writer.commit({})
    return store


def expected_postings(reader: Reader, field: str, term: str) -> dict[int, int]:
    """Return the frequency of a term by document, computed from the texts."""
    name, _, view = field.partition("_")
    found = {}
    for number in np.flatnonzero(reader.live).tolist():
        tokens = tokenize_syllables(getattr(reader.document(number), name))
        forms = tokens.marked if view.startswith("marked") else tokens.folded
        there = [" ".join(two) for two in pairwise(forms)] if "pair" in view else list(forms)
        if term in there:
            found[number] = there.count(term)
    return found


@pytest.mark.slow
@settings(max_examples=30)
@given(
    st.lists(st.lists(st.tuples(texts, texts), min_size=1, max_size=4), min_size=1, max_size=3),
    st.lists(st.integers(0, 11), max_size=4),
    st.booleans(),
)
def test_postings_are_those_of_the_documents_that_remain(
    tmp_path_factory: pytest.TempPathFactory,
    commits: list[list[tuple[str, str]]],
    removed: list[int],
    one_first: bool,
) -> None:
    store = store_of(tmp_path_factory.mktemp("reader"), commits, removed)
    reader = store.reader()
    if one_first:  # so that the first term is in the cache
        reader.postings(*TERMS[0])
    for (field, term), postings in zip(TERMS, reader.postings_lists(TERMS), strict=True):
        assert postings.doc_ids.dtype == postings.frequencies.dtype == np.int32
        found = postings.doc_ids.tolist(), postings.frequencies.tolist()
        assert dict(zip(*found, strict=True)) == expected_postings(reader, field, term)
        assert found[0] == sorted(found[0])
        alone = store.reader().postings(field, term)
        assert (alone.doc_ids.tolist(), alone.frequencies.tolist()) == found
    assert reader.postings_lists([]) == []


def test_postings_of_several_segments_follow_each_other(tmp_path: Path) -> None:
    commits = [[("", "họp"), ("họp", "họp họp")], [("", "lũ")], [("", "họp bàn"), ("", "họp")]]
    reader = store_of(tmp_path, commits, [3]).reader()
    assert len(reader.leaves) == 3
    body, title, pair = reader.postings_lists(
        [("body_folded", "hop"), ("title_folded", "hop"), ("body_folded_pair", "hop ban")]
    )
    assert (body.doc_ids.tolist(), body.frequencies.tolist()) == ([0, 1, 4], [1, 2, 1])
    assert (title.doc_ids.tolist(), title.frequencies.tolist()) == ([1], [1])
    assert len(pair) == 0  # its document was removed
    with pytest.raises(ValueError, match="read-only"):
        body.doc_ids[0] = 7


@pytest.mark.parametrize("content", [b"\xff", b"\x00", b"\x5a"])
def test_lists_of_nonsense_are_damage(tmp_path: Path, content: bytes) -> None:
    bodies = [("", "nghị quyết 35 " * (number + 1)) for number in range(5)]
    store = store_of(tmp_path, [bodies], [])
    (path,) = store.folder.glob("segment*")
    shutil.copy(path, tmp_path / path.name)
    whole = SectionFile(Directory(tmp_path), path.name)
    with create_section_file(Directory(store.folder), path.name) as sections:
        for name in whole.names():
            data = bytes(whole[name].read())
            harmed = content * len(data) if name == "body_folded.data" else data
            sections.write(name, harmed)
    terms = [("body_folded", "nghi"), ("body_folded", "quyet"), ("body_marked", "nghị")]
    reader = store.reader()
    assert len(reader.postings("body_marked", "nghị")) == 5
    with pytest.raises(IndexDamagedError, match="searchidx repair"):
        reader.postings_lists(terms)
