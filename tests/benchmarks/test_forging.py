"""Test that each call on a forged index ends in an answer or in an error of searchidx."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.forging.forgeries import Forger, read_sections, write_sections
from benchmarks.fuzz_forged_indexes import build, run

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="limits of memory and time as Linux has them"
)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 1_000])
def test_forged_indexes_are_answered_or_refused(seed: int) -> None:
    tally = run(10, seed, count=20)
    assert tally.forgeries == 20
    assert tally.refused_forgeries > 5
    assert not tally.findings, "\n".join(map(str, tally.findings))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [904, 1138, 2009])
def test_forgeries_that_were_answered_wrongly_once(seed: int) -> None:
    tally = run(10, seed, count=1)
    assert tally.findings == []


def test_a_forgery_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    done = []
    for name in ("one", "two"):
        build(tmp_path / name)
        forger = Forger(tmp_path / name, 5)
        forger.forge()
        done.append(forger.done)
    assert done[0] == done[1] != []


def test_sections_are_written_as_they_were_read(tmp_path: Path) -> None:
    build(tmp_path / "index")
    for path in (tmp_path / "index").glob("*.sidx"):
        content = path.read_bytes()
        write_sections(tmp_path / "index", path.name, read_sections(path.parent, path.name))
        assert path.read_bytes() == content
