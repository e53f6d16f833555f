"""Compare the segmentation of words with pyvi itself."""

from __future__ import annotations

import gzip
import itertools
import json
import random
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyvi import ViTokenizer

from searchidx.errors import ModelError
from searchidx.language import crf
from searchidx.language.segmentation import Segmenter, best_labels, tokenize, tokenize_many
from searchidx.language.token_table import TokenTable
from tests.conftest import shared

PIECES = [
    *("nghị", "quyết", "Nghị", "QUYẾT", "học", "sinh", "hòa", "hoà", "bình", "ủy", "Ủy", "ban"),
    *("công", "ty", "trách", "nhiệm", "hữu", "hạn", "Việt", "Nam", "TP.", "Tp.", "ThS.", "A.B"),
    *(
        "35-NQ/TW",
        "1.250,5",
        "12_3",
        "...",
        "==>",
        "->",
        ">>",
        "http://a.vn/x?y",
        "a.b+c@d-e.vn",
    ),
    *(
        "\n",
        "\r\n",
        "\t",
        " ",
        "\u00a0",
        "\u2028",
        "\x1c",
        "_",
        "__",
        "a_b",
        "ảnh:",
        "“Ừ”",
        "(",
        "%",
    ),
    *(
        "\uf8ff",
        "\uf8ff\ue000\uf8ff",
        "\ue000",
        "\u0301",
        "e\u0323\u0302",
        "ß",
        "ΑΣ",
        "İ",
        "ǅ",
        "٣",
    ),
]
texts = st.lists(st.sampled_from(PIECES), max_size=40).flatmap(
    lambda parts: st.sampled_from(["", " "]).map(lambda glue: glue.join(parts))
)


@pytest.mark.slow
@settings(max_examples=400)
@given(st.lists(texts | st.text(max_size=40), max_size=6))
def test_tokens_are_pyvis_for_any_text(batch: list[str]) -> None:
    assert tokenize_many(batch) == [ViTokenizer.tokenize(text) for text in batch]


@given(st.lists(st.sampled_from([*PIECES[:20], "xyz"]), min_size=1, max_size=400))
def test_tokens_are_pyvis_for_long_runs(parts: list[str]) -> None:
    text = " ".join(parts)
    assert tokenize(text) == ViTokenizer.tokenize(text)


@pytest.mark.slow
def test_tokens_are_pyvis_for_a_sample_of_the_law() -> None:
    path = shared("corpora") / "phapdien.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        articles = [json.loads(line)["text"] for line in itertools.islice(file, 0, 60_000, 400)]
    assert len(articles) == 150
    assert tokenize_many(articles) == [ViTokenizer.tokenize(text) for text in articles]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ud_vtb_dev.jsonl", "ud_vtb_test.jsonl"])
def test_tokens_are_pyvis_for_sentences(name: str) -> None:
    lines = (shared("segmentation") / name).read_text(encoding="utf-8").splitlines()
    sentences = [json.loads(line)["text"] for line in lines]
    assert len(sentences) > 500
    assert tokenize_many(sentences) == [ViTokenizer.tokenize(text) for text in sentences]


def test_a_text_without_tokens_is_returned_unchanged() -> None:
    for text in ("", " \t", "\u0301 "):
        assert tokenize(text) == ViTokenizer.tokenize(text)


@pytest.mark.slow
def test_the_cache_is_bounded() -> None:
    segmenter = Segmenter(batch_code_points=500, max_cached_chunks=50)
    texts = [f"nghị quyết số {n} của Bộ Chính trị" for n in range(300)]
    assert segmenter.tokenize_many(texts) == [ViTokenizer.tokenize(text) for text in texts]
    assert segmenter.cached_chunk_count < 120


def naive_labels(model: crf.SegmentationModel, scores: list[float]) -> list[bool]:
    """Return the labels of the best path by Viterbi's algorithm, one token at a time."""
    best = [(0.0, scores[0])]
    back: list[tuple[int, int]] = []
    arcs = (model.from_beginning, model.from_inside)
    for score in scores[1:]:
        totals = []
        origins = []
        for label in (0, 1):
            paths = [best[-1][before] + arcs[before][label] for before in (0, 1)]
            origins.append(int(paths[1] > paths[0]))
            totals.append(max(paths) + (score if label else 0.0))
        best.append((totals[0], totals[1]))
        back.append((origins[0], origins[1]))
    label = int(best[-1][1] > best[-1][0])
    labels = [bool(label)]
    for origin in reversed(back):
        label = origin[label]
        labels.append(bool(label))
    return labels[::-1]


