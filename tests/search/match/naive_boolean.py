"""Evaluate a clause on one document, slowly and plainly: the twin of `BooleanMatcher`."""

from __future__ import annotations

import unicodedata
from itertools import permutations

from searchidx.document import Document
from searchidx.language.codes import find_codes
from searchidx.language.dates import PartialDate
from searchidx.language.orthography import without_tone
from searchidx.language.syllable_forms import folded, has_marks, marked
from searchidx.language.tokenizer import SYLLABLE_PATTERN
from searchidx.search.query.syntax_tree import (
    And,
    Clause,
    Code,
    DateRange,
    Field,
    Metadata,
    Not,
    Or,
    Path,
    Phrase,
    Prefix,
    Syllable,
    SyllableTerm,
)
from searchidx.store.schema import metadata_key

BOTH = ("title", "body")


def forms(text: str, exact: bool) -> list[str]:
    form = marked if exact else folded
    return [form(match.group()) for match in SYLLABLE_PATTERN.finditer(text)]


def meets(
    document: Document,
    clause: Clause,
    exact: bool,
    fields: tuple[str, ...] = BOTH,
    excluded: bool = False,
) -> bool:
    """Return whether a document meets a clause; the arguments are those of `BooleanMatcher`."""

    def inner_meets(each: Clause) -> bool:
        return meets(document, each, exact, fields, excluded)

    match clause:
        case And():
            return all(map(inner_meets, clause.clauses))
        case Or():
            return any(map(inner_meets, clause.clauses))
        case Not():
            return not meets(document, clause.clause, exact, fields, not excluded)
        case Field():
            return meets(document, clause.clause, exact, (clause.name,), excluded)
        case Path():
            return document.path is not None and _path(clause.value, exact) in _path(
                document.path, exact
            )
        case Code():
            texts = (document.title, document.body)
            return clause.code in [
                code.canonical for text in texts for code in find_codes(text)
            ]
        case DateRange():
            return _dated(document, clause)
        case Metadata():
            return _has_value(document, clause, exact)
        case Prefix():
            return any(
                _begins(
                    SYLLABLE_PATTERN.findall(getattr(document, field)), clause.beginning, exact
                )
                for field in fields
            )
        case SyllableTerm() | Phrase():
            words = (clause.syllable,) if isinstance(clause, SyllableTerm) else clause.syllables
            slop = None if isinstance(clause, SyllableTerm) else clause.slop
            return any(
                _together(
                    SYLLABLE_PATTERN.findall(getattr(document, field)),
                    words,
                    slop,
                    exact,
                    excluded,
                )
                for field in fields
            )


def _is(text: str, syllable: Syllable, exact: bool, excluded: bool) -> bool:
    if exact or (excluded and syllable.has_marks):
        return marked(text) == syllable.marked
    return folded(text) == syllable.folded


def _together(
    texts: list[str],
    words: tuple[Syllable, ...],
    slop: int | None,
    exact: bool,
    excluded: bool,
) -> bool:
    length = len(words) + (slop or 0)
    orders = [words] if slop is None else list(permutations(words))
    for start in range(len(texts)):
        stretch = texts[start : start + length]
        for order in orders:
            # Take the words of one order greedily, each at its first possible position.
            left = list(order)
            for text in stretch:
                if left and _is(text, left[0], exact, excluded):
                    left.pop(0)
            if not left:
                return True
    return False


def _begins(texts: list[str], beginning: str, exact: bool) -> bool:
    letters, tone = without_tone(beginning)
    for text in texts:
        if not exact and not has_marks(beginning):
            bare = unicodedata.normalize("NFD", beginning)
            bare = "".join(c for c in bare if not unicodedata.combining(c))
            found = folded(text).startswith(bare) or folded(text) == folded(beginning)
        else:
            of_text, tone_of_text = without_tone(marked(text))
            found = of_text.startswith(letters)
            if tone:
                found = found and tone == tone_of_text
            elif exact:
                found = found and marked(text).startswith(beginning)
            found = found or marked(text) == marked(beginning)
        if found:
            return True
    return False


def _path(text: str, exact: bool) -> str:
    text = unicodedata.normalize("NFC" if exact else "NFD", text.casefold())
    if not exact:
        text = "".join(c for c in text.replace("đ", "d") if not "\u0300" <= c <= "\u036f")
    return text


def _dated(document: Document, dates: DateRange) -> bool:
    if document.date is None:
        return False
    date = PartialDate.parse(document.date)
    begin, end = date.first_day(), date.last_day()
    if begin is None or end is None:
        return False
    return (dates.first is None or end >= dates.first) and (
        dates.last is None or begin <= dates.last
    )


def _has_value(document: Document, clause: Metadata, exact: bool) -> bool:
    for key, values in document.metadata.items():
        if metadata_key(key) != clause.key:
            continue
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str) and forms(value, exact) == forms(clause.value, exact):
                return bool(forms(value, exact)) or (
                    value.strip().casefold() == clause.value.strip().casefold()
                )
            if isinstance(value, int) and forms(str(value), exact) == forms(
                clause.value, exact
            ):
                return True
    return False
