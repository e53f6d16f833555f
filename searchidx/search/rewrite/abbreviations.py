"""Expand abbreviations and their long forms: QLTT is also quản lý thị trường.

The reports of the index introduce abbreviations.  One that none of them introduces may be
known to all offices (`searchidx.language.abbreviations.well_known`).  An abbreviation may be
typed in parts, with any separator: KT-XH, GD&ĐT, TP.HCM, TP HCM.

Many abbreviations are spelled like words (CA and ca, TIN and tin), and an index keeps no case.
A possible syllable is therefore expanded only if its capitals set it off from words.  A long
form is never expanded to such an abbreviation.

The other words of the query decide between several long forms.  A naive Bayes classifier
orders them: the documents of a long form are those that contain its pairs of syllables.  Long
forms that the rest of the query makes unlikely are dropped.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from searchidx.arrays import BoolArray
from searchidx.language.character_classes import HYPHENS, has_vowel
from searchidx.language.phonology import is_unmarked_vietnamese
from searchidx.search.match.boolean import documents_matching
from searchidx.search.query.query import Phrase, Query, Syllable, parse_syllables
from searchidx.search.query.syntax_tree import syllable_runs
from searchidx.search.rewrite.document_codes import (
    DocumentReference,
    code_syllables,
    find_document_references,
)
from searchidx.store import FIELDS, Reader

_MAX_LONG_FORMS: Final = 3
"""The number of long forms searched for one abbreviation: KH is kế hoạch, khách hàng, …"""
_MAX_COMPARED: Final = 8
"""The number of long forms that are compared, and of other words they are compared by."""
_MIN_LIKELIHOOD_RATIO: Final = 0.001
"""A long form with a smaller likelihood than this share of the best one's is dropped."""
_MAX_LONG_FORM_SYLLABLES: Final = 12
_MAX_SCANNED_SYLLABLES: Final = 24
"""The number of a query's first syllables in which long forms are looked for."""
_JOINED: Final = re.compile(rf"[^\W_]+(?:[&./{HYPHENS}][^\W_]+)+")
_SEPARATORS: Final = frozenset(f"&/{HYPHENS}")
_PUNCTUATION: Final = ".,;:!?"
_MAX_PARTS: Final = 5
"""The number of syllables that one abbreviation may be split into: LĐ-TB&XH has three."""
_MAX_PART_LETTERS: Final = 2
"""A part of so few letters is no abbreviation of its own."""
_MIN_WELL_KNOWN_LETTERS: Final = 3


@dataclass(frozen=True, slots=True)
class Expansion:
    """Another form of a part of a query.

    Attributes:
        typed: The syllables of the query.
        phrase: The other form, as an exact phrase.
        text: The other form as the reports write it.
        spellings: Of an abbreviation its spellings in folded syllables, such as ("kt", "xh")
            and ("ktxh",); the abbreviation and its long forms are one term.  Empty if the
            long form was typed.
    """

    typed: tuple[Syllable, ...]
    phrase: Phrase
    text: str
    spellings: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class _Introduction:
    """A short form, its long form, and the number of reports that introduce the pair."""

    short: str
    long: str
    count: int


