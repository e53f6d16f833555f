"""Misspelt words of a query, corrected by the index's own vocabulary.

A noisy channel (Kernighan, Church and Gale, *A spelling correction program based on a noisy
channel model*, 1990) over the words of the query together: what was meant is the sequence
that makes the most of

    how likely its words follow each other in the index  ×  e^(-cost of each slip)

with the slips of `searchidx.search.suggest.edit_distance`, spaces that were left out (``quanly``) and spaces
too many (``nghi qu yet``).  The probabilities are those of `searchidx.search.rewrite.diacritics`,
of folded syllables.  A word that stands in the index beside both of its neighbours is taken
as it is, so that little is looked for in most queries.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import Float64Array, UInt8Array, UInt32Array
from searchidx.search.rewrite.diacritics import PRIOR, viterbi
from searchidx.search.suggest.edit_distance import (
    DOUBLED_LETTER_COST,
    EASY_SLIP_COST,
    edit_distances,
)
from searchidx.store import (
    MAX_SYLLABLE_LETTERS,
    AsciiSyllables,
    Reader,
    SyllableCounts,
    SyllableVocabulary,
    letter_bitmasks,
)

MOST_WORDS: Final = 24
"""How many words of a query are looked at."""
SURE: Final = 100.0
"""How many times as likely as what was typed a change of a word must be that the index has."""
_RATE: Final = 6.0
"""What a slip of cost 1 takes from the logarithm of a sequence's probability."""
_SPACE: Final = 0.5
"""The cost of a space left out, or one too many."""
_SHORTEST: Final = 3
"""Words of fewer letters are as like as not parts of codes, and near to too much."""
_SHORTEST_ALONE: Final = 4
"""Of fewer letters, with nothing beside it to tell, a word is near to too much as well."""
_SLIP_OF_TEXTS: Final = 1_000
"""Texts have slips, too: of a space left out, this many times as many documents have it."""
_MOST_COST: Final = {7: 1.0, MAX_SYLLABLE_LETTERS: 2.0}
"""What all slips of a word may cost, for words of up to so many letters."""
_MOST_NEAR: Final = 16
"""How many words near to one that was typed are considered."""
_RARE: Final = 5
"""A query of one word is looked at if fewer documents have it."""
_COMMON: Final = 50
"""Two words are common if they would be in so many documents together by chance."""
_UNSEEN: Final = 0.001
"""As how many documents a word counts that none has."""
_LONGEST_JOINED: Final = 48
_LONGEST_SYLLABLE: Final = 7


@dataclass(frozen=True, slots=True)
class SpellingCorrection:
    """What may have been meant.

    Attributes:
        words: For each word that was typed the folded syllables meant: itself alone where
            nothing is wrong with it, several where spaces were left out, none where it is
            part of the word before.
    """

    words: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Options:
    """What a word may have been meant as.

    Attributes:
        words: For each option its words, as those of `SpellingCorrection`.
        firsts, lasts: For each option the first of its words and the last; the last of one
            that is part of the word before is that of this word.
        weights: What slips, and words within an option among each other, take from its
            probability, float64, shape (options,).
        takes_next: Whether the next word is a part of them.
    """

    words: Sequence[tuple[str, ...]]
    firsts: SyllableCounts
    lasts: SyllableCounts
    weights: Float64Array
    takes_next: bool = False

    @classmethod
    def one(
        cls,
        words: tuple[str, ...],
        first: SyllableCounts,
        last: SyllableCounts,
        weight: float,
        *,
        takes_next: bool = False,
    ) -> _Options:
        """A single one."""
        return cls((words,), first, last, np.array([weight]), takes_next)


