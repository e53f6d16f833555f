"""Read an index of this format that was written once and is kept.

When a test here fails, either something was broken, or the format was changed.  A change
is a decision: raise `FORMAT_VERSION`, say in the changelog that indexes must be made anew, and
write the golden index again with: python -m tests.store.test_golden
"""

from __future__ import annotations

import datetime
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

import searchidx
from searchidx.document import Document
from searchidx.store import FORMAT_VERSION, Reader, Store
from searchidx.store.files.manifest import read_manifest
from searchidx.store.maintenance.check import check_index
from tests.store.contents import everything

GOLDEN: Final = Path(__file__).parent / "golden"
REPORTS: Final = (
    Document(
        id="nq-35",
        title="Nghị quyết về chuyển đổi số",
        body=(
            "Ngày 24/7/2023, Ủy ban nhân dân (UBND) tỉnh họp.\n\n"
            "Nghị quyết số 35-NQ/TW được quán triệt. UBND giao Sở Y tế (SYT) báo cáo."
        ),
        date="2023-07-24",
        path="/bao-cao/nq-35.txt",
        metadata={"organ": "UBND tỉnh", "pages": [1, 2]},
    ),
    Document(id="lu", title="Ứng phó mưa lũ", body="Lũ trên sông. Hoà Bình, hòa bình!"),
    Document(id="gỡ", body="Báo cáo bị gỡ bỏ."),
    Document(id="cũ", title="Bản cũ", body="Bản thứ nhất của báo cáo."),
    *(
        Document(id=f"kho-{n}", body=f"Quản lý thị trường {'kho ' * n}số {n:02}", date="2022")
        for n in range(1, 9)
    ),
)
LATER: Final = (
    Document(id="cũ", title="Bản mới", body="Bản thứ hai của báo cáo.", date="--05-25"),
    Document(id="dài", body="mở đầu. " + "Nghị định số 1/NĐ-CP. " * 2_000 + "kết thúc"),
)


def build(folder: Path) -> None:
    """Write the golden index."""
    store = Store.create(folder)
    writer = store.writer()
    for report in REPORTS:
        writer.add(report, source=report.path)
    writer.commit({"files": {"/bao-cao/nq-35.txt": [1, 2, 1]}, "roots": ["/bao-cao"]})
    writer = store.writer()
    writer.remove("gỡ")
    for report in LATER:
        writer.add(report)
    writer.commit(store.metadata())
    (folder / "writer.lock").unlink()


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    shutil.copytree(GOLDEN, tmp_path / "golden")
    return tmp_path / "golden"


@pytest.fixture
def reader(golden: Path) -> Reader:
    return Store(golden).reader()


def found(reader: Reader, field: str, term: str) -> dict[str, int]:
    """Return how often each document has a term, by its id."""
    postings = reader.postings(field, term)
    return {
        reader.head(number).id: frequency
        for number, frequency in zip(
            postings.doc_ids.tolist(), postings.frequencies.tolist(), strict=True
        )
    }


def test_it_is_of_this_format_and_whole(golden: Path) -> None:
    assert FORMAT_VERSION == 3
    manifest = read_manifest(Store(golden).directory)
    counts = [(entry.size, entry.deleted_count) for entry in manifest.segments]
    assert counts == [(12, 2), (2, 0)]
    assert manifest.generation == 2
    assert check_index(golden).problems == ()
    assert sum(path.stat().st_size for path in golden.iterdir()) < 50_000


def test_its_documents_are_those_that_were_added(golden: Path, reader: Reader) -> None:
    kept = [report for report in REPORTS if report.id not in ("gỡ", "cũ")]
    numbers = [n for n in range(reader.size) if reader.live[n]]
    assert [reader.document(n) for n in numbers] == [*kept, *LATER]
    assert [reader.id_and_digest(n)[1] for n in numbers] == [
        document.digest() for document in (*kept, *LATER)
    ]
    assert reader.doc_ids_from_source("/bao-cao/nq-35.txt").tolist() == [0]
    assert reader.doc_id("gỡ") is None
    assert Store(golden).metadata() == {
        "files": {"/bao-cao/nq-35.txt": [1, 2, 1]},
        "roots": ["/bao-cao"],
    }