def expand_abbreviations(reader: Reader, query: Query) -> tuple[Expansion, ...]:
    """Return the other forms of abbreviations that the reports introduce or all offices know.

    An abbreviation has at most `_MAX_LONG_FORMS` of them.  The long forms that fit the rest of
    the query best come first; without a rest, those that most reports introduce.

    Raises:
        IndexDamagedError: The index is damaged.
    """
    expansions: dict[tuple[tuple[str, ...], tuple[str, ...]], Expansion] = {}
    introduced = _introductions(reader, query)
    references = _references_by_kind(reader, query) if introduced else {}
    for typed, pairs in introduced.items():
        reference = references.get(typed[0]) if len(typed) == 1 else None
        texts: dict[str, str] = {}
        counts: dict[str, int] = {}
        for pair in pairs:
            key = " ".join(s.folded for s in parse_syllables(pair.long))
            if reference is not None and not reference.is_called(key):
                continue  # TT 78/2021 is a circular, whatever else TT stands for
            # Reports without marks introduce abbreviations too.  Show their spelling only if
            # no other report has one with marks.
            if texts.get(key, key) == key:
                texts[key] = pair.long
            counts[key] = counts.get(key, 0) + pair.count
        spellings = _spellings(typed, pairs)
        forms = {syllable.folded for syllable in typed}
        others = [other for other in query.syllables if other.folded not in forms]
        ranked = _rank_long_forms(reader, counts, others[:_MAX_COMPARED])
        for key in ranked[:_MAX_LONG_FORMS]:
            _add_expansion(expansions, typed, texts[key], spellings)
    for run in _candidate_runs(query):
        for short in itertools.islice(_short_forms(reader, run), _MAX_LONG_FORMS):
            _add_expansion(expansions, run, short, ())
    return tuple(expansions.values())


def _introductions(
    reader: Reader, query: Query
) -> dict[tuple[Syllable, ...], list[_Introduction]]:
    """Return the abbreviations of a query with their long forms.

    Args:
        reader: The commit.
        query: The query.

    Returns:
        The introductions by the syllables of the abbreviation: one, or several that were
        typed as one, such as KT-XH.
    """
    groups = query.derive(_find_groups)
    introduced: dict[tuple[Syllable, ...], list[_Introduction]] = {}
    parts: set[Syllable] = set()
    for group in groups:
        if pairs := _long_forms(reader, group.syllables):
            introduced[group.syllables] = pairs
            parts.update(group.syllables)
        elif group.is_joined:
            # KT is no abbreviation of its own in KT-XH, but UBND is in UBND-HĐND.
            parts.update(s for s in group.syllables if len(s.folded) <= _MAX_PART_LETTERS)
    single = {
        syllable: pairs
        for syllable in query.syllables
        if syllable not in parts and (pairs := _long_forms(reader, (syllable,)))
    }
    never = _never_abbreviations(query) if single else frozenset()
    introduced |= {(each,): pairs for each, pairs in single.items() if each not in never}
    return introduced


@dataclass(frozen=True, slots=True)
class _Group:
    """Adjacent syllables of a query that may be one abbreviation.

    Attributes:
        syllables: Two or more syllables.
        is_joined: Whether they were typed without blanks, as in GD&ĐT; otherwise as in TP HCM.
    """

    syllables: tuple[Syllable, ...]
    is_joined: bool


def _find_groups(query: Query) -> tuple[_Group, ...]:
    """Return the groups of syllables that may be one abbreviation."""
    known = frozenset(query.syllables)
    groups: list[_Group] = []
    before: list[Syllable] = []  # the single syllables directly before a token
    for token in query.tokens:
        content = token.content.rstrip(_PUNCTUATION)
        is_word = token.kind == "plain" and not token.minus and token.name is None
        syllables = parse_syllables(content) if is_word else ()
        if is_word and content in _SEPARATORS:  # KT - XH
            continue
        if not syllables or not known.issuperset(syllables):
            before = []
            continue
        if len(syllables) > 1:
            before = []
            if len(syllables) <= _MAX_PARTS and _JOINED.fullmatch(content):
                groups.append(_Group(syllables, is_joined=True))
            continue
        before = [] if _may_be_word(syllables[0]) else [*before, syllables[0]]
        groups += (
            _Group(tuple(before[first:]), is_joined=False)
            for first in range(max(0, len(before) - _MAX_PARTS), len(before) - 1)
        )
    return tuple(groups)


def _references_by_kind(reader: Reader, query: Query) -> dict[Syllable, DocumentReference]:
    """Map a one-syllable kind to a reference with a year that some report mentions."""
    return {
        reference.kind[0]: reference
        for reference in find_document_references(query)
        if len(reference.kind) == 1
        and reference.year is not None
        and len(reference.documents(reader))
    }


