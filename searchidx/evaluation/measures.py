"""Compute nDCG, MRR, success, recall and the share of judged hits of a run.

The measures are those of trec_eval, computed by ir_measures.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

import numpy as np

from searchidx.arrays import Float64Array
from searchidx.errors import EvaluationError
from searchidx.evaluation.files import Judgements, Run

_LIBRARY_MEASURES: Final[dict[str, tuple[str, int, dict[str, bool]]]] = {
    "nDCG@10": ("nDCG", 10, {}),
    "MRR@10": ("RR", 10, {}),
    "success@1": ("Success", 1, {}),
    "recall@10": ("R", 10, {}),
    "recall@100": ("R", 100, {}),
    "judged@10": ("Judged", 10, {}),
    "nDCG'@10": ("nDCG", 10, {"judged_only": True}),
}
"""The name, the depth and the options of each measure in the library."""
MEASURES: Final = tuple(_LIBRARY_MEASURES)
"""nDCG@10: the sum of (2^grade - 1) / log2(rank + 1) over the first ten hits, divided by that
of the best possible ten (Järvelin and Kekäläinen 2002, Cumulated gain-based evaluation of IR
techniques; the gain is that of Burges and others 2005, Learning to rank using gradient
descent).  MRR@10: 1 / rank of the first relevant hit, or 0 if it is not among ten.  success@1:
whether the first hit is relevant.  recall@10 and recall@100: the share of the relevant
documents among so many hits.  judged@10: the share of the first ten hits that have a grade.
nDCG'@10: nDCG@10 of the hits that have a grade, without the others (Sakai 2007,
Alternatives to bpref)."""


def require_library() -> ModuleType:
    """Import and return the library that measures, ir_measures.

    Raises:
        EvaluationError: It is not installed.
    """
    try:
        import ir_measures
        import pytrec_eval  # noqa: F401  # without it ir_measures has fewer measures
        import scipy  # noqa: F401  # for comparisons
    except ImportError as error:
        raise EvaluationError(
            f"measuring needs a package that is not installed ({error.name}); install what "
            "it needs with: pip install 'searchidx[eval]'"
        ) from error
    return ir_measures


def measure(run: Run, judgements: Judgements) -> Float64Array:
    """Return the measures of each judged query.

    Args:
        run: The documents found for each query.  A query that is missing found nothing, and
            a query without judgements is ignored.
        judgements: The grades of documents.  A document is relevant if its grade is 1 or
            more; documents without a grade are not relevant.

    Returns:
        float64, shape (judged queries, measures): from 0 to 1, rows in the order of
        `judgements`, columns in the order of `MEASURES`.

    Raises:
        EvaluationError: The library that measures is not installed.
    """
    library = require_library()
    # The library's own parser of names does not work on Python 3.14.
    gains = {grade: 2**grade - 1 for grades in judgements.values() for grade in grades.values()}
    columns = {}
    for column, (name, depth, options) in enumerate(_LIBRARY_MEASURES.values()):
        measured = getattr(library, name)
        if name == "nDCG":
            measured = measured(gains=gains)
        columns[measured(**options) @ depth if options else measured @ depth] = column
    rows = {query: row for row, query in enumerate(judgements)}
    # The library sorts by score: the negative rank keeps the order of the run.  It would
    # divide by the number of hits where there are none.
    scored = {
        query: {document: -float(rank) for rank, document in enumerate(run[query])}
        for query in judgements
        if run.get(query)
    }
    scores = np.zeros((len(rows), len(columns)))
    for value in library.iter_calc(list(columns), judgements, scored):
        scores[rows[value.query_id], columns[value.measure]] = value.value
    return scores
