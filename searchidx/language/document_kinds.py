"""What the kinds of documents are called, and what the codes of such documents have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from searchidx.language.syllable_forms import folded, has_marks, marked

# What documents are called, their abbreviation first, and what else begins their codes.
_CALLED: Final = {
    "nghị quyết": ("NQ", "NQLT", "QH", "UBTVQH"),
    "nghị quyết liên tịch": ("NQLT",),
    "nghị định": ("NĐ",),
    "thông tư": ("TT",),
    "thông tư liên tịch": ("TTLT", "TTLB", "TTLN"),
    "quyết định": ("QĐ",),
    "quy định": ("QyĐ", "QĐi", "QĐ"),
    "chỉ thị": ("CT",),
    "luật": ("L", "LCT", "QH"),
    "bộ luật": ("L", "LCT", "QH"),
    "pháp lệnh": ("PL", "UBTVQH"),
    "sắc lệnh": ("SL",),
    "kế hoạch": ("KH",),
    "hướng dẫn": ("HD",),
    "thông báo": ("TB",),
    "kết luận": ("KL",),
    "báo cáo": ("BC",),
    "tờ trình": ("TTr",),
    "chương trình": ("CTr",),
    "đề án": ("ĐA", "DA"),
    "quy chế": ("QC",),
    "công văn": ("CV",),
    "công điện": ("CĐ",),
    "văn bản hợp nhất": ("VBHN",),
}
MOST_SYLLABLES_OF_NAME: Final = 4
# These are called by their number alone: "nghị quyết 35".  "Kế hoạch 5 năm" is another thing.
CALLED_BY_NUMBER: Final = frozenset({"CT", "KL", "NQ", "NĐ", "QĐ", "QyĐ", "TT", "TTLT"})
_SIGNS: Final = {
    tuple(map(marked, called.split())): frozenset(signs)
    for name, signs in _CALLED.items()
    for called in (name, signs[0])
}
_BY_LETTERS: Final = {tuple(map(folded, called)): called for called in _SIGNS}


def signs_of(called: Sequence[str]) -> frozenset[str]:
    """Return what begins the codes of documents that a text calls so, behind their number.

    That is the abbreviation of the kind, or of the body where codes tell no kind ("QH" of a
    law, without its term); none if no kind of documents is called so.

    Args:
        called: Syllables in marked form (`searchidx.language.syllable_forms`), some of them
            without marks: "nghị quyet", or "nq".
    """
    name = _BY_LETTERS.get(tuple(map(folded, called)))
    if name is None or any(
        has_marks(typed) and typed != own for typed, own in zip(called, name, strict=True)
    ):
        return frozenset()
    return _SIGNS[name]
