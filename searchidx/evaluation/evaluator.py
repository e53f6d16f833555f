"""Search for judged queries in each of their variants, and measure the results."""

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
"""Number of hits of a query that are measured."""
TIMED_HITS: Final = 10
"""Number of hits with snippets in a search whose time is taken."""

Progress = Callable[[int, int, str], None]
"""Called after each search with the searches done, the searches in all, and the variant."""


class Searches(Protocol):
    """A search engine that can be measured, such as a `searchidx.Index`."""

    def search_ids(self, query: str, /, *, limit: int) -> Sequence[str]:
        """Return the ids of the best documents, best first."""

    def search(self, query: str, /, *, limit: int) -> object:
        """Return the best documents as a person sees them, with snippets."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The measures of queries that were typed in one way.

    Attributes:
        variant: The way of typing (`vary`).
        queries: The text of each judged query as it was searched for, by its id.
        run: The ids of the first `RUN_DEPTH` hits of each query.
        scores: float64, shape (queries, measures): rows in the order of `queries`, columns
            in the order of `MEASURES`.
        milliseconds: float64, shape (queries,): the time of a search with ten hits and their
            snippets, in a process that has searched for all queries before.  Empty if no
            times were taken.
    """

    variant: str
    queries: Queries
    run: Run
    scores: Float64Array
    milliseconds: Float64Array

    @property
    def means(self) -> dict[str, float]:
        """Return the mean of each measure over the queries."""
        return dict(zip(MEASURES, self.scores.mean(axis=0).tolist(), strict=True))

    @property
    def p50(self) -> float | None:
        """Return the median time of a search in milliseconds, or None if none was taken."""
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
    """Search for the judged queries in each variant, and measure the results.

    Args:
        index: The index, or another search engine.
        queries: The queries.  Queries without judgements are ignored.
        judgements: The relevant documents of each query.  Documents that are not in the
            index count as not found.
        variants: Ways to type the queries, names in `VARIANTS`.
        seed: Seed of the variants that are drawn at random.
        timed: Search for each query a second time, with snippets, and take the time.
        progress: Called after each search.  An exception that it raises ends the evaluation.

    Returns:
        One `Evaluation` for each variant, in the order of `variants`.

    Raises:
        EvaluationError: No query is judged, a judged query is not among the queries, there
            is no such variant, or the library that measures is not installed.
        IndexClosedError: The index was closed.
        IndexDamagedError: A file of the index is not what was written.
    """
    require_library()
    unknown = next((query for query in judgements if query not in queries), None)
    if unknown is not None:
        raise EvaluationError(f"query {unknown!r} has judgements but is not among the queries")
    judged = {query: judgements[query] for query in queries if query in judgements}
    if not judged:
        raise EvaluationError(
            "none of the queries has judgements; name the documents that each should find"
        )
    texts = {
        variant: {query: vary(queries[query], variant, seed) for query in judged}
        for variant in dict.fromkeys(variants)
    }
    if not texts:
        raise EvaluationError(f"name at least one variant: {', '.join(VARIANTS)}")
    total = len(texts) * len(judged) * (1 + timed)
    done = 0

    def count_search(variant: str) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total, variant)

    evaluations = []
    for variant, typed in texts.items():
        run: dict[str, Sequence[str]] = {}
        for query, text in typed.items():
            run[query] = index.search_ids(text, limit=RUN_DEPTH)
            count_search(variant)
        times = []
        for text in typed.values() if timed else ():
            start = time.perf_counter()
            index.search(text, limit=TIMED_HITS)
            times.append((time.perf_counter() - start) * 1000)
            count_search(variant)
        scores = measure(run, judged)
        evaluations.append(Evaluation(variant, typed, run, scores, np.array(times)))
    return tuple(evaluations)
