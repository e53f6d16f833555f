"""A body that is at hand as text, looked into word by word."""

from __future__ import annotations

import numpy as np

from searchidx.language.sentences import sentences
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.search.snippets.matches import MatchedBodies, Matches
from searchidx.store import Landmarks


def plain_body(text: str, terms: HighlightTerms) -> MatchedBodies:
    """One body that is at hand as text."""
    tokens = tokenize_syllables(text)
    positions = terms.found(tokens)
    compared, numbers = terms.forms(tokens), terms.numbers
    forms = [numbers.get(compared[at], numbers.get(tokens.folded[at], 0)) for at in positions]
    starts = np.array(tokens.starts, np.int64)
    begins = np.array([start for start, _ in sentences(text)], np.int64)
    firsts = np.unique(np.searchsorted(starts, begins))
    firsts = firsts[firsts < len(starts)]
    landmarks = Landmarks(
        np.append(firsts, len(starts)),
        np.append(starts[firsts], len(text)),
        np.append(np.ones(len(firsts), np.bool_), False),
    )
    return MatchedBodies(
        Matches(np.array(positions, np.int64), np.array(forms, np.int64), [0, len(positions)]),
        landmarks,
        [0, len(firsts) + 1],
        lambda _, start, stop: text[start:stop],
    )
