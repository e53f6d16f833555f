"""Test that misleading names, ids, time stamps and disks lose no document in an update."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import searchidx
from searchidx.sources.printable_paths import (
    device_of,
    is_on_disk,
    path_on_disk,
    printable_candidates,
    printable_path,
)
from searchidx.sources.regular_files import file_version
from searchidx.sources.walk import FoundFile
from searchidx.store import Store
from searchidx.update import recount
from searchidx.update.source_catalog import SourceCatalog

LONG_AGO_NS = (int(time.time()) - 3600) * 10**9


def write(path: Path, text: str) -> Path:
    """Write a file with an old modification time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    return path


def lines(*ids: str) -> str:
    return "\n".join(json.dumps({"id": id_, "text": f"nghị {id_}"}) for id_ in ids)


def bodies(index: searchidx.Index) -> dict[str, str]:
    return {document.id: document.body for document in index.documents()}


def catalog(index: searchidx.Index) -> SourceCatalog:
    return SourceCatalog.load(Store(index.path))


def commit(index: searchidx.Index, metadata: dict[str, Any]) -> None:
    """Make a commit with this metadata and the same documents."""
    writer = Store(index.path).writer()
    try:
        writer.commit(metadata)
    finally:
        writer.cancel()


class TestNames:
    @pytest.fixture
    def twins(self, tmp_path: Path) -> tuple[Path, Path]:
        """Make a file whose name has an undecodable byte, and one with the same letters."""
        folder = tmp_path / "in"
        folder.mkdir()
        byte = Path(os.fsdecode(os.fsencode(folder) + b"/a\xff.txt"))
        try:
            write(byte, "nghị byte")
        except OSError:
            pytest.skip("this file system holds UTF-8 names only")
        return byte, write(folder / r"a\xff.txt", "nghị letters")

    def test_both_of_two_names_that_look_alike(
        self, index: searchidx.Index, twins: tuple[Path, Path]
    ) -> None:
        folder = twins[1].parent
        for unchanged in (0, 2):
            report = index.update([folder])
            assert (report.added, report.unchanged) == (2 - unchanged, unchanged)
            assert report.failures == []
        assert bodies(index) == {
            f"{folder}/a\\xff.txt": "nghị byte",
            f"{folder}/a\\x5cxff.txt": "nghị letters",
        }

    @pytest.mark.parametrize("victim", [0, 1])
    def test_removing_one_keeps_the_other(
        self, index: searchidx.Index, twins: tuple[Path, Path], victim: int
    ) -> None:
        folder, other = twins[1].parent, twins[1 - victim]
        index.update([folder])
        assert index.remove_source(twins[victim]) == 1
        assert list(bodies(index)) == [printable_path(str(other))]
        index.update([folder])
        assert index.remove_named([twins[victim]]) == (1, ())
        assert list(bodies(index)) == [printable_path(str(other))]
        index.update([folder])
        twins[victim].unlink()
        assert index.update([folder]).removed == 1
        assert list(bodies(index)) == [printable_path(str(other))]

    def test_a_printed_name_finds_its_file(
        self, index: searchidx.Index, twins: tuple[Path, Path]
    ) -> None:
        byte, letters = twins
        letters.unlink()
        index.update([byte.parent])
        printed = f"{byte.parent}/a\\xff.txt"
        assert [d.body for d in index.from_source(printed)] == ["nghị byte"]
        assert index.remove_named([printed]) == (1, ())

    def test_names_that_differ_in_their_normal_form(
        self, index: searchidx.Index, tmp_path: Path
    ) -> None:
        for form in ("NFC", "NFD"):
            name = unicodedata.normalize(form, "nghị quyết.txt")
            write(tmp_path / "in" / name, f"nghị {form}")
        if len(os.listdir(tmp_path / "in")) == 1:
            pytest.skip("this file system holds one normal form only")
        assert index.update([tmp_path / "in"]).added == 2
        assert set(bodies(index).values()) == {"nghị NFC", "nghị NFD"}
        (tmp_path / "in" / unicodedata.normalize("NFC", "nghị quyết.txt")).unlink()
        assert index.update([tmp_path / "in"]).removed == 1
        assert set(bodies(index).values()) == {"nghị NFD"}

    def test_names_with_line_ends(self, index: searchidx.Index, tmp_path: Path) -> None:
        names = ["a\n.txt", "a\r.txt", "a\u2028.txt", "a\n/b.txt", "\n.txt"]
        for name in names:
            write(tmp_path / "in" / name, "nghị quyết")
        assert index.update([tmp_path / "in"]).added == len(names)
        assert set(bodies(index)) == {str(tmp_path / "in" / name) for name in names}
        assert index.remove_source(tmp_path / "in" / "a\n") == 1
        shutil.rmtree(tmp_path / "in")
        (tmp_path / "in").mkdir()
        assert index.update([tmp_path / "in"]).removed == len(names) - 1

    def test_a_name_that_cannot_be_told_from_another_is_named(
        self, index: searchidx.Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in "ab":
            write(tmp_path / "in" / f"{name}.txt", "nghị")
        monkeypatch.setattr(
            "searchidx.update.found_sources.printable_path",
            lambda path: path.replace("b.txt", "a.txt"),
        )
        report = index.update([tmp_path / "in"])
        assert report.added == 1
        assert [failure.reason for failure in report.failures] == [
            "its name looks like that of another file; rename one of them"
        ]

    @given(st.binary(max_size=12).filter(lambda name: b"\0" not in name))
    def test_the_printable_form_is_reversible(self, name: bytes) -> None:
        self.check(name)

    @given(st.lists(st.sampled_from([b"\\", b"x", b"5c", b"ff", b"\xff", b"e1", b"a"])))
    def test_the_printable_form_of_escapes_is_reversible(self, parts: list[bytes]) -> None:
        self.check(b"".join(parts))

    def check(self, name: bytes) -> None:
        path = os.fsdecode(name)
        printable = printable_path(path)
        printable.encode("utf-8")
        assert path_on_disk(printable) == path
        assert printable_candidates(path)[0] == printable

    def test_what_is_on_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert is_on_disk(str(tmp_path))
        assert device_of(str(tmp_path)) == os.stat(tmp_path).st_dev
        for name in ("none", r"none\xff", r"\x5ca", "a" * 300):
            assert not is_on_disk(str(tmp_path / name))
            assert device_of(str(tmp_path / name)) is None

        def fail(path: str) -> None:
            raise OSError(errno.EIO, "Input/output error")

        monkeypatch.setattr(os, "lstat", fail)
        assert is_on_disk(str(tmp_path))  # as far as anybody knows


class TestIds:
    def test_a_line_with_the_path_of_another_file(
        self, index: searchidx.Index, tmp_path: Path
    ) -> None:
        path = write(tmp_path / "in" / "b.txt", "nghị b")
        claim = write(tmp_path / "in" / "a.jsonl", lines("first", str(path)))
        for added in (2, 0):
            report = index.update([tmp_path / "in"])
            assert report.added == added
            assert [(failure.path, failure.line) for failure in report.failures] == [
                (str(claim), 2)
            ]
            assert "already belongs to a document of " + str(path) in report.failures[0].reason
            assert bodies(index) == {"first": "nghị first", str(path): "nghị b"}

    def test_a_file_whose_path_a_line_has_taken(
        self, index: searchidx.Index, tmp_path: Path
    ) -> None:
        path = tmp_path / "in" / "b.txt"
        claim = write(tmp_path / "in" / "a.jsonl", lines(str(path)))
        assert index.update([tmp_path / "in"]).added == 1
        write(path, "nghị b")
        report = index.update([tmp_path / "in"])
        assert (report.added, report.changed, len(report.failures)) == (0, 0, 1)
        assert report.failures[0].path == str(path)
        assert str(claim) in report.failures[0].reason
        assert bodies(index) == {str(path): f"nghị {path}"}
        claim.unlink()
        assert index.update([tmp_path / "in"]).failures == []
        assert bodies(index) == {str(path): "nghị b"}

    def test_a_line_without_an_id_and_one_that_claims_its_name(
        self, index: searchidx.Index, tmp_path: Path
    ) -> None:
        path = write(tmp_path / "in" / "b.jsonl", '{"text": "nghị b"}')
        claim = write(tmp_path / "in" / "a.jsonl", lines(f"{path}#1"))
        report = index.update([tmp_path / "in"])
        assert (report.added, [failure.path for failure in report.failures]) == (1, [str(path)])
        claim.unlink()
        report = index.update([tmp_path / "in"])
        assert (report.added, report.removed, report.failures) == (1, 1, [])
        assert bodies(index) == {f"{path}#1": "nghị b"}

    def test_a_record_that_moves_to_a_file_with_a_bad_line_only(
        self, index: searchidx.Index, tmp_path: Path
    ) -> None:
        folder = tmp_path / "in"
        write(folder / "z.jsonl", lines("K", "Z"))
        index.update([folder])
        write(folder / "a.jsonl", lines("K") + "\n{broken")
        write(folder / "z.jsonl", lines("Z"))
        report = index.update([folder])
        assert (report.added, report.removed, len(report.failures)) == (1, 1, 1)
        assert set(bodies(index)) == {"K", "Z"}
        assert index.update([folder]).added == 0


class TestTimeStamps:
    @pytest.mark.parametrize("rewrite", ["in place", "by another file"])
    def test_same_size_and_time_with_another_text(
        self, index: searchidx.Index, tmp_path: Path, rewrite: str
    ) -> None:
        path = write(tmp_path / "in" / "a.txt", "nghị 111")
        index.update([tmp_path / "in"])
        assert index.update([tmp_path / "in"]).unchanged == 1
        before = path.stat()
        while True:  # until the clock of the file system has moved on
            if rewrite == "in place":
                write(path, "nghị 222")
            else:
                write(tmp_path / "new", "nghị 222").replace(path)
            after = path.stat()
            if after.st_ctime_ns != before.st_ctime_ns:
                break
        assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
        assert index.update([tmp_path / "in"]).changed == 1
        assert set(bodies(index).values()) == {"nghị 222"}

    def test_a_catalog_of_an_earlier_version(
        self, index: searchidx.Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(tmp_path / "in" / "a.txt", "nghị 111")
        index.update([tmp_path / "in"])
        new = catalog(index)
        old = {"files": {str(path): list(new.files[str(path)][:3])}, "roots": new.roots}
        commit(index, old)
        assert catalog(index).metadata() == old
        with monkeypatch.context() as patch:
            patch.delattr("searchidx.update.update_run.read_documents")
            assert index.update([tmp_path / "in"]).unchanged == 1  # and is not read
        assert catalog(index) == new


class TestChangesWhileReading:
    @pytest.mark.parametrize("name", ["b.txt", "b.jsonl"])
    @pytest.mark.parametrize("change", ["append", "remove", "replace by a folder"])
    def test_a_file_is_named_and_read_again_by_the_next_run(
        self,
        index: searchidx.Index,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        change: str,
    ) -> None:
        write(tmp_path / "in" / "a.txt", "nghị a")
        path = write(tmp_path / "in" / name, '{"text": "nghị b"}')
        write(tmp_path / "in" / "c.txt", "nghị c")
        assert index.update([tmp_path / "in"]).added == 3
        write(path, '{"text": "nghị quyết"}')
        format_ = "text" if name == "b.txt" else "jsonl"
        module = f"searchidx.sources.{format_}"
        versions: list[tuple[int, int]] = []

        def interfere(file: Any) -> tuple[int, int]:
            if not versions:
                with path.open("a") as other:
                    other.write("\n")
            versions.append(file_version(file))
            return (0, len(versions))

        with monkeypatch.context() as patch:
            if change == "append":
                patch.setattr(f"{module}.file_version", interfere)
            else:
                found = FoundFile.open

                def vanish(file: FoundFile) -> Any:
                    if file.path == str(path):
                        path.unlink()
                        if change != "remove":
                            path.mkdir()
                    return found(file)

                patch.setattr(FoundFile, "open", vanish)
            report = index.update([tmp_path / "in"])
        assert [failure.path for failure in report.failures] == [str(path)]
        assert report.removed == 0
        assert len(index) == 3
        if path.is_dir():
            path.rmdir()
        write(path, '{"text": "nghị quyết"}')
        report = index.update([tmp_path / "in"])
        assert report.failures == []
        assert any("nghị quyết" in body for body in bodies(index).values())
        assert len(index) == 3


class TestDisks:
    @pytest.fixture
    def other_disk(self, tmp_path: Path) -> Iterator[Path]:
        """Make a folder on another device than the temporary folder."""
        for place in ("/dev/shm", "/run", "/tmp"):
            usable = os.path.isdir(place) and os.access(place, os.W_OK)
            if usable and os.stat(place).st_dev != os.stat(tmp_path).st_dev:
                folder = tempfile.mkdtemp(dir=place)
                yield Path(folder)
                shutil.rmtree(folder)
                return
        pytest.skip("there is no second device here")

    def test_an_empty_root_on_another_disk(
        self, index: searchidx.Index, tmp_path: Path, other_disk: Path
    ) -> None:
        write(other_disk / "a.txt", "nghị a")
        write(other_disk / "b.txt", "nghị b")
        root, empty = tmp_path / "root", tmp_path / "empty"
        empty.mkdir()
        root.symlink_to(other_disk)
        index.update([root])
        root.unlink()
        root.symlink_to(empty)
        for _ in range(2):
            report = index.update([root])
            assert (report.removed, len(index)) == (0, 2)
            (failure,) = report.failures
            assert failure.path == str(root)
            assert "is empty, and was on another disk" in failure.reason
            assert f"searchidx remove {root}" in failure.reason
        root.unlink()
        root.symlink_to(other_disk)
        assert index.update([root]).unchanged == 2
        root.unlink()
        root.symlink_to(empty)
        assert index.remove_source(root) == 2
        assert index.update([root]).failures == []
        assert catalog(index).devices == {str(root): os.stat(empty).st_dev}

    @pytest.mark.parametrize("gone", [False, True])
    def test_a_mount_point_below_the_root(
        self, index: searchidx.Index, tmp_path: Path, gone: bool
    ) -> None:
        root = tmp_path / "in"
        write(root / "usb" / "a.txt", "nghị a")
        write(root / "b.txt", "nghị b")
        index.update([root])
        # Nothing can be mounted here: let the catalog say that something was.
        old = catalog(index)
        assert list(old.devices) == [str(root)]
        old.devices[str(root / "usb")] = old.devices[str(root)] + 1
        commit(index, old.metadata())
        (root / "usb" / "a.txt").unlink()
        if gone:
            (root / "usb").rmdir()
        report = index.update([root])
        assert (report.removed, report.unchanged) == (0, 1)
        assert [failure.path for failure in report.failures] == [str(root / "usb")]
        assert index.remove_source(root / "usb") == 1
        report = index.update([root])
        assert (report.removed, report.failures) == (0, [])
        assert list(catalog(index).devices) == [str(root)]

    def test_a_folder_that_its_user_removed(
        self, index: searchidx.Index, tmp_path: Path
    ) -> None:
        root = tmp_path / "in"
        write(root / "sub" / "a.txt", "nghị a")
        index.update([root, root / "sub"])
        shutil.rmtree(root / "sub")
        report = index.update([root])
        assert (report.removed, report.failures) == (1, [])

    def test_a_folder_that_its_user_emptied(
        self, index: searchidx.Index, tmp_path: Path
    ) -> None:
        path = write(tmp_path / "in" / "a.txt", "nghị a")
        index.update([tmp_path / "in"])
        path.unlink()
        assert index.update([tmp_path / "in"]).removed == 1

    def test_a_root_that_is_gone(self, index: searchidx.Index, tmp_path: Path) -> None:
        write(tmp_path / "in" / "a.txt", "nghị a")
        index.update([tmp_path / "in"])
        shutil.rmtree(tmp_path / "in")
        (failure,) = index.update([tmp_path / "in"]).failures
        assert failure.reason == (
            "does not exist; check the path; what was indexed of it is kept, until you run: "
            f"searchidx remove {tmp_path / 'in'}"
        )
        assert len(index) == 1


class TestDamage:
    @pytest.mark.parametrize(
        "metadata",
        [
            {"files": []},
            {"files": "a"},
            {"files": None},
            {"files": {"a": 3}},
            {"files": {"a": "123"}},
            {"files": {"a": [1, 2]}},
            {"files": {"a": [1, 2, 3, 4]}},
            {"files": {"a": [1, 2, 3, 4, 5, 6]}},
            {"files": {"a": [1, 2, "3"]}},
            {"files": {"a": [1, 2, True]}},
            {"files": {"a": [1, 2.5, 3]}},
            {"files": {"a": [1e300, 2, 3]}},
            {"files": {"a": [1, 2, None]}},
            {"files": {"a": [1, 2, -1]}},
            {"files": {"a": {"0": 1, "1": 2, "2": 3}}},
            {"files": {"a\0b": [1, 2, 3]}},
            {"files": {"\ud800": [1, 2, 3]}},
            {"roots": "abc"},
            {"roots": {"a": 1}},
            {"roots": [1]},
            {"roots": [["a"]]},
            {"roots": ["\udcff"]},
            {"roots": None},
            {"devices": []},
            {"devices": {"a": "1"}},
            {"devices": {"a\0": 1}},
        ],
        ids=lambda metadata: ascii(metadata),
    )
    def test_a_catalog_that_is_none(
        self, index: searchidx.Index, tmp_path: Path, metadata: dict[str, Any]
    ) -> None:
        path = write(tmp_path / "in" / "a.txt", "nghị a")
        index.update([path])
        commit(index, metadata)
        for call in (
            lambda: index.update([path]),
            lambda: index.remove([str(path)]),
            lambda: index.remove_source(path),
            lambda: index.add([searchidx.Document(id="b", body="b")]),
            index.status,
        ):
            with pytest.raises(searchidx.IndexDamagedError, match="searchidx repair"):
                call()
        recounted = SourceCatalog.parse(recount(metadata, {str(path): 1}))
        assert recounted.files == {str(path): (-1, -1, 1, -1, -1)}
        (problem,) = searchidx.check(index.path).problems
        assert "metadata" in problem.file
        searchidx.repair(index.path)
        assert searchidx.check(index.path).problems == ()
        with searchidx.open(index.path) as repaired:
            assert repaired.update([path]).unchanged == 1
            assert bodies(repaired) == {str(path): "nghị a"}

    def test_numbers_may_be_large(self, index: searchidx.Index, tmp_path: Path) -> None:
        path = write(tmp_path / "in" / "a.txt", "nghị a")
        index.update([path])
        huge = 10**4000
        commit(index, {"files": {str(path): [huge, -huge, huge, huge, huge]}})
        assert index.update([path]).unchanged == 1
        assert catalog(index).files[str(path)].documents == 1
