from __future__ import annotations

import codecs
import os
import socket
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from searchidx.document import Document
from searchidx.sources import READABLE, Failure, extension, read_documents
from searchidx.sources.regular_files import file_version
from searchidx.sources.text import MAX_DOCUMENT_BYTES
from tests.language.old_encodings import ENCODERS, read_as_windows_1252

TEXT = (
    "Xã An Bình diệt lăng quăng\r\n\r\nSáng ngày 25/5, xã An Bình ra quân diệt lăng quăng tại "
    "bốn xóm.\nMỗi nhà úp hết chum vại không dùng đến.\r"
)
SAVE_AS = "save it as UTF-8, or as UTF-16 with a byte-order mark"


def only(path: Path | str) -> Document | Failure:
    (item,) = read_documents(str(path))
    return item


def failure(path: Path) -> str:
    """Return the reason why a file is not read."""
    item = only(path)
    assert isinstance(item, Failure)
    assert item.path == str(path)
    assert item.line is None
    assert str(item) == f"{path}: {item.reason}"
    return item.reason


def write(folder: Path, data: bytes, name: str = "a.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


class TestReadable:
    def test_extensions(self) -> None:
        assert {".txt", ".text", ".md", ".jsonl", ".ndjson", ".docx", ".pdf"} <= READABLE

    @pytest.mark.parametrize(
        ("path", "expected"),
        [("a/b.txt", ".txt"), ("A.B.TXT", ".txt"), ("a.d/b", ""), (".txt", ""), ("b.", ".")],
    )
    def test_extension(self, path: str, expected: str) -> None:
        assert extension(path) == expected

    @pytest.mark.parametrize("name", ["a.txt", "a.TEXT", "a.xyz", "a", ".jsonl"])
    def test_everything_else_is_read_as_text(self, tmp_path: Path, name: str) -> None:
        item = only(write(tmp_path, TEXT.encode(), name))
        assert isinstance(item, Document)
        assert item.body == TEXT


class TestFailure:
    def test_names_its_place(self) -> None:
        assert str(Failure("a/b.jsonl", 7, "is empty")) == "a/b.jsonl#7: is empty"
        assert str(Failure("a/b.txt", None, "is empty")) == "a/b.txt: is empty"


class TestText:
    def test_document(self, tmp_path: Path) -> None:
        path = write(tmp_path, TEXT.encode())
        assert only(path) == Document(
            id=str(path),
            path=str(path),
            title="Xã An Bình diệt lăng quăng",
            body=TEXT,
            date="--05-25",
        )

    def test_the_path_helps_with_the_date(self, tmp_path: Path) -> None:
        item = only(write(tmp_path, TEXT.encode(), "2023-05-26_an-binh.txt"))
        assert isinstance(item, Document)
        assert item.date == "2023-05-25"

    def test_a_title_of_two_lines(self, tmp_path: Path) -> None:
        item = only(write(tmp_path, f"BÁO CÁO\r\n\r\n  Diệt  lăng quăng\r\n{TEXT}".encode()))
        assert isinstance(item, Document)
        assert item.title == "BÁO CÁO Diệt lăng quăng"
        assert item.date == "--05-25"

    @pytest.mark.parametrize(
        "data",
        [
            TEXT.encode(),
            codecs.BOM_UTF8 + TEXT.encode(),
            codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
            codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        ],
        ids=["UTF-8", "UTF-8 with mark", "UTF-16 LE", "UTF-16 BE"],
    )
    def test_encodings(self, tmp_path: Path, data: bytes) -> None:
        item = only(write(tmp_path, data))
        assert isinstance(item, Document)
        assert item.body == TEXT

    def test_only_one_byte_order_mark_is_removed(self, tmp_path: Path) -> None:
        item = only(write(tmp_path, codecs.BOM_UTF8 * 2 + TEXT.encode()))
        assert isinstance(item, Document)
        assert item.body == f"\ufeff{TEXT}"
        assert item.title == "Xã An Bình diệt lăng quăng"

    def test_a_text_without_words(self, tmp_path: Path) -> None:
        item = only(write(tmp_path, b"12.5\n--\n"))
        assert isinstance(item, Document)
        assert (item.title, item.date, item.body) == ("", None, "12.5\n--\n")

    def test_a_relative_path_stays_relative(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path, TEXT.encode())
        monkeypatch.chdir(tmp_path)
        item = only("a.txt")
        assert isinstance(item, Document)
        assert (item.id, item.path) == ("a.txt", "a.txt")

    def test_a_file_name_that_is_not_utf_8(self, tmp_path: Path) -> None:
        path = os.fsencode(tmp_path) + b"/b\xe1o.txt"
        try:
            Path(os.fsdecode(path)).write_bytes(TEXT.encode())
        except OSError:
            pytest.skip("this file system holds UTF-8 names only")
        item = only(os.fsdecode(path))
        assert isinstance(item, Document)
        assert item.id == item.path == f"{tmp_path}/b\\xe1o.txt"
        missing = only(os.fsdecode(path + b".txt"))
        assert isinstance(missing, Failure)
        assert missing.path == f"{tmp_path}/b\\xe1o.txt.txt"

    def test_a_link_to_a_file(self, tmp_path: Path) -> None:
        write(tmp_path, TEXT.encode())
        link = tmp_path / "b.txt"
        link.symlink_to("a.txt")
        item = only(link)
        assert isinstance(item, Document)
        assert item.id == str(link)


class TestWhatCannotBeRead:
    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", "is empty; nothing to index"),
            (b" \r\n\t\n", "is empty; nothing to index"),
            (codecs.BOM_UTF8 + b"\n", "is empty; nothing to index"),
            (codecs.BOM_UTF16_LE, "is empty; nothing to index"),
            ("xã".encode("latin-1"), f"not UTF-8 (byte 0xe3 at offset 1); {SAVE_AS}"),
            (b"b\xe8o", f"not UTF-8 (byte 0xe8 at offset 1); {SAVE_AS}"),
            (codecs.BOM_UTF8 + b"b\xe8o", f"not UTF-8 (byte 0xe8 at offset 4); {SAVE_AS}"),
            ("xã".encode()[:2], f"not UTF-8 (byte 0xc3 at offset 1); {SAVE_AS}"),
            (b"\xed\xa0\x80", f"not UTF-8 (byte 0xed at offset 0); {SAVE_AS}"),
            (
                codecs.BOM_UTF16_LE + b"a\0\0\xd8b\0",
                "not UTF-16 (at offset 4) despite its byte-order mark; save it as UTF-8",
            ),
            (
                codecs.BOM_UTF16_BE + b"\0a\0",
                "not UTF-16 (at offset 4) despite its byte-order mark; save it as UTF-8",
            ),
            (
                "báo cáo".encode("utf-16-le"),
                "looks like a binary file (NUL byte at offset 1); export it as text, or save "
                "UTF-16 text with a byte-order mark",
            ),
            (
                codecs.BOM_UTF32_LE + "a".encode("utf-32-le"),
                "looks like a binary file (NUL character at offset 0); export it as text, or "
                "save UTF-16 text with a byte-order mark",
            ),
            (
                b"\x89PNG\r\n\x1a\n" + bytes(range(1, 32)) * 9,
                "looks like a binary file (216 control characters); export it as text, or save "
                "UTF-16 text with a byte-order mark",
            ),
        ],
    )
    def test_bad_content(self, tmp_path: Path, data: bytes, reason: str) -> None:
        assert failure(write(tmp_path, data)) == reason

    def test_a_few_control_characters_do_not_matter(self, tmp_path: Path) -> None:
        item = only(write(tmp_path, b"\x0c\x1b[1m" + TEXT.encode() + b"\x01\x1a"))
        assert isinstance(item, Document)

    def test_the_largest_document(self, tmp_path: Path) -> None:
        path = write(tmp_path, b"x" * MAX_DOCUMENT_BYTES)
        assert isinstance(only(path), Document)

    def test_a_file_that_is_too_large_is_not_read(self, tmp_path: Path) -> None:
        path = write(tmp_path, b"")
        os.truncate(path, MAX_DOCUMENT_BYTES + 1)
        assert failure(path) == "larger than 16 MB; split it into smaller files"
        os.truncate(path, 1 << 40)
        assert failure(path) == "larger than 16 MB; split it into smaller files"

    def test_a_missing_file(self, tmp_path: Path) -> None:
        vanished = "vanished while being read; run the same command again"
        assert failure(tmp_path / "a.txt") == vanished
        (tmp_path / "b.txt").symlink_to("nowhere")
        assert failure(tmp_path / "b.txt") == vanished
        (tmp_path / "c.txt").symlink_to("c.txt")
        assert failure(tmp_path / "c.txt") == vanished
        assert failure(write(tmp_path, b"x", "d.txt") / "e.txt") == vanished

    def test_a_folder(self, tmp_path: Path) -> None:
        assert failure(tmp_path) == "is a folder, not a file"

    def test_a_path_with_a_nul_character(self) -> None:
        reason = "has a NUL character in its path; check the path"
        assert only("a\0.txt") == Failure("a\0.txt", None, reason)

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        if not hasattr(os, "mkfifo"):
            pytest.skip("no FIFOs here")
        path = tmp_path / "a.txt"
        os.mkfifo(path)
        not_regular = "is not a regular file but a pipe, a socket or a device; leave it out"
        assert failure(path) == not_regular

    def test_a_pipe_that_takes_the_place_of_a_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if not hasattr(os, "mkfifo"):
            pytest.skip("no FIFOs here")
        regular = os.stat(write(tmp_path, b"x", "regular.txt"))
        os.mkfifo(tmp_path / "a.txt")
        monkeypatch.setattr(os, "stat", lambda path: regular)
        not_regular = "is not a regular file but a pipe, a socket or a device; leave it out"
        assert failure(tmp_path / "a.txt") == not_regular

    def test_a_socket_and_a_device(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if not hasattr(socket, "AF_UNIX"):
            pytest.skip("no sockets in folders here")
        monkeypatch.chdir(tmp_path)  # the path of a socket may not be long
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("a.txt")
            not_regular = "is not a regular file but a pipe, a socket or a device; leave it out"
            assert failure(tmp_path / "a.txt") == not_regular
        assert failure(Path(os.devnull)) == not_regular

    def test_permission(self, tmp_path: Path) -> None:
        if os.geteuid() == 0:
            pytest.skip("root may read every file")
        path = write(tmp_path, TEXT.encode())
        path.chmod(0)
        denied = "permission denied; make it readable, or run as a user who may read it"
        assert failure(path) == denied

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (
                PermissionError(13, "Permission denied"),
                "permission denied; make it readable, or run as a user who may read it",
            ),
            (
                FileNotFoundError(2, "No such file"),
                "vanished while being read; run the same command again",
            ),
            (
                OSError(5, "Input/output error"),
                "cannot be read (Input/output error); check the disk, then run the same "
                "command again",
            ),
        ],
    )
    def test_errors_of_opening(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
    ) -> None:
        path = write(tmp_path, TEXT.encode())
        real = os.open

        def refuse(name: str, *arguments: int, **options: Any) -> int:
            if name == str(path):
                raise error
            return real(name, *arguments, **options)

        monkeypatch.setattr(os, "open", refuse)
        assert failure(path) == reason

    @pytest.mark.parametrize(
        "change",
        [
            lambda path: path.write_bytes(b"shorter"),
            lambda path: path.write_bytes(TEXT.encode() * 2),
            lambda path: os.utime(path, ns=(1, 1)),
        ],
        ids=["shorter", "longer", "later"],
    )
    def test_a_file_that_changes_while_it_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
    ) -> None:
        path = write(tmp_path, TEXT.encode())
        versions: list[tuple[int, int]] = []

        def changing(file: BinaryIO) -> tuple[int, int]:
            versions.append(file_version(file))
            if len(versions) == 1:
                change(path)
            return versions[-1]

        monkeypatch.setattr("searchidx.sources.text.file_version", changing)
        assert failure(path) == "changed while it was being read; run the same command again"
        assert len(versions) == 2


