"""Test which syllables raw keystrokes type, and which queries count as keystrokes."""

from __future__ import annotations

import json
import random
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.language import confusables
from searchidx.language.keystrokes import (
    ConvertedKeystrokes,
    InputMethod,
    convert_keystrokes,
    syllable_from_keys,
)
from searchidx.language.phonology import is_vietnamese, syllables
from searchidx.language.syllable_forms import marked
from tests.conftest import shared
from tests.language.typists import TONE_KEYS, key_orders, ordinary

SYLLABLES = list(syllables())
METHODS: tuple[InputMethod, ...] = ("Telex", "VNI")
# About a sixth of the syllables; benchmarks/keystrokes.py tries all.
SAMPLE = random.Random(20).sample(SYLLABLES, len(SYLLABLES) // 6)


def unmarked(text: str) -> str:
    letters = unicodedata.normalize("NFD", text).translate({ord("đ"): "d", ord("Đ"): "D"})
    return "".join(c for c in letters if not unicodedata.combining(c))


# Without forms such as "coong", which is no word but types công in Telex.
UNMARKED = sorted({plain for plain in map(unmarked, SYLLABLES) if "oo" not in plain})


def text(converted: ConvertedKeystrokes | None) -> str | None:
    return None if converted is None else converted.text


@pytest.mark.parametrize("method", METHODS)
def test_every_syllable_typed_as_taught_comes_back(method: InputMethod) -> None:
    for syllable in SYLLABLES:
        keys = ordinary(syllable, method)
        assert marked(syllable_from_keys(keys, method) or keys) == marked(syllable), keys


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_the_keys_may_stand_in_any_order(method: InputMethod) -> None:
    for syllable in SAMPLE:
        for keys in key_orders(syllable, method):
            assert marked(syllable_from_keys(keys, method) or keys) == marked(syllable), keys


@pytest.mark.parametrize(("method", "none"), [("Telex", "z"), ("VNI", "0")])
def test_a_tone_can_be_taken_back(method: InputMethod, none: str) -> None:
    for syllable in SAMPLE:
        letters, tone = ordinary(syllable, method), ""
        if letters[-1] in TONE_KEYS[method].values():
            letters, tone = letters[:-1], letters[-1]
        for wrong in TONE_KEYS[method].values():
            typed = letters + wrong + none + tone
            assert marked(syllable_from_keys(typed, method) or "") == marked(syllable), typed
    assert syllable_from_keys("nghi" + none, method) is None


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_every_syllable_is_converted_beside_raw_keystrokes(method: InputMethod) -> None:
    neighbors = {"Telex": "nghij quyeets", "VNI": "nghi5 quye6t1"}[method]
    for syllable in SYLLABLES:
        keys = ordinary(syllable, method)
        if keys in confusables.FOREIGN:
            continue
        result = convert_keystrokes(f"{neighbors} {keys}")
        assert result is not None
        assert result.method == method
        assert marked(result.text.split()[2]) == marked(syllable)
    stay = {ordinary(s, "Telex") for s in SYLLABLES} & confusables.FOREIGN
    assert len(stay) < 200


@pytest.mark.parametrize(
    ("typed", "meant", "method"),
    [
        ("nghij quyeets", "nghị quyết", "Telex"),
        ("nghi5 quye6t1", "nghị quyết", "VNI"),
        ("nghi5 quyet61", "nghị quyết", "VNI"),
        ("ddangr uyr", "đảng ủy", "Telex"),
        ("dangdr uyr", "đảng ủy", "Telex"),
        ("d9a3ng u3y", "đảng ủy", "VNI"),
        ("nghij quyeets 35-NQ/TW", "nghị quyết 35-NQ/TW", "Telex"),
        ("nghij quyeets 35 nq tw", "nghị quyết 35 nq tw", "Telex"),
        ("nghij quyeets 35 TW", "nghị quyết 35 TW", "Telex"),
        ("ddaauf tw coong", "đầu tư công", "Telex"),
        ("t] t][ngr", "tư tưởng", "Telex"),
        ("tr][ngf hocj", "trường học", "Telex"),
        ("dduowngf ddwowngf ddwongf duongwdf", "đường đường đường đường", "Telex"),
        ("truo72ng d9u7o7c5 duoc975", "trường được được", "VNI"),
        ("thuowr xooong hueej khuyur", "thuở xoong huệ khuỷu", "Telex"),
        ("hoaf uyr quys kyr kir gif", "hòa ủy quý kỷ kỉ gì", "Telex"),
        ("nghiszj quyeets", "nghị quyết", "Telex"),
        ("nghi50 quye6t1", "nghi quyết", "VNI"),
        ("NGHIJ QUYEETS", "NGHỊ QUYẾT", "Telex"),
        ("Ddangr Uyr, (quanr lys) thij truwowngf.", "Đảng Ủy, (quản lý) thị trường.", "Telex"),
        ("[nghij quyeets]", "[nghị quyết]", "Telex"),
        ("quanr lys", "quản lý", "Telex"),
        ("baos caos", "báo cáo", "Telex"),
        ("hoof sow", "hồ sơ", "Telex"),
        ("coong an", "công an", "Telex"),
        ("thoong tin", "thông tin", "Telex"),
        ("hopj", "họp", "Telex"),
        ("banr", "bản", "Telex"),
        ("chuyeen", "chuyên", "Telex"),
        ("taans coong ddos", "tấn công đó", "Telex"),
        ("ddieemf thi moon van teen max six cos", "điềm thi môn van tên mã sĩ có", "Telex"),
        ("kieemr tra visa test facebook", "kiểm tra visa test facebook", "Telex"),
        ("d9o65i u17 quo6c1 gia", "đội u17 quốc gia", "VNI"),
    ],
)
def test_raw_queries_are_converted(typed: str, meant: str, method: InputMethod) -> None:
    assert convert_keystrokes(typed) == ConvertedKeystrokes(meant, method)


UNCHANGED_WORDS = """
    status boost fix Texas NQ/TW QLTT 35-NQ/TW covid19 covid-19 vinachem internet facebook zalo
    marketing excel logistics tax as hos TW tw nq/tw 57/2020/QH14 NĐ-CP co2 u17 h5n1 f0 vf8 mp3
    4g a1 e10 lop5 quy1 ky2 nghi quyet dang boong xoong visa taxi sofa momo ddos box gas test
    list best post wifi website google youtube tiktok windows iphone samsung vietnam hanoi tphcm
    asean apec wto usd fdi oda gdp gmail.com http://x.vn/ddangr a_ddangr Hans Max Jones Paris
    [1] [a] ] ( \\ 35 2023 neues coso hoso reset these there was how queen teens
"""


@pytest.mark.parametrize("word", UNCHANGED_WORDS.split())
def test_words_codes_and_names_stay(word: str) -> None:
    assert convert_keystrokes(word) is None
    assert convert_keystrokes(f"{word} {word.lower()}") is None


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        "nghi quyet 35",
        "hoa chat",
        "tax as hos",
        "status boost",
        "fix Texas",
        "hair quan",  # hải quan, or the hair of whom
        "lop1 ky2 bai3",
        "quan3 ly1",  # quản lý, or a district
        "this is the best list of tests",
        "how was the tax in Texas",
        "facebook zalo internet marketing excel logistics",
        "Hans Weber cos vinachem",
        "nghi quyet tax",
        "khuree mongolia ulaanbaatar chingis erdene facebook",
        "nghị quyeets",
        "đ quyeets",
        "quyeets\u0323",
        unicodedata.normalize("NFD", "nghị quyeets"),
    ],
)
def test_ambiguous_queries_stay(query: str) -> None:
    assert convert_keystrokes(query) is None


