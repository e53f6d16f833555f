"""Test the abbreviations that texts introduce."""

from __future__ import annotations

import csv
import doctest
import gzip
import json
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from searchidx.language.abbreviations import (
    Abbreviation,
    find_abbreviations,
)
from searchidx.language.abbreviations.short_forms import canonical_short
from searchidx.language.abbreviations.well_known import (
    LONG_FORMS,
    well_known_long_form,
    well_known_short_form,
)
from searchidx.language.character_classes import CLAUSE_DASHES, HYPHENS, has_vowel
from searchidx.language.phonology import is_unmarked_vietnamese
from searchidx.language.syllable_forms import folded, marked
from searchidx.language.tokenizer import SYLLABLE_PATTERN, split_syllables
from tests.conftest import ROOT, shared

# Every pair that the corpus of legal articles gives, judged by hand beside its context.
JUDGED = Path(__file__).parent / "data" / "abbreviations_judged.tsv"


def pairs(text: str) -> list[tuple[str, str]]:
    return [(each.short, each.long) for each in find_abbreviations(text)]


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def canonical(long: str) -> str:
    return " ".join(map(marked, long.split()))


class TestWaysToIntroduce:
    @pytest.mark.parametrize(
        "text",
        [
            "Cục Quản lý thị trường (QLTT) đã kiểm tra",
            "lực lượng quản lý thị trường ( QLTT ) đã kiểm tra",
            "Quản lý thị trường(QLTT)",
            "“Quản lý thị trường” (“QLTT”)",
            "Quản lý thị trường [QLTT]",
            "QLTT (Quản lý thị trường)",
            "QLTT (viết tắt của Quản lý thị trường)",
            "QLTT (tức là: quản lý thị trường, thuộc Bộ)",
            "Quản lý thị trường (sau đây gọi tắt là QLTT)",
            "Quản lý thị trường (sau đây được gọi tắt là “QLTT”)",
            "Quản lý thị trường (sau đây viết tắt là QLTT) các cấp",
            "Quản lý thị trường (viết tắt là QLTT)",
            "Quản lý thị trường (viết tắt: QLTT)",
            "Quản lý thị trường (gọi tắt là QLTT)",
            "Quản lý thị trường (dưới đây gọi là QLTT)",
            "Quản lý thị trường (trong Kế hoạch này gọi chung là QLTT)",
            "Quản lý thị trường (ký hiệu viết tắt là QLTT)",
            "Quản lý thị trường (sau đây gọi tắt là Cục QLTT)",
            "Quản lý thị trường, sau đây gọi tắt là QLTT, đã kiểm tra",
            "Quản lý thị trường sau đây gọi tắt là QLTT",
            "Quản lý thị trường tỉnh, thành phố (sau đây gọi tắt là QLTT)",
            "Công tác trong ngành (Quản lý thị trường - QLTT) và",
            "Công tác trong ngành (QLTT: Quản lý thị trường) và",
            "Công tác trong ngành (QLTT - Quản lý thị trường) và",
            "Cục Quản lý thị trường (Cục QLTT)",
            "QLTT là chữ viết tắt của cụm từ “quản lý thị trường”.",
            "QLTT: Quản lý thị trường",
            "Chú thích:\n- QLTT: Quản lý thị trường;\n",
            "Danh mục chữ viết tắt\n1. QLTT = Quản lý thị trường\n",
            "Chữ viết tắt\tNghĩa\nQLTT\tQuản lý thị trường\n",
            "Trong đó:\nQLTT là quản lý thị trường.",
        ],
    )
    def test_each_way(self, text: str) -> None:
        assert pairs(text) == [("QLTT", "quản lý thị trường")]
        assert pairs(decomposed(text)) == [("QLTT", "quản lý thị trường")]
        assert pairs(text.replace("ả", "a\u0309")) == [("QLTT", "quản lý thị trường")]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (
                "bảo hiểm xã hội, bảo hiểm y tế (BHXH, BHYT)",
                [("BHXH", "bảo hiểm xã hội"), ("BHYT", "bảo hiểm y tế")],
            ),
            (
                "Hội đồng nhân dân và Ủy ban nhân dân (HĐND, UBND)",
                [("HĐND", "hội đồng nhân dân"), ("UBND", "ủy ban nhân dân")],
            ),
            (
                "Ủy ban nhân dân xã, phường (sau đây gọi tắt là UBND cấp xã)",
                [("UBND", "ủy ban nhân dân")],
            ),
            (
                "công ty trách nhiệm hữu hạn (gọi tắt là công ty TNHH MTV)",
                [("TNHH", "trách nhiệm hữu hạn")],
            ),
            (
                "Hàm lượng (Maximum Residue Level - viết tắt là MRL) là",
                [("MRL", "maximum residue level")],
            ),
            ("KH: Kế hoạch\nKH: Khách hàng", [("KH", "kế hoạch"), ("KH", "khách hàng")]),
        ],
    )
    def test_several_at_once(self, text: str, expected: list[tuple[str, str]]) -> None:
        assert pairs(text) == expected

    def test_offsets_are_those_of_the_text_as_it_is(self) -> None:
        for text in ("Sở Giáo dục và\nĐào tạo (GD & ĐT) họp", "GD & ĐT (giáo dục và đào tạo)"):
            for form in (text, decomposed(text), text.upper()):
                (found,) = find_abbreviations(form)
                assert found.short == "GD&ĐT"
                assert composed(form[found.short_start : found.short_end]) == "GD & ĐT"
                long = composed(form[found.start : found.end]).lower()
                assert long.split() == ["giáo", "dục", "và", "đào", "tạo"]


