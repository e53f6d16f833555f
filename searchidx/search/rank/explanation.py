"""What gave a hit its score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from searchidx.arrays import DocIds
from searchidx.search.match.bm25f import Scorer
from searchidx.search.rank.plan import Plan


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one term gave a hit.

    Attributes:
        view: Where it was looked for: "folded" (letters alone), "marked" (with these marks),
            "toned" (these vowels in any tone), "folded_pair" and "marked_pair" (two
            syllables side by side), "prefix" (what begins so), "code" (a document code that
            it names) or "expansion" (an abbreviation's other form).
        text: What was looked for.
        weight: What it counts in this query.
        idf: How rare it is among the documents.
        score: What it gave; those of a hit add up to its score.
    """

    view: str
    text: str
    weight: float
    idf: float
    score: float


def explain_scores(
    plan: Plan, scorer: Scorer, documents: DocIds
) -> list[tuple[Contribution, ...]]:
    """What gave each of some documents its score, the most first."""
    found: list[list[Contribution]] = [[] for _ in documents]
    with scorer.scratch.candidates(documents) as candidates:
        for feature in plan.features:
            scores = np.zeros(len(documents))
            feature.term.add_to(scores, feature.weight, candidates)
            for place in np.flatnonzero(scores).tolist():
                found[place].append(
                    Contribution(
                        view=feature.view,
                        text=feature.text,
                        weight=feature.weight,
                        idf=feature.term.idf,
                        score=float(scores[place]),
                    )
                )
    return [tuple(sorted(each, key=_by_score)) for each in found]


def _by_score(contribution: Contribution) -> tuple[float, str, str]:
    return -contribution.score, contribution.view, contribution.text