def _long_forms(reader: Reader, typed: tuple[Syllable, ...]) -> list[_Introduction]:
    """Return the introductions of an abbreviation; those of all offices if no report has any.

    An abbreviation typed with marks stands only for those with the same marks: `cá` is not
    CA.

    Args:
        reader: The commit.
        typed: The syllables of the abbreviation.
    """
    form = "".join(syllable.marked for syllable in typed)
    introductions = list(
        itertools.starmap(_Introduction, reader.keywords.abbreviations("short_form", form))
    )
    if not introductions and len(form) >= _MIN_WELL_KNOWN_LETTERS:
        # Few queries need this import.
        from searchidx.language.abbreviations.well_known import well_known_long_form

        pair = well_known_long_form("".join(syllable.folded for syllable in typed))
        introductions = [_Introduction(*pair, 1)] if pair is not None else []
    if not any(syllable.has_marks for syllable in typed):
        return introductions
    return [
        each
        for each in introductions
        if "".join(s.marked for s in parse_syllables(each.short)) == form
    ]


def _spellings(
    typed: tuple[Syllable, ...], introductions: Sequence[_Introduction]
) -> tuple[tuple[str, ...], ...]:
    """Return the spellings of an abbreviation in folded syllables, as typed first."""
    own = tuple(syllable.folded for syllable in typed)
    spelled = (tuple(s.folded for s in parse_syllables(each.short)) for each in introductions)
    return tuple(dict.fromkeys((own, ("".join(own),), *spelled)))


def _short_forms(reader: Reader, run: tuple[Syllable, ...]) -> Iterator[str]:
    """Yield the abbreviations of a run of syllables, if it is a long form.

    An abbreviation that all offices know counts only if a report has it.

    Args:
        reader: The commit.
        run: Two or more syllables.
    """
    typed = " ".join(s.marked for s in run)
    short_forms = dict.fromkeys(
        short
        for short, long, _ in reader.keywords.abbreviations("long_form", typed)
        if _has_compatible_marks(run, parse_syllables(long))
        and not all(map(_may_be_word, parse_syllables(short)))
    )
    if not short_forms and len(run) > 1:
        # Few queries need this import.
        from searchidx.language.abbreviations.well_known import well_known_short_form

        known = well_known_short_form(" ".join(s.folded for s in run))
        if known is not None and _is_in(reader, known):
            short_forms = {known: None}
    for short in short_forms:
        yield short
        parts = parse_syllables(short)
        joined = "".join(map(str, parts))
        if len(parts) > 1 and _is_in(reader, joined):
            yield joined


def _is_in(reader: Reader, phrase: str) -> bool:
    """Return whether any report has a phrase."""
    return len(documents_matching(reader, Phrase(parse_syllables(phrase)))) > 0


def _has_compatible_marks(typed: Sequence[Syllable], long: Sequence[Syllable]) -> bool:
    """Return whether typed syllables agree with a long form of the same letters by marks.

    A syllable typed without marks agrees with any; so does a long form without marks.
    """
    return not any(s.has_marks for s in long) or all(
        typed_syllable.marked == long_syllable.marked
        for typed_syllable, long_syllable in zip(typed, long, strict=False)
        if typed_syllable.has_marks
    )


def _may_be_word(syllable: Syllable) -> bool:
    """Return whether the letters of a syllable, with any marks, may be a Vietnamese word."""
    # Check for a vowel first: the second check builds the tables of all syllables.
    return has_vowel(syllable.folded) and is_unmarked_vietnamese(syllable.folded)


