"""Test the restoration of diacritics against counts of the texts and all paths of a lattice."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchidx import Document
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.search.query.query import parse, parse_syllables
from searchidx.search.rewrite.diacritics import (
    forward_backward,
    restore_diacritics,
    restore_query_diacritics,
    spellings_by_syllable,
)
from searchidx.store import Reader, Store

TEXTS = (
    "Nghị quyết về quản lý thị trường. Nghị quyết số 35.",
    "Thị trường lao động; thi trượt môn quản lý.",
    "Họp bàn nghỉ hè, quyết định nghỉ lễ.",
    "QUAN LY THI TRUONG",
    "Quyết định của nghị trường về thị xã",
)


def reader_of(folder: Path, *commits: tuple[str, ...]) -> Reader:
    """Return a commit with a segment for each of `commits`."""
    store = Store.create(folder / "index")
    number = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "searchidx.store.writer.select_segments_to_merge", lambda segments, built: []
        )
        for bodies in commits:
            writer = store.writer()
            for body in bodies:
                writer.add(Document(id=str(number), body=body))
                number += 1
            writer.commit({})
    return store.reader()


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return reader_of(tmp_path, TEXTS)


def restored(reader: Reader, text: str) -> str:
    return restore_diacritics(reader, parse_syllables(text)).text


def test_neighbours_tell_which_marks_a_syllable_has(reader: Reader) -> None:
    assert restored(reader, "nghi quyet") == "nghị quyết"
    assert restored(reader, "nghi he") == "nghỉ hè"
    assert restored(reader, "thi truong") == "thị trường"
    assert restored(reader, "thi truot") == "thi trượt"
    assert restored(reader, "quyet dinh nghi le") == "quyết định nghỉ lễ"


def test_a_pair_that_asks_is_known_where_the_texts_never_ask(tmp_path: Path) -> None:
    texts = ("bảo vệ rừng lâu năm", "bảo đảm", "bao bì", "báo cáo", "rừng lâu đời")
    assert restored(reader_of(tmp_path, texts), "rung bao lau") == "rừng bao lâu"


def test_each_place_of_a_syllable_has_its_own_marks(reader: Reader) -> None:
    query = parse("nghi quyet nghi he (nghi OR nghi) nghi le quyet")
    found = restore_query_diacritics(reader, query)
    assert found.text == "nghị quyết nghỉ hè nghỉ lễ quyết"
    nghi, quyet = parse_syllables("nghi quyet")
    spellings = spellings_by_syllable(query, found)
    first, second, third = (found.spellings[at].probabilities[0] for at in (0, 2, 4))
    assert spellings[nghi].forms == ("nghỉ", "nghị")
    assert spellings[nghi].probabilities[1] == pytest.approx(
        (first + (1 - second) + (1 - third)) / 3
    )
    assert spellings[quyet] == found.spellings[1]


def test_what_was_typed_with_marks_stays_and_helps(reader: Reader) -> None:
    found = restore_diacritics(reader, parse_syllables("thí truong nghỉ quyet 05"))
    assert found.best == ("thí", "trường", "nghỉ", "quyết", "05")
    assert found.spellings[0].forms == ("thí",)
    assert found.spellings[4].forms == ("05",)
    assert restored(reader, "nghỉ le") == "nghỉ lễ"


def test_probabilities_are_those_of_a_distribution(reader: Reader) -> None:
    found = restore_diacritics(reader, parse_syllables("nghi quyet quan ly thi truong khongco"))
    assert found.best[-1] == "khongco"
    for spellings in found.spellings:
        assert len(set(spellings.forms)) == len(spellings.forms) == len(spellings.probabilities)
        assert spellings.probabilities.sum() == pytest.approx(1)
        assert (np.diff(spellings.probabilities) <= 0).all()
    assert set(found.spellings[0].forms) == {"nghị", "nghỉ"}
    assert found.spellings[0].probabilities[0] > 0.8
    assert 0 < found.probability <= 1


def test_words_that_do_not_stand_side_by_side_do_not_tell_of_each_other(
    reader: Reader,
) -> None:
    apart = restore_diacritics(reader, parse_syllables("nghi le"), [False])
    assert apart.best == ("nghị", "lễ")
    assert restore_query_diacritics(reader, parse("nghi -gom le")).best == ("nghỉ", "lễ")
    assert restore_diacritics(reader, ()).best == ()
    assert restore_query_diacritics(reader, parse("")).text == ""


def test_an_empty_index_leaves_a_query_as_it_is(tmp_path: Path) -> None:
    found = restore_diacritics(
        Store.create(tmp_path / "index").reader(), parse_syllables("nghi quyet")
    )
    assert found.text == "nghi quyet"
    assert found.probability == 1


def test_several_segments_tell_what_one_tells(tmp_path: Path, reader: Reader) -> None:
    (tmp_path / "apart").mkdir()
    parts = reader_of(tmp_path / "apart", TEXTS[:1], TEXTS[1:3], TEXTS[3:])
    assert len(parts.leaves) > 1
    for text in ("nghi quyet thi truong", "quan ly nghi le", "quyet dinh so 35"):
        one, several = (
            restore_diacritics(reader, parse_syllables(text)),
            restore_diacritics(parts, parse_syllables(text)),
        )
        assert one.best == several.best
        assert one.probability == pytest.approx(several.probability)
        for left, right in zip(one.spellings, several.spellings, strict=True):
            assert left.forms == right.forms
            assert left.probabilities == pytest.approx(right.probabilities)


words = st.sampled_from(
    ["nghị", "nghỉ", "nghi", "quyết", "quyet", "thị", "thi", "trường", "trượt", "lễ", "5", "05"]
)
bodies = st.lists(st.lists(words, max_size=8).map(" ".join), min_size=1, max_size=6)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(bodies, st.integers(1, 3))
def test_counts_are_those_of_the_texts(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], parts: int
) -> None:
    folder = tmp_path_factory.mktemp("counts")
    reader = reader_of(folder, *(tuple(texts[at::parts]) for at in range(parts)))
    tokens = [tokenize_syllables(text) for text in texts]
    vocabulary = reader.vocabulary
    all_forms = [vocabulary.marked_forms(form) for form in ("nghi", "quyet", "thi", "5", "la")]
    for folded, forms in zip(("nghi", "quyet", "thi", "5", "la"), all_forms, strict=True):
        expected = {
            marked: sum(marked in each.marked for each in tokens)
            for text in tokens
            for one, marked in zip(text.folded, text.marked, strict=True)
            if one == folded
        }
        assert dict(zip(forms.forms, forms.counts.tolist(), strict=True)) == expected
        for form in forms.forms:
            alone = vocabulary.look_up("marked", form)
            assert (alone.forms, alone.counts.tolist()) == ((form,), [expected[form]])
    words = vocabulary.ascii_syllables()
    known = words.select(np.arange(len(words)))
    assert list(known.forms) == sorted(known.forms)
    for at, form in enumerate(known.forms):
        own = vocabulary.look_up("folded", form).term_numbers[:, 0]
        assert known.term_numbers[:, at].tolist() == own.tolist()
    assert dict(zip(known.forms, words.counts.tolist(), strict=True)) == {
        form: sum(form in each.folded for each in tokens)
        for form in {form for each in tokens for form in each.folded if form.isalpha()}
    }
    pairs = list(itertools.product(all_forms, all_forms))
    for (first, second), counts in zip(pairs, vocabulary.pair_counts(pairs), strict=True):
        assert counts.shape == (len(first), len(second))
        for (row, one), (column, two) in itertools.product(
            enumerate(first.forms), enumerate(second.forms)
        ):
            holding = [each for each in tokens if (one, two) in itertools.pairwise(each.marked)]
            assert counts[row, column] == len(holding)


lattices = st.lists(st.integers(1, 3), min_size=1, max_size=5).flatmap(
    lambda sizes: st.tuples(
        st.just(sizes),
        st.lists(
            st.integers(1, 50),
            min_size=sum(sizes) + sum(a * b for a, b in itertools.pairwise(sizes)),
            max_size=sum(sizes) + sum(a * b for a, b in itertools.pairwise(sizes)),
        ),
    )
)


@given(lattices)
def test_a_lattice_is_what_all_its_paths_say(drawn: tuple[list[int], list[int]]) -> None:
    sizes, numbers = drawn
    rest = iter(numbers)
    priors = [np.array([next(rest) / 50 for _ in range(size)]) for size in sizes]
    steps = [
        np.array([[next(rest) / 50 for _ in range(two)] for _ in range(one)])
        for one, two in itertools.pairwise(sizes)
    ]
    weights = {}
    for path in itertools.product(*map(range, sizes)):
        weight = priors[0][path[0]]
        for step, (one, two) in zip(steps, itertools.pairwise(path), strict=True):
            weight *= step[one, two]
        weights[path] = weight
    total = sum(weights.values())
    best, probability, posteriors = forward_backward(priors, steps)
    assert weights[tuple(best)] == pytest.approx(max(weights.values()))
    assert probability == pytest.approx(max(weights.values()) / total)
    for place, posterior in enumerate(posteriors):
        for point in range(sizes[place]):
            share = sum(weight for path, weight in weights.items() if path[place] == point)
            assert posterior[point] == pytest.approx(share / total)
