"""Compare counts over all hits with those of a dict."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import searchidx
from searchidx.document import Document
from searchidx.language.codes import find_codes

organs = st.sampled_from(["UBND tỉnh", "Sở Y tế", "ubnd tinh", "", None, 35, True])
metadata = st.fixed_dictionaries(
    {}, optional={"organ": organs | st.lists(organs, max_size=3), "other": st.just("x")}
)
reports = st.tuples(
    st.sampled_from(["kho", "kho đường", "đường 35-NQ/TW", "12/2020/NĐ-CP và 35 NQ/TW", "họp"]),
    st.sampled_from([None, "2023", "2023-07", "2019-12-31", "--05-25"]),
    metadata,
)


def values(document: Document, field: str) -> set[str]:
    if field == "year":
        date = document.date
        return {date[:4]} if date is not None and not date.startswith("--") else set()
    if field == "code":
        return {code.canonical for code in find_codes(document.body)}
    found = document.metadata.get(field)
    listed = found if isinstance(found, list) else [found]
    texts = {str(each).lower() if each is True else str(each) for each in listed if each}
    # One value in two spellings, which a reader of the counts would not tell apart.
    return {"UBND tỉnh" if text == "ubnd tinh" else text for text in texts}


@pytest.mark.slow
@settings(max_examples=30)
@given(
    st.lists(st.lists(reports, min_size=1, max_size=6), min_size=1, max_size=3),
    st.sampled_from(["kho", "kho duong", "35", "date:2023", "kho -đường", ""]),
)
def test_counts_are_those_of_a_dict(commits: list[list[Any]], query: str) -> None:
    with (
        TemporaryDirectory() as folder,
        searchidx.create(Path(folder) / "index") as index,
    ):
        documents = {}
        for number, commit in enumerate(commits):
            for at, (body, date, more) in enumerate(commit):
                # Some ids come again, so that documents are replaced.
                id_ = f"{(number + at) % 7}"
                documents[id_] = Document(id=id_, body=body, date=date, metadata=more)
            index.add(
                Document(id=f"{(number + at) % 7}", body=body, date=date, metadata=more)
                for at, (body, date, more) in enumerate(commit)
            )
        hits = index.search(query, limit=100)
        fields = ["year", "code"]
        if any("organ" in d.metadata and values(d, "organ") for d in documents.values()):
            fields.append("organ")
        for facet in index.facets(query, fields, limit=100):
            counts: Counter[str] = Counter()
            wholes: Counter[str] = Counter()
            for hit in hits:
                for value in values(documents[hit.id], facet.field):
                    counts[value] += 1
                    wholes[value] += hit.complete
            found = {
                "UBND tỉnh" if each.value == "ubnd tinh" else each.value: each
                for each in facet.counts
            }
            assert {value: each.count for value, each in found.items()} == counts
            assert {value: each.complete for value, each in found.items()} == +wholes | {
                value: 0 for value in counts if not wholes[value]
            }
            assert facet.values == len(counts)
            assert facet.hits == sum(
                bool(values(documents[hit.id], facet.field)) for hit in hits
            )
            keys = [(-each.complete, -each.count) for each in facet.counts]
            assert keys == sorted(keys)
            assert index.facets(query, facet.field, limit=1)[0].counts == facet.counts[:1]


def test_values_are_shown_as_most_reports_have_them(index: searchidx.Index) -> None:
    index.add(
        Document(id=str(n), body="kho", metadata={"Cơ quan": organ})
        for n, organ in enumerate(["UBND tỉnh", "UBND TỈNH", "UBND tỉnh", "Sở Y tế"])
    )
    (facet,) = index.facets("kho", ["co quan"])
    assert [(each.value, each.count) for each in facet.counts] == [
        ("UBND tỉnh", 3),
        ("Sở Y tế", 1),
    ]


def test_reports_of_one_file_are_counted_together(
    index: searchidx.Index, tmp_path: Path
) -> None:
    many = tmp_path / "many.jsonl"
    many.write_text('{"text": "kho đường"}\n{"text": "kho"}\n', encoding="utf-8")
    (tmp_path / "one.txt").write_text("kho đường lậu", encoding="utf-8")
    index.update([many, tmp_path / "one.txt"])
    (facet,) = index.facets("kho duong", "source")
    assert [(each.value, each.complete, each.count) for each in facet.counts] == [
        (str(many), 1, 2),
        (str(tmp_path / "one.txt"), 1, 1),
    ]


def test_an_unknown_field_is_an_error_that_names_those_there_are(
    index: searchidx.Index,
) -> None:
    index.add([Document(id="a", body="kho", metadata={"organ": "Đội 4"})])
    with pytest.raises(
        searchidx.QueryError, match=r"'colour'; .* year, source, path, code, organ"
    ):
        index.facets("kho", ["colour"])
    with pytest.raises(searchidx.QueryError, match="0 or more"):
        index.facets("kho", limit=-1)
    assert index.facets("khong co gi", ["year"])[0].counts == ()
