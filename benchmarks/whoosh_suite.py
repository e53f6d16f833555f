"""Run Whoosh's own tests over a searchidx index instead of Whoosh's files.

::

    pip download --no-binary whoosh-reloaded --no-deps whoosh-reloaded==2.7.5
    tar xf Whoosh-Reloaded-2.7.5.tar.gz
    python -m benchmarks.whoosh_suite Whoosh-Reloaded-2.7.5/tests

The tests define their own fields, but the fields of a searchidx index are fixed.  Therefore
the first two indexed fields of a test are replaced by the marked syllables of the body and of
the title, under the names from the test.  Stored values go into the metadata.  A test is run
only if it cannot see the replacement: the analyzer of the field must make the same postings
from each value as the view does, positions included.  Otherwise the test counts as not
applicable, with the reason.
"""

# ruff: noqa: D102  # most methods override those of Whoosh or pytest, which document them
from __future__ import annotations

import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest
from whoosh import fields, formats
from whoosh.filedb.filestore import Storage
from whoosh.index import Index
from whoosh.reading import IndexReader, TermNotFound
from whoosh.writing import IndexWriter

import searchidx
from searchidx.whoosh_compat import ColumnReader
from searchidx.whoosh_compat.schema import ViewField

MODULES: Final = (
    "matching", "reading", "searching", "queries", "spans", "results", "collector", "sorting",
    "highlighting", "weightings", "quality", "classify", "spelling", "vectors", "parsing",
    "nested", "writing", "indexing",
)  # fmt: skip
VIEWS: Final = ("body_marked", "title_marked")
DIFFERENT: Final = {
    "test_reading.py::test_all_stored_fields": "deleted documents have no numbers",
    "test_searching.py::test_score_length": "Whoosh sees one segment",
    "test_results.py::test_lengths": "no postings are skipped, so the number of hits is exact",
    "test_quality.py::test_max_field_length": "lengths are exact, not rounded to a byte",
    "test_quality.py::test_minmax_field_length": "lengths are exact, not rounded to a byte",
    "test_indexing.py::test_many_lengths": "lengths are exact, not rounded to a byte",
    "test_indexing.py::test_stored_tuple": "metadata is JSON, which has no tuples",
    "test_writing.py::test_clear": "CLEAR is refused; delete_by_query(Every()) does the same",
    "test_writing.py::test_buffered_threads": "BufferedWriter passes postings",
}
"""Tests that see an intended difference, with the reason."""
_MARKED: Final = ViewField("marked")


def not_applicable(reason: str) -> NoReturn:
    pytest.skip(reason)


class FieldMapping:
    """The mapping from the fields of a test to the views that replace them."""

    def __init__(self, schema: fields.Schema) -> None:
        indexed = [name for name, field in schema.items() if field.indexed]
        for name in indexed:
            field = schema[name]
            if not isinstance(field, fields.TEXT | fields.ID | fields.KEYWORD):
                not_applicable(f"a field of class {type(field).__name__}")
            if field.vector or getattr(field, "column_type", None):
                not_applicable("a field with a column or vector of its own")
            if field.separate_spelling():
                not_applicable("a field that keeps its words a second time, for spelling")
            if isinstance(field.format, formats.Characters):
                not_applicable("a field that keeps characters")
        if any(isinstance(field, fields.COLUMN) for _, field in schema.items()):
            not_applicable("a field with a column or vector of its own")
        if len(indexed) > len(VIEWS):
            not_applicable("more than two indexed fields")
        if list(getattr(schema, "_dyn_fields", ())):
            not_applicable("fields that are named by a pattern")
        self.views: dict[str, str] = dict(zip(indexed, VIEWS, strict=False))


def same_postings(field: fields.FieldType, value: Any, text: str) -> bool:
    """Return whether a field makes the same postings from a value as the marked view does."""
    with_positions = isinstance(field.format, formats.Positions)

    def read(kind: fields.FieldType, value: Any) -> dict[bytes, Any]:
        return {
            term: (
                frequency,
                weight,
                kind.format.decode_positions(encoded) if with_positions else None,
            )
            for term, frequency, weight, encoded in kind.index(value)
        }

    return read(field, value) == read(_MARKED, text)


