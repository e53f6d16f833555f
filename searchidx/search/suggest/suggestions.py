"""Suggest other queries that may be what was meant.

Suggestions stand beside the results and never replace them.  Spelling and raw keystrokes are
checked only if few documents contain all words of the query.  Another query is offered only if
it finds clearly more:

- some document lacks fewer of its words than any document lacks of the typed ones;
- or more than twice as many documents lack equally few;
- or every word that it replaces is in no document, and some document has most of its words.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

import numpy as np

from searchidx.language.keystrokes import InputMethod, syllable_from_keys
from searchidx.language.tokenizer import split_syllables, tokenize_syllables
from searchidx.search.match.bm25f import Scorer
from searchidx.search.match.boolean import matching_mask
from searchidx.search.match.scored_terms import ScoredTerm
from searchidx.search.query.query import Query, Syllable, parse_lenient, parse_syllables
from searchidx.search.rank.ranking import Ranker
from searchidx.search.rewrite.abbreviations import expand_abbreviations
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
from searchidx.search.rewrite.question_syllables import find_question_syllables
from searchidx.search.suggest.missing_diacritics import add_missing_diacritics
from searchidx.search.suggest.protected_spans import code_spans, is_abbreviation, syntax_spans
from searchidx.search.suggest.suggestion import Suggestion, SuggestionKind
from searchidx.store import Reader
from searchidx.units import Span

FEW_COMPLETE_DOCS: Final = 5
"""Spelling and keystrokes are checked if fewer documents contain all words of the query."""
MAX_QUERY_CODE_POINTS: Final = 1_000
"""A longer query is text copied from elsewhere, and gets no suggestions."""
_MIN_DOCS_RATIO: Final = 2
"""More than so many times as many documents are clearly more."""


@dataclass(frozen=True, slots=True)
class _QueryWord:
    """A word of a query's text.

    Attributes:
        start: Its first code point.
        end: The code point after its last one.
        syllable: The word itself.
        run: The number of its run.  Words of one run have no syntax between them.
        is_separated: Whether more than white space precedes it.
        is_protected: Whether it is never corrected, as part of a code or an abbreviation.
    """

    start: int
    end: int
    syllable: Syllable
    run: int
    is_separated: bool
    is_protected: bool


def suggest(
    reader: Reader,
    scorer: Scorer,
    query: Query,
    total_complete: int,
    *,
    exact: bool = False,
    expand: bool = True,
    known: Restoration,
    unasked: frozenset[Syllable],
) -> tuple[Suggestion, ...]:
    """Return other queries that may be what was meant, those with most documents first.

    Args:
        reader: The commit that was searched.
        scorer: The scorer of the commit.
        query: The query.
        total_complete: The number of documents that contain every word of it.
        exact: Whether documents must have the typed marks.
        expand: Whether abbreviations also match what they stand for; ignored if `exact`.
        known: The query's syllables with marks (`restore_query_diacritics`).
        unasked: Its question words, which documents need not contain.

    Raises:
        IndexDamagedError: The index is damaged.
    """
    if not query.syllables or len(query.text) > MAX_QUERY_CODE_POINTS:
        return ()
    words = _ranked_words(query)
    suggestions: list[Suggestion] = []
    lacking, documents = 0, total_complete
    has_marks = any(syllable.has_marks for syllable in query.syllables)
    if total_complete < FEW_COMPLETE_DOCS and (has_marks or not total_complete):
        # Other queries are counted by their letters.  So is this one, if marks were typed.
        lacking, documents = _count_best(reader, scorer, query, unasked, exact)
        total_complete = 0 if lacking else documents
    if total_complete < FEW_COMPLETE_DOCS:
        for kind, text in _other_readings(reader, query, words, unasked):
            other, other_lacking, other_documents = _count_text(reader, scorer, text, exact)
            if (
                other_lacking < lacking
                or (other_lacking == lacking and other_documents > _MIN_DOCS_RATIO * documents)
                or (
                    2 * other_lacking < len(other.syllables)
                    and _replaces_unknown_words(scorer, query, other, exact)
                )
            ):
                complete = _count_complete(reader, scorer, other, exact=exact, expand=expand)
                suggestions.append(Suggestion(kind, text, complete))
    if not suggestions:
        # `known` holds for these words only if no others stand between them as neighbors.
        is_whole = query.runs == (tuple(word.syllable for word in words),)
        marked = _with_diacritics(reader, query.meant, words, known if is_whole else None)
        if marked is not None:
            if exact:
                _, lacking, documents = _count_text(reader, scorer, marked, exact)
                total_complete = 0 if lacking else documents
            suggestions.append(Suggestion("marks", marked, total_complete))
    return tuple(sorted(suggestions, key=lambda suggestion: -suggestion.total_complete))


def _other_readings(
    reader: Reader, query: Query, words: Sequence[_QueryWord], unasked: frozenset[Syllable]
) -> Iterable[tuple[SuggestionKind, str]]:
    """Return the query with corrected spelling, and with decoded keystrokes.

    Of two readings with the same letters only the one with marks is returned.
    """
    keys = reader.keywords.metadata_keys
    readings: dict[tuple[str, ...], tuple[SuggestionKind, str]] = {}
    corrected = _with_corrected_spelling(reader, query.meant, words, unasked)
    if corrected is not None:
        readings[_letters(corrected)] = "spelling", corrected
    for decoded in _decode_keystrokes(query):
        # Who types marks in some syllables means those of the others as well.
        parsed = parse_lenient(decoded, keys)[0]
        marked = _with_diacritics(reader, parsed.meant, _ranked_words(parsed), None)
        text = marked or decoded
        readings[_letters(text)] = "keystrokes", text
    return readings.values()


def _letters(text: str) -> tuple[str, ...]:
    """Return the folded syllables of a text."""
    return tuple(tokenize_syllables(text).folded)


def _ranked_words(query: Query) -> list[_QueryWord]:
    """Return the words of `Query.meant` that count towards ranking.

    Names of fields, values that are no text, operators and excluded words do not count, even
    where they were searched for as words.
    """
    text, ranked, in_codes = query.meant, set(query.syllables), code_syllables(query)
    syntax, codes = syntax_spans(query), list(code_spans(text))
    words = []
    previous_end = 0
    for surface, start, end in zip(*split_syllables(text), strict=True):
        is_separated = not text[previous_end:start].isspace()
        previous_end = end
        if _is_inside(syntax, start):
            continue
        (syllable,) = parse_syllables(surface)
        if syllable in ranked:
            run = bisect_right(syntax, (start, end))
            is_protected = (
                syllable in in_codes or is_abbreviation(surface) or _is_inside(codes, start)
            )
            words.append(_QueryWord(start, end, syllable, run, is_separated, is_protected))
    return words


def _is_inside(spans: Sequence[Span], offset: int) -> bool:
    """Return whether a code point is inside one of some ascending ranges."""
    after = bisect_right(spans, offset, key=lambda span: span[0])
    return after > 0 and offset < spans[after - 1][1]


def _terms_by_form(
    scorer: Scorer, syllables: Iterable[Syllable], view: str
) -> dict[str, list[ScoredTerm]]:
    """Return the term of each distinct form of some syllables, in a list of its own."""
    return {form: [scorer.term(view, form)] for form in map(attrgetter(view), syllables)}


def _replaces_unknown_words(scorer: Scorer, query: Query, other: Query, exact: bool) -> bool:
    """Return whether no document contains any word of a query that another one replaces."""
    view = "marked" if exact else "folded"
    kept = set(map(attrgetter(view), other.syllables))
    terms = _terms_by_form(scorer, query.syllables, view)
    return not any(term.count for form, (term,) in terms.items() if form not in kept)


def _count_complete(
    reader: Reader, scorer: Scorer, query: Query, *, exact: bool, expand: bool
) -> int:
    """Return the number of documents with every word of a query, as a search counts them."""
    expansions = expand_abbreviations(reader, query) if expand and not exact else ()
    ranker = Ranker(reader, scorer, query, exact=exact, expansions=expansions)
    return int(np.count_nonzero(ranker.complete))


def _count_text(
    reader: Reader, scorer: Scorer, text: str, exact: bool
) -> tuple[Query, int, int]:
    """Parse a query and count its best documents.

    Returns:
        The query, and the numbers that `_count_best` returns.
    """
    query = parse_lenient(text, reader.keywords.metadata_keys)[0]
    unasked = find_question_syllables(query, restore_query_diacritics(reader, query))
    return query, *_count_best(reader, scorer, query, unasked, exact)


def _count_best(
    reader: Reader, scorer: Scorer, query: Query, unasked: frozenset[Syllable], exact: bool
) -> tuple[int, int]:
    """Count the documents that lack the fewest words of a query.

    Args:
        reader: The commit.
        scorer: The scorer of the commit.
        query: The query.
        unasked: Its question words, which documents need not contain.
        exact: Whether documents must have the typed marks.

    Returns:
        The number of words that these documents lack, and their number.
    """
    view = "marked" if exact else "folded"
    wanted = (syllable for syllable in query.syllables if syllable not in unasked)
    named = find_named_documents(reader, scorer, query, exact=exact)
    words = add_named_documents(_terms_by_form(scorer, wanted, view), named, attrgetter(view))
    allowed = matching_mask(reader, query, exact=exact)
    counts = np.zeros(reader.size, np.uint16)
    for terms in words:
        contains = np.zeros(reader.size, np.bool_)
        for term in terms:
            term.mark(contains)
        counts += contains
    if allowed is not None:
        counts = counts[allowed]
    most = int(counts.max(initial=0))
    return len(words) - most, int(np.count_nonzero(counts == most)) if most else 0


def _with_corrected_spelling(
    reader: Reader, text: str, words: Sequence[_QueryWord], unasked: frozenset[Syllable]
) -> str | None:
    """Return a text with its misspelt words corrected, or None if none is.

    Question words are never corrected, although they are rare in reports.

    Args:
        reader: The commit.
        text: The text.
        words: Its words.
        unasked: The question words of the query.
    """
    # Most searches do not need it.
    from searchidx.search.suggest.spelling import correct_spelling

    corrected: list[tuple[str, ...]] = []
    for _, group in itertools.groupby(words, key=attrgetter("run")):
        run = list(group)
        typed = [word.syllable.folded for word in run]
        protected = [word.is_protected or word.syllable in unasked for word in run]
        correction = correct_spelling(
            reader, typed, protected, [word.is_separated for word in run]
        )
        corrected += ((form,) for form in typed) if correction is None else correction.words
    is_changed = [
        forms != (word.syllable.folded,) for word, forms in zip(words, corrected, strict=True)
    ]
    if not any(is_changed):
        return None
    syllables = [
        list(parse_syllables(" ".join(forms))) if changed else [word.syllable]
        for word, forms, changed in zip(words, corrected, is_changed, strict=True)
    ]
    all_syllables = list(itertools.chain(*syllables))
    spellings: Iterator[str] = (syllable.folded for syllable in all_syllables)
    if any(word.syllable.has_marks for word in words):
        spellings = iter(restore_diacritics(reader, all_syllables).best)
    replacements = [" ".join(next(spellings) for _ in group) for group in syllables]
    return _replace_words(
        text,
        words,
        [
            new if changed else None
            for new, changed in zip(replacements, is_changed, strict=True)
        ],
    )


def _replace_words(
    text: str, words: Sequence[_QueryWord], replacements: Sequence[str | None]
) -> str:
    """Replace words of a text.

    Args:
        text: The text.
        words: Its words.
        replacements: For each word its replacement, which takes its case; None to keep it,
            and an empty text to remove it with the white space before it.
    """
    pieces: list[str] = []
    done = 0
    for word, new in zip(words, replacements, strict=True):
        if new is None:
            continue
        before = text[done : word.start]
        if new:
            pieces += before, _in_case(new, text[word.start : word.end])
        else:
            pieces.append(before.rstrip())
        done = word.end
    return "".join((*pieces, text[done:]))


def _in_case(new: str, typed: str) -> str:
    """Return a word in the case of the typed word that it replaces."""
    if typed.isupper() and len(typed) > 1:
        return new.upper()
    return new[:1].upper() + new[1:] if typed[:1].isupper() else new


_METHODS: Final[tuple[InputMethod, ...]] = ("Telex", "VNI")
_KEYS: Final = re.compile(r"(?<![^\s\"“«(-])[a-z]\w*(?![^\s\"”»).,;:?!])", re.ASCII | re.I)
"""A word that may be raw keystrokes: it begins with an ASCII letter."""


def _decode_keystrokes(query: Query) -> Iterator[str]:
    """Yield a query with all words decoded that may be raw keystrokes, for each method."""
    text = query.meant
    if not text.isascii():
        return
    syntax = syntax_spans(query)
    in_codes = {syllable.folded for syllable in code_syllables(query)}
    for method in _METHODS:
        decoded = _KEYS.sub(_keystroke_decoder(method, syntax, in_codes), text)
        if decoded != text:
            yield decoded


def _keystroke_decoder(
    method: InputMethod, syntax: Sequence[Span], in_codes: set[str]
) -> Callable[[re.Match[str]], str]:
    """Return a function that decodes one word, and leaves syntax and codes as they are."""

    def decode(match: re.Match[str]) -> str:
        word = match.group()
        if _is_inside(syntax, match.start()) or word.lower() in in_codes:
            return word
        syllable = syllable_from_keys(word, method)
        return word if syllable is None else _in_case(syllable, word)

    return decode


def _with_diacritics(
    reader: Reader, text: str, words: Sequence[_QueryWord], known: Restoration | None
) -> str | None:
    """Return a text with its missing diacritics.

    Args:
        reader: The commit.
        text: The text.
        words: Its words.
        known: The result of `restore_diacritics` for the words, if the caller has it.

    Returns:
        The text, or None if no word changes or the diacritics are not clear.
    """
    meant = add_missing_diacritics(reader, [word.syllable for word in words], known)
    if meant is None:
        return None
    replacements = [
        form if form != word.syllable.marked else None
        for word, form in zip(words, meant, strict=True)
    ]
    if not any(replacements):
        return None
    return _replace_words(text, words, replacements)
