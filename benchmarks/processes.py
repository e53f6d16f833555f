"""Run processes, and measure their time and memory."""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
REPEATS = 5
WATCH_SECONDS = 0.05


def start(command: list[str]) -> subprocess.Popen[str]:
    """Start a command at the repository's root."""
    environment = {**os.environ, "PYTHONUTF8": "1"}
    # What pip installs is compiled.  Where Python may not keep what it compiled, each start
    # would compile this project again, and only this one.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def run_watched(command: list[str]) -> tuple[str, int]:
    """Run a command to its end.

    Returns:
        What it printed; and the peaks of the resident sizes of its child processes,
        together, in bytes.  Not all of them need have been at their peak at the same time.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    peaks: dict[int, int] = {}
    with start(command) as process:
        while True:
            try:
                output, errors = process.communicate(timeout=WATCH_SECONDS)
                break
            except subprocess.TimeoutExpired:
                for pid in descendants(process.pid):
                    # The last figure: a process that was just forked has its parent's, and
                    # one that has ended has none.
                    peaks[pid] = peak_memory(pid) or peaks.get(pid, 0)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output, errors)
    return output, sum(peaks.values())


def milliseconds(command: list[str]) -> float:
    """Return the median time of fresh processes, after one that does not count."""
    times = []
    for _ in range(REPEATS + 1):
        started = perf_counter()
        with start(command) as process:
            output, errors = process.communicate()
        times.append(perf_counter() - started)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command, output, errors)
    return statistics.median(times[1:]) * 1000


def descendants(pid: int) -> list[int]:
    """Return the descendants of a process; none where the system does not list them."""
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, _read(children).split()):
            found += [child, *descendants(child)]
    return found


def peak_memory(pid: int | None = None) -> int:
    """Return the largest resident size of a process, by default this one, in bytes.

    On Linux ru_maxrss starts from the parent's size (it survives exec), so that a small
    process under a large one reports its parent's figure. VmHWM does not.
    """
    status = _read(Path(f"/proc/{pid or 'self'}/status"))
    if found := re.search(r"VmHWM:\s+(\d+) kB", status):
        return int(found[1]) * 1024
    if pid is not None:  # it has just ended, or cannot be asked
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def private_memory() -> int | None:
    """Return the bytes of the pages of this process alone, or None if unknown.

    Pages of mapped files are the system's: it calls those that one process alone has mapped
    private too, as long as they are clean, and takes them back when it needs memory.
    """
    found = re.findall(
        r"^Private_Dirty:\s+(\d+) kB",
        _read(Path("/proc/self/smaps_rollup")),
        re.MULTILINE,
    )
    return sum(map(int, found)) * 1024 if found else None


def bytes_written() -> int | None:
    """Return the bytes that this process has written so far, or None if unknown."""
    found = re.search(r"^wchar: (\d+)", _read(Path("/proc/self/io")), re.MULTILINE)
    return int(found[1]) if found else None


def _read(path: Path) -> str:
    """Return the content of a file of /proc, or nothing if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
