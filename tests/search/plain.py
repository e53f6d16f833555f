"""Find the matches of a body syllable by syllable, without an index.

This is the slow twin of `searchidx.search.snippets.matches`.
"""

from __future__ import annotations

import numpy as np

from searchidx.language.sentences import sentences
from searchidx.language.tokenizer import tokenize_syllables
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.search.snippets.matches import MatchedBodies
from searchidx.store import Landmarks
from searchidx.units import FormNumber


def plain_body(text: str, terms: HighlightTerms, title: str = "") -> MatchedBodies:
    """Return one body with its matches, given its text and the title of its document."""
    tokens = tokenize_syllables(text)
    positions = terms.matching_positions(tokens, tokenize_syllables(title))
    compared, numbers = terms.compared_forms(tokens), terms.form_numbers
    first = FormNumber(0)
    forms = [
        numbers.get(compared[position], numbers.get(tokens.folded[position], first))
        for position in positions
    ]
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
        np.array(positions, np.int64),
        np.array(forms, np.int64),
        [0, len(positions)],
        landmarks,
        [0, len(firsts) + 1],
        lambda _, start, stop: text[start:stop],
    )
