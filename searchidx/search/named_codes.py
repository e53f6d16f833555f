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
from searchidx.search.limits import MAX_CHARACTERS
from searchidx.search.query import Query

_JOINTS: Final = r"[/\u2010\u2011\u2013-]"
_JOINT: Final = re.compile(_JOINTS)
_LETTERS_JOINED: Final = re.compile(rf"(?<!\S)(?=[^\W\d_]+{_JOINTS})")


def named_codes(query: Query) -> dict[str, tuple[Syllable, ...]]:
    """The codes among the plain words of a query, in canonical form, each with its syllables.

    One in quotation marks, in brackets or behind the name of a field is what it is there.
    """
    text = query.text[:MAX_CHARACTERS]
    if _JOINT.search(text) is None:
        return {}
    from searchidx.language.codes import find_codes  # which few queries need

    written = {
        code.canonical: syllables(text[code.start : code.end]) for code in find_codes(text)
    }
    runs, known = list(_runs(query)), frozenset(query.syllables)
    return {
        code: words
        for code, words in written.items()
        if known.issuperset(words) and any(_stand_in(words, run) for run in runs)
    }


def parts_of_codes(query: Query) -> frozenset[Syllable]:
    """The syllables of the document codes in a query, written with their number or without."""
    text = query.text[:MAX_CHARACTERS]
    if _JOINT.search(text) is None:
        return frozenset()
    from searchidx.language.codes import find_codes  # which few queries need

    written = [text[code.start : code.end] for code in find_codes(text)]
    # NĐ-CP is the end of a code, whatever its number: of a kind and a body that are known.
    numbered = _LETTERS_JOINED.sub("1/", text)
    written += [
        numbered[code.start : code.end]
        for code in find_codes(numbered)
        if code.kind and code.issuer
    ]
    return frozenset(syllable for part in written for syllable in syllables(part))


def _runs(query: Query) -> Iterator[tuple[Syllable, ...]]:
    """The words that stand by themselves, side by side."""
    for are_words, run in groupby(query.root.clauses, lambda part: isinstance(part, Word)):
        if are_words:
            yield tuple(part.syllable for part in run if isinstance(part, Word))


def _stand_in(words: tuple[Syllable, ...], run: tuple[Syllable, ...]) -> bool:
    return any(run[at : at + len(words)] == words for at in range(len(run) - len(words) + 1))
