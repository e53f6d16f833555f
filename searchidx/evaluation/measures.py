"""Compute nDCG, MRR and recall of a run.

The measures are those of trec_eval, computed by ir_measures.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

import numpy as np

from searchidx.arrays import Float64Array
from searchidx.errors import EvaluationError
from searchidx.evaluation.files import Judgements, Run

_LIBRARY_MEASURES: Final = {
    "nDCG@10": ("nDCG", 10),
    "MRR@10": ("RR", 10),
    "recall@10": ("R", 10),
    "recall@100": ("R", 100),
}
MEASURES: Final = tuple(_LIBRARY_MEASURES)
"""nDCG@10: the sum of grade / log2(rank + 1) over the first ten hits, divided by that of the
best possible ten (Järvelin and Kekäläinen 2002, Cumulated gain-based evaluation of IR
techniques).  MRR@10: 1 / rank of the first relevant hit, or 0 if it is not among ten.
recall@10 and recall@100: the share of the relevant documents among so many hits."""


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
    columns = {
        getattr(library, name) @ depth: column
        for column, (name, depth) in enumerate(_LIBRARY_MEASURES.values())
    }
    rows = {query: row for row, query in enumerate(judgements)}
    # The library sorts by score: the negative rank keeps the order of the run.
    scored = {
        query: {document: -float(rank) for rank, document in enumerate(run[query])}
        for query in judgements
        if query in run
    }
    scores = np.zeros((len(rows), len(columns)))
    for value in library.iter_calc(list(columns), judgements, scored):
        scores[rows[value.query_id], columns[value.measure]] = value.value
    return scores