class RenamedReader(IndexReader):  # type: ignore[misc]  # Whoosh has no types
    """A reader of the index that gives the views the field names of a test."""

    def __init__(
        self, ours: ColumnReader, schema: fields.Schema, field_mapping: FieldMapping
    ) -> None:
        self.schema = schema
        self._ours = ours
        self._views = field_mapping.views

    def _view(self, name: str) -> str:
        if name not in self._views:
            raise TermNotFound(f"No field {name!r}")
        return self._views[name]

    def __contains__(self, term: Any) -> bool:
        return term[0] in self._views and (self._views[term[0]], term[1]) in self._ours

    def postings(self, fieldname: str, text: Any, scorer: Any = None) -> Any:
        matcher = self._ours.postings(self._view(fieldname), text, scorer)
        matcher.format = self.schema[fieldname].format
        matcher._term = (fieldname, matcher._term[1])
        return matcher

    def all_terms(self) -> Iterator[tuple[str, bytes]]:
        for name in sorted(self._views):
            yield from ((name, term) for term in self._ours.lexicon(self._views[name]))

    def terms_from(self, fieldname: str, prefix: Any) -> Iterator[tuple[str, bytes]]:
        first = prefix if isinstance(prefix, bytes) else prefix.encode()
        self._view(fieldname)
        return (term for term in self.all_terms() if term >= (fieldname, first))

    def lexicon(self, fieldname: str) -> Iterator[bytes]:
        return self._ours.lexicon(self._view(fieldname))

    def indexed_field_names(self) -> list[str]:
        return sorted(self._views)

    def _length(self, method: str, fieldname: str, *arguments: Any) -> Any:
        if fieldname not in self._views or not self.schema[fieldname].scorable:
            return 0
        return getattr(self._ours, method)(*arguments, self._views[fieldname])

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> Any:
        return self._length("doc_field_length", fieldname, docnum) or default

    def field_length(self, fieldname: str) -> Any:
        return self._length("field_length", fieldname)

    def min_field_length(self, fieldname: str) -> Any:
        return self._length("min_field_length", fieldname)

    def max_field_length(self, fieldname: str) -> Any:
        return self._length("max_field_length", fieldname)

    def doc_frequency(self, fieldname: str, text: Any) -> int:
        return self._ours.doc_frequency(self._view(fieldname), text)

    def frequency(self, fieldname: str, text: Any) -> int:
        return self._ours.frequency(self._view(fieldname), text)

    def term_info(self, fieldname: str, text: Any) -> Any:
        return self._ours.term_info(self._view(fieldname), text)

    def terms_within(self, fieldname: str, *arguments: Any, **options: Any) -> Any:
        return self._ours.terms_within(self._view(fieldname), *arguments, **options)

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return dict(self._ours.stored_fields(docnum)["stored"]["document"]["metadata"])

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        return False  # as the tests' fields say

    def vector(self, docnum: int, fieldname: str, format_: Any = None) -> NoReturn:
        raise KeyError(fieldname)

    def column_reader(self, fieldname: str, *arguments: Any, **options: Any) -> NoReturn:
        raise KeyError(fieldname)

    def doc_count(self) -> int:
        return self._ours.doc_count()

    def doc_count_all(self) -> int:
        return self._ours.doc_count_all()

    def has_deletions(self) -> bool:
        return self._ours.has_deletions()

    def is_deleted(self, docnum: int) -> bool:
        return self._ours.is_deleted(docnum)

    def generation(self) -> int:
        return self._ours.generation()

    def close(self) -> None:
        self._ours.close()


class RenamedIndex(Index):  # type: ignore[misc]  # Whoosh has no types
    """A searchidx index in a new folder, in place of the index that a test creates."""

    made: int = 0

    def __init__(self, schema: fields.Schema, storage: Storage) -> None:
        self.field_mapping = FieldMapping(schema)
        self.schema = schema.copy()
        self.storage = storage
        self._folder = tempfile.TemporaryDirectory()
        self.ours = searchidx.create(Path(self._folder.name) / "index").whoosh()
        self.documents = 0
        RenamedIndex.made += 1

    def reader(self, reuse: Any = None) -> RenamedReader:
        return RenamedReader(self.ours.reader(), self.schema, self.field_mapping)

    def writer(self, **options: Any) -> RenamedWriter:
        if options.get("codec") or options.get("procs", 1) > 1:
            not_applicable("a codec, or several processes, of Whoosh's own")
        return RenamedWriter(self)

    def latest_generation(self) -> int:
        return self.ours.latest_generation()

    def is_empty(self) -> bool:
        return self.ours.is_empty()

    def refresh(self) -> RenamedIndex:
        return self

    def __getattr__(self, name: str) -> NoReturn:
        not_applicable(f"Whoosh's own files: Index.{name}")


