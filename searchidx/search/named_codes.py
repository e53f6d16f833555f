"""The document codes that a person types as plain words: ``nghị định 15/2020/NĐ-CP``.

What is meant is that document, and not reports that have "15", "2020", "NĐ" and "CP"
somewhere: a code is one word more, which the reports hold that name it in any spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from searchidx.search.clauses import Syllable, Word, syllables
from searchidx.search.query import Query

_SEPARATOR: Final = re.compile("[-/\u2010\u2011\u2013]")


def named_codes(query: Query) -> dict[str, tuple[Syllable, ...]]:
    """The codes among the plain words of a query, in canonical form, each with its syllables.

    One in quotation marks, in brackets or behind the name of a field is what it is there.
    """
    if _SEPARATOR.search(query.text) is None:
        return {}
    from searchidx.language.codes import find_codes  # which few queries need

    runs, known = list(_runs(query)), frozenset(query.syllables)
    found: dict[str, tuple[Syllable, ...]] = {}
    for code in find_codes(query.text):
        words = syllables(query.text[code.start : code.end])
        if known.issuperset(words) and any(_stand_in(words, run) for run in runs):
            found.setdefault(code.canonical, words)
    return found


def _runs(query: Query) -> Iterator[tuple[Syllable, ...]]:
    """The words that stand by themselves, side by side."""
    for are_words, run in groupby(query.root.clauses, lambda part: isinstance(part, Word)):
        if are_words:
            yield tuple(part.syllable for part in run if isinstance(part, Word))


def _stand_in(words: tuple[Syllable, ...], run: tuple[Syllable, ...]) -> bool:
    return any(run[at : at + len(words)] == words for at in range(len(run) - len(words) + 1))
