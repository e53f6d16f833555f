"""Score the sentences with matches of all bodies, and return the best of each body.

NumPy scores all matches of all bodies at once, from positions and landmarks alone.  The text
of the best candidates is read afterwards (`searchidx.search.snippets.selection`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, starmap
from typing import Final, NamedTuple

import numpy as np

from searchidx.arrays import BoolArray, Float64Array, Int64Array
from searchidx.search.snippets.body import SentenceWindow
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.search.snippets.matches import MatchedBodies

CONTEXT_SHARE: Final = 0.25
"""The share of a passage that may precede the first match in a long sentence."""
_ADJACENT_PAIR_SHARE: Final = 0.5
"""The score of a pair of adjacent query words, as a share of the words' weights."""
_MAX_DISTANCE_PENALTY: Final = 0.125
"""The share of its score that a run loses if it is as long as a passage, or longer."""
_SEVERAL_SENTENCES_FACTOR: Final = 0.9
"""The factor of the score of a run that covers several sentences."""
_CANDIDATES_PER_PASSAGE: Final = 8
"""How many candidates of a body are returned for each passage to show."""
_WEIGHT_UNITS: Final = 1 << 12
"""Units of one weight.  Weights are rounded to whole units, so that their sums are exact."""
_MAX_TRAILING_REPEATS: Final = 4
"""How many matches at the end of a run are dropped if they repeat earlier ones."""


class FragmentCandidate(NamedTuple):
    """A sentence with matches, or a part of a long one, that may be shown.

    Landmarks and matches are numbers in the `Body`.

    Attributes:
        score: Its score, with the sentences after it where these add to it.
        sentence_score: Its score without the sentences after it.
        sentence: The landmark at which its sentence begins.
        next_sentence: The landmark at which the next sentence begins, or the body ends.
        stop: The landmark at which the sentence after its last sentence begins.
        first_match: Its first match.
        sentence_stop_match: The match after its last match in the sentence itself.
        stop_match: The match after its last match.
        window: Its text, from the moment at which the text was read.  It stays None if the
            sentence is too long to be shown whole.
    """

    score: float
    sentence_score: float
    sentence: int
    next_sentence: int
    stop: int
    first_match: int
    sentence_stop_match: int
    stop_match: int
    window: SentenceWindow | None = None

    def without_further_sentences(self) -> FragmentCandidate:
        """Return the candidate without the sentences after its own."""
        return self._replace(
            score=self.sentence_score,
            stop=self.next_sentence,
            stop_match=self.sentence_stop_match,
        )


class _MatchPlaces(NamedTuple):
    """Where the matches of all bodies stand, as if the bodies were one text.

    Attributes:
        bodies: The number of each match's body.
        positions: The position of each match; one position lies between two bodies.
        offsets: The estimated code point of each match.
        sentences: The number of each match's sentence.
        sentence_landmarks: The landmark at which each sentence begins.  The end of a body
            counts as a sentence without matches.
        sentence_offsets: The code point of each of these landmarks.
        end_landmarks: The landmark at the end of each body.
    """

    bodies: Int64Array
    positions: Int64Array
    offsets: Int64Array
    sentences: Int64Array
    sentence_landmarks: Int64Array
    sentence_offsets: Int64Array
    end_landmarks: Int64Array


