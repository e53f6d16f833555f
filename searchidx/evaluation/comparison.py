"""Two runs beside each other: which queries one does better, and whether that is chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from searchidx.arrays import Float64Array, Int64Array
from searchidx.errors import EvaluationError
from searchidx.evaluation.evaluator import Evaluation
from searchidx.evaluation.files import Judgements, Run
from searchidx.evaluation.measures import MEASURES, measure

_SAME = 1e-9
"""What sums in another order may differ by."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """An evaluation beside another run for the same queries.

    Attributes:
        evaluation: The one.
        scores: float64, shape (queries, measures): the other's, as in `Evaluation.scores`.
    """

    evaluation: Evaluation
    scores: Float64Array

    @property
    def means(self) -> dict[str, float]:
        """Each measure's mean in the other run."""
        return dict(zip(MEASURES, self.scores.mean(axis=0).tolist(), strict=True))

    @property
    def differences(self) -> Float64Array:
        """What the evaluation has more than the other run, shape (queries, measures)."""
        differences = self.evaluation.scores - self.scores
        differences[np.abs(differences) < _SAME] = 0.0
        return differences

    @property
    def wins(self) -> Int64Array:
        """How many queries the evaluation does better, for each measure."""
        wins: Int64Array = (self.differences > 0).sum(axis=0)
        return wins

    @property
    def losses(self) -> Int64Array:
        """How many queries the other run does better, for each measure."""
        losses: Int64Array = (self.differences < 0).sum(axis=0)
        return losses

    @property
    def p_values(self) -> Float64Array:
        """How likely so large a mean difference is by chance, for each measure.

        Student's paired t-test, two-sided, which holds for these measures as well as a
        randomisation test does (Smucker, Allan and Carterette 2007, A comparison of
        statistical significance tests for information retrieval evaluation).  1 where no
        query differs, NaN where all differ by the same: the test has then nothing to go by.
        """
        from scipy.stats import ttest_1samp  # which takes most of a second to import

        differences = self.differences
        values = np.full(len(MEASURES), np.nan)
        values[~differences.any(axis=0)] = 1.0
        spread = np.ptp(differences, axis=0) > _SAME
        values[spread] = ttest_1samp(differences[:, spread], 0.0).pvalue
        return values

    def ordered(self, measure: str = MEASURES[0]) -> list[tuple[str, float]]:
        """The queries that differ and by how much, the greatest gain first.

        Args:
            measure: By which measure, one of `MEASURES`.
        """
        column = self.differences[:, MEASURES.index(measure)].tolist()
        rows = [row for row in zip(self.evaluation.queries, column, strict=True) if row[1]]
        return sorted(rows, key=lambda row: -row[1])


def compare(evaluation: Evaluation, other: Run, judgements: Judgements) -> Comparison:
    """Measures another run for the queries of an evaluation.

    Args:
        evaluation: The one, of whatever variant the other run was made with.
        other: The other, such as `read_run` gives.
        judgements: Those that the evaluation was measured with.

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
