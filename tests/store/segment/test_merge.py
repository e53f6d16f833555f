"""Compare merges with segments that are built of the live documents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from searchidx.document import Document
from searchidx.store.files.directory import Directory
from searchidx.store.segment.builder import SegmentBuilder
from searchidx.store.segment.merge import merge_segments
from searchidx.store.segment.merge_input import MergeInput
from searchidx.store.segment.merge_policy import select_segments_to_merge
from searchidx.store.segment.pending_document import PendingDocument
from searchidx.store.segment.segment import CompressionDictionaries, Segment
from searchidx.store.segment.term_merge import TermRenumbering
from tests.conftest import ROOT
from tests.store.memory import Memory


def built(
    directory: Directory,
    name: str,
    documents: Sequence[PendingDocument],
    dictionaries: CompressionDictionaries | None = None,
) -> Segment:
    builder = SegmentBuilder()
    builder.add(documents)
    builder.write(directory, name, dictionaries)
    return Segment(directory, name)


def sections(segment: Segment) -> dict[str, bytes]:
    return {name: bytes(segment.file[name].read()) for name in segment.file.names()}


def assert_merge_is_a_build(
    documents: Sequence[PendingDocument], places: list[list[bool]]
) -> Segment:
    """Compare the merge of parts with a build; `places` says which documents are live."""
    directory = Memory()
    parts = []
    first = 0
    for number, live in enumerate(places):
        segment = built(directory, str(number), documents[first : first + len(live)])
        parts.append(MergeInput(segment, np.array(live, np.bool_)))
        first += len(live)
    merge_segments(directory, "merged", parts)
    kept = [live for part in places for live in part]
    remaining = [added for added, live in zip(documents, kept, strict=True) if live]
    merged = Segment(directory, "merged")
    expected = sections(built(directory, "expected", remaining))
    found = sections(merged)
    assert sorted(found) == sorted(expected)  # they are written in another order
    for name, data in expected.items():
        assert found[name] == data, name
    return merged


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")  # some are in other encodings


WORDS = """
nghị quyết Nghi quyet 35 35-NQ/TW đảng Đảng uỷ ủy hoà hòa . ! a b 007 7 ừ Quản lý thị trường
"""
words = st.sampled_from([*WORDS.split(), "Quản lý thị trường (QLTT)", "12/QĐ-UBND", "\n\n"])
texts = st.lists(words, max_size=30).map(" ".join)


@st.composite
def documents_in_parts(draw: st.DrawFn) -> tuple[list[PendingDocument], list[list[bool]]]:
    places = draw(st.lists(st.lists(st.booleans(), max_size=5), min_size=1, max_size=4))
    documents = [
        PendingDocument(
            Document(
                id=f"{draw(st.sampled_from(['a', 'ă', 'b']))}{number}",
                title=draw(texts).replace("\n", " "),
                body=draw(texts | st.text(max_size=20)),
                date=draw(st.sampled_from([None, "2023-07-24", "2022", "--05-25"])),
                metadata=draw(st.sampled_from([{}, {"số": [1, "\n\u2028"]}])),
            ),
            draw(st.sampled_from([None, "/x", "/y"])),
        )
        for number in range(sum(map(len, places)))
    ]
    return documents, places


@pytest.mark.slow
@settings(max_examples=20)
@given(documents_in_parts())
def test_a_merge_is_byte_for_byte_a_build_of_what_remains(
    given: tuple[list[PendingDocument], list[list[bool]]],
) -> None:
    assert_merge_is_a_build(*given)


@pytest.mark.slow
def test_real_reports_in_any_parts_merge_to_what_they_are_built_to() -> None:
    documents = [
        PendingDocument(Document(id=str(path), body=read(path), title=path.stem), str(path))
        for path in sorted((ROOT / "seeds").rglob("*.txt"))
    ]
    assert len(documents) == 19
    for cuts in ([19], [1, 18], [7, 3, 9]):
        places = [[(n + size) % 4 > 0 for n in range(size)] for size in cuts]
        assert_merge_is_a_build(documents, places)


@pytest.mark.slow
def test_a_merge_numbers_syllables_anew_where_most_are_rare() -> None:
    # Of 21,500 distinct syllables the last 845 have ranks of the third tier.
    documents = [
        PendingDocument(
            Document(id=str(first), body=" ".join(map(str, range(first, stop)))), None
        )
        for first, stop in ((0, 11_000), (30_000, 30_100), (10_000, 21_500))
    ]
    merged = assert_merge_is_a_build(documents, [[True, False], [True]])
    assert len(merged.folded_of_marked) == 21_500
    assert len(merged.file["syllables.rare"]) == 4 * 845


@dataclass(frozen=True)
class Known:
    """A compression dictionary, and the documents that it was trained for."""

    dictionaries: CompressionDictionaries
    documents: list[PendingDocument]


@pytest.fixture(scope="module")
def known() -> list[Known]:
    found = []
    for name in ("dang", "chinh-quyen"):
        bodies = [read(path) for path in sorted((ROOT / "seeds" / name).iterdir())]
        pieces = [body[at : at + 200].encode() for body in bodies for at in range(0, 3000, 100)]
        dictionary = zstandard.train_dictionary(3_000, list(filter(None, pieces)))
        added = [
            PendingDocument(Document(id=f"{name}-{n}", body=b), None)
            for n, b in enumerate(bodies)
        ]
        found.append(Known(CompressionDictionaries(b"", dictionary.as_bytes()), added))
    return found


def test_a_merge_takes_over_the_dictionary_of_the_largest_part(known: list[Known]) -> None:
    one, two = known
    assert (len(one.documents), len(two.documents)) == (4, 6)
    directory = Memory()
    parts = [
        MergeInput(
            built(directory, "one", one.documents, one.dictionaries), np.ones(4, np.bool_)
        ),
        MergeInput(
            built(directory, "two", two.documents, two.dictionaries), np.ones(6, np.bool_)
        ),
    ]
    merge_segments(directory, "merged", parts)
    merged = Segment(directory, "merged")
    assert merged.compression_dictionaries() == two.dictionaries
    documents = [added.document for added in one.documents + two.documents]
    assert [merged.bodies.read(n)[0] for n in range(10)] == [d.body for d in documents]
    assert [merged.head(n).id for n in range(10)] == [d.id for d in documents]
    # What has that dictionary already is copied as it is.
    data = bytes(merged.file["bodies.data"].read())
    assert data.endswith(bytes(parts[1].segment.file["bodies.data"].read()))


@dataclass
class Sizes:
    size: int
    deleted_count: int = 0


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=200))
def test_segments_stay_few_and_documents_are_seldom_rewritten(commits: list[int]) -> None:
    segments: list[Sizes] = []
    rewritten: list[list[int]] = []  # of each segment: how often each commit's documents were
    total = 0
    for added in commits:
        chosen = select_segments_to_merge(segments, added)
        assert chosen == sorted(set(chosen))
        times = [0] + [n + 1 for at in chosen for n in rewritten[at]]
        merged = Sizes(added + sum(segments[at].size for at in chosen))
        kept = [at for at in range(len(segments)) if at not in chosen]
        segments = [*(segments[at] for at in kept), merged]
        rewritten = [*(rewritten[at] for at in kept), times]
        total += added
        assert sum(segment.size for segment in segments) == total
        # Each is more than twice as large as the next smaller one.
        sizes = sorted(segment.size for segment in segments)
        assert all(large > 2 * small for small, large in pairwise(sizes))
        assert len(segments) <= math.log2(total) + 1
        assert max(map(max, rewritten)) <= math.log(total, 1.5)


def test_small_segments_and_mostly_removed_ones_are_merged() -> None:
    segments = [Sizes(100), Sizes(10), Sizes(4), Sizes(1000, 501), Sizes(1200, 100)]
    assert select_segments_to_merge(segments, 0) == [3]
    assert select_segments_to_merge(segments[:3], 1) == []
    assert select_segments_to_merge(segments[:3], 2) == [1, 2]
    assert select_segments_to_merge(segments[:2], 4) == []
    assert select_segments_to_merge(segments[:3], 36) == [0, 1, 2]
    assert select_segments_to_merge([], 5) == []


@pytest.mark.parametrize(
    ("count", "kind"), [(6, np.int32), ((1 << 31) - 1, np.int32), (1 << 31, np.int64)]
)
def test_numbers_of_terms_fit_into_what_holds_them(count: int, kind: type) -> None:
    found, kept = np.array([1, 0, 5, 0]), np.array([True, False, True, False])
    (numbers,) = TermRenumbering.of([found], [kept], count).numbers
    assert numbers.dtype == kind
    assert numbers.tolist() == [1, 5, 5, count]


def test_merging_needs_no_disk_but_the_segment(tmp_path: Path) -> None:
    directory = Directory(tmp_path)
    segment = built(
        directory, "one", [PendingDocument(Document(id="a", body="nghị quyết"), None)]
    )
    merge_segments(directory, "two", [MergeInput(segment, np.ones(1, np.bool_))])
    assert sorted(directory.names()) == ["one", "two"]
    assert sections(Segment(directory, "one")) == sections(Segment(directory, "two"))
