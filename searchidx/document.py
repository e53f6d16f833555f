"""What is indexed and found: a document."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from searchidx.errors import DocumentError
from searchidx.language.dates import PartialDate


def _well_formed(text: str) -> str:
    """`text` with surrogate pairs joined and lone surrogates replaced by U+FFFD.

    JSON can spell half of a surrogate pair; no encoding can store it.
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One report.

    Args:
        id: The document's own name, unique in an index: a file's path, the `id` of a JSON
            line, or whatever the embedding program chooses.  Not empty.
        title: One line; may be empty.
        body: The original text, never normalised.  Offsets of highlights are code points
            of this string.
        date: The report's date as far as it is known: ISO 8601 text such as "2023-07-24",
            "2023-07", "2023" or "--05-25" (a day whose year is not known), or None.
        path: The file that the document came from, or None.
        line: The line of that file, from 1, where a file holds many documents.
        metadata: Further fields, kept and returned as they are; JSON values.

    Raises:
        DocumentError: An argument is of the wrong type, `id` is empty, `date` is no date,
            or `metadata` cannot be written as JSON.
    """

    id: str
    body: str
    title: str = ""
    date: str | None = None
    path: str | None = None
    line: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("id", "body", "title", "path"):
            value = getattr(self, name)
            if name == "path" and value is None:
                continue
            if not isinstance(value, str):
                raise DocumentError(
                    f"the {name} of a document must be text, not {type(value).__name__}"
                )
            object.__setattr__(self, name, _well_formed(value))
        if not self.id.strip():
            raise DocumentError("a document needs an id that is not empty")
        if self.line is not None and (type(self.line) is not int or self.line < 1):
            raise DocumentError(f"document {self.id!r}: its line must be a number from 1")
        if self.date is not None:
            try:
                if PartialDate.parse(self.date).quarter is not None:
                    raise ValueError("a quarter is what a report is about, not its date")
            except (TypeError, ValueError) as error:
                raise DocumentError(
                    f"document {self.id!r}: {self.date!r} is no date; "
                    "write it as 2023-07-24, 2023-07 or 2023"
                ) from error
        try:
            if not all(isinstance(key, str) for key in self.metadata):
                raise TypeError("its keys must be text")
            if "\\ud" in json.dumps(dict(self.metadata), sort_keys=True, allow_nan=False):
                whole = _well_formed(json.dumps(dict(self.metadata), ensure_ascii=False))
                object.__setattr__(self, "metadata", json.loads(whole))
        except (TypeError, ValueError, RecursionError) as error:
            raise DocumentError(
                f"document {self.id!r}: its metadata is not JSON: {error}"
            ) from error

    def digest(self) -> str:
        """A fingerprint of everything in the document: 32 hexadecimal digits of BLAKE2b."""
        fields = [self.id, self.title, self.body, self.date, self.path, self.line]
        content = json.dumps([*fields, dict(self.metadata)], sort_keys=True, allow_nan=False)
        return hashlib.blake2b(content.encode("utf-8"), digest_size=16).hexdigest()
