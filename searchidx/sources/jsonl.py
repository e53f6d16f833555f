"""Read JSON Lines files, one JSON object per line, into documents.

A file of any size is read in bounded memory: one line at a time, and no more of a line
than the size limit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NoReturn

from searchidx.document import Document, check_document_size
from searchidx.errors import DocumentError
from searchidx.language.dates import PartialDate, find_dates, report_date
from searchidx.sources.encoding_recovery import decode_old_encoding, repair_wrong_reading
from searchidx.sources.failure import Failure, UnreadableError, failure_reason
from searchidx.sources.line_reader import read_lines, utf_8_stream
from searchidx.sources.printable_paths import printable_path
from searchidx.sources.regular_files import (
    CHANGED,
    EMPTY,
    MAX_DOCUMENT_BYTES,
    TOO_LARGE,
    Opener,
    file_version,
    open_regular,
)
from searchidx.sources.title import find_title, title_text

# Levels of nested values; far below Python's recursion limit, whatever the caller's depth.
_MAX_NESTING_DEPTH: Final = 100
_DOCUMENT_FIELDS: Final = ("id", "title", "text", "date")
_JSON_TYPE_NAMES: Final = {
    dict: "an object", list: "an array", str: "a string", bool: "true or false",
    int: "a number", float: "a number", type(None): "null",
}  # fmt: skip


def read_json_lines(
    path: str, open_file: Opener = open_regular
) -> Iterator[Document | Failure]:
    """Yield the documents of a JSON Lines file, and a `Failure` for each unreadable line.

    A line is an object with the field `text` and optionally `id`, `title` and `date`.  Every
    other field goes to the `metadata` of the document.  A line without an `id` is named by
    its file and line.  A missing `title` or `date` is taken from the text.

    The file is UTF-8, or UTF-16 with a byte-order mark.  A line in an old encoding is
    decoded, and text that was read in a wrong encoding is repaired.  The metadata then
    names the encoding.

    Args:
        path: The path of the file.
        open_file: Opens the file, given its path.
    """
    name = printable_path(path)
    try:
        with open_file(path) as file:
            before = file_version(file)
            yield from _read_documents(file, name)
            if file_version(file) != before:
                yield Failure(name, None, CHANGED)
    except OSError as error:
        yield Failure(name, None, failure_reason(error))
    except UnreadableError as error:
        yield Failure(name, None, str(error))


def _read_documents(file: BinaryIO, path: str) -> Iterator[Document | Failure]:
    """Yield the document or the failure of each line that is not blank."""
    lines_of_ids: dict[str, int] = {}
    empty = True
    text_file, encoding = utf_8_stream(file)
    for number, line in enumerate(read_lines(text_file, MAX_DOCUMENT_BYTES), start=1):
        try:
            if line is None:
                raise UnreadableError(TOO_LARGE)
            text, old_encoding = _decode(line, encoding)
            if not text:
                continue
            document = _make_document(text, path, number, old_encoding)
            check_document_size(document)  # numbers in metadata may be longer than written
            first = lines_of_ids.setdefault(document.id, number)
            if first != number:
                raise UnreadableError(
                    f"the id {document.id!r} was already used on line {first}; ids must be "
                    "unique, so this line was not indexed"
                )
            yield document
        except (UnreadableError, DocumentError) as error:
            yield Failure(path, number, str(error))
        empty = False
    if empty:
        yield Failure(path, None, EMPTY)


def _decode(line: bytearray, encoding: str) -> tuple[str, str | None]:
    """Return the text of a line, stripped, and the name of its encoding if that is an old one.

    White space and byte-order marks at both ends are removed.
    """
    try:
        return line.decode("utf-8").strip().strip("\ufeff").strip(), None
    except UnicodeDecodeError as error:
        if encoding != "UTF-8":
            raise UnreadableError(f"not {encoding}; save the file as UTF-8") from error
        found = decode_old_encoding(bytes(line))
        if found is not None:
            return found.text.strip(), found.encoding
        raise UnreadableError(
            f"not UTF-8 (byte 0x{line[error.start]:02x} at offset {error.start} of the line); "
            "save the file as UTF-8, or as UTF-16 with a byte-order mark"
        ) from error


def _make_document(text: str, path: str, line: int, encoding: str | None) -> Document:
    """Return the document of one line.

    Args:
        text: The line, decoded.
        path: The printable path of its file.
        line: Its number in the file, from 1.
        encoding: The name of the old encoding that it was decoded from, or None.

    Raises:
        UnreadableError: The line is not a JSON object with the right fields.
        DocumentError: A field has a value that no document may have.
    """
    fields = _parse_object(text)
    if "text" not in fields:
        raise UnreadableError('has no field "text"; put the text of the document there')
    body = _text_field(fields, "text")
    title = " ".join(_text_field(fields, "title").split())
    found = repair_wrong_reading(f"{title}\n{body}")
    if found is not None:
        title, _, body = found.text.partition("\n")
        encoding = found.encoding
    if not title:
        span = find_title(body)
        title = title_text(body, span) if span else ""
    if not title and not body.strip():
        raise UnreadableError(EMPTY)
    metadata = {name: value for name, value in fields.items() if name not in _DOCUMENT_FIELDS}
    if encoding is not None:
        metadata.setdefault("encoding", encoding)
    date = _date_field(fields.get("date"))
    if date is None:
        date = report_date(body)
        if fields.get("date") not in (None, ""):
            metadata["date"] = fields["date"]
    try:
        return Document(
            id=_id_field(fields.get("id")) or f"{path}#{line}",
            title=title,
            body=body,
            date=date.isoformat() if date else None,
            path=path,
            line=line,
            metadata=metadata,
        )
    except RecursionError:
        _refuse_depth()


def _parse_object(text: str) -> dict[str, Any]:
    """Parse a line as a JSON object; raise UnreadableError if it is none."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise UnreadableError(
            f"not JSON ({error.msg} at column {error.colno}); write one JSON object a line"
        ) from error
    except RecursionError:
        _refuse_depth()
    except ValueError as error:  # an integer with thousands of digits
        raise UnreadableError(
            "holds a number with too many digits; write it as a string"
        ) from error
    if not isinstance(value, dict):
        raise UnreadableError(
            f"is {_JSON_TYPE_NAMES[type(value)]}, not a JSON object; write one a line"
        )
    _check_depth(value)
    return value


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python's parser accepts but JSON does not have."""
    raise UnreadableError(f"not JSON ({name} is no number); write null in its place")


