"""Analyze Vietnamese text: syllables, words, dates, codes, old encodings and keystrokes.

The package knows nothing of indexes and is usable alone::

    from searchidx.language import folded, is_vietnamese, tokenize

    tokenize("Nghị quyết về quản lý thị trường")  # 'Nghị_quyết về quản_lý thị_trường'
    folded("Nghị")  # 'nghi'
    is_vietnamese("quyết")  # True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from searchidx.language.abbreviations import find_abbreviations
    from searchidx.language.analyzer import TokenBatch, analyze
    from searchidx.language.codes import find_codes
    from searchidx.language.dates import PartialDate, find_dates, report_date
    from searchidx.language.encodings import Decoded, decode, repair_text
    from searchidx.language.keystrokes import convert_keystrokes
    from searchidx.language.phonology import is_unmarked_vietnamese, is_vietnamese
    from searchidx.language.segmentation import tokenize, tokenize_many
    from searchidx.language.syllable_forms import folded, has_marks, marked

# Modules load at first use, because each program needs only some of them.
_MODULES = {
    "Decoded": "encodings",
    "PartialDate": "dates",
    "TokenBatch": "analyzer",
    "analyze": "analyzer",
    "convert_keystrokes": "keystrokes",
    "decode": "encodings",
    "find_abbreviations": "abbreviations",
    "find_codes": "codes",
    "find_dates": "dates",
    "folded": "syllable_forms",
    "has_marks": "syllable_forms",
    "is_unmarked_vietnamese": "phonology",
    "is_vietnamese": "phonology",
    "marked": "syllable_forms",
    "repair_text": "encodings",
    "report_date": "dates",
    "tokenize": "segmentation",
    "tokenize_many": "segmentation",
}

__all__ = [
    "Decoded",
    "PartialDate",
    "TokenBatch",
    "analyze",
    "convert_keystrokes",
    "decode",
    "find_abbreviations",
    "find_codes",
    "find_dates",
    "folded",
    "has_marks",
    "is_unmarked_vietnamese",
    "is_vietnamese",
    "marked",
    "repair_text",
    "report_date",
    "tokenize",
    "tokenize_many",
]


def __getattr__(name: str) -> Any:
    """Load the module of a public name at its first use."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(_MODULES)
