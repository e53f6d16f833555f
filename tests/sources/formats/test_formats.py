"""Extract texts of files that real programs wrote, of mails, archives and web pages.

The files in `data` were made by LibreOffice 7.4 of one report, one sheet and two slides.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from searchidx.sources.formats.extract import MAX_DEPTH, extract
from searchidx.sources.formats.parts import Extracted, Unextracted
from searchidx.sources.formats.recognition import Recognizer

DATA = Path(__file__).parent / "data"
LINES = [
    "UBND HUYỆN ĐÔNG LĨNH",
    "PHÒNG LAO ĐỘNG",
    "Số: 47/BC-LĐTBXH",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Đông Lĩnh, ngày 12 tháng 9 năm 2023",
    "BÁO CÁO",
    "Kết quả rà soát hộ nghèo quý III năm 2023",
    "Thực hiện kế hoạch của huyện, phòng đã rà soát 1.284 hộ ở bảy xã miền núi; thuỷ lợi và "
    "đường liên thôn còn thiếu.",
    "Xã\tHộ nghèo",
    "Nậm Khòa\t212",
    "Quảng Uyên\t97",
    "Nơi nhận: Chủ tịch huyện; lưu văn thư.",
]
SHEET = (
    "so-lieu\nXã\tHộ nghèo\tTỷ lệ\tNgày\nNậm Khòa\t212\t125\t12/09/2023\n"
    "Quảng Uyên\t97\t0.08\t13/09/2023"
)
SLIDES = ["Kế hoạch phòng chống lụt bão", "Đê sông Rào Nậy: gia cố 3,5 km\nSơ tán thôn Hạ"]


def parts(data: bytes, name: str) -> list[Extracted | Unextracted]:
    return list(extract(data, name, Recognizer("never", lambda what: None)))


def text(data: bytes, name: str) -> Extracted:
    (found,) = parts(data, name)
    assert isinstance(found, Extracted), found
    return found


def reason(data: bytes, name: str) -> str:
    (found,) = parts(data, name)
    assert isinstance(found, Unextracted), found
    return found.reason


@pytest.mark.parametrize("kind", ["doc", "docx", "odt"])
def test_a_report_keeps_its_lines_and_its_tables(kind: str) -> None:
    found = text((DATA / f"bao-cao.{kind}").read_bytes(), f"bao-cao.{kind}")
    assert found == Extracted("\n".join(LINES), kind)


def test_rtf_has_the_cells_of_a_row_on_one_line() -> None:
    found = text((DATA / "bao-cao.rtf").read_bytes(), "bao-cao.rtf")
    assert found.text == "\n".join([*LINES[:2], "\t".join(LINES[2:4]), *LINES[4:]])


def test_pdf_has_the_lines_of_its_page() -> None:
    found = text((DATA / "bao-cao.pdf").read_bytes(), "bao-cao.pdf")
    assert found.text.split() == " ".join(LINES).split()
    assert found.text.split("\n")[:9] == [*LINES[:8], LINES[8].partition(" lợi")[0]]


def test_a_book_has_its_title_and_its_chapters() -> None:
    found = text((DATA / "bao-cao.epub").read_bytes(), "bao-cao.epub")
    assert (found.title, found.format) == ("Báo cáo hộ nghèo", "epub")
    assert found.text.split() == " ".join(LINES).split()


@pytest.mark.parametrize("kind", ["xls", "xlsx", "ods"])
def test_a_sheet_has_a_line_for_each_row(kind: str) -> None:
    found = text((DATA / f"so-lieu.{kind}").read_bytes(), f"so-lieu.{kind}")
    assert found.format == kind
    assert found.text == SHEET


@pytest.mark.parametrize("kind", ["odp", "pptx"])
def test_slides_are_pages(kind: str) -> None:
    found = text((DATA / f"trinh-chieu.{kind}").read_bytes(), f"trinh-chieu.{kind}")
    assert found == Extracted("\f".join(SLIDES), kind)


def test_old_slides_have_their_texts_without_those_of_the_master() -> None:
    data = gzip.decompress((DATA / "trinh-chieu.ppt.gz").read_bytes())
    assert text(data, "trinh-chieu.ppt") == Extracted("\n".join(SLIDES), "ppt")


@pytest.mark.parametrize("name", ["report.pdf", "report.doc", "report", "report.xls"])
@pytest.mark.parametrize("kind", ["doc", "docx", "odt", "pdf", "rtf", "xls", "xlsx"])
def test_the_content_decides_whatever_the_name_says(kind: str, name: str) -> None:
    stem = "so-lieu" if kind.startswith("xls") else "bao-cao"
    assert text((DATA / f"{stem}.{kind}").read_bytes(), name).format == kind


PAGE = """<!DOCTYPE html><html><head><title>Tin  xã</title><style>p {}</style></head><body>
<h1>Mưa &amp; lũ</h1><p>Nước lên <b>nhanh</b>, <i>dân</i> sơ tán.<br>Đê an toàn.</p>
<script>var x = "không đọc";</script><table><tr><td>Thôn</td><td>Hộ</td></tr></table>
</body></html>"""


@pytest.mark.parametrize(
    "data",
    [
        PAGE.encode(),
        "\ufeff".encode() + PAGE.encode(),
        PAGE.encode("utf-16"),
        PAGE.replace("<head>", '<head><meta charset="utf-8">').encode(),
    ],
)
@pytest.mark.parametrize("name", ["a.html", "a.doc", "a.xls", "a"])
def test_a_web_page_gives_its_text_and_title(data: bytes, name: str) -> None:
    found = text(data, name)
    assert found == Extracted(
        "Mưa & lũ\nNước lên nhanh, dân sơ tán.\nĐê an toàn.\nThôn\tHộ", "html", title="Tin xã"
    )


def mail(subject: str, body: str, *attachments: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "a@xa.vn", "b@huyen.vn"
    message["Date"] = "Tue, 12 Sep 2023 08:30:00 +0700"
    message.set_content(body)
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="x", filename=name)
    return message.as_bytes()


def test_a_mail_has_its_subject_day_and_attachments() -> None:
    report = (DATA / "bao-cao.docx").read_bytes()
    first, second = parts(mail("Hộ nghèo", "Kính gửi anh.", ("bc.docx", report)), "a.eml")
    assert first == Extracted(
        "Hộ nghèo\nfrom: a@xa.vn\nto: b@huyen.vn\n\nKính gửi anh.",
        "eml",
        title="Hộ nghèo",
        date="2023-09-12",
        fields={"from": "a@xa.vn", "to": "b@huyen.vn"},
    )
    assert second == Extracted("\n".join(LINES), "docx", member="bc.docx")


def test_a_mailbox_has_a_text_for_each_mail() -> None:
    box = b"".join(
        b"From x Tue Sep 12 08:30:00 2023\n" + mail(f"Thư {n}", f"Nội dung {n}") + b"\n"
        for n in range(3)
    )
    found = parts(box, "a.mbox")
    assert [(each.member, getattr(each, "title", None)) for each in found] == [
        (f"{n + 1}.eml", f"Thư {n}") for n in range(3)
    ]


def archive(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files:
            file.writestr(name, data)
    return out.getvalue()


def test_an_archive_has_a_text_for_each_member_nested_twice() -> None:
    note = "ghi chú họp".encode()
    inner = archive(("sâu/ghi.txt", note))
    data = archive(
        ("2023/bc.docx", (DATA / "bao-cao.docx").read_bytes()),
        ("ảnh.png", b"\x89PNG"),
        ("../../thoát.txt", note),
        ("trong.zip", inner),
        ("hỏng.pdf", b"%PDF-1.4 not really"),
    )
    found = {each.member: each for each in parts(data, "a.zip")}
    assert list(found) == ["2023/bc.docx", "thoát.txt", "trong.zip!sâu/ghi.txt", "hỏng.pdf"]
    assert found["trong.zip!sâu/ghi.txt"] == Extracted(
        "ghi chú họp", "text", member="trong.zip!sâu/ghi.txt"
    )
    damaged = found["hỏng.pdf"]
    assert isinstance(damaged, Unextracted)
    assert damaged.reason.startswith("is damaged")


def test_archives_that_are_nested_deeper_are_named() -> None:
    data = ("ghi.txt", b"ghi")
    for depth in range(MAX_DEPTH + 1):
        data = (f"{depth}.zip", archive(data))
    assert reason(data[1], data[0]) == "is nested more than 2 times; unpack it first"


def damaged_files() -> Iterator[tuple[str, bytes]]:
    for path in sorted(DATA.iterdir()):
        data = path.read_bytes()
        yield f"half of {path.name}", data[: len(data) // 2]
        yield f"zeros in {path.name}", data[:600] + bytes(2_000) + data[2_600:]


@pytest.mark.parametrize(("name", "data"), [*damaged_files()])
def test_a_damaged_file_gives_text_or_a_reason(name: str, data: bytes) -> None:
    for found in parts(data, name):
        if isinstance(found, Unextracted):
            assert found.reason.split(" ", 1)[0] in ("is", "has", "holds", "looks", "unpacks")
            assert "Traceback" not in found.reason
        else:
            assert found.text.strip()


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.txt", "a.zip"])
def test_an_empty_file_is_said_to_be_empty(name: str) -> None:
    assert reason(b"", name) == "is empty; nothing to index"


def test_entities_of_xml_are_not_expanded() -> None:
    bomb = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    with zipfile.ZipFile(DATA / "bao-cao.docx") as file:
        files = {name: file.read(name) for name in file.namelist()}
    body = files["word/document.xml"].decode()
    head, rest = body.split("?>", 1)
    files["word/document.xml"] = f"{head}?>{bomb}{rest.replace('PHÒNG', '&b;')}".encode()
    (found,) = parts(archive(*files.items()), "a.docx")
    assert "hahaha" not in getattr(found, "text", "")


@pytest.mark.parametrize("name", ["a.xls", "a.doc", "a.pdf"])
@pytest.mark.parametrize(
    "head",
    ["", "\ufeff", "<?xml version='1.0'?>\n", "<!-- Excel -->\r\n", "<META charset=utf-8>"],
)
def test_a_part_of_a_web_page_under_another_name(name: str, head: str) -> None:
    page = f"{head}<table><tr><td>Sổ</td><td>văn bản</td></tr></table>"
    found = text(page.encode(), name)
    assert (found.format, found.text) == ("html", "Sổ\tvăn bản")
    assert text(page.lstrip("\ufeff").encode("utf-16"), name).text == "Sổ\tvăn bản"


@pytest.mark.parametrize("source", ["<pb> là mã", "< p>", "table", "<!-- <table>"])
def test_other_texts_are_no_web_pages(source: str) -> None:
    assert text(source.encode(), "a.doc").format == "text"


def test_a_panic_of_the_library_for_sheets_costs_its_member_alone() -> None:
    sheet = (DATA / "panic.xls").read_bytes()
    assert "is damaged" in reason(sheet, "panic.xls")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.xls", sheet)
        archive.writestr("b.txt", "Sổ văn bản")
    bad, good = parts(file.getvalue(), "a.zip")
    assert isinstance(bad, Unextracted)
    assert isinstance(good, Extracted)
    assert (bad.member, good.member, good.text) == ("a.xls", "b.txt", "Sổ văn bản")
