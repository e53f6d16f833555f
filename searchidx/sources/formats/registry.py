"""List the formats that are read in a process of their own, and find a file's reader."""

from __future__ import annotations

import importlib
from typing import Final, NamedTuple, cast

from searchidx.sources.formats.extracted import Reader

_PACKAGE: Final = "searchidx.sources.formats"


class Format(NamedTuple):
    """A format of files.

    Args:
        name: Its name, as metadata show it.
        reader: The module and the function that reads it, below this package.  These are
            names, not imports, so that a library is loaded when the first such file is read.
        extensions: The extensions of its files: lower case, with the dot.
    """

    name: str
    reader: str
    extensions: tuple[str, ...]

    def load(self) -> Reader:
        """Return the reader."""
        module, _, function = self.reader.partition(":")
        return cast(Reader, getattr(importlib.import_module(f"{_PACKAGE}.{module}"), function))


FORMATS: Final[dict[str, Format]] = {
    each.name: each
    for each in (
        Format("pdf", "pdf:read_pdf", (".pdf",)),
        Format("doc", "ole.doc:read_doc", (".doc", ".dot")),
        Format("docx", "office_open_xml.docx:read_docx", (".docx", ".docm", ".dotx", ".dotm")),
        Format("rtf", "rtf:read_rtf", (".rtf",)),
        Format("html", "html:read_html", (".html", ".htm", ".xhtml")),
        Format("xls", "spreadsheets:read_spreadsheet", (".xls", ".xlt")),
        Format("xlsx", "spreadsheets:read_spreadsheet", (".xlsx", ".xlsm", ".xltx", ".xlsb")),
    )
}
"""The formats by name."""

BY_EXTENSION: Final = {
    extension: each.name for each in FORMATS.values() for extension in each.extensions
}
"""The name of the format of each extension."""
