"""Queries are asked in each of their variants, and what was found is measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from searchidx.arrays import Float64Array
from searchidx.errors import EvaluationError
from searchidx.evaluation.files import Judgements, Queries, Run
from searchidx.evaluation.measures import MEASURES, measure, require_library
from searchidx.evaluation.query_variants import VARIANTS, vary

RUN_DEPTH: Final = 100
"""How many hits of a query are measured."""
SHOWN: Final = 10
"""How many hits with snippets a search gives whose time is taken."""

Progress = Callable[[int, int, str], None]
"""Called after each search with how many are done, how many there are, and the variant."""


class Searches(Protocol):
    """What can be measured: a `searchidx.Index`, or whatever else answers queries so."""

    def search_ids(self, query: str, /, *, limit: int) -> Sequence[str]:
        """The ids of the best documents, best first."""

    def search(self, query: str, /, *, limit: int) -> object:
        """The best documents as a person sees them, with snippets."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well queries typed in one way found what they should.

    Attributes:
        variant: The way (`vary`).
        queries: The judged queries as they were searched for, in the order of the queries.
        run: The ids of the first `RUN_DEPTH` hits of each.
        scores: float64, shape (queries, measures): rows as `queries`, columns as `MEASURES`.
        milliseconds: float64, shape (queries,): how long each took that gave its first ten
            hits with their snippets, in a process that had searched for all of them before;
            empty if no time was taken.
    """

    variant: str
    queries: Queries
    run: Run
    scores: Float64Array
    milliseconds: Float64Array

    @property
    def means(self) -> dict[str, float]:
        """Each measure's mean over the queries."""
        return dict(zip(MEASURES, self.scores.mean(axis=0).tolist(), strict=True))

    @property
    def p50(self) -> float | None:
        """The median time of a search in milliseconds, if it was taken."""
        return float(np.median(self.milliseconds)) if len(self.milliseconds) else None


def evaluate(
    index: Searches,
    queries: Queries,
    judgements: Judgements,
    *,
    variants: Sequence[str] = tuple(VARIANTS),
    seed: int = 0,
    timed: bool = True,
    progress: Progress | None = None,
) -> tuple[Evaluation, ...]:
    """Searches for the judged queries in each variant, and measures what was found.

    Args:
        index: What is measured.
        queries: Queries; those without judgements are passed over.
        judgements: What each should find.  Documents that are not in the index are missed.
        variants: Ways to type the queries, by the names in `VARIANTS`.
        seed: Of the variants that are drawn.
        timed: Whether each query is searched for a second time, with snippets, for its time.
        progress: Called after each search; what it raises ends the evaluation.

    Returns:
        An `Evaluation` a variant, in the order asked for.

    Raises:
        EvaluationError: No query was judged, a query that was judged is not there, there is
            no such variant, or what measures is not installed.
        IndexClosedError, IndexDamagedError: As for a search.
    """
    require_library()
    unknown = next((query for query in judgements if query not in queries), None)
    if unknown is not None:
        raise EvaluationError(f"there is no query {unknown!r}, which was judged")
    judged = {query: judgements[query] for query in queries if query in judgements}
    if not judged:
        raise EvaluationError("no query was judged; name the documents that it should find")
    texts = {
        variant: {query: vary(queries[query], variant, seed) for query in judged}
        for variant in dict.fromkeys(variants)
    }
    if not texts:
        raise EvaluationError(f"name at least one variant: {', '.join(VARIANTS)}")
    total = len(texts) * len(judged) * (1 + timed)
    done = 0

    def searched(variant: str) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total, variant)

    evaluations = []
    for variant, typed in texts.items():
        run: dict[str, Sequence[str]] = {}
        for query, text in typed.items():
            run[query] = index.search_ids(text, limit=RUN_DEPTH)
            searched(variant)
        times = []
        for text in typed.values() if timed else ():
            begun = time.perf_counter()
            index.search(text, limit=SHOWN)
            times.append((time.perf_counter() - begun) * 1000)
            searched(variant)
        scores = measure(run, judged)
        evaluations.append(Evaluation(variant, typed, run, scores, np.array(times)))
    return tuple(evaluations)