def test_only_the_spans_are_converted() -> None:
    query = "nghij quyeets nghij"
    assert text(convert_keystrokes(query, [(0, 13)])) == "nghị quyết nghij"
    assert convert_keystrokes(query, [(14, 16)]) is None
    assert convert_keystrokes(query, []) is None


def test_every_listed_word_is_the_keys_of_a_syllable() -> None:
    for word in confusables.FOREIGN | confusables.OFTEN_FOREIGN:
        assert any(syllable_from_keys(word, method) for method in METHODS), word
    for word in confusables.NUMBERED:
        assert any(syllable_from_keys(word + digit, "VNI") for digit in "123456789"), word
    assert not confusables.FOREIGN & confusables.OFTEN_FOREIGN


@pytest.mark.parametrize("folder", ["xquad_vi", "mlqa_vi_dev"])
def test_questions_without_marks_stay(folder: str) -> None:
    with (shared("relevance") / folder / "queries.jsonl").open(encoding="utf-8") as lines:
        typed = [str(json.loads(line)["text"]) for line in lines]
    for question in typed:
        plain = unmarked(question)
        for query in (question, plain, *filter(str.isascii, plain.split())):
            if "Khuree" not in query:  # a town in Mongolia, and khuể in Telex
                assert convert_keystrokes(query) is None, query


@given(st.lists(st.sampled_from(UNMARKED) | st.integers(0, 2100).map(str), max_size=12))
def test_unmarked_vietnamese_stays(words: list[str]) -> None:
    assert convert_keystrokes(" ".join(words)) is None


keys = st.text("abcdeghijklmnopqrstuvwxyzfjw0123456789[]", min_size=1, max_size=16)
anything = st.text() | st.lists(
    keys | st.sampled_from(["nghij", "quyeets", "nghi5", "(", "-", "title:", "NQ/TW"])
).map(" ".join)


@given(anything)
def test_any_query_is_accepted_and_converted_words_are_vietnamese(query: str) -> None:
    result = convert_keystrokes(query)
    if result is not None:
        assert query.isascii() or not any(c.isalpha() for c in query if not c.isascii())
        before, after = query.split(), result.text.split()
        assert len(before) == len(after)
        assert before != after
        for old, new in zip(before, after, strict=True):
            if old != new:
                word = "".join(c for c in new if c.isalpha())
                assert is_vietnamese(word)
        assert convert_keystrokes(result.text) is None


@given(anything, st.sampled_from("ịđưĐệ\u0301ößЖ"), st.integers(0, 100))
def test_a_query_with_marks_is_never_touched(query: str, mark: str, place: int) -> None:
    place = min(place, len(query))
    assert convert_keystrokes(f"{query[:place]}{mark}{query[place:]}") is None
    assert convert_keystrokes(f"nghij quyeets {mark}") is None


@given(keys)
def test_a_syllable_is_possible_and_in_small_letters(typed: str) -> None:
    for method in METHODS:
        syllable = syllable_from_keys(typed, method)
        if syllable is not None:
            assert is_vietnamese(syllable)
            assert syllable == unicodedata.normalize("NFC", syllable.lower())
            assert syllable_from_keys(typed.upper(), method) == syllable


def test_hostile_queries_take_no_time() -> None:
    begun = time.process_time()
    for alphabet in ("aow", "uow", "dduowsz", "uo7", "[]ow"):
        draw = random.Random(1)
        words = ("".join(draw.choices(alphabet, k=14)) for _ in range(600))
        convert_keystrokes(" ".join(words))
    for unit in ("a", "a_", "_", "[", "[ ", "-a"):
        convert_keystrokes(unit * (10_000 // len(unit)))
    assert time.process_time() - begun < 10  # about .5 s; minutes if readings multiply
