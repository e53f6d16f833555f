from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.processes import bytes_written, peak_memory, private_memory, run_watched

LINUX = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="no /proc")
HELD = 64_000_000
CHILD = f"import time; data = bytearray({HELD}); time.sleep(0.5)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}]); print(1)"


def test_output_of_a_process() -> None:
    assert run_watched([sys.executable, "-c", "print('đ')"])[0] == "đ\n"


def test_what_is_measured_keeps_what_python_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    code = "import sys; print(sys.dont_write_bytecode)"
    assert run_watched([sys.executable, "-c", code])[0] == "False\n"


@pytest.mark.slow
@LINUX
def test_memory_of_its_children_is_counted_and_its_own_is_not() -> None:
    assert run_watched([sys.executable, "-c", PARENT])[1] > HELD
    assert run_watched([sys.executable, "-c", CHILD])[1] == 0


def test_a_failure_has_what_was_said() -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run_watched([sys.executable, "-c", "raise SystemExit('so it is')"])
    assert "so it is" in caught.value.stderr


@LINUX
def test_memory_and_writes_of_this_process(tmp_path: Path) -> None:
    before = bytes_written()
    (tmp_path / "file").write_bytes(bytes(100_000))
    after = bytes_written()
    assert before is not None
    assert after is not None
    assert 100_000 <= after - before < 200_000
    private = private_memory()
    assert private is not None
    assert 1_000_000 < private <= peak_memory()
