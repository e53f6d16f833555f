"""Compare the analyzer's arrays with the slow functions for one text."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchidx.language.analyzer import Analyzer, TokenBatch
from searchidx.language.segmentation import tokenize
from searchidx.language.sentences import sentences
from searchidx.language.syllable_forms import marked
from searchidx.language.token_table import split_pyvi_tokens
from searchidx.language.tokenizer import SYLLABLE_PATTERN
from searchidx.language.tokenizer import tokenize_syllables as tokens_of

ANALYZER = Analyzer()
PIECES = [
    *("nghị", "quyết", "Nghị", "QUYẾT", "uỷ", "ỦY", "BAN", "nhân", "dân", "hoà", "hòa", "bình"),
    *(
        "công",
        "ty",
        "35-NQ/TW,",
        "1.250,5",
        "a_b",
        "ảnh:",
        "(“Ừ”",
        "xong.",
        "TP.",
        "hết!”",
        "...",
    ),
    *(
        "qu\u00adyết",
        "ho\u0323c",
        "sinh",
        "\n",
        "\r\n",
        " \u2028",
        "\t",
        "“",
        "-",
        "\U0001f600x",
    ),
]
texts = st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)


class OneText:
    """One text of a batch: its terms as strings, its syllables counted from its first."""

    def __init__(self, batch: TokenBatch, text_number: int) -> None:
        first, end = batch.bounds[text_number : text_number + 2].tolist()
        own = slice(first, end)
        vocabulary = batch.vocabulary
        self.spans = list(
            zip(batch.starts[own].tolist(), batch.ends[own].tolist(), strict=True)
        )
        self.surfaces = [vocabulary.syllables[n] for n in batch.syllables[own]]
        self.folded = [vocabulary.folded[n] for n in batch.folded[own]]
        self.marked = [vocabulary.marked[n] for n in batch.marked[own]]
        pairs = batch.folded_pairs[own], batch.marked_pairs[own]
        assert [int(column[-1]) for column in pairs if len(column)] == [-1, -1][
            : 2 * (end > first)
        ]
        self.folded_pairs = [vocabulary.folded_pairs[n] for n in pairs[0][:-1]]
        self.marked_pairs = [vocabulary.marked_pairs[n] for n in pairs[1][:-1]]
        inside = (batch.word_firsts >= first) & (batch.word_firsts < end)
        self.words = [vocabulary.words[n] for n in batch.words[inside]]
        self.word_firsts = (batch.word_firsts[inside] - first).tolist()
        inside = (batch.sentence_firsts >= first) & (batch.sentence_firsts < end)
        self.sentence_firsts = (batch.sentence_firsts[inside] - first).tolist()


def naive_words(text: str) -> list[str]:
    """Return the words of a text from the segmenter's output for each line."""
    words = []
    for line in text.splitlines():
        chunks = []
        for chunk in line.split():
            syllables = SYLLABLE_PATTERN.findall(chunk)
            tokens = split_pyvi_tokens(unicodedata.normalize("NFC", chunk))
            whole = sum(len(SYLLABLE_PATTERN.findall(token)) for token in tokens) == len(
                syllables
            )
            chunks.append(chunk if whole else " ".join(map(marked, syllables)))
        for token in tokenize(" ".join(chunks), canonical=True).split(" "):
            for word in re.findall(
                rf"{SYLLABLE_PATTERN.pattern}(?:_+{SYLLABLE_PATTERN.pattern})*", token
            ):
                forms = [marked(syllable) for syllable in SYLLABLE_PATTERN.findall(word)]
                words += ["_".join(forms[n : n + 8]) for n in range(0, len(forms), 8)]
    return words


@pytest.mark.slow
@settings(max_examples=200)
@given(st.lists(texts, max_size=5))
def test_words_are_those_of_the_segmenter(batch: list[str]) -> None:
    analyzed = ANALYZER.analyze(batch)
    for number, text in enumerate(batch):
        one = OneText(analyzed, number)
        assert one.words == naive_words(text)
        ends = [*one.word_firsts[1:], len(one.marked)]
        for word, first, end in zip(one.words, one.word_firsts, ends, strict=False):
            assert word == "_".join(one.marked[first:end])


@settings(max_examples=200)
@given(st.lists(texts | st.text(max_size=60), max_size=5))
def test_the_other_views_equal_those_of_single_functions(batch: list[str]) -> None:
    analyzed = ANALYZER.analyze(batch)
    assert len(analyzed) == len(batch)
    for number, text in enumerate(batch):
        one = OneText(analyzed, number)
        slow = tokens_of(text)
        assert one.spans == list(zip(slow.starts, slow.ends, strict=True))
        assert one.surfaces == slow.surfaces
        assert one.folded == slow.folded
        assert one.marked == slow.marked
        assert one.folded_pairs == [f"{a} {b}" for a, b in pairwise(slow.folded)]
        assert one.marked_pairs == [f"{a} {b}" for a, b in pairwise(slow.marked)]
        begins = np.searchsorted(slow.starts, [start for start, _ in sentences(text)])
        assert one.sentence_firsts == sorted({int(n) for n in begins if n < len(slow)})


def test_an_example() -> None:
    batch = ANALYZER.analyze(["", "UBND tỉnh họp. Ủy ban\nNHÂN DÂN hoà bình", "35-NQ/TW"])
    assert batch.bounds.tolist() == [0, 0, 9, 12]
    one = OneText(batch, 1)
    assert one.words == ["ubnd", "tỉnh", "họp", "ủy_ban", "nhân_dân", "hòa_bình"]
    assert one.sentence_firsts == [0, 3, 5]
    assert OneText(batch, 2).words == ["35", "nq", "tw"]


@pytest.mark.parametrize(
    "text",
    [unicodedata.normalize("NFD", "ủy ban nhân dân"), "ỦY BAN NHÂN DÂN", "uỷ ban nhân dân"],
)
def test_the_form_of_a_text_does_not_matter(text: str) -> None:
    assert OneText(ANALYZER.analyze([text]), 0).words == ["ủy_ban", "nhân_dân"]


def test_a_long_run_without_spaces_is_segmented() -> None:
    text = "a.b-" * 30_000 + " nghị quyết " + "xin chào " * 20_000
    assert OneText(ANALYZER.analyze([text]), 0).words[90_000 - 30_000] == "nghị_quyết"


def test_a_large_vocabulary_is_replaced() -> None:
    analyzer = Analyzer(max_cached_chunks=25)
    batches = [
        analyzer.analyze([f"nghị quyết {a} {b} {a}-{b}" for b in range(9)])
        for a in range(0, 40, 10)
    ]
    assert batches[0].vocabulary is batches[1].vocabulary
    assert batches[1].vocabulary is not batches[3].vocabulary
    for a, batch in enumerate(batches):
        assert OneText(batch, 7).marked == ["nghị", "quyết", str(10 * a), "7", str(10 * a), "7"]
        assert OneText(batch, 7).words[0] == "nghị_quyết"
