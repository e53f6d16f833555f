"""Test the conversion of old encodings and the repair of damaged text."""

from __future__ import annotations

import gzip
import inspect
import json
import random
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import searchidx.language
from searchidx.language.encodings import Decoded, decode, repair_text, tables
from searchidx.language.encodings.converters import from_viqr, from_vni
from searchidx.language.encodings.likelihood import log_likelihood_ratio
from searchidx.language.phonology import is_vietnamese
from tests.conftest import ROOT, shared
from tests.language import old_encodings
from tests.language.old_encodings import ENCODERS, LETTERS, fitting, read_as_windows_1252

TEXT = (
    "Ủy ban nhân dân xã An Bình báo cáo kết quả diệt lăng quăng\n"
    "Sáng ngày 25/5, xã An Bình ra quân diệt lăng quăng tại bốn xóm, mỗi nhà úp hết chum vại "
    "không dùng đến. Nghị quyết số 35-NQ/TW được quán triệt đến từng hộ; kỹ thuật mới được "
    "hướng dẫn ở nhà văn hóa. Dự kiến quý III sẽ kết thúc.\n"
)
ENGLISH = (
    "It's a naïve idea; I'm sure that he's wrong. Go to the café at 10 a.m. and ask: why? "
    "The coöperative's résumé is on page 3 (see U+00E0, a^b and c++).\n"
)
FRENCH = (
    "Le conseil s'est réuni à l'hôtel de ville dès le début de l'été, où il a été décidé que "
    "la forêt, déjà très abîmée, serait protégée. Là où les élèves jouaient naguère, la mère "
    "du maire a planté des chênes. L'œuvre de la sœur aînée plaît à Noël; ça va? «Où?»\n"
)
UNMARKED = (
    "Toi di hoc ve nha. Chi thi so 35 cua Ban Bi thu ve bao ve nen tang tu tuong cua Dang. "
    "Thua anh, em da ve. Ba me co khoe? Cam on anh 'Hoa'.\n"
)
WRITERS = [(name, encoder) for name, encoders in ENCODERS.items() for encoder in encoders]
written = pytest.mark.parametrize(
    ("name", "encoder"), WRITERS, ids=[encoder.__name__ for _, encoder in WRITERS]
)
Encoder = Callable[[str], bytes]


def misread(name: str) -> str:
    """Return the name that `repair_text` gives to misread text of this encoding."""
    return name if name == "VIQR" else f"{name} read as windows-1252"


