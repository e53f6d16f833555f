"""Check the keyword fields, which find documents by path and metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchidx.document import Document
from searchidx.store import Reader, Store
from searchidx.store.schema import KEYWORDS, MAX_METADATA_VALUE_CODE_POINTS, metadata_terms
from tests.store.contents import add, report


@pytest.mark.parametrize(
    ("metadata", "terms"),
    [
        ({"nguồn": "Đài VTV"}, ["nguon\tdai vtv\tĐài VTV"]),
        ({"Cơ quan": "Sở Y tế"}, ["co_quan\tso y te\tSở Y tế"]),
        ({"co_quan": "Sở Y tế"}, ["co_quan\tso y te\tSở Y tế"]),
        ({"trang": 12, "tỉ lệ": 0.5, "mật": False}, [
            "trang\t12\t12", "ty_le\t0 5\t0.5", "mat\tfalse\tfalse",
        ]),
        ({"thẻ": ["lũ", "bão", "lũ", None, ["x"], {"y": "z"}]}, [
            "the\tlu\tlũ", "the\tbao\tbão",
        ]),
        ({"rỗng": None, "trắng": " \n", "sâu": {"a": "b"}, "danh sách": []}, []),
        ({"?": "không có khóa", "": 1}, []),
        ({"dấu": " -- ", "Dấu": "ß!"}, ["dau\t--\t -- ", "dau\tss\tß!"]),
        ({"a": "một\thai\nba"}, ["a\tmot hai ba\tmột\thai\nba"]),
        ({"a": "b", "A": "b"}, ["a\tb\tb"]),
        ({"dài": "ă " * 300}, ["dai\t" + " ".join("a" * 128) + "\t" + "ă " * 128]),
    ],
)  # fmt: skip
def test_each_value_of_metadata_is_a_term(metadata: dict[str, Any], terms: list[str]) -> None:
    assert metadata_terms(metadata) == terms


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8")),
)  # fmt: skip


values = scalars | st.lists(scalars | st.lists(scalars)) | st.just({"a": "b"})


@settings(max_examples=50)
@given(st.dictionaries(st.text(st.characters(codec="utf-8")), values, max_size=5))
def test_terms_have_three_bounded_parts(metadata: dict[str, Any]) -> None:
    for term in metadata_terms(metadata):
        key, form, value = term.split("\t", 2)
        assert key
        assert form
        assert len(value) <= MAX_METADATA_VALUE_CODE_POINTS
        term.encode()


def commits(folder: Path) -> Store:
    """Write an index of two segments, one of which has lost a document."""
    store = Store.create(folder)
    add(store, (report(number) for number in range(1, 40)), {})
    add(store, [report(40), Document(id="x", body="", metadata={"số": [1, "một"]})], {})
    writer = store.writer()
    writer.remove("bc-3")
    writer.add(Document(id="y", body="", path="/bao-cao/1.txt", metadata={"Số": 1}))
    writer.commit({})
    return store


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    reader = commits(tmp_path / "index").reader()
    assert len(reader.leaves) > 1
    assert not reader.live.all()
    return reader


@pytest.mark.slow
@pytest.mark.parametrize("field", KEYWORDS)
def test_the_forward_view_says_what_the_postings_say(reader: Reader, field: str) -> None:
    keywords = reader.keywords.postings(field)
    found: dict[str, list[int]] = {term: [] for term in keywords.terms}
    for number, document in zip(
        keywords.term_indexes.tolist(), keywords.doc_ids.tolist(), strict=True
    ):
        found[keywords.terms[number]].append(document)
    assert list(found) == sorted(found)
    assert keywords.term_indexes.dtype == keywords.doc_ids.dtype
    expected = reader.keywords.postings_with_prefix(field, "")
    assert found == {term: postings.doc_ids.tolist() for term, postings in expected.items()}
    assert list(expected) == list(found)
    assert reader.keywords.postings(field) is keywords


def test_documents_share_the_terms_of_their_values(reader: Reader) -> None:
    (one, y), (x, x_again) = (
        reader.postings("path", "/bao-cao/1.txt").doc_ids,
        (reader.doc_id("x"), reader.doc_id("x")),
    )
    assert (one, y) == (reader.doc_id("bc-1"), reader.doc_id("y"))
    assert x == x_again
    found = {
        term: [reader.id_and_digest(number)[0] for number in postings.doc_ids.tolist()]
        for term, postings in reader.keywords.postings_with_prefix(
            "metadata", "so\t1\t"
        ).items()
    }
    assert found == {"so\t1\t1": ["bc-1", "x", "y"]}
    beginning_with = reader.keywords.postings_with_prefix
    assert beginning_with("metadata", "so\tm") == beginning_with("metadata", "so\tmot\tmột")
    assert beginning_with("metadata", "so\t3\t") == {}
    assert beginning_with("path", "/bao-cao/3.") == {}


def test_syllables_are_found_by_how_they_begin(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "index")
    add(store, [Document(id="a", title="nghị", body="Nghị nghỉ nghi ng nha")], {})
    add(store, [Document(id="b", body="nghỉ nghỉ đi"), Document(id="c", body="di")], {})
    count = store.reader().vocabulary.document_counts_with_prefix
    assert count("folded", "ng") == {"ng": 1, "nghi": 3}
    assert count("marked", "ng") == {"ng": 1, "nghi": 1, "nghỉ": 2, "nghị": 2}
    assert count("marked", "d") == {"di": 1, "đi": 1}
    assert count("folded", "x") == count("marked", "x") == {}


def test_the_keys_of_metadata_are_those_of_documents_that_are_there(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "index")
    assert store.reader().keywords.metadata_keys() == frozenset()
    extra = {"a": {"b": 1}, "ab": 1, "a b": [2, 3], "Nguồn": "x", "nguon": "y"}
    add(store, [Document(id="x", body="", metadata=extra), *map(report, range(9))], {})
    assert store.reader().keywords.metadata_keys() == {"ab", "a_b", "nguon", "so"}
    writer = store.writer()
    writer.remove("x")
    writer.commit({})
    assert store.reader().keywords.metadata_keys() == {"so"}
