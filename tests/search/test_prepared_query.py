"""Test that phrases of long queries are required where some report has them."""

from __future__ import annotations

import pytest

import searchidx
from searchidx import Document

NOTE = "no report has the words in quotation marks side by side; the hits have them apart"


@pytest.fixture
def reports(index: searchidx.Index) -> searchidx.Index:
    index.add(
        [
            Document(id="together", body="đội kiểm tra kho đường của xã trong tháng"),
            Document(id="apart", body="kho chứa đường của xã được đội kiểm tra trong tháng"),
        ]
    )
    return index


def test_a_phrase_in_a_long_query_is_required_where_a_report_has_it(
    reports: searchidx.Index,
) -> None:
    results = reports.search('đội kiểm tra của xã trong tháng "kho đường"')
    assert [hit.id for hit in results] == ["together"]
    assert NOTE not in results.notes


def test_without_such_a_report_its_words_are_looked_for(reports: searchidx.Index) -> None:
    results = reports.search('đội kiểm tra của xã trong tháng "đường kho"')
    assert {hit.id for hit in results} == {"together", "apart"}
    assert NOTE in results.notes


def test_a_phrase_beside_few_words_is_always_required(reports: searchidx.Index) -> None:
    assert reports.search('kiểm tra "đường kho"').total == 0
