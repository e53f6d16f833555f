"""Define the terms to highlight, and find them in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final

from searchidx.language.character_classes import CLAUSE_DASHES
from searchidx.language.syllable_forms import has_marks, marked
from searchidx.language.tokenizer import SyllableTokens, split_syllables, tokenize_syllables
from searchidx.units import FormNumber, Position, Span

_DEFAULT_FORM_WEIGHT: Final = 0.5
"""The weight of a form that has none in `weights` or `phrase_weights`, in units of idf."""
# Two words of one highlight may have between them: white space, a hyphen or a stroke, or a
# character inside a number or a code.
_JOINT: Final = re.compile(rf"\s*+[/{CLAUSE_DASHES}]?\s*+|[.’']")
_MAX_JOINT_CODE_POINTS: Final = 8


@dataclass(frozen=True)
class HighlightTerms:
    """The forms of syllables to highlight in a text.

    Attributes:
        weights: The weight of each form: its idf in the index.
        exact: Whether the forms are marked forms; otherwise they are folded forms.
        pairs: Forms that stand side by side in the query.
        typed_spellings: The marked forms that were typed of a folded form.  A form without
            an entry matches any spelling.
        phrases: Folded forms that match only where they stand side by side in this order.
        phrase_weights: The weight of each form of `phrases` that is not in `weights`.
    """

    weights: Mapping[str, float]
    exact: bool = False
    pairs: frozenset[tuple[str, str]] = frozenset()
    typed_spellings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    phrases: tuple[tuple[str, ...], ...] = ()
    phrase_weights: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def form_numbers(self) -> dict[str, FormNumber]:
        """Return the number of each form: those of `weights` first, then those of `phrases`."""
        forms = dict.fromkeys(self.weights)
        forms.update(dict.fromkeys(form for phrase in self.phrases for form in phrase))
        return {form: FormNumber(number) for number, form in enumerate(forms)}

    @cached_property
    def form_weights(self) -> list[float]:
        """Return the weight of each form, by its number."""
        weights = {**self.phrase_weights, **self.weights}
        return [weights.get(form, _DEFAULT_FORM_WEIGHT) for form in self.form_numbers]

    @cached_property
    def adjacent_forms(self) -> frozenset[tuple[FormNumber, FormNumber]]:
        """Return `pairs` as form numbers."""
        numbers = self.form_numbers
        return frozenset(
            (numbers[first], numbers[second])
            for first, second in self.pairs
            if first in numbers and second in numbers
        )

    @cached_property
    def joined_forms(self) -> frozenset[tuple[FormNumber, FormNumber]]:
        """Return the pairs of forms that are one highlight where they stand side by side."""
        numbers = self.form_numbers
        return self.adjacent_forms | {
            (numbers[first], numbers[second])
            for phrase in self.phrases
            for first, second in pairwise(phrase)
        }

    def compared_forms(self, tokens: SyllableTokens) -> list[str]:
        """Return the form of each syllable in which it is compared with `weights`."""
        return tokens.marked if self.exact else tokens.folded

    def matching_positions(
        self, tokens: SyllableTokens, other: SyllableTokens | None = None
    ) -> list[Position]:
        """Return the positions of the syllables that match, ascending.

        A syllable that was typed with marks matches these marks, and in a document without
        any marks the syllable without them.  Other marks match only in a document that has
        no other match: that document was found by its letters alone.

        Args:
            tokens: The syllables of a text.
            other: Those of the other text of its document: of the body for a title.
        """
        weights = self.weights
        forms = self.compared_forms(tokens)
        found = [Position(n) for n, form in enumerate(forms) if form in weights]
        if self.typed_spellings:
            texts = [tokens] if other is None else [tokens, other]
            is_unmarked = not any(has_marks(s) for text in texts for s in text.surfaces)
            if any(self._proper_matches(text, is_unmarked) for text in texts):
                found = self._proper_matches(tokens, is_unmarked)
        if not self.phrases:
            return found
        return sorted({*found, *self._phrase_positions(tokens.folded)})

    def _proper_matches(self, tokens: SyllableTokens, is_unmarked: bool) -> list[Position]:
        """Return the positions of the syllables that are spelled as typed.

        Args:
            tokens: The syllables of a text.
            is_unmarked: Whether its document has no marks at all.
        """
        forms = self.compared_forms(tokens)
        return [
            Position(n)
            for n, (form, surface) in enumerate(zip(forms, tokens.surfaces, strict=True))
            if form in self.weights
            and (
                is_unmarked
                or (typed := self.typed_spellings.get(form)) is None
                or marked(surface) in typed
            )
        ]

    def _phrase_positions(self, folded: list[str]) -> Iterator[Position]:
        """Yield the positions of the syllables of `phrases`."""
        by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in self.phrases:
            by_first.setdefault(phrase[0], []).append(phrase)
        for start, form in enumerate(folded):
            for phrase in by_first.get(form, ()):
                if tuple(folded[start : start + len(phrase)]) == phrase:
                    yield from map(Position, range(start, start + len(phrase)))


def find_highlights(text: str, terms: HighlightTerms) -> tuple[Span, ...]:
    """Find the highlights in a text.

    Returns:
        Ranges of the text, ascending; the words of a phrase are one range.
    """
    tokens = tokenize_syllables(text)
    positions = terms.matching_positions(tokens)
    compared, numbers = terms.compared_forms(tokens), terms.form_numbers
    no_form = FormNumber(-1)
    forms = [
        numbers.get(compared[position], numbers.get(tokens.folded[position], no_form))
        for position in positions
    ]
    spans = ((tokens.starts[position], tokens.ends[position]) for position in positions)
    return join_phrase_spans(text, spans, positions, forms, terms)


def highlights_at_positions(
    text: str, positions: Sequence[Position], forms: Sequence[FormNumber], terms: HighlightTerms
) -> tuple[Span, ...]:
    """Turn the positions of matches in a text into highlights.

    Args:
        text: The text.
        positions: The positions of the matches, ascending.
        forms: The number of the form of each match in `terms`.
        terms: The terms to highlight.
    """
    if not positions:
        return ()
    _, starts, ends = split_syllables(text)
    spans = ((starts[position], ends[position]) for position in positions)
    return join_phrase_spans(text, spans, positions, forms, terms)


def join_phrase_spans(
    text: str,
    spans: Iterable[Span],
    positions: Sequence[Position],
    forms: Sequence[FormNumber],
    terms: HighlightTerms,
) -> tuple[Span, ...]:
    """Join the matches of a phrase into one highlight.

    Two matches are one highlight if their syllables are adjacent in the text, and also in the
    query or in an abbreviation's other form.  Nothing may stand between them in the text but
    white space, or a character such as the stroke of a code.

    Args:
        text: The text of the matches.
        spans: The range of each match in the text, ascending.
        positions: The position of each match.
        forms: The number of the form of each match in `terms`.
        terms: The terms to highlight.
    """
    highlights: list[Span] = []
    joined_forms = terms.joined_forms
    previous_position = previous_form = -2
    for (start, end), position, form in zip(spans, positions, forms, strict=True):
        if position == previous_position + 1 and (previous_form, form) in joined_forms:
            first, stop = highlights[-1]
            if text[stop:start] == " " or (
                start - stop <= _MAX_JOINT_CODE_POINTS and _JOINT.fullmatch(text, stop, start)
            ):
                highlights[-1] = first, end
                previous_position, previous_form = position, form
                continue
        highlights.append((start, end))
        previous_position, previous_form = position, form
    return tuple(highlights)
