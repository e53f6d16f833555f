"""What of a text is looked for, and where it stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final

from searchidx.language.syllable_forms import has_marks, marked
from searchidx.language.tokenizer import SyllableTokens, split_syllables, tokenize_syllables
from searchidx.units import Span

_UNTYPED: Final = 0.5
"""The worth of a word that was not typed and of which nothing else is known."""
# What may stand between two words of one highlight: white space, a hyphen or stroke, or a
# sign inside a number or a code.
_JOINT: Final = re.compile(r"\s*+[-–—/]?\s*+|[.’']")
_LONGEST_JOINT: Final = 8


@dataclass(frozen=True)
class HighlightTerms:
    """What is looked for in a text.

    Attributes:
        weights: The worth of each form of a syllable: its idf in the index.
        exact: Whether the forms are marked ones; else they are folded.
        pairs: Forms that were typed side by side.
        typed: The marked forms that were typed for a folded one, where marks were.
        phrases: Folded forms that are looked for where they stand side by side.
        untyped: The worth of forms of `phrases` that are not in `weights`.
    """

    weights: Mapping[str, float]
    exact: bool = False
    pairs: frozenset[tuple[str, str]] = frozenset()
    typed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    phrases: tuple[tuple[str, ...], ...] = ()
    untyped: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """All forms that are looked for, those of `phrases` last, each with its number."""
        forms = dict.fromkeys(self.weights)
        forms.update(dict.fromkeys(form for phrase in self.phrases for form in phrase))
        return {form: number for number, form in enumerate(forms)}

    @cached_property
    def worths(self) -> list[float]:
        """The worth of each number."""
        worths = {**self.untyped, **self.weights}
        return [worths.get(form, _UNTYPED) for form in self.numbers]

    @cached_property
    def adjacent(self) -> frozenset[tuple[int, int]]:
        """`pairs` by their numbers."""
        numbers = self.numbers
        return frozenset(
            (numbers[one], numbers[two])
            for one, two in self.pairs
            if one in numbers and two in numbers
        )

    @cached_property
    def joined(self) -> frozenset[tuple[int, int]]:
        """The numbers of forms that are one highlight where they stand side by side."""
        numbers = self.numbers
        return self.adjacent | {
            (numbers[one], numbers[two])
            for phrase in self.phrases
            for one, two in pairwise(phrase)
        }

    def forms(self, tokens: SyllableTokens) -> list[str]:
        """The form of each syllable that is compared with `weights`."""
        return tokens.marked if self.exact else tokens.folded

    def found(self, tokens: SyllableTokens) -> list[int]:
        """The positions of the syllables that are looked for, ascending.

        A syllable that was typed with marks is found in every spelling of it, without
        marks included; other syllables of the same letters are found only in a text that
        has no spelling of it at all, which then matches by its letters alone.
        """
        weights = self.weights
        forms = self.forms(tokens)
        found = [at for at, form in enumerate(forms) if form in weights]
        found = self._only_spelled(tokens, forms, found) if self.typed else found
        if not self.phrases:
            return found
        return sorted({*found, *self._in_phrases(tokens.folded)})

    def _in_phrases(self, folded: list[str]) -> Iterator[int]:
        """The positions of the syllables of `phrases`."""
        by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in self.phrases:
            by_first.setdefault(phrase[0], []).append(phrase)
        for at, form in enumerate(folded):
            for phrase in by_first.get(form, ()):
                if tuple(folded[at : at + len(phrase)]) == phrase:
                    yield from range(at, at + len(phrase))

    def _only_spelled(
        self, tokens: SyllableTokens, forms: list[str], found: list[int]
    ) -> list[int]:
        """Those of `found` that are spelled as typed, where the text spells them so."""
        surfaces = tokens.surfaces
        spelled = {
            at
            for at in found
            if (typed := self.typed.get(forms[at])) is not None
            and (marked(surfaces[at]) in typed or not has_marks(surfaces[at]))
        }
        settled = {forms[at] for at in spelled}
        return [at for at in found if at in spelled or forms[at] not in settled]


def find_highlights(text: str, terms: HighlightTerms) -> tuple[Span, ...]:
    """What of `text` is looked for, as half-open code-point ranges; a phrase is one."""
    tokens = tokenize_syllables(text)
    found = terms.found(tokens)
    compared, numbers = terms.forms(tokens), terms.numbers
    forms = [numbers.get(compared[at], numbers.get(tokens.folded[at], -1)) for at in found]
    spans = ((tokens.starts[at], tokens.ends[at]) for at in found)
    return join_phrase_spans(text, spans, found, forms, terms)


def highlights_at_positions(
    text: str, positions: Sequence[int], forms: Sequence[int], terms: HighlightTerms
) -> tuple[Span, ...]:
    """The places of matches in a text, given their places among its syllables.

    Args:
        text: The text.
        positions: The syllables that match, ascending.
        forms: Which form of the terms each is, by its number there.
        terms: What is looked for.
    """
    if not positions:
        return ()
    _, starts, ends = split_syllables(text)
    spans = ((starts[at], ends[at]) for at in positions)
    return join_phrase_spans(text, spans, positions, forms, terms)


def join_phrase_spans(
    text: str,
    spans: Iterable[Span],
    positions: Sequence[int],
    forms: Sequence[int],
    terms: HighlightTerms,
) -> tuple[Span, ...]:
    """The places of matches, those of a phrase as one.

    Matches are one where their syllables follow each other as they do in the query, or in
    an abbreviation's other form, and nothing but white space or a sign such as the stroke
    of a code is between them.

    Args:
        text: The text that they are in.
        spans: Where each match stands in it, ascending.
        positions: The place of each among the syllables.
        forms: Which form of the terms each is, by its number there.
        terms: What is looked for.
    """
    found: list[Span] = []
    joined = terms.joined
    before = last = -2
    for (start, end), position, form in zip(spans, positions, forms, strict=True):
        if position == before + 1 and (last, form) in joined:
            begin, stop = found[-1]
            if text[stop:start] == " " or (
                start - stop <= _LONGEST_JOINT and _JOINT.fullmatch(text, stop, start)
            ):
                found[-1] = begin, end
                before, last = position, form
                continue
        found.append((start, end))
        before, last = position, form
    return tuple(found)
