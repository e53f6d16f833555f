"""Define what the modules of formats share: extracted texts, limits and XML packages."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

MAX_FILE_BYTES: Final = 128 << 20
"""The largest file, or member of an archive, whose text is extracted."""
PAGE_BREAK: Final = "\f"
"""Stands between the pages, slides or sheets of a text."""

Element = Any
"""An element of lxml, which has no types of its own."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """A text that was extracted from a file.

    Attributes:
        text: The text, with `PAGE_BREAK` between pages.
        format: The name of the format, such as "docx".
        member: The path inside of an archive or a mail, such as "a.zip!b.docx"; empty for the
            file itself.
        title: The title, where the format has one that people set, as in HTML and mail.
        date: The ISO date, where the format has the date of the document, as in mail.
        fields: Further metadata, such as the sender of a mail.
    """

    text: str
    format: str
    member: str = ""
    title: str = ""
    date: str | None = None
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unextracted:
    """A file, or a member of one, without text.

    Attributes:
        reason: What is wrong and what to do next, phrased to follow the path.
        member: As for `Extracted`.
    """

    reason: str
    member: str = ""


class ExtractionError(Exception):
    """Report that a file has no text that can be read; the message is the reason."""


def parse_xml(data: bytes) -> Element:
    """Parse XML of strangers: no entities, nothing from the network, limited depth."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(data, parser)
    if root is None:
        raise ExtractionError("is damaged: one of its parts is empty")
    return root


class Package:
    """A ZIP file of XML parts.

    Args:
        data: The bytes of the file.
    """

    def __init__(self, data: bytes) -> None:
        self._file = zipfile.ZipFile(io.BytesIO(data))
        self.names = frozenset(self._file.namelist())

    def read(self, name: str) -> bytes:
        """Return the bytes of a part.

        Raises:
            ExtractionError: There is no such part, it is encrypted, or it is too large.
        """
        if name not in self.names:
            raise ExtractionError(f"is damaged: its part {name} is missing")
        info = self._file.getinfo(name)
        if info.flag_bits & 1:
            raise ExtractionError("is encrypted; save it without a password")
        with self._file.open(info) as part:
            data = part.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise ExtractionError(
                f"unpacks to more than {MAX_FILE_BYTES >> 20} MB; split it into smaller files"
            )
        return data

    def xml(self, name: str) -> Element:
        """Return the root element of a part."""
        return parse_xml(self.read(name))

    def related(self, part: str, kind: str) -> list[str]:
        """Return the parts that a part is related to, in the order of their ids.

        Args:
            part: A part, or "" for the package itself.
            kind: The last segment of the type of the relation, such as "footnotes".
        """
        folder, base = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{base}.rels")
        if relations not in self.names:
            return []
        return [
            posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/")
            for each in self.xml(relations)
            if each.get("Type", "").rpartition("/")[2] == kind
            and each.get("TargetMode") != "External"
        ]


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, name: str) -> str | None:
    """Return an attribute by its name without a namespace, or None."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return None


def joined_lines(lines: Iterator[str]) -> str:
    """Join lines, with at most one empty line between two others."""
    kept: list[str] = []
    for line in lines:
        stripped = line.rstrip()
        if stripped or (kept and kept[-1]):
            kept.append(stripped)
    return "\n".join(kept).strip("\n")