def _refuse_depth() -> NoReturn:
    """Report that a line is nested too deeply."""
    raise UnreadableError(
        f"is nested more than {_MAX_NESTING_DEPTH} levels deep; flatten it"
    ) from None


def _check_depth(value: dict[str, Any]) -> None:
    """Raise UnreadableError if a value is nested more than `_MAX_NESTING_DEPTH` deep."""
    level: list[Any] = [value]
    for _ in range(_MAX_NESTING_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    _refuse_depth()


def _text_field(fields: dict[str, Any], name: str) -> str:
    """Return the text of a field, or "" if it is missing; a title may also be null."""
    value = fields.get(name, "")
    if value is None and name != "text":
        return ""
    if not isinstance(value, str):
        raise UnreadableError(f"its {name} is {_JSON_TYPE_NAMES[type(value)]}, not a string")
    return value


def _id_field(value: object) -> str:
    """Return the id in a field, or "" if the field is null or blank."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UnreadableError(
            f"its id is {_JSON_TYPE_NAMES[type(value)]}, not a string or whole number"
        )
    return str(value).strip() and str(value)


def _date_field(value: object) -> PartialDate | None:
    """Return the date in a field, in ISO 8601 or a Vietnamese form, or None."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    try:
        date = PartialDate.parse(value.strip())
    except ValueError:
        return next((found.date for found in find_dates(value, coarsest="month")), None)
    return date if date.quarter is None else None  # a document has no quarter
