"""Read spreadsheets: XLS, XLSX, XLSB and ODS."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterator, Sequence
from typing import Final

from searchidx.sources.failure import UnreadableError
from searchidx.sources.formats.extracted import CELL_BREAK, Extracted, Settings, Unread

_DEFAULT_NAME: Final = re.compile(
    r"(?:sheet|trang|trang[_ ]?tính|bảng|table)\s*\d+", re.IGNORECASE
)


def read_spreadsheet(
    data: bytes, name: str, settings: Settings
) -> Iterator[Extracted | Unread]:
    """Yield the text of a spreadsheet: for each sheet its name, then its rows as lines.

    Sheets that the program itself hides from people are left out.
    """
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(io.BytesIO(data))
    except calamine.PasswordError as error:
        raise UnreadableError("is protected by a password; save it without one") from error
    except calamine.CalamineError as error:
        raise UnreadableError("is damaged; open it and save it again") from error
    sheets = []
    for sheet in book.sheets_metadata:
        if sheet.visible == calamine.SheetVisibleEnum.VeryHidden:
            continue
        if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=True)
        lines = [line for line in map(_line, rows) if line.strip()]
        if lines:
            # The name that the program gave says nothing.
            named = _DEFAULT_NAME.fullmatch(sheet.name) is None
            sheets.append("\n".join([sheet.name, *lines] if named else lines))
    yield Extracted("\n\n".join(sheets), metadata={"sheets": len(sheets)})


def _line(row: Sequence[object]) -> str:
    """Return a row as a line."""
    return CELL_BREAK.join(map(_shown, row)).rstrip()


def _shown(value: object) -> str:
    """Return the value of a cell as people see it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.strftime("%d/%m/%Y" if midnight else "%d/%m/%Y %H:%M")
    if isinstance(value, datetime.date):
        return value.strftime("%d/%m/%Y")
    return " ".join(str(value).split())
