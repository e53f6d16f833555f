"""Select the candidates of a body to show, by what their text says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from itertools import pairwise
from typing import Final

from searchidx.search.snippets.body import Body
from searchidx.search.snippets.candidates import FragmentCandidate
from searchidx.search.snippets.highlight_terms import HighlightTerms
from searchidx.search.snippets.layout import MAX_HEADING_CODE_POINTS, is_low_content
from searchidx.units import SentenceNumber

_LOW_CONTENT_FACTOR: Final = 0.5
"""The factor of the score of a heading, a caption or a row of a table."""
_TITLE_LINE_FACTOR: Final = 1e-6
"""The factor of the score of the title's own line, which is shown beside the passages."""
_REPEATED_FORM_SHARE: Final = 0.5
"""The share of its score that a further passage keeps if it shows no new form."""
_MIN_REPEATED_SCORE_SHARE: Final = 0.35
"""The least score of a further passage without new forms, as a share of the best one's."""
_MAX_COMMON_BIGRAM_SHARE: Final = 0.5
"""Two passages are similar if they share more than this part of the shorter one's bigrams."""


def select_fragments(
    body: Body,
    candidates: Iterable[FragmentCandidate],
    terms: HighlightTerms,
    length: int,
    count: int,
) -> list[FragmentCandidate]:
    """Select the fragments to show, the best first.

    Args:
        body: The body.
        candidates: The candidates of the body, at least one, by descending score.
        terms: The terms that were found.
        length: The length of all passages together, in code points.
        count: The number of passages, at most `length`.  They share the length equally.

    Returns:
        One to `count` candidates, each with its window and its final score.
    """
    share = length // count
    evaluate: Callable[[FragmentCandidate], FragmentCandidate]
    evaluate = partial(_evaluate, body, share, length)
    if count == 1:
        return [_select_best(candidates, evaluate)]
    # A candidate may be considered for each further passage, but is read once.
    candidates, evaluate = list(candidates), cache(evaluate)
    selected = [_select_best(candidates, evaluate)]
    while len(selected) < count:
        further = _select_further(body, candidates, selected, terms, share, evaluate)
        if further is None:
            break
        selected.append(further)
    return selected


def _select_best(
    candidates: Iterable[FragmentCandidate],
    evaluate: Callable[[FragmentCandidate], FragmentCandidate],
) -> FragmentCandidate:
    """Return the candidate with the best score after its text was read.

    Args:
        candidates: The candidates of the body, at least one, by descending score.
        evaluate: Reads the text of a candidate and corrects its score.
    """
    best: FragmentCandidate | None = None
    for candidate in candidates:
        # Of equal scores the first in the text wins.  A candidate that was overrated by its
        # numbers may stand before it, so that candidates of equal score are still read.
        rank = candidate.score, -candidate.first_match
        if best is not None and rank <= (best.score, -best.first_match):
            break
        evaluated = evaluate(candidate)
        rank = evaluated.score, -evaluated.first_match
        if best is None or rank > (best.score, -best.first_match):
            best = evaluated
    assert best is not None  # there are candidates
    return best


def _evaluate(
    body: Body, share: int, length: int, candidate: FragmentCandidate
) -> FragmentCandidate:
    """Read the text of a candidate and correct its score accordingly.

    Args:
        body: The body.
        share: The length of a passage in code points.
        length: The length of all passages together.
        candidate: The candidate.

    Returns:
        The candidate with its window, if it fits or is short, and with a lower score if it is
        a heading or the like.
    """
    offsets = body.landmark_offsets
    begin, end = offsets[candidate.sentence], offsets[candidate.next_sentence]
    is_long = end - begin > max(share, MAX_HEADING_CODE_POINTS)
    if is_long and not body.may_repeat_title(begin, end):
        return candidate
    margin = max(0, length - (end - begin))
    window = body.window(candidate.sentence, candidate.next_sentence, margin)
    text, sentences, first = window.text, window.sentences, window.first
    last: int = first
    if candidate.stop > candidate.next_sentence:
        # It needs the sentences after it: as many as stand on its line or continue it.
        start, stop = sentences[first][0], offsets[candidate.stop] - window.base
        while last + 1 < len(sentences) and sentences[last + 1][0] < stop:
            if sentences[last + 1][1] - start > share or not window.continues_in_next(last):
                last = first
                break
            last += 1
        if last == first:
            candidate = candidate.without_further_sentences()
        else:
            window = window._replace(last=SentenceNumber(last))
    score = candidate.score
    if body.repeats_title(window, first):
        score *= _TITLE_LINE_FACTOR
    elif is_long:
        return candidate
    elif all(is_low_content(text, *sentences[n]) for n in range(first, last + 1)):
        score *= _LOW_CONTENT_FACTOR
    # `_replace` takes several times as long.
    return FragmentCandidate(score, *candidate[1:-1], window)


