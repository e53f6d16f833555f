"""Test that matches of a form in a long text are bounded, and no other form is lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import searchidx
from searchidx import Document
from searchidx.search.snippets import matches
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.search.snippets.matches import MAX_MATCHES_OF_FORM, MatchedBodies, MatchFinder
from searchidx.store import Store

LIMIT = 5
TERMS = [
    HighlightTerms({"bao": 1.0, "lu": 2.0}),
    HighlightTerms({"bao": 1.0, "lu": 2.0}, typed_spellings={"bao": frozenset({"báo"})}),
    HighlightTerms({"lu": 1.0}, phrases=(("bao", "cao"),)),
    HighlightTerms({"bao": 1.0, "cao": 1.0, "lu": 1.0}, phrases=(("cao", "bao"),)),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("matches") / "index"
    with searchidx.create(place) as index:
        index.add(
            [
                Document(id="long", title="báo báo", body="báo cáo " * 100 + "lũ lụt. Lũ báo."),
                Document(id="short", body="báo cáo lũ. Báo cáo bạo."),
            ]
        )
    return place


def find(folder: Path, terms: HighlightTerms) -> MatchedBodies:
    return MatchFinder(Store(folder).reader(), terms).find(0, [0, 1])[1]


def in_bodies(bodies: MatchedBodies) -> list[list[tuple[int, int]]]:
    """Return the position and the form of all matches in each body."""
    pairs = list(zip(bodies.positions.tolist(), bodies.forms.tolist(), strict=True))
    bounds = bodies.match_bounds
    return [pairs[bounds[number] : bounds[number + 1]] for number in range(len(bodies))]


@pytest.mark.parametrize("terms", TERMS[:2])
def test_the_first_matches_of_each_form_in_each_body_are_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch, terms: HighlightTerms
) -> None:
    everything = in_bodies(find(folder, terms))
    assert len(everything[0]) > 100
    monkeypatch.setattr(matches, "MAX_MATCHES_OF_FORM", LIMIT)
    expected = []
    for pairs in everything:
        seen: Counter[int] = Counter()
        kept = []
        for position, form in pairs:
            seen[form] += 1
            if seen[form] <= LIMIT:
                kept.append((position, form))
        expected.append(kept)
    assert in_bodies(find(folder, terms)) == expected


@pytest.mark.parametrize("terms", TERMS[2:])
def test_the_first_matches_of_a_phrase_are_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch, terms: HighlightTerms
) -> None:
    everything = in_bodies(find(folder, terms))
    monkeypatch.setattr(matches, "MAX_MATCHES_OF_FORM", LIMIT)
    found = in_bodies(find(folder, terms))
    assert found[1] == everything[1]
    assert 2 * LIMIT <= len(found[0]) <= 5 * LIMIT
    assert set(found[0]) <= set(everything[0])
    assert [pair for pair in found[0] if pair[0] >= 200] == [
        pair for pair in everything[0] if pair[0] in (200, 202)
    ]  # the rare word at the end


def test_the_work_on_matches_does_not_grow_with_the_text(tmp_path: Path) -> None:
    counts = []
    for times in (2, 4):
        with searchidx.create(tmp_path / str(times)) as index:
            index.add([Document(id="x", body="báo cáo " * MAX_MATCHES_OF_FORM * times)])
        reader = Store(tmp_path / str(times)).reader()
        bodies = MatchFinder(reader, HighlightTerms({"bao": 1.0})).find(0, [0])[1]
        counts.append(len(bodies.positions))
    assert counts == [MAX_MATCHES_OF_FORM, MAX_MATCHES_OF_FORM]
