"""The document codes that a person types as plain words: ``nghị định 15/2020/NĐ-CP``.

What is meant is that document, and not reports that have "15", "2020", "NĐ" and "CP"
somewhere: a code is one word more, which the reports hold that name it in any spelling.  What
stands between its parts makes no difference, as it makes none to words: who types quickly
types ``35 nq tw``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from searchidx.search.clauses import Code, Phrase, Syllable, Word
from searchidx.search.matching import documents_with
from searchidx.search.query import Query
from searchidx.search.scoring import Scorer, SparseTerm
from searchidx.store import Reader

_MOST_PARTS: Final = 7
_NUMBER: Final = re.compile("[0-9]{1,5}[a-z]?")
_YEAR: Final = re.compile("(?:18|19|20)?[0-9]{2}")
_VOWELS: Final = frozenset("aeiouy")


def named_codes(query: Query) -> dict[str, tuple[Syllable, ...]]:
    """The codes among the plain words of a query, in canonical form, each with its syllables.

    One in quotation marks, in brackets or behind the name of a field is what it is there.
    """
    known = frozenset(query.syllables)
    found: dict[str, tuple[Syllable, ...]] = {}
    for run in _runs(query):
        end = 0
        for place, syllable in enumerate(run):
            if place < end or not _NUMBER.fullmatch(syllable.folded):
                continue
            code, end = _longest(run, place)
            words = run[place:end]
            if code is not None and code not in found and known.issuperset(words):
                found[code] = words
    return found


def parts_of_codes(query: Query) -> frozenset[Syllable]:
    """The syllables of the document codes in a query, written with their number or without."""
    found = {syllable for words in named_codes(query).values() for syllable in words}
    for run in _runs(query):
        for place in range(len(run) - 1):
            # NĐ-CP is the end of a code, whatever its number: of a kind and a body.
            if _is_sign(run[place]) and _is_sign(run[place + 1]):
                two = run[place : place + 2]
                if _code("1/" + "-".join(map(str, two)), of_body=True) is not None:
                    found.update(two)
    return frozenset(found)


def terms_of_codes(
    reader: Reader, scorer: Scorer, query: Query, *, exact: bool
) -> dict[str, SparseTerm]:
    """What the reports give that name each of a query's codes: its rarity alone.

    Where marks bind, those are meant that have its parts side by side, spelled so.
    """
    return {
        code: scorer.constant(
            documents_with(reader, Phrase(words) if exact else Code(code), exact=exact)
        )
        for code, words in named_codes(query).items()
    }


def _runs(query: Query) -> Iterator[tuple[Syllable, ...]]:
    """The words that stand by themselves, side by side."""
    for are_words, run in groupby(query.root.clauses, lambda part: isinstance(part, Word)):
        if are_words:
            yield tuple(part.syllable for part in run if isinstance(part, Word))


def _longest(run: tuple[Syllable, ...], place: int) -> tuple[str | None, int]:
    """The code of most parts that begins at a number, and where it ends."""
    letters = place + 1
    if letters < len(run) and _YEAR.fullmatch(run[letters].folded):
        letters += 1
    # Ordinary words behind a number are not looked at more closely.
    if letters < len(run) and _is_sign(run[letters]):
        number = "/".join(map(str, run[place:letters]))
        for end in range(min(len(run), place + _MOST_PARTS), letters, -1):
            code = _code(f"{number}/{'-'.join(map(str, run[letters:end]))}")
            if code is not None:
                return code, end
    return None, place


def _is_sign(syllable: Syllable) -> bool:
    """Whether a word may be the sign of a kind of document or of a body."""
    return syllable.typed.isupper() or _VOWELS.isdisjoint(syllable.folded)


def _code(text: str, *, of_body: bool = False) -> str | None:
    """The canonical form of a text that is a code; with `of_body`, of a known kind and body."""
    from searchidx.language.codes import find_codes  # which few queries need

    for code in find_codes(text):
        if code.start == 0 and code.end == len(text):
            return code.canonical if not of_body or (code.kind and code.issuer) else None
    return None