def find_candidates(
    bodies: MatchedBodies, terms: HighlightTerms, length: int, count: int = 1
) -> list[Iterator[FragmentCandidate]]:
    """Return the best candidates of each body.

    Args:
        bodies: The bodies.
        terms: The terms that were found in them.
        length: The length of a passage in code points.
        count: The number of passages to show of each body.

    Returns:
        For each body at most 8 candidates for each passage, by descending score; those with
        equal scores in the order of the text.  They are made when they are taken: mostly
        the first few are enough.
    """
    size = len(bodies.positions)
    if not size:
        return [iter(()) for _ in range(len(bodies))]
    places = _locate_matches(bodies)
    sentences, sentence_offsets = places.sentences, places.sentence_offsets
    starts = sentence_offsets[sentences]
    fits = sentence_offsets[sentences + 1] - starts <= length
    numbers = np.arange(size)
    # The run from each match ends with its sentence.  In a long sentence it ends earlier,
    # where a passage that begins with the match has no more room.
    room = length - round(length * CONTEXT_SHARE)
    sentence_ends = sentences.searchsorted(sentences, "right")
    room_ends = np.maximum(
        places.offsets.searchsorted(places.offsets + room, "right"), numbers + 1
    )
    sentence_ends = np.where(fits, sentence_ends, np.minimum(sentence_ends, room_ends))
    scorer = _RunScorer(places, bodies.forms, terms, length)
    sentence_scores, sentence_stops = scorer.score(sentence_ends)
    # A longer run takes the sentences after it that fit as a whole, but none of the next
    # body: the end of a body is a sentence without matches.
    stop_sentences = sentence_offsets.searchsorted(starts + length, "right") - 1
    body_ends = places.sentence_landmarks.searchsorted(places.end_landmarks)
    stop_sentences = np.minimum(stop_sentences, body_ends[places.bodies])
    longer_ends = np.where(fits, sentences.searchsorted(stop_sentences), sentence_ends)
    longer_scores, longer_stops = scorer.score(longer_ends)
    longer_scores *= _SEVERAL_SENTENCES_FACTOR
    longer = (longer_scores > sentence_scores) & fits
    scores = np.where(longer, longer_scores, sentence_scores)
    stops = np.where(longer, longer_stops, sentence_stops)
    kept = _best_of_bodies(places, scores, fits, _CANDIDATES_PER_PASSAGE * count)
    owners = places.bodies[kept]
    sentence = sentences[kept]
    first_landmarks = np.array(bodies.landmark_bounds)[owners]
    first_matches = np.array(bodies.match_bounds)[owners]
    columns = (
        scores[kept],
        sentence_scores[kept],
        places.sentence_landmarks[sentence] - first_landmarks,
        places.sentence_landmarks[sentence + 1] - first_landmarks,
        places.sentence_landmarks[sentences[stops[kept] - 1] + 1] - first_landmarks,
        kept - first_matches,
        sentence_stops[kept] - first_matches,
        stops[kept] - first_matches,
    )
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    bounds = owners.searchsorted(np.arange(len(bodies) + 1)).tolist()
    return [starmap(FragmentCandidate, rows[first:stop]) for first, stop in pairwise(bounds)]


def _locate_matches(bodies: MatchedBodies) -> _MatchPlaces:
    """Place the matches of all bodies in one row of positions, code points and sentences."""
    landmarks = bodies.landmarks
    landmark_bounds = np.array(bodies.landmark_bounds)
    match_bounds = np.array(bodies.match_bounds)
    ends = landmark_bounds[1:] - 1
    numbers = np.arange(len(bodies))
    match_bodies = np.repeat(numbers, match_bounds[1:] - match_bounds[:-1])
    landmark_bodies = np.repeat(numbers, landmark_bounds[1:] - landmark_bounds[:-1])
    first_positions = _first_places(landmarks.syllables[ends])
    landmark_positions = landmarks.syllables + first_positions[landmark_bodies]
    landmark_offsets = (
        landmarks.offsets + _first_places(landmarks.offsets[ends])[landmark_bodies]
    )
    positions = bodies.positions + first_positions[match_bodies]
    # Matches are spread evenly between landmarks.  Whole numbers make the result independent
    # of the other bodies.
    before = landmark_positions.searchsorted(positions, "right") - 1
    code_points = landmark_offsets[1:] - landmark_offsets[:-1]
    syllables = landmark_positions[1:] - landmark_positions[:-1]
    distances = (positions - landmark_positions[before]) * code_points[before]
    begins_sentence = landmarks.sentences.copy()
    begins_sentence[ends] = True
    sentence_landmarks = begins_sentence.nonzero()[0]
    return _MatchPlaces(
        match_bodies,
        positions,
        landmark_offsets[before] + distances // syllables[before],
        begins_sentence.cumsum()[before] - 1,
        sentence_landmarks,
        landmark_offsets[sentence_landmarks],
        ends,
    )


def _first_places(lengths: Int64Array) -> Int64Array:
    """Return where texts of these lengths begin in a row, with a gap of 1 between two."""
    steps = lengths + 1
    return steps.cumsum() - steps


