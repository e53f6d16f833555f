"""Measure over judged queries how well searches find relevant documents, and how fast.

::

    from searchidx.evaluation import evaluate, read_judgements, read_queries

    queries = read_queries("queries.jsonl")
    judgements = read_judgements("qrels.tsv", queries, index)
    for each in evaluate(index, queries, judgements):
        print(each.variant, each.means["nDCG@10"], each.p50)

docs/how-to/measure-relevance.md has the formats, the measures and an example.
"""

from searchidx.evaluation.comparison import Comparison, compare
from searchidx.evaluation.evaluator import RUN_DEPTH, Evaluation, evaluate
from searchidx.evaluation.files import (
    Judgements,
    Queries,
    Run,
    read_judgements,
    read_queries,
    read_run,
    write_run,
)
from searchidx.evaluation.measures import MEASURES, measure, require_library
from searchidx.evaluation.query_variants import VARIANTS, vary, without_marks

__all__ = [
    "MEASURES",
    "RUN_DEPTH",
    "VARIANTS",
    "Comparison",
    "Evaluation",
    "Judgements",
    "Queries",
    "Run",
    "compare",
    "evaluate",
    "measure",
    "read_judgements",
    "read_queries",
    "read_run",
    "require_library",
    "vary",
    "without_marks",
    "write_run",
]
