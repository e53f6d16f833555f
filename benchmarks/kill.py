"""Kill writers at random moments, and check what is left of the index each time.

Run with: python -m benchmarks.kill [--kills N] [--output FILE]

This is the loop of `tests/store/test_kill.py`, run long enough to hit every stage of a commit.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.store.killing import FIXED, PASSING, Tally, kill, start

# What is done, workers, code points of a segment before it is merged, seconds until a kill.
_RUNS: Final = (
    ("one segment a commit", 1, 16_000_000, (0.0, 0.1)),
    ("several segments, merged", 1, 1_500, (0.0, 0.15)),
    ("several segments, two worker processes", 2, 1_500, (0.0, 2.0)),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    chosen = random.Random(1)
    rows = []
    problems = []
    begun = time.monotonic()
    for what, workers, max_pending_code_points, (least, most) in _RUNS:
        with tempfile.TemporaryDirectory() as folder:
            index = Path(folder, "index")
            start(index)
            tally = Tally()
            for _ in range(arguments.kills // len(_RUNS)):
                delay = chosen.uniform(least, most)
                kill(
                    index,
                    tally,
                    workers=workers,
                    max_pending_code_points=max_pending_code_points,
                    delay=delay,
                )
            left = ", ".join(f"{name} {count}" for name, count in tally.left.most_common())
            rows.append(
                f"| {what} | {tally.kills} | {tally.commits:,} | {tally.unacknowledged} | "
                f"{left} | {len(tally.problems)} |"
            )
            problems += tally.problems
    text = "\n".join(
        [
            "# Killed writers",
            "",
            f"A process commits without end: {FIXED} documents written anew, {PASSING} added, "
            f"{PASSING} removed,",
            "each commit merged into one segment. It is killed (SIGKILL) at a random moment;",
            "then the index must hold the last acknowledged commit or the one after it, whole,",
            "`check` must find nothing, and the next writer must leave no other file.",
            "",
            "| writer | kills | commits acknowledged | made, not acknowledged | left behind | "
            "problems |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            f"{time.monotonic() - begun:.0f} s. Run: python -m benchmarks.kill "
            f"--kills {arguments.kills}",
            *(["", *problems] if problems else []),
        ]
    )
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
