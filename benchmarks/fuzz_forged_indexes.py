"""Forge indexes with right checksums, and call every public method on each.

Run with: nice python -m benchmarks.fuzz_forged_indexes [--minutes N] [--seed N] [--output FILE]

A small index of several segments is forged in one of many ways for each seed. Each call must
end in an answer or in an error of searchidx, within 1 GiB of memory and 10 s of processor
time. `--only SEED` replays one forgery.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import searchidx
from benchmarks.forging.calls import (
    CALL_SECONDS,
    MEMORY_BYTES,
    Finding,
    calls,
    run_calls,
    writing_calls,
)
from benchmarks.forging.forgeries import Forger
from searchidx import Document
from searchidx.store import Store

_WORDS: Final = [
    "nghị",
    "quyết",
    "định",
    "quản",
    "lý",
    "thị",
    "trường",
    "đảng",
    "ủy",
    "uỷ",
    "ban",
    "nhân",
    "dân",
    "báo",
    "cáo",
    "công",
    "tác",
    "phòng",
    "chống",
    "lũ",
    "lụt",
    "bão",
    "hòa",
    "bình",
    "kỹ",
    "thuật",
    "kinh",
    "tế",
    "xã",
    "hội",
    "tỉnh",
    "huyện",
    "thành",
    "phố",
    "năm",
    "tháng",
    "về",
    "và",
    "của",
]
_MAX_SHOWN_FINDINGS: Final = 100


def _sentence(chance: random.Random) -> str:
    """Return a random sentence with now and then a code or an abbreviation."""
    words = chance.choices(_WORDS, k=chance.randint(4, 25))
    if chance.random() < 0.2:
        words.append(f"Nghị quyết số {chance.randint(1, 40)}-NQ/TW")
    if chance.random() < 0.1:
        words.append("Ủy ban nhân dân (UBND)")
    if chance.random() < 0.2:
        words.append("".join(chance.choices("bcdghklmnpqrstvx", k=2)) + chance.choice("aeiou"))
    return " ".join(words).capitalize() + "."


def _document(number: int, chance: random.Random) -> Document:
    """Return a random report; each twentieth is of several stored pieces."""
    sentences = 700 if number % 20 == 7 else chance.randint(0, 12)
    path = f"/bao-cao/{number}.txt"
    return Document(
        id=f"bc-{number}",
        title=_sentence(chance)[:80],
        body="\n".join(_sentence(chance) for _ in range(sentences)),
        date=chance.choice([None, "2023", "2023-07-24", "2022-10"]),
        path=path,
        metadata={"nguồn": chance.choice(["VTV", "VOV"]), "số": number % 9, "a": [1, "b"]},
    )


def build(folder: Path) -> None:
    """Build the index that is forged: three segments, deletions and metadata."""
    chance = random.Random(1)
    store = Store.create(folder)
    documents = [_document(number, chance) for number in range(62)]
    files = {f"/bao-cao/{number}.txt": [number, 10**18, 1] for number in range(60)}
    metadata = {"files": files, "roots": ["/bao-cao"]}
    for first, stop in ((0, 44), (44, 58), (58, 62)):
        writer = store.writer()
        for document in documents[first:stop]:
            writer.add(document, source=document.path)
        if first == 44:
            for removed in (2, 17, 40):
                writer.remove(f"bc-{removed}")
        writer.commit(metadata)


def warm_up(folder: Path, scratch: Path) -> None:
    """Load in this process what every forked one needs."""
    findings, refused = run_calls(folder, scratch, 0, "nothing")
    if findings or refused:
        raise RuntimeError(f"the index is refused before it is forged: {findings}")
    (scratch / "warm" / "none").mkdir(parents=True)
    with searchidx.open(folder) as index:
        for call in calls(folder, scratch / "warm", with_export=True).values():
            call(index)
    for make in writing_calls(folder, scratch / "warm").values():
        for write in make():
            write()


@dataclass
class Tally:
    """The results of all forgeries so far."""

    forgeries: int = 0
    refused_calls: int = 0
    refused_forgeries: int = 0
    findings: list[Finding] = field(default_factory=list)


def try_forgery(original: Path, scratch: Path, seed: int, tally: Tally) -> None:
    """Forge a copy of the index, and call every method on it."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    folder = scratch / "index"
    shutil.copytree(original, folder)
    forger = Forger(folder, seed)
    forger.forge()
    findings, refused = run_calls(folder, scratch / "scratch", seed, "; ".join(forger.done))
    tally.forgeries += 1
    tally.refused_calls += refused
    tally.refused_forgeries += refused > 0
    tally.findings += findings
    for finding in findings:
        sys.stderr.write(f"{finding}\n")


def run(minutes: float, seed: int, *, count: int | None = None) -> Tally:
    """Forge indexes until the time is over.

    Args:
        minutes: The running time.
        seed: The first seed; each forgery has the next.
        count: How many forgeries to try at most; None for any number.
    """
    tally = Tally()
    end = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as folder:
        original = Path(folder, "original")
        build(original)
        warm_up(original, Path(folder, "warm"))
        while time.monotonic() < end and (count is None or tally.forgeries < count):
            try_forgery(original, Path(folder, "forged"), seed + tally.forgeries, tally)
    return tally


def report(tally: Tally, minutes: float, seed: int) -> str:
    """Return the results as a Markdown page."""
    kinds = Counter(
        f"{finding.call.split(' ')[0]}: {finding.error.split(':')[0]} at {finding.place}"
        for finding in tally.findings
    )
    return "\n".join(
        [
            "# Forged indexes",
            "",
            f"{datetime.date.today().isoformat()}, Python {platform.python_version()}; "
            f"{minutes:.1f} minutes, seeds {seed} to {seed + tally.forgeries - 1}.",
            "A small index is forged, checksums right: sections cut, grown, shuffled, zeroed,",
            "filled with 0xFF, random bytes or extremes; heads, bodies, metadata and manifest",
            "changed by their structure. Then every public method is called, each with",
            f"{MEMORY_BYTES >> 20} MiB of memory and {CALL_SECONDS} s of processor time.",
            "Run: python -m benchmarks.fuzz_forged_indexes "
            f"--minutes {minutes:.0f} --seed {seed}",
            "",
            f"- forgeries: {tally.forgeries:,}",
            f"- of these with calls that were refused: {tally.refused_forgeries:,}",
            f"- calls that were refused: {tally.refused_calls:,}",
            f"- bare errors, lack of memory, lack of time: {len(tally.findings):,}",
            *(f"  - {count} × {kind}" for kind, count in kinds.most_common()),
            *(["", "The findings:", ""] if tally.findings else []),
            *(f"- {finding}" for finding in tally.findings[:_MAX_SHOWN_FINDINGS]),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, metavar="SEED", help="replay one forgery")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    begun = time.monotonic()
    if arguments.only is not None:
        tally = run(arguments.minutes, arguments.only, count=1)
    else:
        tally = run(arguments.minutes, arguments.seed)
    minutes = (time.monotonic() - begun) / 60
    text = report(tally, minutes, arguments.seed if arguments.only is None else arguments.only)
    sys.stdout.write(text + "\n")
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")
    sys.exit(1 if tally.findings else 0)


if __name__ == "__main__":
    main()