class TestDecode:
    @written
    def test_every_encoding(self, name: str, encoder: Encoder) -> None:
        text = TEXT
        if encoder is old_encodings.tcvn3_small:
            text = TEXT.replace("Ủy", "ủy")
        found = decode(encoder(TEXT))
        assert (found.text, found.encoding) == (text, name)
        assert found.confidence > 0.999

    @pytest.mark.parametrize(
        ("codec", "name"),
        [
            ("utf-8", "UTF-8"),
            ("utf-8-sig", "UTF-8"),
            ("utf-16-le", "UTF-16LE"),
            ("utf-16-be", "UTF-16BE"),
        ],
    )
    @pytest.mark.parametrize("text", [TEXT, ENGLISH, FRENCH, UNMARKED])
    def test_unicode(self, codec: str, name: str, text: str) -> None:
        found = decode(text.encode(codec))
        assert (found.text, found.encoding) == (text, name)
        assert found.confidence > 0.999
        if codec.startswith("utf-16"):
            marked = decode(("\ufeff" + text).encode(codec))
            assert marked == Decoded(text, name, 1.0)

    def test_the_result_is_composed(self) -> None:
        decomposed = unicodedata.normalize("NFD", TEXT)
        assert decode(decomposed.encode()) == Decoded(TEXT, "UTF-8", 1.0)
        assert decode(decomposed.encode("utf-16")).text == TEXT

    def test_real_samples(self) -> None:
        # As such files are: headings in capitals that TCVN3 does not have.
        heading = "CéNG HOµ X· HéI CHñ NGHÜA VIÖT NAM\n§éc lËp - Tù do - H¹nh phóc"
        assert decode(heading.encode("cp1252")).text == (
            "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
        )
        heading = "CéNG HOµ — X· HéI CHñ NGHÜA VIÖT NAM\n§éc lËp - Tù do - H¹nh phóc"
        assert decode(heading.encode("cp1252")).text == (
            "CỘNG HOÀ — XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
        )
        assert decode("KYÕ THUAÄT CHIEÁU SAÙNG – ñoä nhaïy".encode("cp1252")).text == (
            "KỸ THUẬT CHIẾU SÁNG – độ nhạy"
        )
        assert decode(b"Nghi. quye^'t cu?a Bo^. Chi'nh tri. ve^` tu+ tu+o+?ng").text == (
            "Nghị quyết của Bộ Chính trị về tư tưởng"
        )

    def test_tcvn_3_and_tcvn_5712_differ_in_capitals(self) -> None:
        small = "một nghị quyết rất dài được nhắc lại nhiều lần. " * 3000
        for name, encoder in (
            ("TCVN3", old_encodings.tcvn3),
            ("TCVN 5712", old_encodings.tcvn_5712),
        ):
            found = decode(encoder(f"{small}Ủy ban, Ấn Độ{small}"))
            assert found.encoding == name
            assert "Ủy ban, Ấn Độ" in found.text
        # Latin-1 has Â where TCVN 5712 has Ẩ, and Ân is a possible word.
        assert decode(old_encodings.tcvn_5712(f"{small}Ẩn")).text == f"{small}Ẩn"

    @pytest.mark.parametrize("cut", [1, 2])
    def test_broken_utf_8_is_no_old_encoding(self, cut: int) -> None:
        place = TEXT.encode().index("ế".encode())
        for data in (
            TEXT.encode()[: place + cut],
            TEXT.encode()[:place] + TEXT.encode()[place + cut :],
            TEXT.encode() + b"\xe1" * cut,
        ):
            found = decode(data)
            assert found.encoding == "UTF-8"
            assert found.confidence < 0.5
            assert "\ufffd" in found.text

    @pytest.mark.parametrize("codec", ["cp1252", "mac-roman", "cp850"])
    @pytest.mark.parametrize("text", [FRENCH, FRENCH * 50])
    def test_western_european_is_no_old_encoding(self, codec: str, text: str) -> None:
        found = decode(text.replace("œ", "oe").encode(codec))
        assert found.encoding == "windows-1252"
        assert found.confidence < 0.5

    def test_a_few_bytes_say_little(self) -> None:
        for data in (b"\xff", b"b\xe8o", "xã".encode("latin-1"), b"caf\xe9"):
            assert decode(data).confidence < 0.95
        assert decode(b"") == Decoded("", "UTF-8", 1.0)

    @given(st.binary(max_size=300))
    def test_any_bytes(self, data: bytes) -> None:
        found = decode(data)
        assert 0 <= found.confidence <= 1
        assert found.text == unicodedata.normalize("NFC", found.text)

    @given(st.text(st.characters(codec="utf-8"), max_size=200), st.sampled_from(WRITERS))
    def test_any_text_in_any_encoding(self, text: str, writer: tuple[str, Encoder]) -> None:
        found = decode(writer[1](fitting(text)))
        assert 0 <= found.confidence <= 1


