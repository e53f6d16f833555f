"""Test a writer whose process may not have as much memory as it needs."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from searchidx.document import Document
from searchidx.store import Store
from searchidx.store.maintenance.check import check_index
from tests.store.contents import add, ids, leftovers, report
from tests.store.killing import ROOT

RUN = """
    import re, resource, sys
    from pathlib import Path
    from searchidx.cli import run
    from searchidx.language.analyzer import analyze
    from searchidx.store import writer  # loaded before memory is short

    def main():
        analyze(["nghị quyết"], pairs=False)  # loads the model
        used = int(re.search(r"VmSize:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
        limit = (used << 10) + int(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        return run(sys.argv[2:])

    if __name__ == "__main__":
        sys.exit(main())
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("room_bytes", [1 << 20, 8 << 20, 24 << 20, 60 << 20])
def test_too_little_memory_is_one_line_and_the_last_commit_stays(
    tmp_path: Path, room_bytes: int, jobs: int
) -> None:
    store = Store.create(tmp_path / "index")
    add(store, [report(n) for n in range(3)], {})
    reports = tmp_path / "reports"
    reports.mkdir()
    text = "Nghị quyết của Hội đồng nhân dân về quản lý thị trường năm 2023.\n" * 60_000
    for number in range(2):
        (reports / f"{number}.txt").write_text(f"{number}\n{text}", "utf-8")
    script = tmp_path / "run.py"
    script.write_text(textwrap.dedent(RUN))
    command = ["index", "--index", str(store.folder), "--jobs", str(jobs)]
    done = subprocess.run(
        [sys.executable, script, str(room_bytes), *command, reports],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "memory" in done.stderr
    assert done.stdout == ""
    assert ids(store.reader()) == ["bc-0", "bc-1", "bc-2"]
    assert check_index(store.folder).problems == ()
    add(store, [Document(id="next", body="tiếp")], {})
    assert leftovers(store) == set()
