"""Abbreviations in a query, read both ways: QLTT is also quản lý thị trường.

Many are spelled like words (CA and ca, TIN and tin), and an index keeps no case.  So what may
be a syllable is read as an abbreviation only if it is typed as no word would be, and is not
looked for where its long form was typed.

Which of several readings is meant, the other words of the query tell: the readings are
ordered by a naive Bayes classifier, in which a reading's documents are those that hold its
pairs of words, and those that the rest of the query speaks against are left out.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import BoolArray
from searchidx.language.phonology import is_unmarked_vietnamese
from searchidx.search.query.query import Phrase, Query, Syllable, parse_syllables
from searchidx.search.query.syntax_tree import syllable_runs
from searchidx.search.rewrite.document_codes import (
    DocumentReference,
    code_syllables,
    find_document_references,
)
from searchidx.store import FIELDS, Reader

_MOST_READINGS: Final = 3
"""How many long forms of one abbreviation are searched: KH is kế hoạch, khách hàng, …"""
_MOST_COMPARED: Final = 8
"""How many of them are compared, and with how many other words."""
_UNLIKELY: Final = 0.001
"""A reading is left out if it is less than so many times as likely as the best."""
_LONGEST: Final = 12
_MOST_WORDS: Final = 24
"""In how many of a query's first words long forms are looked for."""
_VOWELS: Final = frozenset("aeiouy")


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


def expand_abbreviations(reader: Reader, query: Query) -> tuple[Expansion, ...]:
    """The abbreviations of a query that the index's own reports introduce, read both ways.

    Each at most `_MOST_READINGS` times, first the readings that go best with the rest of the
    query, and without a rest those of most reports.
    """
    found: dict[tuple[str, ...], Expansion] = {}
    introduced = {s: pairs for s in query.syllables if (pairs := _introduced(reader, s))}
    ordinary = _ordinary(query) if introduced else frozenset()
    named = _named(reader, query) if introduced else {}
    for syllable, pairs in introduced.items():
        if syllable in ordinary:
            continue
        readings: dict[str, str] = {}
        counts: dict[str, int] = {}
        for long, count in pairs:
            key = " ".join(s.folded for s in parse_syllables(long))
            if syllable in named and not named[syllable].is_called(key):
                continue  # TT 78/2021 is a circular, whatever else TT stands for
            # Reports without marks introduce abbreviations too; their own form is shown
            # only where no other report has it with marks.
            if readings.get(key, key) == key:
                readings[key] = long
            counts[key] = counts.get(key, 0) + count
        others = [other for other in query.syllables if other.folded != syllable.folded]
        for key in _likeliest(reader, counts, others[:_MOST_COMPARED])[:_MOST_READINGS]:
            _add(found, (syllable,), readings[key])
    for run in _runs(query):
        typed = " ".join(s.marked for s in run)
        short_forms = dict.fromkeys(
            short
            for short, long, _ in reader.keywords.abbreviations("long_form", typed)
            if _may_be(run, parse_syllables(long))
            and not all(map(_may_be_word, parse_syllables(short)))
        )
        for short in itertools.islice(short_forms, _MOST_READINGS):
            _add(found, run, short)
    return tuple(found.values())


def _named(reader: Reader, query: Query) -> dict[Syllable, DocumentReference]:
    """The documents of a number and a year that reports name, by their kind's abbreviation."""
    return {
        each.kind[0]: each
        for each in find_document_references(query)
        if len(each.kind) == 1 and each.year is not None and len(each.documents(reader))
    }


def _introduced(reader: Reader, syllable: Syllable) -> list[tuple[str, int]]:
    """The long forms of what a syllable may abbreviate, and how many reports introduce each.

    Typed with marks it only abbreviates what is introduced with the same: `cá` is not CA.
    """
    pairs = reader.keywords.abbreviations("short_form", syllable.marked)
    return [
        (long, count)
        for short, long, count in pairs
        if not syllable.has_marks
        or "".join(s.marked for s in parse_syllables(short)) == syllable.marked
    ]


def _may_be(typed: Sequence[Syllable], long: Sequence[Syllable]) -> bool:
    """Whether what was typed may be a long form of the same letters, by its marks.

    Syllables typed without marks may be any; so may a long form of a report without marks.
    """
    return not any(s.has_marks for s in long) or all(
        one.marked == other.marked
        for one, other in zip(typed, long, strict=False)
        if one.has_marks
    )


def _may_be_word(syllable: Syllable) -> bool:
    """Whether the letters of a syllable, with whatever marks, may be a Vietnamese word."""
    # The tables of all syllables are only built where they are needed.
    return not _VOWELS.isdisjoint(syllable.folded) and is_unmarked_vietnamese(syllable.folded)


def _ordinary(query: Query) -> frozenset[Syllable]:
    """The syllables of a query that are no abbreviations: ordinary words, parts of codes.

    What may be a word is an abbreviation only in capitals that set it off: not beside
    another word in capitals (THÔNG TIN), and not where all words are in capitals.
    """
    every = list(syllable_runs(query.root.clauses))
    may_be_words = frozenset(filter(_may_be_word, query.syllables))
    some_are_small = any(
        letter.islower() for run in every for syllable in run for letter in syllable.typed
    )
    set_off: set[Syllable] = set()
    if some_are_small or len(may_be_words) == 1:
        for run in every:
            loud = [False, *(s in may_be_words and s.typed.isupper() for s in run), False]
            set_off.update(
                syllable
                for place, syllable in enumerate(run)
                if loud[place : place + 3] == [False, True, False]
            )
    return (may_be_words - set_off) | code_syllables(query)


def _likeliest(
    reader: Reader, counts: Mapping[str, int], others: Sequence[Syllable]
) -> list[str]:
    """Readings by how well they go with other words, the best first.

    Args:
        reader: The commit.
        counts: Of each reading, in folded syllables, how many reports introduce it.
        others: The other words.
    """
    compared = list(counts)[:_MOST_COMPARED]
    if len(compared) < 2 or not others:
        return compared
    words = [_documents(reader, "folded", [other.folded]) for other in others]
    scores = {}
    for reading in compared:
        syllables_ = reading.split()
        pairs = [f"{one} {two}" for one, two in itertools.pairwise(syllables_)]
        documents = _documents(
            reader, *(("folded_pair", pairs) if pairs else ("folded", syllables_))
        )
        held = int(np.count_nonzero(documents))
        scores[reading] = math.log(counts[reading])
        for word in words:
            together = int(np.count_nonzero(documents & word))
            share = (int(np.count_nonzero(word)) + 1) / (reader.size + 1)
            scores[reading] += math.log((together + share) / (held + 1))
    least = max(scores.values()) + math.log(_UNLIKELY)
    ordered = sorted(compared, key=lambda reading: -scores[reading])
    return [reading for reading in ordered if scores[reading] >= least]


def _documents(reader: Reader, view: str, terms: Sequence[str]) -> BoolArray:
    """Which documents hold all of some terms: bool, shape (reader.size,)."""
    holding = np.ones(reader.size, np.bool_)
    for term in terms:
        mask = np.zeros(reader.size, np.bool_)
        for field in FIELDS:
            mask[reader.postings(f"{field}_{view}", term).doc_ids] = True
        holding &= mask
    return holding


def _add(
    found: dict[tuple[str, ...], Expansion], typed: tuple[Syllable, ...], text: str
) -> None:
    phrase = parse_syllables(text)
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
