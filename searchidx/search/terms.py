"""What of a text is looked for, and where it stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from searchidx.language.forms import has_marks, marked
from searchidx.language.tokens import Tokens, tokenize

_UNTYPED: Final = 0.5
"""The worth of a word of an abbreviation's other form; a typed word has its idf."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Terms:
    """What is looked for in a text.

    Attributes:
        weights: The worth of each form of a syllable: its idf in the index.
        exact: Whether the forms are marked ones; else they are folded.
        pairs: Forms that were typed side by side.
        typed: The marked forms that were typed for a folded one, where marks were.
        phrases: Folded forms that are looked for where they stand side by side.
    """

    weights: Mapping[str, float]
    exact: bool = False
    pairs: frozenset[tuple[str, str]] = frozenset()
    typed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    phrases: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def numbers(self) -> dict[str, int]:
        """All forms that are looked for, those of `phrases` last, each with its number."""
        forms = dict.fromkeys(self.weights)
        forms.update(dict.fromkeys(form for phrase in self.phrases for form in phrase))
        return {form: number for number, form in enumerate(forms)}

    @cached_property
    def worths(self) -> list[float]:
        """The worth of each number; that of a form that was not typed is small."""
        return [self.weights.get(form, _UNTYPED) for form in self.numbers]

    @cached_property
    def adjacent(self) -> frozenset[tuple[int, int]]:
        """`pairs` by their numbers."""
        numbers = self.numbers
        return frozenset(
            (numbers[one], numbers[two])
            for one, two in self.pairs
            if one in numbers and two in numbers
        )

    def forms(self, tokens: Tokens) -> list[str]:
        """The form of each syllable that is compared with `weights`."""
        return tokens.marked if self.exact else tokens.folded

    def found(self, tokens: Tokens) -> list[int]:
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

    def _only_spelled(self, tokens: Tokens, forms: list[str], found: list[int]) -> list[int]:
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


def highlights(text: str, terms: Terms) -> tuple[Span, ...]:
    """Every word of `text` that is looked for, as half-open code-point ranges."""
    tokens = tokenize(text)
    return tuple((tokens.starts[at], tokens.ends[at]) for at in terms.found(tokens))
