"""Explain the scores of hits by the terms that gave them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from searchidx.arrays import DocIds
from searchidx.search.match.bm25f import Scorer
from searchidx.search.rank.plan import Plan


@dataclass(frozen=True, slots=True)
class Contribution:
    """The part of a hit's score that one term gave.

    Attributes:
        view: Where the term was looked up: "folded" (letters alone), "marked" (with these
            diacritics), "folded_pair" and "marked_pair" (two adjacent syllables), "prefix"
            (all terms with a prefix), "code" (a document code) or "expansion" (the other
            form of an abbreviation).
        text: The term.
        weight: Its weight in the query.
        idf: Its inverse document frequency.
        score: What it added.  The contributions to a hit add up to its score.
    """

    view: str
    text: str
    weight: float
    idf: float
    score: float


def explain_scores(
    plan: Plan, scorer: Scorer, doc_ids: DocIds
) -> list[tuple[Contribution, ...]]:
    """Return the contributions to the score of each document, the largest first.

    Args:
        plan: The plan of the query.
        scorer: The scorer of the commit that was searched.
        doc_ids: int32, shape (n,), in any order.
    """
    contributions: list[list[Contribution]] = [[] for _ in doc_ids]
    with scorer.scratch.candidates(doc_ids) as candidates:
        for feature in plan.features:
            scores = np.zeros(len(doc_ids))
            feature.term.add_to(scores, feature.weight, candidates)
            for hit in np.flatnonzero(scores).tolist():
                contributions[hit].append(
                    Contribution(
                        view=feature.view,
                        text=feature.text,
                        weight=feature.weight,
                        idf=feature.term.idf,
                        score=float(scores[hit]),
                    )
                )
    return [tuple(sorted(each, key=_sort_key)) for each in contributions]


def _sort_key(contribution: Contribution) -> tuple[float, str, str]:
    return -contribution.score, contribution.view, contribution.text
