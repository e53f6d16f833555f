"""Recognize the text of scanned pages."""

from __future__ import annotations

import zlib
from pathlib import Path

import pypdfium2
import pytest

from searchidx.language.syllable_forms import folded
from searchidx.language.tokenizer import split_syllables
from searchidx.sources.formats.extract import extract
from searchidx.sources.formats.parts import Extracted, Unextracted
from searchidx.sources.formats.recognition import Recognizer

DATA = Path(__file__).parent / "data"
DOTS_PER_INCH = 300


def scanned(pdf: bytes) -> bytes:
    """Return a PDF file whose one page is a picture of the first page of another one."""
    page = pypdfium2.PdfDocument(pdf)[0]
    width, height = page.get_size()
    bitmap = page.render(scale=DOTS_PER_INCH / 72, grayscale=True)
    rows = [
        bytes(bitmap.buffer)[bitmap.stride * y : bitmap.stride * y + bitmap.width]
        for y in range(bitmap.height)
    ]
    pixels = zlib.compress(b"".join(rows))
    content = f"q {width} 0 0 {height} 0 0 cm /I Do Q".encode()
    image = (
        f"<< /Type /XObject /Subtype /Image /Width {bitmap.width} /Height {bitmap.height} "
        f"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode "
        f"/Length {len(pixels)} >>"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 4 0 R "
        f"/Resources << /XObject << /I 5 0 R >> >> >>".encode(),
        f"<< /Length {len(content)} >>".encode() + b"\nstream\n" + content + b"\nendstream",
        image.encode() + b"\nstream\n" + pixels + b"\nendstream",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    begin = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\n".encode()
    out += f"startxref\n{begin}\n%%EOF\n".encode()
    return bytes(out)


def syllables(text: str) -> list[str]:
    return [folded(each) for each in split_syllables(text)[0]]


def test_a_scan_is_named_with_what_helps() -> None:
    scan = scanned((DATA / "bao-cao.pdf").read_bytes())
    (found,) = extract(scan, "a.pdf", Recognizer("never", lambda what: None))
    assert found == Unextracted(
        "holds pictures of pages and no text; to recognize their text, run it without "
        "--ocr never"
    )


@pytest.mark.slow
def test_the_text_of_a_scan_is_recognized() -> None:
    busy: list[str] = []
    recognizer = Recognizer("auto", busy.append)
    if not recognizer.is_available:
        pytest.skip("tesseract is not installed with its Vietnamese data")
    pdf = (DATA / "bao-cao.pdf").read_bytes()
    (text,) = extract(pdf, "a.pdf", recognizer)
    (found,) = extract(scanned(pdf), "a.pdf", recognizer)
    assert isinstance(text, Extracted)
    assert isinstance(found, Extracted)
    expected, read = syllables(text.text), syllables(found.text)
    wrong = len(set(expected) - set(read))
    assert wrong <= 0.03 * len(set(expected)), set(expected) - set(read)
    assert busy == ["page 1"]
