"""Extract the text of RTF files."""

from __future__ import annotations

from collections.abc import Callable

from striprtf.striprtf import rtf_to_text

from searchidx.sources.formats.parts import Extracted, joined_lines


def extract_rtf(data: bytes) -> Extracted:
    """Return the text of an RTF file."""
    read: Callable[..., str] = rtf_to_text
    text = read(data.decode("latin-1"), errors="ignore")
    # The library writes a bar after each cell of a table.
    lines = text.replace("\xa0", " ").replace("|", "\t").split("\n")
    return Extracted(joined_lines(line.rstrip("\t") for line in lines), "rtf")
