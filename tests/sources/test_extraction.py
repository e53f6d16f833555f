"""Files of strangers cost themselves alone: crashes, hangs, memory, what is printed."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchidx.document import Document
from searchidx.sources import Failure, read_documents
from searchidx.sources.extraction import Extractor
from searchidx.sources.failure import UnreadableError

DATA = Path(__file__).parent / "formats/data"
REPORT = (DATA / "bao-cao.docx").read_bytes()


@pytest.fixture
def extractor() -> Iterator[Extractor]:
    made = Extractor()
    yield made
    made.close()


def module_for_tests(folder: Path, code: str) -> None:
    """Put a module in the place of the reader of RTF."""
    package = folder / "striprtf"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "striprtf.py").write_text(code, encoding="utf-8")


RTF = b"{\\rtf1 ghi chu}"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "import os, signal\ndef rtf_to_text(text, errors): os.kill(os.getpid(), 9)\n",
            "made the program crash that reads it; open it and save it again",
        ),
        (
            "import time\ndef rtf_to_text(text, errors): time.sleep(60)\n",
            "took longer than 3 s to be read; open it and save it again",
        ),
    ],
)
def test_a_crash_or_a_hang_costs_that_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, expected: str
) -> None:
    module_for_tests(tmp_path, code)
    monkeypatch.syspath_prepend(tmp_path)
    extractor = Extractor(silence_seconds=3)
    with pytest.raises(UnreadableError, match=expected):
        extractor.extract(RTF, "a.rtf", "never")
    monkeypatch.undo()
    (found,) = extractor.extract(REPORT, "a.docx", "never")
    assert found["format"] == "docx"
    extractor.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux limits memory")
def test_a_file_that_needs_much_memory_costs_that_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module_for_tests(tmp_path, "def rtf_to_text(text, errors): return 'x' * (2 << 30)\n")
    monkeypatch.syspath_prepend(tmp_path)
    extractor = Extractor()
    (found,) = extractor.extract(RTF, "a.rtf", "never")
    assert found["reason"] == "needs more than 1 GB of memory to be read; save it as PDF"
    monkeypatch.undo()
    (found,) = extractor.extract(REPORT, "a.docx", "never")
    assert found["format"] == "docx"
    extractor.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux limits files")
def test_a_reader_writes_no_file_and_its_output_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module_for_tests(
        tmp_path,
        "import sys\n"
        "def rtf_to_text(text, errors):\n"
        "    print('printed')\n"
        f"    file = open({str(tmp_path / 'written')!r}, 'w')\n"
        "    try:\n"
        "        file.write('x'); file.close()\n"
        "    except OSError: return 'refused'\n"
        "    return 'written'\n",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("signal.SIGXFSZ", 25, raising=False)
    extractor = Extractor()
    (found,) = extractor.extract(RTF, "a.rtf", "never")
    assert found["text"] == "refused"
    extractor.close()


def test_one_process_serves_many_files_and_threads(extractor: Extractor) -> None:
    names: list[str] = []

    def read() -> None:
        names.extend(
            found["format"]
            for name in ("bao-cao.docx", "bao-cao.pdf", "so-lieu.xlsx")
            for found in extractor.extract((DATA / name).read_bytes(), name, "never")
        )

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(names) == sorted(["docx", "pdf", "xlsx"] * 3)


def test_a_file_becomes_a_document(tmp_path: Path) -> None:
    path = tmp_path / "bao-cao.docx"
    path.write_bytes(REPORT)
    (document,) = read_documents(str(path))
    assert isinstance(document, Document)
    assert document.title == "BÁO CÁO Kết quả rà soát hộ nghèo quý III năm 2023"
    assert document.date == "2023-09-12"
    assert (document.id, document.path) == (str(path), str(path))
    assert document.metadata == {"format": "docx"}


def test_members_of_an_archive_are_documents_with_paths_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "luu.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("2023/bc.docx", REPORT)
        file.writestr("hỏng.pdf", b"%PDF-1.4")
    document, failure = read_documents(str(path))
    assert isinstance(document, Document)
    assert isinstance(failure, Failure)
    assert document.id == document.path == f"{path}!2023/bc.docx"
    assert str(failure) == f"{path}!hỏng.pdf: is damaged; open it and save it again"


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.docx", b"", "is empty; nothing to index"),
        ("a.pdf", b"%PDF-1.7 x", "is damaged; open it and save it again"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "is damaged ("),
        ("a.txt", b"PK\x03\x04 x", "is damaged ("),
        ("a.zip", b"PK\x05\x06" + bytes(18), "holds no file that can be read"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_reason(
    tmp_path: Path, name: str, data: bytes, expected: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    (failure,) = read_documents(str(path))
    assert isinstance(failure, Failure)
    assert str(failure).startswith(f"{path}: {expected}")


def test_a_sparse_file_of_ten_gigabytes_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.touch()
    os.truncate(path, 10 << 30)
    begun = time.process_time()
    (failure,) = read_documents(str(path))
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("larger than 128 MB; split it")
    assert time.process_time() - begun < 5


def test_a_bomb_is_named(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.txt", bytes(200 << 20))
    path = tmp_path / "a.zip"
    path.write_bytes(bomb.getvalue())
    (failure,) = read_documents(str(path))
    assert isinstance(failure, Failure)
    assert failure.reason.startswith(("unpacks to more than", "needs more than"))
