"""Dates in Vietnamese text: as values, as they are written, and the date of a report.

It leans on nothing but the standard library, because `searchidx.document` needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from searchidx.language.dates.dateline import find_dateline
    from searchidx.language.dates.expressions import FoundDate, find_dates
    from searchidx.language.dates.partial import PartialDate, Precision
    from searchidx.language.dates.report import report_date

# Loaded when first used: a search needs dates as values, and not what finds them in texts.
_MODULES = {
    "FoundDate": "expressions",
    "PartialDate": "partial",
    "Precision": "partial",
    "find_dateline": "dateline",
    "find_dates": "expressions",
    "report_date": "report",
}

__all__ = [
    "FoundDate",
    "PartialDate",
    "Precision",
    "find_dateline",
    "find_dates",
    "report_date",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
