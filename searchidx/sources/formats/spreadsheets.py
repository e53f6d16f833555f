"""Extract the text of spreadsheets (XLS, XLSX, ODS): a line a row, a page a sheet."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from typing import Any

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from searchidx.sources.formats.parts import PAGE_BREAK, Extracted, ExtractionError, joined_lines


def extract_spreadsheet(data: bytes, kind: str) -> Extracted:
    """Return the text of the sheets that can be made visible.

    Args:
        data: The bytes of the file.
        kind: "xls", "xlsx" or "ods".
    """
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        pages = [
            joined_lines(_sheet_lines(sheet.name, workbook.get_sheet_by_name(sheet.name)))
            for sheet in workbook.sheets_metadata
            if sheet.visible != SheetVisibleEnum.VeryHidden
        ]
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # one of its own for each format, and panics in Rust
        if "password" in str(error).lower() or "encrypt" in str(error).lower():
            raise ExtractionError("is encrypted; save it without a password") from error
        raise ExtractionError(f"is damaged ({error}); open it and save it again") from error
    return Extracted(PAGE_BREAK.join(pages), kind)


def _sheet_lines(name: str, sheet: Any) -> Iterator[str]:
    """Yield the name of a sheet and its rows, the cells with tabs between."""
    rows = [
        "\t".join(filter(None, map(_cell_text, row)))
        for row in sheet.to_python(skip_empty_area=True)
    ]
    if any(rows):
        yield name
        yield from rows


def _cell_text(value: object) -> str:
    """Return a cell as people see it: 1.0 as 1, dates with the day first."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, datetime.datetime | datetime.date):
        return value.strftime("%d/%m/%Y")
    return " ".join(str(value).split())