class TestInitials:
    @pytest.mark.parametrize(
        ("short", "long"),
        [
            ("GDĐT", "Giáo dục và Đào tạo"),
            ("GD&ĐT", "Giáo dục và Đào tạo"),
            ("GD-ĐT", "Giáo dục, Đào tạo"),
            ("DNNVV", "doanh nghiệp nhỏ và vừa"),
            ("QLNNAN", "quản lý nhà nước về an ninh"),
            ("KT-XH", "kinh tế - xã hội"),
            ("PCCC&CNCH", "phòng cháy, chữa cháy và cứu nạn, cứu hộ"),
            ("UBND", "Uỷ ban nhân dân"),
            ("UBND", "ỦY BAN NHÂN DÂN"),
            ("ĐBSCL", "đồng bằng sông Cửu Long"),
            ("TP.HCM", "Thành phố Hồ Chí Minh"),
            ("TPHCM", "TP. Hồ Chí Minh"),
            ("Tp.HCM", "thành phố Hồ Chí Minh"),
            ("BCH TW", "Ban Chấp hành Trung ương"),
            ("T.Ư", "Trung ương"),
            ("TTr", "tờ trình"),
            ("TTg", "Thủ tướng"),
            ("ThS", "Thạc sĩ"),
            ("BCĐ35", "Ban Chỉ đạo 35"),
            ("BCĐ 35", "Ban Chỉ đạo 35"),
            ("UBMTTQVN", "Ủy ban MTTQ Việt Nam"),
            ("TNT", "thuốc nổ Trinitrotoluen"),
            ("OSWER", "Office of Solid Waste and Emergency Response"),
            ("GDDT", "giao duc dao tao"),
            ("GDĐT", "giao duc va dao tao"),
        ],
    )
    def test_the_letters_begin_the_words(self, short: str, long: str) -> None:
        expected = [(short, canonical(re.sub("[^\\w ]|- ", "", long)))]
        assert pairs(f"Theo {long} ({short})") == expected
        assert pairs(decomposed(f"Theo {long} ({short})")) == expected
        assert pairs(f"{short} ({long})") == expected

    def test_blanks_beside_separators_are_left_out(self) -> None:
        assert pairs("Thành phố Hồ Chí Minh (TP. HCM)")[0][0] == "TP.HCM"
        assert pairs("Giáo dục và Đào tạo (GD & ĐT)")[0][0] == "GD&ĐT"
        assert pairs("kinh tế - xã hội (KT – XH)")[0][0] == "KT-XH"

    @pytest.mark.parametrize("hyphen", HYPHENS)
    def test_every_hyphen_joins_the_parts_of_a_short_form(self, hyphen: str) -> None:
        assert pairs(f"kinh tế - xã hội (KT{hyphen}XH)")[0][0] == "KT-XH"
        assert pairs(f"kinh tế - xã hội (KT {hyphen} XH)")[0][0] == "KT-XH"

    @pytest.mark.parametrize("dash", CLAUSE_DASHES)
    def test_every_clause_dash_separates_the_forms(self, dash: str) -> None:
        expected = [("QLTT", "quản lý thị trường")]
        assert pairs(f"(Quản lý thị trường {dash} QLTT)") == expected
        assert pairs(f"QLTT {dash} Quản lý thị trường") == expected

    @pytest.mark.parametrize(
        "text",
        [
            "đầu tư phát triển (DTPT)",  # D is not Đ
            "diện tích (ĐT)",
            "Tổ chức Y tế Thế giới (WHO)",
            "quản lý thị trường. Xã hội (QLTTXH)",  # two sentences
            "quản lý\n\nthị trường (QLTT)",
            "quản lý | thị trường (QLTT)",
            "Nghị định số 30/2020/NĐ-CP (NĐ-CP)",
            "Nghị định (sau đây gọi tắt là Nghị định số 30/2020/NĐ-CP)",
            "nước nhà (sau đây gọi là Công ty)",
            "Quận (Q), huyện (H)",
            "doanh nghiệp A (DN A)",
            "(QLTT)", "QLTT ()", "QLTT (", "quản lý thị trường (QLTT", "QLTT:", "A B C (ABC)",
            "TT\t|\nTên trường\t|\n", "và thị trường (TT)(", "quản lý thị trường (Qltt)",
            "ban nhân dân (UBND)", "nhân dân Ủy ban (UBND)",
        ],
    )  # fmt: skip
    def test_other_things_in_brackets(self, text: str) -> None:
        assert [pair for pair in pairs(text) if pair[1] != "thị trường"] == []