def correct_spelling(
    reader: Reader,
    words: Sequence[str],
    verbatim: Sequence[bool] = (),
    apart: Sequence[bool] = (),
) -> SpellingCorrection | None:
    """What was meant by words that may be misspelt; None if nothing else is likelier.

    Args:
        reader: The commit whose texts tell.
        words: Folded syllables that stand one behind the other.
        verbatim: For each whether it is meant as typed, whatever the index has; it tells of
            its neighbours all the same.  None is unless given.
        apart: For each whether more than white space stands before it, so that it is no part
            of the word before.  None is unless given.

    Raises:
        IndexDamagedError: The index is not what was written.
    """
    if not reader.size or not words:
        return None
    vocabulary = reader.vocabulary
    typed = [vocabulary.look_up("folded", word) for word in words[:MOST_WORDS]]
    beside = [
        int(counts[0, 0]) for counts in vocabulary.pair_counts(list(itertools.pairwise(typed)))
    ]
    doubtful = _doubtful([int(forms.counts[0]) for forms in typed], beside, reader.size)
    if len(words) == 1 and len(words[0]) < _SHORTEST_ALONE:
        doubtful = [False]
    sure = [*verbatim[: len(typed)], *[False] * (len(typed) - len(verbatim))]
    doubtful = [doubt and not as_typed for doubt, as_typed in zip(doubtful, sure, strict=True)]
    if not any(doubtful):
        return None
    all_words = vocabulary.words()
    options = [
        [_Options.one(forms.forms, forms, forms, SURE if forms.counts[0] else 1.0)]
        for forms in typed
    ]
    for place, forms in enumerate(typed):
        if doubtful[place]:
            options[place] += _near(all_words, forms.forms[0])
            split, together = _split(vocabulary, forms.forms[0], reader.size)
            options[place] += split
            if _SLIP_OF_TEXTS * forms.counts[0] < together:
                options[place][0].weights[:] = 1.0
    for place, count in enumerate(beside):
        if sure[place] or sure[place + 1] or any(apart[place + 1 : place + 2]):
            continue
        if not count and (doubtful[place] or doubtful[place + 1]):
            _join(vocabulary, typed, options, place)
    path = _best(vocabulary, options, reader.size)
    if not any(path):
        return None
    found = tuple(
        [words for group in groups for words in group.words][at]
        for groups, at in zip(options, path, strict=True)
    )
    return SpellingCorrection(found + tuple((word,) for word in words[MOST_WORDS:]))


def _doubtful(counts: Sequence[int], beside: Sequence[int], documents: int) -> list[bool]:
    """Which words may not be what was meant.

    Those that the index does not have, those that stand in it beside no neighbour, and those
    that do not stand beside one where both are so common that this tells something.  A
    neighbour that the index does not have tells nothing.

    Args:
        counts: How many documents have each word.
        beside: How many have each directly before the next.
        documents: How many there are.
    """
    if len(counts) == 1:
        return [counts[0] < _RARE]
    doubtful = []
    for place, count in enumerate(counts):
        sides = [
            (beside[min(place, other)], counts[other])
            for other in (place - 1, place + 1)
            if 0 <= other < len(counts) and counts[other]
        ]
        apart = [other for together, other in sides if not together]
        doubtful.append(
            not count
            or (bool(sides) and len(apart) == len(sides))
            or any(count * other > _COMMON * documents for other in apart)
        )
    return doubtful


def _near(known: AsciiSyllables, word: str) -> list[_Options]:
    """Words of the index at a small distance from one that was typed."""
    if not (
        word.isascii() and word.isalpha() and _SHORTEST <= len(word) <= MAX_SYLLABLE_LETTERS
    ):
        return []
    most = next(cost for letters, cost in _MOST_COST.items() if len(word) <= letters)
    typed = np.frombuffer(word.encode(), np.uint8)
    # Of the letters that two words have and have not, one letter for another changes two.
    other = np.bitwise_xor(known.alphabets, letter_bitmasks(typed[None, :])[0])
    candidates = np.flatnonzero(
        (np.abs(known.lengths - len(word)) <= most / DOUBLED_LETTER_COST)
        & (_ones(other) <= 2 * most / EASY_SLIP_COST)
    )
    longest = min(len(word) + int(most / DOUBLED_LETTER_COST) + 1, MAX_SYLLABLE_LETTERS)
    costs = edit_distances(word.encode(), known.letters[candidates, :longest])
    close = np.flatnonzero((costs <= most) & (costs > 0))
    places, weights = candidates[close], np.exp(-_RATE * costs[close])
    order = np.argsort(-weights * known.counts[places], kind="stable")[:_MOST_NEAR]
    found = known.forms(places[order])
    return [_Options([(form,) for form in found.forms], found, found, weights[order])]


def _ones(bits: UInt32Array) -> UInt8Array:
    """How many bits of each number are set."""
    counts: UInt8Array = _ONES[bits.view(np.uint8).reshape(-1, 4)].sum(axis=1, dtype=np.uint8)
    return counts


_ONES: Final = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(
    axis=1, dtype=np.uint8
)


