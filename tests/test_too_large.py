"""Test documents beyond the size limit, and work that needs more memory than there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import searchidx
from searchidx.document import MAX_DOCUMENT_CODE_POINTS, Document, check_document_size
from searchidx.errors import DocumentError
from searchidx.sources.failure import Failure
from searchidx.sources.jsonl import read_json_lines
from searchidx.store.maintenance.check import check_index
from searchidx.store.maintenance.repair import repair_index

LIMIT = MAX_DOCUMENT_CODE_POINTS
LONG = "ệ" * LIMIT  # three times as many bytes


@pytest.mark.parametrize(
    ("fitting", "larger"),
    [
        (Document(id="a", body=LONG), Document(id="a", body=LONG + "x")),
        (Document(id="a", title=LONG[1:], body=""), Document(id="a", title=LONG, body="")),
        (Document(id=LONG, body=""), Document(id=LONG + "x", body="")),
        (
            Document(id="a", body="", path="b" * (LIMIT - 1)),
            Document(id="a", body="", path="b" * LIMIT),
        ),
        (
            Document(id="a", body="", metadata={"k": LONG[10:]}),  # {"k": ""} are 9
            Document(id="a", body="", metadata={"k": LONG[9:]}),
        ),
    ],
)
def test_the_limit_is_exact(fitting: Document, larger: Document) -> None:
    check_document_size(fitting)
    with pytest.raises(DocumentError) as raised:
        check_document_size(larger)
    message = str(raised.value)
    assert message.startswith(f"document {larger.id[:100]!r}: its ")
    assert "has 16,777,217 characters" in message or "have 16,777,217 characters" in message
    assert message.endswith(
        " more than the limit of 16,777,216; split it into smaller documents"
    )


def _add(index: searchidx.Index, document: Document) -> None:
    index.add([Document(id="small", body="mới"), document])


def _add_in_two_processes(index: searchidx.Index, document: Document) -> None:
    index.add([Document(id="small", body="mới"), document], workers=2)


def _add_by_whoosh(index: searchidx.Index, document: Document) -> None:
    writer = index.whoosh().writer()
    try:
        writer.add_document(id=document.id, body=document.body)
        writer.commit()
    finally:
        writer.cancel()


@pytest.mark.parametrize("add", [_add, _add_in_two_processes, _add_by_whoosh])
def test_a_larger_document_is_refused_by_name_and_nothing_is_added(
    tmp_path: Path, add: Callable[[searchidx.Index, Document], None]
) -> None:
    with searchidx.create(tmp_path / "index") as index:
        index.add([Document(id="old", body="cũ")])
        with pytest.raises(DocumentError, match="document 'big': its text has 16,777,217 char"):
            add(index, Document(id="big", body=LONG + "x"))
        index.refresh()
        assert list(index.ids()) == ["old"]


@pytest.mark.slow
@pytest.mark.slow
def test_a_line_whose_metadata_grows_beyond_the_limit_is_named(tmp_path: Path) -> None:
    # The line has fewer bytes than a line may have; each number is written with 18 digits.
    numbers = ",".join(["1e15"] * (LIMIT // 10))
    path = tmp_path / "reports.jsonl"
    path.write_text(f'{{"text": "một", "n": [{numbers}]}}\n{{"text": "hai"}}\n', "utf-8")
    failure, document = read_json_lines(str(path))
    assert isinstance(failure, Failure)
    assert failure.line == 1
    assert "its id, title, path and metadata have" in failure.reason
    assert isinstance(document, Document)


def test_too_little_memory_is_neither_damage_nor_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "index"
    with searchidx.create(folder) as index:
        index.add(Document(id=str(n), body="nghị quyết") for n in range(20))

    def refuse(*arguments: object) -> None:
        raise MemoryError

    def check_all(calls: dict[str, tuple[Callable[[Path], object], ...]]) -> None:
        for name, works in calls.items():
            with monkeypatch.context() as patch:
                patch.setattr(f"searchidx.store.{name}", refuse)
                for work in works:
                    with pytest.raises(MemoryError):
                        work(folder)

    check_all(
        {
            "segment.segment.Segment.__init__": (searchidx.open, check_index, repair_index),
            "segment.segment.Segment.all_heads": (check_index,),
        }
    )
    segment = next(folder.glob("segment-*"))
    data = bytearray(segment.read_bytes())
    place = re.search(rb'"with_marks": ?\[(\d+)', data)
    assert place is not None
    data[int(place[1])] ^= 1  # so that a repair reads the documents one by one
    segment.write_bytes(data)
    check_all(
        {
            "segment.segment.Segment.head": (repair_index,),
            "codec.stored_texts.StoredTexts.read": (repair_index,),
        }
    )
    assert segment.read_bytes() == data
