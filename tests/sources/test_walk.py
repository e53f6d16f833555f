from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from searchidx.sources import Failure
from searchidx.sources.walk import FoundFile, SkippedFile, walk

NOT_REGULAR = "is not a regular file but a pipe, a socket or a device; leave it out"


def make(root: Path, *names: str) -> None:
    """Create files with these names; a name that ends in a slash is a folder."""
    for name in names:
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")


def described(root: Path) -> Iterator[str]:
    """Yield the results of a walk as lines of text without the folder's own path."""
    for item in walk(str(root)):
        if isinstance(item, Failure):
            yield f"{os.path.relpath(item.path, root)}: {item.reason}"
        elif isinstance(item, SkippedFile):
            yield f"({os.path.relpath(item.path, root)})"
        else:
            yield os.path.relpath(item.path, root)


class TestWalk:
    def test_files_in_the_order_of_their_names(self, tmp_path: Path) -> None:
        make(
            tmp_path, "b.txt", "a.md", "c/b/a.jsonl", "c/a.text", "c/c.ndjson", "B.txt", "đ.txt"
        )  # fmt: skip
        assert list(described(tmp_path)) == [
            "B.txt", "a.md", "b.txt", "c/a.text", "c/b/a.jsonl", "c/c.ndjson", "đ.txt",
        ]  # fmt: skip

    def test_a_found_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_bytes(b"five.")
        os.utime(path, ns=(1, 1_234_567_891))
        status = path.stat()
        assert list(walk(str(tmp_path))) == [
            FoundFile(
                str(path), 5, 1_234_567_891, status.st_ctime_ns, status.st_ino, status.st_dev
            )
        ]

    def test_extensions_in_any_case(self, tmp_path: Path) -> None:
        make(tmp_path, "a.TXT", "b.JsonL", "c.wpd", "d", "e.PDF", "f.txt.gz")
        assert list(described(tmp_path)) == [
            "a.TXT", "b.JsonL", "(c.wpd)", "(d)", "e.PDF", "(f.txt.gz)",
        ]  # fmt: skip
        assert SkippedFile(str(tmp_path / "d")) in walk(str(tmp_path))

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        assert list(walk(str(tmp_path))) == []

    def test_paths_are_absolute(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make(tmp_path, "a/b.txt")
        monkeypatch.chdir(tmp_path / "a")
        expected = str(tmp_path / "a" / "b.txt")
        for root in (".", "../a/", "b.txt", "./../a/b.txt", ""):
            assert [item.path for item in walk(root)] == [expected]

    def test_what_is_passed_over_in_silence(self, tmp_path: Path) -> None:
        make(
            tmp_path, ".hidden.txt", ".git/a.txt", "__pycache__/a.txt", "node_modules/a.txt",
            "venv/a.txt", "a.txt~", "b.swp", "c.TMP", "d.bak", "e.part", "~$f.txt", "Thumbs.db",
            "DESKTOP.INI", "kept.txt", "tmp/kept.txt", "x.bak/kept.txt",
        )  # fmt: skip
        assert list(described(tmp_path)) == ["kept.txt", "tmp/kept.txt", "x.bak/kept.txt"]

    def test_a_hidden_root_is_meant(self, tmp_path: Path) -> None:
        make(tmp_path, ".kho/a.txt", "venv/b.txt")
        assert list(described(tmp_path / ".kho")) == ["a.txt"]
        assert list(described(tmp_path / "venv")) == ["b.txt"]

    def test_an_index_is_no_folder_of_reports(self, tmp_path: Path) -> None:
        make(tmp_path, "a.txt", "index/searchidx.json", "index/b.txt", "index/c/d.txt")
        assert list(described(tmp_path)) == ["a.txt"]
        assert list(described(tmp_path / "index")) == [
            ".: is an index of searchidx; give the folder that holds the reports"
        ]

    def test_a_file_name_that_is_not_utf_8(self, tmp_path: Path) -> None:
        path = os.fsencode(tmp_path) + b"/b\xe1o.txt"
        try:
            Path(os.fsdecode(path)).write_bytes(b"x")
        except OSError:
            pytest.skip("this file system holds UTF-8 names only")
        (item,) = walk(str(tmp_path))
        assert isinstance(item, FoundFile)
        assert os.fsencode(item.path) == path  # as the operating system knows it

    def test_an_ignored_name_that_is_not_utf_8(self, tmp_path: Path) -> None:
        try:
            Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xe1o.txt")).write_bytes(b"x")
        except OSError:
            pytest.skip("this file system holds UTF-8 names only")
        make(tmp_path, "sibling.txt")
        (tmp_path / ".gitignore").write_bytes(b"b\xe1o.txt\n")
        assert list(described(tmp_path)) == ["sibling.txt"]

    def test_a_missing_root_whose_name_is_not_utf_8(self, tmp_path: Path) -> None:
        root = os.fsdecode(os.fsencode(tmp_path) + b"/b\xe1o")
        (item,) = walk(root)
        assert isinstance(item, Failure)
        assert item.path == f"{tmp_path}/b\\xe1o"  # printable, unlike the root as given
        assert item.reason == "does not exist; check the path"

    @pytest.mark.slow
    def test_folders_deeper_than_recursion_goes(self, tmp_path: Path) -> None:
        folders = [str(tmp_path / "d")]
        while len(folders) <= sys.getrecursionlimit():
            folders.append(folders[-1] + "/d")
        for folder in folders:  # `os.makedirs` recurses
            os.mkdir(folder)
        make(tmp_path, "e.txt")
        deepest = Path(folders[-1], "f.txt")
        deepest.write_bytes(b"x")
        try:
            items = list(walk(str(tmp_path)))
        finally:
            deepest.unlink()
            for folder in reversed(folders):  # and so does pytest's own cleaning up
                os.rmdir(folder)
        assert [item.path for item in items] == [str(deepest), str(tmp_path / "e.txt")]


class TestRoots:
    def test_a_file_is_found_whatever_its_name(self, tmp_path: Path) -> None:
        make(tmp_path, "a.html", ".b", "c.bak")
        for name in ("a.html", ".b", "c.bak"):
            (item,) = walk(str(tmp_path / name))
            assert isinstance(item, FoundFile)
            assert (item.path, item.size) == (str(tmp_path / name), 1)

    def test_links_are_followed_and_not_resolved(self, tmp_path: Path) -> None:
        make(tmp_path, "kho/a.txt")
        (tmp_path / "folder").symlink_to("kho")
        (tmp_path / "file").symlink_to("kho/a.txt")
        for root, path in (("folder", "folder/a.txt"), ("file", "file")):
            (item,) = walk(str(tmp_path / root))
            assert isinstance(item, FoundFile)
            assert item.path == str(tmp_path / path)

    @pytest.mark.parametrize("name", ["nowhere", "a.txt/b", "nul\0"])
    def test_a_root_that_does_not_exist(self, tmp_path: Path, name: str) -> None:
        make(tmp_path, "a.txt")
        path = str(tmp_path / name)
        assert list(walk(path)) == [Failure(path, None, "does not exist; check the path")]

    def test_a_link_to_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").symlink_to("nowhere")
        (tmp_path / "loop").symlink_to("loop")
        for name in ("a.txt", "loop"):
            reason = "is a link to nothing; check where it leads"
            assert list(walk(str(tmp_path / name))) == [
                Failure(str(tmp_path / name), None, reason)
            ]

    def test_a_pipe_and_a_device(self, tmp_path: Path) -> None:
        if not hasattr(os, "mkfifo"):
            pytest.skip("no FIFOs here")
        os.mkfifo(tmp_path / "a.txt")
        for root in (str(tmp_path / "a.txt"), os.devnull):
            assert list(walk(root)) == [Failure(root, None, NOT_REGULAR)]


class TestOtherEntries:
    def test_links_in_the_tree_are_not_followed(self, tmp_path: Path) -> None:
        make(tmp_path, "kho/a.txt", "ngoai/b.txt")
        for name, target in (
            ("c.txt", "a.txt"), ("d", "../ngoai"), ("e.txt", "nowhere"), ("f", "."),
        ):  # fmt: skip
            (tmp_path / "kho" / name).symlink_to(target)
        assert list(described(tmp_path / "kho")) == ["a.txt"]

    def test_pipes_are_ignored(self, tmp_path: Path) -> None:
        if not hasattr(os, "mkfifo"):
            pytest.skip("no FIFOs here")
        make(tmp_path, "b.txt")
        for name in ("a.txt", "a.pdf", ".gitignore"):
            os.mkfifo(tmp_path / name)
        assert list(described(tmp_path)) == ["b.txt"]

    def test_a_folder_that_may_not_be_listed(self, tmp_path: Path) -> None:
        if os.geteuid() == 0:
            pytest.skip("root may list every folder")
        make(tmp_path, "a/b.txt", "c.txt")
        (tmp_path / "a").chmod(0)
        try:
            found = list(described(tmp_path))
        finally:
            (tmp_path / "a").chmod(0o700)
        assert found == [
            "a: permission denied; make it readable, or run as a user who may read it", "c.txt",
        ]  # fmt: skip

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
        ],
    )
    def test_errors_of_listing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
    ) -> None:
        make(tmp_path, "a/b.txt", "c.txt")
        real = os.open

        def refuse(path: str, *arguments: Any, **options: Any) -> int:
            if path == "a":
                raise error
            return real(path, *arguments, **options)

        monkeypatch.setattr(os, "open", refuse)
        assert list(described(tmp_path)) == [f"a: {reason}", "c.txt"]

    def test_a_file_that_vanishes(self, tmp_path: Path) -> None:
        make(tmp_path, "a.txt", "b.txt", "c.txt")
        items = walk(str(tmp_path))
        assert isinstance(next(items), FoundFile)
        (tmp_path / "b.txt").unlink()
        assert [str(item) for item in items if isinstance(item, Failure)] == [
            f"{tmp_path}/b.txt: vanished while being read; run the same command again"
        ]


