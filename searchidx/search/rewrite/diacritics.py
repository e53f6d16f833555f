"""Restore the diacritics of syllables typed without any, by the texts of the index.

The model is a first-order hidden Markov model.  The hidden states are marked syllables, the
observations are folded syllables, and a state determines its observation.  With c the number
of documents that contain a syllable, or one syllable directly before another:

    P(b | a) ∝ (c(a, b) + μ · P(b)) / (c(a) + μ)      P(b) = c(b) / number of documents

Pair counts are smoothed by syllable counts with a Dirichlet prior (Zhai and Lafferty, ACM TOIS
22(2), 2004).  The forward-backward algorithm gives the probability of each spelling, and the
Viterbi algorithm the best sequence (L. R. Rabiner, "A tutorial on hidden Markov models and
selected applications in speech recognition", Proceedings of the IEEE 77(2), 1989; A. Viterbi,
IEEE Transactions on Information Theory 13(2), 1967).

A syllable typed with diacritics, or a number, has only its own spelling.  It still helps to
decide the spelling of its neighbors.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import Float64Array, Int64Array
from searchidx.language.question_words import QUESTION_PAIRS
from searchidx.language.syllable_forms import folded
from searchidx.search.query.query import Query, Syllable
from searchidx.store import Reader, SyllableCounts

PRIOR: Final = 0.5
"""μ, the weight of a syllable's own count against its pairs, in documents.  From 0.3 to 3 the
results differ by less than half a percent.  More gives pairs too little weight in small
indexes."""

_QUESTION_PAIRS_BY_FOLDED: Final = {
    (folded(first), folded(second)): (first, second) for first, second in QUESTION_PAIRS
}


@dataclass(frozen=True, slots=True)
class SyllableSpellings:
    """The possible spellings of one syllable of a query.

    Attributes:
        forms: The marked forms, the likeliest first; at least one.
        probabilities: Their probabilities, float64, shape (n,), descending, with sum 1.
    """

    forms: tuple[str, ...]
    probabilities: Float64Array


@dataclass(frozen=True, slots=True)
class Restoration:
    """The syllables of a query with their diacritics restored.

    Attributes:
        spellings: The spellings of each syllable.  A syllable that was typed with
            diacritics, or that the index does not have, has one: its marked form.
        best: The likeliest sequence of marked forms.
        probability: The probability of that whole sequence.
    """

    spellings: tuple[SyllableSpellings, ...]
    best: tuple[str, ...]
    probability: float

    @property
    def text(self) -> str:
        """Return the best sequence as text."""
        return " ".join(self.best)


def restore_query_diacritics(reader: Reader, query: Query) -> Restoration:
    """Restore the diacritics of every syllable occurrence in `Query.runs`."""
    syllables = list(itertools.chain.from_iterable(query.runs))
    run_ends = frozenset(itertools.accumulate(map(len, query.runs)))
    side_by_side = [index not in run_ends for index in range(1, len(syllables))]
    return restore_diacritics(reader, syllables, side_by_side)


def spellings_by_syllable(
    query: Query, restored: Restoration
) -> dict[Syllable, SyllableSpellings]:
    """Return the spellings of each syllable of a query, averaged over its occurrences."""
    occurrences: dict[Syllable, list[SyllableSpellings]] = {}
    for syllable, spellings in zip(
        itertools.chain.from_iterable(query.runs), restored.spellings, strict=True
    ):
        occurrences.setdefault(syllable, []).append(spellings)
    return {syllable: _average(several) for syllable, several in occurrences.items()}


def _average(several: Sequence[SyllableSpellings]) -> SyllableSpellings:
    """Return the mean of several distributions over spellings."""
    if len(several) == 1:
        return several[0]
    sums: dict[str, float] = {}
    for spellings in several:
        for form, probability in zip(spellings.forms, spellings.probabilities, strict=True):
            sums[form] = sums.get(form, 0.0) + float(probability)
    forms = tuple(sorted(sums, key=sums.__getitem__, reverse=True))
    return SyllableSpellings(forms, np.array([sums[form] for form in forms]) / len(several))


def restore_diacritics(
    reader: Reader,
    syllables: Sequence[Syllable],
    side_by_side: Sequence[bool] | None = None,
) -> Restoration:
    """Restore the diacritics of a sequence of syllables.

    Args:
        reader: The commit whose texts give the counts.
        syllables: The syllables in the order typed, with repetitions.
        side_by_side: For each syllable but the last, whether the next one directly follows
            it.  By default all do.

    Raises:
        IndexDamagedError: The index is damaged.
    """
    vocabulary = reader.vocabulary
    choices = {
        s: vocabulary.look_up("marked", s.marked)
        if _is_fixed(s)
        else vocabulary.marked_forms(s.folded)
        for s in dict.fromkeys(syllables)
    }
    return most_likely_spellings(
        reader, syllables, [choices[s] for s in syllables], side_by_side
    )


def most_likely_spellings(
    reader: Reader,
    syllables: Sequence[Syllable],
    choices: Sequence[SyllableCounts],
    side_by_side: Sequence[bool] | None = None,
    weights: Sequence[Float64Array] | None = None,
) -> Restoration:
    """Find the likeliest sequence among given spellings of syllables.

    Args:
        reader: The commit whose texts give the counts.
        syllables: The typed syllables.
        choices: For each syllable the marked forms that it may mean.  A syllable that no
            document contains has one form with count 0, or no form.
        side_by_side: As for `restore_diacritics`.
        weights: For each syllable the likelihood of the typed text given each choice, up to
            a constant factor: float64, shape (choices,).  By default all are equal.

    Raises:
        IndexDamagedError: The index is damaged.
    """
    vocabulary = reader.vocabulary
    joined = [True] * (len(syllables) - 1) if side_by_side is None else side_by_side
    question_pairs = {
        index: pair
        for index, two in enumerate(itertools.pairwise(syllables))
        if joined[index] and (pair := _question_pair(*two))
    }
    # Pair counts matter only if there is a choice, or to check a question pair.
    counted_forms = {
        index: (first.forms, second.forms)
        for index, (first, second) in enumerate(itertools.pairwise(choices))
        if joined[index] and len(first) * len(second) > (index not in question_pairs)
    }
    pairs = {forms: (choices[at], choices[at + 1]) for at, forms in counted_forms.items()}
    counts_by_forms = dict(
        zip(pairs, vocabulary.pair_counts(list(pairs.values())), strict=True)
    )
    counts = {index: counts_by_forms[forms] for index, forms in counted_forms.items()}
    priors = [_prior(forms, reader.size) for forms in choices]
    steps = [
        _transitions(counts.get(index), choices[index], priors[index + 1])
        for index in range(len(choices) - 1)
    ]
    if weights is not None:
        steps = [step * weight for step, weight in zip(steps, weights[1:], strict=True)]
        priors = [prior * weight for prior, weight in zip(priors, weights, strict=True)]
    best, probability, posteriors = forward_backward(priors, steps)
    spellings = []
    texts = []
    for syllable, forms, posterior, best_choice in zip(
        syllables, choices, posteriors, best, strict=True
    ):
        names = forms.forms or (syllable.marked,)
        order = np.argsort(-posterior, kind="stable")
        spellings.append(SyllableSpellings(tuple(names[at] for at in order), posterior[order]))
        texts.append(names[best_choice])
    for index, pair in question_pairs.items():
        # Reports rarely ask, queries do.  Read a question pair unless the reports contain the
        # best pair of spellings.
        if index not in counts or not counts[index][best[index], best[index + 1]]:
            texts[index : index + 2] = pair
    return Restoration(tuple(spellings), tuple(texts), probability)


def _question_pair(first: Syllable, second: Syllable) -> tuple[str, str] | None:
    """Return the two question words, in marked form, that two syllables may be, or None."""
    pair = _QUESTION_PAIRS_BY_FOLDED.get((first.folded, second.folded))
    if pair is None:
        return None
    fits = (
        not s.has_marks or s.marked == form
        for s, form in zip((first, second), pair, strict=True)
    )
    return pair if all(fits) else None


def _is_fixed(syllable: Syllable) -> bool:
    """Return whether a syllable keeps its typed spelling."""
    return syllable.has_marks or syllable.folded.isdecimal()


def _prior(forms: SyllableCounts, document_count: int) -> Float64Array:
    """Return P(b), shape (spellings,); 1 for a syllable that no document contains."""
    return forms.counts / document_count if forms.counts.any() else np.ones(1)


def _transitions(
    counts: Int64Array | None, first: SyllableCounts, prior: Float64Array
) -> Float64Array:
    """Return P(b | a), shape (spellings of the first, spellings of the second)."""
    if counts is None:
        return np.broadcast_to(prior, (max(len(first), 1), len(prior)))
    transitions: Float64Array = (counts + PRIOR * prior) / (first.counts[:, None] + PRIOR)
    return transitions


def forward_backward(
    priors: Sequence[Float64Array], steps: Sequence[Float64Array]
) -> tuple[list[int], float, list[Float64Array]]:
    """Compute the best path through a lattice and the probability of each state.

    This is the scaled forward-backward algorithm (Rabiner 1989) with
    emission probabilities of 1.

    Args:
        priors: For each position the probabilities of its states, float64, shape (states,).
            Only the first are used as values: they start the paths.
        steps: For each position but the last the transition probabilities, float64, shape
            (states, states of the next position).

    Returns:
        The state of the best path at each position (the first one on a tie); the probability
        of that path among all paths; and for each position the posterior probability of each
        state, float64, shape (states,).
    """
    if not priors:
        return [], 1.0, []
    # Each forward vector is scaled to sum 1: products of many probabilities underflow.
    forward, scales = [priors[0]], [1.0]
    for step in steps:
        unscaled = forward[-1] @ step
        scale = float(unscaled.sum()) or 1.0
        forward.append(unscaled / scale)
        scales.append(scale)
    backward = np.ones(len(priors[-1]))
    posteriors = [forward[-1]]
    for position in range(len(steps) - 1, -1, -1):
        backward = steps[position] @ backward / scales[position + 1]
        posteriors.append(forward[position] * backward)
    totals = [float(posterior.sum()) or 1.0 for posterior in posteriors]
    best, log_weight = viterbi(priors[0], steps)
    log_probability = log_weight - sum(map(math.log, scales)) - math.log(totals[0])
    return (
        best,
        math.exp(min(log_probability, 0.0)),
        [
            posterior / total
            for posterior, total in zip(posteriors[::-1], totals[::-1], strict=True)
        ],
    )


def viterbi(begin: Float64Array, steps: Sequence[Float64Array]) -> tuple[list[int], float]:
    """Find the best path through a lattice with the Viterbi algorithm (Viterbi 1967).

    Args:
        begin: The weights of the states of the first position, at least one above 0.
        steps: For each position but the last the weights of the transitions, float64, shape
            (states, states of the next position); from each state at least one above 0.

    Returns:
        The state at each position (the first one on a tie), and the natural logarithm of the
        path's weight.
    """
    back_pointers = []
    log_weight = 0.0
    weights = begin
    for step in steps:
        candidates = weights[:, None] * step
        origins = candidates.argmax(axis=0)
        back_pointers.append(origins)
        weights = candidates[origins, np.arange(len(origins))]
        largest = float(weights.max()) or 1.0
        weights = weights / largest  # products of many probabilities underflow
        log_weight += math.log(largest)
    best = [int(weights.argmax())]
    for origins in reversed(back_pointers):
        best.append(int(origins[best[-1]]))
    return best[::-1], log_weight + math.log(float(weights.max()) or 1.0)