def judged() -> list[tuple[str, str, bool]]:
    with JUDGED.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            (row["short"], canonical(row["long"]), row["judgement"] == "right") for row in rows
        ]


@pytest.fixture(scope="module")
def legal() -> Counter[tuple[str, str]]:
    """Count the pairs found in the corpus of legal articles."""
    path = shared("corpora") / "phapdien.jsonl.gz"
    counts: Counter[tuple[str, str]] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            counts.update(pairs(json.loads(line)["text"]))
    return counts


@pytest.mark.slow
def test_what_was_mined_from_legal_articles_is_found(legal: Counter[tuple[str, str]]) -> None:
    path = shared("abbreviations") / "mined_from_public_text.tsv"
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    mined = {
        (canonical_short(short), canonical(long))
        for short, long, _, sources in rows
        if "phapdien" in sources
    }
    assert len(mined & legal.keys()) >= 0.9 * len(mined)


@pytest.mark.slow
def test_what_is_found_in_legal_articles_is_right(legal: Counter[tuple[str, str]]) -> None:
    right = {(short, long) for short, long, is_right in judged() if is_right}
    assert sum(legal[pair] for pair in right) >= 0.95 * legal.total()


def test_the_judged_pairs_are_mostly_right() -> None:
    rows = judged()
    assert len(rows) >= 400
    assert len({row[:2] for row in rows}) == len(rows)
    assert sum(right for *_, right in rows) >= 0.95 * len(rows)


@pytest.mark.parametrize("turned", [False, True])
def test_the_pairs_that_are_right_are_found_on_their_own(turned: bool) -> None:
    for short, long, right in judged():
        if right:
            # In capitals an abbreviation in a long one is seen ("US food and drug …").
            for form in (long, long.upper()):
                if (short, long) in pairs(
                    f"{short} ({form})" if turned else f"{form} ({short})"
                ):
                    break
            else:
                pytest.fail(f"{short} and {long}")


INITIALS = "abcđghiklmnoôpqrstuưvxy"
syllables = st.tuples(
    st.sampled_from(INITIALS), st.sampled_from(["an", "ình", "ổ", "uyết", "ươn"])
).map("".join)


@given(st.lists(syllables, min_size=2, max_size=8), st.booleans(), st.data())
def test_any_initials_find_their_words(
    words: list[str], decompose: bool, data: st.DataObject
) -> None:
    short = "".join(word[0].upper() for word in words)
    passed = list(words)
    if data.draw(st.booleans()):
        place = data.draw(st.integers(1, len(words) - 1))
        link = data.draw(st.sampled_from(["và", "của", "về"]))
        assume(link[0].upper() not in short)  # or it may be read as one of the words
        passed.insert(place, link)
    text = f"Nay: {' '.join(passed)} ({short})."
    (found,) = find_abbreviations(decomposed(text) if decompose else text)
    assert found.short == short
    assert found.long == canonical(" ".join(passed))


