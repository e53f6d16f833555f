from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import searchidx

# Building an index takes some time, and these tests are not about time.
settings.register_profile(
    "searchidx",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("searchidx")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(autouse=True, scope="session")
def _no_wait_for_the_disk() -> Iterator[None]:
    """Let `os.fsync` return at once: it took more than half of the time of small indexes.

    tests/store/test_power_cut.py tests the order of writes and syncs with a simulated disk.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(autouse=True)
def _own_state(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep what the command line remembers apart from the developer's own."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkeypatch.setenv("HOME", str(folder))
    for name in ("SEARCHIDX_INDEX", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def shared(name: str) -> Path:
    """Return a folder of data kept beside the repository; skip the test without it."""
    folder = SHARED / name
    if not folder.exists():
        pytest.skip(f"../shared/{name} is not beside this repository")
    return folder


REPORT_A = "000_1899305a91baca88.txt"
REPORT_B = "004_63f0a0de9ab0f33a.txt"


@pytest.fixture(scope="session")
def two_reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[searchidx.Index]:
    """Open an index of the two real reports, and nothing else."""
    seeds = shared("seeds")
    with searchidx.create(tmp_path_factory.mktemp("two") / "index") as index:
        report = index.update([seeds])
        assert (report.added, report.failures) == (2, [])
        yield index


@pytest.fixture(scope="session")
def seed_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[searchidx.Index]:
    """Open an index of the starter collection."""
    with searchidx.create(tmp_path_factory.mktemp("seeds") / "index") as index:
        report = index.update([ROOT / "seeds"])
        assert report.failures == []
        yield index


@pytest.fixture
def index(tmp_path: Path) -> Iterator[searchidx.Index]:
    """Open an empty index."""
    with searchidx.create(tmp_path / "index") as empty:
        yield empty
