"""Extract the texts of mails and of saved web pages (EML, MBOX, MHT), with attachments."""

from __future__ import annotations

import contextlib
import email
import email.policy
import email.utils
import re
from collections.abc import Iterator
from email.message import EmailMessage, MIMEPart
from typing import Any, Final

from searchidx.sources.formats.html import extract_html
from searchidx.sources.formats.parts import Extracted

Attachment = tuple[str, bytes]
"""The name and the bytes of a file that a mail or an archive holds."""

_MBOX_BEGIN: Final = re.compile(rb"^From [^\n]*\n", re.MULTILINE)
_MAX_MAILS: Final = 100_000


def read_mail(data: bytes) -> tuple[Extracted, list[Attachment]]:
    """Return the text of a mail, and its attachments."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    subject = _header(message, "subject")
    fields = {name: value for name in ("from", "to") if (value := _header(message, name))}
    part = message.get_body(("plain", "html"))
    text = _part_text(part) if part is not None else ""
    attachments = [
        (each.get_filename() or "attachment", _payload(each))
        for each in message.iter_attachments()
        if not each.get_content_type().startswith("image/")
    ]
    date = None
    with contextlib.suppress(ValueError):
        date = email.utils.parsedate_to_datetime(_header(message, "date")).date().isoformat()
    head = [f"{name}: {value}" for name, value in fields.items()]
    lines = [*([subject] if subject else []), *head, "", text]
    return (
        Extracted("\n".join(lines).strip(), "eml", title=subject, date=date, fields=fields),
        attachments,
    )


def read_mailbox(data: bytes) -> Iterator[Attachment]:
    """Yield the mails of a mailbox, named by their number."""
    begins = [match.start() for match in _MBOX_BEGIN.finditer(data)][:_MAX_MAILS]
    for number, begin in enumerate(begins):
        end = begins[number + 1] if number + 1 < len(begins) else len(data)
        after_line = data.index(b"\n", begin) + 1
        yield f"{number + 1}.eml", data[after_line:end]


def extract_mht(data: bytes) -> Extracted:
    """Return the text of a saved web page."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html" and isinstance(part, EmailMessage):
            found = extract_html(_payload(part))
            return Extracted(found.text, "mht", title=found.title)
    return Extracted("", "mht")


def _header(message: EmailMessage, name: str) -> str:
    """Return a header as one line; empty if there is none or it makes no sense."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, IndexError, AttributeError):  # the parser of headers has bugs
        return ""


def _part_text(part: MIMEPart) -> str:
    """Return the text of a part."""
    if part.get_content_type() == "text/html":
        return extract_html(_payload(part)).text
    try:
        return str(part.get_content()).strip()
    except (LookupError, UnicodeError):  # an unknown encoding
        return _payload(part).decode("utf-8", "replace")


def _payload(part: MIMEPart) -> bytes:
    """Return the decoded bytes of a part."""
    data = part.get_payload(decode=True)
    if isinstance(data, bytes):
        return data
    inner: Any = part.get_payload()  # the mail that is attached to a mail
    return bytes(inner[0]) if isinstance(inner, list) and inner else b""