def _select_further(
    body: Body,
    candidates: Sequence[FragmentCandidate],
    selected: Sequence[FragmentCandidate],
    terms: HighlightTerms,
    share: int,
    evaluate: Callable[[FragmentCandidate], FragmentCandidate],
) -> FragmentCandidate | None:
    """Return the candidate that adds most to the selected ones, if it is worth showing.

    Args:
        body: The body.
        candidates: The candidates of the body.
        selected: The candidates that are selected already, the best first.
        terms: The terms that were found.
        share: The length of a passage in code points.
        evaluate: Reads the text of a candidate and corrects its score.
    """
    forms, weights = body.forms, terms.form_weights
    shown = {form for each in selected for form in forms[each.first_match : each.stop_match]}

    def novelty(candidate: FragmentCandidate) -> float:
        """Return the share of a candidate's score that counts: more for new forms."""
        own = set(forms[candidate.first_match : candidate.stop_match])
        total = sum(map(weights.__getitem__, own))
        new = sum(map(weights.__getitem__, own - shown))
        if not total:
            return 0.0
        return _REPEATED_FORM_SHARE + (1 - _REPEATED_FORM_SHARE) * new / total

    least = _MIN_REPEATED_SCORE_SHARE * selected[0].score
    selected_words = [folded_words(_text(body, each, share)) for each in selected]
    best: FragmentCandidate | None = None
    bounds = ((candidate.score * novelty(candidate), candidate) for candidate in candidates)
    for bound, candidate in sorted(bounds, key=lambda pair: -pair[0]):
        if best is not None and bound <= best.score:
            break
        sentence = candidate.without_further_sentences()
        if any(_may_overlap(body, sentence, each, share) for each in selected):
            continue
        evaluated = evaluate(candidate)
        if any(_may_overlap(body, evaluated, each, share) for each in selected):
            evaluated = evaluate(sentence)
        counted = novelty(evaluated)
        evaluated = evaluated._replace(score=evaluated.score * counted)
        floor = _TITLE_LINE_FACTOR * selected[0].score
        if evaluated.score <= max(floor, best.score if best else 0.0):
            continue
        if counted == _REPEATED_FORM_SHARE and evaluated.score <= least:
            continue
        words = folded_words(_text(body, evaluated, share))
        if not any(are_similar(words, others) for others in selected_words):
            best = evaluated
    return best


def _may_overlap(
    body: Body, first: FragmentCandidate, second: FragmentCandidate, share: int
) -> bool:
    """Return whether the passages of two candidates may share text.

    Args:
        body: The body.
        first: A candidate.
        second: Another candidate.
        share: The length of a passage in code points.
    """
    if max(first.sentence, second.sentence) >= min(first.stop, second.stop):
        return False
    if first.sentence != second.sentence:
        return True
    # Two parts of one long sentence do not overlap if at least `share` syllables lie between
    # them: a syllable takes more than one code point.
    if second.first_match < first.first_match:
        first, second = second, first
    positions = body.positions
    gap = positions[second.first_match] - positions[first.sentence_stop_match - 1]
    return gap < share


def _text(body: Body, candidate: FragmentCandidate, share: int) -> str:
    """Return the text that a candidate shows at least, or an estimate of it.

    Args:
        body: The body.
        candidate: The candidate.
        share: The length of a passage in code points.
    """
    window = candidate.window
    if window is not None:
        start, end = window.passage
        return window.text[start:end]
    begin = body.estimate_offset(body.positions[candidate.first_match])
    end_of_sentence = body.landmark_offsets[candidate.next_sentence]
    return body.text(begin, min(begin + share, end_of_sentence))


def folded_words(text: str) -> list[str]:
    """Return the case-folded words of a text, without its white space."""
    return text.casefold().split()


def are_similar(first: Sequence[str], second: Sequence[str]) -> bool:
    """Return whether two passages say mostly the same.

    They do if one contains the other, or if they share most bigrams of the shorter one.

    Args:
        first: The words of a passage (`folded_words`).
        second: The words of another one.
    """
    text, other_text = " ".join(first), " ".join(second)
    if text in other_text or other_text in text:
        return True
    bigrams, other_bigrams = set(pairwise(first)), set(pairwise(second))
    shorter = min(len(bigrams), len(other_bigrams))
    return len(bigrams & other_bigrams) > _MAX_COMMON_BIGRAM_SHARE * shorter
