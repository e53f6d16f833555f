"""Find the title of a report: the first line that reads like a title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from searchidx.language.dates import find_dateline
from searchidx.language.dates.word_patterns import unmarked
from searchidx.language.sentences import sentences

_HEAD_CODE_POINTS: Final = 20_000  # searched for a title
_MAX_LINES: Final = 60  # with words, searched for a title
_MAX_TITLE_CODE_POINTS: Final = 250  # a longer line is a paragraph
_MAX_CUT_CODE_POINTS: Final = 150  # of a paragraph that serves as a title
_MIN_SENTENCE_CODE_POINTS: Final = 15  # "1." and "Kính thưa." are not titles
_MAX_ORGAN_CODE_POINTS: Final = 60
_LETTERHEAD_LINES: Final = 7  # after the name of an organ

_LINE: Final = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
# Characters that may surround a title: white space, invisible characters and Markdown.
_BEFORE: Final = re.compile(r"[\s\ufeff\u200b\u00ad#*_>=~-]*")
_AFTER: Final = re.compile(r"[\s\ufeff\u200b\u00ad*_#=~-]")
_INVISIBLE: Final = re.compile(r"[\ufeff\u200b\u00ad]")
_COLUMNS: Final = re.compile(r"\t+|\s{3,}|\s\|\s")

# The patterns below expect lower case without marks.
_KINDS: Final = (
    "bao cao", "thong bao", "nghi quyet", "quyet dinh", "ke hoach", "chi thi", "to trinh",
    "cong van", "cong dien", "huong dan", "ket luan", "chuong trinh", "bien ban", "giay moi",
    "thu moi", "thong tu", "nghi dinh", "luat", "quy che", "quy dinh", "de an", "phuong an",
    "thong cao bao chi", "phieu trinh", "phieu xu ly", "sac lenh", "phap lenh", "noi quy",
    "dieu le", "hop dong", "giay chung nhan", "phu luc",
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
# The place of a date that is still to be filled in: "Hà Nội, ngày    tháng    năm 2023".
_UNFINISHED_DATE: Final = re.compile(
    r"(?:[^,]{1,40},\s{0,9})?ngay[\s.…_]{0,20}[0-9]{0,2}[\s.…_]{0,20}thang[\s.…_]{0,20}[0-9]{0,2}"
    r"[\s.…_]{0,20}nam[\s.…_]{0,20}[0-9]{0,4}[.\s]{0,3}"
)
# Both columns of a letterhead on one line: the number, and place and date.
_NUMBER_AND_DATE: Final = re.compile(
    r"so\s?:?\s{0,9}[0-9.…_]{0,12}\s{0,9}[/-]\s?[a-z][^,]{0,80},\s{0,9}ngay\b.{0,40}"
)
_PUBLICATION_HEAD: Final = re.compile(r"(?:cong bao(?: so)? [0-9].*|sheet ?[0-9]+)")
_CONTINUATION_ENDS: Final = re.compile(
    r"(?:can cu|kinh gui|thuc hien|xet|theo|noi nhan|dieu [0-9]|chuong [0-9ivx]|phan [0-9ivx]"
    r"|muc [0-9ivx]|chu tich|bo truong|giam doc|tong giam doc|thu tuong|quoc hoi|chinh phu)\b"
)
_SUBJECT_MARK: Final = re.compile(r"v/v|ve viec\b")
_OPEN_ENDS: Final = frozenset(("va", "cua", "ve", "cho", "tai", "o", "tren", "den", "voi"))
_RULE: Final = re.compile(r"[-_=*—–]{3}")
_MAX_LAST_LINE_CODE_POINTS: Final = 60
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
    """A line with letters, and its span in the text."""

    start: int
    end: int
    text: str
    plain: str  # lower case, without marks, words separated by one blank

    def is_kind(self) -> bool:
        """Tell whether the line names a kind of document without its subject."""
        return self.plain in _LETTERSPACED_KINDS or bool(_KIND_ALONE.fullmatch(self.plain))


def find_title(text: str) -> tuple[int, int] | None:
    """Return the span of the title of a report: the first line that reads like one.

    The search skips the letterhead: issuing organ, national motto, number, place and date,
    page numbers and rules.  A kind of document, such as "BÁO CÁO", is joined with the
    subject on the next line, and a subject with the lines that continue it.  If the first
    line is a paragraph, the title is its first sentence, or a beginning of suitable length.

    Args:
        text: The report.

    Returns:
        Start and end in code points, the end exclusive; None for a text without words.
    """
    lines = list(islice(_lines(text[:_HEAD_CODE_POINTS]), _MAX_LINES))
    if not lines:
        return None
    for i, line in enumerate(lines):
        if _is_never_title(line.text) or _is_letterhead(lines, i):
            continue
        if line.is_kind() and i + 1 < len(lines):
            subject = lines[i + 1]
            if _can_be_subject(subject):
                # If a rule separates the two lines, leave out the kind.
                together = not text[line.end : subject.start].strip()
                start = line.start if together else subject.start
                return start, _continued_end(text, lines, i + 1, start)
        if _SUBJECT_MARK.match(unmarked(line.text)):
            return line.start, _continued_end(text, lines, i, line.start)
        return _shorten(text, line)
    other = next((line for line in lines if not _is_never_title(line.text)), lines[0])
    return _shorten(text, other)


def title_text(text: str, span: tuple[int, int]) -> str:
    """Return the title at a span of `text` as one line with single blanks."""
    return " ".join(_INVISIBLE.sub("", text[span[0] : span[1]]).split())


def _lines(head: str) -> Iterator[_Line]:
    """Yield the lines of `head` that have a letter, without the characters around it."""
    for match in _LINE.finditer(head):
        start, end = match.span()
        found = _BEFORE.match(head, start, end)
        start = found.end() if found else start
        while end > start and _AFTER.match(head, end - 1):
            end -= 1
        line = head[start:end]
        if any(map(str.isalpha, line)):
            yield _Line(start, end, line, _plain_words(line[: _MAX_TITLE_CODE_POINTS + 1]))


def _plain_words(text: str) -> str:
    """Return the words of `text` in lower case, without marks, separated by one blank."""
    return " ".join(re.findall(r"[^\W_]+", unmarked(text)))


def _is_never_title(text: str) -> bool:
    """Tell whether a line can never be a title: a motto, a number, a date, a page."""
    if len(text) > _MAX_TITLE_CODE_POINTS:
        return False
    plain = _plain_words(text)
    return (
        _PAGE.fullmatch(plain) is not None
        or _STAMP.fullmatch(plain) is not None
        or find_dateline(text) is not None
        or _PUBLICATION_HEAD.fullmatch(plain) is not None
        or _is_unfinished(unmarked(text))
        or _is_motto_or_number(text)
    )


def _is_unfinished(plain: str) -> bool:
    """Tell whether a line is a date to be filled in, or a number beside place and date."""
    stripped = plain.strip()
    return (
        _UNFINISHED_DATE.fullmatch(stripped) is not None
        or _NUMBER_AND_DATE.fullmatch(stripped) is not None
    )


def _is_motto_or_number(text: str) -> bool:
    """Tell whether a line has a motto or a document number, alone or beside an organ."""
    if _is_one_motto_or_number(text):
        return True
    columns = [column for column in _COLUMNS.split(text) if _plain_words(column)]
    known = [_is_one_motto_or_number(column) for column in columns]
    return any(known) and all(
        motto or column.isupper() for motto, column in zip(known, columns, strict=True)
    )


def _is_one_motto_or_number(column: str) -> bool:
    """Tell whether one column of a line is a motto or a document number."""
    plain = _plain_words(column)
    if plain in _MOTTOES or _NUMBER.fullmatch(unmarked(column).strip(" :.*-")):
        return True
    return column.split()[0].isupper() and _ORGAN_AND_MOTTO.fullmatch(plain) is not None


def _is_letterhead(lines: list[_Line], index: int) -> bool:
    """Tell whether a line names an organ above other lines of its letterhead."""
    line = lines[index]
    if not _may_name_organ(line):
        return False
    for below in lines[index + 1 : index + 1 + _LETTERHEAD_LINES]:
        if len(below.text) <= _MAX_TITLE_CODE_POINTS and _is_motto_or_number(below.text):
            return True
        if below.is_kind():
            return _ORGAN.match(line.plain) is not None
        if not _is_never_title(below.text) and not _may_name_organ(below):
            return False
    return False


def _may_name_organ(line: _Line) -> bool:
    """Tell whether a line in capitals may be the name of an organ."""
    return (
        line.text.isupper()
        and len(line.text) <= _MAX_ORGAN_CODE_POINTS
        and line.text[-1] not in ".:;!?"
        and _KIND.match(line.plain) is None
    )


def _can_be_subject(line: _Line) -> bool:
    """Tell whether a line may be the subject of the kind of document above it."""
    return (
        len(line.text) <= _MAX_TITLE_CODE_POINTS
        and not line.is_kind()
        and not _is_never_title(line.text)
    )


def _continued_end(text: str, lines: list[_Line], index: int, start: int) -> int:
    """Return the end of a subject that may go on in the lines below it.

    Args:
        text: The report.
        lines: Its first lines.
        index: The line with the beginning of the subject.
        start: Where the title begins in the text.
    """
    for last, below in zip(lines[index:], lines[index + 1 :], strict=False):
        after = next(iter(lines[lines.index(below) + 1 :]), None)
        if (
            last.text[-1] in ".:;!?"
            or "\n" in text[last.end : below.start].strip(" \t").replace("\n", "", 1)
            or below.end - start > _MAX_TITLE_CODE_POINTS
            or not _can_be_subject(below)
            or _ends_subject(below)
            or not _continues(text, last, below, after)
        ):
            return last.end
    return lines[-1].end


def _ends_subject(line: _Line) -> bool:
    """Tell whether a line below a subject belongs to what follows it."""
    return _CONTINUATION_ENDS.match(line.plain) is not None or (
        line.text.isupper() and _ORGAN.match(line.plain) is not None
    )


def _continues(text: str, last: _Line, below: _Line, after: _Line | None) -> bool:
    """Tell whether a line continues a subject.

    Args:
        text: The report.
        last: The last line of the subject so far.
        below: The line below it.
        after: The line below that, or None.
    """
    if below.text[0].islower() or last.plain.rpartition(" ")[2] in _OPEN_ENDS:
        return True
    if last.text[-1] == ",":
        return True
    if last.text.isupper() and below.text.isupper():
        return True
    # A short last line is one if what is below begins something new.
    if len(below.text) > _MAX_LAST_LINE_CODE_POINTS or below.text[-1] in ".:;!?":
        return False
    if after is None:
        return False
    return (
        _RULE.search(text[below.end : after.start]) is not None
        or _is_never_title(after.text)
        or _ends_subject(after)
    )


def _shorten(text: str, line: _Line) -> tuple[int, int]:
    """Return the span of `line`, or of its beginning if the line is too long."""
    if len(line.text) <= _MAX_TITLE_CODE_POINTS:
        return line.start, line.end
    beginning = line.text[: _MAX_CUT_CODE_POINTS + 2]
    for start, end in sentences(beginning):
        if start == 0 and _MIN_SENTENCE_CODE_POINTS <= end <= _MAX_CUT_CODE_POINTS:
            return line.start, line.start + end
        break
    cut = _MAX_CUT_CODE_POINTS
    while cut > 0 and not beginning[cut].isspace():
        cut -= 1
    if cut == 0:  # no blank at all: cut between two letters, not before a combining mark
        cut = _MAX_CUT_CODE_POINTS
        while cut > 1 and "\u0300" <= beginning[cut] <= "\u036f":
            cut -= 1
    return line.start, line.start + len(beginning[:cut].rstrip())