def _never_abbreviations(query: Query) -> frozenset[Syllable]:
    """Return the syllables that are no abbreviations: ordinary words and parts of codes.

    A possible word is an abbreviation only if its capitals set it off: not beside another
    word in capitals (THÔNG TIN), and not if the whole query is in capitals.
    """
    runs = list(syllable_runs(query.root.clauses))
    may_be_words = frozenset(filter(_may_be_word, query.syllables))
    has_lower_case = any(
        letter.islower() for run in runs for syllable in run for letter in syllable.typed
    )
    set_off: set[Syllable] = set()
    if has_lower_case or len(may_be_words) == 1:
        for run in runs:
            # The False at both ends stand for the neighbors outside of the run.
            is_capital_word = [
                False,
                *(s in may_be_words and s.typed.isupper() for s in run),
                False,
            ]
            set_off.update(
                syllable
                for index, syllable in enumerate(run)
                if is_capital_word[index : index + 3] == [False, True, False]
            )
    return (may_be_words - set_off) | code_syllables(query)


def _rank_long_forms(
    reader: Reader, counts: Mapping[str, int], others: Sequence[Syllable]
) -> list[str]:
    """Rank long forms by naive Bayes, with the other words of the query as evidence.

    The score of a long form l is log c(l) + Σ log P(w | l) over the other words w, where c(l)
    is the number of reports that introduce l.  With n(…) the number of documents that contain
    something, P(w | l) = (n(l, w) + s(w)) / (n(l) + 1) is smoothed by the share of w in the
    index, s(w) = (n(w) + 1) / (n + 1).

    Args:
        reader: The commit.
        counts: The number of reports that introduce each long form (folded syllables).
        others: The other words of the query.

    Returns:
        The long forms, the likeliest first, without the unlikely ones.
    """
    compared = list(counts)[:_MAX_COMPARED]
    if len(compared) < 2 or not others:
        return compared
    word_masks = [_documents_with_all(reader, "folded", [other.folded]) for other in others]
    scores = {}
    for long_form in compared:
        syllables = long_form.split()
        pairs = [f"{first} {second}" for first, second in itertools.pairwise(syllables)]
        view, terms = ("folded_pair", pairs) if pairs else ("folded", syllables)
        mask = _documents_with_all(reader, view, terms)
        document_count = int(np.count_nonzero(mask))
        scores[long_form] = math.log(counts[long_form])
        for word_mask in word_masks:
            both_count = int(np.count_nonzero(mask & word_mask))
            share = (int(np.count_nonzero(word_mask)) + 1) / (reader.size + 1)
            scores[long_form] += math.log((both_count + share) / (document_count + 1))
    min_score = max(scores.values()) + math.log(_MIN_LIKELIHOOD_RATIO)
    ordered = sorted(compared, key=lambda long_form: -scores[long_form])
    return [long_form for long_form in ordered if scores[long_form] >= min_score]


def _documents_with_all(reader: Reader, view: str, terms: Sequence[str]) -> BoolArray:
    """Return the documents that contain every term: bool, shape (reader.size,)."""
    contains_all = np.ones(reader.size, np.bool_)
    for term in terms:
        mask = np.zeros(reader.size, np.bool_)
        for field in FIELDS:
            mask[reader.postings(f"{field}_{view}", term).doc_ids] = True
        contains_all &= mask
    return contains_all


def _add_expansion(
    expansions: dict[tuple[tuple[str, ...], tuple[str, ...]], Expansion],
    typed: tuple[Syllable, ...],
    text: str,
    spellings: tuple[tuple[str, ...], ...],
) -> None:
    """Add an expansion, unless there is one of the same folded forms."""
    phrase = parse_syllables(text)
    key = tuple(s.folded for s in typed), tuple(s.folded for s in phrase)
    expansions.setdefault(key, Expansion(typed, Phrase(phrase), text, spellings))


def _candidate_runs(query: Query) -> list[tuple[Syllable, ...]]:
    """Return the runs of two or more adjacent syllables that may be a long form."""
    following = dict(query.pairs)
    runs = []
    for first in query.syllables[:_MAX_SCANNED_SYLLABLES]:
        run = [first]
        while (
            len(run) < _MAX_LONG_FORM_SYLLABLES
            and (after := following.get(run[-1])) is not None
            and after not in run
        ):
            run.append(after)
            runs.append(tuple(run))
    return runs
