"""What a person may have meant, offered beside what was found and never in its place.

Spelling and raw keystrokes are looked at only where few documents hold all the words, and
another query is offered only where it finds clearly more: documents that lack fewer of its
words than any does of those typed, or more than twice as many that lack as few, or any that
hold most of its words for words that no document has.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

import numpy as np

from searchidx.language.keystrokes import Method, spell
from searchidx.language.tokenizer import split_syllables, tokenize_syllables
from searchidx.search.match.bm25f import ScoredTerm, Scorer
from searchidx.search.match.boolean import matching_mask
from searchidx.search.query.parser import FieldNames
from searchidx.search.query.query import Query, Syllable, parse_lenient, parse_syllables
from searchidx.search.rank.plan import question_syllables
from searchidx.search.rewrite.diacritics import (
    Restoration,
    restore_diacritics,
    restore_query_diacritics,
)
from searchidx.search.rewrite.document_codes import (
    add_named_documents,
    code_syllables,
    find_named_documents,
)
from searchidx.search.suggest.missing_diacritics import add_missing_diacritics
from searchidx.search.suggest.protected_spans import code_spans, is_abbreviation, syntax_spans
from searchidx.search.suggest.suggestion import Suggestion, SuggestionKind
from searchidx.store import Reader

FEW: Final = 5
"""A query is looked at closely if fewer documents hold all of its words."""
LONGEST: Final = 1_000
"""A query of more code points is no slip of the fingers, but text from elsewhere."""
_CLEARLY: Final = 2
"""How many times as many documents another query must find."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a query's text, from code point `start` to `end`."""

    start: int
    end: int
    syllable: Syllable
    run: int
    """The number of the run of words that it belongs to, with no syntax in between."""
    is_apart: bool
    """Whether more than white space stands before it."""
    is_verbatim: bool
    """Whether it is part of a code, or an abbreviation, and no word that may be misspelt."""


def suggest(
    reader: Reader,
    scorer: Scorer,
    query: Query,
    total_complete: int,
    *,
    exact: bool = False,
    known: Restoration,
) -> tuple[Suggestion, ...]:
    """Other queries that are worth a look, the most helpful first.

    Args:
        reader: The commit that was searched.
        scorer: Its scorer.
        query: What was searched for.
        total_complete: How many documents hold every word of it.
        exact: Whether marks are binding.
        known: The query's syllables with marks (`restore_query_diacritics`).

    Raises:
        IndexDamagedError: The index is not what was written.
    """
    if not query.syllables or len(query.text) > LONGEST:
        return ()
    keys = reader.keywords.metadata_keys
    text, words = query.meant, _words(query, keys)
    found: list[Suggestion] = []
    if total_complete < FEW:
        unasked = question_syllables(query, known)
        held = (0, total_complete)
        if not total_complete:
            held = _held(reader, scorer, query, unasked, exact)
        # Of two with the same letters the one with marks.
        others: dict[tuple[str, ...], tuple[SuggestionKind, str]] = {}
        corrected = _corrected(reader, text, words, unasked)
        if corrected is not None:
            others[_letters(corrected)] = "spelling", corrected
        for typed in _keystrokes(query, keys):
            # Who types marks means those of the other syllables as well.
            spelled = parse_lenient(typed, keys)[0]
            meant = _restored(reader, spelled.meant, _words(spelled, keys), None) or typed
            others[_letters(meant)] = "keystrokes", meant
        for kind, other in others.values():
            parsed = parse_lenient(other, keys)[0]
            missing, count = _held(
                reader,
                scorer,
                parsed,
                question_syllables(parsed, restore_query_diacritics(reader, parsed)),
                exact,
            )
            if (
                missing < held[0]
                or (missing == held[0] and count > _CLEARLY * held[1])
                or (
                    2 * missing < len(parsed.syllables)
                    and _replaces_what_is_nowhere(scorer, query, parsed, exact)
                )
            ):
                found.append(Suggestion(kind, other, 0 if missing else count))
    if not found:
        # Of these alone it tells: with others between them they are no neighbours.
        alone = query.runs == (tuple(word.syllable for word in words),)
        restored = _restored(reader, text, words, known if alone else None)
        if restored is not None:
            if exact:
                parsed = parse_lenient(restored, keys)[0]
                missing, count = _held(
                    reader,
                    scorer,
                    parsed,
                    question_syllables(parsed, restore_query_diacritics(reader, parsed)),
                    exact,
                )
                total_complete = 0 if missing else count
            found.append(Suggestion("marks", restored, total_complete))
    return tuple(sorted(found, key=lambda each: -each.total_complete))


def _letters(text: str) -> tuple[str, ...]:
    return tuple(tokenize_syllables(text).folded)


def _words(query: Query, keys: FieldNames) -> list[_Word]:
    """The words of what was searched for that count towards ranking, `Query.meant`.

    Names of fields, values that are no text, operators and what is excluded are none of
    them, even where they were searched for as words.
    """
    return list(_in(query.meant, set(query.syllables), code_syllables(query), keys))


def _in(
    text: str, wanted: set[Syllable], in_codes: frozenset[Syllable], keys: FieldNames
) -> Iterator[_Word]:
    surfaces, starts, ends = split_syllables(text)
    no_words, coded = syntax_spans(text, keys), list(code_spans(text))
    before = 0
    for surface, start, end in zip(surfaces, starts, ends, strict=True):
        apart = not text[before:start].isspace()
        before = end
        if _lies_in(no_words, start):
            continue
        (syllable,) = parse_syllables(surface)
        if syllable in wanted:
            run = bisect_right(no_words, (start, end))
            verbatim = syllable in in_codes or is_abbreviation(surface)
            verbatim = verbatim or _lies_in(coded, start)
            yield _Word(start, end, syllable, run, apart, verbatim)


