from __future__ import annotations

import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import zstandard

import searchidx
from searchidx.store import Store
from searchidx.store.files.directory import Directory
from searchidx.store.files.manifest import read_manifest
from searchidx.store.files.sections import create_section_file
from searchidx.update import UpdateReport

LONG_AGO = time.time() - 3600


def write(path: Path, text: str, *, age: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (LONG_AGO + age, LONG_AGO + age))
    return path


def counts(report: UpdateReport) -> tuple[int, int, int, int, int]:
    return (
        report.added,
        report.changed,
        report.removed,
        report.unchanged,
        len(report.failures),
    )


def bodies(index: searchidx.Index) -> set[str]:
    return {hit.snippet.text for hit in index.search("nghi", limit=100)}


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    for name in ("a.txt", "b.txt", "sub/c.md"):
        write(tmp_path / "reports" / name, f"nghị {Path(name).stem}")
    lines = [{"id": f"line-{n}", "title": f"Dòng {n}", "text": f"nghị {n}"} for n in range(3)]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    write(tmp_path / "reports" / "d.jsonl", text)
    return tmp_path / "reports"


def test_a_second_run_does_only_what_changed(index: searchidx.Index, reports: Path) -> None:
    assert counts(index.update([reports])) == (6, 0, 0, 0, 0)
    assert counts(index.update([reports])) == (0, 0, 0, 6, 0)
    write(reports / "a.txt", "nghị mới", age=1)
    (reports / "b.txt").unlink()
    write(reports / "e.txt", "nghị e")
    assert counts(index.update([reports])) == (1, 1, 1, 4, 0)
    assert bodies(index) == {"nghị mới", "nghị c", "nghị e", "nghị 0", "nghị 1", "nghị 2"}
    assert counts(index.update([reports])) == (0, 0, 0, 6, 0)


