"""Extract the texts of Outlook's messages (MSG), with attachments."""

from __future__ import annotations

from typing import Any, Final

from searchidx.sources.formats.html import extract_html
from searchidx.sources.formats.mail import Attachment
from searchidx.sources.formats.parts import Extracted

# Property numbers of [MS-OXPROPS].
_SUBJECT: Final = "0037"
_SENDER: Final = "0C1A"
_TO: Final = "0E04"
_BODY: Final = "1000"
_HTML: Final = "1013"
_FILE_NAMES: Final = ("3707", "3704")
_DATA: Final = "3701"
_MAX_ATTACHMENTS: Final = 1_000


def read_msg(ole: Any) -> tuple[Extracted, list[Attachment]]:
    """Return the text of a message, and its attachments."""
    subject = _text(ole, "", _SUBJECT)
    body = _text(ole, "", _BODY)
    if not body and (html := _bytes(ole, "", _HTML, "0102")):
        body = extract_html(html).text
    fields = {
        key: value
        for key, number in (("from", _SENDER), ("to", _TO))
        if (value := _text(ole, "", number))
    }
    head = [f"{name}: {value}" for name, value in fields.items()]
    lines = [*([subject] if subject else []), *head, "", body.replace("\r\n", "\n")]
    folders = sorted(
        {path[0] for path in ole.listdir() if path[0].startswith("__attach_version1.0_")}
    )
    attachments = []
    for folder in folders[:_MAX_ATTACHMENTS]:
        data = _bytes(ole, folder, _DATA, "0102")
        names = (_text(ole, folder, number) for number in _FILE_NAMES)
        if data:
            attachments.append((next(filter(None, names), "attachment"), data))
    return Extracted("\n".join(lines).strip(), "msg", title=subject, fields=fields), attachments


def _text(ole: Any, folder: str, number: str) -> str:
    """Return a property of text: in UTF-16, or in the code page of old programs."""
    wide = _bytes(ole, folder, number, "001F")
    if wide:
        return wide.decode("utf-16-le", "replace").rstrip("\0").strip()
    narrow = _bytes(ole, folder, number, "001E")
    return narrow.decode("cp1258", "replace").rstrip("\0").strip()


def _bytes(ole: Any, folder: str, number: str, kind: str) -> bytes:
    """Return the bytes of a property; empty if there is none."""
    name = f"__substg1.0_{number}{kind}"
    path = [folder, name] if folder else [name]
    if not ole.exists(path):
        return b""
    data: bytes = ole.openstream(path).read()
    return data
