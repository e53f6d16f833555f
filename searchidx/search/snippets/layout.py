"""Recognize headings, captions, rows of tables and notes, which say little by themselves."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from searchidx.language.character_classes import CLAUSE_DASHES, LINE_ENDS

MAX_HEADING_CODE_POINTS: Final = 160
"""The length above which a line is running text, whatever it ends with."""
_MAX_CAPTION_CODE_POINTS: Final = 400
_MAX_NUMBER_CODE_POINTS: Final = 24
"""The length above which a text is not just the number of what follows it."""
_STOPS: Final = frozenset(".!?…")
_PAUSES: Final = frozenset(";,:")
_CLOSING: Final = "\"”’'»)]"
_OPENING_BRACKETS: Final = frozenset("([")
_CLOSING_BRACKETS: Final = frozenset(")]")
# "Ảnh: …", "Hình 2. …" or "Bảng 1 …" at the beginning, or a photographer's credit at the end.
_CAPTION: Final = re.compile(
    r"[(\[]?(?:ảnh|video|clip|nguồn|đồ họa|đồ hoạ|infographic)\b[^.:;]{0,24}:"
    r"|[(\[]?(?:hình|ảnh|bảng|biểu đồ|sơ đồ|đồ thị)\s+(?:số\s+)?\d+",
    re.IGNORECASE,
)
_CREDIT: Final = re.compile(
    rf"(?:^|[.!?…,;(\[{CLAUSE_DASHES}])\s*(?:ảnh|nguồn|đồ họa|đồ hoạ)\s?:", re.IGNORECASE
)
# "Điều 5.", "Chương II", "1.2.", "a)": the number of what follows.
_NUMBER: Final = re.compile(
    r"[^\w]*(?:(?:điều|chương|mục|tiểu mục|phần|phụ lục|khoản|bài|tập|câu)\s+)?"
    r"(?:\d+(?:\.\d+)*|[ivxlc]+|[a-zđ]|thứ\s+\w+)\s*[.):/-]*\s*",
    re.IGNORECASE,
)
_TABLE_CELLS: Final = re.compile(r"[|\t]| {3}")
# Every caption, number and row of a table has one of these, and most sentences have none.
_SUSPECT: Final = re.compile(r"[|\t:\d]| {3}")
# The rest of a line as far as a credit may be, and the line's end.
_REST_OF_LINE: Final = re.compile(rf"([^{LINE_ENDS}]{{0,60}})([{LINE_ENDS}]?)")


def is_number(text: str) -> bool:
    """Return whether a text is only the number of what follows it, such as "Điều 5."."""
    return len(text) <= _MAX_NUMBER_CODE_POINTS and _NUMBER.fullmatch(text) is not None


def is_caption(line: str) -> bool:
    """Return whether a line describes a picture or a table, or names its source."""
    if len(line) > _MAX_CAPTION_CODE_POINTS:
        return False
    line = unicodedata.normalize("NFC", line)
    return _CAPTION.match(line) is not None or (
        ":" in line and _CREDIT.search(line) is not None
    )


def is_low_content(text: str, start: int, end: int) -> bool:
    """Return whether a sentence is a heading, a caption, a row of a table or a note.

    A note is a line in brackets that names a source or a related document.

    Args:
        text: The text, or a part of it that has the whole line in which the sentence begins
            and the text after the sentence.
        start: Where the sentence begins in `text`, in code points.
        end: Where the sentence ends.
    """
    bracketed = text[start] in _OPENING_BRACKETS and text[end - 1] in _CLOSING_BRACKETS
    if end - start > MAX_HEADING_CODE_POINTS and not bracketed:
        return False
    following = _REST_OF_LINE.match(text, end)
    assert following is not None  # the pattern matches anything
    if ":" in following[1] and is_caption(text[start:end] + following[1]):
        return True  # "Toàn cảnh lễ khai giảng. Ảnh: …" is two sentences
    sentence = text[start:end]
    ends_line = not following[1].strip() and bool(following[2] or following.end() == len(text))
    if len(sentence) <= _MAX_NUMBER_CODE_POINTS or _SUSPECT.search(sentence) is not None:
        sentence = unicodedata.normalize("NFC", sentence)
        if is_number(sentence) or is_caption(sentence):
            return True
        if _TABLE_CELLS.search(sentence) is not None:
            return True
        # Most of its characters are no letters: a row of figures.
        if 2 * sum(map(str.isalpha, sentence)) < sum(map(len, sentence.split())):
            return True
    elif sentence[-1] in _STOPS:
        return ends_line and sentence.isupper()
    if not ends_line:
        return False
    lead = text[_line_start(text, start) : start].strip()
    if lead and not is_number(lead):
        return False
    last = _last_character(sentence)
    return bracketed or sentence.isupper() or (last not in _STOPS and last not in _PAUSES)


def continues_on_next_line(text: str, start: int, end: int) -> bool:
    """Return whether the next line continues a line.

    It does after a heading, after an item of a list, after an announcement, and where lines
    are broken to fit a page.  It does not after a full stop, a caption or a note.

    Args:
        text: The text.
        start: Where the last sentence of the line begins, in code points.
        end: Where that sentence ends.
    """
    if _last_character(text[start:end]) in _STOPS:
        return False
    if text[start] in _OPENING_BRACKETS and text[end - 1] in _CLOSING_BRACKETS:
        return False
    return not is_caption(text[_line_start(text, start) : end])


def _last_character(sentence: str) -> str:
    """Return the last character of a sentence before closing quotes and brackets."""
    return sentence.rstrip(_CLOSING)[-1:]


def _line_start(text: str, offset: int) -> int:
    """Return where the line of a code point begins."""
    while offset > 0 and text[offset - 1] not in LINE_ENDS:
        offset -= 1
    return offset
