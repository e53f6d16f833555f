"""Which sentence of a body shows best why it was found."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchidx.language.sentences import sentences
from searchidx.search.bodies import Bodies, Matches
from searchidx.search.terms import Terms

CONTEXT: Final = 0.25
"""The part of a snippet that may stand before the first match in a long sentence."""
_ADJACENT: Final = 0.5
"""What two words of the query side by side add, against the words themselves."""
TITLE_REACH: Final = 2_000
"""Code points from the beginning in which a title's own line stands."""
_TRIED: Final = 32
"""How many sentences of a body are looked at closely before the best so far is taken."""

Places = npt.NDArray[np.int64]


class Body:
    """One of some bodies.

    Attributes:
        positions, forms: Its `Matches`.
        syllables, offsets: Its `Landmarks`.
        length: In code points.
    """

    def __init__(self, bodies: Bodies, place: int) -> None:
        matches, marks = bodies.matches, bodies.landmarks
        first, last = matches.bounds[place : place + 2]
        self.positions, self.forms = matches.positions[first:last], matches.forms[first:last]
        first, last = bodies.bounds[place : place + 2]
        self.syllables, self.offsets = marks.syllables[first:last], marks.offsets[first:last]
        self.length = int(self.offsets[-1])
        self._bodies = bodies
        self._place = place

    def text(self, start: int, stop: int) -> str:
        """Its code points from `start` to `stop`."""
        return self._bodies.text(self._place, start, stop)

    def places(self, positions: Places) -> list[float]:
        """About where syllables begin, in code points: evenly spread between landmarks."""
        about: list[float] = np.interp(positions, self.syllables, self.offsets).tolist()
        return about


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence with matches.

    Attributes:
        worth: What all its matches are worth: the most that a part of it can be.
        start, end: Where its first syllable begins and the next sentence's, in code points.
        first, last: Its matches, by their places among those of the body, half-open.
    """

    worth: float
    start: int
    end: int
    first: int
    last: int


def promises_of(bodies: Bodies, terms: Terms) -> list[list[Promise]]:
    """The sentences with matches of each body, the most promising first, and not too many."""
    matches, marks = bodies.matches, bodies.landmarks
    found: list[list[Promise]] = [[] for _ in range(len(bodies))]
    if not len(matches.positions):
        return found
    of_marks = np.repeat(np.arange(len(bodies)), np.diff(bodies.bounds))
    of_matches = np.repeat(np.arange(len(bodies)), np.diff(matches.bounds))
    # Sentences, and as the last of each body its end.
    begins = np.flatnonzero(marks.sentences | (np.diff(of_marks, append=-1) != 0))
    keys = (of_marks[begins] << 40) + marks.syllables[begins]
    owners = keys.searchsorted((of_matches << 40) + matches.positions, "right") - 1
    worths = _worths(owners, matches, terms)
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    sentences = owners[firsts]
    starts, ends = marks.offsets[begins[sentences]], marks.offsets[begins[sentences + 1]]
    lasts = np.append(firsts[1:], len(owners))
    body_of = of_matches[firsts]
    bases = np.array(matches.bounds)[body_of]
    order = np.lexsort((sentences, -worths, body_of))
    place = np.arange(len(order)) - np.searchsorted(body_of[order], body_of[order])
    order = order[place < _TRIED]
    columns = (body_of, worths, starts, ends, firsts - bases, lasts - bases)
    for body, *promise in zip(*(column[order].tolist() for column in columns), strict=True):
        found[body].append(Promise(*promise))
    return found


def _worths(owners: Places, matches: Matches, terms: Terms) -> npt.NDArray[np.float64]:
    """What all matches of each sentence are worth: each form once, and each pair once.

    Args:
        owners: The sentence of each match, ascending.
        matches: The matches.
        terms: What is looked for.
    """
    worths = np.array(terms.worths)
    count = len(worths)
    places = np.cumsum(np.diff(owners, prepend=owners[:1]) != 0)
    keys = _distinct(places * count + matches.forms)
    size = int(places[-1]) + 1
    total: npt.NDArray[Any] = np.zeros(size)
    total += np.bincount(keys // count, worths[keys % count], size)
    if terms.adjacent:
        beside = (np.diff(matches.positions) == 1) & (owners[1:] == owners[:-1])
        side_by_side = np.flatnonzero(beside)
        pairs = matches.forms[side_by_side] * count + matches.forms[side_by_side + 1]
        typed = np.zeros(count * count, np.bool_)
        typed[[one * count + two for one, two in terms.adjacent]] = True
        as_typed = typed[pairs]
        square = count * count
        keys = _distinct(places[side_by_side[as_typed]] * square + pairs[as_typed])
        pairs = keys % square
        more = _ADJACENT * (worths[pairs // count] + worths[pairs % count])
        total += np.bincount(keys // square, more, size)
    return total


def _distinct(keys: Places) -> Places:
    """The distinct ones of some numbers, ascending."""
    ordered = np.sort(keys)
    distinct: Places = ordered[np.diff(ordered, prepend=-1) != 0]
    return distinct


def best_sentence(
    body: Body, promises: list[Promise], title: list[str], terms: Terms, length: int
) -> Promise:
    """The sentence to be shown, with those of its matches that fit.

    What all matches of a sentence are worth is the most that the part of it that fits can
    be worth, so that only the sentences that promise most are looked at closely.
    """
    of_title: Promise | None = None
    best: Promise | None = None
    for promise in promises:
        if best is not None and promise.worth <= best.worth:
            break
        found = promise
        if promise.end - promise.start > length:
            inside = slice(promise.first, promise.last)
            positions, forms = body.positions[inside].tolist(), body.forms[inside].tolist()
            places = body.places(body.positions[inside])
            begin, stop = _densest(positions, forms, places, terms, length)
            worth = _worth(positions[begin:stop], forms[begin:stop], terms)
            first = promise.first
            found = replace(promise, worth=worth, first=first + begin, last=first + stop)
        if may_be_title(promise.start, promise.end, title) and is_title(
            next(_sentence_texts(body.text(promise.start, promise.end)), ""), title
        ):
            of_title = of_title or found
        elif best is None or found.worth > best.worth:
            best = found
    chosen = best or of_title
    assert chosen is not None  # there are promises
    return chosen


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
    room = length - round(length * CONTEXT)
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


def may_be_title(start: int, end: int, title: list[str]) -> bool:
    """Whether a sentence could be (a line of) the title, which stands near the beginning."""
    longest = sum(map(len, title)) + len(title) + 64  # with what lies between two sentences
    return bool(title) and start <= TITLE_REACH and end - start <= longest


def is_title(sentence: str, title: list[str]) -> bool:
    """Whether a sentence is (a line of) the title."""
    return " ".join(sentence.split()) in " ".join(title)


def _sentence_texts(text: str) -> Iterator[str]:
    return (text[start:end] for start, end in sentences(text))
