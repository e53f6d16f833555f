"""Dates in Vietnamese text: as values, as they are written, and the date of a report.

It leans on nothing but the standard library, because `searchidx.document` needs it.
"""

from searchidx.language.dates.dateline import find_dateline
from searchidx.language.dates.partial import PartialDate, Precision
from searchidx.language.dates.report import report_date
from searchidx.language.dates.written import FoundDate, find_dates

__all__ = [
    "FoundDate",
    "PartialDate",
    "Precision",
    "find_dateline",
    "find_dates",
    "report_date",
]
