"""The best place of a document for a query, with the matching words marked."""

from __future__ import annotations

import unicodedata
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from searchidx.language.forms import has_marks, marked
from searchidx.language.sentences import sentences
from searchidx.language.tokens import SYLLABLE, Tokens, tokenize

LENGTH: Final = 240
"""About how long a snippet is, in code points."""
_CONTEXT: Final = 0.25
"""The part of a snippet that may stand before the first match in a long sentence."""
_UNTYPED: Final = 0.5
"""The worth of a word of an abbreviation's other form; a typed word has its idf."""
_ADJACENT: Final = 0.5
"""What two words of the query side by side add, against the words themselves."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of a document.

    Attributes:
        text: A slice of the document's body, exactly as it stands there.
        highlights: The matching words as half-open ranges of code points of `text`,
            ascending, not overlapping.
        start: Where `text` begins in the body, in code points.
        cut_before, cut_after: Whether the passage begins or ends inside a sentence, so
            that an ellipsis is due.
    """

    text: str
    highlights: tuple[Span, ...] = ()
    start: int = 0
    cut_before: bool = False
    cut_after: bool = False


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

    def weight(self, form: str) -> float:
        """The worth of a form; that of one that was not typed is small."""
        return self.weights.get(form, _UNTYPED)

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


def make_snippet(body: str, title: str, terms: Terms, length: int = LENGTH) -> Snippet:
    """The passage of `body` that shows best why it was found.

    The passage with the most of the query's words, counted once each by their weight and
    more when they stand as typed; of equals the first.  It is whole sentences where they
    fit into `length` code points, and is otherwise cut at white space.  The title is
    shown beside a snippet, so that its own line is chosen only when nothing else matches.
    """
    tokens = tokenize(body)
    found = terms.found(tokens)
    spans = list(sentences(body))
    if not spans:
        return Snippet("")
    forms = terms.forms(tokens)
    passages = [
        (_worth(forms, inside, terms), span, inside)
        for span, matches in _by_sentence(tokens, found, spans)
        for inside in [_densest(tokens, forms, matches, terms, length)]
    ]
    shown = title.split()
    elsewhere = [p for p in passages if not _is_title(body, p[1], shown)]
    if passages:
        _, span, inside = max(elsewhere or passages, key=lambda passage: passage[0])
    else:
        span = next((span for span in spans if not _is_title(body, span, shown)), spans[0])
        inside = []
    if span[1] - span[0] > length:
        start, end = _cut(body, tokens, span, inside, length)
    else:
        start, end = _extend(body, spans, span, shown, length)
    return Snippet(
        text=body[start:end],
        highlights=tuple(
            (tokens.starts[at] - start, tokens.ends[at] - start)
            for at in found
            if tokens.starts[at] >= start and tokens.ends[at] <= end
        ),
        start=start,
        cut_before=start > span[0],
        cut_after=end < span[1],
    )


def _by_sentence(
    tokens: Tokens, found: list[int], spans: list[Span]
) -> Iterator[tuple[Span, list[int]]]:
    """The sentences that hold matches, each with the positions of its matches."""
    index = 0
    for span in spans:
        inside: list[int] = []
        while index < len(found) and tokens.starts[found[index]] < span[1]:
            inside.append(found[index])
            index += 1
        if inside:
            yield span, inside


def _worth(forms: list[str], positions: list[int], terms: Terms) -> float:
    """What a passage with matches at `positions` is worth."""
    distinct = {forms[at] for at in positions}
    adjacent = {
        (forms[first], forms[second])
        for first, second in pairwise(positions)
        if second == first + 1
    } & terms.pairs
    return sum(map(terms.weight, distinct)) + _ADJACENT * sum(
        terms.weight(first) + terms.weight(second) for first, second in adjacent
    )


def _densest(
    tokens: Tokens, forms: list[str], positions: list[int], terms: Terms, length: int
) -> list[int]:
    """The run of `positions` within `length` code points that is worth most."""
    room = length - round(length * _CONTEXT)
    if tokens.ends[positions[-1]] - tokens.starts[positions[0]] <= room:
        return positions
    window = _Window(forms, terms)
    best, worth = (0, 1), -1.0
    end = 0
    for begin, first in enumerate(positions):
        # At least the word itself, however long it is.
        while end < len(positions) and (
            end <= begin or tokens.ends[positions[end]] - tokens.starts[first] <= room
        ):
            window.add(positions[end])
            end += 1
        # Rounded, so that sums that were added up in another order tie.
        if round(window.worth, 9) > worth:
            best, worth = (begin, end), round(window.worth, 9)
        window.remove_first()
    return positions[slice(*best)]


