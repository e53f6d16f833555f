from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from benchmarks.corpus import SampleReader, shuffled, write_additions, write_enlarged

RECORDS = [
    {"id": "1", "title": "Một", "text": "Câu một. Câu hai!\nDòng ba;  phần bốn"},
    {"id": "2", "title": "Hai", "text": "Một câu"},
]


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    return path


def test_shuffled_keeps_every_sentence() -> None:
    text = RECORDS[0]["text"]
    lines = shuffled(text, random.Random(1)).split("\n")
    assert sorted(lines) == ["Câu hai!", "Câu một.", "Dòng ba;", "phần bốn"]
    orders = {shuffled(text, random.Random(seed)) for seed in range(20)}
    assert len(orders) > 5


def test_enlarged_has_every_document_so_many_times(sample: Path, tmp_path: Path) -> None:
    target = tmp_path / "enlarged.jsonl"
    size = write_enlarged(sample, 3, target)
    documents = list(SampleReader(str(target)))
    assert [name for name, _, _ in documents] == ["1-0", "2-0", "1-1", "2-1", "1-2", "2-2"]
    assert [title for _, title, _ in documents] == ["Một", "Hai"] * 3
    assert size == sum(len(body.encode()) for _, _, body in documents)
    assert len({body for _, _, body in documents[::2]}) > 1
    again = tmp_path / "again.jsonl"
    write_enlarged(sample, 3, again)
    assert again.read_bytes() == target.read_bytes()


def test_additions_have_ids_of_their_own(sample: Path, tmp_path: Path) -> None:
    target = tmp_path / "additions.jsonl"
    size = write_additions(sample, 2, target)
    documents = list(SampleReader(str(target)))
    assert [name for name, _, _ in documents] == ["1-added", "2-added"]
    assert [body for _, _, body in documents] == [record["text"] for record in RECORDS]
    assert size == sum(len(body.encode()) for _, _, body in documents)
