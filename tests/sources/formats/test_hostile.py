from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from searchidx.document import Document
from searchidx.sources import Failure, read_documents
from searchidx.sources.formats import extraction
from searchidx.sources.formats.extraction import Extractor, _Process
from tests.sources.formats.making import WORD, archive_of, docx, paragraph


def items(extractor: Extractor, data: bytes, name: str = "a.docx") -> list[Document | Failure]:
    return list(extractor.read("package", data, name))


def reason(extractor: Extractor, data: bytes) -> str:
    (item,) = items(extractor, data)
    assert isinstance(item, Failure)
    return item.reason


GOOD = docx(paragraph("Trạm bơm"))


@pytest.mark.slow
def test_a_bomb_costs_its_own_file_only() -> None:
    bomb = archive_of(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>'.encode()
            + paragraph("a").encode() * 6_000_000
            + b"</w:body></w:document>",
        }
    )
    assert len(bomb) < 3_000_000
    with Extractor() as extractor:
        assert "unpacks to more than 192 MB" in reason(extractor, bomb)
        (item,) = items(extractor, GOOD)
        assert isinstance(item, Document)
        assert item.body == "Trạm bơm"


def test_a_process_that_dies_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    with Extractor() as extractor:
        assert len(items(extractor, GOOD)) == 1
        process = extractor._process
        assert process is not None
        process._process.kill()
        process._process.wait()
        assert reason(extractor, GOOD) == extraction.CRASHED
        (item,) = items(extractor, GOOD)
        assert isinstance(item, Document)


def test_a_process_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with Extractor(max_seconds=0.001) as extractor:
        assert reason(extractor, GOOD) == extraction.TOO_SLOW
        assert extractor._process is None


@pytest.mark.parametrize(
    "answer",
    [b"", b"no json", b"[]", b'{"documents": 1, "failures": []}', b"[" * 100_000,
     b'{"documents": [{"member": 1}], "failures": []}',
     b'{"documents": [], "failures": [["a"]]}'],
)  # fmt: skip
def test_a_process_that_was_taken_over(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    monkeypatch.setattr(_Process, "receive", lambda self, seconds: answer)
    with Extractor() as extractor:
        assert reason(extractor, GOOD) == extraction.CRASHED


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with open(path, "wb") as file:
        file.write(b"%PDF-1.4\n")
        file.truncate(10 * 1024**3)
    (item,) = read_documents(str(path))
    assert isinstance(item, Failure)
    assert item.reason == extraction.FILE_TOO_LARGE


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_the_process_writes_no_file_and_has_little_memory(tmp_path: Path) -> None:
    program = (
        "from searchidx.sources.formats import worker\n"
        "import signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "worker._set_limits()\n"
        "try:\n    bytearray(2 * worker.MAX_MEMORY_BYTES)\n"
        "except MemoryError:\n    print('memory')\n"
        "try:\n    open(sys.argv[1], 'w').write('a')\n"
        "except OSError:\n    print('file')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "a")], capture_output=True, text=True
    )
    assert done.stdout.split() == ["memory", "file"] or "memory" in done.stdout


def test_the_process_ends_with_its_parent() -> None:
    program = (
        "from searchidx.sources.formats.extraction import Extractor\n"
        "import os, sys\n"
        "e = Extractor()\n"
        "list(e.read('html', b'<p>a', 'a.html'))\n"
        "print(e._process._process.pid, flush=True)\n"
        "os._exit(1)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    pid = int(done.stdout)
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.05)
    raise AssertionError("the process is still there")
