"""Read ZIP packages of XML parts, within limits and without anything from outside."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from searchidx.sources.failure import UnreadableError

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_PART_BYTES: Final = 192 * 1024**2
"""The most bytes of one part, unpacked."""

DAMAGED: Final = "is damaged; open it in the program that made it and save it again"
_RELATIONS: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"


class Package:
    """A ZIP file with parts.

    Args:
        data: The bytes of the file.

    Raises:
        UnreadableError: It is no ZIP file, or a damaged one.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self.names = frozenset(self._zip.namelist())
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise UnreadableError(DAMAGED) from error

    def read(self, name: str) -> bytes:
        """Return the bytes of a part.

        Raises:
            UnreadableError: There is no such part, or it is damaged, encrypted or too large.
        """
        return read_member(self._zip, name, _MAX_PART_BYTES)

    def xml(self, name: str) -> _Element:
        """Return the root element of a part; raise as `read` does."""
        return parse_xml(self.read(name))

    def related(self, part: str, kind: str) -> list[str]:
        """Return the names of the parts that a part refers to.

        Args:
            part: The name of the part; empty for the package.
            kind: How the type of the relation ends, such as "/footnotes".
        """
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations not in self.names:
            return []
        targets = [
            posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))[1:]
            for relation in self.xml(relations).iter(f"{_RELATIONS}Relationship")
            if relation.get("Type", "").endswith(kind) and relation.get("TargetMode") is None
        ]
        return [target for target in targets if target in self.names]


def read_member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Return the bytes of a member of an archive.

    Args:
        archive: The archive.
        name: The name of the member.
        limit: The most bytes that it may have, unpacked.

    Raises:
        UnreadableError: There is no such member, or it is damaged, encrypted or too large.
    """
    try:
        with archive.open(name) as member:
            data = member.read(limit + 1)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise UnreadableError(DAMAGED) from error
    except (RuntimeError, NotImplementedError) as error:  # a password, an odd compression
        reason = "is protected by a password or packed in an unknown way; save it again plainly"
        raise UnreadableError(reason) from error
    if len(data) > limit:
        raise UnreadableError(f"unpacks to more than {limit // 1024**2} MB; split it")
    return data


def parse_xml(data: bytes) -> _Element:
    """Return the root element of an XML text, which may refer to nothing outside it.

    Raises:
        UnreadableError: It is not XML.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(DAMAGED) from error
    if root is None:
        raise UnreadableError(DAMAGED)
    return root