def _lies_in(spans: Sequence[tuple[int, int]], place: int) -> bool:
    """Whether a place is in one of some spans, which ascend."""
    at = bisect_right(spans, place, key=lambda span: span[0])
    return at > 0 and place < spans[at - 1][1]


def _terms(
    scorer: Scorer, syllables_: Iterable[Syllable], view: str
) -> dict[str, list[ScoredTerm]]:
    """The different words among some syllables, each with what finds it."""
    return {form: [scorer.term(view, form)] for form in map(attrgetter(view), syllables_)}


def _replaces_what_is_nowhere(scorer: Scorer, query: Query, other: Query, exact: bool) -> bool:
    """Whether every word of a query that another one does not have is in no document."""
    view = "marked" if exact else "folded"
    kept = set(map(attrgetter(view), other.syllables))
    terms = _terms(scorer, query.syllables, view)
    return not any(term.count for form, (term,) in terms.items() if form not in kept)


def _held(
    reader: Reader, scorer: Scorer, query: Query, unasked: frozenset[Syllable], exact: bool
) -> tuple[int, int]:
    """How many words the documents lack that lack fewest, and how many these are."""
    view = "marked" if exact else "folded"
    wanted = (syllable for syllable in query.syllables if syllable not in unasked)
    named = find_named_documents(reader, scorer, query, exact=exact)
    words = add_named_documents(_terms(scorer, wanted, view), named, attrgetter(view))
    allowed = matching_mask(reader, query, exact=exact)
    counts = np.zeros(reader.size, np.uint16)
    for terms in words:
        holds = np.zeros(reader.size, np.bool_)
        for term in terms:
            term.mark(holds)
        counts += holds
    if allowed is not None:
        counts = counts[allowed]
    most = int(counts.max(initial=0))
    return len(words) - most, int(np.count_nonzero(counts == most)) if most else 0


def _corrected(
    reader: Reader, text: str, words: Sequence[_Word], unasked: frozenset[Syllable]
) -> str | None:
    """A text with its misspelt words put right, or None if none is.

    Words that only ask are none, rare as they are in reports.
    """
    from searchidx.search.suggest.spelling import (
        correct_spelling,  # which most searches do not need
    )

    corrected: list[tuple[str, ...]] = []
    for _, together in itertools.groupby(words, key=lambda word: word.run):
        run = list(together)
        typed = [word.syllable.folded for word in run]
        verbatim = [word.is_verbatim or word.syllable in unasked for word in run]
        found = correct_spelling(reader, typed, verbatim, [word.is_apart for word in run])
        corrected += ((form,) for form in typed) if found is None else found.words
    if all(
        each == (word.syllable.folded,) for word, each in zip(words, corrected, strict=True)
    ):
        return None
    meant = [
        [word.syllable]
        if forms == (word.syllable.folded,)
        else list(parse_syllables(" ".join(forms)))
        for word, forms in zip(words, corrected, strict=True)
    ]
    spelled: Iterator[str] = (s.folded for each in meant for s in each)
    if any(word.syllable.has_marks for word in words):
        spelled = iter(restore_diacritics(reader, list(itertools.chain(*meant))).best)
    pieces: list[str] = []
    done = 0
    for word, forms, each in zip(words, corrected, meant, strict=True):
        new = " ".join(next(spelled) for _ in each)
        if forms == (word.syllable.folded,):
            continue
        before = text[done : word.start]
        pieces += (
            (before, _in_case(new, text[word.start : word.end])) if new else (before.rstrip(),)
        )
        done = word.end
    return "".join((*pieces, text[done:]))


def _in_case(new: str, typed: str) -> str:
    """A word in the case of the one that it stands for."""
    if typed.isupper() and len(typed) > 1:
        return new.upper()
    return new[:1].upper() + new[1:] if typed[:1].isupper() else new


_METHODS: Final[tuple[Method, ...]] = ("Telex", "VNI")
_KEYS: Final = re.compile(r"(?<![^\s\"“«(-])[a-z]\w*(?![^\s\"”»).,;:?!])", re.ASCII | re.I)


def _keystrokes(query: Query, keys: FieldNames) -> Iterator[str]:
    """A query with every word read as raw keystrokes that may be, in either method."""
    text = query.meant
    if not text.isascii():
        return
    no_words = syntax_spans(text, keys)
    in_codes = {syllable.folded for syllable in code_syllables(query)}
    for method in _METHODS:

        def read(match: re.Match[str], method: Method = method) -> str:
            if _lies_in(no_words, match.start()) or match.group().lower() in in_codes:
                return match.group()
            syllable = spell(match.group(), method)
            return match.group() if syllable is None else _in_case(syllable, match.group())

        converted = _KEYS.sub(read, text)
        if converted != text:
            yield converted


def _restored(
    reader: Reader, text: str, words: Sequence[_Word], known: Restoration | None
) -> str | None:
    """A text with its marks, or None if it has them, or it is not clear which they are."""
    meant = add_missing_diacritics(reader, [word.syllable for word in words], known)
    if meant is None:
        return None
    pieces: list[str] = []
    done = 0
    for word, form in zip(words, meant, strict=True):
        if form != word.syllable.marked:
            pieces += text[done : word.start], _in_case(form, text[word.start : word.end])
            done = word.end
    return "".join((*pieces, text[done:])) if pieces else None