def _split(
    vocabulary: SyllableVocabulary, word: str, documents: int
) -> tuple[list[_Options], int]:
    """The likeliest syllables that a word without its spaces may be made of.

    Returns:
        The option, if there is one, and how many documents have two of them side by side,
        of those that have the fewest; 0 without one.
    """
    if not (word.isascii() and word.isalpha() and 3 < len(word) <= _LONGEST_JOINED):
        return [], 0
    pieces: dict[tuple[int, int], SyllableCounts] = {}
    for start in range(len(word)):
        for end in range(start + 1, min(len(word), start + _LONGEST_SYLLABLE) + 1):
            forms = vocabulary.look_up("folded", word[start:end])
            if forms.counts[0]:
                pieces[start, end] = forms
    beginning: dict[int, list[tuple[int, int]]] = {}
    for piece in pieces:
        beginning.setdefault(piece[0], []).append(piece)
    joins = [(one, two) for one in pieces for two in beginning.get(one[1], ())]
    counts = vocabulary.pair_counts([(pieces[one], pieces[two]) for one, two in joins])
    # The best way to reach the end of each piece; pieces ascend by where they begin.
    best: dict[tuple[int, int], tuple[float, tuple[tuple[int, int], ...]]] = {
        piece: (float(forms.counts[0]) / documents, (piece,))
        for piece, forms in pieces.items()
        if piece[0] == 0
    }
    for (one, two), count in zip(joins, counts, strict=True):
        if one not in best or not count[0, 0]:
            continue
        weight = best[one][0] * float(count[0, 0]) / (float(pieces[one].counts[0]) + PRIOR)
        if two not in best or weight > best[two][0]:
            best[two] = weight, (*best[one][1], two)
    whole = [way for piece, way in best.items() if piece[0] > 0 and piece[1] == len(word)]
    if not whole:
        return [], 0
    weight, path = max(whole)
    first, last = pieces[path[0]], pieces[path[-1]]
    # The first piece's own probability is that of the step to it.  Who leaves out spaces
    # leaves out all of them: it costs as much as one.
    weight *= math.exp(-_RATE * _SPACE) * documents / float(first.counts[0])
    words = tuple(word[slice(*piece)] for piece in path)
    together = {join: int(count[0, 0]) for join, count in zip(joins, counts, strict=True)}
    fewest = min(together[pair] for pair in itertools.pairwise(path))
    return [_Options.one(words, first, last, weight)], fewest


def _join(
    vocabulary: SyllableVocabulary,
    typed: Sequence[SyllableCounts],
    options: list[list[_Options]],
    place: int,
) -> None:
    """Adds that a word and the next one are one, if the index has that; not two numbers."""
    two = typed[place].forms[0], typed[place + 1].forms[0]
    whole = vocabulary.look_up("folded", "".join(two))
    if whole.counts[0] and all(map(str.isalpha, two)):
        weight = math.exp(-_RATE * _SPACE)
        options[place].append(_Options.one(whole.forms, whole, whole, weight, takes_next=True))
        options[place + 1].append(_Options.one((), whole, whole, 1.0))


def _best(
    vocabulary: SyllableVocabulary, options: Sequence[Sequence[_Options]], documents: int
) -> list[int]:
    """The likeliest option of each word."""
    firsts = [SyllableCounts.of([group.firsts for group in groups]) for groups in options]
    lasts = [SyllableCounts.of([group.lasts for group in groups]) for groups in options]
    weights = [np.concatenate([group.weights for group in groups]) for groups in options]
    takes = [
        np.repeat([group.takes_next for group in groups], [len(g.words) for g in groups])
        for groups in options
    ]
    taken = [
        np.array([not words for group in groups for words in group.words]) for groups in options
    ]
    counts = vocabulary.pair_counts(list(zip(lasts, firsts[1:], strict=False)))
    chances = [np.maximum(forms.counts, _UNSEEN) / documents for forms in firsts]
    steps = []
    for place, found in enumerate(counts):
        step = (found + PRIOR * chances[place + 1]) / (lasts[place].counts[:, None] + PRIOR)
        # What is part of the word before costs nothing, and stands behind nothing else.
        of_two, second = takes[place][:, None], taken[place + 1]
        if of_two.any() or second.any():
            step = np.where(of_two | second, of_two & second, step)
        steps.append(step * weights[place + 1])
    return viterbi(chances[0] * weights[0] * ~taken[0], steps)[0]
