"""The ranking written as slowly and plainly as possible, from the documents themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from searchidx.document import Document
from searchidx.search.clauses import Word
from searchidx.search.query import Query
from tests.search.naive_matching import forms, meets

WEIGHTS = {"title": 2.0, "body": 1.0}


class NaiveIndex:
    """Documents in a list; every search looks at every word of every document."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = list(documents)

    def _terms(self, document: Document, field: str, marks: bool, pair: bool) -> list[str]:
        single = forms(getattr(document, field), marks)
        return [" ".join(two) for two in pairwise(single)] if pair else single

    def _scores(self, term: str, marks: bool, pair: bool) -> dict[str, float]:
        """What a term gives each document that has it."""
        count = len(self.documents)
        frequencies: dict[str, float] = {}
        for document in self.documents:
            for field, weight in WEIGHTS.items():
                lengths = [len(forms(getattr(d, field), False)) for d in self.documents]
                average = sum(lengths) / count or 1.0
                length = len(forms(getattr(document, field), False))
                frequency = self._terms(document, field, marks, pair).count(term)
                if frequency:
                    norm = 1 - 0.75 + 0.75 * length / average
                    frequencies.setdefault(document.id, 0.0)
                    frequencies[document.id] += weight * frequency / norm
        idf = math.log(1 + (count - len(frequencies) + 0.5) / (len(frequencies) + 0.5))
        return {id_: idf * 2.2 * tf / (1.2 + tf) for id_, tf in frequencies.items()}

    def search(self, query: Query, exact: bool) -> list[tuple[str, bool, float]]:
        """The id, completeness and score of every hit, best first."""
        scores = {document.id: 0.0 for document in self.documents}
        held: dict[str, set[str]] = {document.id: set() for document in self.documents}
        wanted = {s.marked if exact else s.folded for s in query.syllables}
        for term in wanted:
            for id_ in self._scores(term, exact, False):
                held[id_].add(term)
        parts: list[tuple[float, str, bool, bool]] = []
        for form in {s.folded for s in query.syllables}:
            spellings = {s.marked for s in query.syllables if s.folded == form and s.has_marks}
            if exact:
                continue
            spellings = {s for s in spellings if self._scores(s, True, False)}
            parts.append((0.25 if spellings else 1.0, form, False, False))
            parts += [(0.75 / len(spellings), spelling, True, False) for spelling in spellings]
        if exact:
            parts += [(1.0, form, True, False) for form in wanted]
        for one, two in query.pairs:
            marked_share = 1.0 if exact else 0.75 if one.has_marks or two.has_marks else 0.0
            if not exact and not self._scores(f"{one.marked} {two.marked}", True, True):
                marked_share = 0.0
            parts.append((0.5 * marked_share, f"{one.marked} {two.marked}", True, True))
            parts.append((0.5 * (1 - marked_share), f"{one.folded} {two.folded}", False, True))
        for weight, term, marks, pair in parts:
            for id_, score in self._scores(term, marks, pair).items():
                scores[id_] += weight * score
        hits = [
            (document.id, held[document.id] == wanted, scores[document.id])
            for document in self.documents
            if self._allowed(document, query, exact)
            and (held[document.id] or not query.syllables)
        ]
        order = {document.id: n for n, document in enumerate(self.documents)}
        return sorted(hits, key=lambda hit: (not hit[1], -round(hit[2], 9), order[hit[0]]))

    def _allowed(self, document: Document, query: Query, exact: bool) -> bool:
        conditions = [each for each in query.root.clauses if not isinstance(each, Word)]
        return all(meets(document, clause, exact) for clause in conditions)
