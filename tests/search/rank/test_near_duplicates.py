"""Compare near-duplicates with those by sets of shingles."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import searchidx
from searchidx.document import Document
from searchidx.search.query.query import Sort
from searchidx.search.rank.near_duplicates import (
    SHINGLE_SYLLABLES,
    SKETCH_HASHES,
    estimate_jaccard,
    find_near_duplicates,
    group_near_duplicates,
)
from searchidx.search.ranking_model import DEFAULT_RANKING, RankingModel
from searchidx.store import Reader
from tests.search.match.naive_boolean import forms
from tests.store.contents import committed

WORDS = ["kho", "đường", "Đường", "lậu", "ở", "35-NQ/TW", "họp"]
# Most are a text with little changed.
TEXT = "Đội kiểm tra kho đường nhập lậu ở thị trấn Tân Hoà và lập biên bản theo tin báo"
BASE = TEXT.split()


@st.composite
def bodies(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        return " ".join(draw(st.lists(st.sampled_from(WORDS), max_size=8)))
    words = list(BASE) * draw(st.integers(1, 3))
    for _ in range(draw(st.integers(0, 2))):
        words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(WORDS))
    return " ".join(words)


commits = st.lists(st.lists(bodies(), min_size=1, max_size=6), min_size=1, max_size=3)


def written(folder: str, several: list[list[str]]) -> Reader:
    numbers = count()
    return committed(
        folder,
        *(
            [Document(id=f"{next(numbers):03}", title="Kho", body=body) for body in each]
            for each in several
        ),
    )


def shingles(document: Document) -> set[tuple[str, ...]]:
    syllables = forms(document.title, False) + forms(document.body, False)
    return {
        tuple(syllables[at : at + SHINGLE_SYLLABLES])
        for at in range(len(syllables) - SHINGLE_SYLLABLES + 1)
    }


def near(one: float, other: float, share: float) -> bool:
    return min(one, other) >= share * max(one, other)


def resemble(one: Document, other: Document) -> bool:
    a, b = shingles(one), shingles(other)
    first, second = (len(forms(f"{d.title} {d.body}", False)) for d in (one, other))
    return (
        bool(a and b)
        and near(first, second, DEFAULT_RANKING.near_duplicate_min_length_ratio)
        and len(a & b) >= DEFAULT_RANKING.near_duplicate_min_jaccard * len(a | b)
    )


@pytest.mark.slow
@settings(max_examples=30)
@given(commits, st.data())
def test_hits_are_folded_as_sets_of_shingles_say(
    several: list[list[str]], data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        reader = written(folder, several)
        documents = [reader.document(number) for number in range(reader.size)]
        order = data.draw(st.permutations(range(reader.size)))
        levels = st.sampled_from([0.0, 4.0, 4.1, 5.0, 5.05])
        scores = [data.draw(levels) for _ in order]
        under = list(range(len(order)))
        for hit in range(len(order)):
            for better in range(hit):
                if (
                    under[better] == better
                    and near(
                        scores[hit],
                        scores[better],
                        DEFAULT_RANKING.near_duplicate_min_score_ratio,
                    )
                    and resemble(documents[order[hit]], documents[order[better]])
                ):
                    under[hit] = better
                    break
        numbers = np.array(order, np.int32)
        assert (
            group_near_duplicates(reader, DEFAULT_RANKING, numbers, np.array(scores)) == under
        )
        assert find_near_duplicates(
            reader, DEFAULT_RANKING, order[0], numbers[1:]
        ).tolist() == [resemble(documents[order[0]], documents[number]) for number in order[1:]]


@given(st.sets(st.integers(0, 300)), st.sets(st.integers(0, 300), min_size=1))
def test_small_sets_are_compared_exactly(one: set[int], other: set[int]) -> None:
    sketches = [np.array(sorted(each)[:SKETCH_HASHES], np.uint64) for each in (one, other)]
    union = sorted(one | other)[:SKETCH_HASHES]
    expected = len(set(union) & one & other) / len(union)
    assert estimate_jaccard(*sketches) == pytest.approx(expected)


def test_of_long_texts_the_resemblance_is_estimated() -> None:
    generator = np.random.default_rng(5)
    for share in (0.6, 0.8, 0.95):
        union = np.unique(generator.integers(0, 1 << 56, 20_000, dtype=np.uint64))
        generator.shuffle(union)
        both = int(share * len(union))
        rest = (len(union) - both) // 2
        sketches = [
            np.sort(each)[:SKETCH_HASHES]
            for each in (union[: both + rest], np.delete(union, slice(both, both + rest)))
        ]
        assert abs(estimate_jaccard(*sketches) - share) < 0.1


sorts: st.SearchStrategy[Sort] = st.sampled_from(["relevance", "date"])
queries = st.sampled_from(["kho duong", "kho", "đường lậu", "họp", "date:>2000"])


@pytest.mark.slow
@settings(max_examples=25)
@given(commits, queries, sorts, st.integers(1, 4))
def test_pages_fit_together_and_nothing_is_lost(
    several: list[list[str]], query: str, sort: Sort, page: int
) -> None:
    model = RankingModel(near_duplicate_window=5)
    with (
        TemporaryDirectory() as folder,
        searchidx.create(Path(folder) / "index", ranking=model) as index,
    ):
        for number, bodies_ in enumerate(several):
            index.add(
                Document(id=f"{number}-{at}", body=body, date=f"20{at % 3:02}")
                for at, body in enumerate(bodies_)
            )
        plain = index.search(query, limit=100, sort=sort)
        whole = index.search(query, limit=100, sort=sort, collapse=True)
        shown = [hit.id for hit in whole]
        assert sorted(shown + [id_ for hit in whole for id_ in hit.similar]) == sorted(
            hit.id for hit in plain
        )
        assert shown == [hit.id for hit in plain if hit.id in shown]
        assert (whole.total, whole.total_complete) == (plain.total, plain.total_complete)
        assert whole.collapsed == whole.total - len(whole)
        assert [hit.rank for hit in whole] == list(range(1, len(whole) + 1))
        for offset in range(0, len(whole) + page, page):
            part = index.search(
                query,
                limit=page,
                offset=offset,
                sort=sort,
                collapse=True,
            )
            assert part.hits == whole.hits[offset : offset + page]
            assert (part.total, part.collapsed) == (whole.total, whole.collapsed)


def test_a_report_and_its_copy_are_one_hit(index: searchidx.Index) -> None:
    index.add([Document(id="a", body=TEXT), Document(id="c", body="Kho hàng khác")])
    copy = TEXT.upper().replace("TÂN HOÀ", "TÂN HÒA")
    index.add([Document(id="b", body=copy)])
    found = index.search("kho", collapse=True)
    assert [(hit.id, hit.similar) for hit in found] == [("c", ()), ("a", ("b",))]
    assert (found.total, found.collapsed) == (3, 1)
    assert [hit.id for hit in index.search("kho")] == ["c", "a", "b"]
    assert not any(hit.similar for hit in index.search("kho"))
    for none in (
        index.search("kho", limit=0, collapse=True),
        index.search("kho", limit=0, offset=9, collapse=True),
    ):
        assert (len(none), none.total, none.collapsed) == (0, 3, 1)
    assert len(index.search("kho", offset=2, collapse=True)) == 0


def test_only_so_much_text_is_read(tmp_path: Path) -> None:
    model = RankingModel(near_duplicate_max_syllables=2 * len(BASE))
    index = searchidx.create(tmp_path / "index", ranking=model)
    index.add(Document(id=id_, body=TEXT) for id_ in "abc")
    assert [hit.similar for hit in index.search("kho", collapse=True)] == [("b",), ()]