def _best_of_bodies(
    places: _MatchPlaces, scores: Float64Array, fits: BoolArray, count: int
) -> Int64Array:
    """Return the matches with which the best candidates of each body begin.

    Args:
        places: The places of the matches.
        scores: The score of the run from each match.
        fits: Whether each match's sentence fits into a passage.
        count: How many matches to return of each body at most.

    Returns:
        Numbers of matches: body after body, by descending score, equals in their order.
    """
    # A sentence that fits is shown from its beginning: only its first match begins a run.
    begins_sentence = np.empty(len(scores), np.bool_)
    begins_sentence[0] = True
    np.not_equal(places.sentences[1:], places.sentences[:-1], out=begins_sentence[1:])
    tried = (begins_sentence | ~fits).nonzero()[0]
    owners = places.bodies[tried]
    order = np.lexsort((-scores[tried], owners))  # stable
    ranks = np.arange(len(owners)) - owners.searchsorted(owners)
    return tried[order[ranks < count]]


class _RunScorer:
    """Score runs of consecutive matches.

    Each distinct form counts once, and so does each pair of forms that is adjacent in the
    query and in the text.

    Args:
        places: The places of the matches.
        forms: The number of each match's form in the terms.
        terms: The terms.
        length: The length of a passage in code points.
    """

    def __init__(
        self, places: _MatchPlaces, forms: Int64Array, terms: HighlightTerms, length: int
    ) -> None:
        positions = places.positions
        self._offsets = places.offsets
        self._length = length
        self._numbers = np.arange(len(positions))
        form_weights = np.rint(np.array(terms.form_weights) * _WEIGHT_UNITS)
        self._weights = form_weights[forms]
        self._previous = _previous_equal(forms)
        self._pairs = np.zeros(0, np.int64)  # the first match of each pair
        if not terms.adjacent_forms:
            return
        count = len(form_weights)
        keys = forms[:-1] * count + forms[1:]
        adjacent = np.zeros(count * count, np.bool_)
        adjacent[[first * count + second for first, second in terms.adjacent_forms]] = True
        self._pairs = (adjacent[keys] & (positions[1:] - positions[:-1] == 1)).nonzero()[0]
        self._previous_pairs = np.full(len(self._pairs), -1)
        previous = _previous_equal(keys[self._pairs])
        self._previous_pairs[previous >= 0] = self._pairs[previous[previous >= 0]]
        self._pair_weights = np.rint(
            _ADJACENT_PAIR_SHARE * (self._weights[self._pairs] + self._weights[self._pairs + 1])
        )

    def score(self, ends: Int64Array) -> tuple[Float64Array, Int64Array]:
        """Score each run of matches [i, ends[i]).

        Args:
            ends: int64, shape (matches,): the match after each run, ascending, `ends[i] > i`.

        Returns:
            The score of each run, a little less the more code points lie between its first
            and last match; and the match after its last one that does not repeat others.
        """
        size = len(ends)
        numbers = self._numbers
        # Match n adds its weight to the runs that contain it and no earlier match of its
        # form.  These are consecutive: differences at both ends, summed up, add it to all.
        first_runs = ends.searchsorted(numbers, "right")
        begins = np.maximum(self._previous + 1, first_runs)
        totals = np.bincount(begins, self._weights, size)
        totals[1:] -= self._weights[:-1]
        repeated = self._previous.copy()
        if len(self._pairs):
            pairs = self._pairs
            begins = np.maximum(self._previous_pairs + 1, first_runs[pairs + 1])
            inside = begins <= pairs
            pairs, begins, weights = pairs[inside], begins[inside], self._pair_weights[inside]
            totals += np.bincount(begins, weights, size)
            totals -= np.bincount(pairs + 1, weights, size + 1)[:size]
            repeated[pairs + 1] = np.minimum(repeated[pairs + 1], self._previous_pairs[inside])
        scores = totals.cumsum()
        # Matches at the end of a run that only repeat earlier ones are dropped.
        last = ends - 1
        for _ in range(_MAX_TRAILING_REPEATS):
            last = last - (repeated[last] >= numbers)
        distances = np.minimum((self._offsets[last] - self._offsets) / self._length, 1.0)
        return scores * (1 - _MAX_DISTANCE_PENALTY * distances), last + 1


def _previous_equal(keys: Int64Array) -> Int64Array:
    """Return for each key the index of the last equal key before it, or -1."""
    order = keys.argsort(kind="stable")
    ordered = keys[order]
    previous = np.empty_like(order)
    previous[order[:1]] = -1
    previous[order[1:]] = np.where(ordered[1:] == ordered[:-1], order[:-1], -1)
    return previous
