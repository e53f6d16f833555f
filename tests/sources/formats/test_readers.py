from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchidx.document import Document
from searchidx.sources import Failure, read_documents
from searchidx.sources.formats.extraction import Extractor
from tests.sources.formats.making import archive, docx, paragraph, table

P = paragraph


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor() as each:
        yield each


@pytest.fixture
def read(tmp_path: Path, extractor: Extractor) -> Read:
    return Read(tmp_path, extractor)


class Read:
    """Read bytes as a file of a name."""

    def __init__(self, folder: Path, extractor: Extractor) -> None:
        self.folder = folder
        self.extractor = extractor

    def all(self, data: bytes, name: str) -> list[Document | Failure]:
        path = self.folder / name
        path.write_bytes(data)
        return list(read_documents(str(path), extractor=self.extractor))

    def __call__(self, data: bytes, name: str) -> Document:
        (item,) = self.all(data, name)
        assert isinstance(item, Document), item
        assert item.id == item.path == str(self.folder / name)
        return item

    def failure(self, data: bytes, name: str) -> str:
        (item,) = self.all(data, name)
        assert isinstance(item, Failure), item
        assert item.path == str(self.folder / name)
        return item.reason


class TestDocx:
    def test_paragraphs_and_breaks(self, read: Read) -> None:
        body = (
            P("Trạm bơm Cổ Lũy") + "<w:p><w:r><w:t>một</w:t><w:tab/><w:t>hai</w:t><w:br/>"
            "<w:t>ba</w:t><w:noBreakHyphen/><w:t>bốn</w:t><w:softHyphen/><w:t>năm</w:t></w:r></w:p>"
        )
        found = read(docx(body), "a.docx")
        assert found.body == "Trạm bơm Cổ Lũy\nmột\thai\nba-bốnnăm"
        assert found.metadata == {"format": "docx"}

    def test_a_letterhead_in_a_table(self, read: Read) -> None:
        body = table(
            (P("UBND XÃ AN BÌNH") + P("Số: 12/BC-UBND"), P("CỘNG HÒA") + P("Độc lập")),
            (P("một"), P("hai")),
        )
        assert read(docx(body), "a.docx").body == (
            "UBND XÃ AN BÌNH\nSố: 12/BC-UBND\nCỘNG HÒA\nĐộc lập\nmột\thai"
        )

    def test_what_people_do_not_see_is_left_out(self, read: Read) -> None:
        body = (
            P("thấy")
            + P("giấu", "<w:vanish/>")
            + P("hiện", '<w:vanish w:val="0"/>')
            + "<w:p><w:del><w:r><w:delText>xóa</w:delText></w:r></w:del>"
            "<w:r><w:instrText>PAGE</w:instrText></w:r><w:ins><w:r><w:t>thêm</w:t></w:r></w:ins>"
            "</w:p>"
        )
        assert read(docx(body), "a.docx").body == "thấy\n\nhiện\nthêm"

    def test_a_text_box_once(self, read: Read) -> None:
        box = f"<w:txbxContent>{P('trong khung')}</w:txbxContent>"
        body = (
            "<w:p><w:r><w:t>ngoài</w:t><mc:AlternateContent><mc:Choice>"
            f"{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
        )
        assert read(docx(body), "a.docx").body == "ngoài\ntrong khung"

    def test_content_controls_footnotes_and_another_main_part(self, read: Read) -> None:
        body = f"<w:sdt><w:sdtContent>{P('trong ô')}</w:sdtContent></w:sdt>"
        note = f"<w:footnote>{P('chú thích')}</w:footnote>"
        data = docx(body, main="word/document2.xml", footnotes=note)
        assert read(data, "a.docx").body == "trong ô\nchú thích"

    def test_damage(self, read: Read) -> None:
        data = docx(P("một"))
        assert "is damaged" in read.failure(data[: len(data) // 2], "a.docx")
        assert "no text found" in read.failure(docx(""), "a.docx")
        assert read.failure(b"", "a.docx") == "is empty; nothing to index"

    def test_entities_are_not_followed(self, read: Read, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("bí mật")
        data = archive(
            **{
                "[Content_Types].xml": "<Types/>",
                "word/document.xml": f'<!DOCTYPE a [<!ENTITY b SYSTEM "{tmp_path}/secret">]>'
                '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/'
                f'main"><w:body>{P("mở &b;")}</w:body></w:document>',
            }
        )
        assert read(data, "a.docx").body == "mở"


class TestHtml:
    def test_blocks_rows_and_what_is_hidden(self, read: Read) -> None:
        page = (
            "<html><head><title> Tin\n xã </title><style>p {}</style></head><body><p>Một "
            "<b>hai</b>\nba<br>bốn<script>năm()</script><table><tr><td>a</td><td>b</td></tr>"
            "<tr><td>c</td></tr></table><!-- không --></body></html>"
        )
        found = read(page.encode(), "a.html")
        assert found.body == "Một hai ba\nbốn\na\tb\nc"
        assert found.title == "Tin xã"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_encodings(self, read: Read, encoding: str) -> None:
        page = "<html><body><p>Xã An Bình diệt lăng quăng</p></body></html>"
        assert read(page.encode(encoding), "a.html").body == "Xã An Bình diệt lăng quăng"

    def test_very_deep(self, read: Read) -> None:
        assert read(b"<div>" * 20_000 + "sâu".encode(), "a.html").body == "sâu"


class TestRtf:
    def test_text(self, read: Read) -> None:
        data = rb"{\rtf1\ansi Tr\u7841?m b\u417?m\par hai\'e2}"
        assert read(data, "a.rtf").body == "Trạm bơm\nhaiâ"


class TestNamesLie:
    @pytest.mark.parametrize("name", ["a.doc", "a.xls", "a.pdf", "a.docx", "a.rtf"])
    def test_html_and_rtf_under_other_names(self, read: Read, name: str) -> None:
        found = read("<html><body>Sổ văn bản</body></html>".encode(), name)
        assert (found.body, found.metadata["format"]) == ("Sổ văn bản", "html")
        assert read(rb"{\rtf1 so}", name).metadata["format"] == "rtf"
        assert read(docx(P("một")), name).metadata["format"] == "docx"

    def test_plain_text(self, read: Read) -> None:
        assert read("Báo cáo tháng năm".encode(), "a.doc").body == "Báo cáo tháng năm"
