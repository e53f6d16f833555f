"""Test the parts of the public API together: options, errors, streams, removal."""

from __future__ import annotations

import datetime
import inspect
import json
import tracemalloc
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import searchidx
from searchidx import Document
from searchidx.search.options import SearchOptions
from searchidx.search.prepared_query import PreparedQuery
from searchidx.search.rank.ranking import Ranker
from tests.conftest import ROOT

REPORTS = [
    Document(id="a", title="Kho một", body="Kho lúa ở xã An Bình.", date="2021-01-05"),
    Document(id="b", title="Kho hai", body="Kho lúa, kho ngô, kho gạo.", date="2023-02-01"),
    Document(id="c", title="Lũ", body="Lũ cuốn kho thóc.", metadata={"organ": "UBND"}),
    Document(id="d", title="Bão", body="Bão số 3.", date="2023-09-09"),
]


@pytest.fixture
def reports(index: searchidx.Index) -> searchidx.Index:
    index.add(REPORTS)
    return index


def keywords(method: Any) -> list[str]:
    parameters = inspect.signature(method).parameters.values()
    return [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]


def test_all_searching_methods_take_the_same_options_in_the_same_order() -> None:
    names = list(inspect.signature(SearchOptions).parameters)
    assert keywords(searchidx.Index.search) == names
    defaults = inspect.signature(searchidx.Index.search).parameters
    for method in ("search_ids", "like", "facets", "highlights"):
        own = keywords(getattr(searchidx.Index, method))
        assert own == [name for name in names if name in own]
        signature = inspect.signature(getattr(searchidx.Index, method)).parameters
        assert all(signature[name].default == defaults[name].default for name in own)
    assert {"limit", "offset", "sort"} <= set(keywords(searchidx.Index.search_ids))


@pytest.mark.parametrize("query", ["kho sort:date", "kho sort:relevance", "kho", "lúa kho xã"])
@pytest.mark.parametrize("sort", ["relevance", "date"])
@pytest.mark.parametrize("offset", [0, 1])
def test_ids_are_those_of_the_search_in_its_order(
    reports: searchidx.Index, query: str, sort: Any, offset: int
) -> None:
    found = reports.search(query, sort=sort, offset=offset, collapse=True)
    ids = reports.search_ids(query, sort=sort, offset=offset, collapse=True)
    assert ids == [hit.id for hit in found]
    assert reports.search_ids("kho sort:date") == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("limit", None, "limit must be a whole number, not None"),
        ("limit", 2.5, "limit must be a whole number, not 2.5"),
        ("limit", "3", "limit must be a whole number, not '3'"),
        ("limit", True, "limit must be a whole number, not True"),
        ("limit", -1, "limit must be 0 or more, not -1"),
        ("offset", -1, "offset must be 0 or more"),
        ("offset", None, "offset must be a whole number"),
        ("sort", "size", "sort must be one of relevance, date, not 'size'"),
        ("sort", ["date"], "sort must be one of"),
        ("snippet_length", 0, "snippet_length must be 1 or more"),
        ("passages", 4, "passages must be 1 to 3"),
        ("passages", 1.5, "passages must be a whole number"),
    ],
)
def test_an_option_without_meaning_is_one_clear_error(
    reports: searchidx.Index, option: str, value: Any, message: str
) -> None:
    for method in (reports.search, reports.search_ids, reports.facets, reports.like):
        if option in keywords(method):
            with pytest.raises(searchidx.QueryError, match=message):
                method("a", **{option: value})


def wrong_types(index: searchidx.Index) -> list[tuple[Any, tuple[Any, ...], dict[str, Any]]]:
    document = Document(id="x", body="kho")
    return [
        (index.get, (5,), {}),
        (index.get, (None,), {}),
        (index.add, (document,), {}),
        (index.add, ("text",), {}),
        (index.add, (None,), {}),
        (index.add, ([document, 3],), {}),
        (index.add, ([document],), {"wait": None}),
        (index.add, ([document],), {"workers": None}),
        (index.remove, (5,), {}),
        (index.remove, ([5],), {}),
        (index.remove_matching, (5,), {}),
        (index.remove_source, (5,), {}),
        (index.update, (5,), {}),
        (index.update, ([b"a"],), {}),
        (index.update, ([],), {"wait": "soon"}),
        (index.from_source, (5,), {}),
        (index.search, (None,), {}),
        (index.search_ids, (5,), {}),
        (index.facets, (5,), {}),
        (index.facets, ("kho", 5), {}),
        (index.facets, ("kho", [5]), {}),
        (index.highlights, (5, "kho"), {}),
        (index.highlights, ("kho", 5), {}),
        (index.complete, (5,), {}),
        (index.complete, ("kho",), {"limit": None}),
        (index.parse, (5,), {}),
        (index.like, (5,), {}),
        (index.documents, (5,), {}),
        (index.ids, (5,), {}),
        (index.whoosh_query, (5,), {}),
        (searchidx.open, (5,), {}),
        (searchidx.create, (None,), {}),
        (searchidx.check, (5,), {}),
        (searchidx.repair, (5,), {}),
    ]


