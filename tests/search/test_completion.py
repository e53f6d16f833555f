"""How a query may go on."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import searchidx
from searchidx import Document
from searchidx.language.tokens import tokenize
from tests.search.test_restoration import bodies, reader_of


@pytest.fixture
def office(index: searchidx.Index) -> searchidx.Index:
    index.add(
        Document(id=f"{kind}{n}", title="Thông báo", body=body)
        for count, kind, body in [
            (9, "market", "Nghị quyết về quản lý thị trường trong nước năm nay"),
            (7, "decision", "Quyết định xử phạt vi phạm hành chính của Chi cục Quản lý thuế"),
            (5, "holiday", "Thông báo nghỉ lễ Quốc khánh, quyết định lịch trực"),
            (3, "road", "Đảng ủy họp bàn về đường bộ"),
        ]
        for n in range(count)
    )
    return index


def inserted(index: searchidx.Index, text: str, limit: int = 8) -> list[str]:
    found = index.complete(text, limit=limit)
    for each in found:
        assert each.text == text[: each.start] + each.insert
        assert each.count > 0
    assert len(found) <= limit
    return [each.insert for each in found]


def test_a_syllable_is_completed_by_the_one_before(office: searchidx.Index) -> None:
    assert inserted(office, "nghi q")[0].startswith("quyết về quản lý")
    assert inserted(office, "nghị qu")[0].startswith("quyết về quản lý")
    assert inserted(office, "thi tr")[0].startswith("trường trong nước")
    assert inserted(office, "xu ph")[0] == "phạt vi phạm hành chính của"


def test_what_branches_is_offered_up_to_there_and_beyond(office: searchidx.Index) -> None:
    found = inserted(office, "quan l")
    assert found[:2] == ["lý thị trường trong nước năm", "lý thuế"]
    office.add(
        Document(id=f"x{n}", body=body)
        for n, body in enumerate([*["đất đai"] * 4, *["đất rừng"] * 3, "đất đá", "đất nền"])
    )
    assert inserted(office, "đất") == ["đất đai", "đất rừng"]
    assert inserted(office, "dat") == ["đất", "đất đai", "đất rừng"]


def test_two_syllables_before_tell_more_than_one(office: searchidx.Index) -> None:
    # định follows quyết more often than về does, but not behind nghị.
    assert inserted(office, "nghị quyết ")[0].startswith("về")
    assert inserted(office, "lễ quốc khánh quyet ")[0].startswith("định")


def test_at_the_beginning_the_commonest_come_first(office: searchidx.Index) -> None:
    found = office.complete("qu")
    assert {each.insert.split()[0] for each in found} == {"quyết", "quản", "quốc"}
    assert found[0].insert.startswith("quyết")  # 21 reports; quản is in 16, quốc in 5
    assert [each.count for each in found] == sorted((e.count for e in found), reverse=True)
    assert inserted(office, "") == inserted(office, "   ") == []
    assert inserted(office, "xqz") == []


def test_marks_that_were_typed_are_kept(office: searchidx.Index) -> None:
    assert {each.split()[0] for each in inserted(office, "đ")} == {"định", "đảng", "đường"}
    assert {each.split()[0] for each in inserted(office, "đươ")} == {"đường"}
    assert {each.split()[0] for each in inserted(office, "đa\u0309")} == {"đảng"}
    assert {each.split()[0] for each in inserted(office, "d")} == {"định", "đảng", "đường"}
    assert inserted(office, "đã") == []


def test_only_the_words_of_a_query_are_completed(office: searchidx.Index) -> None:
    assert inserted(office, "date:2") == inserted(office, "-code:n") == []
    assert office.complete("title:ngh")[0].text.startswith("title:ngh")
    assert office.complete('"thi tr')[0].text.startswith('"thi trường')
    assert office.complete("thi tr", limit=0) == ()
    assert inserted(office, "x" * 10_001) == []
    assert inserted(office, "\udcff") == []


def test_an_empty_index_has_nothing_to_say(index: searchidx.Index) -> None:
    assert index.complete("ngh") == index.complete("nghi ") == ()


@settings(max_examples=30, deadline=None)
@given(bodies, st.integers(1, 3), st.sampled_from(["", "n", "t", "th", "q", "z"]))
def test_followers_are_those_of_the_texts(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], parts: int, prefix: str
) -> None:
    folder = tmp_path_factory.mktemp("followers")
    reader = reader_of(folder, *(tuple(texts[at::parts]) for at in range(parts)))
    tokens = [tokenize(text) for text in texts]
    folded = {
        marked: form
        for text in tokens
        for marked, form in zip(text.marked, text.folded, strict=True)
    }
    alone = Counter(form for text in tokens for form in set(text.marked))
    for first in ("nghị", "thi", "xyz"):
        expected = Counter(
            pair[1]
            for text in tokens
            for pair in set(itertools.pairwise(text.marked))
            if pair[0] == first and folded[pair[1]].startswith(prefix)
        )
        found = reader.vocabulary.followers(first, prefix, 20)
        assert dict(zip(found.forms, found.counts.tolist(), strict=True)) == expected
        assert (np.diff(found.counts) <= 0).all()
        few = reader.vocabulary.followers(first, prefix, 3)
        assert few.counts.tolist() == found.counts[:3].tolist()
    found = reader.vocabulary.beginning_with(prefix, 20)
    assert dict(zip(found.forms, found.counts.tolist(), strict=True)) == {
        form: count for form, count in alone.items() if folded[form].startswith(prefix)
    }
    # What follows at each place, against the texts themselves.
    for number, text in enumerate(texts):
        at = reader.number(
            str(sum(len(texts[n::parts]) for n in range(number % parts)) + number // parts)
        )
        assert at is not None
        segment = reader.segment(at)
        marked = tokenize(text).marked
        behind = reader.streams.following(segment, ["nghị", "quyết"], [at], 2)
        assert [
            tuple(reader.streams.spelled(segment, [n for n in row if n >= 0]))
            for row in behind.tolist()
        ] == [
            tuple(marked[place + 2 : place + 4])
            for place in range(len(marked) - 1)
            if marked[place : place + 2] == ["nghị", "quyết"]
        ]