class TestRepair:
    @written
    def test_every_encoding_read_as_windows_1252(self, name: str, encoder: Encoder) -> None:
        found = repair_text(read_as_windows_1252(encoder(TEXT)))
        assert found.text.casefold() == TEXT.casefold()
        assert found.encoding == misread(name)
        assert found.confidence > 0.999

    @pytest.mark.parametrize(
        "reading", [read_as_windows_1252, lambda data: data.decode("latin-1")]
    )
    def test_utf_8_read_as_something_else(self, reading: Callable[[bytes], str]) -> None:
        # Đ, ờ and ề have bytes that windows-1252 leaves undefined.
        text = f"{TEXT}Đường về, thời kỳ Đổi mới, cờ đỏ, họ tên là Ốc.\n"
        found = repair_text(reading(text.encode()))
        assert (found.text, found.encoding) == (text, "UTF-8 read as windows-1252")
        assert found.confidence > 0.999
        assert decode(reading(text.encode()).encode()) == found

    def test_a_no_break_space_that_became_a_plain_one(self) -> None:
        wrong = read_as_windows_1252("đó là nghị quyết và được quán triệt ở xã".encode())
        assert repair_text(wrong.replace("\xa0", " ")).text == (
            "đó là nghị quyết và được quán triệt ở xã"
        )

    def test_a_soft_hyphen_that_became_a_hyphen(self) -> None:
        wrong = "Tr-êng §¹i häc vµ ng-êi n-íc ®-îc t- vÊn nh-ng kh«ng nh- N§-CP, 35-NQ/TW."
        assert repair_text(wrong).text == (
            "Trường Đại học và người nước được tư vấn nhưng không như NĐ-CP, 35-NQ/TW."
        )

    def test_by_paragraph(self) -> None:
        good = (
            "Nghị quyết này được quán triệt; hoà bình, toán, quà, giá và thuế ở Côte d'Ivoire."
        )
        paragraphs = [good, "", TEXT.split("\n")[1], good, TEXT.split("\n")[1]]
        text = "\r\n".join(paragraphs)
        damaged = list(paragraphs)
        damaged[2] = read_as_windows_1252(old_encodings.vni(paragraphs[2]))
        damaged[4] = read_as_windows_1252(paragraphs[4].encode())
        found = repair_text("\r\n".join(damaged))
        assert found.text == text
        assert found.encoding == (
            "Unicode, UTF-8 read as windows-1252, VNI-Windows read as windows-1252"
        )
        assert found.confidence > 0.999

    def test_a_line_that_says_little_follows_its_neighbours(self) -> None:
        lines = ["Số: 35", *TEXT.strip().split("\n"), "í sau", "Bộ", "12"]
        damaged = read_as_windows_1252(old_encodings.tcvn3("\n".join(lines)))
        assert repair_text(damaged).text == "\n".join(lines)

    @pytest.mark.parametrize(
        "text",
        [
            TEXT,
            unicodedata.normalize("NFD", TEXT),
            ENGLISH,
            FRENCH,
            UNMARKED,
            "Tôi ở München, Zürich, Besançon, Malmö, Ærøskøbing và Genève.",
            "Diện tích 3,5 m², nhiệt độ 37°C, sản phẩm của Windows® © 2020 µm.",
            "Ingen treff på «[», «[^», «[:» eller «[=» på på på",
            "for (o = a^b; u+o; e^x) { add(a(b), u'ô'); } // U+1EA0 U+00E0 U+20AC",
            "",
            "\ud800 c\u00b8c",
        ],
    )
    def test_good_text_is_unchanged(self, text: str) -> None:
        for good in (text, text * 40):
            found = repair_text(good)
            assert found.text == good
            assert found.encoding == "Unicode"

    def test_source_code_is_unchanged(self) -> None:
        for module in (json, random, inspect, gzip, pytest):
            if (path := inspect.getsourcefile(module)) is not None:
                source = Path(path).read_text(encoding="utf-8")
                assert repair_text(source) == Decoded(source, "Unicode", 1.0)

    def test_the_starter_collection_is_unchanged(self) -> None:
        for path in (ROOT / "seeds").rglob("*.*"):
            data = path.read_bytes()
            found = decode(data)
            assert found.encoding in ("UTF-8", "UTF-16LE")
            assert found.confidence == 1.0

    @given(st.text(max_size=200))
    def test_any_text(self, text: str) -> None:
        assert 0 <= repair_text(text).confidence <= 1

    @given(st.lists(st.sampled_from(TEXT.split() + UNMARKED.split() + FRENCH.split())))
    def test_any_good_words_are_unchanged(self, words: list[str]) -> None:
        text = " ".join(words)
        assert repair_text(text).text == text


