"""Abbreviations in a query, read both ways: QLTT is also quản lý thị trường."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from searchidx.search.query import Phrase, Query, Syllable, syllables
from searchidx.store import Reader

_MOST_READINGS: Final = 3
"""How many long forms of one abbreviation are searched: KH is kế hoạch, khách hàng, …"""
_LONGEST: Final = 12
_MOST_WORDS: Final = 24
"""In how many of a query's first words long forms are looked for."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """Another way to say a part of a query.

    Attributes:
        typed: The part of the query.
        phrase: The other way to say it, whose words stand side by side.
        text: The other way as the reports write it.
    """

    typed: tuple[Syllable, ...]
    phrase: Phrase
    text: str


def expand(reader: Reader, query: Query) -> tuple[Expansion, ...]:
    """The abbreviations of a query that the index's own reports introduce, read both ways.

    Each at most `_MOST_READINGS` times, the readings of most reports first.
    """
    found: dict[tuple[str, ...], Expansion] = {}
    for syllable in query.syllables:
        readings: dict[str, str] = {}
        for _, long, _ in reader.abbreviations("short_form", syllable.marked):
            key = " ".join(s.folded for s in syllables(long))
            # Reports without marks introduce abbreviations too; their own form is shown
            # only where no other report has it with marks.
            if readings.get(key, key) == key:
                readings[key] = long
        for long in list(readings.values())[:_MOST_READINGS]:
            _add(found, (syllable,), long)
    for run in _runs(query):
        short_forms = reader.abbreviations("long_form", " ".join(s.marked for s in run))
        for short in list(dict.fromkeys(short for short, _, _ in short_forms))[:_MOST_READINGS]:
            _add(found, run, short)
    return tuple(found.values())


def _add(
    found: dict[tuple[str, ...], Expansion], typed: tuple[Syllable, ...], text: str
) -> None:
    phrase = syllables(text)
    key = tuple(s.folded for s in typed), tuple(s.folded for s in phrase)
    found.setdefault((*key[0], "=", *key[1]), Expansion(typed, Phrase(phrase), text))


def _runs(query: Query) -> list[tuple[Syllable, ...]]:
    """The parts of a query, of two words and more, that may be a long form."""
    following = dict(query.pairs)
    words = query.syllables[:_MOST_WORDS]
    runs = []
    for first in words:
        run = [first]
        while len(run) < _LONGEST and run[-1] in following and following[run[-1]] not in run:
            run.append(following[run[-1]])
            runs.append(tuple(run))
    return runs
