"""Which marks belong on syllables that were typed without any, by the index's own texts.

A first-order model over the spellings that the index has of each syllable (a hidden Markov
model whose hidden states are marked syllables and whose observations are folded ones; the
observation is certain given the state).  With c the number of documents that hold a
syllable, or one syllable directly before another:

    P(b | a) ∝ (c(a, b) + μ · P(b)) / (c(a) + μ)      P(b) = c(b) / number of documents

The counts of pairs are smoothed by those of syllables with Dirichlet's prior (Zhai and
Lafferty, ACM TOIS 22(2), 2004).  Forward-backward gives
the probability of each spelling, Viterbi the best sequence (Rabiner, *A tutorial on hidden
Markov models*, 1989).  A syllable that was typed with marks, and a number, has one spelling,
its own, and helps to tell its neighbours.
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
"""μ: as how many documents a syllable by itself counts against its pairs.  From 0.3 to 3 it
makes no difference of half a percent; more makes too little of pairs in small indexes."""

_ASKING: Final = {(folded(one), folded(two)): (one, two) for one, two in QUESTION_PAIRS}


@dataclass(frozen=True, slots=True)
class SyllableSpellings:
    """What one syllable of a query may be spelled as.

    Attributes:
        forms: Marked forms, the likeliest first; at least one.
        probabilities: float64, shape (n,), descending, with the sum 1.
    """

    forms: tuple[str, ...]
    probabilities: Float64Array


@dataclass(frozen=True, slots=True)
class Restoration:
    """A query's syllables with marks.

    Attributes:
        spellings: For each syllable its spellings.  A syllable that was typed with marks,
            or that the index does not have, has one: its marked form.
        best: The likeliest sequence of marked forms.
        probability: How likely that whole sequence is, from 0 to 1.
    """

    spellings: tuple[SyllableSpellings, ...]
    best: tuple[str, ...]
    probability: float

    @property
    def text(self) -> str:
        """The best sequence as text."""
        return " ".join(self.best)


def restore_query_diacritics(reader: Reader, query: Query) -> Restoration:
    """The syllables of a query with marks, wherever they stand in it: those of `Query.runs`."""
    places = list(itertools.chain.from_iterable(query.runs))
    ends = frozenset(itertools.accumulate(map(len, query.runs)))
    return restore_diacritics(reader, places, [at not in ends for at in range(1, len(places))])


def spellings_by_syllable(
    query: Query, restored: Restoration
) -> dict[Syllable, SyllableSpellings]:
    """What each syllable of a query may be spelled as, on the average of its places."""
    places: dict[Syllable, list[SyllableSpellings]] = {}
    for syllable, spellings in zip(
        itertools.chain.from_iterable(query.runs), restored.spellings, strict=True
    ):
        places.setdefault(syllable, []).append(spellings)
    return {syllable: _average(several) for syllable, several in places.items()}


def _average(several: Sequence[SyllableSpellings]) -> SyllableSpellings:
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
    """Syllables with marks.

    Args:
        reader: The commit whose texts tell.
        syllables: In the order typed, repeated ones too.
        side_by_side: For each syllable but the last, whether the next one stands directly
            behind it; all do unless given.

    Raises:
        IndexDamagedError: The index is not what was written.
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
    """The likeliest of some spellings of syllables.

    Args:
        reader: The commit whose texts tell.
        syllables: What was typed.
        choices: For each the marked forms that it may be meant as; one that is counted 0
            times, or none, for what no document has.
        side_by_side: As for `restore_diacritics`.
        weights: For each syllable how likely it is typed so for each choice, up to a factor:
            float64, shape (choices,).  All alike unless given.

    Raises:
        IndexDamagedError: The index is not what was written.
    """
    vocabulary = reader.vocabulary
    joined = [True] * (len(syllables) - 1) if side_by_side is None else side_by_side
    asking = {
        place: pair
        for place, two in enumerate(itertools.pairwise(syllables))
        if joined[place] and (pair := _asking(*two))
    }
    known = {
        place: (first.forms, second.forms)
        for place, (first, second) in enumerate(itertools.pairwise(choices))
        if joined[place] and len(first) * len(second) > (place not in asking)
    }
    pairs = {forms: (choices[at], choices[at + 1]) for at, forms in known.items()}
    found = dict(zip(pairs, vocabulary.pair_counts(list(pairs.values())), strict=True))
    counts = {place: found[forms] for place, forms in known.items()}
    priors = [_prior(forms, reader.size) for forms in choices]
    steps = [
        _step(counts.get(place), choices[place], priors[place + 1])
        for place in range(len(choices) - 1)
    ]
    if weights is not None:
        steps = [step * weight for step, weight in zip(steps, weights[1:], strict=True)]
        priors = [prior * weight for prior, weight in zip(priors, weights, strict=True)]
    best, probability, posteriors = forward_backward(priors, steps)
    spellings = []
    texts = []
    for syllable, forms, posterior, place in zip(
        syllables, choices, posteriors, best, strict=True
    ):
        names = forms.forms or (syllable.marked,)
        order = np.argsort(-posterior, kind="stable")
        spellings.append(SyllableSpellings(tuple(names[at] for at in order), posterior[order]))
        texts.append(names[place])
    for place, pair in asking.items():
        # Queries ask what reports never do: what these never say is no reading of it.
        if place not in counts or not counts[place][best[place], best[place + 1]]:
            texts[place : place + 2] = pair
    return Restoration(tuple(spellings), tuple(texts), probability)


