"""Compare sentences with a search character by character."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.character_classes import LINE_ENDS
from searchidx.language.sentences import ends_sentence, sentences

TITLE_BEFORE = re.compile(r"(?:\b[Tt][Pp]|\b[Tt][Ss]|\b[Tt]h[Ss]|[A-ZĐ.])\Z")


def sentence_texts(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_sentences_end_at_full_stops_and_at_line_ends() -> None:
    assert sentence_texts("Tiêu đề\r\n\r\nCâu một. Câu hai! “Câu ba?” Câu bốn\nẢnh: An") == [
        "Tiêu đề", "Câu một.", "Câu hai!", "“Câu ba?”", "Câu bốn", "Ảnh: An",
    ]  # fmt: skip


def test_abbreviations_numbers_and_initials_end_no_sentence() -> None:
    for text in (
        "UBND TP. Hà Nội họp",
        "ông Nguyễn V. An nói",
        "giá 1.250 đồng, ThS. Bình ghi",
        "các nền tảng như zalo, facebook... để đấu tranh",
    ):
        assert sentence_texts(text) == [text]


def stop_end(text: str, offset: int) -> int | None:
    """Return the end of the stop at an offset, with its closing signs, or None."""
    end = offset
    if text[offset] in "!?…" and (offset == 0 or text[offset - 1] not in "!?…"):
        while end < len(text) and text[end] in "!?…":
            end += 1
    elif text[offset] == "." and (offset == 0 or text[offset - 1] != "."):
        while end < len(text) and text[end] == ".":
            end += 1
        if end == offset + 1 and TITLE_BEFORE.search(text[:offset]):
            return None
    else:
        return None
    while end < len(text) and text[end] in "\"”’'»)]":
        end += 1
    return end


def naive_sentences(text: str) -> list[str]:
    """Return the sentences of a text, found character by character."""
    found_sentences = []
    start = offset = 0
    while offset < len(text):
        if text[offset] in LINE_ENDS:
            found_sentences.append(text[start:offset])
            start = offset = offset + 1
            continue
        end = stop_end(text, offset)
        if end is None or not text[end : end + 1].isspace():
            offset += 1
            continue
        offset = end
        following = text[end:].lstrip()[:1]
        if not (following.islower() and following.isalnum()):
            found_sentences.append(text[start:end])
            start = end
    return [
        sentence.strip() for sentence in [*found_sentences, text[start:]] if sentence.strip()
    ]


@given(st.text(alphabet='aBTthPpSsđĐ²ⓐ1_ .!?…\n\r\t\u2028\u3000"”)', max_size=40) | st.text())
def test_sentences_equal_those_found_character_by_character(text: str) -> None:
    assert sentence_texts(text) == naive_sentences(text)
    stops = [stop_end(text, offset) for offset in range(len(text))]
    assert ends_sentence(text) == (len(text) in stops)


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
