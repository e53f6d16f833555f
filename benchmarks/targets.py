"""Compare measured figures with those that searchidx must reach and those that it aims at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.measurement import OURS, SLOWEST_START, Results

Limit = float | str | None
"""A number, or the key of the figure that is the limit, or none."""


@dataclass(frozen=True)
class Target:
    """A figure and its limits.

    Attributes:
        label: The name of the figure, with its unit.
        key: The key of the figure in `known`.
        over: The key of the figure that it is divided by, if any.
        must: The limit that it must hold.
        aim: The better limit that is aimed at.
        at_least: Whether the limits are minimums.
    """

    label: str
    key: str
    over: str | None = None
    must: Limit = None
    aim: Limit = None
    at_least: bool = False


def _queries() -> list[Target]:
    targets = []
    ours = f"{OURS} any"  # its one mode
    for mode, words in (("all", "all words"), ("any", "any word")):
        targets += [
            Target(f"p50 / tantivy's, {words}", f"{ours} p50", f"tantivy {mode} p50", 1, 0.5),
            Target(
                f"FTS5's p50 / searchidx's, {words}",
                f"fts5 {mode} p50",
                f"{ours} p50",
                10,
                at_least=True,
            ),
            Target(f"p99 / tantivy's, {words}", f"{ours} p99", f"tantivy {mode} p99", 3, 1),
        ]
    return targets


TARGETS: Final = [
    Target(
        "indexing, one process, MB/s", f"{OURS} rate", None, 3, "tantivy rate", at_least=True
    ),
    Target("— / stock Whoosh + pyvi's", f"{OURS} rate", "whoosh-pyvi rate", 15, at_least=True),
    Target(
        "indexing, two processes, MB/s", f"{OURS} rate 2", None, 5, "fts5 rate", at_least=True
    ),
    Target("peak memory of indexing, one process, MB", f"{OURS} memory", None, 1000, 500),
    Target("— two processes and their parent, MB", f"{OURS} memory 2", None, 1000, 500),
    Target("index size / text size", f"{OURS} size", None, 1.3, 0.9),
    *_queries(),
    Target("p50 / p50 at a tenth", f"{OURS} any p50", f"small {OURS} any p50", 5, 2),
    Target(
        "p50 at several times as many / p50", f"large {OURS} any p50", f"{OURS} any p50", 6, 3
    ),
    Target("— peak memory of indexing, MB", f"large {OURS} memory", None, 1000, 500),
    Target("one document added and committed, % of a rebuild", f"{OURS} commit share", None, 1),
    Target("— MB written, the most", f"{OURS} commit written most", None, 1),
    Target("— ms", f"{OURS} commit", None, None, 20),
    Target(f"cold start / `{SLOWEST_START}`", f"{OURS} cold", SLOWEST_START, 3, 2),
    Target("memory of a reader, private pages, MB", f"{OURS} private", None, 150, 60),
]


def known(results: Results) -> dict[str, float]:
    """Return all figures: by engine and key, at other sizes with their name before it."""
    found = dict(results.references)
    for prefix, run in (
        ("", results.full),
        ("small ", results.small),
        ("large ", results.large),
    ):
        for each in run.measurements:
            # On fewer documents than the others, only the rate says something.
            keys = each.figures if each.documents == run.documents else ("rate",)
            found |= {f"{prefix}{each.name} {key}": each.figures[key] for key in keys}
    return found


def measured(target: Target, figures: Mapping[str, float]) -> float | None:
    """Return the figure of a target, or None if it has not been measured."""
    value = figures.get(target.key)
    if value is None or target.over is None:
        return value
    base = figures.get(target.over)
    return value / base if base else None


def resolved(limit: Limit, figures: Mapping[str, float]) -> float | None:
    """Return a limit as a number, or None if there is none."""
    return figures.get(limit) if isinstance(limit, str) else limit


def verdict(target: Target, figures: Mapping[str, float]) -> str:
    """Say which of its limits a target holds."""
    value = measured(target, figures)
    must, aim = (resolved(limit, figures) for limit in (target.must, target.aim))
    if value is None or (must is None and aim is None):
        return "not measured"
    if must is not None and not _holds(target, value, must):
        return "**no**"
    if aim is None:
        return "yes"
    if _holds(target, value, aim):
        return "yes, the aim"
    return "the aim: no" if must is None else "yes, not the aim"


def _holds(target: Target, value: float, limit: float) -> bool:
    return value >= limit if target.at_least else value <= limit
