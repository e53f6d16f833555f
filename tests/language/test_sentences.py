from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.character_classes import LINE_ENDS
from searchidx.language.sentences import ends_sentence, sentences

TITLE_BEFORE = re.compile(r"(?:\b[Tt][Pp]|\b[Tt][Ss]|\b[Tt]h[Ss]|[A-ZĐ.])\Z")


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


def stop_end(text: str, place: int) -> int | None:
    """Where the stop ends that begins at a place, with closing signs; None if none does."""
    end = place
    if text[place] in "!?…" and (place == 0 or text[place - 1] not in "!?…"):
        while end < len(text) and text[end] in "!?…":
            end += 1
    elif text[place] == "." and (place == 0 or text[place - 1] != "."):
        while end < len(text) and text[end] == ".":
            end += 1
        if end == place + 1 and TITLE_BEFORE.search(text[:place]):
            return None
    else:
        return None
    while end < len(text) and text[end] in "\"”’'»)]":
        end += 1
    return end


def plainly(text: str) -> list[str]:
    """The sentences of a text, sign by sign."""
    found = []
    start = place = 0
    while place < len(text):
        if text[place] in LINE_ENDS:
            found.append(text[start:place])
            start = place = place + 1
            continue
        end = stop_end(text, place)
        if end is None or not text[end : end + 1].isspace():
            place += 1
            continue
        place = end
        following = text[end:].lstrip()[:1]
        if not (following.islower() and following.isalnum()):
            found.append(text[start:end])
            start = end
    return [sentence.strip() for sentence in [*found, text[start:]] if sentence.strip()]


@given(st.text(alphabet='aBTthPpSsđĐ²ⓐ1_ .!?…\n\r\t\u2028\u3000"”)', max_size=40) | st.text())
def test_sentences_are_those_of_going_sign_by_sign(text: str) -> None:
    assert cut(text) == plainly(text)
    stops = [stop_end(text, place) for place in range(len(text))]
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