class _Window:
    """Matches side by side in a sentence, and what they are worth together (`_worth`)."""

    def __init__(self, forms: list[str], terms: Terms) -> None:
        self._forms = forms
        self._terms = terms
        self._counts: Counter[str | tuple[str, str]] = Counter()
        self._positions: deque[int] = deque()
        self.worth = 0.0

    def add(self, position: int) -> None:
        """Takes in the next match."""
        self._change(self._forms[position], 1)
        if self._positions and self._positions[-1] == position - 1:
            self._change((self._forms[position - 1], self._forms[position]), 1)
        self._positions.append(position)

    def remove_first(self) -> None:
        """Lets go of the first match."""
        position = self._positions.popleft()
        self._change(self._forms[position], -1)
        if self._positions and self._positions[0] == position + 1:
            self._change((self._forms[position], self._forms[position + 1]), -1)

    def _change(self, what: str | tuple[str, str], by: int) -> None:
        before = self._counts[what] > 0
        self._counts[what] += by
        if before == (self._counts[what] > 0):
            return
        weight = self._terms.weight
        if isinstance(what, str):
            self.worth += by * weight(what)
        elif what in self._terms.pairs:
            self.worth += by * _ADJACENT * (weight(what[0]) + weight(what[1]))


def _cut(body: str, tokens: Tokens, span: Span, inside: list[int], length: int) -> Span:
    """A part of a long sentence, around the matches `inside`, that ends at word borders."""
    start, end = span
    first = tokens.starts[inside[0]] if inside else start
    context = round(length * _CONTEXT)
    if first - start > context:
        # What the matches leave of the room goes to both sides of them, and to the left
        # alone where the sentence ends soon after.
        spare = length - (tokens.ends[inside[-1]] - first)
        lead = max(context, spare // 2, spare - (end - tokens.ends[inside[-1]]))
        start = _after_space(body, max(start, first - lead), first)
    if end - start > length:
        # The first match stays whole, unless it is itself longer than a snippet.
        shown = tokens.ends[inside[0]] if inside else start
        if shown - first > length:
            shown = start
        end = min(end, _before_space(body, max(start + length, shown), max(start, shown - 1)))
    return start, end


def _after_space(body: str, place: int, latest: int) -> int:
    """The first beginning of a word at or after `place`, at most `latest`."""
    while place < latest and not body[place - 1].isspace():
        place += 1
    while place < latest and body[place].isspace():
        place += 1
    return place


def _before_space(body: str, place: int, start: int) -> int:
    """The last end of a word after `start`, at or before `place`.

    Inside a word where none ends there.
    """
    if place >= len(body):
        return len(body)
    at = place
    while at > start and not body[at].isspace():
        at -= 1
    if at > start:
        while at > start and body[at - 1].isspace():
            at -= 1
        return at
    # One unbroken run: up to the end of a syllable, so that no letter loses its marks.
    ends = [match.end() for match in SYLLABLE.finditer(body, start, place)]
    if len(ends) > 1:
        return ends[-2]
    while place < len(body) and unicodedata.combining(body[place]):
        place += 1
    return place


def _is_title(body: str, span: Span, title: list[str]) -> bool:
    """Whether a sentence is (a line of) the title, which stands near the beginning."""
    if not title or span[0] > 2_000 or span[1] - span[0] > 2 * sum(map(len, title)) + 100:
        return False
    words = body[span[0] : span[1]].split()
    return " ".join(words) in " ".join(title)


def _extend(body: str, spans: list[Span], span: Span, title: list[str], length: int) -> Span:
    """`span` with as many of the neighbouring sentences of its line as fit in `length`."""
    start, end = span
    at = spans.index(span)
    for following in spans[at + 1 :]:
        if following[1] - start > length or _breaks(body[end : following[0]]):
            break
        end = following[1]
    for preceding in reversed(spans[:at]):
        if (
            end - preceding[0] > length
            or _breaks(body[preceding[1] : start])
            or _is_title(body, preceding, title)
        ):
            break
        start = preceding[0]
    return start, end


def _breaks(between: str) -> bool:
    return "\n" in between or "\r" in between or "\u2028" in between or "\u2029" in between
