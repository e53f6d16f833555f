"""Hold every weight and threshold of the ranking in one object.

The defaults are the ranking that `docs/explanation/ranking.md` describes and measures.  They
were chosen on XQuAD-vi, on titles of legal articles and on short judged queries over these
articles, and checked on MLQA-vi.  The table "What each part is worth" on that page shows what
other values gain or lose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Final

from searchidx.errors import QueryError

MAX_NEAR_DUPLICATE_WINDOW_HITS: Final = 255
"""The sketches of one window are sorted together, with 8 bits for the hit."""


@dataclass(frozen=True, kw_only=True)
class RankingModel:
    """The weights and thresholds by which documents are selected and ordered.

    Change a copy of the defaults and pass it to `searchidx.open` or `searchidx.create`::

        model = searchidx.RankingModel(title_weight=3.0)
        index = searchidx.open("index", ranking=model)

    A model changes no file of the index.  Weights have no unit: a syllable of the query has
    the weight 1, and every other weight is relative to it.

    Attributes:
        k1: How slowly the frequency of a term saturates in BM25F.  1.2 is the usual value
            (Robertson and Zaragoza, *The Probabilistic Relevance Framework*, 2009).  0.9
            and 2 lose up to .013 of nDCG@10.
        b: How much the length of a field counts in BM25F, from 0 to 1.  0.75 is the usual
            value.  0.5 loses up to .02 of nDCG@10.
        title_weight: Weight of one occurrence in the title.
        body_weight: Weight of one occurrence in the body.
        typed_share: Share of a term's weight for documents with the marks that were typed,
            from 0 to 1.  0 looks up no typed marks.  0.3 and 0.7 gain .0016 or lose .005.
        restored_share: Share of an unmarked syllable's weight for its likely marked forms,
            multiplied by the probability of each, from 0 to 1.  0 looks up no restored
            marks, in pairs neither.
        restore_diacritics: Read unmarked syllables as the texts of the index suggest.
            Without it question words are found by their typed form alone, and no query
            with marks is suggested.  That loses up to .017 of nDCG@10.
        min_spelling_probability: A restored form less likely than this is not looked up.
        max_spelling_share: A restored form that more than this share of a syllable's
            documents has distinguishes no documents, and is not looked up.
        max_syllables_for_frequent_spellings: Number of syllables up to which a query looks
            up frequent restored forms.  In longer queries they cost more than they tell.
        frequent_spelling_share: Share of all documents from which on a restored form is
            frequent.
        pair_weight: Weight of a pair of adjacent syllables.  With `pair_weight_by_idf` it is
            multiplied by what the pair tells beyond its rarer syllable.  0 looks up no
            pairs, which loses .006 to .08 of nDCG@10; 0.25 and 0.75 lose up to .014.
        pair_weight_by_idf: Weigh a pair by -ln P(pair | rarer syllable).  Without it every
            pair has `pair_weight`, as in the sequential dependence model (Metzler and
            Croft, SIGIR 2005).
        expansion_weight: Weight of the other form of an abbreviation.
        code_weight: Weight of a document that is named by its code, or by its kind, number
            and year.
        number_weight: Weight of a document that is named by its kind and number alone, as
            in "nghị quyết 35".
        title_match_weight: Weight of a title that holds every word of the query, relative to
            the sum of the idf of these words.  It is multiplied by the share of the title's
            syllables that the query makes up.  0 looks at no titles as wholes.
        title_match_min_share: The least such share that counts for a long title.
        drop_question_words: Do not look up words that only ask, such as "bao nhiêu".
            Looking them up loses .003 of nDCG@10 on XQuAD-vi and .016 on MLQA-vi.
        like_max_terms: Number of terms of an example that are looked up for documents like
            it.
        like_k3: How slowly the weight of a term saturates with its frequency in the example
            (Robertson and others, *Okapi at TREC-3*, 1994).
        like_pair_weight: Weight of a pair of adjacent syllables of the example.
        like_syllable_weight: Weight of a single syllable of the example.  0 changes recall by
            less than .002 for whole articles, but a text of one syllable then finds nothing,
            and recall@10 of titles as examples falls by .006.
        like_code_weight: Weight of a document code that the example names.
        like_max_postings: Number of postings after which no more terms are looked up.
        near_duplicate_window: Number of first hits that are compared with each other, at
            most 255.
        near_duplicate_min_jaccard: Jaccard coefficient of shingles from which on two
            documents are near-duplicates, from 0 to 1.
        near_duplicate_min_length_ratio: Smallest ratio of the lengths of near-duplicates in
            syllables, from 0 to 1.
        near_duplicate_min_score_ratio: Smallest ratio of the scores of near-duplicates, from
            0 to 1.
        near_duplicate_max_syllables: Number of syllables of one window that are read.  Later
            hits are never folded.

    Raises:
        QueryError: A value is not a number or is outside of its range.
    """

    # BM25F
    k1: float = 1.2
    b: float = 0.75
    title_weight: float = 5.0
    body_weight: float = 1.0

    # Syllables and their marked forms
    typed_share: float = 0.5
    restored_share: float = 0.2
    restore_diacritics: bool = True
    min_spelling_probability: float = 0.1
    max_spelling_share: float = 0.95
    max_syllables_for_frequent_spellings: int = 4
    frequent_spelling_share: float = 1 / 8

    # What counts beside syllables
    pair_weight: float = 0.5
    pair_weight_by_idf: bool = True
    expansion_weight: float = 0.5
    code_weight: float = 4.0
    number_weight: float = 0.5
    title_match_weight: float = 1.0
    title_match_min_share: float = 0.25

    # Which words are looked up
    drop_question_words: bool = True

    # Documents like an example
    like_max_terms: int = 60
    like_k3: float = 8.0
    like_pair_weight: float = 1.0
    like_syllable_weight: float = 0.4
    like_code_weight: float = 6.0
    like_max_postings: int = 1 << 21

    # Near-duplicates
    near_duplicate_window: int = 50
    near_duplicate_min_jaccard: float = 0.8
    near_duplicate_min_length_ratio: float = 0.9
    near_duplicate_min_score_ratio: float = 0.97
    near_duplicate_max_syllables: int = 1 << 18

    def __post_init__(self) -> None:
        """Check the type and the range of every value."""
        for field in fields(self):
            _check(field.name, getattr(self, field.name), str(field.type))
        if not self.title_weight and not self.body_weight:
            raise QueryError("title_weight and body_weight must not both be 0")

    @cached_property
    def field_weights(self) -> dict[str, float]:
        """Return the weight of each field by its name."""
        return {"title": self.title_weight, "body": self.body_weight}


_MAXIMA: Final = {
    "b": 1.0,
    "typed_share": 1.0,
    "restored_share": 1.0,
    "min_spelling_probability": 1.0,
    "max_spelling_share": 1.0,
    "frequent_spelling_share": 1.0,
    "title_match_min_share": 1.0,
    "near_duplicate_window": MAX_NEAR_DUPLICATE_WINDOW_HITS,
    "near_duplicate_min_jaccard": 1.0,
    "near_duplicate_min_length_ratio": 1.0,
    "near_duplicate_min_score_ratio": 1.0,
}
"""The largest value of each field that has one; the smallest is 0, or 1 for a window."""

_MINIMA: Final = {"near_duplicate_window": 1}
_POSITIVE: Final = frozenset({"k1", "like_k3"})
"""Fields that a frequency of 0 would be divided by."""


def _check(name: str, value: object, kind: str) -> None:
    """Raise QueryError unless a value has the type and the range of its field.

    Args:
        name: Name of the field.
        value: Its value.
        kind: Its annotation: "bool", "int" or "float".
    """
    if kind == "bool":
        if not isinstance(value, bool):
            raise QueryError(f"{name} must be True or False, not {value!r}")
        return
    types = (int,) if kind == "int" else (int, float)
    if not isinstance(value, types) or isinstance(value, bool) or not math.isfinite(value):
        wanted = "a whole number" if kind == "int" else "a finite number"
        raise QueryError(f"{name} must be {wanted}, not {value!r}")
    if name in _POSITIVE and value <= 0:
        raise QueryError(f"{name} must be more than 0, not {value!r}")
    minimum, maximum = _MINIMA.get(name, 0), _MAXIMA.get(name, math.inf)
    if not minimum <= value <= maximum:
        limits = f"{minimum} or more" if maximum == math.inf else f"{minimum} to {maximum:g}"
        raise QueryError(f"{name} must be {limits}, not {value!r}")


DEFAULT_RANKING: Final = RankingModel()
"""The ranking of an index that was opened without another model."""
