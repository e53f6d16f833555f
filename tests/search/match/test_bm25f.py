"""Test scores of terms that are kept as postings, and as a number for every document."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchidx import Document
from searchidx.arrays import DocIds, Float64Array
from searchidx.language.syllable_forms import folded
from searchidx.search.match.bm25f import Scorer, TermLookup
from searchidx.search.match.scored_terms import ScoredTerm
from searchidx.store import FIELDS, Reader, Store

WORDS = ["nghị", "nghỉ", "nghi", "quyết", "quyet", "đảng", "họp"]
texts = st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join)
lookups = st.lists(
    st.sampled_from(
        [
            TermLookup("folded", ("nghi",)),
            TermLookup("folded", ("xyzzy",)),
            TermLookup("marked", ("nghị",)),
            TermLookup("marked", ("nghi", "nghỉ", "nghị")),
            TermLookup("marked", ("quyết", "xyzzy")),
            TermLookup("folded_pair", ("nghi quyet",)),
            TermLookup("marked_pair", ("nghị quyết",)),
            TermLookup("folded", ("hop",), (("nghi", "quyet"), ("dang", "hop", "hop"))),
            TermLookup("marked", (), (("đảng", "họp", "nghị"),)),
        ]
    ),
    max_size=6,
)


def reader_of(folder: Path, documents: list[tuple[str, str]], removed: list[int]) -> Reader:
    store = Store.create(folder / "index")
    writer = store.writer()
    for number, (title, body) in enumerate(documents):
        writer.add(Document(id=str(number), title=title, body=body))
    writer.commit({})
    writer = store.writer()
    for number in removed:
        writer.remove(str(number % len(documents)))
    writer.commit({})
    return store.reader()


def given_to(term: ScoredTerm, scorer: Scorer, documents: DocIds) -> Float64Array:
    scores = np.zeros(len(documents))
    with scorer.scratch.candidates(documents) as candidates:
        term.add_to(scores, 0.7, candidates)
    return scores


@pytest.mark.slow
@settings(max_examples=50)
@given(
    st.lists(st.tuples(texts, texts), min_size=1, max_size=8),
    st.lists(st.integers(0, 7), max_size=2),
    lookups,
    st.sets(st.integers(0, 7)),
)
def test_sparse_and_dense_terms_give_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    documents: list[tuple[str, str]],
    removed: list[int],
    wanted: list[TermLookup],
    chosen: set[int],
) -> None:
    reader = reader_of(tmp_path_factory.mktemp("scoring"), documents, removed)
    some = np.array(sorted(n for n in chosen if n < reader.size), np.int32)
    of_kind: list[list[ScoredTerm]] = []
    scorers = []
    for sparse in (0, 1 << 40):  # every term is sparse; every term that occurs is dense
        scorers.append(Scorer(reader, sparse_ratio=sparse))
        of_kind.append(scorers[-1].terms(wanted))
    for one, other in zip(*of_kind, strict=True):
        assert not one.is_dense or not reader.size
        assert other.is_dense or not other.count
        assert one.count == other.count
        assert one.idf == other.idf
        left, right = given_to(one, scorers[0], some), given_to(other, scorers[1], some)
        np.testing.assert_allclose(left, right, rtol=1e-12)
        for term, found in ((one, left), (other, right)):
            assert (found <= 0.7 * term.max_score * (1 + 1e-12)).all()
            held = np.zeros(reader.size, np.bool_)
            term.mark(held)
            assert np.count_nonzero(held) == term.count
            assert ((found > 0) == held[some]).all()


def test_terms_together_are_those_asked_for_alone(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, [("họp", "nghị quyết nghị"), ("", "nghỉ họp"), ("", "")], [])
    wanted = [
        TermLookup("marked", ("nghị",)),
        TermLookup("folded", ("hop",)),
        TermLookup("word", ("x",)),
    ]
    every = np.arange(reader.size, dtype=np.int32)
    scorer = Scorer(reader)
    together = scorer.terms([*wanted, wanted[0]])
    assert together[0] is together[3]
    for lookup, term in zip(wanted, together, strict=False):
        alone = Scorer(reader).term(lookup.view, *lookup.forms)
        assert given_to(term, scorer, every).tolist() == pytest.approx(
            given_to(alone, scorer, every).tolist()
        )


def test_a_frequency_that_a_byte_does_not_hold(tmp_path: Path) -> None:
    bodies = ["họp " * count for count in (1, 255, 256, 70_000)]
    reader = reader_of(tmp_path, [("", body) for body in bodies], [])
    scorer = Scorer(reader)
    (term,) = scorer.terms([TermLookup("folded", ("hop",))])
    assert term.is_dense
    lengths = reader.lengths("body")
    frequencies = lengths / (0.25 + 0.75 * lengths / lengths.mean())
    np.testing.assert_allclose(
        given_to(term, scorer, np.arange(4, dtype=np.int32)),
        0.7 * term.idf * 2.2 * frequencies / (1.2 + frequencies),
    )


@pytest.mark.slow
@settings(max_examples=50)
@given(
    st.lists(st.tuples(texts, texts), min_size=1, max_size=6),
    st.lists(st.sampled_from(["nghi", "quyet", "dang", "hop"]), min_size=2, max_size=4),
)
def test_a_phrase_counts_as_often_as_its_rarest_pair(
    tmp_path_factory: pytest.TempPathFactory,
    documents: list[tuple[str, str]],
    phrase: list[str],
) -> None:
    reader = reader_of(tmp_path_factory.mktemp("phrases"), documents, [])
    scorer = Scorer(reader)
    term = scorer.terms([TermLookup("folded", (), (tuple(phrase),))])[0]
    tf = np.zeros(len(documents))
    in_titles = []
    for number, fields in enumerate(documents):
        for name, text, factors in zip(FIELDS, fields, scorer.factors, strict=True):
            forms = [folded(word) for word in text.split()]
            pairs = list(pairwise(forms))
            frequency = min(pairs.count(pair) for pair in pairwise(phrase))
            tf[number] += factors[number] * frequency
            if name == "title" and frequency:
                in_titles.append(number)
    assert term.count == np.count_nonzero(tf)
    assert term.title_doc_ids.tolist() == in_titles
    expected = term.idf * 2.2 * tf / (tf + 1.2)
    every = np.arange(len(documents), dtype=np.int32)
    np.testing.assert_allclose(given_to(term, scorer, every), 0.7 * expected)
