"""Map the names of document kinds to the abbreviations in the codes of such documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from searchidx.language.syllable_forms import folded, has_marks, marked

# For each name of a kind its own abbreviation, then other letters that its codes begin with.
_CODE_LETTERS: Final = {
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
MAX_KIND_NAME_SYLLABLES: Final = 4
KINDS_CITED_BY_NUMBER: Final = frozenset({"CT", "KL", "NQ", "NĐ", "QĐ", "QyĐ", "TT", "TTLT"})
"""Kinds that texts cite by the number alone: "nghị quyết 35".

Other kinds are no members, because "kế hoạch 5 năm" is no citation.
"""
# The same by the marked forms of a name or of its abbreviation, and these by their folded
# forms.
_CODE_LETTERS_BY_NAME: Final = {
    tuple(map(marked, known.split())): frozenset(letters)
    for name, letters in _CODE_LETTERS.items()
    for known in (name, letters[0])
}
_NAMES_BY_FOLDED: Final = {tuple(map(folded, name)): name for name in _CODE_LETTERS_BY_NAME}


def code_letters_of_kind(typed_name: Sequence[str]) -> frozenset[str]:
    """Return the letters that may follow the number in the codes of a kind of documents.

    The letters are the abbreviation of the kind, or that of the issuing body if codes do not
    give the kind ("QH" for a law, without its term).

    Args:
        typed_name: The name or abbreviation of the kind: syllables in marked form
            (`searchidx.language.syllable_forms`), with some or all of their marks: "nghị
            quyet" or "nq".

    Returns:
        The letters, or an empty set if no kind has this name.
    """
    name = _NAMES_BY_FOLDED.get(tuple(map(folded, typed_name)))
    if name is None or any(
        has_marks(typed) and typed != form for typed, form in zip(typed_name, name, strict=True)
    ):
        return frozenset()
    return _CODE_LETTERS_BY_NAME[name]
