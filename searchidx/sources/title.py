"""The title of a report: the first line that reads like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from searchidx.language.dates import find_dateline
from searchidx.language.dates.word_patterns import unmarked
from searchidx.language.sentences import sentences

_HEAD: Final = 20_000  # code points in which a title is looked for
_LINES: Final = 60  # and lines with words
_LONGEST_TITLE: Final = 250  # code points; a longer line is a paragraph
_LONGEST_CUT: Final = 150  # code points of a paragraph that stand for a title
_SHORTEST_SENTENCE: Final = 15  # code points: "1." and "Kính thưa." are no titles
_LONGEST_ORGAN: Final = 60  # code points
_LETTERHEAD: Final = 7  # lines after an organ's name in which its letterhead goes on

_LINE: Final = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
# What may surround the words of a title without being part of it: white space, invisible
# characters and the marks of Markdown.
_BEFORE: Final = re.compile(r"[\s\ufeff\u200b\u00ad#*_>=~-]*")
_AFTER: Final = re.compile(r"[\s\ufeff\u200b\u00ad*_#=~-]")
_INVISIBLE: Final = re.compile(r"[\ufeff\u200b\u00ad]")
_COLUMNS: Final = re.compile(r"\t+|\s{3,}|\s\|\s")

# The patterns below are for text in lower case without marks.
_KINDS: Final = (
    "bao cao", "thong bao", "nghi quyet", "quyet dinh", "ke hoach", "chi thi", "to trinh",
    "cong van", "cong dien", "huong dan", "ket luan", "chuong trinh", "bien ban", "giay moi",
    "thu moi", "thong tu", "nghi dinh", "luat", "quy che", "quy dinh", "de an", "phuong an",
    "thong cao bao chi",
)  # fmt: skip
_LETTERSPACED_KINDS: Final = frozenset(" ".join(kind.replace(" ", "")) for kind in _KINDS)
_KIND: Final = re.compile(rf"(?:{'|'.join(_KINDS)})\b")
_KIND_ALONE: Final = re.compile(
    _KIND.pattern + r"(?: (?:nhanh|tom tat|so ket|tong ket|chuyen de|giai trinh|khan))?"
)
_MOTTOES: Final = frozenset(
    {"cong hoa xa hoi chu nghia viet nam", "doc lap tu do hanh phuc", "dang cong san viet nam"}
)
# "UBND TỈNH AN BÌNH CỘNG HÒA XÃ HỘI …": two columns of a letterhead on one line.
_ORGAN_AND_MOTTO: Final = re.compile(
    r"(?:[^\W_]+ ){1,8}(?<!nuoc )"
    r"(?:cong hoa xa hoi chu nghia viet nam|doc lap tu do hanh phuc)"
)
_NUMBER: Final = re.compile(r"so\s?:?\s{0,9}[0-9.…_/\s]{0,16}[/-]\s?[a-z][\w/&.-]{0,24}")
_PAGE: Final = re.compile(r"(?:trang|page) [0-9]+(?: (?:tren |of )?[0-9]+)?")
_STAMP: Final = re.compile(
    r"(?:toi |tuyet )?mat|(?:thuong )?khan|hoa toc|(?:ban )?du thao|kinh gui\b.*"
)
_ORGAN: Final = re.compile(
    r"(?:uy ban|ubnd|hoi dong|hdnd|quoc hoi|chinh phu|thu tuong|bo|so|tong cuc|cuc|chi cuc|vu"
    r"|ban|van phong|phong(?! chong)|tinh uy|thanh uy|huyen uy|quan uy|thi uy|dang uy|dang bo"
    r"|chi bo|dang doan|cong an|quan khu|vien|toa an|truong|benh vien|trung tam|tram|hoi"
    r"|doan|lien doan|mat tran|cong doan|cong ty|tong cong ty|tap doan|ngan hang|doi"
    r"|(?:tinh|thanh pho|huyen|quan|thi xa|thi tran|xa|phuong)(?= ))\b"
)


class _Line(NamedTuple):
    start: int
    end: int
    text: str
    plain: str  # lower case, without marks, words separated by one blank

    def is_kind(self) -> bool:
        """Whether the line names a kind of document and no subject."""
        return self.plain in _LETTERSPACED_KINDS or bool(_KIND_ALONE.fullmatch(self.plain))


def find_title(text: str) -> tuple[int, int] | None:
    """Return where the title of a report stands: the first line that reads like one.

    The letterhead is passed over: issuing organ, national motto, number, place and date,
    page numbers and rules.  The name of a kind of document, such as "BÁO CÁO", is joined
    with the subject in the next line.  Of a first line that is a paragraph the title is
    the first sentence, or as many words as make a title.

    Returns:
        A half-open range of code points, or None for a text without words.

    """
    lines = list(islice(_lines(text[:_HEAD]), _LINES))
    if not lines:
        return None
    for i, line in enumerate(lines):
        if _is_furniture(line.text) or _is_letterhead(lines, i):
            continue
        if line.is_kind() and i + 1 < len(lines):
            subject = lines[i + 1]
            if _can_be_subject(subject):
                # A rule between the two would show in a title of both.
                together = not text[line.end : subject.start].strip()
                return (line.start if together else subject.start), subject.end
        return _short(text, line)
    other = next((line for line in lines if not _is_furniture(line.text)), lines[0])
    return _short(text, other)


def title_text(text: str, span: tuple[int, int]) -> str:
    """Return the title at a span of `text` as one line, its white space collapsed."""
    return " ".join(_INVISIBLE.sub("", text[span[0] : span[1]]).split())


def _lines(head: str) -> Iterator[_Line]:
    """Yield the lines of `head` that have a letter, without what surrounds their words."""
    for match in _LINE.finditer(head):
        start, end = match.span()
        found = _BEFORE.match(head, start, end)
        start = found.end() if found else start
        while end > start and _AFTER.match(head, end - 1):
            end -= 1
        line = head[start:end]
        if any(map(str.isalpha, line)):
            yield _Line(start, end, line, _plain(line[: _LONGEST_TITLE + 1]))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", unmarked(text)))


def _is_furniture(text: str) -> bool:
    """Whether a line is no title wherever it stands: a motto, a number, a date, a page."""
    if len(text) > _LONGEST_TITLE:
        return False
    plain = _plain(text)
    return (
        _PAGE.fullmatch(plain) is not None
        or _STAMP.fullmatch(plain) is not None
        or find_dateline(text) is not None
        or _is_motto_or_number(text)
    )


def _is_motto_or_number(text: str) -> bool:
    """Whether a line has what only a letterhead has, alone or in a column beside an organ."""
    if _is_one_motto_or_number(text):
        return True
    columns = [column for column in _COLUMNS.split(text) if _plain(column)]
    known = [_is_one_motto_or_number(column) for column in columns]
    return any(known) and all(
        motto or column.isupper() for motto, column in zip(known, columns, strict=True)
    )


def _is_one_motto_or_number(column: str) -> bool:
    plain = _plain(column)
    if plain in _MOTTOES or _NUMBER.fullmatch(unmarked(column).strip(" :.*-")):
        return True
    return column.split()[0].isupper() and _ORGAN_AND_MOTTO.fullmatch(plain) is not None


def _is_letterhead(lines: list[_Line], index: int) -> bool:
    """Whether a line in capitals names an organ, above other lines of its letterhead."""
    line = lines[index]
    if not _may_name_organ(line):
        return False
    for below in lines[index + 1 : index + 1 + _LETTERHEAD]:
        if len(below.text) <= _LONGEST_TITLE and _is_motto_or_number(below.text):
            return True
        if below.is_kind():
            return _ORGAN.match(line.plain) is not None
        if not _is_furniture(below.text) and not _may_name_organ(below):
            return False
    return False


def _may_name_organ(line: _Line) -> bool:
    return (
        line.text.isupper()
        and len(line.text) <= _LONGEST_ORGAN
        and line.text[-1] not in ".:;!?"
        and _KIND.match(line.plain) is None
    )


def _can_be_subject(line: _Line) -> bool:
    return (
        len(line.text) <= _LONGEST_TITLE and not line.is_kind() and not _is_furniture(line.text)
    )


def _short(text: str, line: _Line) -> tuple[int, int]:
    """Return the span of `line`, or of a beginning of it that is short enough."""
    if len(line.text) <= _LONGEST_TITLE:
        return line.start, line.end
    beginning = line.text[: _LONGEST_CUT + 2]
    for start, end in sentences(beginning):
        if start == 0 and _SHORTEST_SENTENCE <= end <= _LONGEST_CUT:
            return line.start, line.start + end
        break
    cut = _LONGEST_CUT
    while cut > 0 and not beginning[cut].isspace():
        cut -= 1
    if cut == 0:  # no blank at all: between two letters, not before a mark
        cut = _LONGEST_CUT
        while cut > 1 and "\u0300" <= beginning[cut] <= "\u036f":
            cut -= 1
    return line.start, line.start + len(beginning[:cut].rstrip())
