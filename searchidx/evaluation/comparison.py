"""Compare two runs: which queries each does better, and whether that may be chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import Float64Array, Int64Array
from searchidx.errors import EvaluationError
from searchidx.evaluation.evaluator import Evaluation
from searchidx.evaluation.files import Judgements, Run
from searchidx.evaluation.measures import MEASURES, measure

SCORE_TOLERANCE: Final = 1e-9
"""Difference that the order of a sum may make."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """An evaluation and another run for the same queries.

    Attributes:
        evaluation: The evaluation.
        scores: float64, shape (queries, measures): the measures of the other run, in the
            order of `Evaluation.scores`.
    """

    evaluation: Evaluation
    scores: Float64Array

    @property
    def means(self) -> dict[str, float]:
        """Return the mean of each measure in the other run."""
        return dict(zip(MEASURES, self.scores.mean(axis=0).tolist(), strict=True))

    @property
    def differences(self) -> Float64Array:
        """Return evaluation minus other run, float64, shape (queries, measures)."""
        differences = self.evaluation.scores - self.scores
        differences[np.abs(differences) < SCORE_TOLERANCE] = 0.0
        return differences

    @property
    def wins(self) -> Int64Array:
        """Return how many queries the evaluation does better, int64, shape (measures,)."""
        wins: Int64Array = (self.differences > 0).sum(axis=0)
        return wins

    @property
    def losses(self) -> Int64Array:
        """Return how many queries the other run does better, int64, shape (measures,)."""
        losses: Int64Array = (self.differences < 0).sum(axis=0)
        return losses

    @property
    def p_values(self) -> Float64Array:
        """Return how likely so large a mean difference is by chance, shape (measures,).

        This is Student's paired t-test, two-sided.  For these measures it agrees with a
        randomization test (Smucker, Allan and Carterette 2007, A comparison of statistical
        significance tests for information retrieval evaluation).  The value is 1 if no query
        differs, and NaN if all queries differ by the same amount, which the test cannot
        judge.
        """
        from scipy.stats import ttest_1samp  # takes most of a second to import

        differences = self.differences
        values = np.full(len(MEASURES), np.nan)
        values[~differences.any(axis=0)] = 1.0
        spread = np.ptp(differences, axis=0) > SCORE_TOLERANCE
        values[spread] = ttest_1samp(differences[:, spread], 0.0).pvalue
        return values

    def ordered(self, measure: str = MEASURES[0]) -> list[tuple[str, float]]:
        """Return the queries that differ and by how much, the largest gain first.

        Args:
            measure: One of `MEASURES`.
        """
        differences = self.differences[:, MEASURES.index(measure)].tolist()
        rows = [row for row in zip(self.evaluation.queries, differences, strict=True) if row[1]]
        return sorted(rows, key=lambda row: -row[1])


def compare(evaluation: Evaluation, other: Run, judgements: Judgements) -> Comparison:
    """Measure another run for the queries of an evaluation, and compare the two.

    Args:
        evaluation: An evaluation of the variant that the other run was made with.
        other: The other run, such as `read_run` returns.
        judgements: The judgements that the evaluation was measured with.

    Raises:
        EvaluationError: The other run has none of the queries.
    """
    judged = {query: judgements[query] for query in evaluation.queries}
    if not any(query in other for query in judged):
        raise EvaluationError(
            "the run to compare with has none of the judged queries; compare runs for the "
            "same queries"
        )
    return Comparison(evaluation, measure(other, judged))