class TestTables:
    def test_viscii_and_tcvn_5712(self) -> None:
        for name, table in (("viscii", tables.VISCII), ("tcvn", tables.TCVN_5712)):
            for line in rows(shared("legacy") / f"{name}_bytes.tsv"):
                byte, code = (int(field, 16) for field in line)
                assert table.get(byte, chr(byte)) == chr(code)

    def test_tcvn_3_vni_and_viqr(self) -> None:
        for letter, tcvn3, vni, viqr in rows(shared("legacy") / "tcvn3_vni_viqr.tsv"):
            assert old_encodings.tcvn3(letter) == tcvn3.encode("latin-1")
            assert from_viqr(viqr) == letter
            if letter in "ỶỸỷỹ":
                # The table gives ë and ì, the second of which is ì as well; VNI's fonts and
                # every keyboard program have yû and yõ (Kyõ thuaät, tyû leä).
                vni = {"ỷ": "yû", "ỹ": "yõ", "Ỷ": "YÛ", "Ỹ": "YÕ"}[letter]
            assert from_vni(vni) == letter
            assert old_encodings.vni(letter) == vni.encode("cp1252")

    def test_windows_1258(self) -> None:
        for byte in range(0xA0, 0x100):
            assert tables.WINDOWS_1258.get(byte, chr(byte)) == bytes([byte]).decode("cp1258")

    @written
    def test_every_letter(self, name: str, encoder: Encoder) -> None:
        convert = old_encodings.CONVERTERS[name]
        for letter in LETTERS:
            back = convert(encoder(letter).decode("latin-1"))
            assert back == letter or encoder is old_encodings.tcvn3_small
            assert back.lower() == letter.lower()


def rows(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


class TestEvidence:
    def test_the_common_syllables_are_possible(self) -> None:
        from searchidx.language.encodings.likelihood import COMMON

        assert len(COMMON) == 300
        assert all(is_vietnamese(syllable) and not syllable.isascii() for syllable in COMMON)

    def test_words(self) -> None:
        assert (
            log_likelihood_ratio("nghị quyết").marked
            > log_likelihood_ratio("chẻo khểnh").marked
            > 0
        )
        assert log_likelihood_ratio("nghị nghị nghị") == log_likelihood_ratio("nghị")
        assert log_likelihood_ratio("nghỊ").marked < 0
        assert log_likelihood_ratio("ngh¸").marked < 0
        assert (
            log_likelihood_ratio("the quick brown fox").plain
            < log_likelihood_ratio("cho trong theo khi").plain
            < 0
        )
        assert log_likelihood_ratio("NQ/TW 35 A") == log_likelihood_ratio("")

    def test_a_word_without_end_is_not_remembered(self) -> None:
        assert log_likelihood_ratio("é" * 1_000_000).marked < 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        old_encodings.tcvn3(TEXT),
        read_as_windows_1252(old_encodings.vni(TEXT)).encode(),
        old_encodings.viqr(TEXT),
        b"A\xb5",
        b"u+",
        b"a.@\\",
        "\u00ad".encode(),
        "Ã ".encode(),
    ],
)
def test_large_inputs_take_linear_time(piece: bytes) -> None:
    decode(piece * (20_000 // len(piece)))
    times = []
    for size in (40_000, 320_000):
        data = piece * (size // len(piece))
        started = time.process_time()
        decode(data)
        times.append(time.process_time() - started)
    assert times[1] < 40 * times[0] + 0.5  # eight times as long; a square would be 64 times


def test_the_names_are_those_of_the_package() -> None:
    assert searchidx.language.decode is decode
    assert searchidx.language.repair_text is repair_text
    assert searchidx.language.Decoded is Decoded
    with pytest.raises(AttributeError):
        _ = searchidx.language.nothing


@pytest.mark.slow
@written
def test_articles_come_back_letter_for_letter(name: str, encoder: Encoder) -> None:
    """Check a sample of the measurements of `benchmarks.encodings`."""
    articles = []
    with gzip.open(shared("corpora") / "phapdien.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            articles.append(fitting(json.loads(line)["text"]))
            if len(articles) == 400:
                break
    draw = random.Random(1)
    right = 0
    texts = [text for text in articles[::10] if len(text) > 200]
    for text in articles[::4]:
        start = draw.randrange(max(1, len(text) - 200))
        texts.append(text[start : start + draw.randint(60, 200)])
    for text in texts:
        data = encoder(text)
        results = (decode(data).text, repair_text(read_as_windows_1252(data)).text)
        if encoder is old_encodings.tcvn3_small:
            text = text.casefold()
            results = (results[0].casefold(), results[1].casefold())
        right += (results == (text, text)) + text.isascii()
    assert right >= 0.97 * len(texts)
