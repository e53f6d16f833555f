"""Score titles as wholes: a title that is the query comes before texts that mention it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from searchidx.arrays import DocIds
from searchidx.search.match.scored_terms import ScoredTerm, SparseTerm
from searchidx.search.ranking_model import RankingModel
from searchidx.store import Reader


def match_titles(
    reader: Reader,
    model: RankingModel,
    words: Sequence[Sequence[ScoredTerm]],
    syllable_count: int,
) -> SparseTerm:
    """Return the documents whose title holds every word of a query, with their scores.

    The score is the sum of the idf of the words, multiplied by the share of the title's
    syllables that the query makes up (at least `title_match_min_share`).  Their order is left
    to the pairs of adjacent syllables, which count in titles as well.

    Args:
        reader: The commit.
        model: The weights of the ranking.
        words: For each distinct word the terms that a title can hold it by.
        syllable_count: Number of syllables of the query, repetitions included.
    """
    doc_ids = _intersect([_titles(terms) for terms in words])
    idf = sum(max(term.idf if term.count else 0.0 for term in terms) for terms in words)
    scores = np.zeros(len(doc_ids))
    if len(doc_ids):
        lengths = np.maximum(reader.lengths("title")[doc_ids], syllable_count)
        scores = idf * np.maximum(syllable_count / lengths, model.title_match_min_share)
    return SparseTerm(doc_ids, scores, idf, doc_ids)


def _titles(terms: Sequence[ScoredTerm]) -> DocIds:
    """Return the documents that have any of some terms in the title, ascending."""
    lists = [each for term in terms if len(each := term.title_doc_ids)]
    if len(lists) == 1:
        return lists[0]
    return np.unique(np.concatenate([*lists, np.zeros(0, np.int32)]))


def _intersect(lists: Sequence[DocIds]) -> DocIds:
    """Return the documents that are in all of some ascending lists; the shortest first."""
    return reduce(
        lambda some, others: np.intersect1d(some, others, assume_unique=True),
        sorted(lists, key=len),
    )
