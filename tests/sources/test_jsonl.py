from __future__ import annotations

import codecs
import io
import json
import os
import time
import tracemalloc
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchidx.document import Document
from searchidx.sources import Failure, read_documents
from searchidx.sources.line_reader import read_lines, utf_8_stream
from searchidx.sources.regular_files import MAX_DOCUMENT_BYTES, file_version
from tests.language.old_encodings import ENCODERS, read_as_windows_1252

BODY = "Ngày 12/6/2023, xã An Bình diệt lăng quăng."


def write(folder: Path, *lines: object, name: str = "a.jsonl") -> Path:
    """Write a file of lines: bytes and text unchanged, anything else as JSON."""
    path = folder / name
    with path.open("wb") as file:
        for line in lines:
            if isinstance(line, str):
                line = line.encode()
            file.write(line if isinstance(line, bytes) else json.dumps(line).encode())
            file.write(b"\n")
    return path


def items(path: Path) -> list[Document | Failure]:
    return list(read_documents(str(path)))


def documents(path: Path) -> list[Document]:
    found = items(path)
    assert [item for item in found if isinstance(item, Failure)] == []
    return [item for item in found if isinstance(item, Document)]


def failures(path: Path) -> list[tuple[int | None, str]]:
    found = [item for item in items(path) if isinstance(item, Failure)]
    assert all(item.path == str(path) for item in found)
    return [(item.line, item.reason) for item in found]


def document(folder: Path, **fields: Any) -> Document:
    (found,) = documents(write(folder, {"text": BODY, **fields}))
    return found