class RenamedWriter(IndexWriter):  # type: ignore[misc]  # Whoosh has no types
    """A writer that accepts documents with the fields of a test."""

    def __init__(self, index: RenamedIndex) -> None:
        self.schema = index.schema
        self._index = index
        self._ours = index.ours.writer()

    def __del__(self) -> None:
        self._ours.cancel()  # tests leave writers open

    def reader(self, **options: Any) -> RenamedReader:
        return RenamedReader(self._ours.reader(), self.schema, self._index.field_mapping)

    def add_document(self, **values: Any) -> None:
        views: dict[str, str] = {}
        stored: dict[str, Any] = {}
        for name, value in values.items():
            if name.startswith("_stored_"):
                stored[name.removeprefix("_stored_")] = value
                continue
            if name.startswith("_"):
                not_applicable("documents with weights of their own")
            if name not in self.schema:
                not_applicable("a field that is added while writing")
            if value is None:
                continue
            field = self.schema[name]
            if field.stored:
                stored.setdefault(name, value)
            if field.indexed:
                list(field.index(value))  # raises the error of the field for a wrong value
                text = value if isinstance(value, str) else " ".join(map(str, value))
                if not same_postings(field, value, text):
                    not_applicable("text of which the analyzer makes other terms")
                views[self._index.field_mapping.views[name]] = text
        try:
            document = searchidx.Document(
                id=str(self._index.documents),
                title=views.get("title_marked", ""),
                body=views.get("body_marked", ""),
                metadata=stored,
            )
        except searchidx.DocumentError:
            not_applicable("stored values that are not JSON")
        self._index.documents += 1
        self._ours.add_document(
            id=document.id, title=document.title, body=document.body, metadata=stored
        )

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        self._ours.delete_document(docnum, delete)

    def start_group(self) -> NoReturn:
        not_applicable("groups of documents")

    def add_field(self, *arguments: Any, **options: Any) -> NoReturn:
        not_applicable("a field that is added while writing")

    remove_field = add_field

    def add_reader(self, reader: Any) -> NoReturn:
        not_applicable("the postings of another reader")

    def commit(self, **options: Any) -> None:
        self._ours.commit(**options)

    def cancel(self) -> None:
        self._ours.cancel()

    def __getattr__(self, name: str) -> NoReturn:
        not_applicable(f"Whoosh's own files: IndexWriter.{name}")


class Suite:
    """A pytest plugin that replaces Whoosh's index and counts the outcomes."""

    def __init__(self, *, ours: bool) -> None:
        self.ours = ours
        self.outcomes: dict[str, str] = {}
        self._made = 0

    def pytest_configure(self) -> None:
        if self.ours:
            Storage.create_index = _create_index
            Storage.open_index = _open_index
            for each in Storage.__subclasses__():
                for method in ("create_index", "open_index"):
                    if method in vars(each):
                        delattr(each, method)

    def pytest_runtest_setup(self) -> None:
        self._made = RenamedIndex.made

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            self.outcomes[report.nodeid] = report.longrepr[2].removeprefix("Skipped: ")
        elif report.failed:
            self.outcomes[report.nodeid] = "failed"
        elif report.when == "call":
            on_ours = RenamedIndex.made > self._made
            self.outcomes[report.nodeid] = "passed" if on_ours else "passed without an index"


def _create_index(
    self: Storage, schema: Any, indexname: str = "", indexclass: Any = None
) -> RenamedIndex:
    schema = schema() if isinstance(schema, type) else schema
    self._searchidx = RenamedIndex(schema, self)
    found: RenamedIndex = self._searchidx
    return found


def _open_index(self: Storage, *arguments: Any, **options: Any) -> RenamedIndex:
    if not hasattr(self, "_searchidx"):
        not_applicable("Whoosh's own files: an index that is opened")
    found: RenamedIndex = self._searchidx
    return found


def run(folder: Path, names: list[str], *, ours: bool) -> dict[str, str]:
    """Run test modules; return the outcome of each test."""
    suite = Suite(ours=ours)
    files = [str(folder / f"test_{name}.py") for name in names]
    options = ["-q", "--no-header", "-c", "/dev/null", f"--rootdir={folder}", "-W", "ignore"]
    quiet = ["-p", "no:cacheprovider", "--tb=short" if ours else "--tb=no"]
    pytest.main([*options, *quiet, *files], plugins=[suite])
    return suite.outcomes


def main() -> None:
    """Print for each module how many tests pass, fail and do not apply, and why."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1]).resolve()
    names = sys.argv[2:] or list(MODULES)
    # First over Whoosh's own files: a test that fails there tells nothing about searchidx.
    stock = run(folder, names, ours=False)
    outcomes = run(folder, names, ours=True)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[str] = Counter()
    failures = []
    for test, outcome in outcomes.items():
        module = test.partition("::")[0].removeprefix("test_").removesuffix(".py")
        if not stock.get(test, "").startswith("passed"):
            outcome = "fails on stock"
        elif outcome == "failed" and test in DIFFERENT:
            outcome = "different"
        elif outcome == "failed":
            failures.append(test)
        elif not outcome.startswith("passed"):
            reasons[outcome] += 1
            outcome = "not applicable"
        counts[module][outcome] += 1
    kinds = [
        "passed", "passed without an index", "different", "failed", "not applicable",
        "fails on stock",
    ]  # fmt: skip
    counts["all"] = sum(counts.values(), Counter[str]())
    print(f"| module | {' | '.join(kinds)} |")
    print("|---" * (len(kinds) + 1) + "|")
    for name, counted in counts.items():
        print(f"| {name} | {' | '.join(str(counted[each]) for each in kinds)} |")
    print(*(f"{count:4} {reason}" for reason, count in reasons.most_common()), sep="\n")
    if failures:
        sys.exit("\n".join(f"failed: {test}" for test in failures))


if __name__ == "__main__":
    main()
