"""Dates in Vietnamese text: as values, as they are written, and the date of a report.

It leans on nothing but the standard library, because `searchidx.document` needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from searchidx.language.dates.date_of_report import report_date
    from searchidx.language.dates.dateline import find_dateline
    from searchidx.language.dates.finder import FoundDate, find_dates
    from searchidx.language.dates.partial_date import PartialDate, Precision

# Loaded when first used: a search needs dates as values, and not what finds them in texts.
_MODULES = {
    "FoundDate": "finder",
    "PartialDate": "partial_date",
    "Precision": "partial_date",
    "find_dateline": "dateline",
    "find_dates": "finder",
    "report_date": "date_of_report",
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
