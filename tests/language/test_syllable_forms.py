"""Test the folded and marked forms of syllables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.character_classes import VOWEL_LETTERS
from searchidx.language.phonology import is_vietnamese, syllables
from searchidx.language.syllable_forms import folded, has_marks, marked

ACUTE, CIRCUMFLEX, BREVE = "\u0301", "\u0302", "\u0306"
HORN, TILDE, DOT = "\u031b", "\u0303", "\u0323"


@pytest.mark.parametrize(
    ("syllable", "expected"),
    [
        ("Nghị", "nghi"),
        ("ĐẢNG", "dang"),
        ("đ", "d"),
        ("Ðảng", "dang"),  # U+00D0, the Icelandic letter that old keyboards typed
        ("QUYẾT", "quyet"),
        ("ươn", "uon"),
        ("35", "35"),
        ("05", "5"),
        ("000", "0"),
        ("QH14", "qh14"),
        ("ti", "ty"),
        ("kĩ", "ky"),
        ("quí", "quy"),
        ("vi", "vi"),
        ("tai", "tai"),
        ("３５", "35"),
        ("résumé", "resume"),
        ("nghị\u00adquyết", "nghiquyet"),
    ],
)
def test_the_folded_form_has_no_marks(syllable: str, expected: str) -> None:
    assert folded(syllable) == expected
    assert folded(unicodedata.normalize("NFD", syllable)) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hoà", "hòa"),
        ("khoẻ", "khỏe"),
        ("thuỷ", "thủy"),
        ("uỷ", "ủy"),
        ("Uý", "ÚY"),
        ("kĩ", "kỹ"),
        ("lí", "lý"),
        ("mĩ", "mỹ"),
        ("quí", "quý"),
        ("cuả", "của"),
        ("qúy", "quý"),
        ("gìa", "già"),
        ("hòan", "hoàn"),
        ("hòà", "hoà"),
        ("hi", "hy"),
        ("sĩ", "sỹ"),
        ("tỉ", "tỷ"),
        ("mì", "mỳ"),
        ("quít", "quýt"),
        ("quỳnh", "quình"),
        ("líu", "LÍU"),
        ("quíu", "quýu"),
        ("chuỵên", "chuyện"),
        ("khuyủ", "khuỷu"),
        ("khúyu", "khuýu"),
    ],
)
def test_spellings_of_one_syllable_have_one_marked_form(one: str, other: str) -> None:
    assert marked(one) == marked(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("thúy", "thúi"),
        ("tai", "tay"),
        ("nghị", "nghỉ"),
        ("đang", "dang"),
        ("quý", "quỷ"),
        ("mua", "mưa"),
        ("hoa", "hòa"),
        ("vi", "vy"),
        ("thi", "thy"),
        ("í", "ý"),
        ("lui", "luy"),
        ("mai", "may"),
        ("lít", "lýt"),
        ("quai", "quay"),
        ("quốc", "cuốc"),
        ("gì", "dì"),
    ],
)
def test_different_syllables_keep_different_marked_forms(one: str, other: str) -> None:
    assert marked(one) != marked(other)


@pytest.mark.parametrize(
    "syllable",
    ["hòa", "ủy", "khỏe", "thúi", "thúy", "tháy", "quỷ", "kỹ", "mỹ", "moóc", "khuya", "huơ",
     "của", "hoàn", "khuỷu", "già", "giếng", "gì", "quý", "quốc", "mười",
     "được", "khoái", "ngoéo", "nghiêng", "chuyện", "thuở"],
)  # fmt: skip
def test_the_traditional_spelling_is_the_canonical_one(syllable: str) -> None:
    assert marked(syllable) == syllable


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        # the tone mark before the mark of the vowel
        ("tie" + ACUTE + CIRCUMFLEX + "ng", "tiếng"),
        ("é" + CIRCUMFLEX, "ế"),
        ("E" + ACUTE + CIRCUMFLEX, "ế"),
        ("vie" + CIRCUMFLEX + DOT + "t", "việt"),
        ("vie" + DOT + CIRCUMFLEX + "t", "việt"),
        ("a" + ACUTE + BREVE + "c", "ắc"),
        ("do" + DOT + HORN + "i", "dợi"),
        ("lo" + TILDE + HORN, "lỡ"),
        # marks typed twice
        ("vẫ" + TILDE + "n", "vẫn"),
        ("ế" + ACUTE, "ế"),
        ("ê" + CIRCUMFLEX, "ê"),
        ("ệ" + DOT, "ệ"),
        ("ơ" + HORN, "ơ"),
        # Vietnamese tone marks that Unicode has deprecated
        ("a\u0341", "á"),
        ("a\u0340", "à"),
        # look-alikes of đ
        ("Đảng", "đảng"),  # U+0110, the right one
        ("Ðảng", "đảng"),  # U+00D0, Icelandic
        ("Ɖảng", "đảng"),  # U+0189, African
        ("ðảng", "đảng"),
        ("ɖảng", "đảng"),
        ("d\u0335ảng", "đảng"),
        ("D\u0336ảng", "đảng"),
        # compatibility letters
        ("ｑｕｙế\uff54", "quyết"),
        ("𝐍𝐠𝐡ị", "nghị"),
        ("ﬁ", "fi"),
        # invisible characters
        ("ng\u00adười", "người"),
        ("k\u200eý", "ký"),
        ("l\u200b\u200bý\ufeff", "lý"),
        ("ho\u200d\u2060à", "hòa"),
        ("a\u034f\u0301", "á"),
        ("tô\u02ee", "tô"),
    ],
)
def test_every_way_to_type_a_letter_gives_one_form(typed: str, expected: str) -> None:
    assert marked(typed) == expected
    assert folded(typed) == folded(expected)
    assert has_marks(typed) is has_marks(expected)


@pytest.mark.parametrize(
    "word",
    ["año", "niñ", "gdańsk", "café", "résumé", "naïve", "ǎn", "qh14", "m2", "ﺀ"],
)
def test_a_word_without_the_structure_of_a_syllable_keeps_its_marks(word: str) -> None:
    assert marked(word) == unicodedata.normalize("NFKC", word)


@pytest.mark.parametrize(
    ("syllable", "expected"),
    [("nghị", True), ("nghi", False), ("Đ", True), ("da", False), ("35", False), ("â", True),
     ("m²", False), ("nghi\u00ad", False)],
)  # fmt: skip
def test_marks_are_tones_vowel_marks_and_the_stroke(syllable: str, expected: bool) -> None:
    assert has_marks(syllable) is expected
    assert has_marks(unicodedata.normalize("NFD", syllable)) is expected


words = st.from_regex(r"\A[^\W_]{1,12}\Z")
typed = st.from_regex(
    "[bđðghkmnqtaeiouyêôươ][aeiouyêôươđngct\u0300-\u0303\u0306\u0309\u031b\u0323\u0335\u00ad\u200e]{0,9}"
)


@pytest.mark.slow
@given(words | typed)
def test_forms_do_not_depend_on_the_unicode_form_or_the_case(syllable: str) -> None:
    for form in ("NFC", "NFD"):
        normalized = unicodedata.normalize(form, syllable)
        assert marked(normalized) == marked(syllable)
        assert folded(normalized) == folded(syllable)
    assert marked(marked(syllable)) == marked(syllable)
    assert folded(folded(syllable)) == folded(syllable)


@given(words | typed)
def test_the_folded_form_is_that_of_the_marked_form_and_never_empty(syllable: str) -> None:
    assert folded(syllable) == folded(marked(syllable))
    assert folded(syllable)
    assert marked(syllable)


# The rest tests all possible syllables, typed in every way.

BASE = {"ă": "a", "â": "a", "ê": "e", "ô": "o", "ơ": "o", "ư": "u", "đ": "d"}


def vowel_and_its_mark(vowel: str) -> tuple[str, str]:
    decomposed = unicodedata.normalize("NFD", vowel)
    return decomposed[0], decomposed[1:]


def typed_variants(syllable: str) -> Iterator[str]:
    """Yield a syllable with all placements and orders of its marks, Unicode forms and cases."""
    decomposed = unicodedata.normalize("NFD", syllable)
    tone = "".join(re.findall("[\u0300\u0301\u0303\u0309\u0323]", decomposed))
    letters = unicodedata.normalize("NFC", decomposed.replace(tone, "") if tone else decomposed)
    for index, vowel in enumerate(letters):
        if vowel not in VOWEL_LETTERS:
            continue
        before, after = letters[:index], letters[index + 1 :]
        base, vowel_mark = vowel_and_its_mark(vowel)
        composed = unicodedata.normalize("NFC", before + vowel + tone + after)
        yield from (composed, composed.upper(), composed.title())
        yield unicodedata.normalize("NFD", composed.title())
        yield (before + base + tone + vowel_mark + after).upper()
        yield before + base + tone + vowel_mark + vowel_mark + tone + after
        if not tone:
            break


@pytest.mark.slow
def test_every_way_to_type_a_possible_syllable_gives_its_marked_form() -> None:
    mark, fold = marked.__wrapped__, folded.__wrapped__
    for syllable in syllables():
        plain = "".join(BASE.get(c, c) for c in toneless(syllable))
        assert fold(syllable) == plain
        for typed in set(typed_variants(syllable)):
            assert mark(typed) == syllable, ascii(typed)


def toneless(syllable: str) -> str:
    decomposed = unicodedata.normalize("NFD", syllable)
    return unicodedata.normalize(
        "NFC", re.sub("[\u0300\u0301\u0303\u0309\u0323]", "", decomposed)
    )


def test_folded_forms_are_ascii_letters() -> None:
    assert all(re.fullmatch("[a-z]+", folded(syllable)) for syllable in syllables())


SYLLABLES_WITH_VARIANTS = "hy ky ly my sy ty quy quych quyn quynh quyp quyt quyu"


def test_only_the_declared_variants_of_i_and_y_have_one_form() -> None:
    variants = set()
    for syllable in syllables():
        assert marked(syllable) == syllable  # so no two have the same form
        decomposed = unicodedata.normalize("NFD", syllable)
        for old, new in (("i", "y"), ("y", "i")):
            for match in re.finditer(old, decomposed):
                swapped = decomposed[: match.start()] + new + decomposed[match.end() :]
                if is_vietnamese(swapped) and marked(swapped) == syllable:
                    variants.add(
                        (folded(swapped), toneless(unicodedata.normalize("NFC", swapped)))
                    )
    assert variants == {(y, y.replace("y", "i")) for y in SYLLABLES_WITH_VARIANTS.split()}