def test_its_postings_are_those_of_then(reader: Reader) -> None:
    assert found(reader, "body_folded", "nghi") == {"nq-35": 1, "dài": 2_000}
    assert found(reader, "body_marked", "nghị") == {"nq-35": 1, "dài": 2_000}
    assert found(reader, "title_marked", "nghị") == {"nq-35": 1}
    assert found(reader, "body_marked", "hòa") == {"lu": 2}
    assert found(reader, "body_folded", "kho") == {f"kho-{n}": n for n in range(1, 9)}
    assert found(reader, "body_folded", "8") == {"kho-8": 1}
    assert found(reader, "body_marked", "08") == {"kho-8": 1}
    assert found(reader, "body_folded_pair", "bao cao") == {"nq-35": 1, "cũ": 1}
    assert found(reader, "body_marked_pair", "thứ nhất") == {}
    assert found(reader, "body_word", "thị_trường") == {f"kho-{n}": 1 for n in range(1, 9)}
    assert found(reader, "title_word", "nghị_quyết") == {"nq-35": 1}
    assert found(reader, "code", "35-NQ/TW") == {"nq-35": 1}
    assert found(reader, "code", "01/NĐ-CP") == {"dài": 1}
    assert found(reader, "path", "/bao-cao/nq-35.txt") == {"nq-35": 1}
    assert found(reader, "metadata", "organ\tubnd tinh\tUBND tỉnh") == {"nq-35": 1}
    assert found(reader, "metadata", "pages\t2\t2") == {"nq-35": 1}
    assert reader.keywords.abbreviations("short_form", "ubnd") == [
        ("UBND", "ủy ban nhân dân", 1)
    ]
    assert reader.keywords.abbreviations("long_form", "so y te") == [("SYT", "sở y tế", 1)]


def test_its_columns_are_those_of_then(reader: Reader) -> None:
    assert reader.lengths("title").tolist() == [6, 4, 0, 2, *[0] * 8, 2, 0]
    assert reader.lengths("body").tolist() == [
        28, 7, 5, 6, *range(7, 15), 6, 12_004
    ]  # fmt: skip
    first, last = reader.dates()
    day = datetime.date(2023, 7, 24).toordinal()
    year = [datetime.date(2022, 1, 1).toordinal(), datetime.date(2022, 12, 31).toordinal()]
    assert (first[0], last[0]) == (day, day)
    assert [first[4], last[4]] == year
    assert (first[1], last[1], first[12], last[12]) == (0, 0, 0, 0)
    kho = reader.postings("body_folded", "kho").doc_ids
    assert reader.positions.term_positions("body_folded", "kho", kho)[2] == [4, 5, 6]
    both = [("marked", "nghị"), ("folded", "dinh")]
    assert reader.positions.documents_with_adjacent(
        "body", both, reader.postings("body_folded", "so").doc_ids
    )


def test_its_answers_are_those_of_then(golden: Path) -> None:
    with searchidx.open(golden) as index:
        assert len(index) == 12
        for query, ids in (
            ("nghi quyet 35", ["nq-35"]),
            ("thi truong 08", ["kho-8"]),
            ("uy ban nhan dan", ["nq-35"]),
            ("hòa bình", ["lu"]),
            ("code:35-NQ/TW", ["nq-35"]),
            ("ket thuc", ["dài"]),
            ("organ:“ubnd tỉnh” pages:2", ["nq-35"]),
            ("path:bao-cao -title:chuyen", []),
            ('"truong ly"~1', [f"kho-{n}" for n in range(1, 9)]),
            ("hoà* OR quant*", ["lu"]),
            ("thu nhat", []),
            ("go bo", []),
        ):
            results = index.search(query)
            assert [hit.id for hit in results if hit.complete] == ids
        (hit,) = index.search('"quan triet"')
        assert "quán triệt" in hit.snippet.text


@pytest.mark.slow
def test_it_can_be_written_to(golden: Path) -> None:
    before = everything(Store(golden))
    store = Store(golden)
    writer = store.writer()
    for n in range(10):
        writer.add(Document(id=f"mới-{n}", body="khác"))
    writer.commit(store.metadata())
    assert len(store.reader().leaves) == 1
    writer = store.writer()
    for n in range(10):
        writer.remove(f"mới-{n}")
    writer.commit(store.metadata())
    assert everything(store) == before


@pytest.mark.slow
def test_the_same_documents_give_the_same_index_today(golden: Path, tmp_path: Path) -> None:
    build(tmp_path / "today")
    assert everything(Store(tmp_path / "today")) == everything(Store(golden))
    for old, new in zip(
        Store(golden).reader().leaves, Store(tmp_path / "today").reader().leaves, strict=True
    ):
        for name in ("body_folded.data", "syllables.firsts", "marked.blocks", "documents"):
            assert old.segment.file[name].read() == new.segment.file[name].read()


if __name__ == "__main__":
    if GOLDEN.exists():
        shutil.rmtree(GOLDEN)
    build(GOLDEN)
    sys.stdout.write(f"{GOLDEN}\n")
