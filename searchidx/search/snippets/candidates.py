"""Which places of bodies promise to show best why they were found.

All places of all bodies are weighed at once, from numbers alone; what their text says is
looked at only for the best of them (`passages`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from searchidx.arrays import Float64Array, Int64Array
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.search.snippets.matches import MatchedBodies

CONTEXT_SHARE: Final = 0.25
"""The part of a passage that may stand before the first match in a long sentence."""
_ADJACENT: Final = 0.5
"""What two words of the query side by side add, against the words themselves."""
_APART: Final = 0.125
"""What words lose of their worth that stand as far apart as a passage is long."""
_SEVERAL: Final = 0.9
"""What words are worth that stand in several sentences, against those of one."""
_TRIED: Final = 8
"""How many places of a body are given for each passage that is wanted of it."""
_SCALE: Final = 1 << 12  # worths are whole numbers of so small parts: sums are exact
_TRAILING: Final = 4


CandidateRow = tuple[float, float, int, int, int, int, int, int]
"""The fields of a `FragmentCandidate`."""


class FragmentCandidate(NamedTuple):
    """A sentence with matches, or a part of a long one.

    Numbers count what `MatchedBodies` has, all bodies together.

    Attributes:
        score: How good it is, with what may stand in the sentences after it.
        alone: How good it is without those.
        mark: The landmark at which its sentence begins.
        close: The landmark at which the next sentence begins, or the body ends.
        until: The landmark at which the last of the sentences that belong to it ends.
        first, last: Its matches in the sentence itself, half-open.
        end: The last of all its matches, exclusive.
    """

    score: float
    alone: float
    mark: int
    close: int
    until: int
    first: int
    last: int
    end: int


def find_candidates(
    bodies: MatchedBodies, terms: HighlightTerms, length: int, count: int = 1
) -> list[list[CandidateRow]]:
    """The places with matches of each body, the most promising first, and not too many.

    Args:
        bodies: The bodies.
        terms: What is looked for.
        length: How long a passage is.
        count: How many passages are wanted of each.

    Returns:
        Of each body the fields of its promises: few of them are looked at.
    """
    matches, marks = bodies.matches, bodies.landmarks
    size = len(matches.positions)
    if not size:
        return [[] for _ in range(len(bodies))]
    # One row of syllables for all bodies, and one of code points.  The last landmark of a
    # body is its end; the next one begins a step later.
    bounds = np.array(bodies.bounds)
    own_matches = np.array(matches.bounds)
    lasts = bounds[1:] - 1
    of_matches = np.repeat(np.arange(len(bodies)), own_matches[1:] - own_matches[:-1])
    of_marks = np.repeat(np.arange(len(bodies)), bounds[1:] - bounds[:-1])
    steps = _starts(marks.syllables[lasts])
    syllables = marks.syllables + steps[of_marks]
    offsets = marks.offsets + _starts(marks.offsets[lasts])[of_marks]
    positions = matches.positions + steps[of_matches]
    # Evenly spread between landmarks, in whole numbers, so that what is around a body makes
    # no difference.
    before = syllables.searchsorted(positions, "right") - 1
    gaps = offsets[1:] - offsets[:-1]
    spread = syllables[1:] - syllables[:-1]
    places = offsets[before] + (positions - syllables[before]) * gaps[before] // spread[before]
    # Sentences, and as the last of each body its end.
    ends = marks.sentences.copy()
    ends[lasts] = True
    begins = ends.nonzero()[0]
    borders = offsets[begins]
    sentences = ends.cumsum()[before] - 1
    starts = borders[sentences]
    numbers = np.arange(size)
    fits = borders[sentences + 1] - starts <= length
    # Of each match, where a passage ends that begins with it: at the end of its sentence,
    # or as far on as there is room in a long one.
    room = length - round(length * CONTEXT_SHARE)
    near = sentences.searchsorted(sentences, "right")
    reached = np.maximum(places.searchsorted(places + room, "right"), numbers + 1)
    near = np.where(fits, near, np.minimum(near, reached))
    weigher = _Weigher(positions, matches.forms, places, terms, length)
    alone, last = weigher.scores(near)
    # With the sentences after it that fit as a whole.  None of another body does: the end
    # of a body is a sentence that nothing is in.
    beyond = borders.searchsorted(starts + length, "right") - 1
    beyond = np.minimum(beyond, begins.searchsorted(lasts)[of_matches])
    far = np.where(fits, sentences.searchsorted(beyond), near)
    together, reached = weigher.scores(far)
    together *= _SEVERAL
    better = (together > alone) & fits
    score = np.where(better, together, alone)
    end = np.where(better, reached, last)
    # A sentence that fits is shown from its beginning.
    first_of_sentence = np.empty(size, np.bool_)
    first_of_sentence[0] = True
    np.not_equal(sentences[1:], sentences[:-1], out=first_of_sentence[1:])
    tried = (first_of_sentence | ~fits).nonzero()[0]
    own = of_matches[tried]
    order = np.lexsort((-score[tried], own))  # which keeps the order of equals
    order = order[numbers[: len(own)] - own.searchsorted(own) < _TRIED * count]
    tried, own = tried[order], own[order]
    sentence = sentences[tried]
    columns = (
        score[tried],
        alone[tried],
        begins[sentence],
        begins[sentence + 1],
        begins[sentences[end[tried] - 1] + 1],
        tried,
        last[tried],
        end[tried],
    )
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    ends_of_bodies = own.searchsorted(np.arange(len(bodies) + 1)).tolist()
    return [rows[first:last] for first, last in pairwise(ends_of_bodies)]


def _starts(lengths: Int64Array) -> Int64Array:
    """Where things of these lengths begin, with a step between two."""
    steps = lengths + 1
    return steps.cumsum() - steps


class _Weigher:
    """Tells what runs of matches are worth.

    Each distinct form counts once, and so does each pair that was typed side by side.

    Args:
        positions: Where the matches stand, ascending.
        forms: Which form each is.
        places: Where each begins, about, in code points.
        terms: What is looked for.
        length: How long a passage is.
    """

    def __init__(
        self,
        positions: Int64Array,
        forms: Int64Array,
        places: Int64Array,
        terms: HighlightTerms,
        length: int,
    ) -> None:
        self._places = places
        self._length = length
        self._numbers = np.arange(len(positions))
        self._worths = np.rint(np.array(terms.worths) * _SCALE)
        self._own = self._worths[forms]
        self._before = _before(forms)
        self._pairs = np.zeros(0, np.int64)
        if not terms.adjacent:
            return
        count = len(self._worths)
        pairs = forms[:-1] * count + forms[1:]
        typed = np.zeros(count * count, np.bool_)
        typed[[one * count + two for one, two in terms.adjacent]] = True
        self._pairs = (typed[pairs] & (positions[1:] - positions[:-1] == 1)).nonzero()[0]
        self._pairs_before = np.full(len(self._pairs), -1)
        kept = _before(pairs[self._pairs])
        self._pairs_before[kept >= 0] = self._pairs[kept[kept >= 0]]
        self._more = np.rint(_ADJACENT * (self._own[self._pairs] + self._own[self._pairs + 1]))

    def scores(self, ends: Int64Array) -> tuple[Float64Array, Int64Array]:
        """What the run from each match to before that of `ends` is worth.

        Args:
            ends: Each greater than the match's own number, ascending.

        Returns:
            The worths, those of words that are far apart a little less; and where the
            first match stands after the last of each run that adds to it, about.
        """
        size = len(ends)
        numbers = self._numbers
        # Match n counts in the runs that begin after the one before it of its form, at n at
        # the latest, and that reach it: a range of runs, so that sums of differences do.
        reached = ends.searchsorted(numbers, "right")
        begins = np.maximum(self._before + 1, reached)
        total = np.bincount(begins, self._own, size)
        total[1:] -= self._own[:-1]
        counts = self._before.copy()
        if len(self._pairs):
            pairs = self._pairs
            begins = np.maximum(self._pairs_before + 1, reached[pairs + 1])
            inside = begins <= pairs
            pairs, begins, more = pairs[inside], begins[inside], self._more[inside]
            total += np.bincount(begins, more, size)
            total -= np.bincount(pairs + 1, more, size + 1)[:size]
            counts[pairs + 1] = np.minimum(counts[pairs + 1], self._pairs_before[inside])
        worths = total.cumsum()
        # What only repeats at the end of a run is left out.
        last = ends - 1
        for _ in range(_TRAILING):
            last = last - (counts[last] >= numbers)
        apart = np.minimum((self._places[last] - self._places) / self._length, 1.0)
        return worths * (1 - _APART * apart), last + 1


def _before(keys: Int64Array) -> Int64Array:
    """Of each key the place of the equal one before it, or -1."""
    order = keys.argsort(kind="stable")
    ordered = keys[order]
    before = np.empty_like(order)
    before[order[:1]] = -1
    before[order[1:]] = np.where(ordered[1:] == ordered[:-1], order[:-1], -1)
    return before
