"""Read Rich Text Format."""

from __future__ import annotations

from collections.abc import Iterator

from searchidx.sources.formats.extracted import CELL_BREAK, Extracted, Settings, Unread


def read_rtf(data: bytes, name: str, settings: Settings) -> Iterator[Extracted | Unread]:
    """Yield the text of an RTF file."""
    from striprtf.striprtf import rtf_to_text

    start = max(data.find(b"{\\rtf"), 0)
    text = rtf_to_text(data[start:].decode("latin-1"), errors="ignore")  # type: ignore[no-untyped-call]
    yield Extracted(text.replace("|", CELL_BREAK) if b"\\cell" in data else text)