def test_a_wrong_type_is_one_clear_error_and_no_damage(reports: searchidx.Index) -> None:
    for call, given, options in wrong_types(reports):
        with pytest.raises(
            (searchidx.DocumentError, searchidx.QueryError, searchidx.ArgumentError)
        ) as raised:
            call(*given, **options)
        assert "must be" in str(raised.value) or "takes" in str(raised.value)
    assert list(reports.ids()) == ["a", "b", "c", "d"]


def test_errors_nest_and_derive_from_the_standard_ones(tmp_path: Path) -> None:
    standard = {
        "IndexNotFoundError": FileNotFoundError,
        "IndexExistsError": FileExistsError,
        "IndexLockedError": TimeoutError,
        "IndexReadError": OSError,
        "IndexWriteError": OSError,
        "IndexClosedError": ValueError,
        "DocumentError": ValueError,
        "QueryError": ValueError,
        "EvaluationError": ValueError,
        "ArgumentError": TypeError,
    }
    for name in searchidx.__all__:
        error = getattr(searchidx, name)
        if not (isinstance(error, type) and issubclass(error, Exception)):
            continue
        assert issubclass(error, searchidx.SearchidxError)
        assert issubclass(error, standard.get(name, Exception))
        assert str(error("what happened")) == "what happened"
        if name.startswith("Index"):
            assert issubclass(error, searchidx.IndexFailure)
    with pytest.raises(FileNotFoundError) as missing:
        searchidx.open(tmp_path / "missing")
    assert isinstance(missing.value, searchidx.IndexNotFoundError)
    assert str(missing.value).startswith("there is no folder")
    (tmp_path / "file").touch()
    for _ in range(2):
        with pytest.raises(searchidx.IndexExistsError):
            searchidx.create(tmp_path / "file")
    searchidx.create(tmp_path / "index").close()
    with pytest.raises(FileExistsError, match="already; open it instead"):
        searchidx.create(tmp_path / "index")


def test_open_creates_an_index_when_asked_to(tmp_path: Path) -> None:
    with pytest.raises(searchidx.IndexNotFoundError):
        searchidx.open(tmp_path / "index")
    with searchidx.open(tmp_path / "index", create=True) as index:
        index.add(REPORTS)
    with searchidx.open(tmp_path / "index", create=True) as index:
        assert len(index) == 4
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").touch()
    with pytest.raises(searchidx.IndexExistsError, match="holds other files"):
        searchidx.open(tmp_path / "other", create=True)


def test_documents_are_streamed_without_those_removed(reports: searchidx.Index) -> None:
    assert list(reports.documents()) == REPORTS
    reports.remove("b")
    reports.add([Document(id="e", body="kho mới")])
    expected = [*REPORTS[:1], *REPORTS[2:], Document(id="e", body="kho mới")]
    assert sorted(reports.documents(), key=lambda each: each.id) == expected
    assert sorted(reports.ids()) == ["a", "c", "d", "e"]
    assert sorted(reports.ids("kho")) == ["a", "c", "e"]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("kho", ["a", "b", "c"]),
        ("kho lúa", ["a", "b"]),
        ("kho lua xa", ["a"]),
        ('"kho ngô"', ["b"]),
        ("date:2023", ["b", "d"]),
        ("-kho", ["d"]),
        ("organ:ubnd", ["c"]),
        ("title:kho -title:hai", ["a"]),
        ("ngô OR bão", ["b", "d"]),
        ("kho bão", []),
    ],
)
def test_a_query_filters_documents_by_all_of_its_parts(
    reports: searchidx.Index, query: str, ids: list[str]
) -> None:
    assert list(reports.ids(query)) == ids
    assert [document.id for document in reports.documents(query)] == ids
    assert reports.remove_matching(query) == len(ids)
    assert list(reports.ids()) == [each.id for each in REPORTS if each.id not in ids]


@pytest.mark.parametrize("query", ["", "  ", "sort:date", "date:mai"])
def test_nothing_is_removed_by_a_query_that_says_nothing(
    reports: searchidx.Index, query: str
) -> None:
    with pytest.raises(searchidx.QueryError):
        reports.remove_matching(query)
    with pytest.raises(searchidx.QueryError):
        reports.documents(query)
    assert len(reports) == 4


def test_diacritics_bind_when_asked_to(reports: searchidx.Index) -> None:
    assert list(reports.ids("lua")) == ["a", "b"]
    assert list(reports.ids("lua", exact=True)) == []
    assert reports.remove_matching("lua", exact=True) == 0
    assert reports.remove_matching("lúa", exact=True) == 2


def test_removal_sees_what_another_index_committed(reports: searchidx.Index) -> None:
    with searchidx.open(reports.path) as other:
        other.add([Document(id="new", body="kho lạ")])
    assert "new" not in reports
    assert reports.remove_matching("kho lạ") == 1
    assert "new" not in reports