pieces = st.sampled_from(
    ["(", ")", "[", "]", "QLTT", "GD&ĐT", "BHXH", "TP. ", "T.Ư", "TTr", "35", "/2020/NĐ-CP",
     "quản lý thị trường", "giáo dục", " và ", "Đào tạo", "Ủy ban nhân dân", "UBND", "bảo hiểm",
     "xã hội", " ", " ", "\n", "\n\n", ",", ";", ":", " - ", "|", "“", "”", ".",
     "sau đây gọi tắt là ", "viết tắt của ", "viết tắt: ", "gọi chung là ", "\u0301", "ắ", "\t"]
)  # fmt: skip


@given(st.lists(pieces, max_size=25).map("".join), st.sampled_from([composed, decomposed]))
def test_offsets_name_what_they_claim(text: str, form: Callable[[str], str]) -> None:
    text = form(text)
    previous = -1
    for found in find_abbreviations(text):
        assert previous < found.short_start < found.short_end <= len(text)
        assert 0 <= found.start < found.end <= len(text)
        assert found.end <= found.short_start or found.short_end <= found.start
        assert canonical_short(text[found.short_start : found.short_end]) == found.short
        surfaces = SYLLABLE_PATTERN.findall(text[found.start : found.end])
        assert " ".join(map(marked, surfaces)) == found.long
        assert len(surfaces) >= 2
        previous = found.short_start


@given(st.text(alphabet="(ABĐ)[]&./- \nabđ,:;“”0\u0301\u0323gọi tắt là viết của", max_size=80))
def test_any_text_is_read(text: str) -> None:
    for found in find_abbreviations(text):
        assert isinstance(found, Abbreviation)


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    ["(", "(A", "(AB)", "a (AB) ", "A.", "AB ", "AB: ab\n", "gọi tắt là ", "gọi tắt là AB ",
     "(gọi tắt là AAA", "và (VV) ", "AB là viết tắt của a ", "AB (a, ",
     "v và v và (VVVVVVV) ", "an an ANAN (AN, AN, AN) ", " AB - "],
)  # fmt: skip
def test_takes_linear_time(part: str) -> None:
    started = time.process_time()
    for _ in find_abbreviations(part * (20_000 // len(part))):
        pass
    assert time.process_time() - started < 5  # half a second when linear


TEXTS = [
    "Kế hoạch (KH); khách hàng (KH). Kế hoạch (KH) năm nay.",
    "KH: Kế hoạch",
    "Giáo dục và Đào tạo (GD&ĐT)",
    "Giáo dục và Đào tạo (GDĐT)",
    "GD-ĐT (Giáo dục và đào tạo)",
    "giáo dục, đào tạo (GDĐT)",
    "diện tích (DT), đầu tư (ĐT), quản lý thị trường (QLTT)",
]


def windows(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))


@pytest.mark.parametrize("change", [str.upper, decomposed, lambda text: text])
def test_a_cut_text_is_no_error(change: Callable[[str], str]) -> None:
    text = change(" ".join(TEXTS))
    for size in range(1, 40):
        for part in windows(text, size):
            pairs(part)


def test_the_examples_in_the_documentation_are_what_happens() -> None:
    page = ROOT / "docs/explanation/language-abbreviations.md"
    failures, examples = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert examples > 5
    assert failures == 0


def test_well_known_abbreviations_stand_for_the_initials_of_their_long_forms() -> None:
    assert len(LONG_FORMS) > 100
    for short, long in LONG_FORMS.items():
        syllables = split_syllables(long)[0]
        letters = [folded(letter) for letter in short if letter.isalpha()]
        initials = [folded(syllable)[0] for syllable in syllables]
        without_and = [folded(syllable)[0] for syllable in syllables if syllable != "và"]
        assert letters in (initials, without_and), short
        assert well_known_long_form("".join(letters)) == (short, long)
        assert well_known_short_form(" ".join(map(folded, syllables))) == short


def test_no_well_known_abbreviation_may_be_an_ordinary_word() -> None:
    for short in LONG_FORMS:
        key = "".join(map(folded, split_syllables(short)[0]))
        assert not (has_vowel(key) and is_unmarked_vietnamese(key)), short
    assert well_known_long_form("kh") is None
    assert well_known_short_form("ke hoach") is None