def _asking(first: Syllable, second: Syllable) -> tuple[str, str] | None:
    """The words that ask which two syllables may be, in marked form."""
    pair = _ASKING.get((first.folded, second.folded))
    if pair is None:
        return None
    fits = (
        not s.has_marks or s.marked == form
        for s, form in zip((first, second), pair, strict=True)
    )
    return pair if all(fits) else None


def _is_fixed(syllable: Syllable) -> bool:
    """Whether a syllable is spelled as it was typed."""
    return syllable.has_marks or syllable.folded.isdecimal()


def _prior(forms: SyllableCounts, documents: int) -> Float64Array:
    """P(b), shape (spellings,); 1 for a syllable that no document has."""
    return forms.counts / documents if forms.counts.any() else np.ones(1)


def _step(
    counts: Int64Array | None, first: SyllableCounts, prior: Float64Array
) -> Float64Array:
    """P(b | a), shape (spellings of the first, spellings of the second)."""
    if counts is None:
        return np.broadcast_to(prior, (max(len(first), 1), len(prior)))
    step: Float64Array = (counts + PRIOR * prior) / (first.counts[:, None] + PRIOR)
    return step


def forward_backward(
    priors: Sequence[Float64Array], steps: Sequence[Float64Array]
) -> tuple[list[int], float, list[Float64Array]]:
    """The best path through a lattice, its probability, and that of each point.

    Args:
        priors: For each place the probabilities of its points, of which the first are used
            as they are: what begins a path.
        steps: For each place but the last, shape (points, points of the next).

    Returns:
        For each place the point of the best path, the first of several that are as good;
        how likely that path is among all; and for each place float64, shape (points,):
        how likely each point is.
    """
    if not priors:
        return [], 1.0, []
    forward, scales = [priors[0]], [1.0]
    for step in steps:
        reached = forward[-1] @ step
        scale = float(reached.sum()) or 1.0
        forward.append(reached / scale)
        scales.append(scale)
    backward = np.ones(len(priors[-1]))
    posteriors = [forward[-1]]
    for place in range(len(steps) - 1, -1, -1):
        backward = steps[place] @ backward / scales[place + 1]
        posteriors.append(forward[place] * backward)
    total = [float(each.sum()) or 1.0 for each in posteriors]
    best, logarithm = viterbi(priors[0], steps)
    share = logarithm - sum(map(math.log, scales)) - math.log(total[0])
    return (
        best,
        math.exp(min(share, 0.0)),
        [each / sum_ for each, sum_ in zip(posteriors[::-1], total[::-1], strict=True)],
    )


def viterbi(begin: Float64Array, steps: Sequence[Float64Array]) -> tuple[list[int], float]:
    """The best path through a lattice and the logarithm of its weight, by Viterbi.

    Args:
        begin: The weights of the first place's points, of which one is more than 0.
        steps: For each place but the last, shape (points, points of the next); from each
            point one is more than 0.

    Returns:
        For each place the point, the first of several that are as good.
    """
    came_from = []
    logarithm = 0.0
    most = begin
    for step in steps:
        paths = most[:, None] * step
        origins = paths.argmax(axis=0)
        came_from.append(origins)
        most = paths[origins, np.arange(len(origins))]
        largest = float(most.max()) or 1.0
        most = most / largest  # products of many probabilities are too small for a float
        logarithm += math.log(largest)
    best = [int(most.argmax())]
    for origins in reversed(came_from):
        best.append(int(origins[best[-1]]))
    return best[::-1], logarithm + math.log(float(most.max()) or 1.0)