OLD = (
    "Xã An Bình diệt lăng quăng\n\nSáng ngày 25/5/2023, xã An Bình ra quân diệt lăng quăng tại "
    "bốn xóm. Ủy ban xã nhắc mỗi nhà úp hết chum vại không dùng đến.\n"
)


class TestOldEncodings:
    @pytest.mark.parametrize("name", ENCODERS)
    def test_bytes(self, tmp_path: Path, name: str) -> None:
        path = write(tmp_path, ENCODERS[name][0](OLD))
        assert only(path) == Document(
            id=str(path),
            path=str(path),
            title="Xã An Bình diệt lăng quăng",
            body=OLD,
            date="2023-05-25",
            metadata={"encoding": name},
        )

    @pytest.mark.parametrize("codec", ["UTF-16LE", "UTF-16BE"])
    def test_utf_16_without_a_byte_order_mark(self, tmp_path: Path, codec: str) -> None:
        body = unicodedata.normalize("NFD", OLD)
        item = only(write(tmp_path, body.encode(codec)))
        assert isinstance(item, Document)
        assert (item.body, item.metadata) == (body, {"encoding": codec})

    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("name", ["TCVN3", "VNI-Windows"])
    def test_bytes_that_were_read_as_western_european(
        self, tmp_path: Path, codec: str, name: str
    ) -> None:
        wrong = read_as_windows_1252(ENCODERS[name][0](OLD))
        item = only(write(tmp_path, wrong.encode(codec)))
        assert isinstance(item, Document)
        assert item.body == OLD
        assert item.metadata == {"encoding": f"{name} read as windows-1252"}

    def test_only_the_damaged_paragraphs_change(self, tmp_path: Path) -> None:
        good = unicodedata.normalize("NFD", TEXT)
        wrong = read_as_windows_1252(OLD.encode())
        item = only(write(tmp_path, f"{good}\r\n{wrong}".encode()))
        assert isinstance(item, Document)
        assert item.body == f"{good}\r\n{OLD}"
        assert item.metadata == {"encoding": "Unicode, UTF-8 read as windows-1252"}

    @pytest.mark.parametrize(
        "data",
        [
            "nghÞ quyÕt".encode("latin-1"),
            "Le café où j'ai déjà mangé était fermé.".encode("cp1252"),
            OLD.encode() + b"\xe1\xbb",
            OLD.encode().replace("ễ".encode(), b"")
            + "\xe1\xbb".encode("latin-1")
            + OLD.encode(),
            ENCODERS["TCVN3"][0](OLD) + bytes(range(1, 32)) * 9,
            ENCODERS["TCVN3"][0](OLD) + b"\0",
        ],
        ids=["short", "French", "cut", "broken", "binary", "NUL"],
    )
    def test_what_is_not_sure_is_refused(self, tmp_path: Path, data: bytes) -> None:
        assert failure(write(tmp_path, data)).startswith(
            ("not UTF-8 (byte", "looks like a bin")
        )

    @pytest.mark.parametrize(
        "text", ["Vieät Nam", "cña Bé", "Ingen treff på «[» på «(»", "a^n o+a"]
    )
    def test_doubtful_damage_stays_as_it_is(self, tmp_path: Path, text: str) -> None:
        item = only(write(tmp_path, text.encode()))
        assert isinstance(item, Document)
        assert (item.body, item.metadata) == (text, {})
