"""Make small files of office formats for tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def archive(**members: str | bytes) -> bytes:
    """Return a ZIP file with members by name."""
    return archive_of(members)


def archive_of(members: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP file with members by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return file.getvalue()


def docx(body: str, *, main: str = "word/document.xml", footnotes: str = "") -> bytes:
    """Return a Word document, given the XML inside its body and its footnotes."""
    folder, _, name = main.rpartition("/")
    return archive_of(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" '
            f'Type="{_OFFICE}/officeDocument" Target="{main}"/></Relationships>',
            main: f'<w:document xmlns:w="{WORD}" xmlns:mc="http://schemas.openxmlformats.org/'
            f'markup-compatibility/2006"><w:body>{body}</w:body></w:document>',
            f"{folder}/_rels/{name}.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship '
            f'Id="b" Type="{_OFFICE}/footnotes" Target="footnotes.xml"/></Relationships>',
            f"{folder}/footnotes.xml": f'<w:footnotes xmlns:w="{WORD}"><w:footnote '
            f'w:type="separator"><w:p><w:r><w:t>kẻ</w:t></w:r></w:p></w:footnote>{footnotes}'
            "</w:footnotes>",
        }
    )


def paragraph(text: str, properties: str = "") -> str:
    """Return a paragraph of one run."""
    return f"<w:p><w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: tuple[str, ...]) -> str:
    """Return a table, given the XML of the paragraphs of each cell."""
    return "<w:tbl>{}</w:tbl>".format(
        "".join(
            "<w:tr>{}</w:tr>".format("".join(f"<w:tc>{cell}</w:tc>" for cell in row))
            for row in rows
        )
    )
