"""The best place of a document for a query, with the matching words marked."""

from __future__ import annotations

import unicodedata
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from searchidx.language.sentences import sentences
from searchidx.language.tokens import SYLLABLE, cut
from searchidx.search.bodies import Body, Matches
from searchidx.search.terms import Span, Terms
from searchidx.store import Landmarks

LENGTH: Final = 240
"""About how long a snippet is, in code points."""
_CONTEXT: Final = 0.25
"""The part of a snippet that may stand before the first match in a long sentence."""
_ADJACENT: Final = 0.5
"""What two words of the query side by side add, against the words themselves."""
_TITLE_REACH: Final = 2_000
"""Code points from the beginning in which a title's own line stands."""
_TRIED: Final = 32
"""How many sentences are looked at closely before the best so far is taken."""

Places = npt.NDArray[np.int64]


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


def make_snippet(body: Body, title: str, terms: Terms, length: int = LENGTH) -> Snippet:
    """The passage of `body` that shows best why it was found.

    The passage with the most of the query's words, counted once each by their weight and
    more when they stand as typed; of equals the first.  It is whole sentences where they
    fit into `length` code points, and is otherwise cut at white space.  The title is
    shown beside a snippet, so that its own line is chosen only when nothing else matches.
    """
    marks = body.landmarks()
    matches = body.matches()
    shown = title.split()
    if not len(matches):
        return _opening(body, marks, shown, length)
    sentence = _best_sentence(body, marks, matches, shown, terms, length)
    return _passage(body, marks, matches, sentence, shown, length)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence that may be shown.

    Attributes:
        start, end: Where its first syllable begins and the next sentence's, in code points.
        first, last: Its matches to be shown, by their places in `Matches`, half-open.
    """

    start: int
    end: int
    first: int
    last: int


def _best_sentence(
    body: Body,
    marks: Landmarks,
    matches: Matches,
    title: list[str],
    terms: Terms,
    length: int,
) -> _Sentence:
    """The sentence to be shown.

    What all matches of a sentence are worth is the most that the part of it that fits can
    be worth, so that only the sentences that promise most are looked at closely.
    """
    begins = np.flatnonzero(marks.sentences)
    owners = np.searchsorted(marks.syllables[begins], matches.positions, "right") - 1
    sentence, worth = _worths(owners, matches, terms)
    starts = np.append(marks.offsets[begins], marks.offsets[-1])
    of_title: _Sentence | None = None
    best: _Sentence | None = None
    most = -1.0
    for place in np.argsort(-worth, kind="stable")[:_TRIED].tolist():
        if best is not None and worth[place] <= most:
            break
        number = int(sentence[place])
        first, last = np.searchsorted(owners, (number, number + 1)).tolist()
        start, end = int(starts[number]), int(starts[number + 1])
        own = float(worth[place])
        if end - start > length:
            inside = slice(first, last)
            places = _places(marks, matches.positions[inside])
            forms = matches.forms[inside].tolist()
            positions = matches.positions[inside].tolist()
            begin, stop = _densest(positions, forms, places, terms, length)
            own = _worth(positions[begin:stop], forms[begin:stop], terms)
            first, last = first + begin, first + stop
        found = _Sentence(start, end, first, last)
        if _may_be_title(start, end, title) and _is_title(
            next(_sentence_texts(body.text(start, end)), ""), title
        ):
            of_title = of_title or found
        elif own > most:
            best, most = found, own
    chosen = best or of_title
    assert chosen is not None  # there are matches, so that there is a sentence
    return chosen


def _worths(owners: Places, matches: Matches, terms: Terms) -> tuple[Places, Places]:
    """The sentences with matches, and what all matches of each are worth."""
    worths = np.array(terms.worths)
    count = len(worths)
    keys = np.unique(owners * count + matches.forms)
    found, places = np.unique(keys // count, return_inverse=True)
    total = np.bincount(places, worths[keys % count], len(found))
    side_by_side = np.flatnonzero(
        (np.diff(matches.positions) == 1) & (owners[1:] == owners[:-1])
    )
    if terms.adjacent and len(side_by_side):
        pairs = matches.forms[side_by_side] * count + matches.forms[side_by_side + 1]
        keys = np.unique(owners[side_by_side] * (count * count) + pairs)
        wanted = np.array(sorted(one * count + two for one, two in terms.adjacent))
        keys = keys[np.isin(keys % (count * count), wanted)]
        pairs = keys % (count * count)
        more = _ADJACENT * (worths[pairs // count] + worths[pairs % count])
        total += np.bincount(np.searchsorted(found, keys // (count * count)), more, len(found))
    return found, total


def _places(marks: Landmarks, positions: Places) -> list[float]:
    """About where syllables begin, in code points: between landmarks, evenly spread."""
    about: list[float] = np.interp(positions, marks.syllables, marks.offsets).tolist()
    return about


def _worth(positions: Sequence[int], forms: Sequence[int], terms: Terms) -> float:
    """What matches that stand together are worth."""
    window = _Window(positions, forms, terms)
    for place in range(len(positions)):
        window.add(place)
    return window.worth


def _densest(
    positions: Sequence[int],
    forms: Sequence[int],
    places: Sequence[float],
    terms: Terms,
    length: int,
) -> tuple[int, int]:
    """The run of matches within `length` code points that is worth most, half-open.

    Args:
        positions: Where the matches stand among the syllables.
        forms: Which form each is.
        places: Where each begins, in code points.
        terms: What is looked for.
        length: How long a snippet is.
    """
    room = length - round(length * _CONTEXT)
    window = _Window(positions, forms, terms)
    best, worth = (0, 1), -1.0
    end = 0
    for begin, place in enumerate(places):
        # At least the word itself, however long it is.
        while end < len(places) and (end <= begin or places[end] - place <= room):
            window.add(end)
            end += 1
        # Rounded, so that sums that were added up in another order tie.
        if round(window.worth, 9) > worth:
            best, worth = (begin, end), round(window.worth, 9)
        window.remove_first()
    return best


class _Window:
    """Matches side by side in a sentence, and what they are worth together.

    Each distinct form counts once, and so does each pair that was typed side by side.
    """

    def __init__(self, positions: Sequence[int], forms: Sequence[int], terms: Terms) -> None:
        self._positions = positions
        self._forms = forms
        self._worths = terms.worths
        self._adjacent = terms.adjacent
        self._counts: Counter[int | tuple[int, int]] = Counter()
        self._inside: deque[int] = deque()
        self.worth = 0.0

    def add(self, place: int) -> None:
        """Takes in the next match."""
        self._change(self._forms[place], 1)
        if self._inside and self._positions[place - 1] == self._positions[place] - 1:
            self._change((self._forms[place - 1], self._forms[place]), 1)
        self._inside.append(place)

    def remove_first(self) -> None:
        """Lets go of the first match."""
        place = self._inside.popleft()
        self._change(self._forms[place], -1)
        if self._inside and self._positions[place + 1] == self._positions[place] + 1:
            self._change((self._forms[place], self._forms[place + 1]), -1)

    def _change(self, what: int | tuple[int, int], by: int) -> None:
        before = self._counts[what] > 0
        self._counts[what] += by
        if before == (self._counts[what] > 0):
            return
        if isinstance(what, int):
            self.worth += by * self._worths[what]
        elif what in self._adjacent:
            self.worth += by * _ADJACENT * (self._worths[what[0]] + self._worths[what[1]])


@dataclass(frozen=True, slots=True)
class _Around:
    """A part of a body, around what is shown of it.

    Attributes:
        text: The part.
        start: Where it begins in the body, in code points.
        position: The place of its first syllable among those of the body.
        starts, ends: Where its syllables stand in `text`.
        spans: Its sentences, as ranges of `text`, but for those that go on outside of it.
    """

    text: str
    start: int
    position: int
    starts: list[int]
    ends: list[int]
    spans: list[Span]


def _around(body: Body, marks: Landmarks, first: int, last: int) -> _Around:
    """The part of a body from a landmark at or before `first` to `last`, in code points."""
    place = int(np.searchsorted(marks.offsets, first, "right")) - 1
    start, position = 0, 0
    if place > 0:
        start, position = int(marks.offsets[place]), int(marks.syllables[place])
    length = int(marks.offsets[-1])
    text = body.text(start, min(last, length))
    _, starts, ends = cut(text)
    return _Around(text, start, position, starts, ends, list(sentences(text)))


def _opening(body: Body, marks: Landmarks, title: list[str], length: int) -> Snippet:
    """The beginning of a text without matches, after its title."""
    around = _around(body, marks, 0, _TITLE_REACH + 2 * length)
    spans = around.spans
    if not spans:
        return Snippet("")
    span = next((s for s in spans if not _shows_title(around, s, title)), spans[0])
    return _shown(around, spans, span, (), [], title, length)


def _passage(
    body: Body,
    marks: Landmarks,
    matches: Matches,
    sentence: _Sentence,
    title: list[str],
    length: int,
) -> Snippet:
    """A sentence, or the part of it around its matches, with as much else as fits."""
    inside = matches.positions[[sentence.first, sentence.last - 1]]
    first, last = sentence.start, sentence.end
    if last - first > length:
        begin, end = _places(marks, inside)
        # Syllables stand about there; twice the length has room for how wrong that is.
        first, last = int(max(first, begin - 2 * length)), int(min(last, end + 2 * length))
    # From a landmark before, so that what stands before its first syllable is there.
    around = _around(body, marks, max(0, first - length - 1), last + length)
    while inside[1] >= around.position + len(around.starts):
        last += max(8 * length, last - first)  # one very long word is enough for that
        around = _around(body, marks, max(0, first - length - 1), last + length)
    begin, end = (inside - around.position).tolist()
    spans = around.spans
    place = next(n for n, span in enumerate(spans) if span[1] > around.starts[begin])
    whole = range(1 if around.start else 0, len(spans) - (last + length < marks.offsets[-1]))
    near = [span for n, span in enumerate(spans) if n in whole or n == place]
    low, high = np.searchsorted(
        matches.positions, (around.position, around.position + len(around.starts))
    )
    found = (matches.positions[low:high] - around.position).tolist()
    return _shown(around, near, spans[place], (begin, end), found, title, length)


def _shown(
    around: _Around,
    spans: list[Span],
    span: Span,
    inside: tuple[int, ...],
    found: list[int],
    title: list[str],
    length: int,
) -> Snippet:
    """The snippet that shows `span`.

    Args:
        around: The part of the body that it is in.
        spans: The sentences that may be shown with it.
        span: The sentence to be shown.
        inside: The first and the last syllable that the snippet is about, if any.
        found: The syllables that match.
        title: The words of the title.
        length: How long a snippet is.
    """
    if span[1] - span[0] > length:
        start, end = _cut(around, span, inside, length)
    else:
        start, end = _extend(around, spans, span, title, length)
    return Snippet(
        text=around.text[start:end],
        highlights=tuple(
            (around.starts[at] - start, around.ends[at] - start)
            for at in found
            if around.starts[at] >= start and around.ends[at] <= end
        ),
        start=around.start + start,
        cut_before=start > span[0],
        cut_after=end < span[1],
    )


def _cut(around: _Around, span: Span, inside: tuple[int, ...], length: int) -> Span:
    """A part of a long sentence, around the syllables `inside`, that ends at word borders."""
    body = around.text
    start, end = span
    first = around.starts[inside[0]] if inside else start
    context = round(length * _CONTEXT)
    if first - start > context:
        # What the matches leave of the room goes to both sides of them, and to the left
        # alone where the sentence ends soon after.
        spare = length - (around.ends[inside[-1]] - first)
        lead = max(context, spare // 2, spare - (end - around.ends[inside[-1]]))
        start = _after_space(body, max(start, first - lead), first)
    if end - start > length:
        # The first match stays whole, unless it is itself longer than a snippet.
        shown = around.ends[inside[0]] if inside else start
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


def _may_be_title(start: int, end: int, title: list[str]) -> bool:
    """Whether a sentence could be (a line of) the title, which stands near the beginning."""
    longest = 2 * sum(map(len, title)) + 100
    return bool(title) and start <= _TITLE_REACH and end - start <= longest


def _is_title(sentence: str, title: list[str]) -> bool:
    """Whether a sentence is (a line of) the title."""
    return " ".join(sentence.split()) in " ".join(title)


def _sentence_texts(text: str) -> Iterator[str]:
    return (text[start:end] for start, end in sentences(text))


def _shows_title(around: _Around, span: Span, title: list[str]) -> bool:
    """Whether a sentence of a part of a body is (a line of) the title."""
    start, end = span
    return _may_be_title(around.start + start, around.start + end, title) and _is_title(
        around.text[start:end], title
    )


def _extend(
    around: _Around, spans: list[Span], span: Span, title: list[str], length: int
) -> Span:
    """`span` with as many of the neighbouring sentences of its line as fit in `length`."""
    body = around.text
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
            or _shows_title(around, preceding, title)
        ):
            break
        start = preceding[0]
    return start, end


def _breaks(between: str) -> bool:
    return "\n" in between or "\r" in between or "\u2028" in between or "\u2029" in between
