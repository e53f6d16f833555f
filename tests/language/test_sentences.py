from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_sentences_end_at_full_stops_and_at_line_ends() -> None:
    assert cut("Tiêu đề\r\n\r\nCâu một. Câu hai! “Câu ba?” Câu bốn\nẢnh: An") == [
        "Tiêu đề", "Câu một.", "Câu hai!", "“Câu ba?”", "Câu bốn", "Ảnh: An",
    ]  # fmt: skip


def test_abbreviations_numbers_and_initials_end_nothing() -> None:
    for text in (
        "UBND TP. Hà Nội họp",
        "ông Nguyễn V. An nói",
        "giá 1.250 đồng, ThS. Bình ghi",
        "các nền tảng như zalo, facebook... để đấu tranh",
    ):
        assert cut(text) == [text]


@given(st.text(alphabet="aB .!?…\n\r\t\u2028”)Đ", max_size=80) | st.text())
def test_sentences_cover_the_text_but_for_white_space(text: str) -> None:
    end = 0
    for start, stop in sentences(text):
        assert text[end:start].isspace() or start == end
        assert start < stop
        assert not text[start].isspace()
        assert not text[stop - 1].isspace()
        end = stop
    assert not text[end:].strip()