# Sums of these numbers are exact, so ties do not depend on the order of addition.
halves = st.integers(-12, 12).map(lambda number: number / 2)


@st.composite
def models(draw: st.DrawFn) -> crf.SegmentationModel:
    bb, bi, ib, ii = [draw(halves) for _ in range(4)]
    return crf.SegmentationModel({}, (bb, bi), (ib, ii), frozenset(), frozenset())


@pytest.mark.slow
@settings(max_examples=300)
@given(
    st.just(crf.load_model()) | models(),
    st.lists(st.lists(halves, min_size=1, max_size=30), min_size=1, max_size=5),
)
def test_the_best_path_is_viterbis_for_any_model(
    model: crf.SegmentationModel, sequences: list[list[float]]
) -> None:
    firsts = np.cumsum([0, *map(len, sequences)])[:-1].astype(np.int32)
    flat = np.array([score for sequence in sequences for score in sequence])
    expected = [label for sequence in sequences for label in naive_labels(model, sequence)]
    assert best_labels(model, flat, firsts).tolist() == expected


def test_the_model_is_pyvis_to_the_last_bit() -> None:
    model = crf.load_model()
    tagger = ViTokenizer.ViTokenizer.model.tagger_
    generator = random.Random(35)
    attributes = sorted(model.weights)
    for _ in range(200):
        item = {generator.choice(attributes).rpartition(":")[0] or "bias": 1.0}
        chosen = generator.choice(attributes)
        tagger.set([{chosen: 1.0, **item}])
        total = model.weights[chosen] + sum(
            model.weights.get(name, 0.0) for name in item if name != chosen
        )
        # P(inside) of a single token is the logistic function of the difference.
        inside = tagger.marginal("I_W", 0)
        assert np.log(inside / (1 - inside)) == pytest.approx(total, abs=1e-9)
    assert model.bigrams == {tuple(e.split(" ")) for e in ViTokenizer.ViTokenizer.bi_grams}
    assert model.trigrams == {tuple(e.split(" ")) for e in ViTokenizer.ViTokenizer.tri_grams}


def test_neither_scikit_learn_nor_a_pickle_is_loaded() -> None:
    code = (
        "import sys, pickle\n"
        "pickle.load = pickle.loads = pickle.Unpickler = None\n"
        "from searchidx.language.segmentation import tokenize\n"
        "assert tokenize('nghị quyết') == 'nghị_quyết'\n"
        "print([name for name in ('sklearn', 'pycrfsuite', 'pyvi') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert done.stdout == "[]\n"


@pytest.fixture
def _fresh_model() -> Iterator[None]:
    crf.load_model.cache_clear()
    yield
    crf.load_model.cache_clear()


@pytest.mark.usefixtures("_fresh_model")
def test_a_missing_or_other_model_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crf, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"pip install pyvi==0\.1\.1"):
        crf.load_model()
    package = tmp_path / "pyvi"
    (package / "models").mkdir(parents=True)

    class Spec:
        submodule_search_locations = (str(package),)

    monkeypatch.setattr(crf, "find_spec", lambda name: Spec)
    with pytest.raises(ModelError, match=r"words\.txt"):
        crf.load_model()
    (package / "models" / "words.txt").write_text("a b\n", encoding="utf-8")
    original = Path(ViTokenizer.__file__).parent / "models" / "pyvi3.pkl"
    content = original.read_bytes()
    for harmed in (b"", b"\x80\x02N.", content[:5000], content.replace(b"CQDB", b"QQQQ")):
        (package / "models" / "pyvi3.pkl").write_bytes(harmed)
        with pytest.raises(ModelError, match=r"is not that of pyvi 0\.1\.1"):
            crf.load_model()


def test_tokens_of_a_table_keep_their_numbers() -> None:
    table = TokenTable(crf.load_model())
    assert [table.number(t) for t in ("", "nghị", "quyết", "nghị")] == [0, 1, 2, 1]
    assert unicodedata.normalize("NFC", table.texts[2]) == "quyết"
