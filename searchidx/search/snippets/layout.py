"""What of a report says little by itself: headings, captions, rows of tables."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from searchidx.language.sentences import LINE_ENDS

MAX_HEADING_CODE_POINTS: Final = 160
"""Code points above which a line is a text, whatever it ends with."""
_LONGEST_CAPTION: Final = 400
_LONGEST_NUMBER: Final = 24
_STOPS: Final = frozenset(".!?…")
_PAUSES: Final = frozenset(";,:")
_CLOSING: Final = "\"”’'»)]"
_OPENING, _SHUTTING = frozenset("(["), frozenset(")]")
# "Ảnh: …", "Hình 2. …", "Bảng 1 …" at the beginning, or the photographer's name at the end.
_CAPTION: Final = re.compile(
    r"[(\[]?(?:ảnh|video|clip|nguồn|đồ họa|đồ hoạ|infographic)\b[^.:;]{0,24}:"
    r"|[(\[]?(?:hình|ảnh|bảng|biểu đồ|sơ đồ|đồ thị)\s+(?:số\s+)?\d+",
    re.IGNORECASE,
)
_CREDIT: Final = re.compile(
    r"(?:^|[.!?…,;(\[–-])\s*(?:ảnh|nguồn|đồ họa|đồ hoạ)\s?:", re.IGNORECASE
)
# "Điều 5.", "Chương II", "1.2.", "a)": the number of what follows.
_NUMBER: Final = re.compile(
    r"[^\w]*(?:(?:điều|chương|mục|tiểu mục|phần|phụ lục|khoản|bài|tập|câu)\s+)?"
    r"(?:\d+(?:\.\d+)*|[ivxlc]+|[a-zđ]|thứ\s+\w+)\s*[.):/-]*\s*",
    re.IGNORECASE,
)
_TABLE: Final = re.compile(r"[|\t]| {3}")
# What a caption, a number, or a row of a table has and most sentences have not.
_SUSPECT: Final = re.compile(r"[|\t:\d]| {3}")
# The rest of a line as far as a credit may be, and the line's end.
_REST: Final = re.compile(rf"([^{LINE_ENDS}]{{0,60}})([{LINE_ENDS}]?)")


def is_number(text: str) -> bool:
    """Whether a text is but the number of what follows it."""
    return len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text) is not None


def is_caption(line: str) -> bool:
    """Whether a line tells what a picture shows, or where it is from."""
    if len(line) > _LONGEST_CAPTION:
        return False
    line = unicodedata.normalize("NFC", line)
    return _CAPTION.match(line) is not None or (
        ":" in line and _CREDIT.search(line) is not None
    )


def is_low_content(text: str, start: int, end: int) -> bool:
    """Whether a sentence of a text is a heading, a caption, a row of a table or a note.

    A note is a line in brackets, which tells where something is from or belongs to.

    Args:
        text: A text, or a part of it: with the line that the sentence begins in, and with
            what follows the sentence.
        start: Where the sentence begins.
        end: Where it ends.
    """
    bracketed = text[start] in _OPENING and text[end - 1] in _SHUTTING
    if end - start > MAX_HEADING_CODE_POINTS and not bracketed:
        return False
    following = _REST.match(text, end)
    assert following is not None  # it matches anything
    if ":" in following[1] and is_caption(text[start:end] + following[1]):
        return True  # "Toàn cảnh lễ khai giảng. Ảnh: …" is two sentences
    sentence = text[start:end]
    ends_line = not following[1].strip() and bool(following[2] or following.end() == len(text))
    if len(sentence) <= _LONGEST_NUMBER or _SUSPECT.search(sentence) is not None:
        sentence = unicodedata.normalize("NFC", sentence)
        if is_number(sentence) or _TABLE.search(sentence) is not None or is_caption(sentence):
            return True
        if 2 * sum(map(str.isalpha, sentence)) < sum(map(len, sentence.split())):
            return True
    elif sentence[-1] in _STOPS:
        return ends_line and sentence.isupper()
    if not ends_line:
        return False
    begin = _line_begin(text, start)
    lead = text[begin:start].strip()
    if lead and not is_number(lead):
        return False
    last = _last(sentence)
    return bracketed or sentence.isupper() or (last not in _STOPS and last not in _PAUSES)


def continues_on_next_line(text: str, start: int, end: int) -> bool:
    """Whether a line of a text goes on in the next line.

    That is so after a heading, an item of a list and what announces something, and where
    lines are broken to fit a page, but not after a full stop, a caption or a note.

    Args:
        text: The text.
        start: Where the last sentence of the line begins.
        end: Where it ends.
    """
    if _last(text[start:end]) in _STOPS:
        return False
    if text[start] in _OPENING and text[end - 1] in _SHUTTING:
        return False
    return not is_caption(text[_line_begin(text, start) : end])


def _last(sentence: str) -> str:
    """The last sign of a sentence, but for closing quotes and brackets."""
    return sentence.rstrip(_CLOSING)[-1:]


def _line_begin(text: str, place: int) -> int:
    while place > 0 and text[place - 1] not in LINE_ENDS:
        place -= 1
    return place