def test_unchanged_files_are_not_even_read(
    index: searchidx.Index, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.update([reports])

    def read(path: str) -> None:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("searchidx.update.update_run.read_documents", read)
    assert counts(index.update([reports])) == (0, 0, 0, 6, 0)


def test_a_run_that_changes_nothing_makes_no_commit(
    index: searchidx.Index, reports: Path
) -> None:
    index.update([reports])
    generation = Store(index.path).generation()
    index.update([reports])
    assert Store(index.path).generation() == generation


def test_a_touched_file_is_read_and_found_unchanged(
    index: searchidx.Index, reports: Path
) -> None:
    index.update([reports])
    os.utime(reports / "a.txt", (LONG_AGO + 9, LONG_AGO + 9))
    assert counts(index.update([reports])) == (0, 0, 0, 6, 0)


def test_a_file_written_a_moment_ago_is_not_trusted_to_stay(
    index: searchidx.Index, reports: Path
) -> None:
    path = reports / "a.txt"
    path.write_text("nghị một", encoding="utf-8")
    stamp = path.stat().st_mtime_ns
    index.update([reports])
    path.write_text("nghị hai", encoding="utf-8")
    os.utime(path, ns=(stamp, stamp))
    assert counts(index.update([reports])) == (0, 1, 0, 5, 0)


def test_lines_of_a_file_are_compared_one_by_one(index: searchidx.Index, reports: Path) -> None:
    index.update([reports])
    path = reports / "d.jsonl"
    lines = path.read_text(encoding="utf-8").split("\n")
    changed = json.dumps({"id": "line-1", "title": "Dòng 1", "text": "nghị khác"})
    new = json.dumps({"id": "line-9", "text": "nghị 9"})
    write(path, "\n".join([lines[0], changed, new]), age=1)
    assert counts(index.update([reports])) == (1, 1, 1, 4, 0)
    assert {hit.id for hit in index.search("title:dong", limit=9)} == {"line-0", "line-1"}
    document = index.get("line-9")
    assert document is not None
    assert (document.path, document.line) == (str(path), 3)


def test_only_what_was_below_the_given_paths_is_removed(
    index: searchidx.Index, tmp_path: Path
) -> None:
    for folder in ("one", "one-more", "two"):
        write(tmp_path / folder / "a.txt", f"nghị {folder}")
    index.update([tmp_path / "one", tmp_path / "one-more", tmp_path / "two"])
    for folder in ("one", "one-more", "two"):
        (tmp_path / folder / "a.txt").unlink()
    assert counts(index.update([tmp_path / "one"])) == (0, 0, 1, 0, 0)
    assert bodies(index) == {"nghị one-more", "nghị two"}


def test_a_bad_file_is_named_and_the_others_are_indexed(
    index: searchidx.Index, reports: Path
) -> None:
    bad = reports / "bad.txt"
    bad.write_bytes("nghị quyết".encode() + b"\xff\xfe")
    report = index.update([reports])
    assert counts(report) == (6, 0, 0, 0, 1)
    assert report.failures[0].path == str(bad)
    assert counts(index.update([reports])) == (0, 0, 0, 6, 1)


def test_what_was_indexed_stays_when_its_file_becomes_unreadable(
    index: searchidx.Index, reports: Path
) -> None:
    index.update([reports])
    (reports / "a.txt").write_bytes(b"\x00\x01\x02")
    path = reports / "d.jsonl"
    lines = path.read_text(encoding="utf-8").split("\n")
    write(path, "\n".join([lines[0], "{broken", lines[2]]), age=1)
    report = index.update([reports])
    assert counts(report) == (0, 0, 0, 4, 2)
    assert bodies(index) == {f"nghị {x}" for x in "abc012"}
    write(path, "\n".join(lines[:2]), age=2)
    write(reports / "a.txt", "nghị a", age=2)
    assert counts(index.update([reports])) == (0, 0, 1, 5, 0)


def test_a_folder_that_is_not_there_costs_nothing_that_was_indexed(
    index: searchidx.Index, reports: Path
) -> None:
    index.update([reports])
    reports.rename(reports.with_name("moved"))
    report = index.update([reports])
    assert counts(report) == (0, 0, 0, 0, 1)
    assert len(index) == 6
    assert index.remove_source(reports) == 6
    assert len(index) == 0


def test_ids_are_unique_in_an_index(index: searchidx.Index, tmp_path: Path) -> None:
    line = json.dumps({"id": "same", "text": "nghị"})
    first = write(tmp_path / "in" / "1.jsonl", f"{line}\n{line}")
    second = write(tmp_path / "in" / "2.jsonl", line)
    report = index.update([tmp_path / "in"])
    assert counts(report) == (1, 0, 0, 0, 2)
    assert [(failure.path, failure.line) for failure in report.failures] == [
        (str(first), 2),
        (str(second), 1),
    ]
    assert "same" in report.failures[0].reason
    assert str(first) in report.failures[1].reason
    first.unlink()
    assert counts(index.update([tmp_path / "in"])) == (1, 0, 1, 0, 0)


def test_overlapping_paths_are_indexed_once(index: searchidx.Index, reports: Path) -> None:
    report = index.update([reports, reports / "sub", reports / "a.txt"])
    assert counts(report) == (6, 0, 0, 0, 0)


def test_an_interrupted_run_changes_nothing(index: searchidx.Index, reports: Path) -> None:
    index.update([reports])
    write(reports / "e.txt", "nghị e")
    (reports / "a.txt").unlink()

    def interrupt(done: int, total: int, path: str) -> None:
        if path.endswith("e.txt"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.update([reports], progress=interrupt)
    assert len(index) == 6
    assert counts(index.update([reports])) == (1, 0, 1, 5, 0)


def test_progress_counts_bytes(index: searchidx.Index, reports: Path) -> None:
    told: list[tuple[int, int, str]] = []
    index.update([reports], progress=lambda *args: told.append(args))
    sizes = [path.stat().st_size for path in sorted(reports.rglob("*")) if path.is_file()]
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert {total for _, total, _ in told} == {sum(sizes)}
    assert told[-2] == (sum(sizes), sum(sizes), str(reports / "sub" / "c.md"))
    assert told[-1] == (sum(sizes), sum(sizes), "")
    assert len(told) == 6 + 4 + 1  # documents, files, and the commit


def test_removing_an_id_lasts_until_its_folder_is_indexed_again(
    index: searchidx.Index, reports: Path
) -> None:
    index.update([reports])
    assert index.remove(["line-1", "line-1", "nowhere", str(reports / "a.txt")]) == 2
    assert len(index) == 4
    assert counts(index.update([reports])) == (2, 0, 0, 4, 0)


def test_a_second_writer_is_told_who_holds_the_index(
    index: searchidx.Index, reports: Path
) -> None:
    holder = Store(index.path).writer()
    with pytest.raises(searchidx.IndexLockedError, match=rf"process {os.getpid()} on .* since"):
        index.update([reports], wait=0.1)
    threading.Timer(0.2, holder.cancel).start()
    assert counts(index.update([reports], wait=30)) == (6, 0, 0, 0, 0)


def test_status_tells_where_it_came_from(index: searchidx.Index, reports: Path) -> None:
    begun = time.time()
    index.update([reports])
    status = index.status()
    assert (status.documents, status.files) == (6, 4)
    assert status.roots == (str(reports),)
    assert begun - 2 <= status.committed <= time.time() + 2
    assert status.bytes == sum(path.stat().st_size for path in index.path.iterdir())
    assert status.terms["body_folded"] == 7
    assert status.terms["title_folded_pair"] == 6


def test_a_path_alone_is_one_path(index: searchidx.Index, reports: Path) -> None:
    assert counts(index.update(str(reports))) == (6, 0, 0, 0, 0)
    assert counts(index.update(reports / "a.txt")) == (0, 0, 0, 1, 0)
    with pytest.raises(searchidx.DocumentError, match="must be text, not NoneType"):
        index.remove(["line-1", None])  # type: ignore[list-item]  # wrong
    assert len(index) == 6


def test_a_file_that_was_named_by_itself_stays_while_it_is_there(
    index: searchidx.Index, reports: Path
) -> None:
    log = write(reports / "notes.log", "nghị log")
    index.update([log])
    assert counts(index.update([reports])) == (6, 0, 0, 0, 0)
    assert "nghị log" in bodies(index)
    (reports / ".gitignore").write_text("sub/\n", encoding="utf-8")
    assert counts(index.update([reports])) == (0, 0, 0, 5, 0)
    assert "nghị c" in bodies(index)
    log.unlink()
    assert counts(index.update([reports])) == (0, 0, 1, 5, 0)


def lines(*ids: str) -> str:
    return "\n".join(json.dumps({"id": id_, "text": f"nghị {id_}"}) for id_ in ids)


def test_a_record_may_move_from_one_file_to_another(
    index: searchidx.Index, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    write(folder / "a.jsonl", lines("A"))
    write(folder / "z.jsonl", lines("K", "Z"))
    index.update([folder])
    write(folder / "a.jsonl", lines("A", "K"), age=1)
    write(folder / "z.jsonl", lines("Z"), age=1)
    report = index.update([folder])
    assert (report.failures, report.removed, len(index)) == ([], 1, 3)
    document = index.get("K")
    assert document is not None
    assert document.path == str(folder / "a.jsonl")
    assert counts(index.update([folder])) == (0, 0, 0, 3, 0)


def test_a_file_may_move_to_another_folder(index: searchidx.Index, tmp_path: Path) -> None:
    old = write(tmp_path / "old" / "d.jsonl", lines("A", "B"))
    index.update([tmp_path / "old"])
    new = tmp_path / "new" / "d.jsonl"
    new.parent.mkdir()
    old.rename(new)
    assert counts(index.update([tmp_path / "new"])) == (2, 0, 0, 0, 0)
    assert counts(index.update([tmp_path / "old"]))[2] == 0
    assert bodies(index) == {"nghị A", "nghị B"}


def test_a_file_copied_whole_is_refused_and_the_first_stays(
    index: searchidx.Index, tmp_path: Path
) -> None:
    write(tmp_path / "in" / "a.jsonl", lines("A"))
    index.update([tmp_path / "in"])
    write(tmp_path / "in" / "b.jsonl", lines("A"))
    write(tmp_path / "in" / "a.jsonl", lines("A", "C"), age=1)
    assert counts(index.update([tmp_path / "in"])) == (1, 0, 0, 1, 1)
    document = index.get("A")
    assert document is not None
    assert document.path == str(tmp_path / "in" / "a.jsonl")


def test_what_a_program_added_is_its_own(index: searchidx.Index, reports: Path) -> None:
    path = str(reports / "a.txt")
    index.add([searchidx.Document(id="note", body="nghị riêng", path=path)])
    index.update([reports])
    write(reports / "a.txt", "nghị mới", age=1)
    index.update([reports])
    assert "nghị riêng" in bodies(index)
    # Over a file's own document: the next update puts the file's text back.
    index.add([searchidx.Document(id=path, body="nghị khác")])
    assert counts(index.update([reports])) == (1, 0, 0, 5, 0)
    assert "nghị mới" in bodies(index)
    assert "nghị khác" not in bodies(index)


def test_one_bad_line_hides_one_record_and_no_more(
    index: searchidx.Index, tmp_path: Path
) -> None:
    path = write(tmp_path / "d.jsonl", lines(*(f"{n}" for n in range(20))))
    index.update([path])
    write(path, lines(*(f"{n}" for n in range(10))) + "\n{broken", age=1)
    assert counts(index.update([path])) == (0, 0, 10, 10, 1)


def test_searches_go_on_while_something_is_written(
    index: searchidx.Index, reports: Path
) -> None:
    index.update([reports])
    write(reports / "new.txt", "nghị mới")
    found: list[int] = []

    def search(done: int, total: int, path: str) -> None:
        with ThreadPoolExecutor(1) as pool:
            found.append(len(pool.submit(index.search, "nghi", limit=50).result(timeout=30)))

    index.update([reports], progress=search)
    assert set(found) == {6}
    assert len(index.search("nghi", limit=50)) == 7


@pytest.mark.slow
def test_opening_and_refreshing_while_commits_are_made(
    index: searchidx.Index,
) -> None:
    index.add([searchidx.Document(id="first", body="nghị")])
    stop = threading.Event()

    def open_again() -> int:
        count = 0
        while not stop.is_set():
            with searchidx.open(index.path) as other:
                other.status()
                other.refresh()
                assert len(other.search("nghi")) >= 1
            count += 1
        return count

    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(open_again) for _ in range(3)]
        try:
            for n in range(25):
                index.add([searchidx.Document(id=str(n), body="nghị")])
        finally:
            stop.set()
        assert all(future.result() > 0 for future in futures)


def test_a_list_of_files_that_is_no_list_is_damage(
    index: searchidx.Index, reports: Path
) -> None:
    index.update([reports])
    for content in ("[]", '{"files": []}', '{"files": {"a": 3}}', "{"):
        store = Store(index.path)
        name = read_manifest(store.directory).metadata
        assert name is not None
        with create_section_file(store.directory, name) as sections:
            packed = zstandard.ZstdCompressor().compress(content.encode())
            sections.write("metadata", packed)
        with pytest.raises(searchidx.IndexDamagedError, match="remove the folder"):
            index.update([reports])


def test_the_list_of_files_is_written_again_only_when_it_changed(
    index: searchidx.Index, reports: Path
) -> None:
    index.update([reports])
    before = read_manifest(Directory(index.path)).metadata
    index.add([searchidx.Document(id="of a program", body="nghị quyết")])
    assert read_manifest(Directory(index.path)).metadata == before
    (reports / "new.txt").write_text("Tin mới", encoding="utf-8")
    index.update([reports])
    assert read_manifest(Directory(index.path)).metadata != before