class TestDocuments:
    @pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "A.JSONL"])
    def test_every_field(self, tmp_path: Path, name: str) -> None:
        path = write(
            tmp_path,
            {
                "id": "BC-7",
                "title": "Diệt lăng quăng",
                "text": BODY,
                "date": "2023-06-13",
                "organ": "UBND xã",
                "codes": ["7/BC"],
                "path": "x",
            },
            name=name,
        )
        assert documents(path) == [
            Document(
                id="BC-7",
                title="Diệt lăng quăng",
                body=BODY,
                date="2023-06-13",
                path=str(path),
                line=1,
                metadata={"organ": "UBND xã", "codes": ["7/BC"], "path": "x"},
            )
        ]

    def test_the_text_alone(self, tmp_path: Path) -> None:
        path = write(tmp_path, {"text": f"Diệt  lăng quăng\n{BODY}"})
        assert documents(path) == [
            Document(
                id=f"{path}#1",
                title="Diệt lăng quăng",
                body=f"Diệt  lăng quăng\n{BODY}",
                date="2023-06-12",
                path=str(path),
                line=1,
            )
        ]

    @pytest.mark.parametrize(("given_id", "expected"), [(7, "7"), ("7", "7"), (" a ", " a ")])
    def test_ids(self, tmp_path: Path, given_id: object, expected: str) -> None:
        assert document(tmp_path, id=given_id).id == expected

    @pytest.mark.parametrize("given_id", [None, "", "  "])
    def test_an_empty_id_is_a_missing_one(self, tmp_path: Path, given_id: object) -> None:
        assert document(tmp_path, id=given_id).id == f"{tmp_path}/a.jsonl#1"

    @pytest.mark.parametrize("title", [None, "", " \n"])
    def test_an_empty_title_is_found_in_the_text(self, tmp_path: Path, title: object) -> None:
        assert document(tmp_path, title=title, text=f"Tin xã\n{BODY}").title == "Tin xã"

    def test_a_title_is_one_line(self, tmp_path: Path) -> None:
        assert document(tmp_path, title=" Tin\n  xã ").title == "Tin xã"

    @pytest.mark.parametrize(
        ("date", "expected"),
        [
            ("2023-07-24", "2023-07-24"),
            ("2023-07", "2023-07"),
            ("2023", "2023"),
            (2023, "2023"),
            ("--07-24", "--07-24"),
            (" 2023-07-24T04:53:00+07:00 ", "2023-07-24"),
            ("24/7/2023", "2023-07-24"),
            ("Thứ Hai - 24 Tháng Bảy, 2023", "2023-07-24"),
            ("tháng 7 năm 2023", "2023-07"),
        ],
    )
    def test_dates(self, tmp_path: Path, date: object, expected: str) -> None:
        found = document(tmp_path, date=date)
        assert found.date == expected
        assert found.metadata == {}

    @pytest.mark.parametrize("date", ["2023-Q2", "quý II/2023", "năm 2023"])
    def test_a_quarter_or_a_year_in_words_is_kept_as_it_is(
        self, tmp_path: Path, date: str
    ) -> None:
        found = document(tmp_path, date=date)
        assert (found.date, found.metadata) == ("2023-06-12", {"date": date})

    @pytest.mark.parametrize("date", [None, ""])
    def test_a_missing_date_is_found_in_the_text(self, tmp_path: Path, date: object) -> None:
        found = document(tmp_path, date=date)
        assert (found.date, found.metadata) == ("2023-06-12", {})

    @pytest.mark.parametrize("date", ["hôm qua", "31/2/2023", True, 20230724, ["2023"], 1.5])
    def test_a_date_that_is_none_is_kept_as_metadata(
        self, tmp_path: Path, date: object
    ) -> None:
        found = document(tmp_path, date=date)
        assert (found.date, found.metadata) == ("2023-06-12", {"date": date})

    def test_an_empty_text_with_a_title(self, tmp_path: Path) -> None:
        found = document(tmp_path, title="Tin xã", text="")
        assert (found.title, found.body, found.date) == ("Tin xã", "", None)

    def test_blank_lines_are_passed_over(self, tmp_path: Path) -> None:
        path = write(
            tmp_path, "", {"id": 1, "text": BODY}, " \t\r", "", {"id": 2, "text": BODY}
        )
        assert [(each.id, each.line) for each in documents(path)] == [("1", 2), ("2", 5)]

    def test_the_last_line_needs_no_end(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(b'{"text": "a"}\r\n{"text": "b"}')
        assert [each.body for each in documents(path)] == ["a", "b"]

    def test_only_line_feeds_end_lines(self, tmp_path: Path) -> None:
        path = write(tmp_path, '{"text": "a\u2028b\u0085c"}')
        assert [each.body for each in documents(path)] == ["a\u2028b\u0085c"]

    @pytest.mark.parametrize(
        ("mark", "encoding"),
        [
            (b"", "utf-8"),
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
        ],
    )
    def test_encodings(self, tmp_path: Path, mark: bytes, encoding: str) -> None:
        # Each holds the byte of a line feed in UTF-16: ਊ is U+0A0A, Ċ is U+010A.
        texts = ["Xã ਊ Ċ 🐃", "Ċ" * 9000, "ố" * 5000]
        lines = "".join(json.dumps({"text": t}, ensure_ascii=False) + "\r\n" for t in texts)
        path = tmp_path / "a.jsonl"
        path.write_bytes(mark + lines.encode(encoding))
        assert [each.body for each in documents(path)] == texts

    def test_half_a_surrogate_pair_is_replaced(self, tmp_path: Path) -> None:
        path = write(tmp_path, r'{"text": "a\ud83dc", "id": "\udc03"}')
        assert [(each.id, each.body) for each in documents(path)] == [("\ufffd", "a\ufffdc")]


NUMBER_TOO_LONG = "9" * 5000


class TestWhatCannotBeRead:
    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("[1]", "is an array, not a JSON object; write one a line"),
            ('"a"', "is a string, not a JSON object; write one a line"),
            ("null", "is null, not a JSON object; write one a line"),
            ("12", "is a number, not a JSON object; write one a line"),
            ("true", "is true or false, not a JSON object; write one a line"),
            (
                '{"text": "a" "b"}',
                "not JSON (Expecting ',' delimiter at column 14); write one JSON object a line",
            ),
            (
                '{"text": "a"',
                "not JSON (Expecting ',' delimiter at column 13); write one JSON object a line",
            ),
            (
                b"Xin ch\xc3\xa0o",
                "not JSON (Expecting value at column 1); write one JSON object a line",
            ),
            ('{"text": "a", "n": NaN}', "not JSON (NaN is no number); write null in its place"),
            (
                b'{"text": "b\xe8o"}',
                "not UTF-8 (byte 0xe8 at offset 11 of the line); save the file as UTF-8, or as "
                "UTF-16 with a byte-order mark",
            ),
            ("{}", 'has no field "text"; put the text of the document there'),
            ({"text": None}, "its text is null, not a string"),
            ({"text": 5}, "its text is a number, not a string"),
            ({"text": ["a"]}, "its text is an array, not a string"),
            ({"text": "a", "title": 5}, "its title is a number, not a string"),
            ({"text": "a", "id": 1.5}, "its id is a number, not a string or whole number"),
            (
                {"text": "a", "id": True},
                "its id is true or false, not a string or whole number",
            ),
            ({"text": "a", "id": {}}, "its id is an object, not a string or whole number"),
            ({"text": " \n"}, "is empty; nothing to index"),
            ("[" * 100_000, "is nested more than 100 levels deep; flatten it"),
            (
                '{"text": "a", "b": ' + "[" * 500 + "]" * 500 + "}",
                "is nested more than 100 levels deep; flatten it",
            ),
            (
                '{"text": "a", "b": ' + '{"c":' * 100 + "1" + "}" * 101,
                "is nested more than 100 levels deep; flatten it",
            ),
            (
                f'{{"text": "a", "n": {NUMBER_TOO_LONG}}}',
                "holds a number with too many digits; write it as a string",
            ),
        ],
    )
    def test_bad_lines(self, tmp_path: Path, line: object, reason: str) -> None:
        path = write(tmp_path, {"id": 1, "text": BODY}, line, {"id": 3, "text": BODY})
        first, failure, last = items(path)
        assert failure == Failure(str(path), 2, reason)
        assert isinstance(first, Document)
        assert isinstance(last, Document)
        assert (first.id, last.id, last.line) == ("1", "3", 3)

    def test_a_number_without_end(self, tmp_path: Path) -> None:
        path = write(tmp_path, '{"text": "a", "n": 1e999}')
        ((line, reason),) = failures(path)
        assert line == 1
        assert "metadata is not JSON" in reason

    def test_99_levels_are_not_too_deep(self, tmp_path: Path) -> None:
        path = write(tmp_path, '{"text": "a", "b": ' + "[" * 99 + "]" * 99 + "}")
        assert len(documents(path)) == 1

    def test_an_id_that_is_used_twice(self, tmp_path: Path) -> None:
        path = write(
            tmp_path,
            {"text": "a"},
            {"text": "b", "id": "x"},
            {"text": "c", "id": 7},
            {"text": "d", "id": "x"},
            {"text": "e", "id": "7"},
            {"text": "f", "id": f"{tmp_path}/a.jsonl#1"},
            {"text": "g", "id": "x"},
        )
        advice = "ids must be unique, so this line was not indexed"
        assert failures(path) == [
            (4, f"the id 'x' was already used on line 2; {advice}"),
            (5, f"the id '7' was already used on line 3; {advice}"),
            (6, f"the id '{tmp_path}/a.jsonl#1' was already used on line 1; {advice}"),
            (7, f"the id 'x' was already used on line 2; {advice}"),
        ]

    @pytest.mark.parametrize("data", [b"", b"\n \r\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
    def test_an_empty_file(self, tmp_path: Path, data: bytes) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(data)
        assert failures(path) == [(None, "is empty; nothing to index")]

    def test_a_missing_file(self, tmp_path: Path) -> None:
        vanished = "vanished while being read; run the same command again"
        assert failures(tmp_path / "a.jsonl") == [(None, vanished)]

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        if not hasattr(os, "mkfifo"):
            pytest.skip("no FIFOs here")
        os.mkfifo(tmp_path / "a.jsonl")
        not_regular = "is not a regular file but a pipe, a socket or a device; leave it out"
        assert failures(tmp_path / "a.jsonl") == [(None, not_regular)]

    def test_half_a_character_in_utf_16(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        good = '{"text": "xã"}\n'.encode("utf-16-le")
        lone = '{"text": "'.encode("utf-16-le") + b"\x00\xd8" + '"}\n'.encode("utf-16-le")
        path.write_bytes(codecs.BOM_UTF16_LE + good + lone + good + b"{")
        reason = "not UTF-16; save the file as UTF-8"
        assert failures(path) == [(2, reason), (4, reason)]
        assert [each.line for each in items(path) if isinstance(each, Document)] == [1, 3]

    def test_a_file_that_grows_while_it_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(tmp_path, {"text": "a"})
        found = []
        for item in read_documents(str(path)):
            found.append(item)
            if len(found) == 1:
                with path.open("a") as file:
                    file.write("\n")
        assert found[1:] == [
            Failure(
                str(path), None, "changed while it was being read; run the same command again"
            )
        ]

    def test_a_disk_that_fails_in_the_middle(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(tmp_path, {"text": "a"}, {"text": "b"})

        def failing(file: BinaryIO, limit: int) -> Any:
            yield bytearray(file.readline())
            raise OSError(5, "Input/output error")

        monkeypatch.setattr("searchidx.sources.jsonl.read_lines", failing)
        first, second = items(path)
        assert isinstance(first, Document)
        assert str(second) == (
            f"{path}: cannot be read (Input/output error); check the disk, then run the same "
            "command again"
        )


class TestLargeLines:
    def test_a_line_of_200_megabytes(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        with path.open("wb") as file:
            file.write(b'{"text": "a"}\n')
            file.seek(200 * 1024**2, os.SEEK_CUR)  # zeros that take no room on the disk
            file.write(b'"}\n{"text": "b"}\n')
        tracemalloc.start()
        started = time.process_time()
        try:
            first, failure, last = items(path)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert failure == Failure(
            str(path), 2, "larger than 16 MB; split it into smaller files"
        )
        assert isinstance(first, Document)
        assert isinstance(last, Document)
        assert (first.body, last.body, last.line) == ("a", "b", 3)
        assert peak < 40_000_000
        assert time.process_time() - started < 5

    def test_the_largest_line(self, tmp_path: Path) -> None:
        frame = len(b'{"text": ""}')
        fits, exceeds = (MAX_DOCUMENT_BYTES - frame, MAX_DOCUMENT_BYTES - frame + 1)
        path = write(tmp_path, {"text": "x" * fits}, {"text": "x" * exceeds}, {"text": "y"})
        assert failures(path) == [(2, "larger than 16 MB; split it into smaller files")]

    @given(
        st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b"")), max_size=6),
        st.booleans(),
        st.integers(1, 8),
    )
    def test_lines_as_a_naive_split_gives_them(
        self, lines: list[bytes], ends: bool, block: int
    ) -> None:
        data = b"\n".join(lines) + b"\n" * (ends and bool(lines))
        expected = data.split(b"\n")
        if expected[-1] == b"":
            expected.pop()
        found = list(read_lines(io.BytesIO(data), 5, block_size=block))
        assert [line and bytes(line.removesuffix(b"\n")) for line in found] == [
            line if len(line) <= 5 else None for line in expected
        ]

    @given(st.binary(max_size=60), st.sampled_from([codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE]))
    def test_no_utf_16_stops_the_reading(self, data: bytes, mark: bytes) -> None:
        encoding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
        source, name = utf_8_stream(cast(BinaryIO, io.BufferedReader(io.BytesIO(mark + data))))
        converted = source.read()
        assert name == "UTF-16"
        try:
            assert converted == data.decode(encoding).encode()
        except UnicodeDecodeError:
            with pytest.raises(UnicodeDecodeError):
                converted.decode()


def test_version_tells_a_change(tmp_path: Path) -> None:
    path = write(tmp_path, "a")
    with path.open("rb") as file:
        before = file_version(file)
        assert file_version(file) == before
        os.utime(path, ns=(5, 5))
        assert file_version(file) == (before[0], 5)


class TestOldEncodings:
    LINE = json.dumps(
        {"id": "BC-7", "title": "Diệt lăng quăng", "text": BODY * 2}, ensure_ascii=False
    )

    @pytest.mark.parametrize("name", ["TCVN3", "VNI-Windows", "VISCII", "windows-1258"])
    def test_a_line_in_an_old_encoding(self, tmp_path: Path, name: str) -> None:
        good, old = documents(write(tmp_path, {"text": BODY}, ENCODERS[name][0](self.LINE)))
        assert good.metadata == {}
        assert (old.id, old.title, old.body) == ("BC-7", "Diệt lăng quăng", BODY * 2)
        assert old.metadata == {"encoding": name}

    def test_text_that_was_read_wrong(self, tmp_path: Path) -> None:
        fields = json.loads(read_as_windows_1252(ENCODERS["VNI-Windows"][0](self.LINE)))
        found = document(tmp_path, **fields, encoding="its own")
        assert (found.title, found.body) == ("Diệt lăng quăng", BODY * 2)
        assert found.metadata == {"encoding": "its own"}
        found = document(tmp_path, **fields)
        assert found.metadata == {"encoding": "VNI-Windows read as windows-1252"}

    def test_a_line_that_is_broken(self, tmp_path: Path) -> None:
        broken = self.LINE.encode().replace("ệ".encode(), b"\xe1\xbb")
        ((line, reason),) = failures(write(tmp_path, broken))
        assert line == 1
        assert reason.startswith("not UTF-8 (byte 0xe1 at offset ")
