"""Make documents of what a reader of a format found, in the process that extracts.

Documents travel to the parent as JSON, which cannot run code there whatever a hostile file
has made of this process.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from searchidx.document import MAX_DOCUMENT_CODE_POINTS
from searchidx.language.dates import report_date
from searchidx.sources.encoding_recovery import repair_wrong_reading
from searchidx.sources.failure import UnreadableError
from searchidx.sources.formats.containers import read_file
from searchidx.sources.formats.extracted import Extracted, Settings, Unread
from searchidx.sources.title import find_title, title_text

_TOO_LONG: Final = (
    f"holds more than {MAX_DOCUMENT_CODE_POINTS // 1024**2} million characters of text; "
    "split it into smaller files"
)
NO_TEXT: Final = "no text found; open it, and if it looks right print it to a new PDF"
_NO_MEMORY: Final = "needs too much memory to read; split it into smaller files"
# Characters of no use to readers: controls but for tab, line feed and page break.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_BLANK_LINES: Final = re.compile(r"\n[^\S\n\f]*(?:\n[^\S\n\f]*){2,}")
_LINE_END_BLANKS: Final = re.compile(r"[^\S\n\f]+(?=[\n\f])|[ \u00a0]+$")
_VISIBLE: Final = re.compile(r"\w")
# In PDF files, programs write two letters of TCVN3 as signs of mathematics.
_TCVN3_SIGNS: Final = str.maketrans({"\u2212": "\u00ad", "\u2219": "\u00b7"})
_TCVN3: Final = "TCVN3"
_CAPITALS: Final = re.compile(r"[^\W\d_]+")


def extract(format_name: str, data: bytes, name: str, settings: Settings) -> dict[str, Any]:
    """Return the documents and failures of a file, as a JSON object.

    Args:
        format_name: The name of its format.
        data: Its bytes.
        name: Its printable path, which may tell its date.
        settings: How it is read.

    Returns:
        `{"documents": [{member, title, body, date, metadata}], "failures": [[member, why]]}`.
    """
    documents: list[dict[str, Any]] = []
    failures: list[tuple[str, str]] = []
    size = 0
    for item in _read(format_name, data, name, settings):
        if isinstance(item, Unread):
            failures.append((item.member, item.reason))
            continue
        size += len(item.text)
        if size > 2 * MAX_DOCUMENT_CODE_POINTS:
            failures.append((item.member, _TOO_LONG))
            break
        try:
            documents.append(_document(item, name))
        except UnreadableError as error:
            failures.append((item.member, str(error)))
    if not documents and not failures:
        failures.append(("", NO_TEXT))
    return {"documents": documents, "failures": failures}


def _read(
    format_name: str, data: bytes, name: str, settings: Settings
) -> Iterator[Extracted | Unread]:
    """Yield what a reader gives; an error of any kind becomes its last item."""
    try:
        yield from read_file(format_name, data, name, settings)
    except UnreadableError as error:
        yield Unread("", str(error))
    except MemoryError:
        yield Unread("", _NO_MEMORY)
    except RecursionError:
        yield Unread("", "is nested too deeply; open it and save it again")
    except ModuleNotFoundError as error:
        yield Unread("", f"needs {error.name}; run: pip install {error.name}")
    except Exception as error:
        yield Unread(
            "",
            f"cannot be read as {format_name} ({type(error).__name__}); open it and save it "
            "again, or print it to a PDF",
        )


def _document(item: Extracted, name: str) -> dict[str, Any]:
    """Return a document as a JSON object."""
    if len(item.text) > MAX_DOCUMENT_CODE_POINTS:
        raise UnreadableError(_TOO_LONG)
    body, encoding = clean_text(item.text, pdf=item.format == "pdf")
    if _VISIBLE.search(body) is None:
        raise UnreadableError(NO_TEXT)
    place = f"{name}!{item.member}" if item.member else name
    metadata: dict[str, Any] = {"format": item.format, **item.metadata}
    if encoding is not None:
        metadata["encoding"] = encoding
    title = " ".join(item.title.split())
    if not title:
        span = find_title(body)
        title = title_text(body, span) if span else ""
    date = item.date
    if date is None:
        found = report_date(body, hint=place)
        date = found.isoformat() if found else None
    return {
        "member": item.member,
        "title": title,
        "body": body,
        "date": date,
        "metadata": metadata,
    }


def clean_text(text: str, *, pdf: bool = False) -> tuple[str, str | None]:
    """Return a text with its wrong readings repaired, and the name of the old encoding.

    The text of a file of an office has no bytes to keep, only what people read: line ends
    are LF, control characters and superfluous blank lines are left out, and letters are NFC.

    Args:
        text: The text.
        pdf: Whether it is that of a PDF.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n")
    encoding = None
    found = None
    if pdf and ("\u2212" in text or "\u2219" in text):
        found = repair_wrong_reading(text.translate(_TCVN3_SIGNS))
    found = found or repair_wrong_reading(text)
    if found is not None:
        text, encoding = found.text, found.encoding
        if encoding.startswith(_TCVN3):
            text = _CAPITALS.sub(_capitalize_within_capitals, text)
    text = unicodedata.normalize("NFC", _CONTROLS.sub("", text))
    text = _BLANK_LINES.sub("\n\n", _LINE_END_BLANKS.sub("", text))
    return text.strip("\n "), encoding


def _capitalize_within_capitals(match: re.Match[str]) -> str:
    """Return a word in capitals if all its plain letters are: "NăM" is "NĂM".

    The capitals of TCVN3 lie in a font of their own, with the codes of the small letters.
    """
    word = match[0]
    plain = [letter for letter in word if letter.isascii()]
    return word.upper() if plain and all(map(str.isupper, plain)) else word
