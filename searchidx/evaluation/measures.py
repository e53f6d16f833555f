"""The measures: what part of the documents that answer a query is found, and how high up.

They are those of trec_eval, worked out by ir_measures.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

import numpy as np

from searchidx.arrays import Float64Array
from searchidx.errors import EvaluationError
from searchidx.evaluation.files import Judgements, Run

"""A row a query, a column a measure in the order of `MEASURES`, from 0 to 1."""

_NAMES: Final = {
    "nDCG@10": ("nDCG", 10),
    "MRR@10": ("RR", 10),
    "recall@10": ("R", 10),
    "recall@100": ("R", 100),
}
MEASURES: Final = tuple(_NAMES)
"""nDCG@10: the sum of grades over log2(rank + 1) of the first ten hits, against that of the
best possible ten (Järvelin and Kekäläinen 2002, Cumulated gain-based evaluation of IR
techniques).  MRR@10: 1 over the rank of the first relevant hit, 0 if it is not among ten.
recall@10 and recall@100: what part of the relevant documents is among so many hits."""


def require_library() -> ModuleType:
    """The library that measures, loaded.

    Raises:
        EvaluationError: It is not installed.
    """
    try:
        import ir_measures
        import pytrec_eval  # noqa: F401  # ir_measures would do without, for fewer measures
        import scipy  # noqa: F401  # for comparisons
    except ImportError as error:
        raise EvaluationError(
            f"measuring needs a package that is not installed ({error.name}); install what "
            "it needs with: pip install 'searchidx[eval]'"
        ) from error
    return ir_measures


def measure(run: Run, judgements: Judgements) -> Float64Array:
    """The measures of each judged query.

    Args:
        run: The documents found.  A query that it does not have found nothing, and one that
            was not judged is not looked at.
        judgements: A document is relevant if its grade is 1 or more; one that was not judged
            is not.

    Returns:
        float64, shape (judged queries, measures), in the order of `judgements`.

    Raises:
        EvaluationError: What measures is not installed.
    """
    library = require_library()
    # Not by its own parser, which uses what Python 3.14 no longer has.
    columns = {
        getattr(library, name) @ depth: column
        for column, (name, depth) in enumerate(_NAMES.values())
    }
    rows = {query: row for row, query in enumerate(judgements)}
    # The library sorts by score; the place in the ranking is the score that keeps it.
    scored = {
        query: {document: -float(place) for place, document in enumerate(run[query])}
        for query in judgements
        if query in run
    }
    scores = np.zeros((len(rows), len(columns)))
    for value in library.iter_calc(list(columns), judgements, scored):
        scores[rows[value.query_id], columns[value.measure]] = value.value
    return scores
