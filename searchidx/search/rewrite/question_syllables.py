"""Find the syllables of a query that only make a question of it."""

from __future__ import annotations

from itertools import chain

from searchidx.language.question_words import question_words
from searchidx.search.query import syntax_tree as clauses
from searchidx.search.query.query import Query, Syllable
from searchidx.search.rewrite.diacritics import Restoration


def find_question_syllables(query: Query, restoration: Restoration) -> frozenset[Syllable]:
    """Return the syllables of a query that only ask, wherever they stand in it.

    Syllables in quotation marks, brackets and fields never ask, nor do those in capitals.

    Args:
        query: The query.
        restoration: Its syllables with their likely diacritics.
    """
    known, readings = frozenset(query.syllables), iter(restoration.best)
    words: list[tuple[Syllable | None, str]] = []  # None for a clause that cannot ask
    others: set[Syllable] = set()
    for clause in query.root.clauses:
        syllables = list(chain.from_iterable(clauses.syllable_runs([clause])))
        read = [next(readings) if s in known else s.marked for s in syllables]
        if isinstance(clause, clauses.SyllableTerm):
            words += zip(syllables, read, strict=True)
        elif isinstance(clause, clauses.Phrase | clauses.Field | clauses.Or | clauses.Prefix):
            words += [(None, "")] * max(1, len(syllables))
            others.update(syllables)
    restored = [form if s and not _is_in_capitals(s) else "" for s, form in words]
    places = question_words(restored, has_question_mark=query.is_question)
    if any(syllable.has_marks for syllable in query.syllables):
        # A query with diacritics may mean an unmarked syllable as it was typed: "bao" in
        # "cách bao xa" asks, although the texts suggest "bảo xã".
        typed = [s.marked if s and not _is_in_capitals(s) else "" for s, _ in words]
        both = places | question_words(typed, has_question_mark=query.is_question)
        places = both if len(both) < len(words) else places
    asking = {s for place, (s, _) in enumerate(words) if s and place in places}
    others.update(s for place, (s, _) in enumerate(words) if s and place not in places)
    return frozenset(asking - others)


def _is_in_capitals(syllable: Syllable) -> bool:
    return len(syllable.typed) > 1 and syllable.typed.isupper()
