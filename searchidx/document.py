"""Define `Document`, the unit that is indexed and found, and its size limit."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from searchidx.errors import DocumentError
from searchidx.language.dates import PartialDate

MAX_DOCUMENT_CODE_POINTS: Final = 16 * 1024**2
"""The most code points of the body of a document that is indexed.

It is also the most that id, title, path and metadata (as JSON) have together, and the most
bytes of a text file or of a line in JSON Lines: a code point takes at least one byte there.
"""
_MAX_ID_EXCERPT_CODE_POINTS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True, init=False)
class Document:
    """One report.

    Example::

        searchidx.Document(
            id="BC-145",
            title="Báo cáo ứng phó mưa lũ",
            body="Sáng ngày 12/10/2022, lũ trên sông Rào Nậy đạt đỉnh.",
            date=datetime.date(2022, 10, 12),
            metadata={"organ": "UBND tỉnh"},
        )

    Args:
        id: The name of the document, unique in an index: the path of a file, the `id` of a
            JSON line, or whatever the program chooses.  Not empty.
        body: The original text, which is never normalized.  Offsets of highlights are code
            points of this text.
        title: One line; may be empty.
        date: The date of the report as far as it is known: ISO 8601 text such as
            "2023-07-24", "2023-07", "2023" or "--05-25" (a day of an unknown year), or a
            `datetime.date`; None if nothing is known.
        path: The file that the document came from, or None.
        line: The line of that file, from 1, where a file holds many documents.
        metadata: Further fields: JSON values by name.  They are copied.

    Raises:
        DocumentError: An argument has the wrong type, `id` is empty, `date` is not a date, or
            `metadata` cannot be written as JSON.
    """

    id: str
    body: str
    title: str
    date: str | None
    path: str | None
    line: int | None
    metadata: Mapping[str, Any]

    def __init__(
        self,
        *,
        id: str,  # noqa: A002  # the name of the field
        body: str,
        title: str = "",
        date: str | datetime.date | None = None,
        path: str | None = None,
        line: int | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self._set("id", _checked_text("id", id))
        if not self.id.strip():
            raise DocumentError("a document needs an id that is not empty")
        self._set("body", _checked_text("body", body))
        self._set("title", _checked_text("title", title))
        self._set("date", self._checked_date(date))
        self._set("path", None if path is None else _checked_text("path", path))
        if line is not None and (type(line) is not int or line < 1):
            self._refuse(f"its line must be a number from 1, not {line!r}")
        self._set("line", line)
        self._set("metadata", {} if metadata is None else self._checked_metadata(metadata))

    def _set(self, name: str, value: object) -> None:
        """Set a field in spite of the class being frozen."""
        object.__setattr__(self, name, value)

    def _refuse(self, reason: str) -> NoReturn:
        """Raise an error that names the document."""
        raise DocumentError(f"document {self.id!r}: {reason}")

    def _checked_date(self, date: object) -> str | None:
        """Return a date as text, or raise DocumentError if it is none."""
        if date is None:
            return None
        if isinstance(date, datetime.date):
            if isinstance(date, datetime.datetime):
                date = date.date()
            return date.isoformat()
        try:
            if not isinstance(date, str) or PartialDate.parse(date).quarter is not None:
                raise ValueError("a quarter is what a report is about, not its date")
        except ValueError as error:
            raise DocumentError(
                f"document {self.id!r}: {date!r} is not a date; write it as 2023-07-24, "
                "2023-07 or 2023"
            ) from error
        return date

    def _checked_metadata(self, metadata: object) -> dict[str, Any]:
        """Return a copy of metadata, with lists for tuples as JSON has them.

        Raises:
            DocumentError: It is no mapping, or cannot be written as JSON.
        """
        if not isinstance(metadata, Mapping):
            self._refuse(f"its metadata must be a mapping, not {type(metadata).__name__}")
        try:
            if not all(isinstance(key, str) for key in metadata):
                raise TypeError("its keys must be text")
            copied: dict[str, Any] = _copy_json(metadata)
            if "\\ud" in json.dumps(copied, sort_keys=True, allow_nan=False):
                copied = json.loads(_well_formed(json.dumps(copied, ensure_ascii=False)))
        except (TypeError, ValueError, RecursionError) as error:
            raise DocumentError(
                f"document {self.id!r}: its metadata is not JSON: {error}"
            ) from error
        return copied

    def digest(self) -> str:
        """Return a fingerprint of all fields: 32 hexadecimal digits of BLAKE2b."""
        fields = [self.id, self.title, self.body, self.date, self.path, self.line]
        content = json.dumps([*fields, self.metadata], sort_keys=True, allow_nan=False)
        return hashlib.blake2b(content.encode("ascii"), digest_size=16).hexdigest()


def check_document_size(document: Document) -> None:
    """Raise an error if a document is too large to be indexed.

    Raises:
        DocumentError: It has more than `MAX_DOCUMENT_CODE_POINTS`.
    """
    metadata = json.dumps(document.metadata, ensure_ascii=False) if document.metadata else ""
    head = (document.id, document.title, document.path or "", metadata)
    for what, count in (
        ("its text has", len(document.body)),
        ("its id, title, path and metadata have", sum(map(len, head))),
    ):
        if count > MAX_DOCUMENT_CODE_POINTS:
            raise DocumentError(
                f"document {document.id[:_MAX_ID_EXCERPT_CODE_POINTS]!r}: {what} {count:,} "
                f"characters, more than the limit of {MAX_DOCUMENT_CODE_POINTS:,}; split it "
                "into smaller documents"
            )


def _checked_text(name: str, value: object) -> str:
    """Return the text of a field without lone surrogates; raise an error if it is no text."""
    if not isinstance(value, str):
        raise DocumentError(
            f"the {name} of a document must be text, not {type(value).__name__}"
        )
    return _well_formed(value)


def _well_formed(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates by U+FFFD.

    JSON can spell half of a surrogate pair; no encoding can store it.
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _copy_json(value: Any) -> Any:
    """Return a copy of nested mappings, lists and tuples."""
    if isinstance(value, Mapping):
        return {key: _copy_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_copy_json(inner) for inner in value]
    return value