@pytest.mark.slow
def test_streaming_takes_memory_for_one_document_at_a_time(index: searchidx.Index) -> None:
    body = "nghị quyết ba mươi lăm " * 4_000
    index.add(Document(id=f"{n:03}", body=body) for n in range(300))
    stream = index.documents()
    next(stream)  # what is loaded once
    tracemalloc.start()
    try:
        count = sum(1 for _ in stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 299
    assert peak < 20 * len(body)


def test_a_stream_stays_with_its_commit(reports: searchidx.Index) -> None:
    stream = reports.documents()
    assert next(stream) == REPORTS[0]
    reports.remove(["b", "c"])
    assert list(stream) == REPORTS[1:]
    assert list(reports.ids()) == ["a", "d"]
    reports.close()
    for method in (reports.documents, reports.ids):
        with pytest.raises(searchidx.IndexClosedError):
            method()


def test_a_hit_as_a_dictionary_is_a_line_of_json(reports: searchidx.Index) -> None:
    schema = json.loads((ROOT / "docs/schema/hit-1.json").read_text(encoding="utf-8"))
    for hit in reports.search("kho lúa", explain=True, passages=2):
        fields = hit.to_dict()
        jsonschema.validate(fields, schema)
        assert json.loads(json.dumps(fields)) == fields
        assert fields["snippet"] == fields["passages"][0]
        assert (fields["id"], fields["rank"]) == (hit.id, hit.rank)


def test_the_title_of_a_hit_is_shown_as_html(index: searchidx.Index) -> None:
    index.add([Document(id="a", title='Kho & "lúa" <b>', body="kho")])
    hit = index.search("kho lúa")[0]
    assert hit.title_html() == ("<mark>Kho</mark> &amp; &quot;<mark>lúa</mark>&quot; &lt;b&gt;")
    assert hit.title_html("b", {"class": "match"}).startswith('<b class="match">Kho</b> ')


@pytest.mark.parametrize(
    ("date", "kept"),
    [
        (datetime.date(2023, 7, 24), "2023-07-24"),
        (datetime.datetime(2023, 7, 24, 12, 30), "2023-07-24"),
        ("2023-07", "2023-07"),
        (None, None),
    ],
)
def test_a_date_may_be_one_of_python(
    index: searchidx.Index, date: str | datetime.date | None, kept: str | None
) -> None:
    document = Document(id="a", body="kho", date=date)
    assert document.date == kept
    index.add([document])
    assert index.get("a") == document
    assert index.search("date:2023").total == bool(kept)


def test_metadata_is_copied(index: searchidx.Index) -> None:
    metadata: dict[str, Any] = {"b": [1, {"c": (2, 3)}], "a": None}
    document = Document(id="a", body="kho", metadata=metadata)
    metadata["b"][1]["c"] = "other"
    metadata["new"] = 1
    assert document.metadata == {"b": [1, {"c": [2, 3]}], "a": None}
    assert list(document.metadata) == ["b", "a"]
    index.add([document])
    assert index.get("a") == document


def test_the_status_is_that_of_one_commit(reports: searchidx.Index, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("Kho mới", encoding="utf-8")
    with searchidx.open(reports.path) as other:
        other.update(tmp_path / "new.txt")
        expected = other.status()
    assert len(reports) == 4
    status = reports.status()
    assert (status.documents, status.files) == (5, 1)
    assert status == expected


def recording(init: Any, made: list[Any]) -> Any:
    """Return a constructor that also keeps what it makes."""

    def constructor(self: Any, *args: Any, **options: Any) -> None:
        made.append(self)
        init(self, *args, **options)

    return constructor


def test_a_query_is_prepared_once_where_a_phrase_finds_nothing(
    reports: searchidx.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[PreparedQuery] = []
    ranked: list[Ranker] = []
    for cls, made in ((PreparedQuery, prepared), (Ranker, ranked)):
        original: Any = cls.__init__

        def init(
            self: Any, *args: Any, _init: Any = original, _made: Any = made, **options: Any
        ) -> None:
            _made.append(self)
            _init(self, *args, **options)

        monkeypatch.setattr(cls, "__init__", init)
    query = 'kho lúa xã an bình "ngô lúa"'
    found = reports.search(query, suggest=False)
    assert found.total
    assert any("quotation marks" in note for note in found.notes)
    assert (len(prepared), len(ranked)) == (1, 1)


def test_a_document_of_a_file_is_hashed_once(
    index: searchidx.Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "reports" / "a.txt"
    path.parent.mkdir()
    hashed: list[str] = []
    original = Document.digest

    def digest(self: Document) -> str:
        hashed.append(self.id)
        return original(self)

    monkeypatch.setattr(Document, "digest", digest)
    for text in ("kho một", "kho hai"):
        hashed.clear()
        path.write_text(text, encoding="utf-8")
        index.update(path.parent)
        assert hashed == [str(path)]
    hashed.clear()
    index.update(path.parent)  # it was written to a moment ago, and is compared once more
    assert hashed == [str(path)]


def test_problems_and_lost_documents_are_reached_through_their_reports() -> None:
    for name in ("CheckProblem", "LostDocument", "Problem", "Lost", "Report"):
        assert name not in searchidx.__all__
    assert {"CheckReport", "RepairReport", "UpdateReport"} <= set(searchidx.__all__)
