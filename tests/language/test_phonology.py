"""Test which syllables are possible in Vietnamese."""

from __future__ import annotations

import importlib.util
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.phonology import is_unmarked_vietnamese, is_vietnamese, syllables
from searchidx.language.syllable_forms import folded, marked
from searchidx.language.tokenizer import tokenize_syllables
from tests.conftest import shared

SYLLABLES = list(syllables())


@pytest.mark.parametrize(
    "word",
    [
        "a", "ý", "ế", "ổ", "nghị", "quyết", "đảng", "ủy", "được", "người", "nghiêng", "khuya",
        # c, g, ng and k, gh, ngh; gi; qu; yê
        "cá", "kẻ", "kỹ", "gà", "ghế", "ngà", "nghỉ", "gì", "gìn", "giếng", "giữ", "quốc",
        "quý", "yêu", "yến", "huyện", "kiên",
        # rare rimes and loans
        "khuỷu", "ngoằn", "ngoèo", "ngoạm", "nguều", "hươu", "bâng", "khuâng", "huơ", "xoong",
        "moóc", "tuýp", "uỵch", "huỳnh", "luýnh", "hoắm", "quắp", "quạu", "séc", "xẻng", "pin",
        # outside the rules, in wide use
        "buýt", "góa", "noãn", "kạn", "đắk", "lắk", "kon",
    ],
)  # fmt: skip
def test_possible_syllables(word: str) -> None:
    assert is_vietnamese(word)


@pytest.mark.parametrize(
    "word",
    [
        # abbreviations, English, French, numbers, codes, nothing
        "QLTT", "NQ", "TW", "NĐ", "Đ", "status", "boost", "text", "with", "file", "café",
        "naïve", "35", "QH14", "a1", "", " ", "năm 2023", "nghị ", "ă", "â",
        # joined, cut and damaged words
        "vàcác", "ủyban", "ợng", "hỡnh", "trỏch", "chớnh", "ngưòi", "nguời", "đuợc", "vưc",
        # spelling: c/k, g/gh, ng/ngh, q, iê/yê
        "cế", "kà", "gế", "ghà", "ngế", "nghà", "qa", "coà", "iêu", "kyên",
        # rimes: short vowels need a coda, ch and nh follow a, ê, i only, ng and c never ơ
        "mă", "mâ", "moch", "munh", "mơng", "mơc", "miê", "muô", "mươ", "thuâm",
        # glide after a labial
        "bòe", "muyên", "phoăn", "vuất",
        # a stop with a tone other than sắc and nặng
        "quyet", "quyềt", "cảc", "sãch", "tồp", "đep",
        # a tone on a consonant, two tones
        "ñ", "m\u0301a", "đ\u0301a", "nghị\u0301",
    ],
)  # fmt: skip
def test_impossible_syllables(word: str) -> None:
    assert not is_vietnamese(word)


@pytest.mark.parametrize(
    ("one", "other"),
    [("hòa", "hoà"), ("thủy", "thuỷ"), ("khỏe", "khoẻ"), ("góa", "goá"), ("kĩ", "kỹ"),
     ("lí", "lý"), ("quí", "quý"), ("quít", "quýt"), ("đảng", "Ðảng"), ("nghị", "ngh\u200eị"),
     ("ế", "e\u0301\u0302"), ("NGHỊ", "ｎｇｈị")],
)  # fmt: skip
def test_spellings_of_one_syllable_are_all_possible(one: str, other: str) -> None:
    assert is_vietnamese(one)
    assert is_vietnamese(other)


@pytest.mark.parametrize(
    ("word", "possible"),
    [("quyet", True), ("nghi", True), ("NGHI", True), ("dang", True), ("duoc", True),
     ("ti", True), ("ty", True), ("dak", True), ("text", False), ("boost", False),
     ("status", False), ("quyết", False), ("đang", False), ("nq", False), ("", False)],
)  # fmt: skip
def test_possible_syllables_without_marks(word: str, possible: bool) -> None:
    assert is_unmarked_vietnamese(word) is possible


def test_there_are_15586_syllables_all_possible_and_canonical() -> None:
    assert len(SYLLABLES) == len(set(SYLLABLES)) == 15586
    for syllable in SYLLABLES:
        assert is_vietnamese(syllable)
        assert is_unmarked_vietnamese(folded(syllable))
        assert marked(syllable) == syllable


def test_syllables_with_a_stop_have_two_tones_and_all_others_six() -> None:
    def toneless(syllable: str) -> str:
        letters = unicodedata.normalize("NFD", syllable)
        return unicodedata.normalize(
            "NFC", re.sub("[\u0300\u0301\u0303\u0309\u0323]", "", letters)
        )

    tones = Counter(map(toneless, SYLLABLES))
    exceptions = {
        letters
        for letters, count in tones.items()
        if count != (2 if letters.endswith(("c", "ch", "p", "t")) else 6)
    }
    assert " ".join(sorted(exceptions)) == (
        "boa buyt gic gioăng goa ka kan kon kông lăk moay noa noan nuy phuy quo roa roat ruy "
        "typ voan đak đăk"
    )


# Entries of pyvi's word list with marks that are no possible syllable: letters, abbreviations,
# and loans written in one piece.
FOREIGN = (
    "ôxy blốc kitô tigôn ă â bgđ crếp đ đt đtdđ fát lơgo găngxtơ guđron hđnd hđqt kêpi maníp "
    "moayơ nđ nivô nsưt ôboa ôsin panô patê patinê pêđan pêđê plây pơluya pơmu puốcboa qđ sđd "
    "tarô tatăng tđd tgđ vđv"
)


def test_every_marked_syllable_of_a_large_word_list_is_possible() -> None:
    pyvi = importlib.util.find_spec("pyvi")
    assert pyvi is not None
    assert pyvi.origin is not None
    text = (
        Path(pyvi.origin).with_name("models").joinpath("words.txt").read_text("utf-8").lower()
    )
    entries = set(re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text)))
    refused = {s for s in entries if not s.isascii() and not is_vietnamese(s)}
    assert refused == {*FOREIGN.split()}


def test_nearly_every_marked_syllable_of_real_sentences_is_possible() -> None:
    text = shared("segmentation").joinpath("ud_vtb_test.jsonl").read_text("utf-8")
    sentences = [json.loads(line)["text"] for line in text.splitlines()]
    surfaces = [s for sentence in sentences for s in tokenize_syllables(sentence).surfaces]
    vietnamese = [s for s in surfaces if not s.isascii() and not s.isupper()]
    assert sum(map(is_vietnamese, vietnamese)) > 0.995 * len(vietnamese)


@given(st.text(max_size=8))
def test_any_text_is_accepted_in_any_unicode_form(text: str) -> None:
    for form in ("NFC", "NFD"):
        assert is_vietnamese(unicodedata.normalize(form, text)) is is_vietnamese(text)