class TestIgnoreFiles:
    @pytest.mark.parametrize("name", [".gitignore", ".searchidxignore"])
    def test_patterns_apply_to_their_folder_and_below(self, tmp_path: Path, name: str) -> None:
        make(
            tmp_path, "a.txt", "nhap/a.txt", "b/nhap/a.txt", "b/nhap.txt", "b/c/x.md", "b/x.md",
            "x.md", "b/c/d/x.md", "b/giu.txt",
        )  # fmt: skip
        (tmp_path / name).write_text("# bản nháp\nnhap/\n", encoding="utf-8")
        (tmp_path / "b" / name).write_text("/x.md\nc/*/x.md\n*.txt\n!giu.txt\r\n")
        assert list(described(tmp_path)) == [
            "a.txt", "b/c/x.md", "b/giu.txt", "x.md",
        ]  # fmt: skip

    def test_files_of_other_kinds_are_ignored_too(self, tmp_path: Path) -> None:
        make(tmp_path, "a.jpg", "b.jpg")
        (tmp_path / ".gitignore").write_text("a.*\n")
        assert list(described(tmp_path)) == ["(b.jpg)"]

    def test_a_nearer_file_decides(self, tmp_path: Path) -> None:
        make(tmp_path, "a.txt", "b/a.txt", "b/c.txt")
        (tmp_path / ".gitignore").write_text("*.txt\n")
        (tmp_path / "b" / ".gitignore").write_text("!a.txt\n")
        assert list(described(tmp_path)) == ["b/a.txt"]

    def test_the_one_of_searchidx_decides(self, tmp_path: Path) -> None:
        make(tmp_path, "a.txt", "b.txt", "c.txt")
        (tmp_path / ".gitignore").write_text("a.txt\nb.txt\n")
        (tmp_path / ".searchidxignore").write_text("!a.txt\nc.txt\n")
        assert list(described(tmp_path)) == ["a.txt"]

    def test_those_above_the_root_do_not_apply(self, tmp_path: Path) -> None:
        make(tmp_path, "a/b.txt")
        (tmp_path / ".gitignore").write_text("*.txt\n")
        assert list(described(tmp_path / "a")) == ["b.txt"]
        assert list(described(tmp_path / "a" / "b.txt")) == ["."]

    def test_patterns_with_marks(self, tmp_path: Path) -> None:
        make(tmp_path, "bản nháp.txt", "bản chính.txt")
        (tmp_path / ".gitignore").write_bytes("\ufeff*nháp*\n".encode())
        assert list(described(tmp_path)) == ["bản chính.txt"]

    def test_a_line_that_is_no_pattern_spoils_no_other(self, tmp_path: Path) -> None:
        make(tmp_path, "a.txt", "b.txt")
        (tmp_path / ".gitignore").write_bytes(b"!\n\\\n\xe8\na.txt\n")
        assert list(described(tmp_path)) == ["b.txt"]

    def test_one_that_cannot_be_read_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make(tmp_path, "a.txt", ".gitignore")
        real = os.open

        def refuse(name: str, *arguments: Any, **options: Any) -> int:
            if name == ".gitignore":
                raise PermissionError(13, "Permission denied")
            return real(name, *arguments, **options)

        monkeypatch.setattr(os, "open", refuse)
        assert list(described(tmp_path)) == [
            ".gitignore: permission denied; make it readable, or run as a user who may read it",
            "a.txt",
        ]

    def test_a_name_with_a_line_end(self, tmp_path: Path) -> None:
        make(tmp_path, "a.txt", "a\n.txt", "b.txt\n", "x\ny/a.txt", "x/a.txt")
        (tmp_path / ".gitignore").write_text("a.txt\n!x/a.txt\nb.txt\n*\u2028z.txt\n")
        assert list(described(tmp_path)) == ["a\n.txt", "(b.txt\n)", "x/a.txt"]

    def test_one_that_is_too_large_is_used_in_part(self, tmp_path: Path) -> None:
        make(tmp_path, "a.txt", "b.txt")
        (tmp_path / ".gitignore").write_text("a.txt\n" + "#\n" * (1 << 19) + "b.txt\n")
        assert list(described(tmp_path)) == [
            ".gitignore: is larger than 1 MB; the lines after that are not used: shorten it",
            "b.txt",
        ]

    @pytest.mark.slow
    def test_one_with_too_many_patterns_and_a_long_one(self, tmp_path: Path) -> None:
        make(tmp_path, "a.txt", "b.txt", "c" * 99 + ".txt")
        long = "*" * 1001
        many = "x\n" * 9_999
        (tmp_path / ".gitignore").write_text(f"{long}\na.txt\n{many}b.txt\nc*\n")
        failures = [item for item in walk(str(tmp_path)) if isinstance(item, Failure)]
        path = str(tmp_path / ".gitignore")
        assert failures == [
            Failure(
                path,
                1,
                "the pattern is longer than 1,000 characters and is not used; shorten it",
            ),
            Failure(
                path,
                10_002,
                "only the first 10,000 patterns are used; replace the others by fewer patterns "
                "with wildcards",
            ),
        ]
        assert list(described(tmp_path))[2:] == ["b.txt", "c" * 99 + ".txt"]

    def test_a_pipe_that_takes_the_place_of_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if not hasattr(os, "mkfifo"):
            pytest.skip("no FIFOs here")
        make(tmp_path, "a.txt", ".gitignore")
        real = os.open

        def replace(name: str, *arguments: Any, **options: Any) -> int:
            if name == ".gitignore":
                (tmp_path / name).unlink()
                os.mkfifo(tmp_path / name)
            return real(name, *arguments, **options)

        monkeypatch.setattr(os, "open", replace)
        assert list(described(tmp_path)) == [f".gitignore: {NOT_REGULAR}", "a.txt"]

    def test_a_link_is_not_read(self, tmp_path: Path) -> None:
        make(tmp_path, "kho/a.txt")
        (tmp_path / "patterns").write_text("*.txt\n")
        (tmp_path / "kho" / ".gitignore").symlink_to("../patterns")
        assert list(described(tmp_path / "kho")) == ["a.txt"]


def test_ignore_patterns_are_imported_for_the_first_ignore_file_only(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "b/c.txt")
    program = (
        "import sys\n"
        "from searchidx.sources.walk import walk\n"
        "name = 'searchidx.sources.ignore_patterns'\n"
        "before = name in sys.modules\n"
        "list(walk(sys.argv[1]))\n"
        "print(before, name in sys.modules)\n"
    )

    def run() -> str:
        command = [sys.executable, "-c", program, str(tmp_path)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert run() == "False False\n"
    (tmp_path / "b" / ".gitignore").write_text("c.txt\n")
    assert run() == "False True\n"
