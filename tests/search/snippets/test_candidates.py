from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searchidx.language.tokenizer import tokenize_syllables
from searchidx.search.snippets.candidates import find_candidates
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.search.snippets.matches import MatchedBodies
from searchidx.store import Landmarks
from tests.search.plain import plain_body

TERMS = HighlightTerms(
    {"nghi": 2.0, "quyet": 3.0, "35": 0.5},
    pairs=frozenset({("nghi", "quyet"), ("quyet", "35")}),
)
UNIT = 4096  # in which worths are counted


def exactly_placed(body: str) -> MatchedBodies:
    """Return a body with a landmark at every syllable."""
    bodies = plain_body(body, TERMS)
    tokens = tokenize_syllables(body)
    sentences = np.zeros(len(tokens) + 1, np.bool_)
    sentences[bodies.landmarks.syllables[:-1]] = True
    landmarks = Landmarks(
        np.arange(len(tokens) + 1), np.array([*tokens.starts, len(body)]), sentences
    )
    return replace(bodies, landmarks=landmarks, landmark_bounds=[0, len(tokens) + 1])


def worth(forms: list[str], positions: Sequence[int]) -> float:
    """Add up the worth of matches one by one: each form once, each pair once."""
    pairs = {
        (forms[n], forms[n + 1])
        for n in range(len(forms) - 1)
        if positions[n + 1] == positions[n] + 1
    }
    single = sum(TERMS.weights[form] for form in set(forms))
    beside = sum(
        (TERMS.weights[one] + TERMS.weights[two]) / 2 for one, two in pairs & TERMS.pairs
    )
    return UNIT * (single + beside)


def best_plainly(body: str, bodies: MatchedBodies, length: int) -> tuple[float, float]:
    """Return the highest worth of one sentence, and of several that fit together."""
    tokens = tokenize_syllables(body)
    marks = bodies.landmarks
    begins = [*marks.offsets[marks.sentences].tolist(), len(body)]
    found = TERMS.matching_positions(tokens)
    forms = [tokens.folded[at] for at in found]
    places = [tokens.starts[at] for at in found]
    owners = [max(n for n, begin in enumerate(begins) if begin <= place) for place in places]
    alone = together = 0.0
    for first in range(len(found)):
        for last in range(first, len(found)):
            value = worth(forms[first : last + 1], found[first : last + 1])
            fits = begins[owners[last] + 1] - begins[owners[first]] <= length
            near = places[last] - places[first] <= length - round(length / 4)
            if owners[first] == owners[last] and (fits or near or first == last):
                alone = max(alone, value)
            if fits:
                together = max(together, value)
    return alone, together


words = st.sampled_from(
    ["nghị ", "quyết ", "35 ", "quyết liệt ", "xa ", "bo. ", "\n", "nghi. Xa ", "b" * 9]
)


@given(st.lists(words, min_size=1, max_size=30).map("".join), st.integers(4, 90))
def test_the_best_candidate_is_that_of_trying_all(body: str, length: int) -> None:
    bodies = exactly_placed(body)
    candidates = list(find_candidates(bodies, TERMS, length)[0])
    if not len(bodies.positions):
        assert candidates == []
        return
    assert candidates == sorted(candidates, key=lambda candidate: -candidate.score)
    alone, together = best_plainly(body, bodies, length)
    # Words in several sentences are worth a tenth less, those far apart up to an eighth.
    most = max(alone, 0.9 * together)
    assert most * 7 / 8 - 0.01 <= candidates[0].score <= most + 0.01
    for candidate in candidates:
        assert candidate.sentence_score <= candidate.score
        assert candidate.sentence < candidate.next_sentence <= candidate.stop
        assert candidate.first_match < candidate.sentence_stop_match <= candidate.stop_match
        forms = bodies.forms[candidate.first_match : candidate.stop_match].tolist()
        positions = bodies.positions[candidate.first_match : candidate.stop_match].tolist()
        names = [list(TERMS.form_numbers)[form] for form in forms]
        assert candidate.score <= worth(names, positions) + 0.01


def test_of_equals_the_one_whose_words_are_closer_is_first() -> None:
    apart = "Nghị viện họp và có những ý kiến rất khác nhau về 35 điều."
    close = "Nghị viện họp về 35 điều và có những ý kiến rất khác nhau."
    bodies = exactly_placed(f"{apart} {close}")
    candidates = list(find_candidates(bodies, TERMS, 70)[0])
    assert [candidate.first_match for candidate in candidates] == [2, 0]


def test_of_the_same_sentence_again_the_first_is_first() -> None:
    bodies = exactly_placed("Nghị viện họp về 35 điều. " * 3)
    candidates = list(find_candidates(bodies, TERMS, 30)[0])
    assert [candidate.first_match for candidate in candidates] == [0, 2, 4]


def test_sentences_that_fit_together_are_weighed_together() -> None:
    bodies = exactly_placed("Nghị viện họp. Nêu 35 điều. Xa xôi lắm. Quyết liệt.")
    best = next(find_candidates(bodies, TERMS, 30)[0])
    assert (best.first_match, best.sentence_stop_match, best.stop_match) == (
        2,
        3,
        3,
    )  # quyết, alone, is worth most
    best = next(find_candidates(bodies, TERMS, 60)[0])
    assert (best.first_match, best.sentence_stop_match, best.stop_match) == (0, 1, 3)
