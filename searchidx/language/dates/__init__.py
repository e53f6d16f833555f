"""Represent dates, find them in Vietnamese text, and determine the date of a report.

The package needs the standard library alone, because `searchidx.document` imports it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from searchidx.language.dates.date_of_report import report_date
    from searchidx.language.dates.dateline import find_dateline
    from searchidx.language.dates.finder import FoundDate, find_dates
    from searchidx.language.dates.partial_date import PartialDate, Precision

# Modules load at first use: a search needs date values, but not the code that finds dates.
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
    """Load the module of a public name at its first use."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
